"""How allowances and the keys of the day are kept."""

import secrets
from datetime import UTC, datetime, timedelta

from chalicelib.dynamodb.connection import Connection
from chalicelib.errors import Stale, Unavailable
from chalicelib.keyring import mark
from chalicelib.limits import MILLISECONDS, Limit

SORT_KEY = "T"
KEY_LIVES = timedelta(hours=48)
_ATTEMPTS = 6
_KEY_BYTES = 32
_REMEMBERED = 10_000


class DynamoLimits:
    """Allowances in the table: fulfils LimitStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection
        self._days: dict[str, bytes] = {}
        self._last_seen: dict[str, int] = {}

    def take(self, limit: Limit, now: int) -> int | None:
        """Use up one act by one conditional update, by two where the visitor came back sooner than remembered.

        DynamoDB has no max(), so the two cases of GCRA, starting from now or from the stored time, are two updates.
        Which to try first is a guess from what this process saw last; the conditions decide.
        """
        pk = self._table.keys.limit(limit.scope, limit.mark)
        latest = now + limit.tolerance
        stored = self._last_seen.get(pk, 0)
        for _ in range(_ATTEMPTS):
            if stored - latest > 0:
                return stored - latest
            if stored > now:
                move, condition = "#tat = #tat + :step", "#tat > :now AND #tat <= :latest"
            else:
                move, condition = "#tat = :next", "attribute_not_exists(pk) OR #tat <= :now"
            standing = self._try(pk, limit, now, move, condition, latest)
            if standing is None:
                self._remember(pk, max(stored, now) + limit.interval)
                return None
            stored = standing
        raise Unavailable

    def _remember(self, pk: str, arrival: int) -> None:
        if len(self._last_seen) >= _REMEMBERED:
            self._last_seen.clear()
        self._last_seen[pk] = arrival

    def _try(self, pk: str, limit: Limit, now: int, move: str, condition: str, latest: int) -> int | None:
        """Move the stored time when the condition holds; return None then, else the time that stands."""
        values = {"next": now + limit.interval, "step": limit.interval, "now": now, "latest": latest}
        used = {name: value for name, value in values.items() if f":{name}" in f"{move} {condition}"}
        ends = (now + limit.tolerance + 2 * limit.interval) // MILLISECONDS + 60
        item = self._table.update(pk, SORT_KEY, f"SET {move}, #ttl = :ttl", condition, ttl=ends, **used)
        # An allowance that was removed between two tries stands at nothing.
        return None if item is None else int(item.get("tat", 0))

    def network_mark(self, network: str, day: str) -> str:
        """Return the network's mark under a random key that is made once a day and destroyed after 48 hours."""
        key = self._days.get(day)
        if key is None:
            key = self._day_key(day)
            self._days = {day: key}
        return mark(key, "network", network)

    def _day_key(self, day: str) -> bytes:
        pk, sk = self._table.keys.site_policy(), f"DAY#{day}"
        expires = int((datetime.fromisoformat(day).replace(tzinfo=UTC) + KEY_LIVES).timestamp())
        fresh = {"pk": pk, "sk": sk, "key": secrets.token_bytes(_KEY_BYTES), "ttl": expires}
        for _ in range(_ATTEMPTS):
            item = self._table.get(pk, sk)
            if item:
                return bytes(item["key"])
            try:
                self._table.transact([self._table.put(fresh, "attribute_not_exists(pk)")])
            except Stale:
                continue
        raise Unavailable
