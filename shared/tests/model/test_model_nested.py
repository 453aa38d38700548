"""Nested objects and links: their normal forms, and that only what a record says is compared."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.model.fields import Kind
from lms_shared.model.normal_forms import equal, normalise


@pytest.mark.parametrize(
    ("kind", "value", "normal"),
    [
        (Kind.LINK, {"id": " c-1 ", "name": "Course"}, "c-1"),
        (Kind.LINK, "c-1", "c-1"),
        (Kind.LINK, 7, "7"),
        (Kind.LINK, {"id": ""}, None),
        (Kind.NESTED, {"a": None, "b": {"c": None}, "d": False}, {"d": False}),
        (Kind.NESTED, {"a": None}, None),
        (Kind.NESTED_LIST, [{"a": 1}, {"b": None}], [{"a": 1}]),
    ],
)
def test_links_become_ids_and_nulls_are_dropped_at_any_depth(kind: Kind, value: Any, normal: Any) -> None:
    assert normalise(kind, value) == normal
    assert normalise(kind, normal) == normal


@pytest.mark.parametrize(
    ("kind", "wanted", "held"),
    [
        (Kind.LINK, "c-1", {"id": "c-1", "title": "Course"}),
        (Kind.NESTED, {"score": 8}, {"score": 8, "max_score": 10}),
        (Kind.NESTED, {"score": 8, "max_score": None}, {"score": 8, "max_score": 10}),
        (Kind.NESTED, {"at": "2026-01-01T01:00:00+01:00"}, {"at": "2026-01-01T00:00:00.250000Z"}),
        (Kind.NESTED, {"text": "Threads & locks"}, {"text": " Threads & locks"}),
        (Kind.NESTED_LIST, [{"text": "Yes"}, {"text": "No"}], [{"id": "1", "text": "Yes"}, {"id": "2", "text": "No"}]),
        (Kind.NESTED_LIST, [{"text": "Yes"}, {"text": "No"}], [{"id": "9", "text": "Yes"}, {"id": "2", "text": "No"}]),
        (Kind.NESTED, {"options": [{"id": "2"}, {"id": "1"}]}, {"options": [{"id": "1", "v": "x"}, {"id": "2"}]}),
    ],
)
def test_what_the_lms_says_beyond_the_record_makes_no_difference(kind: Kind, wanted: Any, held: Any) -> None:
    assert equal(kind, wanted, held)


@pytest.mark.parametrize(
    ("kind", "wanted", "held"),
    [
        (Kind.LINK, "c-1", {"id": "c-2"}),
        (Kind.LINK, "c-1", None),
        (Kind.NESTED, {"score": 8}, {"max_score": 8}),
        (Kind.NESTED, {"score": 8}, None),
        (Kind.NESTED, {"visible": False}, {"visible": None}),
        (Kind.NESTED_LIST, [{"text": "Yes"}], [{"text": "Yes"}, {"text": "No"}]),
        (Kind.NESTED_LIST, [{"text": "No"}, {"text": "Yes"}], [{"text": "Yes"}, {"text": "No"}]),
    ],
)
def test_what_the_record_says_and_the_lms_does_not_is_a_difference(kind: Kind, wanted: Any, held: Any) -> None:
    assert not equal(kind, wanted, held)
