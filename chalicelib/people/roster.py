"""Who may sign in and with what, how it is kept, and a change of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from chalicelib.audit import Entry
from chalicelib.once import Done, Earlier, Once
from chalicelib.text import normal

Role = Literal["moderator", "owner"]

OWNER = "owner"
"""Who signs in with AFTERWORD_OWNER_TOKEN: a person that no row is about."""
BY_COMMAND = "the command"
"""Who stands in the log where `afterword moderators` was run."""


@dataclass(frozen=True, slots=True)
class Moderator:
    """Who is signed in."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in."""

    name: str
    role: Role
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class Token:
    """A personal token, or a session made with one (`parent` is that token's id): all but the secret itself.

    `digest` is the SHA-256 of the secret. It needs no key and no salt: 256 random bits cannot be guessed, known or not
    what they hash to.
    """

    digest: str
    id: str
    moderator: str
    label: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    kind: Literal["token", "session"] = "token"
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Everybody who may sign in, and everything they may sign in with."""

    persons: Sequence[Person] = ()
    tokens: Sequence[Token] = ()

    def person(self, name: str) -> Person | None:
        """Return the person of this name, however it is spelled."""
        form = normal(name)
        return next((each for each in self.persons if normal(each.name) == form), None)

    def held_by(self, name: str, kind: Literal["token", "session"] = "token") -> list[Token]:
        """Return somebody's tokens or sessions, oldest first."""
        found = (each for each in self.tokens if (each.moderator, each.kind) == (name, kind))
        return sorted(found, key=lambda each: (each.created_at, each.id))

    def with_digest(self, digest: str) -> Token | None:
        """Return the token or session with this digest."""
        return next((each for each in self.tokens if each.digest == digest), None)

    def with_id(self, identity: str) -> Token | None:
        """Return the token with this id."""
        return next((each for each in self.tokens if (each.id, each.kind) == (identity, "token")), None)

    def after(self, change: "Change") -> "People":
        """Return what these people are once a change was made."""
        rows = [each for each in (*self.persons, *self.tokens) if each not in change.drops]
        rows += change.adds
        return People(
            persons=[each for each in rows if isinstance(each, Person)],
            tokens=[each for each in rows if isinstance(each, Token)],
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Rows to add and to drop, and what the log says of it."""

    note: Mapping[str, Any]
    adds: tuple[Person | Token, ...] = ()
    drops: tuple[Person | Token, ...] = ()
    answer: str = ""
    """What an idempotency key remembers of it; never a token."""


@dataclass(frozen=True, slots=True)
class Roster:
    """People as they are now, the hash of the newest entry about the site, and what an idempotency key remembers."""

    people: People
    head: str | None
    earlier: Earlier | None


class PeopleStore(Protocol):
    """How people, tokens and sessions are kept."""

    def people(self, older_than: float = ...) -> People:
        """Return everybody, at most so many seconds old. Raises Unavailable."""
        ...

    def roster(self, once: Once | None, now: datetime) -> Roster:
        """Return everybody as they are now. Raises Unavailable."""
        ...

    def change(self, change: Change, entry: Entry, done: Done | None) -> None:
        """Add and drop rows, and log it right after the entry that `entry` names. Raises Stale."""
        ...

    def keep_session(self, session: Token, drops: Sequence[Token]) -> None:
        """Add a session and drop others. Raises Stale."""
        ...

    def drop_session(self, digest: str) -> None:
        """End the session with this digest, if there is one. Raises Unavailable."""
        ...

    def note_use(self, token: Token, hour: datetime) -> None:
        """Keep in which hour a token was used last, if it still stands; that this fails matters to nobody."""
        ...
