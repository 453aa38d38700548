"""The streams of version 2, as a table: list, scope, windows, and what is asked for beside them.

Source: Skilljar reference of version 2, section 2 (streams) and 2.2 (fields).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class V2Stream:
    """One stream.

    `time` is the field of a row's own time, which is also the cursor in the catalog, and `window` the filter by it
    (`window`_gte, `window`_lte): windows of it together are the whole list. `changes` are the filters whose windows an
    incremental sync reads, and `always` what it reads each time besides. `include` names linked objects that come along
    with a page, and `links` the ids that each row has, null for none. `joins_course`: the row gets the
    `course_id` of its published course, and the e-mail address of its student.
    """

    name: str
    path: str
    scope: str
    time: str
    window: str
    changes: tuple[str, ...]
    always: Mapping[str, str] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    joins_course: bool = False
    key: tuple[str, ...] = ("id",)


PUBLISHED_COURSES, PUBLISHED_COURSES_SCOPE = "published-courses/", "published-courses:read"
"""The list that tells the course of an enrollment, and what a client needs to read it."""

STUDENT, STUDENTS_SCOPE = "student", "students:read"
"""The linked object that tells the e-mail address of an enrollment, and what a client may need to include it."""

_DECLARED = (
    V2Stream(
        name="enrollments",
        path="enrollments/",
        scope="enrollments:read",
        time="enrolled_at",
        window="enrolled",
        changes=("enrolled", "completed"),
        # What is not started changes by being started, which puts it on this list, or by being completed, which puts
        # it in a window. What is on the list changes without any time of its own that moves.
        always={"filter[progress_status]": "in_progress"},
        include=(STUDENT, "purchase", "certificate"),
        links=("student_id", "published_course_id", "purchase_id", "certificate_id"),
        joins_course=True,
    ),
    V2Stream(
        name="certificates",
        path="certificates/",
        scope="certificates:read",
        time="issued_at",
        window="issued",
        changes=("issued",),
        links=("student_id", "course_id"),
    ),
)

V2_STREAMS: Mapping[str, V2Stream] = {one.name: one for one in _DECLARED}
"""All of them by name, in the order of the catalog."""
