"""The command line of a destination: Airbyte's commands, and `discover`, which the CDK's own parser lacks."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

COMMANDS = {
    "spec": ("show the form of the config", ()),
    "check": ("prove that the config reaches the LMS", ("config",)),
    "discover": ("list the objects that can be written, and how", ("config",)),
    "write": ("write the messages of standard input into the LMS", ("config", "catalog")),
}
"""What each command does, and the files that it needs."""
FILES = {
    "config": "path to the config, a JSON file",
    "catalog": "path to the configured catalog, a JSON file",
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """`command`, and the paths that it needs. Ends the process with code 2 for arguments that cannot be understood."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(title="commands", dest="command", required=True)
    for name, (does, files) in COMMANDS.items():
        command = commands.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
        for file in files:
            command.add_argument(f"--{file}", required=True, help=FILES[file])
    return parser.parse_args(list(arguments))
