"""Asks for the first row of streams, to learn which ones the key may read, and with which fields."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from airbyte_cdk.models import FailureType

from source_pluralsight.api.errors import OF_THE_QUERY, ErrorResolution, PluralsightError, Retry, Trouble
from source_pluralsight.partitions.stream_reader import Run, StreamReader
from source_pluralsight.planning.plan import StreamPlan


@dataclass(frozen=True)
class Probed:
    """What a probe found: the plan, adjusted to what the API takes, or why the API refuses it."""

    plan: StreamPlan
    refusal: str | None = None


def probe(run: Run, plan: StreamPlan) -> Probed:
    """Asks for one row. A child is not asked, since it needs a record of its parent.

    Raises what is wrong with the key or the service as a whole.
    """
    if plan.parent is not None:
        return Probed(plan)
    reader = StreamReader(run, plan)
    try:
        reader.first_row()
    except PluralsightError as error:
        if error.resolution.trouble not in OF_THE_QUERY:
            raise
        return Probed(plan, error.resolution.message)
    return Probed(reader.plan)


def probe_all(run: Run, plans: Iterable[StreamPlan]) -> list[Probed]:
    """Probes several streams at a time; the order is kept."""
    with ThreadPoolExecutor(max_workers=run.settings.num_workers) as pool:
        return list(pool.map(lambda plan: probe(run, plan), plans))


def first_readable(run: Run, plans: Iterable[StreamPlan]) -> None:
    """Returns when one of the streams can be read. Raises the first refusal when none can, a refused key at once."""
    refusal: PluralsightError | None = None
    for plan in plans:
        if plan.parent is not None:
            continue
        probed = probe(run, plan)
        if probed.refusal is None:
            return
        refusal = refusal or refused(probed.refusal)
    raise refusal or refused("The API offers this key no list that the connector could read.")


def refused(message: str) -> PluralsightError:
    """A refusal as an error of the configuration."""
    return PluralsightError(ErrorResolution(Trouble.QUERY, Retry.NEVER, FailureType.config_error, message))
