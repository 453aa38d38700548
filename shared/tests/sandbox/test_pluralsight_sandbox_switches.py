"""Each switch of the pretend Pluralsight, in both positions, by HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from lms_shared.dev.sandbox.pluralsight import (
    ALPHA_KEY,
    BETA_KEY,
    DEMO_KEY,
    EXPIRED_KEY,
    PROFESSIONAL_KEY,
    ApiKey,
    KeyState,
    PluralsightOptions,
    PluralsightSandbox,
    Refusal,
    RowOrder,
    WarningShape,
)
from lms_shared.dev.sandbox.server import SandboxServer

Ask = Callable[..., requests.Response]
Serve = Callable[..., Ask]

PROGRESS_PAGE = (
    "query($first: Int, $after: String) {courseProgress(first: $first, after: $after) {totalCount"
    " pageInfo {endCursor hasNextPage} nodes {psUserId courseId updatedOn} edges {node {psUserId courseId updatedOn}}}}"
)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a sandbox with some options, and gives a function that posts a query to it."""
    with ExitStack() as stack:

        def start(users: int = 20, courses: int = 20, progress: int = 50, **options: Any) -> Ask:
            sandbox = PluralsightSandbox(
                users=users, courses=courses, progress=progress, options=PluralsightOptions(**options)
            )
            server = stack.enter_context(SandboxServer(sandbox))
            session = stack.enter_context(requests.Session())

            def ask(query: str, key: str = DEMO_KEY, **variables: Any) -> requests.Response:
                body = {"query": query, "variables": variables}
                return session.post(f"{server.url}/graphql", json=body, headers={"Authorization": f"Bearer {key}"})

            return ask

        yield start


def data(response: requests.Response) -> Any:
    """The data of an answer without errors."""
    assert "errors" not in response.json()
    return response.json()["data"]


def walk(ask: Ask, size: int, pages: int = 100) -> list[dict[str, Any]]:
    """The pages of courseProgress until the last, or until there were so many."""
    seen: list[dict[str, Any]] = []
    after = None
    while len(seen) < pages:
        page = data(ask(PROGRESS_PAGE, first=size, after=after))["courseProgress"]
        seen.append(page)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    return seen


