"""Spelling: the plain form of a word, without invisible letters, look-alikes of other scripts, digits for letters."""

import html
import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)

# Letters of other scripts that look like a Latin one, from Unicode's confusables (UTS #39), as far as spam uses them.
_ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝьвкмнтгпоαβγδεηικνορτυχωϲᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷΝΟᏢᏒᏚᎢᏙᎳΧᎽᏃᎥ",
    "aeopcyxijshdqwbbkmhtrnoabydenikvoptuxwcabcdehjklmnoprstvwxyzi",
)
_UNLIKE = str.maketrans("aeopcyxijshbkmt", "аеорсухіјѕһвкмт")
"""The other way: Latin letters within a word of Cyrillic ones."""
_OTHER = re.compile("[\u0370-\u058f\u13a0-\u13ff\uab70-\uabbf]")
"""Greek, Cyrillic, Armenian and Cherokee: whose letters look like Latin ones."""
_LEET = str.maketrans("013457@$!|", "oieastasil")
_DIGIT_INSIDE = re.compile(r"[a-z]++[0-9@$!|]{1,2}+[a-z][a-z0-9@$!|]*+(?<=[a-z])")
_STYLED = (range(0x1D400, 0x1D800), range(0x2460, 0x2500), range(0x1F130, 0x1F18A))
_LETTERS = 2
_SHORTEST = 4


def plain(typed: str) -> tuple[str, bool]:
    """Return a word's plain spelling, and whether the typed one hid it.

    Hiding is to mix scripts within a word, to write its letters as entities, to put invisible characters between them,
    to borrow styled letters, or digits and signs for letters. Accents, width and case are no disguise.
    """
    if typed.isascii() and typed.isalpha():
        return typed.lower(), False
    word, hidden = typed, False
    if "&#" in word:
        word, hidden = html.unescape(word), True
    shown = _INVISIBLE.sub("", word)
    hidden = hidden or _splits(shown, word)
    folded = unicodedata.normalize("NFKC", shown).casefold().replace("\u2019", "'")
    hidden = hidden or _is_styled(shown)
    latin = _in_one_script(folded)
    if latin != folded:
        folded, hidden = latin, True
    letters = _without_leet(folded)
    if letters != folded:
        folded, hidden = letters, True
    return folded.strip("'"), hidden


def _splits(shown: str, word: str) -> bool:
    """Tell whether invisible characters stood between Latin letters: other scripts and emoji need them."""
    return shown != word and shown.isascii() and len(shown) > _LETTERS and not shown.isdigit() and "\u00ad" not in word


def _is_styled(word: str) -> bool:
    """Tell whether a letter is one of mathematics or in a circle, as fonts of the web make them."""
    return any(ord(letter) in styled for letter in word for styled in _STYLED)


def _in_one_script(word: str) -> str:
    """Return a word of Latin and other letters in one script, where look-alikes allow that."""
    if word.isascii() or not _OTHER.search(word) or not any("a" <= letter <= "z" for letter in word):
        return word
    changed = word.translate(_ALIKE)
    if not _OTHER.search(changed):
        return changed
    changed = word.translate(_UNLIKE)
    return word if any(letter.isascii() and letter.isalpha() for letter in changed) else changed


def _without_leet(word: str) -> str:
    if not word.isascii() or word.isalpha() or len(word) < _SHORTEST or not _DIGIT_INSIDE.fullmatch(word):
        return word
    letters = word.translate(_LEET)
    return letters if letters.isalpha() else word
