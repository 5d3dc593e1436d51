import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, cast

import pytest

from chalicelib.comments import Record
from chalicelib.dynamodb import queue as queue_store
from chalicelib.dynamodb.records import POINTER, RECORD, pointer_item, record_item, to_record
from chalicelib.errors import Conflict, NotFound, Stale, Unavailable
from chalicelib.moderation import QueueItem, QueueSort, Ruling, Tray, Wanted, decide, undo
from chalicelib.recount import recount
from chalicelib.reports import Report, Wish, report
from chalicelib.spam import Finding, Thresholds, Verdict
from tests.faults import counted, injected
from tests.samples import NOW, record, reply_to
from tests.store.conftest import Shelf
from tests.store.test_edits import edit_of, revise

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from chalicelib.audit import Action

# moto copies its whole table for each transaction: with so many comments, calls would time out.
pytestmark = pytest.mark.usefixtures("engine")

AT = NOW.replace(microsecond=0)
SORTS: tuple[QueueSort, ...] = ("oldest", "riskiest")


def weighed(score: int, *checks: str) -> Verdict:
    return Verdict(score, "hold", Thresholds(), tuple(Finding(check, 10, "Found.") for check in checks))


def put(shelf: Shelf, records: Sequence[Record]) -> None:
    """Keep records and their pointers as they are, many at once."""
    connection = shelf.stores.connection
    for start in range(0, len(records), 25):
        together = records[start : start + 25]
        items = [record_item(connection.keys, each, NOW) for each in together]
        connection.transact([connection.put(item) for item in items])
        pointers = [pointer_item(connection.keys, each) for each in together]
        steps = [connection.put(pointer) for pointer in pointers if pointer]
        if steps:
            connection.transact(steps)


def pages(shelf: Shelf, wanted: Wanted, limit: int) -> list[QueueItem]:
    """Return every item of a queue, page by page; none comes twice."""
    found: list[QueueItem] = []
    after = None
    for _ in range(200):
        items, after = shelf.stores.queue.page(wanted, limit, after, NOW)
        assert len(items) <= limit
        found += items
        if after is None:
            assert len({item.comment.id for item in found}) == len(found)
            return found
    pytest.fail("the pages do not end")


def ids(items: Sequence[QueueItem]) -> list[int]:
    return [int(item.comment.id) for item in items]


def test_the_riskiest_of_each_lane_comes_first_and_of_two_alike_the_one_that_has_waited_longer(shelf: Shelf) -> None:
    scores = {1: 10, 2: 90, 3: 10, 4: 0, 5: 99_999, 6: 200_000}
    waiting = [record(number, verdict=weighed(score)) for number, score in scores.items()]
    urgent = [record(7, lane="urgent", verdict=weighed(5)), record(8, lane="urgent", verdict=weighed(50))]
    reported = record(9, state="approved", was_public=True, lane="reported", reports=1, reported_at=AT)
    shelf.keep(*waiting, *urgent, reported, record(10, state="spam", lane="spam"), record(11, state="approved"))
    expected = [8, 7, 9, 5, 6, 2, 1, 3, 4]
    for limit in (1, 2, 5, 8, 9, 50):
        assert ids(pages(shelf, Wanted(sort="riskiest"), limit)) == expected
    assert ids(pages(shelf, Wanted("urgent", "riskiest"), 1)) == [8, 7]
    assert ids(pages(shelf, Wanted("reported", "riskiest"), 1)) == [9]


def test_an_item_is_the_same_in_every_order(shelf: Shelf) -> None:
    root = record(1, state="approved", was_public=True)
    reply = reply_to(root, 2, author=root.author, verdict=weighed(60, "links"), text="I have taken it for two years.")
    shelf.keep(root, reply)
    for reporter in ("ada", "ben"):
        send(shelf, root, reporter)
    by_time, by_risk = (pages(shelf, Wanted(sort=sort), 9) for sort in SORTS)
    assert by_time == by_risk
    (first, second) = by_risk
    assert [each.reason for each in first.reports] == ["abuse", "abuse"]
    assert (second.parent, second.language, second.author.comments) == (root.public, "en", 2)


