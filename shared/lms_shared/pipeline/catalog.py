"""`catalog.json`: which streams are synced, and how."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lms_shared.pipeline.folder import Folder, read_object, write_object
from lms_shared.pipeline.problems import PipelineConfigError

FULL_REFRESH, INCREMENTAL = "full_refresh", "incremental"
REMEMBERED_SECONDS = 24 * 3600
"""How long what a source offers is not asked for again. Airbyte looks once a day, too."""
Configured = Mapping[str, Any]
"""An entry of a configured catalog."""
Offered = Mapping[str, Mapping[str, Any]]
"""The streams that a source describes, by name."""


@dataclass(frozen=True)
class Stream:
    """A stream that is synced, and how it is read."""

    name: str
    sync_mode: str = FULL_REFRESH


KNOWN: Mapping[str, tuple[Stream, ...]] = {
    "source-pluralsight": (
        Stream("course_catalog"),
        Stream("content_catalog"),
        Stream("users"),
        Stream("course_progress", INCREMENTAL),
    ),
    "source-skilljar": (
        Stream("published_courses"),
        Stream("domain_users"),
        Stream("user_course_progress", INCREMENTAL),
    ),
}
"""The streams that the presets write into an LMS, in the order in which they refer to each other."""


def outline(streams: Sequence[Stream]) -> dict[str, Any]:
    """A catalog without schemas. Runs take them as the source describes them."""
    return {
        "streams": [
            _configured({"name": one.name, "json_schema": {}, "supported_sync_modes": [one.sync_mode]}, one)
            for one in streams
        ]
    }


def load(folder: Folder) -> list[Configured]:
    """The streams of the folder's catalog. Raises PipelineConfigError if the file is not a configured catalog."""
    streams = read_object(folder.catalog_file).get("streams")
    if not isinstance(streams, list) or not streams or not all(_is_configured(one) for one in streams):
        raise PipelineConfigError(
            f"{folder.catalog_file} must be a configured catalog: streams, each with its stream, sync_mode and "
            "destination_sync_mode."
        )
    return streams


def described(
    folder: Folder, streams: Sequence[Configured], discover: Callable[[], Offered], source: str
) -> list[Configured]:
    """The streams with their schemas.

    Those without one are taken as the source describes them, which is asked for once a day; what was chosen stays.

    Raises PipelineConfigError naming the streams that this account does not offer.
    """
    without = {one["stream"]["name"] for one in streams if not one["stream"].get("json_schema")}
    offered = _remembered(folder) if without else {}
    if not without <= offered.keys():
        offered = discover()
        write_object(folder.discovered_file, offered)
    missing = sorted(without - offered.keys())
    if missing:
        raise PipelineConfigError(
            f"{source} does not offer {', '.join(missing)} on this account. Remove it from catalog.json, or choose "
            "others with --streams."
        )
    return [
        _described(one, offered[one["stream"]["name"]]) if one["stream"]["name"] in without else one for one in streams
    ]


def _remembered(folder: Folder) -> Offered:
    """What the source said it offers, unless that was long ago or cannot be read any more."""
    try:
        age = time.time() - folder.discovered_file.stat().st_mtime
    except FileNotFoundError:
        return {}
    return read_object(folder.discovered_file) if 0 <= age < REMEMBERED_SECONDS else {}


def chosen(streams: Sequence[Configured], names: Collection[str]) -> list[Configured]:
    """The streams of these names, or all of them for no name, in the order of the catalog.

    Raises PipelineConfigError for a name that the catalog does not have.
    """
    known = [one["stream"]["name"] for one in streams]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise PipelineConfigError(f"catalog.json has no stream {', '.join(unknown)}. It has {', '.join(known)}.")
    return [one for one in streams if not names or one["stream"]["name"] in names]


def for_run(streams: Sequence[Configured], number: int) -> dict[str, Any]:
    """The configured catalog of a run; `number` is its sync id."""
    return {"streams": [{"generation_id": 0, "minimum_generation_id": 0, **one, "sync_id": number} for one in streams]}


def incremental(streams: Sequence[Configured]) -> list[tuple[str | None, str]]:
    """Namespace and name of the streams that go on where the last run left off."""
    return [
        (one["stream"].get("namespace"), one["stream"]["name"]) for one in streams if one["sync_mode"] == INCREMENTAL
    ]


def _is_configured(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("stream"), dict)
        and isinstance(one["stream"].get("name"), str)
        and one.get("sync_mode") in (FULL_REFRESH, INCREMENTAL)
        and isinstance(one.get("destination_sync_mode"), str)
    )


def _configured(stream: Mapping[str, Any], wanted: Stream) -> dict[str, Any]:
    return {
        "stream": dict(stream),
        "sync_mode": wanted.sync_mode,
        "destination_sync_mode": "append_dedup",
        "cursor_field": list(stream.get("default_cursor_field") or []),
        "primary_key": list(stream.get("source_defined_primary_key") or []),
    }


def _described(one: Configured, offered: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "stream": dict(offered),
        "cursor_field": one.get("cursor_field") or list(offered.get("default_cursor_field") or []),
        "primary_key": one.get("primary_key") or list(offered.get("source_defined_primary_key") or []),
    }
