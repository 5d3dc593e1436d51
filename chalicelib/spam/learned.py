"""Learned: finds what a site's own moderators have called spam, or approved, again and again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from chalicelib.spam.evidence import Submission
from chalicelib.spam.features import besides, described, named_id, pair_id, word_ids
from chalicelib.spam.finding import Finding, Span
from chalicelib.spam.reading import Reading
from chalicelib.spam.weights import NAT, SiteWeights, Weight

LEAST, MOST = -40, 120
ALONE = 90
"""What one word can do alone: a person looks, and no rule calls it spam."""
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
    total = weights.total(features)
    points = _points(weights, total)
    if abs(points) < QUIET:
        return None
    parts = _parts(submission, weights, dict(features), 1 if points > 0 else -1)
    if points > ALONE and parts:
        rest = _points(weights, total - weights.step * parts[0].weight)
        points = min(points, ALONE + max(rest, 0))
    heavy = [part for part in parts if part.decisions][:MOST_NAMED]
    spans = sorted({span for part in heavy for span in part.spans})[:MOST_SPANS]
    return Finding("learned", points, _message(points, heavy, weights), tuple(spans))


def _points(weights: SiteWeights, total: float) -> int:
    return min(max(round(NAT * weights.log_odds(total)), LEAST), MOST)


@dataclass(frozen=True, slots=True)
class _Part:
    """Something in a comment that weighs: what it is called, how much, in how many decisions it was, and where."""

    words: str
    weight: float
    decisions: int
    spans: tuple[Span, ...]


def _parts(submission: Submission, weights: SiteWeights, values: Mapping[int, float], sign: int) -> list[_Part]:
    """Return all that weighs on one side, the heaviest first."""
    known = weights.weights
    weigh = {feature: known[feature][0] * value for feature, value in values.items() if feature in known}
    parts = [*_words(submission.reading, known, weigh), *_others(submission, known, weigh)]
    return sorted((part for part in parts if part.weight * sign > 0), key=lambda part: (-abs(part.weight), part.words))


def _words(reading: Reading, known: Mapping[int, Weight], weigh: Mapping[int, float]) -> Iterator[_Part]:
    """Yield each word with its own weight, that of its beginning, and half of that of each pair that it is in."""
    ids = {word: word_ids(word) for word in reading.words}
    total = {word: sum(weigh.get(feature, 0.0) for feature in own) for word, own in ids.items()}
    for first, second in set(pairwise(reading.words)):
        both = weigh.get(pair_id(ids[first][0], ids[second][0]), 0.0) / 2
        total[first] += both
        total[second] += both
    places: dict[str, list[Span]] = {}
    for word, place in zip(reading.words, reading.places, strict=True):
        places.setdefault(word, []).append(place)
    for word, own in ids.items():
        decisions = max((known[feature][1] for feature in own if feature in known), default=0)
        yield _Part(f"\u201c{word}\u201d", total[word], decisions, tuple(places[word]))


def _others(submission: Submission, known: Mapping[int, Weight], weigh: Mapping[int, float]) -> Iterator[_Part]:
    beside = besides(submission.reading, submission.name, submission.email, submission.website)
    for kind, value in dict.fromkeys(beside):
        feature = named_id(kind, value)
        if kind in _CALLED and feature in weigh:
            yield _Part(_CALLED[kind].format(value), weigh[feature], known[feature][1], ())


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
