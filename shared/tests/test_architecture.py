"""The floors of the house: nothing imports what stands above it, and nothing that ships imports development tools."""

from __future__ import annotations

from pathlib import Path

import pytest
from importlinter.application.use_cases import read_user_options
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]


@pytest.fixture
def in_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.usefixtures("in_root")
def test_imports_lead_downward_only() -> None:
    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == 0


@pytest.mark.usefixtures("in_root")
def test_every_part_of_the_shared_package_has_its_floor() -> None:
    options = read_user_options(str(ROOT / "pyproject.toml"))
    floors = next(one["layers"] for one in options.contracts_options if one["type"] == "layers")
    named = {part.strip().split(".")[1] for floor in floors for part in floor.split("|")}
    package = ROOT / "shared" / "lms_shared"
    parts = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert parts - named == {"dev", "__init__"}
