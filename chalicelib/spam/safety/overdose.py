"""Overdose: finds comments about too much of a medicine, or the wrong one, taken just now."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.safety.hearing import heard

LANE = "urgent"


def overdose(submission: Submission) -> Finding | None:
    """Find an overdose or a poisoning that may be happening now."""
    return heard(submission, "overdose", LANE, "May speak of an overdose or a poisoning that is happening now")
