"""Lessons, what they show, and the assets and web packages behind them."""

from __future__ import annotations

from lms_shared.dev.sandbox.skilljar.errors import bad_request
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row, Store

_CONTENT_OF_TYPE = {
    "ASSET": "content_asset_id",
    "QUIZ": "content_quiz_id",
    "WEB_PACKAGE": "content_web_package_id",
}
READY = "READY"
PROCESSING = "PROCESSING"


def _create_lesson(call: Call, row: Row) -> None:
    _check_content(call.store, row)


def _update_lesson(call: Call, lesson: Row, changes: Row) -> None:
    _check_content(call.store, {**lesson, **changes})


def _check_content(store: Store, lesson: Row) -> None:
    """A lesson that shows an object names it (inferred), and a web package must be ready."""
    field = _CONTENT_OF_TYPE.get(lesson["type"])
    if field is not None and not lesson.get(field):
        raise bad_request(**{field: "This field is required for this type of lesson."})
    package = store["web_packages"].get(lesson.get("content_web_package_id"))
    if lesson["type"] == "WEB_PACKAGE" and package is not None and package["state"] != READY:
        raise bad_request(content_web_package_id="The web package is still being processed.")


def _create_rating(call: Call, row: Row) -> None:
    store = call.store
    lesson = store["lessons"].rows[row["lesson_id"]]
    siblings = store["lessons"].where("course_id", lesson["course_id"])
    if any(store["rating_blocks"].where("lesson_id", sibling["id"]) for sibling in siblings):
        raise bad_request(non_field_errors="The course has a rating already.")
    if row.setdefault("rating_scale", 5) not in (5, 10):
        raise bad_request(rating_scale="Must be 5 or 10.")


def _show_rating(call: Call, block: Row) -> None:
    store = call.store
    orders = [item["order"] for item in store["content_items"].where("lesson_id", block["lesson_id"])]
    item = store.add(
        "content_items",
        lesson_id=block["lesson_id"],
        content_rating_id=block["id"],
        header=block.get("rating_question") or "Rate this course",
        order=max(orders, default=0) + 1,
        type="RATING",
    )
    store["rating_blocks"].update(block, {"content_item_id": item["id"]})


def _hide_rating(store: Store, block: Row) -> None:
    item = store["content_items"].get(block.get("content_item_id"))
    if item is not None:
        store["content_items"].delete(item)


def _create_asset(call: Call, row: Row) -> None:
    asset = row.pop("asset", {})
    source = row.pop("content_url", None) or asset.get("embed_link_url")
    if not source:
        raise bad_request(content_url="This field or asset.embed_link_url is required.")
    row |= asset
    row.setdefault("name", source.rstrip("/").rsplit("/", 1)[-1])
    row |= {"type": None, "download_url": None, "reads_left": call.store.options.reads_until_processed}


def _create_package(call: Call, row: Row) -> None:
    row |= row.pop("web_package")
    row |= {
        "state": PROCESSING,
        "type": None,
        "source": row.pop("content_url"),
        "reads_left": call.store.options.reads_until_processed,
    }


def _process_all(call: Call) -> None:
    for row in list(call.store[call.operation.table or ""]):
        _process(call, row)


def _process(call: Call, row: Row) -> Row:
    """Each read brings a package or an asset nearer to its end."""
    table = call.store[call.operation.table or ""]
    if row["type"] is None and row["reads_left"] > 0:
        table.update(row, {"reads_left": row["reads_left"] - 1})
    elif row["type"] is None:
        download_url = f"https://files.example.com/{row['id']}?signature={call.store.new_id()}"
        done = _package_result(row) if table.description.name == "web_packages" else {"type": "FILE"}
        table.update(row, {**done, "download_url": download_url})
    return row


def _package_result(package: Row) -> Row:
    """The title is in the end the one inside the package."""
    title = package["source"].rstrip("/").rsplit("/", 1)[-1].removesuffix(".zip")
    return {"state": READY, "type": "SCORM", "title": title}


def _replace_package(call: Call) -> None:
    store, old = call.store, call.scope["web_package_id"]
    new = store["web_packages"].get(call.body.get("web_package_id"))
    if new is None:
        raise bad_request(web_package_id="There is no such web package.")
    for lesson in store["lessons"].where("content_web_package_id", old):
        store["lessons"].update(lesson, {"content_web_package_id": new["id"]})


RULES = Rulebook(
    before_create={
        "lessons": _create_lesson,
        "rating_blocks": _create_rating,
        "assets": _create_asset,
        "web_packages": _create_package,
    },
    after_create={"rating_blocks": _show_rating},
    before_update={"lessons": _update_lesson},
    before_delete={"rating_blocks": _hide_rating},
    before_list={"/v1/assets": _process_all, "/v1/web-packages": _process_all},
    on_read={"assets": _process, "web_packages": _process},
    actions={"replace_web_package": _replace_package},
)
