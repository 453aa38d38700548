"""Enrollments in offer events: the current bulk form and the older single one (recipes, older enrollment page)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lms_shared.dev.sandbox.pluvo.errors import ApiError, not_found
from lms_shared.dev.sandbox.pluvo.options import Unenrollment, UnknownEnrollees
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.records import Enrollment, OfferEvent, User
from lms_shared.dev.sandbox.pluvo.rules.events import spots_available
from lms_shared.dev.sandbox.pluvo.rules.signatures import Arguments, FieldRule, RootRule
from lms_shared.dev.sandbox.pluvo.selecting import require_one, select_users

_PRESENT = frozenset({"ENROLLED", "WAITLISTED"})
_KEY = "user and offer event"


def _enrollment(organization: Organization, arguments: Arguments) -> Enrollment | None:
    return organization.enrollments.find(_KEY, (arguments["userId"], arguments["offerEventId"]))


def _enrollments(organization: Organization, arguments: Arguments) -> list[Enrollment]:
    user_id = arguments.get("userId")
    rows = organization.enrollments
    return list(rows) if user_id is None else rows.where("user", user_id)


def _create_enrollments(organization: Organization, arguments: Arguments) -> list[Enrollment]:
    options = organization.options
    selectors = {"id": arguments.get("offerEventId"), "ref": arguments.get("offerEventRef")}
    event = require_one(organization.events, selectors)
    selection = select_users(organization, arguments)
    unknown = (*selection.unknown_ids, *selection.unknown_refs)
    if unknown and options.unknown_enrollees is UnknownEnrollees.ERROR:
        raise not_found("A user")
    before = {one.user.id: organization.enrollments.find(_KEY, (one.user.id, event.id)) for one in selection.picked}
    new = [one.user for one in selection.picked if not _is_present(before[one.user.id])]
    _require_room(organization, event, len(new))
    send_mail = arguments.get("sendMail")
    for user in new:
        _enroll(organization, event, user)
        if options.send_mail_default if send_mail is None else send_mail:
            organization.send("enrollment", user, event.title or event.ref)
    after = [organization.enrollments.find(_KEY, (one.user.id, event.id)) for one in selection.picked]
    return [
        row
        for row in after
        if row is not None and (options.existing_enrollments_returned or not _is_present(before[row.user_id]))
    ]


def _enroll_user(organization: Organization, arguments: Arguments) -> Any:
    fields = arguments["enrollment"]
    user = require_one(organization.users, {"id": fields["userId"]})
    event = require_one(organization.events, {"id": fields["offerEventId"]})
    if _is_present(organization.enrollments.find(_KEY, (user.id, event.id))):
        raise ApiError("The user is enrolled in this offer event already")
    status = fields.get("status")
    if status is None:
        _require_room(organization, event, 1)
    return {"enrollment": _enroll(organization, event, user, status)}


def _unenroll_user(organization: Organization, arguments: Arguments) -> Any:
    row = _enrollment(organization, arguments)
    if row is None:
        raise not_found(organization.enrollments.kind)
    if organization.options.unenrollment is Unenrollment.REMOVED:
        organization.enrollments.delete(row)
        organization.touch()
    else:
        organization.save(organization.enrollments, replace(row, status="CANCELLED"))
    return {"success": True}


def _is_present(row: Enrollment | None) -> bool:
    return row is not None and row.status in _PRESENT


def _require_room(organization: Organization, event: OfferEvent, wanted: int) -> None:
    """All or nothing. Raises ApiError when an event takes no more (full without a waiting list, cancelled)."""
    if wanted and event.cancelled:
        raise ApiError("The offer event is cancelled")
    room = spots_available(organization, event)
    if room is not None and wanted > room and not event.waiting_list:
        raise ApiError("The offer event is full")


def _enroll(organization: Organization, event: OfferEvent, user: User, status: str | None = None) -> Enrollment:
    """Add the enrollment, or revive one that was cancelled."""
    if status is None:
        status = "WAITLISTED" if spots_available(organization, event) == 0 else "ENROLLED"
    row = organization.enrollments.find(_KEY, (user.id, event.id))
    if row is None:
        row = Enrollment(organization.new_id(), user.id, event.id, status, organization.now())
    return organization.save(organization.enrollments, replace(row, status=status))


ROOT_RULES: dict[str, RootRule] = {
    "enrollment": _enrollment,
    "enrollments": _enrollments,
    "createOfferEventEnrollments": _create_enrollments,
    "enrollUserInOfferEvent": _enroll_user,
    "unenrollUserFromOfferEvent": _unenroll_user,
}
FIELD_RULES: dict[str, FieldRule] = {
    "Enrollment.user": lambda org, row, _: org.users[row.user_id],
    "Enrollment.offerEvent": lambda org, row, _: org.events[row.offer_event_id],
}
