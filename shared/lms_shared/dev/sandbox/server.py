"""Runs a pretend LMS on 127.0.0.1 in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from types import TracebackType
from typing import Self, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lms_shared.dev.sandbox.control import Control
from lms_shared.dev.sandbox.faults import FaultPlan
from lms_shared.dev.sandbox.gate import TRANSPORT_EXTENSION, Gate
from lms_shared.dev.sandbox.lms import PretendLms
from lms_shared.dev.sandbox.requests_log import RequestLog, WriteHook

HOST = "127.0.0.1"
BACKLOG = 2048
# Longer than any pause of a client, so that no kept-alive connection is closed while a request is on its way.
KEEP_ALIVE_SECONDS = 600


class _Protocol(HttpToolsProtocol):
    """Hands the connection to the application, which must be able to abort it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT_EXTENSION: cast(dict[object, object], self.transport)}


class _UvicornServer(uvicorn.Server):
    """uvicorn without its polling: starts and stops at once, and lets no open connection delay the stop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()
        """Set once requests are answered, or once it is clear that they never will be."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Ask for the end, from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        finally:
            self.settled.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        self._loop = asyncio.get_running_loop()
        self.settled.set()
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)


class SandboxServer:
    """A pretend LMS, served. Use it as a context manager, or call `start` and `stop`.

    `port` 0 takes a free one. `latency` is seconds added to each request. `requests` counts what came in,
    `faults` may be exchanged at any time, `on_write` is called around every write in the server's thread.
    """

    def __init__(self, lms: PretendLms, port: int = 0, latency: float = 0.0, faults: FaultPlan | None = None) -> None:
        self.lms = lms
        self.requests = RequestLog()
        self._port = port
        self._control = Control(lms, self.requests)
        self._gate = self._control.gate = Gate(lms, self._control.app, self.requests)
        self._gate.latency = latency
        self._gate.faults = faults or FaultPlan()
        self._server: _UvicornServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Scheme, host and port, with no slash at the end. The port is known after `start`."""
        return f"http://{HOST}:{self._port}"

    @property
    def faults(self) -> FaultPlan:
        """The faults in force."""
        return self._gate.faults

    @faults.setter
    def faults(self, plan: FaultPlan) -> None:
        self._gate.faults = plan

    @property
    def latency(self) -> float:
        """Seconds before each request is executed."""
        return self._gate.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._gate.latency = seconds

    @property
    def note_lists(self) -> bool:
        """Whether `requests.lists` tells which answers held lists."""
        return self._gate.note_lists

    @note_lists.setter
    def note_lists(self, on: bool) -> None:
        self._gate.note_lists = on

    @property
    def on_write(self) -> WriteHook | None:
        """Called before each write is executed and again after it was committed, before it is answered."""
        return self._gate.on_write

    @on_write.setter
    def on_write(self, hook: WriteHook | None) -> None:
        self._gate.on_write = hook

    def start(self) -> Self:
        """Listen, and return when requests are answered.

        Raises OSError when the port is taken, RuntimeError when the server's thread cannot start.
        """
        listener = socket.create_server((HOST, self._port), backlog=BACKLOG)
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._gate,
            http=_Protocol,
            ws="none",
            lifespan="off",
            backlog=BACKLOG,
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        self._server = _UvicornServer(config)
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [listener]},
            name=f"sandbox-{self.lms.name}",
            daemon=True,
        )
        self._thread.start()
        self._server.settled.wait()
        if not self._server.started:
            raise RuntimeError(f"the server of {self.lms.name} did not start; its thread says why")
        return self

    def stop(self) -> None:
        """Close all connections and end the thread. Harmless when it is not running."""
        if self._server is not None and self._thread is not None:
            self._server.stop()
            self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
