"""The command `lms-sandbox`: runs the pretend LMS servers until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from lms_shared.dev.sandbox.faults import FaultPlan, FaultRule
from lms_shared.dev.sandbox.gate import CONTROL_PREFIX
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.vendors import VENDORS, Vendor


def build_parser() -> argparse.ArgumentParser:
    """The options, those of the vendors included."""
    parser = argparse.ArgumentParser(
        "lms-sandbox", description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    names = [vendor.name for vendor in VENDORS]
    parser.add_argument("--only", action="append", choices=names, help="start this one alone; may be repeated")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same data")
    parser.add_argument("--latency", type=_seconds, default=0.0, help="seconds added to each request")
    parser.add_argument("--faults", type=_rate, default=0.0, help="share of requests that meet a fault, 0 to 1")
    parser.add_argument(
        "--fault-rules",
        type=_rules,
        default=(),
        help="faults by rule, in place of --faults: a JSON list, or @ and the name of a file with one; keys and kinds "
        "are those of PUT /_sandbox/faults",
    )
    parser.add_argument("--fault-seed", type=int, default=0, help="the same seed gives the same faults")
    parser.add_argument("--ready-file", type=Path, help="file to write the addresses to (JSON) once all listen")
    for vendor in VENDORS:
        group = parser.add_argument_group(vendor.name)
        group.add_argument(f"--{vendor.name}-port", type=int, default=vendor.port, help="0 takes a free port")
        for option in vendor.options:
            group.add_argument(f"--{option.name}", type=type(option.default), default=option.default, help=option.help)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    chosen = [vendor for vendor in VENDORS if arguments.only is None or vendor.name in arguments.only]
    with ExitStack() as stack:
        addresses = {}
        for vendor in chosen:
            try:
                server = stack.enter_context(_server(vendor, arguments))
            except (OSError, ValueError) as error:
                print(f"{vendor.name} cannot start: {error}", file=sys.stderr)
                return 1
            addresses[vendor.name] = {
                "url": server.url,
                "page": f"{server.url}{CONTROL_PREFIX}/",
                "config": dict(vendor.config(arguments, server.url)),
                "source_config": dict(vendor.source_config(arguments, server.url)),
            }
            print(_announcement(vendor.name, addresses[vendor.name]), flush=True)
        if arguments.ready_file is not None:
            _write_whole(arguments.ready_file, json.dumps(addresses, indent=2))
        print("Ctrl-C ends.", flush=True)
        stopped.wait()
    return 0


def _server(vendor: Vendor, arguments: argparse.Namespace) -> SandboxServer:
    mixed = FaultPlan.mixed(arguments.faults, arguments.fault_seed)
    faults = FaultPlan(arguments.fault_rules, seed=arguments.fault_seed) if arguments.fault_rules else mixed
    port = vars(arguments)[f"{vendor.name}_port"]
    return SandboxServer(vendor.build(arguments), port, arguments.latency, faults)


def _announcement(name: str, address: Mapping[str, object]) -> str:
    lines = [name, f"  what it holds       {address['page']}", f"  connector config    {json.dumps(address['config'])}"]
    if address["source_config"] != address["config"]:
        lines.append(f"  config of a source  {json.dumps(address['source_config'])}")
    return "\n".join(lines)


def _write_whole(path: Path, text: str) -> None:
    """Write a file that appears complete or not at all, for those who wait for it."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text, "utf-8")
    partial.replace(path)


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 <= rate <= 1:
        raise argparse.ArgumentTypeError("a rate lies between 0 and 1")
    return rate


def _rules(text: str) -> tuple[FaultRule, ...]:
    try:
        value = json.loads(Path(text[1:]).read_text("utf-8") if text.startswith("@") else text)
        return tuple(FaultRule.from_json(one) for one in value)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise argparse.ArgumentTypeError(f"fault rules cannot be read: {error}") from error


def _seconds(text: str) -> float:
    seconds = float(text)
    if seconds < 0:
        raise argparse.ArgumentTypeError("seconds cannot be negative")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
