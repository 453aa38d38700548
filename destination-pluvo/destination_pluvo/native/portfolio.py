"""Portfolio items, and certificates, which make portfolio items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.native.objects import NOT_SHOWN
from destination_pluvo.native.sink import SEPARATOR, NativeSink, given
from destination_pluvo.sinks.certifying import same_day
from destination_pluvo.texts.completion_note import has_mark
from lms_shared.adapter.adapter import References, Values
from lms_shared.adapter.keys import Key
from lms_shared.adapter.remote import RecordRejected, RemoteObject
from lms_shared.model.fields import Kind, normalise
from lms_shared.model.instant import parse_instant

_INPUTS = ("title", "description", "startDate", "endDate", "files")


class PortfolioItemsSink(NativeSink):
    """Portfolio items by id, or by user, title and day."""

    def fetch(self, key: Key) -> list[Row]:
        if key.field == "id":
            row = self.api.look_up("PortfolioItem", id=key.value)
            return [{**row, "userId": (row.get("user") or {}).get("id")}] if row else []
        return items_of(self.api, key)

    def fields(self, row: Row) -> Mapping[str, Any]:
        return row

    def create(self, values: Values, references: References) -> RemoteObject:
        item = {"userId": values["userId"], **given(values, *_INPUTS)}
        row = self.api.write("CreatePortfolioItem", "portfolioItem", input=item)
        return self.noted({**row, "userId": values["userId"]})

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        if "userId" in changes:
            raise RecordRejected(
                "REMOTE.FIXED",
                "the item belongs to another user, and cannot be moved",
                "Leave the id out, so that the user gets an item of their own.",
                (remote,),
            )
        row = self.api.write("UpdatePortfolioItem", "portfolioItem", id=remote.id, input=given(changes, *_INPUTS))
        return self.noted({**row, "userId": remote.fields["userId"]}, remote.parts["row"])

    def delete(self, remote: RemoteObject) -> None:
        self.api.remove("DeletePortfolioItem", id=remote.id)
        self.forget(remote.parts["row"])


class CertificatesSink(NativeSink):
    """Certificates by user, title and day. They are issued, and then stay as they are."""

    def fetch(self, key: Key) -> list[Row]:
        return [row for row in items_of(self.api, key) if not has_mark(row.get("description"))]

    def fields(self, row: Row) -> Mapping[str, Any]:
        return {**row, "issueDate": row.get("startDate"), "certificateId": NOT_SHOWN, "trainingId": NOT_SHOWN}

    def create(self, values: Values, references: References) -> RemoteObject:
        self.api.change_members(
            "GenerateCertificate",
            values["userId"],
            "bulkGenerate",
            id=values["certificateId"],
            title=values["title"],
            userIds=[values["userId"]],
            trainingId=values.get("trainingId"),
            issueDate=values["issueDate"],
        )
        made = {"id": f"{values['userId']}/{values['title']}", "userId": values["userId"], "title": values["title"]}
        return self.noted({**made, "startDate": values["issueDate"]})

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        raise RecordRejected(
            "REMOTE.FIXED",
            "a certificate of this title was issued to the user on that day",
            "Leave the record out: what was issued stays as it is.",
            (remote,),
        )


def items_of(api: PluvoApi, key: Key) -> list[Row]:
    """A user's portfolio items with the title and of the day of a key (user, title, moment).

    Whether items keep the time of the day is not documented: one of midnight is taken to be of the key's moment.
    """
    user, title, moment = key.value.split(SEPARATOR)
    rows = [{**row, "userId": user} for row in api.rows("PortfolioItemsOfUser", userId=user)]
    same = [row for row in rows if normalise(Kind.TEXT, row.get("title")) == title]
    return [_timed(row, moment) for row in same if same_day(row.get("startDate"), moment)]


def _timed(row: Row, moment: str) -> Row:
    held = parse_instant(row.get("startDate"))
    at_midnight = held is not None and (held.hour, held.minute, held.second) == (0, 0, 0)
    return {**row, "startDate": moment} if at_midnight else row
