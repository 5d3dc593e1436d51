"""Features: texts as the matrices that heads are fitted on, read by the very code that judges comments."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from chalicelib.spam import content_points
from chalicelib.spam.grams import BUCKETS
from chalicelib.spam.prior import CONCERN, GRAM_SCALE, POINTS_PER_NAT, SHRUNK_BY, SPAM, Prior
from chalicelib.spam.safety import REASONS
from chalicelib.spam.signals import signals
from tools.spam.distil import FILE as VECTORS
from tools.spam.model_file import blank
from tools.spam.texts import Text

HEADS = (SPAM, CONCERN, *REASONS)


@dataclass(frozen=True, slots=True)
class Vectors:
    """The distilled vectors: words, their classes, and an array words x dimensions of unit spread."""

    words: list[str]
    classes: Any
    vectors: Any


def load_vectors() -> Vectors:
    with np.load(VECTORS) as file:
        return Vectors(file["words"].tolist(), file["classes"], file["vectors"] * float(file["step"]))


@dataclass(frozen=True, slots=True)
class Features:
    """Texts in rows. `grams` is sparse with 2^17 columns, `meaning` dense, `signals` as measured, `offset` in nats."""

    grams: Any
    meaning: Any
    signals: Any
    offset: Any

    def rows(self, chosen: Any) -> "Features":  # noqa: ANN401 - mask or indexes
        return Features(self.grams[chosen], self.meaning[chosen], self.signals[chosen], self.offset[chosen])


def features(texts: Sequence[Text], vectors: Vectors, *, sender: bool = True) -> Features:
    """Return the features of texts; without `sender`, of the words alone, which is all that safety looks at."""
    prior = Prior(blank(vectors.words, vectors.classes, HEADS))
    places, weights, ends = list[int](), list[float](), [0]
    meaning = np.zeros((len(texts), vectors.vectors.shape[1]))
    measured, offset = [], np.zeros(len(texts))
    for number, text in enumerate(texts):
        submission = text.submission
        read = prior.read(submission.reading)
        for group in read.groups:
            of_group = [place for part in group for place in part.places]
            places += of_group
            weights += [GRAM_SCALE / math.sqrt(max(len(of_group), 1))] * len(of_group)
        ends.append(len(places))
        known = [row for row in read.rows if row >= 0]
        meaning[number] = vectors.vectors[known].sum(axis=0) / (len(known) + SHRUNK_BY)
        if sender:
            measured.append(signals(submission))
            offset[number] = content_points(submission) / POINTS_PER_NAT
    grams = sparse.csr_matrix((np.array(weights, np.float32), places, ends), shape=(len(texts), BUCKETS))
    grams.sum_duplicates()
    return Features(grams, meaning, np.array(measured) if sender else np.zeros((len(texts), 0)), offset)
