"""Every path of the description, walked over HTTP through a seeded organization."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import DEMO_KEY, SkilljarOptions, SkilljarSandbox
from lms_shared.dev.sandbox.skilljar.description import Kind, Operation, load_description
from lms_shared.dev.sandbox.skilljar.options import Nesting

API = load_description()
ROWS_TRIED = 30
SAMPLES = [operation for operation in API.operations if operation.name == "webhook_sample"]
LISTS = [operation for operation in API.operations if operation.kind in (Kind.LIST, Kind.BARE_LIST)]
READS = [operation for operation in API.operations if operation.kind is Kind.READ]
# No list names the ids of instructors, and seats cannot be read one by one: tested with the writes.
WITHOUT_READ = ("/v1/ilt-instructors/{id}", "/v1/license-packages/{license_package_id}/students/{student_id}")
UPDATES = [
    operation for operation in API.operations if operation.kind is Kind.UPDATE and operation.path not in WITHOUT_READ
]


class Walker:
    """Finds addresses that exist for a path of the description, by reading the lists above it."""

    def __init__(self, sandbox: SkilljarSandbox, url: str) -> None:
        self.sandbox = sandbox
        self.url = url
        self.session = requests.Session()
        self.session.auth = (DEMO_KEY, "")
        self._rows: dict[str, list[tuple[str, Any]]] = {}

    def request(self, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        return self.session.request(method, self.url + path, json=body, params=query)

    def get(self, path: str, **query: str) -> Any:
        answer = self.request("GET", path, **query)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def rows(self, template: str) -> list[tuple[str, Any]]:
        """Address of the list and row, for all rows of all lists with that template."""
        if template not in self._rows:
            self._rows[template] = list(self._read_lists(template))
        return self._rows[template]

    def _read_lists(self, template: str) -> Iterator[tuple[str, Any]]:
        if template == "/v1/lessons":
            for _, course in self.rows("/v1/courses"):
                for row in self.get(template, course_id=course["id"])["results"]:
                    yield template, row
            return
        for address in self.addresses(template):
            answer = self.get(address)
            for row in answer if isinstance(answer, list) else answer["results"]:
                yield address, row

    def addresses(self, template: str) -> list[str]:
        """Some addresses that fit a template."""
        *parents, last = template.rstrip("/").split("/")
        parent = "/".join(parents)
        if "{" not in template:
            return [template]
        if not last.startswith("{"):
            return [f"{address}/{last}" for address in self.addresses(parent)]
        if template in UNLISTED:
            source, id_in = UNLISTED[template]
            return [
                _address(template, address, row).format(item_id)
                for address, row in self.rows(source)
                if (item_id := id_in(row))
            ][:ROWS_TRIED]
        key = ITEM_KEYS.get(template) or _item_key(template)
        return [f"{address}/{value}" for address, row in self.rows(parent) if (value := _value(row, key))][:ROWS_TRIED]


def _address(template: str, address: str, row: Any) -> str:
    """The address of an item that another list names, with {} for its own id."""
    own = template.rsplit("/", 2)[1]
    if template.startswith("/v1/lessons/"):
        return f"/v1/lessons/{row['lesson_id']}/{own}/{{}}"
    if template.startswith("/v1/domains/"):
        return address.rsplit("/", 1)[0] + f"/{own}/{{}}"
    return f"/v1/{own}/{{}}"


def _value(row: Any, key: str) -> str | None:
    link = key.removesuffix("_id")
    value = row.get(key) or (row[link]["id"] if isinstance(row.get(link), dict) else None)
    return None if value is None else str(value)


def _item_key(template: str) -> str:
    described = API.item_table(template)
    if described is None:
        return "id"
    return "id" if template.endswith("/question-banks/{question_bank_id}") else described[1]


BLOCKS = "/v1/domains/{domain_name}/catalog-pages/{catalog_page_id}/content-blocks"
ENROLLMENTS = "/v1/domains/{domain_name}/published-courses/{published_course_id}/enrollments"
ITEM_KEYS = {"/v1/users/{user_id}": "user_id"}
# Items that no list of their own names: where their ids stand.
UNLISTED: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "/v1/lesson-progress/{lesson_progress_id}": (
        "/v1/users/{user_id}/published-courses/{published_course_id}/lessons",
        lambda row: row["lesson_progress"]["lesson_progress_id"],
    ),
    "/v1/purchases/{purchase_id}": (ENROLLMENTS, lambda row: row["purchase"] and row["purchase"]["purchase_id"]),
    "/v1/quiz-questions/{question_id}": ("/v1/quizzes/{quiz_id}/questions", lambda row: row["id"]),
    "/v1/lessons/{lesson_id}/rating-content-blocks/{rating_content_block_id}": (
        "/v1/lessons/{lesson_id}/content-items",
        lambda row: row["content_rating_id"],
    ),
    BLOCKS.replace("content-blocks", "html-content-blocks/{id}"): (BLOCKS, lambda row: row["html_content_block_id"]),
    BLOCKS.replace("content-blocks", "component-content-blocks/{id}"): (
        BLOCKS,
        lambda row: row["component_content_block_id"],
    ),
    BLOCKS.replace("content-blocks", "tile-container-content-blocks/{id}"): (
        BLOCKS,
        lambda row: row["tile_container_content_block_id"],
    ),
    BLOCKS.replace("content-blocks", "tile-container-content-blocks/{tile_container_id}"): (
        BLOCKS,
        lambda row: row["tile_container_content_block_id"],
    ),
}


@pytest.fixture(scope="module")
def walker() -> Iterator[Walker]:
    sandbox = SkilljarSandbox()
    with SandboxServer(sandbox) as server:
        yield Walker(sandbox, server.url)


def _check_shape(schema: str, value: Any, view: str, where: str) -> None:
    fields = [field for field in API.answers[schema] if field.views is None or view in field.views]
    assert list(value) == [field.name for field in fields], where
    for field in fields:
        nested = value[field.name]
        if field.reference is not None and nested is not None:
            for entry in nested if field.is_list else [nested]:
                _check_shape(field.reference, entry, view, f"{where}.{field.name}")
        elif nested is not None:
            _check_type(field.type, nested, field.is_list, f"{where}.{field.name}")


TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "datetime": (str,),
    "int": (int,),
    "num": (int, float),
    "bool": (bool,),
    "obj": (dict,),
}


def _check_type(name: str, value: Any, is_list: bool, where: str) -> None:
    for entry in value if is_list else [value]:
        if name in TYPES:
            assert isinstance(entry, TYPES[name]), (where, entry)
            assert isinstance(entry, bool) is (name == "bool"), (where, entry)
        if name == "datetime":
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", entry), (where, entry)


def _name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


@pytest.mark.parametrize("operation", LISTS, ids=_name)
def test_every_list_has_rows_with_exactly_the_described_fields(walker: Walker, operation: Operation) -> None:
    rows = walker.rows(operation.path)
    assert rows, operation.path
    for address, row in rows:
        _check_shape(operation.answer or "", row, "list", address)


@pytest.mark.parametrize("operation", READS, ids=_name)
def test_every_item_has_exactly_the_described_fields(walker: Walker, operation: Operation) -> None:
    if operation.path == "/v1/ilt-instructors/{id}":
        addresses = [f"/v1/ilt-instructors/{row['id']}" for row in walker.sandbox.state()["ilt_instructors"]]
    else:
        addresses = walker.addresses(operation.path)
    assert addresses, operation.path
    for address in addresses:
        _check_shape(operation.answer or "", walker.get(address), "read", address)


@pytest.mark.parametrize("operation", UPDATES, ids=_name)
def test_an_update_that_sends_nothing_changes_nothing(walker: Walker, operation: Operation) -> None:
    address = next(iter(walker.addresses(operation.path)), None)
    assert address, operation.path
    before = walker.get(address)
    body = {"quiz": before["quiz"]} if operation.path.startswith("/v1/quiz-questions") else {}
    answer = walker.request(operation.method, address, body)
    if operation.table == "offers" and before["offer_type"] != "published_course":
        assert answer.status_code == 400
        return
    assert answer.status_code == 200, answer.text
    after = walker.get(address)
    for changing in ("modified_at", "download_url"):
        before.pop(changing, None), after.pop(changing, None)
    assert after == before


@pytest.mark.parametrize("operation", SAMPLES, ids=_name)
def test_every_webhook_sample_is_one_event_in_a_list(walker: Walker, operation: Operation) -> None:
    [event] = walker.get(operation.path)["results"]
    assert event["event_type"].replace("_EVENT", "") == operation.path.rpartition("sample-")[2].upper().replace(
        "-", "_"
    )
    assert set(event["user"]) == {"id", "email", "first_name", "last_name"}


def test_all_operations_of_the_api_are_described() -> None:
    assert len({operation.path for operation in API.operations}) == 160
    assert len(API.operations) == 340
    assert len(LISTS) == 69 - 1  # the e-mail rules of a group are counted as a list, and are one object


@pytest.mark.parametrize("name", ["published-courses", "published-paths"])
def test_searchable_content_comes_only_with_its_flag(walker: Walker, name: str) -> None:
    path = f"/v1/domains/academy.example.com/{name}"
    bare = walker.get(path)["results"][0]
    full = walker.get(path, include_searchable_content="true")["results"][0]
    extra = set(full) - set(bare)
    assert {"short_description", "long_description_html", "search_keywords", "tags"} < extra


def test_the_seeded_data_holds_what_trips_readers(walker: Walker) -> None:
    users = [row for _, row in walker.rows("/v1/users")]
    assert any(row["latest_activity"] is None for row in users)
    assert any(not row["user"]["first_name"].isascii() for row in users)
    stamps = [row["signed_up_at"] for row in users]
    assert {"." in stamp for stamp in stamps} == {True, False}
    course_ids = [row["course"]["id"] for _, row in walker.rows("/v1/domains/{domain_name}/published-courses")]
    assert len(course_ids) > len(set(course_ids))
    progress = [row for user in users for row in walker.get(f"/v1/users/{user['user']['id']}/published-courses")]
    assert any(row["published_course_id"] is None for row in progress)
    assert any(len(row["all_enrollments"]) > 1 for row in progress)
    assert any(row["course_progress"]["completed_at"] is None for row in progress)
    assert any(row["certificate"] for row in progress)
    assert any(row["draft_origin_id"] for _, row in walker.rows("/v1/courses"))


def test_equal_seeds_and_sizes_give_equal_organizations() -> None:
    first, second = (SkilljarSandbox(seed=5, users=20, courses=6) for _ in range(2))
    other = SkilljarSandbox(seed=6, users=20, courses=6)
    assert first.state() == second.state()
    assert first.canonical() != other.canonical()


def test_older_row_shapes_can_be_switched_on() -> None:
    nested, flat = Nesting.NESTED, Nesting.FLAT
    sandbox = SkilljarSandbox(options=SkilljarOptions(plans=nested, paths=nested, promo_pool_offers=flat))
    with SandboxServer(sandbox) as server:
        walker = Walker(sandbox, server.url)
        [plan] = walker.get("/v1/domains/academy.example.com/plan")["results"]
        assert plan["plan"] == {"id": plan["id"], "title": plan["name"]}
        assert set(walker.get("/v1/paths")["results"][0]) == {"path"}
        _, offer = walker.rows("/v1/promo-code-pools/{promo_code_pool_id}/offers")[0]
        _check_shape("Offer", offer, "list", "offers")


@pytest.mark.parametrize(("users", "courses"), [(0, 0), (1, 1), (3, 1), (200, 40)])
def test_any_size_can_be_asked_for(users: int, courses: int) -> None:
    state = SkilljarSandbox(users=users, courses=courses).state()
    assert len(state["users"]) == users
    assert len([row for row in state["courses"] if not row.get("draft_origin_id")]) == courses
