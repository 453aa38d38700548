"""Courses with lessons, and the assets, web packages and quizzes that they show."""

from __future__ import annotations

from lms_shared.dev.sandbox.skilljar.rules.catalog import slug_of_tag
from lms_shared.dev.sandbox.skilljar.seed.ground import Ground
from lms_shared.dev.sandbox.skilljar.store import Row

_SUBJECTS = ("Getting started", "Administration", "Reporting & analytics", "Security", "Integrations", "Data modelling")
_SUFFIXES = ("basics", "for experts", "in “practice”", "für Einsteiger", "入門", "🚀 fast track", "- part 2")
UNFINISHED_READS = 1_000_000
_ANSWERS = (("Yes", True), ("No", False), ("It depends", False))


def add_names(ground: Ground) -> None:
    """Labels for colleagues and tags for learners."""
    store = ground.store
    for name in ("internal", "ext:hr:COURSE-1", "needs review", "Español"):
        ground.labels.append(store.add("labels", name=name))
    for name in ("Beginner", "Advanced", "Développeurs"):
        ground.tags.append(store.add("tags", name=name, slug=slug_of_tag(name)))


def add_material(ground: Ground) -> None:
    """Assets, web packages and quizzes."""
    store = ground.store
    for kind, name in (
        ("PDF", "Handbook.pdf"),
        ("VIDEO_BOTR", "Welcome film"),
        ("FILE", "übung.xlsx"),
        (None, "New.mp4"),
    ):
        asset_id = store.new_id()
        store.add(
            "assets",
            id=asset_id,
            type=kind,
            name=name,
            reads_left=0 if kind else UNFINISHED_READS,
            embed_link_url=None,
            download_url=f"https://files.example.com/{asset_id}?signature={store.new_id()}" if kind else None,
        )
    for title, state in (("Safety at work", "READY"), ("Phishing", "READY")):
        store.add(
            "web_packages",
            title=title,
            state=state,
            type="SCORM",
            download_url=f"https://files.example.com/{title[:4]}.zip?signature={store.new_id()}",
            source=f"https://files.example.com/{title[:4]}.zip",
            reads_left=0,
        )
    _add_quizzes(ground)


def _add_quizzes(ground: Ground) -> None:
    store = ground.store
    bank = store.add("question_banks", name="General questions")
    store.add("question_banks", name="Empty bank")
    for number in range(3):
        _add_question(ground, number, question_bank_id=bank["id"])
    for index, name in enumerate(("Final test", "Checkpoint", "Final test")):
        quiz = store.add(
            "quizzes",
            name=name,
            html="<p>Good luck!</p>",
            passing_percentage_correct=80,
            max_attempts=index,
            time_limit_seconds=600 if index else None,
        )
        for number in range(2 + index):
            _add_question(ground, number, quiz_id=quiz["id"])
        if index == 0:
            store.add(
                "quiz_banks",
                quiz_id=quiz["id"],
                question_bank_id=bank["id"],
                order=1,
                randomize_questions=True,
                limit_question_count=2,
            )


def _add_question(ground: Ground, number: int, **owner: str) -> None:
    store = ground.store
    freeform = number == 2
    answers = [
        {"id": store.new_id(), "answer_text": text, "correct": correct, "order": order}
        for order, (text, correct) in enumerate(_ANSWERS, start=1)
    ]
    store.add(
        "questions",
        **owner,
        html=f"<p>Question {number + 1}: is 5 &gt; {number + 3}?</p>",
        type="FREEFORM" if freeform else "MULTIPLE_CHOICE",
        order=number + 1,
        requires_manual_grading=freeform,
        is_graded=not freeform,
        correct_answer_feedback_html="<p>Well done</p>" if number == 0 else None,
        incorrect_answer_feedback_html=None,
        answer_feedback_html=None,
        answers=[] if freeform else answers,
    )


