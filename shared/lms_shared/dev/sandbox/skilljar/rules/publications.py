"""Courses and paths on a domain: slugs, offers, prerequisites, re-enrollment rules."""

from __future__ import annotations

import re
import unicodedata

from lms_shared.dev.sandbox.skilljar.errors import bad_request, not_found
from lms_shared.dev.sandbox.skilljar.options import DeletedPublication
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row, Store
from lms_shared.dev.sandbox.skilljar.timestamps import parse_timestamp

MAX_SLUG = 100


def free_slug(store: Store, table: str, domain_name: str, title: str) -> str:
    """A slug from a title that nothing on the domain has yet."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain)[: MAX_SLUG - 10].strip("-") or "untitled"
    slug, number = base, 1
    while store[table].find(domain_name=domain_name, slug=slug) is not None:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _publish_course(call: Call, row: Row) -> None:
    course = call.store["courses"].rows[row["course_id"]]
    if not row.get("slug"):
        row["slug"] = free_slug(call.store, "published_courses", row["domain_name"], course["title"])
    row["course_url"] = f"https://{row['domain_name']}/{row['slug']}"


def _publish_path(call: Call, row: Row) -> None:
    store = call.store
    row |= {"created_at": store.now(), "modified_at": store.now()}
    row["path_url"] = f"https://{row['domain_name']}/path/{row['slug']}"
    if store["published_paths"].find(domain_name=row["domain_name"], slug=row["slug"]) is not None:
        raise bad_request(slug="There is one with this slug already.")
    row["path_id"] = store.add("paths", **row.pop("path"))["id"]


def add_offer(store: Store, kind: str, publication: Row) -> None:
    """The default offer that comes with every publication."""
    offer = store.add(
        "offers",
        **{f"{kind}_id": publication["id"]},
        domain_name=publication["domain_name"],
        offer_type=kind,
    )
    store[f"{kind}s"].update(publication, {"offer_id": offer["id"]})


def _touch_slug(call: Call, publication: Row, changes: Row) -> None:
    if "slug" not in changes:
        return
    if not changes["slug"]:
        raise bad_request(slug="This field may not be blank.")
    prefix = "path/" if call.operation.table == "published_paths" else ""
    url = f"https://{publication['domain_name']}/{prefix}{changes['slug']}"
    changes["path_url" if prefix else "course_url"] = url


def _update_path_publication(call: Call, publication: Row, changes: Row) -> None:
    _touch_slug(call, publication, changes)
    changes["modified_at"] = call.store.now()


def _part_with_learners(store: Store, publication: Row) -> None:
    for table in ("course_registrations", "course_progress"):
        for row in store[table].where("published_course_id", publication["id"]):
            if store.options.deleted_publication is DeletedPublication.GONE:
                store[table].delete(row)
            else:
                store[table].update(row, {"published_course_id": None})


def _require_course(call: Call, row: Row) -> None:
    row["prerequisite_id"] = row["published_course_id"]
    row["published_course_id"] = call.scope["published_course_id"]


def _add_path_item(call: Call, row: Row) -> None:
    publication = call.store["published_paths"].rows[row["published_path_id"]]
    row["path_id"] = publication["path_id"]


def _rule(call: Call) -> Row | None:
    return call.store["reenrollment_rules"].find(published_course_id=call.scope["published_course_id"])


def _checked_rule(call: Call) -> Row:
    moment = call.body.get("starts_at")
    if moment is not None:
        starts_at = parse_timestamp(moment)
        if starts_at.timestamp() <= call.store.options.clock():
            raise bad_request(starts_at="Must lie in the future.")
        if (starts_at.minute, starts_at.second, starts_at.microsecond) != (0, 0, 0):
            raise bad_request(starts_at="Must be on the hour.")
        return {**call.body, "next_run_at": moment}
    return dict(call.body)


def _read_rule(call: Call) -> Row:
    rule = _rule(call)
    if rule is None:
        raise not_found()
    return rule


def _create_rule(call: Call) -> Row:
    values = _checked_rule(call)
    if _rule(call) is not None:
        raise bad_request(non_field_errors="The course has a re-enrollment rule already.")
    return call.store.add("reenrollment_rules", published_course_id=call.scope["published_course_id"], **values)


def _update_rule(call: Call) -> Row:
    rule = _read_rule(call)
    call.store["reenrollment_rules"].update(rule, _checked_rule(call))
    return rule


def _delete_rule(call: Call) -> None:
    call.store["reenrollment_rules"].delete(_read_rule(call))


def _item_course(store: Store, item: Row) -> Row | None:
    publication = store.linked(item, "published_course")
    return publication and store.linked(publication, "course")


def _item_slug(store: Store, item: Row) -> str | None:
    publication = store.linked(item, "published_course")
    return None if publication is None else str(publication["slug"])


def _course_fields(store: Store, publication: Row) -> Row:
    return store["courses"].rows[publication["course_id"]]


def _lessons(store: Store, publication: Row) -> list[Row]:
    lessons = store["lessons"].where("course_id", publication["course_id"])
    return [{"id": lesson["id"], "title": lesson["title"]} for lesson in lessons]


def _path_fields(store: Store, publication: Row) -> Row:
    return store["paths"].rows[publication["path_id"]]


def _tag_names(store: Store, publication: Row, table: str, field: str) -> list[str]:
    return [store["tags"].rows[link["tag_id"]]["name"] for link in store[table].where(field, publication["id"])]


RULES = Rulebook(
    before_create={
        "published_courses": _publish_course,
        "published_paths": _publish_path,
        "course_prerequisites": _require_course,
        "path_items": _add_path_item,
    },
    after_create={
        "published_courses": lambda call, row: add_offer(call.store, "published_course", row),
        "published_paths": lambda call, row: add_offer(call.store, "published_path", row),
    },
    before_update={"published_courses": _touch_slug, "published_paths": _update_path_publication},
    before_delete={"published_courses": _part_with_learners},
    actions={
        "read_reenrollment_rule": _read_rule,
        "create_reenrollment_rule": _create_rule,
        "update_reenrollment_rule": _update_rule,
        "delete_reenrollment_rule": _delete_rule,
    },
    computed={
        ("CoursePrerequisite", "published_course"): lambda _, row: {"id": row["prerequisite_id"]},
        ("PathItem", "course"): _item_course,
        ("PathItem", "slug"): _item_slug,
        ("PublishedCourse", "lesson_list"): _lessons,
        ("PublishedCourse", "tags"): lambda store, row: _tag_names(
            store, row, "published_course_tags", "published_course_id"
        ),
        ("PublishedCourse", "short_description"): lambda store, row: _course_fields(store, row)["short_description"],
        ("PublishedCourse", "long_description_html"): lambda store, row: _course_fields(store, row)[
            "long_description_html"
        ],
        ("PublishedPath", "path_item_list"): lambda store, row: [
            {"id": item["id"], "slug": _item_slug(store, item)}
            for item in store["path_items"].where("published_path_id", row["id"])
        ],
        ("PublishedPath", "tags"): lambda store, row: _tag_names(
            store, row, "published_path_tags", "published_path_id"
        ),
        ("PublishedPath", "title"): lambda store, row: _path_fields(store, row)["title"],
        ("PublishedPath", "short_description"): lambda store, row: _path_fields(store, row).get("short_description"),
        ("PublishedPath", "long_description_html"): lambda store, row: _path_fields(store, row).get(
            "long_description_html"
        ),
    },
)
