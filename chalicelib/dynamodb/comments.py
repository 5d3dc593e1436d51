"""How comments are submitted and found: private records, and the facts a submission needs."""

from datetime import datetime

from chalicelib.audit import Entry
from chalicelib.comments import Ask, Known, Record
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.keys import SUMMARY
from chalicelib.dynamodb.lists import blocks_for, blocks_of
from chalicelib.dynamodb.log import entry_steps
from chalicelib.dynamodb.models import DynamoModels
from chalicelib.dynamodb.once import earlier, once_key, remember
from chalicelib.dynamodb.policy import POLICY, form_rules, rules_key, to_policy, to_rules
from chalicelib.dynamodb.records import (
    RECORD,
    is_gone,
    record_item,
    revision_item,
    standing_record,
    to_author,
    to_record,
)
from chalicelib.dynamodb.sightings import repeats, sighting_keys, sighting_steps, similar
from chalicelib.dynamodb.transitions import (
    author_steps,
    page_steps,
    pointer_steps,
    root_step,
    ruled_steps,
    transact_with_root,
)
from chalicelib.dynamodb.values import Item
from chalicelib.errors import Unavailable
from chalicelib.moderation import Ruled
from chalicelib.once import Done, Once
from chalicelib.spam import SiteWeights


class DynamoComments:
    """Comments in the table: fulfils CommentStore."""

    def __init__(self, connection: Connection, models: DynamoModels) -> None:
        self._table = connection
        self._models = models

    def gather(self, ask: Ask, once: Once | None, now: datetime) -> Known:
        """Return all a submission needs to know, by one batch."""
        keys = self._table.keys
        existing = (keys.comment(ask.id), RECORD)
        parent = (keys.comment(ask.parent_id or ask.id), RECORD)
        author = (keys.author(ask.author), SUMMARY)
        policy, own = (keys.site_policy(), POLICY), rules_key(keys, ask.article_id)
        summary = (keys.article(ask.article_id), SUMMARY)
        seen = sighting_keys(keys, ask)
        blocks = blocks_for(keys, ask)
        model = self._models.pointer_key
        found = self._table.batch(
            [existing, parent, author, policy, own, summary, model, *seen, *blocks, *once_key(self._table, once)],
        )
        rules = to_rules(found.get(own))
        learned, failed = self._learned(found.get(model))
        return Known(
            policy=rules.policy(to_policy(found.get(policy))),
            existing=standing_record(found.get(existing), now),
            parent=standing_record(found.get(parent), now) if ask.parent_id else None,
            author=to_author(found.get(author)),
            repeats=repeats(keys, ask, found, now),
            similar=similar(keys, ask, found, now),
            blocked=blocks_of(blocks, found, now),
            earlier=earlier(self._table, once, found, now),
            former=_former(found.get(existing), now),
            rules=rules,
            since=form_rules(found.get(summary)).since,
            learned=learned,
            failed=failed,
        )

    def _learned(self, pointer: Item | None) -> tuple[SiteWeights | None, tuple[str, ...]]:
        try:
            return self._models.in_force(pointer), ()
        except Unavailable:
            return None, ("learned",)

    def add(self, record: Record, ask: Ask, done: Done | None, now: datetime, entry: Entry | None = None) -> None:
        """Keep a new comment, public at once when it is approved, with the entry that says it came, in one transaction.

        Raises Stale.
        """
        item = record_item(self._table.keys, record, now)
        steps = [
            *(entry_steps(self._table, entry) if entry else []),
            # DynamoDB removes a deleted comment days after its time; until then it is as good as gone.
            self._table.put(item, "attribute_not_exists(pk) OR #ttl <= :now", now=int(now.timestamp())),
            *pointer_steps(self._table, None, record),
            *author_steps(self._table, None, record),
            *page_steps(self._table, None, record),
            *sighting_steps(self._table, ask, now),
            *remember(self._table, done, now),
        ]
        transact_with_root(self._table, steps, root_step(self._table, record))

    def revise(self, ruled: Ruled, ask: Ask, done: Done | None, now: datetime) -> None:
        """Keep an edit, and the text before it, in one transaction. Raises Stale."""
        steps = [
            *ruled_steps(self._table, ruled),
            # Tied to the record's version. One may stand there from an earlier life of the comment (see `add`).
            self._table.put(revision_item(self._table.keys, ruled.before)),
            *sighting_steps(self._table, ask, now),
            *remember(self._table, done, now),
        ]
        transact_with_root(self._table, steps, root_step(self._table, ruled.after))

    def remember(self, done: Done, now: datetime) -> None:
        """Keep what the idempotency key stands for. Raises Stale."""
        self._table.transact(remember(self._table, done, now))

    def get(self, comment_id: str, now: datetime) -> Record | None:
        """Return a comment with all that is private about it, by one batch."""
        keys = self._table.keys
        key, votes = (keys.comment(comment_id), RECORD), (keys.votes(comment_id), SUMMARY)
        found = self._table.batch([key, votes])
        return standing_record(found.get(key), now, found.get(votes))


def _former(item: Item | None, now: datetime) -> Record | None:
    return to_record(item) if item and is_gone(item, now) else None
