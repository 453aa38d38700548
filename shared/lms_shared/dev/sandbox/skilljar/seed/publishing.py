"""What the domains offer: published courses and paths, plans, series and catalog pages."""

from __future__ import annotations

from lms_shared.dev.sandbox.skilljar.rules.catalog import add_typed_block
from lms_shared.dev.sandbox.skilljar.rules.publications import add_offer, free_slug
from lms_shared.dev.sandbox.skilljar.seed.domains import ACADEMY, PARTNERS
from lms_shared.dev.sandbox.skilljar.seed.ground import Ground
from lms_shared.dev.sandbox.skilljar.store import Row

_DOMAINS = (ACADEMY, PARTNERS)


def publish_courses(ground: Ground) -> None:
    """Two of three courses on the academy, every second one for partners, so that some are on both and some on none."""
    for index, course in enumerate(ground.courses):
        if index % 6 != 5:
            _publish(ground, course, ACADEMY, index)
        if index % 2 == 0:
            _publish(ground, course, PARTNERS, index)
    for domain_name in _DOMAINS:
        here = [row for row in ground.publications if row["domain_name"] == domain_name]
        if len(here) > 1:
            _restrict(ground, here[0], here[1])
            _add_series(ground, domain_name, here[:3])


def _publish(ground: Ground, course: Row, domain_name: str, index: int) -> None:
    store = ground.store
    slug = free_slug(store, "published_courses", domain_name, course["title"])
    publication = store.add(
        "published_courses",
        domain_name=domain_name,
        course_id=course["id"],
        slug=slug,
        course_url=f"https://{domain_name}/{slug}",
        hidden=index % 7 == 6,
        unique_progress_per_enrollment=index % 5 == 4,
        registration_starts_at=ground.moment(100) if index % 3 == 0 else None,
    )
    add_offer(store, "published_course", publication)
    ground.publications.append(publication)
    for tag in ground.some(ground.tags, 2) if index % 2 == 0 else []:
        store.add("published_course_tags", published_course_id=publication["id"], tag_id=tag["id"])


def _restrict(ground: Ground, publication: Row, prerequisite: Row) -> None:
    store, group = ground.store, ground.groups[0]
    key = {"published_course_id": publication["id"]}
    store.add("course_prerequisites", **key, prerequisite_id=prerequisite["id"])
    store.add("group_prerequisites", **key, student_group_id=group["id"])
    store.add("published_course_overrides", **key, student_group_id=group["id"], is_visible=True)
    starts_at = ground.moment(-30).split("T", maxsplit=1)[0] + "T09:00:00Z"
    store.add(
        "reenrollment_rules",
        **key,
        starts_at=starts_at,
        next_run_at=starts_at,
        cycle_duration=12,
        cycle_duration_unit="MONTHS",
    )


def _add_series(ground: Ground, domain_name: str, publications: list[Row]) -> None:
    store = ground.store
    series = store.add(
        "course_series",
        domain_name=domain_name,
        title="Série d'été",
        visible_on_catalog=True,
        series_url=f"https://{domain_name}/series/summer",
        published_course_count=len(publications),
    )
    offer = store.add("offers", domain_name=domain_name, offer_type="published_path", course_series_id=series["id"])
    store["course_series"].update(series, {"offer_id": offer["id"]})
    for publication in publications:
        store["published_courses"].update(publication, {"course_series_id": series["id"]})


def add_paths(ground: Ground) -> None:
    """Two paths for each domain, and one that is published nowhere."""
    store = ground.store
    store.add("paths", title="Unpublished path", short_description=None)
    for domain_name in _DOMAINS:
        for index, title in enumerate(("Administrator path", "Parcours vendeur")):
            path = store.add("paths", title=title, short_description="Step by step" if index else None)
            slug = free_slug(store, "published_paths", domain_name, title)
            publication = store.add(
                "published_paths",
                domain_name=domain_name,
                path_id=path["id"],
                slug=slug,
                path_url=f"https://{domain_name}/path/{slug}",
                hidden=index == 1,
                created_at=ground.moment(200, 100),
                modified_at=ground.moment(0, 200),
            )
            add_offer(store, "published_path", publication)
            _fill_path(ground, path, publication)


