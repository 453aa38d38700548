"""Carries calls out as one GraphQL document and tells every caller what became of its own.

An error belongs to the field that it names. A document that is refused as a whole is taken apart, unless it is the
client that is refused. What got no answer, or one of the server's own troubles, is asked again where that does no harm:
first together, then one by one. A mutation that may have been carried out is left to its caller, who looks again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import sleep
from typing import Any

import requests

from destination_pluvo.answers import ApiError, Refused, decoded, error_of, lasting, prove_answer, refusal
from destination_pluvo.batch import Call, DocumentSize, Part, parts_of
from destination_pluvo.graphql_operations import alias, combined, variables_at
from lms_shared.errors import config_error
from lms_shared.http import client
from lms_shared.http.client import JsonClient
from lms_shared.http.outcome import CallFailed, UnknownOutcome, UnreadableAnswer

GRAPHQL_PATH = "graphql/"
"""Getting started page: without its final slash the address fails or redirects."""


TRIES = 6
"""How often a field that meets trouble is asked for by itself."""
TRIES_TOGETHER = 3
"""Attempts of a document of several fields; one of them may be what it fails for."""
REFUSED_ALONE = 3
"""Members of a list that are refused by themselves before all are taken to lack the scope."""
LONGEST_WAIT = 10.0
"""Seconds between two tries; the first are as short as those of the client."""


@dataclass
class _Sending:
    """What is known while the calls of one document are carried out, however many requests that takes."""

    went_well: bool = False
    troubled_since: int | None = None
    """When trouble began, by the success log."""
    given_up: CallFailed | None = None
    """Why a field was given up that was asked for by itself."""

    @property
    def is_hopeless(self) -> bool:
        """Whether nothing goes through, so that trying the rest one by one takes long and changes nothing."""
        return self.given_up is not None and not self.went_well


class Documents:
    """Documents of one kind, queries or mutations, for one organization. Safe for threads."""

    def __init__(self, client: JsonClient, size: int) -> None:
        """`size` is the number of fields that a document may have, until the server refuses that many."""
        self._client = client
        self.size = DocumentSize(size)

    def send(self, calls: Sequence[Call]) -> None:
        """Settles the answers of calls of one kind."""
        self._carry_out(parts_of(calls), _Sending(), 0)

    def ask(self, query: str) -> Any:
        """The `data` of a query without variables, or None where it is refused."""
        answer = self._client.call("POST", GRAPHQL_PATH, json={"query": query}, repeatable=True)
        body = self._body(answer)
        return None if body.get("errors") else body.get("data")

    def _carry_out(self, parts: Sequence[Part], sending: _Sending, tried: int) -> None:
        """`tried`: how often these parts met trouble before."""
        if sending.is_hopeless:
            for part in parts:
                part.fail(self._lasting(part, sending.given_up))
            return
        try:
            response = self._post(parts)
        except UnknownOutcome as lost:
            self._after_trouble([(part, str(lost)) for part in parts], sending, tried, lost=True, code=lost.code)
            return
        except CallFailed as failed:
            self._after_lasting(parts, failed, sending)
            return
        body = self._body(response)
        errors = [ApiError.read(one) for one in body.get("errors") or ()]
        data = body.get("data")
        if not isinstance(data, dict) and not any(one.alias for one in errors):
            # A mutation of which nothing is said beside a success was begun, and may have been carried out.
            begun = response.ok and "data" in body and not parts[0].operation.is_query
            self._after_refusal(parts, errors, sending, tried, begun=begun, refused=not response.ok)
            return
        self._read(parts, data if isinstance(data, dict) else {}, errors, sending, tried)

    def _read(
        self,
        parts: Sequence[Part],
        values: Mapping[str, Any],
        errors: Sequence[ApiError],
        sending: _Sending,
        tried: int,
    ) -> None:
        """Settles what an answer says of each part."""
        troubled: list[tuple[Part, str]] = []
        unanswered: list[Part] = []
        without_token: list[tuple[Part, ApiError]] = []
        for place, part in enumerate(parts):
            name = alias(place)
            error = error_of(part, name, values, errors)
            if error is not None and error.is_about_the_token:
                without_token.append((part, error))
            elif error is not None and error.is_trouble:
                troubled.append((part, error.message))
            elif error is not None:
                self._after_error(part, error, sending)
            elif name in values:
                try:
                    part.operation.prove(values[name])
                except UnreadableAnswer as strange:
                    troubled.append((part, str(strange)))
                else:
                    self._settle(part, values[name], sending)
            else:
                unanswered.append(part)
        self._after_ended_token(without_token, len(parts), sending)
        if len(unanswered) == len(parts):
            begun = not parts[0].operation.is_query
            self._after_refusal(parts, errors, sending, tried, begun=begun, refused=False)
            return
        # A field that may not be null takes the whole answer with it when it fails.
        troubled += [(part, "no answer in the document") for part in unanswered]
        if troubled:
            self._after_trouble(troubled, sending, tried, lost=False)
        else:
            self.size.grow()

    def _post(self, parts: Sequence[Part]) -> requests.Response:
        variables: dict[str, Any] = {}
        for place, part in enumerate(parts):
            variables |= variables_at(place, part.variables)
        return self._client.call(
            "POST",
            GRAPHQL_PATH,
            json={"query": combined([part.operation for part in parts]), "variables": variables},
            repeatable=all(part.operation.repeatable for part in parts),
            readable=prove_answer,
            attempts=None if len(parts) == 1 else TRIES_TOGETHER,
        )

    def _body(self, response: requests.Response) -> Mapping[str, Any]:
        if response.status_code == 404:
            raise config_error(
                f"There is no Pluvo at {self._client.base_url}. Correct organization, or base_url, which is scheme and "
                "host alone."
            )
        body = decoded(response)
        if isinstance(body, dict) and ("data" in body or body.get("errors")):
            return body
        return {"errors": [{"message": f"status {response.status_code}"}]}

    def _settle(self, part: Part, value: Any, sending: _Sending) -> None:
        sending.went_well = True
        self._client.successes.note(part.kind)
        for call in part.calls:
            call.succeed(value)

    # Trouble, which may be over the next time

    def _after_trouble(
        self, troubled: Sequence[tuple[Part, str]], sending: _Sending, tried: int, *, lost: bool, code: str = ""
    ) -> None:
        """Asks again for what was looked up, and for other calls that may be repeated where their answer got `lost`.
        Whoever made the rest looks what became of it."""
        if sending.troubled_since is None:
            sending.troubled_since = self._client.successes.mark()
        again: list[tuple[Part, str]] = []
        for part, reason in troubled:
            if part.operation.is_query or (lost and part.operation.repeatable):
                again.append((part, reason))
            else:
                part.fail(UnknownOutcome(reason, code=code or "ERROR", operation=part.kind))
        if len(troubled) > 1:
            self.size.after_trouble(len(troubled))
        if not again:
            return
        wait = client.FIRST_WAIT
        sleep(min(LONGEST_WAIT, wait * 2**tried) + random.uniform(0, wait))  # noqa: S311 - no secret
        if tried == 0:
            self._carry_out([part for part, _ in again], sending, 1)
            return
        for part, reason in again:
            if len(again) == 1 and tried >= TRIES:
                failure = lasting(reason, part.kind, sending.troubled_since, code or "ERROR")
                sending.given_up = failure
                part.fail(failure)
            else:
                self._carry_out([part], sending, tried if len(again) > 1 else tried + 1)

    def _after_lasting(self, parts: Sequence[Part], failed: CallFailed, sending: _Sending) -> None:
        """The whole document failed again and again: perhaps for one of its fields."""
        if len(parts) == 1:
            sending.given_up = failed
            parts[0].fail(self._lasting(parts[0], failed))
            return
        self.size.after_trouble(len(parts))
        half = len(parts) // 2
        for some in (parts[:half], parts[half:]):
            self._carry_out(some, sending, 1)

    def _lasting(self, part: Part, failed: CallFailed | None) -> CallFailed:
        """The failure of a document, as that of one of its fields."""
        assert failed is not None
        return CallFailed(
            str(failed.message),
            failed.failure_type,
            code=failed.code,
            operation=part.kind,
            mark=failed.mark,
            internal=failed.internal_message,
        )

    # Refusals, which stay

    def _after_ended_token(self, refused: Sequence[tuple[Part, ApiError]], among: int, sending: _Sending) -> None:
        """The token may have ended while others were carried out; where all are refused, so is the next token."""
        if refused and len(refused) < among:
            self._carry_out([part for part, _ in refused], sending, 0)
            return
        for part, error in refused:
            self._refuse(part, error)

    def _after_refusal(
        self,
        parts: Sequence[Part],
        errors: Sequence[ApiError],
        sending: _Sending,
        tried: int,
        *,
        begun: bool,
        refused: bool,
    ) -> None:
        """What an answer without any values means: the document is refused and nothing of it was carried out, or else
        it is trouble. `begun`: whether it was executed; `refused`: whether the status says that it was not."""
        errors = errors or [ApiError("no reason given")]
        error = errors[0]
        about_client = next((one for one in errors if one.is_about_the_client), None)
        if about_client is not None:
            self._after_refused_client(parts, about_client, sending)
        elif begun:
            self._after_begun(parts, error, sending, tried)
        elif not refused and any(one.is_trouble for one in errors):
            self._after_trouble([(part, error.message) for part in parts], sending, tried, lost=False)
        elif len(parts) == 1:
            self._after_error(parts[0], error, sending)
        else:
            half = len(parts) // 2
            for some in (parts[:half], parts[half:]):
                self._carry_out(some, sending, tried)
            if not any(part.failed for part in parts):
                self.size.shrink(half, error.message)

    def _after_begun(self, parts: Sequence[Part], error: ApiError, sending: _Sending, tried: int) -> None:
        """Mutations that were begun, and of which nothing is known but an error."""
        if error.is_trouble or len(parts) > 1:
            self._after_trouble([(part, error.message) for part in parts], sending, tried, lost=False)
        elif parts[0].operation.repeatable:
            self._after_error(parts[0], error, sending)
        else:
            name = parts[0].kind
            parts[0].fail(UnknownOutcome(error.message, code="ERROR", operation=name, refusal=Refused(error)))

    def _after_refused_client(self, parts: Sequence[Part], error: ApiError, sending: _Sending) -> None:
        """A client without a good token may do nothing; one without a scope may do the operations of others."""
        operations = dict.fromkeys(part.operation for part in parts)
        if error.is_about_the_token or len(operations) == 1:
            for part in parts:
                self._refuse(part, error)
            return
        for one in operations:
            self._carry_out([part for part in parts if part.operation is one], sending, 0)

    def _after_error(self, part: Part, error: ApiError, sending: _Sending) -> None:
        """A failing list mutation is taken apart, so that one member does not fail the others."""
        if len(part.calls) == 1 or error.is_about_the_token:
            self._refuse(part, error)
            return
        for place, call in enumerate(part.calls):
            alone = Part(call.operation, call.variables, (call,))
            if error.is_about_a_scope and place >= REFUSED_ALONE and all(one.failed for one in part.calls[:place]):
                self._refuse(alone, error)
            else:
                self._carry_out([alone], sending, 0)

    def _refuse(self, part: Part, error: ApiError) -> None:
        part.fail(refusal(error, part.kind, self._client.successes.mark()))
