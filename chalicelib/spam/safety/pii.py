"""Personal data: finds phone numbers, addresses, record numbers and the illness of somebody named."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.safety.hearing import heard

LANE = "pending"


def pii(submission: Submission) -> Finding | None:
    """Find personal data: of its author or of somebody else."""
    return heard(submission, "pii", LANE, "May give personal data away")
