"""Courses, their labels and the numbers of their lessons."""

from __future__ import annotations

from lms_shared.dev.sandbox.kept_texts import kept
from lms_shared.dev.sandbox.skilljar.errors import bad_request
from lms_shared.dev.sandbox.skilljar.options import LabelsOnCreate, LabelsOnUpdate
from lms_shared.dev.sandbox.skilljar.query import Ids
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row, Store


def _create_course(call: Call, row: Row) -> None:
    store = call.store
    row |= {"created_at": store.now(), "modified_at": store.now(), "average_rating": None}
    if store.options.labels_on_create is LabelsOnCreate.REFUSE_UNKNOWN:
        _refuse_unknown(store, row.get("labels", []))
    row.pop("labels", None)
    row.update(_kept(store, row))


def _kept(store: Store, row: Row) -> Row:
    markup = ("long_description_html",)
    return kept(store.options.kept_texts, row, texts=("title", "short_description"), markup=markup)


def _label_new_course(call: Call, course: Row) -> None:
    if call.store.options.labels_on_create is not LabelsOnCreate.IGNORED:
        _link_labels(call.store, course, call.body.get("labels", []))


def _update_course(call: Call, course: Row, changes: Row) -> None:
    store, names = call.store, changes.pop("labels", None)
    changes["modified_at"] = store.now()
    changes.update(_kept(store, changes))
    mode = store.options.labels_on_update
    if names is None or mode is LabelsOnUpdate.IGNORED:
        return
    if store.options.labels_on_create is LabelsOnCreate.REFUSE_UNKNOWN:
        _refuse_unknown(store, names)
    if mode is LabelsOnUpdate.REPLACE:
        for link in store["course_labels"].where("course_id", course["id"]):
            if store["labels"].rows[link["label_id"]]["name"] not in names:
                store["course_labels"].delete(link)
    _link_labels(store, course, names)


def _refuse_unknown(store: Store, names: list[str]) -> None:
    unknown = [name for name in names if store["labels"].find(name=name) is None]
    if unknown and not store.options.label_refusal_names_labels:
        raise bad_request(non_field_errors=["Object does not exist."])
    if unknown:
        raise bad_request(labels=[f"Object with name={name} does not exist." for name in unknown])


def _link_labels(store: Store, course: Row, names: list[str]) -> None:
    for name in names:
        label = store["labels"].find(name=name) or store.add("labels", name=name)
        key = {"course_id": course["id"], "label_id": label["id"]}
        if store["course_labels"].find(**key) is None:
            store.add("course_labels", **key)


def _label_names(store: Store, course: Row) -> list[str]:
    links = store["course_labels"].where("course_id", course["id"])
    return [store["labels"].rows[link["label_id"]]["name"] for link in links]


def _courses_with_label(call: Call, name: str) -> Ids:
    return _labelled(call.store, "course_labels", "course_id", name)


def _paths_with_label(call: Call, name: str) -> Ids:
    return _labelled(call.store, "published_path_labels", "published_path_id", name)


def _labelled(store: Store, link_table: str, field: str, name: str) -> Ids:
    label = store["labels"].find(name=name)
    links = store[link_table].where("label_id", label["id"]) if label else []
    return {link[field]: None for link in links}


def _lesson_count(store: Store, course: Row) -> int:
    return len(store["lessons"].ids_where("course_id", course["id"]))


def _required_lesson_count(store: Store, course: Row) -> int:
    return sum(not lesson["optional"] for lesson in store["lessons"].where("course_id", course["id"]))


RULES = Rulebook(
    before_create={"courses": _create_course},
    after_create={"courses": _label_new_course},
    before_update={"courses": _update_course},
    filters={
        ("courses", "label__name"): _courses_with_label,
        ("published_paths", "label__name"): _paths_with_label,
    },
    computed={
        ("Course", "labels"): _label_names,
        ("CourseSummary", "lesson_count"): _lesson_count,
        ("CourseSummary", "required_lesson_count"): _required_lesson_count,
        ("CourseDetail", "lesson_count"): _lesson_count,
        ("CourseDetail", "required_lesson_count"): _required_lesson_count,
    },
)
