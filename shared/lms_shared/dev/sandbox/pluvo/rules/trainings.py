"""Trainings: lookup, lists, creation, change (learning journeys page)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from lms_shared.dev.sandbox.kept_texts import kept
from lms_shared.dev.sandbox.pluvo.errors import ApiError
from lms_shared.dev.sandbox.pluvo.inputs import attributes
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.paging import connection
from lms_shared.dev.sandbox.pluvo.records import ListedTraining, Training
from lms_shared.dev.sandbox.pluvo.rules.participants import participants_of, trainers_of
from lms_shared.dev.sandbox.pluvo.rules.signatures import Arguments, FieldRule, RootRule, always
from lms_shared.dev.sandbox.pluvo.selecting import look_up, require_one

_DATES = frozenset({"start_date", "end_date"})


def _training(organization: Organization, arguments: Arguments) -> Training | None:
    return look_up(organization, organization.trainings, {name: arguments.get(name) for name in ("id", "ref")})


def _trainings(organization: Organization, arguments: Arguments) -> list[ListedTraining]:
    found = _search(organization, {"q": arguments.get("query")})
    return [ListedTraining(training) for training in found]


def _paginated_trainings(organization: Organization, arguments: Arguments) -> Any:
    user_id = arguments.get("userId")
    if user_id is not None and not organization.options.trainings_of_users_shown:
        raise ApiError("The trainings of a user are shown to managers", "PermissionDenied")
    return connection(
        organization,
        "paginatedTrainings",
        arguments,
        lambda: _search(organization, arguments),
        lambda training: ListedTraining(training, user_id),
    )


def _search(organization: Organization, arguments: Arguments) -> Sequence[Training]:
    text = (arguments.get("q") or "").strip().casefold()
    active, archived, user_id = (arguments.get(name) for name in ("active", "archived", "userId"))
    if archived is None and not organization.options.lists_show_archived:
        archived = False
    found = [
        training
        for training in organization.trainings
        if text in training.title.casefold()
        and active in {None, training.is_active}
        and archived in {None, training.archived}
        and (user_id is None or _takes_part(organization, training, user_id, arguments))
    ]
    return sorted(found, key=lambda training: (training.title.casefold(), training.id))


def _takes_part(organization: Organization, training: Training, user_id: str, arguments: Arguments) -> bool:
    roles = arguments.get("trainingUserRoles") or ("PARTICIPANT", "TRAINER")
    return ("PARTICIPANT" in roles and user_id in participants_of(organization, training.id)) or (
        "TRAINER" in roles and user_id in trainers_of(organization, training.id)
    )


def _create_training(organization: Organization, arguments: Arguments) -> Any:
    values = _values(organization, arguments, creating=True)
    values |= organization.new_identity(values.get("ref"))
    return {"training": organization.save(organization.trainings, Training(**values))}


def _update_training(organization: Organization, arguments: Arguments) -> Any:
    training = require_one(organization.trainings, {name: arguments.get(name) for name in ("id", "ref")})
    values = _values(organization, arguments, creating=False)
    return {"training": organization.save(organization.trainings, replace(training, **values))}


def _values(organization: Organization, arguments: Arguments, *, creating: bool) -> dict[str, Any]:
    values = attributes(arguments["training"], organization.options, creating=creating, nullable=_DATES)
    values = kept(organization.options.kept_texts, values, texts=("title",), markup=("introduction",))
    # Given as moments, kept as days: the object's fields are dates.
    return {
        name: value.date() if name in _DATES and isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _progress(organization: Organization, training_id: str, user_id: str | None) -> float | None:
    line = None if user_id is None else organization.report.get((user_id, training_id))
    return None if line is None else line.progress * organization.options.progress_full


def _user_data(organization: Organization, listed: ListedTraining, _: Arguments) -> Any:
    return None if listed.user_id is None else {"progress": _progress(organization, listed.training.id, listed.user_id)}


ROOT_RULES: dict[str, RootRule] = {
    "training": _training,
    "trainings": _trainings,
    "paginatedTrainings": _paginated_trainings,
    "createTraining": _create_training,
    "updateTraining": _update_training,
}
FIELD_RULES: dict[str, FieldRule] = {
    "Training.overviewImage": always(None),
    "Training.estimatedTimeSpent": always(None),
    "Training.portfolioItem": always(None),
    "Training.modules": always([]),
    "Training.progress": always(None),
    "Training.groups": lambda org, training, _: [org.groups[key] for key in org.group_trainings.lefts(training.id)],
    "TrainingListItem.id": lambda _, listed, __: listed.training.id,
    "TrainingListItem.title": lambda _, listed, __: listed.training.title,
    "TrainingListItem.ref": lambda _, listed, __: listed.training.ref,
    "TrainingListItem.isActive": lambda _, listed, __: listed.training.is_active,
    "TrainingListItem.archived": lambda _, listed, __: listed.training.archived,
    "TrainingListItem.userData": _user_data,
}
