"""Asks for the first row of streams, to learn which ones the key may read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from source_pluralsight.error_handler import PluralsightError
from source_pluralsight.errors import Retry, Trouble, Verdict
from source_pluralsight.operation import Argument
from source_pluralsight.requester import GraphQLRequester
from source_pluralsight.stream_plan import StreamPlan

_UNKNOWN_FIELD = re.compile(r"Cannot query field ['\"](\w+)['\"]", re.IGNORECASE)
_MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class Probed:
    """What a probe found: the plan, adjusted to what the API takes, or why the API refuses it."""

    plan: StreamPlan
    refusal: str | None = None
    dropped: tuple[str, ...] = ()


def probe(requester: GraphQLRequester, plan: StreamPlan, negotiate: bool) -> Probed:
    """Ask for one row. A child is not asked, since it needs a record of its parent.

    `negotiate` is for plans that were made without introspection: fields that the API turns out not to have are
    dropped, and a list whose type is not known is tried as enum values and as strings. Raises what is wrong with the
    key or the service as a whole.
    """
    dropped: tuple[str, ...] = ()
    if plan.parent is not None:
        return Probed(plan)
    for _ in range(_MOST_ATTEMPTS):
        try:
            requester.post(plan.operation.first_page_only().body(page_size=1, cursor=None, stream_slice={}))
            return Probed(plan, None, dropped)
        except PluralsightError as error:
            if error.verdict.trouble is not Trouble.QUERY:
                raise
            refusal = error.verdict.message
        simpler, unknown = _simpler(plan, refusal) if negotiate else (None, ())
        if simpler is None:
            break
        plan, dropped = simpler, (*dropped, *unknown)
    return Probed(plan, refusal, dropped)


def probe_all(requester: GraphQLRequester, plans: Iterable[StreamPlan], negotiate: bool, workers: int) -> list[Probed]:
    """Probe several streams at a time; the order is kept."""
    with ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(lambda plan: probe(requester, plan, negotiate), plans))


def negotiate_all(requester: GraphQLRequester, plans: Iterable[StreamPlan], workers: int) -> list[StreamPlan]:
    """The plans adjusted to what the API takes. Whatever else is wrong shows when the stream is read."""

    def adjusted(plan: StreamPlan) -> StreamPlan:
        try:
            return probe(requester, plan, negotiate=True).plan
        except AirbyteTracedException:
            return plan

    with ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(adjusted, plans))


def first_readable(requester: GraphQLRequester, plans: Iterable[StreamPlan], negotiate: bool) -> None:
    """Return when one of the streams can be read. Raises the first refusal when none can, and a refused key at once."""
    refusal: PluralsightError | None = None
    for plan in plans:
        if plan.parent is not None:
            continue
        probed = probe(requester, plan, negotiate)
        if probed.refusal is None:
            return
        refusal = refusal or refused(probed.refusal)
    raise refusal or refused("The API offers this key no list that the connector could read.")


def refused(message: str) -> PluralsightError:
    """A refusal as an error of the configuration."""
    return PluralsightError(Verdict(Trouble.QUERY, Retry.NEVER, FailureType.config_error, message))


def _simpler(plan: StreamPlan, refusal: str) -> tuple[StreamPlan | None, tuple[str, ...]]:
    unknown = set(_UNKNOWN_FIELD.findall(refusal))
    fields = tuple(field for field in plan.selection.fields if field.name not in unknown)
    if fields and len(fields) < len(plan.selection.fields):
        gone = tuple(field.name for field in plan.selection.fields if field.name in unknown)
        return plan.with_fields(fields), gone
    if any(argument.as_enum for argument in plan.operation.arguments):
        arguments = tuple(_as_strings(argument) for argument in plan.operation.arguments)
        return replace(plan, operation=replace(plan.operation, arguments=arguments)), ()
    return None, ()


def _as_strings(argument: Argument) -> Argument:
    return replace(argument, as_enum=False)
