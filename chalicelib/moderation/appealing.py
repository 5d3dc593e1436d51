"""Hear an author once more: an appeal against a restriction puts the comment back into the queue."""

import json
from collections.abc import Callable
from datetime import datetime

from chalicelib.audit import BY_AUTHOR, Decision
from chalicelib.comments import Appeal, Record
from chalicelib.errors import AlreadyAppealed, MoveNotAllowed, NotFound, Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.keyring import seconds
from chalicelib.moderation.ruling import ruled
from chalicelib.moderation.store import ModerationStore, Ruled
from chalicelib.once import KEPT_SECONDS, Done, Once, replay

ATTEMPTS = 8


def appeal(
    store: ModerationStore,
    comment_id: str,
    text: str,
    *,
    once: Once | None,
    now: datetime,
    randomness: int,
    pause: Callable[[int], None],
) -> Record:
    """Take what an author says against the restriction that stands, once a comment, and return the comment that waits.

    What is public stays so, blacked out as it is, until somebody has decided. Raises NotFound, AlreadyAppealed,
    MoveNotAllowed (nothing restricts it), KeyReused, Unavailable.
    """
    entry_id = order_id(now, randomness)
    done = Done(once, json.dumps({}), seconds(now) + KEPT_SECONDS) if once else None
    for attempt in range(ATTEMPTS):
        case = store.look(comment_id, once, now)
        record = case.record
        if record is None:
            raise NotFound("There is no comment with this id any more.")
        # Our own appeal may have been kept although its answer was lost.
        if replay(once, case.earlier) is not None or record.decision == entry_id:
            return record
        heard = _heard(record, text, entry_id, now)
        try:
            store.decide(heard, done)
        except Stale:
            pause(attempt)
        else:
            return heard.after
    raise Unavailable


def _heard(record: Record, text: str, entry_id: str, now: datetime) -> Ruled:
    if record.appeal:
        raise AlreadyAppealed("You have appealed before; a comment is looked at once more, and not a third time.")
    if record.statement is None:
        raise MoveNotAllowed("Nothing restricts this comment, so there is nothing to appeal against.")
    decision = Decision(
        id=entry_id,
        comment_id=record.id,
        action="appeal",
        from_=record.state,
        to="pending",
        revision=record.revision,
        by=BY_AUTHOR,
        at=now,
    )
    return ruled(record, decision, kept_revision=record.public_revision, appeal=Appeal(text, now))
