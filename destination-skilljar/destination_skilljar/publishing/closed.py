"""Publications that a soft delete closes, and a record that shows them again opens as they were.

Visibility and access are two settings of a publication (Skilljar API reference, 5.4). What they were is kept in a label
of the course, or of the published path: the same one that content leaves there.
"""

from __future__ import annotations

import logging
from abc import abstractmethod

from destination_skilljar.api import SkilljarApi
from destination_skilljar.content.closing import Access, find_mark, is_mark, mark
from destination_skilljar.content.labels import Labels
from destination_skilljar.content.publications import groups_let_in
from destination_skilljar.settings import Settings
from lms_shared.adapter.adapter import Values
from lms_shared.resources.hooks import ResourceHooks
from lms_shared.resources.resource import Row, dotted

logger = logging.getLogger("airbyte")

_STRICT = "strict_enforce_group_visibility"


class Closed(ResourceHooks):
    """Remembers the settings of a publication before it is closed."""

    path: str
    """Of the list, below the domain."""

    def __init__(self, api: SkilljarApi, settings: Settings) -> None:
        self._api = api
        self._settings = settings
        self._labels = Labels(api)

    @abstractmethod
    def owner(self, row: Row) -> str:
        """Path of the object that carries the label."""

    def meant(self, values: Values, row: Row) -> Values:
        if not _opens(Access.of(row), values) or _STRICT in values:
            return values
        before = find_mark(self._settings.namespace, self._domain(row), self._labels.linked(self.owner(row)))
        return values if before is None else {**values, _STRICT: before.strict}

    def changing(self, row: Row, changes: Values) -> None:
        if _closes(changes):
            self._remember(row, Access.of(row))

    def changed(self, row: Row, changes: Values) -> None:
        if _closes(changes):
            self._warn_of_overrides(row)
        elif _opens(Access.of(row), changes):
            self._forget(row, self._marks(row))

    def _remember(self, row: Row, now: Access) -> None:
        """Marks before it is closed: killed in between, the next sync still knows what the settings were. A mark of
        other settings is of a closing that somebody has undone."""
        wanted, there = mark(self._settings.namespace, self._domain(row), now), self._marks(row)
        if wanted not in there:
            self._labels.link_shared(self.owner(row), wanted)
        self._forget(row, there - {wanted})

    def _forget(self, row: Row, marks: set[str]) -> None:
        if marks:
            self._labels.unlink(self.owner(row), marks)

    def _marks(self, row: Row) -> set[str]:
        labels = self._labels.linked(self.owner(row))
        return {one for one in labels if is_mark(self._settings.namespace, self._domain(row), one)}

    def _warn_of_overrides(self, row: Row) -> None:
        groups = groups_let_in(self._api, f"domains/{self._domain(row)}/{self.path}/{row['id']}")
        if groups:
            logger.warning(
                "%s is closed, but a visibility override still lets in: %s. Overrides are left alone; remove them in "
                "Skilljar where these groups are to be shut out too.",
                row.get("slug") or row["id"],
                ", ".join(groups),
            )

    def _domain(self, row: Row) -> str:
        return str(row.get("domain_name") or self._settings.domain)


class ClosedCourse(Closed):
    """A publication of a course."""

    path = "published-courses"

    def owner(self, row: Row) -> str:
        return f"courses/{dotted(row, 'course.id')}"


class ClosedPath(Closed):
    """A publication of a path."""

    path = "published-paths"

    def owner(self, row: Row) -> str:
        return f"domains/{self._domain(row)}/published-paths/{row['id']}"


def _closes(changes: Values) -> bool:
    """Whether a change is that of a soft delete."""
    return changes.get("active") is False


def _opens(now: Access, changes: Values) -> bool:
    return now.closed and changes.get("hidden") is False
