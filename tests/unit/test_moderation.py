import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib import changes
from chalicelib.audit import Action, Entry, chained
from chalicelib.changes import Change, SiteRow
from chalicelib.comments import Record, State
from chalicelib.errors import AlreadyDecided, Conflict, KeyReused, MoveNotAllowed, NotFound, Stale, Unavailable
from chalicelib.moderation import MOVES, Case, Decided, ModerationStore, Ruled, Ruling, decide
from chalicelib.moderation.deciding import ATTEMPTS
from chalicelib.once import Done, Earlier, Once
from chalicelib.policies import PolicyRow, PolicyStore, patch_policy
from chalicelib.policy import DEFAULT, Policy
from tests.samples import NOW, decision, once, record

# Written out a second time on purpose: a change of the table has to be meant.
ALLOWED = {
    ("approve", "pending"): "approved",
    ("approve", "spam"): "approved",
    ("approve", "rejected"): "approved",
    ("reject", "pending"): "rejected",
    ("reject", "spam"): "rejected",
    ("reject", "approved"): "rejected",
    ("spam", "pending"): "spam",
    ("spam", "rejected"): "spam",
    ("spam", "approved"): "spam",
    ("restore", "spam"): "pending",
    ("restore", "rejected"): "pending",
    ("restore", "deleted"): "pending",
    ("delete", "pending"): "deleted",
    ("delete", "spam"): "deleted",
    ("delete", "rejected"): "deleted",
    ("delete", "approved"): "deleted",
}
EVERY_MOVE = [(action, state) for action in get_args(Action) for state in get_args(State)]
REFUSED = [move for move in EVERY_MOVE if move not in ALLOWED]


@dataclass
class Shelf:
    """One comment, its log and the remembered keys: as much of ModerationStore as a decision needs."""

    record: Record | None
    entries: list[Entry] = field(default_factory=list)
    kept: dict[str, Earlier] = field(default_factory=dict)
    trouble: list[Any] = field(default_factory=list)
    """What happens to the next writes: a call made before one, or an error raised after it."""

    def look(self, _comment_id: str, once: Once | None, _now: object) -> Case:
        return Case(self.record, self.kept.get(once.mark) if once else None)

    def decide(self, ruled: Ruled, done: Done | None) -> None:
        trouble = self.trouble.pop(0) if self.trouble else None
        if callable(trouble):
            trouble()
        taken = any(entry.decision.id == ruled.entry.decision.id for entry in self.entries)
        if self.record != ruled.before or taken or (done and done.once.mark in self.kept):
            raise Stale
        self.record = ruled.after
        self.entries.append(ruled.entry)
        if done:
            self.kept[done.once.mark] = Earlier(done.once.digest, done.answer)
        if isinstance(trouble, Exception):
            raise trouble

    def entry(self, decision_id: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.decision.id == decision_id), None)


def decided(
    shelf: Shelf, action: str, *, revision: int = 1, by: str = "ben", number: int = 7, key: Once | None = None
) -> Decided:
    ruling = Ruling(action=cast("Action", action), revision=revision)
    at = NOW + timedelta(hours=number)
    store = cast("ModerationStore", shelf)
    return decide(store, "id", ruling, by, once=key, now=at, randomness=number, pause=lambda _attempt: None)


def test_the_table_of_moves_is_this_one() -> None:
    assert {(action, from_): to for action, moves in MOVES.items() for from_, to in moves.items()} == ALLOWED
    assert len(EVERY_MOVE) == 25


@pytest.mark.parametrize(("action", "state"), ALLOWED)
def test_an_allowed_move_is_made_and_logged(action: str, state: State) -> None:
    before = record(state=state)
    shelf = Shelf(before)
    answer = decided(shelf, action)
    assert shelf.record
    assert (answer.comment.state, shelf.record.state) == (ALLOWED[action, state],) * 2
    assert shelf.record.version == before.version + 1
    assert shelf.record.was_public == (shelf.record.state == "approved")
    assert [entry.decision for entry in shelf.entries] == [answer.decision]
    assert (answer.decision.from_, answer.decision.to) == (state, ALLOWED[action, state])
    assert (answer.decision.by, answer.decision.at) == ("ben", NOW + timedelta(hours=7))


@pytest.mark.parametrize(("action", "state"), REFUSED)
def test_any_other_move_is_a_conflict_and_writes_nothing(action: str, state: State) -> None:
    before = record(state=state)
    shelf = Shelf(before)
    with pytest.raises(MoveNotAllowed, match=state):
        decided(shelf, action)
    assert (shelf.record, shelf.entries, shelf.kept) == (before, [], {})


def test_a_second_decision_hears_who_was_first_and_when() -> None:
    shelf = Shelf(record())
    decided(shelf, "approve", by="ann", number=1)
    with pytest.raises(AlreadyDecided, match=r"approved by ann at 2026-11-23 13:30:15 UTC"):
        decided(shelf, "approve", by="ben", number=2)
    assert len(shelf.entries) == 1


