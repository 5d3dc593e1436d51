"""Moderators' lists: cursors, which are a position, signed, and bound to the list it was made for; and times."""

import re
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field

from chalicelib.errors import CursorInvalid
from chalicelib.routes.service import Service

Cursor = Annotated[str, Field(min_length=1, max_length=1024)]

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _rfc_3339(value: object) -> object:
    if isinstance(value, str) and not _RFC_3339.fullmatch(value):
        msg = "This is a time with its zone, as in 2026-11-23T12:30:00Z."
        raise ValueError(msg)
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_rfc_3339)]
"""A time in a query."""


def position_of(service: Service, purpose: str, cursor: str | None, context: str) -> str | None:
    """Return the position a cursor stands for. Raises CursorInvalid when it is none of ours for this list."""
    if cursor is None:
        return None
    position = service.keyring.verify(f"cursor.{purpose}", cursor, context)
    if position is None:
        raise CursorInvalid("This cursor is not one of ours, or belongs to another list.")
    return position


def cursor_of(service: Service, purpose: str, position: str | None, context: str) -> str | None:
    """Return the cursor for a position in a list; None at its end."""
    return None if position is None else service.keyring.sign(f"cursor.{purpose}", position, context)
