"""Weights: what a site has learned from its moderators' decisions, in memory and as bytes."""

import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import accumulate, pairwise

from chalicelib.spam.features import Features

NAT = 22.76
"""Points in one nat of log-odds: 50 are nine times as likely, 100 ninety-nine times."""

_MAGIC = b"AW1\n"
_HEAD = struct.Struct("<4sIIIddd")
_STEPS = 127
_MOST_COUNTED = 255


Weight = tuple[int, int]
"""How much one feature counts for, in steps of a size that all share, and how many decisions speak for that.

Those are the decisions that found spam where the weight is above 0, and the others where it is below. A plain tuple, as
tens of thousands of them are made when weights are read.
"""


class BrokenWeightsError(ValueError):
    """Bytes that are no weights, or not the ones they were."""


@dataclass(frozen=True)
class SiteWeights:
    """A site's own weights; `spam` and `honest` count the decisions they were learned from.

    `version`, `made` and `through` (the last of these decisions) say which they are. They are not part of the bytes,
    so the same decisions end in the same bytes whenever they are learned from.
    """

    weights: Mapping[int, Weight]
    step: float
    slope: float
    intercept: float
    spam: int
    honest: int
    version: int = 0
    made: datetime | None = field(default=None, compare=False)
    through: str | None = None

    @classmethod
    def of(
        cls, weights: Mapping[int, tuple[float, int]], slope: float, intercept: float, *, spam: int, honest: int
    ) -> "SiteWeights":
        """Return weights brought to whole steps; what is below half a step is left out."""
        largest = max((abs(weight) for weight, _ in weights.values()), default=0.0)
        step = largest / _STEPS or 1.0
        whole = {
            feature: (steps, min(decisions, _MOST_COUNTED))
            for feature, (weight, decisions) in sorted(weights.items())
            if (steps := round(weight / step))
        }
        return cls(whole, step, slope, intercept, spam, honest)

    def evidence(self, features: Features) -> float:
        """Return what the decisions say of a comment, as log-odds of spam in nats; 0 when they say nothing."""
        return self.log_odds(self.total(features))

    def log_odds(self, total: float) -> float:
        """Return what a sum of weights says, held against how well such sums have told spam."""
        return max(0.0, self.slope * total + self.intercept) if total > 0 else total

    def total(self, features: Features) -> float:
        """Return the sum of the weights of a comment's features."""
        known = self.weights
        return self.step * sum(known[feature][0] * value for feature, value in features if feature in known)

    @cached_property
    def checksum(self) -> str:
        """The SHA-256 of the bytes: the same decisions, the same checksum."""
        return hashlib.sha256(self.pack()).hexdigest()

    def pack(self) -> bytes:
        """Return the weights as bytes."""
        ids = sorted(self.weights)
        found = [self.weights[feature] for feature in ids]
        head = _HEAD.pack(_MAGIC, len(ids), self.spam, self.honest, self.step, self.slope, self.intercept)
        gaps = [after - before for before, after in pairwise([0, *ids])]
        return b"".join(
            (
                head,
                struct.pack(f"<{len(ids)}I", *gaps),
                struct.pack(f"<{len(ids)}b", *(steps for steps, _ in found)),
                bytes(decisions for _, decisions in found),
            )
        )

    @classmethod
    def unpack(
        cls, data: bytes, *, version: int = 0, made: datetime | None = None, through: str | None = None
    ) -> "SiteWeights":
        """Return the weights that pack made. Raises BrokenWeightsError."""
        try:
            magic, count, spam, honest, step, slope, intercept = _HEAD.unpack_from(data)
            gaps = struct.unpack_from(f"<{count}I", data, _HEAD.size)
            steps = struct.unpack_from(f"<{count}b", data, _HEAD.size + 4 * count)
            decisions = struct.unpack_from(f"<{count}B", data, _HEAD.size + 5 * count)
        except struct.error as error:
            raise BrokenWeightsError from error
        if magic != _MAGIC or len(data) != _HEAD.size + 6 * count:
            raise BrokenWeightsError
        weights = dict(zip(accumulate(gaps), zip(steps, decisions, strict=True), strict=True))
        return cls(weights, step, slope, intercept, spam, honest, version, made, through)

    def compressed(self) -> bytes:
        """Return the bytes made small, as they are kept."""
        return zlib.compress(self.pack(), 9)

    @classmethod
    def expanded(
        cls, data: bytes, *, version: int = 0, made: datetime | None = None, through: str | None = None
    ) -> "SiteWeights":
        """Return the weights that `compressed` made. Raises BrokenWeightsError."""
        try:
            plain = zlib.decompress(data)
        except zlib.error as error:
            raise BrokenWeightsError from error
        return cls.unpack(plain, version=version, made=made, through=through)
