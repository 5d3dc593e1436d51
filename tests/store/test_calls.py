"""What each request may cost: calls to DynamoDB, and units where the engine counts them."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.dynamodb import DynamoStores
from chalicelib.learning import Place, retrain
from chalicelib.patience import pause
from tests.conftest import Service
from tests.faults import counted
from tests.http.conftest import Site, bearer, path, reader

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# moto copies its whole table for each transaction: with so many comments, calls would time out.
pytestmark = pytest.mark.usefixtures("engine")

WORDS = "It helped with the cramps at night, and in the morning I was slow for an hour or two. "


@dataclass(slots=True)
class Units:
    """Read or write units that were consumed."""

    used: float = 0


@contextmanager
def metered(client: "DynamoDBClient") -> Iterator[Units]:
    """Add up the units that all calls in the block consume, indexes included."""
    units = Units()

    def ask(params: dict[str, Any], **_: object) -> dict[str, Any]:
        return {**params, "ReturnConsumedCapacity": "TOTAL"}

    def add(parsed: Mapping[str, Any], **_: object) -> None:
        consumed = parsed["ConsumedCapacity"]
        tables = consumed if isinstance(consumed, list) else [consumed]
        units.used += sum(table["CapacityUnits"] for table in tables)

    client.meta.events.register("provide-client-params.dynamodb", ask)
    client.meta.events.register("after-call.dynamodb", add)
    try:
        yield units
    finally:
        client.meta.events.unregister("provide-client-params.dynamodb", ask)
        client.meta.events.unregister("after-call.dynamodb", add)


@pytest.fixture
def site(service: Service) -> Site:
    """A site whose policy, terms and key of the day were read moments ago, as in any warm function."""
    site = Site(service)
    site.comment("warm", "A first comment, so that everything is known that is read once in a while.")
    site.thread("warm")
    return site


@pytest.fixture
def token(site: Site) -> str:
    """The token of a reader we know."""
    known: str = site.rate("another", 3)["reader"]
    return known


@contextmanager
def calls(client: "DynamoDBClient", expected: Mapping[str, int]) -> Iterator[None]:
    with counted(client) as made:
        yield
    assert made == Counter(expected)


def test_a_page_view_is_one_query(site: Site, table_client: "DynamoDBClient") -> None:
    for number in range(3):
        site.publish("article", f"{number} {WORDS}")
    for article in ("article", "nobody's"):
        with calls(table_client, {"Query": 1}):
            site.thread(article)
    for sort in ("newest", "oldest", "best"):
        with calls(table_client, {"Query": 1}):
            site.ok("GET", f"{path('article')}/comments", query={"sort": sort})


def test_the_demo_article_is_one_query(site: Site, service: Service, table_client: "DynamoDBClient") -> None:
    with calls(table_client, {"Query": 1}):
        assert service.request("GET", "/").status == 200


def test_a_known_reader_rates_changes_and_withdraws_by_two_calls(
    site: Site, token: str, table_client: "DynamoDBClient"
) -> None:
    for stars in (4, 2, None):
        with calls(table_client, {"TransactGetItems": 1, "TransactWriteItems": 1}):
            site.rate("article", stars, token)
    with calls(table_client, {"TransactGetItems": 1, "TransactWriteItems": 1}):
        site.rate("article", 5, token, **{"Idempotency-Key": "a-key"})


def test_a_new_reader_uses_up_the_networks_allowance_by_one_call_more(
    site: Site, table_client: "DynamoDBClient"
) -> None:
    with calls(table_client, {"TransactGetItems": 1, "TransactWriteItems": 1, "UpdateItem": 1}):
        site.rate("article", 4)


def test_a_waiting_comment_takes_four_calls(
    site: Site, service: Service, token: str, table_client: "DynamoDBClient"
) -> None:
    body = {"text": WORDS, "consent": True}
    # The facts, the reader's and the network's allowance, and the comment with all it counts for.
    with calls(table_client, {"BatchGetItem": 1, "UpdateItem": 2, "TransactWriteItems": 1}):
        where = f"{path('article')}/comments"
        assert service.request("POST", where, json=body, headers=reader(token), ip="198.51.100.9").status == 202
    # The same for one who wrote a moment ago, from where others did.
    with calls(table_client, {"BatchGetItem": 1, "UpdateItem": 2, "TransactWriteItems": 1}):
        site.comment("article", f"And then: {WORDS}", token)


def test_it_takes_four_on_a_site_that_has_learned_too(
    site: Site, service: Service, token: str, stores: DynamoStores, table_client: "DynamoDBClient"
) -> None:
    site.decide(site.comment("article", f"Buy these at once. {WORDS}")["comment"]["id"], "spam")
    assert retrain(Place(stores.models, datetime.now(UTC), pause)).is_new
    # Each process reads the weights of a version once.
    with calls(table_client, {"BatchGetItem": 1, "Query": 1, "UpdateItem": 2, "TransactWriteItems": 1}):
        site.comment("article", f"First: {WORDS}", token)
    with calls(table_client, {"BatchGetItem": 1, "UpdateItem": 2, "TransactWriteItems": 1}):
        site.comment("article", f"Second: {WORDS}", token)


def test_a_decision_is_two_calls(site: Site, table_client: "DynamoDBClient") -> None:
    root = site.comment("article", WORDS)["comment"]["id"]
    for action in ("approve", "reject", "spam", "restore", "approve", "delete", "restore", "approve"):
        with calls(table_client, {"BatchGetItem": 1, "TransactWriteItems": 1}):
            site.decide(root, action)
    reply = site.comment("article", f"Same here. {WORDS}", parent_id=root)["comment"]["id"]
    with calls(table_client, {"BatchGetItem": 1, "TransactWriteItems": 1}):
        site.decide(reply, "approve")


def test_a_decision_by_a_moderators_token_or_session_is_two_calls_too(
    site: Site, service: Service, table_client: "DynamoDBClient"
) -> None:
    token = site.moderator("Ann")
    for headers in (bearer(token), site.session(token)):
        waiting = site.comment("article", f"{headers} {WORDS}")["comment"]["id"]
        # Everybody who may sign in is read once in five seconds, by one Query, and use is noted once an hour.
        assert service.request("GET", "/v1/admin/me", headers=headers).status == 200
        with calls(table_client, {"BatchGetItem": 1, "TransactWriteItems": 1}):
            ruling = {"action": "approve", "revision": 1}
            site.ok("POST", f"/v1/admin/comments/{waiting}/decision", json=ruling, headers=headers)


def test_the_owner_of_the_environment_is_known_without_a_call(service: Service, table_client: "DynamoDBClient") -> None:
    with calls(table_client, {}):
        assert service.request("GET", "/v1/admin/me", headers=service.owner).status == 200


def test_guessing_tokens_costs_one_query_a_second_at_most(
    service: Service, site: Site, table_client: "DynamoDBClient"
) -> None:
    site.moderator("Ann")
    service.request("GET", "/v1/admin/me", headers=bearer("aft_" + "A" * 43))
    with counted(table_client) as made:
        began = time.monotonic()
        for number in range(200):
            guess = bearer(f"aft_{number:043d}")
            assert service.request("GET", "/v1/admin/me", headers=guess).status == 401
    assert set(made) <= {"Query"}
    assert made["Query"] <= time.monotonic() - began + 1


def test_a_hundred_counts_are_one_call(site: Site, service: Service, table_client: "DynamoDBClient") -> None:
    with calls(table_client, {"BatchGetItem": 1}):
        site.ok("GET", "/v1/counts", query=[("id", f"article {number}") for number in range(100)])


def test_a_rating_takes_four_write_units(site: Site, token: str, table_client: "DynamoDBClient") -> None:
    # Two items read as they were at one moment, and two written in a transaction, at two units each.
    for stars in (4, 2, None):
        with metered(table_client) as units:
            site.rate("article", stars, token)
        assert units.used == 4 + 4


def test_a_page_view_takes_what_its_comments_take(site: Site, table_client: "DynamoDBClient") -> None:
    with metered(table_client) as empty:
        site.thread("article")
    assert empty.used == 0.5
    for number in range(20):
        text = f"{number} {WORDS * 6}"[:500]
        site.publish("article", text)
    with metered(table_client) as full:
        assert len(site.thread("article")["comments"]) == 20
    assert full.used <= 2.0
    # What waits costs a reader nothing.
    for number in range(20):
        site.comment("article", f"Waiting {number} {WORDS * 6}")
    with metered(table_client) as after:
        site.thread("article")
    assert after.used == full.used


def test_a_refused_rating_writes_nothing(site: Site, service: Service, table_client: "DynamoDBClient") -> None:
    with counted(table_client) as made:
        answer = service.request("PUT", f"{path('article')}/rating", json={"stars": 6}, headers=reader(None))
    assert answer.status == 422
    assert not made
