"""The main job over rows that a warehouse renamed or flattened: the end is that of the rows as they were read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from destination_pluvo.destination import DestinationPluvo
from destination_skilljar.destination import DestinationSkilljar
from lms_shared.dev.sandbox.pluralsight import PluralsightSandbox
from lms_shared.dev.sandbox.pluralsight.options import DEMO_KEY as PLURALSIGHT_KEY
from lms_shared.dev.sandbox.pluvo import PluvoSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import DEMO_KEY, SkilljarSandbox
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.processes import ConnectorProcesses
from lms_shared.dev.testing.skilljar_academy import DOMAIN, Academy
from lms_shared.dev.testing.source_commands import catalog
from lms_shared.dev.testing.syncs import Run, Stream

Row = dict[str, Any]
Rows = Mapping[str, Sequence[Row]]
PLURALSIGHT = ("course_catalog", "content_catalog", "users", "course_progress")
SKILLJAR = ("published_courses", "domain_users", "user_course_progress")


def as_read(row: Row) -> Row:
    return row


def lower(row: Row) -> Row:
    """As PyAirbyte's default cache keeps it: names in lower case, objects as JSON text."""
    return {name.lower(): json.dumps(one) if isinstance(one, dict | list) else one for name, one in row.items()}


def upper(row: Row) -> Row:
    """As Snowflake keeps it."""
    return {name.upper(): one for name, one in lower(row).items()}


def flattened(row: Row) -> Row:
    """As a normalization keeps it: a column for each field of an object, lists as JSON text."""
    return lower(_flat(row, ""))


def _flat(row: Row, above: str) -> Row:
    flat: Row = {}
    for name, one in row.items():
        flat |= _flat(one, f"{above}{name}_") if isinstance(one, dict) and one else {f"{above}{name}": one}
    return flat


FORMS: Sequence[Callable[[Row], Row]] = (as_read, lower, upper, flattened)


@pytest.fixture(scope="module")
def servers() -> Any:
    with ExitStack() as stack:
        yield stack


def read(command: str, config: Row, streams: Sequence[str], folder: Path) -> Rows:
    """The records of a source's streams."""
    for name, content in (("config", config), ("catalog", catalog(*streams))):
        (folder / name).write_text(json.dumps(content))
    process = ConnectorProcesses(f"{command}.run:run", folder).start(
        "read", "--config", str(folder / "config"), "--catalog", str(folder / "catalog")
    )
    assert process.wait() == 0
    messages = [json.loads(line) for line in process.printed.splitlines()]
    records = [one["record"] for one in messages if one["type"] == "RECORD"]
    return {name: [one["data"] for one in records if one["stream"] == name] for name in streams}


@pytest.fixture(scope="module")
def pluralsight_rows(servers: ExitStack, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    sandbox = PluralsightSandbox(users=15, courses=10, progress=50)
    server = servers.enter_context(SandboxServer(sandbox))
    config = {"api_key": PLURALSIGHT_KEY, "partner_name": "Test", "endpoint": f"{server.url}/graphql"}
    return read("source_pluralsight", config, PLURALSIGHT, tmp_path_factory.mktemp("pluralsight"))


@pytest.fixture(scope="module")
def skilljar_rows(servers: ExitStack, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    server = servers.enter_context(SandboxServer(SkilljarSandbox(users=15, courses=6)))
    config = {"api_key": DEMO_KEY, "base_url": f"{server.url}/v1", "domains": [DOMAIN]}
    return read("source_skilljar", config, SKILLJAR, tmp_path_factory.mktemp("skilljar"))


def streams_of(rows: Rows, form: Callable[[Row], Row], preset: str) -> tuple[list[Stream], Row]:
    streams = [Stream(name, [form(row) for row in some]) for name, some in rows.items()]
    return streams, {"stream_mappings": [{"stream": name, "preset": preset} for name in rows]}


def comparable(run: Run) -> list[Row]:
    assert run.error is None, run.error
    names = ("object", "created", "updated", "unchanged", "deactivated", "rejected")
    return [{name: one[name] for name in names} for one in run.summaries]


@pytest.mark.sweep
def test_rows_of_pluralsight_end_in_the_same_academy_however_they_are_spelled(
    pluralsight_rows: Rows, tmp_path: Path
) -> None:
    ends = []
    for form in FORMS:
        sandbox = SkilljarSandbox.empty()
        with SandboxServer(sandbox) as server:
            academy = Academy(sandbox, server, DestinationSkilljar, tmp_path / form.__name__)
            streams, config = streams_of(pluralsight_rows, form, "pluralsight")
            done = comparable(academy.sync(streams, **config))
            ends.append((done, sandbox.canonical()))
            counted = academy.counting()
            academy.sync(streams, **config)
            assert counted.writes == 0
            academy.close()
    assert [one for one in ends if one != ends[0]] == []
    assert {row["hidden"] for row in ends[0][1]["courses"] if "hidden" in row} != {None}


@pytest.mark.sweep
def test_rows_of_skilljar_end_in_the_same_organization_however_they_are_spelled(
    skilljar_rows: Rows, tmp_path: Path
) -> None:
    ends = []
    for form in FORMS:
        sandbox = PluvoSandbox.empty()
        with SandboxServer(sandbox) as server:
            organization = PluvoOrganization(sandbox, server, DestinationPluvo, tmp_path / form.__name__)
            streams, config = streams_of(skilljar_rows, form, "skilljar")
            done = comparable(organization.sync(streams, **config))
            ends.append((done, sandbox.canonical()))
            writes = organization.writes
            organization.sync(streams, **config)
            assert organization.writes == writes
    assert [one for one in ends if one != ends[0]] == []
    assert ends[0][1]["portfolio_items"]
