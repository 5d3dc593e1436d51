"""Regression: weights for features by which examples tell one from the other, without a library for it.

The same rows in the same order end in the same weights, to the last bit.
"""

import math
from collections.abc import Sequence
from operator import mul
from typing import NamedTuple

PASSES = 10
_NEWTON_STEPS = 2
_SLOPE_STEPS = 25
_FARTHEST = 30.0


class Row(NamedTuple):
    """One example: `sign` is 1 or -1, `most` how far it may pull, `prior` its log-odds before anything was learned.

    `places` and `values` are its features, `square` the sum of the values' squares.
    """

    sign: int
    most: float
    prior: float
    places: list[int]
    values: list[float]
    square: float


def fit_weights(rows: Sequence[Row], size: int) -> tuple[list[float], list[float]]:
    """Return the weights of logistic regression with an L2 penalty, and each row's sum as if it were not among them.

    Dual coordinate descent (Yu, Huang, Lin 2011): each row pulls the weights its way by at most its `most`.
    """
    weights = [0.0] * size
    pulls = [0.0] * len(rows)
    weight_at = weights.__getitem__
    for _ in range(PASSES):
        for number, row in enumerate(rows):
            margin = row.sign * (sum(map(mul, map(weight_at, row.places), row.values)) + row.prior)
            pull = _pull(row, margin, pulls[number])
            step = (pull - pulls[number]) * row.sign
            pulls[number] = pull
            for place, value in zip(row.places, row.values, strict=True):
                weights[place] += step * value
    sums = [
        sum(map(mul, map(weight_at, row.places), row.values)) - row.sign * pull * row.square
        for row, pull in zip(rows, pulls, strict=True)
    ]
    return weights, sums


def _pull(row: Row, margin: float, before: float) -> float:
    """Return how far a row pulls for the others to stay as they are, by Newton's method."""
    pull = before
    for _ in range(_NEWTON_STEPS):
        wrong = _logistic(-(margin + (pull - before) * row.square))
        pull -= (pull - row.most * wrong) / (1.0 + row.most * wrong * (1.0 - wrong) * row.square)
    return min(max(pull, 0.0), row.most)


def fit_line(rows: Sequence[Row], sums: Sequence[float], caution: float, odds: float) -> tuple[float, float]:
    """Return the slope and the intercept that make log-odds of the rows' sums, by Newton's method.

    Of the sign -1 there are presumed to be `odds` times as many. `caution` is how much it takes to move the slope
    from 1 and the intercept from 0.
    """
    weights = _balanced(rows, odds)
    slope, intercept = 1.0, 0.0
    for _ in range(_SLOPE_STEPS):
        g_slope, g_intercept = caution * (slope - 1.0), caution * intercept
        h_slope, h_both, h_intercept = caution, 0.0, caution
        for row, total, weight in zip(rows, sums, weights, strict=True):
            chance = _logistic(slope * total + intercept + row.prior)
            error, bend = weight * (chance - (row.sign > 0)), weight * chance * (1.0 - chance)
            g_slope += error * total
            g_intercept += error
            h_slope += bend * total * total
            h_both += bend * total
            h_intercept += bend
        size = h_slope * h_intercept - h_both * h_both
        slope -= (h_intercept * g_slope - h_both * g_intercept) / size
        intercept -= (h_slope * g_intercept - h_both * g_slope) / size
    return max(slope, 0.0), intercept


def _balanced(rows: Sequence[Row], odds: float) -> list[float]:
    """Return weights by which the sign 1 counts for as much as the rarer one does, and -1 for `odds` times that."""
    strongest = max(row.most for row in rows)
    own = [row.most / strongest for row in rows]
    sizes = {sign: sum(each for row, each in zip(rows, own, strict=True) if row.sign == sign) for sign in (1, -1)}
    rarer = min(sizes.values())
    return [
        each * rarer / sizes[row.sign] * (1.0 if row.sign > 0 else odds) for row, each in zip(rows, own, strict=True)
    ]


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(value, -_FARTHEST), _FARTHEST)))
