"""Who asks: whose token or session it is that came with a request."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from chalicelib.people.roster import OWNER, Moderator, People, PeopleStore, Token

TOKEN_PREFIX = "aft_"  # noqa: S105 - what a token begins with is no secret
TOKEN_BYTES = 32
_TOKEN = re.compile(f"{TOKEN_PREFIX}[A-Za-z0-9_-]{{43}}")

UNKNOWN = "The token is not known. It may have been revoked or have expired."


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
