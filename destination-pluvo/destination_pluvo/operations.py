"""The operations that the connector makes, and how each behaves.

Repeatable are look-ups, and mutations of which the API's pages say, or their meaning tells, that doing them twice is
doing them once: setting fields, adding what is there, removing what is gone, and the native upsert of users.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from destination_pluvo.graphql_operations import Behavior, Operation

_SETS = Behavior(repeatable=True)
_LIST = Behavior(arrays=("",))
_VALUES = Behavior(arrays=("extraCategoryValues",))

_BEHAVIOURS = {
    "UpdateOrCreateUser": _SETS,
    "ArchiveUsers": Behavior(repeatable=True, gathers="ids"),
    "UpdateGroup": _SETS,
    "DeleteGroups": Behavior(gathers="ids"),
    "AddUsersToGroup": Behavior(repeatable=True, gathers="userIds"),
    "RemoveUsersFromGroup": Behavior(repeatable=True, gathers="userIds"),
    "AddManagersToGroup": Behavior(repeatable=True, gathers="userIds"),
    "RemoveManagersFromGroup": Behavior(repeatable=True, gathers="userIds"),
    "UpdateTraining": _SETS,
    "AddUsersToTraining": Behavior(repeatable=True, gathers="userIds"),
    "RemoveUsersFromTraining": Behavior(repeatable=True, gathers="userIds"),
    "UpdateOffer": _SETS,
    "RenameOfferEvent": _SETS,
    "ArchiveOffers": Behavior(repeatable=True, gathers="ids"),
    "CreateOfferEventEnrollments": Behavior(repeatable=True, gathers="userRefs", arrays=("",)),
    "CreateOfferEventEnrollmentsById": Behavior(repeatable=True, gathers="userIds", arrays=("",)),
    "UpdatePortfolioItem": _SETS,
    "GenerateCertificate": Behavior(gathers="userIds"),
    "UpdateExtraCategory": _SETS,
    "ArchiveExtraCategories": Behavior(repeatable=True, gathers="ids"),
    "UpdateExtraCategoryValues": _SETS,
    "GroupsOfUser": Behavior(arrays=("participantGroups", "managerGroups")),
    "Offer": Behavior(arrays=("offerEvents",)),
    "Offers": Behavior(arrays=("", "offerEvents")),
    "OfferEvent": Behavior(arrays=("dates",)),
    "OfferEventByRef": Behavior(arrays=("dates",)),
    "EnrollmentsOfUser": _LIST,
    "PortfolioItemsOfUser": _LIST,
    "ExtraCategories": _LIST,
    "ExtraCategoriesWithoutRef": _LIST,
    "ExtraValuesOfUser": _VALUES,
    "ExtraValuesOfGroup": _VALUES,
    "ExtraValuesOfTraining": _VALUES,
    "ExtraValuesOfOffer": _VALUES,
}
"""By name of the operation. Not repeatable besides creates: removals that fail on what is gone, and the update of an
offer event, whose dates may be added to those it has."""


class _OfThePackage(Mapping[str, Operation]):
    """All operations by name, read when the first is asked for: commands such as `spec` ask for none."""

    @cached_property
    def _read(self) -> Mapping[str, Operation]:
        from destination_pluvo.operation_files import load  # noqa: PLC0415 - brings GraphQL's parser

        return load(_BEHAVIOURS)

    def __getitem__(self, name: str) -> Operation:
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


OPERATIONS: Mapping[str, Operation] = _OfThePackage()

STAND_INS: Mapping[str, str] = {
    "CreateOfferEventEnrollments": "CreateOfferEventEnrollmentsById",
    "CreateOfferEventEnrollmentsById": "CreateOfferEventEnrollments",
    "ExtraCategories": "ExtraCategoriesWithoutRef",
    "ExtraCategory": "ExtraCategoryWithoutRef",
    "OfferEventByRef": "Offers",
    "TrainingsOfUser": "TrainingParticipants",
    "TrainingParticipants": "TrainingsOfUser",
    "TrainingTrainers": "TrainingsOfUser",
}
"""What is done in place of operations that Pluvo may lack, because they are inferred."""


def operation(name: str) -> Operation:
    """An operation of the package. Raises KeyError."""
    return OPERATIONS[name]
