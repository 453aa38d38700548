"""Labels of the organization, and which of them a course carries."""

from __future__ import annotations

import threading

from destination_skilljar.api import Row, SkilljarApi
from lms_shared.adapter.keys import Key
from lms_shared.adapter.remote import RecordRejected
from lms_shared.adapter.remote_index import RemoteIndex


class Labels:
    """Makes labels and links them to courses; labels of others are never touched."""

    def __init__(self, api: SkilljarApi) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._shared: dict[str, str] = {}
        """Ids of labels that many courses carry."""
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

    def link_shared(self, course: str, name: str) -> None:
        """Adds a label that many courses carry: its id is remembered. Raises like `link`."""
        with self._lock:
            if name not in self._shared:
                self._shared[name] = self.ensure(name)
        self._link(course, self._shared[name])

    def link(self, course: str, name: str) -> None:
        """Adds a label to a course. Raises UnknownOutcome where it may or may not have been added."""
        self._link(course, self.ensure(name))

    def _link(self, course: str, wanted: str) -> None:
        try:
            self._api.post(f"courses/{course}/labels", {"label": {"id": wanted}})
        except RecordRejected:
            # What is linked already may be refused (inferred): the answer of a create need not say so.
            if wanted not in map(_label_id, self._api.rows(f"courses/{course}/labels", below_object=True)):
                raise


def _label_id(row: Row) -> str | None:
    label = row.get("label")
    return str(label["id"]) if isinstance(label, dict) and "id" in label else None
