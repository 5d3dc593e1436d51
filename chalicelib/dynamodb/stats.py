"""How the log is read for figures: decisions and events together, newest first, up to a bound."""

import heapq
from datetime import datetime
from itertools import islice

from chalicelib.audit import Entry
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.log import Stretch, newest_first, to_entry


class DynamoStats:
    """The log's entries in the table: fulfils StatsStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection

    def entries(self, since: datetime, until: datetime, most: int) -> list[Entry]:
        """Return the newest entries of decisions and events of a time, by Queries of 1 MB over two logs a month."""
        stretch = Stretch(since, until)
        logs = [newest_first(self._table, log, stretch) for log in (self._table.keys.log, self._table.keys.events)]
        newest = heapq.merge(*logs, key=lambda item: str(item["sk"]), reverse=True)
        return [to_entry(item) for item in islice(newest, most)]
