"""How the queue is read: a page of a tray with each comment's context, and how many comments each tray holds."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.comments import Record
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import SUMMARY, Keys
from chalicelib.dynamodb.records import (
    RECORD,
    is_gone,
    lies_in,
    to_author,
    to_record,
    tray_range,
    votes_of,
)
from chalicelib.dynamodb.reports import to_complaint
from chalicelib.dynamodb.table import BY_RANK
from chalicelib.dynamodb.values import Item
from chalicelib.moderation import ModeratedComment, QueueItem, Ruled, Tray

COUNTED_TO = 1000
COUNTS_FRESH_SECONDS = 5
COUNTED: tuple[Tray, ...] = ("pending", "urgent", "reported", "spam")

Key = tuple[str, str]
_RANKED = ("g2", "g2s")
_SEARCHED_PAGES = 5
"""How many Queries a filtered page takes at most before it hands out a cursor to go on from."""


class DynamoQueue:
    """The queue in the table: fulfils QueueStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection
        self._counted: tuple[float, dict[str, int]] | None = None

    def follow(self, ruled: Ruled) -> None:
        """Let the counts in memory follow a decision: counting a long queue again costs a hundred read units."""
        if self._counted is None:
            return
        at, counts = self._counted
        moved = {
            tray: number + lies_in(ruled.after, tray) - lies_in(ruled.before, tray) if number < COUNTED_TO else number
            for tray, number in counts.items()
        }
        self._counted = (at, moved)

    def page(
        self, tray: Tray, article_id: str | None, limit: int, after: str | None, now: datetime
    ) -> tuple[list[QueueItem], str | None]:
        """Return a page of a tray with each item's context: one Query for the tray, one batch for the context."""
        stored, first, last = tray_range(tray)
        start = f"{after}!" if after else first
        read: list[Item] = []
        position: str | None = None
        for _ in range(_SEARCHED_PAGES):
            page = self._table.items(
                self._table.keys.tray(stored),
                between=(start, last),
                limit=limit + 1,
                index=BY_RANK,
                names=_RANKED,
            )
            read += [item for item in page if _wanted(item, article_id, now)]
            if len(read) > limit:
                position = read[limit - 1]["g2s"]
                break
            if len(page) <= limit:
                position = None
                break
            position = page[-1]["g2s"]
            start = f"{position}!"
        records = [to_record(item) for item in read[:limit]]
        return self.in_context(records, now), position

    def in_context(self, records: Sequence[Record], now: datetime) -> list[QueueItem]:
        """Return what it takes to decide on each comment: its author, parent, votes and newest reports, by batch."""
        keys = self._table.keys
        wanted = [key for record in records for key in _context_keys(keys, record)]
        found = self._table.batch(wanted)
        return [_queue_item(keys, record, found, now) for record in records]

    def counts(self) -> dict[str, int]:
        """Return how many comments each tray holds: counted up to 1,000, at most 5 seconds old."""
        counted = self._counted
        if counted and time.monotonic() - counted[0] < COUNTS_FRESH_SECONDS:
            return counted[1]
        counts: dict[str, int] = {tray: self._count(tray) for tray in COUNTED}
        self._counted = (time.monotonic(), counts)
        return counts

    def _count(self, tray: Tray) -> int:
        stored, first, last = tray_range(tray)
        counted, start = 0, None
        while counted < COUNTED_TO:
            answer = self._table.query(
                self._table.keys.tray(stored),
                between=(first, last),
                limit=COUNTED_TO - counted,
                index=BY_RANK,
                names=_RANKED,
                count=True,
                start=start,
            )
            counted += answer["Count"]
            start = answer.get("LastEvaluatedKey")
            if start is None:
                break
        return counted


def _wanted(item: Item, article_id: str | None, now: datetime) -> bool:
    return not is_gone(item, now) and (article_id is None or item["article"] == article_id)


def _context_keys(keys: Keys, record: Record) -> list[Key]:
    found = [(keys.author(record.author), SUMMARY)]
    if record.parent_id:
        found.append((keys.comment(record.parent_id), RECORD))
    if record.was_public:
        found.append((keys.votes(record.id), SUMMARY))
    return [*found, *((keys.reports(record.id), reporter) for reporter in record.reporters)]


def _queue_item(keys: Keys, record: Record, found: Mapping[Key, Item], now: datetime) -> QueueItem:
    parent = found.get((keys.comment(record.parent_id), RECORD)) if record.parent_id else None
    votes = votes_of(found.get((keys.votes(record.id), SUMMARY)))
    reports = [found.get((keys.reports(record.id), reporter)) for reporter in record.reporters]
    return QueueItem(
        comment=ModeratedComment.of(replace(record, votes=votes)),
        state=record.state,
        lane=record.lane,
        waiting_since=record.waiting_since,
        verdict=record.verdict,
        parent=None if parent is None or is_gone(parent, now) else to_record(parent).public,
        author=to_author(found.get((keys.author(record.author), SUMMARY))),
        reports=[to_complaint(report) for report in reports if report],
    )
