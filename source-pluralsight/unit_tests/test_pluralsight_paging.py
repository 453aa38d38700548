"""Pages are walked to their end, and what is missing is said."""

from __future__ import annotations

from typing import Any

import pytest
import requests_mock as requests_mock_library
from airbyte_cdk.models import AirbyteStreamStatus

from lms_shared.dev.sandbox.pluralsight.options import EXPIRED_KEY, PluralsightOptions, WarningShape

ENDPOINT = "http://pluralsight.test/graphql"
CONFIG = {"api_key": "some-key", "partner_name": "Acme", "endpoint": ENDPOINT, "page_size": 2}
REFUSED = {"status_code": 400, "json": {"errors": [{"message": "GraphQL introspection is not allowed"}]}}


def page(ids: list[str | None], cursor: str | None = None, has_next: bool = False, total: int | None = None) -> Any:
    """An answer to the query of teams."""
    nodes = [None if key is None else {"id": key, "name": f"Team {key}"} for key in ids]
    connection = {"nodes": nodes, "pageInfo": {"endCursor": cursor, "hasNextPage": has_next}, "totalCount": total}
    return {"data": {"teams": connection}}


def read_pages(commands: Any, pages: list[Any]) -> tuple[Any, list[dict[str, Any]]]:
    """Read teams from scripted pages; returns the output and the variables of each page's request.

    Introspection is refused before the script begins.
    """
    script = [{"json": body} for body in pages]
    with requests_mock_library.Mocker() as mocker:
        mocker.post(ENDPOINT, [REFUSED, *script])
        output = commands.read(CONFIG, ["teams"])
        return output, [request.json()["variables"] for request in mocker.request_history[1:]]


def ids(output: Any) -> list[str]:
    return [message.record.data["id"] for message in output.records]


def failure_types(output: Any) -> set[str]:
    return {error.trace.error.failure_type.value for error in output.errors}


def test_each_page_is_asked_for_with_the_page_size_and_the_cursor_before_it(commands: Any) -> None:
    pages = [page(["1", "2"], "a", True, 5), page(["3", "4"], "b", True, 5), page(["5"], "c", False, 5)]
    output, variables = read_pages(commands, pages)
    assert ids(output) == ["1", "2", "3", "4", "5"]
    assert variables == [{"first": 2}, {"first": 2, "after": "a"}, {"first": 2, "after": "b"}]


def test_a_page_shorter_than_asked_for_is_not_the_end_while_more_is_announced(commands: Any) -> None:
    output, _ = read_pages(
        commands, [page(["1"], "a", True, 3), page([], "b", True, 3), page(["2", "3"], None, False, 3)]
    )
    assert ids(output) == ["1", "2", "3"]
    assert not output.errors


def test_a_cursor_that_looks_like_a_number_stays_text(commands: Any) -> None:
    _, variables = read_pages(commands, [page(["1"], "010", True), page(["2"])])
    assert variables[1]["after"] == "010"


@pytest.mark.parametrize(
    "pages",
    [
        [page(["1"], "a", True, 3), page(["2"], "a", True, 3)],
        [page(["1"], "a", True, 4), page(["2"], "b", True, 4), page(["3"], "a", True, 4)],
    ],
)
def test_a_cursor_that_repeats_is_a_transient_error(commands: Any, pages: list[Any]) -> None:
    output, _ = read_pages(commands, pages)
    assert failure_types(output) == {"transient_error"}
    assert output.get_stream_statuses("teams")[-1] == AirbyteStreamStatus.INCOMPLETE


REMOVED = [page(["1"], "a", True, 3), page(["3"], None, False, 2)]
ADDED = [page(["1"], "a", True, 2), page(["3"], None, False, 3)]


@pytest.mark.parametrize(
    ("pages", "complete"),
    [
        pytest.param([page(["1"], "a", True, 3), page(["2"], None, False, 3)], False, id="both promised more"),
        pytest.param([*REMOVED, page(["1", "3"], None, False, 2)], True, id="a row was removed meanwhile"),
        pytest.param([*REMOVED, page(["1"], None, False, 2)], False, id="rows are missing after that as well"),
        pytest.param([*ADDED, page(["1", "2", "3"], None, False, 3)], True, id="a row was added meanwhile"),
        pytest.param([page(["1"], None, False, 2)], False, id="a single page"),
        pytest.param([page(["1", None], None, False, 2)], True, id="null rows count"),
        pytest.param([page(["1", "2"], None, False, 1)], True, id="more than promised"),
        pytest.param([page(["1"], None, True, 2)], False, id="a next page without a cursor"),
        pytest.param([page(["1"], None, False, None)], True, id="nothing promised"),
    ],
)
def test_fewer_rows_than_promised_at_the_end_is_a_transient_error(
    commands: Any, pages: list[Any], complete: bool
) -> None:
    output, _ = read_pages(commands, pages)
    assert failure_types(output) == (set() if complete else {"transient_error"})


def test_rows_come_once_though_their_list_is_read_again_from_its_start(commands: Any) -> None:
    output, variables = read_pages(commands, [*REMOVED, page(["1"], "a", True, 2), page(["3"], None, False, 2)])
    assert ids(output) == ["1", "3"]
    assert [one.get("after") for one in variables] == [None, "a", None, "a"]


def test_a_null_in_place_of_a_list_is_asked_for_again_and_then_a_failure(commands: Any) -> None:
    output, variables = read_pages(commands, [{"data": {"teams": None}}])
    assert (ids(output), failure_types(output)) == ([], {"transient_error"})
    assert len(variables) > 1


@pytest.mark.parametrize("shape", list(WarningShape))
def test_a_warning_of_the_api_is_logged_once_however_often_it_comes(
    serve: Any, commands: Any, shape: WarningShape
) -> None:
    site = serve(PluralsightOptions(warning_shape=shape))
    output = commands.read(site.config(api_key=EXPIRED_KEY, page_size=7), ["users", "teams", "course_progress"])
    said = [log.log.message for log in output.logs if "has expired" in log.log.message]
    assert len(said) == 1
    assert not output.errors


def test_a_page_that_the_api_cuts_costs_no_rows_and_is_said(serve: Any, commands: Any) -> None:
    site = serve(PluralsightOptions(page_cap=50))
    output = commands.read(site.config(page_size=1000), ["course_progress"])
    assert len(output.records) == 300
    assert output.is_in_logs("reduced to the maximum of 50")


def test_null_rows_are_skipped_without_counting_as_lost(serve: Any, commands: Any) -> None:
    site = serve(PluralsightOptions(null_nodes=frozenset({"users"})))
    output = commands.read(site.config(page_size=9), ["users"])
    assert len(output.records) == len(site.sandbox.state()["users"])
    assert not output.errors
