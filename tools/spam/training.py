"""Training: the heads of the prior, fitted, calibrated and given their bars, always by scores of texts held out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chalicelib.spam.prior import CONCERN, windows_of
from chalicelib.spam.safety import REASONS, URGENT_REASONS
from tools.spam.features import Features, Vectors, features
from tools.spam.figures import NEEDS, area, calibration_error
from tools.spam.fitting import Head, fit, fit_many, platt
from tools.spam.texts import ARTICLE_COMMENTS, Text

FOLDS = 5
GROUPS = 4
SPAM_STRENGTH = 3.0
SAFETY_STRENGTH = 5.0
FALSE_ALARMS = 0.03
"""Of the honest texts that were held out, so many may reach the bar of any reason."""
URGENT_SHARE = 2.0
"""A reason that may not wait gets so many times the false alarms that another gets."""
NEAR_SHARE = 0.25
"""Half of our own honest texts were written close to danger; so many of them are counted, as fewer are in life."""
STEPS = 30

Progress = Callable[[str], None]


def folds(count: int, number: int = FOLDS) -> Any:  # noqa: ANN401 - array
    """Return a fold for each text, the same each time."""
    return np.random.default_rng(0).integers(number, size=count)


def for_safety(texts: Sequence[Text]) -> list[Text]:
    """Return the texts that heads for safety are fitted on: of the sets of others, comments under articles alone."""
    return [text for text in texts if text.source in ARTICLE_COMMENTS or text.source.startswith("voice-")]


def is_spam(texts: Sequence[Text]) -> Any:  # noqa: ANN401 - array
    return np.array([text.label == "spam" for text in texts])


def held_out(rows: Features, labels: Any, fold: Any, strength: float) -> Any:  # noqa: ANN401 - arrays
    """Return for each row the log-odds by a head that was fitted on the other folds."""
    nats = np.zeros(len(labels))
    for number in np.unique(fold):
        inside = fold == number
        nats[inside] = fit(rows.rows(~inside), labels[~inside], strength=strength).nats(rows.rows(inside))
    return nats


@dataclass(frozen=True, slots=True)
class Spam:
    """The head for spam, with what calibrates it."""

    head: Head
    slope: float
    offset: float
    figures: dict[str, float]
    """Of the scores by five folds."""


def train_spam(texts: Sequence[Text], vectors: Vectors) -> Spam:
    """Fit the head for spam on all texts, and calibrate it on scores by five folds."""
    rows, labels = features(texts, vectors), is_spam(texts)
    fold = folds(len(texts))
    nats = held_out(rows, labels, fold, SPAM_STRENGTH)
    slope, offset = platt(nats, labels)
    figures = {
        "spam_area_under_curve": area(nats, labels),
        "spam_calibration_error": calibration_error(calibrated(nats, labels, fold), labels),
    }
    return Spam(fit(rows, labels, strength=SPAM_STRENGTH), slope, offset, figures)


def calibrated(nats: Any, labels: Any, fold: Any) -> Any:  # noqa: ANN401 - arrays
    """Return for each row the probability that its log-odds mean, by a calibration on the other folds."""
    likely = np.zeros(len(nats))
    for number in np.unique(fold):
        inside = fold == number
        slope, offset = platt(nats[~inside], labels[~inside])
        likely[inside] = 1 / (1 + np.exp(-(slope * nats[inside] + offset)))
    return likely


@dataclass(frozen=True, slots=True)
class Windows:
    """Texts and the windows of long ones, as rows.

    `owner` is the text of each row, `whole` marks whole texts, `judged` the rows that the prior looks at.
    """

    rows: Features
    owner: Any
    whole: Any
    judged: Any

    def of_most_concern(self, nats: Any) -> Any:  # noqa: ANN401 - arrays
        """Return texts x heads of rows x heads: for each text the row whose first head, concern, is the highest."""
        rows = np.flatnonzero(self.judged)
        rows = rows[np.lexsort((nats[rows, 0], self.owner[rows]))]
        return nats[rows[np.flatnonzero(np.diff(self.owner[rows], append=-1))]]


def cut(texts: Sequence[Text], vectors: Vectors) -> Windows:
    """Return the texts whole, and the windows that the prior looks at in each long one."""
    pieces, owner, whole, judged = list[Text](), list[int](), list[bool](), list[bool]()
    for number, text in enumerate(texts):
        reading = text.submission.reading
        windows = windows_of(reading)
        parts = [_piece(text, *reading.span(start, end - 1)) for start, end in windows] if len(windows) > 1 else []
        pieces += [text, *parts]
        owner += [number] * (1 + len(parts))
        whole += [True] + [False] * len(parts)
        judged += [not parts] + [True] * len(parts)
    return Windows(features(pieces, vectors, sender=False), np.array(owner), np.array(whole), np.array(judged))


def _piece(text: Text, start: int, end: int) -> Text:
    return Text(text.text[start:end], "", "", "", text.label, text.source, text.kind, text.reasons, text.language)


def safety_labels(texts: Sequence[Text]) -> Any:  # noqa: ANN401 - array
    """Return texts x (concern, then reasons); an honest comment of the kind `adverse` has that reason."""
    return np.array([[bool(text.reasons), *(name in _reasons(text) for name in REASONS)] for text in texts])


def _reasons(text: Text) -> tuple[str, ...]:
    return (*text.reasons, "adverse") if text.kind.endswith("ham-adverse") else text.reasons


def fit_safety(pieces: Windows, labels: Any, chosen: Any) -> list[Head]:  # noqa: ANN401 - arrays
    """Return a head for each column of labels, fitted on the chosen texts, whole, and on the windows of honest ones."""
    used = chosen[pieces.owner] & (pieces.whole | ~labels[pieces.owner].any(axis=1))
    weights = np.where(pieces.whole[used], 1.0, 0.5)
    return fit_many(pieces.rows.rows(used), labels[pieces.owner][used], strength=SAFETY_STRENGTH, weights=weights)


def safety_held_out(pieces: Windows, labels: Any, groups: Any, progress: Progress) -> Any:  # noqa: ANN401
    """Return texts x reasons: log-odds by heads that saw nothing of the text's group (a hand, or a fold of a set)."""
    nats = np.zeros(labels.shape)
    for group in np.unique(groups):
        progress(f"without group {group}")
        inside = groups == group
        heads = fit_safety(pieces, labels, ~inside)
        nats[inside] = pieces.of_most_concern(np.stack([head.nats(pieces.rows) for head in heads], axis=1))[inside]
    return nats


