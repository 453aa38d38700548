"""The writes of version 2 to enrollments, in batches (reference: skilljar-v2, 3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from lms_shared.dev.sandbox.skilljar.rules.enrollments import note_latest, open_registration
from lms_shared.dev.sandbox.skilljar.store import Row, Store
from lms_shared.dev.sandbox.skilljar.timestamps import format_timestamp, parse_timestamp
from lms_shared.dev.sandbox.skilljar.v2 import objects
from lms_shared.dev.sandbox.skilljar.v2.documents import (
    Batch,
    Document,
    RowFailed,
    bad_request,
    batch_rows,
    failed,
    not_found,
    succeeded,
    unfit,
)

KIND = "enrollments"
_SUCCESS = {"passed": "PASSED", "failed": "FAILED", None: None}


def enroll(store: Store, body: Any) -> Batch:
    """Enrolls people by e-mail in one publication. Raises V2Error for what refuses the whole batch."""
    rows = batch_rows(body, KIND)
    _only(body, {"published_course_id", "expires_at", "data"}, "")
    for number, row in enumerate(rows):
        _only(row["attributes"], {"email"}, f"/data/{number}/attributes")
        if not isinstance(row["attributes"].get("email"), str) or "@" not in row["attributes"]["email"]:
            raise unfit("email must be an e-mail address.", f"/data/{number}/attributes/email")
        if row["attributes"]["email"].lower() in store.options.v2_refused_emails:
            raise unfit("email is not a valid e-mail address.", f"/data/{number}/attributes/email")
    expires_at = _moment(body.get("expires_at"), "/expires_at")
    if expires_at is not None and parse_timestamp(expires_at).timestamp() <= store.options.clock():
        raise bad_request("expires_at must lie in the future.")
    publication = store["published_courses"].get(body.get("published_course_id"))
    if publication is None:
        raise not_found("Published course")
    seen: set[str] = set()

    def one(row: Row) -> Row:
        email = str(row["attributes"]["email"]).lower()
        if email in seen:
            raise RowFailed("duplicate_in_batch", "The e-mail address stands in this batch already.")
        seen.add(email)
        return _enroll(store, publication, email, expires_at)

    return _each(rows, one, store)


def change(store: Store, body: Any) -> Batch:
    """Changes expiry, due date or the active flag of enrollments."""
    rows = batch_rows(body, KIND)
    for number, row in enumerate(rows):
        pointer = f"/data/{number}/attributes"
        attributes = row["attributes"]
        _only(attributes, {"expires_at", "due_at", "active"}, pointer)
        for name in ("expires_at", "due_at"):
            if name in attributes:
                attributes[name] = _moment(attributes[name], f"{pointer}/{name}")
        if "active" in attributes and not isinstance(attributes["active"], bool):
            raise unfit("active must be true or false.", f"{pointer}/active")

    def one(row: Row) -> Row:
        found = _found(store, row)
        store["course_enrollments"].update(found, row["attributes"])
        return found

    return _each(rows, one, store)


def complete(store: Store, body: Any) -> Batch:
    """Completes enrollments, or takes completions back. A mail goes out for each where the caller says so."""
    rows = batch_rows(body, KIND)
    _only(body, {"send_notifications", "data"}, "")
    if not isinstance(body.get("send_notifications"), bool):
        raise unfit("send_notifications must be true or false.", "/send_notifications")
    for number, row in enumerate(rows):
        pointer = f"/data/{number}/attributes"
        attributes = row["attributes"]
        _only(attributes, {"completed_at", "success_status"}, pointer)
        if "completed_at" in attributes:
            attributes["completed_at"] = _moment(attributes["completed_at"], f"{pointer}/completed_at")
        if attributes.get("success_status") not in _SUCCESS:
            raise unfit("success_status is passed, failed or null.", f"{pointer}/success_status")

    def one(row: Row) -> Row:
        found = _found(store, row)
        changes = dict(row["attributes"])
        if "success_status" in changes:
            changes["success_status"] = _SUCCESS[changes["success_status"]]
        progress = store["course_progress"].rows[found["course_progress_id"]]
        store["course_progress"].update(progress, changes)
        if body["send_notifications"] and changes.get("completed_at"):
            user = store["users"].rows[found["user_id"]]
            store.add("mails", kind="completion", to=user["email"], sent_at=store.now())
        return found

    return _each(rows, one, store)


def _each(rows: list[Document], act: Callable[[Row], Row], store: Store) -> Batch:
    outcome = []
    for row in rows:
        try:
            outcome.append(succeeded(objects.enrollment(store, act(row))))
        except RowFailed as failure:
            outcome.append(failed(row.get("id"), failure))
    return Batch(outcome)


def _enroll(store: Store, publication: Row, email: str, expires_at: str | None) -> Row:
    if email in store.options.v2_failing_emails:
        raise RowFailed(store.options.v2_failing_emails[email], "This row fails, as a switch says.")
    user = store["users"].find(email=email)
    if user is None:
        raise RowFailed("not_found", "There is no student with this e-mail address.")
    domain_name = publication["domain_name"]
    if store["domain_users"].find(domain_name=domain_name, user_id=user["id"]) is None:
        raise RowFailed("not_in_domain", "The student is not a member of the domain.")
    held = store["course_enrollments"].where("user_id", user["id"])
    if any(one["published_course_id"] == publication["id"] and one["active"] for one in held):
        raise RowFailed("already_enrolled", "The student is enrolled already.")
    row: Row = {
        "user_id": user["id"],
        "domain_name": domain_name,
        "published_course_id": publication["id"],
        "enrolled_at": store.now(),
        "expires_at": expires_at,
        "active": True,
        "purchase_id": None,
        "rating": None,
        "feedback": None,
    }
    registration = open_registration(store, row)
    row |= {"registration_id": registration["id"], "course_progress_id": registration["course_progress_id"]}
    created = store.add("course_enrollments", **row)
    note_latest(store, created)
    return created


def _found(store: Store, row: Document) -> Row:
    found = store["course_enrollments"].get(row.get("id"))
    if found is None:
        raise RowFailed("not_found", "There is no enrollment with this id.")
    return found


def _only(values: Document, known: set[str], pointer: str) -> None:
    unknown = sorted(values.keys() - known)
    if unknown:
        raise unfit(f"{unknown[0]} is not known here.", f"{pointer}/{unknown[0]}")


def _moment(value: Any, pointer: str) -> str | None:
    """A moment in the form of version 1, or None. Raises V2Error."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise unfit("This must be a date-time.", pointer) from error
    return format_timestamp(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment)
