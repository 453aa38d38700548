"""The README of a destination, with its generated parts as they have to be."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from lms_shared.destination.base import ActivationDestination
from lms_shared.docs.page import filled
from lms_shared.docs.tables import config_table, field_tables, objects_table

SAMPLE_CONFIG = Path("integration_tests/sample_config.json")
"""The config that the objects are declared for; it makes use of everything optional."""


def written(destination: ActivationDestination, folder: Path) -> str:
    """The text of `README.md` in a connector's folder."""
    form = destination.spec(logging.getLogger("airbyte")).connectionSpecification
    adapter = destination.adapter(json.loads((folder / SAMPLE_CONFIG).read_text()))
    declarations = [port.declaration for port in adapter.ports.values()]
    parts = {
        "config": config_table(form),
        "objects": objects_table(declarations),
        "fields": field_tables(declarations, adapter.lms),
    }
    return filled((folder / "README.md").read_text(), parts)