def _fill_path(ground: Ground, path: Row, publication: Row) -> None:
    store, key = ground.store, {"published_path_id": publication["id"]}
    here = [row for row in ground.publications if row["domain_name"] == publication["domain_name"]]
    for order, course in enumerate(here[:3], start=1):
        store.add("path_items", **key, path_id=path["id"], published_course_id=course["id"], order=order)
    store.add("published_path_labels", **key, label_id=ground.labels[0]["id"])
    store.add("published_path_tags", **key, tag_id=ground.tags[0]["id"])
    store.add("published_path_overrides", **key, student_group_id=ground.groups[0]["id"], is_visible=False)


def add_plans(ground: Ground) -> None:
    """A plan for each domain."""
    store = ground.store
    for domain_name in _DOMAINS:
        plan = store.add(
            "plans",
            domain_name=domain_name,
            name="All you can learn",
            title="All you can learn",
            slug="all-you-can-learn",
            plan_url=f"https://{domain_name}/plan/all-you-can-learn",
            hidden=False,
            short_description=None,
        )
        add_offer(store, "plan", plan)


def add_catalog_pages(ground: Ground) -> None:
    """A classic page and one from the page builder for each domain."""
    for domain_name in _DOMAINS:
        classic, builder = (_add_page(ground, domain_name, title) for title in ("All courses", "Welcome"))
        _fill_classic(ground, classic)
        _fill_builder(ground, builder)


def _add_page(ground: Ground, domain_name: str, title: str) -> Row:
    store = ground.store
    slug = free_slug(store, "catalog_pages", domain_name, title)
    page = store.add(
        "catalog_pages",
        domain_name=domain_name,
        page_title=title,
        slug=slug,
        url=f"https://{domain_name}/page/{slug}",
        hidden=False,
        strict_enforce_group_visibility=False,
        is_classic=title == "All courses",
        tile_sort_method="catalog_settings_order",
        search_location="HEADER_RIGHT",
        search_behavior="GLOBAL",
        item_layout="TILE",
    )
    key = {"catalog_page_id": page["id"]}
    store.add("catalog_page_tags", **key, tag_id=ground.tags[1]["id"])
    store.add("catalog_page_overrides", **key, student_group_id=ground.groups[1]["id"], is_visible=True)
    return page


def _fill_classic(ground: Ground, page: Row) -> None:
    store = ground.store
    plan = store["plans"].where("domain_name", page["domain_name"])[0]
    here = [row for row in ground.publications if row["domain_name"] == page["domain_name"]]
    key = {"catalog_page_id": page["id"], "domain_name": page["domain_name"]}
    store.add("classic_page_items", **key, order=1, type="PLAN", item_plan_id=plan["id"])
    for order, row in enumerate(here[:2], start=2):
        store.add("classic_page_items", **key, order=order, type="PUBLISHED_COURSE", item_published_course_id=row["id"])


def _fill_builder(ground: Ground, page: Row) -> None:
    store = ground.store
    key = {"catalog_page_id": page["id"], "domain_name": page["domain_name"]}
    for order, kind in enumerate(("HERO", "TILE_SECTION", "IN_PROGRESS_COURSES"), start=1):
        add_typed_block(store, store.add("page_content_blocks", **key, order=order, type=kind))
    for block in store["html_blocks"].where("catalog_page_id", page["id"]):
        store["html_blocks"].update(block, {"html": "<h1>Bienvenue</h1>"})
    for block in store["component_blocks"].where("catalog_page_id", page["id"]):
        values = {"component": "in_progress_content", "header_text": "Go on", "max_tiles": 3, "alignment": "left"}
        store["component_blocks"].update(block, values)
    path = store["published_paths"].where("domain_name", page["domain_name"])[0]
    for container in store["tile_containers"].where("catalog_page_id", page["id"]):
        store["tile_containers"].update(container, {"header_text": "Paths", "alignment": "center"})
        store.add(
            "tile_items",
            tile_container_id=container["id"],
            **key,
            order=1,
            item_type="PUBLISHED_PATH",
            item_published_path_id=path["id"],
        )
