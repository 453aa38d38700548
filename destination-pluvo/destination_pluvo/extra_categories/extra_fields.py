"""Custom fields of an object: extra categories and their values (extra categories page)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from destination_pluvo.answers import Refused
from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.settings import EXTRA_FIELD
from lms_shared.adapter.remote import FieldRefused, RecordRejected
from lms_shared.errors import config_error
from lms_shared.model.fields import Field, Kind
from lms_shared.model.scalars import format_instant, parse_instant

Found = TypeVar("Found")

VALUES_QUERY: Mapping[str, str] = {
    "USER": "ExtraValuesOfUser",
    "GROUP": "ExtraValuesOfGroup",
    "TRAINING": "ExtraValuesOfTraining",
    "OFFER": "ExtraValuesOfOffer",
}
"""Content types whose objects the connector reads, and how."""
_TRUTH = {"true": "true", "1": "true", "yes": "true", "false": "false", "0": "false", "no": "false"}
_CHOICES = ("SELECT", "MULTISELECT")
_ANY_VALUE = {"type": ["string", "number", "boolean", "array", "null"], "items": {"type": ["string", "number", "null"]}}


def extra_field(name: str) -> Field:
    """The field of a declaration for a custom field, which holds whatever its type may be."""
    return Field(
        f"{EXTRA_FIELD}{name}",
        Kind.NESTED,
        f"Custom field '{name}'.",
        place=f"extra category '{name}'",
        extra_schema=_ANY_VALUE,
    )


def is_extra(name: str) -> bool:
    """Whether a field of a declaration is a custom field."""
    return name.startswith(EXTRA_FIELD)


def as_texts(value: Any) -> list[str]:
    """The normal form of a value: the texts of all its parts, in an order of their own."""
    parts = value if isinstance(value, list) else [value]
    return sorted(_text(one) for one in parts if one is not None)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _number(text: str) -> str:
    """A decimal number without needless zeros; anything else is for Pluvo to refuse."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return format(number.normalize() + 0, "f") if number.is_finite() else text


@dataclass(frozen=True)
class Category:
    """A custom field of the organization."""

    id: str
    ref: str | None
    title: str
    type: str | None

    def normal(self, texts: list[str]) -> list[str]:
        """The one form in which values of this type are compared.

        Raises RecordRejected where the value does not fit this type.
        """
        if self.type in _CHOICES:
            return sorted(set(texts))
        text = self._one(texts)
        if self.type == "DATE":
            moment = parse_instant(text)
            if moment is None:
                raise self._unfit("an ISO 8601 date or date-time")
            return [format_instant(moment)]
        if self.type == "BOOLEAN":
            if text.lower() not in _TRUTH:
                raise self._unfit("true or false")
            return [_TRUTH[text.lower()]]
        return [_number(text)] if self.type == "NUMBER" else [text]

    def held(self, texts: list[str]) -> list[str]:
        """The same for what Pluvo holds, which stays as it is where it does not fit."""
        try:
            return self.normal(texts)
        except RecordRejected:
            return texts

    def input(self, texts: list[str]) -> Row:
        """The input of `updateExtraCategoryValues` for a value.

        Raises RecordRejected where the value does not fit this type.
        """
        if self.type in _CHOICES:
            return {"categoryId": self.id, "choiceValues": [{"stringValue": one} for one in texts]}
        if self.type == "DATE":
            return {"categoryId": self.id, "datetimeValue": self.normal(texts)[0]}
        if self.type == "BOOLEAN":
            return {"categoryId": self.id, "booleanValue": self.normal(texts) == ["true"]}
        # A number has no value kind of its own and goes as text (inferred).
        return {"categoryId": self.id, "stringValue": self._one(texts)}

    def _one(self, texts: list[str]) -> str:
        if len(texts) != 1:
            raise self._unfit("one value")
        return texts[0]

    def _unfit(self, wanted: str) -> RecordRejected:
        return RecordRejected(
            "INPUT.VALUE", f"extra category '{self.title}' takes {wanted}", f"Send {wanted} for '{self.title}'."
        )


