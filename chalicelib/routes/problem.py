"""Refusals as RFC 9457 problem details: which code has which HTTP status, in one table."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pydantic import ValidationError

from chalicelib import errors
from chalicelib.errors import FieldError, Refusal

MEDIA_TYPE = "application/problem+json"
POINTER_LENGTH = 200

STATUS: dict[type[Refusal], int] = {
    errors.Unreadable: 400,
    errors.NotSignedIn: 401,
    errors.ReaderTokenInvalid: 401,
    errors.Forbidden: 403,
    errors.CommentsClosed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.AlreadyDecided: 409,
    errors.MoveNotAllowed: 409,
    errors.AlreadySubmitted: 409,
    errors.TooLarge: 413,
    errors.UnsupportedMediaType: 415,
    errors.Invalid: 422,
    errors.CursorInvalid: 422,
    errors.KeyReused: 422,
    errors.LimitReached: 429,
    errors.Unavailable: 503,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem details (RFC 9457), with a stable `code`, the fields at fault, and the request's id."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError]
    request_id: str


def problem(refusal: Refusal, request_id: str) -> Problem:
    """Return the problem details of a refusal."""
    return Problem(
        type=f"/docs#{refusal.code}",
        title=refusal.title,
        status=STATUS[type(refusal)],
        detail=refusal.detail,
        code=refusal.code,
        errors=list(refusal.errors),
        request_id=request_id,
    )


def unforeseen(request_id: str) -> Problem:
    """Return the problem details of what we did not foresee: nothing but the id to find it by."""
    return Problem(
        type="/docs#internal",
        title="Something went wrong",
        status=500,
        detail="Something went wrong on our side. Please try again; if it stays, tell us the request id.",
        code="internal",
        errors=[],
        request_id=request_id,
    )


def dumped(details: Problem) -> str:
    """Return problem details as JSON in plain ASCII, so that no odd character of a request can break it."""
    return json.dumps(asdict(details), ensure_ascii=True)


def headers(refusal: Refusal) -> dict[str, str]:
    """Return the headers a refusal asks for."""
    found = {}
    if isinstance(refusal, errors.LimitReached | errors.Unavailable):
        found["Retry-After"] = str(refusal.retry_after)
    if type(refusal) is errors.NotSignedIn:
        found["WWW-Authenticate"] = "Bearer"
    return found


def invalid(error: ValidationError, prefix: str = "") -> errors.Invalid:
    """Return pydantic's findings as one refusal; what was sent is never repeated in it."""
    found = tuple(
        FieldError(pointer=prefix + _pointer(each["loc"]), detail=_words(each["type"], each["msg"]))
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    )
    return errors.Invalid(
        found[0].detail if len(found) == 1 else f"{len(found)} fields are not acceptable.", errors=found
    )


def _pointer(location: Iterable[str | int]) -> str:
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    pointer = "".join(f"/{part}" for part in parts)[:POINTER_LENGTH]
    return pointer.encode("utf-8", "replace").decode()


def _words(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "This field is not known here."
    if kind == "missing":
        return "This field is missing."
    return message.removeprefix("Value error, ")
