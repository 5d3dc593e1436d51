"""What moderators ask for: decisions, taking them back, notes; and every move there is."""

from itertools import pairwise
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationInfo,
    field_validator,
    model_validator,
)

from chalicelib.audit import Action
from chalicelib.comments import State
from chalicelib.drafts import readable, spoken
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
MOST_SPANS = 20
_OFFSET = Annotated[int, Field(ge=0, le=10_000)]
_SPAN = Annotated[list[_OFFSET], Field(min_length=2, max_length=2)]


def _in_order(spans: list[list[int]]) -> list[list[int]]:
    if any(start >= end for start, end in spans) or any(one[1] > next_[0] for one, next_ in pairwise(spans)):
        msg = "Each span begins before it ends, and no sooner than the one before it ends."
        raise ValueError(msg)
    return spans


class Ruling(BaseModel):
    """A moderator's decision as it arrives: what to do with which revision of the text.

    `state` is the state in which the moderator saw the comment: one that was decided on meanwhile is not decided on
    again. Without it, any state will do from which the action leads somewhere.
    `reason` is one of GROUNDS or any other short text; the author reads it, and `message` with it. `note` is for
    moderators. With `approve`, `redact` blacks out spans of the text as typed (from, to: offsets in characters),
    `reply` answers in the site's name, and `trust_author` lets the policy `trust` publish the author from now on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    action: Action
    revision: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: Annotated[str, Field(max_length=200, json_schema_extra=_TEXT), AfterValidator(readable)] | None = None
    note: Annotated[str, Field(max_length=2000, json_schema_extra=_TEXT), AfterValidator(readable)] | None = None
    redact: Annotated[list[_SPAN], Field(min_length=1, max_length=MOST_SPANS), AfterValidator(_in_order)] | None = None
    message: Annotated[str, Field(max_length=1000, json_schema_extra=_TEXT), AfterValidator(spoken)] | None = None
    state: State | None = None
    trust_author: bool = False
    reply: Annotated[str, Field(max_length=10_000, json_schema_extra=_TEXT), AfterValidator(spoken)] | None = None

    @field_validator("redact", "trust_author", "reply")
    @classmethod
    def _goes_with_approve(cls, value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - any of these
        if value and info.data.get("action", "approve") != "approve":
            msg = "This goes with “approve” only."
            raise ValueError(msg)
        return value

    @field_validator("message")
    @classmethod
    def _reaches_the_author(cls, value: str | None, info: ValidationInfo) -> str | None:
        reached = info.data.get("action") in {"reject", "delete", None} or info.data.get("redact")
        if value is not None and not reached:
            msg = "An author reads a message with “reject”, “delete” and what is redacted only."
            raise ValueError(msg)
        return value


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


_DecisionId = Annotated[str, Field(pattern=r"^[0-9a-hj-km-np-tv-z]{18}$"), AfterValidator(_decision_id)]


def _one_of_two(schema: dict[str, Any]) -> None:
    for about in schema["properties"].values():
        about.pop("default", None)
    schema["oneOf"] = [{"required": [name]} for name in schema["properties"]]


class Undo(BaseModel):
    """Which decision to take back, or which of up to a hundred; each of many stands for itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, json_schema_extra=_one_of_two)

    decision_id: _DecisionId = ""
    decision_ids: Annotated[list[_DecisionId], Field(min_length=1, max_length=100)] = []

    @model_validator(mode="after")
    def _one_or_many(self) -> "Undo":
        if bool(self.decision_id) == bool(self.decision_ids):
            msg = "Name either one decision_id or decision_ids."
            raise ValueError(msg)
        return self


class Note(BaseModel):
    """What a moderator writes for the others; no author and no reader sees it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: Annotated[str, Field(min_length=1, max_length=2000, json_schema_extra=_TEXT), AfterValidator(spoken)]


class Objection(BaseModel):
    """What an author says against a decision."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: Annotated[str, Field(min_length=1, max_length=2000, json_schema_extra=_TEXT), AfterValidator(spoken)]
