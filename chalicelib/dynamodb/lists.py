"""How block and term lists are kept: one item an entry, blocks found by key, terms read as a list now and then."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import get_args

from chalicelib.comments import Ask
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import Keys
from chalicelib.dynamodb.records import is_gone, moment, seconds
from chalicelib.dynamodb.values import Item
from chalicelib.errors import Stale, Unavailable
from chalicelib.lists import Block, BlockKind
from chalicelib.spam import Term
from chalicelib.text import normal

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
        terms = tuple(Term(value=item["value"], kind=item["kind"]) for item in items)
        self._cached = (time.monotonic(), terms)
        return terms

    def blocks(self, now: datetime) -> list[Block]:
        """Return all blocks that stand."""
        items = [item for kind in get_args(BlockKind) for item in self._items((kind,))]
        return [_to_block(item) for item in items if not is_gone(item, now)]

    def _items(self, kinds: Sequence[str]) -> list[Item]:
        pk = self._table.keys.lists()
        return [item for kind in kinds for item in self._table.items(pk, between=(f"{kind}|", f"{kind}}}"), limit=MOST)]

    def keep_term(self, term: Term) -> None:
        """Add a term, or change what it does."""
        item = {"sk": _sort_key(_TERM, normal(term.value)), "value": term.value, "kind": term.kind}
        self._put(item)

    def drop_term(self, value: str) -> None:
        """Take a term off the list."""
        self._delete(_sort_key(_TERM, normal(value)))

    def keep_block(self, block: Block) -> None:
        """Block an author, a network, an email address or a mail domain."""
        self._put(
            {
                "sk": _sort_key(block.kind, block.mark),
                "kind": block.kind,
                "mark": block.mark,
                "label": block.label,
                "ttl": seconds(block.until),
            },
        )

    def drop_block(self, kind: str, mark: str) -> None:
        """Lift a block."""
        self._delete(_sort_key(kind, mark))

    def _put(self, item: Item) -> None:
        step = self._table.put({"pk": self._table.keys.lists(), **item})
        self._write(step)

    def _delete(self, sort_key: str) -> None:
        self._write(self._table.delete(self._table.keys.lists(), sort_key))

    def _write(self, step: dict[str, object]) -> None:
        try:
            self._table.transact([step])
        except Stale as stale:
            raise Unavailable from stale
        self._cached = None


def _to_block(item: Item) -> Block:
    return Block(kind=item["kind"], mark=item["mark"], label=item["label"], until=moment(item.get("ttl")))
