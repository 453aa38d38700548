"""Answers that say nothing about their rows, at every list call that the connector makes: never taken for "no rows"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from requests_mock import Mocker

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.skilljar import SkilljarOptions
from source_skilljar.declarations import declared_streams

TWO_ROWS_A_PAGE = replace(SkilljarOptions(), largest_page=2)
WORLD = {"users": 7, "courses": 3}
LATER = r"(^|&)(page|cursor)="
UNREADABLE = [
    FaultKind.EMPTY_BODY,
    FaultKind.NO_CONTENT,
    FaultKind.NULL,
    FaultKind.HTML,
    FaultKind.CUT_BODY,
]
ROWLESS = [FaultKind.ROWS_NULL, FaultKind.ROWS_MISSING, FaultKind.ROWS_TEXT]
"""An object that is read by itself has no rows to lose."""
FEWER = [FaultKind.ROWS_GONE, FaultKind.ROWS_HALF]
"""These can be told only where the list says how many rows it has."""
WITHOUT_COUNT = frozenset(
    {
        "users/{user_id}/published-courses",
        "users/{user_id}/plan-enrollments",
        "users/{user_id}/published-path-enrollments",
    }
)
OBJECTS = frozenset(declared.path for declared in declared_streams().values() if declared.one is not None)

ABSENT_OBJECTS = frozenset(declared.path for declared in declared_streams().values() if declared.may_be_absent)
"""Null says that there is none of these."""


def paths() -> dict[str, list[str]]:
    """The streams that are made of each path."""
    found: dict[str, list[str]] = {}
    for name, declared in declared_streams().items():
        found.setdefault(declared.path, []).append(name)
    return found


def pattern(path: str) -> str:
    """The path of a call, with any ids."""
    return "^/v1/" + re.sub(r"\{\w+\}", "[^/]+", path) + "$"


def rows_of(result: Any) -> dict[str, list[str]]:
    return {name: sorted(map(repr, rows)) for name, rows in result.records.items()}


def kinds_for(path: str) -> list[FaultKind]:
    """The shapes that can be told from an answer at this path."""
    if path in ABSENT_OBJECTS:
        return [kind for kind in UNREADABLE if kind is not FaultKind.NULL]
    if path in OBJECTS:
        return UNREADABLE
    return UNREADABLE + ROWLESS + ([] if path in WITHOUT_COUNT else FEWER)


def test_every_list_call_of_a_full_read_is_walked(commands: Any, serve: Any) -> None:
    site = serve(TWO_ROWS_A_PAGE, **WORLD)
    site.server.note_lists = True
    commands.read(site.config(), declared_streams())
    logged = {re.sub(r"{[^}]*}", "x", label.removeprefix("GET ")) for label, _ in site.server.requests.lists}
    walked = [re.compile(pattern(path)) for path in paths() if ROWLESS[0] in kinds_for(path)]
    assert len(logged) > 60
    assert not [route for route in logged if not any(one.match(route) for one in walked)]


@pytest.mark.sweep(kept=3)
@pytest.mark.parametrize("later", [False, True], ids=["first page", "later page"])
@pytest.mark.parametrize("kind", UNREADABLE + ROWLESS + FEWER)
def test_an_answer_without_its_rows_that_passes_loses_and_doubles_nothing(
    commands: Any, serve: Any, kind: FaultKind, later: bool
) -> None:
    site = serve(TWO_ROWS_A_PAGE, **WORLD)
    calm = commands.read(site.config(), declared_streams())
    query = LATER if later else f"^(?!.*{LATER})"
    walked = [path for path in paths() if kind in kinds_for(path)]
    site.server.faults = FaultPlan([FaultRule(kind, path=pattern(path), query=query, times=1) for path in walked])
    spoiled = commands.read(site.config(), declared_streams())
    assert not spoiled.errors
    assert set(spoiled.ends.values()) == {"COMPLETE"}
    assert rows_of(spoiled) == rows_of(calm)
    hits = [rule["hits"] for rule in site.server.faults.to_json()["rules"]]
    assert later or all(hits), "every call was tampered with"
    assert sum(hits) > 20


def lasting_cases() -> list[Any]:
    """Each path with each shape; in `make test`, every other path with one shape."""
    cases = []
    for number, path in enumerate(paths()):
        kinds = kinds_for(path)
        for place, kind in enumerate(kinds):
            marks = () if (number % 2, place) == (0, number % len(kinds)) else pytest.mark.sweep
            cases.append(pytest.param(path, kind, marks=marks, id=f"{path}-{kind.value}"))
    return cases


@pytest.mark.parametrize(("path", "kind"), lasting_cases())
def test_an_answer_without_its_rows_that_lasts_is_a_failure_and_moves_no_state(
    commands: Any, serve: Any, path: str, kind: FaultKind
) -> None:
    site = serve(TWO_ROWS_A_PAGE, **WORLD)
    names = paths()[path]
    site.server.faults = FaultPlan([FaultRule(kind, path=pattern(path))])
    result = commands.read(site.config(), names)
    assert [kind for _, kind in result.errors] == ["transient_error"] * len(names)
    assert set(result.ends.values()) == {"INCOMPLETE"}
    assert not result.states


def test_a_page_that_leads_back_is_a_failure_at_every_list_and_moves_no_state(commands: Any, serve: Any) -> None:
    site = serve(TWO_ROWS_A_PAGE, **WORLD)
    tops = {path: names for path, names in paths().items() if "{" not in path and path not in ("lessons", "domains")}
    for query in (f"^(?!.*{LATER})", LATER):
        site.server.faults = FaultPlan([FaultRule(FaultKind.PAGE_REPEATS, path=pattern(p), query=query) for p in tops])
        result = commands.read(site.config(), [name for names in tops.values() for name in names])
        hit = {name for name, end in result.ends.items() if end == "INCOMPLETE"}
        assert len(hit) > 10
        assert {kind for _, kind in result.errors} == {"transient_error"}
        assert not hit & result.states.keys()


@pytest.mark.sweep(kept=12)
@pytest.mark.parametrize("path", [path for path in paths() if "{" in path])
def test_a_parent_that_is_gone_while_its_children_are_read_is_skipped_and_counted(
    commands: Any, serve: Any, path: str
) -> None:
    site = serve(TWO_ROWS_A_PAGE, **WORLD)
    names = [name for name in paths()[path] if not declared_streams()[name].may_be_absent]
    calm = commands.read(site.config(num_workers=1), names)
    site.server.faults = FaultPlan([FaultRule(FaultKind.NOT_FOUND, path=pattern(path), times=1)])
    result = commands.read(site.config(num_workers=1), names)
    assert not result.errors
    assert set(result.ends.values()) <= {"COMPLETE"}
    for name in names:
        assert len(result.records[name]) <= len(calm.records[name])
        assert [text for text in result.warnings() if f"Stream {name}: skipped 1 of its lists" in text]
        assert result.states[name]


def test_a_list_that_shrinks_while_it_is_read_is_read_once_more(commands: Any, requests_mock: Mocker) -> None:
    base = "https://skilljar.test/v1"
    config = {"api_key": "k", "base_url": base, "requests_per_minute": 10**6, "requests_per_hour": 10**6}
    second = f"{base}/labels?page=2"

    def page(count: int, following: str | None, *ids: str) -> dict[str, Any]:
        return {"json": {"count": count, "next": following, "results": [{"id": one} for one in ids]}}

    # Four labels, of which the first two go away after the first page: the second page is gone, then there is one page.
    requests_mock.get(f"{base}/labels?page_size=1000", [page(4, second, "a", "b"), page(2, None, "c", "d")])
    requests_mock.get(second, status_code=404, json={"detail": "Invalid page."})
    result = commands.read(config, ["labels"])
    assert not result.errors
    assert result.keys("labels", "id") == [("a",), ("b",), ("c",), ("d",)]

    # A label comes in front while paging: without a second look it would be missed, and "b" would come twice.
    requests_mock.get(f"{base}/labels?page_size=1000", [page(3, second, "a", "b"), page(4, second, "new", "a")])
    requests_mock.get(second, [page(4, None, "b", "c"), page(4, None, "b", "c")])
    result = commands.read(config, ["labels"])
    assert not result.errors
    assert result.keys("labels", "id") == [("a",), ("b",), ("c",), ("new",)]


# Version 2: lists that do not say how many rows they have.

V2_LISTS = {"enrollments": ["enrollments"], "certificates": ["certificates"], "published-courses": ["enrollments"]}
V2_WORLD = {"users": 80, "courses": 5}
NEXT_PAGE = r"page%5Bcursor%5D="


def v2_pattern(name: str) -> str:
    return f"^/v2/{name}/$"


def test_every_list_call_of_version_two_is_walked(commands: Any, serve: Any) -> None:
    site = serve(**V2_WORLD)
    site.server.note_lists = True
    first = commands.read(site.v2_config(), ["enrollments", "certificates"])
    commands.read(site.v2_config(), ["enrollments", "certificates"], first.last_states())
    logged = {label.removeprefix("GET ") for label, _ in site.server.requests.lists}
    assert logged == {f"/v2/{name}/" for name in V2_LISTS}


@pytest.mark.parametrize("incremental", [False, True], ids=["first read", "next read"])
@pytest.mark.parametrize("kind", UNREADABLE + ROWLESS)
def test_an_answer_of_version_two_without_its_rows_that_passes_loses_nothing(
    commands: Any, serve: Any, kind: FaultKind, incremental: bool
) -> None:
    site = serve(**V2_WORLD)
    names = ["enrollments", "certificates"]
    state = commands.read(site.v2_config(), names).last_states() if incremental else None
    calm = commands.read(site.v2_config(), names, state)
    site.server.faults = FaultPlan([FaultRule(kind, path=v2_pattern(name), times=1) for name in V2_LISTS])
    spoiled = commands.read(site.v2_config(), names, state)
    assert not spoiled.errors
    assert rows_of(spoiled) == rows_of(calm)
    assert all(rule["hits"] for rule in site.server.faults.to_json()["rules"])


@pytest.mark.sweep(kept=12)
@pytest.mark.parametrize("incremental", [False, True], ids=["first read", "next read"])
@pytest.mark.parametrize("kind", UNREADABLE + ROWLESS)
@pytest.mark.parametrize("name", list(V2_LISTS))
def test_an_answer_of_version_two_without_its_rows_that_lasts_is_a_failure_and_moves_no_state(
    commands: Any, serve: Any, name: str, kind: FaultKind, incremental: bool
) -> None:
    site = serve(users=10, courses=2)
    streams = V2_LISTS[name]
    state = commands.read(site.v2_config(), streams).last_states() if incremental else None
    site.server.faults = FaultPlan([FaultRule(kind, path=v2_pattern(name))])
    result = commands.read(site.v2_config(), streams, state)
    assert {kind for _, kind in result.errors} == {"transient_error"}
    assert set(result.ends.values()) == {"INCOMPLETE"}
    assert not result.states


def test_a_cursor_of_version_two_that_comes_again_is_a_failure_and_moves_no_state(commands: Any, serve: Any) -> None:
    site = serve(**V2_WORLD)
    rule = FaultRule(FaultKind.PAGE_REPEATS, path=v2_pattern("enrollments"), query=NEXT_PAGE)
    site.server.faults = FaultPlan([rule])
    result = commands.read(site.v2_config(), ["enrollments"])
    assert [kind for _, kind in result.errors] == ["transient_error"]
    assert "left" in result.last_states().get("enrollments", {"left": []})


def test_a_next_page_of_version_two_without_a_cursor_is_a_failure(commands: Any, requests_mock: Mocker) -> None:
    base = "https://skilljar.test"
    config = {"api_key": "k", "base_url": f"{base}/v1", "requests_per_minute": 10**6, "requests_per_hour": 10**6}
    client = {"v2_client_id": "c", "v2_client_secret": "s", "v2_base_url": f"{base}/v2"}
    requests_mock.post(f"{base}/v2/auth/token", json={"access_token": "a.e30.c", "expires_in": 900})
    row = {"type": "certificates", "id": "1", "attributes": {"issued_at": "2026-01-01T00:00:00Z"}}
    requests_mock.get(f"{base}/v2/certificates/", json={"data": [row], "has_more": True, "next_cursor": None})
    result = commands.read({**config, **client}, ["certificates"])
    assert {kind for _, kind in result.errors} == {"transient_error"}
    assert not result.records
    assert not result.states
