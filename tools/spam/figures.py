"""Figures: how good scores of texts that were held out are, for the bench and for the header of the prior's file."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chalicelib.spam.safety import NEEDS_A_PERSON, REASONS
from tools.spam.texts import Text

BINS = 10
NEEDS = [number for number, name in enumerate(REASONS, start=1) if name in NEEDS_A_PERSON]
"""Columns, behind that of concern, of the reasons for which a person must see a comment."""


def area(scores: Any, labels: Any) -> float:  # noqa: ANN401 - arrays
    """Return the chance that a spam scores higher than a text that is none (Mann and Whitney 1947)."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores, kind="stable")] = np.arange(1, len(scores) + 1)
    positives = int(labels.sum())
    return float((ranks[labels].sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives)))


def calibration_error(likely: Any, labels: Any) -> float:  # noqa: ANN401 - arrays
    """Return the expected calibration error (Naeini, Cooper, Hauskrecht 2015): |said - was| over bins by size."""
    bins = np.minimum((likely * BINS).astype(int), BINS - 1)
    parts = [(bins == number) for number in range(BINS) if (bins == number).any()]
    return float(sum(part.mean() * abs(likely[part].mean() - labels[part].mean()) for part in parts))


def in_english(texts: Sequence[Text]) -> Any:  # noqa: ANN401 - array
    """Return which texts reasons are measured on: our own in English, and those of the set of our kind."""
    return np.array([text.language == "en" and text.source.startswith(("voice-", "domain")) for text in texts])


def right_reason(reached: Any, labels: Any, judged: Any) -> float:  # noqa: ANN401 - arrays
    """Return, of the judged texts that need a person, the share that reach the bar of a reason that they have."""
    person = judged & labels[:, NEEDS].any(axis=1)
    return float((reached & labels)[person][:, NEEDS].any(axis=1).mean())
