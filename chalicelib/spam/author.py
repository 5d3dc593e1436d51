"""Author: what the name, the email address and the website beside a comment say, for all checks that ask."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from chalicelib.spam.evidence import Submission
from chalicelib.spam.lexicon import NAMES, TEXTS
from chalicelib.spam.reading import read

LONGEST_NAME = 120
"""Characters of a name, an email address or a host that are looked at."""
_AUTHORS = 256
_HOSTS = 4096
_SHORTEST_WORD = 4
_KEYWORD_NAME = 2

_DATA = json.loads((Path(__file__).parent / "words" / "hosts.json").read_bytes())
_INSIDE: tuple[tuple[str, str], ...] = tuple(
    (word, trade) for trade, words in _DATA["inside"].items() for word in words
)
_WHOLE: dict[str, str] = {word: trade for trade, words in _DATA["whole"].items() for word in words}
_ENDS: dict[str, str] = {word: trade for trade, words in _DATA["ends"].items() for word in words}
_ENDINGS = frozenset(_DATA["endings"])
_PUBLIC = frozenset(_DATA["public"])
_HARMLESS = tuple(_DATA["harmless"])
_SIZES = range(2, 5)
_PIECE = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True)
class Author:
    """Who says that a comment is theirs, in lower case."""

    name: str
    email: str
    website: str

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the name, in plain spelling."""
        return read(self.name[:LONGEST_NAME]).words

    @cached_property
    def keywords(self) -> tuple[str, ...]:
        """The words of the name that a trade would have in it and a person would not."""
        return tuple(" ".join(self.words[first : last + 1]) for first, last in self._found("name.keyword"))

    @cached_property
    def trades(self) -> frozenset[str]:
        """The trades that the name, the website and the email address belong to."""
        named = {group.split(".")[1] for group in TEXTS.find(self.words) if group.startswith("trades.")}
        hosts = {trade for each in (self.website, self.domain) if each for trade in host(each).trades}
        return frozenset(named | hosts)

    @property
    def domain(self) -> str:
        """What stands behind the @ of the email address, "" for none."""
        return self.email.rpartition("@")[2]

    @cached_property
    def is_person(self) -> bool:
        """Whether the name looks like one that people have or give themselves."""
        return not self.keywords or bool(self._found("name.person"))

    @cached_property
    def is_trade(self) -> bool:
        """Whether the name is a product, a trade or a phrase to be found by, and no person's."""
        return len(self.keywords) >= _KEYWORD_NAME or (bool(self.keywords) and not self.is_person) or self.is_phrase

    @cached_property
    def is_phrase(self) -> bool:
        """Whether the name is several words in small letters beside a website: what people search for, not a name."""
        return bool(self.website) and len(self.words) >= _KEYWORD_NAME and self.name.islower()

    @cached_property
    def has_shop(self) -> bool:
        """Whether something commercial stands behind the website, the email address or the name."""
        return self.is_trade or any(each and host(each).commercial for each in (self.website, self.domain))

    @cached_property
    def is_own_domain(self) -> bool:
        """Whether the email address is at the website's own domain, as a business has it."""
        return bool(self.website and self.domain) and (
            self.website == self.domain or self.website.endswith("." + self.domain)
        )

    @cached_property
    def in_host(self) -> tuple[str, ...]:
        """The words of the name, four letters or more, that the website's host carries."""
        return tuple(word for word in self.words if len(word) >= _SHORTEST_WORD and word in self.website)

    def _found(self, group: str) -> tuple[tuple[int, int], ...]:
        return NAMES.find(self.words).get(group, ())


@dataclass(frozen=True, slots=True)
class Host:
    """What the name of a host gives away."""

    name: str
    trades: frozenset[str]
    """The trades whose words it carries."""
    word: str | None
    """The first such word."""
    cheap: bool
    """Whether its ending is one that shops and throw-away sites like."""

    @property
    def commercial(self) -> bool:
        return bool(self.word) or self.cheap


def author(submission: Submission) -> Author:
    """Return what the fields beside the text say."""
    return _author(submission.name or "", submission.email or "", submission.website or "")


@lru_cache(maxsize=_AUTHORS)
def _author(name: str, email: str, website: str) -> Author:
    return Author(name, email[-LONGEST_NAME:].lower(), host_name(website))


def host_name(address: str) -> str:
    """Return the host of an address, without `www.`, in lower case."""
    name = address.rpartition("://")[2][: 2 * LONGEST_NAME].lower()
    for sign in "/?#":
        name = name.partition(sign)[0]
    return name.rpartition("@")[2].partition(":")[0].removeprefix("www.")[-LONGEST_NAME:]


@lru_cache(maxsize=_HOSTS)
def host(name: str) -> Host:
    """Return what a host's name gives away: nothing for a public body or a well known site."""
    labels = name.split(".")
    if name.endswith(_HARMLESS) or not _PUBLIC.isdisjoint(labels):
        return Host(name, frozenset(), None, cheap=False)
    found = [*_carried(labels)]
    return Host(name, frozenset(trade for _, trade in found), found[0][0] if found else None, labels[-1] in _ENDINGS)


def _carried(labels: list[str]) -> Iterator[tuple[str, str]]:
    for label in labels[:-1] or labels:
        yield from ((word, trade) for word, trade in _INSIDE if word in label)
        for piece in _PIECE.findall(label):
            if piece in _WHOLE:
                yield piece, _WHOLE[piece]
            yield from ((piece[-size:], _ENDS[piece[-size:]]) for size in _SIZES if piece[-size:] in _ENDS)
    if labels[-1] in _WHOLE:
        yield labels[-1], _WHOLE[labels[-1]]
