"""How the site's policy is kept: one item, replaced at its version, read again every few seconds."""

import json
import time
from datetime import datetime

from chalicelib.audit import Entry
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.log import site_entry_steps, site_head_key
from chalicelib.dynamodb.once import earlier, once_key, remember
from chalicelib.dynamodb.values import Item
from chalicelib.once import Done, Once
from chalicelib.policies import PolicyRow
from chalicelib.policy import DEFAULT, Policy

POLICY = "CFG"
FRESH_SECONDS = 10


def to_policy(item: Item | None) -> Policy:
    """Return the policy an item keeps, the default one without."""
    return DEFAULT if item is None else Policy.model_validate_json(item["policy"])


class DynamoPolicies:
    """The policy in the table: fulfils PolicyStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection
        self._cached: tuple[float, Policy] | None = None

    def policy(self) -> Policy:
        """Return the site's policy, at most 10 seconds old: a page view need not read it."""
        cached = self._cached
        if cached and time.monotonic() - cached[0] < FRESH_SECONDS:
            return cached[1]
        policy = to_policy(self._table.get(self._table.keys.site_policy(), POLICY))
        self._cached = (time.monotonic(), policy)
        return policy

    def policy_row(self, once: Once | None, now: datetime) -> PolicyRow:
        """Return the site's policy as it is now, and what the idempotency key remembers, by one batch."""
        key = (self._table.keys.site_policy(), POLICY)
        head = site_head_key(self._table.keys)
        found = self._table.batch([key, head, *once_key(self._table, once)])
        item = found.get(key)
        self._cached = (time.monotonic(), to_policy(item))
        return PolicyRow(
            policy=to_policy(item),
            version=item["ver"] if item else 0,
            head=found[head]["head"] if head in found else None,
            earlier=earlier(self._table, once, found, now),
        )

    def keep_policy(self, policy: Policy, version: int, entry: Entry, done: Done | None) -> None:
        """Replace version `version` of the policy and log it in one transaction. Raises Stale."""
        item = {
            "pk": self._table.keys.site_policy(),
            "sk": POLICY,
            "policy": json.dumps(policy.model_dump(mode="json"), ensure_ascii=False),
            "ver": version + 1,
        }
        condition, values = ("#ver = :seen", {"seen": version}) if version else ("attribute_not_exists(pk)", {})
        self._table.transact(
            [
                self._table.put(item, condition, **values),
                *site_entry_steps(self._table, entry),
                *remember(self._table, done, entry.decision.at),
            ],
        )
        self._cached = (time.monotonic(), policy)
