"""The same sync with PyAirbyte in place of lms-sync: the folder's configs, and the state in a DuckDB file.

    python -m venv .venv-pyairbyte && .venv-pyairbyte/bin/pip install airbyte==0.71.3
    .venv-pyairbyte/bin/python examples/pyairbyte_sync.py examples/pluralsight-to-skilljar

With `--through-cache` the records go into the DuckDB file first, and what it holds is written: names of columns in
lower case, objects as JSON text. The destinations read it all the same.

PyAirbyte needs an environment of its own with Python 3.10 to 3.12. It starts the connectors of `.venv` as commands.
"""

import argparse
import json
import os
import re
from pathlib import Path

os.environ.update(AIRBYTE_OFFLINE_MODE="1", DO_NOT_TRACK="1")  # before the import

import airbyte as ab
from airbyte.caches import DuckDBCache

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("--bin", type=Path, default=Path(".venv/bin"), help="where the connectors are installed")
parser.add_argument("--through-cache", action="store_true", help="write what the DuckDB file holds")
arguments = parser.parse_args()
folder, bin_folder = arguments.folder.absolute(), arguments.bin.absolute()
for line in (folder / ".env").read_text().splitlines():
    name, equals, value = line.partition("=")
    if equals and not line.startswith("#"):
        os.environ.setdefault(name, value)


def config(role: str) -> dict[str, object]:
    text = (folder / f"{role}.json").read_text()
    return json.loads(re.sub(r"\$\{(\w+)\}", lambda found: os.environ[found[1]], text))


names = json.loads((folder / "pipeline.json").read_text())
streams = [one["stream"]["name"] for one in json.loads((folder / "catalog.json").read_text())["streams"]]
os.chdir(folder)  # where the reports go
source = ab.get_source(
    names["source"]["connector"],
    local_executable=bin_folder / names["source"]["connector"],
    config=config("source"),
    streams=streams,
    install_if_missing=False,
)
destination = ab.get_destination(
    names["destination"]["connector"],
    local_executable=bin_folder / names["destination"]["connector"],
    config=config("destination"),
    install_if_missing=False,
)
# cache=False hands the records on as they are; the state is kept all the same.
file = DuckDBCache(db_path=folder / "pyairbyte-state.duckdb")
kept = {"cache": file} if arguments.through_cache else {"cache": False, "state_cache": file}
result = destination.write(source, **kept, write_strategy="merge")
print(f"{result.processed_records} records sent. {folder / 'reports' / 'report.html'} tells what became of them.")
