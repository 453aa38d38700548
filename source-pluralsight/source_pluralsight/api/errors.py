"""What can be wrong with a request, what is affected by it, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from source_pluralsight.api.answer import ApiError


class Retry(Enum):
    """How often a request is sent again."""

    NEVER = "never"
    FEW = "few"
    """For what may pass, and may just as well be the API's last word."""
    MANY = "many"
    RATE_LIMITED = "rate limited"


class Trouble(Enum):
    """What is affected."""

    KEY = "key"
    """Every request fails."""
    QUERY = "query"
    """This query fails; others may work."""
    FORBIDDEN = "forbidden"
    """The key may not use something that the query names: all of it, or one field."""
    INVALID = "invalid"
    """The query names something that the API does not have."""
    DATE = "date"
    """A date of the filter is not in a form that the API takes."""
    GONE = "gone"
    """An id that the query names does not exist any more."""
    TOO_LARGE = "too large"
    """The answer would be larger than the API sends; a smaller page may fit."""
    SERVICE = "service"
    """Nothing can be said about the query."""


OF_THE_QUERY = frozenset(Trouble) - {Trouble.KEY, Trouble.SERVICE}
"""Troubles that another query need not have."""


@dataclass(frozen=True)
class ErrorResolution:
    """What to do about a bad answer. `message` is a sentence for the user, `detail` what the API said."""

    trouble: Trouble
    retry: Retry
    failure_type: FailureType
    message: str
    detail: str = ""


class PluralsightError(AirbyteTracedException):
    """A request that failed for good, with how it is resolved, and the errors that the API gave."""

    def __init__(self, resolution: ErrorResolution, errors: tuple[ApiError, ...] = ()) -> None:
        super().__init__(
            message=resolution.message, internal_message=resolution.message, failure_type=resolution.failure_type
        )
        self.resolution = resolution
        self.errors = errors
