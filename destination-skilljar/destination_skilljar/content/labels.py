"""Labels of the organization, and which of them a course or a published path carries."""

from __future__ import annotations

import threading
from collections.abc import Container, Mapping, Sequence
from typing import Any

from destination_skilljar.api import Row, SkilljarApi
from lms_shared.adapter.remote import Key, RecordRejected
from lms_shared.adapter.remote_index import RemoteIndex


class Labels:
    """Makes labels and links them to courses and published paths, each named by its path in the API."""

    def __init__(self, api: SkilljarApi) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._shared: dict[str, str] = {}
        """Ids of labels that many objects carry."""
        self._lookup: RemoteIndex[Row] = RemoteIndex(
            "labels",
            id_of=lambda row: str(row["id"]),
            keys_of=lambda row: (Key("name", str(row.get("name"))),),
            askable=frozenset(),
            fetch=lambda key: [],
            listing=lambda: api.listing("labels"),
        )

    def ensure(self, name: str) -> str:
        """The id of a label, which is made if it is missing.

        Made first and looked for second: names are unique, so a label that is there answers 400 (inferred), and
        a new reference hardly ever has one.
        """
        try:
            return str(self._api.post("labels", {"name": name}, repeatable=True)["id"])
        except RecordRejected:
            found = self._lookup.refresh(Key("name", name))
            if not found:
                raise
            return str(found[0]["id"])

    def create(self, collection: str, body: Mapping[str, Any], names: Sequence[str]) -> Row:
        """Makes an object with labels, which are made first where it takes none but those that are there.

        Raises RecordRejected where it is refused.
        """
        body = {**body, "labels": list(names)}
        if self._api.learned.labels_must_exist is True:
            return self._create_after_labels(collection, body, names)
        try:
            row = self._api.post(collection, body)
        except RecordRejected as refusal:
            # Whether the create makes missing labels is not documented, nor what a refusal says that does not.
            if refusal.code != "REMOTE.400" or (
                self._api.learned.labels_must_exist is False and "label" not in refusal.reason
            ):
                raise
            row = self._create_after_labels(collection, body, names)
            self._api.learned.labels_must_exist = True
            return row
        self._api.learned.labels_must_exist = self._api.learned.labels_must_exist or False
        return row

    def _create_after_labels(self, collection: str, body: Mapping[str, Any], names: Sequence[str]) -> Row:
        for one in names:
            self.ensure(one)
        return self._api.post(collection, body)

    def link_shared(self, owner: str, name: str) -> None:
        """Adds a label that many objects carry: its id is remembered. Raises like `link`."""
        with self._lock:
            if name not in self._shared:
                self._shared[name] = self.ensure(name)
        self._link(owner, self._shared[name])

    def link(self, owner: str, name: str) -> None:
        """Adds a label to the object at a path. Raises UnknownOutcome where it may or may not have been added."""
        self._link(owner, self.ensure(name))

    def linked(self, owner: str) -> list[str]:
        """The names of an object's labels."""
        rows = (one.get("label") for one in self._rows(owner))
        return [str(one.get("name")) for one in rows if isinstance(one, dict)]

    def unlink(self, owner: str, names: Container[str]) -> None:
        """Takes labels off an object."""
        for row in self._rows(owner):
            label = row.get("label")
            if isinstance(label, dict) and label.get("name") in names:
                self._api.delete(f"{owner}/labels/{label['id']}")

    def _link(self, owner: str, wanted: str) -> None:
        try:
            self._api.post(f"{owner}/labels", {"label": {"id": wanted}})
        except RecordRejected:
            # What is linked already may be refused (inferred): the answer of a create need not say so.
            if wanted not in map(_label_id, self._rows(owner)):
                raise

    def _rows(self, owner: str) -> list[Row]:
        return self._api.rows(f"{owner}/labels", below_object=True)


def _label_id(row: Row) -> str | None:
    label = row.get("label")
    return str(label["id"]) if isinstance(label, dict) and "id" in label else None
