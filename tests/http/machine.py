"""Readers, authors and moderators at work, and a model of what must come of it: a state machine for hypothesis."""

import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count, pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.audit import chained, verify
from chalicelib.dynamodb import DynamoStores
from chalicelib.dynamodb.records import POINTER, RECORD, pointer_item, to_record
from chalicelib.ratings import Heat
from chalicelib.recount import recount
from tests.conftest import Answer, Service
from tests.faults import Fault, injected
from tests.http.conftest import edit_token, path, reader

ARTICLES = ("one", "two")
READERS = range(3)
TO_HIDE = 2
TRIES = 30

MOVES = {
    "approve": {"pending": "approved", "spam": "approved", "rejected": "approved"},
    "reject": {"pending": "rejected", "spam": "rejected", "approved": "rejected"},
    "spam": {"pending": "spam", "rejected": "spam", "approved": "spam"},
    "restore": {"spam": "pending", "rejected": "pending", "deleted": "pending"},
    "delete": {"pending": "deleted", "spam": "deleted", "rejected": "deleted", "approved": "deleted"},
}
WEATHER: dict[tuple[str, Fault], float] = {
    ("TransactWriteItems", "lost"): 0.25,
    ("TransactWriteItems", "conflict"): 0.15,
    ("UpdateItem", "lost"): 0.4,
    ("*", "internal"): 0.03,
}

readers = st.sampled_from(READERS)
articles = st.sampled_from(ARTICLES)
stars = st.none() | st.integers(1, 5)
any_comment = st.integers(0, 3)
"""Which of the newest comments."""


@dataclass
class Written:
    """A comment as it must stand."""

    article: str
    text: str
    token: str
    parent: str | None
    revision: int = 1
    state: str = "pending"
    viewed: int = 1
    shown: tuple[str, int] | None = None
    """The text and its revision that the public sees, where that is not the newest."""
    restricted: bool = False
    appealed: bool = False
    votes: set[int] = field(default_factory=set)
    filed: dict[int, int] = field(default_factory=dict)
    """Who reported which revision."""
    waiting: set[int] = field(default_factory=set)
    """Whose reports no decision has answered."""

    @property
    def is_public(self) -> bool:
        return self.state == "approved" or self.shown is not None

    @property
    def public(self) -> tuple[str, int]:
        return self.shown or (self.text, self.revision)

    def moved(self, state: str, shown: tuple[str, int] | None = None) -> None:
        self.state, self.shown = state, shown


@dataclass(frozen=True, slots=True)
class World:
    """A site of its own, empty, and the client through which faults strike."""

    service: Service
    stores: DynamoStores
    client: Any


