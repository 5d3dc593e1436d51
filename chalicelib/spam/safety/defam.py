"""Defamation: finds comments that accuse a named clinician or clinic of a crime or of malpractice."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.safety.hearing import heard

LANE = "pending"


def defam(submission: Submission) -> Finding | None:
    """Find a grave accusation against somebody named."""
    return heard(submission, "defam", LANE, "May accuse somebody named of something grave")
