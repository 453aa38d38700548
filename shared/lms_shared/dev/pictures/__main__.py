"""Draws all pictures: `python -m lms_shared.dev.pictures [FOLDER]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lms_shared.dev.pictures import form
from lms_shared.dev.pictures.browser import NoBrowser, picture, printed
from lms_shared.dev.sandbox.cli import build_parser
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.vendors import VENDORS
from lms_shared.pipeline.connector import CommandContext, Connector
from lms_shared.pipeline.folder import REPORTS, Folder, Side
from lms_shared.pipeline.json_lines import JsonLines
from lms_shared.pipeline.run import Options, opened, run
from lms_shared.pipeline.setup import write_pipeline

CONNECTORS = ("source-pluralsight", "source-skilljar", "destination-skilljar", "destination-pluvo")
FORM_WIDTH, DESKTOP, PHONE = 800, 1200, 500
"""Pixels. Chromium draws no window that is narrower than 500."""


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    parser = argparse.ArgumentParser("make pictures", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs/pictures"))
    to = parser.parse_args(argv).folder
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            _draw_forms(Path(scratch), to)
            _draw_report(Path(scratch), to)
        except NoBrowser as missing:
            print(missing, file=sys.stderr)
            return 1
    return 0


def _draw_forms(scratch: Path, to: Path) -> None:
    with opened(Folder(scratch)) as session:
        for name in CONNECTORS:
            page = scratch / f"{name}.html"
            page.write_text(form.page(name, _specification(name, scratch, session)), encoding="utf-8")
            picture(page, to / f"{name}-form.png", FORM_WIDTH)


def _specification(name: str, scratch: Path, session: CommandContext) -> form.Schema:
    return Connector(name, Side(name, "", {}), Folder(scratch)).specification(session)


def _draw_report(scratch: Path, to: Path) -> None:
    """The report of a first sync from Pluralsight into Skilljar."""
    arguments = build_parser().parse_args(["--pluralsight-port", "0", "--skilljar-port", "0"])
    vendors = {one.name: one for one in VENDORS}
    source, target = vendors["pluralsight"], vendors["skilljar"]
    folder = Folder(scratch / "pipeline")
    folder.path.mkdir()
    with SandboxServer(source.build(arguments)) as read, SandboxServer(target.build(arguments)) as written:
        configs = {
            "source": source.source_config(arguments, read.url),
            "destination": {**target.config(arguments, written.url), "requests_per_minute": 100_000},
        }
        write_pipeline(folder, {"source": "source-pluralsight", "destination": "destination-skilljar"}, configs)
        run(folder, Options(), JsonLines(sys.stdout.buffer))
    page = folder.path / REPORTS / "report.html"
    picture(page, to / "report.png", DESKTOP)
    picture(page, to / "report-phone.png", PHONE)
    printed(page, to / "report-print.pdf")


if __name__ == "__main__":
    sys.exit(main())
