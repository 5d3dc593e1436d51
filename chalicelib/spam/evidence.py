"""Evidence: what the checks look at, gathered before any of them runs."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from chalicelib.spam.prior import Read, Reason, prior
from chalicelib.spam.reading import Reading, read
from chalicelib.spam.weights import SiteWeights


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
class History:
    """What moderators did with the author's earlier comments: how many are approved, rejected and spam."""

    approved: int = 0
    rejected: int = 0
    spam: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What only the table knows.

    `repeats` counts earlier sightings of the same text in the last 7 days, `similar` those of texts much like it,
    `blocked` names the kinds of block that match ("author", "network", "email", "domain"), `failed` the facts that
    could not be gathered.
    """

    repeats: int = 0
    blocked: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    failed: tuple[str, ...] = ()
    history: History = History()
    languages: tuple[str, ...] = ()
    """Of the site, as BCP 47 tags; none when its owner named none."""
    answers: bool = False
    """The comment answers another one."""
    similar: int = 0
    learned: SiteWeights | None = None
    """What the site has learned from its moderators' decisions; None while that is nothing."""


@dataclass(frozen=True)
class Submission:
    """A comment as sent; `trap` is what the field held that no person sees, "" when it was left alone."""

    text: str
    name: str | None
    email: str | None
    website: str | None
    form: FormTime
    trap: str
    facts: Facts

    @cached_property
    def reading(self) -> Reading:
        """The text taken apart, once for all checks."""
        return read(self.text)

    @cached_property
    def read(self) -> Read:
        """The reading with its places in the prior's tables, likewise."""
        return prior().read(self.reading)

    @cached_property
    def reasons(self) -> dict[str, Reason]:
        """What the prior thinks of each reason of safety, likewise."""
        return prior().about(self.read)
