"""Looks at the rows of presets: whether they have what the preset needs, and are all of one academy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lms_shared.errors import config_error
from lms_shared.upsert.routing.routing import Route
from lms_shared.wire.messages import StreamId


class SourceLook:
    """What was seen of the rows of a sync so far."""

    def __init__(self) -> None:
        self._lacking: dict[StreamId, frozenset[str]] = {}
        self._sole: dict[str, str] = {}

    def look_at(self, route: Route, data: Mapping[str, Any]) -> None:
        """Takes note of a row.

        Raises AirbyteTracedException (config_error) where it is of another academy than the rows before it.
        """
        self._look_for_fields(route, data)
        for target in route.mapper.targets:
            if target.sole is not None:
                self._refuse_second(*target.sole, data)

    def _look_for_fields(self, route: Route, data: Mapping[str, Any]) -> None:
        if self._lacking.get(route.stream) == frozenset():
            return
        names = (*sorted(route.schema), *map(str, data))
        lacking = frozenset(one for target in route.mapper.targets for one in target.lacks(names))
        self._lacking[route.stream] = lacking & self._lacking.get(route.stream, lacking)

    def _refuse_second(self, field: str, value_of: Any, remedy: str, data: Mapping[str, Any]) -> None:
        value = value_of(data)
        if value is None:
            return
        text = str(value).strip().lower()
        first = self._sole.setdefault(field, text)
        if first != text:
            raise config_error(
                f"The records are of two domains, '{first}' and '{text}' ({field}), and would be written over each "
                f"other. {remedy}."
            )

    def refuse_lacking(self) -> None:
        """Raises AirbyteTracedException (config_error) where neither schema nor rows of a stream have what its preset
        needs."""
        for stream, lacking in self._lacking.items():
            if lacking:
                names = ", ".join(sorted(lacking))
                raise config_error(
                    f"Stream '{stream}': its preset needs {names}, which is neither in the schema nor in the rows of "
                    "the stream. Select the column in the connection, or map the fields instead of using the preset."
                )
