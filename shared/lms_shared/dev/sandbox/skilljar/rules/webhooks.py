"""Webhooks: nothing is ever delivered; the samples show what a delivery would hold."""

from __future__ import annotations

from typing import Any

from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row

_EVENT_OF_SLUG = {"VILT_REGISTRATION": "VILT_EVENT_REGISTRATION"}


def _sample(call: Call) -> Any:
    slug = call.operation.path.rpartition("/sample-")[2].upper().replace("-", "_")
    store = call.store
    enrollment = next(iter(store["course_enrollments"]), None)
    user = store.linked(enrollment, "user") if enrollment else None
    publication = store.linked(enrollment, "published_course") if enrollment else None
    domain = store["domains"].find(name=publication["domain_name"]) if publication else None
    event: Row = {
        "event_type": _EVENT_OF_SLUG.get(slug, slug),
        "timestamp": store.now().replace("Z", "+00:00"),
        "user": user and {name: user[name] for name in ("id", "email", "first_name", "last_name")},
        "course": publication
        and {
            "id": publication["course_id"],
            "published_course_id": publication["id"],
            "title": store["courses"].rows[publication["course_id"]]["title"],
            "url": publication["course_url"],
        },
        "domain": domain and {"id": domain["id"], "name": domain["name"]},
        "purchase": None,
        "domain_access_code": None,
    }
    return {"results": [event]}


def _ping(_: Call) -> dict[str, Any]:
    return {"succeeded": True, "http_status_code": 200, "message": "OK"}


def _no_content(_: Call) -> None:
    return None


RULES = Rulebook(
    actions={"webhook_sample": _sample, "ping_webhook": _ping, "ping": _no_content},
)
