"""How the log is read as a whole: what its entries are about, and the chain of each."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from chalicelib.audit import Chain, Decision, Entry, in_order
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import below
from chalicelib.dynamodb.log import entry_key, month_before, month_of, site_head_key, to_entry
from chalicelib.dynamodb.records import RECORD
from chalicelib.dynamodb.table import BY_OWNER
from chalicelib.dynamodb.values import Item
from chalicelib.ids import order_time

MOST = 10_000
"""No comment is decided on more often than this."""


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

    def log(self, limit: int, after: str | None, now: datetime) -> tuple[list[Decision], str | None]:
        """Return a page of the log, newest first, over as many months as it takes."""
        month: str | None = f"{order_time(after):%Y-%m}" if after else month_of(now)
        end = below(after) if after else "~"
        items: list[Item] = []
        while month and len(items) <= limit:
            wanted = limit + 1 - len(items)
            pk = self._table.keys.log(month)
            items += self._table.items(pk, between=("0", end), forward=False, limit=wanted)
            month, end = month_before(month), "~"
        shown = [to_entry(item).decision for item in items[:limit]]
        return shown, shown[-1].id if len(items) > limit else None
