"""Keys, envelopes, pages, errors and quota of the pretend Skilljar."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from lms_shared.dev.sandbox.skilljar import DEMO_KEY, READ_ONLY_KEY, SkilljarOptions, SkilljarSandbox

ACADEMY = "/domains/academy.example.com"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {DEMO_KEY}"},
        {"Authorization": requests.auth._basic_auth_str("sk-live-dead", "")},
        {"Authorization": requests.auth._basic_auth_str("", DEMO_KEY)},
        {"Authorization": requests.auth._basic_auth_str(DEMO_KEY, "secret")},
        {"Authorization": "Basic c2stbGl2ZS1kZW1v"},
        {"Authorization": "Basic ???"},
    ],
    ids=["none", "bearer", "unknown key", "key as password", "with a password", "without colon", "no base64"],
)
@pytest.mark.parametrize("path", ["/ping", "/courses", "/no-such-endpoint"])
def test_anything_but_a_known_key_as_basic_user_is_401(api: Any, headers: dict[str, str], path: str) -> None:
    answer = requests.get(api.base + path, headers=headers)
    assert answer.status_code == 401
    assert set(answer.json()) == {"detail"}


def test_ping_answers_200_with_an_empty_body(api: Any) -> None:
    answer = api.request("GET", "/ping")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_read_only_key_reads_and_gets_403_on_writes(api: Any) -> None:
    api.session.auth = (READ_ONLY_KEY, "")
    assert api.get("/courses")["count"] == 0
    answer = api.request("POST", "/labels", {"name": "x"})
    assert (answer.status_code, set(answer.json())) == (403, {"detail"})


def test_other_keys_can_be_configured(serve: Any) -> None:
    api = serve(SkilljarSandbox.empty(SkilljarOptions(keys=frozenset({"one", "two"}))))
    assert api.request("GET", "/ping").status_code == 401
    for key in ("one", "two"):
        api.session.auth = (key, "")
        assert api.request("GET", "/ping").status_code == 200


@pytest.mark.parametrize("path", ["/courses/nothere", f"{ACADEMY}/users/nothere", "/domains/other.example.com", "/nix"])
def test_unknown_rows_and_unknown_endpoints_are_the_same_404(api: Any, path: str) -> None:
    answer = api.request("GET", path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


def test_a_method_that_is_not_offered_is_405(api: Any) -> None:
    answer = api.request("DELETE", "/courses")
    assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "DELETE" not allowed.'})


def test_a_body_that_is_no_json_is_400(api: Any) -> None:
    answer = api.session.post(f"{api.base}/labels", data="{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, set(answer.json())) == (400, {"detail"})


def test_a_body_that_is_no_object_is_400(api: Any) -> None:
    assert set(api.refused("POST", "/labels", [{"name": "x"}])) == {"non_field_errors"}


def test_a_trailing_slash_is_accepted_unless_switched_off(api: Any, serve: Any) -> None:
    assert api.get("/courses/")["count"] == 0
    strict = serve(SkilljarSandbox.empty(SkilljarOptions(accept_trailing_slash=False)))
    assert strict.request("GET", "/courses/").status_code == 404


def test_pages_link_to_each_other_under_the_host_that_was_asked(api: Any) -> None:
    for number in range(7):
        api.post("/labels", {"name": f"label {number}"})
    names: list[str] = []
    pages: list[Any] = []
    url: str | None = f"{api.base}/labels?page_size=3"
    while url:
        assert url.startswith(api.base)
        pages.append(api.get(url))
        names += [row["name"] for row in pages[-1]["results"]]
        url = pages[-1]["next"]
    assert names == [f"label {number}" for number in range(7)]
    assert [page["count"] for page in pages] == [7, 7, 7]
    assert pages[0]["previous"] is None
    assert api.get(pages[2]["previous"])["results"] == pages[1]["results"]


def test_page_links_name_the_host_of_the_request_and_keep_its_filters(api: Any) -> None:
    for number in range(3):
        api.user(f"u{number}@example.com", first_name="Ann")
    url = f"{api.base}{ACADEMY}/users?page_size=2&user__first_name=Ann"
    answer = api.session.get(url, headers={"Host": "lms.test:8080"}).json()
    link = urlsplit(answer["next"])
    assert (link.netloc, link.path) == ("lms.test:8080", f"/v1{ACADEMY}/users")
    assert parse_qs(link.query) == {"page": ["2"], "page_size": ["2"], "user__first_name": ["Ann"]}


@pytest.mark.parametrize("page", ["2", "0", "-1", "last", "x"])
def test_a_page_beyond_the_end_or_no_number_is_404(api: Any, page: str) -> None:
    api.post("/labels", {"name": "only"})
    answer = api.request("GET", "/labels", page=page)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Invalid page."})


def test_the_first_page_of_nothing_is_empty(api: Any) -> None:
    assert api.get("/labels", page="1") == {"count": 0, "next": None, "previous": None, "results": []}


@pytest.mark.parametrize(("asked", "given"), [("5000", 100), ("0", 100), ("none", 100), ("7", 7)])
def test_page_sizes_are_cut_to_the_cap_of_the_list(serve: Any, asked: str, given: int) -> None:
    sandbox = SkilljarSandbox.empty()
    for number in range(120):
        sandbox.store.add("courses", title=f"Course {number}")
    assert len(serve(sandbox).rows("/courses", page_size=asked)) == given


def test_users_are_paged_by_cursor_unless_a_page_is_asked_for(api: Any) -> None:
    for number in range(5):
        api.user(f"u{number}@example.com")
    first = api.get("/users", page_size="2")
    query = parse_qs(urlsplit(first["next"]).query)
    assert set(query) == {"cursor", "page_size"}
    assert first["count"] == 5
    emails = [row["user"]["email"] for row in first["results"]]
    second = api.get(first["next"])
    third = api.get(second["next"])
    emails += [row["user"]["email"] for row in (*second["results"], *third["results"])]
    assert emails == [f"u{number}@example.com" for number in range(5)]
    assert third["next"] is None
    by_number = api.get("/users", page="2", page_size="2")
    assert set(parse_qs(urlsplit(by_number["next"]).query)) == {"page", "page_size"}
    assert by_number["results"] == second["results"]


def test_a_broken_cursor_is_404(api: Any) -> None:
    assert api.request("GET", "/users", cursor="%%").status_code == 404


def test_features_can_be_refused(serve: Any) -> None:
    refused = frozenset({"license-packages", "ilt-sessions"})
    api = serve(SkilljarSandbox.empty(SkilljarOptions(refused_features=refused)))
    assert api.request("GET", "/license-packages").status_code == 403
    assert api.request("POST", "/ilt-sessions", {}).status_code == 403
    assert api.get("/training-credit-codes")["count"] == 0


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def test_the_quota_of_a_minute_and_of_an_hour_answers_429_with_retry_after(serve: Any) -> None:
    clock = Clock()
    options = SkilljarOptions(requests_per_minute=3, requests_per_hour=5, clock=clock)
    api = serve(SkilljarSandbox.empty(options))

    def statuses(number: int) -> list[int]:
        return [api.request("GET", "/ping").status_code for _ in range(number)]

    assert statuses(4) == [200, 200, 200, 429]
    clock.now += 20
    assert api.request("GET", "/ping").headers["Retry-After"] == "40"
    clock.now += 40
    assert statuses(3) == [200, 200, 429]
    assert api.request("GET", "/ping").headers["Retry-After"] == str(3600 - 60)
    clock.now += 3600 - 60
    assert statuses(1) == [200]


def test_no_quota_is_counted_by_default(api: Any) -> None:
    assert {api.request("GET", "/ping").status_code for _ in range(620)} == {200}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "g", "discount_percent": 101}, "discount_percent"),
        ({"name": "g", "discount_percent": "5"}, "discount_percent"),
        ({"name": "g", "discount_percent": True}, "discount_percent"),
        ({"name": "g", "rule_email_domains": "x.com"}, "rule_email_domains"),
        ({"name": "g", "group_category_id": "nothere"}, "group_category_id"),
        ({"name": "g", "sign_up_field_rule": {}}, "sign_up_field_rule"),
    ],
)
def test_bodies_are_checked_by_type_limit_and_presence(api: Any, body: Any, field: str) -> None:
    assert set(api.refused("POST", "/groups", body)) == {field}
    assert api.get("/groups")["count"] == 0


def test_messages_are_lists_by_field_and_nested_like_the_body(api: Any) -> None:
    errors = api.refused("POST", f"{ACADEMY}/users", {"user": {"email": "nobody", "first_name": "x" * 51}})
    assert set(errors["user"]) == {"email", "first_name"}
    assert all(isinstance(text, str) for texts in errors["user"].values() for text in texts)


def test_unknown_fields_are_ignored_without_a_word(api: Any) -> None:
    label = api.post("/labels", {"name": "x", "colour": "red"})
    assert set(label) == {"id", "name"}


def test_texts_of_the_longest_length_are_kept_whole(api: Any) -> None:
    name = "ü" * 255
    assert api.post("/labels", {"name": name})["name"] == name


def test_blanks_around_texts_are_cut_unless_switched_off(api: Any, serve: Any) -> None:
    assert api.post("/labels", {"name": "  x "})["name"] == "x"
    exact = serve(SkilljarSandbox.empty(SkilljarOptions(trim_texts=False)))
    assert exact.post("/labels", {"name": "  x "})["name"] == "  x "


def test_times_are_answered_in_utc_with_microseconds_only_where_there_are_any(api: Any) -> None:
    publication, user = api.publication(api.course()), api.user()
    for sent, answered in [
        ("2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00Z"),
        ("2024-05-01T12:00:00.590250Z", "2024-05-01T12:00:00.590250Z"),
        ("2024-05-01T12:00:00", "2024-05-01T12:00:00Z"),
    ]:
        assert api.enrollment(publication, user, enrolled_at=sent)["enrolled_at"] == answered
    errors = api.refused(
        "POST",
        f"{ACADEMY}/published-courses/{publication}/enrollments",
        {"user": {"id": user}, "enrolled_at": "yesterday"},
    )
    assert set(errors) == {"enrolled_at"}


def test_pages_can_be_cut_to_a_size(serve: Any) -> None:
    api = serve(SkilljarSandbox(users=9, courses=1, options=SkilljarOptions(largest_page=4)))
    page = api.get("/users?page_size=1000")
    assert (len(page["results"]), page["count"]) == (4, 9)
    assert page["next"] is not None


def test_one_row_of_each_table_can_claim_to_be_from_the_future(serve: Any) -> None:
    api = serve(SkilljarSandbox(users=9, courses=3, options=SkilljarOptions(future_rows=True)))
    stamps = [course["modified_at"] for course in api.get("/courses")["results"]]
    assert [stamp > "2099" for stamp in stamps].count(True) == 1
