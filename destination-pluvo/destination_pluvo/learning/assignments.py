"""Assignments: participants of trainings, or enrollments in the event of an offer."""

from __future__ import annotations

import logging
from abc import abstractmethod
from dataclasses import dataclass

from airbyte_cdk.utils import AirbyteTracedException

from destination_pluvo.answers import Refused, may_be_about_the_client
from destination_pluvo.api import PluvoApi, ids
from destination_pluvo.learning.enrollments import Enrolling, Pair
from destination_pluvo.learning.training_members import TrainingMembers
from lms_shared.adapter.adapter import LinkSink, References, Values
from lms_shared.adapter.remote import Key, RecordRejected, RemoteObject
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.adapter.withdrawals import Withdrawals
from lms_shared.model.declarations import ObjectDeclaration

logger = logging.getLogger("airbyte")

LEARNERS_IN_MEMORY = 5_000


@dataclass(frozen=True)
class Assigned:
    """A learner in a training or an offer event."""

    user: str
    target: str
    archived: bool = False
    """Of a training: lists hold either archived ones or the others."""
    user_ref: str | None = None
    target_ref: str | None = None


class Assigner:
    """How learners are assigned to what content has become. Safe for threads."""

    def __init__(self, api: PluvoApi, *, notify: bool) -> None:
        self.api = api
        self.notify = notify
        self.withdrawals = Withdrawals()
        self._known: RemoteIndex[Assigned] = RemoteIndex(
            "assignments",
            id_of=lambda row: row.target,
            keys_of=lambda row: (_key(row.user, archived=row.archived),),
            askable=frozenset({"user"}),
            fetch=lambda key: self.fetch(key.value.rpartition(" ")[0], archived=key.value.endswith("archived")),
            in_memory=LEARNERS_IN_MEMORY,
        )

    def find(self, references: References, *, fresh: bool = False) -> Assigned | None:
        """The learner's assignment to the content that is in force, or None."""
        wanted = self.wanted(references)
        if wanted is None:
            return None
        key = _key(wanted.user, archived=wanted.archived)
        rows = self._known.refresh(key) if fresh else self._known.find(key)
        return next((row for row in rows if row.target == wanted.target), None)

    def is_withdrawn(self, references: References) -> bool:
        """Whether a record of this sync wants the learner not to be assigned."""
        wanted = self.wanted(references)
        return wanted is not None and self.withdrawals.holds(wanted.user, wanted.target)

    def possible(self, references: References) -> Assigned:
        """The assignment that the references mean. Raises RecordRejected where the content can have none."""
        wanted = self.wanted(references)
        if wanted is None:
            raise RecordRejected(
                "REFERENCE.NOT_PUBLISHED",
                "the offer has no event of its own, so nobody can be enrolled in it",
                "Sync the offer as content, or give it one event in Pluvo.",
            )
        return wanted

    def assign(self, references: References) -> Assigned:
        """Assigns. Raises RecordRejected where the learner cannot be."""
        wanted = self.possible(references)
        self.add(wanted)
        self._known.put(wanted)
        return wanted

    def withdraw(self, row: Assigned) -> None:
        """Takes an assignment back; results stay."""
        self.remove(row)
        self._known.drop(row)

    @abstractmethod
    def wanted(self, references: References) -> Assigned | None:
        """The assignment that the references mean; None where the content can have none."""

    @abstractmethod
    def fetch(self, user: str, *, archived: bool) -> list[Assigned]:
        """What the learner is assigned to."""

    @abstractmethod
    def add(self, row: Assigned) -> None: ...

    @abstractmethod
    def remove(self, row: Assigned) -> None: ...


