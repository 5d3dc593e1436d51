"""How a bench is run from the command line: its options, an engine of its own, and what it prints."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

from tools.engine import forget_aws, open_engine

NO_ENGINE = 2


class Found(TypedDict):
    """What a bench found: numbers by name, and how they were taken."""

    figures: dict[str, float]
    how: dict[str, Any]


def options(name: str, about: str | None) -> argparse.ArgumentParser:
    """Return the options that every bench has."""
    parser = argparse.ArgumentParser(
        prog=f"python -m bench.{name}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    return parser


def run(measure: Callable[[str], Found], report: Callable[[Found], str], *, as_json: bool) -> int:
    """Measure on an engine that lives as long as that, and print; return the exit code."""
    forget_aws(os.environ)
    with tempfile.TemporaryDirectory() as data, open_engine(Path(data), {}) as engine:
        if not engine.kept:
            sys.stderr.write("dynoxide is missing (npm ci brings it); moto does not know capacity.\n")
            return NO_ENGINE
        found = measure(engine.endpoint)
    sys.stdout.write((json.dumps(found, indent=2, allow_nan=False) if as_json else report(found)) + "\n")
    return 0


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a Markdown table; every column but the first holds numbers."""
    cells = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return ["| " + " | ".join(row) + " |" for row in cells]
