"""Who moderates: people, their personal tokens and sessions; every change is a line of the site's log."""

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from chalicelib.audit import BY_AUTHOR, BY_REPORTS, Decision, Entry
from chalicelib.errors import Conflict, Forbidden, NotFound, NotSignedIn, Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.keyring import seconds
from chalicelib.once import KEPT_SECONDS, Done, Earlier, Once, replay
from chalicelib.text import LINE_PATTERN, bad_line_character, is_blank, normal

Role = Literal["moderator", "owner"]

OWNER = "owner"
"""Who signs in with AFTERWORD_OWNER_TOKEN: a person that no row is about."""
BY_COMMAND = "the command"
"""Who stands in the log where `afterword moderators` was run."""
RESERVED = frozenset({OWNER, BY_AUTHOR, BY_COMMAND, BY_REPORTS})

DAYS = 90
MOST_DAYS = 366
SESSION_LIVES = timedelta(hours=12)
MOST_PEOPLE = 100
MOST_TOKENS = 20
MOST_SESSIONS = 20
LONGEST_KEY = 512
ATTEMPTS = 8

TOKEN_PREFIX = "aft_"  # noqa: S105 - what a token begins with is no secret
TOKEN_BYTES = 32
_TOKEN = re.compile(f"{TOKEN_PREFIX}[A-Za-z0-9_-]{{43}}")

UNKNOWN = "The token is not known. It may have been revoked or have expired."

Mint = Callable[[str], bytes]
"""What makes the 32 secret bytes of the token with this id; the same for a request that is sent again."""


def _line(value: str) -> str:
    problem = "Please write something." if is_blank(value) else bad_line_character(value)
    if problem:
        raise ValueError(problem)
    return value.strip()


def _own_name(value: str) -> str:
    form = normal(value)
    if form in RESERVED or len(form.encode()) > LONGEST_KEY:
        msg = "This name cannot be taken."
        raise ValueError(msg)
    return value


_LINE: dict[str, JsonValue] = {"pattern": LINE_PATTERN}
Name = Annotated[str, Field(min_length=1, max_length=80, json_schema_extra=_LINE), AfterValidator(_line)]
Label = Annotated[str, Field(min_length=1, max_length=80, json_schema_extra=_LINE), AfterValidator(_line)]
Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]


class NewModerator(BaseModel):
    """A person to add, with a first token that lasts so many days."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Annotated[Name, AfterValidator(_own_name)]
    role: Role = "moderator"
    label: Label = "first token"
    days: Days = DAYS


class OldModerator(BaseModel):
    """A person to remove, with every token and session."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Name


class NewToken(BaseModel):
    """A token to make: `label` says what it is for; an owner may name whose it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    label: Label
    days: Days = DAYS
    moderator: Name | None = None


class OldToken(BaseModel):
    """A token to revoke, named by its id."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, Field(pattern="^[0-9a-z]{18}$")]


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


# Who asks.


def digest_of(secret: str) -> str:
    """Return the digest under which a token or session is kept."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_personal(secret: str) -> bool:
    """Tell whether a text has the form of a personal token: no other one is worth a look at the table."""
    return _TOKEN.fullmatch(secret) is not None


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who signed in, and with what; for a session `token` is the one it was made with, None for the owner's."""

    moderator: Moderator
    token: Token | None


def admitted(people: People, secret: str, now: datetime) -> Admitted | None:
    """Return whose personal token this is; None when it is unknown, has expired or is a session's."""
    token = people.with_digest(digest_of(secret))
    return _holder(people, token, now) if token and token.kind == "token" else None


def admitted_by_session(people: People, secret: str, owner: str | None, now: datetime) -> Admitted | None:
    """Return whose session this is; a session ends with the token it was made with.

    `owner` is the mark of the owner's token from the environment, None when there is none.
    """
    session = people.with_digest(digest_of(secret))
    if session is None or session.kind != "session" or session.expires_at <= now or session.parent is None:
        return None
    if session.moderator == OWNER:
        return Admitted(Moderator(OWNER, "owner"), None) if session.parent == owner else None
    parent = people.with_id(session.parent)
    return _holder(people, parent, now) if parent and parent.moderator == session.moderator else None


def _holder(people: People, token: Token, now: datetime) -> Admitted | None:
    person = next((each for each in people.persons if each.name == token.moderator), None)
    if person is None or token.expires_at <= now:
        return None
    return Admitted(Moderator(person.name, person.role), token)


def note_use(store: PeopleStore, token: Token | None, now: datetime) -> None:
    """Keep when a token was used last, to the hour: more often would say how long somebody sat at the desk."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    if token and (token.used_at is None or token.used_at < hour):
        store.note_use(token, hour)


# What is shown of them.


@dataclass(frozen=True, slots=True)
class ShownToken:
    """A token as lists show it; `used_at` is the start of the hour in which it was used last."""

    id: str
    label: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """A person with the tokens that stand."""

    name: str
    role: Role
    added_at: datetime
    added_by: str
    tokens: list[ShownToken]


@dataclass(frozen=True, slots=True)
class Members:
    """Everybody who may sign in, by name; the owner of AFTERWORD_OWNER_TOKEN is not among them."""

    items: list[Member]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Somebody's tokens, oldest first."""

    items: list[ShownToken]


