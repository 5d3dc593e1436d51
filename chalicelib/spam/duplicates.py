"""Duplicates: finds texts that were sent before."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.text import normal

SHORTEST = 20
"""Characters in normal form; what is shorter ("Thank you!") is written by many."""

SEEN_ONCE = 30
SEEN_OFTEN = 60


def duplicates(submission: Submission) -> Finding | None:
    """Find a text that was sent before in the last 7 days and is too long for chance."""
    seen = submission.facts.repeats
    if seen < 1 or len(normal(submission.text)) < SHORTEST:
        return None
    points, times = (SEEN_ONCE, "once") if seen == 1 else (SEEN_OFTEN, f"{seen} times")
    message = f"The same text was already sent {times} in the last 7 days."
    return Finding("duplicates", points, message, spans=((0, len(submission.text)),))
