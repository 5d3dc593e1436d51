"""What a comment is, what the public sees of it, and how a thread is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from chalicelib.article_rules import FORM, NONE, ArticleRules, FormRules, closes_at, is_over
from chalicelib.ids import order_time
from chalicelib.once import Earlier
from chalicelib.policy import Help, HelpRules, Policy, merged
from chalicelib.ratings import Tally
from chalicelib.spam.finding import Verdict
from chalicelib.spam.likeness import Likeness
from chalicelib.spam.weights import SiteWeights

State = Literal["pending", "approved", "rejected", "spam", "deleted"]
Lane = Literal["urgent", "reported", "pending", "spam"]
Sort = Literal["newest", "oldest", "best"]

DEPTH = 6
"""How deep replies are indented at most; deeper ones stand beside the comment they answer."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What the public may see of a comment, and nothing else.

    `text` is as typed, `html` its safe rendering; `depth` is 0 for a root; times are UTC.
    """

    id: str
    parent_id: str | None
    depth: int
    name: str | None
    website: str | None
    text: str
    html: str
    created_at: datetime
    edited_at: datetime | None
    revision: int
    votes: int


@dataclass(frozen=True, slots=True)
class Consent:
    """What the author agreed to, and when."""

    version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """A text that a comment had before, and when it was written."""

    revision: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody is looking at a comment; it keeps nobody else from deciding."""

    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Appeal:
    """What an author says against a decision."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """Why a comment is restricted, as its author may know it: what was done, on which ground, by a person or a rule.

    What a statement of reasons has to say: Regulation (EU) 2022/2065 (Digital Services Act), Article 17.
    """

    what: Literal["rejected", "deleted", "hidden", "redacted"]
    ground: str | None
    message: str | None
    automated: bool
    decision_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a decision changed in a record, as it was before: all that it takes to undo it.

    `text` and `verdict` are there when the decision gave the comment another text, `trusted` when it changed whether
    its author is trusted.
    """

    state: State
    lane: Lane
    reports: int
    reporters: tuple[str, ...]
    reported_at: datetime | None
    round: int
    kept_revision: int | None = None
    statement: Statement | None = None
    text: str | None = None
    verdict: Verdict | None = None
    trusted: bool | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A comment with all that is private about it: what moderators see and the public never does.

    `path` holds the order ids from the thread's root down to this comment, its own last. `version` counts every
    change of the row, `revision` the author's versions of the text. `head` is the hash of the newest audit entry.
    `reports` counts what readers reported since the last decision; `reporters` holds the marks of the newest of them.
    `round` counts how often reports were settled by a decision. `replaced` is there while the last decision is the last
    thing that happened: then it can be undone. `kept_revision` is the text that the public sees while a newer one
    waits. `statement` tells why it is restricted, while it is; `appeal` is the one that its author made. `help` is what
    its author was shown at once because it is urgent.
    """

    id: str
    article_id: str
    parent_id: str | None
    path: tuple[str, ...]
    text: str
    html: str
    name: str | None
    email: str | None
    website: str | None
    author: str
    network: str | None
    consent: Consent | None
    state: State
    lane: Lane
    verdict: Verdict
    revision: int = 1
    version: int = 1
    votes: int = 0
    edited_at: datetime | None = None
    decision: str | None = None
    head: str | None = None
    was_public: bool = False
    reports: int = 0
    reporters: tuple[str, ...] = ()
    reported_at: datetime | None = None
    round: int = 0
    replaced: Replaced | None = None
    kept_revision: int | None = None
    claim: Claim | None = None
    statement: Statement | None = None
    appeal: Appeal | None = None
    help: Help | None = None

    @property
    def is_public(self) -> bool:
        """Whether the public sees it, in this revision or in an earlier one that was kept."""
        return self.state == "approved" or self.kept_revision is not None

    @property
    def public_revision(self) -> int | None:
        """Which revision the public sees; None while it sees none."""
        return self.revision if self.state == "approved" else self.kept_revision

    @property
    def waits(self) -> bool:
        """Whether it is in the queue: it is not decided on, or it is public and was reported."""
        return self.state == "pending" or (self.state == "approved" and self.reports > 0)

    @property
    def is_appealed(self) -> bool:
        """Whether its author's appeal waits for an answer: the restriction that it is about still stands."""
        return bool(self.appeal and self.statement and self.statement.at <= self.appeal.at)

    @property
    def back_since(self) -> datetime | None:
        """Since when it is in the queue again: since it was reported or its author appealed; None without that."""
        return self.reported_at or (self.appeal.at if self.appeal and self.is_appealed else None)

    @property
    def waiting_since(self) -> datetime:
        """Since when it is in the queue: since it came back there or, without that, since it was submitted."""
        return self.back_since or self.created_at

    @property
    def order(self) -> str:
        """The comment's own order id."""
        return self.path[-1]

    @property
    def created_at(self) -> datetime:
        """When it was submitted."""
        return order_time(self.order)

    @property
    def public(self) -> Comment:
        """What the public sees once it is approved."""
        return Comment(
            id=self.id,
            parent_id=self.parent_id,
            depth=len(self.path) - 1,
            name=self.name,
            website=self.website,
            text=self.text,
            html=self.html,
            created_at=self.created_at,
            edited_at=self.edited_at,
            revision=self.revision,
            votes=self.votes,
        )


