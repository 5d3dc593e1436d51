"""How it is kept which texts were sent lately: the same ones, and those much alike."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.comments import Ask
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import Keys
from chalicelib.dynamodb.records import is_gone
from chalicelib.dynamodb.values import Item

SIGHTING = "T"
SIGHTINGS_KEPT = 7 * 86_400
_SLOT = "like"

Key = tuple[str, str]


def sighting_keys(keys: Keys, ask: Ask) -> list[Key]:
    """Return where it stands whether a text, or one much like it, was sent lately."""
    same = [keys.repeats(ask.fingerprint)] if ask.fingerprint else []
    alike = [keys.alike(key) for key in ask.likeness.keys] if ask.likeness else []
    return [(pk, SIGHTING) for pk in (*same, *alike)]


def repeats(keys: Keys, ask: Ask, found: Mapping[Key, Item], now: datetime) -> int:
    """Return how often the same text was sent lately."""
    item = found.get((keys.repeats(ask.fingerprint), SIGHTING)) if ask.fingerprint else None
    return item["n"] if item and not is_gone(item, now) else 0


def similar(keys: Keys, ask: Ask, found: Mapping[Key, Item], now: datetime) -> int:
    """Return how many other comments much like it were sent lately, as far as they are remembered."""
    if ask.likeness is None:
        return 0
    items = [found.get((keys.alike(key), SIGHTING)) for key in ask.likeness.keys]
    lately = [item for item in items if item and not is_gone(item, now)]
    return ask.likeness.others([each for item in lately for name, each in item.items() if name.startswith(_SLOT)])


def sighting_steps(table: Connection, ask: Ask, now: datetime) -> list[dict[str, Any]]:
    """Return the steps by which a text is known again: one more of the same, and one of its four keys.

    A slot is overwritten by whoever comes next: so many are remembered, and an item stays small.
    """
    steps, expires = [], int(now.timestamp()) + SIGHTINGS_KEPT
    if ask.fingerprint:
        pk = table.keys.repeats(ask.fingerprint)
        steps.append(table.change(pk, SIGHTING, "SET #ttl = :ttl ADD #n :one", ttl=expires, one=1))
    if ask.likeness:
        pk, slot = table.keys.alike(ask.likeness.own), f"{_SLOT}{ask.likeness.slot:x}"
        kept = {"ttl": expires, slot: ask.likeness.entry}
        steps.append(table.change(pk, SIGHTING, f"SET #ttl = :ttl, #{slot} = :{slot}", **kept))
    return steps
