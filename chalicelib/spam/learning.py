"""Learning: a site's own weights, fitted to its moderators' decisions. The same decisions end in the same weights."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from operator import mul
from pathlib import Path

from chalicelib.spam.features import SIZE, Features, described, features
from chalicelib.spam.finding import Finding
from chalicelib.spam.reading import read
from chalicelib.spam.regression import Row, fit_line, fit_weights
from chalicelib.spam.weights import NAT, BrokenWeightsError, SiteWeights, Weight

__all__ = ["BrokenWeightsError", "Example", "SiteWeights", "Weight", "described", "features", "fit", "prior_of"]

MOST_DECISIONS = 1000
"""How many decisions, the newest, are learned from."""
MOST_WEIGHTS = 30_000
HALF_LIFE = timedelta(days=90)
"""A decision so much older than the newest one counts for half."""
STRENGTH = 8.0
"""How far one decision may move the weights: the less, the more of them it takes."""
CAUTION = 0.3
"""How much it takes to believe a sum of weights more, or less, than it says by itself."""
COMMON = 3.0
"""How fast a word loses its say the more honest comments have it."""
HONEST_ODDS = 3.0
"""So many honest comments are presumed for each that is spam, whatever was decided on."""

ABOUT_THE_SENDING = frozenset({"trap", "form_time", "blocks", "duplicates", "history", "learned"})
"""Checks whose points tell nothing of a comment's words: they are not held against what the words say."""

_HONEST = Path(__file__).with_name("honest.txt")


@dataclass(frozen=True, slots=True)
class Example:
    """A comment with what a moderator decided; `prior` is what the checks made of its text, as log-odds in nats."""

    comment_id: str
    decision_id: str
    spam: bool
    at: datetime
    features: Features
    prior: float


def prior_of(findings: Iterable[Finding]) -> float:
    """Return what a verdict's findings say of the text, without the sending and what was learned before, in nats."""
    return sum(finding.points for finding in findings if finding.check not in ABOUT_THE_SENDING) / NAT


def fit(examples: Iterable[Example], now: datetime) -> SiteWeights:
    """Return the weights that the newest 1,000 decisions ask for; of each comment, the latest one counts.

    Logistic regression upon what the checks say already, held back by an L2 penalty, over the decisions and some honest
    comments of our own; then a slope and an intercept, so that the sum of the weights is as sure as it proves to be of
    comments that it was not learned from. Order and repetition change nothing.
    """
    chosen = _newest(examples)
    spam = sum(example.spam for example in chosen)
    honest = len(chosen) - spam
    through = max((example.decision_id for example in chosen), default=None)
    if not spam:
        return replace(SiteWeights.of({}, 1.0, 0.0, spam=0, honest=honest), through=through)
    say = _say(chosen)
    place = {feature: number for number, feature in enumerate(say)}
    rows = list(_rows(chosen, now, place, say))
    fitted, sums = fit_weights(rows, len(place))
    slope, intercept = fit_line(rows, sums, CAUTION, HONEST_ODDS)
    weights = {feature: fitted[number] * say[feature] for feature, number in place.items()}
    kept = SiteWeights.of(_heaviest(weights, chosen), round(slope, 6), round(intercept, 6), spam=spam, honest=honest)
    return replace(kept, through=through)


def _newest(examples: Iterable[Example]) -> list[Example]:
    latest: dict[str, Example] = {}
    for example in examples:
        known = latest.get(example.comment_id)
        if known is None or known.decision_id < example.decision_id:
            latest[example.comment_id] = example
    newest = sorted(latest.values(), key=lambda example: example.decision_id, reverse=True)[:MOST_DECISIONS]
    return sorted(newest, key=lambda example: example.comment_id)


def _say(chosen: Sequence[Example]) -> dict[int, float]:
    """Return how much of a say each feature has, the less the more honest comments have it; a meaning's all have it."""
    honest = [*honest_comments(), *(example.features for example in chosen if not example.spam)]
    often = Counter(feature for found in honest for feature, _ in found)
    every = dict.fromkeys(feature for example in chosen for feature, _ in example.features) | dict.fromkeys(often)
    return {feature: 1.0 if feature >= SIZE else (1.0 + COMMON * often[feature]) ** -0.5 for feature in every}


def _rows(
    chosen: Sequence[Example], now: datetime, place: Mapping[int, int], say: Mapping[int, float]
) -> Iterator[Row]:
    ages = [0.5 ** max(0.0, (now - example.at) / HALF_LIFE) for example in chosen]
    spam = sum(age for example, age in zip(chosen, ages, strict=True) if example.spam)
    honest = len(honest_comments()) + sum(ages) - spam
    # More spam than honest comments would make spam of what all comments have in common.
    share = min(1.0, honest / spam)
    for found in honest_comments():
        yield _row(found, -1, 1.0, 0.0, place, say)
    for example, age in zip(chosen, ages, strict=True):
        sign, most = (1, age * share) if example.spam else (-1, age)
        yield _row(example.features, sign, most, example.prior, place, say)


def _row(
    found: Features, sign: int, most: float, prior: float, place: Mapping[int, int], say: Mapping[int, float]
) -> Row:
    values = [value * say[feature] for feature, value in found]
    square = sum(map(mul, values, values)) or 1.0
    return Row(sign, most * STRENGTH, prior, [place[feature] for feature, _ in found], values, square)


def _heaviest(weights: Mapping[int, float], chosen: Sequence[Example]) -> dict[int, tuple[float, int]]:
    """Return the heaviest weights, each with the number of decisions that speak for it."""
    found = {sign: Counter[int]() for sign in (True, False)}
    for example in chosen:
        found[example.spam].update(feature for feature, _ in example.features)
    heaviest = sorted(weights, key=lambda feature: (-abs(weights[feature]), feature))[:MOST_WEIGHTS]
    return {feature: (weights[feature], found[weights[feature] > 0][feature]) for feature in heaviest}


@cache
def honest_comments() -> tuple[Features, ...]:
    """Return the features of honest comments of our own: what spam is told from before a site has approved enough."""
    lines = _HONEST.read_text(encoding="utf-8").splitlines()
    return tuple(_honest(line) for line in lines if line and not line.startswith("#"))


def _honest(line: str) -> Features:
    name, domain, website, text = line.split(" | ", 3)
    email = f"somebody@{domain}" if domain.strip() else None
    return described(read(text.replace("\\n", "\n")), name.strip() or None, email, website.strip() or None)
