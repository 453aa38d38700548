"""How content is closed and opened again: pure rules over the settings of its publication and the mark of a closing.

Visibility and access are two settings of a publication (Skilljar API reference, 5.4): `hidden` takes it out of the
catalog, `strict_enforce_group_visibility` shuts those out who have its address. Closed is both. What they were before
is kept in the LMS, in a label on the course: another machine that goes on from here must know it as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from destination_skilljar.api import Row
from destination_skilljar.stamp import MAX_LABEL

_PREFIX = "closed:"


@dataclass(frozen=True)
class Access:
    """The two settings of a publication."""

    hidden: bool
    strict: bool

    @classmethod
    def of(cls, publication: Row) -> Access:
        return cls(bool(publication.get("hidden")), bool(publication.get("strict_enforce_group_visibility")))

    @property
    def closed(self) -> bool:
        """Whether nobody but groups with an override sees it or gets in."""
        return self.hidden and self.strict

    def as_body(self) -> dict[str, bool]:
        return {"hidden": self.hidden, "strict_enforce_group_visibility": self.strict}


OPEN = Access(hidden=False, strict=False)
CLOSED = Access(hidden=True, strict=True)


@dataclass(frozen=True)
class Closing:
    """A publication's settings, and the settings from before this connection closed it (None: it did not)."""

    now: Access
    before: Access | None

    @property
    def active(self) -> bool:
        """Whether the content counts as active."""
        return not self.now.hidden or self.now == self.before

    @property
    def closed_by_admin(self) -> bool:
        """Whether it is closed without a mark: it stays so, whatever a record says."""
        return self.now.closed and self.before is None

    @property
    def unsettled(self) -> bool:
        """Whether a record of either kind has something to write.

        That is so where a sync was killed halfway, where an admin changed what this connection had closed, and where
        an earlier version of the connector only hid the content.
        """
        if self.before is None:
            return self.now.hidden and not self.now.strict
        if self.now == self.before:
            return not self.before.hidden
        return not self.now.closed

    def to_remember(self, *, own: bool) -> Access:
        """The settings that an active record is going to restore.

        Own content that is hidden without a mark was hidden by an earlier version of the connector.
        """
        if self.before is not None:
            return self.before
        return Access(hidden=self.now.hidden and not own, strict=self.now.strict)

    @property
    def reopened(self) -> Access:
        """The settings that an active record asks for."""
        if self.before is None:
            return self.now if self.now.closed else Access(hidden=False, strict=self.now.strict)
        return self.before if self.now.closed else Access(self.now.hidden and self.before.hidden, self.now.strict)


def mark(namespace: str, domain: str, before: Access) -> str:
    """The label of a closing: `closed:<namespace>:<domain>:hidden=0,strict=1`, with the settings from before."""
    return f"{_own(namespace, domain)}hidden={before.hidden:d},strict={before.strict:d}"


def find_mark(namespace: str, domain: str, labels: Iterable[str]) -> Access | None:
    """The settings from before the closing of this connection on this domain, or None."""
    by_label = {mark(namespace, domain, Access(h, s)): Access(h, s) for h in (False, True) for s in (False, True)}
    return next((by_label[one] for one in labels if one in by_label), None)


def is_mark(namespace: str, domain: str, label: str) -> bool:
    """Whether a label is a mark of this connection on this domain."""
    return label.startswith(_own(namespace, domain))


def _own(namespace: str, domain: str) -> str:
    longest = MAX_LABEL - len(f"{_PREFIX}{namespace}::hidden=0,strict=0")
    named = domain if len(domain) <= longest else hashlib.sha256(domain.encode()).hexdigest()
    return f"{_PREFIX}{namespace}:{named}:"
