"""The objects of the API itself, which the TOML files of the families declare.

Sources of the facts: the request bodies of the Skilljar API (fields and limits), its answers (what can be compared),
and its lists and filters (look-ups).
"""

from __future__ import annotations

from importlib.resources import files

from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.resources.declare import declare_all
from lms_shared.resources.load_toml import load_resources
from lms_shared.resources.references import Surroundings

RESOURCES = load_resources(files(__package__))

SURROUNDINGS = Surroundings(
    base="/v1/",
    defaults={"domain_name": "Host name of the domain; the configured one where it is not given."},
    names={
        "users": {"user_email": "email", "user_external_reference": "external_reference"},
        "groups": {"group_external_reference": "external_reference", "group_name": "name"},
    },
    called={"users": "user", "groups": "group"},
)


def declarations() -> dict[str, ObjectDeclaration]:
    """The declarations of all objects, by name."""
    return declare_all(RESOURCES, SURROUNDINGS)
