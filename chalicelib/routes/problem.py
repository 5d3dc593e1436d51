"""Refusals as RFC 9457 problem details: which code has which HTTP status, in one table."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chalicelib import errors
from chalicelib.errors import FieldError, Refusal

MEDIA_TYPE = "application/problem+json"
POINTER_LENGTH = 200

STATUS: dict[type[Refusal], int] = {
    errors.Unreadable: 400,
    errors.NotSignedIn: 401,
    errors.ReaderTokenInvalid: 401,
    errors.EditTokenInvalid: 401,
    errors.Forbidden: 403,
    errors.CommentsClosed: 403,
    errors.EditTimeOver: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.AlreadyDecided: 409,
    errors.MoveNotAllowed: 409,
    errors.AlreadySubmitted: 409,
    errors.AlreadyAppealed: 409,
    errors.LegacyFrozen: 409,
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
    if type(refusal) in {errors.NotSignedIn, errors.EditTokenInvalid}:
        found["WWW-Authenticate"] = "Bearer"
    return found


def invalid(error: ValidationError, prefix: str = "") -> errors.Invalid:
    """Return pydantic's findings as one refusal; what was sent is never repeated in it."""
    found = tuple(
        FieldError(pointer=prefix + _pointer(each["loc"]), detail=_words(each))
        for each in error.errors(include_url=False, include_input=False)
    )
    return errors.Invalid(
        found[0].detail if len(found) == 1 else f"{len(found)} fields are not acceptable.", errors=found
    )


def _pointer(location: Iterable[str | int]) -> str:
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    pointer = "".join(f"/{part}" for part in parts)[:POINTER_LENGTH]
    return pointer.encode("utf-8", "replace").decode()


_PLAIN_WORDS = {
    "extra_forbidden": "This field is not known here.",
    "missing": "This field is missing.",
    "string_type": "This is a text.",
    "string_unicode": "This text holds half a character, which nothing can show.",
    "string_too_short": "Please write something.",
    "string_too_long": "This is too long: at most {max_length} characters.",
    "string_pattern_mismatch": "This does not have the form it should have.",
    "too_short": "At least {min_length} of these.",
    "too_long": "At most {max_length} of these.",
    "int_type": "This is a whole number.",
    "int_parsing": "This is a whole number.",
    "greater_than_equal": "The smallest number here is {ge}.",
    "less_than_equal": "The greatest number here is {le}.",
    "bool_type": "This is true or false.",
    "datetime_parsing": "There is no such time.",
    "datetime_from_date_parsing": "There is no such time.",
    "literal_error": "This is one of {expected}.",
}


def _words(error: ErrorDetails) -> str:
    words = _PLAIN_WORDS.get(error["type"], error["msg"].removeprefix("Value error, "))
    return words.format(**error.get("ctx", {})) if error["type"] in _PLAIN_WORDS else words
