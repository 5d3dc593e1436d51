from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.audit import BY_AUTHOR, Circumstances, Decision, Entry, Sought
from chalicelib.dynamodb import audits as audit_store
from chalicelib.dynamodb.log import Stretch, entry_steps
from chalicelib.ids import order_id
from tests.faults import counted
from tests.samples import NOW
from tests.store.conftest import Shelf

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ACTIONS = ("approve", "reject", "edit", "submit", "note", "spam")
LATER = datetime(2027, 2, 3, tzinfo=UTC)
"""When the log is read: entries go back to November."""


def entry(number: int, action: str, at: datetime, **about: Any) -> Entry:
    made: Any = {
        "id": order_id(at, number),
        "comment_id": about.get("comment", f"{number % 3:026d}"),
        "action": action,
        "from_": "pending",
        "to": "approved",
        "revision": 1,
        "by": about.get("by", BY_AUTHOR if action in {"edit", "submit"} else ("ann", "\uff22en")[number % 2]),
        "at": at,
        "note": about.get("note"),
    }
    facts = Circumstances(("one", "two")[number % 2], "hold", number, ("links",), number)
    return Entry.after(None, Decision(**made), about.get("facts", facts))


@pytest.fixture
def kept(shelf: Shelf) -> list[Entry]:
    """Entries of three months, two a day, of decisions and of events, newest first."""
    entries = [
        entry(number, ACTIONS[number % len(ACTIONS)], NOW + timedelta(hours=12 * number)) for number in range(120)
    ]
    put(shelf, entries)
    return entries[::-1]


def put(shelf: Shelf, entries: Sequence[Entry]) -> None:
    connection = shelf.stores.connection
    for start in range(0, len(entries), 25):
        connection.transact([step for each in entries[start : start + 25] for step in entry_steps(connection, each)])


def read(shelf: Shelf, sought: Sought, limit: int) -> list[Entry]:
    found: list[Entry] = []
    after = None
    for _ in range(200):
        entries, after = shelf.stores.audits.log(sought, limit, after, LATER)
        assert len(entries) <= limit
        found += entries
        if after is None:
            return found
    pytest.fail("the pages do not end")


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"by": "ann"},
        {"by": "BEN"},
        {"by": "nobody"},
        {"action": "reject"},
        {"action": "submit"},
        {"action": "note"},
        {"article_id": "one"},
        {"article_id": "nobody's"},
        {"comment_id": f"{2:026d}"},
        {"comment_id": f"{0:026d}", "action": "submit"},
        {"comment_id": "x" * 26},
        {"since": NOW + timedelta(days=20)},
        {"until": NOW + timedelta(days=20)},
        {"since": NOW + timedelta(days=9), "until": NOW + timedelta(days=40), "by": "ann"},
        {"since": NOW + timedelta(hours=12), "until": NOW + timedelta(hours=12)},
        {"since": NOW + timedelta(days=40), "until": NOW + timedelta(days=9)},
        {"since": NOW + timedelta(days=9), "comment_id": f"{1:026d}"},
        {"since": datetime(1970, 1, 1, tzinfo=UTC), "until": datetime(9999, 12, 31, tzinfo=UTC)},
        {"until": datetime(1970, 1, 1, tzinfo=UTC)},
        {"until": datetime(1970, 1, 1, tzinfo=UTC), "comment_id": f"{1:026d}"},
        {"since": NOW + timedelta(days=40), "until": NOW + timedelta(days=9), "comment_id": f"{1:026d}"},
        {"article_id": "two", "by": "ben", "comment_id": f"{1:026d}", "action": "reject"},
    ],
    ids=str,
)
def test_filters_lose_and_repeat_nothing_over_pages_and_months(
    shelf: Shelf, kept: list[Entry], monkeypatch: pytest.MonkeyPatch, filters: dict[str, Any]
) -> None:
    monkeypatch.setattr(audit_store, "LOOKED", 7)
    monkeypatch.setattr(audit_store, "_TOGETHER", 3)
    monkeypatch.setattr(audit_store, "BATCH", 3)
    sought = Sought(**filters)
    expected = [each for each in kept if _fits(each, filters)]
    for limit in (1, 7, 200):
        assert read(shelf, sought, limit) == expected


def _fits(each: Entry, filters: dict[str, Any]) -> bool:
    """Tell what the filters mean in the plainest way."""
    decision = each.decision
    assert each.circumstances
    by = {"ann": "ann", "BEN": "\uff22en", "ben": "\uff22en"}.get(filters.get("by", ""), filters.get("by"))
    wanted = filters.get("action")
    return (
        ((decision.action == wanted) if wanted else decision.action not in {"submit", "note"})
        and by in {None, decision.by}
        and filters.get("article_id") in {None, each.circumstances.article_id}
        and filters.get("comment_id") in {None, decision.comment_id}
        and filters.get("since", NOW) <= decision.at
        and decision.at < filters.get("until", LATER)
    )


@pytest.mark.usefixtures("engine")
def test_a_page_of_the_log_is_a_query_a_month_and_a_comments_own_a_query_and_a_batch(
    shelf: Shelf, kept: list[Entry], table_client: "DynamoDBClient"
) -> None:
    assert kept
    for sought, calls in (
        (Sought(until=NOW + timedelta(days=59)), {"Query": 1}),
        (Sought(until=NOW + timedelta(days=59), by="ann"), {"Query": 1}),
        (Sought(comment_id=f"{2:026d}"), {"Query": 1, "BatchGetItem": 1}),
    ):
        with counted(table_client) as made:
            shelf.stores.audits.log(sought, 5, None, NOW + timedelta(days=60))
        assert made == calls


def test_an_entry_names_its_article_by_its_circumstances_or_by_the_change_of_its_rules() -> None:
    rules = {"facts": None, "comment": None}
    named = {
        '{"article": "one", "patch": {}}': "one",
        '{"patch": {}}': None,
        '["article"]': None,
        '{"article": 7}': None,
        "not JSON": None,
    }
    assert entry(1, "approve", NOW).article_id == "two"
    assert entry(1, "approve", NOW, facts=None).article_id is None
    assert entry(1, "policy", NOW, **rules).article_id is None
    for note, article in named.items():
        assert entry(1, "policy", NOW, note=note, **rules).article_id == article
    assert entry(1, "note", NOW, note='{"article": "one"}', facts=None).article_id is None


@pytest.mark.usefixtures("engine")
def test_figures_are_made_of_the_newest_decisions_and_events_of_a_time(shelf: Shelf, kept: list[Entry]) -> None:
    since, until = NOW + timedelta(days=3), NOW + timedelta(days=50)
    within = [each for each in kept if since <= each.decision.at < until]
    stats = shelf.stores.stats
    assert stats.entries(since, until, 1000) == within
    assert stats.entries(since, until, 10) == within[:10]
    assert stats.entries(until, until, 10) == []


def test_a_stretch_is_of_the_months_it_lies_in() -> None:
    at = datetime(2027, 1, 1, tzinfo=UTC)
    assert Stretch(None, at).months == ["2027-01", "2026-12", "2026-11"]
    assert Stretch(datetime(2026, 12, 31, tzinfo=UTC), at).months == ["2027-01", "2026-12"]
    assert Stretch(None, at, order_id(NOW, 1)).months == ["2026-11"]
    assert Stretch(None, datetime(1999, 1, 1, tzinfo=UTC)).months == []
    first, last = Stretch(NOW, at, order_id(NOW, 5)).ids
    assert first <= order_id(NOW, 4) <= last < order_id(NOW, 5)
