"""Take a decision back, while it is the last thing that happened to its comment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.audit import EVENTS, Decision, Entry
from chalicelib.comments import Record
from chalicelib.errors import AlreadyDecided, MoveNotAllowed, NotFound, Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.keyring import seconds
from chalicelib.markdown import render
from chalicelib.moderation.queue import Decided, ModeratedComment
from chalicelib.moderation.redacting import rewritten
from chalicelib.moderation.ruling import decided_before, last_decision, ruled
from chalicelib.moderation.store import Case, ModerationStore, Ruled
from chalicelib.once import KEPT_SECONDS, Done, Once, replay

ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Found:
    """What a first look brought of a decision that is to be taken back: its entry, and its comment."""

    entry: Entry | None
    case: Case | None


def undo(
    store: ModerationStore,
    decision_id: str,
    by: str,
    *,
    once: Once | None,
    now: datetime,
    randomness: int,
    pause: Callable[[int], None],
    found: Found | None = None,
) -> Decided:
    """Take a decision back: the comment, the page, the counts and its reports are as they were before it.

    Only while it is the last that was decided and neither the author nor a report has come since; `found` is what a
    first look for it brought, where there was one. Raises NotFound, AlreadyDecided (what happened since),
    MoveNotAllowed (no moderator's decision on a comment), KeyReused, Unavailable.
    """
    entry = found.entry if found else store.entry(decision_id)
    if entry is None or entry.decision.action in EVENTS:
        raise NotFound("There is no decision with this id.")
    if entry.decision.comment_id is None:
        raise MoveNotAllowed("A change of the policy is taken back by changing it again.")
    undo_id = order_id(now, randomness)
    known = found and found.case
    for attempt in range(ATTEMPTS):
        case = known or store.look(entry.decision.comment_id, once, now)
        known = None
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
    changes = {} if was.text is None or was.verdict is None else rewritten(record, was.text, was.verdict, now)
    undone = ruled(
        record,
        back,
        **changes,
        lane=was.lane,
        reports=was.reports,
        reporters=was.reporters,
        reported_at=was.reported_at,
        round=was.round,
        kept_revision=was.kept_revision,
        statement=was.statement,
    )
    return replace(undone, undoes=decision.id, trusted=was.trusted, shown=_shown(store, undone))


def _shown(store: ModerationStore, undone: Ruled) -> Record | None:
    """Return the record in the text that goes back to the page, where that is an earlier one that had stayed there."""
    before, after = undone.before, undone.after
    revision = after.kept_revision
    if revision is None or revision in {before.public_revision, after.revision}:
        return None
    kept = store.revision(after.id, revision)
    if kept is None:
        raise Unavailable
    edited_at = kept.at if revision > 1 else None
    return replace(after, text=kept.text, html=render(kept.text), revision=revision, edited_at=edited_at)


def _since(store: ModerationStore, record: Record, decision: Decision) -> str:
    if record.decision == decision.id:
        return "Something has happened to the comment since"
    return last_decision(store, record) or "Something has happened to the comment since"
