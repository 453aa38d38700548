"""A misspelled key is refused with the one that was meant, because it would do nothing and nobody would notice."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.config.nearest import nearest, slip_of
from lms_shared.config.unknown import unknown_keys_problem

FORM = {
    "type": "object",
    "properties": {
        "dry_run": {"type": "boolean"},
        "anything": {"type": ["string", "object"]},
        "mappings": {
            "type": "array",
            "items": {"type": "object", "properties": {"stream": {"type": "string"}, "fields": {"type": "array"}}},
        },
        "place": {
            "type": "object",
            "oneOf": [
                {"properties": {"kind": {"const": "LOCAL"}, "path": {"type": "string"}}},
                {"properties": {"kind": {"const": "S3"}, "bucket": {"type": "string"}}},
            ],
        },
    },
}


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"dryrun": True}, "Unknown config key 'dryrun'. Did you mean 'dry_run'?"),
        ({"Dry Run": True}, "Unknown config key 'Dry Run'. Did you mean 'dry_run'?"),
        ({"xyz": 1}, "Unknown config key 'xyz'."),
        (
            {"mappings": [{"stream": "a"}, {"streem": "b"}]},
            "Unknown config key 'mappings[1].streem'. Did you mean 'stream'?",
        ),
        ({"place": {"kind": "LOCAL", "pth": "/x"}}, "Unknown config key 'place.pth'. Did you mean 'path'?"),
    ],
)
def test_an_unknown_key_is_named_with_the_one_that_was_meant(config: dict[str, Any], told: str) -> None:
    assert unknown_keys_problem(FORM, config) == told


@pytest.mark.parametrize(
    "config",
    [
        {"dry_run": True, "__injected_declarative_manifest": {"a": 1}},
        {"place": {"kind": "LOCAL", "bucket": "left over from the other choice", "__x": 1}},
        {"anything": {"may": {"hold": "any key"}}},
        {"mappings": []},
        {},
    ],
)
def test_airbytes_own_keys_and_those_of_another_choice_are_no_slip(config: dict[str, Any]) -> None:
    assert unknown_keys_problem(FORM, config) is None


def test_a_name_is_near_in_any_case_and_a_stranger_is_not() -> None:
    assert nearest("Users", ["groups", "users"]) == "users"
    assert nearest("course progress", ["course_progress", "courses"]) == "course_progress"
    assert nearest("invoices", ["groups", "users"]) is None
    assert nearest("", ["groups"]) is None


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("Users", "users"),
        ("user", "users"),
        ("Course Progress", "course_progress"),
        ("courseprogress", "course_progress"),
        ("course_progres", "course_progress"),
        ("content_catalog", None),
        ("published_course_tags", None),
        ("channel_progress", None),
        ("invoices", None),
    ],
)
def test_a_slip_is_told_from_the_name_of_a_related_stream(word: str, meant: str | None) -> None:
    names = ["users", "course_progress", "course_catalog", "published_courses", "published_path_tags"]
    assert slip_of(word, names) == meant
