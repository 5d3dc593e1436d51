"""Findings: what one check saw, in words for a person, and the verdict that weighs them all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.spam.remedy import Outcome, smallest_change

Span = tuple[int, int]
"""From and to, as offsets in code points into the text as typed; `to` is behind the last one."""

URGENT = "urgent"
"""The lane of what a person must see before all else."""

SAFETY = (
    "selfharm",
    "overdose",
    "emergency",
    "stopping",
    "advice",
    "sourcing",
    "pii",
    "defam",
    "threat",
    "adverse",
)
"""Reasons of safety, each the name of its check: somebody may be in danger, or harmed by what is said."""
_NEVER_SPAM = frozenset({*SAFETY, "doubt"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw. A finding with a lane is for a person: no rule publishes over it.

    `points` are log-odds of spam: 50 make it nine times as likely, 100 ninety-nine times (see `odds`). Negative ones
    speak for a person. `without` is for the verdict and not kept.
    """

    check: str
    points: int
    message: str
    spans: tuple[Span, ...] = ()
    lane: str | None = None
    without: str | None = field(default=None, metadata={"exclude": True})
    """What its author could leave out so that this is not found ("the links"), None when that is no help."""

    def to_json(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "points": self.points,
            "message": self.message,
            "spans": [list(span) for span in self.spans],
            "lane": self.lane,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Finding":
        """Return the finding that to_json wrote; numbers may have become Decimals on the way."""
        return cls(
            check=data["check"],
            points=int(data["points"]),
            message=data["message"],
            spans=tuple((int(start), int(end)) for start, end in data["spans"]),
            lane=data["lane"],
        )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The scores from which a comment is held for a person, and from which it is called spam."""

    hold: int = 50
    spam: int = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings weighed, with the thresholds they were held against."""

    score: int
    outcome: Outcome
    thresholds: Thresholds
    findings: tuple[Finding, ...]
    model: str | None = None
    remedy: str | None = None
    """The smallest change that would have made the outcome a milder one, in words; None where none would."""

    def to_json(self) -> dict[str, Any]:
        return {
            "score": self.score,
            "outcome": self.outcome,
            "thresholds": {"hold": self.thresholds.hold, "spam": self.thresholds.spam},
            "findings": [finding.to_json() for finding in self.findings],
            "model": self.model,
            "remedy": self.remedy,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Verdict":
        """Return the verdict that to_json wrote; numbers may have become Decimals on the way."""
        thresholds = data["thresholds"]
        return cls(
            score=int(data["score"]),
            outcome=data["outcome"],
            thresholds=Thresholds(hold=int(thresholds["hold"]), spam=int(thresholds["spam"])),
            findings=tuple(Finding.from_json(finding) for finding in data["findings"]),
            model=data["model"],
            remedy=data.get("remedy"),  # verdicts that were kept before there were remedies have none
        )


def weigh(findings: Iterable[Finding], thresholds: Thresholds) -> Verdict:
    """Add up the points, not below zero, and hold the sum against the thresholds.

    A finding with a lane is never published over; an urgent one, or one of safety or of doubt about it, is never called
    spam either.
    """
    found = tuple(findings)
    points, lanes, people = _sums(found)
    outcome = _outcome(points, lanes, people, thresholds)
    return Verdict(max(0, points), outcome, thresholds, found, remedy=_remedy(found, outcome, thresholds))


def _sums(found: Iterable[Finding]) -> tuple[int, int, int]:
    """Return the points of findings, how many of them have a lane, and how many are for a person, spam or not."""
    points = lanes = people = 0
    for finding in found:
        points += finding.points
        if finding.lane:
            lanes += 1
            people += finding.lane == URGENT or finding.check in _NEVER_SPAM
    return points, lanes, people


def _outcome(points: int, lanes: int, people: int, thresholds: Thresholds) -> Outcome:
    if points >= thresholds.spam and not people:
        return "spam"
    return "hold" if lanes or points >= thresholds.hold else "publish"


def _remedy(found: tuple[Finding, ...], outcome: Outcome, thresholds: Thresholds) -> str | None:
    """Return the smallest change that would have made the outcome a milder one."""
    changes: dict[str, list[Finding]] = {}
    for finding in found if outcome != "publish" else ():
        if finding.without and (finding.points > 0 or finding.lane):
            changes.setdefault(finding.without, []).append(finding)
    if not changes:
        return None
    return smallest_change(
        _sums(found),
        {without: _sums(findings) for without, findings in changes.items()},
        outcome,
        lambda points, lanes, people: _outcome(points, lanes, people, thresholds),
    )
