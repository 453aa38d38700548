"""The root queries: which rows each one lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError

from lms_shared.dev.sandbox.pluralsight import invented
from lms_shared.dev.sandbox.pluralsight.data import PluralsightData
from lms_shared.dev.sandbox.pluralsight.dice import parse_instant, to_millis
from lms_shared.dev.sandbox.pluralsight.options import EndDate, FilterDates, PluralsightOptions
from lms_shared.dev.sandbox.pluralsight.paging import Selection
from lms_shared.dev.sandbox.pluralsight.progress import ProgressFilter
from lms_shared.dev.sandbox.pluralsight.skills import summarize

Row = dict[str, Any]
Arguments = Mapping[str, Any]
BAD_USER_INPUT = "BAD_USER_INPUT"
HOUR_MILLIS = 3_600_000
DAY_MILLIS = 24 * HOUR_MILLIS
ListQuery = Callable[[PluralsightData, Arguments, PluralsightOptions], Selection]


def _all(rows: Callable[[PluralsightData], list[Row]]) -> ListQuery:
    return lambda data, _arguments, _options: Selection(rows(data))


def _of_channel(rows: Callable[[PluralsightData], list[Row]]) -> ListQuery:
    """All rows, or those of one channel where the schema asks for a channel id."""

    def select(data: PluralsightData, arguments: Arguments, options: PluralsightOptions) -> Selection:
        channel = arguments.get("channelId")
        vanished = {row["id"] for row in data.channels[: options.vanished_channels]}
        if channel in vanished:
            raise GraphQLError("Query did not return a CHANNEL", extensions={"code": BAD_USER_INPUT})
        return Selection([row for row in rows(data) if channel is None or row["channelId"] == channel])

    return select


def _users(data: PluralsightData, arguments: Arguments, _: PluralsightOptions) -> Selection:
    filters = _filter(arguments)
    rows = data.users
    for argument, field in (("emails", "email"), ("psUserIds", "psUserId"), ("ids", "id")):
        rows = _keep(rows, field, filters.get(argument))
    return Selection(rows)


def _courses(data: PluralsightData, arguments: Arguments, _: PluralsightOptions) -> Selection:
    filters = _filter(arguments)
    rows = _keep(data.courses, "id", filters.get("ids"))
    if filters.get("showOffPlanContent") is False:
        rows = [row for row in rows if row["isOnPlan"]]
    if term := (filters.get("searchTerm") or "").casefold():
        rows = [row for row in rows if term in row["title"].casefold()]
    return Selection(rows)


def _contents(data: PluralsightData, arguments: Arguments, _: PluralsightOptions) -> Selection:
    return Selection(_keep(data.contents, "contentType", _filter(arguments).get("contentTypes")))


def _assessments(data: PluralsightData, arguments: Arguments, _: PluralsightOptions) -> Selection:
    off_plan = _filter(arguments).get("showOffPlanContent") or False
    return Selection([row for row in data.assessments if off_plan or row["isOnPlan"]])


def _results(data: PluralsightData, arguments: Arguments, _: PluralsightOptions) -> Selection:
    filters = _filter(arguments)
    rows = _keep(data.results, "psUserId", filters.get("psUserIds"))
    return Selection(_keep(rows, "userId", filters.get("userIds")))


def _course_progress(data: PluralsightData, arguments: Arguments, options: PluralsightOptions) -> Selection:
    filters = _filter(arguments)
    users = _numbers(filters.get("psUserIds"), data.user_numbers)
    if (handles := filters.get("userIds")) is not None:
        users = frozenset(number for number, user in enumerate(data.users) if user["id"] in handles)
    wanted = ProgressFilter(
        users=users,
        courses=_numbers(filters.get("courseIds"), data.course_numbers),
        start=_bound(filters, "startDate", options),
        start_inclusive=options.start_date_inclusive,
        end=_end(filters, options),
        end_inclusive=options.end_date is not EndDate.EXCLUSIVE,
        end_by_completion=options.end_date is EndDate.BY_COMPLETION,
        completed=filters.get("isCourseCompleted"),
        order=options.progress_order,
    )
    return Selection(data.progress.select(wanted), data.progress.rows)


def _role_skills(data: PluralsightData, arguments: Arguments, _: PluralsightOptions) -> Selection:
    return Selection(invented.role_skills(data, arguments["roleId"]))


# Queries that answer with a connection.
CONNECTIONS: Mapping[str, ListQuery] = {
    "users": _users,
    "planAdmins": _all(lambda data: data.admins),
    "teams": _all(lambda data: data.teams),
    "courseCatalog": _courses,
    "contentCatalog": _contents,
    "courseProgress": _course_progress,
    "contentProgress": _all(invented.content_progress),
    "skillAssessmentCatalog": _assessments,
    "skillAssessmentResults": _results,
    "skillIqsSummary": _all(lambda data: summarize(data.results, data.assessments)),
    "channels": _all(lambda data: data.channels),
    "channelContent": _of_channel(lambda data: data.channel_contents),
    "channelMembers": _of_channel(lambda data: data.channel_members),
    "channelProgress": _of_channel(lambda data: data.channel_progress),
    "channelGroup": _all(invented.channel_groups),
    "courseDailyUsage": _all(invented.course_daily_usage),
    "labCatalog": _all(invented.labs),
    "labProgress": _all(invented.lab_progress),
    "marketTaxonomy": _all(invented.taxons),
    "memberInvites": _all(lambda data: data.invites),
    "pathCatalog": _all(lambda data: data.paths),
    "playgroundUserSummary": _all(invented.playground_summaries),
    "practiceExamQuizProgress": _all(invented.exam_progress),
    "priority": _all(invented.priorities),
    "programAssessmentAttempts": _all(invented.program_assessment_attempts),
    "programCatalog": _all(invented.programs),
    "programUserProgress": _all(invented.program_user_progress),
    "roleIqAssignments": _all(invented.role_assignments),
    "roleIqCatalog": _all(invented.roles),
    "roleIqLearnerLevels": _all(invented.role_levels),
    "roleIqSkills": _role_skills,
    "roleIqsSummary": _all(invented.role_summaries),
    "teamManagers": _all(invented.team_managers),
    "userCertificationUploads": _all(invented.certifications),
}

# Queries that answer with a bare list.
BARE_LISTS: Mapping[str, Callable[[PluralsightData], list[Row]]] = {
    "planPermissionSets": invented.permission_sets,
    "tags": invented.tags,
}


def _filter(arguments: Arguments) -> Arguments:
    return arguments.get("filter") or {}


def _keep(rows: list[Row], field: str, values: list[Any] | None) -> list[Row]:
    if values is None:
        return rows
    wanted = {value for value in values if value is not None}
    return [row for row in rows if row[field] in wanted]


def _numbers(ids: list[str] | None, numbers: Mapping[str, int]) -> frozenset[int] | None:
    return None if ids is None else frozenset(numbers[key] for key in ids if key in numbers)


def _end(filters: Arguments, options: PluralsightOptions) -> int | None:
    end = _bound(filters, "endDate", options)
    if end is None or options.end_date is EndDate.IGNORED:
        return None
    if options.end_date is EndDate.REFUSED:
        raise GraphQLError("Query field endDate is not supported", extensions={"code": BAD_USER_INPUT})
    takes_in_the_day = _is_day(filters["endDate"]) and options.end_date is not EndDate.EXCLUSIVE
    return end + DAY_MILLIS - 1 if takes_in_the_day else end


def _bound(filters: Arguments, name: str, options: PluralsightOptions) -> int | None:
    text = filters.get(name)
    if text is None:
        return None
    try:
        day = _day(text)
        if day is not None and options.filter_dates is not FilterDates.INSTANTS:
            return day - options.day_zone_hours * HOUR_MILLIS
        if options.filter_dates is not FilterDates.DAYS:
            return parse_instant(text)
    except (TypeError, ValueError):
        pass
    raise GraphQLError(f"Query field {name} is not a valid date", extensions={"code": BAD_USER_INPUT})


def _is_day(text: str) -> bool:
    return _day(text) is not None


def _day(text: str) -> int | None:
    """The start of a day in one of the forms of the vendor's page, in milliseconds of UTC."""
    for form in ("%Y-%m-%d", "%m-%d-%Y", "%m-%d-%y"):
        try:
            return to_millis(datetime.strptime(text, form).replace(tzinfo=UTC))
        except ValueError:
            continue
    return None
