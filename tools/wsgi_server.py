"""waitress in front of the gateway, its own refusals said as problem documents like all others."""

import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer, create_server
from waitress.task import ErrorTask

from tools.gateway import (
    LARGEST_BODY,
    FailedError,
    Gateway,
    HeadersTooLargeError,
    RefusedError,
    TooLargeError,
    UnreadableError,
    problem,
)

THREADS = 8

_REFUSALS = {
    # 501 is waitress's word for a Transfer-Encoding it does not know, which is a fault of the request.
    400: UnreadableError("This is not a well-formed HTTP request."),
    413: TooLargeError("The body is far too large."),
    431: HeadersTooLargeError("The request line and headers may have 64 KiB together."),
    501: UnreadableError("This transfer encoding is not known here."),
}


def make_server(gateway: Gateway, listener: socket.socket) -> TcpWSGIServer:
    """Make a server on a socket that listens; its `run` returns on SystemExit and KeyboardInterrupt."""
    server = create_server(
        gateway,
        sockets=[listener],
        threads=THREADS,
        ident=None,
        # Up to this size the gateway refuses and the connection lives on; beyond it waitress hangs up.
        max_request_body_size=8 * LARGEST_BODY,
        max_request_header_size=64 * 1024,
        channel_timeout=30,
    )
    assert isinstance(server, TcpWSGIServer)  # noqa: S101 - one socket makes this kind
    server.channel_class = _Channel
    return server


@contextmanager
def serving(gateway: Gateway) -> Iterator[int]:
    """Serve the gateway on a port of this machine for the time of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = make_server(gateway, listener)
        thread = threading.Thread(target=server.run)
        thread.start()
        yield listener.getsockname()[1]
        # Closing every channel, from the thread that watches them, is what ends its loop.
        # types-waitress knows neither.
        server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))  # type: ignore[attr-defined]  # noqa: SLF001
        thread.join()
        server.task_dispatcher.shutdown()


class _ProblemTask(ErrorTask):
    def execute(self) -> None:
        # types-waitress takes the request for its error.
        code = self.request.error.code  # type: ignore[attr-defined]
        refusal: RefusedError = _REFUSALS.get(code) or FailedError()
        reply = problem(refusal, "", str(uuid.uuid4()))
        self.status = f"{reply.status} {refusal.title}"
        self.response_headers = [*self.response_headers, *reply.headers]
        self.set_close_on_finish()
        self.content_length = len(reply.body)
        self.write(reply.body)


class _Channel(HTTPChannel):
    error_task_class = _ProblemTask
