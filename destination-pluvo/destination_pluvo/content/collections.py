"""What collections hold, such as channels: a list of links in the text of the training or offer (`listed_links`)."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence

from destination_pluvo.api import Row
from destination_pluvo.content.content import ContentSink
from destination_pluvo.content.embedded import marks_in, with_marks, without_marks
from destination_pluvo.content.listed_links import ListedLink, standing, with_listed, without_listed
from lms_shared.adapter.adapter import AtOnce, LinkSink, LinkWrite, References, Values
from lms_shared.adapter.remote import Key, RecordRejected, RemoteObject
from lms_shared.http.outcome import UnknownOutcome
from lms_shared.model.declarations import ObjectDeclaration

_ALL = frozenset({"active", "order"})


class CollectionItemsSink(LinkSink):
    """Which content a collection lists; words and address of a link are those that the content has now."""

    bulk_from = 2
    """The links of a collection are written with its text, however many there are."""

    def __init__(self, declaration: ObjectDeclaration, content: ContentSink) -> None:
        super().__init__(declaration)
        self._content = content

    def before_create(self, references: References) -> None:
        if references["collection"].id == references["content"].id:
            raise RecordRejected(
                "INPUT.VALUE", "a collection cannot list itself", "Correct the reference to the content that it lists."
            )

    def find(self, references: References, *, fresh: bool = False) -> RemoteObject | None:
        wanted = self._wanted(references, None)
        held = standing(self._row(references, fresh=fresh).get(self._content.text), wanted)
        if held is None:
            return None
        return RemoteObject(
            f"{references['collection'].id}/{wanted.content_id}",
            {"active": True, "order": held.link.order},
            incomplete=held.marked and not held.is_as(wanted),
            # What somebody else has listed is not the connection's to move or to take away.
            removed=not held.marked,
            kept=frozenset() if held.marked else _ALL,
            parts={"references": references},
        )

    def create(self, values: Values, references: References) -> RemoteObject:
        return self._written(LinkWrite(references, values))

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        return self._written(LinkWrite(references, changes, remote))

    def delete(self, remote: RemoteObject) -> None:
        self._write([LinkWrite(remote.parts["references"], {"active": False}, remote)])

    def write_many(self, writes: Sequence[LinkWrite], at_once: AtOnce) -> Mapping[int, RecordRejected | None]:
        by_collection: dict[str, list[int]] = {}
        for number, one in enumerate(writes):
            if one.references["collection"].id != one.references["content"].id:
                by_collection.setdefault(one.references["collection"].id, []).append(number)

        def begin(numbers: list[int]) -> list[int]:
            try:
                self._write([writes[number] for number in numbers])
            except (RecordRejected, UnknownOutcome):
                return []  # each is written by itself, and says what is wrong with it
            return numbers

        return {number: None for numbers in at_once(begin, by_collection.values()) for number in numbers}

    def _written(self, write: LinkWrite) -> RemoteObject:
        self._write([write])
        found = None if write.values.get("active") is False else self.find(write.references)
        if found is not None:
            return found
        wanted = self._wanted(write.references, None)
        return RemoteObject(f"{write.references['collection'].id}/{wanted.content_id}", {**write.values})

    def _write(self, writes: Sequence[LinkWrite]) -> None:
        """Writes links of one collection. Raises RecordRejected where Pluvo does not keep them."""
        row = self._row(writes[0].references, fresh=False)
        text = row.get(self._content.text)
        words = without_marks(text)
        for one in writes:
            wanted = self._wanted(one.references, one.values.get("order"))
            removed = one.values.get("active") is False
            words = without_listed(words, wanted) if removed else with_listed(words, wanted)
        written = self._content.update_row(row, {self._content.text: with_marks(words, marks_in(text))})
        self._refuse_lost(written, (one for one in writes if one.values.get("active") is not False))

    def _refuse_lost(self, row: Row, writes: Iterable[LinkWrite]) -> None:
        for one in writes:
            held = standing(row.get(self._content.text), self._wanted(one.references, None))
            if held is None or not held.marked:
                raise RecordRejected(
                    "REMOTE.NOT_KEPT",
                    f"Pluvo did not keep the link as it was written into {self._content.text}, so that it would not be "
                    "found again",
                    "Deselect the stream, and list the content by hand.",
                )

    def _row(self, references: References, *, fresh: bool) -> Row:
        """The collection as it is by now: other records of the batch may have written its list."""
        collection = references["collection"]
        rows = self._content.rows_with(Key("id", collection.id), fresh=fresh)
        row: Row = rows[0] if rows else collection.parts["row"]
        return row

    def _wanted(self, references: References, order: int | None) -> ListedLink:
        content = references["content"]
        # Whether Pluvo escapes titles shows only by a write.
        title = html.unescape(str(content.fields.get("title") or content.id))
        return ListedLink(content.id, " ".join(title.split()), content.fields.get("content_url"), order)
