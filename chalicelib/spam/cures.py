"""Cures: finds miracle cures and testimonials: an illness, that it vanished, and whom or what to thank for it."""

from chalicelib.spam.author import author
from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding
from chalicelib.spam.lexicon import TEXTS
from chalicelib.spam.reach import reach, shops, spans

SIGNS = (0, 0, 10, 25, 40, 50)
"""For so many parts of the pattern, where to get it among them."""
UNSOLD = 10
"""For a healer or a remedy and what vanished, when nothing says where to get it: people thank, too."""

_PARTS = {
    "cures.illness": "an illness",
    "cures.vanished": "that it vanished",
    "cures.healer": "a healer or a remedy",
    "cures.testimony": "a testimony",
}


def cures(submission: Submission) -> Finding | None:
    """Find the parts of a testimonial: illness, cure, healer or remedy, testimony, and a way to get hold of it."""
    reading = submission.reading
    found = TEXTS.find(reading.words)
    if "cures.healer" not in found and "cures.vanished" not in found:
        return None
    parts = [words for group, words in _PARTS.items() if group in found]
    if _is_sold(submission):
        parts.append("where to get it")
        points = SIGNS[len(parts)]
    else:
        points = UNSOLD if "cures.healer" in found and "cures.vanished" in found else 0
    if not points:
        return None
    marked = {span for group in _PARTS for span in spans(reading, found.get(group, ()))}
    message = f"Reads like the testimonial of a cure: names {', '.join(parts)}."
    return Finding("cures", points, message, tuple(sorted(marked)))


def _is_sold(submission: Submission) -> bool:
    who, ways = author(submission), reach(submission)
    if ways.addresses or ways.others or "cures" in who.trades or who.has_shop or shops(submission.reading):
        return True
    return "offer" in TEXTS.find(submission.reading.words)
