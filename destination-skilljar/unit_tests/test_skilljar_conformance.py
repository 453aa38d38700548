"""The conformance suite on destination-skilljar: every promise of the engine over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from destination_skilljar.destination import DestinationSkilljar
from lms_shared.destination.base import ActivationDestination
from lms_shared.dev.sandbox.skilljar import DEMO_KEY, DEMO_V2_CLIENT_ID, DEMO_V2_CLIENT_SECRET, SkilljarSandbox
from lms_shared.dev.sandbox.skilljar.store import Row
from lms_shared.dev.testing.bench import Bench
from lms_shared.dev.testing.conformance import ConformanceSuite
from lms_shared.dev.testing.served_bench import UNLIMITED, ServedBench


class SkilljarBench(ServedBench):
    """A pretend Skilljar; `config` holds keys beside those of the connection."""

    def __init__(self, *, client: bool = False, **config: Any) -> None:
        """`client`: whether the config names one of version 2."""
        super().__init__()
        self._config = config
        self._client = {"v2_client_id": DEMO_V2_CLIENT_ID, "v2_client_secret": DEMO_V2_CLIENT_SECRET} if client else {}

    def empty(self) -> SkilljarSandbox:
        self._sandbox = SkilljarSandbox.empty()
        return self._sandbox

    def destination(self) -> ActivationDestination:
        return DestinationSkilljar()

    def config(self) -> dict[str, Any]:
        return {
            "api_key": DEMO_KEY,
            "domain_name": "academy.example.com",
            "base_url": f"{self.server.url}/v1",
            "requests_per_minute": UNLIMITED,
            "requests_per_hour": UNLIMITED,
            "v2_base_url": f"{self.server.url}/v2",
            **self._client,
            **self._config,
        }

    def state(self) -> Any:
        """The contents; version 2 dates an enrollment by the time at which it is made."""
        state = super().state()
        if not self._client:
            return state
        return {**state, "enrollments": sorted(({**one, "enrolled_at": ""} for one in state["enrollments"]), key=str)}

    def title(self, reference: str) -> str | None:
        course = self._course(reference)
        return None if course is None else str(course["title"])

    def rename(self, reference: str, title: str) -> None:
        course = self._course(reference)
        assert course is not None
        self._sandbox.store["courses"].update(course, {"title": title})

    def close(self, reference: str) -> None:
        shut = {"hidden": True, "strict_enforce_group_visibility": True}
        self._sandbox.store["published_courses"].update(self._publication(reference), shut)

    def _publication(self, reference: str) -> Row:
        course = self._course(reference)
        assert course is not None
        (publication,) = self._sandbox.store["published_courses"].where("course_id", course["id"])
        return publication

    def is_open(self, reference: str) -> bool:
        publication = self._publication(reference)
        return not publication["hidden"] and not publication["strict_enforce_group_visibility"]

    def _course(self, reference: str) -> Row | None:
        store = self._sandbox.store
        label = store["labels"].find(name=f"ext:airbyte:{reference}")
        links = store["course_labels"].where("label_id", label["id"]) if label else []
        return next((store["courses"].rows[link["course_id"]] for link in links), None)


class TestSkilljar(ConformanceSuite):
    @pytest.fixture
    def bench(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        with SkilljarBench().opened(monkeypatch) as bench:
            yield bench


@pytest.mark.sweep
class TestSkilljarWithASignupFieldForReferences(ConformanceSuite):
    @pytest.fixture
    def bench(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        with SkilljarBench(user_reference_signup_field="Employee ID").opened(monkeypatch) as bench:
            yield bench


@pytest.mark.sweep
class TestSkilljarWithAClientOfVersionTwo(ConformanceSuite):
    steady_writes = False

    @pytest.fixture
    def bench(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        with SkilljarBench(client=True).opened(monkeypatch) as bench:
            yield bench
