"""Answers that the pretend Pluvo never gives: each call still learns what became of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests_mock
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from destination_pluvo.answers import Refused
from destination_pluvo.api import PluvoApi
from destination_pluvo.batch import Call
from destination_pluvo.documents import Documents
from destination_pluvo.operations import operation
from lms_shared.adapter.remote import RecordRejected
from lms_shared.http.client import JsonClient, Limits
from lms_shared.http.outcome import CallFailed, UnknownOutcome

URL = "https://acme.pluvo.com/graphql/"
GROUP = {"group": {"id": "g", "name": "Engineers"}}


@pytest.fixture
def api() -> PluvoApi:
    """Sends each call in a document of its own."""
    client = JsonClient("Pluvo", "https://acme.pluvo.com", None, Limits(), max_attempts=2)
    return PluvoApi(client, fields=25, callers=1, documents=1)


@pytest.fixture
def server() -> Iterator[requests_mock.Mocker]:
    with requests_mock.Mocker() as mocker:
        yield mocker


def create(api: PluvoApi) -> Any:
    return api.write("CreateGroup", "group", group={"name": "Engineers"})


def test_an_error_without_a_path_is_about_the_mutation_that_came_to_nothing(
    api: PluvoApi, server: requests_mock.Mocker
) -> None:
    server.post(
        URL, json={"data": {"a0": None}, "errors": [{"message": "no more groups", "extensions": {"code": "LIMIT"}}]}
    )
    with pytest.raises(Refused, match="no more groups"):
        create(api)


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"a0": None}},
        {"data": {"a0": {"group": None}}},
        {"data": {}},
        {"data": None},
        {"errors": ["just a text"]},
        {"errors": [{"message": None, "path": "a0", "extensions": []}]},
        {"data": None, "errors": [{"message": "Internal error"}]},
        {"data": {"a0": None}, "errors": [{"message": "x", "path": ["a0"], "extensions": {"code": "InternalError"}}]},
        {"data": {"a0": None}, "errors": [{"message": "Request timed out", "path": ["a0"]}]},
        {"errors": [{"message": "none", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]},
        {},
        [],
    ],
)
def test_a_create_whose_answer_says_nothing_of_the_record_is_of_unknown_outcome(
    api: PluvoApi, server: requests_mock.Mocker, body: Any
) -> None:
    server.post(URL, json=body)
    with pytest.raises(UnknownOutcome):
        create(api)


def test_an_error_of_a_field_is_a_reject_with_and_without_data(api: PluvoApi, server: requests_mock.Mocker) -> None:
    server.post(URL, json={"errors": [{"message": "x", "path": ["a0"]}], "data": None})
    with pytest.raises(Refused, match="x"):
        create(api)


def test_an_error_inside_an_object_is_one_of_its_mutation(api: PluvoApi, server: requests_mock.Mocker) -> None:
    errors = [{"message": "no chat here", "path": ["a0", "group", "enableChat"]}]
    server.post(URL, json={"data": {"a0": GROUP}, "errors": errors})
    with pytest.raises(Refused, match="no chat here"):
        create(api)


def sent(*names: str) -> list[Call]:
    """Operations that went out as one document."""
    calls = [Call(operation(name), {"group": {"name": "Engineers"}}) for name in names]
    client = JsonClient("Pluvo", "https://acme.pluvo.com", None, Limits(), max_attempts=2)
    Documents(client, 25).send(calls)
    for one in calls:
        one.tell()
    return calls


def test_what_was_done_before_the_token_ended_is_not_done_again(server: requests_mock.Mocker) -> None:
    ended = {"message": "ended", "path": ["a1"], "extensions": {"code": "AuthenticationError"}}
    rest = {"json": {"data": {"a0": GROUP}}}
    server.post(URL, [{"json": {"data": {"a0": GROUP, "a1": None}, "errors": [ended]}}, rest])
    first, second = sent("CreateGroup", "CreateGroup")
    assert (first.wait(), second.wait()) == (GROUP, GROUP)
    assert [request.text.count("createGroup(") for request in server.request_history] == [2, 1]


def test_a_scope_that_a_document_lacks_fails_the_operations_that_need_it_alone(server: requests_mock.Mocker) -> None:
    refusal = {"errors": [{"message": "no scope", "extensions": {"code": "PermissionDenied"}}]}
    server.post(URL, [{"json": refusal}, {"json": refusal}, {"json": {"data": {"a0": {"training": {"id": "t"}}}}}])
    *groups, training = sent("CreateGroup", "CreateGroup", "CreateGroup", "CreateTraining")
    for one in groups:
        with pytest.raises(AirbyteTracedException, match="may not do CreateGroup"):
            one.wait()
    assert training.wait() == {"training": {"id": "t"}}
    assert server.call_count == 3


def test_a_create_without_an_answer_is_of_unknown_outcome(api: PluvoApi, server: requests_mock.Mocker) -> None:
    server.post(URL, status_code=502)
    with pytest.raises(UnknownOutcome):
        create(api)
    assert server.call_count == 1


def test_setting_a_field_is_repeated_after_a_lost_answer(api: PluvoApi, server: requests_mock.Mocker) -> None:
    server.post(URL, [{"status_code": 502}, {"json": {"data": {"a0": GROUP}}}])
    assert api.write("UpdateGroup", "group", id="g", group={"name": "Engineers"}) == GROUP["group"]


@pytest.mark.parametrize(
    "error",
    [
        {"message": "User matching query does not exist."},
        {"message": "nothing", "extensions": {"code": "NOT_FOUND"}},
        {"message": "Object not found"},
    ],
)
def test_whatever_words_a_miss_has_it_is_one(api: PluvoApi, server: requests_mock.Mocker, error: Any) -> None:
    server.post(URL, json={"data": {"a0": None}, "errors": [{**error, "path": ["a0"]}]})
    assert api.look_up("User", ref="u-1") is None


def test_a_mail_address_in_a_refusal_is_masked(api: PluvoApi, server: requests_mock.Mocker) -> None:
    server.post(URL, json={"errors": [{"message": "ada.lovelace@example.com is taken", "path": ["a0"]}]})
    with pytest.raises(Refused) as caught:
        create(api)
    assert "lovelace" not in caught.value.reason


@pytest.mark.parametrize(
    ("call", "payload"),
    [
        (lambda api: api.remove("DeleteOfferEvent", id="e"), {"ok": False}),
        (lambda api: api.remove("UnenrollUserFromOfferEvent", userId="u", offerEventId="e"), {"success": False}),
        (
            lambda api: api.change_members("ArchiveUsers", "u", "response", archive=True, ids=["u"]),
            {"response": {"failedIds": ["u"]}},
        ),
    ],
)
def test_a_removal_that_was_not_done_is_a_reject(
    api: PluvoApi, server: requests_mock.Mocker, call: Callable[[PluvoApi], None], payload: Any
) -> None:
    server.post(URL, json={"data": {"a0": payload}})
    with pytest.raises(RecordRejected):
        call(api)


def connection(*ids: str, cursor: str | None = None, **fields: Any) -> dict[str, Any]:
    """A page of groups."""
    edges = [{"node": {"id": one}} for one in ids]
    info = {"hasNextPage": cursor is not None, "endCursor": cursor}
    return {"json": {"data": {"a0": {"edges": edges, "pageInfo": info, **fields}}}}


def groups(api: PluvoApi) -> list[str]:
    return [row["id"] for row in api.nodes("GroupsByText", q="")]


def test_pages_are_followed_to_the_end(api: PluvoApi, server: requests_mock.Mocker) -> None:
    server.post(URL, [connection("1", cursor="one", count=2), connection("2", count=2)])
    assert groups(api) == ["1", "2"]


@pytest.mark.parametrize(
    "pages",
    [
        [connection("1", cursor="one"), connection("2", cursor="one")],
        [connection("1", count=2)],
        [connection("1", edges=None)],
        [connection("1", edges=[None])],
        [connection("1", edges=[{"node": None}])],
        [connection("1", pageInfo={"hasNextPage": True, "endCursor": None})],
        [connection("1", pageInfo=None)],
        [{"json": {"data": {"a0": None}}}],
        [{"json": {"data": None}}],
        [{"text": ""}],
        [{"text": "<html>"}],
    ],
)
def test_a_list_that_is_not_whole_is_a_failure(
    api: PluvoApi, server: requests_mock.Mocker, pages: list[dict[str, Any]]
) -> None:
    server.post(URL, pages)
    with pytest.raises(AirbyteTracedException) as stopped:
        groups(api)
    assert stopped.value.failure_type is FailureType.transient_error


@pytest.mark.parametrize("operation_name", ["PortfolioItemsOfUser", "EnrollmentsOfUser", "Offers", "ExtraCategories"])
@pytest.mark.parametrize("value", [None, "rows", {}, [None]])
def test_a_list_that_is_none_is_a_failure_and_not_an_empty_one(
    api: PluvoApi, server: requests_mock.Mocker, operation_name: str, value: Any
) -> None:
    server.post(URL, json={"data": {"a0": value}})
    with pytest.raises(CallFailed):
        api.rows(operation_name)


def test_a_look_up_of_one_object_that_answers_null_is_a_miss(api: PluvoApi, server: requests_mock.Mocker) -> None:
    server.post(URL, json={"data": {"a0": None}})
    assert api.look_up("User", ref="u-1") is None


def test_a_page_that_is_not_there_is_a_wrong_address(api: PluvoApi, server: requests_mock.Mocker) -> None:
    server.post(URL, status_code=404, text="<html>")
    with pytest.raises(AirbyteTracedException, match="There is no Pluvo at"):
        create(api)
