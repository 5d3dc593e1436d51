"""Submit a comment: check it against the policy, weigh it, and keep it, published or waiting, exactly once."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from chalicelib.article_rules import ArticleRules, closes_at, is_over
from chalicelib.audit import Entry, submitted
from chalicelib.comments import Ask, AuthorHistory, Comment, Consent, Known, Lane, Record, State, reply_path
from chalicelib.drafts import Draft
from chalicelib.errors import AlreadySubmitted, CommentsClosed, FieldError, Invalid, Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.keyring import Keyring, Reader, seconds
from chalicelib.limits import MILLISECONDS, Limit, LimitStore, take_all
from chalicelib.markdown import render
from chalicelib.once import KEPT_SECONDS, Done, Once, replay
from chalicelib.policy import Help, Policy
from chalicelib.spam import Facts, FormTime, History, Submission, Term, Thresholds, Verdict, judge
from chalicelib.spam.likeness import likeness
from chalicelib.text import fingerprint, normal

ATTEMPTS = 8
EDIT_TIME = timedelta(minutes=15)
CONSENT_VERSION = "2026-11"
"""Names the words beside the consent box; a new wording gets a new version."""
COMPARED_FROM = 20
"""Texts with fewer letters than this are said by many: their repetition means nothing."""

Status = Literal["approved", "pending"]


@dataclass(frozen=True, slots=True)
class Submitted:
    """The answer to a comment. `status` never says more than that it waits.

    `edit_token` lets its author edit and delete it for 15 minutes; `help` is shown to the author at once.
    """

    comment: Comment
    status: Status
    edit_token: str
    reader: str | None = None
    help: Help | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a comment: the reader, the network it comes from, and what a form's trap field held."""

    reader: Reader
    network: str
    trap: str = ""


class CommentStore(Protocol):
    """How a comment is submitted and found."""

    def gather(self, ask: Ask, once: Once | None, now: datetime) -> Known:
        """Return all a submission needs to know, by one batch."""
        ...

    def add(self, record: Record, ask: Ask, done: Done | None, now: datetime, entry: Entry | None = None) -> None:
        """Keep a new comment, public at once when it is approved, with the entry that says it came, in one step.

        Raises Stale when it is there already or the key was used.
        """
        ...

    def get(self, comment_id: str, now: datetime) -> Record | None:
        """Return a comment with all that is private about it."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What submitting works with."""

    comments: CommentStore
    limits: LimitStore
    keyring: Keyring
    terms: Callable[[], tuple[Term, ...]]
    """The site's term list. Raises Unavailable."""
    pause: Callable[[int], None]


def submit(
    desk: Desk,
    article_id: str,
    draft: Draft,
    sender: Sender,
    *,
    once: Once | None,
    now: datetime,
    randomness: int,
) -> Submitted:
    """Take a reader's comment. The same words by the same reader in the same place are one comment.

    Raises CommentsClosed, Invalid, LimitReached, AlreadySubmitted (it was rejected or deleted before),
    KeyReused, Unavailable.
    """
    network, failed = _network_mark(desk, sender, now)
    ask = _ask(desk.keyring, article_id, draft, sender, network)
    for attempt in range(ATTEMPTS):
        known = desk.comments.gather(ask, once, now)
        answered = replay(once, known.earlier)
        if known.existing and answered:
            return _submitted(desk.keyring, known.existing, sender, known.policy, json.loads(answered)["status"])
        if known.existing:
            return _again(desk, known.existing, sender, known.policy, now)
        _check(known, article_id, draft, now)
        if attempt == 0:
            failed += _take_limits(desk, known, article_id, sender, network, now)
        verdict = _weigh(desk, article_id, draft, sender, known, failed, now)
        record = _record(ask, article_id, draft, known, verdict, now, randomness)
        entry = submitted(record)
        status = _status(record)
        done = Done(once, json.dumps({"status": status}), seconds(now) + KEPT_SECONDS) if once else None
        try:
            desk.comments.add(replace(record, head=entry.hash), ask, done, now, entry)
        except Stale:
            desk.pause(attempt)
        else:
            return _submitted(desk.keyring, record, sender, known.policy, status)
    raise Unavailable


def _network_mark(desk: Desk, sender: Sender, now: datetime) -> tuple[str | None, tuple[str, ...]]:
    try:
        return desk.limits.network_mark(sender.network, now.date().isoformat()), ()
    except Unavailable:
        return None, ("network",)


