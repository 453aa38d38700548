"""Field mappings: JMESPath, constants, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.adapter.remote import RecordRejected
from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.upsert.routing.map import FieldMapping, Mapper, Target

COLUMNS = {"Course ID": "c-1", "2nd name": "Lee", "Price (EUR)": 5, "user.email": "flat", "größe": 3}
DATA = {"id": 9, "title": "T", "user": {"email": "a@b.c", "roles": ["x", "y"]}, "names": ["Ada", "Lovelace"]}


def mapping_of(*entries: dict[str, Any]) -> Mapper:
    return Mapper((Target("content"),), {"content": tuple(map(FieldMapping.parse, entries))})


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ({"source": "user.email"}, "a@b.c"),
        ({"source": "user.roles[0]"}, "x"),
        ({"source": "join(' ', names)"}, "Ada Lovelace"),
        ({"source": "user.missing.deeper"}, None),
        ({"source": "title.deeper"}, None),
        ({"constant": "always"}, "always"),
        ({"constant": ""}, ""),
    ],
)
def test_a_field_is_taken_from_the_record_or_is_constant(entry: dict[str, Any], value: Any) -> None:
    assert FieldMapping.parse({"target": "t", **entry}).value(DATA) == value


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"source": "a"}, "has no target"),
        ({"target": "t"}, "either a source or a constant"),
        ({"target": "t", "source": "a", "constant": "b"}, "either a source or a constant"),
        ({"target": "t", "source": "user..email"}, "not a valid JMESPath"),
        ({"target": "t", "source": "user[email"}, "not a valid JMESPath"),
        ({"target": "t", "source": ""}, "either a source or a constant"),
        ({"target": "t", "source": "nothing(@)"}, ""),
    ],
)
def test_a_mapping_that_is_none_is_refused_with_a_sentence(entry: dict[str, Any], sentence: str) -> None:
    if sentence:
        with pytest.raises(ValueError, match=sentence):
            FieldMapping.parse(entry)
    else:  # a function's name is only looked at when it is called
        with pytest.raises(RecordRejected):
            FieldMapping.parse(entry).value(DATA)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_source_may_be_the_plain_name_of_a_column(column: str) -> None:
    mapping = FieldMapping.parse({"target": "t", "source": column})
    assert mapping.value(COLUMNS) == COLUMNS[column]
    assert column in mapping.used


def test_a_column_that_a_record_lacks_gives_nothing() -> None:
    assert FieldMapping.parse({"target": "t", "source": "Course ID"}).value({"title": "T"}) is None


def test_a_column_of_that_very_name_comes_before_the_path_that_it_may_be_as_well() -> None:
    mapping = FieldMapping.parse({"target": "t", "source": "user.email"})
    assert mapping.value({"user": {"email": "deep"}}) == "deep"
    assert mapping.value({"user": {"email": "deep"}, "user.email": "flat"}) == "flat"


@pytest.mark.parametrize("expression", ["join(' ', title)", "sum(names)", "abs(title)"])
def test_a_mapping_that_fails_on_a_record_is_a_reject_of_that_record(expression: str) -> None:
    mapping = FieldMapping.parse({"target": "t", "source": expression})
    with pytest.raises(RecordRejected) as caught:
        mapping.value(DATA)
    assert caught.value.code == "INPUT.MAPPING"


def test_mapped_fields_are_laid_over_the_record_s_own_without_its_foreign_id() -> None:
    mapper = mapping_of({"target": "external_reference", "source": "id"})
    (mapped,) = mapper.map({"id": 9, "title": "T"})
    assert mapped.values == {"external_reference": 9, "title": "T"}


def test_an_id_that_is_mapped_on_purpose_stays() -> None:
    mapper = mapping_of({"target": "id", "source": "id"})
    assert mapper.map({"id": 9})[0].values == {"id": 9}


def test_a_record_without_mapping_is_taken_as_it_is() -> None:
    assert Mapper((Target("content"),)).map({"id": 9})[0].values == {"id": 9}


def test_a_target_can_leave_a_record_out() -> None:
    mapper = Mapper((Target("users", lambda _: None), Target("content")))
    assert [one.object_name for one in mapper.map(DATA)] == ["content"]


@pytest.mark.parametrize(
    ("target", "constant", "value"),
    [
        ("active", "true", True),
        ("active", " False ", False),
        ("active", False, False),
        ("active", "", None),
        ("order", "3", 3),
        ("order", 3, 3),
        ("tags", '["a", "b"]', ["a", "b"]),
        ("tags", ["a"], ["a"]),
        ("additional_data", '{"level": 1}', {"level": 1}),
        ("additional_data", {"level": 1}, {"level": 1}),
        ("localizations", '[{"title": "T"}]', [{"title": "T"}]),
        ("title", "true", "true"),
        ("title", "3", "3"),
        ("external_reference", 7, 7),
    ],
)
def test_a_text_constant_is_read_as_the_field_s_kind_and_any_other_is_taken_as_it_is(
    target: str, constant: Any, value: Any
) -> None:
    mapping = FieldMapping.parse({"target": target, "constant": constant})
    fitted = mapping.fitted(declarations()["content"]).value(DATA)
    assert (fitted, type(fitted)) == (value, type(value))


@pytest.mark.parametrize(
    ("target", "constant", "sentence"),
    [
        ("active", "perhaps", "the constant of 'active': active is not of type boolean"),
        ("order", "1.5", "order is not of type integer"),
        ("order", "[" * 100_000, "order is not of type integer"),
        ("tags", "a, b", "tags is not of type array"),
        ("tags", '{"a": 1}', "tags is not of type array"),
        ("title", 3, "title is not of type string"),
        ("title", "x" * 121, "title is longer than 120 characters"),
        ("content_url", "learn", "content_url is not an absolute http or https address"),
    ],
)
def test_a_constant_for_which_each_record_would_be_rejected_is_refused(
    target: str, constant: Any, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        FieldMapping.parse({"target": target, "constant": constant}).fitted(declarations()["content"])


@pytest.mark.parametrize(
    ("source", "used"),
    [
        ("user.email", {"user"}),
        ("user.roles[0]", {"user"}),
        ("join(' ', names)", {"names"}),
        ("user.[email, title]", {"user"}),
        ("user.{a: title}", {"user"}),
        ("user.roles[?title == 'x'].names | [0]", {"user"}),
        ("user.*.title", {"user"}),
        ("user.roles[]", {"user"}),
        ("user.roles[0:1]", {"user"}),
        ("@.user", {"user"}),
        ("@ | title", {"title"}),
        ("sort_by(names, &title)", {"names"}),
        ("user || title", {"user", "title"}),
        ("not_null(user.email, title)", {"user", "title"}),
        ("{a: user.email, b: names}", {"user", "names"}),
        ("[user, names][0]", {"user", "names"}),
        ("user && !names", {"user", "names"}),
        ("title == 'x'", {"title"}),
        ("`true`", set()),
        ("@", set(DATA)),
        ("to_string(@)", set(DATA)),
        ("values(@)", set(DATA)),
        ("*.email", set(DATA)),
    ],
)
def test_a_field_of_the_record_is_used_where_an_expression_begins_at_it(source: str, used: set[str]) -> None:
    mapper = mapping_of({"target": "t", "source": source})
    assert {name for name in DATA if mapper.uses(name)} == used


def test_a_constant_uses_nothing_of_the_record() -> None:
    assert not mapping_of({"target": "title", "constant": "title"}).uses("title")


def test_each_object_gets_its_own_field_mappings() -> None:
    mappings = {"users": (FieldMapping.parse({"target": "email", "source": "user.email"}),)}
    mapped = Mapper((Target("users"), Target("content", lambda _: {})), mappings).map(DATA)
    assert [one.values.get("email") for one in mapped] == ["a@b.c", None]
