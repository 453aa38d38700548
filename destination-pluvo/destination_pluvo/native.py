"""The objects of the API itself: the families' TOML files have those with keys of their own, `links.py` the others."""

from __future__ import annotations

from importlib.resources import files

from destination_pluvo.links import LINKS
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.resources.declare import declare_all
from lms_shared.resources.load_toml import load_resources
from lms_shared.resources.references import Surroundings

RESOURCES = {one.name: one for one in load_resources(files(__package__))}

SURROUNDINGS = Surroundings(
    names={
        "users": {"userRef": "external_reference", "userEmail": "email"},
        "groups": {"groupRef": "external_reference", "groupName": "name"},
    },
    called={"users": "user", "groups": "group"},
)


def declarations() -> dict[str, ObjectDeclaration]:
    """The declarations of all objects, by name."""
    return {**declare_all(RESOURCES.values(), SURROUNDINGS), **{one.name: one for one in LINKS}}
