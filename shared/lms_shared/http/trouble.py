"""Says in plain words why a call got no answer that can be used: what to look at differs from case to case."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import requests
from requests import exceptions

_WEB_PAGE = "text/html"


def told(rule: str, response: requests.Response | None, error: Exception | None) -> str:
    """The trouble of a call, `rule` being its name in the table of answers."""
    if error is not None:
        return _connection(error) or rule
    if response is not None and _WEB_PAGE in response.headers.get("Content-Type", "").lower():
        return (
            f"it answers with a web page in place of data, status {response.status_code}; the address is not that of "
            "the API, or a proxy or login page stands in between"
        )
    return rule


def _connection(error: Exception) -> str | None:
    """What is wrong with a connection; None where the error does not say."""
    causes = list(_causes(error))
    if isinstance(error, exceptions.ProxyError):
        return "the proxy between here and there refuses the connection"
    if any(isinstance(one, socket.gaierror) for one in causes) or "NameResolutionError" in repr(error):
        return "its host name cannot be found (DNS)"
    if isinstance(error, exceptions.SSLError) or any(isinstance(one, ssl.SSLError) for one in causes):
        return "no secure connection (TLS) can be made: its certificate is not accepted, or it does not speak TLS"
    if isinstance(error, exceptions.ConnectTimeout):
        return "the connection is not accepted in time; a firewall may stand in between"
    if isinstance(error, exceptions.ReadTimeout):
        return "it accepts the connection and does not answer in time"
    if any(isinstance(one, ConnectionRefusedError) for one in causes) or "Connection refused" in repr(error):
        return "the connection is refused; nothing listens at this address and port"
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that led to it: urllib3 and requests wrap each other's several times."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
