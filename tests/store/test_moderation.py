from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest

from chalicelib.audit import Action, Entry, Line, Sought, chained
from chalicelib.comments import Record
from chalicelib.dynamodb import DynamoStores, open_stores
from chalicelib.dynamodb import moderation as moderation_store
from chalicelib.dynamodb import queue as queue_store
from chalicelib.errors import AlreadyDecided, Stale, Unavailable
from chalicelib.moderation import Ruled, Tray, Wanted
from chalicelib.once import KEPT_SECONDS, Done, Earlier
from chalicelib.settings import Settings
from chalicelib.spam import Finding, Thresholds, Verdict
from tests.faults import Fault, counted, injected
from tests.samples import NOW, decision, once, record, reply_to
from tests.store.conftest import Shelf, at_once, succeeds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# moto copies its whole table for each transaction: with so many comments, calls would time out.
pytestmark = pytest.mark.usefixtures("engine")

DONE = Done(once(), "the answer", int(NOW.timestamp()) + KEPT_SECONDS)


def ruled(before: Record, action: Action, number: int = 1, by: str = "ann") -> Ruled:
    entry = Entry.after(before.head, decision(before, action, number, by=by))
    state = entry.decision.to
    assert state
    after = replace(
        before,
        state=state,
        version=before.version + 1,
        decision=entry.decision.id,
        head=entry.hash,
        was_public=before.was_public or state == "approved",
    )
    return Ruled(before, after, entry)


def public(shelf: Shelf) -> tuple[list[str], int]:
    page = shelf.stores.threads.first_page("article", 50, NOW)
    return [comment.id for comment in page.comments], page.approved


def listed(shelf: Shelf, tray: Tray, limit: int = 50, article: str | None = None) -> list[str]:
    found: list[str] = []
    after = None
    for _ in range(100):
        items, after = shelf.stores.queue.page(Wanted(tray, article_id=article), limit, after, NOW)
        assert len(items) <= limit
        found += [item.comment.id for item in items]
        if after is None:
            return found
    pytest.fail("the pages do not end")


def test_a_comment_nobody_wrote(stores: DynamoStores) -> None:
    case = stores.moderation.look("nothing", once(), NOW)
    assert (case.record, case.earlier) == (None, None)
    assert stores.moderation.case_file("nothing", NOW) is None
    assert stores.moderation.entry(decision(record(), "approve").id) is None


