"""Timing: CPU time of pieces of work that are compared with each other, taken turn by turn on a noisy machine.

CPU time is that of this thread, so neither the engine nor anything else on the machine is in it. What others do still
shows: a busy neighbour empties the caches and slows the core. So the pieces that are compared take turns, in another
order each round, and all meet the same weather; and of many rounds the tenth percentile is what counts: noise only
ever adds time, so the low end is what the work itself takes, and it moves less than the very lowest does.
"""

import gc
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

Name = TypeVar("Name")

COUNTS = 0.1
"""The quantile that counts."""
_COLLECT_EVERY = 50
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Work:
    """What is timed, and what is done each time before it, untimed."""

    run: Callable[[], object]
    before: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Spread:
    """CPU milliseconds of one piece of work over all rounds."""

    tenth: float
    quarter: float
    median: float
    three_quarters: float

    @classmethod
    def of(cls, nanoseconds: Sequence[int]) -> "Spread":
        """Return the spread of at least one sample."""
        ordered = sorted(nanoseconds)

        def quantile(share: float) -> float:
            return round(ordered[int(share * (len(ordered) - 1))] / _MILLION, 4)

        return cls(quantile(COUNTS), quantile(0.25), quantile(0.5), quantile(0.75))


def take_turns(
    groups: Sequence[Mapping[Name, Work]], rounds: int, advance: Callable[[int], object]
) -> list[dict[Name, Spread]]:
    """Time each piece of work once a round; those of a group, which are compared, right after each other."""
    samples: list[dict[Name, list[int]]] = [{name: [] for name in group} for group in groups]
    with _undisturbed():
        for number in range(rounds):
            for group, taken in zip(groups, samples, strict=True):
                for name in random.sample(list(group), len(group)):
                    taken[name].append(_timed(group[name]))
            if number % _COLLECT_EVERY == 0:
                gc.collect()
            advance(1)
    return [{name: Spread.of(each) for name, each in taken.items()} for taken in samples]


def _timed(work: Work) -> int:
    work.before()
    started = time.thread_time_ns()
    work.run()
    return time.thread_time_ns() - started


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the garbage collector out of the block."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
