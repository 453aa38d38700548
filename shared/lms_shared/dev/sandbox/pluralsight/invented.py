"""Rows of the queries whose types nobody outside has seen; their shapes are invented in schema/invented.graphql."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from lms_shared.dev.sandbox.names import EXAMS, SUBJECTS
from lms_shared.dev.sandbox.pluralsight.data import PluralsightData
from lms_shared.dev.sandbox.pluralsight.dice import dice, instant, past
from lms_shared.dev.sandbox.pluralsight.people import PLAN_ID

Row = dict[str, Any]

_PROGRAMS = 3


def labs(data: PluralsightData) -> list[Row]:
    """Labs with their field that takes an argument."""
    return [_lab(lab) for lab in data.labs]


def lab_progress(data: PluralsightData) -> list[Row]:
    """One row for every fifth user."""
    return [
        {
            "id": f"lab-progress-{index}",
            "psUserId": user["psUserId"],
            "labId": data.labs[index % len(data.labs)]["id"],
            "completedObjectives": index % 3,
            "completedOn": instant(past(dice(data.seed, "lab-progress", index), 200)) if index % 3 == 2 else None,
        }
        for index, user in enumerate(data.users[::5])
    ]


def content_progress(data: PluralsightData) -> list[Row]:
    """The course progress of the first rows in the shape of any content."""
    rows = data.progress.rows(range(min(len(data.progress), 500)))
    return [
        {
            "psUserId": row["psUserId"],
            "contentId": row["courseId"],
            "contentType": "COURSE",
            "percentComplete": row["percentComplete"],
            "updatedOn": row["updatedOn"],
        }
        for row in rows
    ]


def course_daily_usage(data: PluralsightData) -> list[Row]:
    """Use of the courses by day: no identifier."""
    return [
        {
            "day": row["updatedOn"][:10],
            "courseId": row["courseId"],
            "psUserId": row["psUserId"],
            "viewSeconds": int(row["totalWatchedSeconds"]),
        }
        for row in data.progress.rows(range(min(len(data.progress), 300)))
    ]


def programs(data: PluralsightData) -> list[Row]:
    """Programs made of courses, labs and paths."""
    return [
        {
            "id": f"program-{index}",
            "name": f"Program {index + 1}",
            "startsOn": f"2026-0{index + 1}-01",
            "owner": data.users[index] if index < len(data.users) else None,
            "items": [
                *({**course, "__typename": "Course"} for course in data.courses[index : index + 2]),
                {**_lab(data.labs[index]), "__typename": "Lab"},
                *({**path, "__typename": "LearningPath"} for path in data.paths[index : index + 1]),
            ],
        }
        for index in range(_PROGRAMS)
    ]


def program_user_progress(data: PluralsightData) -> list[Row]:
    """One row for every sixth user."""
    return [
        {
            "programId": f"program-{index % _PROGRAMS}",
            "psUserId": user["psUserId"],
            "percentComplete": float(index * 31 % 101),
        }
        for index, user in enumerate(data.users[::6])
    ]


def program_assessment_attempts(data: PluralsightData) -> list[Row]:
    """One attempt for every seventh user."""
    return [
        {
            "id": f"attempt-{index}",
            "programId": f"program-{index % _PROGRAMS}",
            "psUserId": user["psUserId"],
            "score": float(index * 17 % 101),
            "passed": index * 17 % 101 >= 70,
            "takenOn": instant(past(dice(data.seed, "attempt", index), 300)),
        }
        for index, user in enumerate(data.users[::7])
    ]


def priorities(data: PluralsightData) -> list[Row]:
    """Labs and paths that a plan admin gave priority to."""
    labs_and_paths = [
        *({**_lab(lab), "__typename": "Lab"} for lab in data.labs[:3]),
        *({**path, "__typename": "LearningPath"} for path in data.paths[:3]),
    ]
    return [
        {"id": f"priority-{index}", "item": item, "dueOn": None if index % 3 == 2 else f"2026-10-{index + 1:02}"}
        for index, item in enumerate(labs_and_paths)
    ]


def tags(_: PluralsightData) -> list[Row]:
    """The domains with their tools below them, each of which knows its parent."""
    roots: dict[str, Row] = {}
    for index, subject in enumerate(SUBJECTS):
        root = roots.setdefault(
            subject.domain, {"id": f"tag-{subject.domain}", "name": subject.domain, "parent": None, "children": []}
        )
        root["children"].append({"id": f"tag-{index}", "name": subject.tool, "parent": root, "children": []})
    return [tag for root in roots.values() for tag in (root, *root["children"])]


def taxons(_: PluralsightData) -> list[Row]:
    """Technologies with the areas above them."""
    areas = {subject.super_domain: f"taxon-{subject.super_domain}" for subject in SUBJECTS}
    tops = [{"id": key, "label": label, "ancestors": []} for label, key in areas.items()]
    by_label = {top["label"]: top for top in tops}
    return [
        *tops,
        *(
            {"id": f"taxon-{index}", "label": subject.tool, "ancestors": [by_label[subject.super_domain]]}
            for index, subject in enumerate(SUBJECTS)
        ),
    ]


def roles(_: PluralsightData) -> list[Row]:
    """One role for each of the first subjects."""
    return [
        {"id": f"role-{index}", "name": f"{subject.tool} Developer", "isCustom": index % 4 == 3}
        for index, subject in enumerate(SUBJECTS[:6])
    ]


def role_skills(data: PluralsightData, role_id: str) -> list[Row]:
    """The skills of one role; none for a role that is not there."""
    numbers = [index for index, role in enumerate(roles(data)) if role["id"] == role_id]
    return [
        {"roleId": role_id, "skillAssessmentId": assessment["id"], "weight": 0.5}
        for number in numbers
        for assessment in data.assessments[number : number + 2]
    ]


def role_assignments(data: PluralsightData) -> list[Row]:
    """A role for every third user."""
    return [
        {
            "psUserId": user["psUserId"],
            "roleId": f"role-{index % 6}",
            "assignedOn": instant(past(dice(data.seed, "role", index), 300)),
        }
        for index, user in enumerate(data.users[::3])
    ]


def role_levels(data: PluralsightData) -> list[Row]:
    """The level of every third user."""
    return [
        {
            "psUserId": user["psUserId"],
            "roleId": f"role-{index % 6}",
            "level": None if index % 9 == 8 else index % 5 / 2,
        }
        for index, user in enumerate(data.users[::3])
    ]


def role_summaries(data: PluralsightData) -> list[Row]:
    """How many learners have each role."""
    assigned = [row["roleId"] for row in role_assignments(data)]
    return [
        {"roleId": role["id"], "learners": assigned.count(role["id"]), "averageLevel": 1.25} for role in roles(data)
    ]


def exam_progress(data: PluralsightData) -> list[Row]:
    """A practice exam of every fourth user."""
    return [
        {
            "psUserId": user["psUserId"],
            "id": f"exam-{index}",
            "examName": EXAMS[index % len(EXAMS)],
            "score": None if index % 8 == 7 else float(index * 13 % 101),
            "takenOn": instant(past(dice(data.seed, "exam", index), 300)),
        }
        for index, user in enumerate(data.users[::4])
    ]


def certifications(data: PluralsightData) -> list[Row]:
    """A certificate of every ninth user."""
    return [
        {
            "psUserId": user["psUserId"],
            "id": f"certificate-{index}",
            "certificationName": EXAMS[index % len(EXAMS)],
            "uploadedOn": instant(past(dice(data.seed, "certificate", index), 300)),
        }
        for index, user in enumerate(data.users[::9])
    ]


def team_managers(data: PluralsightData) -> list[Row]:
    """A manager for each team."""
    return [
        {"teamId": team["id"], "psUserId": user["psUserId"], "role": "manager"}
        for team, user in zip(data.teams, data.users, strict=False)
    ]


def permission_sets(_: PluralsightData) -> list[Row]:
    """The permission sets of the plan."""
    return [
        {"id": "admin", "name": "Plan admin", "permissions": ["manage-users", "manage-keys"]},
        {"id": "manager", "name": "Manager", "permissions": ["view-analytics"]},
    ]


def channel_groups(data: PluralsightData) -> list[Row]:
    """Two channels a group."""
    return [
        {
            "id": f"channel-group-{index}",
            "name": f"Group {index + 1}",
            "channelIds": [channel["id"] for channel in data.channels[2 * index : 2 * index + 2]],
        }
        for index in range((len(data.channels) + 1) // 2)
    ]


def playground_summaries(data: PluralsightData) -> list[Row]:
    """One row for every tenth user."""
    return [{"psUserId": user["psUserId"], "sessions": index} for index, user in enumerate(data.users[::10])]


def plan_info(data: PluralsightData, tier: str) -> Row:
    """The plan itself."""
    return {"planId": PLAN_ID, "name": "Demo plan", "tier": tier, "seats": len(data.users)}


def content_by_slug(courses: Sequence[Row], slug: str) -> Row | None:
    """The identifier of the course with a slug, or None."""
    return next(({"contentId": course["id"]} for course in courses if course["slug"] == slug), None)


def _lab(lab: Row) -> Row:
    return {**lab, "localizedTitle": partial(_localized_title, lab["title"])}


def _localized_title(title: str, _info: object, language: str) -> str:
    return f"[{language}] {title}"