def pairs(pages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Learner and course of each row."""
    return [(node["psUserId"], node["courseId"]) for page in pages for node in page["nodes"] if node]


def test_keys_are_those_of_the_options(serve: Serve) -> None:
    ask = serve(keys=(ApiKey("mine"), ApiKey("old", state=KeyState.DELETED)))
    statuses = [ask("{users {totalCount}}", key).status_code for key in ("mine", "old", DEMO_KEY)]
    assert statuses == [200, 401, 401]


@pytest.mark.parametrize(("inclusive", "expected"), [(True, 50), (False, 49)])
def test_the_start_date_itself_is_in_or_out(serve: Serve, inclusive: bool, expected: int) -> None:
    ask = serve(start_date_inclusive=inclusive)
    oldest = walk(ask, 1, pages=1)[0]["nodes"][0]["updatedOn"]
    query = f'{{courseProgress(filter: {{startDate: "{oldest}"}}) {{totalCount}}}}'
    assert data(ask(query))["courseProgress"]["totalCount"] == expected


def test_progress_rows_come_ascending_descending_or_shuffled_but_always_all(serve: Serve) -> None:
    stamps: dict[RowOrder, list[str]] = {}
    rows: dict[RowOrder, list[tuple[str, str]]] = {}
    for order in RowOrder:
        pages = walk(serve(progress_order=order), 7)
        stamps[order] = [node["updatedOn"] for page in pages for node in page["nodes"]]
        rows[order] = pairs(pages)
    ascending = stamps[RowOrder.ASCENDING]
    assert ascending == sorted(ascending)
    assert stamps[RowOrder.DESCENDING] == ascending[::-1]
    assert stamps[RowOrder.SHUFFLED] not in (ascending, ascending[::-1])
    assert sorted(rows[RowOrder.SHUFFLED]) == sorted(rows[RowOrder.ASCENDING]) == sorted(rows[RowOrder.DESCENDING])


@pytest.mark.parametrize(("size", "expected"), [(1000, 50), (30, 30), (None, 50)])
def test_without_first_the_default_page_size_holds(serve: Serve, size: int | None, expected: int) -> None:
    page = data(serve(default_page_size=size)("{courseProgress {nodes {psUserId} pageInfo {hasNextPage}}}"))
    assert len(page["courseProgress"]["nodes"]) == expected
    assert page["courseProgress"]["pageInfo"]["hasNextPage"] is (expected < 50)


def test_first_above_the_cap_is_cut_with_a_warning_and_the_rest_follows(serve: Serve) -> None:
    ask = serve(page_cap=20)
    answer = ask(PROGRESS_PAGE, first=21).json()
    assert len(answer["data"]["courseProgress"]["nodes"]) == 20
    assert "20" in answer["extensions"]["warnings"][0]
    assert "extensions" not in ask(PROGRESS_PAGE, first=20).json()
    assert len(set(pairs(walk(ask, 1000)))) == 50


def test_the_default_cap_is_ten_thousand_rows(serve: Serve) -> None:
    answer = serve(users=150, courses=100, progress=10_001)("{courseProgress(first: 10001) {edges {cursor}}}").json()
    assert len(answer["data"]["courseProgress"]["edges"]) == 10_000
    assert answer["extensions"]["warnings"]


def test_a_negative_first_is_an_error(serve: Serve) -> None:
    answer = serve()("{courseProgress(first: -1) {totalCount}}").json()
    assert answer["errors"]
    assert answer["data"] == {"courseProgress": None}


@pytest.mark.parametrize("status", [400, 200])
def test_a_validation_error_has_the_chosen_status(serve: Serve, status: int) -> None:
    for query in ("{users {nodes {shoeSize}}}", "{users"):
        response = serve(validation_error_status=status)(query)
        assert response.status_code == status
        assert response.json()["errors"]


LEGACY_QUERIES = (
    "{users {nodes {id}}}",
    "{planAdmins {nodes {userId}}}",
    "{courseProgress {nodes {userId}}}",
    "{skillAssessmentResults {nodes {userId}}}",
    "{skillAssessmentCatalog {nodes {stackOverflowTags}}}",
)


@pytest.mark.parametrize("query", LEGACY_QUERIES)
def test_legacy_fields_are_absent_or_there_with_a_deprecation_warning(serve: Serve, query: str) -> None:
    assert serve()(query).status_code == 400
    answer = serve(legacy_fields=True)(query).json()
    assert "errors" not in answer
    assert "deprecated" in answer["extensions"]["warnings"][0]


def test_legacy_filters_are_absent_or_work(serve: Serve) -> None:
    queries = {
        '{users(filter: {ids: ["handle-3"]}) {totalCount}}': ("users", 1),
        '{courseProgress(filter: {userIds: ["handle-3"]}) {totalCount}}': ("courseProgress", 3),
        '{skillAssessmentResults(filter: {userIds: ["handle-3"]}) {totalCount}}': ("skillAssessmentResults", 1),
    }
    without, with_legacy = serve(), serve(legacy_fields=True)
    for query, (name, count) in queries.items():
        assert without(query).status_code == 400
        assert data(with_legacy(query))[name]["totalCount"] == count


@pytest.mark.parametrize(("refusal", "status"), [(Refusal.ERRORS, 200), (Refusal.FORBIDDEN, 403)])
@pytest.mark.parametrize(
    ("query", "good", "bad"),
    [
        ("{contentProgress {totalCount}}", (BETA_KEY, ALPHA_KEY), (DEMO_KEY,)),
        ("{playgroundUserSummary {totalCount}}", (ALPHA_KEY,), (DEMO_KEY, BETA_KEY)),
        ("{users {nodes {mfaEnabled teams {edges {node {description}}}}}}", (BETA_KEY,), (DEMO_KEY,)),
        ("{a: users {totalCount} contentProgress {totalCount}}", (BETA_KEY,), (DEMO_KEY,)),
    ],
)
def test_one_field_beyond_the_keys_stage_fails_the_whole_call(
    serve: Serve, refusal: Refusal, status: int, query: str, good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    ask = serve(stage_refusal=refusal, beta_fields=frozenset({"Query.contentProgress", "Team.description"}))
    for key in good:
        assert data(ask(query, key))
    for key in bad:
        response = ask(query, key)
        assert response.status_code == status
        assert response.json()["errors"]
        assert "data" not in response.json()


def test_an_enterprise_query_on_a_professional_plan_is_an_error_of_that_field_alone(serve: Serve) -> None:
    ask = serve()
    answer = ask("{skillAssessmentResults {totalCount} users {totalCount}}", PROFESSIONAL_KEY)
    assert answer.status_code == 200
    assert answer.json()["data"] == {"skillAssessmentResults": None, "users": {"totalCount": 20}}
    assert answer.json()["errors"][0]["path"] == ["skillAssessmentResults"]
    assert data(ask("{skillIqsSummary {totalCount}}", PROFESSIONAL_KEY))["skillIqsSummary"]["totalCount"] > 0


def test_an_enterprise_query_on_a_professional_plan_may_be_403(serve: Serve) -> None:
    ask = serve(tier_refusal=Refusal.FORBIDDEN)
    query = "{skillAssessmentResults {totalCount}}"
    assert ask(query, PROFESSIONAL_KEY).status_code == 403
    assert ask(query, PROFESSIONAL_KEY).json()["errors"]
    assert ask(query).status_code == 200
    assert ask("{users {totalCount}}", PROFESSIONAL_KEY).status_code == 200


@pytest.mark.parametrize("required", [False, True])
def test_a_missing_clientversion_is_accepted_or_400(serve: Serve, required: bool) -> None:
    ask = serve(client_version_required=required)
    for query in ("{users {totalCount}}", "{__schema {queryType {name}}}"):
        assert ask(query).status_code == (400 if required else 200)


def test_a_present_clientversion_is_accepted_where_it_is_required() -> None:
    sandbox = PluralsightSandbox(options=PluralsightOptions(client_version_required=True))
    with SandboxServer(sandbox) as server:
        response = requests.post(
            f"{server.url}/graphql",
            json={"query": "{users {totalCount}}"},
            headers={"Authorization": f"Bearer {DEMO_KEY}", "clientversion": "Acme skills_data connector"},
        )
    assert response.status_code == 200


@pytest.mark.parametrize(("refusal", "status"), [(Refusal.ERRORS, 200), (Refusal.FORBIDDEN, 403)])
@pytest.mark.parametrize("query", ["{__schema {types {name}}}", '{__type(name: "User") {name}}'])
def test_introspection_may_be_refused_while_the_rest_works(
    serve: Serve, refusal: Refusal, status: int, query: str
) -> None:
    assert serve()(query).json()["data"]
    ask = serve(introspection_refusal=refusal)
    assert ask(query).status_code == status
    assert ask(query).json()["errors"]
    assert "data" not in ask(query).json()
    assert data(ask("{users {__typename totalCount}}"))


def test_a_row_that_moves_between_pages_comes_twice_and_another_never(serve: Serve) -> None:
    rows = pairs(walk(serve(row_moves_between_pages=True), 10))
    everything = pairs(walk(serve(), 50))
    assert len(rows) == len(everything)
    assert set(rows) < set(everything)
    assert len(rows) > len(set(rows))


@pytest.mark.parametrize("shape", WarningShape)
def test_warnings_are_strings_or_objects(serve: Serve, shape: WarningShape) -> None:
    answer = serve(warning_shape=shape, legacy_fields=True, page_cap=1)(
        "{users(first: 2) {nodes {id team {name}}}}", EXPIRED_KEY
    ).json()
    warnings = answer["extensions"]["warnings"]
    texts = [warning["message"] if shape is WarningShape.OBJECT else warning for warning in warnings]
    assert [
        next(word for word in ("expired", "User.id", "User.team", "maximum") if word in text) for text in texts
    ] == [
        "expired",
        "User.id",
        "User.team",
        "maximum",
    ]


def test_dropped_fields_fail_validation_and_are_gone_from_introspection(serve: Serve) -> None:
    ask = serve(
        dropped_fields=frozenset(
            {"Course.averageRating", "CourseTags.certifications", "Query.teams", "CourseCatalogFilter.searchTerm"}
        )
    )
    for query in (
        "{courseCatalog {nodes {averageRating}}}",
        "{courseCatalog {nodes {tags {certifications}}}}",
        "{teams {totalCount}}",
        '{courseCatalog(filter: {searchTerm: "x"}) {totalCount}}',
    ):
        response = ask(query)
        assert response.status_code == 400
        assert response.json()["errors"]
    assert data(ask("{courseCatalog {nodes {title tags {topics}}}}"))
    fields = data(ask('{__type(name: "Course") {fields {name}}}'))["__type"]["fields"]
    assert "averageRating" not in {field["name"] for field in fields}


def test_dropping_a_field_that_is_not_there_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match=r"Course\.shoeSize"):
        PluralsightSandbox(options=PluralsightOptions(dropped_fields=frozenset({"Course.shoeSize"})))


@pytest.mark.parametrize(("as_string", "good", "bad"), [(False, "DateTime", "String"), (True, "String", "DateTime")])
def test_the_declared_type_of_start_date_decides_on_variables_but_not_on_literals(
    serve: Serve, as_string: bool, good: str, bad: str
) -> None:
    ask = serve(start_date_is_string=as_string)
    query = "query($date: %s) {courseProgress(filter: {startDate: $date}) {totalCount}}"
    assert data(ask(query % good, date="2020-01-01"))["courseProgress"]["totalCount"] == 50
    assert ask(query % bad, date="2020-01-01").status_code == 400
    literal = '{courseProgress(filter: {startDate: "2020-01-01"}) {totalCount}}'
    assert data(ask(literal))["courseProgress"]["totalCount"] == 50


@pytest.mark.parametrize("as_strings", [False, True])
def test_content_types_are_an_enum_or_strings(serve: Serve, as_strings: bool) -> None:
    ask = serve(content_types_are_strings=as_strings)
    query = "{contentCatalog(filter: {contentTypes: [%s]}) {nodes {contentType}}}"
    spellings = {'"PATH"': 200 if as_strings else 400, "PATH": 400 if as_strings else 200}
    for spelling, status in spellings.items():
        response = ask(query % spelling)
        assert response.status_code == status
        if status == 200:
            nodes = data(response)["contentCatalog"]["nodes"]
            assert {node["contentType"] for node in nodes} == {"PATH"}


def test_channel_queries_may_need_a_channel_id(serve: Serve) -> None:
    ask = serve(channel_id_required=True)
    channels = data(ask("{channels {nodes {id}}}"))["channels"]["nodes"]
    without = serve()
    for name in ("channelContent", "channelMembers", "channelProgress"):
        assert ask(f"{{{name} {{totalCount}}}}").status_code == 400
        query = f"query($id: ID!) {{{name}(channelId: $id) {{totalCount nodes {{channelId}}}}}}"
        parts = [data(ask(query, id=channel["id"]))[name] for channel in channels]
        for channel, part in zip(channels, parts, strict=True):
            assert all(node["channelId"] == channel["id"] for node in part["nodes"])
        total = data(without(f"{{{name} {{totalCount}}}}"))[name]["totalCount"]
        assert sum(part["totalCount"] for part in parts) == total > 0


def test_a_cursor_may_repeat_for_ever(serve: Serve) -> None:
    ask = serve(repeat_cursor=frozenset({"courseProgress"}))
    pages = walk(ask, 10, pages=4)
    cursors = [page["pageInfo"]["endCursor"] for page in pages]
    assert cursors == [cursors[0]] * 4
    assert all(page["pageInfo"]["hasNextPage"] for page in pages)
    assert data(ask("{users(first: 50) {pageInfo {hasNextPage}}}"))["users"]["pageInfo"]["hasNextPage"] is False


def test_fewer_rows_than_promised_may_come(serve: Serve) -> None:
    pages = walk(serve(short_rows={"courseProgress": 3}), 10)
    assert len(pairs(pages)) == 47
    assert {page["totalCount"] for page in pages} == {50}


def test_null_nodes_may_stand_between_the_rows_without_taking_their_place(serve: Serve) -> None:
    pages = walk(serve(null_nodes=frozenset({"courseProgress"})), 10)
    assert all(None in page["nodes"] for page in pages)
    assert [edge["node"] for page in pages for edge in page["edges"]] == [
        node for page in pages for node in page["nodes"]
    ]
    assert pairs(pages) == pairs(walk(serve(), 50))


@pytest.mark.parametrize("name", ["teams", "tags", "planInfo"])
def test_a_query_may_fail_with_a_message_while_others_work(serve: Serve, name: str) -> None:
    ask = serve(failing_queries={name: "upstream timed out"})
    answer = ask(f"{{{name} {{__typename}} users {{totalCount}}}}").json()
    assert answer["errors"][0]["message"] == "upstream timed out"
    assert answer["data"] == {name: None, "users": {"totalCount": 20}}
