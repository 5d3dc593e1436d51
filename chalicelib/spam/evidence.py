"""Evidence: what the checks look at, gathered before any of them runs."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FormTime:
    """When the comment's form was made, as far as its token proves it; `age` in seconds when genuine.

    `judged`: an edit has no form of its own; how the comment came was judged when it came.
    """

    kind: Literal["absent", "forged", "genuine", "judged"]
    age: float | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One of the site's terms, a word or several, and what a comment that has it deserves."""

    value: str
    kind: Literal["hold", "spam", "urgent", "allow"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What only the table knows.

    `repeats` counts earlier sightings of the same text in the last 7 days, `blocked` names the kinds of block
    that match ("author", "network", "email", "domain"), `failed` the facts that could not be gathered.
    """

    repeats: int = 0
    blocked: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submission:
    """A comment as sent; `trap` is what the field held that no person sees, "" when it was left alone."""

    text: str
    name: str | None
    email: str | None
    website: str | None
    form: FormTime
    trap: str
    facts: Facts
