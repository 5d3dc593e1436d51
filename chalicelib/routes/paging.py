"""Cursors of moderators' lists: a position, signed, and bound to the list it was made for."""

from typing import Annotated

from pydantic import Field

from chalicelib.errors import CursorInvalid
from chalicelib.routes.service import Service

Cursor = Annotated[str, Field(min_length=1, max_length=1024)]


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
