"""What every endpoint shares: read the request, check who asks, answer or refuse, write one log line."""

import hashlib
import json
import logging
import secrets
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Literal

from chalice.app import Blueprint, CORSConfig, Request, Response
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from chalicelib import rendering
from chalicelib.errors import EditTokenInvalid, FieldError, Invalid, NotFound, Refusal
from chalicelib.ids import article_id
from chalicelib.keyring import Reader, network
from chalicelib.once import Once
from chalicelib.patience import patience
from chalicelib.people import Moderator
from chalicelib.routes.body import FORM, JSON_TYPES, TRAP_FIELD, checked, media_type, parsed_form, parsed_json
from chalicelib.routes.credentials import Caller, bearer, signed_in
from chalicelib.routes.problem import MEDIA_TYPE, STATUS, dumped, headers, invalid, problem, unforeseen
from chalicelib.routes.service import Service

log = logging.getLogger("afterword")

Access = Literal["public", "reader", "author", "moderator", "owner", "desk"]
"""Who may ask. `desk` is a page for moderators: a `Call` without one is from somebody who has to sign in yet."""
DESK: tuple[Access, ...] = ("moderator", "owner", "desk")
"""Where a session counts: on paths under `/v1/admin` and `/admin` only."""

READER_HEADER = "Afterword-Reader"
KEY_HEADER = "Idempotency-Key"
KEY_LENGTH = 255
COMMENT_ID = 26
MODERATOR_WRITES = (400, 401, 403, 413, 415, 422, 503)
"""How every write of a moderator may be refused."""

CORS = CORSConfig(
    allow_origin="*",
    allow_headers=["Authorization", "Content-Type", READER_HEADER, KEY_HEADER],
    expose_headers=["ETag", "Retry-After"],
    max_age=86_400,
)

