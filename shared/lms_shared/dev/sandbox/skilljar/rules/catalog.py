"""Catalog pages with their items, blocks and tiles, and the slugs of tags."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lms_shared.dev.sandbox.skilljar.errors import bad_request
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.rules.publications import free_slug
from lms_shared.dev.sandbox.skilljar.store import Row, Store

_ITEM_TYPES = {
    "item_catalog_page_id": "CATALOG_PAGE",
    "item_published_course_id": "PUBLISHED_COURSE",
    "item_plan_id": "PLAN",
    "item_published_path_id": "PUBLISHED_PATH",
}
_BLOCKS: Mapping[str, tuple[str, str]] = {
    "HTML": ("html_blocks", "html_content_block_id"),
    "HERO": ("html_blocks", "html_content_block_id"),
    "ANNOUNCEMENT_BAR": ("html_blocks", "html_content_block_id"),
    "TILE_SECTION": ("tile_containers", "tile_container_content_block_id"),
    "IN_PROGRESS_COURSES": ("component_blocks", "component_content_block_id"),
}


def _create_page(call: Call, row: Row) -> None:
    if not row.get("slug"):
        row["slug"] = free_slug(call.store, "catalog_pages", row["domain_name"], row["page_title"])
    row["url"] = f"https://{row['domain_name']}/page/{row['slug']}"


def _update_page(_: Call, page: Row, changes: Row) -> None:
    if "slug" in changes:
        changes["url"] = f"https://{page['domain_name']}/page/{changes['slug']}"


def _create_item(call: Call, row: Row) -> None:
    named = [name for name in _ITEM_TYPES if row.get(name)]
    if len(named) != 1:
        raise bad_request(non_field_errors="Exactly one of the item ids is needed.")
    row["type"] = row["item_type"] = _ITEM_TYPES[named[0]]
    _put_last(call, row)


def _put_last(call: Call, row: Row) -> None:
    table = call.store[call.operation.table or ""]
    parent = table.description.indexes[0]
    row.setdefault("order", len(table.ids_where(parent, row[parent])) + 1)


def add_typed_block(store: Store, block: Row) -> None:
    """The block of its own kind that holds what a content block shows."""
    table, field = _BLOCKS[block["type"]]
    typed = store.add(table, catalog_page_id=block["catalog_page_id"], content_block_id=block["id"])
    store["page_content_blocks"].update(block, {field: typed["id"]})


def _remove_typed_block(store: Store, block: Row) -> None:
    table, field = _BLOCKS[block["type"]]
    typed = store[table].get(block.get(field))
    if typed is not None:
        store.remove(table, typed)


def slug_of_tag(name: str) -> str:
    """How a tag's name appears in addresses."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _name_tag(_: Call, row: Row) -> None:
    row["slug"] = slug_of_tag(row["name"])


def _rename_tag(_: Call, __: Row, changes: Row) -> None:
    if "name" in changes:
        changes["slug"] = slug_of_tag(changes["name"])


RULES = Rulebook(
    before_create={
        "catalog_pages": _create_page,
        "classic_page_items": _create_item,
        "page_content_blocks": _put_last,
        "tile_items": _create_item,
        "tags": _name_tag,
    },
    after_create={"page_content_blocks": lambda call, row: add_typed_block(call.store, row)},
    before_update={"catalog_pages": _update_page, "tags": _rename_tag},
    before_delete={"page_content_blocks": _remove_typed_block},
)
