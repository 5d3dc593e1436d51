"""Blocks: finds senders whom a moderator has blocked."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding

POINTS = 100

_WORDS = {"email": "email address", "domain": "email domain"}


def blocks(submission: Submission) -> Finding | None:
    """Find the kinds of block that match: author, network, email, domain."""
    kinds = [_WORDS.get(kind, kind) for kind in submission.facts.blocked]
    if not kinds:
        return None
    return Finding("blocks", POINTS, f"Blocked by a moderator: {', '.join(kinds)}.")
