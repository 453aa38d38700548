"""The form of a destination: what its config model says, and the names that its LMS and the presets offer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lms_shared.destination.settings import DestinationConfig
from lms_shared.presets import PRESETS
from lms_shared.upsert.routing.settings import AUTO_PROVIDER, NO_PROVIDER


def destination_form(model: type[DestinationConfig], objects: Iterable[str] = ()) -> dict[str, Any]:
    """The form, in which names of presets and, if they are given, of objects are chosen from a list."""
    form = model.form()
    properties, names = form["properties"], list(objects)
    mapping = properties["stream_mappings"]["items"]["properties"]
    properties["content_provider"]["enum"] = [AUTO_PROVIDER, *PRESETS, NO_PROVIDER]
    mapping["preset"]["enum"] = [NO_PROVIDER, *PRESETS]
    if names:
        mapping["object"]["enum"] = names
        properties["field_policies"]["items"]["properties"]["object"]["enum"] = names
    return form
