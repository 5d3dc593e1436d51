"""How the queue, decisions and the log are kept: the port, and what passes through it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.audit import Entry
from chalicelib.comments import Record, Revision
from chalicelib.moderation.queue import CaseFile, Noted, QueueItem, Wanted
from chalicelib.once import Done, Earlier, Once


@dataclass(frozen=True, slots=True)
class Case:
    """What one read shows of a comment that is to be decided on."""

    record: Record | None
    earlier: Earlier | None


@dataclass(frozen=True, slots=True)
class Ruled:
    """A decision ready to be kept: the record before and after, and its log entry."""

    before: Record
    after: Record
    entry: Entry
    undoes: str | None = None
    """The decision that is taken back by this one."""
    trusted: bool | None = None
    """Whether the author is trusted from now on; None leaves that as it is."""
    shown: Record | None = None
    """The record as the public sees it, where that is in an earlier text than the newest."""


@dataclass(frozen=True, slots=True)
class Said:
    """A comment in the site's name, ready to be kept, and its log entry."""

    record: Record
    entry: Entry


class ModerationStore(Protocol):
    """How the queue, decisions and the log are kept."""

    def look(self, comment_id: str, once: Once | None, now: datetime) -> Case:
        """Return the comment and what the idempotency key remembers, by one read."""
        ...

    def look_many(self, asked: Mapping[str, Once | None], now: datetime) -> dict[str, Case]:
        """Return the same for many comments at once, by as few reads as it takes."""
        ...

    def decide(self, ruled: Ruled, done: Done | None) -> None:
        """Keep a decision or an event: record, its text before, queue, public page, counts and log move in one step.

        Raises Stale when the record is not as it was read or the key was used.
        """
        ...

    def keep(self, before: Record, after: Record, done: Done | None, now: datetime) -> None:
        """Keep a record of which nothing has moved that is counted, logged or public. Raises Stale, as above."""
        ...

    def say(self, said: Said, now: datetime) -> None:
        """Keep a public comment in the site's name in one step. Raises Stale, also when it is there already."""
        ...

    def is_trusted(self, author: str) -> bool:
        """Tell whether a moderator said that an author is trusted."""
        ...

    def revision(self, comment_id: str, revision: int) -> Revision | None:
        """Return a text that a comment had before."""
        ...

    def case_file(self, comment_id: str, now: datetime) -> CaseFile | None:
        """Return one comment with its context and history."""
        ...

    def entry(self, entry_id: str) -> Entry | None:
        """Return one entry, of a decision or of an event."""
        ...

    def entries(self, entry_ids: Sequence[str]) -> dict[str, Entry]:
        """Return those of up to a hundred entries that there are, by id."""
        ...


class QueueStore(Protocol):
    """How the queue is read."""

    def page(self, wanted: Wanted, limit: int, after: str | None, now: datetime) -> tuple[list[QueueItem], str | None]:
        """Return a page of a tray with each item's context, most urgent first, then oldest or riskiest.

        With a filter it may be short although the position to go on from is there.
        """
        ...

    def noted(self, reason: str, limit: int, after: str | None, now: datetime) -> tuple[list[Noted], str | None]:
        """Return up to `limit` comments in which a check found something, and the position to go on from.

        Those that wait come first, then the public and the rejected ones, the oldest first. There may be few although
        the position to go on from is there.
        """
        ...

    def arrivals(self, since: datetime) -> int:
        """Return how many that were submitted or reported since then wait, counted up to 100."""
        ...

    def oldest(self) -> datetime | None:
        """Return since when the oldest waits; None when nothing does."""
        ...

    def counts(self) -> dict[str, int]:
        """Return how many comments each tray holds, counted up to 1,000."""
        ...
