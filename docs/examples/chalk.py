"""A destination for Chalk, a made-up LMS that holds learners and nothing else: copy it to begin one for a real LMS.

It is whole: `python docs/examples/chalk.py write --config CONFIG --catalog CATALOG < MESSAGES`.
"""

import sys
from typing import Any

from pydantic import ConfigDict
from requests.auth import HTTPBasicAuth

from lms_shared.adapter.adapter import Adapter, EntitySink, References, Values
from lms_shared.adapter.remote import Key, RemoteObject
from lms_shared.config.groups import CONNECTION
from lms_shared.config.model import key
from lms_shared.destination.base import ActivationDestination
from lms_shared.destination.settings import DestinationConfig
from lms_shared.errors import config_error
from lms_shared.http.client import JsonClient, Limits
from lms_shared.model import unified
from lms_shared.model.declarations import Mode
from lms_shared.model.keys import KeyKind, MatchKey
from lms_shared.model.placement import Placement, placed

PLACES = {"id": "id", "email": "mail", "name": "full_name"}  # fields of the unified object, and what Chalk calls them
LEARNERS = placed(
    unified.USERS,
    Placement(
        places=PLACES,
        keys=(MatchKey("id", KeyKind.IDENTIFIER), MatchKey("email", KeyKind.NATURAL)),
        create_needs=(("email",),),
        modes=frozenset({Mode.UPSERT, Mode.UPDATE, Mode.CREATE_ONLY}),
        refusals=dict.fromkeys((Mode.SOFT_DELETE, Mode.HARD_DELETE, Mode.MIRROR), "learners of Chalk stay for good"),
    ),
)


class LearnersSink(EntitySink):
    """Learners: found before they are made, changed in what differs."""

    def __init__(self, client: JsonClient) -> None:
        super().__init__(LEARNERS)
        self._client = client

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        answer = self._client.call("GET", "learners", params={PLACES[key.field]: key.value})
        return [_learner(row) for row in answer.json()]

    def create(self, values: Values, references: References) -> RemoteObject:
        return _learner(self._client.call("POST", "learners", json=_row(values)).json())

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        return _learner(self._client.call("PATCH", f"learners/{remote.id}", json=_row(changes)).json())


def _learner(row: dict[str, Any]) -> RemoteObject:
    return RemoteObject(str(row["id"]), {field: row[place] for field, place in PLACES.items()})


def _row(values: Values) -> dict[str, Any]:
    return {PLACES[field]: value for field, value in values.items()}


class ChalkAdapter(Adapter):
    lms = "Chalk"

    def __init__(self, base_url: str, api_key: str) -> None:
        self._client = JsonClient("Chalk", base_url, HTTPBasicAuth(api_key, ""), Limits(per_minute=600))

    @property
    def sinks(self) -> dict[str, LearnersSink]:
        return {"users": LearnersSink(self._client)}

    def check(self) -> None:
        if not self._client.call("GET", "learners", params={"mail": "nobody@example.com"}).ok:
            raise config_error("There is no Chalk at base_url.")

    def requests_made(self, label: str) -> int:
        return self._client.counter.made(label)


class ChalkConfig(DestinationConfig):
    model_config = ConfigDict(title="Chalk")
    base_url: str = key("Base URL", "Where the API of your Chalk is.", group=CONNECTION, order=0)
    api_key: str = key("API key", "A key that may read and write learners.", secret=True, group=CONNECTION, order=1)


class DestinationChalk(ActivationDestination):
    model = ChalkConfig
    least_config = {"base_url": "https://chalk.example.com", "api_key": "-"}  # noqa: RUF012 - never changed
    documentation_url = "https://example.com/chalk"

    def connect(self, config: ChalkConfig) -> Adapter:
        return ChalkAdapter(config.base_url, config.api_key)


if __name__ == "__main__":
    DestinationChalk().run(sys.argv[1:])
