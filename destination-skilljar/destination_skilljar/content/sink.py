"""Content: a stamped course, one lesson that links to the content, and the publication on the domain."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from destination_skilljar import dialect
from destination_skilljar.api import Row, SkilljarApi
from destination_skilljar.content.closing import CLOSED, OPEN, Access, Closing, find_mark, is_mark, mark
from destination_skilljar.content.descriptions import SHORT_DESCRIPTION_LIMIT, descriptions
from destination_skilljar.content.labels import Labels
from destination_skilljar.content.lesson_link import LinkLessons, linked_address
from destination_skilljar.content.publications import Publications
from destination_skilljar.stamp import is_stamped, label, references, set_label, sets
from lms_shared.adapter.adapter import EntitySink, References, Values
from lms_shared.adapter.remote import Key, RemoteObject, lookup_key, text_key
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Kind
from lms_shared.model.normal_forms import equal

logger = logging.getLogger("airbyte")

_ACTIVE = frozenset({"active"})


class ContentSink(EntitySink):
    """Courses found again by their stamp."""

    def __init__(
        self, declaration: ObjectDeclaration, api: SkilljarApi, publications: Publications, namespace: str
    ) -> None:
        super().__init__(declaration)
        self._api = api
        self._publications = publications
        self._namespace = namespace
        self._told_of_reopening = threading.Lock()
        """Taken by the first that tells, and never given back."""
        self._labels = Labels(api)
        self._lessons = LinkLessons(api)
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

    def written_elsewhere(self, values: Values) -> None:
        for key in self.declaration.keys:
            value = self.declaration.key_value(key, values)
            if value is not None:
                self._lookup.doubt(lookup_key(key, value))
        if values.get("id") is not None:
            self._publications.doubt(str(values["id"]))

    def load(self, remote: RemoteObject, wanted: frozenset[str]) -> RemoteObject:
        publication = self._publications.of(remote.id)
        closing = self._closing(remote.parts["row"], publication)
        loaded: dict[str, Any] = {"active": closing and closing.active}
        lesson: Row | None = None
        if "content_url" in wanted:
            lesson = self._lessons.of(remote.id)
            loaded["content_url"] = linked_address(lesson.get("content_html")) if lesson else None
        parts = {**remote.parts, "publication": publication, "lesson": lesson}
        return remote.changed(
            loaded,
            parts=parts,
            incomplete=publication is None,
            withdrawn=closing is not None and closing.before is not None and not closing.active,
            kept=_ACTIVE if closing and closing.closed_by_admin else frozenset(),
            unsettled=_ACTIVE if closing and closing.unsettled else frozenset(),
        )

    def address(self, remote: RemoteObject) -> str | None:
        """The page of the course on the domain, where it is published."""
        publication = remote.parts.get("publication") or {}
        return str(publication["course_url"]) if publication.get("course_url") else None

    def create(self, values: Values, references: References) -> RemoteObject:
        stamp = label(self._namespace, values["external_reference"])
        inactive = values.get("active") is False
        marks = [self._mark(OPEN)] if inactive else []
        body = {
            "title": values["title"],
            **descriptions(values.get("description"), values["title"]),
            "enforce_sequential_navigation": False,
        }
        row = self._labels.create("courses", body, [stamp, *marks])
        self._lookup.put(row)
        self.answered(values, _shown_texts(row))
        remote = self._remote(row)
        if stamp not in _labels_of(row):
            remote = self._stamp(remote, values["external_reference"])
        for one in marks:
            remote = self._with_label(remote, one)
        if "content_url" in values:
            self._lessons.add(remote.id, values["content_url"], values["title"], [])
        publication = self._publications.publish(remote.id, CLOSED if inactive else OPEN)
        return remote.changed(
            {**values, "active": not publication.get("hidden")}, parts={**remote.parts, "publication": publication}
        )

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        own = remote.own
        reference = changes.get("external_reference")
        if reference is not None:
            remote = self._stamp(remote, reference)
        body = {name: changes[name] for name in ("title",) if name in changes}
        if "description" in changes:
            title = str(changes.get("title", remote.fields.get("title")))
            body |= {"long_description_html": "", **descriptions(changes["description"], title)}
        if "title" in changes:
            body |= self._renamed(remote, str(changes["title"]), body)
        if body:
            answer = self._api.patch(f"courses/{remote.id}", body)
            self.answered(changes, _shown_texts(answer))
            row = {**remote.parts["row"], **answer, **body}
            self._lookup.put(row, instead_of=remote.parts["row"])
            remote = remote.changed(changes, parts={**remote.parts, "row": row})
        if "content_url" in changes:
            title = str(changes.get("title", remote.fields.get("title")))
            self._lessons.write_link(remote.id, changes["content_url"], title, remote.parts.get("lesson"))
        return self._publish(remote, changes, own=own).changed(changes, incomplete=False)

    def _renamed(self, remote: RemoteObject, title: str, body: Row) -> Row:
        """What else of a course was made from its title and still says so. The link goes first: it is not looked at any
        more once the title is right."""
        row, old = remote.parts["row"], str(remote.fields.get("title") or "")
        self._lessons.rename_link(remote.id, remote.parts.get("lesson"), old, title)
        if "short_description" in body or not equal(
            Kind.TEXT, row.get("short_description"), old[:SHORT_DESCRIPTION_LIMIT]
        ):
            return {}
        return descriptions(None, title)

    def mark(self, remote: RemoteObject, stream: str) -> RemoteObject:
        marked = self._with_label(remote, set_label(self._namespace, stream))
        return marked.changed({}, sets=sets(self._namespace, _labels_of(marked.parts["row"])))

    def owned(self) -> Iterator[RemoteObject]:
        remotes = [self._remote(row) for row in self._api.listing("courses").rows]
        own = [remote for remote in remotes if remote.own and not remote.draft]
        self._publications.expect(remote.id for remote in own)
        for remote in own:
            yield self.load(remote, frozenset())

    def _publish(self, remote: RemoteObject, changes: Values, *, own: bool) -> RemoteObject:
        publication: Row | None = remote.parts.get("publication")
        if publication is None:
            inactive = changes.get("active") is False
            if inactive:
                remote = self._with_label(remote, self._mark(OPEN))
            publication = self._publications.publish(remote.id, CLOSED if inactive else OPEN)
        elif "active" in changes:
            return self._open(remote, publication) if changes["active"] else self._close(remote, publication, own=own)
        return remote.changed({}, parts={**remote.parts, "publication": publication})

    def _close(self, remote: RemoteObject, publication: Row, *, own: bool) -> RemoteObject:
        """Marks first and closes then: killed in between, the next sync still knows what the settings were."""
        closing = self._closing(remote.parts["row"], publication)
        assert closing is not None
        if closing.before is None:
            remote = self._with_label(remote, self._mark(closing.to_remember(own=own)))
        publication = self._publications.set_access(publication, CLOSED)
        self._warn_of_overrides(remote, publication)
        return remote.changed({}, parts={**remote.parts, "publication": publication})

    def _open(self, remote: RemoteObject, publication: Row) -> RemoteObject:
        """Restores what was before, then forgets the mark; where an admin had hidden the content, the mark stays."""
        closing = self._closing(remote.parts["row"], publication)
        assert closing is not None
        if closing.before is None and closing.now.hidden and self._told_of_reopening.acquire(blocking=False):
            logger.warning(
                "Content that is hidden and that no closing of this connection is marked on is shown again, as in "
                "earlier versions. Set a field policy for content.active where that is not wanted. The first is %r.",
                remote.fields.get("title"),
            )
        wanted = closing.reopened
        if wanted != closing.now:
            publication = self._publications.set_access(publication, wanted)
        if closing.before is not None and not wanted.hidden:
            remote = self._without_marks(remote)
        return remote.changed({}, parts={**remote.parts, "publication": publication})

    def _warn_of_overrides(self, remote: RemoteObject, publication: Row) -> None:
        groups = self._publications.groups_let_in(publication)
        if groups:
            logger.warning(
                "Content %r is inactive and closed, but a visibility override still lets in: %s. Overrides are left "
                "alone; remove them in Skilljar where these groups are to be shut out too.",
                remote.fields.get("title"),
                ", ".join(groups),
            )

    def _closing(self, row: Row, publication: Row | None) -> Closing | None:
        if publication is None:
            return None
        before = find_mark(self._namespace, self._publications.domain, _labels_of(row))
        return Closing(Access.of(publication), before)

    def _mark(self, before: Access) -> str:
        return mark(self._namespace, self._publications.domain, before)

    def _with_label(self, remote: RemoteObject, name: str) -> RemoteObject:
        row: Row = remote.parts["row"]
        if name in _labels_of(row):
            return remote
        self._labels.link_shared(f"courses/{remote.id}", name)
        return self._labeled(remote, [*_labels_of(row), name])

    def _without_marks(self, remote: RemoteObject) -> RemoteObject:
        labels = _labels_of(remote.parts["row"])
        marks = {one for one in labels if is_mark(self._namespace, self._publications.domain, one)}
        self._labels.unlink(f"courses/{remote.id}", marks)
        return self._labeled(remote, [one for one in labels if one not in marks])

    def _labeled(self, remote: RemoteObject, labels: list[str]) -> RemoteObject:
        row: Row = remote.parts["row"]
        labeled = {**row, "labels": labels}
        self._lookup.put(labeled, instead_of=row)
        return remote.changed({}, parts={**remote.parts, "row": labeled})

    def _stamp(self, remote: RemoteObject, reference: str) -> RemoteObject:
        stamp = label(self._namespace, reference)
        self._labels.link(f"courses/{remote.id}", stamp)
        row: Row = remote.parts["row"]
        # Where the record's reference wins over one that is there, the course must not keep both: it would be found by
        # either. The new one comes first, so that a sync that is killed in between finds the course and goes on.
        former = {label(self._namespace, one) for one in references(self._namespace, _labels_of(row))} - {stamp}
        if former:
            self._labels.unlink(f"courses/{remote.id}", former)
        kept = [one for one in _labels_of(row) if one != stamp and one not in former]
        stamped = {**row, "labels": [*kept, stamp]}
        self._lookup.put(stamped, instead_of=row)
        fields = {"external_reference": reference}
        return remote.changed(fields, stamped=True, own=True, parts={**remote.parts, "row": stamped})

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
        return RemoteObject(
            str(row["id"]),
            fields,
            stamped=is_stamped(labels),
            own=bool(own),
            sets=sets(self._namespace, labels),
            draft=draft,
            parts={"row": row},
        )

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
        rows = self._api.rows("courses", {dialect.LABEL_FILTER.assumed: label(self._namespace, key.value)})
        return [row for row in rows if key in self._keys(row)]


def _labels_of(row: Row) -> list[str]:
    return [name for name in row.get("labels") or [] if isinstance(name, str)]


def _shown_texts(row: Row) -> dict[str, Any]:
    return {"title": row.get("title"), "description": row.get("long_description_html")}
