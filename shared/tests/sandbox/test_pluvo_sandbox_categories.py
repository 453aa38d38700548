"""Extra categories and their values in the pretend Pluvo."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.sandbox.pluvo import PluvoOptions, PluvoSandbox

VALUES = """{ extraCategoryValues {
  ... on ExtraCategoryStringValue { category { title } stringValue }
  ... on ExtraCategoryDatetimeValue { category { title } datetimeValue }
  ... on ExtraCategoryBooleanValue { category { title } booleanValue }
  ... on ExtraCategoryChoiceValue { category { title } choiceValue { stringValue color } }
} }"""
OPTIONS = ("Utrecht", "Gent")
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Fields:
    """Makes extra categories with one client."""

    def __init__(self, client: Any, enum_value: Any) -> None:
        self._client = client
        self._enum = enum_value

    def make(self, ref: str, kind: str, model: str = "USER", options: tuple[str, ...] = ()) -> Any:
        values = {
            "name": ref.title(),
            "ref": ref,
            "categoryType": self._enum(kind),
            "forModelTypes": [self._enum(model)],
        }
        if options:
            values["choiceOptions"] = [{"stringValue": text, "color": "#00AAFF"} for text in options]
        fields = "{extraCategory {id title ref categoryType forModelTypes choiceOptions {id stringValue} archivedAt}}"
        return self._client.mutate("createExtraCategory", fields, extraCategoryInput=values)["extraCategory"]

    def fill(self, ref: str, *values: Any, model: str = "USER") -> Any:
        answer = self._client.mutate(
            "updateExtraCategoryValues", VALUES, contentType=self._enum(model), modelRef=ref, values=list(values)
        )
        return answer["extraCategoryValues"]

    def refused(self, *values: Any, ref: str = "ann", model: str = "USER") -> str:
        code: str = self._client.refused(
            "updateExtraCategoryValues", VALUES, contentType=self._enum(model), modelRef=ref, values=list(values)
        )
        return code


@pytest.fixture
def fields(pluvo: Any, enum_value: Any) -> Fields:
    return Fields(pluvo, enum_value)


def test_a_category_comes_in_with_a_name_and_is_shown_with_a_title(pluvo: Any, fields: Fields) -> None:
    made = fields.make("site", "SELECT", options=OPTIONS)
    assert [option.pop("stringValue") for option in made["choiceOptions"]] == list(OPTIONS)
    assert {key: made[key] for key in ("title", "ref", "categoryType", "forModelTypes", "archivedAt")} == {
        "title": "Site",
        "ref": "site",
        "categoryType": "SELECT",
        "forModelTypes": ["USER"],
        "archivedAt": None,
    }
    assert pluvo.query("extraCategory", "{title}", id=made["id"]) == {"title": "Site"}
    assert pluvo.refused("createExtraCategory", "{__typename}", extraCategoryInput={"ref": "x"}) == "ValidationError"


def test_a_changed_category_keeps_the_options_that_it_is_told_again(pluvo: Any, fields: Fields) -> None:
    made = fields.make("site", "SELECT", options=OPTIONS)
    options = [{"stringValue": "Gent"}, {"stringValue": "Bonn"}, {"id": made["choiceOptions"][0]["id"], "ref": "u"}]
    answer = pluvo.mutate(
        "updateExtraCategory",
        "{extraCategory {title choiceOptions {id ref stringValue}}}",
        id=made["id"],
        extraCategoryInput={"name": "Place", "choiceOptions": options},
    )["extraCategory"]
    assert answer["title"] == "Place"
    gent, bonn, utrecht = answer["choiceOptions"]
    assert gent["id"] == made["choiceOptions"][1]["id"]
    assert bonn["id"] not in {option["id"] for option in made["choiceOptions"]}
    assert utrecht == {"id": made["choiceOptions"][0]["id"], "ref": "u", "stringValue": "Utrecht"}


def test_archived_categories_are_not_listed(pluvo: Any, fields: Fields, enum_value: Any) -> None:
    site = fields.make("site", "TEXT")["id"]
    fields.make("size", "TEXT", "GROUP")
    assert [row["title"] for row in pluvo.query("extraCategories", "{title}")] == ["Site", "Size"]
    listed = pluvo.query("extraCategories", "{title}", contentType=enum_value("GROUP"))
    assert [row["title"] for row in listed] == ["Size"]
    answer = pluvo.mutate(
        "archiveExtraCategories", "{response {succeededIds failedIds}}", archive=True, ids=[site, UNKNOWN]
    )
    assert answer["response"] == {"succeededIds": [site], "failedIds": [UNKNOWN]}
    assert [row["title"] for row in pluvo.query("extraCategories", "{title}")] == ["Size"]
    assert pluvo.query("extraCategory", "{archivedAt}", id=site)["archivedAt"] is not None


def test_each_type_of_category_takes_its_kind_of_value(pluvo: Any, fields: Fields) -> None:
    pluvo.user("ann")
    for ref, kind in (("text", "TEXT"), ("number", "NUMBER"), ("day", "DATE"), ("flag", "BOOLEAN")):
        fields.make(ref, kind)
    fields.make("one", "SELECT", options=OPTIONS)
    fields.make("many", "MULTISELECT", options=OPTIONS)
    values = fields.fill(
        "ann",
        {"categoryRef": "text", "stringValue": "A"},
        {"categoryRef": "number", "stringValue": "4.5"},
        {"categoryRef": "day", "datetimeValue": "2026-03-01"},
        {"categoryRef": "flag", "booleanValue": False},
        {"categoryRef": "one", "choiceValues": [{"stringValue": "Gent"}]},
        {"categoryRef": "many", "choiceValues": [{"stringValue": "Utrecht"}, {"stringValue": "Gent"}]},
    )
    assert [(value.pop("category")["title"], value) for value in values] == [
        ("Text", {"stringValue": "A"}),
        ("Number", {"stringValue": "4.5"}),
        ("Day", {"datetimeValue": "2026-03-01T00:00:00Z"}),
        ("Flag", {"booleanValue": False}),
        ("One", {"choiceValue": {"stringValue": "Gent", "color": "#00AAFF"}}),
        ("Many", {"choiceValue": {"stringValue": "Utrecht", "color": "#00AAFF"}}),
        ("Many", {"choiceValue": {"stringValue": "Gent", "color": "#00AAFF"}}),
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"categoryRef": "text"},
        {"categoryRef": "text", "booleanValue": True},
        {"categoryRef": "text", "stringValue": "A", "booleanValue": True},
        {"categoryRef": "number", "stringValue": "many"},
        {"categoryRef": "one", "choiceValues": [{"stringValue": "Bonn"}]},
        {"categoryRef": "one", "choiceValues": [{"stringValue": "Gent"}, {"stringValue": "Utrecht"}]},
        {"categoryRef": "one", "choiceValues": []},
        {"categoryRef": "team", "stringValue": "A"},
        {"stringValue": "A"},
    ],
)
def test_a_value_that_does_not_fit_its_category_is_refused_and_changes_nothing(
    pluvo: Any, fields: Fields, value: Any
) -> None:
    pluvo.user("ann")
    fields.make("text", "TEXT")
    fields.make("number", "NUMBER")
    fields.make("one", "SELECT", options=OPTIONS)
    fields.make("team", "TEXT", "GROUP")
    assert fields.refused({"categoryRef": "text", "stringValue": "B"}, value) == "ValidationError"
    assert pluvo.query("user", "{extraCategoryValues {__typename}}", ref="ann") == {"extraCategoryValues": []}


def test_values_need_an_object_that_is_there(fields: Fields) -> None:
    fields.make("text", "TEXT")
    value = {"categoryRef": "text", "stringValue": "A"}
    assert fields.refused(value, ref="nobody") == "NotFound"
    assert fields.refused(value, ref="x", model="COURSE") == "NotFound"


@pytest.mark.parametrize(("stay", "left"), [(True, ["Text", "Other"]), (False, ["Other"])])
def test_values_that_are_not_listed_stay_or_go(serve_pluvo: Any, enum_value: Any, stay: bool, left: list[str]) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(unlisted_values_stay=stay)))
    fields = Fields(client, enum_value)
    client.training("knots")
    fields.make("text", "TEXT", "TRAINING")
    fields.make("other", "TEXT", "TRAINING")
    fields.fill("knots", {"categoryRef": "text", "stringValue": "A"}, model="TRAINING")
    values = fields.fill("knots", {"categoryRef": "other", "stringValue": "B"}, model="TRAINING")
    assert [value["category"]["title"] for value in values] == left


def test_users_are_filtered_by_values(pluvo: Any, fields: Fields, enum_value: Any) -> None:
    site = fields.make("site", "SELECT", options=OPTIONS)["id"]
    hired = fields.make("hired", "DATE")["id"]
    flag = fields.make("flag", "BOOLEAN")["id"]
    people = {"ann": ("Gent", "2020-01-01"), "bob": ("Utrecht", "2024-01-01"), "cho": ("Gent", "2026-01-01")}
    for ref, (town, start) in people.items():
        pluvo.user(ref)
        fields.fill(
            ref,
            {"categoryRef": "site", "choiceValues": [{"stringValue": town}]},
            {"categoryRef": "hired", "datetimeValue": start},
            {"categoryRef": "flag", "booleanValue": ref == "bob"},
        )

    def place(text: str) -> Any:
        return {"id": site, "type": enum_value("STRING"), "stringValue": text}

    def day(text: str, comparison: str) -> Any:
        moment = {"datetimeValue": text, "dateComparison": enum_value(comparison)}
        return {"id": hired, "type": enum_value("DATETIME"), **moment}

    def listed(*filters: Any) -> list[str]:
        page = pluvo.query("paginatedUsers", "{edges {node {ref}}}", extraCategories=list(filters))
        return [edge["node"]["ref"] for edge in page["edges"]]

    assert listed(place("Gent")) == ["ann", "cho"]
    assert listed(place("Gent"), place("Utrecht")) == ["ann", "bob", "cho"]
    assert listed(place("Gent"), day("2024-01-01", "GREATER_THAN")) == ["cho"]
    assert listed(day("2024-01-01", "GREATER_THAN")) == ["bob", "cho"]
    assert listed(day("2024-01-01", "LESSER_THAN")) == ["ann", "bob"]
    assert listed({"id": flag, "type": enum_value("BOOLEAN"), "booleanValue": True}) == ["bob"]
    bad = {"id": site, "type": enum_value("STRING")}
    assert pluvo.refused("paginatedUsers", "{count}", "query", extraCategories=[bad]) == "ValidationError"