class TrainingAssigner(Assigner):
    """Participants (participants page): recommended for mandatory training."""

    def __init__(self, api: PluvoApi, *, notify: bool, reference: str = "content", role: str = "PARTICIPANT") -> None:
        super().__init__(api, notify=notify)
        self._reference = reference
        self._role = role
        self._members = TrainingMembers(api, role)

    def wanted(self, references: References) -> Assigned:
        training = references[self._reference]
        return Assigned(references["user"].id, training.id, archived=bool(training.parts["row"].get("archived")))

    def find(self, references: References, *, fresh: bool = False) -> Assigned | None:
        if self.api.learned.shows_trainings_of_users:
            try:
                return super().find(references, fresh=fresh)
            except (Refused, AirbyteTracedException) as refused:
                # The trainings of a user are shown to managers; whether a client counts as one is not documented.
                if not may_be_about_the_client(refused):
                    raise
                self.api.learned.shows_trainings_of_users = False
                logger.info("Pluvo does not show this client what a user takes part in; each training is read instead.")
        wanted = self.wanted(references)
        return wanted if self._members.has(wanted.target, wanted.user, fresh=fresh) else None

    def fetch(self, user: str, *, archived: bool) -> list[Assigned]:
        found = self.api.nodes("TrainingsOfUser", userId=user, roles=[self._role], archived=archived)
        return [Assigned(user, training, archived=archived) for training in ids(found)]

    def add(self, row: Assigned) -> None:
        self.api.change_members(
            "AddUsersToTraining",
            row.user,
            trainingId=row.target,
            userIds=[row.user],
            sendInvites=self.notify,
            role=self._role,
        )
        self._members.note(row.target, row.user, present=True)

    def remove(self, row: Assigned) -> None:
        self.api.change_members("RemoveUsersFromTraining", row.user, trainingId=row.target, userIds=[row.user])
        self._members.note(row.target, row.user, present=False)


class OfferAssigner(Assigner):
    """Enrollments in the event of an offer."""

    def __init__(self, api: PluvoApi, *, notify: bool) -> None:
        super().__init__(api, notify=notify)
        self._enrolling = Enrolling(api, notify=notify)

    def wanted(self, references: References) -> Assigned | None:
        user, content = references["user"], references["content"]
        event = content.parts.get("event")
        if event is None:
            return None
        refs = {str(one["id"]): one.get("ref") for one in content.parts["row"].get("offerEvents") or () if one}
        return Assigned(user.id, event, user_ref=user.parts["user"].ref, target_ref=refs.get(event))

    def fetch(self, user: str, *, archived: bool) -> list[Assigned]:
        return [Assigned(user, str(row.get("offerEventId"))) for row in self._enrolling.present(user)]

    def add(self, row: Assigned) -> None:
        self._enrolling.enroll(Pair(row.user, row.target, row.user_ref, row.target_ref))

    def remove(self, row: Assigned) -> None:
        self._enrolling.unenroll(row.user, row.target)


def _key(user: str, *, archived: bool) -> Key:
    return Key("user", f"{user} {'archived' if archived else ''}")


class AssignmentsSink(LinkSink):
    """A learner has content, or has not."""

    def __init__(self, declaration: ObjectDeclaration, assigner: Assigner) -> None:
        super().__init__(declaration)
        self._assigner = assigner

    def said(self, references: References, *, active: bool) -> None:
        wanted = self._assigner.wanted(references)
        if wanted is not None:
            self._assigner.withdrawals.note(wanted.user, wanted.target, active=active)

    def find(self, references: References, *, fresh: bool = False) -> RemoteObject | None:
        row = self._assigner.find(references, fresh=fresh)
        return None if row is None else _remote(row)

    def before_create(self, references: References) -> None:
        self._assigner.possible(references)

    def create(self, values: Values, references: References) -> RemoteObject:
        return _remote(self._assigner.assign(references))

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        if changes.get("active") is False:
            self._assigner.withdraw(remote.parts["row"])
        return remote.changed(changes)

    def delete(self, remote: RemoteObject) -> None:
        self._assigner.withdraw(remote.parts["row"])


def _remote(row: Assigned) -> RemoteObject:
    return RemoteObject(f"{row.user}/{row.target}", {"active": True}, parts={"row": row})
