"""What a client is told when the table fails, at every endpoint, and that sending the same again does the work once."""

import json
import random
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ConnectionClosedError

from chalicelib import patience
from chalicelib.dynamodb import open_stores
from chalicelib.dynamodb.keys import SUMMARY
from chalicelib.dynamodb.table import create_table
from chalicelib.keyring import Keyring
from chalicelib.recount import recount
from chalicelib.routes import create_app
from chalicelib.routes.body import FORM
from chalicelib.routes.endpoint import HTML, Endpoint
from chalicelib.settings import Settings
from tests.conftest import Answer, Service
from tests.faults import KINDS, Fault, Faults, counted, injected
from tests.http.conftest import Site, cookie, credentials, path, reader, registered
from tools.gateway import Gateway

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.usefixtures("engine")

Chances = Mapping[tuple[str, Fault], float]
Items = dict[tuple[str, str], dict[str, Any]]

ALL, WRITES, LIMITS = ("*",), ("TransactWriteItems",), ("UpdateItem",)
READS = ("GetItem", "BatchGetItem", "TransactGetItems", "Query")
FAULTS = tuple(KINDS)
SENT = tuple(fault for fault in FAULTS if KINDS[fault].sent and fault != "late")
"""What is done all the same, though nobody hears of it."""
NOT_SENT: tuple[Fault, ...] = ("away", "throttle", "conflict", "bad_gateway")
"""Of what never arrives, one of each sort: our code tries each many times."""
ONE_OF_EACH_SORT: tuple[Fault, ...] = ("late", "lost", "throttle", "conflict", "truncated", "bad_gateway")
"""For what differs by where a fault strikes more than by which it is."""

ARTICLE = "weather"
NOBODYS = "0" * 26
WAIT = "Please try again in a moment."
"""What a person reads whose form could not be done."""
TEXT = "Two cups a day, and never after noon, as my grandmother used to say."
LENGTH = 900


@dataclass(frozen=True, slots=True)
class Spot:
    """What one request is about, who sends it, and how that stood before."""

    comment_id: str = NOBODYS
    headers: Mapping[str, str] = field(default_factory=dict)
    seen: Any = None


@dataclass(frozen=True, slots=True)
class Act:
    """One request to an endpoint: what is sent, and what becomes of the `state` of things once it was done."""

    state: Callable[[Site, Spot], Any] = lambda _site, _spot: None
    becomes: Callable[[Any], Any] = lambda seen: seen
    body: Any = None
    """What is sent as JSON, or what makes it from the spot."""
    form: Mapping[str, str] | Callable[[Spot], Mapping[str, str]] | None = None
    """What is sent as a form, likewise."""
    query: Mapping[str, str] = field(default_factory=dict)
    about: Literal["the public one", "one that is public", "one that waits"] = "the public one"
    """Which comment: the one that all share, or one of its own."""
    before: Callable[[Site, Spot], object] = lambda _site, _spot: None
    """What was done before, by the same reader."""
    by_new: bool = False
    """A reader's first write makes sense; else the reader is one we know."""
    by_cookie: bool = False
    """Sent with the session cookie that `state` returns."""
    outright: bool = False
    """It is written without a look at what is there: nobody finds out what became of it but by sending it again."""

    def send(self, service: Service, endpoint: Endpoint, spot: Spot) -> Answer:
        where = endpoint.path.replace("{article_id}", ARTICLE).replace("{comment_id}", spot.comment_id)
        kind = {"Content-Type": FORM} if self.form else {}
        known = cookie(spot.seen) if self.by_cookie else credentials(service, endpoint, spot.comment_id)
        return service.request(
            endpoint.method,
            where,
            json=self.body(spot) if callable(self.body) else self.body,
            body=urlencode(self.form(spot) if callable(self.form) else self.form) if self.form else None,
            headers={**kind, **spot.headers, **known},
            query=self.query,
        )


def plus(number: int) -> Callable[[Any], Any]:
    return lambda seen: seen + number


def simply(value: Any) -> Callable[[Any], Any]:
    return lambda _seen: value


def admin(site: Site, tail: str, **query: Any) -> Any:
    return site.ok("GET", f"/v1/admin/{tail}", headers=site.service.owner, query=query)


def fours(site: Site, _spot: Spot) -> Any:
    tally = site.thread(ARTICLE)["tally"]
    assert tally["count"] == tally["histogram"]["4"], "all stars here are four"
    return tally["count"]


def votes(site: Site, spot: Spot) -> Any:
    (found,) = (each["votes"] for each in site.pages(ARTICLE) if each["id"] == spot.comment_id)
    return found


def reports(site: Site, spot: Spot) -> Any:
    found = admin(site, f"comments/{spot.comment_id}")
    waiting = [each for each in found["reports"] if each["open"]]
    assert (found["lane"] == "reported") == bool(waiting)
    return len(waiting)


