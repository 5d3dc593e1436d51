"""Stopping: finds comments about a medicine that is stopped abruptly, or the advice to do that."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.safety.hearing import heard

LANE = "urgent"


def stopping(submission: Submission) -> Finding | None:
    """Find somebody who stops a medicine abruptly, or tells others to."""
    return heard(submission, "stopping", LANE, "May speak of stopping a medicine abruptly")
