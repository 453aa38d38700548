"""The pretend Pluvo by HTTP: tokens, scopes, addresses, documents, paging and what the server counts."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluvo import (
    ALL_SCOPES,
    DEMO_CLIENT_ID,
    DEMO_CLIENT_SECRET,
    READER_CLIENT_ID,
    AuthRefusal,
    InstantStyle,
    PageOverrun,
    PluvoOptions,
    PluvoSandbox,
    SlashlessAnswer,
)
from lms_shared.dev.sandbox.requests_log import WriteEvent

GOOD_FORM = {
    "grant_type": "client_credentials",
    "client_id": DEMO_CLIENT_ID,
    "client_secret": DEMO_CLIENT_SECRET,
}
USERS = "{paginatedUsers {count}}"
TWO_GROUPS = (
    'mutation {a: createGroup(group: {name: "A"}) {group {id}} b: createGroup(group: {name: "B"}) {group {id}}}'
)


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_token_has_a_life_and_the_scopes_that_were_asked_for(pluvo: Any) -> None:
    answer = pluvo.request_token({**GOOD_FORM, "scope": "users.read groups.read"}).json()
    assert answer.pop("access_token")
    assert answer == {"token_type": "Bearer", "expires_in": 86_400, "scope": "groups.read users.read"}


def test_without_a_scope_a_client_gets_all_that_it_may_have(pluvo: Any) -> None:
    assert set(pluvo.request_token(GOOD_FORM).json()["scope"].split()) == ALL_SCOPES


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({**GOOD_FORM, "client_secret": "wrong"}, 401, "invalid_client"),
        ({**GOOD_FORM, "client_id": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        ({**GOOD_FORM, "grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_id": DEMO_CLIENT_ID}, 400, "invalid_request"),
        ({**GOOD_FORM, "scope": "extra_categories.read"}, 400, "invalid_scope"),
        ({**GOOD_FORM, "client_id": READER_CLIENT_ID, "scope": "users.write"}, 400, "invalid_scope"),
    ],
)
def test_a_bad_request_for_a_token_says_what_is_wrong(
    pluvo: Any, form: dict[str, str], status: int, error: str
) -> None:
    answer = pluvo.request_token(form)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


def test_credentials_are_taken_from_a_form_body_alone(pluvo: Any) -> None:
    address = f"{pluvo.server.url}/oauth/token/"
    as_json = requests.post(address, json=GOOD_FORM)
    assert (as_json.status_code, as_json.json()) == (400, {"error": "invalid_request"})
    grant = {"grant_type": "client_credentials"}
    as_basic = requests.post(address, grant, auth=(DEMO_CLIENT_ID, DEMO_CLIENT_SECRET))
    assert (as_basic.status_code, as_basic.json()) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Token x", "Basic x"])
@pytest.mark.parametrize(("refusal", "status"), [(AuthRefusal.UNAUTHORIZED, 401), (AuthRefusal.GRAPHQL_ERROR, 200)])
def test_without_a_good_token_nothing_is_executed(
    serve_pluvo: Any, header: str | None, refusal: AuthRefusal, status: int
) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(auth_refusal=refusal)))
    client.session.headers["Authorization"] = header
    answer = client.post('mutation {createGroup(group: {name: "A"}) {group {id}}}')
    assert answer.status_code == status
    assert "Auth" in answer.json()["errors"][0]["extensions"]["code"]
    assert client.sandbox.state()["groups"] == []


def test_a_token_ends_with_its_life(serve_pluvo: Any) -> None:
    clock = Clock()
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(token_life_seconds=60, clock=clock)))
    clock.now += 59
    assert client.post(USERS).status_code == 200
    clock.now += 1
    assert client.post(USERS).status_code == 401
    client.authorize()
    assert client.post(USERS).status_code == 200


def test_tokens_can_be_ended_before_their_time(pluvo: Any) -> None:
    pluvo.sandbox.expire_tokens()
    assert pluvo.post(USERS).status_code == 401


@pytest.mark.parametrize(
    ("scope", "allowed", "denied"),
    [
        ("users.read", "users {id}", "groups {id}"),
        ("groups.read", "groups {id}", "offers {id}"),
        ("events.read", "offers {id}", "paginatedTrainings {count}"),
        ("trainings.read", "paginatedTrainings {count}", "users {id}"),
        ("users.read", "portfolioItems {id}", "enrollments {id}"),
    ],
)
def test_each_operation_needs_its_scope(pluvo: Any, scope: str, allowed: str, denied: str) -> None:
    pluvo.authorize(scope=scope)
    assert "errors" not in pluvo.post(f"{{{allowed}}}").json()
    answer = pluvo.post(f"{{{denied}}}")
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "PermissionDenied"


def test_a_client_that_may_only_read_changes_nothing(pluvo: Any) -> None:
    pluvo.authorize(READER_CLIENT_ID)
    assert pluvo.refused("createGroup", "{group {id}}", group={"name": "A"}) == "PermissionDenied"
    assert pluvo.sandbox.state()["groups"] == []


def test_portfolio_items_may_fall_under_the_scopes_of_trainings(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(portfolio_scopes="trainings")))
    client.authorize(scope="trainings.read")
    assert client.query("portfolioItems", "{id}") == []


def test_extra_categories_can_be_read_with_any_token(pluvo: Any) -> None:
    pluvo.authorize(scope="groups.read")
    assert pluvo.query("extraCategories", "{id}") == []


@pytest.mark.parametrize("path", ["/graphql", "/oauth/token"])
def test_an_address_without_its_slash_is_not_found_or_redirected(serve_pluvo: Any, path: str) -> None:
    missing = serve_pluvo(PluvoSandbox.empty()).post(USERS, path=path)
    assert missing.status_code == 404
    redirecting = serve_pluvo(PluvoSandbox.empty(PluvoOptions(slashless=SlashlessAnswer.REDIRECT)))
    answer = redirecting.post(USERS, path=path)
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{path}/")
    followed = redirecting.session.post(redirecting.server.url + path, json={"query": USERS})
    assert followed.status_code == 405


@pytest.mark.parametrize("body", [b"", b"[]", b'[{"query": "{users {id}}"}]', b'{"q": 1}', b"\xff"])
def test_a_body_that_is_not_one_request_is_refused(pluvo: Any, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = pluvo.session.post(f"{pluvo.server.url}/graphql/", data=body, headers=headers)
    assert answer.status_code == 400
    assert "data" not in answer.json()


def test_a_form_body_is_no_graphql_request(pluvo: Any) -> None:
    assert pluvo.session.post(f"{pluvo.server.url}/graphql/", data={"query": USERS}).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "{",
        "{nothing}",
        "{users {nothing}}",
        "mutation {createGroup(group: {name: 1}) {group {id}}}",
        'mutation {createGroup(group: {name: "A", color: "red"}) {group {id}}}',
        'mutation {createUser(user: {email: "a@b.cc"}) {user {id}}}',
        'query {user(id: "no uuid") {id}}',
    ],
)
@pytest.mark.parametrize("status", [400, 200])
def test_a_document_that_does_not_fit_the_schema_is_not_executed(serve_pluvo: Any, query: str, status: int) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(validation_error_status=status)))
    answer = client.post(query)
    assert answer.status_code == status
    assert answer.json()["errors"]
    assert client.sandbox.state()["groups"] == client.sandbox.state()["users"] == []


def test_variables_that_do_not_fit_the_schema_are_refused(pluvo: Any) -> None:
    query = "mutation($input: CreatePortfolioItemInput!) {createPortfolioItem(input: $input) {portfolioItem {id}}}"
    variables = {"input": {"userId": pluvo.user(), "title": "A", "startDate": "yesterday"}}
    answer = pluvo.post(query, variables)
    assert answer.status_code == 400
    assert answer.json()["data"] is None
    assert pluvo.sandbox.state()["portfolio_items"] == []


def test_each_alias_succeeds_or_fails_alone_and_in_order(pluvo: Any) -> None:
    answer = pluvo.post(
        """mutation {
          first: createGroup(group: {name: "A", ref: "a"}) {group {ref}}
          second: createGroup(group: {name: "B", ref: "a"}) {group {ref}}
          third: updateGroup(ref: "a", group: {name: "C"}) {group {name}}
        }"""
    )
    assert answer.status_code == 200
    body = answer.json()
    assert body["data"] == {"first": {"group": {"ref": "a"}}, "second": None, "third": {"group": {"name": "C"}}}
    assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [
        (["second"], "ValidationError")
    ]


def test_errors_may_come_without_codes(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(error_codes=False)))
    error = client.post('mutation {updateGroup(ref: "x", group: {}) {group {id}}}').json()["errors"][0]
    assert "extensions" not in error
    assert error["message"]


@pytest.mark.parametrize(("limit", "aliases", "status"), [(1, 2, 400), (3, 4, 400), (3, 3, 200)])
def test_a_document_with_too_many_mutations_is_refused_whole(
    serve_pluvo: Any, limit: int, aliases: int, status: int
) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(max_mutations_per_document=limit)))
    fields = " ".join(f'a{number}: createGroup(group: {{name: "A"}}) {{group {{id}}}}' for number in range(aliases))
    assert client.post(f"mutation {{{fields}}}").status_code == status
    assert len(client.sandbox.state()["groups"]) == (aliases if status == 200 else 0)


def test_a_document_with_too_many_queries_is_refused_whole(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(max_queries_per_document=1)))
    assert client.post("{a: groups {id} b: groups {id}}").status_code == 400
    assert client.post("{groups {id}}").status_code == 200


def test_the_schema_can_be_asked_for_unless_that_is_switched_off(serve_pluvo: Any) -> None:
    query = "{__schema {mutationType {fields {name}}}}"
    names = {
        field["name"] for field in serve_pluvo(PluvoSandbox.empty()).data(query)["__schema"]["mutationType"]["fields"]
    }
    assert {"updateOrCreateUser", "generateCertificate", "updateExtraCategoryValues"} <= names
    refusing = serve_pluvo(PluvoSandbox.empty(PluvoOptions(introspection=False))).post(query)
    assert (refusing.status_code, "data" in refusing.json()) == (400, False)


def test_the_schema_can_lack_fields(serve_pluvo: Any) -> None:
    options = PluvoOptions(dropped_fields=frozenset({"UpdateTrainingInput.ref", "Query.offers", "offerEvent.ref"}))
    client = serve_pluvo(PluvoSandbox.empty(options))
    client.training("a")
    refused = client.post('mutation {updateTraining(ref: "a", training: {ref: "b"}) {training {id}}}')
    assert refused.status_code == 400
    assert client.post("{offers {id}}").status_code == client.post('{offerEvent(ref: "a") {id}}').status_code == 400
    assert client.post('{offer(ref: "a") {id}}').status_code == 200
    with pytest.raises(ValueError, match=r"Query\.nothing"):
        PluvoSandbox.empty(PluvoOptions(dropped_fields=frozenset({"Query.nothing"})))


def test_calls_beyond_the_limit_are_429_and_say_when_to_come_again(serve_pluvo: Any) -> None:
    clock = Clock()
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(requests_per_minute=2, clock=clock)))
    assert [client.post(USERS).status_code for _ in range(2)] == [200, 200]
    clock.now += 20
    refused = client.post(USERS)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "40")
    clock.now += 40
    assert client.post(USERS).status_code == 200


def test_pages_have_fifty_rows_at_most_and_join_without_gap_or_overlap(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox(users=120, trainings=0, portfolio_items=0))
    query = (
        "query($after: String) {paginatedUsers(after: $after)"
        " {count edges {cursor node {id archived}} pageInfo {hasNextPage hasPreviousPage startCursor endCursor}}}"
    )
    pages: list[Any] = []
    after = None
    while not pages or pages[-1]["pageInfo"]["hasNextPage"]:
        pages.append(client.data(query, {"after": after})["paginatedUsers"])
        after = pages[-1]["pageInfo"]["endCursor"]
    ids = [edge["node"]["id"] for page in pages for edge in page["edges"]]
    active = [user["id"] for user in client.sandbox.state()["users"] if user["archived_at"] is None]
    assert sorted(ids) == sorted(active)
    assert [len(page["edges"]) for page in pages] == [50, 50, len(active) - 100]
    assert {page["count"] for page in pages} == {len(active)}
    assert [page["pageInfo"]["hasPreviousPage"] for page in pages] == [False, True, True]
    assert pages[1]["pageInfo"]["startCursor"] == pages[1]["edges"][0]["cursor"]


def test_an_offset_skips_rows(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox(users=9, trainings=0, portfolio_items=0))
    names = [edge["node"]["name"] for edge in client.query("paginatedUsers", "{edges {node {name}}}")["edges"]]
    page = client.query("paginatedUsers", "{edges {node {name}}}", first=2, offset=3)
    assert [edge["node"]["name"] for edge in page["edges"]] == names[3:5]
    assert client.query("paginatedUsers", "{edges {node {name}}}", offset=99)["edges"] == []


def test_a_page_of_more_than_fifty_is_an_error_or_cut(serve_pluvo: Any) -> None:
    strict = serve_pluvo(PluvoSandbox(users=60))
    assert strict.refused("paginatedUsers", "{count}", "query", first=51) == "ValidationError"
    assert strict.refused("paginatedUsers", "{count}", "query", first=-1) == "ValidationError"
    cutting = serve_pluvo(PluvoSandbox(users=60, options=PluvoOptions(page_overrun=PageOverrun.CUT)))
    assert len(cutting.query("paginatedUsers", "{edges {cursor}}", first=51)["edges"]) == 50


def test_page_sizes_can_be_other_than_fifty(serve_pluvo: Any) -> None:
    options = PluvoOptions(max_page_size=4, default_page_size=3)
    client = serve_pluvo(PluvoSandbox(users=9, options=options))
    assert len(client.query("paginatedUsers", "{edges {cursor}}")["edges"]) == 3
    assert len(client.query("paginatedUsers", "{edges {cursor}}", first=4)["edges"]) == 4
    assert client.refused("paginatedUsers", "{count}", "query", first=5) == "ValidationError"


@pytest.mark.parametrize("cursor", ["x", "", "MDowMDA="])
def test_a_made_up_cursor_is_an_error(pluvo: Any, cursor: str) -> None:
    answer = pluvo.post(f'{{paginatedGroups(after: "{cursor}") {{count}}}}').json()
    assert answer["data"] == {"paginatedGroups": None}
    assert "cursor" in answer["errors"][0]["message"]


def test_a_cursor_is_good_for_its_own_list_only(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox(users=9))
    cursor = client.query("paginatedUsers", "{pageInfo {endCursor}}", first=2)["pageInfo"]["endCursor"]
    answer = client.post(f'{{paginatedUsers(q: "a", after: "{cursor}") {{count}}}}').json()
    assert answer["data"] == {"paginatedUsers": None}


def test_certificates_are_read_from_both_ends_without_offset(pluvo: Any) -> None:
    both = pluvo.query("certificates", "{edges {cursor node {name}}}")["edges"]
    assert [edge["node"]["name"] for edge in both] == ["Completion", "Attendance"]
    last = pluvo.query("certificates", "{edges {node {name}} pageInfo {hasPreviousPage}}", last=1)
    assert last == {"edges": [{"node": {"name": "Attendance"}}], "pageInfo": {"hasPreviousPage": True}}
    before = pluvo.query("certificates", "{edges {node {name}}}", last=5, before=both[1]["cursor"])
    assert before == {"edges": [{"node": {"name": "Completion"}}]}
    assert pluvo.post("{certificates(offset: 1) {count}}").status_code == 400


@pytest.mark.parametrize(("style", "end"), [(InstantStyle.ZULU, "Z"), (InstantStyle.OFFSET, "+00:00")])
def test_moments_are_written_in_utc_in_either_style(serve_pluvo: Any, style: InstantStyle, end: str) -> None:
    client = serve_pluvo(PluvoSandbox.empty(PluvoOptions(instant_style=style)))
    given = {"userId": client.user(), "title": "A", "startDate": "2026-03-01T12:00:00+02:00", "endDate": "2026-04-01"}
    answer = client.mutate("createPortfolioItem", "{portfolioItem {startDate endDate}}", input=given)
    assert answer["portfolioItem"] == {"startDate": f"2026-03-01T10:00:00{end}", "endDate": f"2026-04-01T00:00:00{end}"}


def test_documents_are_counted_by_root_field_and_only_mutations_are_writes(pluvo: Any) -> None:
    pluvo.server.requests.reset()
    pluvo.authorize()
    pluvo.group("a")
    pluvo.post(TWO_GROUPS)
    pluvo.post("{groups {id} users {id}}")
    pluvo.post("no GraphQL")
    assert pluvo.server.requests.by_route == {
        "POST /graphql/ createGroup": 2,
        "POST /oauth/token/": 1,
        "POST /graphql/ groups+users": 1,
        "POST /graphql/ (unreadable)": 1,
    }
    assert (pluvo.server.requests.writes, pluvo.server.requests.reads) == (2, 3)


def test_the_write_hook_comes_around_a_document_with_mutations(pluvo: Any) -> None:
    seen: list[tuple[str, int]] = []

    def watch(event: WriteEvent) -> None:
        seen.append((event.phase, len(pluvo.sandbox.state()["groups"])))

    pluvo.server.on_write = watch
    pluvo.post(TWO_GROUPS)
    pluvo.post(USERS)
    assert seen == [("before", 0), ("after", 2)]


def test_an_error_after_the_fact_comes_when_the_whole_document_was_executed(pluvo: Any) -> None:
    pluvo.server.faults = FaultPlan([FaultRule(FaultKind.ERROR_AFTER, path="^/graphql/", times=1)])
    fields = " ".join(f'a{number}: createGroup(group: {{name: "A"}}) {{group {{id}}}}' for number in range(5))
    assert pluvo.post(f"mutation {{{fields}}}").status_code == 500
    assert len(pluvo.sandbox.state()["groups"]) == 5


def test_the_same_seed_gives_the_same_organization_and_another_one_another() -> None:
    def build(seed: int) -> dict[str, Any]:
        return PluvoSandbox(
            seed, users=20, trainings=8, portfolio_items=10, options=PluvoOptions(clock=Clock())
        ).state()

    assert build(1) == build(1)
    assert build(1) != build(2)


def test_an_organization_of_any_size_is_found_by_key_and_by_page(serve_pluvo: Any) -> None:
    client = serve_pluvo(PluvoSandbox(users=20_000, trainings=500, portfolio_items=50_000))
    user = client.query("user", "{id}", ref="HR-29998")
    items = client.query("portfolioItems", "{user {id}}", userId=user["id"])
    assert items
    assert {item["user"]["id"] for item in items} == {user["id"]}
    last = client.query("paginatedUsers", "{count edges {cursor} pageInfo {hasNextPage}}", offset=18_150)
    assert len(last["edges"]) == last["count"] - 18_150
    assert last["pageInfo"] == {"hasNextPage": False}


def test_every_kind_of_object_is_there_from_the_start() -> None:
    state = PluvoSandbox().state()
    assert [kind for kind, rows in state.items() if not rows] == ["issued_certificates", "mails"]
    assert {"users": 60, "trainings": 12, "portfolio_items": 90}.items() <= {
        kind: len(rows) for kind, rows in state.items()
    }.items()


def test_the_page_shows_what_arrived(pluvo: Any) -> None:
    pluvo.training("Knots")
    user = pluvo.user("ann")
    pluvo.mutate("addUsersToTraining", "{addedIds}", trainingRef="Knots", userIds=[user])
    item = {"userId": user, "title": "Splices", "startDate": "2026-03-01"}
    pluvo.mutate("createPortfolioItem", "{portfolioItem {id}}", input=item)
    page = requests.get(f"{pluvo.server.url}/_sandbox/").text
    for text in ("Knots", "ann@example.com", "participant", "Splices", "training invite"):
        assert text in page
