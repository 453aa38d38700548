"""Streams of known sources need no mapping, and are never taken for what they are not."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.dev.testing.syncs import Stream, catalog
from lms_shared.presets import PROVIDERS
from lms_shared.upsert.routing.routing import route_streams
from lms_shared.upsert.routing.settings import SyncConfig
from lms_shared.upsert.routing.targets import Offered, recognize

OBJECTS = declarations()
ROOT = Path(__file__).parents[3]
COURSES = Stream("course_catalog", fields=["id", "title", "courseStatus"])
PROGRESS = Stream("course_progress", fields=["psUserId", "courseId", "isCourseCompleted"])
PEOPLE = Stream("users", fields=["psUserId", "email"])
ADMINS = Stream("plan_admins", fields=["psUserId", "planUserId"])
CHANNELS = Stream("channel_progress", fields=["channelId", "psUserId"])


def routed(*streams: Stream, own_vendor: str = "", **config: Any) -> dict[str, list[str]]:
    """The objects of each stream."""
    settings = SyncConfig.parse(config)
    routes = route_streams(catalog(streams), settings.mappings, Offered(OBJECTS, PROVIDERS, own_vendor))
    return {stream.name: list(route.objects) for stream, route in routes.items()}


def refusal(*streams: Stream, **config: Any) -> str:
    with pytest.raises(AirbyteTracedException) as caught:
        routed(*streams, **config)
    assert caught.value.failure_type is FailureType.config_error
    return str(caught.value.message)


def test_the_main_job_needs_no_mapping_and_each_stream_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="airbyte"):
        found = routed(COURSES, PROGRESS, PEOPLE)
    assert found == {
        "course_catalog": ["content"],
        "course_progress": ["assignments", "completions"],
        "users": ["users"],
    }
    told = (
        "Stream 'course_progress' is known as 'course_progress' of pluralsight; its preset writes it to assignments and"
    )
    assert told in caplog.text
    assert caplog.text.count("is known as") == 3


@pytest.mark.parametrize("name", ["acme_course_catalog", "COURSE_CATALOG", "Acme_Course_Catalog"])
@pytest.mark.parametrize("marker", ["courseStatus", "coursestatus", "COURSESTATUS"])
def test_a_prefix_and_another_case_do_not_matter(name: str, marker: str) -> None:
    assert routed(Stream(name, fields=["id", marker])) == {name: ["content"]}


def test_a_stream_of_the_same_name_from_elsewhere_goes_to_the_object_of_its_name() -> None:
    mapped = recognize("users", {"properties": {"email": {}, "name": {}}}, "auto", PROVIDERS.values())
    assert mapped is None
    assert recognize("users", {}, "auto", PROVIDERS.values()) is None
    assert routed(Stream("users", fields=["email", "name"])) == {"users": ["users"]}


def test_an_entry_and_the_object_of_the_catalog_come_before_what_is_recognized() -> None:
    entry = {"stream": "users", "object": "groups"}
    assert routed(PEOPLE, stream_mappings=[entry]) == {"users": ["groups"]}
    assert routed(Stream("users", object_name="content", fields=["psUserId"])) == {"users": ["content"]}
    # Even an entry that names no object: its author looked at the stream.
    own = {"stream": "users", "fields": [{"target": "name", "source": "email"}]}
    assert recognized_by_preset(stream_mappings=[own]) is False


def recognized_by_preset(**config: Any) -> bool:
    """Whether the users of Pluralsight are mapped by its preset."""
    settings = SyncConfig.parse(config)
    (route,) = route_streams(catalog([PEOPLE]), settings.mappings, Offered(OBJECTS, PROVIDERS)).values()
    (mapped,) = route.mapper.map({"psUserId": "p-1", "email": "ada@example.com", "isOnAccount": True})
    return "external_reference" in mapped.values


@pytest.mark.parametrize(
    ("provider", "recognized"), [("auto", True), ("pluralsight", True), ("skilljar", False), ("none", False)]
)
def test_the_provider_says_whose_streams_are_recognized(provider: str, recognized: bool) -> None:
    assert recognized_by_preset(content_provider=provider) is recognized


def test_streams_of_the_destinations_own_vendor_go_to_the_objects_of_their_names() -> None:
    users = Stream("users", fields=["user_id", "user", "signed_up_at"])
    (route,) = route_streams(
        catalog([users]), SyncConfig.parse({}).mappings, Offered(OBJECTS, PROVIDERS, "skilljar")
    ).values()
    assert route.mapper.map({"email": "ada@example.com"})[0].values == {"email": "ada@example.com"}


def test_known_streams_without_a_place_are_listed_in_one_error() -> None:
    message = refusal(COURSES, CHANNELS, ADMINS)
    assert "'channel_progress' (pluralsight), 'plan_admins' (pluralsight)" in message
    assert "Deselect them" in message
    assert "course_catalog" not in message


def test_an_unknown_stream_is_refused_with_the_nearest_and_not_with_a_list_of_all() -> None:
    message = refusal(Stream("employees"), Stream("users"))
    assert "Stream 'employees' has no object" in message
    near = refusal(Stream("course_progres"))
    assert "preset 'pluralsight' (stream 'course_progress')" in near
    nearest, _, listed = near.partition(" The objects are: ")
    assert "group_members" not in nearest
    assert "group_members" in listed
    many = dict.fromkeys((*OBJECTS, *(f"object_{number}" for number in range(70))), OBJECTS["users"])
    with pytest.raises(AirbyteTracedException) as caught:
        route_streams(catalog([Stream("employees")]), SyncConfig.parse({}).mappings, Offered(many, PROVIDERS))
    assert "object_7" not in str(caught.value.message)
    assert "object 'assignments'" in refusal(Stream("assignment"))


def test_a_mapping_of_a_stream_elsewhere_is_told_and_one_that_is_nearly_there_is_refused(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, logger="airbyte"):
        assert routed(Stream("users"), stream_mappings=[{"stream": "invoices", "object": "users"}]) == {
            "users": ["users"]
        }
    assert "entry for stream 'invoices', which is not part of this connection" in caplog.text
    assert "Did you mean 'users'" in refusal(Stream("users"), stream_mappings=[{"stream": "Users", "object": "users"}])
    # Both are mapped, so none is a slip of the other.
    both = [{"stream": "Users", "object": "users"}, {"stream": "users", "object": "users"}]
    assert routed(Stream("users"), stream_mappings=both) == {"users": ["users"]}


def test_a_preset_in_an_entry_finds_its_stream_behind_a_prefix_and_in_another_case() -> None:
    entry = {"stream": "ACME_COURSE_CATALOG", "preset": "pluralsight"}
    assert routed(Stream("ACME_COURSE_CATALOG"), stream_mappings=[entry]) == {"ACME_COURSE_CATALOG": ["content"]}


def schemas(source: str) -> Iterable[tuple[str, set[str]]]:
    """The streams of a source with the fields of their schemas."""
    for path in sorted((ROOT / source.replace("_", "-") / source / "schemas").glob("*.json")):
        yield path.stem, set(json.loads(path.read_text()).get("properties", {}))


@pytest.mark.parametrize("provider", list(PROVIDERS))
def test_each_marker_is_a_field_of_the_source_and_each_stream_is_taken_for_itself(provider: str) -> None:
    markers = PROVIDERS[provider].markers
    found = dict(schemas(f"source_{provider}"))
    assert set(markers) <= set(found)
    for name, fields in markers.items():
        assert set(fields) <= found[name], name
        schema = {"properties": dict.fromkeys(found[name])}
        known = recognize(name, schema, "auto", PROVIDERS.values())
        assert known is not None
        assert (known.provider.name, known.stream) == (provider, name)


def test_what_a_preset_maps_is_recognized() -> None:
    for provider in PROVIDERS.values():
        assert set(provider.preset) <= set(provider.markers), provider.name


def test_team_members_are_written_only_where_the_teams_are_in_the_sync_too() -> None:
    people = Stream("users", fields=["psUserId", "email", "isOnAccount", "teams"])
    teams = Stream("teams", fields=["id", "name", "parentTeamId"])
    assert routed(people) == {"users": ["users"]}
    assert routed(people, teams) == {"users": ["users", "group_members"], "teams": ["groups"]}


def test_progress_is_written_from_enrollments_alone_where_both_are_in_the_sync(
    caplog: pytest.LogCaptureFixture,
) -> None:
    progress = Stream("user_course_progress", fields=["user_id", "published_course_id", "course_progress", "course"])
    enrollments = Stream("enrollments", fields=["student_id", "published_course_id", "progress_status"])
    both = ["assignments", "completions"]
    assert routed(progress) == {"user_course_progress": both}
    assert routed(enrollments) == {"enrollments": both}
    caplog.set_level("INFO", "airbyte")
    assert routed(progress, enrollments) == {"user_course_progress": [], "enrollments": both}
    assert "Stream 'user_course_progress' is not written to completions" in caplog.text
