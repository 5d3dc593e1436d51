import secrets
from typing import TYPE_CHECKING

import pytest

from chalicelib.audit import Decision, Entry
from chalicelib.changes import Change, SiteRow
from chalicelib.dynamodb import DynamoStores, open_stores
from chalicelib.dynamodb import policy as policy_store
from chalicelib.errors import Stale, Unavailable
from chalicelib.once import Done, Earlier
from chalicelib.policy import DEFAULT, patched
from chalicelib.settings import Settings
from tests.faults import counted, injected
from tests.samples import NOW, decision, once, record
from tests.store.conftest import Shelf, at_once, succeeds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OPEN = patched(DEFAULT, {"mode": "open", "help": {"title": "薬"}})
DONE = Done(once(), "id", int(NOW.timestamp()) + 86_400)
CHANGE = Change("ann", once(), NOW, 1)


def entry(number: int = 1, previous: str | None = None) -> Entry:
    like = decision(record(), "approve", number)
    return Entry.after(
        previous, Decision(like.id, None, "policy", None, None, number, "ann", like.at, None, secrets.token_hex(4))
    )


def test_without_a_policy_the_default_one_holds(stores: DynamoStores) -> None:
    assert stores.policies.policy() == DEFAULT
    row = stores.policies.policy_row(CHANGE, NOW)
    assert (row.policy, row.version, row.site) == (DEFAULT, 0, SiteRow(None, None))


def test_a_policy_is_kept_with_its_log_entry(stores: DynamoStores) -> None:
    first = entry()
    stores.policies.keep_policy(OPEN, 0, first, DONE)
    row = stores.policies.policy_row(CHANGE, NOW)
    assert (row.policy, row.version, row.site) == (OPEN, 1, SiteRow(first.hash, Earlier("digest", "id")))
    assert stores.moderation.entry(first.decision.id) == first
    second = entry(2, row.site.head)
    stores.policies.keep_policy(DEFAULT, 1, second, None)
    assert stores.policies.policy_row(None, NOW).policy == stores.policies.policy() == DEFAULT


@pytest.mark.parametrize("version", [0, 2])
def test_a_policy_of_another_version_is_not_replaced(stores: DynamoStores, version: int) -> None:
    stores.policies.keep_policy(OPEN, 0, entry(), None)
    late = entry(2)
    with pytest.raises(Stale):
        stores.policies.keep_policy(DEFAULT, version, late, None)
    assert stores.policies.policy_row(None, NOW).policy == OPEN
    assert stores.moderation.entry(late.decision.id) is None


def test_a_used_key_stops_the_whole_step(stores: DynamoStores) -> None:
    stores.policies.keep_policy(OPEN, 0, entry(), DONE)
    late = entry(2)
    with pytest.raises(Stale):
        stores.policies.keep_policy(DEFAULT, 1, late, DONE)
    assert stores.moderation.entry(late.decision.id) is None


def test_of_two_first_policies_at_once_one_is_kept(stores: DynamoStores, engine: object) -> None:
    entries = [entry(number) for number in range(1, 9)]
    won = at_once(
        [lambda each=each: succeeds(lambda: stores.policies.keep_policy(OPEN, 0, each, None)) for each in entries]
    )
    assert won.count(True) == 1
    assert [stores.moderation.entry(each.decision.id) is not None for each in entries] == won


def test_the_policy_is_read_once_in_a_while(
    stores: DynamoStores,
    table_client: "DynamoDBClient",
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stores.policies.policy()
    open_stores(table_client, settings).policies.keep_policy(OPEN, 0, entry(), None)
    with counted(table_client) as calls:
        assert [stores.policies.policy() for _ in range(5)] == [DEFAULT] * 5
    assert not calls
    monkeypatch.setattr(policy_store, "FRESH_SECONDS", 0)
    assert stores.policies.policy() == OPEN


def test_who_changed_the_policy_sees_it_at_once(stores: DynamoStores) -> None:
    stores.policies.policy()
    stores.policies.keep_policy(OPEN, 0, entry(), None)
    assert stores.policies.policy() == OPEN


def test_without_the_table_there_is_no_policy_to_guess(hasty: Shelf, hasty_client: "DynamoDBClient") -> None:
    with injected(hasty_client, {("*", "away"): 1}), pytest.raises(Unavailable):
        hasty.stores.policies.policy()