@dataclass(frozen=True, slots=True)
class Added:
    """A person who was added, and the first token: it is shown this once and kept nowhere."""

    moderator: Member
    token: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that was made, shown this once and kept nowhere, and all tokens of its holder."""

    token: str
    items: list[ShownToken]


@dataclass(frozen=True, slots=True)
class SignedOut:
    """How many sessions were ended."""

    ended: int


def members(people: People) -> Members:
    """Return everybody as lists show them."""
    return Members([_member(people, each) for each in sorted(people.persons, key=lambda each: normal(each.name))])


def tokens_of(people: People, name: str) -> Tokens:
    """Return somebody's tokens as lists show them."""
    return Tokens([_shown(each) for each in people.held_by(name)])


def _member(people: People, person: Person) -> Member:
    tokens = tokens_of(people, person.name).items
    return Member(person.name, person.role, person.added_at, person.added_by, tokens)


def _shown(token: Token) -> ShownToken:
    # The hour of its first use may have begun before it was made.
    used = token.used_at and max(token.used_at, token.created_at)
    return ShownToken(token.id, token.label, token.created_at, token.expires_at, used)


# What may be done.


@dataclass(frozen=True, slots=True)
class Act:
    """Who changes something, when, and by which request."""

    by: str
    now: datetime
    randomness: int
    pause: Callable[[int], None]
    once: Once | None = None

    @property
    def id(self) -> str:
        """The id of the log entry, and of the token that is made."""
        return order_id(self.now, self.randomness)


def known(people: People, name: str) -> Person:
    """Return the person of this name. Raises NotFound."""
    person = people.person(name)
    if person is None:
        raise NotFound("There is no moderator of this name, beside the owner of AFTERWORD_OWNER_TOKEN, who has no row.")
    return person


def add(store: PeopleStore, wanted: NewModerator, act: Act, mint: Mint) -> Added:
    """Add a person with a first token.

    Raises Conflict for a name that is taken, KeyReused, Unavailable.
    """
    at = act.now.replace(microsecond=0)
    person = Person(wanted.name, wanted.role, at, act.by)
    secret = _secret(mint(act.id))
    token = _token(person.name, wanted.label, wanted.days, secret, act)

    def plan(people: People) -> Change:
        if people.person(wanted.name):
            raise Conflict("A moderator of this name is there already.")
        if len(people.persons) >= MOST_PEOPLE:
            raise Conflict(f"There are {MOST_PEOPLE} moderators, which is all there can be.")
        note = {"did": "add", "role": person.role, **_about(token)}
        return Change(note, adds=(person, token), answer=act.id)

    people, told = _change(store, act, plan, lambda people: people.with_digest(token.digest) is not None)
    secret = _told_again(people, secret, told, mint)
    kept = people.person(wanted.name)
    assert kept  # noqa: S101 - a token that stands has its holder
    return Added(_member(people, kept), secret)


def remove(store: PeopleStore, name: str, act: Act) -> Members:
    """Remove a person with every token and session, at once.

    Raises Forbidden for oneself, NotFound, KeyReused, Unavailable.
    """
    if normal(name) == normal(act.by):
        raise Forbidden("Nobody can remove themselves: ask another owner, or use the command.")

    def plan(people: People) -> Change:
        person = known(people, name)
        held = [*people.held_by(person.name), *people.held_by(person.name, "session")]
        return Change({"did": "remove", "moderator": person.name}, drops=(person, *held))

    people, _ = _change(store, act, plan, lambda people: people.person(name) is None)
    return members(people)


def issue(store: PeopleStore, holder: str, wanted: NewToken, act: Act, mint: Mint) -> Issued:
    """Make a token for somebody.

    Raises NotFound, Conflict for too many, KeyReused, Unavailable.
    """
    secret = _secret(mint(act.id))
    digest = digest_of(secret)

    def plan(people: People) -> Change:
        person = known(people, holder)
        if len(people.held_by(person.name)) >= MOST_TOKENS:
            raise Conflict(f"There are {MOST_TOKENS} tokens already: revoke those that are not needed.")
        token = _token(person.name, wanted.label, wanted.days, secret, act)
        return Change({"did": "issue", **_about(token)}, adds=(token,), answer=act.id)

    people, told = _change(store, act, plan, lambda people: people.with_digest(digest) is not None)
    secret = _told_again(people, secret, told, mint)
    return Issued(secret, tokens_of(people, known(people, holder).name).items)


