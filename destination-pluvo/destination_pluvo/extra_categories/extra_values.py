"""The value of a custom field of an object."""

from __future__ import annotations

from typing import Any

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.extra_categories.extra_fields import (
    VALUES_QUERY,
    Category,
    ExtraCategories,
    as_texts,
    values_by_category,
)
from lms_shared.adapter.adapter import EntitySink, References, Values
from lms_shared.adapter.remote import Key, RecordRejected, RemoteObject
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.keys import KEY_SEPARATOR

_VALUE_FIELD = {
    "DATE": "datetimeValue",
    "BOOLEAN": "booleanValue",
    "SELECT": "choiceValues",
    "MULTISELECT": "choiceValues",
}
_VALUE_FIELDS = ("stringValue", "datetimeValue", "booleanValue", "choiceValues")


class ExtraValuesSink(EntitySink):
    """All values of an object are written together, so that its other ones are read first.

    Courses and videos cannot be read (the API has no query for them), so that their values are never compared.
    """

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, categories: ExtraCategories) -> None:
        super().__init__(declaration)
        self._api = api
        self._categories = categories
        (key,) = declaration.keys
        self._index: RemoteIndex[Row] = RemoteIndex(
            declaration.name,
            id_of=_row_id,
            keys_of=lambda row: [Key(key.field, str(declaration.key_value(key, row)))],
            askable=frozenset({key.field}),
            fetch=self._fetch,
        )

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        if "choiceValues" in values:
            values["choiceValues"] = sorted(values["choiceValues"])
        return values

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        rows = self._index.refresh(key) if fresh else self._index.find(key)
        return [_remote(row) for row in rows]

    def create(self, values: Values, references: References) -> RemoteObject:
        return self._write(str(values["modelId"]), values["contentType"], str(values["categoryId"]), values)

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        row: Row = remote.parts["row"]
        return self._write(row["modelId"], row["contentType"], row["categoryId"], changes)

    def _fetch(self, key: Key) -> list[Row]:
        model, content_type, category_id = key.value.split(KEY_SEPARATOR)
        category = self._category(category_id)
        texts = None if category is None else self._held(model, content_type).get(category_id)
        return [] if category is None or texts is None else [_row(model, content_type, category, texts)]

    def _write(self, model: str, content_type: str, category_id: str, values: Values) -> RemoteObject:
        category = self._category(category_id)
        if category is None:
            raise RecordRejected(
                "REFERENCE.NOT_FOUND",
                "the extra category that the record names is not in Pluvo, or is archived",
                "Correct categoryId, or sync the extra category first.",
            )
        texts = as_texts(next(values[name] for name in _VALUE_FIELDS if name in values))
        # Whether values stay that an update does not list is not documented, so the ones that are there are listed.
        known = {one.id: one for one in self._categories.all()}
        held = self._held(model, content_type)
        kept = [known[one].input(value) for one, value in held.items() if one in known and one != category.id]
        self._api.run(
            "UpdateExtraCategoryValues",
            contentType=content_type,
            modelId=model,
            values=[*kept, category.input(texts)],
        )
        row = _row(model, content_type, category, texts)
        self._index.put(row)
        return _remote(row)

    def _category(self, category_id: str) -> Category | None:
        return next((one for one in self._categories.all() if one.id == category_id), None)

    def _held(self, model: str, content_type: str) -> dict[str, list[str]]:
        query = VALUES_QUERY.get(content_type)
        row = None if query is None else self._api.look_up(query, id=model)
        return values_by_category((row or {}).get("extraCategoryValues"))


def _row_id(row: Row) -> str:
    return f"{row['modelId']}/{row['categoryId']}"


def _remote(row: Row) -> RemoteObject:
    return RemoteObject(_row_id(row), row, parts={"row": row})


def _row(model: str, content_type: str, category: Category, texts: list[str]) -> Row:
    field = _VALUE_FIELD.get(category.type or "", "stringValue")
    value: Any = texts if field == "choiceValues" else texts[0]
    if field == "booleanValue":
        value = value == "true"
    return {"modelId": model, "contentType": content_type, "categoryId": category.id, field: value}