def said(site: Site, _spot: Spot) -> int:
    found = [item for item in admin(site, "queue", article=ARTICLE)["items"] if item["comment"]["text"] == TEXT]
    assert all(item["author"]["comments"] == 1 for item in found)
    return len(found)


def history(site: Site, spot: Spot) -> Any:
    found = admin(site, f"comments/{spot.comment_id}")
    public = [each["id"] for each in site.pages(ARTICLE)]
    assert (spot.comment_id in public) == (found["state"] == "approved")
    assert site.thread(ARTICLE)["comments_count"] == len(public)
    return found["state"], found["comment"]["revision"], site.done_to(spot.comment_id)


def first_decision(site: Site, spot: Spot) -> Any:
    state, _, _ = history(site, spot)
    log = admin(site, f"comments/{spot.comment_id}")["history"][1:]
    return state, [(entry["action"], entry["undone"]) for entry in log], log[0]["id"] if log else ""


def claims(site: Site, spot: Spot) -> Any:
    return admin(site, f"comments/{spot.comment_id}")["claimed_by"], site.done_to(spot.comment_id)


def events(site: Site, spot: Spot) -> Any:
    return site.done_to(spot.comment_id)


def appeals(site: Site, spot: Spot) -> Any:
    found = admin(site, f"comments/{spot.comment_id}")
    return found["state"], found["appeal"] and found["appeal"]["open"], site.done_to(spot.comment_id)


def claim(site: Site, spot: Spot) -> None:
    site.ok("POST", f"/v1/admin/comments/{spot.comment_id}/claim", headers=site.service.owner)


def reject(site: Site, spot: Spot) -> None:
    site.decide(spot.comment_id, "reject", reason="other")


def approve(site: Site, spot: Spot) -> None:
    site.decide(spot.comment_id, "approve")


def patches(site: Site, _spot: Spot) -> Any:
    log = [entry["action"] for entry in admin(site, "audit")["items"]]
    return admin(site, "policy")["max_length"], log.count("policy")


def article_patches(site: Site, _spot: Spot) -> Any:
    log = [json.loads(entry["note"]) for entry in admin(site, "audit")["items"] if entry["action"] == "policy"]
    about = [note for note in log if note.get("article") == ARTICLE]
    shown = site.thread(ARTICLE)["policy"]["max_length"]
    assert [each["article_id"] for each in admin(site, "articles")["items"]] == [ARTICLE] * (len(about) > 0)
    return admin(site, f"articles/{ARTICLE}/policy")["max_length"], shown, len(about)


def terms(site: Site, _spot: Spot) -> Any:
    return [each["value"] for each in admin(site, "terms")["items"]], logged(site, "terms")


def blocks(site: Site, _spot: Spot) -> Any:
    return [each["mark"] for each in admin(site, "blocks")["items"]], logged(site, "blocks")


def logged(site: Site, name: str) -> int:
    log = [json.loads(entry["note"]) for entry in admin(site, "audit")["items"] if entry["action"] == "list"]
    return len([note for note in log if note["list"] == name])


def then(found: list[str]) -> Callable[[Any], Any]:
    """What a list becomes by one change, which is one more line of the log."""
    return lambda seen: (found, seen[1] + 1)


def moderators(site: Site, _spot: Spot) -> Any:
    return [each["name"] for each in admin(site, "moderators")["items"]]


def token_ids(site: Site, _spot: Spot) -> Any:
    return [token["id"] for each in admin(site, "moderators")["items"] for token in each["tokens"]]


def sign_outs(site: Site, _spot: Spot) -> int:
    return sum("sign out" in (entry["note"] or "") for entry in admin(site, "audit")["items"])


def owners_token(site: Site, _spot: Spot) -> str:
    return site.service.owner["Authorization"].removeprefix("Bearer ")


def keyring(site: Site) -> Keyring:
    return Keyring(site.service.settings.secrets)


def a_moderator(name: str) -> Callable[[Site, Spot], object]:
    return lambda site, _: site.moderator(name)


def rate(site: Site, spot: Spot) -> None:
    site.ok("PUT", f"{path(ARTICLE)}/rating", json={"stars": 4}, headers=spot.headers)


def vote(site: Site, spot: Spot) -> None:
    site.ok("PUT", f"/v1/comments/{spot.comment_id}/vote", headers=spot.headers)


def report(site: Site, spot: Spot) -> None:
    site.ok("POST", f"/v1/comments/{spot.comment_id}/reports", json={"reason": "spam"}, headers=spot.headers)


def keep(what: str, **fields: str) -> Callable[[Site, Spot], object]:
    return lambda site, _: site.ok("POST", f"/v1/admin/{what}", json=fields, headers=site.service.owner)


