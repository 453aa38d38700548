"""Enrollments of users in offer events, with their status (recipes, older enrollment page)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from destination_pluvo.answers import Refused, is_unknown
from destination_pluvo.api import PluvoApi, Row
from lms_shared.adapter.adapter import LinkSink, References, Values
from lms_shared.adapter.remote import Key, RecordRejected, RemoteObject
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import ObjectDeclaration

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


_ENROLLED, _CANCELLED = "ENROLLED", "CANCELLED"


class EnrollmentsSink(LinkSink):
    """A user's registration for an offer event, one for each pair."""

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, *, notify: bool) -> None:
        super().__init__(declaration)
        self._api = api
        self._enrolling = Enrolling(api, notify=notify)
        self._lookup: RemoteIndex[Row] = RemoteIndex(
            "enrollments",
            id_of=lambda row: str(row["offerEventId"]),
            keys_of=lambda row: (Key("user", str(row["userId"])),),
            askable=frozenset({"user"}),
            fetch=lambda key: [{**row, "userId": key.value} for row in api.rows("EnrollmentsOfUser", userId=key.value)],
        )

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        """A record that says nothing of the state wants the user enrolled, whoever cancelled before."""
        return values if "status" in values else {"active": True, **values}

    def find(self, references: References, *, fresh: bool = False) -> RemoteObject | None:
        user, event = references["user"].id, references["offer_event"].id
        key = Key("user", user)
        rows = self._lookup.refresh(key) if fresh else self._lookup.find(key)
        return next((_remote(row) for row in rows if str(row.get("offerEventId")) == event), None)

    def create(self, values: Values, references: References) -> RemoteObject:
        pair, status = _pair(references), values.get("status", _ENROLLED)
        if status == _ENROLLED:
            self._enrolling.enroll(pair)
        else:
            # The older mutation alone takes a status.
            enrollment = {"userId": pair.user, "offerEventId": pair.event, "status": status}
            self._api.write("EnrollUserInOfferEvent", "enrollment", enrollment=enrollment)
        return self._noted(pair, status)

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        row: Row = remote.parts["row"]
        pair = _pair(references)
        wanted = changes.get("status") or (_ENROLLED if changes["active"] else _CANCELLED)
        if wanted == _CANCELLED:
            self._enrolling.unenroll(pair.user, pair.event)
        elif wanted == _ENROLLED and row.get("status") not in PRESENT:
            self._enrolling.enroll(pair)
        else:
            raise RecordRejected(
                "REMOTE.FIXED",
                f"the status of an enrollment cannot be changed from {row.get('status')} to {wanted}",
                "Change it in Pluvo, or leave status out.",
                (remote,),
            )
        return self._noted(pair, wanted)

    def delete(self, remote: RemoteObject) -> None:
        """Unenrolling cancels the enrollment or removes it (older enrollment page); cancelled is as good as gone."""
        row: Row = remote.parts["row"]
        self._enrolling.unenroll(str(row["userId"]), str(row["offerEventId"]))
        self._lookup.put({**row, "status": _CANCELLED})

    def _noted(self, pair: Pair, status: str) -> RemoteObject:
        row = {"userId": pair.user, "offerEventId": pair.event, "status": status}
        self._lookup.put(row)
        return _remote(row)


def _pair(references: References) -> Pair:
    user, event = references["user"], references["offer_event"]
    return Pair(user.id, event.id, user.parts["user"].ref, event.parts["row"].get("ref"))


def _remote(row: Row) -> RemoteObject:
    fields = {"status": row.get("status"), "active": row.get("status") in PRESENT}
    removed = row.get("status") == _CANCELLED
    return RemoteObject(f"{row['userId']}/{row['offerEventId']}", fields, removed=removed, parts={"row": row})
