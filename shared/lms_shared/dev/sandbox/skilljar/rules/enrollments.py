"""Enrollments in courses, plans and paths: one per user and enrolled_at, for members of the domain only."""

from __future__ import annotations

from lms_shared.dev.sandbox.skilljar.errors import bad_request
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row, Store
from lms_shared.dev.sandbox.skilljar.timestamps import parse_timestamp


def _enroll(call: Call, row: Row) -> Row | None:
    store = call.store
    member = store["domain_users"].find(domain_name=row["domain_name"], user_id=row["user_id"])
    if member is None:
        raise bad_request(user={"id": ["The user is not a member of this domain."]})
    if not member["active"] and not store.options.inactive_members_can_be_enrolled:
        raise bad_request(user={"id": ["The user is not active on this domain."]})
    if row.get("active") is None:
        row["active"] = True
    row.setdefault("enrolled_at", store.now())
    row.setdefault("expires_at", None)
    table = store[call.operation.table or ""]
    target = table.description.unique[0][0]
    existing = table.find(**{target: row[target]}, user_id=row["user_id"], enrolled_at=row["enrolled_at"])
    if existing is None:
        row["purchase_id"] = _purchase(store, row.pop("purchase", None), row["user_id"])
    return existing


def _purchase(store: Store, body: Row | None, user_id: str) -> str | None:
    if body is None:
        return None
    price = body.get("purchase_price", {"amount": "0.00", "currency_code": "USD"})
    purchase = store.add(
        "purchases",
        user_id=user_id,
        state=body.get("purchase_state", "SUCCESS"),
        purchased_at=body.get("purchased_at", store.now()),
        order_id=store.new_id().upper(),
        price_cents=round(float(price["amount"]) * 100),
        currency_code=price["currency_code"],
        tax_price_cents=body.get("tax_price_cents"),
    )
    return str(purchase["id"])


def _enroll_in_course(call: Call, row: Row) -> Row | None:
    existing = _enroll(call, row)
    if existing is None:
        registration = open_registration(call.store, row)
        row |= {
            "registration_id": registration["id"],
            "course_progress_id": registration["course_progress_id"],
            "rating": None,
            "feedback": None,
        }
    return existing


def open_registration(store: Store, row: Row) -> Row:
    """What a user has to do with a publication. Its progress comes with the first enrollment, and anew with each
    one where the publication says so."""
    user_id, publication = row["user_id"], store["published_courses"].rows[row["published_course_id"]]
    registration = store["course_registrations"].find(user_id=user_id, published_course_id=publication["id"])
    if registration is None:
        registration = store.add(
            "course_registrations",
            user_id=user_id,
            published_course_id=publication["id"],
            course_id=publication["course_id"],
            domain_name=publication["domain_name"],
            course_progress_id=None,
            certificate_id=None,
            enrolled_at=None,
            enrollment_id=None,
        )
    if registration["course_progress_id"] is None or publication["unique_progress_per_enrollment"]:
        progress = store.add(
            "course_progress",
            user_id=user_id,
            published_course_id=publication["id"],
            course_id=publication["course_id"],
            completed_at=None,
        )
        store["course_registrations"].update(registration, {"course_progress_id": progress["id"]})
    return registration


def note_latest(store: Store, enrollment: Row) -> None:
    """Let the registration name its most recent enrollment."""
    table = store["course_registrations"]
    registration = table.rows[enrollment["registration_id"]]
    latest = registration["enrolled_at"]
    if latest is None or parse_timestamp(enrollment["enrolled_at"]) >= parse_timestamp(latest):
        table.update(
            registration,
            {"enrolled_at": enrollment["enrolled_at"], "enrollment_id": enrollment["id"]},
        )


def _enroll_in_path(call: Call, row: Row) -> Row | None:
    row["path_progress_id"] = call.store.new_id()
    return _enroll(call, row)


def _all_enrollments(store: Store, registration: Row) -> list[Row]:
    return store["course_enrollments"].where("registration_id", registration["id"])


RULES = Rulebook(
    before_create={
        "course_enrollments": _enroll_in_course,
        "plan_enrollments": _enroll,
        "path_enrollments": _enroll_in_path,
    },
    after_create={"course_enrollments": lambda call, row: note_latest(call.store, row)},
    computed={
        ("UserCourseProgress", "all_enrollments"): _all_enrollments,
        ("UserEnrollmentRef", "enrollment_id"): lambda _, row: row["id"],
        ("UserPathEnrollment", "enrollment_id"): lambda _, row: row["id"],
        ("UserPlanEnrollment", "enrollment_id"): lambda _, row: row["id"],
    },
)