PAGES: dict[str, Act] = {
    "get_thread": Act(),
    "get_feed": Act(),
    "get_comments": Act(),
    "get_counts": Act(query={"id": ARTICLE}),
    "get_comment": Act(),
    "get_queue": Act(),
    "get_arrivals": Act(query={"since": "2026-11-01T00:00:00Z"}),
    "get_stats": Act(),
    "get_case": Act(),
    "get_audit": Act(),
    "get_adverse": Act(),
    "get_policy": Act(),
    "get_article_policy": Act(),
    "get_articles": Act(),
    "get_terms": Act(),
    "get_blocks": Act(),
    "get_moderators": Act(),
    "get_tokens": Act(),
    "get_health": Act(),
    "get_article": Act(),
    "get_desk": Act(query={"state": "approved"}),
    "get_desk_case": Act(),
    "get_desk_log": Act(),
    "get_desk_figures": Act(),
    "get_desk_rules": Act(),
    "get_desk_article": Act(),
    "get_desk_people": Act(),
}
"""What is read."""

READERS: dict[str, Act] = {
    "put_rating": Act(fours, plus(1), body={"stars": 4}, by_new=True),
    "delete_rating": Act(fours, plus(-1), before=rate),
    "post_rating": Act(fours, plus(1), form={"stars": "4"}, by_new=True),
    "post_comment": Act(said, plus(1), body={"text": TEXT, "consent": True}, by_new=True),
    "put_vote": Act(votes, plus(1), by_new=True),
    "delete_vote": Act(votes, plus(-1), before=vote),
    "post_vote": Act(votes, plus(1), form={"_method": "PUT"}, by_new=True),
    "post_report": Act(reports, plus(1), body={"reason": "spam"}, about="one that is public", by_new=True),
    "delete_report": Act(reports, plus(-1), before=report, about="one that is public"),
}
"""What readers write."""

TERM, BLOCK = {"value": "casino"}, {"kind": "domain", "value": "pills.example"}
OTHERS: dict[str, Act] = {
    "patch_comment": Act(history, simply(("pending", 2, ["edit"])), body={"text": TEXT}, about="one that waits"),
    "delete_comment": Act(history, simply(("deleted", 1, ["delete"])), about="one that waits"),
    "post_decision": Act(
        history, simply(("approved", 1, ["approve"])), body={"action": "approve", "revision": 1}, about="one that waits"
    ),
    "post_decisions": Act(
        history,
        simply(("approved", 1, ["approve"])),
        body=lambda spot: {"items": [{"comment_id": spot.comment_id, "action": "approve", "revision": 1}]},
        about="one that waits",
    ),
    "post_undo": Act(
        first_decision,
        lambda seen: ("pending", [("approve", True), ("undo", False)], seen[2]),
        body=lambda spot: {"decision_id": spot.seen[2]},
        about="one that waits",
        before=approve,
    ),
    "post_claim": Act(claims, simply(("owner", ["claim"])), about="one that waits"),
    "delete_claim": Act(claims, simply((None, ["claim"])), about="one that waits", before=claim),
    "post_view": Act(events, simply(["view"]), about="one that waits"),
    "post_note": Act(events, simply(["note"]), body={"text": "Look at this."}, about="one that waits"),
    "post_appeal": Act(
        appeals,
        simply(("pending", True, ["reject", "appeal"])),
        body={"text": "Please look again."},
        about="one that waits",
        before=reject,
    ),
    "patch_site_policy": Act(patches, simply((LENGTH, 1)), body={"max_length": LENGTH}),
    "patch_article_policy": Act(article_patches, simply((LENGTH, LENGTH, 1)), body={"max_length": LENGTH}),
    "post_term": Act(terms, then(["casino"]), body=TERM),
    "delete_term": Act(terms, then([]), before=keep("terms", **TERM), body=TERM),
    "post_block": Act(blocks, then(["pills.example"]), body=BLOCK),
    "delete_block": Act(
        blocks, then([]), before=keep("blocks", **BLOCK), body={"kind": "domain", "mark": "pills.example"}
    ),
    "post_moderator": Act(
        lambda site, spot: "Bea" in moderators(site, spot), simply(True), body={"name": "Bea", "label": "laptop"}
    ),
    "delete_moderator": Act(
        lambda site, spot: "Cid" in moderators(site, spot),
        simply(False),
        before=a_moderator("Cid"),
        body={"name": "Cid"},
    ),
    "post_token": Act(
        lambda site, spot: len(token_ids(site, spot)),
        plus(1),
        before=a_moderator("Dan"),
        body={"label": "phone", "moderator": "Dan"},
    ),
    "delete_token": Act(
        token_ids,
        lambda seen: seen[:-1],
        before=a_moderator("Eve"),
        body=lambda spot: {"id": spot.seen[-1]},
    ),
    "delete_sessions": Act(sign_outs, plus(1), before=lambda site, spot: site.session(owners_token(site, spot))),
    "post_session": Act(owners_token, body=lambda spot: {"token": spot.seen}),
    "delete_session": Act(
        lambda site, _: keyring(site).sign("session", "nobody's any more"),
        lambda seen: seen,
        by_cookie=True,
        outright=True,
    ),
}
"""What authors and moderators write."""


