"""Comments, log entries and policies for tests: one example of each, and hypothesis's ways to make more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from hypothesis import strategies as st

from chalicelib.audit import Action, Decision
from chalicelib.comments import DEPTH, Appeal, Ask, Claim, Consent, Lane, Record, Replaced, State, Statement
from chalicelib.ids import order_id
from chalicelib.limits import Limit
from chalicelib.markdown import render
from chalicelib.moderation import MOVES
from chalicelib.once import Once
from chalicelib.policy import Help, HelpLink, Rate
from chalicelib.ratings import Seen
from chalicelib.spam import Finding, Thresholds, Verdict

NOW = datetime(2026, 11, 23, 12, 30, 15, 250_000, tzinfo=UTC)
NOT_RATED = Seen(None, [0] * 5, None)
NOTHING_FOUND = Verdict(0, "publish", Thresholds(), ())


def record(number: int = 1, **changes: Any) -> Record:
    """Return a waiting comment; each number is another one by another reader, a second later."""
    at = NOW + timedelta(seconds=number)
    text = changes.pop("text", f"Comment number {number}, as it was typed.")
    plain = Record(
        id=f"{number:026d}",
        article_id="article",
        parent_id=None,
        path=(order_id(at, number),),
        text=text,
        html=render(text),
        name="Ada",
        email="ada@mail.example",
        website=None,
        author=f"author{number:020d}",
        network="network",
        consent=Consent("2026-11", at.replace(microsecond=0)),
        state="pending",
        lane="pending",
        verdict=NOTHING_FOUND,
    )
    return replace(plain, **changes)


def reply_to(parent: Record, number: int, **changes: Any) -> Record:
    """Return a waiting reply."""
    own = record(number)
    return record(
        number,
        parent_id=parent.id,
        article_id=parent.article_id,
        path=(*parent.path[:DEPTH], own.order),
        **changes,
    )


def ask_for(comment: Record, **changes: Any) -> Ask:
    """Return the question for the facts that a submission of this comment needs."""
    plain = Ask(
        id=comment.id,
        article_id=comment.article_id,
        parent_id=comment.parent_id,
        author=comment.author,
        network=comment.network,
        fingerprint=None,
        email=None,
        domains=(),
    )
    return replace(plain, **changes)


def decision(comment: Record, action: Action, number: int = 1, **changes: Any) -> Decision:
    """Return the decision that moves a comment by an action."""
    at = NOW + timedelta(minutes=number)
    plain = Decision(
        id=order_id(at, number),
        comment_id=comment.id,
        action=action,
        from_=comment.state,
        to=MOVES[action][comment.state],
        revision=comment.revision,
        by="ann",
        at=at,
        reason=None,
        note=None,
    )
    return replace(plain, **changes)


def once(key: str = "key", digest: str = "digest") -> Once:
    return Once(mark=key, digest=digest)


def limit(count: int, seconds: int, mark: str = "visitor") -> Limit:
    return Limit("comments.reader", mark, Rate(count=count, seconds=seconds))


# Times are kept to the second, and text is any that UTF-8 can hold.
moments = st.integers(1_600_000_000, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=200)
lines = st.none() | texts
orders = st.builds(order_id, moments, st.integers(0, 2**42 - 1))
findings = st.builds(
    Finding,
    check=texts,
    points=st.integers(-100, 100),
    message=texts,
    spans=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=3).map(tuple),
    lane=st.sampled_from([None, "urgent", "pending"]),
)
verdicts = st.builds(
    Verdict,
    score=st.integers(0, 1000),
    outcome=st.sampled_from(["publish", "hold", "spam"]),
    thresholds=st.builds(Thresholds, hold=st.integers(1, 99), spam=st.integers(100, 999)),
    findings=st.lists(findings, max_size=3).map(tuple),
    model=lines,
    remedy=lines,
)
statements = st.builds(
    Statement,
    what=st.sampled_from(["rejected", "deleted", "hidden", "redacted"]),
    ground=lines,
    message=lines,
    automated=st.booleans(),
    decision_id=texts,
    at=moments,
)
help_links = st.builds(HelpLink, title=texts, url=st.just("https://help.example/"))
records = st.builds(
    lambda text, **rest: Record(text=text, html=render(text), **rest),
    text=texts,
    id=st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=26, max_size=26),
    article_id=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=100),
    parent_id=st.none() | st.just("p" * 26),
    path=st.lists(orders, min_size=1, max_size=DEPTH + 1).map(tuple),
    name=lines,
    email=lines,
    website=lines,
    author=texts,
    network=lines,
    consent=st.none() | st.builds(Consent, version=texts, at=moments),
    state=st.sampled_from(get_args(State)),
    lane=st.sampled_from(get_args(Lane)),
    verdict=verdicts,
    revision=st.integers(1, 10**6),
    version=st.integers(1, 10**6),
    edited_at=st.none() | moments,
    decision=lines,
    head=lines,
    was_public=st.booleans(),
    reports=st.integers(0, 10**4),
    reporters=st.lists(texts, max_size=3).map(tuple),
    reported_at=st.none() | moments,
    round=st.integers(0, 10**4),
    replaced=st.none()
    | st.builds(
        Replaced,
        state=st.sampled_from(get_args(State)),
        lane=st.sampled_from(get_args(Lane)),
        reports=st.integers(0, 10**4),
        reporters=st.lists(texts, max_size=3).map(tuple),
        reported_at=st.none() | moments,
        round=st.integers(0, 10**4),
        kept_revision=st.none() | st.integers(1, 10**6),
        statement=st.none() | statements,
        text=lines,
        verdict=st.none() | verdicts,
        trusted=st.none() | st.booleans(),
    ),
    kept_revision=st.none() | st.integers(1, 10**6),
    claim=st.none() | st.builds(Claim, by=texts, until=moments),
    statement=st.none() | statements,
    appeal=st.none() | st.builds(Appeal, text=texts, at=moments),
    help=st.none() | st.builds(Help, title=texts, text=texts, links=st.lists(help_links, max_size=2)),
)
