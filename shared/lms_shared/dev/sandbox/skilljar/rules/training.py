"""Instructor-led training: sessions with their events, registrations and attendance."""

from __future__ import annotations

from lms_shared.dev.sandbox.skilljar.errors import bad_request
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row, Store
from lms_shared.dev.sandbox.skilljar.timestamps import parse_timestamp

_EVENT_FIELDS = ("starts_at", "ends_at", "location", "timezone")


def _create_session(_: Call, row: Row) -> None:
    if bool(row.get("lesson_id")) == bool(row.get("multi_session_event_id")):
        raise bad_request(non_field_errors="Either lesson or multi_session_event is needed.")
    _check_times(row)


def _update_session(call: Call, session: Row, changes: Row) -> None:
    merged = {**session, **changes}
    _check_times(merged)
    for event in call.store["vilt_session_events"].where("vilt_session_id", session["id"]):
        call.store["vilt_session_events"].update(event, {name: merged.get(name) for name in _EVENT_FIELDS})


def _check_times(row: Row) -> None:
    if parse_timestamp(row["ends_at"]) < parse_timestamp(row["starts_at"]):
        raise bad_request(ends_at="Must not lie before starts_at.")


def _add_event(call: Call, session: Row) -> None:
    call.store.add(
        "vilt_session_events",
        vilt_session_id=session["id"],
        **{name: session.get(name) for name in _EVENT_FIELDS},
    )


def _register(call: Call, row: Row) -> None:
    store = call.store
    enrollment = store["course_enrollments"].get(row.pop("enrollment_id", None))
    if enrollment is None:
        raise bad_request(enrollment_id="An existing course enrollment is needed.")
    if not row.get("vilt_session_id"):
        raise bad_request(vilt_session="This field is required.")
    lesson = _lesson(store, store["vilt_sessions"].rows[row["vilt_session_id"]])
    row |= {"user_id": enrollment["user_id"], "attended": None}
    if lesson is not None:
        key = {
            "user_id": enrollment["user_id"],
            "published_course_id": enrollment["published_course_id"],
            "lesson_id": lesson["id"],
        }
        progress = store["lesson_progress"].find(**key) or store.add("lesson_progress", **key, completed_at=None)
        row["lesson_progress_id"] = progress["id"]


def _lesson(store: Store, session: Row) -> Row | None:
    event = store["multi_session_events"].get(session.get("multi_session_event_id"))
    return store["lessons"].get(session.get("lesson_id") or (event or {}).get("lesson_id"))


def _instructor_name(_: Store, session: Row) -> str | None:
    text = session.get("instructor_email")
    return text.partition("<")[0].strip() or text if text else None


RULES = Rulebook(
    before_create={"vilt_sessions": _create_session, "vilt_registrations": _register},
    after_create={"vilt_sessions": _add_event},
    before_update={"vilt_sessions": _update_session},
    computed={
        ("ViltSession", "lesson"): _lesson,
        ("ViltSession", "instructor_name"): _instructor_name,
        ("ViltSession", "registration_count"): lambda store, row: len(
            store["vilt_registrations"].ids_where("vilt_session_id", row["id"])
        ),
    },
)
