"""What changed between two texts, word by word."""

import re
from difflib import SequenceMatcher

from markupsafe import Markup

from chalicelib.rendering.templates import NOTHING

_PIECE = re.compile(r"\s+|\w+|[^\w\s]")
MOST_PIECES = 4000
"""Comparing takes time in proportion to the square of it: longer texts are shown whole, one after the other."""


def difference(before: str, after: str) -> Markup:
    """Return the newer text, with what was added and what was taken away marked."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    if len(old) + len(new) > MOST_PIECES:
        return _part("del", before) + _part("ins", after)
    found = NOTHING
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += Markup("{}").format("".join(new[c:d]))
        else:
            found += _part("del", "".join(old[a:b])) + _part("ins", "".join(new[c:d]))
    return found


def _part(tag: str, text: str) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(tag, text) if text else NOTHING
