from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ratings import Tally

STARS = st.none() | st.integers(1, 5)


def test_the_designs_example_adds_up() -> None:
    tally = Tally.of([0, 1, 3, 10, 14])
    assert (tally.count, tally.average, tally.score) == (28, 4.32, 4.11)


def test_the_mean_of_nothing_is_nothing() -> None:
    tally = Tally.of([0] * 5)
    assert (tally.count, tally.average, tally.score) == (0, None, None)


@given(st.lists(STARS), st.randoms())
def test_a_tally_is_the_sum_of_its_ratings_in_any_order(moves: list[int | None], chance: st.DrawFn) -> None:
    tally, mine = Tally.of([0] * 5), {}
    for number, stars in enumerate(moves):
        reader = number % 3
        tally = tally.moved(mine.get(reader), stars)
        mine[reader] = stars
    kept = [stars for stars in mine.values() if stars]
    chance.shuffle(kept)  # type: ignore[attr-defined]
    again = Tally.of([0] * 5)
    for stars in kept:
        again = again.moved(None, stars)
    assert tally == again
    assert tally.count == len(kept)
