from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.errors import Crowded, KeyReused, Stale, Unavailable
from chalicelib.once import Done, Earlier, Once
from chalicelib.ratings import ATTEMPTS, Heat, Legacy, Rated, RatingStore, Seen, Tally, Vote, moved, rate
from tests.samples import NOW, once

STARS = st.none() | st.integers(1, 5)


def test_the_designs_example_adds_up() -> None:
    tally = Tally.of([0, 1, 3, 10, 14])
    assert (tally.count, tally.average, tally.score) == (28, 4.32, 4.11)


def test_the_mean_of_nothing_is_nothing() -> None:
    tally = Tally.of([0] * 5)
    assert (tally.count, tally.average, tally.score) == (0, None, None)


@given(st.lists(STARS), st.randoms())
def test_a_tally_is_the_sum_of_its_ratings_in_any_order(moves: list[int | None], chance: st.DrawFn) -> None:
    histogram, mine = [0] * 5, {}
    for number, stars in enumerate(moves):
        reader = number % 3
        histogram = moved(histogram, mine.get(reader), stars)
        mine[reader] = stars
    kept = [stars for stars in mine.values() if stars]
    chance.shuffle(kept)  # type: ignore[attr-defined]
    again = [0] * 5
    for stars in kept:
        again = moved(again, None, stars)
    assert histogram == again
    assert Tally.of(histogram).count == len(kept)


@dataclass
class Shelf:
    """The ratings of one article: fulfils RatingStore."""

    stars: dict[str, int] = field(default_factory=dict)
    kept: dict[str, Earlier] = field(default_factory=dict)
    moves: int = 0
    trouble: list[Any] = field(default_factory=list)
    """What happens to the next writes: a call made before one, or an error raised after it."""

    legacy: Legacy | None = None
    spreads: list[Heat] = field(default_factory=list)

    @property
    def histogram(self) -> list[int]:
        return [list(self.stars.values()).count(stars) for stars in range(1, 6)]

    @property
    def tally(self) -> Tally:
        return Tally.of(self.histogram, self.legacy)

    def look(self, _article: str, reader: str, once: Once | None, _now: object) -> Seen:
        earlier = self.kept.get(once.mark) if once else None
        return Seen(self.stars.get(reader), self.histogram, earlier, self.legacy, Heat(len(self.spreads)))

    def spread(self, _article: str, heat: Heat, _now: object) -> None:
        self.spreads.append(heat)

    def move(self, _article: str, reader: str, seen: Seen, new: int | None, done: Done | None, _now: object) -> None:
        old = seen.stars
        trouble = self.trouble.pop(0) if self.trouble else None
        if callable(trouble):
            trouble()
        if self.stars.get(reader) != old or (done and done.once.mark in self.kept):
            raise Stale
        self.moves += 1
        self.stars.pop(reader, None)
        if new:
            self.stars[reader] = new
        if done:
            self.kept[done.once.mark] = Earlier(done.once.digest, done.answer)
        if isinstance(trouble, Exception):
            raise trouble


def rated(shelf: Shelf, stars: int | None, reader: str = "ada", key: Once | None = None) -> Rated:
    store = cast("RatingStore", shelf)
    return rate(store, "article", reader, stars, once=key, now=NOW, pause=lambda _attempt: None)


def collide() -> None:
    raise Stale("TransactionConflict")


@given(st.lists(st.tuples(st.sampled_from("abcdef"), STARS), max_size=40))
def test_every_answer_tells_the_tally_with_the_rating_in_it(made: list[tuple[str, int | None]]) -> None:
    shelf = Shelf()
    for reader, stars in made:
        assert rated(shelf, stars, reader) == Rated(tally=shelf.tally, mine=stars)


