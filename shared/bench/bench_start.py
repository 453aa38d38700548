"""How long `spec` of each connector takes, against `python -c "import airbyte_cdk"`: the best of several, in turn."""

from __future__ import annotations

import sys
from pathlib import Path

from lms_shared.dev.benchmarks.processes import command
from lms_shared.dev.benchmarks.rows import Measured, arguments, tell

CONNECTORS = ("source-pluralsight", "source-skilljar", "destination-skilljar", "destination-pluvo")
TURNS = 7
MOST = 1.12
"""Of the time that the CDK takes to be imported."""


def main() -> None:
    """Measures and prints."""
    arguments(__doc__).parse_args()
    bare = [sys.executable, "-c", "import airbyte_cdk"]
    commands = {one: [str(Path(sys.executable).with_name(one)), "spec"] for one in CONNECTORS}
    taken: dict[str, list[float]] = {name: [] for name in ("", *commands)}
    for _ in range(TURNS):
        for name, given in {"": bare, **commands}.items():
            taken[name].append(command(given)[0].seconds)
    least = min(taken.pop(""))
    for name, seconds in taken.items():
        print(f"{name} spec: {min(seconds):.2f} s (import airbyte_cdk {least:.2f} s)")
        tell(Measured(f"{name}, spec", min(seconds), "seconds", "import airbyte_cdk", least, MOST * least))


if __name__ == "__main__":
    main()
