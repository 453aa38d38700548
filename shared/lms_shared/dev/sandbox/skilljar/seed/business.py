"""Promo codes, training credits, licenses, instructor-led training, tokens and webhooks."""

from __future__ import annotations

from itertools import islice

from lms_shared.dev.sandbox.skilljar.seed.ground import Ground
from lms_shared.dev.sandbox.skilljar.store import Row


def add_commerce(ground: Ground) -> None:
    """Promo code pools with codes and offers, training credit codes and a license package."""
    store = ground.store
    offers = list(islice(store["offers"], 4))
    for name, percent in (("Summer", 50), ("Partner price", None)):
        pool = store.add(
            "promo_code_pools",
            name=name,
            starts_at=ground.moment(90),
            expires_at=None if percent else ground.moment(-90),
            discount_type="PERCENT_OFF" if percent else "PRICE_OVERRIDE",
            percent_off=percent,
            price_cents=None if percent else 1900,
        )
        for number in range(1, 4):
            code = f"{name.split()[0].upper()}-{number}"
            store.add("promo_codes", promo_code_pool_id=pool["id"], code=code, max_uses=10, active=number != 3)
        for offer in offers[:3]:
            store.add("promo_pool_offers", promo_code_pool_id=pool["id"], offer_id=offer["id"])
    for number, group in enumerate(ground.groups[:2]):
        store.add(
            "training_credit_codes",
            training_credit_code=f"CREDIT-{number}",
            credits_total=100,
            credits_used=number * 10,
            expiration_date=ground.moment(-365) if number else None,
            tracking_identifier=f"PO-{number}" if number else None,
            available_to_all_students=False,
            available_for_all_offers=True,
            student_groups=[group["id"]],
            offers=[],
        )
    domain = next(iter(store["domains"]))
    package = store.add(
        "license_packages",
        domain_id=domain["id"],
        name="Ärzte GmbH",
        tracking_id=None,
        license_count=50,
        max_unique_seats=None,
        start_date=ground.moment(60),
        end_date=ground.moment(-300),
        offer_ids=[offer["id"] for offer in offers[:1]],
    )
    for index, user in enumerate(ground.users[:5]):
        store.add(
            "license_seats",
            license_package_id=package["id"],
            student_id=user["id"],
            enrolled_at=ground.moment(10, 40),
            active=index != 4,
        )


def add_training(ground: Ground) -> None:
    """Sessions in the past and the future for the first instructor-led lessons, with registrations."""
    store = ground.store
    store.add(
        "ilt_instructors", email="instructor@example.com", name="Ana Pérez", providers=["calendar", "zoom.meeting"]
    )
    store.add("ilt_instructors", email="guest@example.com", name=None, providers=[])
    lessons = [lesson for lesson in islice(store["lessons"], 500) if lesson["type"] == "VILT"][:3]
    for lesson in lessons:
        event = store.add("multi_session_events", lesson_id=lesson["id"], display_name="Two mornings", seats_total=20)
        for days in (40, -40):
            _add_session(ground, lesson, days, lesson_id=lesson["id"], seats_total=20)
        _add_session(ground, lesson, -50, multi_session_event_id=event["id"])


def _add_session(ground: Ground, lesson: Row, days_ago: int, **owner: object) -> None:
    store = ground.store
    times = {
        "starts_at": ground.moment(days_ago),
        "ends_at": ground.moment(days_ago - 0.1),
        "timezone": "Europe/Berlin",
        "location": "Room 5" if days_ago > 0 else None,
    }
    session = store.add(
        "vilt_sessions",
        **owner,
        **times,
        instructor_email="Ana Pérez <instructor@example.com>",
        provider="calendar",
        display_name="Live session",
        event_link="https://meet.example.com/1",
        tags=[],
    )
    location = {"name": "Berlin", "info_url": None, "is_active": True} if days_ago > 0 else None
    store.add("vilt_session_events", vilt_session_id=session["id"], **times, event_location=location)
    publications = store["published_courses"].where("course_id", lesson["course_id"])
    for publication in publications[:1]:
        enrolled = store["course_enrollments"].where("published_course_id", publication["id"])
        for user_id in dict.fromkeys(row["user_id"] for row in enrolled[:3]):
            _register(ground, session, lesson, publication, user_id, attended=True if days_ago > 0 else None)


def _register(ground: Ground, session: Row, lesson: Row, publication: Row, user_id: str, attended: bool | None) -> None:
    store = ground.store
    key = {"user_id": user_id, "published_course_id": publication["id"], "lesson_id": lesson["id"]}
    progress = store["lesson_progress"].find(**key) or store.add("lesson_progress", **key, completed_at=None)
    store.add(
        "vilt_registrations",
        vilt_session_id=session["id"],
        user_id=user_id,
        lesson_progress_id=progress["id"],
        attended=attended,
    )


def add_technical(ground: Ground) -> None:
    """Progress tokens and webhooks, whose secrets a reader must not let out."""
    store = ground.store
    store.add("progress_tokens", completed_at=None, success_status=None, score=None, max_score=None)
    store.add("progress_tokens", completed_at=ground.moment(3), success_status="PASSED", score=9, max_score=10)
    store.add(
        "webhooks",
        target_url="https://hooks.example.com/in?token=hush",
        event_type=None,
        basic_auth_username="hook",
        basic_auth_password="hush-hush",  # noqa: S106 - made up
        additional_headers={"X-Token": "hush"},
        deactivate_reason=None,
    )
    store.add(
        "webhooks",
        target_url="https://old.example.com/hook",
        event_type="COURSE_COMPLETION",
        active=False,
        deactivate_reason="HTTP_4XX_RESPONSE",
    )
