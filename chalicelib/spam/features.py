"""Features: what a site's own weights are about: a comment's words, pairs, links, sender and signs, as numbers."""

import math
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from chalicelib.spam.reading import Reading

SIZE = 1 << 20
"""How many features there may be; two that fall on the same number share its weight."""
BEGINNING = 5
"""Letters by which the forms of a word are known as one."""

WORD, PAIR, START, HOST, ENDING, SENDER, SIGN = 1.0, 0.3, 0.6, 1.5, 1.0, 1.0, 1.0
"""How much each kind of feature counts for, before all of a comment's are brought to the length 1."""

Features = tuple[tuple[int, float], ...]

_PHONE_DIGITS = 8
_MONEY = re.compile("[$\u00a3\u20ac\u20b9\u20bf]")
_EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")
_ADDRESS_ENDS = re.compile(r"[/?#]")
_FIRST, _SECOND = 0x9E3779B1, 0x85EBCA6B


def described(reading: Reading, name: str | None, email: str | None, website: str | None) -> Features:
    """Return the features of a comment, in training and in judging alike: the one place that gives it its meaning."""
    return features(reading, name, email, website)


def features(
    reading: Reading, name: str | None, email: str | None, website: str | None, meaning: Sequence[float] = ()
) -> Features:
    """Return the features of a comment: numbers below SIZE for what is in it, from SIZE on the parts of its meaning."""
    found: dict[int, float] = {}
    ids = [word_ids(word) for word in reading.words]
    for word, start in ids:
        found[word] = WORD
        if start >= 0:
            found[start] = START
    found |= dict.fromkeys([pair_id(first, second) for (first, _), (second, _) in pairwise(ids)], PAIR)
    for kind, value in besides(reading, name, email, website):
        found[named_id(kind, value)] = _COUNTS[kind]
    length = math.sqrt(sum(value * value for value in found.values())) or 1.0
    dense = [(SIZE + number, value) for number, value in enumerate(meaning)]
    return tuple([(feature, value / length) for feature, value in found.items()] + dense)


@lru_cache(maxsize=16_384)
def word_ids(word: str) -> tuple[int, int]:
    """Return the features of a word and of its beginning; the latter is -1 where that is the whole word."""
    start = _hashed("start", word[:BEGINNING]) if len(word) > BEGINNING else -1
    return _hashed("word", word), start


def pair_id(first: int, second: int) -> int:
    """Return the feature of two words in a row."""
    return (first * _FIRST ^ second * _SECOND) % SIZE


@lru_cache(maxsize=4096)
def named_id(kind: str, value: str) -> int:
    """Return the feature of what is no word."""
    return _hashed(kind, value)


def _hashed(kind: str, value: str) -> int:
    return zlib.crc32(f"{kind} {value}".encode("utf-8", "surrogatepass")) % SIZE


def besides(reading: Reading, name: str | None, email: str | None, website: str | None) -> Iterator[tuple[str, str]]:
    """Yield what a comment has besides its words, as kind and value: hosts, mail domain, words of the name, signs."""
    hosts = [host for address, _ in reading.links if (host := host_of(address))]
    if website and (host := host_of(website.lower())):
        hosts.append(host)
    if email:
        yield "domain", email.rpartition("@")[2].lower()
    for host in hosts:
        yield "host", host
        yield "ending", host.rpartition(".")[2]
    for word in (name or "").casefold().split():
        yield "name", word
    for sign in _signs(reading, email, website):
        yield "sign", sign
    yield "length", str(len(reading.words).bit_length())


_COUNTS = {"domain": SENDER, "host": HOST, "ending": ENDING, "name": SENDER, "sign": SIGN, "length": SIGN}


def _signs(reading: Reading, email: str | None, website: str | None) -> Iterator[str]:
    text, numbers = reading.text, reading.numbers
    signs = (
        ("a link", reading.links),
        ("a website", website),
        ("a mail address", email),
        ("a mail address in the text", reading.emails),
        ("a handle", reading.handles),
        ("a number", numbers),
        ("a phone number", any(sum(map(str.isdigit, number)) >= _PHONE_DIGITS for number, _ in numbers)),
        ("disguised words", reading.disguised),
        ("an exclamation mark", "!" in text),
        ("a percentage", "%" in text),
        ("a sum of money", _MONEY.search(text)),
        ("an emoji", _EMOJI.search(text)),
    )
    return (sign for sign, is_there in signs if is_there)


def host_of(address: str) -> str:
    """Return the host of an address in lower case, with or without its scheme."""
    place = _ADDRESS_ENDS.split(address.rpartition("://")[2], maxsplit=1)[0]
    return place.rpartition("@")[2].partition(":")[0].removeprefix("www.")
