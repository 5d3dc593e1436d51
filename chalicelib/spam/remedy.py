"""Remedy: the smallest change that would have made a verdict milder, in words for a person."""

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Literal

Outcome = Literal["publish", "hold", "spam"]

Sums = tuple[int, int, int]
"""The points of findings, how many of them have a lane, and how many are for a person, spam or not."""

MOST_CHANGES = 3
"""Who would have to leave out more than this would have to write something else."""
MOST_LOOKED_AT = 8
"""Of more things to leave out than this, those that weigh most are looked at: it bounds the time a verdict takes."""

_MILD: tuple[Outcome, ...] = ("publish", "hold", "spam")


def smallest_change(
    whole: Sums, changes: Mapping[str, Sums], outcome: Outcome, outcome_of: Callable[[int, int, int], Outcome]
) -> str | None:
    """Return the fewest things to leave out, three at most, for a milder outcome; None where no three would do.

    `changes` are what could be left out, each with the sums of its findings. Of as few things, those with the mildest
    outcome are named, and of these those with the fewest points.
    """
    heaviest = sorted(changes.items(), key=lambda change: (change[1][1], change[1][0]), reverse=True)[:MOST_LOOKED_AT]
    for number in range(1, min(MOST_CHANGES, len(heaviest)) + 1):
        found: list[tuple[int, int, tuple[str, ...]]] = []
        for left_out in combinations(heaviest, number):
            points, lanes, people = (sum(part) for part in zip(*(sums for _, sums in left_out), strict=True))
            milder = _MILD.index(outcome_of(whole[0] - points, whole[1] - lanes, whole[2] - people))
            if milder < _MILD.index(outcome):
                found.append((milder, points, tuple(name for name in changes if name in dict(left_out))))
        if found:
            milder, _, names = min(found, key=lambda each: each[:2])
            return _words(_MILD[milder], names)
    return None


def _words(outcome: Outcome, names: tuple[str, ...]) -> str:
    *first, last = names
    without = f"{', '.join(first)} and {last}" if first else last
    return f"Would pass without {without}." if outcome == "publish" else f"Would be held, not spam, without {without}."
