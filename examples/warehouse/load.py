"""Reads both sources into a DuckDB file with PyAirbyte.

`make warehouse` runs this in an environment of its own. Without configs it starts the pretend LMS servers and reads
those; `--pluralsight source.json --skilljar source.json` reads real accounts. Each further run reads incremental
streams from where the last one stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.update(AIRBYTE_OFFLINE_MODE="1", DO_NOT_TRACK="1")  # before the import of PyAirbyte

import airbyte as ab
from airbyte.caches import DuckDBCache

HERE = Path(__file__).parent
STREAMS = {
    "pluralsight": ["course_catalog", "users", "course_progress"],
    "skilljar": ["published_courses", "domain_users", "user_course_progress"],
}


def main() -> None:
    arguments = _arguments()
    database = arguments.database
    database.parent.mkdir(parents=True, exist_ok=True)
    with _configs(arguments) as configs:
        for vendor, config in configs.items():
            _read(vendor, config, database, arguments.bin)
    print(f"The data is in {database}.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("make warehouse ARGS=…", description=__doc__)
    for vendor in STREAMS:
        parser.add_argument(f"--{vendor}", type=Path, metavar="CONFIG", help=f"config of source-{vendor}")
    parser.add_argument("--bin", type=Path, default=Path(".venv/bin"), help="where the connectors are installed")
    parser.add_argument("--database", type=Path, default=Path(".warehouse/warehouse.duckdb"), help="file to write to")
    return parser.parse_args()


@contextmanager
def _configs(arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The configs that were given, or those of pretend LMS servers that run meanwhile."""
    given = {vendor: getattr(arguments, vendor) for vendor in STREAMS if getattr(arguments, vendor)}
    if given:
        yield {vendor: json.loads(path.read_text()) for vendor, path in given.items()}
        return
    servers = [
        *(str(arguments.bin / "lms-sandbox"), "--only", "pluralsight", "--only", "skilljar"),
        *("--pluralsight-port", "0", "--skilljar-port", "0"),
        *("--skilljar-users", "40", "--skilljar-courses", "12"),
    ]
    with subprocess.Popen(servers, stdout=subprocess.PIPE, text=True) as sandbox:  # noqa: S603 - our own command
        try:
            assert sandbox.stdout is not None
            yield _announced(sandbox.stdout)
        finally:
            sandbox.terminate()


def _announced(lines: Iterable[str]) -> dict[str, Any]:
    """The configs that `lms-sandbox` prints before it says that Ctrl-C ends it."""
    configs: dict[str, Any] = {}
    vendor = ""
    for line in lines:
        if line.startswith("Ctrl-C"):
            return configs
        name, _, value = line.strip().partition("  ")
        if name in ("connector config", "config of a source"):
            configs[vendor] = json.loads(value)
        elif not line.startswith(" "):
            vendor = name
    raise SystemExit("The pretend LMS servers did not start.")


def _read(vendor: str, config: dict[str, Any], database: Path, installed: Path) -> None:
    name = f"source-{vendor}"
    source = ab.get_source(
        name,
        local_executable=(installed / name).absolute(),
        config=config,
        streams=STREAMS[vendor],
        install_if_missing=False,
    )
    source.check()
    result = source.read(cache=DuckDBCache(db_path=database, schema_name=vendor))
    print(f"{name}: {result.processed_records} records read.")


if __name__ == "__main__":
    main()
