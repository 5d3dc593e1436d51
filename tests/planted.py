"""Faults as counters, recounts and decisions often have them: tests that find faults have to find these."""

from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.dynamodb.keys import SUMMARY
from chalicelib.dynamodb.ratings import DynamoRatings
from chalicelib.dynamodb.recount import DynamoRecounts
from chalicelib.moderation import deciding

_kept, _rule = DynamoRecounts.kept, deciding._rule


def _bare_add(self: Any, article_id: str, reader: str, seen: Any, new: int | None, _done: Any, now: Any) -> None:
    """Keep the rating, and then add to the tally: what a counter without a transaction does."""
    table, old = self._table, seen.stars
    table.transact([self._rating_step(article_id, reader, old, new, now)])
    moves = {f"h{stars}": by for stars, by in ((old, -1), (new, 1)) if stars and old != new}
    if moves:
        parts = ", ".join(f"#{name} :{name}" for name in (*moves, "ver"))
        step = table.change(table.keys.article(article_id), SUMMARY, f"ADD {parts}", **moves, ver=1)
        with suppress(BotoCoreError, ClientError):
            table.client.update_item(**step["Update"])


def _without_shards(self: Any, article: str) -> Any:
    """Return what the summary says, as if no shard held anything."""
    kept = _kept(self, article)
    summary = self._table.get(self._table.keys.article(article), SUMMARY) or {}
    histogram = [summary.get(f"h{stars}", 0) for stars in range(1, 6)]
    return type(kept)(histogram, kept.comments, 0, str(summary.get("ver", 0)), is_spread=False)


def _over_shards(self: Any, article: str, _kept: Any, counted: Any) -> None:
    """Set the summary to what was counted, whatever shards hold."""
    summary = self._table.get(self._table.keys.article(article), SUMMARY) or {}
    step = self._summary_step(article, summary, counted)
    step["Update"]["ConditionExpression"] = step["Update"]["ConditionExpression"].split(" AND ")[0]
    del step["Update"]["ExpressionAttributeNames"]["#hot"]
    self._table.transact([step])


def _as_it_stands(store: Any, record: Any, ruling: Any, *rest: Any) -> Any:
    """Decide on whatever the text is by now."""
    return _rule(store, record, ruling.model_copy(update={"revision": record.revision}), *rest)


PLANTED: dict[str, list[tuple[Any, str, Any]]] = {
    "a bare ADD": [(DynamoRatings, "move", _bare_add)],
    "a recount without the shard check": [
        (DynamoRecounts, "kept", _without_shards),
        (DynamoRecounts, "repair", _over_shards),
    ],
    "a decision without the revision": [(deciding, "_rule", _as_it_stands)],
}
"""The name of each fault, and what to put in whose place to have it."""
