"""Enrollments in offer events (recipes, older enrollment page)."""

from __future__ import annotations

from dataclasses import dataclass

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.refusals import Refused
from destination_pluvo.schema_gaps import is_unknown
from lms_shared.adapter.remote import RecordRejected

PRESENT = frozenset({"ENROLLED", "WAITLISTED"})


@dataclass(frozen=True)
class Pair:
    """A user and an event, each by id and ref."""

    user: str
    event: str
    user_ref: str | None
    event_ref: str | None


class Enrolling:
    """Enrolls by refs, as the recipes do, and by ids if there is no ref or the API takes none. Safe for threads."""

    def __init__(self, api: PluvoApi, *, notify: bool) -> None:
        self._api = api
        self._notify = notify

    def present(self, user: str) -> list[Row]:
        """The enrollments of a user that are in force: unenrolling cancels them or removes them."""
        return [row for row in self._api.rows("EnrollmentsOfUser", userId=user) if row.get("status") in PRESENT]

    def enroll(self, pair: Pair) -> None:
        """Raises RecordRejected where the user is not enrolled afterwards.

        The answer is a list of enrollments without a list of failures, and whether it names those who were enrolled
        already is not documented.
        """
        named = {str((row.get("user") or {}).get("id")) for row in self._add(pair) if row.get("status") in PRESENT}
        if pair.user in named or any(str(row.get("offerEventId")) == pair.event for row in self.present(pair.user)):
            return
        raise RecordRejected(
            "REMOTE.FAILED", "Pluvo did not enroll the user", "Look at the offer event in Pluvo, and write it again."
        )

    def unenroll(self, user: str, event: str) -> None:
        """Raises RecordRejected where Pluvo says that it was not done."""
        self._api.remove("UnenrollUserFromOfferEvent", userId=user, offerEventId=event)

    def _add(self, pair: Pair) -> list[Row]:
        if self._api.learned.enrolls_by_ref and pair.user_ref and pair.event_ref:
            try:
                return self._api.rows(
                    "CreateOfferEventEnrollments",
                    offerEventRef=pair.event_ref,
                    userRefs=[pair.user_ref],
                    sendMail=self._notify,
                )
            except Refused as refused:
                if not is_unknown(refused, "offerEventRef", "userRefs"):
                    raise
                self._api.learned.enrolls_by_ref = False
        return self._api.rows(
            "CreateOfferEventEnrollmentsById",
            offerEventId=pair.event,
            userIds=[pair.user],
            sendMail=self._notify,
        )
