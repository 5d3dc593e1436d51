"""Endpoints to sign in at the desk and out again: the session cookie."""

import secrets
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.errors import FieldError, Invalid, NotSignedIn
from chalicelib.limits import MILLISECONDS, Limit, take_all
from chalicelib.patience import pause
from chalicelib.people import (
    TOKEN_BYTES,
    UNKNOWN,
    Act,
    digest_of,
    note_use,
    sign_in,
)
from chalicelib.policy import Rate
from chalicelib.routes.body import FORM, JSON_TYPES
from chalicelib.routes.credentials import COOKIE, ENDED_COOKIE, by_personal_token, owner_mark, session_cookie
from chalicelib.routes.endpoint import Answer, Call, Endpoints
from chalicelib.routes.people import Me
from chalicelib.routes.service import Service

PATH = "/admin/session"
DESK_PAGE = "../admin"
"""Where forms lead, from here; a stage's path may stand before both."""
REFUSED = f"{DESK_PAGE}?refused="
SIGN_INS = Rate(count=20, seconds=600)
"""How often one network may try to sign in."""


class SignIn(BaseModel):
    """The token to sign in with; the form of a page without scripts signs out by `_method` `DELETE`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    token: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    method: Annotated[Literal["POST", "DELETE"], Field(alias="_method")] = "POST"


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on the session."""
    service = endpoints.service

    @endpoints.endpoint(
        "POST",
        PATH,
        answers={200: Me, 204: None, 303: None},
        access="desk",
        body=SignIn,
        takes=(*JSON_TYPES, FORM),
        documented=False,
    )
    def post_session(call: Call) -> Answer:
        """Sign in at the desk with a moderator's token; by a form, out again too."""
        if call.body.method == "DELETE":
            return _answer(call, _end(service, call), None)
        try:
            cookie, who = _begin(service, call)
        except (Invalid, NotSignedIn):
            if call.is_form:
                return Answer(None, 303, {"Location": REFUSED})
            raise
        return _answer(call, cookie, who)

    @endpoints.endpoint("DELETE", PATH, answers={204: None}, access="desk", documented=False)
    def delete_session(call: Call) -> Answer:
        """Sign out here: end this session."""
        return _answer(call, _end(service, call), None)


def _begin(service: Service, call: Call) -> tuple[str, Me]:
    """Begin a session and return its cookie. Raises LimitReached, NotSignedIn, Unavailable."""
    if call.body.token is None:
        words = "Please paste your token."
        raise Invalid(words, errors=(FieldError("/token", words),))
    _throttle(service, call)
    found = by_personal_token(service, call.body.token, call.now)
    if found is None:
        raise NotSignedIn(UNKNOWN)
    secret = service.keyring.sign("session", secrets.token_urlsafe(TOKEN_BYTES))
    act = Act(found.moderator.name, call.now, service.randomness(), pause)
    session = sign_in(service.stores.people, found, owner_mark(service) or "", secret, act)
    note_use(service.stores.people, found.token, call.now)
    lasts = int((session.expires_at - session.created_at).total_seconds())
    cookie = f"{COOKIE}={secret}; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age={lasts}"
    return cookie, Me(found.moderator.name, found.moderator.role, "session")


def _throttle(service: Service, call: Call) -> None:
    """Use up one try of the network's, right or wrong. Raises LimitReached, and Unavailable where nobody can count."""
    limits = service.stores.limits
    mark = limits.network_mark(call.network, call.now.date().isoformat())
    take_all(limits, [Limit("signins.network", mark, SIGN_INS)], int(call.now.timestamp() * MILLISECONDS))


def _end(service: Service, call: Call) -> str:
    """End the session of the cookie, if there is one, and return the cookie that takes its place."""
    cookie = session_cookie(service, call.headers)
    if cookie is not None:
        service.stores.people.drop_session(digest_of(cookie))
    return ENDED_COOKIE


def _answer(call: Call, cookie: str, who: Me | None) -> Answer:
    headers = {"Set-Cookie": cookie}
    if call.is_form:
        return Answer(None, 303, {**headers, "Location": DESK_PAGE})
    return Answer(who, 200 if who else 204, headers)