def seen_waiting(spot: Spot) -> dict[str, str]:
    return {"comment_id": spot.comment_id, "revision": "1", "state": "pending", "move": "approve"}


DESK: dict[str, Act] = {
    "post_decide": Act(history, simply(("approved", 1, ["approve"])), form=seen_waiting, about="one that waits"),
    "post_decide_many": Act(
        history,
        simply(("approved", 1, ["approve"])),
        form=lambda spot: {f"on.{spot.comment_id}": "1 pending", "move": "approve"},
        about="one that waits",
    ),
    "post_desk_undo": Act(
        first_decision,
        lambda seen: ("pending", [("approve", True), ("undo", False)], seen[2]),
        form=lambda spot: {"ids": spot.seen[2]},
        about="one that waits",
        before=approve,
    ),
    "post_desk_note": Act(
        lambda site, spot: "note" in site.done_to(spot.comment_id),
        simply(True),
        form=lambda spot: {"comment_id": spot.comment_id, "text": "Look at this."},
        about="one that waits",
    ),
    "post_desk_rules": Act(
        lambda site, _: admin(site, "policy")["max_length"], simply(LENGTH), form={"max_length": str(LENGTH)}
    ),
    "post_desk_article": Act(
        lambda site, _: admin(site, f"articles/{ARTICLE}/policy")["edits"],
        simply("keep"),
        form={"whole": "true", "edits": "keep"},
    ),
    "post_desk_terms": Act(terms, then(["casino"]), form=TERM),
    "post_desk_blocks": Act(blocks, then(["pills.example"]), form=BLOCK),
    "post_desk_tokens": Act(
        token_ids,
        lambda seen: seen[:-1],
        before=a_moderator("Flo"),
        form=lambda spot: {"_method": "DELETE", "id": spot.seen[-1]},
    ),
    "post_desk_people": Act(
        lambda site, spot: "Gus" in moderators(site, spot), simply(True), form={"name": "Gus", "role": "moderator"}
    ),
    "post_desk_sessions": Act(
        # Whoever signs out twice did so twice, and the log says that.
        lambda site, spot: sign_outs(site, spot) > 0,
        simply(True),
        before=lambda site, spot: site.session(owners_token(site, spot)),
        form={"back": "?"},
    ),
}
"""What the forms of the desk write. They are sent without a key, as browsers send them."""

UNTOUCHED = {"get_file": "", "get_openapi": "", "get_docs": "", "get_me": "", "get_desk_article_named": "?id=x"}
"""What does not ask the table, with what it is asked."""

ACTS = {**PAGES, **READERS, **OTHERS, **DESK}


def opened(client: "DynamoDBClient", settings: Settings) -> Service:
    """Return the service as a process that has just begun: it remembers nothing."""
    stores = open_stores(client, settings)
    return Service(Gateway(lambda: create_app(settings, stores)), settings)


def check(endpoint: Endpoint, answer: Answer) -> None:
    """Hold an answer against what is documented; a refusal says when to come again."""
    documented = {*endpoint.answers, *(endpoint.refuses if endpoint.documented else (503,))}
    assert answer.status in documented, (endpoint.name, answer.status, answer.text)
    if answer.status not in endpoint.answers:
        if answer.headers["content-type"] == HTML:
            assert WAIT in answer.text, endpoint.name
            return
        assert (answer.status, answer.json()["code"]) == (503, "unavailable"), endpoint.name
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) >= 1


def on(operations: Sequence[str], fault: Fault) -> Chances:
    return {(operation, fault): 1.0 for operation in operations}