def test_a_decision_moves_record_page_counts_queue_and_log_together(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    approval = ruled(comment, "approve")
    shelf.stores.moderation.decide(approval, DONE)
    assert shelf.get(comment) == approval.after
    assert public(shelf) == ([comment.id], 1)
    assert (listed(shelf, "pending"), listed(shelf, "approved")) == ([], [comment.id])
    assert shelf.stores.moderation.entry(approval.entry.decision.id) == approval.entry
    assert shelf.stores.moderation.look(comment.id, once(), NOW).earlier == Earlier("digest", "the answer")
    rejection = ruled(approval.after, "reject", 2)
    shelf.stores.moderation.decide(rejection, None)
    assert public(shelf) == ([], 0)
    assert (listed(shelf, "approved"), listed(shelf, "rejected")) == ([], [comment.id])
    file = shelf.stores.moderation.case_file(comment.id, NOW)
    assert file
    assert file.history == [Line.of(approval.entry), Line.of(rejection.entry)]
    assert (file.author.approved, file.author.rejected) == (0, 1)


def test_a_decision_on_what_has_changed_is_stale_and_changes_nothing(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    first = ruled(comment, "reject")
    shelf.stores.moderation.decide(first, None)
    late = ruled(comment, "approve", 2)
    with pytest.raises(Stale):
        shelf.stores.moderation.decide(late, None)
    assert shelf.get(comment) == first.after
    assert public(shelf) == ([], 0)
    assert shelf.stores.moderation.entry(late.entry.decision.id) is None


def test_a_used_key_stops_the_whole_decision(shelf: Shelf) -> None:
    one, other = record(1), record(2)
    shelf.keep(one, other)
    shelf.stores.moderation.decide(ruled(one, "approve", 1), DONE)
    with pytest.raises(Stale):
        shelf.stores.moderation.decide(ruled(other, "approve", 2), DONE)
    assert public(shelf) == ([one.id], 1)


def test_a_log_entry_is_never_written_over(shelf: Shelf) -> None:
    one, other = record(1), record(2)
    shelf.keep(one, other)
    first = ruled(one, "approve", 1)
    shelf.stores.moderation.decide(first, None)
    second = ruled(other, "approve", 1)
    assert second.entry.decision.id == first.entry.decision.id
    with pytest.raises(Stale):
        shelf.stores.moderation.decide(second, None)
    assert shelf.stores.moderation.entry(first.entry.decision.id) == first.entry
    assert public(shelf) == ([one.id], 1)


def test_of_many_decisions_at_once_one_is_kept(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    actions = cast("list[Action]", ["approve", "reject", "spam", "delete"] * 5)
    rulings = [ruled(comment, action, number) for number, action in enumerate(actions, 1)]
    won = at_once([lambda each=each: succeeds(lambda: shelf.stores.moderation.decide(each, None)) for each in rulings])
    assert won.count(True) == 1
    winner = rulings[won.index(True)]
    assert shelf.get(comment) == winner.after
    entries = [shelf.stores.moderation.entry(each.entry.decision.id) for each in rulings]
    assert [entry for entry in entries if entry] == [winner.entry]
    assert public(shelf)[1] == (winner.after.state == "approved")


def test_of_two_moderators_who_read_the_same_the_later_learns_who_was_first(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    shelf.move(comment, "approve", 1, by="ann")
    for action in ("approve", "restore"):
        with pytest.raises(AlreadyDecided, match="approved by ann at 2026-11-23 12:31:15 UTC"):
            shelf.move(comment, cast("Action", action), 2, by="ben")


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "conflict", "internal"])
def test_a_decision_that_may_have_failed_is_stale_and_made_once_or_not_at_all(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    comment = record()
    hasty.keep(comment)
    approval = ruled(comment, "approve")
    with injected(hasty_client, {("TransactWriteItems", fault): 1}), pytest.raises(Stale):
        hasty.stores.moderation.decide(approval, None)
    assert hasty.get(comment) == (approval.after if fault == "lost" else comment)
    assert public(hasty)[1] == int(fault == "lost")


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "conflict", "internal"])
def test_a_moderator_hears_one_answer_whatever_fails_at_first(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    comment = record()
    hasty.keep(comment)
    with injected(hasty_client, {("TransactWriteItems", fault): 0.6}, seed=9) as faults:
        for number in range(6):
            hasty.move(comment, "reject" if number % 2 else "approve", number)
    assert sum(faults.injected.values()) > 2
    file = hasty.stores.moderation.case_file(comment.id, NOW)
    assert file
    assert [each.action for each in file.history] == ["approve", "reject"] * 3
    assert public(hasty) == ([], 0)


def chain(shelf: Shelf, comment: Record) -> list[Entry]:
    file = shelf.stores.moderation.case_file(comment.id, NOW)
    assert file
    entries = [shelf.stores.moderation.entry(each.id) for each in file.history]
    return [entry for entry in entries if entry]


def test_the_kept_log_is_a_chain_that_shows_a_change(
    shelf: Shelf, table_client: "DynamoDBClient", settings: Settings
) -> None:
    comment = record()
    shelf.keep(comment)
    for number, action in enumerate(("approve", "spam", "restore", "delete"), 1):
        shelf.move(comment, cast("Action", action), number)

    def holds() -> bool:
        previous = None
        for entry in chain(shelf, comment):
            if (entry.previous, entry.hash) != (previous, chained(previous, entry.decision, entry.circumstances)):
                return False
            previous = entry.hash
        return previous == shelf.get(comment).head

    assert len(chain(shelf, comment)) == 4
    assert holds()
    second = chain(shelf, comment)[1].decision
    table_client.update_item(
        TableName=settings.table,
        Key={"pk": {"S": shelf.stores.connection.keys.log("2026-11")}, "sk": {"S": second.id}},
        UpdateExpression="SET #by = :by",
        ExpressionAttributeNames={"#by": "by"},
        ExpressionAttributeValues={":by": {"S": "mallory"}},
    )
    assert chain(shelf, comment)[1].decision.by == "mallory"
    assert not holds()


def test_the_queue_is_urgent_first_then_oldest_on_pages_of_any_size(shelf: Shelf) -> None:
    lanes = ["pending", "urgent", "pending", "reported", "urgent", "pending"]
    waiting = [record(number, lane=lane) for number, lane in enumerate(lanes, 1)]
    shelf.keep(*reversed(waiting), record(7, state="spam", lane="spam"), record(8, state="approved"))
    expected = [record(number).id for number in (2, 5, 4, 1, 3, 6)]
    for limit in (1, 2, 5, 6, 7):
        assert listed(shelf, "pending", limit) == expected
    assert listed(shelf, "urgent", 1) == [record(2).id, record(5).id]
    assert listed(shelf, "reported") == [record(4).id]
    assert listed(shelf, "spam") == [record(7).id]
    assert listed(shelf, "approved") == [record(8).id]


def test_the_queue_of_one_article_is_found_among_many(shelf: Shelf) -> None:
    mine = [3, 11, 12, 27, 30]
    shelf.keep(*[record(number, article_id="mine" if number in mine else f"other {number}") for number in range(1, 31)])
    for limit in (1, 2, 5, 50):
        assert listed(shelf, "pending", limit, "mine") == [record(number).id for number in mine]
    assert listed(shelf, "pending", 1, "nobody's") == []


def test_an_item_brings_what_it_takes_to_decide(shelf: Shelf) -> None:
    verdict = Verdict(60, "hold", Thresholds(), (Finding("links", 60, "Many links.", ((1, 2),)),))
    root = record(1)
    reply = reply_to(root, 2, author=root.author, verdict=verdict)
    shelf.keep(root)
    shelf.move(root, "approve")
    shelf.keep(reply)
    ((item,), _) = shelf.stores.queue.page(Wanted(), 9, None, NOW)
    assert (item.verdict, item.state, item.lane, item.waiting_since) == (
        verdict,
        "pending",
        "pending",
        reply.created_at,
    )
    assert item.parent == root.public
    assert (item.author.comments, item.author.approved) == (2, 1)
    assert (item.comment.email, item.comment.article_id, item.comment.text) == (reply.email, "article", reply.text)


def test_what_is_past_its_time_is_in_no_tray(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    shelf.move(comment, "delete")
    assert listed(shelf, "deleted") == [comment.id]
    gone = NOW + timedelta(days=31)
    assert shelf.stores.queue.page(Wanted("deleted"), 9, None, gone) == ([], None)


def test_trays_are_counted_and_the_count_is_kept_for_seconds(
    shelf: Shelf,
    table_client: "DynamoDBClient",
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf.keep(
        *[record(number) for number in (1, 2, 3)], record(4, lane="urgent"), record(5, state="spam", lane="spam")
    )
    counts = {"pending": 4, "urgent": 1, "reported": 0, "spam": 1}
    assert shelf.stores.queue.counts() == counts
    Shelf(open_stores(table_client, settings)).move(record(4), "reject")
    with counted(table_client) as calls:
        assert shelf.stores.queue.counts() == counts
    assert not calls
    monkeypatch.setattr(queue_store, "COUNTS_FRESH_SECONDS", 0)
    assert shelf.stores.queue.counts() == {**counts, "pending": 3, "urgent": 0}


def test_who_decides_sees_new_counts_at_once(shelf: Shelf) -> None:
    shelf.keep(record(1), record(2))
    assert shelf.stores.queue.counts()["pending"] == 2
    shelf.move(record(1), "approve")
    assert shelf.stores.queue.counts()["pending"] == 1


def test_trays_are_counted_up_to_a_bound(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_store, "COUNTED_TO", 3)
    shelf.keep(*[record(number) for number in range(1, 6)])
    assert shelf.stores.queue.counts()["pending"] == 3


def test_the_log_is_read_newest_first_over_months(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    days = (1, 20, 40, 70, 71, 130)
    for number, day in enumerate(days):
        shelf.move(comment, "reject" if number % 2 else "approve", minutes=day * 1440)
    now = NOW + timedelta(days=200)
    for limit in (1, 2, 5, 6, 7):
        found: list[int] = []
        after = None
        while True:
            page, after = shelf.stores.audits.log(Sought(), limit, after, now)
            found += [(each.decision.at - NOW).days for each in page]
            if after is None:
                break
        assert found == sorted(days, reverse=True)


def test_only_the_newest_hundred_decisions_on_a_comment_are_shown(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation_store, "HISTORY", 3)
    comment = record()
    shelf.keep(comment)
    for number in range(1, 6):
        shelf.move(comment, "approve" if number % 2 else "reject", number)
    file = shelf.stores.moderation.case_file(comment.id, NOW)
    assert file
    assert [(each.at - NOW).seconds // 60 for each in file.history] == [3, 4, 5]


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "internal"])
def test_a_read_without_an_answer_is_unavailable(hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault) -> None:
    stores = hasty.stores
    with injected(hasty_client, {("*", fault): 1}):
        for call in (
            lambda: stores.moderation.look("id", None, NOW),
            lambda: stores.queue.page(Wanted(), 9, None, NOW),
            stores.queue.counts,
            lambda: stores.audits.log(Sought(), 9, None, NOW),
            lambda: stores.moderation.case_file("id", NOW),
        ):
            with pytest.raises(Unavailable):
                call()
