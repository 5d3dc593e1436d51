"""Adverse reactions: notes what may be an unwanted effect of a medicine, for the owner to report to an authority."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.safety.hearing import heard


def adverse(submission: Submission) -> Finding | None:
    """Note a possible adverse reaction. It holds nothing up and counts for nothing."""
    return heard(submission, "adverse", None, "May tell of an unwanted effect of a medicine")
