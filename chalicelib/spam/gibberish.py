"""Gibberish: finds texts of letters that no language puts side by side, as programs and idle hands type them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding, Span

MOSTLY = 60
"""For a text most of whose words are noise."""
PARTLY = 30
"""For a text with as many words of noise, a third of it or more."""
ALONE = 50
"""For a comment that is one long word of noise."""
BROKEN = 40
"""For a text in which most letters are what is left of a wrong encoding."""

LEAST = 4
"""Letters of a word that is looked at: what is shorter may be an abbreviation in any language."""
LEAST_ALONE = 8
LEAST_TOGETHER = 10
MOST_WORDS = 300
MOST_SPANS = 20
_MOST_NAMED = 3
_ABBREVIATION = 6
_LONGEST_WORD = 24
_NO_VOWEL = 5
_MOST, _SOME, _ODD = 0.5, 0.34, 0.3
_UPS = 3
_NO, _MAYBE, _YES = 0, 1, 2

# Which letters hardly ever follow which in English, German, Spanish, French, Italian, Portuguese, Polish, Dutch,
# Turkish, Czech and the names of medicines: in two words or fewer of 12,000 in honest texts.
_ODD_PAIRS = {
    "b": "dfkmnpqvwxz",
    "c": "bdfgjmnpqvwx",
    "d": "qx",
    "f": "bcdhjkmnpqvwxz",
    "g": "cdfjkqvxz",
    "h": "jpqvxz",
    "j": "bcfghjlmpqrtvwxyz",
    "k": "cgjpqvxz",
    "l": "jx",
    "m": "jkqvwxz",
    "p": "gjkqvwxz",
    "q": "abcdefghjklmnopqrstvwxyz",
    "r": "jx",
    "s": "x",
    "t": "qx",
    "u": "q",
    "v": "bcdfghjkmnpqtvwxz",
    "w": "gjmpqvwxz",
    "x": "dfghjklmnqrsvwxz",
    "y": "hjqvxyz",
    "z": "bdfghjlpqrsvx",
}
_ODD_FOR = frozenset(first + second for first, seconds in _ODD_PAIRS.items() for second in seconds)
_VOWELS = frozenset("aeiouyw")

_ROWS = (
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm"),
    *(
        "йцукенгшщзхъ",
        "фывапролджэ",
        "ячсмитьбю",
        "ضصثقفغعهخحجچ",
        "شسيبلاتنمكط",
        "شسیبلاتنمکگ",
        "שדגכעיחלך",
        "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ",
    ),
    *("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅋㅌㅊㅍ", "asdlkj", "qwpoei"),
)
_RUN = 4
_REAL_WORDS_HOLD = frozenset({"wert", "erty", "ertz", "tzui", "rtyu", "azer", "aper", "trew", "ytre", "ролд", "енгш"})


def _runs(rows: Iterable[str]) -> Iterator[str]:
    for row in rows:
        keys = unicodedata.normalize("NFKC", row)
        for way in (keys, keys[::-1]):
            for at in range(len(way) - _RUN + 1):
                yield way[at : at + _RUN]


_KEYS = frozenset(_runs(_ROWS)) - _REAL_WORDS_HOLD
_AGAIN = re.compile(r"(.)\1+")
_UP = re.compile("[a-z][A-Z]")
_MOJIBAKE = re.compile(
    "锟斤拷|烫烫烫|屯屯屯|(?:[\u00c2\u00c3\u00e0-\u00e3][\u0080-\u00bf\u2018-\u2122][\u00c2\u00c3 ]?){4}|\ufffd{2}"
)


def gibberish(submission: Submission) -> Finding | None:
    """Find noise of the keyboard, random letters and broken encodings; not abbreviations, laughter, medicines."""
    broken = None if submission.text.isascii() else _MOJIBAKE.search(submission.text[:2000])
    if broken:
        return Finding("gibberish", BROKEN, "Holds letters that a wrong encoding left behind.", (broken.span(),))
    text, words, places = submission.text, submission.reading.words[:MOST_WORDS], submission.reading.places
    noise = [
        (word, places[at])
        for at, word in enumerate(words)
        if len(word) >= LEAST and (looks := _looks(word)) and _is_noise(text, places[at], looks)
    ]
    if not noise:
        return None
    long = sum(1 for word in words if len(word) >= LEAST and word.isalpha())
    points = _points([word for word, _ in noise], max(long, len(noise)), len(words))
    return _finding(points, noise) if points else None


def _points(noise: list[str], long: int, words: int) -> int:
    """Return what so many words of noise among the long ones deserve."""
    if len(noise) == 1:
        return ALONE if long == 1 and words <= 2 and len(noise[0]) >= LEAST_ALONE else 0  # noqa: PLR2004 - and a number
    if sum(map(len, noise)) < LEAST_TOGETHER:
        return 0
    if len(noise) > _MOST * long:
        return MOSTLY
    return PARTLY if len(noise) >= _SOME * long else 0


def _finding(points: int, noise: list[tuple[str, Span]]) -> Finding:
    named = ", ".join(f'"{word[:_LONGEST_WORD]}"' for word, _ in noise[:_MOST_NAMED])
    message = f"Holds letters as no language joins them: {named}."
    return Finding("gibberish", points, message, tuple(place for _, place in noise[:MOST_SPANS]))


def _is_noise(text: str, place: Span, looks: int) -> bool:
    """Tell whether a word that looks like noise is: no abbreviation, and shuffled (kQzTvLpWx) where it only may be."""
    start, end = place
    if looks == _MAYBE:
        return len(_UP.findall(text, start, end)) >= _UPS
    return end - start > _ABBREVIATION or not text[start:end].isupper()


@lru_cache(maxsize=8192)
def _looks(word: str) -> int:
    """Return whether a word in lower case looks like noise: keys side by side, or letters that no language joins."""
    if len(set(word)) <= 2 or not word.isalpha():  # noqa: PLR2004 - laughter, and what people draw out: haha, hmmm
        return _NO
    if any(word[at : at + _RUN] in _KEYS for at in range(len(word) - _RUN + 1)):
        return _YES
    if not word.isascii():
        return _NO
    short = _AGAIN.sub(r"\1", word)
    odd = _odd(short)
    if odd >= _ODD * (len(short) - 1):
        return _YES
    if len(short) >= _NO_VOWEL and not _VOWELS.intersection(short):
        return _YES
    return _MAYBE if odd and len(word) >= LEAST_ALONE else _NO


def _odd(word: str) -> int:
    return sum(1 for at in range(len(word) - 1) if word[at : at + 2] in _ODD_FOR)
