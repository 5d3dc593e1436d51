"""Doubt: a comment that may well be about somebody in need, though no reason of safety reaches its bar."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.safety import NEEDS_A_PERSON

LANE = "pending"
LIKELY = 0.05
"""One comment in twenty is too many to be called spam."""


def doubt(submission: Submission) -> Finding | None:
    """Find that a reason of safety with a lane is one in twenty likely: asked about what would be called spam."""
    likely = max(
        (found.probability for name, found in submission.reasons.items() if name in NEEDS_A_PERSON), default=0.0
    )
    if likely < LIKELY:
        return None
    return Finding(
        "doubt", 0, f"May be about somebody in need ({round(100 * likely)} in 100), so it is not called spam.", (), LANE
    )