@pytest.mark.parametrize("sort", SORTS)
def test_a_page_of_a_long_queue_is_one_query_and_one_batch(
    shelf: Shelf, table_client: "DynamoDBClient", sort: QueueSort
) -> None:
    waiting = [record(number, author=f"a{number % 7}", verdict=weighed(number % 90)) for number in range(1, 401)]
    put(shelf, waiting)
    after = None
    for _ in range(3):
        with counted(table_client) as calls:
            items, after = shelf.stores.queue.page(Wanted(sort=sort), 20, after, NOW)
        assert len(items) == 20
        assert calls == {"Query": 1, "BatchGetItem": 1}
    assert len(pages(shelf, Wanted(sort=sort), 50)) == 400


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({"article_id": "mine"}, range(5, 121, 5)),
        ({"author": "eve"}, range(7, 121, 7)),
        ({"author": f"{11:026d}"}, range(11, 121, 11)),
        ({"author": "0" * 26}, ()),
        ({"reason": "links"}, range(13, 121, 13)),
        ({"text": "NEEDLE"}, range(17, 121, 17)),
        ({"language": "ja"}, range(19, 121, 19)),
        ({"article_id": "mine", "author": "Eve"}, range(35, 121, 35)),
        ({"article_id": "nobody's"}, ()),
    ],
)
def test_filters_lose_and_repeat_nothing_over_pages(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, sort: QueueSort, filters: dict[str, Any], numbers: Sequence[int]
) -> None:
    monkeypatch.setattr(queue_store, "SEARCHED", 10)
    put(shelf, [_mixed(number) for number in range(1, 121)])
    for limit in (1, 3, 50):
        found = ids(pages(shelf, Wanted(sort=sort, **filters), limit))
        assert sorted(found) == list(numbers)
        assert sort == "riskiest" or found == sorted(found)


def _mixed(number: int) -> Record:
    text = "The needle in the hay." if number % 17 == 0 else f"Number {number}."
    return record(
        number,
        article_id="mine" if number % 5 == 0 else f"other {number}",
        name="Eve \uff2f." if number % 7 == 0 else None,
        author="eleven" if number % 11 == 0 else f"author {number}",
        verdict=weighed(number * 7 % 90, *(["links"] if number % 13 == 0 else [])),
        text="バクロフェンを飲んでいます。" if number % 19 == 0 else text,
    )


@pytest.mark.parametrize("sort", SORTS)
def test_a_filter_that_finds_nothing_reads_five_times_and_hands_out_where_to_go_on(
    shelf: Shelf, table_client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch, sort: QueueSort
) -> None:
    monkeypatch.setattr(queue_store, "SEARCHED", 3)
    put(shelf, [record(number) for number in range(1, 31)])
    with counted(table_client) as calls:
        items, after = shelf.stores.queue.page(Wanted(sort=sort, text="nowhere"), 20, None, NOW)
    assert (items, after is None) == ([], False)
    assert calls == {"Query": 5, **({"BatchGetItem": 5} if sort == "riskiest" else {})}


def test_an_index_that_lags_behind_shows_nothing_that_waits_no_more(shelf: Shelf) -> None:
    shelf.keep(record(1), record(2), record(3, lane="urgent"))
    connection, keys = shelf.stores.connection, shelf.stores.connection.keys
    pointer = pointer_item(keys, record(1))
    assert pointer
    shelf.move(record(1), "approve")
    # As the index still has it for a moment after the decision; and one whose record is not there at all.
    connection.transact([connection.put(pointer), connection.put({**pointer, "pk": keys.comment("x"), "id": "x"})])
    assert ids(pages(shelf, Wanted(sort="riskiest"), 1)) == [3, 2]


