import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from chalicelib import patience
from chalicelib.errors import Unavailable

ATTEMPTS = range(12)


class Clock:
    """Time that goes on by sleeping only."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(patience, "time", clock)
    return clock


def longest(attempt: int) -> float:
    """Full jitter: from nothing to a bound that doubles up to the longest pause."""
    return float(min(0.5, 0.02 * 2**attempt))


def pauses(clock: Clock, attempt: int) -> list[float]:
    before = len(clock.slept)
    for _ in range(300):
        patience.pause(attempt)
    return clock.slept[before:]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_pause_is_anything_up_to_its_bound_and_never_more(clock: Clock, attempt: int) -> None:
    slept = pauses(clock, attempt)
    assert 0 <= min(slept) < longest(attempt) * 0.1
    assert longest(attempt) * 0.9 < max(slept) <= longest(attempt)


def test_pauses_grow_until_they_are_as_long_as_they_may_be(clock: Clock) -> None:
    typical = [sum(pauses(clock, attempt)) for attempt in ATTEMPTS]
    assert typical[:5] == sorted(typical[:5])
    assert all(typical[0] * 10 < each <= 300 * patience.LONGEST_PAUSE for each in typical[5:])


def test_outside_a_request_time_is_never_over(clock: Clock) -> None:
    clock.sleep(10**9)
    assert not patience.is_over()
    assert not patience.is_over(10**9)


def test_time_is_over_after_so_many_seconds_and_not_before(clock: Clock) -> None:
    with patience.patience():
        clock.sleep(patience.SECONDS)
        assert not patience.is_over()
        assert patience.is_over(0.001)
        clock.sleep(0.001)
        assert patience.is_over()
    assert not patience.is_over()


def test_a_pause_for_which_there_is_no_time_is_refused_at_once(clock: Clock) -> None:
    with patience.patience(1):
        clock.sleep(0.95)
        with pytest.raises(Unavailable) as refused:
            patience.pause(5)
        patience.pause(0)
    assert refused.value.retry_after >= 1
    assert len(clock.slept) == 2


def test_whatever_is_tried_again_and_again_ends_in_time(clock: Clock) -> None:
    def try_for_ever() -> None:
        for attempt in count():
            patience.pause(attempt)

    with pytest.raises(Unavailable), patience.patience():
        try_for_ever()
    assert sum(clock.slept) <= patience.SECONDS


def test_a_request_that_failed_leaves_the_next_one_all_its_time(clock: Clock) -> None:
    with pytest.raises(Unavailable), patience.patience(0.1):
        patience.pause(5)
    with patience.patience(1):
        assert not patience.is_over()


def test_a_block_in_another_has_an_end_of_its_own_and_then_the_outer_one_counts_again(clock: Clock) -> None:
    with patience.patience(10):
        with patience.patience(1):
            clock.sleep(2)
            assert patience.is_over()
        assert not patience.is_over()


def test_each_thread_has_the_time_of_its_own_request(clock: Clock) -> None:
    both = threading.Barrier(2, timeout=10)

    def request(seconds: float) -> bool:
        with patience.patience(seconds):
            both.wait()
            is_over = patience.is_over(5)
            both.wait()
        return is_over

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(request, (1, 10))) == [True, False]
