"""Field mappings: JMESPath, constants, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.upsert.map import FieldMapping, Mapper, Target
from lms_shared.upsert.remote import RecordRejected

DATA = {"id": 9, "title": "T", "user": {"email": "a@b.c", "roles": ["x", "y"]}, "names": ["Ada", "Lovelace"]}


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
        ({"target": "t", "source": "user..email"}, "no JMESPath"),
        ({"target": "t", "source": ""}, "no JMESPath"),
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


@pytest.mark.parametrize("expression", ["join(' ', title)", "sum(names)", "abs(title)"])
def test_a_mapping_that_fails_on_a_record_is_a_reject_of_that_record(expression: str) -> None:
    mapping = FieldMapping.parse({"target": "t", "source": expression})
    with pytest.raises(RecordRejected) as caught:
        mapping.value(DATA)
    assert caught.value.code == "INPUT.MAPPING"


def test_mapped_fields_are_laid_over_the_record_s_own_without_its_foreign_id() -> None:
    mapper = Mapper((Target("content"),), (FieldMapping.parse({"target": "external_reference", "source": "id"}),))
    (mapped,) = mapper.map({"id": 9, "title": "T"})
    assert mapped.values == {"external_reference": 9, "title": "T"}


def test_an_id_that_is_mapped_on_purpose_stays() -> None:
    mapper = Mapper((Target("content"),), (FieldMapping.parse({"target": "id", "source": "id"}),))
    assert mapper.map({"id": 9})[0].values == {"id": 9}


def test_a_record_without_mapping_is_taken_as_it_is() -> None:
    assert Mapper((Target("content"),)).map({"id": 9})[0].values == {"id": 9}


def test_a_target_can_leave_a_record_out() -> None:
    mapper = Mapper((Target("users", lambda _: None), Target("content")))
    assert [one.object_name for one in mapper.map(DATA)] == ["content"]
