"""How people, tokens and sessions are kept: one small partition, read whole, and kept in memory for seconds."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.audit import Entry
from chalicelib.dynamodb.connection import Connection
from chalicelib.dynamodb.log import site_entry_steps, site_head_key
from chalicelib.dynamodb.once import earlier, once_key, remember
from chalicelib.dynamodb.values import Item
from chalicelib.errors import Stale, Unavailable
from chalicelib.keyring import seconds
from chalicelib.once import Done, Once
from chalicelib.people import Change, People, Person, Roster, Token
from chalicelib.text import normal

FRESH_SECONDS = 5.0
SHOWN_AFTER = timedelta(days=30)
"""So long a token that has expired stays in the list, for who wonders why it does not work."""

_PERSON, _TOKEN = "P#", "T#"


class DynamoPeople:
    """People, tokens and sessions in the table: fulfils PeopleStore."""

    def __init__(self, connection: Connection) -> None:
        self._table = connection
        self._cached: tuple[float, People] | None = None
        self._writes = 0
        self._used: dict[str, datetime] = {}

    def people(self, older_than: float = FRESH_SECONDS) -> People:
        """Return everybody, at most so many seconds old, by one consistent Query where memory is older."""
        cached = self._cached
        if cached and time.monotonic() - cached[0] < older_than:
            return cached[1]
        return self._read()

    def _read(self) -> People:
        began, writes = time.monotonic(), self._writes
        items = list(self._table.walk(self._table.keys.people()))
        people = People(
            [_to_person(item) for item in items if item["sk"].startswith(_PERSON)],
            [_to_token(item) for item in items if item["sk"].startswith(_TOKEN)],
        )
        # What was read before a write of this process ended may show what is no more.
        if self._writes == writes:
            self._cached = (began, people)
        return people

    def roster(self, once: Once | None, now: datetime) -> Roster:
        """Return everybody as they are now, by a batch and a Query.

        The head is read first: whoever changes something between the two moves it, and our own change is refused.
        """
        head = site_head_key(self._table.keys)
        found = self._table.batch([head, *once_key(self._table, once)])
        return Roster(
            people=self._read(),
            head=found[head]["head"] if head in found else None,
            earlier=earlier(self._table, once, found, now),
        )

    def change(self, change: Change, entry: Entry, done: Done | None) -> None:
        """Add and drop rows and log it in one transaction. Raises Stale."""
        self._write(
            [
                *(self._table.put(self._item(each), "attribute_not_exists(pk)") for each in change.adds),
                *map(self._drop, change.drops),
                *site_entry_steps(self._table, entry),
                *remember(self._table, done, entry.decision.at),
            ],
        )

    def keep_session(self, session: Token, drops: Sequence[Token]) -> None:
        """Add a session and drop others in one transaction. Raises Stale."""
        self._write([self._table.put(self._item(session)), *map(self._drop, drops)])

    def drop_session(self, digest: str) -> None:
        """End the session with this digest, if there is one. Raises Unavailable."""
        condition = "attribute_not_exists(pk) OR #kind = :kind"
        try:
            self._write([self._table.delete(self._table.keys.people(), _TOKEN + digest, condition, kind="session")])
        except Stale as stale:
            raise Unavailable from stale

    def note_use(self, token: Token, hour: datetime) -> None:
        """Keep in which hour a token was used last; tried once an hour and process, whatever comes of it."""
        if self._used.get(token.digest) == hour:
            return
        self._used = {digest: at for digest, at in self._used.items() if at == hour} | {token.digest: hour}
        try:
            self._table.update(
                self._table.keys.people(),
                _TOKEN + token.digest,
                "SET #used = :used",
                "attribute_exists(pk)",
                used=seconds(hour),
            )
        except Unavailable:
            return

    def _write(self, steps: Sequence[dict[str, Any]]) -> None:
        try:
            self._table.transact(steps)
        finally:
            self._writes += 1
            self._cached = None

    def _drop(self, row: Person | Token) -> dict[str, Any]:
        return self._table.delete(self._table.keys.people(), _sort_key(row))

    def _item(self, row: Person | Token) -> Item:
        key = {"pk": self._table.keys.people(), "sk": _sort_key(row)}
        if isinstance(row, Person):
            return {**key, "name": row.name, "role": row.role, "at": seconds(row.added_at), "by": row.added_by}
        kept = SHOWN_AFTER if row.kind == "token" else timedelta()
        return {
            **key,
            "id": row.id,
            "name": row.moderator,
            "label": row.label,
            "kind": row.kind,
            "parent": row.parent,
            "at": seconds(row.created_at),
            "ends": seconds(row.expires_at),
            "used": row.used_at and seconds(row.used_at),
            "ttl": seconds(row.expires_at + kept),
        }


def _sort_key(row: Person | Token) -> str:
    return _PERSON + normal(row.name) if isinstance(row, Person) else _TOKEN + row.digest


def _to_person(item: Item) -> Person:
    return Person(name=item["name"], role=item["role"], added_at=_moment(item["at"]), added_by=item["by"])


def _to_token(item: Item) -> Token:
    return Token(
        digest=item["sk"][len(_TOKEN) :],
        id=item["id"],
        moderator=item["name"],
        label=item["label"],
        created_at=_moment(item["at"]),
        expires_at=_moment(item["ends"]),
        used_at=_moment(item["used"]) if "used" in item else None,
        kind=item["kind"],
        parent=item.get("parent"),
    )


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