class Machine(RuleBasedStateMachine):
    """Every rule is one act of a person or of time; after each, what the public sees is what the model says."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.ratings: dict[tuple[str, int], int] = {}
        self.comments: dict[str, Written] = {}
        self.tokens: dict[int, str] = {}
        self.log: list[Any] = []
        self.numbers = count()
        self.stormy = False
        self.keeps = False

    # How requests are sent.

    @contextmanager
    def weather(self) -> Iterator[None]:
        if not self.stormy:
            yield
            return
        with injected(self.world.client, WEATHER, seed=next(self.numbers)):
            yield

    def send(self, method: str, where: str, **how: Any) -> Answer:
        """Send a write as a good client does: again and again with the same key, until it is answered."""
        headers = {"Idempotency-Key": secrets.token_hex(8), **how.pop("headers", {})}
        with self.weather():
            for _ in range(TRIES):
                answer = self.world.service.request(method, where, headers=headers, **how)
                if answer.status != 503:
                    assert answer.status != 500, answer.text
                    return answer
        msg = f"{method} {where} was never taken"
        raise AssertionError(msg)

    def read(self, where: str, **how: Any) -> Any:
        answer = self.world.service.request("GET", where, **how)
        assert answer.status == 200, answer.text
        return answer.json()

    def pick(self, number: int) -> tuple[str, Written]:
        ids = list(self.comments)
        chosen = ids[-1 - number % len(ids)]
        return chosen, self.comments[chosen]

    # What happens.

    @initialize()
    def open_the_site(self) -> None:
        patch = {"limits": dict.fromkeys(("comments", "ratings", "votes", "reports")), "reports_to_hide": TO_HIDE}
        self.send("PATCH", "/v1/admin/policy", json=patch, headers=self.world.service.owner)
        for number in READERS:
            answer = self.send("PUT", f"{path('elsewhere')}/rating", json={"stars": 3})
            self.tokens[number] = answer.json()["reader"]

    @rule(stormy=st.booleans(), seed=st.integers(0, 2**16))
    def the_weather_changes(self, *, stormy: bool, seed: int) -> None:
        self.stormy = stormy
        self.numbers = count(next(self.numbers) + seed)

    @rule(article=articles, given=st.lists(st.tuples(readers, stars), min_size=1, max_size=4))
    def readers_rate(self, article: str, given: list[tuple[int, int | None]]) -> None:
        for who, stars in given:
            self.rate(who, article, stars)

    def rate(self, who: int, article: str, stars: int | None) -> None:
        method, body = ("DELETE", None) if stars is None else ("PUT", {"stars": stars})
        headers = reader(self.tokens[who])
        answer = self.send(method, f"{path(article)}/rating", json=body, headers=headers)
        self.ratings.pop((article, who), None)
        if stars:
            self.ratings[article, who] = stars
        assert answer.json()["mine"] == stars
        assert answer.json()["tally"]["histogram"] == self.histogram(article)

    @rule(article=articles, given=st.lists(st.tuples(readers, stars), max_size=4))
    def many_rate_it(self, article: str, given: list[tuple[int, int | None]]) -> None:
        tallies = self.world.stores.tallies
        summary = self.world.stores.connection.get(self.world.stores.connection.keys.article(article), "~") or {}
        heat = Heat(summary.get("epoch", 0), summary.get("hot"))
        tallies.spread(article, heat, datetime.now(UTC))
        self.readers_rate(article, given)

    @rule(article=articles)
    def the_crowd_is_gone(self, article: str) -> None:
        with self.weather():
            self.world.stores.tallies.settle(article, datetime.now(UTC), hot_too=True)

    @rule(article=articles, repair=st.booleans())
    def the_owner_recounts(self, article: str, *, repair: bool) -> None:
        recounts = self.world.stores.recounts
        found = recount(recounts, recounts.key_of(article), repair=repair, pause=lambda _: None)
        assert found.outcome == "exact", found

    @rule(who=readers, article=articles)
    def comment(self, who: int, article: str) -> None:
        self._comment(who, article, None)

    @precondition(lambda self: self.comments)
    @rule(who=readers, number=any_comment)
    def reply(self, who: int, number: int) -> None:
        parent, written = self.pick(number)
        self._comment(who, written.article, parent)

    def _comment(self, who: int, article: str, parent: str | None) -> None:
        text = f"What I have to say, number {next(self.numbers)}."
        body = {"text": text, "consent": True, "parent_id": parent}
        answer = self.send("POST", f"{path(article)}/comments", json=body, headers=reader(self.tokens[who]))
        if parent and not self.comments[parent].is_public:
            assert answer.status == 422
            return
        assert answer.status == 202
        sent = answer.json()
        self.comments[sent["comment"]["id"]] = Written(article, text, sent["edit_token"], parent)

    @precondition(lambda self: self.comments)
    @rule(number=any_comment)
    def its_author_edits(self, number: int) -> None:
        comment_id, written = self.pick(number)
        text = f"What I meant to say, number {next(self.numbers)}."
        headers = edit_token(written.token)
        answer = self.send("PATCH", f"/v1/comments/{comment_id}", json={"text": text}, headers=headers)
        if written.state == "deleted":
            assert answer.status == 404
            return
        shown = written.public if written.is_public and self.keeps else None
        written.text, written.revision, written.restricted = text, written.revision + 1, False
        written.moved("pending", shown)
        assert answer.json()["comment"]["revision"] == written.revision

    @precondition(lambda self: self.comments)
    @rule(number=any_comment)
    def its_author_deletes(self, number: int) -> None:
        comment_id, written = self.pick(number)
        answer = self.send("DELETE", f"/v1/comments/{comment_id}", headers=edit_token(written.token))
        assert answer.json()["status"] == "deleted"
        if written.state != "deleted":
            written.restricted = False
        written.moved("deleted")
        written.waiting.clear()

    @precondition(lambda self: self.comments)
    @rule(number=any_comment)
    def a_moderator_looks(self, number: int) -> None:
        comment_id, written = self.pick(number)
        case = self.read(f"/v1/admin/comments/{comment_id}", headers=self.world.service.owner)
        assert (case["comment"]["text"], case["state"]) == (written.text, written.state)
        assert len([each for each in case["reports"] if each["open"]]) == len(written.waiting)
        assert case["comment"]["votes"] == len(written.votes)
        written.viewed = case["comment"]["revision"]

    @precondition(lambda self: self.comments)
    @rule(number=any_comment, action=st.sampled_from(list(MOVES)), redact=st.booleans())
    def a_moderator_decides(self, number: int, action: str, *, redact: bool = False) -> None:
        comment_id, written = self.pick(number)
        redact = redact and action == "approve"
        body = {"action": action, "revision": written.viewed, **({"redact": [[0, 4]]} if redact else {})}
        where = f"/v1/admin/comments/{comment_id}/decision"
        answer = self.send("POST", where, json=body, headers=self.world.service.owner)
        to = MOVES[action].get(written.state)
        if action == "approve" and written.state == "approved" and written.waiting:
            to = "approved"
        if to is None or written.viewed != written.revision:
            assert answer.status == 409, answer.text
            return
        assert answer.status == 200, answer.text
        if action in {"approve", "restore"}:
            written.restricted = redact or (written.restricted and "█" in written.text and written.is_public)
        elif action != "spam":
            written.restricted = True
        if redact:
            written.text, written.revision = "█████" + written.text[4:], written.revision + 1
        written.moved(to)
        written.waiting.clear()

    @precondition(lambda self: self.comments)
    @rule(number=any_comment, action=st.sampled_from(list(MOVES)), redact=st.booleans(), noted=st.booleans())
    def a_moderator_changes_their_mind(self, number: int, action: str, *, redact: bool, noted: bool) -> None:
        self.a_moderator_looks(number)
        _, written = self.pick(number)
        before, known = replace(written, waiting=set(written.waiting)), self.newest_entry()
        self.a_moderator_decides(number, action, redact=redact)
        made = self.newest_entry()
        if made == known:
            return
        if noted:
            self.a_moderator_leaves_a_note(number)
        body = {"decision_id": made}
        answer = self.send("POST", "/v1/admin/undo", json=body, headers=self.world.service.owner)
        assert answer.status == 200, answer.text
        assert answer.json()["comment"]["state"] == before.state
        written.moved(before.state, before.shown)
        written.waiting, written.restricted = before.waiting, before.restricted
        if written.revision != before.revision:
            written.text, written.revision = before.text, written.revision + 1

    @precondition(lambda self: self.comments)
    @rule(number=any_comment)
    def a_moderator_leaves_a_note(self, number: int) -> None:
        comment_id, _ = self.pick(number)
        where, body = f"/v1/admin/comments/{comment_id}/notes", {"text": "Between us."}
        assert self.send("POST", where, json=body, headers=self.world.service.owner).json()["note"] == "Between us."

    @precondition(lambda self: self.comments)
    @rule(number=any_comment, method=st.sampled_from(["POST", "DELETE"]))
    def a_moderator_claims_it_or_gives_it_up(self, number: int, method: str) -> None:
        comment_id, _ = self.pick(number)
        answer = self.send(method, f"/v1/admin/comments/{comment_id}/claim", headers=self.world.service.owner)
        assert answer.json()["claimed_by"] == ("owner" if method == "POST" else None)

    @precondition(lambda self: self.comments)
    @rule(number=any_comment)
    def its_author_appeals(self, number: int) -> None:
        comment_id, written = self.pick(number)
        body, known = {"text": "Please look again."}, edit_token(written.token)
        answer = self.send("POST", f"/v1/comments/{comment_id}/appeal", json=body, headers=known)
        if written.appealed or not written.restricted:
            assert answer.status == 409, answer.text
            return
        assert answer.status == 200, answer.text
        written.appealed = True
        written.moved("pending", written.public if written.is_public else None)

    @rule(keeps=st.booleans())
    def the_owner_says_what_becomes_of_edits(self, *, keeps: bool) -> None:
        patch = {"edits": "keep" if keeps else "withdraw"}
        self.send("PATCH", "/v1/admin/policy", json=patch, headers=self.world.service.owner)
        self.keeps = keeps

    @precondition(lambda self: self.comments)
    @rule(number=any_comment, action=st.sampled_from(list(MOVES)))
    def a_moderator_is_overtaken_by_the_author(self, number: int, action: str) -> None:
        self.a_moderator_looks(number)
        self.its_author_edits(number)
        self.a_moderator_decides(number, action)

    @precondition(lambda self: self.comments)
    @rule(number=any_comment, who=readers, wanted=st.booleans())
    def vote(self, number: int, who: int, *, wanted: bool) -> None:
        comment_id, written = self.pick(number)
        method = "PUT" if wanted else "DELETE"
        answer = self.send(method, f"/v1/comments/{comment_id}/vote", headers=reader(self.tokens[who]))
        if not written.is_public:
            assert answer.status == 404
            return
        (written.votes.add if wanted else written.votes.discard)(who)
        assert answer.json() == {"votes": len(written.votes)}

    @precondition(lambda self: self.comments)
    @rule(number=any_comment, who=readers)
    def report(self, number: int, who: int) -> None:
        comment_id, written = self.pick(number)
        where, known = f"/v1/comments/{comment_id}/reports", reader(self.tokens[who])
        answer = self.send("POST", where, json={"reason": "other"}, headers=known)
        if not written.is_public:
            assert answer.status == 404
            return
        assert answer.status == 202
        _, revision = written.public
        if who in written.waiting or written.filed.get(who) == revision:
            return
        written.filed[who] = revision
        written.waiting.add(who)
        if len(written.waiting) >= TO_HIDE:
            written.moved("pending")
            written.restricted = True

    @precondition(lambda self: self.comments)
    @rule(number=any_comment, who=readers)
    def take_the_report_back(self, number: int, who: int) -> None:
        comment_id, written = self.pick(number)
        where = f"/v1/comments/{comment_id}/reports"
        answer = self.send("DELETE", where, headers=reader(self.tokens[who]))
        if not written.is_public and who not in written.filed:
            assert answer.status == 404
            return
        assert answer.status == 200
        written.waiting.discard(who)
        written.filed.pop(who, None)

    def newest_entry(self) -> str | None:
        items = self.read("/v1/admin/audit?limit=1", headers=self.world.service.owner)["items"]
        return str(items[0]["id"]) if items else None

    # What must always hold.

    def histogram(self, article: str) -> dict[str, int]:
        given = Counter(stars for (where, _), stars in self.ratings.items() if where == article)
        return {str(each): given[each] for each in range(1, 6)}

    @invariant()
    def the_public_sees_what_was_let_through_and_every_rating_once(self) -> None:
        for article in ARTICLES:
            thread = self.read(path(article))
            public = {
                comment_id: (*each.public, len(each.votes), each.parent)
                for comment_id, each in self.comments.items()
                if each.article == article and each.is_public
            }
            shown = {each["id"]: each for each in thread["comments"]}
            seen = {
                comment_id: (each["text"], each["revision"], each["votes"], each["parent_id"])
                for comment_id, each in shown.items()
            }
            assert seen == public
            assert len(thread["comments"]) == thread["comments_count"] == len(public)
            assert thread["tally"]["histogram"] == self.histogram(article)

    @invariant()
    def the_log_only_grows(self) -> None:
        answer = self.read("/v1/admin/audit?limit=50", headers=self.world.service.owner)
        newest = [{**entry, "undone": False} for entry in answer["items"][::-1]]
        known = len(self.log)
        overlap = self.log[max(0, known - len(newest)) :]
        start = newest.index(overlap[-1]) + 1 if overlap and overlap[-1] in newest else 0
        assert not overlap or overlap[-1] in newest, "an entry is gone"
        assert newest[:start] == overlap[len(overlap) - start :], "an entry was changed"
        self.log += newest[start:]

    @invariant()
    def a_pointer_stands_exactly_while_its_comment_waits(self) -> None:
        connection = self.world.stores.connection
        places = [connection.keys.comment(comment_id) for comment_id in self.comments]
        found = connection.batch([(place, kind) for place in places for kind in (RECORD, POINTER)])
        for place in places:
            expected = pointer_item(connection.keys, to_record(found[place, RECORD]))
            kept = expected and {name: value for name, value in expected.items() if value is not None}
            assert found.get((place, POINTER)) == kept

    def teardown(self) -> None:
        self.stormy = False
        if not self.tokens:
            return
        for article in ARTICLES:
            self.the_owner_recounts(article, repair=False)
        self.check_the_order_best_first()
        for comment_id, written in self.comments.items():
            self.check_the_chain(comment_id, written)

    def check_the_order_best_first(self) -> None:
        for article in ARTICLES:
            best = self.read(f"{path(article)}/comments?sort=best&limit=50")["comments"]
            roots = [each for each in best if each["depth"] == 0]
            public = {
                comment_id
                for comment_id, each in self.comments.items()
                if each.article == article and each.is_public and each.parent is None
            }
            assert {each["id"] for each in roots} == public
            assert all(before["votes"] >= after["votes"] for before, after in pairwise(roots))

    def check_the_chain(self, comment_id: str, written: Written) -> None:
        moderation = self.world.stores.moderation
        case = self.read(f"/v1/admin/comments/{comment_id}", headers=self.world.service.owner)
        assert case["state"] == written.state
        previous, state = None, None
        for decision in case["history"]:
            entry = moderation.entry(decision["id"])
            assert entry
            assert (entry.previous, entry.hash) == (previous, chained(previous, entry.decision, entry.circumstances))
            assert decision["from"] == state
            previous, state = entry.hash, decision["to"]
        assert state == written.state
        assert verify(self.world.stores.audits, comment_id, lambda _attempt: None)[1] == []