class ExtraCategories:
    """The custom fields of the organization, listed once. Safe for threads."""

    def __init__(self, api: PluvoApi) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._known: list[Category] | None = None

    def all(self) -> list[Category]:
        with self._lock:
            if self._known is None:
                self._known = [_category(row) for row in self.rows()]
            return self._known

    def rows(self) -> list[Row]:
        """All that are not archived, asked for anew."""
        return self._asked(self._api.rows, "ExtraCategories")

    def row(self, category_id: str) -> Row | None:
        """The one with this id, asked for anew."""
        return self._asked(self._api.look_up, "ExtraCategory", id=category_id)

    def _asked(self, ask: Callable[..., Found], query: str, **selectors: Any) -> Found:
        if self._api.learned.shows_category_refs:
            try:
                return ask(query, **selectors)
            except Refused:
                found = ask(f"{query}WithoutRef", **selectors)
                self._api.learned.shows_category_refs = False
                return found
        return ask(f"{query}WithoutRef", **selectors)

    def forget(self) -> None:
        """One of them was written."""
        with self._lock:
            self._known = None

    def named(self, name: str) -> Category:
        """The one with this ref, id or title. Raises AirbyteTracedException (config_error) if there is none."""
        for part in ("ref", "id", "title"):
            found = [one for one in self.all() if getattr(one, part) == name]
            if len(found) == 1:
                return found[0]
        titles = ", ".join(sorted(one.title for one in self.all())) or "none"
        raise config_error(
            f"stream_mappings: Pluvo has no extra category '{name}', or several of that title. Correct the target "
            f"'{EXTRA_FIELD}{name}'; the titles are: {titles}."
        )


class ExtraFields:
    """The custom fields that mappings write to one kind of object."""

    def __init__(self, api: PluvoApi, categories: ExtraCategories, content_type: str) -> None:
        self._api = api
        self._categories = categories
        self._content_type = content_type

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        """Brings the values of custom fields into the normal form of their types, for which the types are read once.

        Raises FieldRefused for a value that does not fit.
        """
        return {name: self._normal(name, value) if is_extra(name) else value for name, value in values.items()}

    def _normal(self, name: str, value: Any) -> list[str]:
        try:
            return self._category(name).normal(as_texts(value))
        except RecordRejected as unfit:
            raise FieldRefused(name, unfit.code, unfit.reason, unfit.remedy) from None

    def loads(self, wanted: Iterable[str]) -> bool:
        """Whether custom fields are among the wanted ones."""
        return any(map(is_extra, wanted))

    def load(self, object_id: str, wanted: Iterable[str]) -> dict[str, Any]:
        """The values of the wanted custom fields that an object has."""
        names = [name for name in wanted if is_extra(name)]
        if not names:
            return {}
        held = self._held(object_id)
        categories = {name: self._category(name) for name in names}
        return {name: one.held(held[one.id]) if one.id in held else None for name, one in categories.items()}

    def write(self, object_id: str, changes: Mapping[str, Any]) -> None:
        """Sets the custom fields among the changes.

        Whether values stay that an update does not list is not documented, so the ones that the object has are listed.
        """
        wanted = {self._category(name): value for name, value in changes.items() if is_extra(name)}
        if not wanted:
            return
        inputs = {category.id: category.input(texts) for category, texts in wanted.items()}
        by_id = {one.id: one for one in self._categories.all()}
        kept = {
            category: by_id[category].input(texts)
            for category, texts in self._held(object_id).items()
            if category in by_id
        }
        self._api.run(
            "UpdateExtraCategoryValues",
            contentType=self._content_type,
            modelId=object_id,
            values=list({**kept, **inputs}.values()),
        )

    def _category(self, field: str) -> Category:
        return self._categories.named(field.removeprefix(EXTRA_FIELD))

    def _held(self, object_id: str) -> dict[str, list[str]]:
        row = self._api.look_up(VALUES_QUERY[self._content_type], id=object_id)
        return values_by_category((row or {}).get("extraCategoryValues"))


def values_by_category(rows: Iterable[Row] | None) -> dict[str, list[str]]:
    """The texts of values by the id of their category; options of a MULTISELECT come one by one (inferred)."""
    held: dict[str, list[str]] = {}
    for row in rows or ():
        choice = row.get("choiceValue")
        values = (row.get("stringValue"), row.get("datetimeValue"), row.get("booleanValue"))
        value = choice.get("stringValue") if choice else next((one for one in values if one is not None), None)
        if value is not None and isinstance(row.get("category"), dict):
            held.setdefault(str(row["category"]["id"]), []).append(_text(value))
    return {category: sorted(texts) for category, texts in held.items()}


def _category(row: Row) -> Category:
    return Category(str(row["id"]), row.get("ref"), str(row.get("title") or ""), row.get("categoryType"))
