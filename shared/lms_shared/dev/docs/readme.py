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
REFERENCE = Path(__file__).parents[4] / "docs" / "reference"
"""Where the long tables are."""


def fields_page(folder: Path) -> Path:
    """The page of the fields of the unified objects of the connector with this folder."""
    return REFERENCE / f"{folder.name}-fields.md"


def natives_page(folder: Path) -> Path:
    """The page of the objects that are resources of the LMS's own API: there are many of them."""
    return REFERENCE / f"{folder.name}-native-objects.md"


def written(destination: ActivationDestination, folder: Path) -> dict[Path, str]:
    """The texts of the pages of a destination, given its connector's folder."""
    form = destination.spec(logging.getLogger("airbyte")).connectionSpecification
    unified, lms = _declarations(destination, folder, native=False)
    natives, _ = _declarations(destination, folder, native=True)
    parts = {
        folder / "README.md": {"config": config_table(form), "objects": objects_table(unified)},
        fields_page(folder): {"fields": field_tables(unified, lms)},
    }
    if natives:
        parts[natives_page(folder)] = {"objects": objects_table(natives), "fields": field_tables(natives, lms)}
    return {page: filled(page.read_text("utf-8"), of_page) for page, of_page in parts.items()}


def _declarations(
    destination: ActivationDestination, folder: Path, *, native: bool
) -> tuple[list[ObjectDeclaration], str]:
    adapter = destination.adapter(json.loads((folder / SAMPLE_CONFIG).read_text()))
    declarations = [sink.declaration for sink in adapter.sinks.values()]
    # What has no mode can only be referred to.
    return [one for one in declarations if one.native is native and one.modes], adapter.lms
