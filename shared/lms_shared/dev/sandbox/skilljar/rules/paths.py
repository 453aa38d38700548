"""Progress in paths, which follows from the courses of the path, and the shapes of paths and plans."""

from __future__ import annotations

from typing import Any

from lms_shared.dev.sandbox.skilljar.options import Nesting
from lms_shared.dev.sandbox.skilljar.rulebook import Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row, Store


def _path_summary(store: Store, enrollment: Row) -> Row:
    publication = store["published_paths"].rows[enrollment["published_path_id"]]
    path = store["paths"].rows[publication["path_id"]]
    return {"id": publication["id"], "title": path["title"], "course_count": _item_count(store, path)}


def _path_progress(store: Store, enrollment: Row) -> Row:
    items = store["path_items"].where("published_path_id", enrollment["published_path_id"])
    progress = [_course_progress(store, enrollment["user_id"], item) for item in items]
    done = [row["completed_at"] for row in progress if row and row["completed_at"]]
    seen = [row["latest_activity"] for row in progress if row and row.get("latest_activity")]
    return {
        "path_progress_id": enrollment["path_progress_id"],
        "completed_course_count": len(done),
        "completed_required_course_count": len(done),
        "completed_at": max(done) if items and len(done) == len(items) else None,
        "latest_activity": max(seen, default=None),
    }


def _course_progress(store: Store, user_id: str, item: Row) -> Row | None:
    registration = store["course_registrations"].find(user_id=user_id, published_course_id=item["published_course_id"])
    return registration and store.linked(registration, "course_progress")


def _item_count(store: Store, path: Row) -> int:
    return len(store["path_items"].ids_where("path_id", path["id"]))


def _plan_shape(store: Store, shown: dict[str, Any]) -> dict[str, Any]:
    if store.options.plans is Nesting.FLAT:
        return shown
    return {**shown, "plan": {"id": shown["id"], "title": shown["name"]}}


def _path_shape(store: Store, shown: dict[str, Any]) -> dict[str, Any]:
    return shown if store.options.paths is Nesting.FLAT else {"path": shown}


RULES = Rulebook(
    computed={
        ("UserPathEnrollment", "published_path"): _path_summary,
        ("UserPathEnrollment", "published_path_progress"): _path_progress,
        ("Path", "path_item_count"): _item_count,
    },
    shapes={"Plan": _plan_shape, "Path": _path_shape},
)
