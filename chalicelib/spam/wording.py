"""Wording: what the prior makes of the words and the signals of a comment, beside what the other checks found."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.prior import POINTS_PER_NAT, SPAM
from chalicelib.spam.signals import signals

LEAST = -30
MOST = 120
"""Points: it must neither outweigh a fact nor drown what speaks for a person."""
STRONGEST = 5


def wording(submission: Submission) -> Finding | None:
    """Weigh how the comment is worded and how it came, against the texts that the prior was made from."""
    nats = leaning(submission)
    points = max(LEAST, min(MOST, round(nats * POINTS_PER_NAT)))
    if points < 0:
        return Finding("wording", points, "Reads like a comment that a person wrote.")
    if points == 0:
        return None
    read = submission.read
    struck = sorted(read.strongest(read.prior.heads.index(SPAM), read.whole, STRONGEST))
    # Messages stand in the log, which is never erased: they quote nothing, and the spans show the words.
    why = "what weighs most is marked" if struck else "by its shape more than by its words"
    return Finding("wording", points, f"Reads like spam; {why}.", submission.reading.marked(struck))


def leaning(submission: Submission) -> float:
    """Return the log-odds (nats) of spam that words and signals speak for."""
    return submission.read.prior.spam(submission.read, signals(submission))
