"""Grams: a comment's words, and pairs of words and of their classes of meaning, as places in the prior's tables."""

import zlib
from collections.abc import Sequence
from functools import lru_cache

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


def _hashes(word: str) -> tuple[int, int]:
    known = token(word)
    own = hashed(known)
    return own, hashed("<" + known[:_STEM]) & _MASK if len(known) > _STEM else own & _MASK


_remembered = lru_cache(maxsize=_REMEMBERED)(_hashes)


def codes(words: Sequence[str]) -> list[tuple[int, int]]:
    """Return for each word its hash and the place of its beginning; a short word is its own beginning."""
    return [_remembered(word) if len(word) <= _SHORT else _hashes(word) for word in words]


def grams(
    words: Sequence[tuple[int, int]], classes: Sequence[int]
) -> tuple[list[int], list[int], list[int], list[int]]:
    """Return the places of some words in a row, in four groups, each of which counts by the root of its number.

    Words: each, its beginning, it with the next and with the one after that. Classes: likewise in pairs. Mixed: a word
    with the class of the next, a class with the next word. Far: classes three to seven words apart.
    """
    own = [code for code, _ in words]
    after, behind = own[1:], own[2:]
    next_class = classes[1:]
    return (
        [code & _MASK for code in own]
        + [place for _, place in words]
        + [(a * 31 + b) & _MASK for a, b in zip(own, after, strict=False)]
        + [(a * 37 + b + 7) & _MASK for a, b in zip(own, behind, strict=False)],
        [(a * 40_503 + b * 977 + 101) & _MASK for a, b in zip(classes, next_class, strict=False)]
        + [(a * 48_271 + b * 1_009 + 211) & _MASK for a, b in zip(classes, classes[2:], strict=False)],
        [(a * 31 + b * 7_919 + 13) & _MASK for a, b in zip(own, next_class, strict=False)]
        + [(a * 6_151 + b * 17 + 29) & _MASK for a, b in zip(classes, after, strict=False)],
        [
            (a * 69_069 + b * 3_571 + 307) & _MASK
            for apart in range(_NEAR, min(_FAR, len(classes)))
            for a, b in zip(classes, classes[apart:], strict=False)
        ],
    )
