"""Take a decision back, while it is the last thing that happened to its comment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.audit import Decision
from chalicelib.comments import Record
from chalicelib.errors import AlreadyDecided, MoveNotAllowed, NotFound, Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.keyring import seconds
from chalicelib.moderation.queue import Decided, ModeratedComment
from chalicelib.moderation.ruling import decided_before, last_decision, ruled
from chalicelib.moderation.store import ModerationStore, Ruled
from chalicelib.once import KEPT_SECONDS, Done, Once, replay

ATTEMPTS = 8


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
            return decided_before(store, case.record, answered or undo_id)
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
        kept_revision=was.kept_revision,
        statement=was.statement,
    )
    return replace(undone, undoes=decision.id)


def _since(store: ModerationStore, record: Record, decision: Decision) -> str:
    if record.decision == decision.id:
        return "Something has happened to the comment since"
    return last_decision(store, record) or "Something has happened to the comment since"
