"""Files to take away, of the log and of possible adverse reactions: JSON Lines, and CSV that is no formula anywhere."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from typing import Any, Literal

from chalicelib.audit import Entry
from chalicelib.comments import Record

Format = Literal["csv", "jsonl"]
Facts = dict[str, Any]
"""One line, each fact by the name of its column."""

COLUMNS = (
    "id",
    "at",
    "action",
    "by",
    "comment_id",
    "article_id",
    "from",
    "to",
    "revision",
    "reason",
    "note",
    "message",
    "undone",
    "outcome",
    "score",
    "checks",
    "waited",
    "findings",
    "remedy",
    "previous",
    "hash",
)
ADVERSE = "adverse"
"""The check that notes possible adverse reactions."""
REACTION_COLUMNS = ("comment_id", "article_id", "at", "state", "revision", "text", "words", "findings")
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8; header=present",
    "jsonl": "application/x-ndjson; charset=utf-8",
}
MOST_BYTES = 2_500_000
"""A Lambda function answers with 6 MB at most, in which JSON can double every quotation mark."""

_BOM = "\ufeff"
"""Without it, spreadsheets take UTF-8 for something else."""

_FORMULA = re.compile("^(?=[\t\r\n])|(^|[;\t\r\n])(?=[ \u00a0\"']*[=+\\-@＝＋－＠])")  # noqa: RUF001 - full-width ones
"""Where a spreadsheet may find the beginning of a formula: OWASP's list of CSV injection.

Not only at the beginning of a cell: where the local separator is a semicolon or a tab, one that stands in a text begins
a cell of its own, and so does a line end.
"""


def safe_cell(text: str) -> str:
    """Return the text with an apostrophe before whatever a spreadsheet could take for a formula."""
    return _FORMULA.sub(r"\1'", text)


def written(entries: Sequence[Entry], form: Format) -> tuple[str, int]:
    """Return entries as a file of at most 2.5 MB, and how many of them are in it: all, or the first ones."""
    return _file(map(_facts, entries), COLUMNS, form)


def reactions(records: Sequence[Record], form: Format) -> tuple[str, int]:
    """Return what may tell of adverse reactions as such a file: what was said, and nothing about who said it."""
    return _file(map(_reaction, records), REACTION_COLUMNS, form)


def _file(found: Iterable[Facts], columns: Sequence[str], form: Format) -> tuple[str, int]:
    line, size = _LINES[form], 0
    lines: list[str] = []
    for facts in found:
        lines.append(line(facts))
        size += len(lines[-1].encode())
        if size > MOST_BYTES and len(lines) > 1:
            lines.pop()
            break
    head = _BOM + _csv_line(columns) if form == "csv" else ""
    return head + "".join(lines), len(lines)


def _reaction(record: Record) -> Facts:
    findings = [each for each in record.verdict.findings if each.check == ADVERSE]
    return {
        "comment_id": record.id,
        "article_id": record.article_id,
        "at": record.created_at.isoformat().replace("+00:00", "Z"),
        "state": record.state,
        "revision": record.revision,
        "text": record.text,
        "words": [record.text[start:end] for each in findings for start, end in each.spans],
        "findings": [each.message for each in findings],
    }


def _facts(entry: Entry) -> Facts:
    decision, then = entry.decision, entry.circumstances
    return {
        "id": decision.id,
        "at": decision.at.isoformat().replace("+00:00", "Z"),
        "action": decision.action,
        "by": decision.by,
        "comment_id": decision.comment_id,
        "article_id": entry.article_id,
        "from": decision.from_,
        "to": decision.to,
        "revision": decision.revision,
        "reason": decision.reason,
        "note": decision.note,
        "message": then and then.message,
        "undone": decision.undone,
        "outcome": then and then.outcome,
        "score": then and then.score,
        "checks": list(then.checks) if then else None,
        "waited": then and then.waited,
        "findings": list(then.findings) if then else None,
        "remedy": then and then.remedy,
        "previous": entry.previous,
        "hash": entry.hash,
    }


def _json_line(facts: Facts) -> str:
    # ASCII: some readers end a line at U+2028 or U+0085 too.
    return json.dumps(facts, ensure_ascii=True, separators=(",", ":")) + "\n"


def _csv_row(facts: Facts) -> str:
    return _csv_line([safe_cell(_cell(facts[name])) for name in facts])


def _cell(value: Any) -> str:  # noqa: ANN401 - any value of an entry
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(value) if isinstance(value, list) else str(value)


def _csv_line(cells: Iterable[str]) -> str:
    """Return a line of CSV as RFC 4180 has it, every cell in quotation marks."""
    found = StringIO(newline="")
    csv.writer(found, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return found.getvalue()


_LINES: dict[Format, Callable[[Facts], str]] = {"csv": _csv_row, "jsonl": _json_line}
