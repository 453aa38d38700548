"""`make demo`: starts the pretend LMS servers, runs the main job twice and shows what happened."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console

from lms_shared.dev.demo.chain import ChainError, Connector, SyncResult, sync
from lms_shared.dev.demo.pipelines import PIPELINES, Pipeline
from lms_shared.dev.demo.show import end_state_table, fingerprint, rejects_table, runs_table
from lms_shared.dev.sandbox.cli import build_parser
from lms_shared.dev.sandbox.faults import FaultPlan
from lms_shared.dev.sandbox.gate import CONTROL_PREFIX
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.vendors import VENDORS

RUNS = 2
FOLDER = Path(".demo")

Servers = Mapping[str, tuple[SandboxServer, Mapping[str, Any]]]


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code: 1 when a connector fails, or when the second run writes anything."""
    arguments = _arguments(argv)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 110)
    pipelines = [one for one in PIPELINES if _installed(one)]
    shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        with ExitStack() as stack:
            servers = _start(stack, arguments, {name for one in pipelines for name in one.vendors})
            for name, (server, _) in servers.items():
                console.print(f"Pretend {name.capitalize()} runs at {server.url}{CONTROL_PREFIX}/")
            if arguments.faults:
                console.print(
                    f"{arguments.faults:.0%} of all requests meet a fault: 429, 5xx, lost connections, cut bodies."
                )
            moved = [_run(one, servers, console) for one in pipelines]
            _show_end(servers, console)
            if arguments.keep:
                console.input("The servers stay up until you press Enter.")
    except ChainError as error:
        console.print(f"[bold red]{error}[/]")
        return 1
    console.print(f"Configs, catalogs, states and rejects of both runs are in {FOLDER}/.")
    return 1 if any(moved) else 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = build_parser()
    parser.prog = "make demo ARGS=…"
    parser.description = __doc__
    parser.add_argument(
        "--keep", action="store_true", help="keep the servers up after the runs, to look at their pages"
    )
    for vendor in VENDORS:
        parser.set_defaults(**{f"{vendor.name}_port": 0})
    # What source-skilljar has to read beside what the demo itself writes there.
    parser.set_defaults(skilljar_users=12, skilljar_courses=6)
    arguments = parser.parse_args(argv)
    if arguments.faults > 1:
        parser.error("--faults is a share between 0 and 1")
    return arguments


def _installed(pipeline: Pipeline) -> bool:
    return all(Connector(name, {}, FOLDER).command.exists() for name in (pipeline.source, pipeline.destination))


def _start(stack: ExitStack, arguments: argparse.Namespace, wanted: set[str]) -> Servers:
    servers = {}
    for vendor in VENDORS:
        if vendor.name in wanted:
            port = vars(arguments)[f"{vendor.name}_port"]
            faults = FaultPlan.mixed(arguments.faults, arguments.fault_seed)
            server = stack.enter_context(SandboxServer(vendor.build(arguments), port, arguments.latency, faults))
            servers[vendor.name] = (server, vendor.config(arguments, server.url))
    return servers


def _run(pipeline: Pipeline, servers: Servers, console: Console) -> int:
    """Runs a pipeline twice; gives the number of objects that the second run wrote."""
    console.rule(pipeline.name)
    folder = FOLDER / f"{pipeline.source}-to-{pipeline.destination}"
    read_from, write_to = pipeline.vendors
    source = Connector(pipeline.source, {**servers[read_from][1], **pipeline.source_config}, folder)
    destination = Connector(
        pipeline.destination,
        {
            **servers[write_to][1],
            **pipeline.destination_config,
            "stream_mappings": pipeline.mappings,
            "object_storage_config": {"storage_type": "LOCAL", "path": str(folder / "reports")},
        },
        folder,
    )
    for connector in (source, destination):
        connector.check()
    console.print("check: both connectors reach their LMS.")
    catalog = source.catalog(pipeline.streams)
    results: list[SyncResult] = []
    for number in range(1, RUNS + 1):
        with console.status(f"run {number}"):
            results.append(sync(source, destination, catalog, results[-1].states if results else ()))
        done = results[-1]
        console.print(
            f"run {number}: {sum(done.records.values())} records read, {done.written} objects written, "
            f"{done.rejected} rejected, {done.requests} calls, {done.states_acknowledged} states acknowledged."
        )
    console.print(runs_table(results))
    rejected = rejects_table(folder / "reports")
    if rejected is not None:
        console.print(rejected)
    moved = results[-1].written
    console.print(
        "[bold green]The second run wrote nothing.[/]" if not moved else f"[bold red]The second run wrote {moved}.[/]"
    )
    return moved


def _show_end(servers: Servers, console: Console) -> None:
    written_to = {one.vendors[1] for one in PIPELINES}
    for name, (server, _) in servers.items():
        if name in written_to:
            console.rule(f"What {name.capitalize()} holds now")
            console.print(end_state_table(server.lms))
            console.print(f"fingerprint of the end state: {fingerprint(server.lms)}")


if __name__ == "__main__":
    sys.exit(main())
