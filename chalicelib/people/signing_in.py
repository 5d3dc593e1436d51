"""Begin a session with a token, for the pages of the desk."""

from datetime import timedelta

from chalicelib.errors import NotSignedIn, Stale, Unavailable
from chalicelib.people.admission import UNKNOWN, Admitted, digest_of
from chalicelib.people.changing import ATTEMPTS, Act
from chalicelib.people.roster import PeopleStore, Token

SESSION_LIVES = timedelta(hours=12)
MOST_SESSIONS = 20


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
