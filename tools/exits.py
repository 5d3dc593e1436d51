"""How a command ends: its exit code, and what it cannot go on from as one sentence on stderr."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import Refusal, Unavailable
from tools.engine import EngineError

WRONG_USE = 2
AWAY = 4


class WrongUseError(Exception):
    """The command cannot be done as it was asked for; the message says what to change."""


@contextmanager
def ending() -> Iterator[None]:
    """End the command with its sentence and exit code where the block raises what it cannot go on from.

    Ctrl-C is left to typer, which ends with 130.
    """
    try:
        yield
    except (WrongUseError, EngineError, PermissionError, BotoCoreError, ClientError) as error:
        # The connection turns all that is of the moment into Unavailable: what AWS refuses here, it always will.
        _say(str(error))
        raise typer.Exit(WRONG_USE) from error
    except Unavailable as error:
        _say(f"The table is away: {error.__cause__ or error.detail}")
        raise typer.Exit(AWAY) from error


@contextmanager
def refusing() -> Iterator[None]:
    """End the command where what was asked for is refused, as where it is wrongly used."""
    with ending():
        try:
            yield
        except Unavailable:
            raise
        except Refusal as refusal:
            raise WrongUseError(refusal.detail) from refusal


def _say(sentence: str) -> None:
    print(" ".join(sentence.split()), file=sys.stderr)
