"""What learners did: enrollments, purchases, progress in courses and lessons."""

from __future__ import annotations

from lms_shared.dev.sandbox.skilljar.rules.enrollments import note_latest, open_registration
from lms_shared.dev.sandbox.skilljar.seed.ground import Ground
from lms_shared.dev.sandbox.skilljar.store import Row

# Lesson progress is made up for so many registrations; for the others it comes to be when somebody looks.
LESSON_PROGRESS_REGISTRATIONS = 200


def add_enrollments(ground: Ground) -> None:
    """Courses for each member; some twice in the same course, some bought, some withdrawn."""
    store = ground.store
    by_domain: dict[str, list[Row]] = {}
    for publication in ground.publications:
        by_domain.setdefault(publication["domain_name"], []).append(publication)
    for index, member in enumerate(list(store["domain_users"])):
        here = by_domain.get(member["domain_name"], [])
        for publication in _offered(ground, here) if here else []:
            _enroll(ground, member, publication, index)
            if index % 9 == 0:
                _enroll(ground, member, publication, index)
    _forget_one_publication(ground)


def _offered(ground: Ground, here: list[Row]) -> list[Row]:
    each = ground.store.options.enrollments_each
    return ground.some(here, 3) if each is None else ground.chance.sample(here, min(len(here), each))


def _enroll(ground: Ground, member: Row, publication: Row, index: int) -> None:
    store, chance = ground.store, ground.chance
    row: Row = {
        "user_id": member["user_id"],
        "domain_name": member["domain_name"],
        "published_course_id": publication["id"],
        "enrolled_at": ground.moment(20, 150),
        "expires_at": ground.moment(-200) if index % 8 == 0 else None,
        "active": index % 17 != 16,
        "purchase_id": _buy(ground, member, publication) if index % 5 == 0 else None,
        "rating": chance.randint(1, 5) if index % 4 == 0 else None,
        "feedback": "Très utile 👍" if index % 8 == 0 else None,
    }
    registration = open_registration(store, row)
    row |= {"registration_id": registration["id"], "course_progress_id": registration["course_progress_id"]}
    note_latest(store, store.add("course_enrollments", **row))
    _progress(ground, registration, publication)


def _progress(ground: Ground, registration: Row, publication: Row) -> None:
    store, chance = ground.store, ground.chance
    if chance.random() < 0.3:
        return
    lessons = store["lessons"].where("course_id", publication["course_id"])
    required = [lesson for lesson in lessons if not lesson["optional"]]
    completed = chance.random() < 0.6
    done = len(required) if completed else chance.randint(0, max(len(required) - 1, 0))
    passed = chance.random() < 0.9
    completed_at = ground.moment(1, 19) if completed else None
    progress = store["course_progress"].rows[registration["course_progress_id"]]
    store["course_progress"].update(
        progress,
        {
            "completed_at": completed_at,
            "latest_activity": completed_at or ground.moment(1, 19),
            "completed_lesson_count": done,
            "completed_required_lesson_count": done,
            "score": chance.randint(50, 100) if completed else None,
            "max_score": 100 if completed else None,
            "success_status": (("PASSED" if passed else "FAILED") if completed else None),
        },
    )
    if completed and passed and chance.random() < 0.5:
        code = store.new_id()
        certificate = store.add(
            "certificates",
            code=code,
            validate_url=f"https://verify.example.com/{code}",
            issued_at=completed_at,
            expires_at=None if chance.random() < 0.5 else ground.moment(-365),
        )
        store["course_registrations"].update(registration, {"certificate_id": certificate["id"]})
    if len(store["course_registrations"]) <= LESSON_PROGRESS_REGISTRATIONS:
        _lesson_progress(ground, registration, required[:done])


def _lesson_progress(ground: Ground, registration: Row, lessons: list[Row]) -> None:
    store = ground.store
    for lesson in lessons:
        key = {
            "user_id": registration["user_id"],
            "published_course_id": registration["published_course_id"],
            "lesson_id": lesson["id"],
        }
        if store["lesson_progress"].find(**key) is None:
            seen = ground.moment(2, 30)
            store.add(
                "lesson_progress", **key, view_count=ground.chance.randint(1, 5), last_viewed_on=seen, completed_at=seen
            )


def _buy(ground: Ground, member: Row, publication: Row) -> str:
    purchase = ground.store.add(
        "purchases",
        user_id=member["user_id"],
        state="SUCCESS",
        purchased_at=ground.moment(20, 100),
        payment_processor="STRIPE",
        order_id=ground.store.new_id().upper(),
        price_cents=4900,
        tax_price_cents=None,
        offer_id=publication["offer_id"],
        offer_price_cents=9900,
        promo_code="SUMMER-1",
        promo_code_percent_off=50,
    )
    return str(purchase["id"])


def _forget_one_publication(ground: Ground) -> None:
    """A progress row whose publication was deleted keeps its course and loses the publication's id."""
    store = ground.store
    unpublished = [row for row in ground.courses if not store["published_courses"].where("course_id", row["id"])]
    members = list(store["domain_users"])
    if not unpublished or not members:
        return
    key = {
        "user_id": members[0]["user_id"],
        "course_id": unpublished[0]["id"],
        "published_course_id": None,
    }
    progress = store.add("course_progress", **key, completed_at=ground.moment(300))
    store.add(
        "course_registrations",
        **key,
        domain_name=members[0]["domain_name"],
        course_progress_id=progress["id"],
        certificate_id=None,
        enrolled_at=ground.moment(350),
        enrollment_id=store.new_id(),
    )


def add_plan_and_path_enrollments(ground: Ground) -> None:
    """Some members of each domain in its plan and its first path."""
    store = ground.store
    for domain in store["domains"]:
        members = store["domain_users"].where("domain_name", domain["name"])
        plans = store["plans"].where("domain_name", domain["name"])
        paths = store["published_paths"].where("domain_name", domain["name"])
        for index, member in enumerate(ground.some(members, 20) if members else []):
            common = {"domain_name": domain["name"], "user_id": member["user_id"], "active": index % 6 != 5}
            store.add("plan_enrollments", **common, plan_id=plans[0]["id"], enrolled_at=ground.moment(30, 60))
            store.add(
                "path_enrollments",
                **common,
                published_path_id=paths[0]["id"],
                enrolled_at=ground.moment(30, 60),
                path_progress_id=store.new_id(),
            )
