"""Preset `pluralsight`: the streams of source-pluralsight as unified objects.

Facts: Pluralsight Skills GraphQL API, node fields of courseCatalog, contentCatalog, users and courseProgress. What the
API reference does not settle (the spelling of states, the unit of a path's duration) is kept in the constants here and
of `pluralsight_values`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lms_shared.adapter.remote import RecordRejected
from lms_shared.model.scalars import read_boolean, read_number
from lms_shared.presets import pluralsight_values as values
from lms_shared.presets.source_row import SourceRow, given, target
from lms_shared.upsert.routing.map import Target

PROVIDER = "Pluralsight"
PATH_TYPE = "PATH"
"""The content type of learning paths; the courses of contentCatalog come from courseCatalog."""
CONTENT_TYPES = frozenset({"COURSE", PATH_TYPE})
"""Types of what a channel holds that become content."""


def course(row: SourceRow) -> dict[str, Any]:
    """A row of `course_catalog` as content, found again by the course id that progress rows carry."""
    active = values.is_offered(row.needed("courseStatus", "name"))
    return given(
        external_reference=row.needed("id"),
        title=row.get("title"),
        description=values.description(row, active=active),
        content_url=values.address(row.get("url")),
        cover_url=row.get("image", "url"),
        content_type="COURSE",
        active=active,
        duration=values.duration(row.get("courseSeconds")),
        languages=values.as_list(row.items("language")),
        tags=values.tags(row),
        authors=values.as_list(row.items("authors")),
        provider=PROVIDER,
        additional_data=given(level=row.get("level"), slug=row.get("slug")) or None,
    )


def path(row: SourceRow) -> dict[str, Any] | None:
    """A path of `content_catalog` as content; rows of other types are not relevant to this preset.

    The duration of a path is left out: its unit is not documented.
    """
    if str(row.needed("contentType")).strip().upper() != PATH_TYPE:
        return None
    address = row.get("pathName")
    return given(
        external_reference=row.needed("contentId"),
        title=row.get("title"),
        description=row.get("description"),
        content_url=values.address(address) if values.is_address(address) else None,
        cover_url=row.get("imageUrl"),
        content_type=PATH_TYPE,
        active=values.is_offered(row.needed("status")),
        tags=values.tags(row),
        provider=PROVIDER,
    )


def user(row: SourceRow) -> dict[str, Any]:
    """A row of `users`; who holds no license any more is inactive."""
    return given(
        external_reference=row.needed("psUserId"),
        email=row.get("email"),
        first_name=row.get("firstName"),
        last_name=row.get("lastName"),
        active=row.needed("isOnAccount"),
    )


def assignment(row: SourceRow) -> dict[str, Any]:
    """A row of `course_progress` as assignment: whoever has a row has the course.

    The API does not say since when. The first view is the closest; a row without one is dated by its first sure sign,
    so that the same row always gives the same date.
    """
    completed = _completed(row)
    progress = row.get("percentComplete")
    percent = read_number(progress)
    started = percent is not None and percent > 0
    return given(
        **_learner_and_course(row),
        assigned_at=row.get("firstViewedClipOn") or row.get("completedOn") or row.get("updatedOn"),
        status="completed" if completed else "in_progress" if started else "pending",
        progress=progress,
    )


def completion(row: SourceRow) -> dict[str, Any] | None:
    """A completed row of `course_progress` as completion. Pluralsight courses are neither passed nor failed."""
    if not _completed(row):
        return None
    return given(
        **_learner_and_course(row),
        completed_at=row.get("completedOn"),
        time_spent=values.duration(row.get("totalWatchedSeconds")),
    )


def team(row: SourceRow) -> dict[str, Any]:
    """A row of `teams` as group. Groups have no tree, so each team stands alone."""
    return given(external_reference=row.needed("id"), name=row.needed("name"))


def team_members(row: SourceRow) -> list[dict[str, Any]]:
    """The teams of a row of `users`, whose direct member the user is; no query lists members of a team.

    A team that the user has left is not told, so nobody is removed.
    """
    person = {"user_external_reference": row.needed("psUserId"), "user_email": row.get("email")}
    edges = row.object("teams").items("edges")
    memberships = [SourceRow(one) for one in edges if isinstance(one, Mapping)] if isinstance(edges, list) else []
    return [
        given(**person, group_external_reference=one.get("node", "id"), group_name=one.get("node", "name"))
        for one in memberships
        if read_boolean(one.get("isDirect")) is not False and one.get("node", "id") is not None
    ]


def assessment(row: SourceRow) -> dict[str, Any]:
    """A row of `skill_assessment_catalog` as content."""
    return given(
        external_reference=row.needed("id"),
        title=row.needed("name"),
        cover_url=row.get("imageUrl"),
        content_type="ASSESSMENT",
        active=values.is_offered(row.needed("state")),
        provider=PROVIDER,
    )


def collection(row: SourceRow) -> dict[str, Any]:
    """A row of `channels` as content. A title is not made of the description, which need not be one."""
    return given(
        external_reference=row.needed("id"),
        title=row.needed("name"),
        description=row.get("description"),
        content_type="COLLECTION",
        provider=PROVIDER,
    )


def channel_path(row: SourceRow) -> dict[str, Any]:
    """A row of `channels` as published path of Skilljar: what it holds are courses there."""
    path = given(title=row.needed("name"), long_description_html=row.get("description"))
    return {"slug": values.slug(row.needed("id")), "path": path}


def channel_item(row: SourceRow) -> dict[str, Any] | None:
    """A row of `channel_content` as item of the path; what does not become content is left out."""
    if not _becomes_content(row):
        return None
    return given(
        published_path_slug=values.slug(row.needed("channelId")),
        published_course_external_reference=row.needed("contentId"),
        order=row.needed("order"),
    )


def collection_item(row: SourceRow) -> dict[str, Any] | None:
    """A row of `channel_content` as link in the list of what the channel has become."""
    if not _becomes_content(row):
        return None
    return given(
        collectionRef=row.needed("channelId"),
        contentRef=row.needed("contentId"),
        order=row.get("order"),
    )


def channel_learner(row: SourceRow) -> dict[str, Any]:
    """A row of `channel_members` as enrollment in the path."""
    return {
        "published_path_slug": values.slug(row.needed("channelId")),
        "user_external_reference": row.needed("psUserId"),
    }


def channel_assignment(row: SourceRow) -> dict[str, Any]:
    """A row of `channel_members` as assignment of what the channel has become."""
    return {
        "learning_object_external_reference": row.needed("channelId"),
        "user_external_reference": row.needed("psUserId"),
    }


def assessment_result(row: SourceRow) -> dict[str, Any] | None:
    """The current row of a learner and an assessment in `skill_assessment_results` as completion.

    It says a level, of which no score is made, and no Pass of a percentile.
    """
    if read_boolean(row.needed("isCurrentScore")) is not True:
        return None
    return given(
        user_external_reference=row.needed("psUserId"),
        learning_object_external_reference=row.needed("skillAssessmentId"),
        completed_at=row.get("completedOn"),
    )


ASSIGNED = "assign_channel_content"
"""Key of the config without which members of channels are assigned nothing."""
PLURALSIGHT: Mapping[str, tuple[Target, ...]] = {
    "course_catalog": (target("content", course, needs=("id", "courseStatus.name")),),
    "content_catalog": (target("content", path, needs=("contentId", "contentType", "status")),),
    "users": (
        target("users", user, needs=("psUserId", "isOnAccount")),
        target("group_members", team_members, needs=("psUserId", "teams"), beside="teams"),
    ),
    "teams": (target("groups", team, needs=("id", "name")),),
    "channels": (
        target("published_paths", channel_path, needs=("id", "name")),
        target("content", collection, needs=("id", "name"), unless="published_paths"),
    ),
    "channel_content": (
        target(
            "published_path_items",
            channel_item,
            needs=("channelId", "contentId", "order"),
            hints=values.MISSING_OF_CHANNELS,
        ),
        target(
            "collection_items",
            collection_item,
            needs=("channelId", "contentId"),
            unless="published_path_items",
            hints=values.MISSING_OF_CHANNELS,
        ),
    ),
    "channel_members": (
        target("published_path_enrollments", channel_learner, needs=("channelId", "psUserId"), switch=ASSIGNED),
        target(
            "assignments",
            channel_assignment,
            needs=("channelId", "psUserId"),
            unless="published_path_enrollments",
            switch=ASSIGNED,
        ),
    ),
    "skill_assessment_catalog": (target("content", assessment, needs=("id", "name", "state")),),
    "skill_assessment_results": (
        target(
            "completions",
            assessment_result,
            needs=("psUserId", "skillAssessmentId", "isCurrentScore", "completedOn"),
            renews=True,
        ),
    ),
    "course_progress": (
        target(
            "assignments",
            assignment,
            needs=("psUserId", "courseId", "isCourseCompleted"),
            hints=values.MISSING_OF_PROGRESS,
        ),
        target("completions", completion, needs=("completedOn",), hints=values.MISSING_OF_PROGRESS),
    ),
}


def _learner_and_course(row: SourceRow) -> dict[str, Any]:
    return {
        "user_external_reference": row.needed("psUserId"),
        "user_email": row.get("user", "email"),
        "learning_object_external_reference": row.needed("courseId"),
    }


def _becomes_content(row: SourceRow) -> bool:
    """Whether what a channel holds is of a type that becomes content."""
    return str(row.get("contentType") or PATH_TYPE).strip().upper() in CONTENT_TYPES


def _completed(row: SourceRow) -> bool:
    completed = read_boolean(row.needed("isCourseCompleted"))
    if completed is None:
        raise RecordRejected(
            "INPUT.TYPE", "isCourseCompleted is not true or false", "Send a boolean in isCourseCompleted."
        )
    return completed
