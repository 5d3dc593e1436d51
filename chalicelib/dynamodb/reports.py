"""How reports are kept: one item a reader and comment; the comment's record counts those that wait."""

from datetime import UTC, datetime

from chalicelib.comments import Record
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import SUMMARY
from chalicelib.dynamodb.log import entry_item
from chalicelib.dynamodb.once import earlier, once_key, remember
from chalicelib.dynamodb.records import RECORD, record_item, seconds, standing_record
from chalicelib.dynamodb.transitions import Step, author_steps, page_steps, pointer_steps
from chalicelib.dynamodb.values import Item
from chalicelib.moderation import Complaint
from chalicelib.once import Done, Once
from chalicelib.reports import Change, Docket, Filed


def to_complaint(item: Item, record: Record) -> Complaint:
    """Return what moderators see of a report on a comment."""
    at = datetime.fromtimestamp(item["at"], UTC)
    return Complaint(item["reason"], item.get("note"), at, item["rev"], open=item["round"] == record.round)


def _to_filed(item: Item) -> Filed:
    at = datetime.fromtimestamp(item["at"], UTC)
    return Filed(item["reason"], item.get("note"), at, item["rev"], item["round"])


class DynamoReports:
    """Reports in the table: fulfils ReportStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection

    def look(self, comment_id: str, reporter: str, once: Once | None, now: datetime) -> Docket:
        """Return the comment, this reader's report on it, and what the idempotency key remembers, by one batch."""
        keys = self._table.keys
        record, mine = (keys.comment(comment_id), RECORD), (keys.reports(comment_id), reporter)
        votes = (keys.votes(comment_id), SUMMARY)
        found = self._table.batch([record, mine, votes, *once_key(self._table, once)])
        report = found.get(mine)
        return Docket(
            record=standing_record(found.get(record), now, found.get(votes)),
            mine=_to_filed(report) if report else None,
            earlier=earlier(self._table, once, found, now),
        )

    def move(self, docket: Docket, change: Change, reporter: str, done: Done | None, now: datetime) -> None:
        """Keep or remove a report, and all that follows from it, in one transaction. Raises Stale."""
        before, after = docket.record, change.after
        assert before  # noqa: S101 - nobody reports nothing
        table = self._table
        steps = [self._report_step(docket, change, reporter), *remember(table, done, now)]
        if after is not before:
            steps.append(table.put(record_item(table.keys, after, now), "#ver = :seen", seen=before.version))
            steps += pointer_steps(table, before, after)
        if change.entry:
            steps.append(table.put(entry_item(table.keys, change.entry), "attribute_not_exists(pk)"))
            steps += [*author_steps(table, before.state, after), *page_steps(table, before, after)]
        table.transact(steps)

    def _report_step(self, docket: Docket, change: Change, reporter: str) -> Step:
        assert docket.record  # noqa: S101 - as above
        pk, mine = self._table.keys.reports(docket.record.id), change.mine
        as_seen, seen = "attribute_not_exists(pk)", {}
        if docket.mine:
            as_seen, seen = "#round = :round", {"round": docket.mine.round}
        if mine is None:
            return self._table.delete(pk, reporter, as_seen, **seen)
        item = {
            "pk": pk,
            "sk": reporter,
            "reason": mine.reason,
            "note": mine.note,
            "at": seconds(mine.at),
            "rev": mine.revision,
            "round": mine.round,
        }
        return self._table.put(item, as_seen, **seen)

    def remember(self, done: Done, now: datetime) -> None:
        """Keep what the idempotency key stands for. Raises Stale."""
        self._table.transact(remember(self._table, done, now))
