from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import LimitReached
from chalicelib.limits import Limit, take_all, words
from chalicelib.policy import Rate
from tests.samples import limit


@dataclass
class Allowances:
    """GCRA as its definition has it: fulfils LimitStore but for network marks."""

    arrivals: dict[tuple[str, str], int] = field(default_factory=dict)

    def take(self, limit: Limit, now: int) -> int | None:
        arrival = max(now, self.arrivals.get((limit.scope, limit.mark), 0))
        if arrival - now > limit.tolerance:
            return arrival - limit.tolerance - now
        self.arrivals[limit.scope, limit.mark] = arrival + limit.interval
        return None

    def network_mark(self, network: str, day: str) -> str:
        return f"{day} {network}"


@pytest.mark.parametrize(
    ("count", "seconds", "interval", "tolerance"),
    [(1, 60, 60_000, 0), (30, 600, 20_000, 580_000), (7, 1, 142, 852), (1_000_000, 1, 1, 999_999)],
)
def test_an_allowance_is_used_up_and_comes_back_evenly(count: int, seconds: int, interval: int, tolerance: int) -> None:
    found = limit(count, seconds)
    assert (found.interval, found.tolerance) == (interval, tolerance)


@given(st.integers(1, 50), st.integers(1, 3600))
def test_at_once_as_many_are_allowed_as_the_rate_says(count: int, seconds: int) -> None:
    store, rate = Allowances(), limit(count, seconds)
    allowed = sum(store.take(rate, 1_000_000) is None for _ in range(count + 5))
    assert allowed == count


@given(st.integers(1, 20), st.integers(1, 600), st.lists(st.integers(0, 60_000), max_size=60))
def test_no_longer_time_sees_more_than_its_share(count: int, seconds: int, waits: list[int]) -> None:
    store, rate, now, times = Allowances(), limit(count, seconds), 10**9, []
    for wait in waits:
        now += wait
        if store.take(rate, now) is None:
            times.append(now)
    for first, start in enumerate(times):
        for last in range(first, len(times)):
            assert last - first + 1 <= count + (times[last] - start) / rate.interval


@given(st.integers(1, 20), st.integers(1, 600))
def test_who_waits_as_told_is_let_in_and_not_sooner(count: int, seconds: int) -> None:
    store, rate, now = Allowances(), limit(count, seconds), 10**9
    while store.take(rate, now) is None:
        pass
    wait = store.take(rate, now)
    assert wait
    assert store.take(rate, now + wait - 1) == 1
    assert store.take(rate, now + wait) is None


def test_a_refusal_says_in_whole_seconds_when_to_come_back() -> None:
    store, rate = Allowances(), limit(1, 90)
    take_all(store, [rate], 0)
    with pytest.raises(LimitReached, match="in 2 minutes") as refused:
        take_all(store, [rate], 500)
    assert refused.value.retry_after == 90


def test_the_first_refusal_leaves_the_later_allowances_alone() -> None:
    store = Allowances()
    spent, later = limit(1, 60, "spent"), limit(1, 60, "later")
    take_all(store, [spent], 0)
    with pytest.raises(LimitReached):
        take_all(store, [spent, later], 1)
    take_all(store, [later], 1)


def test_no_limits_refuse_nobody() -> None:
    take_all(Allowances(), [], 0)


def test_visitors_and_kinds_of_act_do_not_use_up_each_others() -> None:
    store, rate = Allowances(), Rate(count=1, seconds=60)
    take_all(store, [Limit(scope, mark, rate) for scope in ("comments", "votes") for mark in ("ada", "ben")], 0)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "a moment"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (3600, "1 hour"),
        (86_400, "1 day"),
        (86_401, "2 days"),
    ],
)
def test_times_to_wait_are_said_in_words(seconds: int, said: str) -> None:
    assert words(seconds) == said
