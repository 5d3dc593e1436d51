"""Fifty clients at once, under faults, while tallies are spread, settled and recounted: a history that makes sense."""

import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.dynamodb import DynamoStores
from chalicelib.dynamodb.tallies import heat_of
from chalicelib.errors import Stale, Unavailable
from chalicelib.recount import recount
from tests.conftest import Answer, Service
from tests.faults import Fault, injected
from tests.http.conftest import Site, edit_token, path, reader
from tests.linearizability import IMPOSSIBLE, Operation, is_linearizable, overlapping
from tests.planted import PLANTED

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.usefixtures("engine")

RATED, COMMENTED = 6, 4
"""So many articles are rated, and so many comments worked on, by five clients each."""
CLIENTS = 5
ACTS = 6
TRIES = 40
WEATHERS = 6
"""In so many a planted fault has to be found; nearly always the first is enough."""

WEATHER: dict[tuple[str, Fault], float] = {
    ("TransactWriteItems", "lost"): 0.15,
    ("TransactWriteItems", "conflict"): 0.15,
    ("UpdateItem", "lost"): 0.15,
    ("*", "internal"): 0.02,
}

Act = Callable[[], None]


@dataclass
class History:
    """What was done to one object, by all its clients."""

    operations: list[Operation] = field(default_factory=list)

    def note(self, client: str, name: str, argument: Any, act: Callable[[], Any]) -> Any:
        start = time.monotonic()
        result = act()
        self.operations.append(Operation(client, name, argument, result, start, time.monotonic()))
        return result


@dataclass(frozen=True, slots=True)
class Town:
    """The service, and everybody's histories."""

    service: Service
    stores: DynamoStores
    histories: dict[str, History] = field(default_factory=dict)

    def send(self, method: str, where: str, **how: Any) -> Answer:
        headers = {"Idempotency-Key": secrets.token_hex(8), **how.pop("headers", {})} if method != "GET" else {}
        for _ in range(TRIES):
            answer = self.service.request(method, where, headers=headers or how.get("headers"), **_rest(how))
            if answer.status != 503:
                return answer
        msg = f"{method} {where} was never answered"
        raise AssertionError(msg)

    def history(self, name: str) -> History:
        return self.histories.setdefault(name, History())


def _rest(how: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in how.items() if name != "headers"}


# One reader's rating, by five clients that share the reader's token: a register.


def raters(town: Town, article: str) -> list[Act]:
    token = town.send("PUT", f"{path('elsewhere')}/rating", json={"stars": 1}).json()["reader"]
    history = town.history(article)

    def client(name: str) -> None:
        chance = random.Random(f"{article} {name}")  # noqa: S311 - the same wishes each time
        for _ in range(ACTS):
            stars = chance.choice([None, 1, 2, 3, 4, 5])
            if chance.random() < 0.5:
                history.note(name, "read", None, lambda: register(town.send("GET", path(article)).json()))
            else:
                history.note(name, "rate", stars, lambda stars=stars: rate(town, article, token, stars))

    return [lambda name=f"client {each}": client(name) for each in range(CLIENTS)]


def rate(town: Town, article: str, token: str, stars: int | None) -> Any:
    method, body = ("DELETE", None) if stars is None else ("PUT", {"stars": stars})
    answer = town.send(method, f"{path(article)}/rating", json=body, headers=reader(token))
    assert answer.status == 200, answer.text
    return register(answer.json())


def register(answer: Any) -> Any:
    """Return the one rating that a tally shows, None for none, and the tally itself when it cannot be one reader's."""
    given = [(int(stars), often) for stars, often in answer["tally"]["histogram"].items() if often]
    if not given:
        return None
    return given[0][0] if len(given) == 1 and given[0][1] == 1 else given


def rated(state: Any, operation: Operation) -> Any:
    after = operation.argument if operation.name == "rate" else state
    return after if operation.result == after else IMPOSSIBLE


# One comment: its author edits it, two moderators decide on what they saw, two readers look whether it is there.


