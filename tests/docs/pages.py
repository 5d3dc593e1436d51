"""The documents as their tests see them: which there are, their headings, links and the files they name."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.map import ROOT, anchor

DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
GENERATED = [path for path in DOCUMENTS if "[[[cog" in path.read_text(encoding="utf-8")]

_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)*\.(?:py|md|json|toml|txt|js|css|html)")


def page(name: str) -> str:
    """Return a document without its fenced blocks."""
    return prose(ROOT / "docs" / name)


def prose(path: Path) -> str:
    return _FENCED.sub("", path.read_text(encoding="utf-8"))


def headings(text: str, level: int) -> list[str]:
    """Return the headings of one level, without the marks of code."""
    return [words.replace("`", "") for marks, words in _HEADING.findall(text) if len(marks) == level]


def section(text: str, heading: str) -> str:
    """Return what stands under a heading of the second level."""
    return re.split(r"^## ", text.split(f"\n## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def fragments(path: Path) -> set[str]:
    """Return the fragments that a link may name in a document."""
    return {anchor(words.replace("`", "")) for _, words in _HEADING.findall(prose(path))}


def links(path: Path) -> Iterator[str]:
    """Yield the links of a document that lead to this repository."""
    return (link for link in _LINK.findall(prose(path)) if not re.match(r"[a-z]+:", link))


def named_files(path: Path) -> Iterator[str]:
    """Yield the files with a folder in their name that a document mentions."""
    return (words for words in _CODE.findall(prose(path)) if "/" in words and _FILE.fullmatch(words))


def first_cells(text: str) -> list[str]:
    """Return what stands between the marks of code in the first cell of each row of the tables."""
    return re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE)
