"""What moderators read: a comment with all it takes to decide on it, and a page of the queue."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chalicelib.audit import Decision
from chalicelib.comments import AuthorHistory, Comment, Lane, Record, State
from chalicelib.spam.finding import Verdict

Tray = Literal["pending", "urgent", "reported", "spam", "rejected", "deleted", "approved"]
QueueSort = Literal["oldest", "riskiest"]
WAITING: frozenset[Tray] = frozenset({"pending", "urgent", "reported"})
"""The trays of what waits: only these can be read riskiest first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the queue a moderator asks for: a tray, its order, and filters, which all have to agree.

    `author` is the id of a comment, for all by its author, or a part of a name or an address. `reason` is the name of
    a check that found something, or `report` or `appeal`. `text` is searched for in its normal form. `language` is a
    tag that `language()` gives, or UNKNOWN.
    """

    tray: Tray = "pending"
    sort: QueueSort = "oldest"
    article_id: str | None = None
    author: str | None = None
    reason: str | None = None
    text: str | None = None
    language: str | None = None

    @property
    def is_filtered(self) -> bool:
        """Whether a page may have to read past comments that it does not show."""
        return any((self.article_id, self.author, self.reason, self.text, self.language))


@dataclass(frozen=True, slots=True)
class ModeratedComment(Comment):
    """A comment as moderators see it."""

    article_id: str
    email: str | None
    state: State

    @classmethod
    def of(cls, record: Record) -> "ModeratedComment":
        """Return what moderators see of a record."""
        public = {name: getattr(record.public, name) for name in Comment.__slots__}
        return cls(**public, article_id=record.article_id, email=record.email, state=record.state)


@dataclass(frozen=True, slots=True)
class Decided:
    """The answer to a decision."""

    comment: ModeratedComment
    decision: Decision


@dataclass(frozen=True, slots=True)
class Complaint:
    """What one reader reported."""

    reason: str
    note: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One comment with what it takes to decide on it."""

    comment: ModeratedComment
    state: State
    lane: Lane
    waiting_since: datetime
    verdict: Verdict
    parent: Comment | None
    author: AuthorHistory
    reports: list[Complaint]
    claimed_by: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class CaseFile(QueueItem):
    """One comment with its history, oldest decision first."""

    history: list[Decision] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many comments were submitted or reported since a time and wait now; 100 stands for that many or more."""

    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, and how many comments each tray holds (counted up to 1,000, seconds old)."""

    items: list[QueueItem]
    next: str | None
    counts: dict[str, int]