def desk(town: Town, article: str) -> list[Act]:
    sent = town.send("POST", f"{path(article)}/comments", json={"text": "The first draft.", "consent": True}).json()
    comment_id, token = sent["comment"]["id"], sent["edit_token"]
    history = town.history(article)
    owner = town.service.owner

    def author() -> None:
        for each in range(ACTS):
            body = {"text": f"The draft, version {each}."}
            where = f"/v1/comments/{comment_id}"
            history.note("author", "edit", None, lambda body=body, where=where: revision(town, where, body, token))

    def moderator(name: str, actions: Sequence[str]) -> None:
        where = f"/v1/admin/comments/{comment_id}"
        seen = 1
        for action in actions:
            body = {"action": action, "revision": seen}
            # Somebody who has the page open: the text may have moved on since it was read.
            seen = town.send("GET", where, headers=owner).json()["comment"]["revision"]
            history.note(name, action, body["revision"], lambda body=body: decide(town, where, body))

    def visitor(name: str) -> None:
        for _ in range(ACTS):
            history.note(name, "look", None, lambda: shown(town, article))

    return [
        author,
        lambda: moderator("ann", ["approve"] * ACTS),
        lambda: moderator("ben", ["approve", "reject"] * (ACTS // 2)),
        lambda: visitor("cy"),
        lambda: visitor("dee"),
    ]


def revision(town: Town, where: str, body: Any, token: str) -> int:
    answer = town.send("PATCH", where, json=body, headers=edit_token(token))
    assert answer.status == 200, answer.text
    return int(answer.json()["comment"]["revision"])


def decide(town: Town, where: str, body: Any) -> int:
    return town.send("POST", f"{where}/decision", json=body, headers=town.service.owner).status


def shown(town: Town, article: str) -> int | None:
    comments = town.send("GET", path(article)).json()["comments"]
    return comments[0]["revision"] if comments else None


def commented(history: Sequence[Operation]) -> Callable[[Any, Operation], Any]:
    """Return the rules of one comment's life; a state is (revision, where it is)."""
    FROM = {"approve": {"pending", "rejected"}, "reject": {"pending", "approved"}}  # noqa: N806 - a table
    TO = {"approve": "approved", "reject": "rejected"}  # noqa: N806

    def step(state: tuple[int, str], operation: Operation) -> Any:
        revision, place = state
        if operation.name == "edit":
            return (revision + 1, "pending") if operation.result == revision + 1 else IMPOSSIBLE
        if operation.name == "look":
            public = revision if place == "approved" else None
            return state if operation.result == public else IMPOSSIBLE
        possible = operation.argument == revision and place in FROM[operation.name]
        if operation.result == 200:
            return (revision, TO[operation.name]) if possible else IMPOSSIBLE
        # Who is overtaken while deciding hears so, though the move might lead on from there.
        others = [each for each in overlapping(history, operation) if each.name in FROM]
        return state if others or not possible else IMPOSSIBLE

    return step


# What goes on beside all that.


@contextmanager
def goings_on(town: Town, articles: Sequence[str]) -> Iterator[None]:
    """Spread, settle and recount the rated articles again and again while the block lasts."""
    over = threading.Event()

    def work() -> None:
        turn = 0
        while not over.is_set():
            article = articles[turn % len(articles)]
            with suppress(Stale, Unavailable):
                _interfere(town.stores, article, turn // len(articles) % 3)
            turn += 1

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        over.set()
        for worker in workers:
            worker.join()


def _interfere(stores: DynamoStores, article: str, way: int) -> None:
    now = datetime.now(UTC)
    if way == 0:
        summary = stores.connection.get(stores.connection.keys.article(article), "~")
        stores.tallies.spread(article, heat_of(summary), now)
    elif way == 1:
        found = recount(stores.recounts, stores.recounts.key_of(article), repair=True, pause=lambda _: None)
        assert found.outcome in {"exact", "busy"}, found
    else:
        stores.tallies.settle(article, now, hot_too=True)


def live(town: Town, client: "DynamoDBClient", seed: int) -> None:
    """Let everybody act at once, in bad weather."""
    unlimited = {"limits": dict.fromkeys(("comments", "ratings"))}
    town.send("PATCH", "/v1/admin/policy", json=unlimited, headers=town.service.owner)
    rated = [f"rated {number} in weather {seed}" for number in range(RATED)]
    acts = [act for article in rated for act in raters(town, article)]
    acts += [act for number in range(COMMENTED) for act in desk(town, f"comment {number} in weather {seed}")]
    assert len(acts) == 50
    with injected(client, WEATHER, seed=seed), goings_on(town, rated), ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(act) for act in acts]:
            done.result()


def senseless(town: Town) -> list[str]:
    """Return the objects whose history no order explains."""
    found = []
    for name, history in town.histories.items():
        if name.startswith("rated"):
            makes_sense = is_linearizable(history.operations, None, rated)
        else:
            makes_sense = is_linearizable(history.operations, (1, "pending"), commented(history.operations))
        if not makes_sense:
            found.append(name)
    return found


@pytest.fixture
def town(service: Service, stores: DynamoStores, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr("chalicelib.patience.FIRST_PAUSE", 0.002)
    return Town(service, stores)


def test_fifty_clients_at_once_see_a_history_that_makes_sense(
    town: Town, site: Site, table_client: "DynamoDBClient"
) -> None:
    live(town, table_client, seed=random.randrange(2**16))  # noqa: S311 - another weather each time
    assert sum(len(history.operations) for history in town.histories.values()) == 50 * ACTS
    assert senseless(town) == []
    recounts = town.stores.recounts
    for article in town.histories:
        found = recount(recounts, recounts.key_of(article), repair=False, pause=lambda _: None)
        assert (found.outcome, found.differences) == ("exact", ())


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_makes_a_history_that_does_not(
    town: Town, table_client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    for owner, name, broken in PLANTED[fault]:
        monkeypatch.setattr(owner, name, broken)
    monkeypatch.setattr("tests.http.test_history._interfere", _quietly)
    for seed in range(WEATHERS):
        live(town, table_client, seed)
        if senseless(town):
            return
    pytest.fail(f"{fault} went unnoticed")


_loudly = _interfere


def _quietly(stores: DynamoStores, article: str, way: int) -> None:
    """Interfere, and let clients find out what is wrong."""
    with suppress(AssertionError):
        _loudly(stores, article, way)
