"""The table's engine on a machine without AWS: dynoxide over one file or, without it, moto in memory."""

import fcntl
import http.client
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

ENDPOINT = "AFTERWORD_DYNAMODB_ENDPOINT"
TABLE = "table.db"
"""The file in the data folder that holds the table."""
PACKAGES = Path(__file__).parent.parent / "node_modules" / "@dynoxide"

_LOCK = "lock"
_ADDRESS = "engine.url"
_START_WITHIN = 10.0
_STOP_WITHIN = 5.0
_PORTS_TO_TRY = 3

# Linux ends the engine with the process that started it, even by `kill -9`. Asking for that in the new
# process itself, before it becomes the engine, is safe where a preexec_fn beside running threads is not.
_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """A DynamoDB endpoint, whether its data outlives it, and what to call it in front of a person."""

    endpoint: str
    kept: bool
    description: str


class EngineError(Exception):
    """The engine cannot be had; the message tells the person who started it why."""


@contextmanager
def open_engine(data: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Engine]:
    """Run an engine that keeps its data in the folder `data` if it can, and stop it at the end.

    On Linux the engine ends with the thread that opened it, so that has to live as long as it does.
    Raises EngineError when another process uses the folder, or the engine does not start.
    """
    binary = find_dynoxide()
    if environ.get(ENDPOINT):
        yield Engine(environ[ENDPOINT], kept=True, description=f"the engine at {environ[ENDPOINT]}")
        return
    with _hold(data), _run_dynoxide(binary, data) if binary else _run_moto() as engine, _announce(data, engine):
        yield engine


def running_endpoint(data: Path) -> str | None:
    """Return the endpoint of the engine that another process runs in the folder; None when none does.

    Waits for one that is just starting or stopping; raises EngineError when that takes too long. Creates nothing.
    """
    endpoint = None

    def settled() -> bool:
        nonlocal endpoint
        held = _is_held(data)
        endpoint = _announced(data) if held else None
        return not held or endpoint is not None

    if not _wait_until(settled, _START_WITHIN):
        raise EngineError(f"An Afterword in {data} is neither up nor gone; try again in a moment.")
    return endpoint


def forget_aws(environ: MutableMapping[str, str]) -> None:
    """Hide the machine's AWS setup from boto3 in this process: none of it is read or gets in the way."""
    for name in [name for name in environ if name.startswith("AWS_")]:
        del environ[name]
    environ["AWS_CONFIG_FILE"] = environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    environ["AWS_EC2_METADATA_DISABLED"] = "true"


def find_dynoxide(packages: Path = PACKAGES) -> Path | None:
    """Find the engine's program among the npm packages of this folder, else on the PATH."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    packaged = packages / f"{sys.platform}-{machine}" / "dynoxide"
    if packaged.is_file():
        return packaged
    installed = shutil.which("dynoxide")
    return Path(installed) if installed else None


@contextmanager
def _run_dynoxide(binary: Path, data: Path) -> Iterator[Engine]:
    with ExitStack() as stack:
        table, record = data / TABLE, data / "engine.pid"
        _stop_orphan(record, binary, table)
        process, port = _start(binary, table, data / "engine.log")
        stack.callback(_stop, process)
        record.write_text(str(process.pid), encoding="ascii")
        yield Engine(f"http://127.0.0.1:{port}", kept=True, description=f"dynoxide over {table}")
        record.unlink()


@contextmanager
def _hold(data: Path) -> Iterator[None]:
    """Keep every other Afterword out of the folder; the system lets go when we end, however we do."""
    # The folder holds addresses and secrets of people, so it is for its owner only.
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / _LOCK).open("a", encoding="ascii") as lock:
        if not _lock(lock):
            raise EngineError(f"{data} is in use by another Afterword; stop that one, or set AFTERWORD_DATA.")
        # What one that was killed has left says nothing about us.
        (data / _ADDRESS).unlink(missing_ok=True)
        yield


def _is_held(data: Path) -> bool:
    try:
        with (data / _LOCK).open("r+", encoding="ascii") as lock:
            return not _lock(lock)
    except FileNotFoundError:
        return False


def _lock(file: IO[str]) -> bool:
    """Take the lock, until the file is closed; False when another process has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _announce(data: Path, engine: Engine) -> Iterator[None]:
    """Write down for other programs where the engine is, for as long as it can be used."""
    address = data / _ADDRESS
    address.write_text(engine.endpoint, encoding="ascii")
    try:
        yield
    finally:
        address.unlink(missing_ok=True)


def _announced(data: Path) -> str | None:
    try:
        # Nothing in it yet is as good as no file.
        return (data / _ADDRESS).read_text(encoding="ascii") or None
    except FileNotFoundError:
        return None


def _stop_orphan(record: Path, binary: Path, table: Path) -> None:
    """End an engine that outlived its killed parent, where the system does not see to that itself.

    Process ids are used again, so one whose command line is not that of our engine is left alone.
    """
    if not record.exists():
        return
    pid = int(record.read_text(encoding="ascii") or 0)

    def is_ours() -> bool:
        command = _command_line(pid)
        return binary.name in command and str(table) in command

    if pid and is_ours():
        os.kill(pid, signal.SIGKILL)
        _wait_until(lambda: not is_ours(), _STOP_WITHIN)
    record.unlink()


def _command_line(pid: int) -> str:
    """Tell how a process was started; nothing when there is none, or nothing is left of it."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    listing = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(listing, capture_output=True, text=True, check=False).stdout


def _start(binary: Path, table: Path, log: Path) -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(_PORTS_TO_TRY):
        # The port is free when we look and may be taken when the engine does; then it ends and we look again.
        port = _free_port()
        process = _spawn([str(binary), "--port", str(port), "--db-path", str(table)], log)
        if _comes_up(process, port):
            return process, port
        _stop(process)
    msg = f"dynoxide did not start; what it said is in {log}."
    raise EngineError(msg)


def _comes_up(process: subprocess.Popen[bytes], port: int) -> bool:
    _wait_until(lambda: process.poll() is not None or _answers(port), _START_WITHIN)
    return process.poll() is None and _answers(port)


def _spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    if sys.platform == "linux":
        command = [sys.executable, "-ISc", _DIE_WITH_PARENT, str(os.getpid()), *command]
    with log.open("wb") as said:
        # A session of its own keeps Ctrl-C from the engine, so that the service can finish before it.
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/")
        return connection.getresponse().getheader("x-dynoxide-version") is not None
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@contextmanager
def _run_moto() -> Iterator[Engine]:
    """Serve moto to one connection at a time.

    moto loses counts and lets two conditional writes win when calls overlap. One at a time it is right about
    those, but still knows no capacity, forgets ClientRequestToken, and slows down with every item it holds.
    """
    # Takes half a second and flask; whoever has dynoxide should pay for neither.
    from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415

    with _OneAtATime(("127.0.0.1", 0), _Quiet) as server:
        server.set_app(DomainDispatcherApplication(create_backend_app))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield Engine(f"http://127.0.0.1:{server.server_port}", kept=False, description="moto, in memory")
        server.shutdown()
        thread.join()


class _OneAtATime(WSGIServer):
    request_queue_size = 128


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is wsgiref's
        """Say nothing: requests carry what readers wrote."""
