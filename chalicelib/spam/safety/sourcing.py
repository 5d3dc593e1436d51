"""Sourcing: finds comments in which a private person seeks or offers prescription medicine."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.safety.hearing import heard

LANE = "pending"


def sourcing(submission: Submission) -> Finding | None:
    """Find a person who seeks or offers prescription medicine."""
    return heard(submission, "sourcing", LANE, "May seek or offer prescription medicine")