@dataclass(frozen=True, slots=True)
class Weather:
    """One site in a table of its own: what is struck goes through `hasty`, what proves something through `calm`."""

    settings: Settings
    hasty: "DynamoDBClient"
    calm: "DynamoDBClient"
    endpoints: Mapping[str, Endpoint]
    public: str

    def cold(self) -> Service:
        """Return the service to be struck, as a process that has just begun."""
        return opened(self.hasty, self.settings)

    def warm(self) -> Service:
        """Return the service to be struck, as a process that has just read all that it remembers for a while."""
        site = Site(self.cold())
        site.comment("elsewhere", "Policy, terms and the key of the day are read for this.")
        site.queue()
        return site.service

    def site(self) -> Site:
        """Return the site as a new process finds it, with nothing in the way."""
        return Site(opened(self.calm, self.settings))

    def spot(self, name: str, *, known: bool = True) -> Spot:
        """Return what one request is about, with all that has to be there before."""
        act, site = ACTS[name], self.site()
        comment_id = self.public
        if act.about != "the public one":
            comment_id = site.comment(ARTICLE, f"What {name} is about.")["comment"]["id"]
        if act.about == "one that is public":
            site.decide(comment_id, "approve")
        token = Keyring(self.settings.secrets).mint(secrets.token_bytes(32)).token if known else None
        act.before(site, Spot(comment_id, reader(token)))
        key = {"Idempotency-Key": secrets.token_hex(8)}
        spot = Spot(comment_id, {**reader(token), **key})
        return replace(spot, seen=act.state(site, spot))

    def kept(self) -> Items:
        """Return all that counts of what the table holds.

        Allowances are used up by who fails too, a day has its key from its first request on, and a tally may stay
        spread over shards that hold nothing.
        """
        pages = self.calm.get_paginator("scan").paginate(TableName=self.settings.table, ConsistentRead=True)
        items = [_without_heat(item) for page in pages for item in page["Items"]]
        return {(item["pk"]["S"], item["sk"]["S"]): item for item in items if _counts(item)}

    def is_done(self, name: str, spot: Spot) -> bool:
        """Tell whether the act was done once."""
        act = ACTS[name]
        return bool(act.state(self.site(), spot) == act.becomes(spot.seen))

    def is_exact(self) -> bool:
        """Tell whether the article's numbers are what counting its ratings, comments, votes and reports gives."""
        recounts = open_stores(self.calm, self.settings).recounts
        found = recount(recounts, recounts.key_of(ARTICLE), repair=False, pause=time.sleep)
        return found.outcome == "exact" and found.comments > 0

    def send(self, service: Service, name: str, spot: Spot) -> Answer:
        answer = ACTS[name].send(service, self.endpoints[name], spot)
        check(self.endpoints[name], answer)
        return answer

    def strike(self, service: Service, name: str, spot: Spot, chances: Chances, **how: Any) -> Answer:
        """Send a request while calls fail, and again when they do not: by then it is done, and once."""
        before = self.kept()
        with injected(self.hasty, chances, **how):
            answer = self.send(service, name, spot)
        if answer.status != 503 or self.kept() != before:
            assert self.is_done(name, spot), (name, answer.status, "half done")
        self.send_again(service, name, spot, answer)
        return answer

    def send_again(self, service: Service, name: str, spot: Spot, first: Answer) -> None:
        """Send again what was refused, and twice what was not: it is answered alike, and done once."""
        answers = [answer for answer in [first] if answer.status != 503]
        answers += [self.send(service, name, spot) for _ in range(2)]
        assert {(answer.status, answer.body) for answer in answers} == {(answers[0].status, answers[0].body)}, name
        assert answers[0].status in self.endpoints[name].answers, (name, answers[0].text)
        assert self.is_done(name, spot), (name, "not done, or more than once")


def _counts(item: dict[str, Any]) -> bool:
    pk, sk = item["pk"]["S"], item["sk"]["S"]
    is_allowance, is_shard = re.search(r"\|T\|\w+\.", pk), "|N|" in pk
    return not (is_allowance or is_shard or sk.startswith("DAY#") or item.keys() == {"pk", "sk"})


def _without_heat(item: dict[str, Any]) -> dict[str, Any]:
    heat = {"hot", "epoch", "g1", "g1s"} if item["sk"]["S"] == SUMMARY else set()
    return {name: value for name, value in item.items() if name not in heat}


@pytest.fixture
def settings(base_settings: Settings, table_client: "DynamoDBClient") -> Iterator[Settings]:
    """Settings with a table of their own, so that a look at all it holds takes no longer with every test."""
    table = f"faults-{secrets.token_hex(8)}"
    create_table(table_client, table)
    yield base_settings.model_copy(update={"table": table})
    table_client.delete_table(TableName=table)


