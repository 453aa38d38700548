"""A native object is one entry of TOML: nothing else knows of it, and all else follows from it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from destination_pluvo import native
from destination_pluvo.destination import DestinationPluvo
from lms_shared.destination.discovery import operations
from lms_shared.dev.docs.tables import objects_table
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.resources.load_toml import load_resources

ENTRY = """
[journeys]
type = "Training"
finds = { ref = "Training", id = "Training" }
create = { call = "CreateTraining", input = "training" }
change = { call = "UpdateTraining", input = "training", arguments = { id = "id" } }
keys = { ref = "reference", id = "identifier" }
fields = { ref = "reference", title = { kind = "text", required = true }, isActive = "boolean" }

[achievements]
type = "PortfolioItem"
list = "PortfolioItemsOfUser"
scope = ["userId"]
create = { call = "CreatePortfolioItem", input = "input", answer = "portfolioItem" }
keys = { "userId+title" = "natural" }
references = { userId = "users" }

[achievements.fields]
userId = { kind = "reference", required = true }
title = { kind = "text", required = true }
startDate = { kind = "instant", required = true }
"""


@pytest.fixture(autouse=True)
def _with_the_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new.toml").write_text(ENTRY)
    new = {one.name: one for one in load_resources(tmp_path)}
    monkeypatch.setattr(native, "RESOURCES", {**native.RESOURCES, **new})
    monkeypatch.setattr(native, "declarations", cache(native.declarations.__wrapped__))


def test_an_entry_of_toml_is_an_object_that_is_written_matched_and_changed(organization: PluvoOrganization) -> None:
    journey = {"ref": "t-1", "title": "Python", "isActive": True}
    assert organization.write("journeys", journey).total("created") == 1
    writes = organization.writes
    assert organization.write("journeys", journey).total("unchanged") == 1
    assert organization.writes == writes
    assert organization.write("journeys", {**journey, "title": "Python 3"}).total("updated") == 1
    organization.write("users", {"email": "ada@example.com", "name": "Ada"})
    item = {"userEmail": "ada@example.com", "title": "First aid", "startDate": "2026-03-01T08:00:00Z"}
    assert organization.write("achievements", item).total("created") == 1
    assert organization.write("achievements", item).total("unchanged") == 1


def test_an_entry_of_toml_is_in_discover_and_in_the_tables(organization: PluvoOrganization) -> None:
    sinks = DestinationPluvo().adapter(organization.config()).sinks
    declared = [sinks[name].declaration for name in ("journeys", "achievements")]
    assert {one["object_name"] for one in operations(declared)} == {"journeys", "achievements"}
    assert "`userEmail`" in objects_table(declared)
