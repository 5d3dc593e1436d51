"""Read and change the site's policy and articles' own rules; a change is a line of the log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue

from chalicelib.article_rules import ArticlePolicy, ArticleRules, article_policy, patched_rules
from chalicelib.audit import Entry
from chalicelib.changes import Change, SiteRow, changed
from chalicelib.once import Done, Once
from chalicelib.policy import Mode, Policy, patched


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """The policy as one read shows it."""

    policy: Policy
    version: int
    site: SiteRow


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article's rules as one read shows them, beside the site's policy, and since when the article is there."""

    policy: Policy
    rules: ArticleRules
    version: int
    since: datetime | None
    site: SiteRow

    @property
    def as_it_holds(self) -> ArticlePolicy:
        """The policy as it holds for the article."""
        return article_policy(self.policy, self.rules, self.since)


class PolicyStore(Protocol):
    """How the policy is kept."""

    def policy(self) -> Policy:
        """Return the site's policy, a few seconds old at most."""
        ...

    def rules(self, article_id: str) -> ArticleRules:
        """Return an article's own rules, a few seconds old at most."""
        ...

    def policy_row(self, change: Change | None, now: datetime) -> PolicyRow:
        """Return the site's policy as it is now, and what is known of a change of it."""
        ...

    def keep_policy(self, policy: Policy, version: int, entry: Entry, done: Done | None) -> None:
        """Replace version `version` of the policy and log it. Raises Stale when another came first."""
        ...

    def article_row(self, article_id: str, change: Change | None, now: datetime) -> ArticleRow:
        """Return an article's rules as they are now, and what is known of a change of them."""
        ...

    def keep_rules(
        self, article_id: str, row: ArticleRow, rules: ArticleRules, entry: Entry, done: Done | None
    ) -> None:
        """Replace the rules of an article, as they were read, and log it. Raises Stale when another came first."""
        ...

    def ruled(self, limit: int, after: str | None) -> tuple[list[tuple[str, ArticleRules]], str | None]:
        """Return up to `limit` articles with rules of their own from a position on, and the position to go on from."""
        ...


def patch_policy(
    store: PolicyStore,
    patch: object,
    by: str,
    *,
    once: Once | None,
    now: datetime,
    randomness: int,
    pause: Callable[[int], None],
) -> Policy:
    """Change the site's policy by a JSON Merge Patch and return the new one; two changes at once both take effect.

    Raises pydantic's ValidationError when the result is no policy, KeyReused, Unavailable.
    """
    change = Change(by, once, now, randomness)

    def keep(row: PolicyRow) -> Policy:
        policy = patched(row.policy, patch)
        entry = row.site.entry(change, "policy", patch, row.version + 1)
        store.keep_policy(policy, row.version, entry, change.done)
        return policy

    def look() -> PolicyRow:
        return store.policy_row(change, now)

    def stands(row: PolicyRow) -> Policy:
        return row.policy

    return changed(change, look, stands, keep, pause)


def patch_article(
    store: PolicyStore,
    article_id: str,
    patch: object,
    by: str,
    *,
    once: Once | None,
    now: datetime,
    randomness: int,
    pause: Callable[[int], None],
) -> ArticlePolicy:
    """Change an article's own rules by a JSON Merge Patch and return the policy as it then holds there.

    Null is as the site says. Raises as patch_policy does.
    """
    change = Change(by, once, now, randomness)

    def keep(row: ArticleRow) -> ArticlePolicy:
        rules = patched_rules(row.rules, row.policy, patch)
        note = {"article": article_id, "patch": patch}
        entry = row.site.entry(change, "policy", note, row.version + 1)
        store.keep_rules(article_id, row, rules, entry, change.done)
        return article_policy(row.policy, rules, row.since)

    def look() -> ArticleRow:
        return store.article_row(article_id, change, now)

    def stands(row: ArticleRow) -> ArticlePolicy:
        return row.as_it_holds

    return changed(change, look, stands, keep, pause)


@dataclass(frozen=True, slots=True)
class RuledArticle:
    """An article with rules of its own; `mode` is the one that holds there."""

    article_id: str
    mode: Mode
    own: dict[str, JsonValue]
    allowed_terms: list[str]


@dataclass(frozen=True, slots=True)
class RuledArticles:
    """A page of the articles with rules of their own."""

    items: list[RuledArticle]
    next: str | None


def listed(site: Policy, found: Sequence[tuple[str, ArticleRules]]) -> list[RuledArticle]:
    """Return articles with their own rules, as a list shows them."""
    return [
        RuledArticle(article_id, rules.own.get("mode", site.mode), dict(rules.own), list(rules.allowed))
        for article_id, rules in found
    ]
