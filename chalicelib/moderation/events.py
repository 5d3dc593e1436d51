"""What moderators do at a comment without deciding: look at it, claim it for a while, leave a note for the others."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.audit import Decision, Event
from chalicelib.comments import Claim, Record
from chalicelib.errors import NotFound, Stale, Unavailable
from chalicelib.ids import order_id, order_time
from chalicelib.keyring import seconds
from chalicelib.moderation.ruling import happened
from chalicelib.moderation.store import Case, ModerationStore
from chalicelib.once import KEPT_SECONDS, Done, Once, replay

ATTEMPTS = 8
CLAIMED_FOR = timedelta(minutes=10)
SEEN_FOR = timedelta(hours=1)
"""Within this, whoever looks at a comment again has looked at it once."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who is looking at a comment, and until when that holds; nobody with null."""

    claimed_by: str | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Viewed:
    """Who looked at a comment, and when first within the hour."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hand:
    """Who does something at which comment, when, and how it is done once; `entry_id` is its entry's, if it gets one."""

    comment_id: str
    by: str
    once: Once | None
    now: datetime
    randomness: int
    pause: Callable[[int], None]

    @property
    def entry_id(self) -> str:
        """The id of the entry that comes of it, the same however often it is tried."""
        return order_id(self.now, self.randomness)


def claim(store: ModerationStore, hand: Hand) -> Claimed:
    """Say for ten minutes that somebody is looking at a comment; it keeps nobody from deciding.

    Whose claim holds keeps it: who comes second is answered by the first one's. Newly taken it is an entry, renewed it
    is none. Raises NotFound, KeyReused, Unavailable.
    """
    wanted = Claim(hand.by, hand.now + CLAIMED_FOR)

    def take(record: Record, done: Callable[[str], Done | None]) -> Claimed:
        standing = _holding(record, hand.now)
        if standing and standing.by != hand.by:
            return Claimed(standing.by, standing.until)
        answer = Claimed(wanted.by, wanted.until)
        if standing:
            after = replace(record, version=record.version + 1, claim=wanted)
            store.keep(record, after, done(_claimed_json(answer)), hand.now)
        else:
            event = happened(record, _event(record, hand, "claim"), claim=wanted)
            store.decide(event, done(_claimed_json(answer)))
        return answer

    return _claimed(store, hand, take)


def give_up(store: ModerationStore, hand: Hand) -> Claimed:
    """Give an own claim up; another's stays. Done twice it is the same. Raises NotFound, KeyReused, Unavailable."""

    def leave(record: Record, done: Callable[[str], Done | None]) -> Claimed:
        standing = _holding(record, hand.now)
        if standing and standing.by != hand.by:
            return Claimed(standing.by, standing.until)
        answer = Claimed(None, None)
        if standing:
            after = replace(record, version=record.version + 1, claim=None)
            store.keep(record, after, done(_claimed_json(answer)), hand.now)
        return answer

    return _claimed(store, hand, leave)


def _claimed(
    store: ModerationStore, hand: Hand, act: Callable[[Record, Callable[[str], Done | None]], Claimed]
) -> Claimed:
    for attempt in range(ATTEMPTS):
        case = store.look(hand.comment_id, hand.once, hand.now)
        answered = replay(hand.once, case.earlier)
        if answered:
            return _to_claimed(answered)
        try:
            return act(_there(case), lambda answer: _done(hand, answer))
        except Stale:
            hand.pause(attempt)
    raise Unavailable


def view(store: ModerationStore, hand: Hand, sight: Once) -> Viewed:
    """Keep that somebody looked at a comment, once an hour; `sight` stands for this person and this comment.

    Raises NotFound, Unavailable.
    """
    for attempt in range(ATTEMPTS):
        case = store.look(hand.comment_id, sight, hand.now)
        record, seen = _there(case), replay(sight, case.earlier)
        if seen:
            return Viewed(hand.by, order_time(seen))
        done = Done(sight, hand.entry_id, seconds(hand.now + SEEN_FOR))
        try:
            store.decide(happened(record, _event(record, hand, "view")), done)
        except Stale:
            hand.pause(attempt)
        else:
            return Viewed(hand.by, order_time(hand.entry_id))
    raise Unavailable


def note(store: ModerationStore, hand: Hand, text: str) -> Decision:
    """Leave a note at a comment for the other moderators, and return its entry.

    Raises NotFound, KeyReused, Unavailable.
    """
    for attempt in range(ATTEMPTS):
        case = store.look(hand.comment_id, hand.once, hand.now)
        record, answered = _there(case), replay(hand.once, case.earlier)
        # Our own note may have been kept although its answer was lost.
        kept = store.entry(answered or hand.entry_id) if answered or attempt else None
        if kept:
            return kept.decision
        event = happened(record, _event(record, hand, "note", text))
        try:
            store.decide(event, _done(hand, hand.entry_id))
        except Stale:
            hand.pause(attempt)
        else:
            return event.entry.decision
    raise Unavailable


def _there(case: Case) -> Record:
    if case.record is None:
        raise NotFound("There is no comment with this id.")
    return case.record


def _holding(record: Record, now: datetime) -> Claim | None:
    return record.claim if record.claim and record.claim.until > now else None


def _event(record: Record, hand: Hand, action: Event, text: str | None = None) -> Decision:
    return Decision(
        id=hand.entry_id,
        comment_id=record.id,
        action=action,
        from_=record.state,
        to=record.state,
        revision=record.revision,
        by=hand.by,
        at=hand.now,
        note=text,
    )


def _done(hand: Hand, answer: str) -> Done | None:
    return Done(hand.once, answer, seconds(hand.now) + KEPT_SECONDS) if hand.once else None


def _claimed_json(claimed: Claimed) -> str:
    return json.dumps([claimed.claimed_by, claimed.until and claimed.until.isoformat()])


def _to_claimed(answer: str) -> Claimed:
    by, until = json.loads(answer)
    return Claimed(by, until and datetime.fromisoformat(until))
