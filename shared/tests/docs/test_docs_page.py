"""Generated parts of a page."""

from __future__ import annotations

import pytest

from lms_shared.dev.docs.page import filled
from lms_shared.dev.docs.tables import config_table, field_tables, objects_table
from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.fields import Field, Kind
from lms_shared.model.keys import KeyKind, MatchKey

PAGE = "# Title\n\n<!-- generated: one -->\nold\n\ntext\n<!-- /generated -->\n\nThe end.\n"
THINGS = ObjectDeclaration(
    "things",
    "Things",
    "Things that there are.",
    (
        Field("name", Kind.TEXT, "What <it> is called, as in `<b>`.", max_length=10, place="name"),
        Field("colour", Kind.TEXT, "How it looks.", choices=("a|b", "c")),
    ),
    required=(("name",),),
    keys=(MatchKey("name", KeyKind.ATTRIBUTE),),
    modes=frozenset({Mode.UPDATE, Mode.UPSERT}),
    notes=("They stay.",),
)


def test_a_part_is_put_between_its_marks_and_the_rest_stays() -> None:
    page = filled(PAGE, {"one": "new \\1"})
    assert page == "# Title\n\n<!-- generated: one -->\nnew \\1\n<!-- /generated -->\n\nThe end.\n"
    assert filled(page, {"one": "new \\1"}) == page


@pytest.mark.parametrize("parts", [{}, {"two": ""}, {"one": "", "two": ""}])
def test_marks_and_parts_that_do_not_fit_are_an_error(parts: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="marks for"):
        filled(PAGE, parts)


def test_an_object_is_shown_with_its_modes_and_keys() -> None:
    assert objects_table([THINGS]).splitlines()[2:] == [
        "| `things` | `upsert`, `update` | `name` (a sole match is adopted) | no | no |"
    ]


def test_fields_are_shown_with_limit_place_and_what_has_none() -> None:
    table = field_tables([THINGS], "The LMS")
    assert (
        "| **`name`** | string, at most 10 characters | `source_wins` | `reject` | name "
        "| What &lt;it> is called, as in `<b>`. |" in table
    )
    assert "| `colour` | string |  |  | **no place** | How it looks. One of `a\\|b`, `c`. |" in table
    assert table.endswith("\n- They stay.")


def test_config_keys_are_shown_in_their_order_with_those_of_nested_objects() -> None:
    form = {
        "required": ["key"],
        "properties": {
            "box": {"type": "object", "order": 1, "properties": {"size": {"type": "integer", "default": 3}}},
            "key": {"type": "string", "airbyte_secret": True, "description": "The key.", "order": 0},
            "place": {
                "type": "object",
                "order": 2,
                "oneOf": [{"title": "Nowhere", "properties": {"kind": {"type": "string", "const": "None"}}}],
            },
        },
    }
    assert config_table(form).splitlines()[2:] == [
        "| `key` | string, secret | **required** | The key. |",
        "| `box` | object | none |  |",
        "| `box.size` | integer | `3` |  |",
        "| `place` | object | none |  |",
        "| `place.kind` | string | **required** | `None`: Nowhere |",
    ]
