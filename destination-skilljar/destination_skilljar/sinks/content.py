"""Content: a stamped course, one lesson that links to the content, and the publication on the domain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from destination_skilljar.api import Row, SkilljarApi
from destination_skilljar.sinks.labels import Labels
from destination_skilljar.sinks.lesson_link import (
    LESSON_TITLE,
    LESSON_TYPE,
    link_html,
    link_lesson,
    linked_address,
    plain_text,
    with_address,
)
from destination_skilljar.sinks.publications import Publications
from destination_skilljar.stamp import is_stamped, label, references
from lms_shared.adapter.adapter import EntitySink, References, Values
from lms_shared.adapter.keys import Key, text_key
from lms_shared.adapter.remote import RecordRejected, RemoteObject
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import ObjectDeclaration

SHORT_DESCRIPTION_LIMIT = 300
"""Characters of a short description (inferred: the API states no limit for courses, 300 for catalog pages)."""


class ContentSink(EntitySink):
    """Courses found again by their stamp."""

    def __init__(
        self, declaration: ObjectDeclaration, api: SkilljarApi, publications: Publications, namespace: str
    ) -> None:
        super().__init__(declaration)
        self._api = api
        self._publications = publications
        self._namespace = namespace
        self._labels = Labels(api)
        self._labels_must_exist: bool | None = None
        """Whether a course can be created with labels only that are there; None until it shows."""
        self._lookup: RemoteIndex[Row] = RemoteIndex(
            "courses",
            id_of=lambda row: str(row["id"]),
            keys_of=self._keys,
            askable=frozenset({"id", "external_reference"}),
            fetch=self._fetch,
            listing=lambda: api.listing("courses"),
        )

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        rows = self._lookup.refresh(key) if fresh else self._lookup.find(key)
        return [self._remote(row) for row in rows]

    def expect(self, keys: Iterable[Key]) -> None:
        keys = list(keys)
        self._lookup.expect(keys)
        # Their course ids are not known yet; what counts is how many publications will be looked up.
        self._publications.expect(key.value for key in keys)

    def load(self, remote: RemoteObject, wanted: frozenset[str]) -> RemoteObject:
        publication = self._publications.of(remote.id)
        active = None if publication is None else not publication.get("hidden")
        loaded: dict[str, Any] = {"active": active}
        lesson: Row | None = None
        if "content_url" in wanted:
            lesson = link_lesson(self._lessons(remote.id))
            loaded["content_url"] = linked_address(lesson.get("content_html")) if lesson else None
        parts = {**remote.parts, "publication": publication, "lesson": lesson}
        return remote.changed(loaded, parts=parts, incomplete=publication is None)

    def create(self, values: Values, references: References) -> RemoteObject:
        stamp = label(self._namespace, values["external_reference"])
        row = self._create_course(values, stamp)
        self._lookup.put(row)
        remote = self._remote(row)
        if stamp not in _labels_of(row):
            remote = self._stamp(remote, values["external_reference"])
        if "content_url" in values:
            self._add_lesson(remote.id, values["content_url"], values["title"], [])
        publication = self._publications.publish(remote.id, hidden=values.get("active") is False)
        return remote.changed(
            {**values, "active": not publication.get("hidden")}, parts={**remote.parts, "publication": publication}
        )

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        reference = changes.get("external_reference")
        if reference is not None:
            remote = self._stamp(remote, reference)
        body = {name: changes[name] for name in ("title",) if name in changes}
        if "description" in changes:
            title = str(changes.get("title", remote.fields.get("title")))
            body |= _descriptions(changes["description"], title)
        if body:
            row = {**remote.parts["row"], **self._api.patch(f"courses/{remote.id}", body), **body}
            self._lookup.put(row, instead_of=remote.parts["row"])
            remote = remote.changed(changes, parts={**remote.parts, "row": row})
        if "content_url" in changes:
            title = str(changes.get("title", remote.fields.get("title")))
            self._write_link(remote, changes["content_url"], title, remote.parts.get("lesson"))
        return self._publish(remote, changes).changed(changes, incomplete=False)

    def owned(self) -> Iterator[RemoteObject]:
        remotes = [self._remote(row) for row in self._api.listing("courses").rows]
        own = [remote for remote in remotes if remote.own and not remote.draft]
        self._publications.expect(remote.id for remote in own)
        for remote in own:
            yield self.load(remote, frozenset())

    def _publish(self, remote: RemoteObject, changes: Values) -> RemoteObject:
        publication: Row | None = remote.parts.get("publication")
        if publication is None:
            publication = self._publications.publish(remote.id, hidden=changes.get("active") is False)
        elif "active" in changes:
            publication = self._publications.set_hidden(publication, hidden=not changes["active"])
        return remote.changed({}, parts={**remote.parts, "publication": publication})

    def _create_course(self, values: Values, stamp: str) -> Row:
        body = {
            "title": values["title"],
            **_descriptions(values.get("description"), values["title"]),
            "enforce_sequential_navigation": False,
            "labels": [stamp],
        }
        if self._labels_must_exist is True:
            self._labels.ensure(stamp)
            return self._api.post("courses", body)
        try:
            row = self._api.post("courses", body)
        except RecordRejected as refusal:
            # Whether the create makes missing labels is not documented, nor what a refusal says that does not.
            if refusal.code != "REMOTE.400" or (self._labels_must_exist is False and "label" not in refusal.reason):
                raise
            self._labels.ensure(stamp)
            row = self._api.post("courses", body)
            self._labels_must_exist = True
            return row
        self._labels_must_exist = self._labels_must_exist or False
        return row

    def _stamp(self, remote: RemoteObject, reference: str) -> RemoteObject:
        stamp = label(self._namespace, reference)
        self._labels.link(remote.id, stamp)
        row: Row = remote.parts["row"]
        # Where the record's reference wins over one that is there, the course must not keep both: it would be found by
        # either. The new one comes first, so that a sync that is killed in between finds the course and goes on.
        former = {label(self._namespace, one) for one in references(self._namespace, _labels_of(row))} - {stamp}
        if former:
            self._unlink(remote.id, former)
        kept = [one for one in _labels_of(row) if one != stamp and one not in former]
        stamped = {**row, "labels": [*kept, stamp]}
        self._lookup.put(stamped, instead_of=row)
        fields = {"external_reference": reference}
        return remote.changed(fields, stamped=True, own=True, parts={**remote.parts, "row": stamped})

    def _unlink(self, course: str, labels: set[str]) -> None:
        for link in self._api.rows(f"courses/{course}/labels", below_object=True):
            linked = link.get("label")
            if isinstance(linked, dict) and linked.get("name") in labels:
                self._api.delete(f"courses/{course}/labels/{linked['id']}")

    def _write_link(self, remote: RemoteObject, address: str, title: str, lesson: Row | None) -> None:
        if lesson is not None:
            text = with_address(lesson.get("content_html"), address, title)
            self._api.patch(f"lessons/{lesson['id']}", {"content_html": text})
        else:
            self._add_lesson(remote.id, address, title, self._lessons(remote.id))

    def _add_lesson(self, course: str, address: str, title: str, others: list[Row]) -> None:
        orders = [one["order"] for one in others if isinstance(one.get("order"), int)]
        body = {
            "course_id": course,
            "title": LESSON_TITLE,
            "type": LESSON_TYPE,
            "order": max(orders, default=0) + 1,
            "content_html": link_html(address, title),
        }
        self._api.post("lessons", body)

    def _lessons(self, course: str) -> list[Row]:
        return self._api.rows("lessons", {"course_id": course}, below_object=True)

    def _remote(self, row: Row) -> RemoteObject:
        labels = _labels_of(row)
        own = references(self._namespace, labels)
        fields = {
            "id": str(row["id"]),
            "external_reference": own[0] if own else None,
            "title": row.get("title"),
            "description": row.get("long_description_html"),
        }
        draft = row.get("draft_origin_id") is not None
        return RemoteObject(str(row["id"]), fields, is_stamped(labels), bool(own), draft, parts={"row": row})

    def _keys(self, row: Row) -> Iterator[Key]:
        yield Key("id", str(row["id"]))
        if row.get("title"):
            yield text_key("title", row["title"])
        if row.get("draft_origin_id") is None:
            for reference in references(self._namespace, _labels_of(row)):
                yield Key("external_reference", reference)

    def _fetch(self, key: Key) -> list[Row]:
        if key.field == "id":
            row = self._api.item("courses", key.value)
            return [row] if row and str(row.get("id")) == key.value else []
        rows = self._api.rows("courses", {"label__name": label(self._namespace, key.value)})
        return [row for row in rows if key in self._keys(row)]


def _labels_of(row: Row) -> list[str]:
    return [name for name in row.get("labels") or [] if isinstance(name, str)]


def _descriptions(description: str | None, title: str) -> dict[str, str]:
    """Both texts of a course. The short one is mandatory, so the title stands in where there is no description."""
    if description is None:
        return {"short_description": title[:SHORT_DESCRIPTION_LIMIT]}
    short = plain_text(description)[:SHORT_DESCRIPTION_LIMIT].rstrip() or title[:SHORT_DESCRIPTION_LIMIT]
    return {"short_description": short, "long_description_html": description}
