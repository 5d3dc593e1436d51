"""Lessons for the tests of learning: a new kind of spam, honest comments beside it, and decisions on both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib.ids import order_id
from chalicelib.spam.learning import Example, described
from chalicelib.spam.reading import read

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
_DATA = Path(__file__).with_name("data") / "new_kind.txt"


@dataclass(frozen=True, slots=True)
class Line:
    """One text of the lesson, and whose it is."""

    name: str | None
    text: str


def lines(kind: str) -> list[Line]:
    """Return the texts of a kind: `campaign` or `honest`."""
    found = (line.split(" | ", 2) for line in _DATA.read_text(encoding="utf-8").splitlines() if line[0] != "#")
    return [Line(name or None, text) for of, name, text in found if of == kind]


def example(number: int, line: Line, *, spam: bool, prior: float = 0.0, days: float = 0) -> Example:
    """Return a decision on a text; each number is another comment, a minute later."""
    at = NOW - timedelta(days=days) + timedelta(minutes=number)
    features = described(read(line.text), line.name, None, None)
    return Example(f"{number:026d}", order_id(at, number), spam, at, features, prior)


def examples(lines: Sequence[Line], *, spam: bool, first: int = 0) -> list[Example]:
    """Return a decision on each text."""
    return [example(number, line, spam=spam) for number, line in enumerate(lines, first)]
