"""Likeness: by what a text is known again although some of its words were changed."""

from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from struct import unpack
from zlib import crc32

from chalicelib.spam.reading import read

SHORTEST = 40
"""Letters; what is shorter is written alike by many who never met."""
LEAST_WORDS = 6
MOST_WORDS = 600
KEYS = 4
SLOTS = 16
"""So many look-alikes are remembered under each key."""
AGREEING = 4
"""So many of the eight parts of two sketches have to be the same."""

_PARTS = 2 * KEYS
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Likeness:
    """Four keys, any of which a text much like this one shares with it, and a sketch by which the two are compared.

    A comment is kept under one of its keys, `own`, and looked for under all four. `tag` tells its own entry, from
    before an edit, from others'.
    """

    keys: tuple[str, ...]
    sketch: str
    tag: str

    @property
    def own(self) -> str:
        """The key under which this text is kept: any of the four, and the same one for the same comment."""
        return self.keys[int(self.tag, 16) // SLOTS % KEYS]

    @property
    def slot(self) -> int:
        """The place of its entry among those under a key."""
        return int(self.tag, 16) % SLOTS

    @property
    def entry(self) -> str:
        """What is kept: tag and sketch."""
        return self.tag + self.sketch

    def others(self, entries: list[str]) -> int:
        """Return how many other comments the entries of look-alikes are from."""
        tags = {entry[: len(self.tag)] for entry in entries if self._is_like(entry[len(self.tag) :])}
        return len(tags - {self.tag})

    def _is_like(self, sketch: str) -> bool:
        parts = range(0, _PARTS * _DIGITS, _DIGITS)
        return sum(1 for at in parts if self.sketch[at : at + _DIGITS] == sketch[at : at + _DIGITS]) >= AGREEING


def likeness(text: str, key: bytes, comment_id: str) -> Likeness | None:
    """Return the likeness of a text under a key, None for one too short to be compared.

    Each of eight hash functions keeps the least of all pairs of neighbouring words: two texts agree in one of them with
    the probability that a pair of either text is one of both (MinHash, Broder 1997).
    """
    words = read(text).words[:MOST_WORDS]
    if len(words) < LEAST_WORDS or sum(map(len, words)) < SHORTEST:
        return None
    hashes = (
        unpack(f">{_PARTS}I", blake2b(f"{one} {other}".encode("utf-8", "replace"), key=key).digest()[: 4 * _PARTS])
        for one, other in set(pairwise(words))
    )
    least = [min(column) for column in zip(*hashes, strict=True)]
    return Likeness(
        keys=tuple(f"{number}{least[2 * number]:08x}{least[2 * number + 1]:08x}" for number in range(KEYS)),
        sketch="".join(f"{value & 0xFF:02x}" for value in least),
        tag=f"{crc32(comment_id.encode()):08x}",
    )
