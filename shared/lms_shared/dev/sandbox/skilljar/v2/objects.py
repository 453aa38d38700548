"""Rows of version 1's tables as objects of version 2 (reference: skilljar-v2, 2.2)."""

from __future__ import annotations

import uuid
from typing import Any

from lms_shared.dev.sandbox.skilljar.store import Row, Store
from lms_shared.dev.sandbox.skilljar.v2.documents import Document, resource

SUCCESS = {"PASSED": "passed", "FAILED": "failed"}


def external_id(row_id: str) -> str:
    """A UUID5 that the server makes by itself; it holds no outside reference."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, row_id))


def progress_of(store: Store, enrollment: Row) -> Row:
    return store["course_progress"].get(enrollment.get("course_progress_id")) or {}


def progress_status(progress: Row) -> str:
    if progress.get("completed_at"):
        return "completed"
    return "in_progress" if progress.get("latest_activity") or progress.get("completed_lesson_count") else "not_started"


def certificate_of(store: Store, enrollment: Row) -> str | None:
    registration = store["course_registrations"].get(enrollment.get("registration_id"))
    return None if registration is None else registration.get("certificate_id")


def enrollment(store: Store, row: Row) -> Document:
    progress = progress_of(store, row)
    certificate, purchase = certificate_of(store, row), row.get("purchase_id")
    success = progress.get("success_status")
    attributes = {
        "enrolled_at": row["enrolled_at"],
        "expires_at": row.get("expires_at"),
        "due_at": row.get("due_at"),
        "active": bool(row.get("active")),
        "channel": row.get("channel", "api"),
        "source": "purchased" if purchase else "assigned",
        "progress_status": progress_status(progress),
        "completed_at": progress.get("completed_at"),
        "score": progress.get("score"),
        "max_score": progress.get("max_score"),
        "success_status": SUCCESS.get(str(success), "pending" if progress else "not_applicable"),
        "domain_name": row.get("domain_name"),
        "has_certificate": certificate is not None,
        "rating": row.get("rating"),
        "rating_scale": 5 if row.get("rating") is not None else None,
        "feedback": row.get("feedback"),
    }
    links = {
        "student": ("students", row["user_id"]),
        "published-course": ("published-courses", row["published_course_id"]),
        "purchase": purchase and ("purchases", purchase),
        "certificate": certificate and ("certificates", certificate),
    }
    return resource("enrollments", row["id"], attributes, links)


def certificate(store: Store, registration: Row) -> Document:
    row = store["certificates"].rows[registration["certificate_id"]]
    progress = store["course_progress"].get(registration.get("course_progress_id")) or {}
    score, most = progress.get("score"), progress.get("max_score")
    attributes = {
        "code": row["code"],
        "issued_at": row["issued_at"],
        "expires_at": row.get("expires_at"),
        "score_as_percent": round(100 * score / most) if score is not None and most else None,
    }
    links = {"student": ("students", registration["user_id"]), "course": ("courses", registration["course_id"])}
    return resource("certificates", row["id"], attributes, links)


def student(store: Store, row: Row) -> Document:
    members = store["domain_users"].where("user_id", row["id"])
    attributes = {
        "email": row["email"],
        "first_name": row.get("first_name") or "",
        "last_name": row.get("last_name") or "",
        "is_inactive": bool(members) and not any(one["active"] for one in members),
        "external_id": external_id(row["id"]),
        "date_joined": row.get("signed_up_at") or row.get("created_at") or store.changed_at(row),
    }
    return resource("students", row["id"], attributes)


def published_course(store: Store, row: Row) -> Document:
    domain = store["domains"].find(name=row["domain_name"])
    attributes: dict[str, Any] = {
        "external_id": external_id(row["id"]),
        "slug": row["slug"],
        "live": True,
        "is_hidden": bool(row.get("hidden")),
        "visible_on_catalog": not row.get("hidden"),
        "open_access": False,
        "strict_enforce_group_visibility": bool(row.get("strict_enforce_group_visibility")),
        "visibility_override_type": "GROUP",
        "access_period_starts_at": row.get("registration_starts_at"),
        "access_period_ends_at": row.get("registration_ends_at"),
        "restrict_access_start_end_dates": bool(row.get("restrict_access_start_end_dates")),
        "allow_self_service_reenroll": bool(row.get("allow_self_service_reenroll")),
        "unique_progress_per_enrollment": bool(row.get("unique_progress_per_enrollment")),
        "require_all_prerequisites": bool(row.get("require_all_prerequisites")),
        "created_at": store.changed_at(row),
        "modified_at": store.changed_at(row),
    }
    links = {"course": ("courses", row["course_id"]), "domain": domain and ("domains", domain["id"])}
    return resource("published-courses", row["id"], attributes, links)


def domain(store: Store, row: Row) -> Document:
    attributes = {
        "external_id": external_id(row["id"]),
        "name": row["name"],
        "access": row.get("access", "PUBLIC"),
        "access_message_html": row.get("access_code_message_html") or "",
        "marketing_message": row.get("marketing_message") or "",
        "require_https": True,
        "created_at": store.changed_at(row),
        "modified_at": store.changed_at(row),
    }
    return resource("domains", row["id"], attributes)


def lesson(store: Store, row: Row) -> Document:
    attributes = {
        "title": row["title"],
        "type": row["type"],
        "order": row["order"],
        "course_id": row["course_id"],
        "description_html": row.get("description_html") or "",
        "content_html": row.get("content_html") if row["type"] == "HTML" else None,
        "quiz_id": row.get("content_quiz_id"),
        "external_id": external_id(row["id"]),
        "created_at": store.changed_at(row),
        "modified_at": store.changed_at(row),
    }
    return resource("lessons", row["id"], attributes)


_QUIZ_FIELDS = (
    "passing_percentage_correct",
    "max_attempts",
    "require_correct_response",
    "randomize_questions",
    "limit_question_count",
    "randomize_answers",
    "show_results_on_failure",
    "show_question_feedback",
    "time_limit_seconds",
    "skip_start_screen",
    "alignment",
)


def quiz(store: Store, row: Row) -> Document:
    attributes = {
        "name": row["name"],
        "description_html": row.get("html") or "",
        **{name: row.get(name) for name in _QUIZ_FIELDS},
        "external_id": external_id(row["id"]),
        "created_at": store.changed_at(row),
        "modified_at": store.changed_at(row),
    }
    return resource("quizzes", row["id"], attributes)


def question_bank(store: Store, row: Row) -> Document:
    attributes = {
        "name": row["name"],
        "external_id": external_id(row["id"]),
        "created_at": store.changed_at(row),
        "modified_at": store.changed_at(row),
    }
    return resource("question-banks", row["id"], attributes)


def purchase(row: Row) -> Document:
    price = {"amount": f"{row.get('price_cents', 0) / 100:.2f}", "currency_code": row.get("currency_code")}
    attributes = {
        "order_id": row.get("order_id"),
        "offer_price": None,
        "purchase_price": price,
        "quantity": row.get("quantity"),
        "purchase_state": row.get("state"),
        "payment_processor": row.get("payment_processor"),
        "purchased_at": row.get("purchased_at"),
        "tax_price_cents": row.get("tax_price_cents"),
    }
    return resource("purchases", row["id"], attributes)
