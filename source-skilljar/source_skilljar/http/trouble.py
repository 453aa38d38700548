"""Says in a sentence what kept a call from being answered, without addresses or bodies."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import requests
from requests import exceptions
from urllib3.exceptions import NameResolutionError, NewConnectionError

from source_skilljar.http.answers import Answer

LATER = "Sync again later."
NETWORK = "If it goes on, check base_url, the network and any proxy in between."


def trouble_of(error: requests.RequestException) -> str:
    """What happened, for a user."""
    causes = list(_causes(error))
    if any(isinstance(cause, NameResolutionError | socket.gaierror) for cause in causes):
        return "the host name of base_url cannot be resolved (DNS)"
    if isinstance(error, exceptions.ProxyError):
        return "the proxy does not let the call through"
    if any(isinstance(cause, ssl.SSLError | exceptions.SSLError) for cause in causes):
        return "no secure connection can be made (TLS), for instance because the certificate is not trusted"
    if isinstance(error, exceptions.ConnectTimeout):
        return "no connection was made in time"
    if isinstance(error, exceptions.Timeout):
        return "no answer came in time"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes) or any(
        isinstance(cause, NewConnectionError) and "refused" in str(cause) for cause in causes
    ):
        return "the connection was refused"
    return f"the connection was lost ({type(error).__name__})"


def hint_for(outcome: Answer | requests.RequestException) -> str:
    """What a user can do about trouble that lasts."""
    if isinstance(outcome, Answer):
        return LATER if outcome.status >= 300 else f"{LATER} {NETWORK}"
    return f"{LATER} {NETWORK}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was made of: its causes, and what requests and urllib3 keep as arguments or reasons."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        related = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        waiting.extend(other for other in related if isinstance(other, BaseException))
