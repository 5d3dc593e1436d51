"""What the suites of the stores share: comments kept and moved in few words, over a patient client or a hasty one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.audit import Action
from chalicelib.comments import Record
from chalicelib.dynamodb import DynamoStores, open_stores
from chalicelib.errors import Stale
from chalicelib.moderation import Decided, Ruling, decide
from chalicelib.settings import Settings
from tests.samples import NOW, ask_for

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

THREADS = 16


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def succeeds(call: Callable[[], object]) -> bool:
    """Tell whether a write was taken; it must not fail in any other way than Stale."""
    try:
        call()
    except Stale:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Shelf:
    """The stores of one site, with what readers and moderators do to them."""

    stores: DynamoStores

    def keep(self, *records: Record) -> None:
        for record in records:
            self.stores.comments.add(record, ask_for(record), None, NOW)

    def move(self, record: Record, action: Action, minutes: int = 1, by: str = "ann") -> Decided:
        return decide(
            self.stores.moderation,
            record.id,
            Ruling(action=action, revision=1),
            by,
            once=None,
            now=NOW + timedelta(minutes=minutes),
            randomness=int(record.id),
            pause=lambda _attempt: None,
        )

    def get(self, record: Record, now: datetime = NOW) -> Record:
        found = self.stores.comments.get(record.id, now)
        assert found
        return found


@pytest.fixture
def shelf(stores: DynamoStores) -> Shelf:
    return Shelf(stores)


@pytest.fixture
def hasty(hasty_client: "DynamoDBClient", settings: Settings) -> Shelf:
    """The stores of this test's site over the client that tries once."""
    return Shelf(open_stores(hasty_client, settings))
