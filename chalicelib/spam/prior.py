"""The prior: what is known of spam and of people in need before a site has decided anything, read from one file.

A logistic regression for spam, one for whether a person should look, and one for each reason of safety, over hashed
words, pairs of words, pairs of classes of meaning (clusters of static word vectors), the vectors' mean, and, for spam,
signals. A mean of vectors times a head's weights is a mean of numbers: so the file holds, for each word and head, that
product, and not the vectors. `tools/spam` makes the file; docs/spam.md tells what it was made from and how good it is.
"""

import json
import math
import mmap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from chalicelib.spam.grams import BUCKETS, codes, grams, hashed
from chalicelib.spam.reading import Reading

FILE = Path(__file__).with_name("prior.model")
MAGIC = b"afterword prior 2\n"
MIDDLE = 128
"""What stands for a weight of nothing: a step of weight is one byte, and bytes are looked up fastest."""
SPAM = "spam"
CONCERN = "concern"
"""The head that is asked first: what does not concern it is asked nothing else."""
POINTS_PER_NAT = 50 / math.log(9)
"""50 points make spam nine times as likely."""
GRAM_SCALE = 3.0
SHRUNK_BY = 5
"""Words of no meaning that every text is averaged with: so that three words do not weigh as much as thirty."""
WINDOW = 24
"""Words that a window has at least: whole sentences, so many as it takes."""
LONG = 60
"""Words from which a text is looked at in windows: what matters may be one sentence in a long story."""
_INDEX_BITS = 16
_REMEMBERED = 16_384
_UNKNOWN = 0
_A_NUMBER = 1

Window = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Reason:
    """What the prior thinks of one reason of safety: how likely it is, whether that is worth a look, by which words."""

    probability: float
    reached: bool
    window: Window


class Prior:
    """The file, opened once; all methods are pure."""

    def __init__(self, data: Any) -> None:  # noqa: ANN401 - bytes or mmap
        if data[: len(MAGIC)] != MAGIC:
            msg = "This is no prior, or one of another version."
            raise ValueError(msg)
        start = len(MAGIC) + 4
        end = start + int.from_bytes(data[len(MAGIC) : start], "little")
        self.header: dict[str, Any] = json.loads(bytes(data[start:end]))
        self.version: str = self.header["version"]
        self.heads: tuple[str, ...] = tuple(self.header["heads"])
        self.reasons = self.heads[2:]
        self.settings = [self.header["heads"][head] for head in self.heads]
        view = memoryview(data)
        rows = self.header["rows"]
        at = end + -end % 16
        self._index = view[at : at + (2 << _INDEX_BITS)].cast("H")
        at += 2 << _INDEX_BITS
        self._marks = view[at : at + 2 * rows].cast("H")
        at += 2 * rows
        self._classes = view[at : at + 2 * rows].cast("H")
        at += 2 * rows
        self.meaning = [bytes(view[at + n * rows : at + (n + 1) * rows]) for n in range(len(self.heads))]
        at += len(self.heads) * rows
        self.grams = [bytes(view[at + n * BUCKETS : at + (n + 1) * BUCKETS]) for n in range(len(self.heads))]
        self._row = lru_cache(maxsize=_REMEMBERED)(self._find)

    def _find(self, word: str) -> int:
        """Return the row of a word, -1 for one without meaning to the prior."""
        code = hashed(word)
        slot = code & 0xFFFF
        while row := self._index[slot]:
            if self._marks[row - 1] == code >> 16:
                return row - 1
            slot = (slot + 1) & 0xFFFF
        stem, apostrophe, _ = word.partition("'")
        return self._find(stem) if apostrophe and stem else -1

    def read(self, reading: Reading) -> "Read":
        """Look up the words of a reading in all tables."""
        rows = [self._row(word) for word in reading.words]
        classes = [self._class(word, row) for word, row in zip(reading.words, rows, strict=True)]
        return Read(self, reading, rows, classes)

    def _class(self, word: str, row: int) -> int:
        if row >= 0:
            return self._classes[row]
        return _A_NUMBER if word[0].isdigit() or word[0] == "+" else _UNKNOWN

    def spam(self, read: "Read", signals: Sequence[float]) -> float:
        """Return the log-odds (nats) of spam that the words and signals speak for, beside what checks found."""
        weights = self.header["signals"]
        beside = sum(
            weight * max(-3.0, min(3.0, (value - mean) / spread))
            for value, weight, mean, spread in zip(
                signals, weights["weights"], weights["means"], weights["spreads"], strict=True
            )
        )
        return read.total(0, read.whole) + float(beside)

    def about(self, read: "Read") -> dict[str, Reason]:
        """Return what the prior thinks of each reason, by the part of the text that concerns it most; {} if none."""
        concern, window = max(read.totals(1, windows_of(read.reading)))
        if concern < self.header["heads"][CONCERN]["bar"]:
            return {}
        found = {}
        for number, name in enumerate(self.reasons, start=2):
            head = self.header["heads"][name]
            value = read.total(number, window)
            found[name] = Reason(_probability(head["slope"] * value + head["offset"]), value >= head["bar"], window)
        return found


