"""Patience: how long one request may take, and how it waits between two tries.

Only steps that are safe to repeat are tried again: reads, and writes tied to what was read.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from chalicelib.errors import Unavailable

# Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.5
SECONDS = 15.0
"""After this we answer 503 ourselves. A call under way may take a few more; Lambda ends us at 25, the gateway at 29."""

_ends: ContextVar[float] = ContextVar("ends", default=float("inf"))


@contextmanager
def patience(seconds: float = SECONDS) -> Iterator[None]:
    """Give the block this many seconds; what goes on after them is refused a further try."""
    token = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def is_over(after: float = 0.0) -> bool:
    """Tell whether the time of the request is over, now or in so many seconds."""
    return time.monotonic() + after > _ends.get()


def pause(attempt: int) -> None:
    """Wait between two tries, longer each time and by chance. Raises Unavailable when there is no time left for it."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
    if is_over(longest):
        raise Unavailable
    time.sleep(random.uniform(0, longest))  # noqa: S311 - spreads load, hides nothing
