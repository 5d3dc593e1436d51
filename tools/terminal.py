"""What commands show at a terminal: any text kept to its place, and how far long work has come."""

import io
import sys
import unicodedata
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]

_HARMFUL = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_ISOLATED = "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}"


def output() -> Console:
    """Return the console for what was asked for: stdout."""
    return _console(sys.stdout)


def messages() -> Console:
    """Return the console for what is said besides: stderr."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    if isinstance(stream, io.TextIOWrapper):
        # Not every terminal can write every letter; none may end the command.
        stream.reconfigure(errors="backslashreplace")
    return Console(file=stream, markup=False, emoji=False, highlight=False)


def say(sentence: str) -> None:
    """Print a sentence on stdout, kept to its place."""
    output().print(safe(sentence), soft_wrap=True)


def note(sentence: str) -> None:
    """Say on stderr what helps a person and is in the way of a program: only at a terminal."""
    console = messages()
    if console.is_terminal:
        console.print(sentence, style="dim")


def safe(text: str) -> Text:
    """Return foreign text so that it cannot steer the terminal or move what stands beside it.

    Text that reads right to left still does.
    """
    plain = "".join(map(_seen, text))
    turned = any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in plain)
    return Text(_ISOLATED.format(plain) if turned else plain)


def _seen(letter: str) -> str:
    harmful = unicodedata.category(letter) in _HARMFUL or unicodedata.bidirectional(letter) in _TURNS
    return f"\\u{ord(letter):04x}" if harmful else letter


def progress() -> Progress:
    """Return a display on stderr for the time of the work; it shows nothing where that is no terminal.

    Tasks carry a `unit`: what is counted, in the plural.
    """
    console = messages()
    columns = (TextColumn("{task.description}"), BarColumn(), _Done(), _Rate(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


class _Done(ProgressColumn):
    def render(self, task: Task) -> Text:
        of = "" if task.total is None else f" of {task.total:,.0f}"
        return Text(f"{task.completed:,.0f}{of} {task.fields['unit']}")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")
