from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.dynamodb import DynamoStores, open_stores
from chalicelib.errors import Unavailable
from chalicelib.settings import Settings
from tests.faults import Fault, injected
from tests.samples import NOW, limit
from tests.store.conftest import Shelf, at_once

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOMENT = int(NOW.timestamp() * 1000)


@pytest.mark.parametrize(("count", "seconds"), [(1, 60), (3, 600), (7, 1)])
def test_at_one_moment_exactly_the_rate_is_allowed(stores: DynamoStores, count: int, seconds: int) -> None:
    rate = limit(count, seconds)
    answers = [stores.limits.take(rate, MOMENT) for _ in range(count + 3)]
    assert answers == [None] * count + [rate.interval] * 3


def test_who_waits_as_told_is_let_in_and_not_sooner(stores: DynamoStores) -> None:
    rate = limit(2, 10)
    assert [stores.limits.take(rate, MOMENT) for _ in range(2)] == [None, None]
    assert stores.limits.take(rate, MOMENT + 4_999) == 1
    assert stores.limits.take(rate, MOMENT + 5_000) is None
    assert stores.limits.take(rate, MOMENT + 5_000) == 5_000


def test_who_was_away_has_the_whole_rate_again_and_no_more(stores: DynamoStores) -> None:
    rate = limit(3, 30)
    for start in (MOMENT, MOMENT + 3_600_000):
        assert [stores.limits.take(rate, start) for _ in range(4)] == [None, None, None, 10_000]


def test_visitors_do_not_use_up_each_others(stores: DynamoStores) -> None:
    assert [stores.limits.take(limit(1, 60, mark), MOMENT) for mark in ("ada", "ben")] == [None, None]


@pytest.mark.parametrize("count", [1, 10])
def test_of_many_at_once_exactly_the_rate_is_allowed(stores: DynamoStores, engine: object, count: int) -> None:
    rate = limit(count, 3600)
    answers = at_once([lambda: stores.limits.take(rate, MOMENT)] * 40)
    assert answers.count(None) == count
    assert all(answer > 0 for answer in answers if answer is not None)


def test_of_many_over_a_window_no_more_than_its_share_is_allowed(stores: DynamoStores, engine: object) -> None:
    # Twice the rate's time: the whole rate at once, and each interval one more.
    rate = limit(5, 10)
    times = [MOMENT + number * 200 for number in range(100)]
    answers = at_once([lambda now=now: stores.limits.take(rate, now) for now in times])
    assert 5 <= answers.count(None) <= 5 + (times[-1] - times[0]) // rate.interval


def test_what_one_process_remembers_does_not_widen_the_rate_for_another(
    table_client: "DynamoDBClient", settings: Settings, engine: object
) -> None:
    processes = [open_stores(table_client, settings).limits for _ in range(4)]
    rate = limit(10, 100)
    assert [processes[0].take(rate, MOMENT) for _ in range(4)] == [None] * 4
    answers = at_once([lambda each=each: each.take(rate, MOMENT) for each in processes * 5])
    assert answers.count(None) == 6
    later = MOMENT + 30_000
    answers = at_once([lambda each=each: each.take(rate, later) for each in processes * 5])
    assert answers.count(None) == 3
    away = MOMENT + 3_600_000
    answers = at_once([lambda each=each: each.take(rate, away) for each in processes * 5])
    assert answers.count(None) == 10


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "internal"])
def test_without_an_answer_nobody_knows_and_it_says_so(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    with injected(hasty_client, {("*", fault): 1}), pytest.raises(Unavailable):
        hasty.stores.limits.take(limit(1, 60), MOMENT)
    with injected(hasty_client, {("*", fault): 1}), pytest.raises(Unavailable):
        hasty.stores.limits.network_mark("203.0.113.0/24", "2026-11-23")


def test_an_allowance_removed_between_two_tries_is_none(stores: DynamoStores, settings: Settings) -> None:
    # DynamoDB takes items away when it likes: what stood at the first try may be gone at the second.
    table, rate = stores.connection, limit(2, 60)
    stores.limits.take(rate, MOMENT)
    real, key = table.update, {"pk": {"S": table.keys.limit(rate.scope, rate.mark)}, "sk": {"S": "T"}}

    def update(*arguments: str, **values: object) -> object:
        answer = real(*arguments, **values)
        table.client.delete_item(TableName=settings.table, Key=key)
        return answer

    table.update = update  # type: ignore[method-assign, assignment]
    assert stores.limits.take(rate, MOMENT) is None


def test_a_network_has_one_mark_a_day_whoever_asks(
    stores: DynamoStores, table_client: "DynamoDBClient", settings: Settings
) -> None:
    others = open_stores(table_client, settings)
    mark = stores.limits.network_mark("203.0.113.0/24", "2026-11-23")
    assert stores.limits.network_mark("203.0.113.0/24", "2026-11-23") == mark
    assert others.limits.network_mark("203.0.113.0/24", "2026-11-23") == mark
    assert others.limits.network_mark("198.51.100.0/24", "2026-11-23") != mark
    assert stores.limits.network_mark("203.0.113.0/24", "2026-11-24") != mark


def test_all_who_ask_first_on_a_day_agree_on_its_key(
    table_client: "DynamoDBClient", settings: Settings, engine: object
) -> None:
    stores = [open_stores(table_client, settings) for _ in range(12)]
    marks = at_once([lambda each=each: each.limits.network_mark("203.0.113.0/24", "2026-11-23") for each in stores])
    assert len(set(marks)) == 1


def test_the_key_of_a_day_is_destroyed_after_48_hours(stores: DynamoStores) -> None:
    stores.limits.network_mark("203.0.113.0/24", "2026-11-23")
    item = stores.connection.get(stores.connection.keys.site_policy(), "DAY#2026-11-23")
    assert item
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    assert item["ttl"] == int((midnight + timedelta(hours=48)).timestamp())
    assert len(item["key"]) == 32
