"""Endpoints on who moderates: people, their tokens, and who I am."""

import secrets
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from chalicelib.errors import Forbidden
from chalicelib.patience import pause
from chalicelib.people import (
    OWNER,
    TOKEN_BYTES,
    Act,
    Added,
    Issued,
    Members,
    Mint,
    Name,
    NewModerator,
    NewToken,
    OldModerator,
    OldToken,
    Role,
    SignedOut,
    Tokens,
    add,
    issue,
    known,
    members,
    remove,
    revoke,
    sign_out,
    tokens_of,
)
from chalicelib.routes.credentials import ENDED_COOKIE
from chalicelib.routes.endpoint import MODERATOR_WRITES, Answer, Call, Endpoints, moderator_of, signed_in_at
from chalicelib.routes.service import Service
from chalicelib.text import normal


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in, and by what: a personal token, a session, or AFTERWORD_OWNER_TOKEN (`environment`)."""

    name: str
    role: Role
    via: Literal["environment", "token", "session"]


class TokensQuery(BaseModel):
    """Whose tokens: one's own, or as an owner somebody else's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    moderator: Name | None = None


def act_of(service: Service, call: Call) -> Act:
    """Return who changes something by this call."""
    return Act(moderator_of(call), call.now, service.randomness(), pause, call.once)


def me(call: Call, *, session: bool) -> Me:
    """Return who is signed in."""
    who = signed_in_at(call)
    return Me(who.name, who.role, "session" if session else "environment" if who.name == OWNER else "token")


def register(endpoints: Endpoints) -> None:
    """Register the endpoints on people and tokens."""
    service = endpoints.service
    owners: dict[str, Any] = {"access": "owner"}
    refuses = (*MODERATOR_WRITES, 404)

    @endpoints.endpoint("GET", "/v1/admin/me", answers={200: Me}, access="moderator", refuses=(401, 422, 503))
    def get_me(call: Call) -> Answer:
        """Tell who is signed in."""
        return Answer(me(call, session=call.session))

    @endpoints.endpoint("GET", "/v1/admin/moderators", answers={200: Members}, **owners, refuses=(401, 403, 422, 503))
    def get_moderators(call: Call) -> Answer:
        """Read who moderates, with their tokens."""
        return Answer(members(service.stores.people.roster(None, call.now).people))

    @endpoints.endpoint(
        "POST",
        "/v1/admin/moderators",
        answers={200: Added},
        **owners,
        body=NewModerator,
        refuses=(*MODERATOR_WRITES, 409),
    )
    def post_moderator(call: Call) -> Answer:
        """Add a moderator, with a first token."""
        return Answer(add(service.stores.people, call.body, act_of(service, call), _mint(service, call)))

    @endpoints.endpoint(
        "DELETE", "/v1/admin/moderators", answers={200: Members}, **owners, body=OldModerator, refuses=refuses
    )
    def delete_moderator(call: Call) -> Answer:
        """Remove a moderator, with every token and session."""
        return Answer(remove(service.stores.people, call.body.name, act_of(service, call)))

    _register_tokens(endpoints)

    @endpoints.endpoint(
        "DELETE",
        "/v1/admin/sessions",
        answers={200: SignedOut},
        access="moderator",
        refuses=(401, 403, 422, 503),
    )
    def delete_sessions(call: Call) -> Answer:
        """Sign out everywhere: end all sessions of whoever asks."""
        ended = sign_out(service.stores.people, moderator_of(call), act_of(service, call))
        return Answer(ended, headers={"Set-Cookie": ENDED_COOKIE} if call.session else {})


def _register_tokens(endpoints: Endpoints) -> None:
    service = endpoints.service
    refuses = (*MODERATOR_WRITES, 404)

    @endpoints.endpoint(
        "GET",
        "/v1/admin/tokens",
        answers={200: Tokens},
        access="moderator",
        query=TokensQuery,
        refuses=(401, 403, 404, 422, 503),
    )
    def get_tokens(call: Call) -> Answer:
        """Read one's own tokens, or as an owner somebody's."""
        people = service.stores.people.roster(None, call.now).people
        holder = _holder(call, call.query.moderator)
        # The owner of the environment has no row, and no tokens but that one.
        return Answer(tokens_of(people, holder if holder == moderator_of(call) else known(people, holder).name))

    @endpoints.endpoint(
        "POST",
        "/v1/admin/tokens",
        answers={200: Issued},
        access="moderator",
        body=NewToken,
        refuses=(*refuses, 409),
    )
    def post_token(call: Call) -> Answer:
        """Make a token for oneself, or as an owner for somebody."""
        holder = _holder(call, call.body.moderator)
        return Answer(issue(service.stores.people, holder, call.body, act_of(service, call), _mint(service, call)))

    @endpoints.endpoint(
        "DELETE", "/v1/admin/tokens", answers={200: Tokens}, access="moderator", body=OldToken, refuses=refuses
    )
    def delete_token(call: Call) -> Answer:
        """Revoke a token of one's own, or as an owner of anybody."""
        who = signed_in_at(call)
        holder = None if who.role == "owner" else who.name
        return Answer(revoke(service.stores.people, call.body.id, act_of(service, call), of=holder))


def _holder(call: Call, named: str | None) -> str:
    """Return whose tokens are meant. Raises Forbidden when a moderator names somebody else."""
    who = signed_in_at(call)
    if named is None or normal(named) == normal(who.name):
        return who.name
    if who.role != "owner":
        raise Forbidden("Only an owner sees to the tokens of others.")
    return named


def _mint(service: Service, call: Call) -> Mint:
    """Return what makes the secret of a token.

    A request that is sent again has to be answered with the token of the first time, which is kept nowhere: with an
    idempotency key it follows from that, the token's id and our own key.
    """
    once = call.once
    if once is None:
        random = secrets.token_bytes(TOKEN_BYTES)
        return lambda _identity: random
    return lambda identity: service.keyring.secret("token", once.mark, identity)
