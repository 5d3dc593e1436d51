"""Add and remove people, make and revoke tokens, end sessions; every change is a line of the site's log."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.audit import Decision, Entry
from chalicelib.errors import Conflict, Forbidden, NotFound, Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.keyring import seconds
from chalicelib.once import KEPT_SECONDS, Done, Once, replay
from chalicelib.people.admission import TOKEN_PREFIX, digest_of
from chalicelib.people.asked import NewModerator, NewToken
from chalicelib.people.roster import OWNER, Change, People, PeopleStore, Person, Token
from chalicelib.people.shown import Added, Issued, Members, SignedOut, Tokens, member, members, tokens_of
from chalicelib.text import normal

MOST_PEOPLE = 100
MOST_TOKENS = 20
ATTEMPTS = 8

Mint = Callable[[str], bytes]
"""What makes the 32 secret bytes of the token with this id; the same for a request that is sent again."""


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
    return Added(member(people, kept), secret)


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
