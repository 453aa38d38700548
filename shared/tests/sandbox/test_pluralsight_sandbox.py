"""The pretend Pluralsight by HTTP: keys, paging, filters and what the data is like."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from lms_shared.dev.sandbox.pluralsight import (
    BETA_KEY,
    DELETED_KEY,
    DEMO_KEY,
    EXPIRED_KEY,
    PluralsightOptions,
    PluralsightSandbox,
)
from lms_shared.dev.sandbox.server import SandboxServer

PROGRESS = "psUserId courseId percentComplete isCourseCompleted completedOn updatedOn"


@dataclass
class Client:
    """Speaks GraphQL to one sandbox."""

    sandbox: PluralsightSandbox
    server: SandboxServer
    session: requests.Session = field(default_factory=requests.Session)

    def post(self, query: str, variables: dict[str, Any] | None = None, key: str = DEMO_KEY) -> requests.Response:
        body = {"query": query} | ({"variables": variables} if variables else {})
        headers = {"Authorization": f"Bearer {key}"}
        return self.session.post(f"{self.server.url}/graphql", json=body, headers=headers)

    def data(self, query: str, variables: dict[str, Any] | None = None, key: str = DEMO_KEY) -> dict[str, Any]:
        answer = self.post(query, variables, key).json()
        assert "errors" not in answer
        data: dict[str, Any] = answer["data"]
        return data

    def read_all(self, query: str, fields: str, arguments: str = "", size: int = 50) -> list[dict[str, Any]]:
        """All nodes of a connection, page by page."""
        text = (
            f"query($after: String) {{ {query}(first: {size}, after: $after {arguments}) {{"
            f" totalCount pageInfo {{ endCursor hasNextPage }} nodes {{ {fields} }} }} }}"
        )
        nodes: list[dict[str, Any]] = []
        after = None
        while True:
            page = self.data(text, {"after": after})[query]
            nodes += page["nodes"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                assert len(nodes) == page["totalCount"]
                return nodes


@contextmanager
def serve(options: PluralsightOptions | None = None, **sizes: int) -> Iterator[Client]:
    sandbox = PluralsightSandbox(options=options, **sizes)
    with SandboxServer(sandbox) as server, requests.Session() as session:
        yield Client(sandbox, server, session)


@pytest.fixture
def client() -> Iterator[Client]:
    with serve() as running:
        yield running


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {DEMO_KEY}"},
        {"Authorization": f"Bearer {DELETED_KEY}"},
    ],
    ids=["missing", "unknown", "other scheme", "deleted"],
)
@pytest.mark.parametrize("query", ["{users {totalCount}}", "{__schema {queryType {name}}}", "not GraphQL"])
def test_without_a_good_key_everything_is_401_with_a_bare_error(
    client: Client, headers: dict[str, str], query: str
) -> None:
    response = requests.post(f"{client.server.url}/graphql", json={"query": query}, headers=headers)
    assert response.status_code == 401
    assert response.json() == {"error": "AuthenticationError: Invalid API Key"}


def test_an_expired_key_works_and_brings_a_warning(client: Client) -> None:
    answer = client.post("{users {totalCount}}", key=EXPIRED_KEY).json()
    assert answer["data"]["users"]["totalCount"] == 60
    assert "expired" in answer["extensions"]["warnings"][0]


def test_a_good_answer_has_no_extensions_and_no_errors(client: Client) -> None:
    assert client.post("{users {totalCount}}").json() == {"data": {"users": {"totalCount": 60}}}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"q": 1}', b'{"query": 1}', b'{"query": "{a}", "variables": []}', b"\xff"]
)
def test_a_body_that_is_no_graphql_request_is_400_with_errors(client: Client, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {DEMO_KEY}"}
    response = requests.post(f"{client.server.url}/graphql", data=body, headers=headers)
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"]


def test_only_posting_to_the_one_endpoint_is_offered(client: Client) -> None:
    assert requests.get(f"{client.server.url}/graphql").status_code == 405
    assert requests.post(f"{client.server.url}/other").status_code == 404


@pytest.mark.parametrize("query", ["{users {", "{nothing}", "{users {nodes {shoeSize}}}", "mutation {addTeam {id}}"])
def test_a_query_that_cannot_be_parsed_or_validated_is_400_with_errors_and_no_data(client: Client, query: str) -> None:
    response = client.post(query)
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"]
    assert "data" not in response.json()


def test_requests_are_counted_by_root_field_and_as_reads(client: Client) -> None:
    client.post("{users {totalCount}}")
    client.post("query Named {courseProgress {totalCount}}")
    client.post("{a: users {totalCount} teams {totalCount}}")
    client.post("{__schema {queryType {name}}}")
    client.post("{")
    assert client.server.requests.by_route == {
        "POST /graphql users": 1,
        "POST /graphql courseProgress": 1,
        "POST /graphql users+teams": 1,
        "POST /graphql __schema": 1,
        "POST /graphql (unreadable)": 1,
    }
    assert client.server.requests.writes == 0


def test_pages_cover_every_row_once_and_the_last_one_says_so() -> None:
    with serve(progress=230) as client:
        rows = client.read_all("courseProgress", PROGRESS)
    assert len({(row["psUserId"], row["courseId"]) for row in rows}) == 230


def test_nodes_and_edges_give_the_same_rows_and_an_edge_cursor_continues_after_its_row(client: Client) -> None:
    page = client.data("{users(first: 5) {nodes {psUserId} edges {cursor node {psUserId}} pageInfo {endCursor}}}")[
        "users"
    ]
    assert [edge["node"] for edge in page["edges"]] == page["nodes"]
    assert page["edges"][-1]["cursor"] == page["pageInfo"]["endCursor"]
    query = "query($after: String) {users(first: 2, after: $after) {nodes {psUserId}}}"
    rest = client.data(query, {"after": page["edges"][2]["cursor"]})["users"]
    assert rest["nodes"] == page["nodes"][3:5]


def test_a_cursor_is_good_for_its_query_and_filter_only(client: Client) -> None:
    cursor = client.data("{users(first: 5) {pageInfo {endCursor}}}")["users"]["pageInfo"]["endCursor"]
    for query in (
        f'{{teams(first: 5, after: "{cursor}") {{totalCount}}}}',
        f'{{users(first: 5, after: "{cursor}", filter: {{emails: ["a@example.com"]}}) {{totalCount}}}}',
        '{users(after: "bm9uc2Vuc2U=") {totalCount}}',
        '{users(after: "%%%") {totalCount}}',
    ):
        answer = client.post(query).json()
        assert "after" in answer["errors"][0]["message"]
        assert answer["data"] == {query[1:6]: None}


def test_a_page_of_nothing_has_no_cursor_and_no_next_page() -> None:
    with serve(users=0, courses=0, progress=0) as client:
        for query in ("users", "courseCatalog", "courseProgress", "channels", "channelMembers", "skillIqsSummary"):
            page = client.data(f"{{{query} {{totalCount pageInfo {{endCursor hasNextPage}} nodes {{__typename}}}}}}")
            assert page[query] == {"totalCount": 0, "pageInfo": {"endCursor": None, "hasNextPage": False}, "nodes": []}


def test_progress_joins_with_users_and_courses(client: Client) -> None:
    users = {row["psUserId"]: row["email"] for row in client.read_all("users", "psUserId email")}
    courses = {row["id"]: (row["idNum"], row["title"]) for row in client.read_all("courseCatalog", "id idNum title")}
    fields = "psUserId courseId courseIdNum user {psUserId email} course {id title}"
    for row in client.read_all("courseProgress", fields):
        assert row["user"] == {"psUserId": row["psUserId"], "email": users[row["psUserId"]]}
        assert courses[row["courseId"]] == (row["courseIdNum"], row["course"]["title"])


def test_progress_rows_are_consistent(client: Client) -> None:
    rows = client.read_all(
        "courseProgress", f"{PROGRESS} courseSeconds totalWatchedSeconds firstViewedClipOn lastViewedClipOn"
    )
    assert {row["isCourseCompleted"] for row in rows} == {True, False}
    for row in rows:
        assert 0 <= row["percentComplete"] <= 100
        assert row["isCourseCompleted"] == (row["completedOn"] is not None) == (row["percentComplete"] == 100)
        assert row["totalWatchedSeconds"] <= row["courseSeconds"]
        times = [row["firstViewedClipOn"], row["lastViewedClipOn"], row["completedOn"], row["updatedOn"]]
        known = [moment for moment in times if moment is not None]
        assert known == sorted(known)
    stamps = [row["updatedOn"] for row in rows]
    assert stamps == sorted(stamps)
    assert len({stamp[:10] for stamp in stamps}) > 200
    assert all(stamp.endswith("Z") and stamp[19] == "." for stamp in stamps)


@pytest.mark.parametrize(
    ("bounds", "keep"),
    [
        ('startDate: "{middle}"', lambda stamp, middle: stamp >= middle),
        ('endDate: "{middle}"', lambda stamp, middle: stamp <= middle),
        ('startDate: "{middle}", endDate: "{middle}"', lambda stamp, middle: stamp == middle),
    ],
)
def test_start_and_end_date_bound_updated_on_inclusively(client: Client, bounds: str, keep: Any) -> None:
    rows = client.read_all("courseProgress", PROGRESS)
    middle = rows[150]["updatedOn"]
    bounded = client.read_all("courseProgress", PROGRESS, f"filter: {{{bounds.format(middle=middle)}}}")
    assert bounded == [row for row in rows if keep(row["updatedOn"], middle)]
    assert 0 < len(bounded) < len(rows)


@pytest.mark.parametrize(
    "date", ["2025-09-01", "2025-09-01T00:00:00Z", "2025-09-01T02:00:00+02:00", "2025-09-01T00:00:00"]
)
def test_a_start_date_may_be_any_iso_8601_form(client: Client, date: str) -> None:
    rows = client.read_all("courseProgress", PROGRESS, f'filter: {{startDate: "{date}"}}')
    assert rows == [
        row for row in client.read_all("courseProgress", PROGRESS) if row["updatedOn"] >= "2025-09-01T00:00:00.000Z"
    ]


def test_a_start_date_that_is_no_date_is_an_error(client: Client) -> None:
    answer = client.post('{courseProgress(filter: {startDate: "yesterday"}) {totalCount}}').json()
    assert "startDate" in answer["errors"][0]["message"]
    assert answer["data"] == {"courseProgress": None}


def test_progress_filters_by_learner_course_and_completion(client: Client) -> None:
    rows = client.read_all("courseProgress", PROGRESS)
    one = rows[10]
    for argument, expected in (
        (f'psUserIds: ["{one["psUserId"]}"]', [row for row in rows if row["psUserId"] == one["psUserId"]]),
        (f'courseIds: "{one["courseId"]}"', [row for row in rows if row["courseId"] == one["courseId"]]),
        ("isCourseCompleted: true", [row for row in rows if row["isCourseCompleted"]]),
        ('psUserIds: ["nobody"]', []),
    ):
        assert client.read_all("courseProgress", PROGRESS, f"filter: {{{argument}}}") == expected


def test_filters_come_through_variables(client: Client) -> None:
    rows = client.read_all("users", "psUserId email")
    query = (
        "query($emails: [String], $ids: [ID], $first: Int!)"
        " {users(first: $first, filter: {emails: $emails, psUserIds: $ids}) {nodes {email}}}"
    )
    found = client.data(
        query, {"emails": [rows[3]["email"], rows[4]["email"]], "ids": [rows[4]["psUserId"]], "first": 5}
    )
    assert found["users"]["nodes"] == [{"email": rows[4]["email"]}]


def test_the_course_catalogue_filters_by_id_title_and_plan(client: Client) -> None:
    rows = client.read_all("courseCatalog", "id title")
    one = rows[0]
    assert client.read_all("courseCatalog", "id title", f'filter: {{ids: ["{one["id"]}"]}}') == [one]
    assert one in client.read_all("courseCatalog", "id title", f'filter: {{searchTerm: "{one["title"].upper()}"}}')
    on_plan = client.read_all("courseCatalog", "id title", "filter: {showOffPlanContent: false}")
    assert len(on_plan) == 35
    assert client.read_all("courseCatalog", "id title", "filter: {showOffPlanContent: true}") == rows


def test_the_course_catalogue_holds_what_a_reader_must_cope_with(client: Client) -> None:
    courses = client.read_all(
        "courseCatalog",
        "id url title level authors image {url} tags {tools} displayDate courseStatus {name replacementCourseId}",
    )
    ids = {course["id"] for course in courses}
    assert {course["courseStatus"]["name"] for course in courses} == {"Published", "Retired", "Removed"}
    replacements = {course["courseStatus"]["replacementCourseId"] for course in courses} - {None}
    assert replacements
    assert replacements <= ids
    assert {course["url"].startswith("https://") for course in courses} == {True, False}
    assert any(not course["title"].isascii() for course in courses)
    assert any(None in course["tags"]["tools"] for course in courses)
    for empty in ("image", "level", "displayDate"):
        assert any(course[empty] is None for course in courses)
    assert len({course["title"] for course in courses}) == len(courses)


def test_users_hold_what_a_reader_must_cope_with(client: Client) -> None:
    users = client.read_all(
        "users",
        "psUserId email firstName startedOn isOnAccount removedOn lastLogin teamNames productIds"
        " teams {edges {isDirect node {id parentTeamId}}}",
    )
    assert {user["isOnAccount"] for user in users} == {True, False}
    assert all(user["isOnAccount"] is (user["removedOn"] is None) for user in users)
    assert sum(user["email"] is None for user in users) == 1
    assert any(not user["firstName"].isascii() for user in users)
    assert any(None in user["productIds"] for user in users)
    assert any(user["lastLogin"] is None for user in users)
    edges = [edge for user in users for edge in user["teams"]["edges"]]
    assert {edge["isDirect"] for edge in edges} == {True, False}


def test_teams_form_one_tree_and_plan_admins_are_users(client: Client) -> None:
    teams = {team["id"]: team["parentTeamId"] for team in client.read_all("teams", "id parentTeamId")}
    assert [team for team, parent in teams.items() if parent is None] == [next(iter(teams))]
    assert set(teams.values()) - {None} <= set(teams)
    users = {user["psUserId"] for user in client.read_all("users", "psUserId")}
    admins = client.read_all("planAdmins", "psUserId planUserId")
    assert admins
    assert {admin["psUserId"] for admin in admins} <= users


def test_the_content_catalogue_filters_by_content_type(client: Client) -> None:
    rows = client.read_all("contentCatalog", "contentId contentType")
    assert {row["contentType"] for row in rows} == {"COURSE", "PATH", "LAB", "ILX_EXPERIENCE"}
    assert len({row["contentId"] for row in rows}) == len(rows)
    paths = client.read_all("contentCatalog", "contentId contentType", "filter: {contentTypes: [PATH, LAB]}")
    assert paths == [row for row in rows if row["contentType"] in {"PATH", "LAB"}]


def test_assessments_outside_the_plan_come_only_when_asked_for(client: Client) -> None:
    on_plan = client.read_all("skillAssessmentCatalog", "id isOnPlan")
    everything = client.read_all("skillAssessmentCatalog", "id isOnPlan", "filter: {showOffPlanContent: true}")
    assert on_plan == [row for row in everything if row["isOnPlan"]]
    assert len(on_plan) < len(everything)


def test_one_take_of_a_learner_and_skill_is_current(client: Client) -> None:
    rows = client.read_all("skillAssessmentResults", "id psUserId skillName measurementType isCurrentScore")
    current = [(row["psUserId"], row["skillName"]) for row in rows if row["isCurrentScore"]]
    assert sorted(current) == sorted({(row["psUserId"], row["skillName"]) for row in rows})
    assert len(current) < len(rows)


def test_channels_join_with_their_content_members_and_progress(client: Client) -> None:
    channels = {row["id"] for row in client.read_all("channels", "id description ownerPsUserId")}
    contents = {row["contentId"] for row in client.read_all("contentCatalog", "contentId")}
    users = {row["psUserId"] for row in client.read_all("users", "psUserId")}
    items = client.read_all("channelContent", "channelId contentId")
    members = client.read_all("channelMembers", "channelId psUserId")
    progress = client.read_all("channelProgress", "channelId psUserId")
    assert {item["channelId"] for item in items} < channels
    assert {item["contentId"] for item in items} <= contents
    assert {member["psUserId"] for member in members} <= users
    assert progress
    assert all(row in members for row in progress)


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    def ids(seed: int) -> tuple[list[str], list[str]]:
        state = PluralsightSandbox(seed=seed, users=5, courses=5, progress=5).state()
        return [user["psUserId"] for user in state["users"]], [row["updatedOn"] for row in state["course_progress"]]

    assert ids(1) == ids(1)
    assert ids(1)[0] != ids(2)[0]


def test_more_progress_than_pairs_of_user_and_course_is_refused() -> None:
    assert len(PluralsightSandbox(users=3, courses=4, progress=12).state()["course_progress"]) == 12
    with pytest.raises(ValueError, match="13 progress rows"):
        PluralsightSandbox(users=3, courses=4, progress=13)


def test_every_pair_of_user_and_course_is_reached_once() -> None:
    rows = PluralsightSandbox(users=6, courses=10, progress=60).state()["course_progress"]
    assert len({(row["psUserId"], row["courseId"]) for row in rows}) == 60


def test_touched_progress_comes_back_under_its_new_date_and_further_on(client: Client) -> None:
    before = client.read_all("courseProgress", PROGRESS)
    client.sandbox.data.touch_progress(3, at=datetime(2026, 9, 1, tzinfo=UTC))
    after = client.read_all("courseProgress", PROGRESS, 'filter: {startDate: "2026-08-30"}')
    assert [row["updatedOn"] for row in after] == ["2026-09-01T00:00:00.000Z"] * 3
    known = {(row["psUserId"], row["courseId"]): row for row in before}
    for row in after:
        old = known[row["psUserId"], row["courseId"]]
        assert row["percentComplete"] == min(100, old["percentComplete"] + 25)
        assert old["completedOn"] in {None, row["completedOn"]}


def test_each_touch_without_a_date_is_a_day_later() -> None:
    sandbox = PluralsightSandbox()
    sandbox.data.touch_progress(1)
    sandbox.data.touch_progress(1)
    stamps = [row["updatedOn"] for row in sandbox.state()["course_progress"]]
    assert stamps[-2:] == ["2026-08-29T02:00:00.000Z", "2026-08-30T02:00:00.000Z"]


def test_added_people_courses_and_completions_appear(client: Client) -> None:
    data = client.sandbox.data
    user = data.add_user(email="new@example.com")
    course = data.add_course(title="Brand new")
    data.complete(user["psUserId"], course["id"], at=datetime(2026, 9, 2, tzinfo=UTC))
    found = client.read_all("courseProgress", "user {email} course {title} completedOn percentComplete")[-1]
    assert found == {
        "user": {"email": "new@example.com"},
        "course": {"title": "Brand new"},
        "completedOn": "2026-09-02T00:00:00.000Z",
        "percentComplete": 100,
    }
    assert "Brand new" in {row["title"] for row in client.read_all("contentCatalog", "title")}


def test_a_completion_keeps_its_date_when_the_row_moves_on(client: Client) -> None:
    data = client.sandbox.data
    user, course = data.add_user(), data.add_course()
    data.complete(user["psUserId"], course["id"], at=datetime(2026, 9, 2, tzinfo=UTC))
    data.complete(user["psUserId"], course["id"], at=datetime(2026, 9, 5, tzinfo=UTC))
    row = client.read_all("courseProgress", PROGRESS)[-1]
    assert (row["completedOn"], row["updatedOn"]) == ("2026-09-02T00:00:00.000Z", "2026-09-05T00:00:00.000Z")


def test_retired_courses_and_removed_users_stay_with_a_new_status(client: Client) -> None:
    data = client.sandbox.data
    course, other, user = data.courses[0]["id"], data.courses[1]["id"], data.users[0]["psUserId"]
    data.retire_course(course, other)
    data.remove_user(user, at=datetime(2026, 9, 2, tzinfo=UTC))
    courses = {
        row["id"]: row["courseStatus"]
        for row in client.read_all("courseCatalog", "id courseStatus {name replacementCourseId}")
    }
    users = {row["psUserId"]: row for row in client.read_all("users", "psUserId isOnAccount removedOn")}
    assert courses[course] == {"name": "Retired", "replacementCourseId": other}
    assert users[user] == {"psUserId": user, "isOnAccount": False, "removedOn": "2026-09-02T00:00:00.000Z"}


def test_the_page_shows_courses_learners_and_progress(client: Client) -> None:
    page = requests.get(f"{client.server.url}/_sandbox/").text
    for text in ("Courses", "Learners", "Progress, latest first", client.sandbox.data.users[0]["email"]):
        assert text in page


def test_what_clients_call_themselves_is_kept(client: Client) -> None:
    client.session.headers["clientversion"] = "Acme skills_data connector"
    client.post("{users {totalCount}}", key=BETA_KEY)
    client.post("{users {totalCount}}", key="wrong")
    del client.session.headers["clientversion"]
    client.post("{users {totalCount}}")
    assert client.sandbox.client_versions == {"Acme skills_data connector": 2, None: 1}
