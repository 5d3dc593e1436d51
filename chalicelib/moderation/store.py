"""How the queue, decisions and the log are kept: the port, and what passes through it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.audit import Entry
from chalicelib.comments import Record
from chalicelib.moderation.queue import CaseFile, QueueItem, Wanted
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


class ModerationStore(Protocol):
    """How the queue, decisions and the log are kept."""

    def look(self, comment_id: str, once: Once | None, now: datetime) -> Case:
        """Return the comment and what the idempotency key remembers, by one read."""
        ...

    def decide(self, ruled: Ruled, done: Done | None) -> None:
        """Keep a decision: record, queue, public page, counts and log move in one step.

        Raises Stale when the record is not as it was read or the key was used.
        """
        ...

    def case_file(self, comment_id: str, now: datetime) -> CaseFile | None:
        """Return one comment with its context and history."""
        ...

    def entry(self, decision_id: str) -> Entry | None:
        """Return one log entry."""
        ...


class QueueStore(Protocol):
    """How the queue is read."""

    def page(self, wanted: Wanted, limit: int, after: str | None, now: datetime) -> tuple[list[QueueItem], str | None]:
        """Return a page of a tray with each item's context, most urgent first, then oldest or riskiest.

        With a filter it may be short although the position to go on from is there.
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
