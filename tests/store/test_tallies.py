"""A tally that many move at once: spread over shards, read with them, and brought together again."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.dynamodb import DynamoStores, open_stores
from chalicelib.dynamodb import tallies as tallies_module
from chalicelib.dynamodb import threads as threads_module
from chalicelib.dynamodb.keys import SHARD, SUMMARY
from chalicelib.dynamodb.tallies import HOT_SECONDS, SHARDS, Tallies
from chalicelib.errors import Crowded, LegacyFrozen, Stale, Unavailable
from chalicelib.ratings import Heat, Legacy, Seen, rate
from chalicelib.settings import Settings
from tests.faults import Fault, counted, injected
from tests.samples import NOT_RATED, NOW, record
from tests.store.conftest import Shelf, at_once

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.usefixtures("engine")

QUIET = NOW + timedelta(seconds=HOT_SECONDS + 1)


def give(stores: DynamoStores, reader: str, stars: int | None, now: Any = NOW) -> Any:
    return rate(stores.ratings, "article", reader, stars, once=None, now=now, pause=lambda _attempt: None)


def heat(stores: DynamoStores) -> Heat:
    return stores.ratings.look("article", "anybody", None, NOW).heat


def shown(stores: DynamoStores, now: Any = NOW) -> list[int]:
    return list(stores.threads.first_page("article", 5, now).tally.histogram.values())


def summary(stores: DynamoStores) -> dict[str, Any]:
    return stores.connection.get(stores.connection.keys.article("article"), SUMMARY) or {}


def spread(stores: DynamoStores) -> None:
    stores.tallies.spread("article", heat(stores), NOW)


@contextmanager
def before(client: "DynamoDBClient", operation: str, act: Callable[[], object]) -> Iterator[None]:
    """Let something else happen right before the next call of an operation."""
    todo = [act]

    def strike(**_: Any) -> None:
        if todo:
            todo.pop()()

    client.meta.events.register_first(f"before-send.dynamodb.{operation}", strike)
    try:
        yield
    finally:
        client.meta.events.unregister(f"before-send.dynamodb.{operation}", strike)
    assert not todo, "the moment never came"


@pytest.mark.parametrize("fault", ["conflict", "throttle"])
def test_the_first_collision_at_the_tally_spreads_it(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    stores = hasty.stores
    give(stores, "ada", 5)
    assert heat(stores) == Heat(0, None)
    with injected(hasty_client, {("TransactWriteItems", fault): 1}), pytest.raises(Crowded):
        stores.ratings.move("article", "ben", NOT_RATED, 4, None, NOW)
    with injected(hasty_client, {("TransactWriteItems", fault): 0.5}, seed=8) as faults:
        give(stores, "ben", 4)
    assert faults.injected["TransactWriteItems", fault]
    assert heat(stores) == Heat(1, int(NOW.timestamp()) + HOT_SECONDS)
    assert shown(stores) == [0, 0, 0, 1, 1]


def test_a_collision_at_the_readers_own_rating_spreads_nothing(hasty: Shelf, hasty_client: "DynamoDBClient") -> None:
    # The injected conflict is at the second step; here the first one fails, as when one reader has two pages open.
    stores = hasty.stores
    give(stores, "ada", 5)
    with pytest.raises(Stale) as stale:
        stores.ratings.move("article", "ada", NOT_RATED, 4, None, NOW)
    assert not isinstance(stale.value, Crowded)


def test_while_hot_ratings_go_to_shards_and_are_read_from_there(
    stores: DynamoStores, table_client: "DynamoDBClient"
) -> None:
    give(stores, "ada", 2)
    spread(stores)
    for number in range(20):
        give(stores, f"reader {number}", number % 5 + 1)
    give(stores, "ada", 5)
    give(stores, "reader 0", None)
    kept = summary(stores)
    assert [kept.get(f"h{stars}", 0) for stars in range(1, 6)] == [0, 1, 0, 0, 0]
    assert len(stores.tallies.shards("article")) > 5, "by chance, in many shards"
    assert shown(stores) == [3, 4, 4, 4, 5]
    assert stores.threads.counts(["article", "another"])["article"].ratings == 20
    assert give(stores, "last", 1).tally.count == 21
    with counted(table_client) as calls:
        shown(stores)
    assert calls == {"Query": 1, "BatchGetItem": 1}


def test_all_that_a_reader_does_while_hot_is_in_one_shard(stores: DynamoStores) -> None:
    give(stores, "ada", 2)
    spread(stores)
    for stars in (3, 5, None, 1):
        give(stores, "ada", stars)
        (shard,) = stores.tallies.shards("article").values()
        assert shown(stores) == [int(stars == each) for each in range(1, 6)]
    assert (shard["h2"], shard["h1"], shard["ver"]) == (-1, 1, 4)


def test_what_is_spread_stays_so_until_it_is_settled(stores: DynamoStores) -> None:
    spread(stores)
    give(stores, "ada", 5, QUIET)
    assert "h5" not in summary(stores)
    late = Seen(None, [0] * 5, None, None, Heat(0, None))
    with pytest.raises(Stale):
        stores.ratings.move("article", "ben", late, 5, None, NOW)
    assert shown(stores) == [0, 0, 0, 0, 1]


def test_every_change_has_a_version_of_its_own_hot_or_not(stores: DynamoStores) -> None:
    versions = []

    def note() -> None:
        versions.append(stores.threads.first_page("article", 5, NOW).version)

    for round_ in range(3):
        for reader in range(4):
            give(stores, f"{round_} {reader}", 3)
            note()
        spread(stores)
        for reader in range(4):
            give(stores, f"{round_} hot {reader}", 4)
            note()
            give(stores, f"{round_} hot {reader}", 5)
            note()
        assert stores.tallies.settle("article", QUIET)
        note()
    assert len(set(versions)) == len(versions)


def test_the_first_quiet_view_brings_it_together(stores: DynamoStores, table_client: "DynamoDBClient") -> None:
    spread(stores)
    for number in range(10):
        give(stores, f"reader {number}", 4)
    assert shown(stores) == [0, 0, 0, 10, 0]
    assert heat(stores).until is not None, "a view of a hot article leaves it alone"
    assert shown(stores, QUIET) == [0, 0, 0, 10, 0]
    assert heat(stores) == Heat(1, None)
    assert summary(stores)["h4"] == 10
    with counted(table_client) as calls:
        assert shown(stores, QUIET) == [0, 0, 0, 10, 0]
    assert calls == {"Query": 1}


def test_the_schedule_brings_together_what_nobody_views(stores: DynamoStores) -> None:
    spread(stores)
    give(stores, "ada", 5)
    assert list(stores.tallies.hot()) == ["article"]
    assert stores.tallies.settle_quiet(NOW) == 0
    assert stores.tallies.settle_quiet(QUIET) == 1
    assert list(stores.tallies.hot()) == []
    assert summary(stores)["h5"] == 1
    assert not {"hot", "g1", "g1s"} & set(summary(stores))


def test_one_article_that_cannot_be_settled_holds_up_no_other(hasty: Shelf, hasty_client: "DynamoDBClient") -> None:
    stores = hasty.stores
    for article in ("a", "b", "c"):
        stores.tallies.spread(article, Heat(), NOW)
    with injected(hasty_client, {("TransactWriteItems", "conflict"): 0.5}, seed=2) as faults:
        settled = stores.tallies.settle_quiet(QUIET)
    assert 0 < faults.injected.total() == 3 - settled
    assert stores.tallies.settle_quiet(QUIET) == 3 - settled


def test_a_late_rating_of_a_settled_epoch_is_refused(stores: DynamoStores, table_client: "DynamoDBClient") -> None:
    spread(stores)
    late = stores.ratings.look("article", "late", None, NOW)
    assert late.heat.is_hot(NOW)
    assert stores.tallies.settle("article", QUIET)
    with pytest.raises(Stale):
        stores.ratings.move("article", "late", late, 5, None, NOW)
    # and so it is while the tally is spread anew
    spread(stores)
    with pytest.raises(Stale):
        stores.ratings.move("article", "late", late, 5, None, NOW)
    assert give(stores, "late", 5).tally.count == 1
    assert shown(stores) == [0, 0, 0, 0, 1]
    assert sum(shard.get("h5", 0) for shard in stores.tallies.shards("article").values()) == 1


def test_settling_meets_a_rating_and_loses_neither(stores: DynamoStores, table_client: "DynamoDBClient") -> None:
    spread(stores)
    give(stores, "ada", 5)
    with before(table_client, "TransactWriteItems", lambda: _move(stores, "ben", 4)):
        stores.tallies.settle("article", QUIET)
    assert shown(stores) == [0, 0, 0, 1, 1]
    assert stores.tallies.settle("article", QUIET)
    assert shown(stores) == [0, 0, 0, 1, 1]


def _move(stores: DynamoStores, reader: str, stars: int) -> None:
    seen = stores.ratings.look("article", reader, None, NOW)
    stores.ratings.move("article", reader, seen, stars, None, NOW)


def test_a_view_that_meets_settling_reads_again(stores: DynamoStores, table_client: "DynamoDBClient") -> None:
    for reader in ("ada", "ben", "cy"):
        give(stores, reader, 3)
    spread(stores)
    for reader in ("dee", "eve"):
        give(stores, reader, 4)
    with before(table_client, "BatchGetItem", lambda: stores.tallies.settle("article", QUIET)):
        assert shown(stores) == [0, 0, 3, 2, 0]
    spread(stores)
    give(stores, "fay", 5)

    def settle_and_spread() -> None:
        assert stores.tallies.settle("article", QUIET)
        spread(stores)
        give(stores, "gus", 5)

    with before(table_client, "BatchGetItem", settle_and_spread):
        assert shown(stores) == [0, 0, 3, 2, 2]


def test_a_tally_emptied_at_every_look_is_unavailable(stores: DynamoStores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies_module, "_ATTEMPTS", 2)
    closed = {0: {"closed": 9, "ver": 1}}
    monkeypatch.setattr(Tallies, "shards", lambda *_: closed)
    spread(stores)
    with pytest.raises(Unavailable):
        shown(stores)


def test_of_many_that_settle_at_once_one_does(stores: DynamoStores) -> None:
    spread(stores)
    for number in range(12):
        give(stores, f"reader {number}", 2)
    at_once([lambda: stores.tallies.settle("article", QUIET)] * 12)
    assert shown(stores) == [0, 12, 0, 0, 0]
    assert summary(stores)["h2"] == 12


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "conflict", "internal"])
def test_settling_that_may_have_failed_is_done_once_or_not_at_all(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    stores = hasty.stores
    spread(stores)
    for number in range(6):
        give(stores, f"reader {number}", 2)
    with injected(hasty_client, {("TransactWriteItems", fault): 1}):
        assert not stores.tallies.settle("article", QUIET)
    assert shown(stores) == [0, 6, 0, 0, 0]
    assert stores.tallies.settle("article", QUIET)
    assert shown(stores) == [0, 6, 0, 0, 0]
    assert summary(stores)["h2"] == 6


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "internal"])
def test_spreading_that_may_have_failed_is_seen_at_the_next_look(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    stores = hasty.stores
    with injected(hasty_client, {("UpdateItem", fault): 1}), pytest.raises(Stale):
        spread(stores)
    assert (heat(stores).until is not None) == (fault == "lost")


def test_only_one_of_many_spreads_begins_an_epoch(stores: DynamoStores) -> None:
    give(stores, "ada", 5)
    seen = heat(stores)

    def begin() -> bool:
        try:
            stores.tallies.spread("article", seen, NOW)
        except Stale:
            return False
        return True

    assert at_once([begin] * 12).count(True) == 1
    assert heat(stores).epoch == 1


def test_being_met_again_makes_it_hot_for_longer(stores: DynamoStores, table_client: "DynamoDBClient") -> None:
    spread(stores)
    with counted(table_client) as calls:
        stores.tallies.spread("article", heat(stores), NOW + timedelta(seconds=HOT_SECONDS // 4))
    assert not calls["UpdateItem"], "it is hot for long enough"
    later = NOW + timedelta(seconds=HOT_SECONDS)
    stores.tallies.spread("article", heat(stores), later)
    assert heat(stores) == Heat(1, int(later.timestamp()) + HOT_SECONDS)


def test_views_leave_a_tally_alone_that_one_of_them_could_not_settle(
    hasty: Shelf, hasty_client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = hasty.stores
    spread(stores)
    with injected(hasty_client, {("TransactWriteItems", "conflict"): 1}) as faults:
        for _ in range(3):
            shown(stores, QUIET)
    assert faults.injected["TransactWriteItems", "conflict"] == 1
    monkeypatch.setattr(threads_module, "SETTLE_AGAIN_SECONDS", 0)
    shown(stores, QUIET)
    assert heat(stores).until is None


def test_a_crowd_in_mixed_weather_is_counted_exactly(table_client: "DynamoDBClient", settings: Settings) -> None:
    stores = open_stores(table_client, settings)
    wanted: dict[str, int | None] = {}
    weather = {
        ("TransactWriteItems", "conflict"): 0.3,
        ("TransactWriteItems", "lost"): 0.1,
        ("TransactWriteItems", "throttle"): 0.02,
    }
    chance = random.Random(3)  # noqa: S311 - the same crowd each time

    def insist(reader: str, stars: int | None) -> None:
        for _ in range(20):
            try:
                give(stores, reader, stars)
            except Unavailable:
                continue
            return
        pytest.fail("never taken")

    for _ in range(3):
        todo = []
        for number in range(40):
            reader, stars = f"reader {number}", chance.choice([None, 1, 2, 3, 4, 5])
            wanted[reader] = stars
            todo.append(lambda reader=reader, stars=stars: insist(reader, stars))
        todo += [lambda: stores.tallies.settle("article", QUIET, hot_too=True)] * 6
        with injected(table_client, weather, seed=5):
            at_once(todo)
        expected = [list(wanted.values()).count(stars) for stars in range(1, 6)]
        assert shown(stores) == expected
    assert heat(stores).epoch >= 1, "it was never spread"
    stores.tallies.settle("article", QUIET, hot_too=True)
    assert shown(stores) == expected


def test_ratings_from_elsewhere_are_kept_once_and_shown(stores: DynamoStores) -> None:
    legacy = Legacy(120, 511.25, "kk-star-ratings")
    stores.ratings.keep_legacy("article", legacy)
    stores.ratings.keep_legacy("article", legacy)
    give(stores, "ada", 1)
    tally = stores.threads.first_page("article", 5, NOW).tally
    assert (tally.count, tally.legacy) == (121, legacy)
    assert tally.average == round(512.25 / 121, 2)
    with pytest.raises(LegacyFrozen):
        stores.ratings.keep_legacy("article", Legacy(1, 5.0, "csv"))
    assert stores.threads.counts(["article"])["article"].ratings == 121


def test_ratings_from_elsewhere_are_not_lost_with_their_answer(hasty: Shelf, hasty_client: "DynamoDBClient") -> None:
    legacy = Legacy(3, 9.0, "csv", (1, 0, 1, 0, 1))
    with injected(hasty_client, {("UpdateItem", "lost"): 1}), pytest.raises(Unavailable):
        hasty.stores.ratings.keep_legacy("article", legacy)
    hasty.stores.ratings.keep_legacy("article", legacy)
    assert hasty.stores.threads.first_page("article", 5, NOW).tally.legacy == legacy


def test_every_shard_is_closed_by_settling(stores: DynamoStores) -> None:
    spread(stores)
    give(stores, "ada", 5)
    assert stores.tallies.settle("article", QUIET)
    shards = stores.tallies.shards("article")
    assert len(shards) == SHARDS
    assert {shard["closed"] for shard in shards.values()} == {1}
    assert {shard["sk"] for shard in shards.values()} == {SHARD}


def test_decisions_go_on_while_an_article_is_hot(shelf: Shelf) -> None:
    comment = record()
    shelf.keep(comment)
    spread(shelf.stores)
    give(shelf.stores, "ada", 5)
    shelf.move(comment, "approve")
    page = shelf.stores.threads.first_page("article", 5, NOW)
    assert (page.approved, page.tally.count) == (1, 1)
    assert shelf.stores.tallies.settle("article", QUIET)
    page = shelf.stores.threads.first_page("article", 5, NOW)
    assert (page.approved, page.tally.count) == (1, 1)


def test_a_look_while_hot_brings_the_shards(stores: DynamoStores) -> None:
    give(stores, "ada", 5)
    spread(stores)
    give(stores, "ben", 5)
    seen = stores.ratings.look("article", "ben", None, NOW)
    assert seen == Seen(5, [0, 0, 0, 0, 2], None, None, Heat(1, int(NOW.timestamp()) + HOT_SECONDS), shard=1)


def test_a_rating_that_went_to_and_fro_since_the_look_is_looked_at_again(stores: DynamoStores) -> None:
    spread(stores)
    give(stores, "ada", 4)
    seen = stores.ratings.look("article", "ada", None, NOW)
    give(stores, "ada", 2)
    give(stores, "ada", 4)
    with pytest.raises(Stale):
        stores.ratings.move("article", "ada", seen, 5, None, NOW)
    assert shown(stores) == [0, 0, 0, 1, 0]