def _ask(keyring: Keyring, article_id: str, draft: Draft, sender: Sender, network: str | None) -> Ask:
    comment_id = keyring.comment_id(sender.reader, article_id, draft.parent_id, normal(draft.text))
    return Ask(
        id=comment_id,
        article_id=article_id,
        parent_id=draft.parent_id,
        author=sender.reader.author,
        network=network,
        fingerprint=text_mark(keyring, draft.text),
        email=keyring.mark("email", draft.email.casefold()) if draft.email else None,
        domains=mail_domains(draft.email),
        likeness=likeness(draft.text, keyring.secret("likeness"), comment_id),
    )


def text_mark(keyring: Keyring, text: str) -> str | None:
    """Return the keyed mark by which a text is known again, None for one too short to compare."""
    letters = normal(text)
    return keyring.mark("text", fingerprint(letters)) if len(letters) >= COMPARED_FROM else None


def mail_domains(email: str | None) -> tuple[str, ...]:
    """Return the domain of an address, none without one."""
    return (email.rpartition("@")[2].casefold(),) if email else ()


def _check(known: Known, article_id: str, draft: Draft, now: datetime) -> None:
    policy = known.policy
    if policy.mode == "closed" or is_over(closes_at(policy.close_after_days, known.since), now):
        raise CommentsClosed("This article takes no new comments.")
    refused = too_long(policy, draft.text)
    if draft.name and normal(draft.name) == normal(policy.reply_as):
        refused.append(FieldError("/name", "Under this name the site itself replies. Please choose another one."))
    if policy.require_consent and draft.consent is not True:
        refused.append(FieldError("/consent", "Please agree that your comment is kept and shown here."))
    parent = known.parent
    if draft.parent_id and (parent is None or not parent.is_public or parent.article_id != article_id):
        refused.append(FieldError("/parent_id", "The comment you answer is not here any more."))
    if refused:
        raise Invalid(refused[0].detail, errors=tuple(refused))


def too_long(policy: Policy, text: str) -> list[FieldError]:
    """Return what is wrong with the length of a text, nothing when the policy takes it."""
    if len(text) <= policy.max_length:
        return []
    return [FieldError("/text", f"The comment has {len(text)} characters; at most {policy.max_length} are taken here.")]


def _take_limits(
    desk: Desk, known: Known, article_id: str, sender: Sender, network: str | None, now: datetime
) -> tuple[str, ...]:
    def counted(of: str, who: str) -> str:
        # A limit that the article has of its own counts what was said there, and nothing else does.
        return desk.keyring.mark("allowance", who, article_id) if known.rules.has_limit(of) else who

    rates = known.policy.limits.comments
    limits = []
    if rates.reader and not sender.reader.minted:
        limits.append(Limit("comments.reader", counted("reader", sender.reader.author), rates.reader))
    if rates.network and network:
        limits.append(Limit("comments.network", counted("network", network), rates.network))
    try:
        take_all(desk.limits, limits, int(now.timestamp() * MILLISECONDS))
    except Unavailable:
        return ("limits",)
    return ()


def _weigh(
    desk: Desk,
    article_id: str,
    draft: Draft,
    sender: Sender,
    known: Known,
    failed: tuple[str, ...],
    now: datetime,
) -> Verdict:
    terms, failed = terms_for(desk, known.rules, (*failed, *known.failed))
    submission = Submission(
        text=draft.text,
        name=draft.name,
        email=draft.email,
        website=draft.website,
        form=form_time(desk.keyring, article_id, draft.form, now),
        trap=sender.trap,
        facts=facts(known, terms, failed, answers=draft.parent_id is not None),
    )
    return judge(submission, thresholds(known.policy))


def facts(
    known: Known, terms: tuple[Term, ...], failed: tuple[str, ...], *, answers: bool, own: State | None = None
) -> Facts:
    """Return what the table knows, for the checks; `own` is the state of the comment itself if it is kept already.

    A comment speaks neither for nor against itself.
    """
    author = known.author
    return Facts(
        repeats=known.repeats,
        similar=known.similar,
        blocked=known.blocked,
        terms=terms,
        failed=failed,
        history=History(
            approved=max(0, author.approved - (own == "approved")),
            rejected=max(0, author.rejected - (own == "rejected")),
            spam=max(0, author.spam - (own == "spam")),
        ),
        languages=tuple(known.policy.languages),
        answers=answers,
        learned=known.learned,
    )


