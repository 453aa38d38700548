"""Preset `pluralsight`: what channels, what they hold and their members become, in an LMS with paths and in another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.dev.testing.syncs import Stream, catalog
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.presets import PROVIDERS
from lms_shared.presets.pluralsight import PLURALSIGHT
from lms_shared.upsert.routing.map import Mapper
from lms_shared.upsert.routing.routing import route_streams
from lms_shared.upsert.routing.settings import SyncConfig
from lms_shared.upsert.routing.targets import Offered

WITHOUT_PATHS = declarations()
PATHS = ("published_paths", "published_path_items", "published_path_enrollments")
WITH_LISTS = {**WITHOUT_PATHS, "collection_items": WITHOUT_PATHS["group_members"]}
WITH_PATHS = {**WITHOUT_PATHS, **dict.fromkeys(PATHS, WITHOUT_PATHS["groups"])}
CHANNELS = Stream("channels", fields=["id", "name", "ownerPsUserId"])
CONTENT = Stream("channel_content", fields=["channelId", "contentId", "order"])
MEMBERS = Stream("channel_members", fields=["channelId", "psUserId"])
BY_PRESET = [{"stream": "channels", "preset": "pluralsight"}]


def routed(objects: Mapping[str, ObjectDeclaration], *streams: Stream, **config: Any) -> dict[str, list[str]]:
    settings = SyncConfig.parse(config)
    routes = route_streams(catalog(streams), settings.mappings, Offered(objects, PROVIDERS))
    return {stream.name: list(route.objects) for stream, route in routes.items()}


def refusal(objects: Mapping[str, ObjectDeclaration], *streams: Stream, **config: Any) -> str:
    with pytest.raises(AirbyteTracedException) as caught:
        routed(objects, *streams, **config)
    assert caught.value.failure_type is FailureType.config_error
    return str(caught.value.message)


def become(stream: str, row: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {one.object_name: dict(one.values) for one in Mapper(PLURALSIGHT[stream]).map(row)}


@pytest.mark.parametrize("mappings", [[], BY_PRESET])
def test_channels_become_paths_where_the_lms_has_them_and_content_elsewhere(mappings: list[Any]) -> None:
    assert routed(WITH_PATHS, CHANNELS, stream_mappings=mappings) == {"channels": ["published_paths"]}
    assert routed(WITHOUT_PATHS, CHANNELS, stream_mappings=mappings) == {"channels": ["content"]}


def test_an_entry_that_names_the_object_decides() -> None:
    mapping = [{"stream": "channels", "preset": "pluralsight", "object": "content"}]
    assert routed(WITH_PATHS, CHANNELS, stream_mappings=mapping) == {"channels": ["content"]}


def test_members_are_assigned_only_where_that_is_switched_on() -> None:
    for objects, name in ((WITH_PATHS, "published_path_enrollments"), (WITHOUT_PATHS, "assignments")):
        assert "only written where assign_channel_content is on" in refusal(objects, MEMBERS)
        assert routed(objects, MEMBERS, assign_channel_content=True) == {"channel_members": [name]}


def test_what_channels_hold_has_its_place_in_paths_else_in_lists_of_links_else_none() -> None:
    both = {**WITH_LISTS, **WITH_PATHS}
    assert routed(both, CONTENT) == routed(WITH_PATHS, CONTENT) == {"channel_content": ["published_path_items"]}
    without_order = Stream("channel_content", fields=["channelId", "contentId"])
    assert routed(WITH_LISTS, without_order) == {"channel_content": ["collection_items"]}
    assert "'channel_content'" in refusal(WITHOUT_PATHS, CONTENT)


def test_a_channel_is_found_again_by_its_id_whatever_its_name() -> None:
    row = {"id": "3F2A_b", "name": "Größe & Mehr", "description": "For all."}
    assert become("channels", row)["published_paths"] == {
        "slug": "channel-3f2a-b",
        "path": {"title": "Größe & Mehr", "long_description_html": "For all."},
    }
    item = {"channelId": "3F2A_b", "contentId": "c-1", "contentType": "COURSE", "order": 2}
    assert become("channel_content", item)["published_path_items"] == {
        "published_path_slug": "channel-3f2a-b",
        "published_course_external_reference": "c-1",
        "order": 2,
    }
    assert become("channel_content", item)["collection_items"] == {
        "collectionRef": "3F2A_b",
        "contentRef": "c-1",
        "order": 2,
    }
    member = {"channelId": "3F2A_b", "psUserId": "ps-1"}
    assert become("channel_members", member) == {
        "published_path_enrollments": {"published_path_slug": "channel-3f2a-b", "user_external_reference": "ps-1"},
        "assignments": {"learning_object_external_reference": "3F2A_b", "user_external_reference": "ps-1"},
    }


def test_what_never_becomes_content_is_no_item() -> None:
    assert become("channel_content", {"channelId": "1", "contentId": "l-1", "contentType": "LAB", "order": 1}) == {}


@pytest.mark.parametrize(
    ("stream", "known", "missing"),
    [
        ("channel_content", {"channelId", "contentId"}, {"order"}),
        ("channel_members", {"channelId"}, {"psUserId"}),
    ],
)
def test_a_stream_whose_schema_lacks_what_its_object_needs_names_the_field(
    stream: str, known: set[str], missing: set[str]
) -> None:
    assert PLURALSIGHT[stream][0].lacks(known) == missing
