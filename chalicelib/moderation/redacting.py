"""Black out parts of a comment: a new revision in which they cannot be read, and the way back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.comments import Record
from chalicelib.markdown import render
from chalicelib.spam.finding import Verdict

BLACKED = "█████"
"""What stands for every span: it does not tell how long that was."""


def redacted(record: Record, spans: Sequence[Sequence[int]], now: datetime) -> dict[str, Any]:
    """Return what changes in a record whose text is blacked out from each `from` to each `to`, in order."""
    parts, end = [], 0
    for start, stop in spans:
        parts += [record.text[end:start], BLACKED]
        end = stop
    text = "".join([*parts, record.text[end:]])
    return rewritten(record, text, _unmarked(record.verdict), now)


def rewritten(record: Record, text: str, verdict: Verdict, now: datetime) -> dict[str, Any]:
    """Return what changes in a record that gets another text: a newer revision, never an old number again."""
    return {
        "text": text,
        "html": render(text),
        "revision": record.revision + 1,
        "edited_at": now.replace(microsecond=0),
        "verdict": verdict,
    }


def _unmarked(verdict: Verdict) -> Verdict:
    """Return the verdict with all its words; its spans lay in another text."""
    return replace(verdict, findings=tuple(replace(finding, spans=()) for finding in verdict.findings))
