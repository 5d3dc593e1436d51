"""How often one visitor may act: the generic cell rate algorithm, one stored time per visitor and kind of act.

GCRA keeps the theoretical arrival time of the next act; an act is refused when it comes more than the
tolerance before that. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from chalicelib.errors import LimitReached
from chalicelib.policy import Rate

MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class Limit:
    """One allowance: whose (a keyed mark), for what, how much."""

    scope: str
    mark: str
    rate: Rate

    @property
    def interval(self) -> int:
        """Milliseconds that one act uses up, at least one."""
        return max(1, self.rate.seconds * MILLISECONDS // self.rate.count)

    @property
    def tolerance(self) -> int:
        """Milliseconds ahead of the clock that acts may run: the whole allowance at once."""
        return self.interval * (self.rate.count - 1)


class LimitStore(Protocol):
    """How allowances are kept."""

    def take(self, limit: Limit, now: int) -> int | None:
        """Use up one act at `now` (milliseconds since 1970): None when allowed, else milliseconds to wait."""
        ...

    def network_mark(self, network: str, day: str) -> str:
        """Return the keyed mark of a network under a key that lives for that day (`2026-11-23`) only."""
        ...


def unlimited() -> None:
    """Use up nothing: for what no allowance counts."""


def take_all(store: LimitStore, limits: Iterable[Limit], now: int) -> None:
    """Use up one act of each allowance, the first refusal ends it. Raises LimitReached with the seconds to wait."""
    for limit in limits:
        wait = store.take(limit, now)
        if wait is not None:
            after = max(1, math.ceil(wait / MILLISECONDS))
            raise LimitReached(f"That was too often. Please try again in {words(after)}.", retry_after=after)


def words(seconds: int) -> str:
    """Return a time to wait in words."""
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            number = math.ceil(seconds / size)
            return f"{number} {name}{'' if number == 1 else 's'}"
    return "a moment"
