"""Request bodies: JSON without surprises, and the forms of pages without scripts."""

import json
import math
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from chalicelib.errors import TooLarge, Unreadable, UnsupportedMediaType

LARGEST = 64 * 1024
DEEPEST = 32
MOST_FIELDS = 120

JSON_TYPES = ("application/json", "text/plain")  # text/plain spares the browser a preflight
PATCH_TYPES = (*JSON_TYPES, "application/merge-patch+json")
FORM = "application/x-www-form-urlencoded"

TRAP_FIELD = "phone"
"""A field no person sees; what fills it in is a script."""
_TEXTS = frozenset({"text", "note", "message", "reply", "redact", "allowed_terms"})


def media_type(header: str) -> str:
    """Return the media type of a Content-Type header; JSON without one."""
    return header.partition(";")[0].strip().lower() or JSON_TYPES[0]


def checked(body: bytes, kind: str, accepted: tuple[str, ...]) -> bytes:
    """Return the body. Raises TooLarge, UnsupportedMediaType."""
    if len(body) > LARGEST:
        raise TooLarge(f"The body has {len(body)} bytes; at most {LARGEST} are taken.")
    if kind not in accepted:
        raise UnsupportedMediaType(f"Send {' or '.join(accepted)}.")
    return body


def parsed_json(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON value of a body. Raises Unreadable for what two readers could understand differently."""
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_distinct, parse_float=_number, parse_constant=_no_constant
        )
    except UnicodeDecodeError:
        raise Unreadable("The body is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise Unreadable("The body is not JSON.") from None
    _check_depth(value)
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("A name appears twice in one object.")
    return found


def _number(text: str) -> float | int:
    value = float(text)
    if math.isinf(value):
        raise Unreadable("A number is too large to be one.")
    # JSON knows one kind of number: 5.0 is the integer 5 (JSON Schema 2020-12, 6.1.1).
    return int(value) if value.is_integer() else value


def _no_constant(name: str) -> NoReturn:
    raise Unreadable(f"{name} is not JSON.")


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [each for outer in level for each in _inside(outer)]
        if not level:
            return
    raise Unreadable(f"The body is nested deeper than {DEEPEST} levels.")


def _inside(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def parsed_form(body: bytes) -> dict[str, Any]:
    """Return the fields of a form, as a script would send them; blank ones are left out. Raises Unreadable."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Unreadable("The form cannot be read.") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise Unreadable("A field appears twice in the form.")
    return {name: _plain(name, value) for name, value in pairs if value}


def _plain(name: str, value: str) -> object:
    if name == "consent":
        return value.lower() in {"true", "on", "yes", "1"}
    if name == "stars" and value.isascii() and value.isdigit():
        return int(value[:4])
    # Browsers send a line's end as CR LF; the text was typed with one key.
    return value.replace("\r\n", "\n") if name in _TEXTS else value
