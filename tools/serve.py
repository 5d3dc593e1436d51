"""The whole service in one process on this machine: waitress, the gateway, the app and the embedded table."""

import argparse
import errno
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from pydantic import ValidationError

from chalicelib.dynamodb import DynamoStores, connect, open_stores
from chalicelib.dynamodb.table import create_table
from chalicelib.routes import create_app
from chalicelib.settings import Settings, SettingsError
from tools import schedules
from tools.engine import Engine, EngineError, forget_aws, open_engine
from tools.gateway import Gateway
from tools.wsgi_server import make_server

USAGE_ERROR = 2
SHORTEST_OWNER_TOKEN = 32

_HELP = """\
environment:
  PORT                         port to listen on (8000)
  AFTERWORD_HOST               address to listen on (127.0.0.1)
  AFTERWORD_DATA               folder for the embedded table and its keys (.afterword)
  AFTERWORD_OWNER_TOKEN        the owner's token, 32 characters or more (made, kept and printed when unset)
  AFTERWORD_SECRETS            signing keys as kid:key, comma separated (made and kept when unset)
  AFTERWORD_DYNAMODB_ENDPOINT  use this DynamoDB engine instead of the embedded one
"""


class UsageError(Exception):
    """The service cannot start as it was told to; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen and where to keep things."""

    host: str
    port: int
    data: Path

    @property
    def url(self) -> str:
        """What to open in a browser on this machine."""
        named = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host)  # noqa: S104 - shown, not bound
        return f"http://{named or (f'[{self.host}]' if ':' in self.host else self.host)}:{self.port}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; the exit code is 2 when the service cannot start as it was told to."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.serve",
        description=__doc__,
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _leave)
    forget_aws(os.environ)
    try:
        serve(os.environ)
    except (UsageError, EngineError) as error:
        print(f"Afterword cannot start: {error}", file=sys.stderr)
        return USAGE_ERROR
    except (KeyboardInterrupt, SystemExit):
        return 0
    return 0


def serve(environ: Mapping[str, str]) -> None:
    """Run the service until SIGINT or SIGTERM.

    Raises UsageError and EngineError before anything is served.
    """
    place = read_place(environ)
    _show_log()
    with ExitStack() as stack:
        listener = stack.enter_context(_listen(place))
        place = Place(place.host, listener.getsockname()[1], place.data)
        own_token = keep(place.data / "owner-token", environ.get("AFTERWORD_OWNER_TOKEN"), _new_key)
        keys = keep(place.data / "secrets", environ.get("AFTERWORD_SECRETS"), lambda: f"k1:{_new_key()}")
        engine = stack.enter_context(open_engine(place.data, environ))
        settings = read_settings(environ, engine, own_token, keys)
        stores = build_stores(settings)
        server = make_server(Gateway(lambda: create_app(settings, stores)), listener)
        stack.enter_context(schedules.running(schedules.jobs(stores)))
        print(_greeting(place, engine, None if environ.get("AFTERWORD_OWNER_TOKEN") else own_token), flush=True)
        server.run()
        print("Afterword has stopped.", flush=True)


def _show_log() -> None:
    """Print the service's log, one JSON line a request, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log = logging.getLogger("afterword")
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    log.propagate = False


def build_stores(settings: Settings) -> DynamoStores:
    """Open the stores over the settings' table, which is created when missing."""
    client = connect(settings)
    create_table(client, settings.table)
    return open_stores(client, settings)


def read_place(environ: Mapping[str, str]) -> Place:
    """Read where to listen and keep data. Raises UsageError when PORT is no port."""
    port = environ.get("PORT") or "8000"
    if not (port.isdecimal() and port.isascii() and int(port) < 1 << 16):
        msg = f"PORT must be a number from 0 to 65535, not {port!r}."
        raise UsageError(msg)
    data = Path(environ.get("AFTERWORD_DATA") or ".afterword")
    return Place(environ.get("AFTERWORD_HOST") or "127.0.0.1", int(port), data)


def read_settings(environ: Mapping[str, str], engine: Engine, owner_token: str, keys: str) -> Settings:
    """Read the settings of a service over this engine.

    Raises UsageError with the name of each variable at fault, and never its value.
    """
    if len(owner_token) < SHORTEST_OWNER_TOKEN:
        msg = f"AFTERWORD_OWNER_TOKEN must have {SHORTEST_OWNER_TOKEN} characters or more."
        raise UsageError(msg)
    told = {
        **environ,
        "AFTERWORD_OWNER_TOKEN": owner_token,
        "AFTERWORD_SECRETS": keys,
        "AFTERWORD_DYNAMODB_ENDPOINT": engine.endpoint,
    }
    try:
        return Settings.from_environ(told)
    except ValidationError as error:
        raise UsageError(str(SettingsError(error))) from None


def keep(path: Path, given: str | None, make: Callable[[], str]) -> str:
    """Give back what was given, else what the file keeps; a missing one is made, for its owner only."""
    if given:
        return given
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _write_private(path, make())
    return path.read_text(encoding="ascii").strip()


def _write_private(path: Path, text: str) -> None:
    # Written aside and then named, so that a start that is cut short leaves no half of a key behind.
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.touch(mode=0o600, exist_ok=False)
    unfinished.write_text(text + "\n", encoding="ascii")
    unfinished.rename(path)


def _new_key() -> str:
    return secrets.token_urlsafe(32)


def _listen(place: Place) -> socket.socket:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        return socket.create_server((place.host, place.port), family=family, backlog=1024)
    except OSError as error:
        reason = "it is in use" if error.errno == errno.EADDRINUSE else (error.strerror or str(error))
        msg = f"port {place.port} on {place.host} cannot be had: {reason}. Set PORT to another one."
        raise UsageError(msg) from error


def _greeting(place: Place, engine: Engine, owner_token: str | None) -> str:
    kept = "kept" if engine.kept else "NOT kept: it is gone when this stops; `npm ci` brings an engine that keeps it"
    return f"""
Afterword is running.

  article      {place.url}/
  moderation   {place.url}/admin
  API          {place.url}/docs
  owner token  {owner_token or "as in AFTERWORD_OWNER_TOKEN"}
  data         {engine.description} ({kept})

Press Ctrl-C to stop.
"""


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit


if __name__ == "__main__":
    sys.exit(main())