def test_what_came_since_is_counted_lane_by_lane_up_to_a_hundred(
    shelf: Shelf, table_client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.keep(*[record(number) for number in (1, 2, 3)], record(4, lane="urgent"))
    shelf.keep(record(5, state="approved", was_public=True), record(6, state="spam", lane="spam"))
    send(shelf, record(5), "ada", seconds=30)
    queue = shelf.stores.queue
    seen = [queue.arrivals(NOW + timedelta(seconds=second)) for second in (0, 1, 2, 3, 4, 5, 29, 31)]
    assert seen == [5, 5, 4, 3, 2, 1, 1, 0]
    assert queue.arrivals(NOW.replace(year=1970)) == 5
    with counted(table_client) as calls:
        queue.arrivals(NOW)
    assert calls == {"Query": 3}
    shelf.move(record(4), "approve")
    assert queue.arrivals(NOW) == 4
    monkeypatch.setattr(queue_store, "ARRIVALS", 3)
    assert queue.arrivals(NOW) == 3


def test_the_oldest_is_the_one_that_has_waited_longest_in_any_lane(shelf: Shelf) -> None:
    assert shelf.stores.queue.oldest() is None
    shelf.keep(record(3), record(2, lane="urgent"), record(1, state="approved", was_public=True))
    assert shelf.stores.queue.oldest() == record(2).created_at
    send(shelf, record(1), "ada", seconds=-60)
    assert shelf.stores.queue.oldest() == AT - timedelta(seconds=60)


# The order riskiest first, whatever happens.

_numbers = count()


def send(shelf: Shelf, comment: Record, reporter: str, *, seconds: int = 0, to_hide: int = 9) -> None:
    report(
        shelf.stores.reports,
        comment.id,
        reporter,
        Wish(Report(reason="abuse"), lambda _article: to_hide, next(_numbers)),
        once=None,
        now=AT + timedelta(seconds=seconds),
        pause=lambda _attempt: None,
    )


def check_pointer(shelf: Shelf, comment: Record) -> Record:
    """Assert that the pointer stands exactly while the comment waits, where it belongs, and return the record."""
    connection, keys = shelf.stores.connection, shelf.stores.connection.keys
    at = keys.comment(comment.id)
    found = connection.batch([(at, RECORD), (at, POINTER)])
    kept = to_record(found[at, RECORD])
    expected = pointer_item(keys, kept)
    pointer = found.get((at, POINTER))
    assert (pointer is not None) == (expected is not None) == kept.waits
    assert pointer == (expected and {name: value for name, value in expected.items() if value is not None})
    listed = [item.comment.id for item in pages(shelf, Wanted(sort="riskiest"), 50)]
    assert (comment.id in listed) == kept.waits
    return kept


@pytest.mark.parametrize("seed", range(8))
def test_the_pointer_is_there_exactly_while_a_comment_waits_whatever_happens_to_it(shelf: Shelf, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same walk each time
    comment = record(1, state=chance.choice(["pending", "approved", "spam"]), verdict=weighed(30))
    if comment.state == "approved":
        comment = replace(comment, was_public=True)
    if comment.state == "spam":
        comment = replace(comment, lane="spam")
    shelf.keep(comment)
    acts: list[Callable[[int], object]] = [
        lambda number: _decides(shelf, comment, chance, number),
        lambda number: _undoes(shelf, comment, number),
        lambda number: send(shelf, comment, f"r{chance.randrange(5)}", seconds=number, to_hide=3),
        lambda number: _edits(shelf, comment, chance, number),
        lambda _number: _withdraws(shelf, comment, f"r{chance.randrange(5)}"),
        lambda _number: _miscounts(shelf, comment),
    ]
    for number in range(1, 40):
        with suppress(Conflict, NotFound):
            chance.choice(acts)(number)
        check_pointer(shelf, comment)


def _decides(shelf: Shelf, comment: Record, chance: random.Random, number: int) -> None:
    action = cast("Action", chance.choice(["approve", "reject", "spam", "restore", "delete"]))
    decide(
        shelf.stores.moderation,
        comment.id,
        Ruling(action=action, revision=shelf.get(comment).revision),
        "ann",
        once=None,
        now=NOW + timedelta(minutes=number),
        randomness=number,
        pause=lambda _attempt: None,
    )


def _undoes(shelf: Shelf, comment: Record, number: int) -> None:
    last = shelf.get(comment).decision
    if last:
        undo(
            shelf.stores.moderation,
            last,
            "ben",
            once=None,
            now=NOW + timedelta(minutes=number),
            randomness=number,
            pause=lambda _attempt: None,
        )


def _edits(shelf: Shelf, comment: Record, chance: random.Random, number: int) -> None:
    kept = shelf.get(comment)
    if kept.state == "deleted":
        return
    edit = edit_of(kept, chance.choice(["pending", "approved", "spam"]), f"Text {number}", number)
    after = replace(edit.after, verdict=weighed(chance.randrange(100)), lane=chance.choice(["pending", "urgent"]))
    revise(shelf, replace(edit, after=after))


def _withdraws(shelf: Shelf, comment: Record, reporter: str) -> None:
    report(
        shelf.stores.reports,
        comment.id,
        reporter,
        Wish(None, lambda _article: 3),
        once=None,
        now=NOW,
        pause=lambda _attempt: None,
    )


def _miscounts(shelf: Shelf, comment: Record) -> None:
    """Count one report too many, and let a recount mend it."""
    connection, kept = shelf.stores.connection, shelf.get(comment)
    if not kept.is_public:
        return
    wrong = replace(kept, reports=kept.reports + 1, version=kept.version + 1, reported_at=kept.reported_at or AT)
    steps = [connection.put(record_item(connection.keys, wrong, NOW))]
    pointer = pointer_item(connection.keys, wrong)
    connection.transact([*steps, *([connection.put(pointer)] if pointer else [])])
    recounts = shelf.stores.recounts
    found = recount(recounts, recounts.key_of("article"), repair=True, pause=lambda _attempt: None)
    assert found.outcome == "repaired"


def test_a_lost_answer_leaves_record_and_pointer_together(hasty: Shelf, hasty_client: "DynamoDBClient") -> None:
    comment = record(1)
    for fault in ("lost", "away", "conflict"):
        with injected(hasty_client, {("TransactWriteItems", fault): 1}), pytest.raises((Stale, Unavailable)):  # type: ignore[dict-item]
            hasty.keep(comment)
        if fault == "lost":
            check_pointer(hasty, comment)
            hasty.move(comment, "delete")
            check_pointer(hasty, comment)
            comment = record(2)


def test_a_recount_and_the_log_take_no_notice_of_pointers(shelf: Shelf) -> None:
    shelf.keep(record(1), record(2))
    shelf.move(record(1), "approve")
    recounts, audits = shelf.stores.recounts, shelf.stores.audits
    found = recount(recounts, recounts.key_of("article"), repair=False, pause=lambda _attempt: None)
    assert (found.outcome, found.comments) == ("exact", 1)
    subjects = list(audits.subjects(lambda _seen: None))
    assert sorted(subjects, key=str) == sorted([None, record(1).id, record(2).id], key=str)


@pytest.mark.parametrize("tray", ["pending", "urgent", "reported"])
def test_every_lane_shows_the_same_comments_in_both_orders(shelf: Shelf, tray: Tray) -> None:
    lanes: list[Any] = ["pending", "urgent", "reported"]
    shelf.keep(*[record(number, lane=lanes[number % 3], verdict=weighed(number * 31 % 100)) for number in range(1, 20)])
    by_time, by_risk = (pages(shelf, Wanted(tray, sort), 4) for sort in SORTS)
    assert sorted(ids(by_time)) == sorted(ids(by_risk))
    assert by_risk == sorted(by_risk, key=lambda item: (by_risk_lane(item), -item.verdict.score, item.waiting_since))


def by_risk_lane(item: QueueItem) -> int:
    return ["urgent", "reported", "pending"].index(item.lane)
