"""The fields of a document: what calls become, and what an answer says of each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from destination_pluvo.batch import Call
from destination_pluvo.graphql_operations import Operation
from destination_pluvo.refusals import ApiError
from lms_shared.http.outcome import UnreadableAnswer


@dataclass(frozen=True)
class Part:
    """A field of a document: one call, or several that differ in one member of a list."""

    operation: Operation
    variables: Mapping[str, Any]
    calls: tuple[Call, ...]

    def fail(self, error: BaseException) -> None:
        """All of its calls have failed."""
        for call in self.calls:
            call.fail(error)

    @property
    def kind(self) -> str:
        """What it is in the log of successes. First pages that go well say nothing of a later one that never does."""
        return f"{self.operation.name}, later page" if self.variables.get("after") else self.operation.name

    @property
    def failed(self) -> bool:
        return any(call.failed for call in self.calls)


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


def prove_answer(response: requests.Response) -> None:
    """Raises UnreadableAnswer for a success that is not the answer of a GraphQL server."""
    body = decoded(response)
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not (isinstance(body.get("data"), dict) or (isinstance(errors, list) and errors)):
        raise UnreadableAnswer("neither data nor errors")


def decoded(response: requests.Response) -> Any:
    """The JSON value of an answer, None where it has none."""
    try:
        return response.json()
    except ValueError:
        return None


def error_of(part: Part, name: str, values: Mapping[str, Any], errors: Sequence[ApiError]) -> ApiError | None:
    """The error about a field, if any: one that names none is about a mutation that came to nothing."""
    named = next((one for one in errors if one.alias == name), None)
    nothing = not part.operation.is_query and name in values and values[name] is None
    return named or (next((one for one in errors if not one.alias), None) if nothing else None)
