"""What the streams hold: content outside the plan, states of courses, single objects, keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from lms_shared.dev.sandbox.pluralsight.options import ALPHA_KEY, PluralsightOptions, Refusal
from source_pluralsight.planning.table import known_streams


def rows(output: Any, stream: str) -> list[dict[str, Any]]:
    return [message.record.data for message in output.records if message.record.stream == stream]


def warnings(output: Any, text: str) -> list[str]:
    return [log.log.message for log in output.logs if log.log.level.value == "WARN" and text in log.log.message]


@pytest.mark.parametrize("introspection", [None, Refusal.ERRORS])
def test_content_outside_the_plan_is_read_from_both_catalogs_only_when_asked_for(
    serve: Any, commands: Any, introspection: Refusal | None
) -> None:
    site = serve(PluralsightOptions(introspection_refusal=introspection), courses=60)
    streams = ["course_catalog", "skill_assessment_catalog"]
    of_plan = commands.read(site.config(), streams)
    everything = commands.read(site.config(show_off_plan_content=True), streams)
    data = site.sandbox.data
    assert len(rows(of_plan, "course_catalog")) == sum(course["isOnPlan"] for course in data.courses)
    assert len(rows(everything, "course_catalog")) == len(data.courses)
    assert len(rows(of_plan, "skill_assessment_catalog")) == sum(one["isOnPlan"] for one in data.assessments)
    assert len(rows(everything, "skill_assessment_catalog")) == len(data.assessments)


@pytest.mark.parametrize(
    "wanted", [["Published"], ["Retired"], ["Retired", "Removed"], ["Published", "Retired", "Removed"]]
)
@pytest.mark.parametrize("spelling", [str, str.upper, str.lower])
def test_course_states_keep_the_courses_in_them_in_any_case(
    serve: Any, commands: Any, wanted: list[str], spelling: Any
) -> None:
    site = serve(courses=60)
    for course in site.sandbox.data.courses:
        course["courseStatus"] = {**course["courseStatus"], "name": spelling(course["courseStatus"]["name"])}
    output = commands.read(site.config(show_off_plan_content=True, course_states=wanted), ["course_catalog"])
    assert not output.errors
    kept = {spelling(state) for state in wanted}
    expected = {course["id"] for course in site.sandbox.data.courses if course["courseStatus"]["name"] in kept}
    assert {row["id"] for row in rows(output, "course_catalog")} == expected
    assert not warnings(output, "course_states")


@pytest.mark.parametrize("state", ["Archived", None])
def test_a_course_in_a_state_that_nobody_knows_passes_with_one_warning(
    serve: Any, commands: Any, state: str | None
) -> None:
    site = serve(courses=60)
    odd = site.sandbox.data.courses[:2]
    for course in odd:
        course["courseStatus"] = None if state is None else {"name": state}
    config = site.config(show_off_plan_content=True, course_states=["Removed"])
    output = commands.read(config, ["course_catalog"])
    assert {course["id"] for course in odd} <= {row["id"] for row in rows(output, "course_catalog")}
    assert len(warnings(output, "course_states does not know")) == 1


def test_an_object_of_the_schema_is_a_stream_of_one_row(serve: Any, commands: Any) -> None:
    site = serve()
    stream = commands.catalog(site.config())["plan_info"]
    output = commands.read(site.config(), [stream])
    (row,) = rows(output, "plan_info")
    assert row["tier"] == "ENT"
    assert set(row) <= set(stream.json_schema["properties"])
    assert site.requests_for("planInfo") == 2


# Keys.


def test_each_stream_with_a_key_has_it_in_its_schema_without_null_and_unique_in_its_rows(
    serve: Any, commands: Any
) -> None:
    site = serve(PluralsightOptions(channel_id_required=True))
    config = site.config(api_key=ALPHA_KEY, page_size=7, show_off_plan_content=True)
    streams = commands.catalog(config)
    output = commands.read(config, streams.values())
    keyed = {name: stream for name, stream in streams.items() if stream.source_defined_primary_key}
    assert len(keyed) > 15
    for name, stream in keyed.items():
        key = [part for (part,) in stream.source_defined_primary_key]
        assert all("null" not in stream.json_schema["properties"][part]["type"] for part in key)
        values = [tuple(row[part] for part in key) for row in rows(output, name)]
        assert len(values) == len(set(values)) > 0


@pytest.mark.parametrize(
    ("stream", "query", "field"),
    [("course_progress", "courseProgress", "courseId"), ("channels", "channels", "id"), ("teams", "teams", "id")],
)
def test_a_row_with_a_null_in_its_key_is_not_emitted_and_counted_in_one_warning(
    serve: Any, commands: Any, stream: str, query: str, field: str
) -> None:
    whole = commands.read(serve().config(), [stream])
    site = serve(PluralsightOptions(rows_without_key={query: field}))
    output = commands.read(site.config(), [stream])
    assert not output.errors
    lost = len(whole.records) // 7
    assert lost > 0
    assert len(output.records) == len(whole.records) - lost
    (warning,) = warnings(output, "without a part of the primary key")
    assert f" {lost} rows" in warning


# Progress in courses that the catalog does not hold.


def test_progress_in_courses_outside_the_catalog_is_said_once_with_the_number(serve: Any, commands: Any) -> None:
    site = serve()
    streams = ["course_catalog", "course_progress"]
    output = commands.read(site.config(), streams)
    catalog = {row["id"] for row in rows(output, "course_catalog")}
    outside = sum(row["courseId"] not in catalog for row in rows(output, "course_progress"))
    assert outside > 0
    (warning,) = warnings(output, "show_off_plan_content is off")
    assert warning.startswith(f"{outside} of 300 rows")
    assert not warnings(commands.read(site.config(show_off_plan_content=True), streams), "show_off_plan_content")
    assert not warnings(commands.read(site.config(), ["course_progress"]), "show_off_plan_content")


# Columns.

WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def columns(schema: dict[str, Any], place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """All columns of a schema with their dotted names, those of objects and of lists of objects included."""
    for name, part in schema.get("properties", {}).items():
        yield f"{place}{name}", part
        yield from columns(member_of(part), f"{place}{name}.")


def member_of(schema: dict[str, Any]) -> dict[str, Any]:
    return member_of(schema["items"]) if "items" in schema else schema


def test_every_column_has_a_type_and_a_description_that_says_more_than_its_name(serve: Any, commands: Any) -> None:
    streams = commands.catalog(serve(PluralsightOptions(channel_id_required=True)).config(api_key=ALPHA_KEY))
    count = 0
    for stream in streams.values():
        for name, part in columns(stream.json_schema):
            count += 1
            assert part.get("type") not in (None, [], ["null"]), f"{stream.name}.{name}"
            assert member_of(part).get("type") not in (None, [], ["null"]), f"{stream.name}.{name}"
            words = {word.lower() for word in WORD.findall(name.rpartition(".")[2])}
            said = {word.lower() for word in WORD.findall(part["description"])}
            assert said - words - {"the", "a", "an", "of", "is"}, f"{stream.name}.{name} repeats its name"
    assert count > 200


def test_known_columns_are_described_in_their_schema_files() -> None:
    undocumented = [
        f"{stream.name}.{name}"
        for stream in known_streams()
        for name, part in columns(dict(stream.schema))
        if len(part.get("description", "")) < 10
    ]
    assert undocumented == []


def test_what_the_schema_of_the_api_says_of_a_field_is_its_description(serve: Any, commands: Any) -> None:
    streams = commands.catalog(serve(PluralsightOptions(channel_id_required=True)).config(api_key=ALPHA_KEY))
    properties = streams["member_invites"].json_schema["properties"]
    assert properties["redeemedByPsUserId"]["description"] == "User who accepted the invitation, null while it is open."
    assert properties["invitedOn"]["description"] == "Not documented."
