"""How ratings are kept: one item a reader, and the article's tally moved in the same transaction."""

from datetime import datetime
from typing import Any

from chalicelib.dynamodb.connection import THROTTLED, Connection
from chalicelib.dynamodb.keys import SUMMARY, rating_shard
from chalicelib.dynamodb.once import earlier, once_key, remember
from chalicelib.dynamodb.tallies import Tallies, heat_of, legacy_item, legacy_of, shard_of
from chalicelib.errors import Crowded, LegacyFrozen, Stale
from chalicelib.once import Done, Once
from chalicelib.ratings import Heat, Legacy, Seen

_TALLY_STEP = 1
_COLLIDED = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
"""What a cancelled transaction says of a step that met too many others."""


class DynamoRatings:
    """Ratings in the table: fulfils RatingStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection
        self.tallies = Tallies(connection)

    def look(self, article_id: str, reader: str, once: Once | None, now: datetime) -> Seen:
        """Return the reader's rating, the tally and what the idempotency key remembers, as they were at one moment.

        Read apart, the tally could lack what the rating says where one reader has two pages open.
        While the article is hot, a batch reads the shards besides. Raises Stale, with the tally spread, when ratings
        collide at it.
        """
        keys = self._table.keys
        rating = (keys.ratings(article_id, rating_shard(reader)), reader)
        summary = (keys.article(article_id), SUMMARY)
        try:
            found = self._table.snapshot([rating, summary, *once_key(self._table, once)])
        except Stale as stale:
            if _collided(stale):
                self.tallies.spread(article_id, heat_of(self._table.get(*summary)), now)
            raise
        standing = self.tallies.standing(article_id, found.get(summary))
        if standing.summary is not found.get(summary):
            raise Stale("settled since the rating was read")
        return Seen(
            stars=found.get(rating, {}).get("stars"),
            histogram=standing.histogram,
            earlier=earlier(self._table, once, found, now),
            legacy=legacy_of(standing.summary),
            heat=standing.heat,
            shard=standing.shards.get(shard_of(reader), {}).get("ver", 0),
        )

    def move(self, article_id: str, reader: str, seen: Seen, new: int | None, done: Done | None, now: datetime) -> None:
        """Move the rating and the tally in one transaction, tied to the stars it starts from.

        Raises Stale; Crowded when the tally's row was met by too many others.
        """
        steps = [
            self._rating_step(article_id, reader, seen.stars, new, now),
            *self._tally_steps(article_id, reader, seen, new, now),
            *remember(self._table, done, now),
        ]
        try:
            self._table.transact(steps)
        except Stale as stale:
            if _collided(stale):
                raise Crowded(*stale.reasons) from stale
            raise

    def spread(self, article_id: str, heat: Heat, now: datetime) -> None:
        """Let ratings go to shards from now on, for a minute at least. Raises Stale unless `heat` is as it was."""
        self.tallies.spread(article_id, heat, now)

    def _rating_step(
        self, article_id: str, reader: str, old: int | None, new: int | None, now: datetime
    ) -> dict[str, Any]:
        pk = self._table.keys.ratings(article_id, rating_shard(reader))
        as_seen = "attribute_not_exists(pk)" if old is None else "#stars = :old"
        values = {} if old is None else {"old": old}
        if old == new:
            return self._table.check(pk, reader, as_seen, **values)
        if new is None:
            return self._table.delete(pk, reader, as_seen, **values)
        item = {"pk": pk, "sk": reader, "stars": new, "at": int(now.timestamp())}
        return self._table.put(item, as_seen, **values)

    def _tally_steps(
        self, article_id: str, reader: str, seen: Seen, new: int | None, now: datetime
    ) -> list[dict[str, Any]]:
        old = seen.stars
        moves = {} if old == new else {f"h{stars}": by for stars, by in ((new, 1), (old, -1)) if stars}
        return self.tallies.steps(article_id, reader, seen, moves, now)

    def keep_legacy(self, article_id: str, legacy: Legacy) -> None:
        """Keep ratings that were counted elsewhere, once and for all; the same ones again change nothing.

        Raises LegacyFrozen when others are kept already, Unavailable when it is not known whether they were kept.
        """
        pk, item = self._table.keys.article(article_id), legacy_item(legacy)
        standing = self._table.update(
            pk, SUMMARY, "SET #legacy = :legacy ADD #ver :one", "attribute_not_exists(#legacy)", legacy=item, one=1
        )
        if standing is not None and standing.get("legacy") != item:
            raise LegacyFrozen("This article has ratings from elsewhere already; they are never replaced.")


def _collided(stale: Stale) -> bool:
    if THROTTLED.intersection(stale.reasons):
        return True
    return len(stale.reasons) > _TALLY_STEP and stale.reasons[_TALLY_STEP] in _COLLIDED
