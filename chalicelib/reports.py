"""Report a comment to the moderators, take the report back; and what enough reports do by themselves."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chalicelib.audit import BY_REPORTS, Decision, Entry
from chalicelib.comments import Lane, Record, Statement
from chalicelib.drafts import line, readable
from chalicelib.errors import NotFound, Stale, Unavailable
from chalicelib.ids import order_id
from chalicelib.limits import unlimited
from chalicelib.moderation import ruled
from chalicelib.once import KEPT_SECONDS, Done, Earlier, Once, replay
from chalicelib.text import LINE_PATTERN, TEXT_PATTERN, is_blank

ATTEMPTS = 12
GONE = "There is no comment with this id here any more."
SHOWN = 3
"""How many of the newest reports the queue shows; a comment's own page shows them all."""

REASONS = ("spam", "abuse", "misinformation", "dosing", "privacy", "self-harm", "off-topic", "other")
"""What forms offer; any other short text is taken too."""


def _reason(value: str) -> str:
    if is_blank(value):
        msg = "Please say what is wrong with the comment."
        raise ValueError(msg)
    return line(value) or ""


def _note(value: str | None) -> str | None:
    return None if value is None or is_blank(value) else readable(value)


class Report(BaseModel):
    """A report as a reader sends it: a word for what is wrong, and more in the reader's own words."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    reason: Annotated[
        str,
        Field(min_length=1, max_length=80, examples=list(REASONS), json_schema_extra={"pattern": LINE_PATTERN}),
        AfterValidator(_reason),
    ]
    note: Annotated[
        str | None,
        Field(max_length=1000, json_schema_extra={"pattern": TEXT_PATTERN}),
        AfterValidator(_note),
    ] = None


@dataclass(frozen=True, slots=True)
class Received:
    """The receipt of a report: it says nothing of what moderators do with it."""

    status: Literal["received", "withdrawn"]
    reader: str | None = None
    """The reader's token, only when it was newly minted."""


@dataclass(frozen=True, slots=True)
class Filed:
    """One reader's report as it is kept: on which revision of the text, and in which round of reports."""

    reason: str
    note: str | None
    at: datetime
    revision: int
    round: int


@dataclass(frozen=True, slots=True)
class Docket:
    """What one read shows: the comment, and this reader's report on it."""

    record: Record | None
    mine: Filed | None
    earlier: Earlier | None

    @property
    def is_open(self) -> bool:
        """Whether this reader's report waits for a moderator."""
        return bool(self.record and self.mine and self.mine.round == self.record.round)


@dataclass(frozen=True, slots=True)
class Change:
    """A report given or taken back, ready to be kept: the record it leads to, and a log entry where it hides it."""

    after: Record
    mine: Filed | None
    entry: Entry | None = None


class ReportStore(Protocol):
    """How reports are kept. Each method is one round trip."""

    def look(self, comment_id: str, reporter: str, once: Once | None, now: datetime) -> Docket:
        """Return the comment, this reader's report on it, and what the idempotency key remembers."""
        ...

    def move(self, docket: Docket, change: Change, reporter: str, done: Done | None, now: datetime) -> None:
        """Keep or remove the report, and move the comment, queue and page with it, in one step.

        Raises Stale when comment or report are not as they were seen, or the key was used.
        """
        ...

    def remember(self, done: Done, now: datetime) -> None:
        """Keep what the idempotency key stands for, where nothing else changes. Raises Stale."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader wants: to report a comment or, with None, to take the report back."""

    report: Report | None
    to_hide: Callable[[str], int]
    """How many reports hide a comment on an article until a moderator decides. Raises Unavailable."""
    randomness: int = 0
    """Chance for the id of the log entry, should this report hide the comment."""


def report(
    store: ReportStore,
    comment_id: str,
    reporter: str,
    wish: Wish,
    *,
    once: Once | None,
    now: datetime,
    pause: Callable[[int], None],
    admit: Callable[[], None] = unlimited,
) -> Received:
    """Report a public comment, or take the report back, and return a receipt. One reader counts once a revision.

    `admit()` uses up an allowance, and never for what was answered before. Raises NotFound unless the comment is public
    or has a report by this reader, KeyReused, what `admit` raises, Unavailable.
    """
    receipt = Received("received" if wish.report else "withdrawn")
    done = Done(once, json.dumps({}), int(now.timestamp()) + KEPT_SECONDS) if once else None
    for attempt in range(ATTEMPTS):
        docket = store.look(comment_id, reporter, once, now)
        if replay(once, docket.earlier) is not None:
            return receipt
        admit()
        change = _change(docket, reporter, wish, now, tried=attempt > 0)
        if change is None and done is None:
            return receipt
        try:
            if change:
                store.move(docket, change, reporter, done, now)
            elif done:
                store.remember(done, now)
        except Stale:
            pause(attempt)
        else:
            return receipt
    raise Unavailable


def _change(docket: Docket, reporter: str, wish: Wish, now: datetime, *, tried: bool) -> Change | None:
    """Return what the wish changes, None when it is fulfilled already. Raises NotFound."""
    record = docket.record
    # What we tried before may have been kept although its answer was lost.
    known = docket.mine or (tried and wish.report is None)
    if record is None or not (record.is_public or known):
        raise NotFound(GONE)
    if wish.report is None:
        return None if docket.mine is None else Change(_withdrawn(docket, record, reporter), None)
    seen = record.public_revision or record.revision
    if docket.mine and (docket.is_open or docket.mine.revision == seen):
        return None
    if not record.is_public:
        raise NotFound(GONE)
    mine = Filed(wish.report.reason, wish.report.note, now, seen, record.round)
    after = replace(
        record,
        version=record.version + 1,
        reports=record.reports + 1,
        reporters=(reporter, *record.reporters)[:SHOWN],
        reported_at=record.reported_at or now,
        lane=_reported_lane(record),
        replaced=None,
    )
    if after.reports < wish.to_hide(record.article_id):
        return Change(after, mine)
    return _hidden(record, after, mine, order_id(now, wish.randomness))


def _reported_lane(record: Record) -> Lane:
    return record.lane if record.lane == "urgent" else "reported"


def _hidden(record: Record, after: Record, mine: Filed, decision_id: str) -> Change:
    decision = Decision(
        id=decision_id,
        comment_id=record.id,
        action="hide",
        from_=record.state,
        to="pending",
        revision=record.revision,
        by=BY_REPORTS,
        at=mine.at,
        note=f"{after.reports} {'report' if after.reports == 1 else 'reports'}",
    )
    hidden = ruled(
        record,
        decision,
        reports=after.reports,
        reporters=after.reporters,
        reported_at=after.reported_at,
        lane=after.lane,
        statement=Statement("hidden", None, None, automated=True, decision_id=decision.id, at=decision.at),
    )
    return Change(hidden.after, mine, hidden.entry)


def _withdrawn(docket: Docket, record: Record, reporter: str) -> Record:
    """Return the record without an open report; one that a decision has answered is not counted any more."""
    if not docket.is_open:
        # Undoing that decision would bring back a report that is gone.
        return replace(record, version=record.version + 1, replaced=None) if record.replaced else record
    left = record.reports - 1
    return replace(
        record,
        version=record.version + 1,
        reports=left,
        reporters=tuple(each for each in record.reporters if each != reporter),
        reported_at=record.reported_at if left else None,
        lane=record.lane if left or record.lane != "reported" else "pending",
        replaced=None,
    )


def with_token(received: Received, token: str) -> Received:
    """Return the receipt carrying a newly minted reader token."""
    return replace(received, reader=token)