def groups_of(texts: Sequence[Text], number: int = GROUPS) -> Any:  # noqa: ANN401 - array
    """Return a group for each text: all texts of one hand are in the same, the sets of others are spread."""
    hands = sorted({text.source for text in texts if text.source.startswith("voice-") or text.source == "domain"})
    spread = folds(len(texts), number)
    own = {hand: at % number for at, hand in enumerate(hands)}
    return np.array([own.get(text.source, spread[at]) for at, text in enumerate(texts)])


def bars(nats: Any, honest: Any, share: float = FALSE_ALARMS) -> Any:  # noqa: ANN401 - arrays
    """Return for each column the log-odds that so few honest texts reach that `share` of them reach any reason's."""
    weights = np.array([URGENT_SHARE if name in URGENT_REASONS else 1.0 for name in (CONCERN, *REASONS)])

    def reached_by(middle: float) -> Any:  # noqa: ANN401 - array
        return np.array(
            [np.quantile(column, 1 - middle * weight) for column, weight in zip(nats[honest].T, weights, strict=True)]
        )

    low, high = 0.0, share
    for _ in range(STEPS):
        middle = (low + high) / 2
        reached = nats[honest] > reached_by(middle)
        low, high = (low, middle) if reached[:, NEEDS].any(axis=1).mean() > share else (middle, high)
    return reached_by(low)


def honest_mix(texts: Sequence[Text]) -> Any:  # noqa: ANN401 - array
    """Return which honest texts false alarms are counted over: comments under articles, our own English ones."""
    kept = np.random.default_rng(1).random(len(texts)) < NEAR_SHARE
    return np.array(
        [text.label == "ham" and _counts(text, near_kept=near) for text, near in zip(texts, kept, strict=True)]
    )


def _counts(text: Text, *, near_kept: bool) -> bool:
    if text.source in ARTICLE_COMMENTS:
        return True
    if text.language != "en" or not text.source.startswith("voice-"):
        return False
    return near_kept or not text.kind.startswith("ham-near")
