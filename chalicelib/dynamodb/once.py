"""What idempotency keys remember: read beside the rows of a write, kept in the same transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.values import Item
from chalicelib.once import Done, Earlier, Once

SORT_KEY = "I"

Key = tuple[str, str]


def once_key(connection: Connection, once: Once | None) -> list[Key]:
    """Return the key to read beside the others, none without an idempotency key."""
    return [(connection.keys.once(once.mark), SORT_KEY)] if once else []


def earlier(connection: Connection, once: Once | None, found: Mapping[Key, Item], now: datetime) -> Earlier | None:
    """Return what is remembered; what is past its time counts as gone, though DynamoDB removes it days later."""
    item = found.get((connection.keys.once(once.mark), SORT_KEY)) if once else None
    if item is None or item["ttl"] <= now.timestamp():
        return None
    return Earlier(item["digest"], item["answer"])


def remember(connection: Connection, done: Done | None, now: datetime) -> list[dict[str, Any]]:
    """Return the step that keeps the answer, none without an idempotency key."""
    if done is None:
        return []
    item = {
        "pk": connection.keys.once(done.once.mark),
        "sk": SORT_KEY,
        "digest": done.once.digest,
        "answer": done.answer,
        "ttl": done.expires,
    }
    return [connection.put(item, "attribute_not_exists(pk) OR #ttl <= :now", now=int(now.timestamp()))]
