"""History: lets what moderators did with an author's earlier comments speak for or against the next."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding

APPROVED = -5
MOST_FOR = -25
SPAM = 30
MOST_FOR_SPAM = 60
REJECTED = 5
MOST_FOR_REJECTED = 15


def history(submission: Submission) -> Finding | None:
    """Find approved, rejected and spam comments by the same author: each counts, up to a limit."""
    past = submission.facts.history
    points = (
        max(MOST_FOR, APPROVED * past.approved)
        + min(MOST_FOR_SPAM, SPAM * past.spam)
        + min(MOST_FOR_REJECTED, REJECTED * past.rejected)
    )
    counts = {"approved": past.approved, "rejected": past.rejected, "called spam": past.spam}
    said = [f"{count} {word}" for word, count in counts.items() if count > 0]
    if not said:
        return None
    return Finding("history", points, f"Earlier comments by this author, as moderators decided: {', '.join(said)}.")