NOT_CACHED = "no-store"
HTML = "text/html; charset=utf-8"

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
"""What every page of ours says: nothing from outside, nothing inline, in no frame."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read and checked."""

    request_id: str
    now: datetime
    path: Mapping[str, str]
    """Path parameters: the article id decoded, a comment id in its form."""
    query: Any
    body: Any
    headers: Mapping[str, str]
    network: str
    trap: str = ""
    is_form: bool = False
    reader: Reader | None = None
    moderator: Moderator | None = None
    session: bool = False
    """Whether the moderator is signed in by the cookie."""
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view gives back; `omit` names fields that are left out rather than null."""

    value: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    omit: frozenset[str] = frozenset()
    media_type: str = "application/json"


View = Callable[[Call], Answer]


class NoQuery(BaseModel):
    """No query parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method on one path: what it takes and what it answers. The OpenAPI document is made from these."""

    method: str
    path: str
    name: str
    summary: str
    answers: Mapping[int, Any]
    """Status to shape; a text is the media type of an answer that is no JSON, None an answer without a body."""
    also: tuple[str, ...] = ()
    """Media types in which the query can ask for the same."""
    access: Access = "public"
    query: type[BaseModel] = NoQuery
    body: Any = None
    takes: tuple[str, ...] = JSON_TYPES
    refuses: tuple[int, ...] = ()
    documented: bool = True


@cache
def adapter(shape: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - any shape
    """Return what validates and writes a shape; made on first use, because making one takes milliseconds."""
    return TypeAdapter(shape)


class Endpoints:
    """The endpoints of the service, registered on one blueprint; the only way to register a route."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.blueprint = Blueprint("chalicelib")
        self.all: list[Endpoint] = []
        self.views: dict[str, tuple[Endpoint, View]] = {}
        """Each endpoint with its view, by name."""

    def endpoint(self, method: str, path: str, **about: Any) -> Callable[[View], View]:  # noqa: ANN401 - Endpoint's own
        """Register a view for a method and a path. Its docstring's first line is the summary."""

        def register(view: View) -> View:
            summary = (view.__doc__ or view.__name__).strip().partition("\n")[0]
            endpoint = Endpoint(method=method, path=path, name=view.__name__, summary=summary, **about)
            self.all.append(endpoint)
            self.views[endpoint.name] = endpoint, view
            shared = path.startswith("/v1/") and endpoint.access not in DESK
            self.blueprint.route(
                path,
                methods=[method],
                name=view.__name__,
                content_types=["*/*"],  # the endpoint refuses itself: chalice's own 415 is no problem+json
                cors=CORS if shared else False,
            )(self._wrapped(endpoint, view))
            return view

        return register

    def _wrapped(self, endpoint: Endpoint, view: View) -> Callable[..., Response]:
        def respond(**path: str) -> Response:
            request = self.blueprint.current_request
            started = time.perf_counter()
            request_id = str(request.context.get("requestId", ""))
            try:
                with patience():
                    answer = view(self._call(endpoint, request, path, request_id))
                response = written(endpoint, answer)
            except Refusal as refusal:
                response = refused(endpoint, request, refusal, request_id)
            except Exception as error:  # noqa: BLE001 - the last stop; its own words reach nobody
                log.error(_unforeseen(error, request_id))  # noqa: TRY400 - a traceback may quote a reader
                response = Response(dumped(unforeseen(request_id)), {"Content-Type": MEDIA_TYPE}, 500)
            response.headers.setdefault("Cache-Control", NOT_CACHED)
            response.headers.setdefault("X-Content-Type-Options", "nosniff")
            self._note(endpoint, response, request_id, time.perf_counter() - started)
            return response

        return respond

    def _note(self, endpoint: Endpoint, response: Response, request_id: str, took: float) -> None:
        """Write one line a request: the route's pattern, never an id, an address, a token or a text."""
        log.info(
            json.dumps(
                {
                    "stage": self.service.settings.stage,
                    "request_id": request_id,
                    "method": endpoint.method,
                    "route": endpoint.path,
                    "status": response.status_code,
                    "ms": round(took * 1000, 1),
                },
            ),
        )

    def _call(self, endpoint: Endpoint, request: Request, path: Mapping[str, str], request_id: str) -> Call:
        caller = self._signed_in(endpoint, request)
        moderator = caller.moderator if caller else None
        found = {name: _path_value(name, value) for name, value in path.items()}
        if endpoint.access == "author":
            self._check_author(request, found["comment_id"])
        query = _query(endpoint, request)
        raw = b""
        fields: Any = None
        is_form = False
        if endpoint.body is None:
            _no_body(endpoint, request)
        else:
            kind = media_type(request.headers.get("content-type", ""))
            sent: Any = request.raw_body
            raw = checked(sent, kind, endpoint.takes)
            is_form = kind == FORM
            fields = parsed_form(raw) if is_form else parsed_json(raw)
        trap = str(fields.pop(TRAP_FIELD, "")) if is_form else ""
        body = _validated(endpoint.body, fields) if endpoint.body is not None else None
        source = network(str(request.context.get("identity", {}).get("sourceIp", "")))
        reader, once = self._caller(endpoint, request, found, raw, source, moderator)
        return Call(
            request_id=request_id,
            now=self.service.clock(),
            path=found,
            query=query,
            body=body,
            headers=request.headers,
            network=source,
            trap=trap,
            is_form=is_form,
            reader=reader,
            moderator=moderator,
            session=caller is not None and caller.session,
            once=once,
        )

    def _check_author(self, request: Request, comment_id: str) -> None:
        token = bearer(request)
        if token is None or self.service.keyring.verify("edit", token, comment_id) is None:
            raise EditTokenInvalid("Send the edit token that came with the comment: Authorization: Bearer ….")

    def _signed_in(self, endpoint: Endpoint, request: Request) -> Caller | None:
        if endpoint.access not in DESK:
            return None
        only = "owner" if endpoint.access == "owner" else None
        return signed_in(self.service, request, only=only, must=endpoint.access != "desk")

    def _caller(
        self,
        endpoint: Endpoint,
        request: Request,
        path: Mapping[str, str],
        raw: bytes,
        source: str,
        moderator: Moderator | None,
    ) -> tuple[Reader | None, Once | None]:
        """Return the reader (minted when new) and what the idempotency key stands for."""
        keyring, key = self.service.keyring, _key(request)
        reader = None
        token = request.headers.get(READER_HEADER)
        if endpoint.access == "reader":
            if token is not None:
                reader = keyring.reader(token)
            elif key:
                # A first write that is sent again must not become two readers: the same key mints the same one.
                reader = keyring.mint_for(source, key)
            else:
                reader = keyring.mint(secrets.token_bytes(32))
        if key is None or endpoint.access == "public" or endpoint.method == "GET":
            return reader, None
        caller = moderator.name if moderator else reader.author if reader else path.get("comment_id", source)
        where = json.dumps([endpoint.method, endpoint.path, sorted(path.items())])
        digest = keyring.mark("request", where, hashlib.sha256(raw).hexdigest())
        return reader, Once(keyring.mark("once", endpoint.access, caller, key), digest)


