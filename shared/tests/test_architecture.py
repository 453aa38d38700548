"""The floors of the house: nothing imports what stands above it, and nothing that ships imports development tools."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_imports_lead_downward_only() -> None:
    # In a process of its own: the linter sets logging up anew, which silences all loggers that are there.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_part_of_the_shared_package_has_its_floor() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(one["layers"] for one in contracts if one["type"] == "layers")
    named = {part.strip().split(".")[1] for floor in floors for part in floor.split("|")}
    package = ROOT / "shared" / "lms_shared"
    parts = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert parts - named == {"dev", "__init__"}


def test_the_page_on_the_architecture_names_modules_that_there_are() -> None:
    package = ROOT / "shared" / "lms_shared"
    folders = "|".join(sorted(path.name for path in package.iterdir() if (path / "__init__.py").exists()))
    named = set(re.findall(rf"(?<![\w/])(?:{folders})/[a-z_/]+", (ROOT / "docs" / "architecture.md").read_text()))
    assert named
    assert [one for one in named if not (package / one).is_dir() and not (package / f"{one}.py").exists()] == []
