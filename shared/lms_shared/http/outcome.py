"""How a call ends: what its answer means, as one table of which the first rule that fits wins.

A call is repeatable when doing it twice is the same as doing it once (reads, partial updates, deletes, and creates that
the API itself makes idempotent). Others are looked up before they are tried again, see `lms_shared.upsert.apply.apply`.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException
from requests import exceptions

from lms_shared.http.body import json_of
from lms_shared.http.bounded import AnswerTooLarge
from lms_shared.http.rate_limit import retry_after
from lms_shared.privacy import mask_emails


class UnknownOutcome(Exception):
    """A call that must not be repeated blindly got no answer: it may have been carried out or not."""

    def __init__(self, reason: str, *, code: str = "", operation: str = "", refusal: Exception | None = None) -> None:
        """`code` and `operation` are those of `CallFailed`; `refusal` is what the call was refused with, where it may
        have been carried out all the same."""
        super().__init__(reason)
        self.code = code
        self.operation = operation
        self.refusal = refusal


class UnreadableAnswer(Exception):
    """A success whose body is not what the call answers with. Says what it is instead, without quoting it."""


class CallFailed(AirbyteTracedException):
    """A call that fails each time it is made. Whether that is about the record or about the whole API shows by other
    calls of the same operation: see `SuccessLog`. Unhandled, it ends the sync."""

    def __init__(
        self, message: str, kind: FailureType, *, code: str, operation: str, mark: int, internal: str | None = None
    ) -> None:
        """`code` is the HTTP status, or a word for what has none; `mark` is that of the success log as it failed."""
        super().__init__(message=message, internal_message=internal or message, failure_type=kind)
        self.code = code
        self.operation = operation
        self.mark = mark


class Handling(Enum):
    """What the client does with an answer, or with the lack of one."""

    ANSWER = "answer"  # handed to the caller, who decides: success, or a refusal of this one call
    RETRY = "retry"  # not carried out, or harmless to repeat
    UNKNOWN = "unknown"  # may have been carried out, must not be repeated blindly
    BAD_KEY = "bad_key"
    FORBIDDEN = "forbidden"
    WRONG_ADDRESS = "wrong_address"


@dataclass(frozen=True)
class Rule:
    """One row of the table."""

    name: str
    fits: Callable[[requests.Response | None, Exception | None], bool]
    repeatable: Handling
    once_only: Handling
    for_now: bool = False
    """Whether the API has no room for calls: all wait (see `lms_shared.http.rate_limit`), and no attempt counts as
    failed."""


def _status(*codes: int) -> Callable[[requests.Response | None, Exception | None], bool]:
    return lambda response, _: response is not None and response.status_code in codes


def _never_sent(_: requests.Response | None, error: Exception | None) -> bool:
    # requests raises ConnectTimeout for a connection that was never made; urllib3 names the refused one.
    return isinstance(error, exceptions.ConnectTimeout) or (
        isinstance(error, exceptions.ConnectionError) and "NewConnectionError" in repr(error)
    )


def _bad_address(_: requests.Response | None, error: Exception | None) -> bool:
    return isinstance(error, exceptions.InvalidURL | exceptions.MissingSchema | exceptions.InvalidSchema)


def _server_trouble(response: requests.Response | None, _: Exception | None) -> bool:
    return response is not None and (response.status_code == 408 or response.status_code >= 500)


def _asks_to_wait(response: requests.Response | None, _: Exception | None) -> bool:
    return response is not None and response.status_code == 503 and retry_after(response) is not None


def _moved(response: requests.Response | None, _: Exception | None) -> bool:
    return response is not None and 300 <= response.status_code < 400


def _no_json(response: requests.Response | None, _: Exception | None) -> bool:
    """A success whose body cannot be what the API sends: cut off, or a page of a proxy."""
    if response is None or not response.ok or not response.content.strip():
        return False
    try:
        json_of(response)
    except ValueError:
        return True
    return False


RULES: tuple[Rule, ...] = (
    Rule("invalid address", _bad_address, Handling.WRONG_ADDRESS, Handling.WRONG_ADDRESS),
    Rule("connection never made", _never_sent, Handling.RETRY, Handling.RETRY),
    Rule("connection lost, timeout, cut body", lambda _, e: e is not None, Handling.RETRY, Handling.UNKNOWN),
    Rule("401 key refused", _status(401), Handling.BAD_KEY, Handling.BAD_KEY),
    Rule("403 not allowed", _status(403), Handling.FORBIDDEN, Handling.FORBIDDEN),
    Rule("429 quota used up", _status(429), Handling.RETRY, Handling.RETRY, for_now=True),
    Rule("503 that asks to wait", _asks_to_wait, Handling.RETRY, Handling.UNKNOWN, for_now=True),
    Rule("408, 5xx trouble of the server", _server_trouble, Handling.RETRY, Handling.UNKNOWN),
    Rule("3xx the address moved", _moved, Handling.WRONG_ADDRESS, Handling.WRONG_ADDRESS),
    Rule("2xx that is not JSON", _no_json, Handling.RETRY, Handling.UNKNOWN),
    Rule("anything else", lambda _r, _e: True, Handling.ANSWER, Handling.ANSWER),
)


UNREADABLE = Rule("2xx that is not what was asked for", lambda _r, _e: False, Handling.RETRY, Handling.UNKNOWN)
"""For answers that only the caller can tell from the right ones; see `readable` of `JsonClient.call`."""


def judge(response: requests.Response | None, error: Exception | None, *, repeatable: bool) -> tuple[Rule, Handling]:
    """The rule that fits an answer, and its handling for this call."""
    rule = next(one for one in RULES if one.fits(response, error))
    return rule, rule.repeatable if repeatable else rule.once_only


_WEB_PAGE = "text/html"


def told(rule: str, response: requests.Response | None, error: Exception | None) -> str:
    """The trouble of a call, `rule` being its name in the table of answers."""
    if error is not None:
        return connection_trouble(error) or rule
    if response is not None and _WEB_PAGE in response.headers.get("Content-Type", "").lower():
        return (
            f"it answers with a web page in place of data, status {response.status_code}; the address is not that of "
            "the API, or a proxy or login page stands in between"
        )
    return rule


def connection_trouble(error: Exception) -> str | None:
    """What is wrong with a connection; None where the error does not say."""
    causes = list(_causes(error))
    if isinstance(error, AnswerTooLarge):
        return error.told
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
    if "Read timed out" in repr(error):
        return "it begins an answer and does not finish it in time"
    if isinstance(error, exceptions.ChunkedEncodingError | exceptions.ContentDecodingError):
        return "the connection broke in the middle of an answer"
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


def refusal(api: str, rule: Rule, handling: Handling, method: str, operation: str, mark: int) -> AirbyteTracedException:
    """The failure (config_error) of a call with a refused key, without a permission, or to a wrong address."""
    internal = f"{method}: {rule.name}"
    if handling is Handling.FORBIDDEN:
        return CallFailed(
            f"{api} does not allow this call ({method}) with these credentials. They may be read-only, or the "
            "organization may lack the feature. Use a key that may read and write.",
            FailureType.config_error,
            code="403",
            operation=operation,
            mark=mark,
            internal=internal,
        )
    sentences = {
        Handling.BAD_KEY: f"{api} refuses the credentials. Enter a valid, active key.",
        Handling.WRONG_ADDRESS: f"{api} does not answer at this address. Check the base address.",
    }
    return AirbyteTracedException(
        message=sentences[handling], internal_message=internal, failure_type=FailureType.config_error
    )


def no_room(api: str, rule: Rule, asked: float | None, refused_for: float) -> AirbyteTracedException:
    """The failure (transient_error) of a call that the API has no room for, longer than the client waits."""
    what = f"it asks to wait {asked:.0f} s" if asked else f"no call got through for {refused_for:.0f} s"
    message = (
        f"{api} refuses calls for now ({rule.name}): {what}. Run it again later, when other programs use less of the "
        "quota."
    )
    return AirbyteTracedException(message=message, internal_message=message, failure_type=FailureType.transient_error)


def lasting(
    api: str, reason: str, attempts: int, code: str, operation: str, mark: int, error: Exception | None
) -> CallFailed:
    """The failure (transient_error) of a call whose trouble lasts."""
    message = f"{api} had trouble in {attempts} attempts: {reason}. Check the address, or run the sync again later."
    return CallFailed(
        message,
        FailureType.transient_error,
        code=code,
        operation=operation,
        mark=mark,
        internal=mask_emails(f"{message} {type(error).__name__ if error else ''}".strip()),
    )
