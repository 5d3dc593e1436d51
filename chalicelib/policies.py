"""Read and change the site's policy; a change is a line of the log."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.audit import Decision, Entry
from chalicelib.errors import Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.keyring import seconds
from chalicelib.once import KEPT_SECONDS, Done, Earlier, Once, replay
from chalicelib.policy import Policy, patched

ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """The policy as one read shows it; `head` is the hash of its newest log entry."""

    policy: Policy
    version: int
    head: str | None
    earlier: Earlier | None


class PolicyStore(Protocol):
    """How the site's policy is kept."""

    def policy(self) -> Policy:
        """Return the site's policy, a few seconds old at most."""
        ...

    def policy_row(self, once: Once | None, now: datetime) -> PolicyRow:
        """Return the site's policy as it is now, and what the idempotency key remembers."""
        ...

    def keep_policy(self, policy: Policy, version: int, entry: Entry, done: Done | None) -> None:
        """Replace version `version` of the policy and log it. Raises Stale when another came first."""
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
    ours: str | None = None
    for attempt in range(ATTEMPTS):
        row = store.policy_row(once, now)
        # Our own change may have been kept although its answer was lost.
        if replay(once, row.earlier) is not None or (ours and row.head == ours):
            return row.policy
        changed = patched(row.policy, patch)
        decision = Decision(
            id=order_id(now, randomness),
            comment_id=None,
            action="policy",
            from_=None,
            to=None,
            revision=row.version + 1,
            by=by,
            at=now,
            note=json.dumps(patch, ensure_ascii=False),
        )
        done = Done(once, decision.id, seconds(now) + KEPT_SECONDS) if once else None
        entry = Entry.after(row.head, decision)
        ours = entry.hash
        try:
            store.keep_policy(changed, row.version, entry, done)
        except Stale:
            pause(attempt)
        else:
            return changed
    raise Unavailable
