"""The connectors' folders: alike but for what is declared, and what Airbyte's tools and images need of them."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from airbyte_cdk.destinations import Destination
from airbyte_cdk.sources import Source
from jsonschema import Draft7Validator

from lms_shared.dev.connector_folders import connectors, main, rendered

ROOT = Path(__file__).parents[2]
CONNECTORS = connectors(ROOT)


def without_ids(schema: Any) -> Any:
    """Parts of the published schema still name the files that they came from, but refer to each other from its top."""
    if isinstance(schema, list):
        return [without_ids(one) for one in schema]
    return (
        {key: without_ids(one) for key, one in schema.items() if key != "$id"} if isinstance(schema, dict) else schema
    )


each_connector = pytest.mark.parametrize("name", CONNECTORS)


def test_the_folders_differ_in_what_is_declared_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "--root", str(ROOT)]) == 0, capsys.readouterr().out


def test_every_connector_of_the_repository_is_declared() -> None:
    folders = {one.parent.name for kind in ("source", "destination") for one in ROOT.glob(f"{kind}-*/pyproject.toml")}
    assert folders == set(CONNECTORS)


def test_a_new_connector_gets_its_files_from_a_declaration(tmp_path: Path) -> None:
    (tmp_path / "template").symlink_to(ROOT / "template")
    differences = {**CONNECTORS["destination-pluvo"], "title": "Moodle", "class": "DestinationMoodle"}
    written = dict(rendered(tmp_path, "destination-moodle", differences))
    package = tmp_path / "destination-moodle" / "destination_moodle"
    assert "DestinationMoodle().run(sys.argv[1:])" in written[package / "run.py"]
    assert 'ENTRYPOINT ["/airbyte/destination-moodle"]' in written[tmp_path / "destination-moodle" / "Dockerfile"]


def test_a_file_that_was_changed_by_hand_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "template").symlink_to(ROOT / "template")
    assert main(["--root", str(tmp_path)]) == 0
    changed = tmp_path / "source-skilljar" / "Dockerfile"
    changed.write_text(changed.read_text() + "\n")
    capsys.readouterr()
    assert main(["--check", "--root", str(tmp_path)]) == 1
    assert capsys.readouterr().out == f"differs: {changed}\n"


@each_connector
def test_the_metadata_fit_the_schema_that_airbyte_publishes(name: str) -> None:
    models = pytest.importorskip("airbyte_connector_models", reason="Airbyte has none for this Python")
    published = (files(models) / "metadata/v0/ConnectorMetadataDefinitionV0.json").read_text()
    metadata = yaml.safe_load((ROOT / name / "metadata.yaml").read_text())
    assert [error.message for error in Draft7Validator(without_ids(json.loads(published))).iter_errors(metadata)] == []


@each_connector
def test_a_breaking_change_is_one_that_the_upgrade_guide_tells(name: str) -> None:
    releases = yaml.safe_load((ROOT / name / "metadata.yaml").read_text())["data"].get("releases", {})
    guide = (ROOT / "docs" / "upgrading.md").read_text()
    for version, change in releases.get("breakingChanges", {}).items():
        section = guide.partition(f"## To {version} ")[2].partition("\n## ")[0]
        assert section
        for scope in change.get("scopedImpact", []):
            for stream in scope["impactedScopes"]:
                assert stream in section
                assert (ROOT / name / name.replace("-", "_") / "schemas" / f"{stream}.json").is_file()


@pytest.mark.parametrize("name", ["source-pluralsight", "source-skilljar", "destination-skilljar", "destination-pluvo"])
def test_what_the_upgrade_guide_asks_to_do_is_a_breaking_change_for_airbyte(name: str) -> None:
    metadata = yaml.safe_load((ROOT / name / "metadata.yaml").read_text())["data"]
    assert "0.2.0" in metadata["releases"]["breakingChanges"]


@each_connector
def test_the_version_is_that_of_the_newest_release_in_the_changelog(name: str) -> None:
    changelog = (ROOT / name / "README.md").read_text().partition("## Changelog")[2]
    newest = next(re.finditer(r"^\| (\d+\.\d+\.\d+) \|", changelog, re.MULTILINE))
    assert newest[1] == CONNECTORS[name]["version"]


@each_connector
def test_the_package_exports_the_class_of_its_connector(name: str) -> None:
    package = importlib.import_module(name.replace("-", "_"))
    assert package.__all__ == [CONNECTORS[name]["class"]]
    exported = getattr(package, CONNECTORS[name]["class"])
    assert issubclass(exported, Source if name.startswith("source-") else Destination)


OF_DESTINATIONS = (
    "boto3",
    "jmespath",
    "langcodes",
    "lms_shared.dev",
    "msgspec",
    "pendulum",
    "pytest",
    "selectolax",
)


def test_the_sources_need_nothing_that_only_the_destinations_use() -> None:
    script = f"""
import importlib, pkgutil, sys
for name in {OF_DESTINATIONS!r}:
    sys.modules[name] = None  # importing it fails
import source_pluralsight, source_skilljar
for package in (source_pluralsight, source_skilljar):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_wheel_of_the_shared_package_holds_nothing_for_development(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT / "shared", capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = zipfile.ZipFile(wheel).namelist()
    assert "lms_shared/upsert/engine.py" in held
    assert [one for one in held if one.startswith("lms_shared/dev") or re.search(r"/(conf)?tests?\b|/test_", one)] == []


def test_the_release_builds_tests_and_pushes_the_connector_of_its_tag() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    patterns = workflow[True]["push"]["tags"]  # YAML takes the key `on` for a truth value
    for name in CONNECTORS:
        tag = f"{name}-v{CONNECTORS[name]['version']}"
        assert [one for one in patterns if fnmatch(tag, one)], tag
    assert workflow["jobs"]["image"]["needs"] == "test"
    steps = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    made = [step.removeprefix("make ") for step in steps if step.startswith("make ")]
    assert made == ["test-all", "lint", "image-tests"]
    assert set(made) <= set(targets)


@pytest.mark.sweep
@pytest.mark.parametrize("state", ["missing", "half made", "its Python is gone"])
def test_an_environment_that_does_not_work_is_made_anew(tmp_path: Path, state: str) -> None:
    folder = tmp_path / "environment"
    if state != "missing":
        (folder / "bin").mkdir(parents=True)
    if state == "its Python is gone":
        (folder / "bin" / "python").symlink_to(tmp_path / "nowhere")
    for _ in range(2):
        subprocess.run([ROOT / ".ci" / "make-venv", folder, sys.executable], check=True)
        made = (folder / "pyvenv.cfg").stat().st_mtime_ns
    subprocess.run([folder / "bin" / "python", "-m", "pip", "--version"], capture_output=True, check=True)
    assert (folder / "pyvenv.cfg").stat().st_mtime_ns == made, "one that works is kept"


def test_a_destination_starts_without_the_libraries_that_only_some_records_need() -> None:
    script = "import sys, destination_pluvo.destination, destination_skilljar.destination;"
    script += "print([one for one in ('graphql', 'langcodes') if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
