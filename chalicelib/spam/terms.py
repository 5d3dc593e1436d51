"""Terms: finds the words that the site's owner listed."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.spam.evidence import Submission, Term
from chalicelib.spam.finding import URGENT, Finding, Span
from chalicelib.text import mapped, normal

POINTS = {"hold": 50, "spam": 100, "urgent": 0}
"""An urgent term says who must read the comment, not what it is."""
MOST_SPANS = 20
MOST_NAMED = 5

# Scripts written without spaces, where a word is found inside others: Thai and Lao, Myanmar, Khmer, kana and
# Han to Yi, Hangul (whose particles stick to the word), Han beyond the basic plane.
_WITHOUT_SPACES = (
    range(0x0E00, 0x0F00),
    range(0x1000, 0x10A0),
    range(0x1780, 0x1800),
    range(0x2E80, 0xA4D0),
    range(0xAC00, 0xD7B0),
    range(0xF900, 0xFB00),
    range(0x20000, 0x40000),
)


@dataclass(frozen=True, slots=True)
class _Hit:
    term: Term
    places: tuple[str, ...]
    spans: tuple[Span, ...]
    """In the normal form of the text."""


def terms(submission: Submission) -> Finding | None:
    """Find the site's terms, as whole words in any writing, in the text, name, email address and website."""
    if not submission.facts.terms:
        return None
    fields = [("text", normal(submission.text))]
    others = (("name", submission.name), ("email address", submission.email), ("website", submission.website))
    fields += [(field, normal(value)) for field, value in others if value]
    words = [(term, _word(term.value)) for term in submission.facts.terms]
    allowed = {word for term, word in words if term.kind == "allow"}
    hits = [hit for term, word in words if word not in allowed and (hit := _hit(term, word, fields))]
    if not hits:
        return None
    return Finding(
        "terms",
        max(POINTS[hit.term.kind] for hit in hits),
        _message(hits),
        _typed(submission.text, hits),
        URGENT if any(hit.term.kind == URGENT for hit in hits) else None,
    )


@lru_cache(maxsize=4096)  # the list is the same for the next comment
def _word(value: str) -> str:
    return normal(value)


def _hit(term: Term, word: str, fields: list[tuple[str, str]]) -> _Hit | None:
    found = {field: spans for field, value in fields if (spans := tuple(_occurrences(word, value)))}
    return _Hit(term, tuple(found), found.get("text", ())[:MOST_SPANS]) if found else None


def _occurrences(word: str, value: str) -> Iterator[Span]:
    start = value.find(word) if word else -1
    while start >= 0:
        end = start + len(word)
        whole = not _joined(value, start) and not _joined(value, end)
        if whole:
            yield start, end
        start = value.find(word, end if whole else start + 1)


def _joined(value: str, position: int) -> bool:
    """Tell whether a word goes on across this position."""
    return 0 < position < len(value) and _in_word(value[position - 1]) and _in_word(value[position])


def _in_word(letter: str) -> bool:
    if any(ord(letter) in script for script in _WITHOUT_SPACES):
        return False
    return letter.isalnum() or unicodedata.category(letter)[0] == "M"


def _typed(text: str, hits: list[_Hit]) -> tuple[Span, ...]:
    spans = sorted({span for hit in hits for span in hit.spans})[:MOST_SPANS]
    if not spans:
        return ()
    form = mapped(text)
    return tuple(form.span(*span) for span in spans)


def _message(hits: list[_Hit]) -> str:
    named = [f'"{hit.term.value}" ({hit.term.kind}, in the {" and the ".join(hit.places)})' for hit in hits]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"Holds terms of this site's list: {', '.join(named[:MOST_NAMED])}{more}."
