"""Members of a JSON object are found and changed in its text, so that everything else of it stays as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_shared.wire.raw import member, members, raw_members, with_raw_member

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
NAMES = st.text(st.characters(min_codepoint=32, exclude_characters='"\\', exclude_categories=["Cs"]))


@given(st.dictionaries(NAMES, VALUES), st.booleans())
def test_the_members_are_those_that_a_parser_finds(value: dict[str, Any], spaced: bool) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1 if spaced else None)
    assert {one.name: json.loads(text[one.start : one.end]) for one in members(text)} == value


@given(st.dictionaries(NAMES, VALUES), NAMES, VALUES)
def test_one_member_is_changed_or_added_and_no_other(value: dict[str, Any], name: str, new: Any) -> None:
    text = with_raw_member(json.dumps(value), name, json.dumps(new))
    assert json.loads(text) == {**value, name: new}


ODD_VALUES = [
    "12345678901234567890123",
    "1.10",
    "9" * 5000,
    '{"a" : 1,  "a": [ 2 ]}',
    '"\\u00e9é\\/"',
    '"\\ud800"',
    "[NaN, -Infinity]",
    '{"a": ' * 3000 + "1" + "}" * 3000,
]


@pytest.mark.parametrize("odd", ODD_VALUES, ids=range(len(ODD_VALUES)))
@pytest.mark.parametrize("held", ["", '"new": {"old": 1}, '], ids=["added", "replaced"])
def test_every_other_value_stays_letter_by_letter(odd: str, held: str) -> None:
    text = with_raw_member(f'{{{held}"odd" : {odd} , "last": 1.0 }}', "new", "2")
    assert raw_members(text) == {"odd": odd, "last": "1.0", "new": "2"}
    assert text.count('"new"') == 1


@pytest.mark.parametrize("odd", ODD_VALUES, ids=range(len(ODD_VALUES)))
def test_where_a_member_is_added_nothing_else_of_the_text_changes(odd: str) -> None:
    text = f'{{ "id": 1, "id": 2, "odd" :{odd}'
    assert with_raw_member(text + " }", "new", "2") == text + ' ,"new":2}'


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ('{"a": [1, {"b": 2}], "b": 3', "b", "3"),
        ('{"a": "cut in the mid', "a", '"cut in the mid'),
        ('{"a": 1, "a": 2}', "a", "2"),
        ('{"a": {"b": 1}}', "b", None),
        ('["a", 1]', "a", None),
        ("", "a", None),
        ("}}", "a", None),
        ('{"a": "\\"}", "b": 1}', "b", "1"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + ', "b": 1}', "b", "1"),
    ],
    ids=range(9),
)
def test_a_member_of_text_that_no_parser_reads_is_found_by_quotes_and_brackets(
    text: str, name: str, value: str | None
) -> None:
    assert member(text, name) == value
