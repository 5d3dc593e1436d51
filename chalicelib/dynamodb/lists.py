"""How block and term lists are kept: one item an entry, blocks found by key, terms read as a list now and then."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import get_args

from chalicelib.audit import Entry
from chalicelib.changes import Change
from chalicelib.comments import Ask
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import Keys
from chalicelib.dynamodb.log import site_entry_steps
from chalicelib.dynamodb.once import remember
from chalicelib.dynamodb.records import is_gone, moment, seconds
from chalicelib.dynamodb.site import site_keys, site_row
from chalicelib.dynamodb.values import Item
from chalicelib.lists import Block, BlockKind, Listed, ListRow, Place
from chalicelib.once import Done
from chalicelib.spam import Term

FRESH_SECONDS = 10
MOST = 2000
_TERM = "term"

Key = tuple[str, str]


def _sort_key(kind: str, value: str) -> str:
    return f"{kind}|{value}"


def blocks_for(keys: Keys, ask: Ask) -> list[Key]:
    """Return the keys of every block that would stop this submission."""
    values: list[tuple[str, str]] = [("author", ask.author)]
    values += [("network", ask.network)] if ask.network else []
    values += [("email", ask.email)] if ask.email else []
    values += [("domain", domain) for domain in ask.domains]
    return [(keys.lists(), _sort_key(kind, value)) for kind, value in values]


def blocks_of(wanted: Sequence[Key], found: Mapping[Key, Item], now: datetime) -> tuple[str, ...]:
    """Return the kinds of block that stand."""
    standing = [key for key in wanted if key in found and not is_gone(found[key], now)]
    return tuple(sort_key.partition("|")[0] for _, sort_key in standing)


class DynamoLists:
    """Block and term lists in the table: fulfils ListStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection
        self._cached: tuple[float, tuple[Term, ...]] | None = None

    def terms(self) -> tuple[Term, ...]:
        """Return the site's terms, at most 10 seconds old."""
        cached = self._cached
        if cached and time.monotonic() - cached[0] < FRESH_SECONDS:
            return cached[1]
        items = self._items((_TERM,))
        terms = tuple(_to_term(item) for item in items)
        self._cached = (time.monotonic(), terms)
        return terms

    def blocks(self, now: datetime) -> list[Block]:
        """Return all blocks that stand."""
        items = [item for kind in get_args(BlockKind) for item in self._items((kind,))]
        return [_to_block(item) for item in items if not is_gone(item, now)]

    def _items(self, kinds: Sequence[str]) -> list[Item]:
        # As they are now: who changes a list is answered with it.
        pk, ranges = self._table.keys.lists(), [(f"{kind}|", f"{kind}}}") for kind in kinds]
        return [item for each in ranges for item in self._table.items(pk, between=each, limit=MOST, consistent=True)]

    def row(self, place: Place, change: Change, now: datetime) -> ListRow:
        """Return what stands at a place now, and what is known of a change of it, by one batch."""
        key = self._key(place)
        found = self._table.batch([key, *site_keys(self._table, change)])
        self._cached = None
        return ListRow(_standing(found.get(key), now), site_row(self._table, change, found, now))

    def keep(self, place: Place, listed: Listed | None, entry: Entry, done: Done | None) -> None:
        """Put a term or a block at its place, or nothing, and log it, in one transaction. Raises Stale."""
        pk, sk = self._key(place)
        step = self._table.put({"pk": pk, "sk": sk, **_item(listed)}) if listed else self._table.delete(pk, sk)
        # Tied to what was read by the chain, which every change of the site lengthens.
        steps = [step, *site_entry_steps(self._table, entry), *remember(self._table, done, entry.decision.at)]
        self._table.transact(steps)
        self._cached = None

    def remember(self, done: Done, now: datetime) -> None:
        """Keep what the idempotency key stands for. Raises Stale."""
        self._table.transact(remember(self._table, done, now))

    def _key(self, place: Place) -> Key:
        return self._table.keys.lists(), _sort_key(place.kind, place.value)


def _item(listed: Listed) -> Item:
    if isinstance(listed, Term):
        return {"value": listed.value, "kind": listed.kind}
    return {"kind": listed.kind, "mark": listed.mark, "label": listed.label, "ttl": seconds(listed.until)}


def _standing(item: Item | None, now: datetime) -> Listed | None:
    if item is None or is_gone(item, now):
        return None
    return _to_block(item) if "mark" in item else _to_term(item)


def _to_term(item: Item) -> Term:
    return Term(value=item["value"], kind=item["kind"])


def _to_block(item: Item) -> Block:
    return Block(kind=item["kind"], mark=item["mark"], label=item["label"], until=moment(item.get("ttl")))