def revoke(store: PeopleStore, identity: str, act: Act, *, of: str | None) -> Tokens:
    """Revoke a token; every session that was made with it ends. Return those that its holder has left.

    `of` is whose it has to be, None for anybody's. Raises NotFound, KeyReused, Unavailable.
    """
    holders: list[str] = []

    def plan(people: People) -> Change:
        token = people.with_id(identity)
        if token is None or of not in {None, token.moderator}:
            raise NotFound("There is no token with this id.")
        holders.append(token.moderator)
        made = [each for each in people.held_by(token.moderator, "session") if each.parent == token.id]
        note = {"did": "revoke", **_about(token)}
        return Change(note, drops=(token, *made), answer=token.moderator)

    people, told = _change(store, act, plan, lambda people: people.with_id(identity) is None)
    return tokens_of(people, told if told is not None else holders[-1])


def sign_out(store: PeopleStore, name: str, act: Act) -> SignedOut:
    """End every session of a person: sign out everywhere.

    Raises NotFound for somebody who is neither known nor the owner, KeyReused, Unavailable.
    """
    tried: list[Sequence[Token]] = []

    def plan(people: People) -> Change:
        holder = OWNER if normal(name) == OWNER else known(people, name).name
        sessions = tuple(people.held_by(holder, "session"))
        tried.append(sessions)
        note = {"did": "sign out", "moderator": holder, "sessions": len(sessions)}
        return Change(note, drops=sessions, answer=str(len(sessions)))

    def is_done(people: People) -> bool:
        return bool(tried[-1]) and not any(people.with_digest(each.digest) for each in tried[-1])

    _, told = _change(store, act, plan, is_done)
    return SignedOut(int(told) if told is not None else len(tried[-1]))


def sign_in(store: PeopleStore, found: Admitted, owner: str, secret: str, act: Act) -> Token:
    """Begin a session with the secret given for whoever was admitted by a token, and return it.

    `owner` is the mark of the owner's token. The oldest sessions end where there are too many.
    Raises NotSignedIn when the token was revoked meanwhile, Unavailable.
    """
    at = act.now.replace(microsecond=0)
    expires = at + SESSION_LIVES if found.token is None else min(at + SESSION_LIVES, found.token.expires_at)
    session = Token(
        digest=digest_of(secret),
        id=act.id,
        moderator=found.moderator.name,
        label="session",
        created_at=at,
        expires_at=expires,
        kind="session",
        parent=found.token.id if found.token else owner,
    )
    for attempt in range(ATTEMPTS):
        people = store.roster(None, act.now).people
        # An answer may have been lost after the session was kept.
        if people.with_digest(session.digest):
            return session
        if found.token and people.with_id(found.token.id) is None:
            raise NotSignedIn(UNKNOWN)
        standing = people.held_by(session.moderator, "session")
        try:
            store.keep_session(session, standing[: max(0, len(standing) - MOST_SESSIONS + 1)])
        except Stale:
            act.pause(attempt)
        else:
            return session
    raise Unavailable


def _secret(random: bytes) -> str:
    return TOKEN_PREFIX + urlsafe_b64encode(random).decode().rstrip("=")


def _token(holder: str, label: str, days: int, secret: str, act: Act) -> Token:
    at = act.now.replace(microsecond=0)
    return Token(digest_of(secret), act.id, holder, label, at, at + timedelta(days=days))


def _about(token: Token) -> dict[str, str]:
    expires = token.expires_at.isoformat()
    return {"moderator": token.moderator, "token": token.id, "label": token.label, "expires_at": expires}


def _told_again(people: People, secret: str, told: str | None, mint: Mint) -> str:
    """Return the token to show: to a request that is sent again, the one that it made at first."""
    if told is None:
        return secret
    earlier = _secret(mint(told))
    if people.with_digest(digest_of(earlier)) is None:
        raise Conflict("This request was answered before, and its token does not stand any more.")
    return earlier


def _change(
    store: PeopleStore, act: Act, plan: Callable[[People], Change], is_done: Callable[[People], bool]
) -> tuple[People, str | None]:
    """Do what `plan` says of people as they are, and log it, once; `is_done` knows our own work.

    Return people as they are then, and what was answered the first time if this is a request that is sent again.
    """
    ours: str | None = None
    for attempt in range(ATTEMPTS):
        roster = store.roster(act.once, act.now)
        told = replay(act.once, roster.earlier)
        # Our own change may have been kept although its answer was lost.
        if told is not None or (ours and (roster.head == ours or is_done(roster.people))):
            return roster.people, told
        change = plan(roster.people)
        done = Done(act.once, change.answer, seconds(act.now) + KEPT_SECONDS) if act.once else None
        entry = Entry.after(roster.head, _decision(change, act))
        ours = entry.hash
        try:
            store.change(change, entry, done)
        except Stale:
            act.pause(attempt)
        else:
            return roster.people.after(change), None
    raise Unavailable


def _decision(change: Change, act: Act) -> Decision:
    return Decision(
        id=act.id,
        comment_id=None,
        action="people",
        from_=None,
        to=None,
        revision=None,
        by=act.by,
        at=act.now,
        note=json.dumps(change.note, ensure_ascii=False),
    )
