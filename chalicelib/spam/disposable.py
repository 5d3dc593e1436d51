"""Disposable: tells domains that lend email addresses for an hour, from a small file of hashes."""

from bisect import bisect_left
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

BUCKETS = 256
_FILE = Path(__file__).parent / "words" / "disposable.bin"
_HEAD = BUCKETS * 2
_HASH = 4
_REST = _HASH - 1
_MOST_LABELS = 5
_DOMAINS = 1024


def packed(domains: set[str]) -> bytes:
    """Return the file of these domains: how many hashes have each first byte, then the other three bytes of each."""
    hashes = sorted({_hash(domain) for domain in domains})
    counts = [sum(1 for each in hashes if each[0] == first) for first in range(BUCKETS)]
    return b"".join(count.to_bytes(2, "big") for count in counts) + b"".join(each[1:] for each in hashes)


class Disposable:
    """The domains of a packed file."""

    def __init__(self, data: bytes) -> None:
        ends, total = [0], 0
        for first in range(0, _HEAD, 2):
            total += int.from_bytes(data[first : first + 2], "big")
            ends.append(total)
        self._ends = ends
        self._hashes = memoryview(data)[_HEAD:]

    def __contains__(self, domain: str) -> bool:
        """Tell whether a domain, or one that it is part of, is in the list."""
        labels = domain.split(".")
        return any(
            self._has(".".join(labels[at:])) for at in range(max(len(labels) - _MOST_LABELS, 0), len(labels) - 1)
        )

    def _has(self, domain: str) -> bool:
        hashed = _hash(domain)
        first, last = self._ends[hashed[0]], self._ends[hashed[0] + 1]
        wanted = hashed[1:]
        at = bisect_left(range(first, last), wanted, key=self._at)
        return first + at < last and self._at(first + at) == wanted

    def _at(self, index: int) -> bytes:
        return bytes(self._hashes[_REST * index : _REST * (index + 1)])


def _hash(domain: str) -> bytes:
    return blake2b(domain.encode("utf-8", "surrogatepass"), digest_size=_HASH).digest()


@lru_cache(maxsize=_DOMAINS)
def is_disposable(domain: str) -> bool:
    """Tell whether an email domain lends addresses to be thrown away."""
    return domain in _listed()


@lru_cache(maxsize=1)
def _listed() -> Disposable:
    return Disposable(_FILE.read_bytes())
