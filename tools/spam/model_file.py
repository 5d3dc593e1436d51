"""The prior's file, written: what `chalicelib/spam/prior.py` reads."""

import hashlib
import json
from typing import Any

import numpy as np

from chalicelib.spam.grams import BUCKETS, hashed
from chalicelib.spam.prior import MAGIC, MIDDLE

SLOTS = 1 << 16
_HIGHEST = 127


def pack(header: dict[str, Any], words: list[str], classes: Any, grams: Any, meaning: Any) -> bytes:  # noqa: ANN401
    """Return the file: `grams` is heads x 2^17, `meaning` heads x words, in nats; the header has an entry a head."""
    index, marks = _index(words)
    steps = []
    for name, by_gram, by_word in zip(header["heads"], grams, meaning, strict=True):
        gram_step, word_step = _step(by_gram), _step(by_word)
        header["heads"][name] |= {"gram_step": gram_step, "word_step": word_step}
        steps.append((gram_step, word_step))
    parts = [index.tobytes(), marks.tobytes(), np.asarray(classes, np.uint16).tobytes()]
    parts += [_quantised(by_word, step).tobytes() for by_word, (_, step) in zip(meaning, steps, strict=True)]
    parts += [_quantised(by_gram, step).tobytes() for by_gram, (step, _) in zip(grams, steps, strict=True)]
    return _with_version(header | {"rows": len(words)}, b"".join(parts))


def _with_version(header: dict[str, Any], tables: bytes) -> bytes:
    """Return the file; its version is a digest of all else in it: another weight, another version."""
    version = hashlib.sha256(json.dumps(header).encode() + tables).hexdigest()[:8]
    text = json.dumps({"version": version, **header}, ensure_ascii=False, indent=1).encode()
    start = MAGIC + len(text).to_bytes(4, "little") + text
    return start + bytes(-len(start) % 16) + tables


def blank(words: list[str], classes: Any, heads: tuple[str, ...]) -> bytes:  # noqa: ANN401 - array
    """Return a file that knows the words and thinks nothing: what training reads texts with."""
    header = {
        "heads": {head: {"bias": 0.0, "slope": 1.0, "offset": 0.0, "bar": 1.0} for head in heads},
        "signals": {"weights": [], "means": [], "spreads": []},
    }
    nothing = [np.zeros(BUCKETS)] * len(heads), [np.zeros(len(words))] * len(heads)
    return pack(header, words, classes, *nothing)


def _index(words: list[str]) -> tuple[Any, Any]:
    index, marks = np.zeros(SLOTS, np.uint16), np.zeros(len(words), np.uint16)
    for row, word in enumerate(words):
        code = hashed(word)
        slot = code % SLOTS
        while index[slot]:
            slot = (slot + 1) % SLOTS
        index[slot], marks[row] = row + 1, code >> 16
    return index, marks


def _step(values: Any) -> float:  # noqa: ANN401 - array
    """Return the width of a step of a byte, so that all but the 200 largest values in a million fit."""
    highest = float(np.quantile(np.abs(values), 0.9998)) if len(values) else 0.0
    return max(highest, float(np.abs(values).max()) / 4, 1e-9) / _HIGHEST


def _quantised(values: Any, step: float) -> Any:  # noqa: ANN401 - arrays
    return (np.clip(np.round(np.asarray(values) / step), -_HIGHEST, _HIGHEST) + MIDDLE).astype(np.uint8)
