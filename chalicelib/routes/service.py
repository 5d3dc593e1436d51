"""What every route works with: the stores, the keys, the clock and chance."""

import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from chalicelib.comments import CommentStore, ThreadStore
from chalicelib.errors import Unavailable
from chalicelib.keyring import Keyring
from chalicelib.limits import LimitStore
from chalicelib.lists import ListStore
from chalicelib.moderation import ModerationStore, PolicyStore
from chalicelib.ratings import RatingStore
from chalicelib.settings import Settings

# Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.5
PATIENCE = 12.0
"""Seconds after which we answer 503 ourselves; API Gateway gives up at 29."""


class Stores(Protocol):
    """All stores of one site."""

    @property
    def ratings(self) -> RatingStore: ...
    @property
    def threads(self) -> ThreadStore: ...
    @property
    def comments(self) -> CommentStore: ...
    @property
    def limits(self) -> LimitStore: ...
    @property
    def lists(self) -> ListStore: ...
    @property
    def moderation(self) -> ModerationStore: ...
    @property
    def policies(self) -> PolicyStore: ...

    def reachable(self) -> bool:
        """Tell whether the table answers. Raises Unavailable when not."""
        ...


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def patience() -> Callable[[int], None]:
    """Return how to wait between the attempts of one request. Raises Unavailable when it took too long already."""
    ends = time.monotonic() + PATIENCE

    def pause(attempt: int) -> None:
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
        if time.monotonic() + longest > ends:
            raise Unavailable
        time.sleep(random.uniform(0, longest))  # noqa: S311 - spreads load, hides nothing

    return pause


@dataclass(frozen=True, slots=True)
class Service:
    """What every route works with."""

    settings: Settings
    stores: Stores
    keyring: Keyring
    clock: Callable[[], datetime] = utc_now
    randomness: Callable[[], int] = lambda: secrets.randbits(42)
