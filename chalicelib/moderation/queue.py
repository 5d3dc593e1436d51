"""What moderators read: a comment with all it takes to decide on it, and a page of the queue."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chalicelib.audit import Decision, Line
from chalicelib.comments import AuthorHistory, Comment, Lane, Record, Revision, State, Statement
from chalicelib.policy import Help
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
    """The answer to a decision; `reply` is what was said with it in the site's name."""

    comment: ModeratedComment
    decision: Decision
    reply: "Decided | None" = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """What one reader reported, on which revision; open while no decision has answered it."""

    reason: str
    note: str | None
    at: datetime
    revision: int
    open: bool


@dataclass(frozen=True, slots=True)
class Appealed:
    """What an author says against a decision; `open` until somebody has decided on it."""

    text: str
    at: datetime
    open: bool

    @classmethod
    def of(cls, record: Record) -> "Appealed | None":
        """Return the appeal of a comment's author, None without one."""
        return cls(record.appeal.text, record.appeal.at, record.is_appealed) if record.appeal else None


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another comment by the same author."""

    id: str
    article_id: str
    state: State
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One comment with what it takes to decide on it; `claimed_by` names who is looking at it now."""

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
    appeal: Appealed | None = None
    help: Help | None = None
    """What its author was shown at once, because it is urgent."""


@dataclass(frozen=True, slots=True)
class CaseFile(QueueItem):
    """One comment with all there is about it: every report, every text it had, oldest first, and its history.

    `author_comments` are the author's newest others, `history` holds decisions and events, oldest first.
    """

    statement: Statement | None = None
    revisions: list[Revision] = field(default_factory=list)
    author_comments: list[Sibling] = field(default_factory=list)
    history: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Noted:
    """A comment in which a check found something, and its position among such."""

    position: str
    record: Record


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
