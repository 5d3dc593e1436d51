"""What is asked for of people and tokens, as it arrives."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from chalicelib.audit import BY_AUTHOR, BY_REPORTS
from chalicelib.people.roster import BY_COMMAND, OWNER, Role
from chalicelib.text import LINE_PATTERN, bad_line_character, is_blank, normal

DAYS = 90
MOST_DAYS = 366
LONGEST_KEY = 512
RESERVED = frozenset({OWNER, BY_AUTHOR, BY_COMMAND, BY_REPORTS})
"""Names that stand for others in the log."""


def _line(value: str) -> str:
    problem = "Please write something." if is_blank(value) else bad_line_character(value)
    if problem:
        raise ValueError(problem)
    return value.strip()


def _own_name(value: str) -> str:
    form = normal(value)
    if form in RESERVED or len(form.encode()) > LONGEST_KEY:
        msg = "This name cannot be taken."
        raise ValueError(msg)
    return value


_LINE: dict[str, JsonValue] = {"pattern": LINE_PATTERN}
Name = Annotated[str, Field(min_length=1, max_length=80, json_schema_extra=_LINE), AfterValidator(_line)]
Label = Annotated[str, Field(min_length=1, max_length=80, json_schema_extra=_LINE), AfterValidator(_line)]
Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]


class NewModerator(BaseModel):
    """A person to add, with a first token that lasts so many days."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Annotated[Name, AfterValidator(_own_name)]
    role: Role = "moderator"
    label: Label = "first token"
    days: Days = DAYS


class OldModerator(BaseModel):
    """A person to remove, with every token and session."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Name


class NewToken(BaseModel):
    """A token to make: `label` says what it is for; an owner may name whose it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    label: Label
    days: Days = DAYS
    moderator: Name | None = None


class OldToken(BaseModel):
    """A token to revoke, named by its id."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, Field(pattern="^[0-9a-z]{18}$")]
