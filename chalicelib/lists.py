"""The site's lists: whom it blocks, and which terms hold a comment, mark it as spam, or make it urgent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from chalicelib.audit import Entry
from chalicelib.changes import Change, SiteRow, changed
from chalicelib.once import Done
from chalicelib.policy import LINE, Line, TermValue
from chalicelib.spam import Term
from chalicelib.text import normal

BlockKind = Literal["author", "network", "email", "domain"]
TermKind = Literal["hold", "spam", "urgent", "allow"]


def _text(value: object) -> object:
    # Left alone, pydantic also takes numbers for times.
    if not isinstance(value, str):
        msg = "A time is a text such as 2026-11-24T08:00:00Z."
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns a ValueError into a refusal
    return value


BlockValue = Annotated[str, Field(min_length=1, max_length=254, json_schema_extra=LINE), Line]


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


Listed = Term | Block


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands on the lists: a term under its normal form, a block under its kind and mark."""

    kind: Literal["term"] | BlockKind
    value: str

    @classmethod
    def of(cls, listed: Listed) -> "Place":
        """Return the place of a term or a block."""
        return cls.of_term(listed.value) if isinstance(listed, Term) else cls(listed.kind, listed.mark)

    @classmethod
    def of_term(cls, value: str) -> "Place":
        """Return the place of a term, however it is written."""
        return cls("term", normal(value))


@dataclass(frozen=True, slots=True)
class ListRow:
    """What one read shows of a place on the lists."""

    standing: Listed | None
    site: SiteRow


class ListStore(Protocol):
    """How block and term lists are kept."""

    def terms(self) -> tuple[Term, ...]:
        """Return the site's terms, seconds old at most."""
        ...

    def blocks(self, now: datetime) -> list[Block]:
        """Return all blocks that stand."""
        ...

    def row(self, place: Place, change: Change, now: datetime) -> ListRow:
        """Return what stands at a place now, and what is known of a change of it."""
        ...

    def keep(self, place: Place, listed: Listed | None, entry: Entry, done: Done | None) -> None:
        """Put a term or a block at its place, with None nothing, and log it. Raises Stale when another came first."""
        ...

    def remember(self, done: Done, now: datetime) -> None:
        """Keep what the idempotency key stands for, where nothing else changes. Raises Stale."""
        ...


def keep(store: ListStore, listed: Listed, change: Change, pause: Callable[[int], None]) -> None:
    """Add a term or a block, or change what it does. Raises KeyReused, Unavailable."""
    _put(store, Place.of(listed), listed, change, pause)


def drop(store: ListStore, place: Place, change: Change, pause: Callable[[int], None]) -> None:
    """Take a term or a block off its list, if it is there. Raises KeyReused, Unavailable."""
    _put(store, place, None, change, pause)


def _put(store: ListStore, place: Place, listed: Listed | None, change: Change, pause: Callable[[int], None]) -> None:
    def put(row: ListRow) -> None:
        if row.standing != listed:
            note = {"list": _name(place), "from": _told(row.standing), "to": _told(listed)}
            store.keep(place, listed, row.site.entry(change, "list", note), change.done)
        elif change.done:
            store.remember(change.done, change.now)

    changed(change, lambda: store.row(place, change, change.now), lambda _row: None, put, pause)


def _name(place: Place) -> str:
    return "terms" if place.kind == "term" else "blocks"


def _told(listed: Listed | None) -> dict[str, Any] | None:
    """Return what the log says of an entry; it keeps no address, which nobody could take out of it again."""
    if listed is None:
        return None
    if isinstance(listed, Term):
        return {"value": listed.value, "kind": listed.kind}
    return {"kind": listed.kind, "mark": listed.mark, "until": listed.until and listed.until.isoformat()}
