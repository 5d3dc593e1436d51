"""How votes for comments are kept: one item a reader, the count beside them, and a copy of it on the public page."""

from datetime import datetime
from typing import Any

from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import SUMMARY
from chalicelib.dynamodb.once import earlier, once_key, remember
from chalicelib.dynamodb.records import RECORD, public_key, public_rank, standing_record
from chalicelib.once import Done, Once
from chalicelib.votes import Ballot


class DynamoVotes:
    """Votes in the table: fulfils VoteStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection

    def look(self, comment_id: str, voter: str, once: Once | None, now: datetime) -> Ballot:
        """Return the comment and its votes, whether this reader's is among them, and the key's memory, by one batch."""
        keys = self._table.keys
        record, votes = (keys.comment(comment_id), RECORD), keys.votes(comment_id)
        found = self._table.batch([record, (votes, voter), (votes, SUMMARY), *once_key(self._table, once)])
        return Ballot(
            record=standing_record(found.get(record), now, found.get((votes, SUMMARY))),
            mine=(votes, voter) in found,
            earlier=earlier(self._table, once, found, now),
        )

    def move(self, ballot: Ballot, voter: str, done: Done | None, now: datetime, *, wanted: bool) -> None:
        """Give or take back a vote in one transaction, tied to the vote and the count that were seen. Raises Stale."""
        assert ballot.record  # noqa: S101 - nobody votes for nothing
        pk = self._table.keys.votes(ballot.record.id)
        as_seen = "attribute_exists(pk)" if ballot.mine else "attribute_not_exists(pk)"
        if ballot.mine == wanted:
            steps = [self._table.check(pk, voter, as_seen)]
        elif wanted:
            item = {"pk": pk, "sk": voter, "at": int(now.timestamp())}
            steps = [self._table.put(item, as_seen), *self._count_steps(ballot, 1)]
        else:
            steps = [self._table.delete(pk, voter, as_seen), *self._count_steps(ballot, -1)]
        self._table.transact([*steps, *remember(self._table, done, now)])

    def _count_steps(self, ballot: Ballot, by: int) -> list[dict[str, Any]]:
        record = ballot.record
        assert record  # noqa: S101 - as above
        pk, sk = public_key(self._table.keys, record)
        seen = "#up = :seen" if record.votes else "attribute_not_exists(#up) OR #up = :seen"
        count = self._table.change(
            self._table.keys.votes(record.id), SUMMARY, "ADD #up :by, #ver :one", seen, by=by, one=1, seen=record.votes
        )
        move, values = "ADD #votes :by", {}
        rank = public_rank(record, record.votes + by)
        if len(record.path) == 1 and rank != public_rank(record):
            move, values = f"SET #g2s = :rank {move}", {"rank": rank}
        return [count, self._table.change(pk, sk, move, "attribute_exists(pk)", by=by, **values)]