@pytest.fixture
def weather(settings: Settings, hasty_client: "DynamoDBClient", table_client: "DynamoDBClient", site: Site) -> Weather:
    endpoints = {endpoint.name: endpoint for endpoint in registered(site.service)}
    public = site.publish(ARTICLE, "What everybody votes for.")
    return Weather(settings, hasty_client, table_client, endpoints, public)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two tries there is next to no time."""
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.0001)
    monkeypatch.setattr(patience, "LONGEST_PAUSE", 0.001)


def senders(acts: Mapping[str, Act]) -> list[tuple[str, bool]]:
    """Return each act with whether a reader we know sends it, or one whose first write it is."""
    return [(name, known) for name, act in acts.items() for known in ((True, False) if act.by_new else (True,))]


def test_every_endpoint_is_struck_here(weather: Weather) -> None:
    assert {*ACTS, *UNTOUCHED} == set(weather.endpoints), "a new endpoint has to be listed here"


@pytest.mark.parametrize("name", UNTOUCHED)
def test_what_asks_nothing_of_the_table_is_answered_without_it(weather: Weather, name: str) -> None:
    where = weather.endpoints[name].path.replace("{file}", "demo.js") + UNTOUCHED[name]
    with injected(weather.hasty, on(ALL, "away")):
        service = weather.cold()
        known = credentials(service, weather.endpoints[name])
        assert service.request("GET", where, headers=known).status in {200, 303}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_read_is_refused_until_it_can(weather: Weather, fault: Fault) -> None:
    spot, before = Spot(weather.public), weather.kept()
    for name in PAGES:
        service = weather.cold()
        with injected(weather.hasty, on(ALL, fault)):
            answer = weather.send(service, name, spot)
        assert (answer.status == 503) == (fault != "late"), (name, answer.text)
        assert weather.send(service, name, spot).status == 200
    assert weather.kept() == before


@pytest.mark.parametrize("fault", ONE_OF_EACH_SORT)
def test_of_what_was_just_read_only_the_terms_are_told_without_the_table(weather: Weather, fault: Fault) -> None:
    spot, service = Spot(weather.public), weather.warm()
    for name in PAGES:
        with injected(weather.hasty, on(ALL, fault)):
            answer = weather.send(service, name, spot)
        assert (answer.status == 503) == (fault != "late" and name != "get_terms"), (name, answer.text)


def test_reading_needs_nothing_that_writes(weather: Weather) -> None:
    with injected(weather.hasty, on(WRITES + LIMITS, "away")):
        assert {weather.send(weather.cold(), name, Spot(weather.public)).status for name in PAGES} == {200}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("acts", [READERS, OTHERS], ids=["readers", "others"])
def test_when_nothing_works_a_write_is_refused_and_done_when_sent_again(
    weather: Weather, acts: Mapping[str, Act], fault: Fault
) -> None:
    for name, known in senders(acts):
        answer = weather.strike(weather.cold(), name, weather.spot(name, known=known), on(ALL, fault))
        assert (answer.status == 503) == (fault != "late"), (name, answer.text)
    assert weather.is_exact()


@pytest.mark.parametrize("fault", ["late", *SENT, *NOT_SENT])
@pytest.mark.parametrize("acts", [READERS, OTHERS], ids=["readers", "others"])
def test_a_write_whose_answer_is_lost_is_found_done_and_one_that_never_arrives_is_refused(
    weather: Weather, acts: Mapping[str, Act], fault: Fault
) -> None:
    service = weather.warm()
    for name, act in acts.items():
        answer = weather.strike(service, name, weather.spot(name, known=not act.by_new), on(WRITES, fault))
        found = fault == "late" or (fault in SENT and not act.outright)
        assert (answer.status == 503) != found, (name, answer.text)
    assert weather.is_exact()


@pytest.mark.parametrize("fault", NOT_SENT)
@pytest.mark.parametrize("acts", [READERS, OTHERS], ids=["readers", "others"])
def test_a_write_that_fails_a_few_times_is_tried_until_it_does_not(
    weather: Weather, acts: Mapping[str, Act], fault: Fault
) -> None:
    service = weather.warm()
    for name, act in acts.items():
        spot = weather.spot(name, known=not act.by_new)
        answer = weather.strike(service, name, spot, on(WRITES, fault), first=3)
        assert (answer.status == 503) == act.outright, (name, answer.text)
    assert weather.is_exact()


@contextmanager
def away_after(client: "DynamoDBClient", faults: Faults) -> Iterator[None]:
    """From the first injected fault on, no call reaches the table."""

    def stop(request: Any, **_: Any) -> None:
        if faults.injected:
            raise ConnectionClosedError(endpoint_url=request.url)

    client.meta.events.register("before-send.dynamodb.*", stop)
    try:
        yield
    finally:
        client.meta.events.unregister("before-send.dynamodb.*", stop)


@pytest.mark.parametrize("fault", SENT)
@pytest.mark.parametrize("acts", [READERS, OTHERS], ids=["readers", "others"])
def test_a_write_that_was_done_and_could_not_be_answered_is_answered_when_sent_again(
    weather: Weather, acts: Mapping[str, Act], fault: Fault
) -> None:
    service = weather.warm()
    for name, act in acts.items():
        spot = weather.spot(name, known=not act.by_new)
        with injected(weather.hasty, on(WRITES, fault)) as faults, away_after(weather.hasty, faults):
            answer = weather.send(service, name, spot)
        assert answer.status == 503, name
        assert weather.is_done(name, spot), name
        weather.send_again(service, name, spot, answer)
    assert weather.is_exact()


@pytest.mark.parametrize("operations", [ALL, WRITES], ids=["everything", "writes"])
@pytest.mark.parametrize("fault", ONE_OF_EACH_SORT)
def test_a_form_whose_answer_says_it_was_done_was_and_one_sent_again_does_it_once(
    weather: Weather, fault: Fault, operations: Sequence[str]
) -> None:
    service = weather.warm()
    for name, act in DESK.items():
        spot = replace(weather.spot(name), headers={"Accept": "text/html"})
        before = weather.kept()
        with injected(weather.hasty, on(operations, fault)):
            answer = weather.send(service, name, spot)
        if answer.status != 503:
            assert weather.is_done(name, spot), (name, answer.status, "half done")
        elif weather.kept() != before:
            assert fault in SENT, name
            assert weather.is_done(name, spot), (name, "half done")
        assert fault != "late" or answer.status in weather.endpoints[name].answers
        again = act.send(service, weather.endpoints[name], spot)
        assert again.status in {200, 303, 404, 409}, (name, again.text)
        assert weather.is_done(name, spot), (name, "not done, or more than once")
    assert weather.is_exact()


@pytest.mark.parametrize("fault", ONE_OF_EACH_SORT)
def test_without_allowances_small_writes_are_refused(weather: Weather, fault: Fault) -> None:
    service = weather.warm()
    for name, known in senders({name: act for name, act in READERS.items() if name != "post_comment"}):
        answer = weather.strike(service, name, weather.spot(name, known=known), on(LIMITS, fault))
        # A reader we know may change a rating as often as they like.
        is_counted = not (known and "rating" in name)
        assert (answer.status == 503) == (is_counted and fault != "late"), (name, answer.text)
    assert weather.is_exact()


@pytest.mark.parametrize("fault", ONE_OF_EACH_SORT)
def test_without_allowances_a_comment_is_held_and_says_why(weather: Weather, fault: Fault) -> None:
    site, service = weather.site(), weather.warm()
    site.policy({"mode": "open"})
    for known in (True, False):
        spot = weather.spot("post_comment", known=known)
        with injected(weather.hasty, on(LIMITS, fault)):
            answer = weather.send(service, "post_comment", spot)
        again = weather.send(service, "post_comment", spot)
        assert (again.status, again.body) == (answer.status, answer.body)
        assert answer.status == (201 if fault == "late" else 202)
        findings = admin(site, f"comments/{answer.json()['comment']['id']}")["verdict"]["findings"]
        assert ("limits" in {finding["check"] for finding in findings}) == (fault != "late")
    assert weather.is_exact()


@pytest.mark.parametrize("fault", ONE_OF_EACH_SORT[1:])
def test_however_many_facts_cannot_be_looked_up_a_comment_is_held_and_not_called_spam(
    weather: Weather, fault: Fault
) -> None:
    weather.site().policy({"mode": "open", "thresholds": {"hold": 5, "spam": 20}})
    with injected(weather.hasty, on(("GetItem", "UpdateItem", "Query"), fault)):
        answer = weather.send(weather.cold(), "post_comment", weather.spot("post_comment"))
    assert answer.status == 202
    found = admin(weather.site(), f"comments/{answer.json()['comment']['id']}")
    assert found["state"] == "pending"
    assert {"network", "limits", "terms"} <= {finding["check"] for finding in found["verdict"]["findings"]}


class Clock:
    """Time that goes on by waiting only, for whoever waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock for our pauses, for botocore's and for slow answers, which take as long as the client waits at most."""
    clock = Clock()
    for module in ("chalicelib.patience", "botocore.endpoint", "tests.faults"):
        monkeypatch.setattr(f"{module}.time", clock)
    monkeypatch.setattr("tests.faults.SLOW_SECONDS", CALL)
    monkeypatch.setattr("tests.faults.LATE_SECONDS", CALL)
    return clock


