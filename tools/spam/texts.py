"""Texts to learn from and to be measured by: our own, written in many voices, and the labelled sets of others."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chalicelib.spam import Submission, outside

VOICES = Path(__file__).parent / "voices"
SETTING = "AFTERWORD_SPAM_DATA"
"""The folder of the labelled sets; they are not ours to ship."""
BESIDE = Path(__file__).parents[2].parent / "shared" / "data" / "spam"
SETS = ("domain", "youtube", "sms", "se_spam", "health", "civil", "wiki", "tgspam")
ARTICLE_COMMENTS = frozenset({"domain", "health", "civil", "wiki"})
"""The sets whose honest texts are like comments under articles: false alarms are counted over them."""


@dataclass(frozen=True, slots=True)
class Text:
    """One labelled comment; `label` is ham, spam or needs-human, `source` the set or the hand that wrote it."""

    text: str
    author: str
    email: str
    url: str
    label: str
    source: str
    kind: str
    reasons: tuple[str, ...]
    language: str

    @property
    def submission(self) -> Submission:
        """The comment as the checks see it, without anything that the table knows."""
        return outside({"text": self.text, "author": self.author, "url": self.url, "email": self.email})


def voices() -> list[Text]:
    """Return our own texts, hand by hand: source `voice-a` and so on."""
    return [text for file in sorted(VOICES.glob("*.jsonl")) for text in _read(file, f"voice-{file.stem}")]


def folder() -> Path | None:
    """Return where the labelled sets are, None when they are not here."""
    named = Path(os.environ[SETTING]) if SETTING in os.environ else BESIDE
    return named if (named / "domain_dev.jsonl").exists() else None


def labelled(where: Path) -> list[Text]:
    """Return the labelled sets, each under its name."""
    return [text for name in SETS for text in _read(where / f"{name}_dev.jsonl", name)]


def _read(file: Path, source: str) -> Iterator[Text]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Text(
                text=row["text"],
                author=row.get("author") or "",
                email=row.get("email") or "",
                url=row.get("url") or "",
                label=row["label"],
                source=source,
                kind=row.get("kind") or "",
                reasons=tuple(row.get("reasons") or ()),
                language=row.get("language") or "en",
            )
