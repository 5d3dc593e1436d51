"""The log of decisions: what one line of it says, and the chain that shows a line was changed or is missing."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import Field

from chalicelib.comments import State

Action = Literal["approve", "reject", "spam", "restore", "delete"]

LOOKS = 4

BY_AUTHOR = "author"
BY_REPORTS = "readers' reports"
"""Who stands in the log where no moderator decided."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the log: who moved which comment from where to where, when and why.

    An author's edit and readers' reports that hide a comment are lines too, and so is taking a decision back; its note
    is the id of that decision, which is `undone` from then on. A change of the policy is a line without a comment; its
    note is the patch.
    """

    id: str
    comment_id: str | None
    action: Action | Literal["edit", "hide", "undo", "policy"]
    from_: Annotated[State | None, Field(serialization_alias="from")]
    to: State | None
    revision: int | None
    by: str
    at: datetime
    reason: str | None = None
    note: str | None = None
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision as the log keeps it, chained to the entry before it about the same comment.

    `hash` is the SHA-256 of the previous hash and this decision: a changed or missing entry breaks the chain.
    """

    decision: Decision
    previous: str | None
    hash: str

    @classmethod
    def after(cls, previous: str | None, decision: Decision) -> "Entry":
        """Return the entry that follows the one with the hash `previous`."""
        return cls(decision, previous, chained(previous, decision))


def chained(previous: str | None, decision: Decision) -> str:
    """Return the hash of an entry: SHA-256 over the previous hash and the decision as canonical JSON."""
    fields = {**asdict(decision), "at": decision.at.isoformat(), "undone": False}
    line = json.dumps([previous, fields], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(line.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Chain:
    """The log entries about one comment, or about the policy (None), oldest first.

    `head` is the hash of the newest one as the comment or the policy remembers it; `is_known` is False where nothing is
    left to remember it.
    """

    comment_id: str | None
    entries: Sequence[Entry]
    head: str | None
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain is broken: an entry was `changed`, or one is `missing` before it, or after the last (None)."""

    comment_id: str | None
    decision_id: str | None
    what: Literal["changed", "missing"]


class AuditStore(Protocol):
    """How the log is read as a whole."""

    def subjects(self, seen: Callable[[int], None]) -> Iterator[str | None]:
        """Yield what entries are about, each once: comments, and None for the policy; `seen` hears of items read."""
        ...

    def chain(self, comment_id: str | None) -> Chain:
        """Return the entries about a comment, or about the policy."""
        ...


def verify(store: AuditStore, comment_id: str | None, pause: Callable[[int], None]) -> tuple[Chain, list[Break]]:
    """Return a chain and where it is broken, nowhere if it holds. Raises Unavailable.

    What seems broken is looked at again: somebody may have decided just then, or an index lag behind its table.
    """
    for attempt in range(LOOKS):
        chain = store.chain(comment_id)
        found = breaks(chain)
        if not found:
            break
        pause(attempt)
    return chain, found


def breaks(chain: Chain) -> list[Break]:
    """Return where the chain is broken, by working out every hash anew."""
    found: list[Break] = []
    last: Entry | None = None
    for entry in chain.entries:
        identity = entry.decision.id
        if entry.hash != chained(entry.previous, entry.decision):
            found.append(Break(chain.comment_id, identity, "changed"))
        if not _follows(entry.previous, last):
            found.append(Break(chain.comment_id, identity, "missing"))
        last = entry
    if chain.is_known and not _follows(chain.head, last):
        found.append(Break(chain.comment_id, None, "missing"))
    return found


def _follows(previous: str | None, last: Entry | None) -> bool:
    """Tell whether what remembers the hash `previous` comes right after an entry.

    Once a comment was deleted and is gone, the same words may come again, and begin a chain of their own.
    """
    if previous is None:
        return last is None or last.decision.to == "deleted"
    return last is not None and last.hash == previous


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log, newest first."""

    items: list[Decision]
    next: str | None
