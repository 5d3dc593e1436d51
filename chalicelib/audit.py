"""The log of decisions: what one line of it says, and the chain that shows a line was changed or is missing."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.comments import State

Action = Literal["approve", "reject", "spam", "restore", "delete"]

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
class Log:
    """A page of the log, newest first."""

    items: list[Decision]
    next: str | None
