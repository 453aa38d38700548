"""Extra categories, which are custom fields, and their values (extra category pages)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from lms_shared.dev.sandbox.pluvo.errors import ApiError, not_found
from lms_shared.dev.sandbox.pluvo.inputs import attributes
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.records import ChoiceOption, ExtraCategory
from lms_shared.dev.sandbox.pluvo.rules.signatures import Arguments, FieldRule, RootRule, always
from lms_shared.dev.sandbox.pluvo.selecting import bulk_action, look_up, require_one

# Input field of a value by type of category. A number has no value kind of its own and goes as text (inferred).
_VALUE_FIELDS: Mapping[str, str] = {
    "TEXT": "stringValue",
    "NUMBER": "stringValue",
    "DATE": "datetimeValue",
    "BOOLEAN": "booleanValue",
    "SELECT": "choiceValues",
    "MULTISELECT": "choiceValues",
}
_VALUE_TYPES: Mapping[str, str] = {
    "stringValue": "ExtraCategoryStringValue",
    "datetimeValue": "ExtraCategoryDatetimeValue",
    "booleanValue": "ExtraCategoryBooleanValue",
    "choiceValues": "ExtraCategoryChoiceValue",
}


def _categories(organization: Organization, arguments: Arguments) -> list[ExtraCategory]:
    kind = arguments.get("contentType")
    return [
        category
        for category in organization.categories
        if category.archived_at is None and (kind is None or kind in category.for_model_types)
    ]


def _category(organization: Organization, arguments: Arguments) -> ExtraCategory | None:
    return look_up(organization, organization.categories, {"id": arguments["id"]})


def _create_category(organization: Organization, arguments: Arguments) -> Any:
    values = _category_values(organization, arguments, ())
    if not values.get("title"):
        raise ApiError("name is needed to create an extra category")
    values |= organization.new_identity(values.get("ref"))
    return {"extraCategory": organization.save(organization.categories, ExtraCategory(**values))}


def _update_category(organization: Organization, arguments: Arguments) -> Any:
    category = require_one(organization.categories, {"id": arguments["id"]})
    values = _category_values(organization, arguments, category.choice_options)
    return {"extraCategory": organization.save(organization.categories, replace(category, **values))}


def _category_values(
    organization: Organization, arguments: Arguments, options: Sequence[ChoiceOption]
) -> dict[str, Any]:
    """The name comes in as `name` and is shown as `title`."""
    values = attributes(arguments["extraCategoryInput"], organization.options)
    values = {name: value for name, value in values.items() if value is not None}
    if "name" in values:
        values["title"] = values.pop("name")
    if "choice_options" in values:
        values["choice_options"] = tuple(_option(organization, one, options) for one in values["choice_options"])
    return values


def _option(organization: Organization, given: Mapping[str, Any], options: Iterable[ChoiceOption]) -> ChoiceOption:
    old = _find_option(given, options)
    text = given.get("stringValue") or (old.string_value if old else None)
    if not text:
        raise ApiError("a choice option needs a stringValue")
    color, ref = given.get("color"), given.get("ref")
    if old is not None:
        return replace(old, string_value=text, color=color or old.color, ref=ref or old.ref)
    return ChoiceOption(organization.new_id(), ref, text, color)


def _find_option(given: Mapping[str, Any], options: Iterable[ChoiceOption]) -> ChoiceOption | None:
    """The option of that id, else of that ref, else of that text."""
    keys = {"id": given.get("id"), "ref": given.get("ref"), "string_value": given.get("stringValue")}
    for name, key in keys.items():
        if key is not None:
            return next((option for option in options if getattr(option, name) == key), None)
    return None


def _archive_categories(organization: Organization, arguments: Arguments) -> Any:
    ids, archive = arguments["ids"], arguments["archive"]
    known = [row_id for row_id in ids if row_id in organization.categories]
    for row_id in known:
        moment = organization.now() if archive else None
        organization.save(organization.categories, replace(organization.categories[row_id], archived_at=moment))
    return {"response": bulk_action(known, [row_id for row_id in ids if row_id not in known])}


def _update_values(organization: Organization, arguments: Arguments) -> Any:
    kind = arguments["contentType"]
    model_id = _model_id(organization, kind, arguments)
    changes: dict[str, tuple[Any, ...]] = {}
    for given in arguments["values"]:
        selectors = {"id": given.get("categoryId"), "ref": given.get("categoryRef")}
        category = require_one(organization.categories, selectors)
        if kind not in category.for_model_types:
            raise ApiError(f"{category.title} is no extra category of {kind}")
        changes[category.id] = _read_value(category, given)
    kept = organization.values.get((kind, model_id), {}) if organization.options.unlisted_values_stay else {}
    organization.values[kind, model_id] = kept | changes
    organization.touch()
    return {"extraCategoryValues": values_of(organization, kind, model_id)}


def _model_id(organization: Organization, kind: str, arguments: Arguments) -> str:
    tables: Mapping[str, Any] = {
        "USER": organization.users,
        "GROUP": organization.groups,
        "TRAINING": organization.trainings,
        "OFFER": organization.offers,
    }
    if kind not in tables:
        raise not_found(f"A {kind.lower()}")
    selectors = {"id": arguments.get("modelId"), "ref": arguments.get("modelRef")}
    model_id: str = require_one(tables[kind], selectors).id
    return model_id


def _read_value(category: ExtraCategory, given: Mapping[str, Any]) -> tuple[Any, ...]:
    """The value in the one field that fits the category. Raises ApiError when it is another, none or no good."""
    field = _VALUE_FIELDS[category.category_type]
    filled = [name for name in _VALUE_TYPES if given.get(name) is not None]
    if filled != [field]:
        raise ApiError(f"{category.title} takes exactly a {field}")
    value = given[field]
    if field != "choiceValues":
        if category.category_type == "NUMBER":
            _require_number(category, value)
        return (value,)
    options = [_find_option(one, category.choice_options) for one in value]
    chosen = [option.id for option in options if option is not None]
    if not chosen or len(chosen) < len(options):
        raise ApiError(f"{category.title} has no such option")
    if category.category_type == "SELECT" and len(chosen) > 1:
        raise ApiError(f"{category.title} takes one option")
    return tuple(dict.fromkeys(chosen))


def _require_number(category: ExtraCategory, text: str) -> None:
    try:
        Decimal(text)
    except InvalidOperation as error:
        raise ApiError(f"{category.title} takes a number") from error


def values_of(organization: Organization, kind: str, model_id: str) -> list[dict[str, Any]]:
    """The values of an object as the union of value types; a MULTISELECT has one entry for each option."""
    shown = []
    for category_id, values in organization.values.get((kind, model_id), {}).items():
        category = organization.categories[category_id]
        field = _VALUE_FIELDS[category.category_type]
        common = {"__typename": _VALUE_TYPES[field], "category": category, "color": category.color, "modelId": model_id}
        options = {option.id: option for option in category.choice_options}
        for value in values:
            if field != "choiceValues":
                shown.append({**common, field: value})
            elif value in options:
                shown.append({**common, "color": options[value].color, "choiceValue": options[value]})
    return shown


ROOT_RULES: dict[str, RootRule] = {
    "extraCategories": _categories,
    "extraCategory": _category,
    "createExtraCategory": _create_category,
    "updateExtraCategory": _update_category,
    "archiveExtraCategories": _archive_categories,
    "updateExtraCategoryValues": _update_values,
}
FIELD_RULES: dict[str, FieldRule] = {
    "ExtraCategory.extraFields": always([]),
    "User.extraCategoryValues": lambda org, user, _: values_of(org, "USER", user.id),
    "Group.extraCategoryValues": lambda org, group, _: values_of(org, "GROUP", group.id),
    "Training.extraCategoryValues": lambda org, training, _: values_of(org, "TRAINING", training.id),
    "Offer.extraCategoryValues": lambda org, offer, _: values_of(org, "OFFER", offer.id),
}
