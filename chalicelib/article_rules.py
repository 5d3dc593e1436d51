"""An article's own rules: where it differs from the site's policy, which terms are fine there, and when it closes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, JsonValue

from chalicelib.policy import Policy, Rates, Rules, SharedRules, TermValue, describe_patch, merged
from chalicelib.text import normal

MOST_TERMS = 200
FORM = ("mode", "max_length", "require_consent", "challenge", "close_after_days")
"""The rules that a comment's form needs: a page view finds an article's own ones on its summary."""
HELP = "help"
_TERMS = "allowed_terms"


class OwnLimits(Rules):
    """The one limit that an article may have of its own; the others count a reader over the whole site."""

    comments: Rates = Rates()


class OwnRules(SharedRules):
    """What a patch of an article's policy may name."""

    limits: OwnLimits = OwnLimits()
    allowed_terms: Annotated[list[TermValue], Field(max_length=MOST_TERMS, default_factory=list)]


class ArticlePolicy(Policy):
    """The policy as it holds for one article.

    `own` is where it differs from the site's, as a merge patch of that; on `allowed_terms` no term of the site's list
    is found. `closes_at` is when it takes no more comments, null while nothing says so.
    """

    allowed_terms: list[str]
    own: dict[str, JsonValue]
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class ArticleRules:
    """An article's own rules: `own` is a merge patch of the site's policy that holds whatever becomes of that."""

    own: Mapping[str, Any] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether the article has any."""
        return bool(self.own or self.allowed)

    def policy(self, site: Policy) -> Policy:
        """Return the policy as it holds for the article."""
        return Policy.model_validate(merged(site.model_dump(mode="json"), self.own)) if self.own else site

    def has_limit(self, of: str) -> bool:
        """Tell whether the article has a limit of its own on comments, of a `reader` or of a `network`."""
        return of in self.own.get("limits", {}).get("comments", {})

    @property
    def for_forms(self) -> dict[str, Any]:
        """Those that a comment's form needs, and what stands beside it."""
        return {name: self.own[name] for name in (*FORM, HELP) if name in self.own}


NONE = ArticleRules()


@dataclass(frozen=True, slots=True)
class FormRules:
    """What an article's summary says of its rules: those for forms, and when its first rating or comment came."""

    own: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None


def article_policy(site: Policy, rules: ArticleRules, since: datetime | None) -> ArticlePolicy:
    """Return the policy as it holds for an article."""
    policy = rules.policy(site)
    more = {_TERMS: list(rules.allowed), "own": dict(rules.own), "closes_at": closes_at(policy.close_after_days, since)}
    return ArticlePolicy.model_validate({**policy.model_dump(), **more})


def closes_at(days: int | None, since: datetime | None) -> datetime | None:
    """Return when an article closes, None when nothing closes it."""
    return since + timedelta(days=days) if days is not None and since is not None else None


def is_over(ends: datetime | None, now: datetime) -> bool:
    """Tell whether a time has come."""
    return ends is not None and ends <= now


def patched_rules(rules: ArticleRules, site: Policy, patch: Any) -> ArticleRules:  # noqa: ANN401 - any JSON
    """Return the rules with a JSON Merge Patch applied: null is as the site says.

    Thresholds and rates are kept whole, so that they make sense whatever the site changes later. Raises pydantic's
    ValidationError when the result is no policy.
    """
    wanted = merged({**rules.own, _TERMS: list(rules.allowed)}, patch)
    shared = site.model_dump(mode="json", include={*SharedRules.model_fields})
    limits = {"comments": site.limits.comments.model_dump(mode="json")}
    checked = OwnRules.model_validate(merged({**shared, "limits": limits}, wanted))
    wanted.pop(_TERMS, None)
    return ArticleRules(_whole(_pruned(wanted), checked.model_dump(mode="json")), _distinct(checked.allowed_terms))


def _pruned(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document without members that say nothing."""
    found = {name: _pruned(value) if isinstance(value, dict) else value for name, value in document.items()}
    return {name: value for name, value in found.items() if value != {}}


def _whole(own: dict[str, Any], checked: Mapping[str, Any]) -> dict[str, Any]:
    if "thresholds" in own:
        own["thresholds"] = checked["thresholds"]
    if "languages" in own:
        own["languages"] = checked["languages"]
    rates = own.get("limits", {}).get("comments", {})
    rates.update({name: checked["limits"]["comments"][name] for name in rates})
    return own


def _distinct(terms: list[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for term in terms:
        kept.setdefault(normal(term), term)
    return tuple(kept.values())


def patch_schema(schema: dict[str, Any]) -> None:
    """Describe a patch of an article's policy in a JSON Schema."""
    describe_patch(schema, OwnRules)
