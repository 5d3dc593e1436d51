"""Who asks: a personal token as Bearer, or the desk's session cookie, which counts for what our own page sends."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from chalice.app import Request

from chalicelib.errors import Forbidden, NotSignedIn
from chalicelib.people import (
    OWNER,
    UNKNOWN,
    Admitted,
    Moderator,
    admitted,
    admitted_by_session,
    is_personal,
    note_use,
)
from chalicelib.routes.service import Service

COOKIE = "__Host-afterword-session"
"""The prefix makes browsers refuse a cookie that another host, or a page without TLS, sets in its place."""
ENDED_COOKIE = f"{COOKIE}=; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=0"

SOON = 1.0
"""So old, in seconds, may memory be for a token that is not in it: a new one counts after that, and a guess costs no
more than one Query a second."""
FRESH = 5.0

_PORT = re.compile(r":[0-9]*$")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is signed in, and whether by the cookie."""

    moderator: Moderator
    session: bool


def bearer(request: Request) -> str | None:
    """Return the token of an `Authorization: Bearer` header, None without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def session_cookie(service: Service, headers: Mapping[str, str]) -> str | None:
    """Return the session cookie, None where there is none or it is not signed by us: a forged one costs no look."""
    pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    found = next((value for name, _, value in pairs if name == COOKIE), None)
    return found if found and service.keyring.verify("session", found) is not None else None


def signed_in(service: Service, request: Request, *, only: str | None, must: bool) -> Caller | None:
    """Return who asks; without `must`, None for nobody.

    `Authorization` wins over the cookie. `only` is the role that is needed. Raises NotSignedIn, Forbidden, Unavailable.
    """
    now = service.clock()
    by_token = "authorization" in request.headers
    if by_token:
        found = by_personal_token(service, bearer(request), now)
    else:
        found = _by_session(service, request, now)
        if found or not must:
            _check_origin(service, request)
    if found is None and must:
        raise NotSignedIn(UNKNOWN if by_token else "Sign in with a moderator's token: Authorization: Bearer ….")
    if found is None:
        return None
    if only and found.moderator.role != only:
        raise Forbidden(f"This needs the role {only}.")
    note_use(service.stores.people, found.token, now)
    return Caller(found.moderator, session=not by_token)


def by_personal_token(service: Service, token: str | None, now: datetime) -> Admitted | None:
    """Return whose token this is, None when it is nobody's. Raises Unavailable."""
    owner = service.settings.owner_token
    if token is None:
        return None
    if owner and hmac.compare_digest(token.encode("utf-8", "surrogatepass"), owner.get_secret_value().encode()):
        return Admitted(Moderator(OWNER, "owner"), None)
    if not is_personal(token):
        return None
    store = service.stores.people
    return next((found for age in (FRESH, SOON) if (found := admitted(store.people(age), token, now))), None)


def _by_session(service: Service, request: Request, now: datetime) -> Admitted | None:
    cookie = session_cookie(service, request.headers)
    if cookie is None:
        return None
    store, owner = service.stores.people, owner_mark(service)
    # Another process may have begun it a moment ago; that it is ours is known, so a second look is worth it.
    ages = (FRESH, 0.0)
    return next((found for age in ages if (found := admitted_by_session(store.people(age), cookie, owner, now))), None)


def owner_mark(service: Service) -> str | None:
    """Return what ties a session to the owner's token of this moment, None without one."""
    owner = service.settings.owner_token
    return service.keyring.mark("owner", owner.get_secret_value()) if owner else None


def _check_origin(service: Service, request: Request) -> None:
    """Refuse what another page makes a browser send. Raises Forbidden.

    A browser names the origin with every write. One that is named has to be ours, and with a cookie one must be named.
    """
    if request.method in {"GET", "HEAD"}:
        return
    headers = request.headers
    origin = headers.get("origin")
    is_named = origin is not None or COOKIE in headers.get("cookie", "")
    is_own = origin in own_origins(headers.get("host", ""), service.settings.origin)
    if headers.get("sec-fetch-site", "same-origin") != "same-origin" or (is_named and not is_own):
        raise Forbidden("This was not sent by our own page. Open the page anew and try again.")


def own_origins(host: str, told: str | None) -> set[str]:
    """Return the origins of our own page: the one told, else that of the host by TLS; on this machine without, too."""
    if told:
        return {told}
    return {f"https://{host}", f"http://{host}"} if _is_loopback(host) else {f"https://{host}"}


def _is_loopback(host: str) -> bool:
    name = _PORT.sub("", host)
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost"
