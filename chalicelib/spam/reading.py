"""Reading: a comment taken apart once for all checks: words in plain spelling, sentences, links, and their places."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import cast

from chalicelib.spam.finding import Span
from chalicelib.spam.spelling import plain

LONGEST_TEXT = 10_000
"""Characters that are read; what comes behind them is measured, not read."""
LONGEST_CHUNK = 256
"""Characters between two spaces that are looked at together, so that no text takes more than linear time."""
SPELLED_OUT = 4
"""So many letters one by one, always with the same sign between them, are a word spelled out."""
_REMEMBERED = 16_384
_SHORT = 24

_ENDINGS = frozenset(
    (  # noqa: SIM905 - as a list, one to a line, nobody would read them
        "com net org info biz edu gov io co me tv cc ru su ua by kz pl cz sk hu ro bg gr tr de at ch fr be nl "
        "lu es pt it uk ie se no dk fi ee lv lt us ca mx br ar cl pe au nz jp cn tw hk kr in pk bd lk id vn "
        "th my sg ph ng ke za gh eg ma il ir ae sa eu asia app dev xyz top site online store shop club live "
        "life world today news blog cloud space fun icu vip pro win bet casino loan money cash finance health "
        "care clinic pharmacy academy agency expert guru guide link click work website tech email team social "
        "zone center market sale deals gift tips ink ltd group company solutions services st to ly gl gg la "
        "ai im is re sh ws mobi name page wiki one best beauty skin fit diet rehab doctor dental sbs cyou "
        "help rip buzz monster quest lol day boats mom pics bio"
    ).split()
)
"""What a bare name has to end in to be taken for an address."""
_ALSO_WORDS = frozenset(
    ("it to is in me no at be so my by we re us im la day one best help work care life").split()  # noqa: SIM905 - one to a line, nobody would read them
)
"""Endings that, after a full stop without a space, may be the next word."""
_PART = re.compile(
    r"""
      (?P<link> (?: [a-z][a-z0-9+.-]{1,15}:// | www\. ) [^\s<>"\[\](){}]++ )
    | (?P<email> [\w.+%-]{1,64}+ @ [\w-]{1,63}+ (?: \.[\w-]{1,63}+ ){1,5}+ )
    | (?P<number> [+]? \d [\d.,:/()\u2010-\u2015-]*+ (?![^\W\d_]) )
    | (?P<host> [\w-]{1,63}+ (?: \.[\w-]{1,63}+ ){1,6}+ (?![\w@]) (?: [/?\#] [^\s<>"\[\](){}]*+ )? )
    | (?P<handle> @ \w{3,40}+ )
    | (?P<word> (?: &\#x?[0-9a-f]{1,6}+;? | [^\W_\u0300-\u036f] )
               (?: &\#x?[0-9a-f]{1,6}+;?
                 | [\w\u0300-\u036f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]
                 | [@$!|'\u2019] (?=[^\W_]) )*+ )
    | (?P<end> [.!?\u2026\u3002\uff01\uff1f\u061f\u0964]++ )
    | (?P<sign> \S )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BETWEEN_DOTS = re.compile(r"[^.]+")
_CHUNK = re.compile(r"\S+|\n")
_WIDE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Scripts written without spaces: a run of them is read as its pairs of characters."""
_BEHIND = ".,:;!?'*_~`|)\u2026\u2019\u201d\xbb"

STAND_INS = {"link": "<link>", "email": "<email>", "handle": "<handle>"}
"""What stands among the words where an address was: no word can be typed like that."""

Part = tuple[str, str, int, int, bool]
"""Kind, plain spelling, from, to (in the chunk), and whether the spelling was disguised."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text holds, in order. Spans are offsets into the text as typed.

    `words` are in plain spelling, `places` says where each stands; a number is a word of its digits, an address one of
    the STAND_INS. `stops` holds,
    for each sentence, the index behind its last word. `disguised` are the places where the spelling hid something.
    """

    text: str
    words: tuple[str, ...]
    places: tuple[Span, ...]
    stops: tuple[int, ...]
    links: tuple[tuple[str, Span], ...]
    """Addresses, bare host names among them, in lower case."""
    emails: tuple[tuple[str, Span], ...]
    handles: tuple[tuple[str, Span], ...]
    numbers: tuple[tuple[str, Span], ...]
    disguised: tuple[Span, ...]
    signs: int
    """Characters that are no letter, digit, white space or end of a sentence."""

    def span(self, first: int, last: int) -> Span:
        """Return where the words from `first` to `last`, both included, were typed."""
        return self.places[first][0], self.places[last][1]

    def marked(self, words: Iterable[int]) -> tuple[Span, ...]:
        """Return where these words, by their indexes, were typed."""
        return tuple(self.places[at] for at in words)

    def sentences(self) -> Iterator[tuple[int, int]]:
        """Yield the words of each sentence as from and to, the latter not included."""
        start = 0
        for stop in self.stops:
            yield start, stop
            start = stop


@dataclass(slots=True)
class _Draft:
    words: list[str] = field(default_factory=list)
    places: list[Span] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)
    links: list[tuple[str, Span]] = field(default_factory=list)
    emails: list[tuple[str, Span]] = field(default_factory=list)
    handles: list[tuple[str, Span]] = field(default_factory=list)
    numbers: list[tuple[str, Span]] = field(default_factory=list)
    disguised: list[Span] = field(default_factory=list)
    signs: int = 0

    def stop(self) -> None:
        if len(self.words) > (self.stops[-1] if self.stops else 0):
            self.stops.append(len(self.words))


def read(text: str) -> Reading:
    """Read a text of any length and content, in time in proportion to it. Never raises."""
    draft = _Draft()
    for chunk in _CHUNK.finditer(text, 0, LONGEST_TEXT):
        found = chunk[0]
        if found == "\n":
            draft.stop()
        elif len(found) <= _SHORT:
            _take(draft, _remembered(found), chunk.start())
        else:
            for at in range(0, len(found), LONGEST_CHUNK):
                _take(draft, _parts(found[at : at + LONGEST_CHUNK]), chunk.start() + at)
    draft.stop()
    if "1" * SPELLED_OUT in "".join(["1" if len(word) == 1 else "0" for word in draft.words]):
        _join_spelled_out(text, draft)
    return Reading(
        text,
        tuple(draft.words),
        tuple(draft.places),
        tuple(draft.stops),
        tuple(draft.links),
        tuple(draft.emails),
        tuple(draft.handles),
        tuple(draft.numbers),
        tuple(draft.disguised),
        draft.signs,
    )


def _take(draft: _Draft, parts: tuple[Part, ...], at: int) -> None:
    for kind, spelling, start, end, disguised in parts:
        if kind == "word":
            draft.words.append(spelling)
            draft.places.append((at + start, at + end))
            if disguised:
                draft.disguised.append((at + start, at + end))
        elif kind == "end":
            draft.stop()
        elif kind == "sign":
            draft.signs += 1
        else:
            span, list_of = (at + start, at + end), cast("list[tuple[str, Span]]", getattr(draft, kind + "s"))
            list_of.append((spelling, span))
            draft.words.append(spelling if kind == "number" else STAND_INS[kind])
            draft.places.append(span)


def _parts(chunk: str) -> tuple[Part, ...]:
    return tuple(part for found in _PART.finditer(chunk) for part in _of(found))


_remembered = lru_cache(maxsize=_REMEMBERED)(_parts)
"""People use the same words again and again; the longest remembered are 24 characters."""


def _of(found: re.Match[str]) -> Iterator[Part]:
    kind, (start, end), typed = found.lastgroup or "sign", found.span(), found[0]
    if kind == "word":
        if _WIDE.search(typed):
            yield from _pairs(typed, start)
            return
        spelling, disguised = plain(typed)
        if spelling:
            yield "word", spelling, start, end, disguised
    elif kind == "host" and not _is_host(typed):
        yield from _split(typed, start)
    elif kind in {"link", "host"}:
        address = typed.rstrip(_BEHIND)
        yield "link", unicodedata.normalize("NFKC", address).lower(), start, start + len(address), False
        if len(address) < len(typed) and typed[len(address)] in ".!?\u2026":
            yield "end", "", end, end, False
    elif kind == "number":
        digits = typed.rstrip(_BEHIND + "-/")
        yield "number", digits, start, start + len(digits), False
        if typed[len(digits) :].startswith((".", "!", "?")):
            yield "end", "", end, end, False
    else:
        yield kind, typed.lower() if kind in {"email", "handle"} else typed, start, end, False


def _is_host(typed: str) -> bool:
    """Tell whether `a.b` is a name of the network: with a known ending, and not two sentences without a space."""
    name, slash, _ = typed.rstrip(_BEHIND).partition("/")
    ending = name.rpartition(".")[2].lower()
    if ending not in _ENDINGS or name[0].isdigit() is name[-1].isdigit() is True:
        return False
    return bool(slash) or ending not in _ALSO_WORDS or name.count(".") > 1


def _split(typed: str, start: int) -> Iterator[Part]:
    """Yield the words of `one.two`, with the end of a sentence between them."""
    for word in _BETWEEN_DOTS.finditer(typed):
        for kind, spelling, begin, end, disguised in _parts(word[0]):
            yield kind, spelling, start + word.start() + begin, start + word.start() + end, disguised
        yield "end", "", start + word.end(), start + word.end(), False


def _pairs(typed: str, start: int) -> Iterator[Part]:
    letters = unicodedata.normalize("NFKC", typed).casefold()
    if len(letters) != len(typed) or len(letters) == 1:
        yield "word", letters, start, start + len(typed), False
        return
    for at, (first, second) in enumerate(pairwise(letters)):
        yield "word", first + second, start + at, start + at + 2, False


def _join_spelled_out(text: str, draft: _Draft) -> None:
    """Read letters that stand one by one, with the same sign between all of them, as one word."""
    words, places, moved = list[str](), list[Span](), list[int]()
    at = 0
    while at < len(draft.words):
        to = _spelled_until(text, draft, at)
        if to - at >= SPELLED_OUT:
            span = (draft.places[at][0], draft.places[to - 1][1])
            words.append("".join(draft.words[at:to]))
            draft.disguised.append(span)
        else:
            to, span = at + 1, draft.places[at]
            words.append(draft.words[at])
        places.append(span)
        moved += [len(words)] * (to - at)
        at = to
    draft.stops = sorted({moved[stop - 1] for stop in draft.stops})
    draft.words, draft.places = words, places


def _spelled_until(text: str, draft: _Draft, at: int) -> int:
    between, to = None, at
    while to < len(draft.words) and len(draft.words[to]) == 1 and not draft.words[to].isdigit():
        if to > at:
            sign = text[draft.places[to - 1][1] : draft.places[to][0]]
            if len(sign) > 2 or "\n" in sign or (between is not None and sign != between):  # noqa: PLR2004 - ". "
                break
            between = sign
        to += 1
    return to