CALL = 2.0
"""How long the client waits for an answer: chalicelib.dynamodb.connection.CONFIG."""
BACKOFF = 2.0
"""How long botocore waits before its third try at most."""
SLOW: dict[str, Chances] = {
    "no answer comes in time": {("*", "slow"): 1},
    "every answer is late": {("*", "late"): 1},
    "reads are late and writes collide": {
        **{(read, "late"): 1 for read in READS},
        ("TransactWriteItems", "conflict"): 1,
    },
    "reads are late and writes are slow": {**{(read, "late"): 1 for read in READS}, ("TransactWriteItems", "slow"): 1},
    "nearly every answer is slow or late": {("*", "slow"): 0.3, ("*", "late"): 1},
}


@pytest.mark.parametrize("chances", SLOW.values(), ids=SLOW)
def test_however_slow_the_table_every_request_ends_in_time(
    weather: Weather, clock: Clock, monkeypatch: pytest.MonkeyPatch, chances: Chances
) -> None:
    monkeypatch.setattr(patience, "LONGEST_PAUSE", 0.5)
    # The client as it runs, which tries three times.
    struck = replace(weather, hasty=weather.calm)
    for name, act in ACTS.items():
        service, spot = struck.cold(), weather.spot(name, known=not act.by_new)
        started = clock.now
        with injected(struck.hasty, chances):
            answer = struck.send(service, name, spot)
        assert clock.now - started <= patience.SECONDS + CALL + BACKOFF, (name, clock.now - started)
        if name in {**READERS, **OTHERS}:
            weather.send_again(service, name, spot, answer)
    assert weather.is_exact()


