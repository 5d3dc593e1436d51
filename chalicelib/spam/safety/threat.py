"""Threats: finds comments that threaten somebody, or wish violence on them."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.safety.hearing import heard

LANE = "pending"


def threat(submission: Submission) -> Finding | None:
    """Find a threat or a wish for violence."""
    return heard(submission, "threat", LANE, "May threaten somebody or wish violence on them")
