"""Judge the comments in `judged_by/`, which were written last and are learned from by nobody.

Of those that need a person: how many reach the urgent lane, how many are flagged with the right reason, is any called
spam; of the honest ones: how many are flagged, held or called spam. Each is judged under the default thresholds.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.command import Found, options, table
from chalicelib.spam import Verdict, judge, outside
from chalicelib.spam.finding import URGENT
from chalicelib.spam.safety import NEEDS_A_PERSON, URGENT_REASONS

FOLDER = Path(__file__).with_name("judged_by")


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge and print; return the exit code."""
    chosen = options("judged", __doc__).parse_args(arguments)
    figures, how = people()
    more, missed = honest()
    found = Found(figures={**figures, **more}, how={"people": how, "honest": missed})
    sys.stdout.write((json.dumps(found, indent=2, ensure_ascii=False) if chosen.json else report(found)) + "\n")
    return 0


def rows(name: str) -> list[dict[str, Any]]:
    """Return the comments of a file."""
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def verdict(row: dict[str, Any]) -> Verdict:
    """Return the verdict on a comment by somebody unknown."""
    return judge(outside(row))


def people() -> tuple[dict[str, float], dict[str, Any]]:
    """Return the figures on comments that need a person and on ordinary ones, with the ids of those judged wrongly."""
    judged = [(row, verdict(row)) for row in rows("people")]
    needing = [(row, _reasons(found), found) for row, found in judged if row["reasons"]]
    ordinary = [(row, _reasons(found)) for row, found in judged if not row["reasons"]]
    urgent = [(row, found) for row, _, found in needing if URGENT_REASONS & set(row["reasons"])]
    right = [row["id"] for row, reasons, _ in needing if reasons & set(row["reasons"])]
    first = [row["id"] for row, found in urgent if any(finding.lane == URGENT for finding in found.findings)]
    flagged = [row["id"] for row, reasons in ordinary if reasons]
    figures = {
        "urgent_in_urgent_lane": len(first) / len(urgent),
        "right_reason": len(right) / len(needing),
        "any_reason": sum(bool(reasons) for _, reasons, _ in needing) / len(needing),
        "called_spam": sum(found.outcome == "spam" for _, _, found in needing),
        "ordinary_flagged": len(flagged) / len(ordinary),
    }
    for name in NEEDS_A_PERSON:
        true = [name in reasons for row, reasons, _ in needing if name in row["reasons"]]
        figures[f"recall_{name}"] = sum(true) / len(true)
    missed = [row["id"] for row, _, _ in needing if row["id"] not in right]
    return figures, {"needing": len(needing), "ordinary": len(ordinary), "missed": missed, "flagged": flagged}


def _reasons(found: Verdict) -> set[str]:
    return {finding.check for finding in found.findings if finding.check in NEEDS_A_PERSON}


def honest() -> tuple[dict[str, float], dict[str, Any]]:
    """Return the figures on honest comments, with the ids of those that are no longer published."""
    judged = [(row, verdict(row)) for row in rows("honest")]
    over = [(row, found) for row, found in judged if found.score >= found.thresholds.hold]
    figures = {
        "honest_over_the_threshold": len(over) / len(judged),
        "honest_held": sum(found.outcome != "publish" for _, found in judged) / len(judged),
        "honest_called_spam": sum(found.outcome == "spam" for _, found in judged),
        "honest_held_without_a_reason": sum(
            found.outcome != "publish" and not any(finding.message for finding in found.findings) for _, found in judged
        ),
    }
    held = {
        row["id"]: [finding.message for finding in found.findings]
        for row, found in judged
        if found.outcome != "publish"
    }
    return figures, {"honest": len(judged), "held": held}


def report(found: Found) -> str:
    """Return the figures as a table."""
    return "\n".join(table(["figure", "value"], [[name, f"{value:.3f}"] for name, value in found["figures"].items()]))


if __name__ == "__main__":
    sys.exit(main())
