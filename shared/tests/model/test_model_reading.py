"""Values of a record: taken for what they say, or left out alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_shared.dev.testing.catalogue import catalogue
from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.dev.testing.records import a_completion, a_course, a_user
from lms_shared.model import reading, validation
from lms_shared.model.fields import OnInvalid
from lms_shared.model.placement import Placement, placed
from lms_shared.model.reading import Reading, read_record
from lms_shared.model.unified import COMPLETIONS, USERS

OBJECTS = declarations()
NATIVE_LANGUAGE = placed(
    USERS, Placement({"email": "email", "language": "language"}, choices={"language": ("NL", "EN")})
)
WHOLE_SCORES = placed(
    COMPLETIONS, Placement({"completed_at": "x", "score": "x", "result": "x"}, whole_numbers=frozenset({"score"}))
)


def completion(**fields: Any) -> Reading:
    return read_record(OBJECTS["completions"], a_completion(**fields))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("true", True),
        ("TRUE", True),
        ("Y", True),
        ("yes", True),
        ("t", True),
        ("1", True),
        (1, True),
        (1.0, True),
        ("no", False),
        ("F", False),
        (" 0 ", False),
        (0, False),
    ],
)
def test_a_boolean_is_taken_as_a_spreadsheet_spells_it(said: Any, meant: bool) -> None:
    assert read_record(OBJECTS["users"], a_user(active=said)).values["active"] is meant


@pytest.mark.parametrize("said", ["no longer", 2, "0.0", "-", ["true"]])
def test_a_deciding_field_that_cannot_be_understood_costs_the_record(said: Any) -> None:
    problem = read_record(OBJECTS["users"], a_user(active=said)).problem
    assert problem is not None
    assert "active" in problem.reason


@pytest.mark.parametrize("blank", ["", "  ", "\u200b"])
@pytest.mark.parametrize("name", ["active", "content_url", "duration", "order", "tags", "languages", "additional_data"])
def test_blank_text_is_not_given_whatever_the_field(name: str, blank: str) -> None:
    reading = read_record(OBJECTS["content"], {**a_course(), name: blank})
    assert (reading.problem, reading.unfit) == (None, {})
    assert name not in reading.values


@pytest.mark.parametrize(
    ("said", "meant"), [("6.01", 6.01), ("3", 3), (" +5 ", 5), ("1e2", 100), (99.99999999, 100), (100.0000001, 100)]
)
def test_a_number_is_taken_from_text_and_without_noise(said: Any, meant: float) -> None:
    assert completion(score={"percentage": said}).values["score"] == {"percentage": meant}


@pytest.mark.parametrize("said", ["85%", "0,85", "1 000", "1_000", "0x10", "", -5, 100.1, True, [85]])
def test_a_score_that_is_none_costs_itself(said: Any) -> None:
    reading = completion(score={"percentage": said, "raw_value": 12})
    assert reading.problem is None
    assert reading.values["score"] == {"raw_value": 12}
    assert list(reading.unfit) == ([] if said == "" else ["score.percentage"])


@pytest.mark.parametrize("score", [85, "85", [85], "none"])
def test_a_score_that_is_no_object_costs_itself(score: Any) -> None:
    reading = completion(score=score)
    assert reading.problem is None
    assert "score" not in reading.values
    assert list(reading.unfit) == ["score"]


@pytest.mark.parametrize(
    "fields",
    [
        {"score_percentage": "85"},
        {"score.percentage": 85},
        {"score": '{"percentage": 85}'},
        {"score": {"percentage": 85}, "score_percentage": 12},
    ],
)
def test_a_member_may_come_flat_or_as_json_text_and_the_nested_one_wins(fields: dict[str, Any]) -> None:
    assert completion(**fields).values["score"] == {"percentage": 85}


def test_members_without_a_place_are_named_and_cost_nothing() -> None:
    reading = completion(score={"scaled": 0.95, "raw": 95.0, "raw_value": 3})
    assert reading.unknown_members == ["score.scaled", "score.raw"]
    assert reading.values["score"] == {"raw_value": 3}


@pytest.mark.parametrize(("said", "kept", "told"), [(85.5, 86, True), (84.49, 84, True), (85.0000001, 85, False)])
def test_rounding_is_told_where_it_loses_more_than_noise(said: float, kept: int, told: bool) -> None:
    reading = read_record(WHOLE_SCORES, a_completion(score={"percentage": said}))
    assert reading.values["score"] == {"percentage": kept}
    assert reading.rounded == (["score.percentage"] if told else [])


@pytest.mark.parametrize("said", ["PASS", "pass", " Pass "])
def test_a_choice_is_taken_in_any_case(said: str) -> None:
    assert completion(result=said).values["result"] == "Pass"


@pytest.mark.parametrize("said", ["IN_PROGRESS", "in progress", "In-Progress"])
def test_a_choice_is_taken_with_any_separator(said: str) -> None:
    record = {"user_email": "a@b.c", "learning_object_id": "1", "status": said}
    assert read_record(OBJECTS["assignments"], record).values["status"] == "in_progress"


@pytest.mark.parametrize("said", ["Failed", "ok", 1])
def test_a_result_that_is_none_costs_the_record(said: Any) -> None:
    problem = completion(result=said).problem
    assert problem is not None
    assert "result" in problem.reason


@pytest.mark.parametrize(
    ("said", "meant"), [('["en", "nl"]', ["en", "nl"]), ("en", ["en"]), (["en", None, " "], ["en"])]
)
def test_a_list_is_taken_from_json_text_or_from_one_text(said: Any, meant: list[str]) -> None:
    assert read_record(OBJECTS["content"], a_course(languages=said)).values["languages"] == meant


@pytest.mark.parametrize("said", ["a, b", '["a"', {"name": "IT"}, [{"name": "Ana"}], [1, 2]])
def test_a_list_that_is_none_costs_itself(said: Any) -> None:
    reading = read_record(OBJECTS["content"], a_course(tags=said))
    assert (reading.problem, list(reading.unfit)) == (None, ["tags"])


@pytest.mark.parametrize(
    "moment", ["1970-01-01T00:00:00Z", "1989-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "2099-01-01"]
)
def test_a_time_at_which_nobody_can_have_completed_anything_costs_the_record(moment: str) -> None:
    problem = completion(completed_at=moment).problem
    assert problem is not None
    assert (problem.code, "completed_at" in problem.reason) == ("INPUT.VALUE", True)


@pytest.mark.parametrize("moment", [0, 1780308000000, "1780308000", "01/06/2026", "6/1/26 10:00 AM", "0000-00-00"])
def test_a_time_that_could_mean_several_is_not_guessed(moment: Any) -> None:
    problem = completion(completed_at=moment).problem
    assert problem is not None
    assert "completed_at" in problem.reason


@pytest.mark.parametrize(
    ("said", "kept"),
    [("nl-NL", "NL"), ("NL_nl", "NL"), ("en", "EN"), ("en-Latn-US", "EN"), ("English", "EN"), ("dutch", "NL")],
)
def test_a_language_is_taken_by_tag_or_english_name_in_the_words_of_the_lms(said: str, kept: str) -> None:
    assert read_record(NATIVE_LANGUAGE, a_user(language=said)).values["language"] == kept


@pytest.mark.parametrize("said", ["fr", "Klingonese", "nl, en", ["nl"], 7])
def test_a_language_that_the_lms_does_not_know_costs_itself(said: Any) -> None:
    reading = read_record(NATIVE_LANGUAGE, a_user(language=said))
    assert (reading.problem, list(reading.unfit)) == (None, ["language"])


def test_in_strict_syncs_such_a_value_costs_the_record() -> None:
    record = a_completion(score={"percentage": "85%"})
    assert read_record(OBJECTS["completions"], record).problem is None
    problem = read_record(OBJECTS["completions"], record, strict=True).problem
    assert problem is not None
    assert "score.percentage" in problem.reason


def test_fields_without_a_place_are_not_looked_at_even_in_strict_syncs() -> None:
    record = a_user(phone_number=["31"], active=True)
    assert read_record(OBJECTS["users"], record, strict=True).problem is None


def test_invisible_characters_are_dropped_from_addresses_and_references_alone() -> None:
    record = a_user("\ufeffada@example.com", external_reference="E\u200b1", first_name="Sa\u200cra")
    reading = read_record(OBJECTS["users"], record)
    assert reading.values["email"] == "ada@example.com"
    assert reading.values["external_reference"] == "E1"
    assert reading.values["first_name"] == "Sa\u200cra"
    assert reading.as_they_came == {"email": "\ufeffada@example.com", "external_reference": "E\u200b1"}


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["PT1H", "2026-01-01", "1e400", "9" * 400, "[1,", '{"a":', '["a"]', "NaN", "\u200b", "en"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", sorted(OBJECTS))
@given(data=st.data())
def test_nothing_in_an_optional_field_costs_more_than_itself(name: str, data: st.DataObject) -> None:
    declaration = OBJECTS[name]
    valid: dict[str, Any] = catalogue(frozenset({name}))[0].records[0]  # type: ignore[assignment]
    optional = [one.name for one in declaration.fields if declaration.on_invalid(one.name) is OnInvalid.LEAVE_OUT]
    chosen = data.draw(st.sampled_from([*optional, "unknown"]))
    reading = read_record(declaration, {**valid, chosen: data.draw(_JSON)})
    assert reading.problem is None
    untouched = read_record(declaration, {one: value for one, value in valid.items() if one != chosen})
    assert {one: reading.values.get(one) for one in untouched.values} == untouched.values


@given(value=_JSON)
def test_no_value_of_a_deciding_field_breaks_the_reading(value: Any) -> None:
    for name, field in (("users", "active"), ("completions", "completed_at"), ("completions", "result")):
        valid: dict[str, Any] = catalogue(frozenset({name}))[0].records[0]  # type: ignore[assignment]
        reading = read_record(OBJECTS[name], {**valid, field: value})
        assert reading.problem is None or field in reading.problem.reason


TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        (
            *("ada@example.com", " Ada@Example.com ", "a@b@c", "ada @example.com", "@", "", " ", "\u200b", "é@ü.nl"),
            *("https://x.example/a", "HTTPS://x", "http://", "https://x y", "x" * 300, "a\nb", "\x07", "\ud800"),
            *("2026-01-05", "2026-01-05T10:00:00Z", "PT1H", "en-US", "English", "7", "Pass", "true", '{"a": 1}'),
        )
    ),
)


@given(st.data())
def test_what_is_taken_at_a_glance_is_what_a_whole_look_gives(data: st.DataObject) -> None:
    declaration = OBJECTS[data.draw(st.sampled_from(sorted(OBJECTS)))]
    record = data.draw(st.dictionaries(st.sampled_from([one.name for one in declaration.fields]), TEXTS))
    at_a_glance = read_record(declaration, record)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "is_plain", lambda *_: False)
        patched.setattr(validation, "_surely_fits", lambda *_: False)
        assert at_a_glance == read_record(declaration, record)


@given(st.one_of(st.integers(), st.floats(), st.booleans(), st.lists(TEXTS, max_size=3), TEXTS, st.none()))
def test_no_value_fits_at_a_glance_that_the_schema_refuses(value: Any) -> None:
    for declaration in OBJECTS.values():
        for one in (each for outer in declaration.fields for each in (outer, *outer.members)):
            found = validation.value_problem(one, one.name, value) if value is not None else None
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(validation, "_surely_fits", lambda *_: False)
                expected = validation.value_problem(one, one.name, value) if value is not None else None
            assert found == expected, one.name
