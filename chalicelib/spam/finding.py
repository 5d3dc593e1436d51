"""Findings: what one check saw, in words for a person, and the verdict that weighs them all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Span = tuple[int, int]
"""From and to, as offsets in code points into the text as typed; `to` is behind the last one."""

URGENT = "urgent"
"""The lane of what a person must see before all else."""


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
    without: str | None = None
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
    outcome: Literal["publish", "hold", "spam"]
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

    A finding with a lane is never published over; an urgent one is never called spam either.
    """
    found = tuple(findings)
    score = max(0, sum(finding.points for finding in found))
    return Verdict(score, _outcome(score, found, thresholds), thresholds, found)


def _outcome(score: int, found: tuple[Finding, ...], thresholds: Thresholds) -> Literal["publish", "hold", "spam"]:
    if any(finding.lane == URGENT for finding in found):
        return "hold"
    if score >= thresholds.spam:
        return "spam"
    if score >= thresholds.hold or any(finding.lane for finding in found):
        return "hold"
    return "publish"
