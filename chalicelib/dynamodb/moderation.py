"""How decisions are kept, and what there is to know of one comment."""

from dataclasses import fields
from datetime import datetime

from chalicelib.audit import Decision, Entry
from chalicelib.comments import Record
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import SUMMARY
from chalicelib.dynamodb.log import entry_key, to_entry
from chalicelib.dynamodb.once import earlier, once_key, remember
from chalicelib.dynamodb.queue import DynamoQueue
from chalicelib.dynamodb.records import (
    RECORD,
    standing_record,
)
from chalicelib.dynamodb.table import BY_OWNER
from chalicelib.dynamodb.transitions import root_step, ruled_steps, transact_with_root
from chalicelib.moderation import Case, CaseFile, QueueItem, Ruled
from chalicelib.once import Done, Once

HISTORY = 100

_OWNED = ("g1", "g1s")


class DynamoModeration:
    """Decisions in the table: fulfils ModerationStore."""

    def __init__(self, connection: Connection, queue: DynamoQueue) -> None:
        self._table = connection
        self._queue = queue

    def look(self, comment_id: str, once: Once | None, now: datetime) -> Case:
        """Return the comment and what the idempotency key remembers, by one batch."""
        key = (self._table.keys.comment(comment_id), RECORD)
        votes = (self._table.keys.votes(comment_id), SUMMARY)
        found = self._table.batch([key, votes, *once_key(self._table, once)])
        record = standing_record(found.get(key), now, found.get(votes))
        return Case(record, earlier(self._table, once, found, now))

    def decide(self, ruled: Ruled, done: Done | None) -> None:
        """Keep a decision in one transaction, tied to the version of the record it was made on. Raises Stale."""
        steps = [*ruled_steps(self._table, ruled), *remember(self._table, done, ruled.entry.decision.at)]
        transact_with_root(self._table, steps, root_step(self._table, ruled.after))
        self._queue.follow(ruled)

    def case_file(self, comment_id: str, now: datetime) -> CaseFile | None:
        """Return one comment with its context and history."""
        record = self.look(comment_id, None, now).record
        if record is None:
            return None
        (item,) = self._queue.in_context([record], now)
        values = {field.name: getattr(item, field.name) for field in fields(QueueItem)}
        return CaseFile(**values, history=self._history(record))

    def _history(self, record: Record) -> list[Decision]:
        answer = self._table.items(
            self._table.keys.history(record.id), index=BY_OWNER, names=_OWNED, limit=HISTORY, forward=False
        )
        keys = {(item["pk"], item["sk"]) for item in answer}
        if record.decision:  # an index lags behind its table; the newest entry is known without it
            keys.add(entry_key(self._table.keys, record.decision))
        found = self._table.batch(list(keys)[:HISTORY]) if keys else {}
        return sorted((to_entry(item).decision for item in found.values()), key=lambda decision: decision.id)

    def entry(self, decision_id: str) -> Entry | None:
        """Return one log entry."""
        item = self._table.get(*entry_key(self._table.keys, decision_id))
        return to_entry(item) if item else None
