"""Duplicates: finds texts that were sent before, as they are or with some words changed."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.text import normal

SHORTEST = 20
"""Characters in normal form; what is shorter ("Thank you!") is written by many."""

SEEN_ONCE = 30
SEEN_OFTEN = 60
LIKE_ONCE = 10
"""One look-alike may be the author's own text, sent again with a mistake mended."""
LIKE_OFTEN = 40


def duplicates(submission: Submission) -> Finding | None:
    """Find a text that was sent before in the last 7 days, or texts much like it, and is too long for chance."""
    seen, similar = submission.facts.repeats, submission.facts.similar
    if max(seen, similar) < 1 or len(normal(submission.text)) < SHORTEST:
        return None
    same = SEEN_OFTEN if seen > 1 else SEEN_ONCE if seen else 0
    like = LIKE_OFTEN if similar > 1 else LIKE_ONCE if similar else 0
    if same >= like:
        points, said = same, f"The same text was already sent {_times(seen)} in the last 7 days."
    else:
        points, said = like, f"A text much like it was already sent {_times(similar)} in the last 7 days."
    return Finding("duplicates", points, said, spans=((0, len(submission.text)),))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
