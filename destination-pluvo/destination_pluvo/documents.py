"""Carries calls out as one GraphQL document and tells every caller what became of its own.

An error belongs to the field that it names. A document that is refused as a whole is taken apart, unless it is the
client that is refused, and what got no answer is repeated where that does no harm.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from destination_pluvo.batch import Call
from destination_pluvo.graphql_operations import Operation, alias, combined, variables_at
from destination_pluvo.refusals import ApiError, refusal
from lms_shared.errors import config_error
from lms_shared.http.client import JsonClient
from lms_shared.http.outcome import UnknownOutcome

logger = logging.getLogger("airbyte")

GRAPHQL_PATH = "graphql/"
"""Getting started page: without its final slash the address fails or redirects."""


@dataclass(frozen=True)
class Part:
    """A field of a document: one call, or several that differ in one member of a list."""

    operation: Operation
    variables: Mapping[str, Any]
    calls: tuple[Call, ...]


def parts_of(calls: Sequence[Call]) -> list[Part]:
    """The fields of a document; calls of a list mutation that differ in nothing but the list become one."""
    gathered: dict[Any, list[Call]] = {}
    for number, call in enumerate(calls):
        name = call.operation.gathers
        rest = repr(sorted((key, value) for key, value in call.variables.items() if key != name)) if name else number
        gathered.setdefault((call.operation.name, rest), []).append(call)
    return [_part(together) for together in gathered.values()]


def _part(calls: list[Call]) -> Part:
    first = calls[0]
    if len(calls) == 1 or first.operation.gathers is None:
        return Part(first.operation, first.variables, tuple(calls))
    name = first.operation.gathers
    members = dict.fromkeys(member for call in calls for member in call.variables[name])
    return Part(first.operation, {**first.variables, name: list(members)}, tuple(calls))


class Documents:
    """Documents of one kind, queries or mutations, for one organization. Safe for threads."""

    def __init__(self, client: JsonClient, size: int) -> None:
        """`size` is the number of fields that a document may have, until the server says that it is too many."""
        self._client = client
        self._size = size
        self._lock = threading.Lock()

    def size(self) -> int:
        """Fields that a document may have."""
        return self._size

    def send(self, calls: Sequence[Call]) -> None:
        """Settles the answers of calls of one kind."""
        self._carry_out(parts_of(calls))

    def ask(self, query: str) -> Any:
        """The `data` of a query without variables, or None where it is refused."""
        body = self._body(self._client.call("POST", GRAPHQL_PATH, json={"query": query}, repeatable=True))
        return None if body.get("errors") else body.get("data")

    def _carry_out(self, parts: Sequence[Part]) -> None:
        try:
            body = self._post(parts)
        except UnknownOutcome as lost:
            self._after_no_answer(parts, lost)
            return
        errors = [ApiError.read(one) for one in body.get("errors") or ()]
        data = body.get("data")
        if not isinstance(data, dict) and not any(one.alias for one in errors):
            self._after_refusal(parts, errors)
            return
        values = data if isinstance(data, dict) else {}
        unanswered: list[Part] = []
        without_token: list[tuple[Part, ApiError]] = []
        for place, part in enumerate(parts):
            name = alias(place)
            error = _error_of(part, name, values, errors)
            if error is not None and error.is_about_the_token:
                without_token.append((part, error))
            elif error is not None:
                self._after_error(part, error)
            elif name in values:
                _settle(part, values[name])
            else:
                unanswered.append(part)
        self._after_ended_token(without_token, len(parts))
        if len(unanswered) == len(parts):
            self._after_refusal(parts, errors)
        elif unanswered:
            # A field that may not be null takes the whole answer with it when it fails.
            self._after_no_answer(unanswered, UnknownOutcome("mutation: no answer in the document"))

    def _post(self, parts: Sequence[Part]) -> Mapping[str, Any]:
        variables: dict[str, Any] = {}
        for place, part in enumerate(parts):
            variables |= variables_at(place, part.variables)
        response = self._client.call(
            "POST",
            GRAPHQL_PATH,
            json={"query": combined([part.operation for part in parts]), "variables": variables},
            repeatable=all(part.operation.repeatable for part in parts),
        )
        return self._body(response)

    def _body(self, response: requests.Response) -> Mapping[str, Any]:
        if response.status_code == 404:
            raise config_error(
                f"There is no Pluvo at {self._client.base_url}. Correct organization, or base_url, which is scheme and "
                "host alone."
            )
        try:
            body = response.json()
        except ValueError:
            body = None
        if isinstance(body, dict) and ("data" in body or body.get("errors")):
            return body
        return {"errors": [{"message": f"status {response.status_code}"}]}

    def _after_no_answer(self, parts: Sequence[Part], lost: UnknownOutcome) -> None:
        again = [part for part in parts if part.operation.repeatable]
        for part in parts:
            if not part.operation.repeatable:
                _fail(part, lost)
        if again:
            self._carry_out(again)

    def _after_ended_token(self, refused: Sequence[tuple[Part, ApiError]], among: int) -> None:
        """The token may have ended while others were carried out; where all are refused, so is the next token."""
        if refused and len(refused) < among:
            self._carry_out([part for part, _ in refused])
            return
        for part, error in refused:
            _fail(part, refusal(error, part.operation.name))

    def _after_refusal(self, parts: Sequence[Part], errors: Sequence[ApiError]) -> None:
        """Nothing of a document that is refused as a whole was carried out."""
        error = errors[0] if errors else ApiError("no reason given")
        refused = next((one for one in errors if one.is_about_the_client), None)
        if refused is not None:
            self._after_refused_client(parts, refused)
        elif len(parts) == 1:
            self._after_error(parts[0], error)
        else:
            half = len(parts) // 2
            for some in (parts[:half], parts[half:]):
                self._carry_out(some)
            if not any(_refused(part) for part in parts):
                self._shrink(half, error)

    def _after_refused_client(self, parts: Sequence[Part], error: ApiError) -> None:
        """A client without a good token may do nothing; one without a scope may do the operations of others."""
        operations = dict.fromkeys(part.operation for part in parts)
        if error.is_about_the_token or len(operations) == 1:
            for part in parts:
                _fail(part, refusal(error, part.operation.name))
            return
        for one in operations:
            self._carry_out([part for part in parts if part.operation is one])

    def _shrink(self, size: int, error: ApiError) -> None:
        with self._lock:
            if size >= self._size:
                return
            said, self._size = self._size, size
        logger.info(
            "Pluvo refuses documents of many operations (%s); from now on they hold %d instead of %d.",
            error.message[:100],
            size,
            said,
        )

    def _after_error(self, part: Part, error: ApiError) -> None:
        """A failing list mutation is taken apart, so that one member does not fail the others."""
        if len(part.calls) == 1 or error.is_about_the_client:
            _fail(part, refusal(error, part.operation.name))
            return
        for call in part.calls:
            self._carry_out([Part(call.operation, call.variables, (call,))])


def _error_of(part: Part, name: str, values: Mapping[str, Any], errors: Sequence[ApiError]) -> ApiError | None:
    """The error about a field, if any: one that names none is about a mutation that came to nothing."""
    named = next((one for one in errors if one.alias == name), None)
    nothing = not part.operation.is_query and name in values and values[name] is None
    return named or (next((one for one in errors if not one.alias), None) if nothing else None)


def _settle(part: Part, value: Any) -> None:
    for call in part.calls:
        call.succeed(value)


def _fail(part: Part, error: BaseException) -> None:
    for call in part.calls:
        call.fail(error)


def _refused(part: Part) -> bool:
    return any(call.failed for call in part.calls)
