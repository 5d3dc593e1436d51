"""The examples of a document, run as a reader would run them.

A block marked `sh` is run by bash, all blocks of a document in one shell and in order; a block marked `text` that
follows it is what it prints. There, `…` stands for what differs from run to run (ids, tokens, times): one character
or more of one line. A block without a `text` block prints nothing. Blocks marked otherwise are not run.
"""

import difflib
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from shutil import which

from tests.conftest import missing

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BETWEEN = "\x1e"
"""ASCII's record separator: no answer holds one."""


@dataclass(frozen=True, slots=True)
class Example:
    """One command and what it prints."""

    line: int
    command: str
    output: str

    def difference(self, printed: str) -> str:
        """Return how what was printed differs from what the document says, "" when it does not."""
        pattern = r"[^\n]+?".join(re.escape(part) for part in self.output.split("…"))
        if re.fullmatch(pattern, printed):
            return ""
        lines = difflib.unified_diff(self.output.splitlines(), printed.splitlines(), "document", "printed", lineterm="")
        return f"line {self.line}: {self.command}\n" + "\n".join(lines)


def examples(markdown: str) -> list[Example]:
    """Return the examples of a document in order."""
    blocks = list(FENCED.finditer(markdown))
    found = []
    for block, after in zip_longest(blocks, blocks[1:]):
        if block[1] != "sh":
            continue
        follows = after is not None and after[1] == "text" and not markdown[block.end() : after.start()].strip()
        line = markdown.count("\n", 0, block.start()) + 1
        found.append(Example(line, block[2], after[2] if after is not None and follows else ""))
    return found


def printed(commands: list[str], environ: dict[str, str], folder: Path) -> list[str]:
    """Run commands in one shell and return what each printed; what went wrong ends it and is printed too."""
    if which("curl") is None:
        missing("curl", "install curl")
    bash = which("bash") or missing("bash", "install bash")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    script = "set -euo pipefail\n" + "".join(f"{command}\nprintf '{BETWEEN}'\n" for command in commands)
    ran = subprocess.run(
        [bash, "-c", script],
        env={**os.environ, **environ, "PATH": path},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    *done, rest = ran.stdout.split(BETWEEN)
    return done if ran.returncode == 0 else [*done, f"{rest}{ran.stderr}(exit code {ran.returncode})"]


def differences(document: Path, environ: dict[str, str], folder: Path, *, before: Path | None = None) -> str:
    """Run a document's examples and return everything that is not as it says, "" when all is.

    The first example of the document `before` goes ahead of them, to set up the shell.
    """
    told = examples(document.read_text(encoding="utf-8"))
    if before:
        told.insert(0, examples(before.read_text(encoding="utf-8"))[0])
    said = printed([example.command for example in told], environ, folder)
    pairs = zip(told, said, strict=False)  # the first failing command is the last that printed
    return "\n\n".join(filter(None, (example.difference(each) for example, each in pairs)))
