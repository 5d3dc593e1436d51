import re
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


def commands() -> dict[str, Any]:
    """Return every subcommand by its name."""
    found: dict[str, Any] = {}

    def look(name: str, command: Any) -> None:
        for inner, sub in getattr(command, "commands", {}).items():
            look(f"{name} {inner}".strip(), sub)
        if not hasattr(command, "commands"):
            found[name] = command

    look("", get_command(app))
    return found


def taken(command: Any) -> set[str]:
    """Return the options of a subcommand, and its arguments as its help calls them."""
    return {
        name for each in command.params for name in (each.opts if each.param_type_name == "option" else [each.metavar])
    }


def documented(heading: str) -> set[str]:
    rows = (cell.split()[0] for cell in first_cells(section(COMMANDS, heading)))
    return {cell for cell in rows if cell.startswith("--") or cell.isupper()}


def test_every_subcommand_has_its_section() -> None:
    sections = [each for each in headings(COMMANDS, 2) if each.startswith("afterword ")]

    assert sections == [f"afterword {name}" for name in commands()]


@pytest.mark.parametrize("name", commands())
def test_every_option_and_argument_is_documented_and_nothing_else(name: str) -> None:
    shared = {cell for cell in documented("Which table") if cell.startswith("--")}

    assert documented(f"`afterword {name}`") | shared == taken(commands()[name])


@pytest.mark.parametrize("name", commands())
def test_every_exit_code_that_help_tells_is_documented(name: str) -> None:
    codes = re.findall(r"^ *- (\d+):", commands()[name].help or "", flags=re.MULTILINE)
    told = section(COMMANDS, "Exit codes") + section(COMMANDS, f"`afterword {name}`")

    for code in codes:
        assert re.search(rf"^\| (?:\d+, )*{code}(?:, \d+)* \|", told, flags=re.MULTILINE), code
