"""What a change of something about the site reads beside the thing itself: the chain's end, and whether it is done."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.changes import Change, SiteRow
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.log import entry_key, site_head_key
from chalicelib.dynamodb.once import earlier, once_key
from chalicelib.dynamodb.values import Item

Key = tuple[str, str]


def site_keys(table: Connection, change: Change | None) -> list[Key]:
    """Return the keys to read beside the others, none where nothing is to be changed."""
    if change is None:
        return []
    return [site_head_key(table.keys), entry_key(table.keys, change.id), *once_key(table, change.once)]


def site_row(table: Connection, change: Change | None, found: Mapping[Key, Item], now: datetime) -> SiteRow:
    """Return what they say."""
    if change is None:
        return SiteRow(None, None)
    head = found.get(site_head_key(table.keys))
    return SiteRow(
        head=head["head"] if head else None,
        earlier=earlier(table, change.once, found, now),
        is_done=entry_key(table.keys, change.id) in found,
    )
