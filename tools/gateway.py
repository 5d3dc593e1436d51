"""API Gateway's place on this machine: a WSGI application that hands REST proxy events to a Chalice app.

Known to differ from AWS: answers are not compressed, HEAD is served by the GET view, and a request body
reaches the app as base64 only when its bytes are not UTF-8.
"""

import base64
import json
import logging
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from chalice.app import Chalice, RouteEntry

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

STAGE = "api"
LARGEST_BODY = 10 * 1024 * 1024
"""API Gateway's own limit, in bytes; the service's is far below it."""

_ORIGIN = re.compile(r"^https?://[^/?#]*", re.IGNORECASE)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; path and query are ASCII, percent-encoded as they arrived."""

    method: str
    raw_path: str
    raw_query: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    source_ip: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What Lambda hands to a function beside the event, as far as anyone asks for it."""

    aws_request_id: str
    function_name: str = "afterword-local"
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 512

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Nobody stops a view here, so there is always as much time as a function gets at most."""
        return 25_000


class RefusedError(Exception):
    """The gateway answers in place of the app."""

    status: int
    code: str
    title: str

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class UnreadableError(RefusedError):
    """The request cannot be turned into an event."""

    status, code, title = 400, "unreadable", "The request cannot be read"


class NotFoundError(RefusedError):
    """No route has this path."""

    status, code, title = 404, "not_found", "Not found"


class MethodNotAllowedError(RefusedError):
    """The path is known, and this method is none of those `allowed` on it."""

    status, code, title = 405, "method_not_allowed", "This path does not know the method"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"This path knows {', '.join(allowed)} only.")
        self.allowed = allowed


class TooLargeError(RefusedError):
    """The body is larger than API Gateway takes."""

    status, code, title = 413, "body_too_large", "The body is too large"


class HeadersTooLargeError(RefusedError):
    """The request line and headers are larger than the server takes."""

    status, code, title = 431, "headers_too_large", "The headers are too large"


class FailedError(RefusedError):
    """Nothing the client did: something behind the gateway went wrong."""

    status, code, title = 500, "internal", "Something went wrong"

    def __init__(self) -> None:
        super().__init__("Something went wrong on our side. Please try again; if it stays, tell us the request id.")


class MalformedAnswerError(Exception):
    """The app answered something API Gateway would not take."""


class Gateway:
    """Answers for one Chalice app per thread: Chalice keeps the request it serves on the app itself."""

    def __init__(self, make_app: Callable[[], Chalice]) -> None:
        self._make_app = make_app
        self._thread = threading.local()

    def handle(self, request: Request) -> Reply:
        """Answer one request. Never raises: what the app did not foresee is logged and becomes a 500."""
        request_id = str(uuid.uuid4())
        try:
            reply = self._answer(request, request_id)
        except RefusedError as refusal:
            reply = _refused(refusal, request, request_id)
        except Exception:  # noqa: BLE001 - the last stop before the socket, whatever went wrong behind it
            _LOG.exception("no answer from the app for request %s", request_id)
            reply = problem(FailedError(), request.raw_path, request_id)
        return _finished(reply, request.method, request_id)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        reply = self.handle(_read_request(environ))
        start_response(_status_line(reply.status), reply.headers)
        return [reply.body]

    def _answer(self, request: Request, request_id: str) -> Reply:
        if len(request.body) > LARGEST_BODY:
            msg = f"A body may have {LARGEST_BODY // 1024 // 1024} MB at most."
            raise TooLargeError(msg)
        app = self._app()
        resource, parameters = find_resource(app.routes, request.raw_path)
        methods = app.routes[resource]
        if request.method == "OPTIONS" and (cors := _cors_headers(methods)):
            return Reply(200, [*cors.items(), ("Access-Control-Allow-Methods", ",".join(_allowed(methods)))], b"")
        method = _served_by(methods, request.method)
        event = build_event(request, resource, method, parameters, request_id)
        return read_answer(app(event, LambdaContext(request_id)))

    def _app(self) -> Chalice:
        if not hasattr(self._thread, "app"):
            self._thread.app = self._make_app()
        app: Chalice = self._thread.app
        return app


def find_resource(patterns: Iterable[str], raw_path: str) -> tuple[str, dict[str, str]]:
    """Find the route pattern for a path, and its parameters still percent-encoded.

    Segments are compared as they arrived, so `..` and `%2F` mean nothing special. A literal segment
    wins over a parameter, and a parameter is never empty. Raises NotFoundError when no pattern fits.
    """
    segments = raw_path.split("/")
    fitting = [(pattern, found) for pattern in patterns if (found := _fit(pattern, segments)) is not None]
    if not fitting:
        msg = "Nothing is served at this path."
        raise NotFoundError(msg)
    return min(fitting, key=lambda fit: [_is_parameter(part) for part in fit[0].split("/")])


def _fit(pattern: str, segments: Sequence[str]) -> dict[str, str] | None:
    parts = pattern.split("/")
    if len(parts) != len(segments):
        return None
    found = {}
    for part, segment in zip(parts, segments, strict=True):
        if _is_parameter(part) and segment:
            found[part[1:-1]] = segment
        elif part != segment:
            return None
    return found


def _is_parameter(part: str) -> bool:
    return part.startswith("{")


def _served_by(methods: Mapping[str, RouteEntry], method: str) -> str:
    served = "GET" if method == "HEAD" and "HEAD" not in methods else method
    if served not in methods:
        raise MethodNotAllowedError(_allowed(methods))
    return served


def _allowed(methods: Mapping[str, RouteEntry]) -> list[str]:
    more = {"HEAD"} if "GET" in methods else set()
    return sorted({*methods, *more, "OPTIONS"} if _cors_headers(methods) else {*methods, *more})


def _cors_headers(methods: Mapping[str, RouteEntry]) -> dict[str, str]:
    # One CORS setting per path: chalice refuses to deploy views of one path that differ in it.
    # RouteEntry.cors is None where the route has none, whatever its annotation says.
    return next((entry.cors.get_access_control_headers() for entry in methods.values() if entry.cors), {})


def build_event(
    request: Request, resource: str, method: str, parameters: Mapping[str, str], request_id: str
) -> dict[str, Any]:
    """Build what API Gateway sends for a REST API with a Lambda proxy integration.

    Raises UnreadableError when the query is not UTF-8 once decoded.
    """
    headers = _grouped(request.headers, fold_case=True)
    query = _read_query(request.raw_query)
    return {
        "resource": resource,
        "path": request.raw_path,
        "httpMethod": method,
        "headers": _last_of_each(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": _last_of_each(query) or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": _request_context(request, resource, method, request_id),
        **_encoded_body(request.body),
    }


def _request_context(request: Request, resource: str, method: str, request_id: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    headers = {name.lower(): value for name, value in request.headers}
    return {
        "accountId": "123456789012",
        "apiId": "local",
        "domainName": headers.get("host"),
        "httpMethod": method,
        "identity": {"sourceIp": request.source_ip, "userAgent": headers.get("user-agent"), "user": None},
        "path": f"/{STAGE}{request.raw_path}",
        "protocol": "HTTP/1.1",
        "requestId": request_id,
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(now.timestamp() * 1000),
        "resourceId": "local",
        "resourcePath": resource,
        "stage": STAGE,
    }


def _read_query(raw_query: str) -> dict[str, list[str]]:
    try:
        return _grouped(parse_qsl(raw_query, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError as undecodable:
        msg = "The query is not UTF-8."
        raise UnreadableError(msg) from undecodable


def _grouped(pairs: Iterable[tuple[str, str]], *, fold_case: bool = False) -> dict[str, list[str]]:
    """Collect the values of each name under its first spelling."""
    spelling: dict[str, str] = {}
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        key = spelling.setdefault(name.lower() if fold_case else name, name)
        grouped.setdefault(key, []).append(value)
    return grouped


def _last_of_each(grouped: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {name: values[-1] for name, values in grouped.items()}


def _encoded_body(body: bytes) -> dict[str, Any]:
    if not body:
        return {"body": None, "isBase64Encoded": False}
    try:
        return {"body": body.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(body).decode("ascii"), "isBase64Encoded": True}


def read_answer(answer: object) -> Reply:
    """Turn what a Lambda function returned into an HTTP answer.

    Raises MalformedAnswerError where API Gateway would answer 502 in its place.
    """
    try:
        return _reply_from(answer)
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        msg = f"not a proxy answer: {fault!r}"
        raise MalformedAnswerError(msg) from fault


def _reply_from(answer: Any) -> Reply:  # noqa: ANN401 - the app may have returned anything; that is checked here
    status = HTTPStatus(answer["statusCode"]).value
    headers = [(name, str(value)) for name, value in (answer.get("headers") or {}).items()]
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers += [(name, str(value)) for value in values]
    for name, value in headers:
        _check_header(name, value)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return Reply(status, headers, _decoded_body(answer))


def _check_header(name: str, value: str) -> None:
    (name + value).encode("latin-1")
    if set(name + value) & {"\r", "\n"}:
        msg = f"the header {name!r} holds a line break"
        raise ValueError(msg)


def _decoded_body(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body") or ""
    if answer.get("isBase64Encoded"):
        return base64.b64decode(body, validate=True)
    encoded: bytes = body.encode()
    return encoded


def _refused(refusal: RefusedError, request: Request, request_id: str) -> Reply:
    reply = problem(refusal, request.raw_path, request_id)
    if isinstance(refusal, MethodNotAllowedError):
        reply.headers.append(("Allow", ", ".join(refusal.allowed)))
    return reply


def problem(refusal: RefusedError, raw_path: str, request_id: str) -> Reply:
    """Say it as RFC 9457 problem details, in the shape the service itself uses."""
    document = {
        "type": f"/docs#{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "errors": [],
        "request_id": request_id,
    }
    headers = [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store")]
    if _is_public(raw_path):
        headers.append(("Access-Control-Allow-Origin", "*"))
    return Reply(refusal.status, headers, json.dumps(document, ensure_ascii=False).encode())


def _is_public(raw_path: str) -> bool:
    return raw_path.startswith("/v1/") and raw_path.split("/")[2] != "admin"


def _finished(reply: Reply, method: str, request_id: str) -> Reply:
    """Add what API Gateway adds to every answer, and take the body from those that have none."""
    headers = [(name, value) for name, value in reply.headers if name.lower() != "content-length"]
    headers.append(("x-amzn-RequestId", request_id))
    if reply.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
        return Reply(reply.status, headers, b"")
    headers.append(("Content-Length", str(len(reply.body))))
    return Reply(reply.status, headers, b"" if method == "HEAD" else reply.body)


def _status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def _read_request(environ: "WSGIEnvironment") -> Request:
    raw_path, _, raw_query = _target(environ["REQUEST_URI"]).partition("?")
    return Request(
        method=environ["REQUEST_METHOD"],
        raw_path=raw_path,
        raw_query=raw_query,
        headers=_read_headers(environ),
        body=_read_body(environ),
        # The peer of the socket and nothing else: forwarding headers are whatever a client likes to say.
        source_ip=environ["REMOTE_ADDR"],
    )


def _target(uri: str) -> str:
    """Bring any form of request target to the usual one, percent-encoding what is not printable ASCII."""
    origin_form = _ORIGIN.sub("", uri)
    if not origin_form.startswith(("/", "*")):
        origin_form = f"/{origin_form}"
    return "".join(sign if "!" <= sign <= "~" else f"%{ord(sign):02X}" for sign in origin_form)


def _read_headers(environ: "WSGIEnvironment") -> list[tuple[str, str]]:
    names = {key: key.removeprefix("HTTP_") for key in environ if key.startswith("HTTP_")}
    names |= {key: key for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(key)}
    return [(name.replace("_", "-").title(), environ[key]) for key, name in names.items()]


def _read_body(environ: "WSGIEnvironment") -> bytes:
    # One byte over the limit is enough to refuse, so that is the most that is ever held.
    length = min(int(environ.get("CONTENT_LENGTH") or 0), LARGEST_BODY + 1)
    return environ["wsgi.input"].read(length) if length else b""