def reply_path(parent: tuple[str, ...], order: str) -> tuple[str, ...]:
    """Return where a reply to the comment at `parent` stands: below it, or beside it when that is deep already."""
    return (*parent[:DEPTH], order)


@dataclass(frozen=True, slots=True)
class AuthorHistory:
    """What moderators did with an author's comments so far."""

    comments: int = 0
    approved: int = 0
    rejected: int = 0
    spam: int = 0
    first_seen: datetime | None = None
    trusted: bool = False
    """Whether a moderator said that this author needs no further approvals."""


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """What a comment form needs to know of the policy."""

    mode: str
    max_length: int
    require_consent: bool
    challenge: str
    help: Help | None = None
    """What stands beside the form before anything is written, where the policy says so."""

    @classmethod
    def of(cls, site: Policy, article: FormRules, now: datetime) -> "PolicyFacts":
        """Return the facts of the policy as it holds for an article: one that is too old for comments is closed."""
        rules = {name: article.own.get(name, getattr(site, name)) for name in FORM}
        if is_over(closes_at(rules.pop("close_after_days"), article.since), now):
            rules["mode"] = "closed"
        help_ = site.help
        if "help" in article.own:
            help_ = HelpRules.model_validate(merged(help_.model_dump(mode="json"), article.own["help"]))
        return cls(**rules, help=help_.shown if help_.beside_form else None)


@dataclass(frozen=True, slots=True)
class Thread:
    """An article's first page: its tally, how many comments are approved, the newest of them."""

    article_id: str
    tally: Tally
    comments_count: int
    comments: list[Comment]
    next: str | None
    policy: PolicyFacts
    form: str
    """The signed time the form was made; a comment sends it back."""


@dataclass(frozen=True, slots=True)
class CommentPage:
    """A further page, flat and in display order: a root, then its replies."""

    comments: list[Comment]
    next: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What a list of articles shows beside each."""

    comments: int
    ratings: int
    average: float | None


@dataclass(frozen=True, slots=True)
class FirstPage:
    """What one Query over an article brings; `after` is the position of the last comment when more follow."""

    tally: Tally
    approved: int
    version: str
    comments: list[Comment]
    after: str | None
    rules: FormRules


@dataclass(frozen=True, slots=True)
class Ask:
    """Which facts a submission needs: ids and keyed marks only."""

    id: str
    article_id: str
    parent_id: str | None
    author: str
    network: str | None
    fingerprint: str | None
    """Keyed mark of the text's letters; None for a text too short to compare."""
    email: str | None
    domains: tuple[str, ...]
    likeness: Likeness | None = None
    """Keyed, and by what look-alikes are found; None for a text too short to compare."""


@dataclass(frozen=True, slots=True)
class Known:
    """The facts as they are now.

    `policy` is as it holds for the article; `since` is when that had its first rating or public comment.
    """

    policy: Policy
    existing: Record | None
    parent: Record | None
    author: AuthorHistory
    repeats: int
    blocked: tuple[str, ...]
    earlier: Earlier | None
    former: Record | None = None
    """The same comment, deleted so long ago that it counts as gone; its votes and reports may still be there."""
    rules: ArticleRules = NONE
    since: datetime | None = None
    similar: int = 0
    """How many comments of the last days were much like it, as far as they are remembered."""
    learned: SiteWeights | None = None
    """What the site has learned from its moderators; None while that is nothing, or where it could not be read."""
    failed: tuple[str, ...] = ()
    """The facts that could not be gathered."""


class ThreadStore(Protocol):
    """How approved comments are read."""

    def first_page(self, article_id: str, limit: int, now: datetime) -> FirstPage:
        """Return tally and newest comments of an article by one Query."""
        ...

    def page(self, article_id: str, sort: Sort, limit: int, after: str | None) -> tuple[list[Comment], str | None]:
        """Return up to `limit` comments in display order from a position on, and the position to go on from."""
        ...

    def counts(self, article_ids: Sequence[str]) -> dict[str, Counts]:
        """Return the counts of up to 100 articles by one batch."""
        ...
