"""Decide on a comment: the revision that was read, and only if nobody else was first."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chalicelib.audit import Action, Decision
from chalicelib.comments import Record, Replaced, State, Statement
from chalicelib.errors import (
    AlreadyDecided,
    Conflict,
    FieldError,
    Invalid,
    MoveNotAllowed,
    NotFound,
    Stale,
    Unavailable,
)
from chalicelib.ids import order_id
from chalicelib.keyring import seconds
from chalicelib.moderation.queue import Decided, ModeratedComment
from chalicelib.moderation.redacting import redacted
from chalicelib.moderation.replying import replied
from chalicelib.moderation.ruling import decided_before, last_decision, ruled, settled
from chalicelib.moderation.rulings import MOVES, Ruling
from chalicelib.moderation.store import Case, ModerationStore, Ruled
from chalicelib.once import KEPT_SECONDS, Done, Once, replay
from chalicelib.policy import DEFAULT

ATTEMPTS = 8


def decide(  # noqa: PLR0913 - the first look is one more thing to be told
    store: ModerationStore,
    comment_id: str,
    ruling: Ruling,
    by: str,
    *,
    once: Once | None,
    now: datetime,
    randomness: int,
    pause: Callable[[int], None],
    known: Case | None = None,
    reply_as: str = DEFAULT.reply_as,
) -> Decided:
    """Decide on the revision of a comment that the moderator saw; `known` is a first look, where there was one.

    The comment, the public page, the counts and the log move together or not at all; a reply in the site's name
    (`reply_as`) follows, and is there once however often the same decision is sent again.
    Raises NotFound, Invalid (a span outside of the text), AlreadyDecided (who and when), MoveNotAllowed, KeyReused,
    Unavailable.
    """
    decision_id = order_id(now, randomness)
    decided = _decide(store, comment_id, ruling, by, decision_id, once=once, now=now, pause=pause, known=known)
    if ruling.reply is None:
        return decided
    return replace(decided, reply=replied(store, decided, ruling.reply, reply_as, now, pause))


def _decide(  # noqa: PLR0913 - as decide takes them
    store: ModerationStore,
    comment_id: str,
    ruling: Ruling,
    by: str,
    decision_id: str,
    *,
    once: Once | None,
    now: datetime,
    pause: Callable[[int], None],
    known: Case | None,
) -> Decided:
    seen: Record | None = None
    for attempt in range(ATTEMPTS):
        case = known or store.look(comment_id, once, now)
        known = None
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
    if ruling.state not in {None, record.state}:
        raise _overtaken(store, record)
    if to is None:
        raise _refused(store, record, ruling.action)
    if ruling.redact and ruling.redact[-1][1] > len(record.text):
        words = f"The text has {len(record.text)} characters; a span ends behind them."
        raise Invalid(words, errors=(FieldError("/redact", words),))
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
    # Asked only where it may change, because it takes a read.
    trusted = True if ruling.trust_author and not store.is_trusted(record.author) else None
    changes = redacted(record, ruling.redact, now) if ruling.redact else {}
    decided = settled(
        ruled(record, decision, ruling.message, **changes, statement=_statement(record, ruling, decision))
    )
    after = replace(decided.after, replaced=_replaced(record, trusted=trusted, redacts=bool(changes)))
    return replace(decided, after=after, trusted=trusted)


def _statement(record: Record, ruling: Ruling, decision: Decision) -> Statement | None:
    """Return what restricts the comment from now on, None for nothing that its author is told of."""
    standing = record.statement
    if ruling.action == "approve" and not ruling.redact:
        # What is public blacked out stays so: its author was heard, and is told that it stands.
        stays = standing and standing.what == "redacted" and record.public_revision == record.revision
        return replace(standing, decision_id=decision.id, at=decision.at) if standing and stays else None
    if ruling.action == "restore":
        return None
    if ruling.action == "spam":
        # To its author what is spam seems to wait: an appeal too.
        return standing if record.is_appealed else None
    what = {"approve": "redacted", "reject": "rejected", "delete": "deleted"}[ruling.action]
    return Statement(what, ruling.reason, ruling.message, automated=False, decision_id=decision.id, at=decision.at)  # type: ignore[arg-type]


def _replaced(record: Record, *, trusted: bool | None, redacts: bool) -> Replaced:
    return Replaced(
        state=record.state,
        lane=record.lane,
        reports=record.reports,
        reporters=record.reporters,
        reported_at=record.reported_at,
        round=record.round,
        kept_revision=record.kept_revision,
        statement=record.statement,
        text=record.text if redacts else None,
        verdict=record.verdict if redacts else None,
        trusted=None if trusted is None else not trusted,
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
    return AlreadyDecided(f"{words}, before you. Please look again.")
