"""Advice: finds comments that tell others what dose to take, or to ignore a doctor."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.safety.hearing import heard

LANE = "pending"


def advice(submission: Submission) -> Finding | None:
    """Find dosing or treatment advice to others."""
    return heard(submission, "advice", LANE, "May give others advice on doses or treatment")
