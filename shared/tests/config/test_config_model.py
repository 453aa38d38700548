"""One declaration of a key gives its place in the form, its default and its parsed value."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import ConfigDict, Field, ValidationError

from lms_shared.config.model import ConfigModel, Group, key

FIRST, SECOND = Group("first", "First things"), Group("second", "Second things")


class Flavor(Enum):
    SWEET = "sweet"
    SOUR = "sour"


class Nowhere(ConfigModel):
    model_config = ConfigDict(title="Nowhere")

    kind: Literal["None"] = key("Kind", "Kept nowhere.")


class Folder(ConfigModel):
    """Not for the eyes of those who fill in the form."""

    model_config = ConfigDict(title="Folder")

    kind: Literal["LOCAL"] = key("Kind", "Kept in a folder.")
    path: str = key("Path", "The folder.")


class Entry(ConfigModel):
    model_config = ConfigDict(title="Entry")

    name: str = key("Name", "A name.")
    constant: Any = key("Constant", "Any value.", default=None, types=("string", "null"))


class Sample(ConfigModel):
    model_config = ConfigDict(title="Sample")
    form_groups = (FIRST, SECOND)

    later: int = key("Later", "Comes later.", default=6, minimum=1, maximum=20, group=SECOND)
    secret: str = key("Secret", "A secret.", secret=True, group=FIRST)
    flavor: Flavor = key("Flavor", "A flavor.", default=Flavor.SWEET, group=FIRST)
    upfront: bool = key("Upfront", "Always there.", default=False, group=FIRST, order=0, always_show=True)
    limit: int | None = key("Limit", "A limit.", default=None, group=SECOND)
    entries: tuple[Entry, ...] = key("Entries", "Entries.", default=(), group=SECOND)
    place: Annotated[Nowhere | Folder, Field(discriminator="kind")] | None = key(
        "Place", "Where.", default=None, group=SECOND
    )


def test_the_form_shows_groups_in_their_order_and_numbers_all_keys() -> None:
    form = Sample.form()
    assert form["groups"] == [{"id": "first", "title": "First things"}, {"id": "second", "title": "Second things"}]
    ordered = sorted(form["properties"], key=lambda name: form["properties"][name]["order"])
    assert ordered == ["upfront", "secret", "flavor", "later", "limit", "entries", "place"]
    assert form["required"] == ["secret"]
    assert form["additionalProperties"] is True


def test_the_form_has_neither_references_nor_null_variants_nor_docstrings() -> None:
    properties = Sample.form()["properties"]
    assert properties["limit"] == {
        "type": "integer",
        "title": "Limit",
        "description": "A limit.",
        "group": "second",
        "order": properties["limit"]["order"],
    }
    assert properties["flavor"]["enum"] == ["sweet", "sour"]
    assert properties["flavor"]["default"] == "sweet"
    folder = properties["place"]["oneOf"][1]
    assert folder["title"] == "Folder"
    assert "description" not in folder
    assert folder["properties"]["kind"]["const"] == "LOCAL"
    assert folder["required"] == ["kind", "path"]


def test_a_config_is_read_with_the_defaults_of_the_form() -> None:
    read = Sample.parse({"secret": "s"})
    assert (read.later, read.flavor, read.upfront, read.limit, read.entries, read.place) == (
        6,
        Flavor.SWEET,
        False,
        None,
        (),
        None,
    )


def test_what_was_pasted_with_blanks_or_left_empty_is_read_as_it_is_meant() -> None:
    read = Sample.parse(
        {
            "secret": " s \r\n",
            "flavor": "",
            "later": None,
            "place": {"kind": "LOCAL", "path": " /x "},
            "entries": [{"name": " n\n"}],
        }
    )
    assert read.secret == "s"
    assert read.flavor is Flavor.SWEET
    assert read.later == 6
    assert read.place == Folder(kind="LOCAL", path="/x")
    assert read.entries[0].name == "n"


def test_a_constant_keeps_null_and_blanks_because_there_they_say_something() -> None:
    read = Sample.parse({"secret": "s", "entries": [{"name": "a", "constant": None}, {"name": "b", "constant": " x "}]})
    assert read.entries[0].model_fields_set == {"name", "constant"}
    assert read.entries[1].constant == " x "


def test_a_blank_required_key_is_as_good_as_missing() -> None:
    with pytest.raises(ValidationError, match="secret"):
        Sample.parse({"secret": "  "})
