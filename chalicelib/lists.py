"""The site's lists: whom it blocks, and which terms hold a comment, mark it as spam, or make it urgent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from chalicelib.spam import Term
from chalicelib.text import LINE_PATTERN, bad_line_character, is_blank

BlockKind = Literal["author", "network", "email", "domain"]
TermKind = Literal["hold", "spam", "urgent", "allow"]


def _line(value: str) -> str:
    problem = "Please write something." if is_blank(value) else bad_line_character(value)
    if problem:
        raise ValueError(problem)
    return value


def _text(value: object) -> object:
    # Left alone, pydantic also takes numbers for times.
    if not isinstance(value, str):
        msg = "A time is a text such as 2026-11-24T08:00:00Z."
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns a ValueError into a refusal
    return value


_LINE: dict[str, JsonValue] = {"pattern": LINE_PATTERN}
TermValue = Annotated[str, Field(min_length=1, max_length=100, json_schema_extra=_LINE), AfterValidator(_line)]
BlockValue = Annotated[str, Field(min_length=1, max_length=254, json_schema_extra=_LINE), AfterValidator(_line)]


class NewTerm(BaseModel):
    """A term as a moderator adds it: a word or a few, found whole, whatever their case."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    value: TermValue
    kind: TermKind = "hold"


class OldTerm(BaseModel):
    """A term to take off the list."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    value: TermValue


class NewBlock(BaseModel):
    """A block as a moderator adds it.

    `value` is an email address or a mail domain, or the id of the comment whose author or network is meant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: BlockKind
    value: BlockValue
    until: Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_text)] | None = None


class OldBlock(BaseModel):
    """A block to lift, named as the list shows it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: BlockKind
    mark: BlockValue


@dataclass(frozen=True, slots=True)
class Block:
    """Who is blocked: `mark` is what is compared (keyed, but for a domain), `label` what it was made from."""

    kind: BlockKind
    mark: str
    label: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Blocks:
    """All blocks that stand."""

    items: list[Block]


@dataclass(frozen=True, slots=True)
class Terms:
    """All terms."""

    items: list[Term]


class ListStore(Protocol):
    """How block and term lists are kept."""

    def terms(self) -> tuple[Term, ...]:
        """Return the site's terms, seconds old at most."""
        ...

    def blocks(self, now: datetime) -> list[Block]:
        """Return all blocks that stand."""
        ...

    def keep_term(self, term: Term) -> None:
        """Add a term, or change what it does."""
        ...

    def drop_term(self, value: str) -> None:
        """Take a term off the list."""
        ...

    def keep_block(self, block: Block) -> None:
        """Add a block, or change how long it lasts."""
        ...

    def drop_block(self, kind: BlockKind, mark: str) -> None:
        """Lift a block."""
        ...
