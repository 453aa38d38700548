"""`python -m lms_shared.docs package.module:Destination connector-folder`: writes the generated parts of its README."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from lms_shared.docs.readme import written


def main() -> None:
    """Writes the README anew."""
    parser = argparse.ArgumentParser(prog="lms_shared.docs", description="Write the generated parts of a README.")
    parser.add_argument("destination", help="the destination's class, as package.module:Class")
    parser.add_argument("folder", type=Path, help="the connector's folder")
    arguments = parser.parse_args()
    module, _, name = arguments.destination.partition(":")
    destination = getattr(importlib.import_module(module), name)()
    path = arguments.folder / "README.md"
    path.write_text(written(destination, arguments.folder))


main()
