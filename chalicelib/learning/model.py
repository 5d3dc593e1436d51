"""Which weights are in force on a site, which were before, and how both are kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.audit import Decision, Entry
from chalicelib.spam import SiteWeights, Verdict
from chalicelib.text import normal

KEPT = 10
"""How many versions there are to go back to."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Decisions that are not learned from: those of a moderator, from a time on, up to another; all that is given."""

    by: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, decision: Decision) -> bool:
        """Tell whether a decision is one of those."""
        return (
            (self.by is None or normal(self.by) == normal(decision.by))
            and (self.since is None or decision.at >= self.since)
            and (self.until is None or decision.at < self.until)
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A version that is there: what it was learned from, and the checksum by which it is known again.

    `through` is the last of its decisions, `size` how many features have a weight.
    """

    version: int
    made: datetime
    through: str | None
    spam: int
    honest: int
    size: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Model:
    """What a site's pointer says: the version in force, 0 for none, and all that learning has to respect.

    `row` counts every change of the pointer. `latest` is the highest version there ever was. `through` is the newest
    entry of the log that was looked at, `looked_at` when. While it is `pinned`, nothing is learned by itself.
    """

    row: int = 0
    version: int = 0
    latest: int = 0
    through: str | None = None
    looked_at: datetime | None = None
    pinned: bool = False
    without: tuple[Exclusion, ...] = ()
    kept: tuple[Kept, ...] = ()

    def find(self, version: int) -> Kept | None:
        """Return what is known of a version that is there."""
        return next((each for each in self.kept if each.version == version), None)

    @property
    def in_force(self) -> Kept | None:
        """What is known of the version in force."""
        return self.find(self.version)


@dataclass(frozen=True, slots=True)
class Written:
    """A comment's words as they were when it was decided on; `verdict` is None where it is of a later text."""

    text: str
    name: str | None
    email: str | None
    website: str | None
    verdict: Verdict | None


Texts = Mapping[str, Written]
"""Comments by their ids."""


class ModelStore(Protocol):
    """How weights are kept, and what they are learned from."""

    def model(self) -> Model:
        """Return what the site's pointer says, as it is now."""
        ...

    def newest(self, now: datetime) -> str | None:
        """Return the id of the newest entry of the log, by one small read a month."""
        ...

    def entries(self, now: datetime) -> Iterator[Entry]:
        """Yield the entries of the log, newest first."""
        ...

    def texts(self, revisions: Mapping[str, int], now: datetime) -> Texts:
        """Return, of up to 100 comments, those that are still there, each in the revision that is named."""
        ...

    def weights(self, version: Kept) -> SiteWeights:
        """Return the weights of a version. Raises Unavailable when they are away or not what they were."""
        ...

    def keep(self, seen: Model, after: Model, weights: SiteWeights | None) -> None:
        """Replace the pointer that was seen, and keep a new version with it, in one step. Raises Stale."""
        ...
