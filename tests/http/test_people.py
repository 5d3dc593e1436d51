"""Who moderates: adding people, their tokens, what is shown of them, and what the log says."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.audit import verify
from chalicelib.dynamodb import DynamoStores
from chalicelib.routes import create_app
from chalicelib.settings import Settings
from tests.conftest import Service
from tests.faults import injected
from tests.http.conftest import Site, bearer
from tools.gateway import Gateway

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Items = Callable[[], dict[tuple[str, str], Any]]

MODERATORS, TOKENS, ME = "/v1/admin/moderators", "/v1/admin/tokens", "/v1/admin/me"


@pytest.fixture
def ann(site: Site) -> str:
    """The token of a moderator."""
    return site.moderator("Ann", label="laptop")


def people_entries(site: Site) -> list[dict[str, Any]]:
    """Return what the log says of people, oldest first."""
    entries = site.ok("GET", "/v1/admin/audit", headers=site.service.owner)["items"]
    return [{**json.loads(each["note"]), "by": each["by"]} for each in reversed(entries) if each["action"] == "people"]


def test_a_moderator_is_added_with_a_token_that_is_shown_once(service: Service, site: Site, items: Items) -> None:
    added = site.ok("POST", MODERATORS, json={"name": "Ann", "label": "laptop", "days": 30}, headers=service.owner)
    assert re.fullmatch("aft_[A-Za-z0-9_-]{43}", added["token"])
    ann = added["moderator"]
    assert (ann["name"], ann["role"], ann["added_by"]) == ("Ann", "moderator", "owner")
    (token,) = ann["tokens"]
    assert (token["label"], token["used_at"]) == ("laptop", None)
    lasts = datetime.fromisoformat(token["expires_at"]) - datetime.fromisoformat(token["created_at"])
    assert lasts == timedelta(days=30)
    listed = site.ok("GET", MODERATORS, headers=service.owner)
    assert listed["items"] == [ann]
    assert added["token"] not in str(items())


def test_people_are_listed_by_name_and_last_use_is_shown_to_the_hour(service: Service, site: Site, ann: str) -> None:
    site.moderator("bea", role="owner")
    site.moderator("Änne")
    for _ in range(2):
        site.ok("GET", ME, headers=bearer(ann))
    found = site.ok("GET", MODERATORS, headers=service.owner)["items"]
    assert [each["name"] for each in found] == ["Ann", "bea", "Änne"]
    (token,) = found[0]["tokens"]
    used, now = datetime.fromisoformat(token["used_at"]), datetime.now(UTC)
    assert now - timedelta(hours=1) <= used <= now
    assert used == max(now.replace(minute=0, second=0, microsecond=0), datetime.fromisoformat(token["created_at"]))
    assert found[1]["tokens"][0]["used_at"] is None


def test_a_session_counts_as_use_of_its_token(
    settings: Settings, service: Service, stores: DynamoStores, site: Site, ann: str
) -> None:
    session = site.session(ann)
    then = datetime.now(UTC) + timedelta(hours=3)
    later = Service(Gateway(lambda: create_app(settings, stores, lambda: then)), settings)
    assert later.request("GET", ME, headers=session).status == 200
    (token,) = site.ok("GET", TOKENS, headers=bearer(ann))["items"]
    assert datetime.fromisoformat(token["used_at"]) == then.replace(minute=0, second=0, microsecond=0)


@pytest.mark.parametrize("fault", ["away", "throttle", "lost", "conflict"])
def test_that_use_cannot_be_kept_never_fails_the_request(
    service: Service, site: Site, ann: str, table_client: "DynamoDBClient", fault: Any
) -> None:
    site.ok("GET", MODERATORS, headers=service.owner)
    with injected(table_client, {("UpdateItem", fault): 1.0}):
        assert service.request("GET", ME, headers=bearer(ann)).status == 200


def test_a_use_that_is_noted_late_brings_no_revoked_token_back(
    service: Service, stores: DynamoStores, site: Site, ann: str, items: Items
) -> None:
    token = stores.people.people(0).held_by("Ann")[0]
    site.ok("DELETE", MODERATORS, json={"name": "Ann"}, headers=service.owner)
    before = items()
    stores.people.note_use(token, datetime.now(UTC))
    assert items() == before
    assert service.request("GET", ME, headers=bearer(ann)).status == 401


@pytest.mark.parametrize("name", ["ann", "ANN", " Ann ", "\uff21\uff4e\uff4e", "A\u200bnn", "ann "])
def test_a_name_belongs_to_one_person_however_it_is_spelled(service: Service, ann: str, name: str) -> None:
    assert ann
    answer = service.request("POST", MODERATORS, json={"name": name}, headers=service.owner)
    assert (answer.status, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    "name", ["owner", "OWNER", "ow\u200bner", "author", "readers' reports", "the command", "", " ", "\u200b", "a\nb",
             "x" * 81, "\ufdfa" * 80, 5, None],
)  # fmt: skip
def test_a_name_that_stands_for_others_or_for_nobody_is_refused(service: Service, items: Items, name: Any) -> None:
    answer = service.request("POST", MODERATORS, json={"name": name}, headers=service.owner)
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, "/name")
    assert items() == {}


@pytest.mark.parametrize(
    "body", [{"days": 0}, {"days": 367}, {"days": -1}, {"days": 1.5}, {"label": ""}, {"label": "x" * 81},
             {"label": "a\nb"}, {"role": "admin"}, {"role": "Owner"}, {"token": "mine"}, {"added_by": "x"}],
)  # fmt: skip
def test_odd_fields_of_a_moderator_are_refused(service: Service, items: Items, body: dict[str, Any]) -> None:
    answer = service.request("POST", MODERATORS, json={"name": "Ann", **body}, headers=service.owner)
    assert (answer.status, answer.json()["errors"][0]["pointer"]) == (422, f"/{next(iter(body))}")
    assert items() == {}


def test_everybody_sees_to_their_own_tokens_and_owners_to_all(service: Service, site: Site, ann: str) -> None:
    bea = site.moderator("Bea")
    made = site.ok("POST", TOKENS, json={"label": "phone", "days": 366}, headers=bearer(ann))
    assert [each["label"] for each in made["items"]] == ["laptop", "phone"]
    assert site.ok("GET", ME, headers=bearer(made["token"]))["name"] == "Ann"
    phone = made["items"][-1]["id"]
    refused = service.request("DELETE", TOKENS, json={"id": phone}, headers=bearer(bea))
    assert (refused.status, refused.json()["code"]) == (404, "not_found"), "whether it exists is nobody's business"
    assert service.request("GET", TOKENS, query={"moderator": "Ann"}, headers=bearer(bea)).status == 403
    mine = site.ok("GET", TOKENS, query={"moderator": "ANN"}, headers=bearer(ann))
    assert [each["id"] for each in mine["items"]] == [each["id"] for each in made["items"]]
    assert site.ok("GET", TOKENS, query={"moderator": "ann"}, headers=service.owner) == mine
    by_owner = site.ok("POST", TOKENS, json={"label": "spare", "moderator": "ann"}, headers=service.owner)
    assert site.ok("GET", ME, headers=bearer(by_owner["token"]))["name"] == "Ann"
    left = site.ok("DELETE", TOKENS, json={"id": phone}, headers=service.owner)["items"]
    assert [each["label"] for each in left] == ["laptop", "spare"]
    assert service.request("GET", ME, headers=bearer(made["token"])).status == 401
    assert site.ok("GET", TOKENS, headers=service.owner) == {"items": []}, "the owner has no row"
    assert service.request("POST", TOKENS, json={"label": "x"}, headers=service.owner).status == 404


def test_an_owner_by_row_does_what_the_owner_of_the_environment_does(service: Service, site: Site, ann: str) -> None:
    bea = bearer(site.moderator("Bea", role="owner"))
    assert site.ok("GET", ME, headers=bea) == {"name": "Bea", "role": "owner", "via": "token"}
    assert site.ok("PATCH", "/v1/admin/policy", json={"mode": "open"}, headers=bea)["mode"] == "open"
    assert site.ok("DELETE", MODERATORS, json={"name": "ANN"}, headers=bea)["items"][0]["name"] == "Bea"
    assert service.request("GET", ME, headers=bearer(ann)).status == 401
    for headers, name in ((bea, "Bea"), (bea, "bea"), (service.owner, "owner")):
        answer = service.request("DELETE", MODERATORS, json={"name": name}, headers=headers)
        assert (answer.status, answer.json()["code"]) == (403, "forbidden"), "nobody locks themselves out"
    assert service.request("DELETE", MODERATORS, json={"name": "owner"}, headers=bea).status == 404


def test_the_log_names_who_did_what_to_whom_and_never_a_token(
    service: Service, site: Site, stores: DynamoStores, ann: str
) -> None:
    phone = site.ok("POST", TOKENS, json={"label": "phone"}, headers=bearer(ann))
    site.ok("DELETE", TOKENS, json={"id": phone["items"][-1]["id"]}, headers=bearer(ann))
    site.ok("DELETE", "/v1/admin/sessions", headers=bearer(ann))
    waiting = site.comment("guarded", "An honest comment.")["comment"]["id"]
    ruling = {"action": "approve", "revision": 1}
    site.ok("POST", f"/v1/admin/comments/{waiting}/decision", json=ruling, headers=bearer(ann))
    site.ok("DELETE", MODERATORS, json={"name": "Ann"}, headers=service.owner)
    found = people_entries(site)
    assert [(each["did"], each["moderator"], each["by"]) for each in found] == [
        ("add", "Ann", "owner"),
        ("issue", "Ann", "Ann"),
        ("revoke", "Ann", "Ann"),
        ("sign out", "Ann", "Ann"),
        ("remove", "Ann", "owner"),
    ]
    assert found[1]["token"] == found[2]["token"] == phone["items"][-1]["id"]
    assert "aft_" not in str(found)
    decided = site.ok("GET", f"/v1/admin/comments/{waiting}", headers=service.owner)["history"][-1]
    assert decided["by"] == "Ann", "the name stays in the log when its bearer goes"
    chain, breaks = verify(stores.audits, None, lambda _: None)
    assert (len(chain.entries), breaks) == (5, [])


def test_a_request_sent_again_shows_the_same_token_and_keeps_it_nowhere(
    service: Service, site: Site, ann: str, items: Items
) -> None:
    for where, body, headers in (
        (MODERATORS, {"name": "Bea"}, service.owner),
        (TOKENS, {"label": "phone"}, bearer(ann)),
        (TOKENS, {"label": "spare", "moderator": "Ann"}, service.owner),
    ):
        keyed = {**headers, "Idempotency-Key": "a-key-of-mine"}
        answers = [service.request("POST", where, json=body, headers=keyed) for _ in range(3)]
        assert {(each.status, each.body) for each in answers} == {(200, answers[0].body)}
        token = answers[0].json()["token"]
        assert site.ok("GET", ME, headers=bearer(token))
        assert token not in str(items())
        other = service.request("POST", where, json={**body, "days": 7}, headers=keyed)
        assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(people_entries(site)) == 4


def test_the_same_key_by_another_or_a_day_later_makes_another_token(
    settings: Settings, stores: DynamoStores, site: Site, ann: str
) -> None:
    bea = site.moderator("Bea")
    tokens = set()
    for now in (datetime.now(UTC), datetime.now(UTC) + timedelta(hours=25)):
        then = Service(Gateway(lambda now=now: create_app(settings, stores, lambda: now)), settings)
        for mine in (ann, bea):
            keyed = {**bearer(mine), "Idempotency-Key": "1"}
            tokens.add(Site(then).ok("POST", TOKENS, json={"label": "phone"}, headers=keyed)["token"])
    assert len(tokens) == 4


def test_a_request_sent_again_shows_no_token_that_was_revoked(service: Service, site: Site, ann: str) -> None:
    keyed = {**bearer(ann), "Idempotency-Key": "a-key"}
    made = site.ok("POST", TOKENS, json={"label": "phone"}, headers=keyed)
    site.ok("DELETE", TOKENS, json={"id": made["items"][-1]["id"]}, headers=bearer(ann))
    again = service.request("POST", TOKENS, json={"label": "phone"}, headers=keyed)
    assert (again.status, again.json()["code"]) == (409, "conflict")
    assert service.request("GET", ME, headers=bearer(made["token"])).status == 401


def test_other_changes_are_done_once_under_their_key(service: Service, site: Site, ann: str) -> None:
    made = site.ok("POST", TOKENS, json={"label": "phone"}, headers=bearer(ann))
    for where, body, known in (
        (TOKENS, {"id": made["items"][-1]["id"]}, bearer(ann)),
        ("/v1/admin/sessions", None, bearer(ann)),
        (MODERATORS, {"name": "Ann"}, service.owner),
    ):
        headers = {**known, "Idempotency-Key": where}
        answers = [service.request("DELETE", where, json=body, headers=headers) for _ in range(2)]
        assert {(each.status, each.body) for each in answers} == {(200, answers[0].body)}, where
    assert [each["did"] for each in people_entries(site)] == ["add", "issue", "revoke", "sign out", "remove"]
