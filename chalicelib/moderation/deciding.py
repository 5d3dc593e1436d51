"""Decide on a comment: the revision that was read, and only if nobody else was first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.audit import Action, Decision
from chalicelib.comments import Record, Replaced, State
from chalicelib.errors import AlreadyDecided, Conflict, MoveNotAllowed, NotFound, Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.keyring import seconds
from chalicelib.moderation.queue import Decided, ModeratedComment
from chalicelib.moderation.ruling import decided_before, last_decision, ruled, settled
from chalicelib.moderation.rulings import MOVES, Ruling
from chalicelib.moderation.store import ModerationStore, Ruled
from chalicelib.once import KEPT_SECONDS, Done, Once, replay

ATTEMPTS = 8


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
            return decided_before(store, case.record, answered or decision_id)
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
        kept_revision=record.kept_revision,
        statement=record.statement,
    )


def _leads_to(action: Action, record: Record) -> State | None:
    """Return the state an action leads to; to approve what is public and was reported leaves it as it is."""
    if action == "approve" and record.state == "approved" and record.waits:
        return "approved"
    return MOVES[action].get(record.state)


def _refused(store: ModerationStore, record: Record, action: Action) -> Conflict:
    words = last_decision(store, record)
    if words is None:
        return MoveNotAllowed(f"The comment is {record.state}; “{action}” is not possible from there.")
    return AlreadyDecided(f"{words}; “{action}” is not possible from there.")


def _overtaken(store: ModerationStore, record: Record) -> AlreadyDecided:
    words = last_decision(store, record) or f"The comment is now {record.state}"
    return AlreadyDecided(f"{words}, just before you. Please look again.")
