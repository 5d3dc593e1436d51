from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.audit import BY_REPORTS, Action, chained
from chalicelib.comments import Record
from chalicelib.errors import Conflict, MoveNotAllowed, NotFound, Stale, Unavailable
from chalicelib.moderation import CaseFile, Complaint, QueueItem, Ruling, Tray, Wanted, decide
from chalicelib.once import KEPT_SECONDS, Done, Earlier, Once
from chalicelib.recount import recount
from chalicelib.reports import Change, Docket, Filed, Received, Report, Wish, report
from tests.faults import Fault, counted, injected
from tests.samples import NOW, once, record, reply_to
from tests.store.conftest import Shelf, at_once

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.usefixtures("engine")

ABUSE = Report(reason="abuse")
AT = NOW.replace(microsecond=0)
DONE = Done(once(), "{}", int(NOW.timestamp()) + KEPT_SECONDS)
UNSURE: dict[tuple[str, Fault], float] = {
    ("TransactWriteItems", "lost"): 0.2,
    ("TransactWriteItems", "conflict"): 0.1,
    ("TransactWriteItems", "throttle"): 0.1,
}
_numbers = count()


def published(number: int = 1, **changes: Any) -> Record:
    return record(number, state="approved", was_public=True, **changes)


def send(
    shelf: Shelf,
    comment: Record,
    reporter: str = "ada",
    said: Report | None = ABUSE,
    *,
    seconds: int = 0,
    to_hide: int = 99,
    key: Once | None = None,
) -> Received:
    return report(
        shelf.stores.reports,
        comment.id,
        reporter,
        Wish(said, lambda _article: to_hide, next(_numbers)),
        once=key,
        now=AT + timedelta(seconds=seconds),
        pause=lambda _attempt: None,
    )


def insist(shelf: Shelf, comment: Record, reporter: str, said: Report | None, to_hide: int = 99) -> str:
    """Send a report until it is answered, as a good client does."""
    while True:
        try:
            return send(shelf, comment, reporter, said, to_hide=to_hide).status
        except Unavailable:
            continue
        except NotFound:
            return "not found"


def decided(shelf: Shelf, comment: Record, action: Action, minutes: int = 1, revision: int = 1) -> None:
    decide(
        shelf.stores.moderation,
        comment.id,
        Ruling(action=action, revision=revision),
        "ann",
        once=None,
        now=AT + timedelta(minutes=minutes),
        randomness=next(_numbers),
        pause=lambda _attempt: None,
    )


def look(shelf: Shelf, comment: Record, reporter: str = "ada") -> Docket:
    return shelf.stores.reports.look(comment.id, reporter, None, NOW)


def queue(shelf: Shelf, tray: Tray = "pending") -> list[QueueItem]:
    items, after = shelf.stores.queue.page(Wanted(tray), 50, None, NOW)
    assert after is None
    return items


def case(shelf: Shelf, comment: Record) -> CaseFile:
    file = shelf.stores.moderation.case_file(comment.id, NOW)
    assert file
    return file


def public(shelf: Shelf) -> tuple[list[str], int]:
    page = shelf.stores.threads.first_page("article", 50, NOW)
    return [comment.id for comment in page.comments], page.approved


def ids(records: Sequence[Record]) -> list[str]:
    return [each.id for each in records]


def check(shelf: Shelf, comment: Record, reports: int) -> None:
    """Assert that the comment counts this many open reports, and that there are as many."""
    connection, now = shelf.stores.connection, shelf.get(comment)
    filed = list(connection.walk(connection.keys.reports(comment.id)))
    assert now.reports == sum(1 for item in filed if item["round"] == now.round) == reports
    assert len(now.reporters) <= 3
    recounts = shelf.stores.recounts
    found = recount(recounts, recounts.key_of("article"), repair=False, pause=lambda _attempt: None)
    assert (found.outcome, found.differences) == ("exact", ())


def test_nobody_reported_yet(shelf: Shelf) -> None:
    comment = published()
    assert look(shelf, comment) == Docket(None, None, None)
    shelf.keep(comment)
    assert look(shelf, comment) == Docket(comment, None, None)