@pytest.mark.parametrize("key", [None, once()])
@pytest.mark.parametrize("stars", [1, 3, 5, None])
def test_a_rating_whose_answer_was_lost_counts_once(key: Once | None, stars: int | None) -> None:
    shelf = Shelf({"ada": 3}, trouble=[Stale("unknown outcome")])
    answer = rated(shelf, stars, key=key)
    assert answer == Rated(tally=shelf.tally, mine=stars)
    assert shelf.tally.count == (1 if stars else 0)
    assert shelf.moves <= 1


def test_the_same_stars_again_write_nothing() -> None:
    shelf = Shelf()
    assert rated(shelf, None).mine is None
    assert rated(shelf, 4) == rated(shelf, 4)
    assert shelf.moves == 1


def test_one_who_rates_twice_at_once_has_one_rating() -> None:
    shelf = Shelf(trouble=[lambda: rated(shelf, 2), collide])
    assert rated(shelf, 5) == Rated(tally=Tally.of([0, 0, 0, 0, 1]), mine=5)


def test_the_same_key_hears_the_first_answer() -> None:
    shelf = Shelf()
    first = rated(shelf, 5, key=once())
    rated(shelf, 1)
    rated(shelf, 2, "another")
    assert rated(shelf, 5, key=once()) == first
    assert shelf.stars == {"ada": 1, "another": 2}
    with pytest.raises(KeyReused):
        rated(shelf, 4, key=once(digest="of another request"))


def crowd() -> None:
    raise Crowded("None", "TransactionConflict")


def test_a_tally_that_is_met_by_others_is_spread_before_the_next_try() -> None:
    shelf = Shelf(trouble=[crowd, crowd])
    assert rated(shelf, 5).mine == 5
    assert shelf.spreads == [Heat(0), Heat(1)]


def test_another_collision_spreads_nothing() -> None:
    shelf = Shelf(trouble=[collide])
    rated(shelf, 5)
    assert shelf.spreads == []


def test_ratings_from_elsewhere_are_in_the_tally_and_are_nobodys() -> None:
    shelf = Shelf(legacy=Legacy(10, 43.5, "kk-star-ratings"))
    answer = rated(shelf, 1)
    assert (answer.tally.count, answer.tally.average) == (11, 4.05)
    assert answer.tally.histogram == {"1": 1, "2": 0, "3": 0, "4": 0, "5": 0}
    assert answer.tally.legacy == shelf.legacy
    assert rated(shelf, None).tally.count == 10


def test_known_stars_from_elsewhere_are_in_the_histogram() -> None:
    tally = Tally.of([0, 0, 0, 0, 1], Legacy(3, 9.0, "wp-postratings", (1, 0, 0, 2, 0)))
    assert tally.histogram == {"1": 1, "2": 0, "3": 0, "4": 2, "5": 1}
    assert (tally.count, tally.average) == (4, 3.5)


def test_an_answer_remembered_has_what_was_brought_along_too() -> None:
    shelf = Shelf(legacy=Legacy(10, 40.0, "csv"))
    first = rated(shelf, 5, key=once())
    assert rated(shelf, 5, key=once()) == first
    assert first.tally.count == 11


def test_a_tally_is_hot_for_its_time_and_no_longer() -> None:
    until = int(NOW.timestamp()) + 10
    assert Heat(1, until).is_hot(NOW)
    assert not Heat(1, until).is_hot(NOW + timedelta(seconds=11))
    assert not Heat(1, None).is_hot(NOW)


def test_an_article_too_busy_is_refused_for_now() -> None:
    shelf = Shelf(trouble=[collide] * ATTEMPTS)
    with pytest.raises(Unavailable):
        rated(shelf, 5)
    assert shelf.moves == 0


@pytest.mark.parametrize("stars", [1, 5])
def test_one_to_five_whole_stars_are_a_vote(stars: int) -> None:
    assert Vote.model_validate({"stars": stars}).stars == stars


@pytest.mark.parametrize("stars", [0, 6, -1, 4.5, "5", True, None, [5], 1e300, float("inf"), float("nan")])
def test_anything_else_is_none(stars: object) -> None:
    with pytest.raises(ValidationError):
        Vote.model_validate({"stars": stars})