def test_a_decision_on_another_revision_is_a_conflict() -> None:
    shelf = Shelf(record(revision=2))
    with pytest.raises(AlreadyDecided, match="now revision 2, you saw revision 1"):
        decided(shelf, "approve", revision=1)
    assert shelf.entries == []


def test_no_comment_no_decision() -> None:
    with pytest.raises(NotFound):
        decided(Shelf(None), "approve")


@pytest.mark.parametrize("key", [None, once()])
def test_a_decision_whose_answer_was_lost_is_made_once(key: Once | None) -> None:
    shelf = Shelf(record(), trouble=[Stale("unknown outcome")])
    answer = decided(shelf, "approve", key=key)
    assert answer.comment.state == "approved"
    assert [entry.decision for entry in shelf.entries] == [answer.decision]


def test_a_decision_that_collided_is_tried_again() -> None:
    def collide() -> None:
        raise Stale("TransactionConflict")

    shelf = Shelf(record(), trouble=[collide, collide])
    assert decided(shelf, "reject").comment.state == "rejected"
    assert len(shelf.entries) == 1


def test_a_decision_that_always_collides_is_refused_for_now() -> None:
    def collide() -> None:
        raise Stale("TransactionConflict")

    shelf = Shelf(record(), trouble=[collide] * ATTEMPTS)
    with pytest.raises(Unavailable):
        decided(shelf, "reject")
    assert shelf.entries == []


@pytest.mark.parametrize("action", ["approve", "reject", "delete"])
def test_who_is_overtaken_is_told_although_the_moves_would_lead_on(action: str) -> None:
    shelf = Shelf(record())
    shelf.trouble = [lambda: decided(shelf, "spam", by="ann", number=1)]
    with pytest.raises(AlreadyDecided, match=r"marked as spam by ann at .* UTC, before you"):
        decided(shelf, action, by="ben", number=2)
    assert [entry.decision.by for entry in shelf.entries] == ["ann"]


def test_an_edit_that_comes_in_between_is_a_conflict() -> None:
    shelf = Shelf(record())

    def edit() -> None:
        assert shelf.record
        shelf.record = replace(shelf.record, revision=2, version=shelf.record.version + 1)

    shelf.trouble = [edit]
    with pytest.raises(AlreadyDecided, match="now revision 2"):
        decided(shelf, "approve")
    assert shelf.entries == []


def test_the_same_key_hears_the_same_answer() -> None:
    shelf = Shelf(record())
    first = decided(shelf, "approve", number=1, key=once())
    decided(shelf, "reject", number=2)
    again = decided(shelf, "approve", number=3, key=once())
    assert (again.decision, again.comment.state) == (first.decision, "approved")
    assert len(shelf.entries) == 2
    with pytest.raises(KeyReused):
        decided(shelf, "reject", number=4, key=once(digest="of another request"))


@pytest.mark.parametrize(
    ("lane", "action", "then"),
    [
        ("urgent", "approve", "urgent"),
        ("urgent", "reject", "urgent"),
        ("pending", "spam", "spam"),
        ("spam", "approve", "pending"),
    ],
)
def test_urgent_stays_urgent_and_spam_is_a_lane_only_while_it_is_spam(lane: Any, action: str, then: str) -> None:
    shelf = Shelf(record(lane=lane))
    decided(shelf, action)
    assert shelf.record
    assert shelf.record.lane == then


def history(moves: list[str]) -> list[Entry]:
    shelf = Shelf(record())
    for number, action in enumerate(moves):
        decided(shelf, action, number=number)
    return shelf.entries


def holds(entries: list[Entry]) -> bool:
    previous = None
    for entry in entries:
        if entry.previous != previous or entry.hash != chained(previous, entry.decision, entry.circumstances):
            return False
        previous = entry.hash
    return True


ROUND = ["approve", "reject", "spam", "restore", "delete", "restore", "approve"]


def test_the_log_of_a_comment_is_a_chain() -> None:
    entries = history(ROUND)
    assert len(entries) == len(ROUND)
    assert holds(entries)


@given(
    place=st.integers(0, len(ROUND) - 1),
    change=st.sampled_from(
        [
            {"by": "mallory"},
            {"note": "never written"},
            {"reason": ""},
            {"action": "delete", "to": "deleted"},
            {"revision": 9},
            {"comment_id": "another"},
            {"at": NOW - timedelta(days=1)},
            {"id": "another"},
        ]
    ),
)
def test_a_changed_entry_breaks_the_chain(place: int, change: dict[str, Any]) -> None:
    entries = history(ROUND)
    old = entries[place]
    changed = replace(old.decision, **change)
    if changed == old.decision:
        return
    assert not holds([*entries[:place], replace(old, decision=changed), *entries[place + 1 :]])
    # One who writes its hash anew as well breaks the chain at the next entry.
    forged = Entry.after(old.previous, changed)
    assert place == len(ROUND) - 1 or not holds([*entries[:place], forged, *entries[place + 1 :]])