def moderator_of(call: Call) -> str:
    """Return the name of the moderator who asks."""
    return signed_in_at(call).name


def signed_in_at(call: Call) -> Moderator:
    """Return the moderator who asks."""
    assert call.moderator  # noqa: S101 - access="moderator" and "owner" bring one
    return call.moderator


def _path_value(name: str, value: str) -> str:
    if name == "article_id":
        return article_id(value)
    if name == "comment_id" and not (len(value) == COMMENT_ID and value.isascii() and value.isalnum()):
        raise NotFound("There is no comment with this id.")
    return value


def _no_body(endpoint: Endpoint, request: Request) -> None:
    # To GET and HEAD a body means nothing; a write that took one and left it unread would do what was not asked.
    if request.raw_body and endpoint.method != "GET":
        raise Invalid("This request takes no body.")


def _key(request: Request) -> str | None:
    key: str | None = request.headers.get(KEY_HEADER)
    if key is not None and not (1 <= len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        words = f"An {KEY_HEADER} has 1 to {KEY_LENGTH} printable ASCII characters."
        raise Invalid(words, errors=(FieldError(f"#header/{KEY_HEADER}", words),))
    return key


def _query(endpoint: Endpoint, request: Request) -> Any:  # noqa: ANN401 - the endpoint's own model
    model = endpoint.query
    given: Any = request.query_params
    values: dict[str, Any] = {}
    for name in given or ():
        many = given.getlist(name)
        values[name] = many if name in getattr(model, "many", ()) or len(many) > 1 else many[0]
    return _validated(model, values, "?")


def _validated(shape: Any, value: object, prefix: str = "") -> Any:  # noqa: ANN401 - any shape
    try:
        return adapter(shape).validate_python(value)
    except ValidationError as error:
        raise invalid(error, prefix) from None


def written(endpoint: Endpoint, answer: Answer) -> Response:
    """Return the response of an answer: a dataclass or model as JSON, a text as it is."""
    body = answer.value
    if body is None:
        body = ""
    elif not isinstance(body, str):
        shape = endpoint.answers[answer.status]
        exclude: Any = set(answer.omit) or None
        body = adapter(shape).dump_json(body, by_alias=True, exclude=exclude).decode()
    found: dict[str, str | list[str]] = {"Content-Type": answer.media_type, **answer.headers}
    return Response(body, found, answer.status)


def refused(endpoint: Endpoint, request: Request, refusal: Refusal, request_id: str) -> Response:
    """Return the response of a refusal: problem+json, or a page in place of one and for forms without scripts."""
    details = problem(refusal, request_id)
    status = STATUS[type(refusal)]
    is_form = media_type(request.headers.get("content-type", "")) == FORM
    is_page = endpoint.access == "desk" and endpoint.method == "GET"
    if (is_form or is_page) and "text/html" in request.headers.get("accept", ""):
        page = rendering.error_page(asdict(details))
        html: dict[str, str | list[str]] = {"Content-Type": HTML, **headers(refusal), **PAGE_HEADERS}
        return Response(page, html, status)
    return Response(dumped(details), {"Content-Type": MEDIA_TYPE, **headers(refusal)}, status)


def _unforeseen(error: Exception, request_id: str) -> str:
    """Return the log line of what nobody foresaw: its kind and where it came from, as its words may quote a reader."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    return json.dumps({"request_id": request_id, "error": type(error).__name__, "frames": frames})
