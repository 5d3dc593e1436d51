"""What moderators ask for: a decision on a comment, many of them, taking one back; and every move there is."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from chalicelib.audit import Action
from chalicelib.comments import State, readable
from chalicelib.ids import order_time
from chalicelib.text import TEXT_PATTERN

MOVES: dict[Action, dict[State, State]] = {
    "approve": {"pending": "approved", "spam": "approved", "rejected": "approved"},
    "reject": {"pending": "rejected", "spam": "rejected", "approved": "rejected"},
    "spam": {"pending": "spam", "rejected": "spam", "approved": "spam"},
    "restore": {"spam": "pending", "rejected": "pending", "deleted": "pending"},
    "delete": {"pending": "deleted", "spam": "deleted", "rejected": "deleted", "approved": "deleted"},
}
"""Every move there is: action, the state it starts from, the state it leads to. What is not here is refused."""

DONE_WORDS: dict[State, str] = {
    "pending": "put back into the queue",
    "approved": "approved",
    "rejected": "rejected",
    "spam": "marked as spam",
    "deleted": "deleted",
}


_TEXT: dict[str, JsonValue] = {"pattern": TEXT_PATTERN}


class Ruling(BaseModel):
    """A moderator's decision as it arrives: what to do with which revision of the text."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    action: Action
    revision: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: Annotated[str, Field(max_length=200, json_schema_extra=_TEXT), AfterValidator(readable)] | None = None
    note: Annotated[str, Field(max_length=2000, json_schema_extra=_TEXT), AfterValidator(readable)] | None = None


class BulkRuling(Ruling):
    """One of many decisions, with the comment it is about."""

    comment_id: Annotated[str, Field(pattern=r"^[0-9a-z]{26}$")]


class Rulings(BaseModel):
    """Up to a hundred decisions at once; each stands for itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    items: Annotated[list[BulkRuling], Field(min_length=1, max_length=100)]


def _decision_id(value: str) -> str:
    try:
        order_time(value)
    except OverflowError:
        msg = "No decision has this id."
        raise ValueError(msg) from None
    return value


class Undo(BaseModel):
    """Which decision to take back."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    decision_id: Annotated[str, Field(pattern=r"^[0-9a-hj-km-np-tv-z]{18}$"), AfterValidator(_decision_id)]
