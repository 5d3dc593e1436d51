"""Learned: finds what a site's own moderators have called spam, or approved, again and again."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from chalicelib.spam.evidence import Submission
from chalicelib.spam.features import besides, described, named_id, pair_id, word_ids
from chalicelib.spam.finding import Finding, Span
from chalicelib.spam.weights import SiteWeights

NAT = 22.76
"""Points in one nat of log-odds: 50 are nine times as likely, 100 ninety-nine times."""
LEAST, MOST = -40, 120
QUIET = 8
"""So few points are not worth a sentence: nothing is found."""

MOST_NAMED = 3
MOST_SPANS = 12


def learned(submission: Submission) -> Finding | None:
    """Find that the words, links and signs of a comment are those of comments that moderators decided on here."""
    weights = submission.facts.learned
    if weights is None or not weights.weights:
        return None
    features = described(submission.reading, submission.name, submission.email, submission.website)
    points = min(max(round(NAT * weights.evidence(features)), LEAST), MOST)
    if abs(points) < QUIET:
        return None
    heavy = _heaviest(submission, weights, 1 if points > 0 else -1)
    spans = sorted({span for part in heavy for span in part.spans})[:MOST_SPANS]
    return Finding("learned", points, _message(points, heavy, weights), tuple(spans))


@dataclass(frozen=True, slots=True)
class _Part:
    """Something in a comment that weighs: what it is called, how much, in how many decisions it was, and where."""

    words: str
    weight: float
    decisions: int
    spans: tuple[Span, ...]


def _heaviest(submission: Submission, weights: SiteWeights, sign: int) -> list[_Part]:
    parts = [*_words(submission, weights), *_others(submission, weights)]
    for_it = [part for part in parts if part.weight * sign > 0 and part.decisions]
    return sorted(for_it, key=lambda part: (-abs(part.weight), part.words))[:MOST_NAMED]


def _words(submission: Submission, weights: SiteWeights) -> Iterator[_Part]:
    """Yield each word with its own weight, that of its beginning, and half of that of each pair that it is in."""
    reading, known = submission.reading, weights.weights
    ids = [word_ids(word) for word in reading.words]
    total: dict[str, float] = {}
    for word, own in zip(reading.words, ids, strict=True):
        total[word] = sum(known[feature][0] for feature in own if feature in known)
    for (first, second), (before, after) in zip(pairwise(reading.words), pairwise(ids), strict=True):
        pair = known.get(pair_id(before[0], after[0]))
        if pair:
            total[first] += pair[0] / 2
            total[second] += pair[0] / 2
    places: dict[str, list[Span]] = {}
    for word, place in zip(reading.words, reading.places, strict=True):
        places.setdefault(word, []).append(place)
    for word, own in dict(zip(reading.words, ids, strict=True)).items():
        decisions = max((known[feature][1] for feature in own if feature in known), default=0)
        yield _Part(f"\u201c{word}\u201d", total[word], decisions, tuple(places[word]))


def _others(submission: Submission, weights: SiteWeights) -> Iterator[_Part]:
    reading = submission.reading
    for kind, value in besides(reading, submission.name, submission.email, submission.website):
        weight = weights.weights.get(named_id(kind, value))
        if weight and kind in _CALLED:
            yield _Part(_CALLED[kind].format(value), *weight, ())


_CALLED = {
    "domain": "mail from {}",
    "host": "the link to {}",
    "ending": "an address in .{}",
    "name": "\u201c{}\u201d in the name",
    "sign": "{}",
}


def _message(points: int, heavy: list[_Part], weights: SiteWeights) -> str:
    what = (
        f"{_counted(weights.spam)} that this site's moderators called spam"
        if points > 0
        else f"{_counted(weights.honest)} that this site's moderators did not call spam"
    )
    if not heavy:
        return f"Resembles {what}."
    first, *rest = heavy
    named = [f"{first.words} (in {first.decisions} of them)", *(f"{part.words} ({part.decisions})" for part in rest)]
    *others, last = named
    words = f"{', '.join(others)} and {last}" if others else last
    return f"Resembles {what}; {words} {'weigh' if others else 'weighs'} most."


def _counted(number: int) -> str:
    return f"{number} {'comment' if number == 1 else 'comments'}"
