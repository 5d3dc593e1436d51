"""How decisions and events are kept, and what there is to know of one comment."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from chalicelib.audit import Entry, Line, in_order
from chalicelib.comments import Record, Revision
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import SUMMARY
from chalicelib.dynamodb.log import entry_key, entry_keys, entry_steps, to_entry
from chalicelib.dynamodb.once import earlier, once_key, remember
from chalicelib.dynamodb.queue import DynamoQueue
from chalicelib.dynamodb.records import (
    RECORD,
    REVISION,
    is_gone,
    record_item,
    revision_item,
    revision_sort_key,
    standing_record,
    to_author,
    to_record,
    to_revision,
)
from chalicelib.dynamodb.reports import to_complaint
from chalicelib.dynamodb.table import BY_OWNER
from chalicelib.dynamodb.transitions import (
    author_steps,
    page_steps,
    replaced_step,
    root_step,
    ruled_steps,
    transact_with_root,
)
from chalicelib.dynamodb.values import Item
from chalicelib.moderation import Case, CaseFile, Complaint, QueueItem, Ruled, Said, Sibling
from chalicelib.once import Done, Once

HISTORY = 100
REPORTS_READ = 500
REPORTS = 200
REVISIONS = 30
SIBLINGS = 20
"""How many of each a file holds at most: however long they all are, it fits into the 6 MB of an answer of Lambda."""

_OWNED = ("g1", "g1s")

Key = tuple[str, str]


class DynamoModeration:
    """Decisions and events in the table: fulfils ModerationStore."""

    def __init__(self, connection: Connection, queue: DynamoQueue) -> None:
        self._table = connection
        self._queue = queue

    def look(self, comment_id: str, once: Once | None, now: datetime) -> Case:
        """Return the comment and what the idempotency key remembers, by one batch."""
        return self.look_many({comment_id: once}, now)[comment_id]

    def look_many(self, asked: Mapping[str, Once | None], now: datetime) -> dict[str, Case]:
        """Return the same for many comments: a batch for every 100 items."""
        keys = [key for comment_id, once in asked.items() for key in self._case_keys(comment_id, once)]
        found = self._table.batch(keys)
        return {comment_id: self._case(comment_id, once, found, now) for comment_id, once in asked.items()}

    def _case_keys(self, comment_id: str, once: Once | None) -> list[Key]:
        keys = self._table.keys
        return [(keys.comment(comment_id), RECORD), (keys.votes(comment_id), SUMMARY), *once_key(self._table, once)]

    def _case(self, comment_id: str, once: Once | None, found: Mapping[Key, Item], now: datetime) -> Case:
        record, votes = (found.get(key) for key in self._case_keys(comment_id, None))
        return Case(standing_record(record, now, votes), earlier(self._table, once, found, now))

    def decide(self, ruled: Ruled, done: Done | None) -> None:
        """Keep a decision or an event in one transaction, tied to the version of the record it was made on.

        Raises Stale.
        """
        steps = [*ruled_steps(self._table, ruled), *remember(self._table, done, ruled.entry.decision.at)]
        if ruled.after.revision != ruled.before.revision:
            steps.append(self._table.put(revision_item(self._table.keys, ruled.before)))
        transact_with_root(self._table, steps, root_step(self._table, ruled.after))
        self._queue.follow(ruled)

    def keep(self, before: Record, after: Record, done: Done | None, now: datetime) -> None:
        """Keep a record of which nothing else has moved, in one transaction. Raises Stale."""
        self._table.transact([replaced_step(self._table, before, after, now), *remember(self._table, done, now)])

    def say(self, said: Said, now: datetime) -> None:
        """Keep a comment in the site's name, and all that it counts for, in one transaction. Raises Stale."""
        record = said.record
        steps = [
            self._table.put(record_item(self._table.keys, record, now), "attribute_not_exists(pk)"),
            *entry_steps(self._table, said.entry),
            *author_steps(self._table, None, record),
            *page_steps(self._table, None, record),
        ]
        transact_with_root(self._table, steps, root_step(self._table, record))

    def is_trusted(self, author: str) -> bool:
        """Tell whether a moderator said that an author is trusted, by one get."""
        return to_author(self._table.get(self._table.keys.author(author), SUMMARY)).trusted

    def revision(self, comment_id: str, revision: int) -> Revision | None:
        """Return a text that a comment had before, by one get."""
        item = self._table.get(self._table.keys.comment(comment_id), revision_sort_key(revision))
        return to_revision(item) if item else None

    def case_file(self, comment_id: str, now: datetime) -> CaseFile | None:
        """Return one comment with its context and history."""
        record = self.look(comment_id, None, now).record
        if record is None:
            return None
        (item,) = self._queue.in_context([record], now)
        values = {field.name: getattr(item, field.name) for field in fields(QueueItem)}
        return CaseFile(
            **{**values, "reports": self._reports(record)},
            statement=record.statement,
            revisions=self._revisions(record),
            author_comments=self._siblings(record, now),
            history=self._history(record),
        )

    def _reports(self, record: Record) -> list[Complaint]:
        items = self._table.items(self._table.keys.reports(record.id), limit=REPORTS_READ)
        newest = sorted(items, key=lambda item: item["at"], reverse=True)[:REPORTS]
        return [to_complaint(item, record) for item in newest]

    def _revisions(self, record: Record) -> list[Revision]:
        if record.revision == 1:
            return []
        # Of an earlier life of the comment (see DynamoComments.add) there may be later ones.
        before = (REVISION, revision_sort_key(record.revision - 1))
        pk = self._table.keys.comment(record.id)
        items = self._table.items(pk, between=before, forward=False, limit=REVISIONS)
        return [to_revision(item) for item in reversed(items)]

    def _siblings(self, record: Record, now: datetime) -> list[Sibling]:
        author = self._table.keys.author(record.author)
        listed = self._table.items(author, index=BY_OWNER, names=_OWNED, limit=SIBLINGS + 1, forward=False)
        own = self._table.keys.comment(record.id)
        keys = [(item["pk"], item["sk"]) for item in listed if item["pk"] != own][:SIBLINGS]
        found = self._table.batch(keys)
        records = [to_record(found[key]) for key in keys if key in found and not is_gone(found[key], now)]
        return [Sibling(each.id, each.article_id, each.state, each.text, each.created_at) for each in records]

    def _history(self, record: Record) -> list[Line]:
        answer = self._table.items(
            self._table.keys.history(record.id), index=BY_OWNER, names=_OWNED, limit=HISTORY, forward=False
        )
        keys = {(item["pk"], item["sk"]) for item in answer}
        if record.decision:  # an index lags behind its table; the newest decision is known without it
            keys.add(entry_key(self._table.keys, record.decision))
        found = self._table.batch(list(keys))
        return [Line.of(entry) for entry in in_order(map(to_entry, found.values()))]

    def entry(self, entry_id: str) -> Entry | None:
        """Return one entry, of a decision or of an event, by one batch."""
        return self.entries([entry_id]).get(entry_id)

    def entries(self, entry_ids: Sequence[str]) -> dict[str, Entry]:
        """Return those entries that there are, by id: a batch for every 50."""
        keys = [key for entry_id in entry_ids for key in entry_keys(self._table.keys, entry_id)]
        return {item["sk"]: to_entry(item) for item in self._table.batch(keys).values()}
