"""The images of the connectors as Airbyte runs them, with a read-only root and 512 MB: `make image-tests`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lms_shared.dev.connector_folders import connectors
from lms_shared.dev.sandbox.cli import build_parser
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.vendors import VENDORS

pytestmark = pytest.mark.image_tests

ROOT = Path(__file__).parents[3]
CONNECTORS = tuple(connectors(ROOT))
SOURCES = tuple(one for one in CONNECTORS if one.startswith("source-"))
DESTINATIONS = tuple(one for one in CONNECTORS if one.startswith("destination-"))
NETWORK = os.environ.get("IMAGE_TESTS_NETWORK", "--network=host").split()
"""How a container reaches the pretend servers of this process; empty where that is the engine's default."""
CONFINED = ("docker", "run", "--rm", "-i", "--read-only", "--tmpfs", "/tmp", "--memory", "512m", *NETWORK)
SANDBOX = ("--users", "12", "--courses", "6", "--progress", "30", "--skilljar-users", "5", "--skilljar-courses", "3")

Messages = list[dict[str, Any]]


class Image:
    """The image of a connector, and a config for a pretend LMS."""

    def __init__(self, name: str, folder: Path, url: str) -> None:
        self.name = name
        self._folder = folder
        arguments = build_parser().parse_args(SANDBOX)
        vendor = next(one for one in VENDORS if one.name == name.partition("-")[2])
        sample = json.loads((ROOT / name / "integration_tests" / "sample_config.json").read_text())
        wanted = self.of("SPEC", "spec")[0]["spec"]["connectionSpecification"]["properties"]
        known = {key: value for key, value in vendor.config(arguments, url).items() if key in wanted}
        version_two = {"v2_base_url": f"{url}/v2"} if "v2_base_url" in sample else {}
        self.config = {**sample, **known, **version_two}

    def run(self, *command: str, given: bytes = b"", **files: Any) -> tuple[int, Messages, str]:
        """The exit code, the messages, and what went wrong."""
        arguments = [*CONFINED, "--volume", f"{self._folder}:/config:ro", f"{self.name}:dev", *command]
        for name, content in files.items():
            (self._folder / f"{name}.json").write_text(json.dumps(content))
            arguments += [f"--{name}", f"/config/{name}.json"]
        done = subprocess.run(arguments, input=given, capture_output=True, check=False)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()

    def of(self, kind: str, *command: str, given: bytes = b"", **files: Any) -> Messages:
        """The messages of a type from a command that ends well."""
        code, messages, errors = self.run(*command, given=given, **files)
        assert code == 0, (messages[-3:], errors)
        return [one for one in messages if one["type"] == kind]

    def file(self, name: str) -> Any:
        return json.loads((ROOT / self.name / "integration_tests" / name).read_text())


def installed(image: Image, *modules: str) -> list[str]:
    """Those of some modules that the image has."""
    script = "import importlib.util as i, sys; print(*[one for one in sys.argv[1:] if i.find_spec(one)])"
    command = [*CONFINED, "--entrypoint", "python", f"{image.name}:dev", "-c", script, *modules]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@pytest.fixture
def image(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Image]:
    """The image that a test is about, with its LMS running."""
    name = str(request.param)
    tmp_path.chmod(0o755)
    vendor = next(one for one in VENDORS if one.name == name.partition("-")[2])
    with SandboxServer(vendor.build(build_parser().parse_args(SANDBOX))) as server:
        yield Image(name, tmp_path, server.url)


@pytest.mark.parametrize("image", CONNECTORS, indirect=True)
def test_check_succeeds_and_names_what_is_wrong(image: Image) -> None:
    (status,) = image.of("CONNECTION_STATUS", "check", config=image.config)
    assert status["connectionStatus"]["status"] == "SUCCEEDED"
    (failed,) = image.of("CONNECTION_STATUS", "check", config={**image.config, **image.file("invalid_config.json")})
    assert failed["connectionStatus"]["status"] == "FAILED"


@pytest.mark.parametrize("image", SOURCES, indirect=True)
def test_a_source_discovers_and_reads(image: Image) -> None:
    (found,) = image.of("CATALOG", "discover", config=image.config)
    streams = {one["name"] for one in found["catalog"]["streams"]}
    catalog = image.file("configured_catalog.json")
    assert {one["stream"]["name"] for one in catalog["streams"]} <= streams
    code, messages, errors = image.run("read", config=image.config, catalog=catalog)
    assert code == 0, errors
    assert {"RECORD", "STATE", "TRACE"} <= {one["type"] for one in messages}


@pytest.mark.parametrize("image", DESTINATIONS, indirect=True)
def test_a_destination_writes_and_a_second_time_nothing(image: Image) -> None:
    catalog = image.file("configured_catalog.json")
    given = (ROOT / image.name / "integration_tests" / "messages.jsonl").read_bytes()
    for written in (True, False):
        code, messages, errors = image.run("write", given=given, config=image.config, catalog=catalog)
        assert code == 0, errors
        assert len([one for one in messages if one["type"] == "STATE"]) == given.count(b'"STATE"')
        texts = [one["log"]["message"] for one in messages if one["type"] == "LOG"]
        summaries = [json.loads(one.partition("summary ")[2]) for one in texts if one.startswith("sync summary {")]
        assert any(one["created"] for one in summaries) is written
        assert not any(one["rejected"] for one in summaries)


@pytest.mark.parametrize("image", CONNECTORS, indirect=True)
def test_an_image_holds_nothing_for_development(image: Image) -> None:
    assert installed(image, "pytest", "moto", "lms_shared.dev") == []


@pytest.mark.parametrize("image", SOURCES, indirect=True)
def test_the_image_of_a_source_lacks_what_only_destinations_need(image: Image) -> None:
    assert installed(image, "boto3", "msgspec", "selectolax", "pendulum") == []
