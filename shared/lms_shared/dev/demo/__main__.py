"""`make demo`: starts the pretend LMS servers, runs the main job twice with `lms-sync`, and shows what happened."""

from __future__ import annotations

import argparse
import importlib.metadata
import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from lms_shared.dev.demo.pipelines import PIPELINES, Pipeline
from lms_shared.dev.demo.reporter import DemoReporter
from lms_shared.dev.demo.show import (
    Reject,
    end_state_table,
    fingerprint,
    rejects_in,
    rejects_lines,
    runs_table,
    unexpected,
)
from lms_shared.dev.sandbox.cli import build_parser
from lms_shared.dev.sandbox.faults import FaultPlan
from lms_shared.dev.sandbox.gate import CONTROL_PREFIX
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.vendors import VENDORS
from lms_shared.pipeline.folder import REPORTS, Folder
from lms_shared.pipeline.progress import RunResult
from lms_shared.pipeline.run import Options, run
from lms_shared.pipeline.setup import write_pipeline

RUNS = 2
FOLDER = Path(".demo")
INTRODUCTION = (
    "This demo fills two pretend learning platforms, Skilljar and Pluvo, with the courses, people and progress of "
    "pretend Pluralsight and Skilljar accounts.",
    "Each pipeline runs twice: the first run creates what is missing, the second must find that nothing has to change.",
    "Records that cannot be written are kept with the reason, and the demo fails if there is one that it did not "
    "expect.",
)


@dataclass(frozen=True)
class _Served:
    """A pretend LMS, and what the connectors need to reach it."""

    server: SandboxServer
    source_config: Mapping[str, Any]
    destination_config: Mapping[str, Any]


Servers = Mapping[str, _Served]


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code: 1 if a connector fails, if the second run writes anything, or if a record is
    rejected for a reason that the pipeline does not expect."""
    arguments = _arguments(argv)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    for sentence in INTRODUCTION:
        console.print(sentence)
    pipelines = [one for one in PIPELINES if _installed(one)]
    shutil.rmtree(FOLDER, ignore_errors=True)
    with ExitStack() as stack:
        servers = _start(stack, arguments, {name for one in pipelines for name in one.vendors})
        if arguments.details:
            for name, served in servers.items():
                console.print(f"Pretend {name.capitalize()} runs at {served.server.url}{CONTROL_PREFIX}/")
        if arguments.faults:
            console.print(
                f"{arguments.faults:.0%} of all requests meet a fault: 429, 5xx, lost connections, cut bodies."
            )
        well = [_run(one, servers, console, details=arguments.details) for one in pipelines]
        if arguments.details:
            _show_end(servers, console)
        _show_where_to_look(pipelines, console)
        if arguments.keep:
            for name, served in servers.items():
                console.print(f"What {name.capitalize()} holds: {served.server.url}{CONTROL_PREFIX}/")
            console.input("The servers stay up until you press Enter.")
    return 0 if all(well) else 1


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = build_parser()
    parser.prog = "make demo ARGS=…"
    parser.description = __doc__
    parser.add_argument(
        "--details", action="store_true", help="show calls, warnings, and what each LMS holds at the end"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the servers up after the runs, to look at their pages"
    )
    for vendor in VENDORS:
        parser.set_defaults(**{f"{vendor.name}_port": 0})
    arguments = parser.parse_args(argv)
    if arguments.faults > 1:
        parser.error("--faults is a share between 0 and 1")
    return arguments


def _installed(pipeline: Pipeline) -> bool:
    scripts = {one.name for one in importlib.metadata.entry_points(group="console_scripts")}
    return {pipeline.source, pipeline.destination} <= scripts


def _start(stack: ExitStack, arguments: argparse.Namespace, wanted: set[str]) -> Servers:
    servers = {}
    for vendor in VENDORS:
        if vendor.name in wanted:
            port = vars(arguments)[f"{vendor.name}_port"]
            faults = FaultPlan.mixed(arguments.faults, arguments.fault_seed)
            server = stack.enter_context(SandboxServer(vendor.build(arguments), port, arguments.latency, faults))
            servers[vendor.name] = _Served(
                server, vendor.source_config(arguments, server.url), vendor.config(arguments, server.url)
            )
    return servers


def _run(pipeline: Pipeline, servers: Servers, console: Console, *, details: bool) -> bool:
    """Runs a pipeline twice and shows both runs; whether everything went as it should."""
    folder = _written(pipeline, servers)
    results: list[RunResult] = []
    rejects: list[Counter[Reject]] = []
    for number in range(1, RUNS + 1):
        with DemoReporter(console, f"{pipeline.name}, run {number}", details=details) as reporter:
            results.append(run(folder, Options(), reporter))
        if results[-1].error:
            console.print(f"[bold red]{pipeline.name}: {results[-1].error}[/]")
            return False
        rejects.append(rejects_in(folder.path / REPORTS))
    console.print()
    console.print(runs_table(pipeline.name, results, details=details))
    for line in rejects_lines(rejects, pipeline.expected_rejects):
        console.print(line)
    moved = results[-1].written
    console.print(
        f"[bold red]The second run wrote {moved}.[/]" if moved else "[bold green]The second run wrote nothing.[/]"
    )
    return not moved and not unexpected(rejects, pipeline.expected_rejects)


def _written(pipeline: Pipeline, servers: Servers) -> Folder:
    read_from, write_to = pipeline.vendors
    folder = Folder(FOLDER / pipeline.folder)
    folder.path.mkdir(parents=True)
    configs = {
        "source": {**servers[read_from].source_config, **pipeline.source_config},
        "destination": {**servers[write_to].destination_config, **pipeline.destination_config},
    }
    write_pipeline(folder, {"source": pipeline.source, "destination": pipeline.destination}, configs)
    return folder


def _show_end(servers: Servers, console: Console) -> None:
    written_to = {one.vendors[1] for one in PIPELINES}
    for name, served in servers.items():
        if name in written_to:
            console.rule(f"What {name.capitalize()} holds now")
            console.print(end_state_table(served.server.lms))
            console.print(f"fingerprint of the end state: {fingerprint(served.server.lms)}")


def _show_where_to_look(pipelines: Sequence[Pipeline], console: Console) -> None:
    console.print("\nWhere to look:")
    for one in pipelines:
        console.print(f"  {one.name}: {FOLDER / one.folder / REPORTS / 'report.html'}", soft_wrap=True)
    console.print(
        "Each of these folders also holds the configs, the catalog, the state, and what was planned and rejected. "
        "More of what happened: make demo ARGS=--details. Look around in the platforms: make demo ARGS=--keep"
    )


if __name__ == "__main__":
    sys.exit(main())
