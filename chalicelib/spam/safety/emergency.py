"""Emergency: finds comments about something dangerous that is happening now."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.safety.hearing import heard

LANE = "urgent"


def emergency(submission: Submission) -> Finding | None:
    """Find a medical emergency that may be happening now."""
    return heard(submission, "emergency", LANE, "May speak of a medical emergency that is happening now")
