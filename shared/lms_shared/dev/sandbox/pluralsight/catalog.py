"""Makes up the video courses and the content of every other type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from lms_shared.dev.sandbox.names import AUDIENCES, FIRST_NAMES, LAST_NAMES, LEVELS, SUBJECTS, TITLES
from lms_shared.dev.sandbox.pluralsight.dice import dice, instant, make_uuid, past

Row = dict[str, Any]

SITE = "https://app.pluralsight.com"
# The states are documented, their spelling is not.
PUBLISHED, RETIRED, REMOVED = "Published", "Retired", "Removed"
FIRST_COURSE_NUMBER = 1001


def make_course(seed: int, index: int) -> Row:
    """Course number `index`: one in ten is retired, one in twenty-five removed, one in eight not on the plan."""
    luck = dice(seed, "course", index)
    subject = SUBJECTS[index % len(SUBJECTS)]
    edition, form = divmod(index // len(SUBJECTS), len(TITLES))
    title = TITLES[(form + index) % len(TITLES)].format(subject.tool) + (f" ({edition + 1})" if edition else "")
    slug = f"{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}-{index}"
    path = f"/library/courses/{slug}"
    released = past(luck, 2500, 30)
    authors: list[str | None] = [_author(luck.randrange(1000)) for _ in range(luck.choice((1, 1, 1, 2, 3)))]
    rated = luck.random() < 0.9
    return {
        "id": course_id(seed, index),
        "idNum": FIRST_COURSE_NUMBER + index,
        "slug": slug,
        "url": SITE + path if index % 5 == 4 else path,
        "image": None if index % 20 == 19 else _image(slug, title),
        "courseStatus": _status(seed, index),
        "title": title,
        "level": None if index % 30 == 29 else LEVELS[luck.randrange(3)],
        "description": None
        if index % 35 == 34
        else f"<p>This course teaches you {subject.tool} for {subject.topic.lower()} work, “hands on”.</p>",
        "shortDescription": None if index % 15 == 14 else f"Learn {subject.tool}.",
        "courseSeconds": round(luck.uniform(900, 20_000), 3 if index % 4 == 1 else 0),
        "tags": _tags(index),
        "authors": [*authors, None] if index % 45 == 44 else authors,
        "free": index % 9 == 8,
        "releasedDate": instant(released),
        "displayDate": None if index % 11 == 10 else instant(released + timedelta(days=1)),
        "publishedDate": instant(released),
        "averageRating": round(luck.uniform(3, 5), 1) if rated else None,
        "numberOfRatings": luck.randrange(1, 3000) if rated else 0,
        "language": "es" if index % 40 == 39 else "en",
        "isOnPlan": index % 8 != 7,
    }


def course_id(seed: int, index: int) -> str:
    """Text identifier of course number `index`."""
    return make_uuid(dice(seed, "course-id", index))


def make_contents(seed: int, courses: Sequence[Row], paths: Sequence[Row], labs: Sequence[Row]) -> list[Row]:
    """The general catalogue: the courses, the paths, the labs and some live events."""
    contents = [_course_content(course) for course in courses]
    for kind, items in (("PATH", paths), ("LAB", labs), ("ILX_EXPERIENCE", _events(seed))):
        contents.extend(_content(seed, kind, index, item) for index, item in enumerate(items))
    return contents


def make_paths(seed: int, courses: Sequence[Row]) -> list[Row]:
    """One learning path for each subject that has courses, with two sections."""
    paths = []
    for index, subject in enumerate(SUBJECTS):
        members = courses[index :: len(SUBJECTS)][:6]
        if not members:
            break
        entries = [
            {"courseId": course["id"], "order": order, "course": course} for order, course in enumerate(members, 1)
        ]
        half = (len(entries) + 1) // 2
        sections = [
            {"title": title, "courses": part}
            for title, part in (("Basics", entries[:half]), ("Beyond", entries[half:]))
        ]
        paths.append(
            {"id": make_uuid(dice(seed, "path", index)), "title": f"{subject.tool} Path", "sections": sections}
        )
    return paths


def make_labs(seed: int, count: int) -> list[Row]:
    """Hands-on labs."""
    return [
        {
            "id": f"lab-{make_uuid(dice(seed, 'lab', index))}",
            "title": f"Lab: {SUBJECTS[index % len(SUBJECTS)].tool} {index + 1}",
            "difficulty": ("INTRODUCTORY", "PRACTITIONER", "EXPERT")[index % 3],
            "objectives": [
                {"title": f"Objective {number}", "steps": [{"order": 1, "text": "Open a shell"}, None]}
                for number in range(1, 3)
            ],
            "estimatedMinutes": None if index % 7 == 6 else 30 + index % 60,
        }
        for index in range(count)
    ]


def _events(seed: int) -> list[Row]:
    return [{"id": make_uuid(dice(seed, "event", index)), "title": f"Live workshop {index + 1}"} for index in range(3)]


def _content(seed: int, kind: str, index: int, item: Row) -> Row:
    luck = dice(seed, kind, index)
    subject = SUBJECTS[index % len(SUBJECTS)]
    modified = past(luck, 400)
    return {
        "contentId": item["id"],
        "contentType": kind,
        "title": item["title"],
        "status": RETIRED if index % 12 == 11 else PUBLISHED,
        "pathName": f"/paths/{index}" if kind == "PATH" else None,
        "datePublished": None if index % 9 == 8 else instant(modified - timedelta(days=200)),
        "dateModified": instant(modified),
        "description": None if index % 6 == 5 else f"All about {subject.tool}",
        "duration": None if kind == "ILX_EXPERIENCE" else float(luck.randrange(1800, 90_000)),
        "imageUrl": None,
        "tags": {
            "superDomain": subject.super_domain,
            "domain": subject.domain,
            "audience": AUDIENCES[index % len(AUDIENCES)],
            "primaryAtomic": {"name": subject.tool, "alternativeNames": []},
        },
    }


def _course_content(course: Row) -> Row:
    tags = course["tags"]
    return {
        "contentId": course["id"],
        "contentType": "COURSE",
        "title": course["title"],
        "status": course["courseStatus"]["name"],
        "pathName": None,
        "datePublished": course["publishedDate"],
        "dateModified": course["publishedDate"],
        "description": course["description"],
        "duration": course["courseSeconds"],
        "imageUrl": course["image"] and course["image"]["url"],
        "tags": {key: tags[key] for key in ("superDomain", "domain", "audience", "primaryAtomic")},
    }


def _status(seed: int, index: int) -> Row:
    if index % 25 == 24:
        return {"name": REMOVED, "reason": "Rights expired", "replacementCourseId": None}
    if index % 10 == 9:
        return {"name": RETIRED, "reason": "Outdated", "replacementCourseId": course_id(seed, index - 1)}
    return {"name": PUBLISHED, "reason": None, "replacementCourseId": None}


def _image(slug: str, title: str) -> Row:
    return {"alt": title, "url": f"https://pluralsight.imgix.net/course-images/{slug}.jpg", "isDefault": False}


def _tags(index: int) -> Row:
    subject = SUBJECTS[index % len(SUBJECTS)]
    certified = index % 6 == 5
    return {
        "tools": [subject.tool, None] if index % 30 == 11 else [subject.tool],
        "topics": [subject.topic],
        "audiences": None if index % 12 == 3 else [AUDIENCES[index % len(AUDIENCES)]],
        "certifications": [f"{subject.tool} Associate"] if certified else [],
        "primaryAtomicTags": [subject.tool],
        "superDomain": subject.super_domain,
        "domain": subject.domain,
        "audience": AUDIENCES[index % len(AUDIENCES)],
        "primaryAtomic": {"name": subject.tool, "alternativeNames": [subject.tool.upper()]},
        "idNum": 100 + index % len(SUBJECTS),
    }


def _author(number: int) -> str:
    return f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {LAST_NAMES[number % len(LAST_NAMES)]}"
