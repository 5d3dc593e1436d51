"""Grams: a comment's words, and pairs of words and of their classes of meaning, as places in the prior's tables."""

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

BITS = 17
BUCKETS = 1 << BITS
_MASK = BUCKETS - 1
_STEM = 5
_NEAR, _FAR = 3, 8
"""Classes this far apart, the latter not included, are pairs as well: what belongs together has words between it."""
_REMEMBERED = 16_384
_SHORT = 24
NUMBER = "0"
LONG_NUMBER = "000000"
_LONG = 6
_DIGITS = "+0123456789.,:/()-\u2010\u2011\u2012\u2013\u2014\u2015"


def token(word: str) -> str:
    """Return a word as the prior knows it: numbers alike, with their unit (`10mg` is `0mg`), but long ones apart."""
    if not word[0].isdigit() and word[0] != "+":
        return word
    unit = word.lstrip(_DIGITS)
    return (NUMBER if len(word) - len(unit) < _LONG else LONG_NUMBER) + unit


def hashed(word: str) -> int:
    """Return the 32 bits a word stands for: CRC-32 (ISO 3309) of its UTF-8."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def _places(word: str) -> tuple[int, int]:
    known = token(word)
    own = hashed(known) & _MASK
    return own, hashed("<" + known[:_STEM]) & _MASK if len(known) > _STEM else own


_remembered = lru_cache(maxsize=_REMEMBERED)(_places)


def codes(words: Sequence[str]) -> list[tuple[int, int]]:
    """Return for each word its place and that of its beginning; a short word is its own beginning."""
    return [_remembered(word) if len(word) <= _SHORT else _places(word) for word in words]


class Part(NamedTuple):
    """Places of one kind, one for each word that has another `apart` words behind it."""

    apart: int
    places: list[int]


Groups = tuple[tuple[Part, ...], ...]


def grams(words: Sequence[tuple[int, int]], classes: Sequence[int]) -> Groups:
    """Return the places of all words in a row, in four groups, each of which counts by the root of its number.

    Words: each, its beginning, it with the next and with the one after that. Classes: likewise in pairs. Mixed: a word
    with the class of the next, a class with the next word. Far: classes three to seven words apart.
    """
    mask = _MASK
    own = [place for place, _ in words]
    after, next_class = own[1:], classes[1:]
    far = [a * 69_069 + 307 for a in classes]
    behind = [b * 3_571 for b in classes]
    return (
        (
            Part(0, own),
            Part(0, [place for _, place in words]),
            Part(1, [(a * 31 + b) & mask for a, b in zip(own, after, strict=False)]),
            Part(2, [(a * 37 + b + 7) & mask for a, b in zip(own, own[2:], strict=False)]),
        ),
        (
            Part(1, [(a * 40_503 + b * 977 + 101) & mask for a, b in zip(classes, next_class, strict=False)]),
            Part(2, [(a * 48_271 + b * 1_009 + 211) & mask for a, b in zip(classes, classes[2:], strict=False)]),
        ),
        (
            Part(1, [(a * 31 + b * 7_919 + 13) & mask for a, b in zip(own, next_class, strict=False)]),
            Part(1, [(a * 6_151 + b * 17 + 29) & mask for a, b in zip(classes, after, strict=False)]),
        ),
        tuple(
            Part(apart, [(a + b) & mask for a, b in zip(far, behind[apart:], strict=False)])
            for apart in range(_NEAR, min(_FAR, len(classes)))
        ),
    )
