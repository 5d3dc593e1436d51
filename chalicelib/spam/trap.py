"""Trap: finds that the field was filled in which no person sees."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding

POINTS = 100


def trap(submission: Submission) -> Finding | None:
    """Find anything at all in the trap field, white space too."""
    if not submission.trap:
        return None
    return Finding("trap", POINTS, "The hidden field, which only programs fill in, was filled in.")
