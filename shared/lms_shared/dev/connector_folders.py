"""Writes what the connector folders have in common, or compares it: `python -m lms_shared.dev.connector_folders`.

`template/connectors.toml` declares what a connector differs in; the files follow from `template/files`. So a change for
one connector is a change for all.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

BASE_IMAGE = (
    "docker.io/airbyte/python-connector-base:4.0.2"
    "@sha256:9fdb1888c4264cf6fee473649ecb593f56f58e5d0096a87ee0b231777e2e3e73"
)


def connectors(root: Path) -> dict[str, dict[str, Any]]:
    """What each connector differs in, by the name of its folder."""
    return tomllib.loads((root / "template" / "connectors.toml").read_text())


def rendered(root: Path, name: str, differences: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """The files of a connector's folder that follow from the template.

    Raises jinja2.UndefinedError for a difference that is not declared.
    """
    kind, _, lms = name.partition("-")
    package = name.replace("-", "_")
    names = {"name": name, "kind": kind, "lms": lms, "package": package, "base_image": BASE_IMAGE}
    templates = root / "template" / "files"
    environment = Environment(  # noqa: S701 - no HTML
        loader=FileSystemLoader(templates), undefined=StrictUndefined, keep_trailing_newline=True
    )
    for file in sorted(one.relative_to(templates) for one in templates.rglob("*.jinja")):
        parts = [package if part == "package" else part for part in file.with_suffix("").parts]
        yield root.joinpath(name, *parts), environment.get_template(str(file)).render(**names, **differences)


def main(arguments: Sequence[str]) -> int:
    """Writes the files of all connectors, or with `--check` names those that differ; 1 where some do."""
    parser = argparse.ArgumentParser(prog="connector_folders", description="Files that follow from the template.")
    parser.add_argument("--check", action="store_true", help="compare the files instead of writing them")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="of the repository; by default this folder")
    chosen = parser.parse_args(arguments)
    different = []
    for name, differences in connectors(chosen.root).items():
        for path, text in rendered(chosen.root, name, differences):
            if path.is_file() and path.read_text() == text:
                continue
            different.append(path)
            if not chosen.check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
    for path in different:
        print(f"{'differs' if chosen.check else 'written'}: {path}")
    return int(chosen.check and bool(different))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