def add_courses(ground: Ground, number: int) -> None:
    """Courses of three to five lessons each, some with labels, and one draft."""
    store, chance = ground.store, ground.chance
    for index in range(number):
        subject, suffix = _SUBJECTS[index % len(_SUBJECTS)], _SUFFIXES[index % len(_SUFFIXES)]
        days = 400 * chance.random()
        course = store.add(
            "courses",
            title=f"{subject} {suffix}" if index < len(_SUBJECTS) * len(_SUFFIXES) else f"{subject} {index}",
            short_description=f"What you need to know about {subject.lower()}",
            long_description_html="" if index % 4 == 0 else f"<p>{subject} &amp; more</p>",
            enforce_sequential_navigation=index % 2 == 0,
            display_course_and_lesson_time=index % 3 == 0,
            course_and_lesson_time_format="HOURS_MINUTES" if index % 3 == 0 else None,
            course_time="1:30" if index % 3 == 0 else None,
            promo_image_url=None if index % 5 == 0 else f"https://files.example.com/promo-{index}.png",
            created_at=ground.moment(days + 30),
            modified_at=ground.moment(days),
            average_rating=round(3 + 2 * chance.random(), 2) if index % 2 else None,
        )
        ground.courses.append(course)
        for label in ground.some(ground.labels, 2) if index % 3 == 0 else []:
            store.add("course_labels", course_id=course["id"], label_id=label["id"])
        _add_lessons(ground, course, index)
    if ground.courses:
        origin = ground.courses[0]
        draft = {name: value for name, value in origin.items() if name != "id"}
        store.add("courses", **{**draft, "draft_origin_id": origin["id"], "title": f"{origin['title']} (draft)"})


def _add_lessons(ground: Ground, course: Row, index: int) -> None:
    store = ground.store
    quizzes, assets, packages = (list(store[name]) for name in ("quizzes", "assets", "web_packages"))
    kinds = ("SECTION", "HTML", "MODULAR", "ASSET", ("QUIZ", "WEB_PACKAGE", "VILT")[index % 3])
    for order, kind in enumerate(kinds, start=1):
        lesson = store.add(
            "lessons",
            course_id=course["id"],
            title=f"{order}. {kind.title().replace('_', ' ')}: Überblick" if order % 2 else f"Lesson {order}",
            order=order,
            type=kind,
            content_html="<p>Text</p>" if kind == "HTML" else "",
            content_asset_id=assets[index % len(assets)]["id"] if kind == "ASSET" else None,
            content_quiz_id=quizzes[index % len(quizzes)]["id"] if kind == "QUIZ" else None,
            content_web_package_id=packages[index % len(packages)]["id"] if kind == "WEB_PACKAGE" else None,
            optional=kind == "SECTION",
            time_seconds=300 * order if order % 2 else None,
            description_html=None,
        )
        if kind == "MODULAR":
            _add_content_items(ground, lesson, quizzes[index % len(quizzes)], with_rating=index % 4 == 0)


def _add_content_items(ground: Ground, lesson: Row, quiz: Row, with_rating: bool) -> None:
    store, lesson_id = ground.store, lesson["id"]
    store.add(
        "content_items", lesson_id=lesson_id, type="HTML", order=1, header="Read this", content_html="<p>¡Hola!</p>"
    )
    store.add("content_items", lesson_id=lesson_id, type="QUIZ", order=2, header="Try it", content_quiz_id=quiz["id"])
    if with_rating:
        block = store.add(
            "rating_blocks",
            lesson_id=lesson_id,
            rating_question="How was it?",
            additional_feedback_question=None,
            rating_scale=5,
            rating_scale_low_label="poor",
            rating_scale_high_label="great",
        )
        item = store.add(
            "content_items",
            lesson_id=lesson_id,
            type="RATING",
            order=3,
            header="Your view",
            content_rating_id=block["id"],
        )
        store["rating_blocks"].update(block, {"content_item_id": item["id"]})
