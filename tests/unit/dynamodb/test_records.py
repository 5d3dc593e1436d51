from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audit import Action, Chain, Circumstances, Entry, breaks, chained
from chalicelib.comments import AuthorHistory, Record
from chalicelib.dynamodb.keys import Keys
from chalicelib.dynamodb.log import FIRST_MONTH, entry_item, month_before, month_of, to_entry
from chalicelib.dynamodb.records import (
    DELETED_LIVES,
    is_gone,
    public_item,
    record_item,
    to_author,
    to_comment,
    to_record,
    tray_range,
)
from chalicelib.dynamodb.values import from_item, to_item
from chalicelib.moderation import MOVES
from tests.samples import NOW, decision, record, records, reply_to

KEYS = Keys("main")
PUBLIC = {"pk", "sk", "id", "parent", "text", "html", "name", "site", "rev", "votes", "edited", "g2", "g2s", "deep"}


@given(records)
def test_a_record_comes_back_as_it_was(kept: Record) -> None:
    item = from_item(to_item(record_item(KEYS, kept, NOW)))
    assert to_record(item) == kept


@given(records, st.booleans())
def test_a_public_item_gives_back_what_the_public_may_see(kept: Record, deep: bool) -> None:  # noqa: FBT001 - drawn
    item = from_item(to_item(public_item(KEYS, kept, deep=deep)))
    assert to_comment(item) == kept.public
    assert set(item) <= PUBLIC


@given(records)
def test_a_public_item_holds_nothing_private(kept: Record) -> None:
    private = replace(
        kept, email="@private@", author="@private@", network="@private@", decision="@private@", head="@private@"
    )
    assert "@private@" not in repr(public_item(KEYS, private, deep=True))


@given(records)
def test_only_roots_are_ranked(kept: Record) -> None:
    item = public_item(KEYS, kept, deep=True)
    is_root = len(kept.path) == 1
    assert [item[name] is not None for name in ("g2", "g2s", "deep")] == [is_root] * 3


def test_a_deleted_record_has_30_days() -> None:
    kept = record_item(KEYS, record(state="deleted"), NOW)
    assert kept["ttl"] == int(NOW.timestamp()) + DELETED_LIVES
    assert not is_gone(kept, NOW + timedelta(days=29, hours=23))
    assert is_gone(kept, NOW + timedelta(days=30, seconds=1))
    for state in ("pending", "approved", "rejected", "spam"):
        assert record_item(KEYS, record(state=state), NOW)["ttl"] is None
    assert not is_gone({}, NOW)


@pytest.mark.parametrize(
    ("state", "lane", "asked"),
    [
        ("pending", "urgent", {"pending", "urgent"}),
        ("pending", "reported", {"pending", "reported"}),
        ("pending", "pending", {"pending"}),
        ("spam", "spam", {"spam"}),
        ("approved", "urgent", {"approved"}),
        ("rejected", "pending", {"rejected"}),
        ("deleted", "spam", {"deleted"}),
    ],
)
def test_a_record_lies_in_its_trays_and_no_other(state: str, lane: str, asked: set[str]) -> None:
    item = record_item(KEYS, record(state=state, lane=lane), NOW)
    found = set()
    for tray in ("pending", "urgent", "reported", "spam", "rejected", "deleted", "approved"):
        stored, first, last = tray_range(tray)
        if item["g2"] == KEYS.tray(stored) and first <= item["g2s"] <= last:
            found.add(tray)
    assert found == asked


def test_the_urgent_wait_in_front_and_then_the_oldest() -> None:
    waiting = [
        record(1, lane="pending"),
        record(2, lane="pending"),
        record(3, lane="reported"),
        record(4, lane="urgent"),
    ]
    ranks = {record_item(KEYS, each, NOW)["g2s"]: each.id for each in reversed(waiting)}
    ordered = [ranks[rank] for rank in sorted(ranks)]
    assert ordered == [waiting[number].id for number in (3, 2, 0, 1)]


def test_votes_rank_before_age() -> None:
    ranks = [public_item(KEYS, record(age, votes=votes), deep=False)["g2s"] for age, votes in [(9, 0), (1, 2), (5, 10)]]
    assert ranks == sorted(ranks)


def test_a_thread_is_at_most_six_deep() -> None:
    comment = record(1)
    for number in range(2, 12):
        comment = reply_to(comment, number, state="approved")
    assert to_comment(public_item(KEYS, comment, deep=False)).depth == 6


@pytest.mark.parametrize(("action", "state"), [(action, state) for action, moves in MOVES.items() for state in moves])
def test_a_log_entry_comes_back_with_its_chain_whole(action: Action, state: str) -> None:
    made = decision(record(state=state), action, reason="off topic", note="薬 \n second line")
    entry = Entry.after("hash of the one before", made)
    found = to_entry(from_item(to_item(entry_item(KEYS, entry))))
    assert found == entry
    assert found.hash == chained(found.previous, found.decision, found.circumstances)


@pytest.mark.parametrize("waited", [None, 0, 90])
@pytest.mark.parametrize("message", [None, "Mind your words."])
@pytest.mark.parametrize("findings", [(), ("Holds 3 links.", "Sent twice.")])
@pytest.mark.parametrize("remedy", [None, "Would pass without the links."])
def test_circumstances_come_back_with_the_entry_that_was_hashed_with_them(
    waited: int | None, message: str | None, findings: tuple[str, ...], remedy: str | None
) -> None:
    facts = Circumstances("a/b", "hold", 60, ("links", "terms"), waited, message, findings, remedy)
    entry = Entry.after(None, decision(record(), "reject"), facts)
    assert to_entry(from_item(to_item(entry_item(KEYS, entry)))) == entry
    assert breaks(Chain(record().id, [entry], entry.hash)) == []


def test_months_go_back_to_the_first_release() -> None:
    assert month_of(NOW) == FIRST_MONTH
    assert month_before("2027-01") == "2026-12"
    assert month_before("2028-10") == "2028-09"
    assert month_before(FIRST_MONTH) is None


def test_an_author_nobody_has_heard_of() -> None:
    assert to_author(None) == to_author({}) == AuthorHistory()
    assert to_author({"n": 2, "spam": 1, "first": int(NOW.timestamp())}) == AuthorHistory(
        comments=2, spam=1, first_seen=NOW.replace(microsecond=0)
    )
