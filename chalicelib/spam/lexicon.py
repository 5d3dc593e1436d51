"""Lexicon: finds the phrases of words/*.json in a comment, all groups in one pass over its words."""

import json
import re
from collections.abc import Iterable, Iterator, KeysView, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

LANGUAGES = ("en", "de", "es", "fr")
LONGEST_PHRASE = 6
"""Words. A test holds the files to it, so that a comment takes time in proportion to its length."""
SHORTEST_STEM = 3
"""Letters before the `*` of a stem; with fewer it would stand for too much."""
_REMEMBERED = 16_384
_COMMENTS = 64
_STEM = re.compile(r"[^\s|*]+\*")
_FOLDER = Path(__file__).parent / "words"

Place = tuple[int, int]
"""The first and the last word of a phrase, both included, as indices into the words of a reading."""


@dataclass(slots=True, eq=False)
class _Step:
    """One word of a phrase: what it may be, and the steps that may follow; of which group, where it may be the last."""

    words: frozenset[str]
    after: tuple["_Step", ...]
    group: str | None


@dataclass(slots=True, eq=False)
class _Start:
    """What may begin with a word: the groups of which it is a phrase alone, and the steps by the word behind it."""

    alone: tuple[str, ...]
    second: dict[str, list[_Step]]
    seconds: KeysView[str]


class Lexicon:
    """Phrases by group. A phrase is of words in plain spelling, with these signs for what may vary.

    `one|other` either word, `a|` a word that may be absent (not the first), `tablet*` whatever begins so, `*` any one
    word, `#` a number. `<link>`, `<email>` and `<handle>` stand for addresses, as in a reading.
    """

    def __init__(self, groups: Mapping[str, Iterable[str]]) -> None:
        self._phrases: dict[str, list[tuple[str, str]]] = {}
        stems = set[str]()
        for group, phrases in groups.items():
            for phrase in phrases:
                for word in phrase.partition(" ")[0].split("|"):
                    self._phrases.setdefault(word, []).append((group, phrase))
                if "*" in phrase:
                    stems.update(_STEM.findall(phrase))
        self._stems: dict[str, list[str]] = {}
        for stem in sorted(stems):
            self._stems.setdefault(stem[:SHORTEST_STEM], []).append(stem)
        self._keys = lru_cache(maxsize=_REMEMBERED)(self._keys_of)
        self._begin = cache(self._beginning)
        self._start = lru_cache(maxsize=_REMEMBERED)(self._starting)
        self.find = lru_cache(maxsize=_COMMENTS)(self._find)
        """Return where phrases of each group stand; a group without any is absent. Several checks share the answer."""

    def _keys_of(self, word: str) -> tuple[str, ...]:
        """Return what a word may be called in a phrase: itself, any word, a number, the stems it begins with."""
        alike = self._stems.get(word[:SHORTEST_STEM], ())
        stems = [stem for stem in alike if word.startswith(stem[:-1])] if alike else ()
        return (word, "*", "#", *stems) if word[:1].isdigit() else (word, "*", *stems)

    def _starting(self, word: str) -> _Start | None:
        """Return what may begin with a word."""
        keys = tuple(key for key in self._keys(word) if key in self._phrases)
        return self._begin(keys) if keys else None

    def _beginning(self, keys: tuple[str, ...]) -> _Start:
        """Return what may begin with a word of these names. Phrases are taken apart here, when a comment needs them."""
        steps = [_step(*phrase) for key in keys for phrase in self._phrases[key]]
        second: dict[str, list[_Step]] = {}
        for step in steps:
            for after in step.after:
                for key in after.words:
                    second.setdefault(key, []).append(after)
        return _Start(tuple({step.group for step in steps if step.group}), second, second.keys())

    def _find(self, words: tuple[str, ...]) -> Mapping[str, tuple[Place, ...]]:
        hits: dict[str, list[Place]] = {}
        keys = [*map(self._keys, words), ()]
        for first, start in enumerate(map(self._start, words)):
            if not start:
                continue
            ends = dict.fromkeys(start.alone, first) if start.alone else {}
            if not start.seconds.isdisjoint(keys[first + 1]):
                steps = [step for key in keys[first + 1] for step in start.second.get(key, ())]
                _follow(steps, keys, first + 1, ends)
            for group, last in ends.items():
                hits.setdefault(group, []).append((first, last))
        return MappingProxyType({group: tuple(places) for group, places in hits.items()})


def _follow(steps: list[_Step], keys: list[tuple[str, ...]], last: int, ends: dict[str, int]) -> None:
    """Note for each group the last word of its longest phrase."""
    while steps:
        ends.update((step.group, last) for step in steps if step.group)
        last += 1
        steps = [after for step in steps for after in step.after if not after.words.isdisjoint(keys[last])]


def _step(group: str, phrase: str) -> _Step:
    """Return the first step of a phrase."""
    steps, last = tuple[_Step, ...](), True
    for choice in reversed([choice.split("|") for choice in phrase.split()]):
        step = _Step(frozenset(filter(None, choice)), steps, group if last else None)
        optional = "" in choice
        steps, last = ((step, *steps) if optional else (step,)), last and optional
    return steps[0]


def load(folder: Path = _FOLDER) -> dict[str, list[str]]:
    """Return the phrases of all languages by group; a group within a group is joined to it by a dot."""
    groups: dict[str, list[str]] = {}
    for language in LANGUAGES:
        for group, phrases in _flat(json.loads((folder / f"{language}.json").read_bytes())):
            groups.setdefault(group, []).extend(phrases)
    return groups


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, list[str]]]:
    for name, value in data.items():
        if isinstance(value, list):
            yield above + name, value
        else:
            yield from _flat(value, f"{above}{name}.")


_GROUPS = load()
TEXTS = Lexicon({group: phrases for group, phrases in _GROUPS.items() if not group.startswith("name.")})
NAMES = Lexicon({group: phrases for group, phrases in _GROUPS.items() if group.startswith("name.")})
"""What is worth a look in a name is said in every second text: those groups are looked for apart."""
