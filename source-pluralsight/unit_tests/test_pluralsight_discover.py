"""The catalogue holds what the key can read, and says what it leaves out and why."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import AirbyteStreamStatus

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluralsight.options import (
    ALPHA_KEY,
    BETA_KEY,
    PROFESSIONAL_KEY,
    PluralsightOptions,
    Refusal,
)

STATIC = {
    "course_progress", "course_catalog", "content_catalog", "users", "teams", "plan_admins",
    "skill_assessment_catalog", "skill_assessment_results", "skill_iqs_summary",
    "channels", "channel_content", "channel_members", "channel_progress",
}  # fmt: skip


def warnings(output: Any) -> list[str]:
    return [log.log.message for log in output.logs if log.log.level.value == "WARN"]


def names(output: Any) -> set[str]:
    return {stream.name for stream in output.catalog.catalog.streams}


def test_static_streams_and_every_other_list_of_the_schema_are_offered(serve: Any, commands: Any) -> None:
    found = names(commands.discover(serve().config(api_key=ALPHA_KEY)))
    assert found > STATIC
    assert {"lab_catalog", "tags", "plan_permission_sets", "team_managers", "role_iq_skills", "plan_info"} <= found
    assert "content_slug_to_id" not in found


@pytest.mark.parametrize("refusal", list(Refusal))
def test_what_the_stage_of_the_key_lacks_is_left_out_with_a_warning(
    serve: Any, commands: Any, refusal: Refusal
) -> None:
    site = serve(PluralsightOptions(stage_refusal=refusal))
    by_key = {key: commands.discover(site.config(api_key=key)) for key in (BETA_KEY, ALPHA_KEY)}
    general = commands.discover(site.config())
    assert names(by_key[ALPHA_KEY]) - names(by_key[BETA_KEY]) == {"playground_user_summary"}
    assert names(by_key[BETA_KEY]) - names(general) == {"content_progress"}
    assert any("content_progress" in text and "release stage" in text for text in warnings(general))


@pytest.mark.parametrize("refusal", list(Refusal))
@pytest.mark.parametrize("introspection", [None, Refusal.ERRORS])
def test_a_professional_plan_is_pointed_to_the_summary(
    serve: Any, commands: Any, refusal: Refusal, introspection: Refusal | None
) -> None:
    site = serve(PluralsightOptions(tier_refusal=refusal, introspection_refusal=introspection))
    output = commands.discover(site.config(api_key=PROFESSIONAL_KEY))
    assert "skill_assessment_results" not in names(output)
    assert any("skill_assessment_results" in text and "skill_iqs_summary" in text for text in warnings(output))


def test_a_query_whose_first_page_fails_is_left_out_with_what_the_api_said(serve: Any, commands: Any) -> None:
    site = serve(PluralsightOptions(failing_queries={"tags": "The tag service is being moved"}))
    output = commands.discover(site.config())
    assert "tags" not in names(output)
    assert any("tags" in text and "being moved" in text for text in warnings(output))


@pytest.mark.parametrize("refusal", list(Refusal))
@pytest.mark.parametrize("status", [200, 400])
def test_without_introspection_the_static_streams_remain_and_it_is_said_once(
    serve: Any, commands: Any, refusal: Refusal, status: int
) -> None:
    site = serve(PluralsightOptions(introspection_refusal=refusal, validation_error_status=status))
    output = commands.discover(site.config())
    assert names(output) == STATIC - {"skill_iqs_summary"}
    assert sum("Introspection is refused" in text for text in warnings(output)) == 1
    read = commands.read(site.config(), sorted(names(output)))
    assert not read.errors
    assert {message.record.stream for message in read.records} == names(output)


@pytest.mark.parametrize("introspection", [None, Refusal.ERRORS])
def test_a_field_that_the_api_dropped_does_not_fail_the_stream(
    serve: Any, commands: Any, introspection: Refusal | None
) -> None:
    dropped = frozenset({"Course.averageRating", "Channel.ownerPsUserId"})
    site = serve(PluralsightOptions(dropped_fields=dropped, introspection_refusal=introspection))
    output = commands.discover(site.config())
    streams = {stream.name: stream for stream in output.catalog.catalog.streams}
    assert "averageRating" not in streams["course_catalog"].json_schema["properties"]
    assert any("course_catalog.averageRating" in text for text in warnings(output))
    read = commands.read(site.config(), [streams["course_catalog"], streams["channels"]])
    assert not read.errors
    assert len(read.records) > 0


def test_children_are_read_once_per_parent_and_carry_its_id(serve: Any, commands: Any) -> None:
    site = serve(PluralsightOptions(channel_id_required=True))
    streams = commands.catalog(site.config())
    output = commands.read(site.config(), [streams["channels"], streams["channel_members"], streams["role_iq_skills"]])
    channels = {row.record.data["id"] for row in output.records if row.record.stream == "channels"}
    members = [row.record.data for row in output.records if row.record.stream == "channel_members"]
    assert not output.errors
    assert {row["channelId"] for row in members} <= channels
    assert len(members) > len(channels) / 2
    assert site.requests_for("channelMembers") == len(channels)


def test_a_configured_stream_that_is_refused_later_fails_alone_with_a_config_error(serve: Any, commands: Any) -> None:
    streams = commands.catalog(serve().config(api_key=ALPHA_KEY))
    later = serve(PluralsightOptions(dropped_fields=frozenset({"Query.tags"})))
    wanted = [streams[name] for name in ("content_progress", "tags", "users", "teams")]
    output = commands.read(later.config(), wanted)
    ends = {stream.name: output.get_stream_statuses(stream.name)[-1] for stream in wanted}
    done, failed = AirbyteStreamStatus.COMPLETE, AirbyteStreamStatus.INCOMPLETE
    assert ends == {"content_progress": failed, "tags": failed, "users": done, "teams": done}
    assert {error.trace.error.failure_type.value for error in output.errors} == {"config_error"}
    named = {error.trace.error.stream_descriptor.name for error in output.errors if error.trace.error.stream_descriptor}
    assert named == {"content_progress", "tags"}


def test_a_wrong_key_is_a_config_error_and_no_empty_catalogue(serve: Any, commands: Any) -> None:
    output = commands.discover(serve().config(api_key="wrong"))
    assert [error.trace.error.failure_type.value for error in output.errors] == ["config_error"]
    assert "api_key" in output.errors[0].trace.error.message


def test_trouble_that_lasts_fails_discover_rather_than_hiding_streams(serve: Any, commands: Any) -> None:
    site = serve(faults=FaultPlan([FaultRule(FaultKind.UNAVAILABLE, skip=5)]))
    output = commands.discover(site.config())
    assert [error.trace.error.failure_type.value for error in output.errors] == ["transient_error"]


def test_trouble_on_the_way_hides_no_stream(serve: Any, commands: Any) -> None:
    site = serve()
    expected = names(commands.discover(site.config()))
    site.server.faults = FaultPlan.mixed(0.3)
    assert names(commands.discover(site.config())) == expected
