from typing import Any

import pytest

from chalicelib.audit import Break, verify
from chalicelib.dynamodb import DynamoStores
from chalicelib.dynamodb.log import entry_key
from chalicelib.settings import Settings
from tests.samples import record
from tests.store.conftest import Shelf

pytestmark = pytest.mark.usefixtures("engine")


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


@pytest.mark.parametrize("number", range(4))
def test_an_entry_that_was_removed_is_found(decided: Shelf, table_client: Any, settings: Settings, number: int) -> None:
    ids = history(decided)
    tamper(decided, table_client, settings, ids[number], None)
    after = ids[number + 1] if number < 3 else None
    assert found(decided.stores) == [Break(record(1).id, after, "missing")]
