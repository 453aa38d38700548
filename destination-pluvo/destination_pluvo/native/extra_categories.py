"""Extra categories, and the value of one for an object."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.native.objects import NOT_SHOWN
from destination_pluvo.native.sink import SEPARATOR, NativeSink, given
from destination_pluvo.refusals import Refused
from destination_pluvo.sinks.extra_fields import VALUES_QUERY, Category, ExtraCategories, as_texts, values_by_category
from destination_pluvo.sinks.schema_gaps import is_unknown
from lms_shared.adapter.adapter import References, Values
from lms_shared.adapter.keys import Key
from lms_shared.adapter.remote import RecordRejected, RemoteObject
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import FieldPolicy, Kind, normalise

_INPUTS = ("ref", "name", "categoryType", "forModelTypes", "choiceOptions", "color", "filter", "showLabel")
_NOT_SHOWN = ("color", "filter", "showLabel", "multipleChoices")


class ExtraCategoriesSink(NativeSink):
    """Custom fields by ref, id or name. The list shows those alone that are not archived."""

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, categories: ExtraCategories) -> None:
        super().__init__(declaration, api)
        self._categories = categories
        self._lock = threading.Lock()
        self._listed: list[Row] | None = None

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        if "choiceOptions" in values:
            values["choiceOptions"] = _options(values["choiceOptions"])
        return values

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        if fresh:
            with self._lock:
                self._listed = None
        return super().find(key, fresh=fresh)

    def fetch(self, key: Key) -> list[Row]:
        with self._lock:
            if key.field == "id":
                row = self._categories.row(key.value)
                rows = [row] if row else []
            else:
                if self._listed is None:
                    self._listed = self._categories.rows()
                name = "title" if key.field == "name" else key.field
                rows = [row for row in self._listed if normalise(Kind.TEXT, row.get(name)) == key.value]
            self._compare_refs_if_shown()
            return rows

    def _compare_refs_if_shown(self) -> None:
        ref = self.declaration.field_by_name["ref"]
        if not self._categories.show_refs and ref.policy is FieldPolicy.SOURCE_WINS:
            self.declaration = self.declaration.with_policies({"ref": FieldPolicy.FILL_IF_EMPTY})

    def fields(self, row: Row) -> Mapping[str, Any]:
        archived = row.get("archivedAt") is not None
        return {
            **row,
            **dict.fromkeys(_NOT_SHOWN, NOT_SHOWN),
            "ref": row.get("ref") if "ref" in row else NOT_SHOWN,
            "name": row.get("title"),
            "choiceOptions": _options(row.get("choiceOptions") or []),
            "archived": archived,
            "active": not archived,
        }

    def create(self, values: Values, references: References) -> RemoteObject:
        row = self._written("CreateExtraCategory", given(values, *_INPUTS, "multipleChoices"))
        assert row is not None  # it has a name
        self._categories.forget()
        remote = self.noted(row)
        return self.update(remote, {"archived": True}, references) if values.get("archived") else remote

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        old: Row = remote.parts["row"]
        row, changed = old, given(changes, *_INPUTS)
        if changed:
            row = {**old, **(self._written("UpdateExtraCategory", changed, id=remote.id) or {})}
        archived = not changes["active"] if "active" in changes else changes.get("archived")
        if archived is not None:
            self.api.change_members("ArchiveExtraCategories", remote.id, "response", archive=archived, ids=[remote.id])
            row = {**row, "archivedAt": "(just now)" if archived else None}
        self._categories.forget()
        return self.noted(row, old)

    def _written(self, mutation: str, fields: Row, **selectors: str) -> Row | None:
        """What a mutation makes of fields, without their ref where Pluvo takes none; None where there is no other."""
        try:
            row = self.api.write(mutation, "extraCategory", extraCategoryInput=fields, **selectors)
        except Refused as refused:
            if "ref" not in fields or not is_unknown(refused, "ref"):
                raise
            rest = {name: value for name, value in fields.items() if name != "ref"}
            return self._written(mutation, rest, **selectors) if rest else None
        # The answer is without the ref, which Pluvo may not show.
        return {**row, **given(fields, "ref")}


def _options(rows: list[Any]) -> list[Row]:
    """Options by their texts, without what the server adds."""
    kept = [{name: row[name] for name in ("stringValue", "color") if row.get(name)} for row in rows if row]
    return sorted(kept, key=lambda row: str(row.get("stringValue")))


class ExtraValuesSink(NativeSink):
    """The value of a custom field of an object. An object or category that is not there is for the API to refuse."""

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, categories: ExtraCategories) -> None:
        super().__init__(declaration, api)
        self._categories = categories

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        if "choiceValues" in values:
            values["choiceValues"] = sorted(values["choiceValues"])
        return values

    def row_id(self, row: Row) -> str:
        return f"{row['modelId']}/{row['categoryId']}"

    def fetch(self, key: Key) -> list[Row]:
        model, content_type, category_name = key.value.split(SEPARATOR)
        # Which of the two names the category has does not show in the key; ids and refs do not get mixed up.
        category = self._category(category_name)
        holder = self._holder(content_type, "id" if key.field == "modelId" else "ref", model)
        if category is None or holder is None:
            return []
        texts = values_by_category(holder.get("extraCategoryValues")).get(category.id)
        if texts is None:
            return []
        return [_row(holder, content_type, category, texts)]

    def fields(self, row: Row) -> Mapping[str, Any]:
        return row

    def create(self, values: Values, references: References) -> RemoteObject:
        by = "id" if "modelId" in values else "ref"
        holder = self._holder(values["contentType"], by, values["modelId" if by == "id" else "modelRef"])
        category = self._category(values.get("categoryId") or values["categoryRef"])
        for what, found in (("object", holder), ("extra category", category)):
            if found is None:
                raise RecordRejected(
                    "REFERENCE.NOT_FOUND",
                    f"the {what} that the record names is not in Pluvo",
                    "Correct the id or ref, or sync it first.",
                )
        assert holder is not None
        assert category is not None
        return self._write(holder, values["contentType"], category, _texts(values))

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        row = remote.parts["row"]
        holder = self._holder(row["contentType"], "id", row["modelId"]) or {"id": row["modelId"]}
        category = self._category(row["categoryId"])
        assert category is not None
        return self._write(holder, row["contentType"], category, _texts(changes))

    def _write(self, holder: Row, content_type: str, category: Category, texts: list[str]) -> RemoteObject:
        # Whether values stay that an update does not list is not documented, so the ones that are there are listed.
        known = {one.id: one for one in self._categories.all()}
        held = values_by_category(holder.get("extraCategoryValues"))
        kept = [known[one].input(value) for one, value in held.items() if one in known and one != category.id]
        self.api.run(
            "UpdateExtraCategoryValues",
            contentType=content_type,
            modelId=holder["id"],
            values=[*kept, category.input(texts)],
        )
        return self.noted(_row(holder, content_type, category, texts))

    def _category(self, name: str) -> Category | None:
        found = [one for one in self._categories.all() if name in (one.id, one.ref)]
        return found[0] if len(found) == 1 else None

    def _holder(self, content_type: str, by: str, value: str) -> Row | None:
        return self.api.look_up(VALUES_QUERY[content_type], **{by: value})


_VALUE_FIELD = {
    "DATE": "datetimeValue",
    "BOOLEAN": "booleanValue",
    "SELECT": "choiceValues",
    "MULTISELECT": "choiceValues",
}


def _row(holder: Row, content_type: str, category: Category, texts: list[str]) -> Row:
    field = _VALUE_FIELD.get(category.type or "", "stringValue")
    value: Any = texts if field == "choiceValues" else texts[0]
    if field == "booleanValue":
        value = value == "true"
    names = {"modelId": holder["id"], "modelRef": holder.get("ref"), "contentType": content_type}
    return {**names, "categoryId": category.id, "categoryRef": category.ref, field: value}


def _texts(values: Values) -> list[str]:
    names = ("stringValue", "datetimeValue", "booleanValue", "choiceValues")
    return as_texts(next(values[name] for name in names if name in values))
