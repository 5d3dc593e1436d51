from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.dynamodb import DynamoStores
from chalicelib.errors import Stale, Unavailable
from chalicelib.once import KEPT_SECONDS, Done, Earlier
from chalicelib.ratings import Seen
from tests.faults import Fault, injected
from tests.samples import NOW, once
from tests.store.conftest import Shelf, at_once, succeeds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DONE = Done(once(), "the answer", int(NOW.timestamp()) + KEPT_SECONDS)
NOBODY = Seen(None, [0] * 5, None)
ONE_FIVE = [0, 0, 0, 0, 1]


def at(stars: int | None) -> Seen:
    """What a reader saw who gave so many stars before."""
    return Seen(stars, [0] * 5, None)


def test_nobody_has_rated_yet(stores: DynamoStores) -> None:
    assert stores.ratings.look("article", "ada", once(), NOW) == NOBODY


def test_a_rating_is_given_changed_and_taken_back(stores: DynamoStores) -> None:
    for old, new in [(None, 3), (3, 5), (5, None)]:
        stores.ratings.move("article", "ada", at(old), new, None, NOW)
        seen = stores.ratings.look("article", "ada", None, NOW)
        assert seen == Seen(new, [int(new == stars) for stars in range(1, 6)], None)


@pytest.mark.parametrize(
    ("stands", "old", "new"), [(None, 3, 4), (None, 3, None), (2, None, 4), (2, 3, 4), (2, 3, None)]
)
def test_a_rating_that_is_not_as_it_was_read_is_left_alone(
    stores: DynamoStores, stands: int | None, old: int | None, new: int | None
) -> None:
    if stands:
        stores.ratings.move("article", "ada", at(None), stands, None, NOW)
    before = stores.ratings.look("article", "ada", None, NOW)
    with pytest.raises(Stale):
        stores.ratings.move("article", "ada", at(old), new, None, NOW)
    assert stores.ratings.look("article", "ada", None, NOW) == before


def test_articles_readers_and_sites_do_not_mix(stores: DynamoStores) -> None:
    stores.ratings.move("article", "ada", at(None), 5, None, NOW)
    stores.ratings.move("article", "ben", at(None), 1, None, NOW)
    assert stores.ratings.look("article", "ben", None, NOW).histogram == [1, 0, 0, 0, 1]
    for other in ("Article", "article/", "article%", "a"):
        assert stores.ratings.look(other, "ada", None, NOW) == NOBODY


def test_a_key_remembers_its_answer_for_a_day(stores: DynamoStores) -> None:
    stores.ratings.move("article", "ada", at(None), 5, DONE, NOW)
    later = NOW + timedelta(seconds=KEPT_SECONDS - 1)
    assert stores.ratings.look("article", "ada", once(), later).earlier == Earlier("digest", "the answer")
    assert stores.ratings.look("article", "ada", once("another"), NOW).earlier is None


def test_a_key_that_was_used_stops_the_whole_step(stores: DynamoStores) -> None:
    stores.ratings.move("article", "ada", at(None), 5, DONE, NOW)
    with pytest.raises(Stale):
        stores.ratings.move("article", "ben", at(None), 5, DONE, NOW)
    assert stores.ratings.look("article", "ben", None, NOW) == Seen(None, ONE_FIVE, None)


def test_a_key_past_its_time_is_free_though_its_item_is_still_there(stores: DynamoStores) -> None:
    stores.ratings.move("article", "ada", at(None), 5, DONE, NOW)
    later = NOW + timedelta(seconds=KEPT_SECONDS)
    assert stores.ratings.look("article", "ada", once(), later).earlier is None
    again = Done(once(digest="new"), "new", int(later.timestamp()) + KEPT_SECONDS)
    stores.ratings.move("article", "ben", at(None), 4, again, later)
    assert stores.ratings.look("article", "ben", once(), later).earlier == Earlier("new", "new")


def test_the_same_stars_with_a_key_keep_the_answer_only(stores: DynamoStores) -> None:
    stores.ratings.move("article", "ada", at(None), 5, None, NOW)
    stores.ratings.move("article", "ada", at(5), 5, DONE, NOW)
    stores.ratings.move("article", "ben", at(None), None, Done(once("ben"), "none", DONE.expires), NOW)
    assert stores.ratings.look("article", "ada", once(), NOW) == Seen(5, ONE_FIVE, Earlier("digest", "the answer"))
    with pytest.raises(Stale):
        stores.ratings.move("article", "ada", at(4), 4, Done(once("third"), "", DONE.expires), NOW)


def test_of_one_rating_moved_many_times_at_once_one_move_counts(stores: DynamoStores, engine: object) -> None:
    won = at_once(
        [lambda: succeeds(lambda: stores.ratings.move("article", "ada", at(None), 5, None, NOW)) for _ in range(20)]
    )
    assert won.count(True) == 1
    assert stores.ratings.look("article", "ada", None, NOW) == Seen(5, ONE_FIVE, None)


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "conflict", "internal"])
def test_a_write_that_may_have_failed_is_stale_and_done_once_or_not_at_all(
    hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault
) -> None:
    ratings = hasty.stores.ratings
    with injected(hasty_client, {("TransactWriteItems", fault): 1}) as faults, pytest.raises(Stale):
        ratings.move("article", "ada", at(None), 5, None, NOW)
    assert sum(faults.injected.values()) == 1
    kept = 5 if fault == "lost" else None
    assert ratings.look("article", "ada", None, NOW).stars == kept
    if kept is None:
        ratings.move("article", "ada", at(None), 5, None, NOW)
    assert ratings.look("article", "ada", None, NOW).histogram == ONE_FIVE


@pytest.mark.parametrize("fault", ["lost", "away", "throttle", "internal"])
def test_a_read_without_an_answer_is_unavailable(hasty: Shelf, hasty_client: "DynamoDBClient", fault: Fault) -> None:
    with injected(hasty_client, {("*", fault): 1}), pytest.raises(Unavailable):
        hasty.stores.ratings.look("article", "ada", None, NOW)


def test_botocores_own_second_try_counts_once(
    stores: DynamoStores, table_client: "DynamoDBClient", engine: object
) -> None:
    with injected(table_client, {("TransactWriteItems", "lost"): 0.5}, seed=3) as faults:
        for number in range(8):
            succeeds(lambda number=number: stores.ratings.move("article", f"reader {number}", at(None), 4, None, NOW))
    assert faults.injected["TransactWriteItems", "lost"]
    assert stores.ratings.look("article", "ada", None, NOW).histogram == [0, 0, 0, 8, 0]