def test_a_write_that_is_refused_again_and_again_takes_its_time_and_one_call_at_most(
    weather: Weather, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LONGEST_PAUSE", 0.5)
    for name in ("put_rating", "post_comment", "put_vote", "post_decision"):
        service, spot = weather.cold(), weather.spot(name)
        started = clock.now
        with injected(weather.hasty, SLOW["reads are late and writes collide"]), counted(weather.hasty) as calls:
            assert weather.send(service, name, spot).status == 503
        assert patience.SECONDS - 1 < clock.now - started <= patience.SECONDS + CALL, name
        assert calls["TransactWriteItems"] < 12, "time ended it, not the number of tries"


def insist(service: Service, method: str, where: str, **how: Any) -> Any:
    """Send a request until it is answered, with the same key each time, as a good client does."""
    headers = {"Idempotency-Key": secrets.token_hex(8), **how.pop("headers")}
    for _ in range(60):
        answer = service.request(method, where, headers=headers, **how)
        if answer.status != 503:
            break
    assert answer.status in {200, 202}, answer.text
    return answer.json()


@dataclass(slots=True)
class Crowd:
    """Three readers and a moderator who insist, and what must come of it."""

    service: Service
    public: str
    tokens: Sequence[str]
    chance: random.Random
    stars: dict[str, int] = field(default_factory=dict)
    voters: set[str] = field(default_factory=set)
    reporters: set[str] = field(default_factory=set)
    waiting: list[str] = field(default_factory=list)
    approved: list[str] = field(default_factory=list)
    said: int = 0

    def act(self) -> None:
        self.chance.choice([self.rate, self.vote, self.report, self.comment, self.decide])(
            self.chance.choice(self.tokens)
        )

    def rate(self, token: str) -> None:
        stars = self.chance.randint(0, 5)
        how = {"json": {"stars": stars}} if stars else {}
        rated = insist(
            self.service, "PUT" if stars else "DELETE", f"{path(ARTICLE)}/rating", headers=reader(token), **how
        )
        self.stars = {**self.stars, token: stars}
        assert rated["mine"] == (stars or None)

    def vote(self, token: str) -> None:
        wanted = self.chance.random() < 0.6
        where = f"/v1/comments/{self.public}/vote"
        self.voters = self.voters | {token} if wanted else self.voters - {token}
        assert insist(self.service, "PUT" if wanted else "DELETE", where, headers=reader(token)) == {
            "votes": len(self.voters)
        }

    def report(self, token: str) -> None:
        wanted = self.chance.random() < 0.6
        how = {"json": {"reason": "spam"}} if wanted else {}
        where = f"/v1/comments/{self.public}/reports"
        insist(self.service, "POST" if wanted else "DELETE", where, headers=reader(token), **how)
        self.reporters = self.reporters | {token} if wanted else self.reporters - {token}

    def comment(self, token: str) -> None:
        self.said += 1
        body = {"text": f"This is the comment with the number {self.said}.", "consent": True}
        sent = insist(self.service, "POST", f"{path(ARTICLE)}/comments", json=body, headers=reader(token))
        self.waiting.append(sent["comment"]["id"])

    def decide(self, _token: str) -> None:
        if not self.waiting:
            return
        comment_id = self.waiting.pop()
        body = {"action": "approve", "revision": 1}
        insist(self.service, "POST", f"/v1/admin/comments/{comment_id}/decision", json=body, headers=self.service.owner)
        self.approved.append(comment_id)


@pytest.mark.parametrize("seed", range(3))
def test_through_all_kinds_of_weather_everything_counts_once(weather: Weather, seed: int) -> None:
    weather.site().policy({"reports_to_hide": 1000})
    mint = Keyring(weather.settings.secrets).mint
    tokens = [mint(secrets.token_bytes(32)).token for _ in range(3)]
    crowd = Crowd(weather.cold(), weather.public, tokens, random.Random(seed))  # noqa: S311 - the same story each time
    with injected(weather.hasty, {("*", fault): 0.3 / len(FAULTS) for fault in FAULTS}, seed) as faults:
        for _ in range(60):
            crowd.act()
    assert len({fault for _, fault in faults.injected}) > len(FAULTS) // 2
    site = weather.site()
    given = [stars for stars in crowd.stars.values() if stars]
    histogram = {str(stars): given.count(stars) for stars in range(1, 6)}
    assert site.thread(ARTICLE)["tally"]["histogram"] == histogram
    assert {each["id"]: each["votes"] for each in site.pages(ARTICLE)} == {
        weather.public: len(crowd.voters),
        **dict.fromkeys(crowd.approved, 0),
    }
    assert len(admin(site, f"comments/{weather.public}")["reports"]) == len(crowd.reporters)
    assert sorted(item["comment"]["id"] for item in admin(site, "queue", limit=50)["items"]) == sorted(
        [*crowd.waiting, *([weather.public] if crowd.reporters else [])]
    )
    log = [entry["comment_id"] for entry in admin(site, "audit")["items"] if entry["action"] == "approve"]
    assert sorted(log) == sorted([weather.public, *crowd.approved])
    assert weather.is_exact()
