"""Progress in courses and lessons."""

from __future__ import annotations

from collections.abc import Mapping

from lms_shared.dev.sandbox.skilljar.errors import ApiError, not_found
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row, Store

LESSON_PROGRESS_PATH = "/v1/users/{user_id}/published-courses/{published_course_id}/lessons"


def _not_enrolled(store: Store) -> ApiError:
    status = store.options.progress_without_enrollment_status
    return not_found() if status == 404 else ApiError(status, {"detail": "The user is not enrolled."})


def _resolve_by_course(call: Call, registration: Row) -> Row:
    """Observed: the item read may answer the publication of the same course on another domain."""
    if not call.store.options.progress_read_resolves_by_course:
        return registration
    others = call.store["course_registrations"].where("user_id", registration["user_id"])
    return next(
        (row for row in others if row["course_id"] == registration["course_id"] and row is not registration),
        registration,
    )


def _write_course_progress(call: Call, registration: Row, changes: Row) -> None:
    written = changes.get("course_progress", {})
    changes.clear()
    store = call.store
    progress = store["course_progress"].rows[registration["course_progress_id"]]
    if written.get("completed_at") and store.options.completing_moves_latest_activity:
        written["latest_activity"] = store.now()
        store["users"].update(store["users"].rows[registration["user_id"]], {"latest_activity": store.now()})
    store["course_progress"].update(progress, written)


def _ensure_lesson_rows(store: Store, scope: Mapping[str, str]) -> None:
    """Rows of lesson progress come to be when somebody looks, for all lessons that the course has by then."""
    if "published_course_id" not in scope:
        return
    if not store.options.lesson_progress_offered:
        raise not_found()
    publication = store["published_courses"].rows[scope["published_course_id"]]
    key = {"user_id": scope["user_id"], "published_course_id": publication["id"]}
    for lesson in store["lessons"].where("course_id", publication["course_id"]):
        if store["lesson_progress"].find(**key, lesson_id=lesson["id"]) is None:
            store.add("lesson_progress", **key, lesson_id=lesson["id"], completed_at=None)


def _write_lesson_progress(call: Call, row: Row, changes: Row) -> None:
    nested = changes.pop("lesson_progress", {})
    nested.pop("lesson_progress_id", None)
    changes |= nested
    if changes.get("finished_at") and "completed_at" not in changes:
        changes["completed_at"] = changes["finished_at"]
    call.store["lesson_progress"].update(row, changes)
    _count_lessons(call.store, row)


def _count_lessons(store: Store, changed: Row) -> None:
    """The last required lesson completes the course."""
    registration = store["course_registrations"].find(
        user_id=changed["user_id"], published_course_id=changed["published_course_id"]
    )
    if registration is None:
        return
    rows = [
        row
        for row in store["lesson_progress"].where("user_id", changed["user_id"])
        if row["published_course_id"] == changed["published_course_id"]
    ]
    lessons = {row["lesson_id"]: store["lessons"].rows[row["lesson_id"]] for row in rows}
    done = [row for row in rows if row["completed_at"]]
    done_required = [row for row in done if not lessons[row["lesson_id"]]["optional"]]
    required = sum(not lesson["optional"] for lesson in lessons.values())
    progress = store["course_progress"].rows[registration["course_progress_id"]]
    counts: Row = {
        "completed_lesson_count": len(done),
        "completed_required_lesson_count": len(done_required),
    }
    completes = store.options.last_lesson_completes_course and not progress["completed_at"]
    if completes and required and len(done_required) == required:
        counts["completed_at"] = changed["completed_at"]
    store["course_progress"].update(progress, counts)


RULES = Rulebook(
    missing={"course_registrations": _not_enrolled},
    before_look_up={"lesson_progress": _ensure_lesson_rows},
    before_list={LESSON_PROGRESS_PATH: lambda call: _ensure_lesson_rows(call.store, call.scope)},
    on_read={"course_registrations": _resolve_by_course},
    before_update={
        "course_registrations": _write_course_progress,
        "lesson_progress": _write_lesson_progress,
    },
    computed={
        ("CourseProgress", "course_progress_id"): lambda _, row: row["id"],
        ("UserLessonProgress", "lesson_progress"): lambda _, row: row,
        ("LessonProgressSummary", "lesson_progress_id"): lambda _, row: row["id"],
    },
)
