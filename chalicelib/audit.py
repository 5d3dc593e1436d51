"""The log of decisions: what one line of it says, and the chain that shows a line was changed or is missing."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol, get_args

from pydantic import Field

from chalicelib.comments import Record, State
from chalicelib.text import normal

Action = Literal["approve", "reject", "spam", "restore", "delete"]
"""What a moderator decides."""
Event = Literal["submit", "view", "claim", "note"]
"""What happens to a comment without a decision: it stands in the comment's history, and not among the decisions."""
Act = Action | Event | Literal["edit", "appeal", "reply", "hide", "undo", "policy", "list", "people"]
"""All that can stand in an entry."""
EVENTS: frozenset[str] = frozenset(get_args(Event))

LOOKS = 4

BY_AUTHOR = "author"
BY_REPORTS = "readers' reports"
"""Who stands in the log where no moderator decided."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the log: who moved which comment from where to where, when and why.

    An author's edit and appeal, and readers' reports that hide a comment, are lines too, and so is taking a decision
    back; its note is the id of that decision, which is `undone` from then on. A change of a policy, a list or who
    moderates is a line without a comment; its note says what was changed, as JSON.
    """

    id: str
    comment_id: str | None
    action: Act
    from_: Annotated[State | None, Field(serialization_alias="from")]
    to: State | None
    revision: int | None
    by: str
    at: datetime
    reason: str | None = None
    note: str | None = None
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a comment stood when something was done to it: what figures are made of.

    `outcome`, `score` and `checks` (the names of those that spoke against it) are of its verdict then; `waited` is for
    how many seconds it had waited, None when it did not. `message` is what the author was told. `findings` and `remedy`
    are the verdict's own words; events that change nothing about it, and entries from before they were kept, have none.
    """

    article_id: str
    outcome: str
    score: int
    checks: tuple[str, ...]
    waited: int | None = None
    message: str | None = None
    findings: tuple[str, ...] = ()
    remedy: str | None = None

    @classmethod
    def of(cls, record: Record, at: datetime, message: str | None = None, *, in_words: bool = True) -> "Circumstances":
        """Return how a comment stands at a time, `in_words` with what its verdict says."""
        return cls(
            article_id=record.article_id,
            outcome=record.verdict.outcome,
            score=record.verdict.score,
            checks=tuple(dict.fromkeys(each.check for each in record.verdict.findings if each.points > 0 or each.lane)),
            waited=max(0, int((at - record.waiting_since).total_seconds())) if record.waits else None,
            message=message,
            findings=tuple(finding.message for finding in record.verdict.findings) if in_words else (),
            remedy=record.verdict.remedy if in_words else None,
        )

    def to_json(self) -> dict[str, Any]:
        """Return what an entry's hash is made of: an entry from before verdicts were kept in words keeps its own."""
        facts = asdict(self)
        return {name: value for name, value in facts.items() if value or name not in {"findings", "remedy"}}


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision as the log keeps it, chained to the entry before it about the same comment.

    `hash` is the SHA-256 of the previous hash and all else: a changed or missing entry breaks the chain. Entries
    without a comment make one chain of their own.
    """

    decision: Decision
    previous: str | None
    hash: str
    circumstances: Circumstances | None = None

    @property
    def article_id(self) -> str | None:
        """The article it is about, as far as it says: a comment's, or the one whose rules were changed."""
        if self.circumstances:
            return self.circumstances.article_id
        return _named_article(self.decision)

    @classmethod
    def after(cls, previous: str | None, decision: Decision, circumstances: Circumstances | None = None) -> "Entry":
        """Return the entry that follows the one with the hash `previous`."""
        return cls(decision, previous, chained(previous, decision, circumstances), circumstances)


def _named_article(decision: Decision) -> str | None:
    """Return the article that the note of a change of rules names, as JSON."""
    if decision.action != "policy" or decision.note is None:
        return None
    try:
        changed = json.loads(decision.note)
    except ValueError:
        return None
    article = changed.get("article") if isinstance(changed, dict) else None
    return article if isinstance(article, str) else None


def submitted(record: Record) -> Entry:
    """Return the entry that says that a comment came, and what was found in it."""
    decision = Decision(
        id=record.order,
        comment_id=record.id,
        action="submit",
        from_=None,
        to=record.state,
        revision=record.revision,
        by=BY_AUTHOR,
        at=record.created_at,
    )
    return Entry.after(record.head, decision, Circumstances.of(record, record.created_at))


def chained(previous: str | None, decision: Decision, circumstances: Circumstances | None = None) -> str:
    """Return the hash of an entry: SHA-256 over the previous hash and the entry's facts as canonical JSON."""
    known = {name: getattr(decision, name) for name in Decision.__slots__}
    fields = {**known, "at": decision.at.isoformat(), "undone": False}
    facts = [previous, fields, *([circumstances.to_json()] if circumstances else [])]
    line = json.dumps(facts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(line.encode()).hexdigest()


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries oldest first, each after the one whose hash it names.

    An id tells when a request came: of two that came at once, the first may have been done last.
    """
    left = {entry.decision.id: entry for entry in sorted(entries, key=lambda entry: entry.decision.id)}
    following: dict[str | None, list[str]] = {}
    for identity, entry in left.items():
        following.setdefault(entry.previous, []).append(identity)
    found: list[Entry] = []
    while left:
        last = found[-1].hash if found else None
        follower = next((each for each in following.get(last, ()) if each in left), None)
        found.append(left.pop(follower or next(iter(left))))
    return found


@dataclass(frozen=True, slots=True)
class Chain:
    """The log entries about one comment, or about the site (None), oldest first.

    `head` is the hash of the newest one as the comment or the site remembers it; `is_known` is False where nothing is
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


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries of the log are asked for: all filters have to agree, and `until` is not included.

    Without an action, or with that of a decision, they are decisions; with that of an event, events.
    """

    comment_id: str | None = None
    by: str | None = None
    action: str | None = None
    article_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def of_events(self) -> bool:
        """Whether events are asked for."""
        return self.action in EVENTS

    @property
    def is_filtered(self) -> bool:
        """Whether a page may have to read past entries that it does not show."""
        return any((self.by, self.action, self.article_id))

    def takes(self, entry: Entry) -> bool:
        """Tell whether an entry is one of those, its time left aside."""
        decision = entry.decision
        return (
            self.comment_id in {None, decision.comment_id}
            and self.action in {None, decision.action}
            and (self.by is None or normal(self.by) == normal(decision.by))
            and (self.article_id is None or self.article_id == entry.article_id)
        )


class AuditStore(Protocol):
    """How the log is read."""

    def subjects(self, seen: Callable[[int], None]) -> Iterator[str | None]:
        """Yield what entries are about, each once: comments, and None for the site; `seen` hears of items read."""
        ...

    def chain(self, comment_id: str | None) -> Chain:
        """Return the entries about a comment, or about the site."""
        ...

    def log(self, sought: Sought, limit: int, after: str | None, now: datetime) -> tuple[list[Entry], str | None]:
        """Return a page of the log, newest first.

        With a filter it may be short although the position to go on from is there.
        """
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
        if entry.hash != chained(entry.previous, entry.decision, entry.circumstances):
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
class Line(Decision):
    """An entry as moderators read it: what was done and, about a comment, how that stood then."""

    circumstances: Circumstances | None = None

    @classmethod
    def of(cls, entry: Entry) -> "Line":
        """Return an entry as it is read."""
        decision = {name: getattr(entry.decision, name) for name in Decision.__slots__}
        return cls(**decision, circumstances=entry.circumstances)


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log, newest first."""

    items: list[Line]
    next: str | None
