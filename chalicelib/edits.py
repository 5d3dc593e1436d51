"""What a comment's author may do with it: read how it stands, and for 15 minutes edit and delete it."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

from chalicelib.audit import BY_AUTHOR, Decision
from chalicelib.comments import Ask, Comment, Known, Record
from chalicelib.drafts import Edit
from chalicelib.errors import EditTimeOver, Invalid, NotFound, Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.keyring import Keyring, seconds
from chalicelib.markdown import render
from chalicelib.moderation import Heard, ModerationStore, Ruled, Told, heard, ruled, settled, told
from chalicelib.once import KEPT_SECONDS, Done, Once, replay
from chalicelib.policy import Help
from chalicelib.spam import FormTime, Submission, Verdict, judge
from chalicelib.spam.likeness import likeness
from chalicelib.submission import (
    EDIT_TIME,
    Desk,
    facts,
    help_for,
    lane_for,
    mail_domains,
    state_for,
    terms_for,
    text_mark,
    thresholds,
    too_long,
)

ATTEMPTS = 8

Standing = Literal["approved", "pending", "rejected", "deleted"]


@dataclass(frozen=True, slots=True)
class Authored:
    """A comment as its author sees it; what is spam seems to wait. `reason` is what the one who rejected it gave.

    `statement` tells why it is restricted, while it is; `appeal` that its author said something against that. `help` is
    shown to the author at once, where the comment is urgent.
    """

    comment: Comment
    status: Standing
    reason: str | None
    editable_until: datetime
    statement: Told | None = None
    appeal: Heard | None = None
    help: Help | None = None


class EditStore(Protocol):
    """How an edit is kept."""

    def revise(self, ruled: Ruled, ask: Ask, done: Done | None, now: datetime) -> None:
        """Keep a new text and the one before it; record, queue, page and log move in one step. Raises Stale."""
        ...

    def remember(self, done: Done, now: datetime) -> None:
        """Keep what the idempotency key stands for, where nothing else changes. Raises Stale."""
        ...


@dataclass(frozen=True, slots=True)
class Bench:
    """What an author's hand works with."""

    desk: Desk
    edits: EditStore
    moderation: ModerationStore


def view(bench: Bench, comment_id: str, now: datetime) -> Authored:
    """Return a comment as its author sees it, by one read. Raises NotFound, Unavailable."""
    record = bench.desk.comments.get(comment_id, now)
    if record is None:
        raise NotFound("There is no comment with this id.")
    return authored(record)


def edit(bench: Bench, comment_id: str, wanted: Edit, *, once: Once | None, now: datetime, randomness: int) -> Authored:
    """Give a comment another text: a new revision, checked afresh, that goes where a new comment would go.

    What was public is withdrawn until then, unless the policy publishes it at once. Raises EditTimeOver, Invalid,
    NotFound, KeyReused, Unavailable.
    """
    decision_id = order_id(now, randomness)
    for attempt in range(ATTEMPTS):
        record = _standing(bench.desk.comments.get(comment_id, now))
        ask = _ask(bench.desk.keyring, record, wanted.text)
        known = bench.desk.comments.gather(ask, once, now)
        # Our own edit may have been kept although its answer was lost.
        if replay(once, known.earlier) is not None or record.decision == decision_id:
            return authored(record)
        _check_time(record, now)
        refused = too_long(known.policy, wanted.text)
        if refused:
            raise Invalid(refused[0].detail, errors=tuple(refused))
        try:
            return authored(_keep(bench, record, known, ask, wanted.text, decision_id, once, now))
        except Stale:
            bench.desk.pause(attempt)
    raise Unavailable


def _standing(record: Record | None) -> Record:
    if record is None or record.state == "deleted":
        raise NotFound("There is no comment with this id any more.")
    return record


def _check_time(record: Record, now: datetime) -> None:
    if now > record.created_at + EDIT_TIME:
        minutes = int(EDIT_TIME.total_seconds()) // 60
        raise EditTimeOver(f"A comment can be changed for {minutes} minutes after it was sent; they are over.")