class Read:
    """A reading with its places in the prior's tables."""

    def __init__(self, prior: Prior, reading: Reading, rows: list[int], classes: list[int]) -> None:
        self.prior, self.reading, self.rows = prior, reading, rows
        self.whole: Window = (0, len(reading.words))
        self.groups = grams(codes(reading.words), classes)
        self._parts = dict[Window, _Part]()

    def total(self, head: int, window: Window) -> float:
        """Return a head's log-odds (nats) for some of the words."""
        part = self._part(window)
        values = part.picked(self.prior.grams[head])
        sums = [(sum(values[start:end]), end - start) for start, end in part.groups]
        return self._weighed(head, window, sums)

    def totals(self, head: int, windows: Sequence[Window]) -> list[tuple[float, Window]]:
        """Return the same for each of several windows, each with it: every place is looked up once."""
        table = self.prior.grams[head]
        groups = [[(part.apart, _picked(table, part.places)) for part in group] for group in self.groups]
        found = []
        for start, end in windows:
            sums = []
            for group in groups:
                inside = [values[start : max(start, end - apart)] for apart, values in group]
                sums.append((sum(map(sum, inside)), sum(map(len, inside))))
            found.append((self._weighed(head, (start, end), sums), (start, end)))
        return found

    def _weighed(self, head: int, window: Window, sums: list[tuple[int, int]]) -> float:
        settings, known = self.prior.settings[head], [row for row in self.rows[window[0] : window[1]] if row >= 0]
        of_grams = sum((total - MIDDLE * count) / math.sqrt(count) for total, count in sums if count)
        of_words = (sum(_picked(self.prior.meaning[head], known)) - MIDDLE * len(known)) / (len(known) + SHRUNK_BY)
        scaled = settings["gram_step"] * GRAM_SCALE * of_grams + settings["word_step"] * of_words
        return float(settings["bias"] + scaled)

    def _part(self, window: Window) -> "_Part":
        if window not in self._parts:
            self._parts[window] = _Part(self, window)
        return self._parts[window]

    def strongest(self, head: int, window: Window, most: int) -> list[int]:
        """Return the words of a window that speak most for a head, the strongest first: indexes, at most so many.

        A word speaks for itself, its beginning, and half of the pairs with its neighbours.
        """
        start, end = window
        own, beginnings, pairs = (
            [value - MIDDLE for value in _picked(self.prior.grams[head], part.places[start : end - part.apart])]
            for part in self.groups[0][:3]
        )
        beside = (0, *pairs, 0)
        weights = [value + beginnings[at] + (beside[at] + beside[at + 1]) / 2 for at, value in enumerate(own)]
        speaking = sorted((at for at, weight in enumerate(weights) if weight > 0), key=lambda at: (-weights[at], at))
        return [start + at for at in speaking[:most]]


class _Part:
    """What a window's words are looked up by: all their places, where each group begins and ends."""

    def __init__(self, read: Read, window: Window) -> None:
        start, end = window
        self.groups = list[Window]()
        places = list[int]()
        for group in read.groups:
            before = len(places)
            for part in group:
                places += part.places[start : max(start, end - part.apart)]
            self.groups.append((before, len(places)))
        self.picked: Callable[[bytes], Sequence[int]] = _picker(places)


def _picker(places: list[int]) -> Callable[[bytes], Sequence[int]]:
    return itemgetter(*places) if len(places) > 1 else lambda table: [table[place] for place in places]


def _picked(table: bytes, places: list[int]) -> Sequence[int]:
    return _picker(places)(table)


def windows_of(reading: Reading) -> list[Window]:
    """Return the whole of a short text, and of a long one its sentences: short ones joined, endless ones cut."""
    count = len(reading.words)
    if count < LONG:
        return [(0, count)]
    windows, start = [], 0
    for stop in (*reading.stops, count):
        while stop - start >= 2 * WINDOW:
            windows.append((start, start + WINDOW))
            start += WINDOW
        if stop - start >= WINDOW:
            windows.append((start, stop))
            start = stop
    return [*windows, (start, count)] if start < count else windows


def _probability(nats: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, nats))))


@cache
def prior() -> Prior:
    """Return the prior that ships, opened once."""
    with FILE.open("rb") as file:
        return Prior(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
