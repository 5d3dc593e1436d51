"""How ratings are kept: one item a reader, and the article's histogram moved in the same transaction."""

from datetime import datetime
from typing import Any

from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import SUMMARY
from chalicelib.dynamodb.once import earlier, once_key, remember
from chalicelib.dynamodb.values import Item
from chalicelib.once import Done, Once
from chalicelib.ratings import STARS, Seen, Tally


def tally_of(summary: Item | None) -> Tally:
    """Return the tally in a summary item, the empty one without."""
    return Tally.of([(summary or {}).get(f"h{stars}", 0) for stars in STARS])


class DynamoRatings:
    """Ratings in the table: fulfils RatingStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection

    def look(self, article_id: str, reader: str, once: Once | None, now: datetime) -> Seen:
        """Return the reader's rating, the tally and what the idempotency key remembers, by one batch."""
        keys = self._table.keys
        rating = (keys.rating(article_id, reader), reader)
        summary = (keys.article(article_id), SUMMARY)
        found = self._table.batch([rating, summary, *once_key(self._table, once)])
        return Seen(
            stars=found.get(rating, {}).get("stars"),
            tally=tally_of(found.get(summary)),
            earlier=earlier(self._table, once, found, now),
        )

    def move(
        self, article_id: str, reader: str, old: int | None, new: int | None, done: Done | None, now: datetime
    ) -> None:
        """Move the rating and the histogram in one transaction, tied to the stars it starts from. Raises Stale."""
        self._table.transact(
            [
                self._rating_step(article_id, reader, old, new, now),
                *self._summary_step(article_id, old, new),
                *remember(self._table, done, now),
            ],
        )

    def _rating_step(
        self, article_id: str, reader: str, old: int | None, new: int | None, now: datetime
    ) -> dict[str, Any]:
        pk = self._table.keys.rating(article_id, reader)
        as_seen = "attribute_not_exists(pk)" if old is None else "#stars = :old"
        values = {} if old is None else {"old": old}
        if old == new:
            return self._table.check(pk, reader, as_seen, **values)
        if new is None:
            return self._table.delete(pk, reader, as_seen, **values)
        item = {"pk": pk, "sk": reader, "stars": new, "at": int(now.timestamp())}
        return self._table.put(item, as_seen, **values)

    def _summary_step(self, article_id: str, old: int | None, new: int | None) -> list[dict[str, Any]]:
        if old == new:
            return []
        moves: dict[str, Any] = {f"h{new}": 1} if new else {}
        if old:
            moves[f"h{old}"] = -1
        parts = ", ".join(f"#{name} :{name}" for name in (*moves, "ver"))
        pk = self._table.keys.article(article_id)
        return [self._table.change(pk, SUMMARY, f"ADD {parts}", **moves, ver=1)]