def _keep(
    bench: Bench, record: Record, known: Known, ask: Ask, text: str, decision_id: str, once: Once | None, now: datetime
) -> Record:
    """Keep the new text and return the record with it. Raises Stale."""
    done = Done(once, json.dumps({}), seconds(now) + KEPT_SECONDS) if once else None
    if record.text == text:
        if done:
            bench.edits.remember(done, now)
        return record
    # The facts were gathered after the record was read: both have to be of the same version.
    if known.existing is None or known.existing.version != record.version:
        raise Stale
    if ask.fingerprint == text_mark(bench.desk.keyring, record.text):
        # The comment's own words, only set otherwise: they were counted when they came, and repeat nobody's.
        known, ask = replace(known, repeats=max(0, known.repeats - 1)), replace(ask, fingerprint=None, likeness=None)
    edited = _edited(bench.desk, record, known, text, decision_id, now)
    bench.edits.revise(edited, ask, done, now)
    return edited.after


def _edited(desk: Desk, record: Record, known: Known, text: str, decision_id: str, now: datetime) -> Ruled:
    verdict = _weigh(desk, record, known, text)
    state = state_for(known.policy, known.author, verdict)
    if state == "approved" and (record.state in {"rejected", "spam"} or (record.reports and record.state == "pending")):
        state = "pending"  # a person or readers' reports took it down: no rule brings it back
    decision = Decision(
        id=decision_id,
        comment_id=record.id,
        action="edit",
        from_=record.state,
        to=state,
        revision=record.revision + 1,
        by=BY_AUTHOR,
        at=now,
    )
    lane = lane_for(verdict)
    if record.reports and lane == "pending":
        lane = "reported"
    return ruled(
        record,
        decision,
        text=text,
        html=render(text),
        revision=record.revision + 1,
        edited_at=now.replace(microsecond=0),
        verdict=verdict,
        lane=lane,
        kept_revision=record.public_revision if known.policy.edits == "keep" and state == "pending" else None,
        statement=None,
        help=help_for(known.policy, verdict),
    )


def _weigh(desk: Desk, record: Record, known: Known, text: str) -> Verdict:
    terms, failed = terms_for(desk, known.rules, known.failed)
    submission = Submission(
        text=text,
        name=record.name,
        email=record.email,
        website=record.website,
        form=FormTime("judged"),
        trap="",
        facts=facts(known, terms, failed, answers=record.parent_id is not None, own=record.state),
    )
    return judge(submission, thresholds(known.policy), earlier=record.verdict)


def _ask(keyring: Keyring, record: Record, text: str) -> Ask:
    return Ask(
        id=record.id,
        article_id=record.article_id,
        parent_id=record.parent_id,
        author=record.author,
        network=record.network,
        fingerprint=text_mark(keyring, text),
        email=keyring.mark("email", record.email.casefold()) if record.email else None,
        domains=mail_domains(record.email),
        likeness=likeness(text, keyring.secret("likeness"), record.id),
    )


def delete(bench: Bench, comment_id: str, *, once: Once | None, now: datetime, randomness: int) -> Authored:
    """Take a comment away; its replies stay. Done twice it is the same.

    Raises EditTimeOver, NotFound, KeyReused, Unavailable.
    """
    decision_id = order_id(now, randomness)
    done = Done(once, json.dumps({}), seconds(now) + KEPT_SECONDS) if once else None
    for attempt in range(ATTEMPTS):
        case = bench.moderation.look(comment_id, once, now)
        if case.record and (replay(once, case.earlier) is not None or case.record.state == "deleted"):
            return authored(case.record)
        record = _standing(case.record)
        _check_time(record, now)
        decision = Decision(
            id=decision_id,
            comment_id=record.id,
            action="delete",
            from_=record.state,
            to="deleted",
            revision=record.revision,
            by=BY_AUTHOR,
            at=now,
        )
        deleted = settled(ruled(record, decision, statement=None))
        try:
            bench.moderation.decide(deleted, done)
        except Stale:
            bench.desk.pause(attempt)
        else:
            return authored(deleted.after)
    raise Unavailable


def authored(record: Record) -> Authored:
    """Return a comment as its author sees it."""
    return Authored(
        comment=record.public,
        status="pending" if record.state == "spam" else record.state,
        reason=record.statement.ground if record.statement and record.state == "rejected" else None,
        editable_until=record.created_at + EDIT_TIME,
        statement=told(record),
        appeal=heard(record),
        help=record.help,
    )
