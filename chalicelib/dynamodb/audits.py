"""How the log is read as a whole: what its entries are about, and the chain of each."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from chalicelib.audit import Chain, Entry, Sought, in_order
from chalicelib.dynamodb.connection import BATCH, Connection
from chalicelib.dynamodb.log import (
    Stretch,
    entry_key,
    month_before,
    month_of,
    newest_first,
    site_head_key,
    to_entry,
)
from chalicelib.dynamodb.records import RECORD
from chalicelib.dynamodb.table import BY_OWNER
from chalicelib.dynamodb.values import Item, from_item

MOST = 10_000
"""No comment is decided on more often than this."""
LOOKED = 2500
"""How many entries a filtered page looks at, unless it may show more, before it hands out a cursor to go on from."""

_TOGETHER = 500
_OWNED = ("g1", "g1s")
_AHEAD = timedelta(minutes=5)
"""How far the clock of another process may be ahead of ours."""


class DynamoAudits:
    """The log in the table: fulfils AuditStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection

    def subjects(self, seen: Callable[[int], None]) -> Iterator[str | None]:
        """Yield the site, and every comment that is there or that an entry names; reads the whole table."""
        site = self._table.keys.site
        records, decisions, events = (f"{site}|{kind}|" for kind in "PLE")
        found: set[str] = set()
        yield None
        for item in self._table.scan(["pk", "comment"], seen):
            pk: str = item["pk"]
            about = pk.removeprefix(records) if pk.startswith(records) else item.get("comment", "")
            if pk.startswith((records, decisions, events)) and about and about not in found:
                found.add(about)
                yield about

    def chain(self, comment_id: str | None) -> Chain:
        """Return the entries about a comment, as they are now, or those about the site."""
        if comment_id is None:
            kept = self._table.get(*site_head_key(self._table.keys))
            return Chain(None, self._about_the_site(), kept["head"] if kept else None)
        record = self._table.get(self._table.keys.comment(comment_id), RECORD)
        entries = self._about(comment_id, record)
        return Chain(comment_id, entries, record.get("head") if record else None, is_known=record is not None)

    def _about(self, comment_id: str, record: Item | None) -> Sequence[Entry]:
        listed = self._table.items(
            self._table.keys.history(comment_id), index=BY_OWNER, names=("g1", "g1s"), limit=MOST
        )
        keys = {(item["pk"], item["sk"]) for item in listed}
        if record and record.get("decision"):  # an index lags behind its table; the newest entry is known without it
            keys.add(entry_key(self._table.keys, record["decision"]))
        return in_order(map(to_entry, self._table.batch(list(keys)).values()))

    def _about_the_site(self) -> Sequence[Entry]:
        months: list[str] = []
        month: str | None = month_of(datetime.now(UTC))
        while month:
            months.append(month)
            month = month_before(month)
        items = (item for each in reversed(months) for item in self._table.walk(self._table.keys.log(each)))
        return in_order(to_entry(item) for item in items if "comment" not in item)

    def log(self, sought: Sought, limit: int, after: str | None, now: datetime) -> tuple[list[Entry], str | None]:
        """Return a page of the log, newest first, over as many months as it takes; a filter looks at 2,500."""
        found: list[Entry] = []
        most = max(limit, LOOKED)
        for number, item in enumerate(self._newest(sought, limit, after, now), 1):
            entry = to_entry(item)
            if sought.takes(entry):
                found.append(entry)
            if len(found) > limit:
                return found[:limit], found[limit - 1].decision.id
            if number == most and sought.is_filtered:
                return found, entry.decision.id
        return found, None

    def _newest(self, sought: Sought, limit: int, after: str | None, now: datetime) -> Iterator[Item]:
        until = min(sought.until, now + _AHEAD) if sought.until else now + _AHEAD
        stretch = Stretch(sought.since, until, after)
        keys = self._table.keys
        partition = keys.events if sought.of_events else keys.log
        if sought.comment_id:
            return self._newest_about(sought.comment_id, partition(""), stretch)
        return newest_first(self._table, partition, stretch, _TOGETHER if sought.is_filtered else limit + 1)

    def _newest_about(self, comment_id: str, partition: str, stretch: Stretch) -> Iterator[Item]:
        """Yield a comment's entries of one kind, newest first: a Query of the index and a batch for every hundred."""
        first, last = stretch.ids
        start = None
        while first <= last:
            answer = self._table.query(
                self._table.keys.history(comment_id),
                between=(first, last),
                forward=False,
                limit=BATCH,
                index=BY_OWNER,
                names=_OWNED,
                start=start,
            )
            listed = [from_item(raw) for raw in answer["Items"]]
            keys = [(item["pk"], item["sk"]) for item in listed if item["pk"].startswith(partition)]
            found = self._table.batch(keys)
            yield from (found[key] for key in keys if key in found)
            start = answer.get("LastEvaluatedKey")
            if start is None:
                return
