"""Writes the generated parts of a connector's pages: `python -m lms_shared.dev.docs package.module:Class folder`."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from lms_shared.dev.docs.readme import NATIVE_PAGE, written, written_natives


def main() -> None:
    """Writes the README anew, and the page of native objects if there are any."""
    parser = argparse.ArgumentParser(
        prog="lms_shared.dev.docs", description="Write the generated parts of a destination's pages."
    )
    parser.add_argument("destination", help="the destination's class, as package.module:Class")
    parser.add_argument("folder", type=Path, help="the connector's folder")
    arguments = parser.parse_args()
    module, _, name = arguments.destination.partition(":")
    destination = getattr(importlib.import_module(module), name)()
    path = arguments.folder / "README.md"
    path.write_text(written(destination, arguments.folder))
    natives = written_natives(destination, arguments.folder)
    if natives is not None:
        (arguments.folder / NATIVE_PAGE).write_text(natives)


main()
