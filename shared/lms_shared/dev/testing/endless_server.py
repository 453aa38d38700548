"""A server whose answers never end: bytes keep coming, so that no timeout of a socket helps."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_ROWS = b'{"id": "0123456789abcdef"}, ' * 10_000
_CHUNK = b"%x\r\n%s\r\n" % (len(_ROWS), _ROWS)


@contextmanager
def endless_server(*, chunked: bool = True) -> Iterator[str]:
    """The address of one, for as long as it lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=_answer, args=(connection, chunked), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def _answer(connection: socket.socket, chunked: bool) -> None:
    with connection, suppress(OSError):
        connection.recv(65_536)
        connection.sendall(_HEAD + (b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"\r\n"))
        while True:
            connection.sendall(_CHUNK if chunked else _ROWS)
