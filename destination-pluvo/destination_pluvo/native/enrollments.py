"""Enrollments of users in offer events, with their status."""

from __future__ import annotations

from typing import Any

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.ports.assignments import PRESENT, enroll
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.upsert.adapter import LinkPort, References, Values
from lms_shared.upsert.lookup import Key, Lookup
from lms_shared.upsert.remote import RecordRejected, Remote

_ENROLLED, _CANCELLED = "ENROLLED", "CANCELLED"


class EnrollmentsPort(LinkPort):
    """A user's registration for an offer event, one for each pair."""

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, *, notify: bool) -> None:
        super().__init__(declaration)
        self._api = api
        self._notify = notify
        self._lookup: Lookup[Row] = Lookup(
            "enrollments",
            id_of=lambda row: str(row["offerEventId"]),
            keys_of=lambda row: (Key("user", str(row["userId"])),),
            askable=frozenset({"user"}),
            fetch=lambda key: [{**row, "userId": key.value} for row in api.rows("EnrollmentsOfUser", userId=key.value)],
        )

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        """A record that says nothing of the state wants the user enrolled, whoever cancelled before."""
        return values if "status" in values else {"active": True, **values}

    def find(self, references: References, *, fresh: bool = False) -> Remote | None:
        user, event = _pair(references)
        key = Key("user", user)
        rows = self._lookup.refresh(key) if fresh else self._lookup.find(key)
        return next((_remote(row) for row in rows if str(row.get("offerEventId")) == event), None)

    def create(self, values: Values, references: References) -> Remote:
        user, event = _pair(references)
        status = values.get("status", _ENROLLED)
        if status == _ENROLLED:
            enroll(self._api, user, event, notify=self._notify)
        else:
            # The older mutation alone takes a status.
            enrollment = {"userId": user, "offerEventId": event, "status": status}
            self._api.write("EnrollUserInOfferEvent", "enrollment", enrollment=enrollment)
        return self._noted(user, event, status)

    def update(self, remote: Remote, changes: Values, references: References) -> Remote:
        row: Row = remote.parts["row"]
        user, event = str(row["userId"]), str(row["offerEventId"])
        wanted = changes.get("status") or (_ENROLLED if changes["active"] else _CANCELLED)
        if wanted == _CANCELLED:
            self._api.remove("UnenrollUserFromOfferEvent", userId=user, offerEventId=event)
        elif wanted == _ENROLLED and row.get("status") not in PRESENT:
            enroll(self._api, user, event, notify=self._notify)
        else:
            raise RecordRejected(
                "REMOTE.FIXED",
                f"the status of an enrollment cannot be changed from {row.get('status')} to {wanted}",
                "Change it in Pluvo, or leave status out.",
                (remote,),
            )
        return self._noted(user, event, wanted)

    def _noted(self, user: str, event: str, status: str) -> Remote:
        row = {"userId": user, "offerEventId": event, "status": status}
        self._lookup.put(row)
        return _remote(row)


def _pair(references: References) -> tuple[str, str]:
    return references["user"].id, references["offer_event"].id


def _remote(row: Row) -> Remote:
    fields = {"status": row.get("status"), "active": row.get("status") in PRESENT}
    return Remote(f"{row['userId']}/{row['offerEventId']}", fields, parts={"row": row})
