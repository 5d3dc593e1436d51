from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.audit import Break, Sought, submitted, verify
from chalicelib.dynamodb import DynamoStores
from chalicelib.dynamodb.log import entry_key, entry_keys
from chalicelib.ids import order_id
from chalicelib.moderation import Hand, claim, note, view
from chalicelib.settings import Settings
from tests.samples import NOW, ask_for, once, record
from tests.store.conftest import Shelf

pytestmark = pytest.mark.usefixtures("engine", "own_table")


def found(stores: DynamoStores) -> list[Break]:
    subjects = list(stores.audits.subjects(lambda _seen: None))
    return [each for subject in subjects for each in verify(stores.audits, subject, lambda _attempt: None)[1]]


@pytest.fixture
def decided(shelf: Shelf) -> Shelf:
    """A site on which two comments were decided on, one of them often."""
    one, two = record(1), record(2)
    shelf.keep(one, two, record(3))
    for minute, action in enumerate(("approve", "reject", "restore", "approve"), 1):
        shelf.move(one, action, minute)  # type: ignore[arg-type]
    shelf.move(two, "spam", 9)
    return shelf


def history(shelf: Shelf) -> list[str]:
    return [entry.decision.id for entry in shelf.stores.audits.chain(record(1).id).entries]


def tamper(shelf: Shelf, client: Any, settings: Settings, decision_id: str, change: str | None) -> None:
    pk, sk = entry_key(shelf.stores.connection.keys, decision_id)
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    if change is None:
        client.delete_item(TableName=settings.table, Key=key)
        return
    client.update_item(
        TableName=settings.table,
        Key=key,
        UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": change},
        ExpressionAttributeValues={":value": {"S": "mallory"}},
    )


def test_a_log_that_nobody_touched_is_whole(decided: Shelf) -> None:
    assert found(decided.stores) == []
    assert set(decided.stores.audits.subjects(lambda _seen: None)) == {None, *(record(n).id for n in (1, 2, 3))}


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("change", ["by", "note", "reason", "at"])
def test_an_entry_that_was_changed_is_found(
    decided: Shelf, table_client: Any, settings: Settings, number: int, change: str
) -> None:
    decision_id = history(decided)[number]
    if change == "at":
        pk, sk = entry_key(decided.stores.connection.keys, decision_id)
        item = decided.stores.connection.get(pk, sk)
        assert item
        decided.stores.connection.transact(
            [decided.stores.connection.change(pk, sk, "SET #at = :at", at=item["at"].replace("2026", "2027"))]
        )
    else:
        tamper(decided, table_client, settings, decision_id, change)
    assert found(decided.stores) == [Break(record(1).id, decision_id, "changed")]


@pytest.fixture
def busy(shelf: Shelf) -> Shelf:
    """A site on which all kinds of things happened to a comment."""
    one = record(1)
    entry = submitted(one)
    shelf.stores.comments.add(replace(one, head=entry.hash), ask_for(one), None, NOW, entry)
    hands = [Hand(one.id, "ann", None, NOW + timedelta(minutes=n), n, lambda _attempt: None) for n in range(1, 5)]
    view(shelf.stores.moderation, hands[0], once("a view"))
    claim(shelf.stores.moderation, hands[1])
    note(shelf.stores.moderation, hands[2], "Look at this.")
    shelf.move(one, "reject", 9)
    note(shelf.stores.moderation, replace(hands[3], now=NOW + timedelta(minutes=10)), "And at that.")
    return shelf


def kept(shelf: Shelf, entry_id: str) -> tuple[str, str]:
    """Return where an entry stands, among the decisions or the events."""
    return next(key for key in entry_keys(shelf.stores.connection.keys, entry_id) if shelf.stores.connection.get(*key))


def test_what_only_happened_is_in_the_chain_too(busy: Shelf) -> None:
    actions = [entry.decision.action for entry in busy.stores.audits.chain(record(1).id).entries]
    assert actions == ["submit", "view", "claim", "note", "reject", "note"]
    assert found(busy.stores) == []
    items, _ = busy.stores.audits.log(Sought(), 9, None, NOW + timedelta(hours=1))
    assert [each.decision.action for each in items] == ["reject"]


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("by", "mallory"),
        ("note", "never written"),
        ("to", "approved"),
        ("facts.article", "another"),
        ("facts.outcome", "spam"),
        ("facts.score", 99),
        ("facts.checks", ["links"]),
        ("facts.waited", 7),
        ("facts.message", "never sent"),
        ("facts.findings", ["Never found."]),
        ("facts.remedy", "Would pass without a trace."),
    ],
)
def test_an_event_or_a_circumstance_that_was_changed_is_found(
    busy: Shelf, number: int, change: str, value: object
) -> None:
    entry_id = history(busy)[number]
    pk, sk = kept(busy, entry_id)
    path = ".".join(f"#{name}" for name in change.split("."))
    busy.stores.connection.transact([busy.stores.connection.change(pk, sk, f"SET {path} = :value", value=value)])
    assert found(busy.stores) == [Break(record(1).id, entry_id, "changed")]


@pytest.mark.parametrize("number", range(6))
def test_circumstances_that_were_removed_are_found(busy: Shelf, number: int) -> None:
    entry_id = history(busy)[number]
    busy.stores.connection.transact([busy.stores.connection.change(*kept(busy, entry_id), "REMOVE #facts")])
    assert found(busy.stores) == [Break(record(1).id, entry_id, "changed")]


@pytest.mark.parametrize("number", range(6))
def test_an_event_that_was_removed_is_found(busy: Shelf, number: int) -> None:
    ids = history(busy)
    busy.stores.connection.transact([busy.stores.connection.delete(*kept(busy, ids[number]))])
    after = ids[number + 1] if number < 5 else None
    assert found(busy.stores) == [Break(record(1).id, after, "missing")]


@pytest.mark.parametrize("removed", [False, True])
def test_the_same_words_after_they_were_gone_go_on_with_the_chain_or_begin_a_new_one(
    busy: Shelf,
    removed: bool,  # noqa: FBT001 - a case
) -> None:
    busy.move(record(1), "delete", 20)
    hand = Hand(record(1).id, "ann", None, NOW + timedelta(hours=1), 9, lambda _attempt: None)
    note(busy.stores.moderation, hand, "It was right to.")
    if removed:
        connection = busy.stores.connection
        connection.transact([connection.delete(connection.keys.comment(record(1).id), "P")])
    gone = NOW + timedelta(days=40)
    former = busy.stores.comments.gather(ask_for(record(1)), None, gone).former
    assert (former is None) == removed
    fresh = record(1, path=(order_id(gone, 7),), head=former.head if former else None)
    entry = submitted(fresh)
    busy.stores.comments.add(replace(fresh, head=entry.hash), ask_for(fresh), None, gone, entry)
    assert found(busy.stores) == []


@pytest.mark.parametrize("number", range(4))
def test_an_entry_that_was_removed_is_found(decided: Shelf, table_client: Any, settings: Settings, number: int) -> None:
    ids = history(decided)
    tamper(decided, table_client, settings, ids[number], None)
    after = ids[number + 1] if number < 3 else None
    assert found(decided.stores) == [Break(record(1).id, after, "missing")]
