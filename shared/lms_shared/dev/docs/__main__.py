"""Writes the generated parts of a connector's pages: `python -m lms_shared.dev.docs package.module:Class folder`."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from lms_shared.dev.docs.readme import written


def main() -> None:
    """Writes the README anew, and the pages of the fields and of the native objects."""
    parser = argparse.ArgumentParser(
        prog="lms_shared.dev.docs", description="Write the generated parts of a destination's pages."
    )
    parser.add_argument("destination", help="the destination's class, as package.module:Class")
    parser.add_argument("folder", type=Path, help="the connector's folder")
    arguments = parser.parse_args()
    module, _, name = arguments.destination.partition(":")
    destination = getattr(importlib.import_module(module), name)()
    for path, text in written(destination, arguments.folder.resolve()).items():
        path.write_text(text, "utf-8")


main()