@given(place=st.integers(0, len(ROUND) - 2))
def test_a_missing_or_moved_entry_breaks_the_chain(place: int) -> None:
    entries = history(ROUND)
    assert not holds([*entries[:place], *entries[place + 1 :]])
    assert not holds([*entries[:place], entries[place + 1], entries[place], *entries[place + 2 :]])


def test_undoing_a_decision_does_not_change_its_hash() -> None:
    plain = decision(record(), "approve")
    assert chained(None, replace(plain, undone=True)) == chained(None, plain)


@pytest.mark.parametrize(
    "ruling",
    [
        {"action": "publish", "revision": 1},
        {"action": "approve"},
        {"action": "approve", "revision": 0},
        {"action": "approve", "revision": 1.5},
        {"action": "approve", "revision": "1"},
        {"action": "approve", "revision": True},
        {"action": "approve", "revision": 1, "note": "a\x00b"},
        {"action": "approve", "revision": 1, "reason": "r" * 201},
        {"action": "approve", "revision": 1, "by": "somebody else"},
    ],
)
def test_a_ruling_that_is_none_is_refused(ruling: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Ruling.model_validate(ruling)


def test_every_conflict_is_one_for_http() -> None:
    assert issubclass(AlreadyDecided, Conflict)
    assert issubclass(MoveNotAllowed, Conflict)


@dataclass
class Rules:
    """One policy and its log: fulfils PolicyStore but for the cached read."""

    row: PolicyRow = field(default_factory=lambda: PolicyRow(DEFAULT, 0, SiteRow(None, None)))
    entries: list[Entry] = field(default_factory=list)
    trouble: list[Any] = field(default_factory=list)

    def policy_row(self, change: Change | None, _now: object) -> PolicyRow:
        is_done = any(change and entry.decision.id == change.id for entry in self.entries)
        return replace(self.row, site=replace(self.row.site, is_done=is_done))

    def keep_policy(self, policy: Policy, version: int, entry: Entry, done: Done | None) -> None:
        trouble = self.trouble.pop(0) if self.trouble else None
        if callable(trouble):
            trouble()
        taken = any(old.decision.id == entry.decision.id for old in self.entries)
        if version != self.row.version or taken:
            raise Stale
        earlier = Earlier(done.once.digest, done.answer) if done else None
        self.row = PolicyRow(policy, version + 1, SiteRow(entry.hash, earlier))
        self.entries.append(entry)
        if isinstance(trouble, Exception):
            raise trouble


def patched(rules: Rules, patch: object, *, by: str = "ben", number: int = 7, key: Once | None = None) -> Policy:
    at = NOW + timedelta(hours=number)
    store = cast("PolicyStore", rules)
    return patch_policy(store, patch, by, once=key, now=at, randomness=number, pause=lambda _attempt: None)


def test_a_change_of_the_policy_is_logged_with_its_patch() -> None:
    rules = Rules()
    assert patched(rules, {"mode": "trust"}).mode == "trust"
    (entry,) = rules.entries
    assert (entry.decision.action, entry.decision.by, entry.decision.revision) == ("policy", "ben", 1)
    assert json.loads(entry.decision.note or "") == {"mode": "trust"}
    assert holds(rules.entries)


def test_two_changes_at_once_both_take_effect() -> None:
    rules = Rules()
    rules.trouble = [lambda: patched(rules, {"trust_after": 9}, by="ann", number=1)]
    policy = patched(rules, {"mode": "trust"}, number=2)
    assert (policy.mode, policy.trust_after) == ("trust", 9)
    assert holds(rules.entries)
    assert [entry.decision.by for entry in rules.entries] == ["ann", "ben"]


@pytest.mark.parametrize("key", [None, once()])
def test_a_change_whose_answer_was_lost_is_made_once(key: Once | None) -> None:
    rules = Rules(trouble=[Stale("unknown outcome")])
    assert patched(rules, {"mode": "open"}, key=key).mode == "open"
    assert len(rules.entries) == 1


def test_a_patch_that_leads_to_no_policy_writes_nothing() -> None:
    rules = Rules()
    with pytest.raises(ValidationError):
        patched(rules, {"mode": "anything"})
    assert rules == Rules()


def test_a_policy_that_always_changes_is_refused_for_now() -> None:
    rules = Rules()

    def collide() -> None:
        raise Stale

    rules.trouble = [collide] * changes.ATTEMPTS
    with pytest.raises(Unavailable):
        patched(rules, {"mode": "open"})
    assert rules.entries == []
