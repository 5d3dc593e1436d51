"""What every route works with: the stores, the keys, the clock and chance."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from chalicelib.audit import AuditStore
from chalicelib.comments import ThreadStore
from chalicelib.edits import EditStore
from chalicelib.keyring import Keyring
from chalicelib.limits import LimitStore
from chalicelib.lists import ListStore
from chalicelib.moderation import ModerationStore, QueueStore
from chalicelib.people import PeopleStore
from chalicelib.policies import PolicyStore
from chalicelib.ratings import RatingStore
from chalicelib.reports import ReportStore
from chalicelib.settings import Settings
from chalicelib.stats import StatsStore
from chalicelib.submission import CommentStore
from chalicelib.votes import VoteStore


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
    def edits(self) -> EditStore: ...
    @property
    def votes(self) -> VoteStore: ...
    @property
    def reports(self) -> ReportStore: ...
    @property
    def moderation(self) -> ModerationStore: ...
    @property
    def queue(self) -> QueueStore: ...
    @property
    def audits(self) -> AuditStore: ...
    @property
    def stats(self) -> StatsStore: ...
    @property
    def policies(self) -> PolicyStore: ...
    @property
    def people(self) -> PeopleStore: ...

    def reachable(self) -> bool:
        """Tell whether the table answers. Raises Unavailable when not."""
        ...


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """What every route works with."""

    settings: Settings
    stores: Stores
    keyring: Keyring
    clock: Callable[[], datetime] = utc_now
    randomness: Callable[[], int] = lambda: secrets.randbits(42)
