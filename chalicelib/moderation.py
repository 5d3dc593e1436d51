"""The queue, and a decision on a comment."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from chalicelib.audit import Action, Decision, Entry
from chalicelib.comments import AuthorHistory, Comment, Lane, Record, Replaced, State, readable
from chalicelib.errors import AlreadyDecided, Conflict, MoveNotAllowed, NotFound, Stale, Unavailable
from chalicelib.ids import order_id, order_time
from chalicelib.keyring import seconds
from chalicelib.once import KEPT_SECONDS, Done, Earlier, Once, replay
from chalicelib.spam.finding import Verdict
from chalicelib.text import TEXT_PATTERN

Tray = Literal["pending", "urgent", "reported", "spam", "rejected", "deleted", "approved"]

ATTEMPTS = 8

MOVES: dict[Action, dict[State, State]] = {
    "approve": {"pending": "approved", "spam": "approved", "rejected": "approved"},
    "reject": {"pending": "rejected", "spam": "rejected", "approved": "rejected"},
    "spam": {"pending": "spam", "rejected": "spam", "approved": "spam"},
    "restore": {"spam": "pending", "rejected": "pending", "deleted": "pending"},
    "delete": {"pending": "deleted", "spam": "deleted", "rejected": "deleted", "approved": "deleted"},
}
"""Every move there is: action, the state it starts from, the state it leads to. What is not here is refused."""

DONE_WORDS: dict[State, str] = {
    "pending": "put back into the queue",
    "approved": "approved",
    "rejected": "rejected",
    "spam": "marked as spam",
    "deleted": "deleted",
}


_TEXT: dict[str, JsonValue] = {"pattern": TEXT_PATTERN}


class Ruling(BaseModel):
    """A moderator's decision as it arrives: what to do with which revision of the text."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    action: Action
    revision: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: Annotated[str, Field(max_length=200, json_schema_extra=_TEXT), AfterValidator(readable)] | None = None
    note: Annotated[str, Field(max_length=2000, json_schema_extra=_TEXT), AfterValidator(readable)] | None = None


class BulkRuling(Ruling):
    """One of many decisions, with the comment it is about."""

    comment_id: Annotated[str, Field(pattern=r"^[0-9a-z]{26}$")]


class Rulings(BaseModel):
    """Up to a hundred decisions at once; each stands for itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    items: Annotated[list[BulkRuling], Field(min_length=1, max_length=100)]


def _decision_id(value: str) -> str:
    try:
        order_time(value)
    except OverflowError:
        msg = "No decision has this id."
        raise ValueError(msg) from None
    return value


class Undo(BaseModel):
    """Which decision to take back."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    decision_id: Annotated[str, Field(pattern=r"^[0-9a-hj-km-np-tv-z]{18}$"), AfterValidator(_decision_id)]


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


@dataclass(frozen=True, slots=True)
class CaseFile(QueueItem):
    """One comment with its history, oldest decision first."""

    history: list[Decision] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, and how many comments each tray holds (counted up to 1,000, seconds old)."""

    items: list[QueueItem]
    next: str | None
    counts: dict[str, int]


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

    def queue(
        self, tray: Tray, article_id: str | None, limit: int, after: str | None, now: datetime
    ) -> tuple[list[QueueItem], str | None]:
        """Return a page of a tray with each item's context, most urgent first, then oldest."""
        ...

    def queue_counts(self) -> dict[str, int]:
        """Return how many comments each tray holds, counted up to 1,000."""
        ...

    def case_file(self, comment_id: str, now: datetime) -> CaseFile | None:
        """Return one comment with its context and history."""
        ...

    def entry(self, decision_id: str) -> Entry | None:
        """Return one log entry."""
        ...

    def log(self, limit: int, after: str | None, now: datetime) -> tuple[list[Decision], str | None]:
        """Return a page of the log, newest first."""
        ...


def decide(
    store: ModerationStore,
    comment_id: str,
    ruling: Ruling,
    by: str,
    *,
    once: Once | None,
    now: datetime,
    randomness: int,
    pause: Callable[[int], None],
) -> Decided:
    """Decide on the revision of a comment that the moderator saw.

    The comment, the public page, the counts and the log move together or not at all.
    Raises NotFound, AlreadyDecided (who and when), MoveNotAllowed, KeyReused, Unavailable.
    """
    decision_id = order_id(now, randomness)
    seen: Record | None = None
    for attempt in range(ATTEMPTS):
        case = store.look(comment_id, once, now)
        answered = replay(once, case.earlier)
        if case.record is None:
            raise NotFound("There is no comment with this id.")
        # Our own decision may have been kept although its answer was lost.
        if answered or case.record.decision == decision_id:
            return _decided_before(store, case.record, answered or decision_id)
        # Who decided while we tried was first, even where the moves would lead on from there.
        seen = seen or case.record
        if case.record.decision != seen.decision:
            raise _overtaken(store, case.record)
        ruled = _rule(store, case.record, ruling, by, decision_id, now)
        done = Done(once, decision_id, seconds(now) + KEPT_SECONDS) if once else None
        try:
            store.decide(ruled, done)
        except Stale:
            pause(attempt)
        else:
            return Decided(ModeratedComment.of(ruled.after), ruled.entry.decision)
    raise Unavailable