def terms_for(desk: Desk, rules: ArticleRules, failed: tuple[str, ...]) -> tuple[tuple[Term, ...], tuple[str, ...]]:
    """Return the site's terms, with those that the article allows, and the facts that could not be gathered.

    The terms are among the latter if need be.
    """
    try:
        return (*desk.terms(), *(Term(value, "allow") for value in rules.allowed)), failed
    except Unavailable:
        return (), (*failed, "terms")


def thresholds(policy: Policy) -> Thresholds:
    """Return the scores that a policy holds a comment against."""
    return Thresholds(hold=policy.thresholds.hold, spam=policy.thresholds.spam)


def form_token(keyring: Keyring, article_id: str, now: datetime) -> str:
    """Return the signed time that a form for this article carries."""
    return keyring.sign("form", str(seconds(now)), article_id)


def form_time(keyring: Keyring, article_id: str, token: str | None, now: datetime) -> FormTime:
    """Return what the form's token says about when the form was made."""
    if token is None:
        return FormTime("absent")
    made = keyring.verify("form", token, article_id)
    if made is None:
        return FormTime("forged")
    return FormTime("genuine", seconds(now) - int(made))


def state_for(policy: Policy, author: AuthorHistory, verdict: Verdict) -> State:
    """Return where the policy lets a comment begin: published, waiting for a person, or spam."""
    if verdict.outcome == "spam":
        return "spam"
    proven = author.trusted or author.approved >= policy.trust_after
    trusted = proven and not author.rejected and not author.spam
    let_through = policy.mode == "open" or (policy.mode == "trust" and trusted)
    urgent = any(finding.lane for finding in verdict.findings)
    return "approved" if let_through and verdict.outcome == "publish" and not urgent else "pending"


def lane_for(verdict: Verdict) -> Lane:
    """Return the lane of the queue that a verdict asks for."""
    if any(finding.lane == "urgent" for finding in verdict.findings):
        return "urgent"
    return "spam" if verdict.outcome == "spam" else "pending"


def help_for(policy: Policy, verdict: Verdict) -> Help | None:
    """Return what an author is shown at once, None for what is not urgent."""
    return policy.help.shown if lane_for(verdict) == "urgent" else None


def _record(
    ask: Ask, article_id: str, draft: Draft, known: Known, verdict: Verdict, now: datetime, randomness: int
) -> Record:
    order, former = order_id(now, randomness), known.former
    state = state_for(known.policy, known.author, verdict)
    if former and state == "approved":
        state = "pending"  # it was deleted before: a person looks at it first
    return Record(
        id=ask.id,
        article_id=article_id,
        parent_id=draft.parent_id,
        path=reply_path(known.parent.path, order) if known.parent else (order,),
        text=draft.text,
        html=render(draft.text),
        name=draft.name,
        email=draft.email,
        website=draft.website,
        author=ask.author,
        network=ask.network,
        consent=Consent(CONSENT_VERSION, now) if draft.consent else None,
        state=state,
        lane=lane_for(verdict),
        verdict=verdict,
        was_public=former.was_public if former else state == "approved",
        round=former.round + 1 if former else 0,
        head=former.head if former else None,
        help=help_for(known.policy, verdict),
    )


def _status(record: Record) -> Status:
    return "approved" if record.state == "approved" else "pending"


def _again(desk: Desk, record: Record, sender: Sender, policy: Policy, now: datetime) -> Submitted:
    if record.state in {"rejected", "deleted"}:
        raise AlreadySubmitted("You sent this text here before, and it was not published.")
    # What is public may have votes by now, which a submission has no other reason to read.
    standing = desk.comments.get(record.id, now) if record.state == "approved" else None
    return _submitted(desk.keyring, standing or record, sender, policy, _status(record))


def _submitted(keyring: Keyring, record: Record, sender: Sender, policy: Policy, status: Status) -> Submitted:
    expires = seconds(record.created_at + EDIT_TIME)
    return Submitted(
        comment=record.public,
        status=status,
        edit_token=keyring.sign("edit", str(expires), record.id),
        reader=sender.reader.token if sender.reader.minted else None,
        help=record.help or (policy.help.shown if record.lane == "urgent" else None),
    )
