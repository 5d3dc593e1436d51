from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.audit import BY_AUTHOR, BY_REPORTS, Entry
from chalicelib.learning import Exclusion, recent
from chalicelib.learning.standing import MOST_READ, SPAM_GROUND, standing
from chalicelib.moderation import GROUNDS
from tests.samples import NOW, decision, record

COMMENT = record()


def chain(*steps: Any) -> list[Entry]:
    """Return entries about one comment: each step is (action, from), and more of the decision if need be."""
    entries: list[Entry] = []
    for number, (action, from_, *changes) in enumerate(steps, 1):
        made = decision(replace(COMMENT, state="pending"), "delete", number)
        made = replace(made, action=action, from_=from_, **(changes[0] if changes else {}))
        entries.append(Entry.after(entries[-1].hash if entries else None, made))
    return entries


@pytest.mark.parametrize(
    ("steps", "spam"),
    [
        ([("approve", "pending")], False),
        ([("spam", "pending")], True),
        ([("reject", "pending", {"reason": SPAM_GROUND})], True),
        ([("reject", "pending", {"reason": "abuse"})], None),
        ([("reject", "pending")], None),
        ([("delete", "pending")], None),
        ([("restore", "spam")], False),
        ([("restore", "rejected")], None),
        ([("approve", "pending"), ("spam", "approved")], True),
        ([("spam", "pending"), ("restore", "spam"), ("approve", "pending")], False),
        ([("spam", "pending"), ("delete", "spam")], True),
        ([("approve", "pending"), ("delete", "approved")], None),
        ([("approve", "pending"), ("reject", "approved", {"reason": "off-topic"})], None),
        ([("spam", "pending"), ("restore", "spam"), ("delete", "pending")], None),
    ],
)
def test_the_last_decision_that_says_something_stands(steps: list[Any], spam: bool | None) -> None:  # noqa: FBT001 - a case
    found = standing(COMMENT.id, chain(*steps))
    assert (found and found.spam) is spam


def test_the_ground_that_means_spam_is_one_that_moderators_choose_from() -> None:
    assert SPAM_GROUND in GROUNDS


@dataclass
class FakeLog:
    """A log, and nothing else that learning asks for."""

    log: list[Entry]
    read: int = 0

    def entries(self, _now: object) -> Iterator[Entry]:
        for entry in self.log:
            self.read += 1
            yield entry


def stands(log: list[Entry], *without: Exclusion, most: int = 1000) -> list[tuple[str, bool]]:
    newest_first = sorted(log, key=lambda entry: entry.decision.id, reverse=True)
    found = recent(FakeLog(newest_first), without, most, NOW)  # type: ignore[arg-type]
    return [(each.comment_id, each.spam) for each in found]


def about(number: int, action: str, minute: int | None = None, **changes: Any) -> Entry:
    comment = record(number)
    made = decision(comment, "delete", number if minute is None else minute)
    return Entry.after(None, replace(made, action=action, **changes))


def test_what_was_undone_and_what_nobody_decided_counts_nothing() -> None:
    log = [
        about(1, "approve", undone=True),
        about(2, "spam", by=BY_AUTHOR),
        about(3, "spam", by=BY_REPORTS),
        about(4, "undo"),
        about(5, "edit"),
        about(6, "policy", comment_id=None),
        about(7, "spam"),
    ]
    assert stands(log) == [(record(7).id, True)]


@pytest.mark.parametrize(
    ("without", "left"),
    [
        (Exclusion(by="BEN "), [1, 3]),
        (Exclusion(since=NOW + timedelta(minutes=2)), [1]),
        (Exclusion(until=NOW + timedelta(minutes=2)), [2, 3]),
        (Exclusion(by="ann", since=NOW + timedelta(minutes=2)), [1, 2]),
        (Exclusion(by="cleo"), [1, 2, 3]),
    ],
)
def test_a_streak_can_be_left_out(without: Exclusion, left: list[int]) -> None:
    log = [about(1, "spam"), about(2, "spam", by="Ben"), about(3, "spam")]
    assert [comment for comment, _ in stands(log, without)] == [record(number).id for number in left]


def test_what_stood_before_a_streak_that_is_left_out_stands_again() -> None:
    first, second = chain(("approve", "pending"), ("spam", "approved", {"by": "mallory"}))
    assert stands([first, second]) == [(COMMENT.id, True)]
    assert stands([first, second], Exclusion(by="mallory")) == [(COMMENT.id, False)]


def test_no_more_of_the_log_is_read_than_it_takes() -> None:
    log = FakeLog([about(number, "spam") for number in range(40, 0, -1)])
    assert len(recent(log, (), 5, NOW)) == 5  # type: ignore[arg-type]
    assert log.read == 5
    endless = FakeLog([about(1, "policy", comment_id=None)] * (MOST_READ + 10))
    assert recent(endless, (), 5, NOW) == []  # type: ignore[arg-type]
    assert endless.read == MOST_READ