def undo(
    store: ModerationStore,
    decision_id: str,
    by: str,
    *,
    once: Once | None,
    now: datetime,
    randomness: int,
    pause: Callable[[int], None],
) -> Decided:
    """Take a decision back: the comment, the page, the counts and its reports are as they were before it.

    Only while it is the last thing that happened to the comment. Raises NotFound, AlreadyDecided (what happened since),
    MoveNotAllowed (no moderator's decision on a comment), KeyReused, Unavailable.
    """
    entry = store.entry(decision_id)
    if entry is None:
        raise NotFound("There is no decision with this id.")
    if entry.decision.comment_id is None:
        raise MoveNotAllowed("A change of the policy is taken back by changing it again.")
    undo_id = order_id(now, randomness)
    for attempt in range(ATTEMPTS):
        case = store.look(entry.decision.comment_id, once, now)
        answered = replay(once, case.earlier)
        if case.record is None:
            raise NotFound("There is no comment with this id any more.")
        if answered or case.record.decision == undo_id:
            return _decided_before(store, case.record, answered or undo_id)
        undone = _undone(store, case.record, entry.decision, by, undo_id, now)
        done = Done(once, undo_id, seconds(now) + KEPT_SECONDS) if once else None
        try:
            store.decide(undone, done)
        except Stale:
            pause(attempt)
        else:
            return Decided(ModeratedComment.of(undone.after), undone.entry.decision)
    raise Unavailable


def _undone(store: ModerationStore, record: Record, decision: Decision, by: str, undo_id: str, now: datetime) -> Ruled:
    was = record.replaced
    if was is None or record.decision != decision.id:
        raise AlreadyDecided(f"{_since(store, record, decision)}, so this can be undone no more. Please look again.")
    back = Decision(
        id=undo_id,
        comment_id=record.id,
        action="undo",
        from_=record.state,
        to=was.state,
        revision=record.revision,
        by=by,
        at=now,
        note=decision.id,
    )
    undone = ruled(
        record,
        back,
        lane=was.lane,
        reports=was.reports,
        reporters=was.reporters,
        reported_at=was.reported_at,
        round=was.round,
    )
    return replace(undone, undoes=decision.id)


def _since(store: ModerationStore, record: Record, decision: Decision) -> str:
    if record.decision == decision.id:
        return "Something has happened to the comment since"
    return _last_decision(store, record) or "Something has happened to the comment since"


def _decided_before(store: ModerationStore, record: Record, decision_id: str) -> Decided:
    entry = store.entry(decision_id)
    if entry is None:
        raise Unavailable
    state = entry.decision.to or record.state
    return Decided(replace(ModeratedComment.of(record), state=state), entry.decision)


def _rule(store: ModerationStore, record: Record, ruling: Ruling, by: str, decision_id: str, now: datetime) -> Ruled:
    to = _leads_to(ruling.action, record)
    if record.revision != ruling.revision:
        words = f"The text was changed: it is now revision {record.revision}, you saw revision {ruling.revision}."
        raise AlreadyDecided(f"{words} Please read it again.")
    if to is None:
        raise _refused(store, record, ruling.action)
    decision = Decision(
        id=decision_id,
        comment_id=record.id,
        action=ruling.action,
        from_=record.state,
        to=to,
        revision=record.revision,
        by=by,
        at=now,
        reason=ruling.reason,
        note=ruling.note,
    )
    decided = settled(ruled(record, decision))
    return replace(decided, after=replace(decided.after, replaced=_replaced(record)))


def _replaced(record: Record) -> Replaced:
    return Replaced(
        state=record.state,
        lane=record.lane,
        reports=record.reports,
        reporters=record.reporters,
        reported_at=record.reported_at,
        round=record.round,
    )


def _leads_to(action: Action, record: Record) -> State | None:
    """Return the state an action leads to; to approve what is public and was reported leaves it as it is."""
    if action == "approve" and record.state == "approved" and record.waits:
        return "approved"
    return MOVES[action].get(record.state)


def ruled(record: Record, decision: Decision, **changes: Any) -> Ruled:  # noqa: ANN401 - Record's own fields
    """Return a decision ready to be kept: the record it leads to, and its log entry."""
    entry = Entry.after(record.head, decision)
    state = decision.to or record.state
    after = replace(
        record,
        state=state,
        lane=_lane(record, state),
        version=record.version + 1,
        decision=decision.id,
        head=entry.hash,
        was_public=record.was_public or state == "approved",
        replaced=None,
    )
    return Ruled(before=record, after=replace(after, **changes), entry=entry)


def settled(decided: Ruled) -> Ruled:
    """Return the decision as one that answers all reports so far."""
    after = decided.after
    if not after.reports:
        return decided
    lane: Lane = "pending" if after.lane == "reported" else after.lane
    answered = replace(after, reports=0, reporters=(), reported_at=None, round=after.round + 1, lane=lane)
    return replace(decided, after=answered)


def _lane(record: Record, to: State) -> Lane:
    if to == "spam":
        return "spam"
    return "pending" if record.lane == "spam" else record.lane


def _refused(store: ModerationStore, record: Record, action: Action) -> Conflict:
    words = _last_decision(store, record)
    if words is None:
        return MoveNotAllowed(f"The comment is {record.state}; “{action}” is not possible from there.")
    return AlreadyDecided(f"{words}; “{action}” is not possible from there.")


def _overtaken(store: ModerationStore, record: Record) -> AlreadyDecided:
    words = _last_decision(store, record) or f"The comment is now {record.state}"
    return AlreadyDecided(f"{words}, just before you. Please look again.")


def _last_decision(store: ModerationStore, record: Record) -> str | None:
    entry = store.entry(record.decision) if record.decision else None
    if entry is None or entry.decision.to is None:
        return None
    decision = entry.decision
    return f"The comment was {DONE_WORDS[entry.decision.to]} by {decision.by} at {decision.at:%Y-%m-%d %H:%M:%S} UTC"
