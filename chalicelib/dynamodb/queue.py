"""How the queue is read: a page of a tray with each comment's context, and how many comments each tray holds."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.comments import Record
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import SUMMARY, Keys
from chalicelib.dynamodb.records import (
    RECORD,
    WAITING_LANES,
    Pointer,
    is_gone,
    lies_in,
    standing_record,
    to_author,
    to_pointer,
    to_record,
    tray_range,
    votes_of,
)
from chalicelib.dynamodb.reports import to_complaint
from chalicelib.dynamodb.table import BY_RANK
from chalicelib.dynamodb.values import Item, from_item
from chalicelib.ids import order_id
from chalicelib.language import language
from chalicelib.moderation import Appealed, ModeratedComment, Noted, QueueItem, Ruled, Tray, Wanted, sieve

COUNTED_TO = 1000
COUNTS_FRESH_SECONDS = 5
ARRIVALS = 100
SEARCHED = 100
"""How many comments one Query of a filtered page looks at."""
NOTED: tuple[Tray, ...] = ("pending", "approved", "rejected")
"""Where comments are looked for in which a check found something: what is spam or deleted tells nothing."""
NOTED_PAGES = 50
COUNTED: tuple[Tray, ...] = ("pending", "urgent", "reported", "spam")

Key = tuple[str, str]
_RANKED = ("g2", "g2s")
_COMMENT_ID = re.compile("[0-9a-z]{26}")
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
            # What came since it was counted is in no count, and may be decided on.
            tray: max(0, number + lies_in(ruled.after, tray) - lies_in(ruled.before, tray))
            if number < COUNTED_TO
            else number
            for tray, number in counts.items()
        }
        self._counted = (at, moved)

    def page(self, wanted: Wanted, limit: int, after: str | None, now: datetime) -> tuple[list[QueueItem], str | None]:
        """Return a page of a tray with each item's context: one Query for the tray, one batch for the context.

        A filtered one reads on, for at most five Queries; riskiest first, each of them is followed by a batch.
        """
        fits = sieve(wanted, self._author(wanted.author, now))
        many = SEARCHED if wanted.is_filtered else limit + 1
        read: list[_Placed] = []
        context: dict[Key, Item] = {}
        position = after
        for _ in range(_SEARCHED_PAGES):
            items, position = self._turn(wanted, position, many)
            if wanted.sort == "riskiest":
                items, around = self._led_to(wanted, items)
                context |= around
            read += [each for each in _placed(items, wanted.tray, now) if fits(each.record)]
            if len(read) > limit:
                position = read[limit - 1].position
                break
            if position is None:
                break
        records = [each.record for each in read[:limit]]
        return self._in(context, records, now) if context else self.in_context(records, now), position

    def _author(self, author: str | None, now: datetime) -> str | None:
        """Return the mark of a comment's author, None for what is no comment's id."""
        if author is None or not _COMMENT_ID.fullmatch(author):
            return None
        record = standing_record(self._table.get(self._table.keys.comment(author), RECORD), now)
        return record.author if record else None

    def _turn(self, wanted: Wanted, after: str | None, many: int) -> tuple[list[Item], str | None]:
        """Return what one Query brings, and the position to go on from when there may be more."""
        stored, first, last = tray_range(wanted.tray)
        keys = self._table.keys
        answer = self._table.query(
            keys.risk() if wanted.sort == "riskiest" else keys.tray(stored),
            between=(f"{after}!" if after else first, last),
            limit=many,
            index=BY_RANK,
            names=_RANKED,
        )
        items = [from_item(raw) for raw in answer["Items"]]
        return items, items[-1]["g2s"] if "LastEvaluatedKey" in answer else None

    def _led_to(self, wanted: Wanted, pointers: Sequence[Item]) -> tuple[list[Item], dict[Key, Item]]:
        """Return the records that pointers lead to, in the pointers' places, and their context, by one batch.

        Where a filter may leave most of them out, their context is read once it is known of which.
        """
        keys = self._table.keys
        records = [(item["g2s"], (keys.comment(item["id"]), RECORD)) for item in pointers]
        around = (
            [] if wanted.is_filtered else [key for each in pointers for key in _context_keys(keys, to_pointer(each))]
        )
        found = self._table.batch([*(key for _, key in records), *around])
        items = [{**found[key], "g2s": position} for position, key in records if key in found]
        return items, found if around else {}

    def noted(self, reason: str, limit: int, after: str | None, now: datetime) -> tuple[list[Noted], str | None]:
        """Return comments in which a check found something: tray by tray, by at most fifty Queries.

        A position is a tray, a space, and the rank there.
        """
        start, _, rank = (after or NOTED[0]).partition(" ")
        position: str | None = rank or None
        found: list[Noted] = []
        queries = 0
        for tray in NOTED[NOTED.index(start) :]:
            while True:
                if queries == NOTED_PAGES:
                    return found, f"{tray} {position or ''}"
                items, position = self._turn(Wanted(tray=tray), position, SEARCHED)
                queries += 1
                found += [
                    Noted(f"{tray} {each.position}", each.record)
                    for each in _placed(items, tray, now)
                    if any(finding.check == reason for finding in each.record.verdict.findings)
                ]
                if len(found) > limit:
                    return found[:limit], found[limit - 1].position
                if position is None:
                    break
        return found, None

    def arrivals(self, since: datetime) -> int:
        """Return how many that were submitted or reported since then wait: a Query a lane, counted up to 100."""
        stored = self._table.keys.tray(tray_range("pending")[0])
        start = order_id(since, 0)
        counted = [self._count(stored, f"{lane}#{start}", f"{lane}~", ARRIVALS) for lane in WAITING_LANES]
        return min(sum(counted), ARRIVALS)

    def oldest(self) -> datetime | None:
        """Return since when the oldest waits: the first of each lane, by a Query each."""
        stored = self._table.keys.tray(tray_range("pending")[0])
        firsts = [
            to_record(item).waiting_since
            for lane in WAITING_LANES
            for item in self._table.items(stored, between=(lane, f"{lane}~"), limit=1, index=BY_RANK, names=_RANKED)
        ]
        return min(firsts, default=None)

    def in_context(self, records: Sequence[Record], now: datetime) -> list[QueueItem]:
        """Return what it takes to decide on each comment: its author, parent, votes and newest reports, by batch."""
        keys = self._table.keys
        wanted = [key for record in records for key in _context_keys(keys, record)]
        return self._in(self._table.batch(wanted), records, now)

    def _in(self, found: Mapping[Key, Item], records: Sequence[Record], now: datetime) -> list[QueueItem]:
        return [_queue_item(self._table.keys, record, found, now) for record in records]

    def counts(self) -> dict[str, int]:
        """Return how many comments each tray holds: counted up to 1,000, at most 5 seconds old."""
        counted = self._counted
        if counted and time.monotonic() - counted[0] < COUNTS_FRESH_SECONDS:
            return counted[1]
        keys = self._table.keys
        ranges = {tray: tray_range(tray) for tray in COUNTED}
        counts: dict[str, int] = {
            tray: self._count(keys.tray(stored), first, last, COUNTED_TO)
            for tray, (stored, first, last) in ranges.items()
        }
        self._counted = (time.monotonic(), counts)
        return counts

    def _count(self, tray: str, first: str, last: str, most: int) -> int:
        counted, start = 0, None
        while counted < most:
            answer = self._table.query(
                tray,
                between=(first, last),
                limit=most - counted,
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


@dataclass(frozen=True, slots=True)
class _Placed:
    """A record and where it lies in the order that is read."""

    position: str
    record: Record


def _placed(items: Sequence[Item], tray: Tray, now: datetime) -> list[_Placed]:
    """Return the records that lie in a tray by now: an index lags behind its table."""
    placed = [_Placed(item["g2s"], to_record(item)) for item in items if not is_gone(item, now)]
    return [each for each in placed if lies_in(each.record, tray)]


def _context_keys(keys: Keys, of: Record | Pointer) -> list[Key]:
    found = [(keys.author(of.author), SUMMARY)]
    if of.parent_id:
        found.append((keys.comment(of.parent_id), RECORD))
    if of.was_public:
        found.append((keys.votes(of.id), SUMMARY))
    return [*found, *((keys.reports(of.id), reporter) for reporter in of.reporters)]


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
        language=language(record.text),
        reports=[to_complaint(report, record) for report in reports if report],
        claimed_by=record.claim.by if record.claim and record.claim.until > now else None,
        appeal=Appealed.of(record),
        help=record.help,
    )
