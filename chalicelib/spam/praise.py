"""Praise: finds praise that could stand under any article, beside a website, a link or a trade's name."""

from chalicelib.spam.author import author
from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.lexicon import TEXTS
from chalicelib.spam.reach import shops, spans

PRAISED = 20
"""For praise beside a website or a link that nothing else speaks against."""
SOLD = 35
"""For praise beside a trade: in the name, the website or the address behind it."""
LONGEST = 60
"""Words; who writes more has something to say."""
SHARE = 4
"""Of so many words one has to be of the praise."""


def praise(submission: Submission) -> Finding | None:
    """Find bland praise in a short text, beside a website, a link or a trade's name; alone it is harmless."""
    reading = submission.reading
    if not (submission.website or reading.links or author(submission).has_shop) or len(reading.words) > LONGEST:
        return None
    found = TEXTS.find(reading.words)
    places = (*found.get("praise.post", ()), *found.get("praise.template", ()))
    praised = {at for first, last in places for at in range(first, last + 1)}
    if SHARE * len(praised) < len(reading.words) or not praised:
        return None
    who = author(submission)
    sold = who.has_shop or who.is_own_domain or bool(shops(reading))
    beside = "a trade's name or website" if sold else "a website" if submission.website else "a link"
    return Finding(
        "praise",
        SOLD if sold else PRAISED,
        f"Praise that would fit any page, beside {beside}.",
        tuple(sorted(set(spans(reading, places)))),
        without="the website" if submission.website else None,
    )
