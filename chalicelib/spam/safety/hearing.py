"""Hearing: turns what the prior thinks of one reason into a finding with words and places."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding, Span

STRONGEST = 4
"""Words that are marked."""


def heard(submission: Submission, reason: str, lane: str | None, what: str) -> Finding | None:
    """Return a finding when the reason, by the whole text or a part of it, reaches its bar in the prior's file."""
    thought = submission.reasons.get(reason)
    if thought is None or not thought.reached:
        return None
    read = submission.read
    head = read.prior.heads.index(reason)
    struck = sorted(read.strongest(head, thought.window, STRONGEST))
    likely = max(1, min(99, round(100 * thought.probability)))
    # It stands in the log, which is never erased, and may be about a phone number: it quotes nothing.
    message = f"{what} ({likely} in 100); what weighs most is marked."
    return Finding(reason, 0, message, submission.reading.marked(struck) or _all(submission), lane)


def _all(submission: Submission) -> tuple[Span, ...]:
    return ((0, len(submission.text)),) if submission.text else ()