def test_a_report_comes_back_as_it_was(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    send(shelf, comment, said=Report(reason="dosing", note="Line one\n薬 <b>two</b>"), seconds=5, key=once())
    docket = shelf.stores.reports.look(comment.id, "ada", once(), NOW)
    assert docket.mine == Filed("dosing", "Line one\n薬 <b>two</b>", AT + timedelta(seconds=5), 1, 0)
    assert docket.earlier == Earlier("digest", "{}")
    assert docket.record == replace(
        comment,
        version=2,
        lane="reported",
        reports=1,
        reporters=("ada",),
        reported_at=AT + timedelta(seconds=5),
    )
    assert docket.is_open
    assert look(shelf, comment, "ben").mine is None
    check(shelf, comment, 1)


def test_a_report_brings_a_public_comment_into_the_queue_and_leaves_it_public(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    assert queue(shelf) == []
    send(shelf, comment, said=Report(reason="privacy", note="My address."), seconds=5)
    assert public(shelf) == ([comment.id], 1)
    for tray in ("pending", "reported"):
        (item,) = queue(shelf, tray)
        assert (item.state, item.lane, item.waiting_since) == ("approved", "reported", AT + timedelta(seconds=5))
        assert item.reports == [Complaint("privacy", "My address.", AT + timedelta(seconds=5), 1, open=True)]
    assert shelf.stores.queue.counts() == {"pending": 1, "urgent": 0, "reported": 1, "spam": 0}
    assert queue(shelf, "approved") == []
    send(shelf, comment, said=None)
    assert queue(shelf) == []
    assert [item.comment.id for item in queue(shelf, "approved")] == [comment.id]
    check(shelf, comment, 0)


def test_the_queue_is_urgent_then_first_reported_then_oldest(shelf: Shelf) -> None:
    reported = [published(number) for number in (1, 2, 3)]
    urgent = [published(4, lane="urgent"), record(5, lane="urgent")]
    waiting = [record(6), record(7)]
    shelf.keep(*reported, *urgent, *waiting)
    for second, comment in enumerate((reported[2], reported[0], urgent[0], reported[1], reported[2]), 20):
        send(shelf, comment, f"reader {second}", seconds=second)
    expected = ids([urgent[1], urgent[0], reported[2], reported[0], reported[1], *waiting])
    assert [item.comment.id for item in queue(shelf)] == expected
    assert [item.comment.id for item in queue(shelf, "reported")] == ids([reported[2], reported[0], reported[1]])
    assert [item.comment.id for item in queue(shelf, "urgent")] == ids([urgent[1], urgent[0]])
    found, after = [], None
    while True:
        items, after = shelf.stores.queue.page(Wanted(), 2, after, NOW)
        found += [item.comment.id for item in items]
        if after is None:
            break
    assert found == expected


def test_the_queue_shows_the_three_newest_reports(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    for second in range(6):
        send(shelf, comment, f"reader {second}", Report(reason=f"reason {second}"), seconds=second)
    (item,) = queue(shelf)
    assert [each.reason for each in item.reports] == ["reason 5", "reason 4", "reason 3"]
    assert item.waiting_since == AT
    send(shelf, comment, "reader 5", None)
    (item,) = queue(shelf)
    assert [each.reason for each in item.reports] == ["reason 4", "reason 3"]
    check(shelf, comment, 5)


def test_as_many_reports_as_it_takes_hide_a_comment_and_all_that_counts_it(shelf: Shelf) -> None:
    comment, other = published(1), published(2)
    shelf.keep(comment, other)
    for second, reporter in enumerate(("ada", "ben", "cy")):
        send(shelf, comment, reporter, seconds=second, to_hide=3)
    assert public(shelf) == ([other.id], 1)
    (item,) = queue(shelf)
    assert (item.state, item.lane, item.comment.id) == ("pending", "reported", comment.id)
    assert (item.author.comments, item.author.approved, item.author.rejected) == (1, 0, 0)
    (hidden,) = case(shelf, comment).history
    assert (hidden.action, hidden.from_, hidden.to, hidden.by) == ("hide", "approved", "pending", BY_REPORTS)
    assert (hidden.revision, hidden.note) == (1, "3 reports")
    entry = shelf.stores.moderation.entry(hidden.id)
    assert entry
    assert (entry.previous, entry.hash) == (None, chained(None, hidden, entry.circumstances))
    assert shelf.get(comment).head == entry.hash
    with pytest.raises(NotFound):
        send(shelf, comment, "dee", to_hide=3)
    check(shelf, comment, 3)
    decided(shelf, comment, "approve")
    assert public(shelf) == ([other.id, comment.id], 2)
    assert case(shelf, comment).author.approved == 1
    check(shelf, comment, 0)


def test_a_hidden_root_leaves_its_replies_and_finds_them_again(shelf: Shelf) -> None:
    root = published(1)
    reply = reply_to(root, 2, state="approved", was_public=True)
    shelf.keep(root, reply)
    send(shelf, root, to_hide=1)
    assert public(shelf) == ([reply.id], 1)
    decided(shelf, root, "approve")
    for sort in ("newest", "oldest", "best"):
        found, _ = shelf.stores.threads.page("article", sort, 9, None)
        assert [comment.id for comment in found] == [root.id, reply.id]
    send(shelf, reply, to_hide=1)
    assert public(shelf) == ([root.id], 1)


def test_to_approve_what_is_public_and_reported_keeps_it_public_and_is_one_line_in_the_log(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    send(shelf, comment)
    decided(shelf, comment, "approve")
    assert public(shelf) == ([comment.id], 1)
    assert queue(shelf) == []
    file = case(shelf, comment)
    (decision,) = file.history
    assert (decision.action, decision.from_, decision.to, decision.by) == ("approve", "approved", "approved", "ann")
    assert (file.author.approved, [each.open for each in file.reports], file.lane) == (1, [False], "pending")
    check(shelf, comment, 0)


def test_to_approve_what_is_public_and_was_not_reported_is_refused(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    with pytest.raises(MoveNotAllowed, match="approved"):
        decided(shelf, comment, "approve")
    send(shelf, comment)
    send(shelf, comment, said=None)
    with pytest.raises(MoveNotAllowed):
        decided(shelf, comment, "approve")
    assert case(shelf, comment).history == []


@pytest.mark.parametrize(
    ("action", "then"), [("approve", "approved"), ("reject", "rejected"), ("spam", "spam"), ("delete", "deleted")]
)
@pytest.mark.parametrize("to_hide", [2, 9])
def test_every_decision_answers_all_reports_so_far(shelf: Shelf, to_hide: int, action: Action, then: str) -> None:
    comment = published()
    shelf.keep(comment)
    for reporter in ("ada", "ben"):
        send(shelf, comment, reporter, to_hide=to_hide)
    decided(shelf, comment, action)
    after = shelf.get(comment)
    assert (after.state, after.reports, after.reporters, after.reported_at, after.round) == (then, 0, (), None, 1)
    assert queue(shelf) == []
    assert not look(shelf, comment).is_open
    check(shelf, comment, 0)


def test_answered_reports_count_again_only_on_another_text(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    send(shelf, comment)
    decided(shelf, comment, "approve")
    send(shelf, comment, seconds=70)
    send(shelf, comment, "ben", seconds=71)
    check(shelf, comment, 1)
    decided(shelf, comment, "approve", 2)
    standing = shelf.get(comment)
    revised = replace(standing, revision=2, version=standing.version + 1)
    # An edit through its own port is in test_edits.py; here only the revision matters.
    connection = shelf.stores.connection
    connection.transact(
        [
            connection.change(
                connection.keys.comment(comment.id), "P", "SET #rev = :rev, #ver = :ver", rev=2, ver=revised.version
            )
        ]
    )
    send(shelf, comment, seconds=150)
    assert look(shelf, comment).mine == Filed("abuse", None, AT + timedelta(seconds=150), 2, 2)
    check(shelf, comment, 1)


def test_an_answered_report_is_taken_back_without_a_trace(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    send(shelf, comment)
    decided(shelf, comment, "reject")
    before = shelf.get(comment)
    assert send(shelf, comment, said=None).status == "withdrawn"
    # Only undoing that decision is over: it would bring back a report that is gone.
    assert shelf.get(comment) == replace(before, version=before.version + 1, replaced=None)
    assert look(shelf, comment).mine is None
    check(shelf, comment, 0)


def test_a_report_is_two_calls_and_the_same_one_again_is_one(shelf: Shelf, table_client: "DynamoDBClient") -> None:
    comment = published()
    shelf.keep(comment)
    with counted(table_client) as calls:
        send(shelf, comment, key=once())
    assert calls == {"BatchGetItem": 1, "TransactWriteItems": 1}
    with counted(table_client) as calls:
        send(shelf, comment)
    assert calls == {"BatchGetItem": 1}


def test_many_reporters_at_once_are_all_counted(hasty: Shelf, hasty_client: "DynamoDBClient") -> None:
    comment = published()
    hasty.keep(comment)
    with injected(hasty_client, UNSURE, seed=3) as faults:
        answers = at_once([lambda n=n: insist(hasty, comment, f"reader {n}", ABUSE) for n in range(32)])
    assert faults.injected.total() > 10
    assert set(answers) == {"received"}
    check(hasty, comment, 32)


@pytest.mark.parametrize("to_hide", [1, 5])
def test_of_many_at_once_exactly_so_many_hide_it_once(shelf: Shelf, to_hide: int) -> None:
    comment = published()
    shelf.keep(comment)
    answers = at_once([lambda n=n: insist(shelf, comment, f"reader {n}", ABUSE, to_hide) for n in range(16)])
    assert (answers.count("received"), answers.count("not found")) == (to_hide, 16 - to_hide)
    assert [each.action for each in case(shelf, comment).history] == ["hide"]
    assert public(shelf) == ([], 0)
    check(shelf, comment, to_hide)


def test_one_reader_twenty_times_at_once_is_one_report(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    assert set(at_once([lambda: insist(shelf, comment, "ada", ABUSE)] * 20)) == {"received"}
    check(shelf, comment, 1)
    assert set(at_once([lambda: insist(shelf, comment, "ada", None)] * 20)) == {"withdrawn"}
    check(shelf, comment, 0)


def test_reports_that_meet_decisions_are_counted_or_answered(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)

    def approve() -> str:
        for minute in range(5):
            try:
                decided(shelf, comment, "approve", minute)
            except (Conflict, Unavailable):
                continue
        return "decided"

    def come_and_go(number: int) -> str:
        for said in (ABUSE, None, ABUSE):
            insist(shelf, comment, f"reader {number}", said)
        return "sent"

    at_once([approve, *[lambda n=n: come_and_go(n) for n in range(15)], approve])
    open_ = sum(look(shelf, comment, f"reader {number}").is_open for number in range(15))
    check(shelf, comment, open_)
    assert len(case(shelf, comment).history) == shelf.get(comment).round


def test_a_report_on_what_was_seen_differently_is_stale_and_counts_nothing(shelf: Shelf) -> None:
    comment = published()
    shelf.keep(comment)
    seen, bens = look(shelf, comment), look(shelf, comment, "ben")
    send(shelf, comment)
    store, after = shelf.stores.reports, shelf.get(comment)
    for docket, reporter in ((seen, "ada"), (bens, "ben")):
        with pytest.raises(Stale):
            store.move(docket, Change(after, Filed("abuse", None, AT, 1, 0)), reporter, DONE, NOW)
    assert store.look(comment.id, "ben", once(), NOW) == Docket(after, None, None)
    check(shelf, comment, 1)


def test_a_used_key_stops_the_whole_report(shelf: Shelf) -> None:
    one, other = published(1), published(2)
    shelf.keep(one, other)
    send(shelf, one, key=once())
    docket = look(shelf, other)
    assert docket.record
    with pytest.raises(Stale):
        shelf.stores.reports.move(docket, Change(other, Filed("abuse", None, AT, 1, 0)), "ada", DONE, NOW)
    with pytest.raises(Stale):
        shelf.stores.reports.remember(DONE, NOW)
    assert look(shelf, other) == docket
    check(shelf, one, 1)


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "conflict", "internal"])
@pytest.mark.parametrize("to_hide", [1, 9])
def test_a_report_counts_once_whatever_fails_at_first(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault, to_hide: int
) -> None:
    comments = [published(number) for number in range(1, 7)]
    hasty.keep(*comments)
    with injected(hasty_client, {("TransactWriteItems", fault): 0.6}, seed=9) as faults:
        for number, comment in enumerate(comments):
            key = once(f"key {number}") if number % 2 else None
            assert send(hasty, comment, to_hide=to_hide, key=key).status == "received"
            assert send(hasty, comment, to_hide=to_hide, key=key).status == "received"
    assert faults.injected.total() > 2
    for comment in comments:
        check(hasty, comment, 1)
        assert len(case(hasty, comment).history) == int(to_hide == 1)
    assert public(hasty)[1] == (0 if to_hide == 1 else 6)
    with injected(hasty_client, {("TransactWriteItems", fault): 0.6}, seed=9):
        for comment in comments:
            assert send(hasty, comment, said=None, to_hide=to_hide).status == "withdrawn"
    for comment in comments:
        check(hasty, comment, 0)


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "internal"])
def test_a_read_without_an_answer_is_unavailable(hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault) -> None:
    with injected(hasty_client, {("*", fault): 1}), pytest.raises(Unavailable):
        hasty.stores.reports.look("id", "ada", None, NOW)
