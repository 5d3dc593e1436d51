"""A move of a comment, whoever makes it: the record it leads to, its log entry, and who moved it last."""

from dataclasses import replace
from typing import Any

from chalicelib.audit import Circumstances, Decision, Entry
from chalicelib.comments import Lane, Record, State
from chalicelib.errors import Unavailable
from chalicelib.moderation.queue import Decided, ModeratedComment
from chalicelib.moderation.rulings import DONE_WORDS
from chalicelib.moderation.store import ModerationStore, Ruled


def ruled(
    record: Record,
    decision: Decision,
    message: str | None = None,
    **changes: Any,  # noqa: ANN401 - Record's own fields
) -> Ruled:
    """Return a decision ready to be kept: the record it leads to, and its log entry with what the author is told."""
    entry = Entry.after(record.head, decision, Circumstances.of(record, decision.at, message))
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
        kept_revision=None,
        claim=None,
    )
    return Ruled(before=record, after=replace(after, **changes), entry=entry)


def happened(record: Record, event: Decision, **changes: Any) -> Ruled:  # noqa: ANN401 - as above
    """Return an event ready to be kept: no decision, so what can be undone stays so."""
    entry = Entry.after(record.head, event, Circumstances.of(record, event.at, in_words=False))
    after = replace(record, version=record.version + 1, head=entry.hash)
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


def decided_before(store: ModerationStore, record: Record, decision_id: str) -> Decided:
    """Return the answer to a decision that was kept before. Raises Unavailable."""
    entry = store.entry(decision_id)
    if entry is None:
        raise Unavailable
    state = entry.decision.to or record.state
    return Decided(replace(ModeratedComment.of(record), state=state), entry.decision)


def last_decision(store: ModerationStore, record: Record) -> str | None:
    """Return in words what was decided last on a comment, by whom and when; None when nobody has."""
    entry = store.entry(record.decision) if record.decision else None
    if entry is None or entry.decision.to is None:
        return None
    decision = entry.decision
    return f"The comment was {DONE_WORDS[entry.decision.to]} by {decision.by} at {decision.at:%Y-%m-%d %H:%M:%S} UTC"
