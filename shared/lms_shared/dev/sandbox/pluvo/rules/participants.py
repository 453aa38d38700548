"""Who takes part in a training: added directly, or linked through a group or an offer (participants page)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lms_shared.dev.sandbox.pluvo.errors import ApiError
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.paging import connection
from lms_shared.dev.sandbox.pluvo.records import Training
from lms_shared.dev.sandbox.pluvo.rules.signatures import Arguments, FieldRule, RootRule
from lms_shared.dev.sandbox.pluvo.selecting import require_one, select_users, twin_lists


def participants_of(organization: Organization, training_id: str) -> dict[str, None]:
    """Ids of all participants, each once, those who were added directly first."""
    found = dict.fromkeys(organization.participants.rights(training_id))
    for group_id in organization.group_trainings.lefts(training_id):
        found |= dict.fromkeys(organization.members.rights(group_id))
    for event_id in organization.event_trainings.lefts(training_id):
        rows = organization.enrollments.where("event and status", (event_id, "ENROLLED"))
        found |= dict.fromkeys(row.user_id for row in rows)
    return found


def trainers_of(organization: Organization, training_id: str) -> Iterable[str]:
    """Ids of the trainers."""
    return organization.trainers.rights(training_id)


def is_linked_via_object(organization: Organization, training_id: str, user_id: str) -> bool:
    """Whether a group or an enrollment makes the user a participant."""
    groups = organization.group_trainings.lefts(training_id)
    if any(organization.members.has(group_id, user_id) for group_id in groups):
        return True
    events = organization.event_trainings.lefts(training_id)
    rows = (organization.enrollments.find("user and offer event", (user_id, event_id)) for event_id in events)
    return any(row is not None and row.status == "ENROLLED" for row in rows)


def _training(organization: Organization, arguments: Arguments) -> Training:
    selectors = {"id": arguments.get("trainingId"), "ref": arguments.get("trainingRef")}
    return require_one(organization.trainings, selectors)


def _add_users(organization: Organization, arguments: Arguments) -> Any:
    training = _training(organization, arguments)
    role = arguments.get("role") or "PARTICIPANT"
    if role == "MENTOR":
        raise ApiError("MENTOR is no role that users can be added in")
    links = organization.trainers if role == "TRAINER" else organization.participants
    selection = select_users(organization, arguments)
    already = [one for one in selection.picked if links.has(training.id, one.user.id)]
    added = [one for one in selection.picked if not links.has(training.id, one.user.id)]
    for one in added:
        links.add(training.id, one.user.id)
        if arguments.get("sendInvites"):
            organization.send("training invite", one.user, training.title)
    organization.touch()
    return twin_lists(
        organization,
        selection,
        {("addedIds", "addedRefs"): added, ("alreadyAddedIds", "alreadyAddedRefs"): already},
    )


def _remove_users(organization: Organization, arguments: Arguments) -> Any:
    training = _training(organization, arguments)
    selection = select_users(organization, arguments)
    linked = [one for one in selection.picked if is_linked_via_object(organization, training.id, one.user.id)]
    free = [one for one in selection.picked if one not in linked]
    both = (organization.participants, organization.trainers)
    removed = [one for one in free if any(links.has(training.id, one.user.id) for links in both)]
    already = [one for one in free if one not in removed]
    for one in removed:
        for links in both:
            links.remove(training.id, one.user.id)
    organization.touch()
    return twin_lists(
        organization,
        selection,
        {
            ("removedIds", "removedRefs"): removed,
            ("alreadyRemovedIds", "alreadyRemovedRefs"): already,
            ("idsLinkedViaObject", "refsLinkedViaObject"): linked,
        },
    )


def _participants(organization: Organization, training: Training, arguments: Arguments) -> Any:
    return connection(
        organization,
        f"participants {training.id}",
        arguments,
        lambda: list(participants_of(organization, training.id)),
        organization.users.get,
    )


def _trainers(organization: Organization, training: Training, arguments: Arguments) -> Any:
    return connection(
        organization,
        f"trainers {training.id}",
        arguments,
        lambda: list(trainers_of(organization, training.id)),
        organization.users.get,
    )


ROOT_RULES: dict[str, RootRule] = {"addUsersToTraining": _add_users, "removeUsersFromTraining": _remove_users}
FIELD_RULES: dict[str, FieldRule] = {
    "Training.participants": _participants,
    "Training.trainers": _trainers,
    "Training.users": lambda org, training, _: [org.users[key] for key in participants_of(org, training.id)],
}
