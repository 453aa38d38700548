"""The objects of the API itself, which the TOML files of the families declare.

Sources of the facts: the request bodies of the Skilljar API (fields and limits), its answers (what can be compared),
and its lists and filters (look-ups).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.resources.declare import declare_all
from lms_shared.resources.load_toml import load_resources
from lms_shared.resources.references import Surroundings

_ALL = tuple(load_resources(files(__package__)))
RESOURCES = tuple(one for one in _ALL if not one.read_only)
READ_ONLY = tuple(one for one in _ALL if one.read_only)
"""What others may refer to by name and no call writes."""

SURROUNDINGS = Surroundings(
    base="/v1/",
    defaults={"domain_name": "Host name of the domain; the configured one where it is not given."},
    names={
        "users": {"user_email": "email", "user_external_reference": "external_reference"},
        "groups": {"group_external_reference": "external_reference", "group_name": "name"},
    },
    called={"users": "user", "groups": "group"},
)


@cache
def declarations() -> Mapping[str, ObjectDeclaration]:
    """The declarations of all objects, by name; those of `READ_ONLY` have no mode."""
    return MappingProxyType(declare_all((*RESOURCES, *READ_ONLY), SURROUNDINGS))
