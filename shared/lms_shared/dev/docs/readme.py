"""The pages of a destination, with their generated parts as they have to be."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from lms_shared.destination.base import ActivationDestination
from lms_shared.dev.docs.page import filled
from lms_shared.dev.docs.tables import config_table, field_tables, objects_table
from lms_shared.model.declarations import ObjectDeclaration

SAMPLE_CONFIG = Path("integration_tests/sample_config.json")
"""The config that the objects are declared for; it makes use of everything optional."""
NATIVE_PAGE = "NATIVE-OBJECTS.md"
"""Where the objects that are resources of the LMS's own API are described: there are many of them."""


def written(destination: ActivationDestination, folder: Path) -> str:
    """The text of `README.md` in a connector's folder."""
    form = destination.spec(logging.getLogger("airbyte")).connectionSpecification
    declarations, lms = _declarations(destination, folder, native=False)
    parts = {
        "config": config_table(form),
        "objects": objects_table(declarations),
        "fields": field_tables(declarations, lms),
    }
    return filled((folder / "README.md").read_text(), parts)


def written_natives(destination: ActivationDestination, folder: Path) -> str | None:
    """The text of the page of the native objects, None where the destination has none."""
    declarations, lms = _declarations(destination, folder, native=True)
    if not declarations:
        return None
    parts = {"objects": objects_table(declarations), "fields": field_tables(declarations, lms)}
    return filled((folder / NATIVE_PAGE).read_text(), parts)


def _declarations(
    destination: ActivationDestination, folder: Path, *, native: bool
) -> tuple[list[ObjectDeclaration], str]:
    adapter = destination.adapter(json.loads((folder / SAMPLE_CONFIG).read_text()))
    declarations = [sink.declaration for sink in adapter.sinks.values()]
    # What has no mode can only be referred to.
    return [one for one in declarations if one.native is native and one.modes], adapter.lms
