"""Disguise: finds words and addresses that were written so that a reader knows them and a program does not."""

import re
from collections.abc import Iterator

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding, Span
from chalicelib.spam.reading import Reading

HIDDEN = (0, 5, 25, 40, 50)
"""For no hidden word, one (a slip, or a joke), two, three, and four or more."""
SPELLED = 25
"""Added for an address that is spelled: "shop dot top", "shop[.]top"."""
MAYBE_SPELLED = 10
"""Added for "(at)": honest people write their mail address so too."""
MOST = 60

MOST_SPANS = 20
_MOST_NAMED = 4
_LONGEST_NAMED = 24
_INITIALS = 6
_SPACED_INITIALS = 4
_PIECE = 6

# What honest people hide, out of manners, and what they spell out to be heard; and what only looks hidden (HbA1c).
_MANNERS = frozenset(
    (  # noqa: SIM905 - as a list, one to a line, nobody would read them
        "shit shite bullshit fuck fucking fucked fucker ass arse asshole arsehole bitch bastard crap dick "
        "dickhead piss pissed cunt cock wank wanker bollocks damn hell god gods stop never please love slow "
        "slowly help sorry read scheisse merde mierda puta hbaic"
    ).split()
)
_PICTURE = "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff]\ufe0f?"
_A_PICTURE = re.compile(_PICTURE)
_PICTURED = re.compile(
    rf"(?:[^\W_]{{1,{_PIECE}}}{_PICTURE}){{1,20}}[^\W_]{{1,{_PIECE}}}|{_PICTURE}(?:[^\W_]{{1,3}}{_PICTURE}){{2,20}}"
)
_LETTER_SIGN = re.compile("[\U0001f130-\U0001f189]\ufe0f?")

_ENDING = (
    "com|net|org|info|biz|co|cc|me|io|to|ru|su|us|uk|in|de|tv|top|xyz|shop|store|site|online|club|live|bet|win|casino|"
    "loan|icu|vip|pro|fun|click|link|space|buzz|cash|date|cam|pw|ws"
)
_SURE = "com|net|org|info|biz|co|cc|top|xyz|shop|store|site|club|bet|win|casino|icu|vip|ru|su|pw|kk|c0m"
_DOT = "dot|punkt|punto|point|ponto|punt|kropka|nokta|chấm|точка|крапка"
_DOT_WORDS = frozenset({*_DOT.split("|"), "d0t"})
_BRACKETED = re.compile(rf"[\[({{]\s?(?:[.,]|{_DOT}|d0t)\s?[\])}}]\s?\w\s?\w\w?", re.IGNORECASE)
_AT = re.compile(r"[\[({]\s?(?:at|arroba|ät)\s?[\])}]", re.IGNORECASE)
_IN_WORDS = re.compile(rf"(?<!\bthe\s)(?<!\ba\s)\b(?:d[o0]t\s(?:{_ENDING})|(?:{_DOT})\s(?:{_SURE}))\b", re.IGNORECASE)
_APART = re.compile(rf"(?<=\w)(?:\s[.]\s?(?:{_SURE})|[.]\s(?:com|net|org))\b(?!\s*[\w(])", re.IGNORECASE)
_TOLD = re.compile(r"\((?:replace|remove|without)\s[a-z ,]{2,20}\)|\bwithout\s(?:the\s)?spaces\b", re.IGNORECASE)


def disguise(submission: Submission) -> Finding | None:
    """Find words hidden by look-alike letters, digits, spaces, pictures, and addresses that are spelled out."""
    text, reading = submission.text[:10_000], submission.reading
    hidden = [*_hidden(text, reading), *(() if text.isascii() else _pictured(text))]
    spelled = list(_spelled(text, reading))
    points = HIDDEN[min(len(hidden), len(HIDDEN) - 1)] + max((points for points, _ in spelled), default=0)
    if not points:
        return None
    said = []
    if hidden:
        named = ", ".join(f'"{word[:_LONGEST_NAMED]}"' for word, _ in hidden[:_MOST_NAMED])
        said.append(f"Hides {'a word' if len(hidden) == 1 else f'{len(hidden)} words'}: {named}.")
    if spelled:
        start, end = spelled[0][1]
        said.append(f'Spells an address out: "{" ".join(text[start:end].split())[:40]}".')
    spans = sorted({span for _, span in (*hidden, *spelled)})[:MOST_SPANS]
    return Finding("disguise", min(points, MOST), " ".join(said), tuple(spans), without="the hidden spelling")


def _hidden(text: str, reading: Reading) -> Iterator[tuple[str, Span]]:
    if not reading.disguised:
        return
    words = dict(zip(reading.places, reading.words, strict=True))
    for place in reading.disguised:
        word = words.get(place)
        if word and word not in _MANNERS and not _is_initials(text[place[0] : place[1]]):
            yield word, place


def _is_initials(typed: str) -> bool:
    """Tell whether it is an abbreviation: D.V.L.A., N I C E."""
    longest = _INITIALS if "." in typed else _SPACED_INITIALS
    return typed.isupper() and len(typed) < 2 * longest and not any(map(str.isdigit, typed))


def _pictured(text: str) -> Iterator[tuple[str, Span]]:
    if not _A_PICTURE.search(text):
        return
    for found in _PICTURED.finditer(text):
        letters = "".join(letter for letter in found[0] if letter.isalnum())
        pictures = len(_A_PICTURE.findall(found[0]))
        if len(letters) > 2 and (pictures > 1 or _LETTER_SIGN.search(found[0]) or letters.islower()):  # noqa: PLR2004
            yield letters, found.span()


def _spelled(text: str, reading: Reading) -> Iterator[tuple[int, Span]]:
    """Yield what an address that is spelled deserves, and its place; looks only through texts that may hold one."""
    patterns = []
    if "(" in text or "[" in text or "{" in text:
        yield from ((MAYBE_SPELLED, found.span()) for found in _AT.finditer(text))
        patterns += [_BRACKETED, _TOLD]
    elif "spaces" in text:
        patterns += [_TOLD]
    if not _DOT_WORDS.isdisjoint(reading.words):
        patterns.append(_IN_WORDS)
    if " ." in text or ". com" in text or ". net" in text or ". org" in text:
        patterns.append(_APART)
    for pattern in patterns:
        yield from ((SPELLED, found.span()) for found in pattern.finditer(text))
