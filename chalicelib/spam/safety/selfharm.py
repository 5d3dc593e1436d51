"""Crisis and self-harm: finds comments that speak of suicide or of hurting oneself, or fear it of somebody."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.safety.hearing import heard

LANE = "urgent"


def selfharm(submission: Submission) -> Finding | None:
    """Find somebody who may hurt themselves, or who fears that another will."""
    return heard(submission, "selfharm", LANE, "May speak of suicide or self-harm")
