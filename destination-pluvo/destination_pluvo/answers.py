"""What a GraphQL answer says: its values, what its errors mean, and what the schema behind it lacks.

Request data page: an error has a message and `extensions.code`, and a code with `Auth` in it is about the token. No
list of codes is published, so that what the patterns below look for is inferred. So are some arguments and look-ups,
which a server may refuse, and a `ref`, which it may drop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from destination_pluvo.batch import Part
from lms_shared.adapter.remote import RecordRejected
from lms_shared.errors import config_error
from lms_shared.http.body import json_of
from lms_shared.http.outcome import CallFailed, UnreadableAnswer
from lms_shared.privacy import mask_emails

REFUSED = "REMOTE.REFUSED"
MAX_REASON = 500
_NOTHING_FOUND = re.compile(r"not.?found|does not exist|no .+ match", re.IGNORECASE)
_NOT_ALLOWED = re.compile(r"permission|forbidden|not.?allowed|scope", re.IGNORECASE)
_TROUBLE_CODE = re.compile(
    r"internal|server.?error|time.?d?.?out|deadline|throttl|too.?many|overload|unavailable|rate.?limit|try.?again",
    re.IGNORECASE,
)
_TROUBLE_TEXT = re.compile(
    r"internal (server )?error|timed? ?out|deadline exceeded|deadlock|throttled|too many requests|overload"
    r"|(service|temporarily) unavailable|rate limit|try again|unexpected error",
    re.IGNORECASE,
)
"""Of an error without a code; if there is one, it says more than the text, which may quote the record."""


@dataclass(frozen=True)
class ApiError:
    """One error of an answer."""

    message: str
    code: str = ""
    alias: str | None = None
    """Name of the field it is about; None where it is about the whole document."""
    placed: bool = False
    """Whether it names a place in the text of the document, as refused documents do."""

    @classmethod
    def read(cls, error: Any) -> ApiError:
        """An entry of `errors`, whatever shape it has."""
        if not isinstance(error, Mapping):
            return cls(str(error))
        extensions, path = error.get("extensions"), error.get("path")
        code = extensions.get("code") if isinstance(extensions, Mapping) else None
        alias = str(path[0]) if isinstance(path, list) and path else None
        return cls(str(error.get("message") or "no reason given"), str(code or ""), alias, bool(error.get("locations")))

    @property
    def is_about_the_token(self) -> bool:
        return "auth" in self.code.lower()

    @property
    def is_a_miss(self) -> bool:
        """Whether it says that what was looked up is not there."""
        return bool(_NOTHING_FOUND.search(self.code) or _NOTHING_FOUND.search(self.message))

    @property
    def is_trouble(self) -> bool:
        """Whether it is the server's own failure, which may be over the next time."""
        if self.code:
            return bool(_TROUBLE_CODE.search(self.code)) and not self.is_about_the_client
        return bool(_TROUBLE_TEXT.search(self.message)) or not (self.alias or self.placed)

    @property
    def is_about_a_scope(self) -> bool:
        return bool(_NOT_ALLOWED.search(self.code))

    @property
    def is_about_the_client(self) -> bool:
        """Whether whatever else the client asks for is refused too, or what needs the same scope."""
        return self.is_about_the_token or self.is_about_a_scope


class Refused(RecordRejected):
    """The API refuses one field of a document."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(
            REFUSED,
            f"Pluvo refuses it: {mask_emails(error.message)[:MAX_REASON]}",
            "Correct what the reason names, in the source or in Pluvo, and write the record again.",
        )
        self.error = error


def refusal(error: ApiError, operation: str, mark: int) -> RecordRejected | AirbyteTracedException:
    """The exception for an error of one field: of the record, or of the whole sync where the client may not do it.

    `mark` is that of the success log.
    """
    if error.is_about_the_token:
        return config_error(
            f"Pluvo refuses the access token, a new one as well: {mask_emails(error.message)[:MAX_REASON]}. Check "
            "client_id, client_secret and the scopes of the client with Pluvo."
        )
    if error.is_about_a_scope:
        return CallFailed(
            f"The client may not do {operation}: {mask_emails(error.message)[:MAX_REASON]}. Ask Pluvo for the scope.",
            FailureType.config_error,
            code="FORBIDDEN",
            operation=operation,
            mark=mark,
        )
    return Refused(error)


def lasting(reason: str, operation: str, mark: int, code: str = "ERROR") -> CallFailed:
    """The exception for a field that fails each time it is asked for."""
    return CallFailed(
        f"Pluvo fails to do {operation} each time: {mask_emails(reason)[:MAX_REASON]}. Run the sync again later.",
        FailureType.transient_error,
        code=code,
        operation=operation,
        mark=mark,
    )


def prove_answer(response: requests.Response) -> None:
    """Raises UnreadableAnswer for a success that is not the answer of a GraphQL server."""
    body = decoded(response)
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not (isinstance(body.get("data"), dict) or (isinstance(errors, list) and errors)):
        raise UnreadableAnswer("neither data nor errors")


def decoded(response: requests.Response) -> Any:
    """The JSON value of an answer, None where it has none."""
    try:
        return json_of(response)
    except ValueError:
        return None


def error_of(part: Part, name: str, values: Mapping[str, Any], errors: Sequence[ApiError]) -> ApiError | None:
    """The error about a field, if any: one that names none is about a mutation that came to nothing."""
    named = next((one for one in errors if one.alias == name), None)
    nothing = not part.operation.is_query and name in values and values[name] is None
    return named or (next((one for one in errors if not one.alias), None) if nothing else None)


_UNKNOWN = re.compile(
    r"unknown|not defined|undefined|no such|not accept|unexpected|not exist|unrecogni[sz]ed|not supported|not allowed",
    re.IGNORECASE,
)
"""How GraphQL servers say that a schema lacks a field or an argument; the words are not standardized."""
_TAKEN = re.compile(r"already|\bexists|taken|in use|duplicate|unique", re.IGNORECASE)


def is_unknown(refused: Refused, *names: str) -> bool:
    """Whether the server says that its schema lacks one of these fields or arguments."""
    message = refused.error.message
    named = any(re.search(rf"\b{re.escape(name)}\b", message) for name in names)
    return named and _UNKNOWN.search(message) is not None


def may_be_about_the_client(refused: Refused | AirbyteTracedException) -> bool:
    """Whether a look-up may have been refused for who asks, or for how; one for the token is refused anywhere else."""
    if isinstance(refused, Refused):
        return not refused.error.is_a_miss
    return refused.failure_type is FailureType.config_error


def write_with_ref(write: Callable[[dict[str, Any]], dict[str, Any]], fields: dict[str, Any]) -> dict[str, Any] | None:
    """Writes fields; without their `ref` where the server takes none. None where nothing else is to be written.

    Raises Refused for whatever else is wrong, a ref of another object among it.
    """
    try:
        return write(fields)
    except Refused as refused:
        rest = {name: value for name, value in fields.items() if name != "ref"}
        if "ref" not in fields or not _is_about_ref(refused, alone=not rest):
            raise
    return write(rest) if rest else None


def _is_about_ref(refused: Refused, *, alone: bool) -> bool:
    message = refused.error.message
    named = alone or re.search(r"\bref\b", message) is not None
    return named and _TAKEN.search(message) is None
