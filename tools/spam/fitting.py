"""Fitting: logistic regression with an L2 penalty and a fixed offset, by L-BFGS; the same data, the same weights."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize

from tools.spam.features import Features

MEANING_SCALE = 2.0
ITERATIONS = 200
RAREST = 2
"""Places that fewer texts have tell nothing about another one."""
FURTHEST = 3.0
"""Spreads from its mean that a signal counts at most."""


@dataclass(frozen=True, slots=True)
class Head:
    """Weights in nats: of a gram, of a dimension of meaning, of a signal in spreads from its mean; and the bias."""

    grams: Any
    meaning: Any
    signals: Any
    means: Any
    spreads: Any
    bias: float

    def nats(self, features: Features) -> Any:  # noqa: ANN401 - array
        """Return the log-odds of each row, the offset of the checks included."""
        dense = features.meaning @ self.meaning + _standard(features.signals, self.means, self.spreads) @ self.signals
        return features.grams @ self.grams + dense + self.bias + features.offset


def fit(features: Features, labels: Any, *, strength: float = 3.0) -> Head:  # noqa: ANN401 - array
    """Return the head that tells rows with label 1 from rows with label 0; `strength` is the inverse of the penalty."""
    return fit_many(features, np.asarray(labels)[:, None], strength=strength)[0]


def fit_many(features: Features, labels: Any, *, strength: float, weights: Any = None) -> list[Head]:  # noqa: ANN401
    """Return a head for each column of labels (rows x heads), all fitted at once; `weights` are of rows."""
    means, spreads = features.signals.mean(axis=0), features.signals.std(axis=0) + 1e-9
    beside = np.hstack([features.meaning * MEANING_SCALE, _standard(features.signals, means, spreads)])
    used = np.flatnonzero(np.diff(features.grams.tocsc().indptr) >= RAREST)
    grams = features.grams[:, used].astype(np.float32)
    across, size, heads = grams.T.tocsr(), len(used), labels.shape[1]
    signs = np.where(labels > 0, 1.0, -1.0)
    counts = np.ones(len(signs))[:, None] if weights is None else np.asarray(weights)[:, None]
    offset = features.offset[:, None]

    def loss(flat: Any) -> tuple[float, Any]:  # noqa: ANN401 - arrays
        point = flat.reshape(-1, heads)
        nats = grams @ point[:size].astype(np.float32) + beside @ point[size:-1] + point[-1] + offset
        margin = signs * nats
        value = strength * float((counts * np.logaddexp(0, -margin)).sum()) + 0.5 * float((point[:-1] ** 2).sum())
        pull = -strength * counts * signs / (1 + np.exp(np.clip(margin, -50, 50)))
        slope = np.vstack([across @ pull.astype(np.float32), beside.T @ pull, pull.sum(axis=0)[None]])
        slope[:-1] += point[:-1]
        return value, slope.ravel()

    start = np.zeros((size + beside.shape[1] + 1) * heads)
    found = optimize.minimize(
        loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS, "ftol": 1e-6, "maxcor": 7}
    ).x.reshape(-1, heads)
    dimensions = features.meaning.shape[1]
    every = np.zeros((features.grams.shape[1], heads))
    every[used] = found[:size]
    return [
        Head(
            grams=every[:, number],
            meaning=found[size : size + dimensions, number] * MEANING_SCALE,
            signals=found[size + dimensions : -1, number],
            means=means,
            spreads=spreads,
            bias=float(found[-1, number]),
        )
        for number in range(heads)
    ]


def platt(nats: Any, labels: Any) -> tuple[float, float]:  # noqa: ANN401 - arrays
    """Return slope and offset that turn log-odds into calibrated ones (Platt 1999), fitted on held-out scores."""
    signs = np.where(np.asarray(labels) > 0, 1.0, -1.0)

    def loss(point: Any) -> tuple[float, Any]:  # noqa: ANN401 - arrays
        margin = signs * (point[0] * nats + point[1])
        pull = -signs / (1 + np.exp(np.clip(margin, -50, 50)))
        return float(np.logaddexp(0, -margin).sum()), np.array([pull @ nats, pull.sum()])

    slope, offset = optimize.minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B").x
    return float(slope), float(offset)


def _standard(signals: Any, means: Any, spreads: Any) -> Any:  # noqa: ANN401 - arrays
    return np.clip((signals - means) / spreads, -FURTHEST, FURTHEST)
