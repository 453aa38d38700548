"""An academy with one of everything that records of the API's own objects refer to."""

from __future__ import annotations

from functools import cached_property

from lms_shared.dev.sandbox.skilljar.rules.publications import add_offer
from lms_shared.dev.testing.skilljar_academy import DOMAIN, Academy, Row

LEARNER, NEWCOMER = "learner@example.com", "newcomer@example.com"


class World:
    """Ids of what is in an academy, made by its administrator."""

    def __init__(self, academy: Academy) -> None:
        self.academy = academy
        self._on_domain = f"domains/{DOMAIN}"

    def _post(self, path: str, /, **body: object) -> Row:
        made: Row = self.academy.admin("POST", path, body)
        return made

    def _id(self, path: str, /, **body: object) -> str:
        return str(self._post(path, **body)["id"])

    @cached_property
    def course(self) -> str:
        """A course that is published."""
        return self.academy.add_course("A published course")

    @cached_property
    def published_course(self) -> str:
        return str(self.academy.row("published_courses", course_id=self.course)["id"])

    @cached_property
    def other_published_course(self) -> str:
        course = self.academy.add_course("Another published course")
        return str(self.academy.row("published_courses", course_id=course)["id"])

    def unpublished_course(self) -> str:
        """A new course that is on no domain."""
        return self.academy.add_course("A course on no domain", published=False)

    def lesson(self, kind: str) -> str:
        """A new lesson of a kind."""
        course = self.course
        order = 100 + len(self.academy.rows("lessons"))
        return self._id("lessons", course_id=course, title=f"Lesson {order}", order=order, type=kind)

    @cached_property
    def modular_lesson(self) -> str:
        return self.lesson("MODULAR")

    @cached_property
    def label(self) -> str:
        return self._id("labels", name="a label")

    @cached_property
    def tag(self) -> str:
        return self._id("tags", name="a tag")

    @cached_property
    def group(self) -> str:
        return self._id("groups", name="A group")

    @cached_property
    def quiz(self) -> str:
        return self._id("quizzes", name="A quiz")

    @cached_property
    def question_bank(self) -> str:
        return self._id("question-banks", name="A bank")

    @cached_property
    def user(self) -> str:
        """A member of the domain."""
        return self.academy.add_member(NEWCOMER)

    @cached_property
    def enrolled(self) -> str:
        """A member who is enrolled in the published course."""
        return self.academy.add_member(LEARNER)

    @cached_property
    def enrollment(self) -> str:
        path = f"{self._on_domain}/published-courses/{self.published_course}/enrollments"
        purchase = {"purchase_price": {"amount": "10.00"}, "purchase_state": "CREATED"}
        return self._id(path, user={"id": self.enrolled}, enrolled_at="2026-01-01T00:00:00Z", purchase=purchase)

    @cached_property
    def purchase(self) -> str:
        return str(self.academy.row("course_enrollments", id=self.enrollment)["purchase_id"])

    @cached_property
    def followed_lesson(self) -> str:
        """A lesson in which the enrolled member has progress."""
        lesson = self.modular_lesson
        assert self.enrollment
        self.academy.admin("GET", f"users/{self.enrolled}/published-courses/{self.published_course}/lessons")
        return lesson

    @cached_property
    def lesson_progress(self) -> str:
        return str(self.academy.row("lesson_progress", lesson_id=self.followed_lesson, user_id=self.enrolled)["id"])

    @cached_property
    def plan(self) -> str:
        """A plan; the API cannot make one."""
        store = self.academy.sandbox.store
        plan = store.add("plans", domain_name=DOMAIN, name="A plan", slug="a-plan")
        add_offer(store, "plan", plan)
        return str(plan["id"])

    @cached_property
    def progress_token(self) -> str:
        """A token; the API cannot make one."""
        return str(self.academy.sandbox.store.add("progress_tokens")["id"])

    @cached_property
    def published_path(self) -> str:
        return self._id(f"{self._on_domain}/published-paths", slug="a-path", path={"title": "A path"})

    @cached_property
    def path(self) -> str:
        """The path of a publication that nothing else refers to."""
        publication = self._post(f"{self._on_domain}/published-paths", slug="another-path", path={"title": "Another"})
        return str(publication["path"]["id"])

    @cached_property
    def offer(self) -> str:
        """The offer of the published course."""
        return str(self.academy.row("published_courses", id=self.published_course)["offer_id"])

    @cached_property
    def classic_page(self) -> str:
        return self._id(f"{self._on_domain}/catalog-pages", page_title="A classic page")

    @cached_property
    def builder_page(self) -> str:
        return self._id(f"{self._on_domain}/catalog-pages", page_title="A built page", is_classic=False)

    def block(self, kind: str, field: str) -> str:
        """The block of its own kind behind a new content block."""
        return str(self._post(f"{self._on_domain}/catalog-pages/{self.builder_page}/content-blocks", type=kind)[field])

    @cached_property
    def tile_container(self) -> str:
        return self.block("TILE_SECTION", "tile_container_content_block_id")

    @cached_property
    def access_code_pool(self) -> str:
        return self._id(f"{self._on_domain}/access-code-pools", name="A pool")

    @cached_property
    def access_code(self) -> str:
        return self._id(f"{self._on_domain}/access-code-pools/{self.access_code_pool}/access-codes", code="FIRST")

    @cached_property
    def promo_code_pool(self) -> str:
        pool = {"name": "Spring", "discount_type": "PERCENT_OFF", "percent_off": 10}
        return self._id("promo-code-pools", starts_at="2026-01-01T00:00:00Z", **pool)

    @cached_property
    def domain(self) -> str:
        return str(self.academy.row("domains", name=DOMAIN)["id"])

    @cached_property
    def license_package(self) -> str:
        return self._id("license-packages", domain_id=self.domain, name="Some seats", license_count=10)

    @cached_property
    def signup_field(self) -> str:
        return str(self.academy.row("signup_fields", domain_name=DOMAIN, label="Employee ID")["id"])

    @cached_property
    def live_lesson(self) -> str:
        return self.lesson("VILT")

    @cached_property
    def session(self) -> str:
        times = {"starts_at": "2030-01-01T09:00:00Z", "ends_at": "2030-01-01T10:00:00Z", "timezone": "Europe/Berlin"}
        names = {"display_name": "Live", "instructor_email": "instructor@example.com"}
        return self._id("ilt-sessions", lesson=self.live_lesson, **times, **names)
