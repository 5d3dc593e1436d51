import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from tests.docs.pages import first_cells, headings, page, section
from tools.afterword import app
from tools.map import ROOT

COMMANDS = page("commands.md")
LAUNCHER = ROOT / ".venv" / "bin" / "afterword"


@pytest.mark.parametrize(
    "command", [[str(LAUNCHER)], [sys.executable, str(ROOT / "tools")]], ids=["launcher", "folder"]
)
def test_the_command_tells_its_subcommands_from_any_folder(command: list[str], tmp_path: Path) -> None:
    # A folder of the same name where it is called must not come in between.
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__init__.py").write_text("raise SystemExit('the wrong folder')")

    ran = subprocess.run([*command, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    assert "Usage: afterword" in ran.stdout
    assert "recount" in ran.stdout


def test_asking_for_help_does_not_load_boto3() -> None:
    check = "import sys, tools.afterword; sys.exit('boto3' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=False).returncode == 0


def options() -> dict[str, set[str]]:
    """Return each subcommand with its options."""
    found: dict[str, set[str]] = {}

    def look(name: str, command: Any) -> None:
        for inner, sub in getattr(command, "commands", {}).items():
            look(f"{name} {inner}".strip(), sub)
        if not hasattr(command, "commands"):
            found[name] = {option for each in command.params for option in each.opts}

    look("", get_command(app))
    return found


def documented(heading: str) -> set[str]:
    return {cell.split()[0] for cell in first_cells(section(COMMANDS, heading)) if cell.startswith("--")}


def test_every_subcommand_has_its_section() -> None:
    sections = [each for each in headings(COMMANDS, 2) if each.startswith("afterword ")]

    assert sections == [f"afterword {name}" for name in options()]


@pytest.mark.parametrize("name", options())
def test_every_option_is_documented_and_nothing_else(name: str) -> None:
    assert documented(f"`afterword {name}`") | documented("Which table") == options()[name]
