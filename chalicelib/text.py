"""Text: the normal form, the fingerprint and the refusals of what readers type."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

MARKS_IN_A_ROW = 30
"""No script needs more marks on one letter (UAX #15); beyond, putting them in order takes quadratic time."""

# Control characters that are not white space, and what Unicode calls format characters or default ignorable:
# soft hyphen, zero width, bidi controls, variation selectors, tags. Written out, so that every Python agrees.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
TEXT_PATTERN = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$"
"""What bad_character lets through, as JSON Schema can say it: JSON itself has no halves of characters."""
LINE_PATTERN = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$"
"""What bad_line_character lets through, likewise."""
_LINE_END = re.compile("[\t\n\r\u2028\u2029]")
_PIECE = re.compile("m+|.m*")
_TOO_MANY_MARKS = re.compile(f"(m{{{MARKS_IN_A_ROW}}})m+")
# Letters that join the one before although they are no marks: Hangul vowels and finals, Kirat Rai vowels.
_JOINING = (range(0x1160, 0x1200), range(0xD7B0, 0xD800), range(0x16D63, 0x16D6B))
_A_MARK = "\u0301"
_BRAILLE_BLANK = "\u2800"
_REMEMBERED = 0x10000  # what people write; with all of Unicode, a hostile text could fill the memory


def normal(text: str) -> str:
    """Return the form in which two texts are compared: NFKC, case folded, nothing invisible, single spaces.

    The normal form of a normal form is itself. Takes time in proportion to the text.
    """
    return " ".join(_folded(text).split())


def fingerprint(text: str) -> str:
    """Return 64 hex digits, the same when only case, spacing, punctuation or unseen characters differ.

    A text without any letter or digit is told apart by all it has.
    """
    form = normal(text)
    words = "".join(letter for letter in form if letter.isalnum() or unicodedata.category(letter)[0] == "M")
    return sha256((words or form).encode("utf-8", "surrogatepass")).hexdigest()


def is_blank(text: str) -> bool:
    """Tell whether the text shows nothing: white space, invisible characters, marks without a letter."""
    return not any(_shows(letter) for letter in _INVISIBLE.sub("", text))


def bad_character(text: str) -> str | None:
    """Return a sentence naming the first character that no text may hold, or None.

    Controls other than tab and line ends are refused, and halves of characters (lone surrogates).
    """
    found = _BAD.search(text)
    if found is None:
        return None
    code = f"U+{ord(found[0]):04X}"
    if found[0] >= "\ud800":
        return f"Half a character ({code}) cannot be taken."
    return f"The control character {code} cannot be taken."


def bad_line_character(text: str) -> str | None:
    """Return a sentence naming the first character that no single line may hold, or None."""
    found = _LINE_END.search(text)
    if found is None:
        return bad_character(text)
    return "A tab cannot be taken here." if found[0] == "\t" else "A line break cannot be taken here."


@dataclass(frozen=True, slots=True)
class Mapped:
    """A normal form that remembers where each of its characters was typed."""

    text: str
    typed: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where the part from `start` to `end` of the normal form lies in the text as typed."""
        return self.typed[start][0], self.typed[end - 1][1]


def mapped(text: str) -> Mapped:
    """Return normal(text), with the way back. Much slower than normal()."""
    letters: list[str] = []
    typed: list[tuple[int, int]] = []
    for start, end in _pieces(text):
        for letter in _folded(text[start:end]):
            if not letter.isspace():
                letters.append(letter)
                typed.append((start, end))
            elif letters and letters[-1] != " ":
                letters.append(" ")
                typed.append((start, end))
    if letters and letters[-1] == " ":
        letters.pop()
        typed.pop()
    return Mapped("".join(letters), tuple(typed))


def _folded(text: str) -> str:
    if text.isascii():
        return _INVISIBLE.sub("", text).lower()
    while True:  # a folded letter can be a new mark, so once is not always enough
        folded = unicodedata.normalize("NFKC", _few_marks(_INVISIBLE.sub("", text)))
        folded = unicodedata.normalize("NFKC", folded.casefold())
        if folded == text:
            return folded
        text = folded


def _few_marks(text: str) -> str:
    marks = text.translate(_MARKS)
    if "m" * (MARKS_IN_A_ROW + 1) not in marks:
        return text
    kept = []
    end = 0
    for run in _TOO_MANY_MARKS.finditer(marks):
        kept.append(text[end : run.end(1)])
        end = run.end()
    return "".join([*kept, text[end:]])


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where each letter lies, with the marks and invisible characters after it: what folds by itself."""
    marks = _INVISIBLE.sub(lambda run: _A_MARK * len(run[0]), text).translate(_MARKS)
    return (piece.span() for piece in _PIECE.finditer(marks))


def _shows(letter: str) -> bool:
    return not letter.isspace() and letter != _BRAILLE_BLANK and unicodedata.category(letter)[0] != "M"


class _Marks(dict[int, str]):
    """For str.translate: "m" for what joins the letter before it, "x" for what stands by itself."""

    def __missing__(self, code: int) -> str:
        first = unicodedata.normalize("NFKD", chr(code))[0]
        joins = unicodedata.category(first)[0] == "M" or any(ord(first) in letters for letters in _JOINING)
        mark = "m" if joins else "x"
        if code < _REMEMBERED:
            self[code] = mark
        return mark


_MARKS = _Marks()
