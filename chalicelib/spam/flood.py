"""Flood: finds the same words or lines again and again, lists of keywords, and walls of hashtags."""

import re
from collections import Counter
from collections.abc import Sequence

from chalicelib.spam.evidence import Submission
from chalicelib.spam.finding import Finding, Span

REPEATED = 40
"""For a phrase or a line that makes up half of the text and stands there three times or more."""
KEYWORDS = 40
"""For a list of searches that share a word: "plumber Leeds, plumber York, plumber Hull, cheap plumber"."""
HASHTAGS = 40

LEAST_TIMES = 3
LEAST_WORDS = 8
"""Fewer words than this are repeated by many: "no no no"."""
LEAST_SHARED = 4
LEAST_HASHTAGS = 6
MOST_WORDS = 600
MOST_SPANS = 20

_LONGEST_PHRASE = 6
_HALF = 2
_LEAST_HEAD = 4
_SHARE_OF_WORDS = 6
"""The shared word has to be every sixth one at least: a story that names a medicine often has more words between."""
_WIDE = "\u2e80"
"""From here on a word is two characters of a script without spaces."""

_HASHTAG = re.compile(r"#\w{2,40}")
_LAUGHTER = frozenset("haejk")
# A list of keywords is no sentence: it has none of these.
_SENTENCE = frozenset(
    (  # noqa: SIM905 - as a list, one to a line, nobody would read them
        "i i'm my me is was are am it that you she he they we this but not had have has been because were if so "
        "than what which do did would ich ist war nicht und das sie er wir mein habe hat aber wenn je est mais "
        "pas vous nous elle il mon ma que qui une et yo es pero mi ella está era muy y se como cuando lo я это "
        "не но мне был она и что как io ho è não eu mas niet"
    ).split()
)


def flood(submission: Submission) -> Finding | None:
    """Find repeated phrases and lines, lists of keywords and walls of hashtags."""
    text, words = submission.text[:10_000], submission.reading.words[:MOST_WORDS]
    hashtags = [found.span() for found in _HASHTAG.finditer(text)] if text.count("#") >= LEAST_HASHTAGS else []
    if len(hashtags) >= LEAST_HASHTAGS and _HALF * len(hashtags) >= len(words):
        return Finding("flood", HASHTAGS, f"A wall of {len(hashtags)} hashtags.", tuple(hashtags[:MOST_SPANS]))
    if len(words) < LEAST_WORDS and text.count("\n") < LEAST_TIMES - 1:
        return None
    found = _lines(text)
    different = len(set(words))
    if not found and 3 * different <= 2 * len(
        words
    ):  # half of the words are one phrase, thrice: a third of them repeat
        found = _phrase(submission, words)
    if not found and _SHARE_OF_WORDS * different < (_SHARE_OF_WORDS - 1) * len(words) + _SHARE_OF_WORDS:
        found = _keywords(submission, words)
    return found


def _lines(text: str) -> Finding | None:
    if "\n" not in text:
        return None
    lines = [line for typed in text.split("\n") if (line := " ".join(typed.casefold().split()))]
    if len(lines) < LEAST_TIMES:
        return None
    line, times = Counter(lines).most_common(1)[0]
    if times < LEAST_TIMES or _HALF * times < len(lines) or not any(map(str.isalpha, line)):
        return None
    return Finding("flood", REPEATED, f'The line "{line[:40]}" stands there {times} times.', ((0, len(text)),))


def _phrase(submission: Submission, words: Sequence[str]) -> Finding | None:
    """Find the phrase of two to six words that fills half of the text, by looking how far the same word is away."""
    distances = Counter[int]()
    last: dict[str, int] = {}
    for at, word in enumerate(words):
        before = last.get(word)
        if before is not None and at - before <= _LONGEST_PHRASE:
            distances[at - before] += 1
        last[word] = at
    for length, repeated in distances.most_common(2):
        if length > 1 and repeated >= length * (LEAST_TIMES - 1) and _HALF * (repeated + length) >= len(words):
            return _repeated(submission, words, length)
    return None


def _repeated(submission: Submission, words: Sequence[str], length: int) -> Finding | None:
    runs, start = [], 0
    for at in range(length, len(words) + 1):
        if at == len(words) or words[at] != words[at - length]:
            if at - start >= LEAST_TIMES * length:
                runs.append((start, at))
            start = at - length + 1
    if not runs or _is_laughter(words[runs[0][0] : runs[0][0] + length]):
        return None
    first, last = runs[0]
    if _HALF * sum(to - start for start, to in runs) < len(words):
        return None
    phrase = " ".join(words[first : first + length])
    times = (last - first) // length
    spans: tuple[Span, ...] = tuple(submission.reading.span(start, to - 1) for start, to in runs[:MOST_SPANS])
    return Finding("flood", REPEATED, f'"{phrase[:60]}" stands there {times} times.', spans)


def _is_laughter(phrase: Sequence[str]) -> bool:
    return all(_LAUGHTER.issuperset(word) or word.isdigit() for word in phrase) or len(set(phrase)) == 1


def _keywords(submission: Submission, words: Sequence[str]) -> Finding | None:
    """Find a list of searches: no sentence, and one word in most of its items, or again and again."""
    if len(set(words)) < LEAST_SHARED or ". " in submission.text or not _SENTENCE.isdisjoint(words):
        return None
    counts = Counter(word for word in words if (len(word) >= _LEAST_HEAD and word.isalpha()) or word > _WIDE)
    word, times = counts.most_common(1)[0] if counts else ("", 0)
    if times < LEAST_SHARED or _SHARE_OF_WORDS * times < len(words) or sum(map(str.isdigit, words)) >= times:
        return None
    places = submission.reading.places
    spans = tuple(places[at] for at, each in enumerate(words) if each == word)
    return Finding("flood", KEYWORDS, f'A list of keywords: "{word[:40]}" {times} times.', spans[:MOST_SPANS])
