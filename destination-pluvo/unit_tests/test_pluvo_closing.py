"""Inactive content is archived and restored as it was; what an admin has archived stays so."""

from __future__ import annotations

from typing import Any

import pytest

from destination_pluvo.content.embedded import marks_in
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_course

Row = dict[str, Any]
COURSE = a_course(description="<p>Words.</p>", content_url="https://learn.example.com/1")
ARCHIVE = {
    "trainings": "mutation($id: UUID!, $archive: Boolean!) "
    "{ updateTraining(id: $id, training: {archived: $archive}) { training { id } } }",
    "offers": "mutation($id: UUID!, $archive: Boolean!) "
    "{ archiveOffers(archive: $archive, ids: [$id]) { response { succeededIds } } }",
}


@pytest.fixture(params=["training", "offer"])
def how(request: pytest.FixtureRequest) -> dict[str, Any]:
    return {"content_object": request.param}


class Content:
    """The only content of an organization."""

    def __init__(self, organization: PluvoOrganization, how: dict[str, Any]) -> None:
        self.organization = organization
        self.how = how
        self.kind = f"{how['content_object']}s"

    @property
    def row(self) -> Row:
        (row,) = self.organization.rows(self.kind)
        return row

    @property
    def text(self) -> str:
        return str(self.row["introduction" if self.kind == "trainings" else "description"])

    @property
    def archived(self) -> bool:
        return bool(self.organization.only(self.kind)["archived"])

    def archive(self, *, archive: bool) -> None:
        """By an admin."""
        self.organization.admin(ARCHIVE[self.kind], id=self.row["id"], archive=archive)

    def write(self, *, active: bool | None = None, **fields: Any) -> tuple[str, int, list[str]]:
        """What becomes of its record, the writes that took, and the warnings."""
        writes = self.organization.writes
        record = {**COURSE, **fields} if active is None else {**COURSE, **fields, "active": active}
        run = self.organization.write("content", record, **self.how)
        names = ("created", "updated", "unchanged", "deactivated")
        (action,) = (name for name in names if run.total(name))
        warnings = [line for line in run.log if "stays archived" in line]
        return action, self.organization.writes - writes, warnings


@pytest.fixture
def content(organization: PluvoOrganization, how: dict[str, Any]) -> Content:
    return Content(organization, how)


def test_what_was_closed_is_opened_again_with_the_text_as_it_was(content: Content) -> None:
    content.write(active=True)
    text = content.text
    for _ in range(2):
        assert content.write(active=False)[0] == "deactivated"
        assert (content.archived, len(marks_in(content.text))) == (True, 1)
        assert content.write(active=False)[:2] == ("unchanged", 0)
        assert content.write(active=True)[0] == "updated"
        assert (content.archived, content.text) == (False, text)
        assert content.write(active=True)[:2] == ("unchanged", 0)


def test_what_is_closed_from_the_start_can_be_opened(content: Content) -> None:
    content.write(active=False)
    assert content.write(active=False)[:2] == ("unchanged", 0)
    assert content.write(active=True)[0] == "updated"
    assert (content.archived, marks_in(content.text)) == (False, [])


@pytest.mark.parametrize("mode", [None, "soft_delete"])
def test_what_an_admin_has_closed_stays_closed_and_is_told_once(content: Content, mode: str | None) -> None:
    content.write(active=True)
    content.archive(archive=True)
    action, writes, warnings = content.write(active=True)
    assert (action, writes, len(warnings)) == ("unchanged", 0, 1)
    if mode is not None:
        content.organization.write("content", COURSE, sync_mode=mode, **content.how)
    # A record that is inactive meanwhile changes nothing of that, and other fields are kept up to date.
    assert content.write(active=False)[:2] == ("unchanged", 0)
    assert content.write(active=True, title="Another")[0] == "updated"
    assert (content.archived, content.row["title"]) == (True, "Another")
    content.archive(archive=False)
    assert content.write(active=True, title="Another")[:2] == ("unchanged", 0)


def test_what_an_admin_opens_is_the_admins_from_then_on(content: Content) -> None:
    content.write(active=True)
    text = content.text
    content.write(active=False)
    content.archive(archive=False)
    assert content.write(active=True)[0] == "updated"
    assert content.text == text
    content.archive(archive=True)
    assert content.write(active=True)[:2] == ("unchanged", 0)
    assert content.archived


def test_another_connection_does_not_open_what_one_has_closed(content: Content) -> None:
    content.write(active=True)
    content.write(active=False)
    content.how = {**content.how, "namespace": "other"}
    assert content.write(active=True)[:2] == ("unchanged", 0)
    assert content.archived
