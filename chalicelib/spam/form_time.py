"""Form time: finds comments sent sooner, or much later, than a person writes."""

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding

SOONEST = 3
"""Seconds that nobody needs fewer of to read a form, write and send."""
LATEST = 24 * 3600

TOO_SOON = 40
TOO_LATE = 15
FORGED = 60
ABSENT = 10
"""Scripts may send a comment without ever having seen the form."""


def form_time(submission: Submission) -> Finding | None:
    """Find a form time that is absent, forged, under 3 seconds ago or over a day ago."""
    form = submission.form
    if form.kind == "judged":
        return None
    if form.kind == "absent":
        return _finding(ABSENT, "The comment came without a form.")
    if form.kind == "forged" or form.age is None:
        return _finding(FORGED, "The form's time was not signed by this site for this article.")
    if form.age < SOONEST:
        return _finding(TOO_SOON, f"Sent less than {SOONEST} seconds after the form was made.")
    if form.age > LATEST:
        return _finding(TOO_LATE, f"Sent more than {LATEST // 3600} hours after the form was made.")
    return None


def _finding(points: int, message: str) -> Finding:
    return Finding("form_time", points, message)
