"""Statements of reasons: why a comment is restricted, in words for its author, and whether an appeal was heard."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.comments import Record, Statement

UNSAID = "It does not keep to the rules of this site."
GROUNDS: dict[str, str] = {
    "spam": "It advertises something, or says the same again and again.",
    "abuse": "It attacks, insults or threatens somebody.",
    "misinformation": "It says something about health that is wrong and may harm.",
    "advice": "It advises others on doses or on their own treatment.",
    "privacy": "It tells something about somebody that is not for the public.",
    "off-topic": "It has nothing to do with the article.",
    "other": UNSAID,
}
"""The reasons that moderators choose from, in words for the author; any other short text is its own words."""

_REPORTED = "Several readers reported it. It is hidden until a moderator has looked at it."
_NO_APPEAL_YET = (
    "You can say once why you think this is wrong: a moderator looks at the comment again and reads what you say."
)
_APPEALED = "You have said why you think this is wrong; a comment is looked at once more, and not a third time."


@dataclass(frozen=True, slots=True)
class Told:
    """A statement of reasons as its author reads it: what was done, on which ground, by whom, and what can be done.

    `ground` and `appeal` are sentences; `automated` tells that a rule did it and no person.
    """

    what: str
    ground: str
    message: str | None
    automated: bool
    at: datetime
    appeal: str


@dataclass(frozen=True, slots=True)
class Heard:
    """That an author has appealed; `open` until somebody has decided on it."""

    at: datetime
    open: bool


def told(record: Record) -> Told | None:
    """Return what the author is told of the restriction on a comment, None while there is none.

    What is spam is told to nobody (Regulation (EU) 2022/2065, Article 17(2)): to its author it seems to wait.
    """
    statement = record.statement
    if statement is None:
        return None
    return Told(
        what=statement.what,
        ground=_words(statement),
        message=statement.message,
        automated=statement.automated,
        at=statement.at,
        appeal=_APPEALED if record.appeal else _NO_APPEAL_YET,
    )


def heard(record: Record) -> Heard | None:
    """Return that the author has appealed, None without that."""
    return Heard(record.appeal.at, record.is_appealed) if record.appeal else None


def _words(statement: Statement) -> str:
    if statement.what == "hidden":
        return _REPORTED
    return GROUNDS.get(statement.ground or "other", statement.ground or UNSAID)
