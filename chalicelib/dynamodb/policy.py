"""How the policy is kept: the site's in one item, an article's own rules in one each, read again every few seconds."""

import json
import time
from datetime import datetime
from typing import Any

from chalicelib.article_rules import NONE, ArticleRules, FormRules
from chalicelib.audit import Entry
from chalicelib.changes import Change
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import SUMMARY, Keys, article_key
from chalicelib.dynamodb.log import site_entry_steps
from chalicelib.dynamodb.once import remember
from chalicelib.dynamodb.records import moment
from chalicelib.dynamodb.site import site_keys, site_row
from chalicelib.dynamodb.values import Item
from chalicelib.once import Done
from chalicelib.policies import ArticleRow, PolicyRow
from chalicelib.policy import DEFAULT, Policy

POLICY = "CFG"
FRESH_SECONDS = 10
_REMEMBERED = 1000
_FIRST, _LAST = "!", "\x7f"
"""Below and above every article as it stands in keys."""

Step = dict[str, Any]


def to_policy(item: Item | None) -> Policy:
    """Return the policy an item keeps, the default one without."""
    return DEFAULT if item is None else Policy.model_validate_json(item["policy"])


def rules_key(keys: Keys, article_id: str) -> tuple[str, str]:
    """Return where an article's own rules stand."""
    return keys.article_rules(), article_key(article_id)


def to_rules(item: Item | None) -> ArticleRules:
    """Return the rules an item keeps, none without."""
    return NONE if item is None else ArticleRules(json.loads(item["own"]), tuple(item["allowed"]))


def form_rules(summary: Item | None) -> FormRules:
    """Return what an article's summary says of its rules."""
    summary = summary or {}
    return FormRules(summary.get("rules", {}), moment(summary.get("since")))


class DynamoPolicies:
    """The policy in the table: fulfils PolicyStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection
        self._cached: tuple[float, Policy] | None = None
        self._cached_rules: dict[str, tuple[float, ArticleRules]] = {}

    def policy(self) -> Policy:
        """Return the site's policy, at most 10 seconds old: a page view need not read it."""
        cached = self._cached
        if cached and time.monotonic() - cached[0] < FRESH_SECONDS:
            return cached[1]
        return self._fresh(to_policy(self._table.get(self._table.keys.site_policy(), POLICY)))

    def _fresh(self, policy: Policy) -> Policy:
        self._cached = (time.monotonic(), policy)
        return policy

    def rules(self, article_id: str) -> ArticleRules:
        """Return an article's own rules, at most 10 seconds old."""
        cached = self._cached_rules.get(article_key(article_id))
        if cached and time.monotonic() - cached[0] < FRESH_SECONDS:
            return cached[1]
        return self._fresh_rules(article_id, to_rules(self._table.get(*rules_key(self._table.keys, article_id))))

    def _fresh_rules(self, article_id: str, rules: ArticleRules) -> ArticleRules:
        if len(self._cached_rules) >= _REMEMBERED:
            self._cached_rules = {}
        self._cached_rules[article_key(article_id)] = (time.monotonic(), rules)
        return rules

    def policy_row(self, change: Change | None, now: datetime) -> PolicyRow:
        """Return the site's policy as it is now, and what is known of a change of it, by one batch."""
        key = (self._table.keys.site_policy(), POLICY)
        found = self._table.batch([key, *site_keys(self._table, change)])
        item = found.get(key)
        return PolicyRow(
            policy=self._fresh(to_policy(item)),
            version=item["ver"] if item else 0,
            site=site_row(self._table, change, found, now),
        )

    def keep_policy(self, policy: Policy, version: int, entry: Entry, done: Done | None) -> None:
        """Replace version `version` of the policy and log it in one transaction. Raises Stale."""
        item = {
            "pk": self._table.keys.site_policy(),
            "sk": POLICY,
            "policy": json.dumps(policy.model_dump(mode="json"), ensure_ascii=False),
            "ver": version + 1,
        }
        as_read, values = _as_read(version)
        self._table.transact(
            [
                self._table.put(item, as_read, **values),
                *site_entry_steps(self._table, entry),
                *remember(self._table, done, entry.decision.at),
            ],
        )
        self._fresh(policy)

    def article_row(self, article_id: str, change: Change | None, now: datetime) -> ArticleRow:
        """Return an article's rules, the site's policy and what is known of a change, as they are now, by one batch."""
        keys = self._table.keys
        policy, own = (keys.site_policy(), POLICY), rules_key(keys, article_id)
        summary = (keys.article(article_id), SUMMARY)
        found = self._table.batch([policy, own, summary, *site_keys(self._table, change)])
        item = found.get(own)
        return ArticleRow(
            policy=self._fresh(to_policy(found.get(policy))),
            rules=self._fresh_rules(article_id, to_rules(item)),
            version=item["ver"] if item else 0,
            since=form_rules(found.get(summary)).since,
            site=site_row(self._table, change, found, now),
        )

    def keep_rules(
        self, article_id: str, row: ArticleRow, rules: ArticleRules, entry: Entry, done: Done | None
    ) -> None:
        """Replace an article's rules, those on its summary with them, and log it, in one transaction. Raises Stale."""
        self._table.transact(
            [
                self._rules_step(article_id, row.version, rules),
                *self._summary_steps(article_id, row.rules.for_forms, rules.for_forms),
                *site_entry_steps(self._table, entry),
                *remember(self._table, done, entry.decision.at),
            ],
        )
        self._fresh_rules(article_id, rules)

    def _rules_step(self, article_id: str, version: int, rules: ArticleRules) -> Step:
        pk, sk = rules_key(self._table.keys, article_id)
        as_read, values = _as_read(version)
        if not rules:
            return self._table.delete(pk, sk, as_read, **values)
        own = json.dumps(rules.own, ensure_ascii=False)
        item = {"pk": pk, "sk": sk, "article": article_id, "own": own, "allowed": rules.allowed, "ver": version + 1}
        return self._table.put(item, as_read, **values)

    def _summary_steps(self, article_id: str, before: dict[str, Any], after: dict[str, Any]) -> list[Step]:
        """Return the step by which a page view finds what its form needs, none where that is as it was."""
        if before == after:
            return []
        pk = self._table.keys.article(article_id)
        if not after:
            return [self._table.change(pk, SUMMARY, "REMOVE #rules ADD #ver :one", one=1)]
        return [self._table.change(pk, SUMMARY, "SET #rules = :rules ADD #ver :one", rules=after, one=1)]

    def ruled(self, limit: int, after: str | None) -> tuple[list[tuple[str, ArticleRules]], str | None]:
        """Return a page of the articles with rules of their own by one Query; a position is an article's key."""
        between = (f"{after} " if after else _FIRST, _LAST)
        items = self._table.items(self._table.keys.article_rules(), between=between, limit=limit + 1, consistent=True)
        shown = items[:limit]
        found = [(item["article"], to_rules(item)) for item in shown]
        return found, shown[-1]["sk"] if len(items) > limit else None


def _as_read(version: int) -> tuple[str, dict[str, int]]:
    return ("#ver = :seen", {"seen": version}) if version else ("attribute_not_exists(pk)", {})
