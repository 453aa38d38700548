"""What is refused of mappings, policies and modes before the first write.

All of it raises AirbyteTracedException (config_error).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lms_shared.errors import config_error
from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.fields import FieldPolicy
from lms_shared.upsert.routing.map import Target
from lms_shared.upsert.routing.settings import StreamMapping
from lms_shared.upsert.routing.targets import proposed


def refuse_doubles(mappings: Sequence[StreamMapping]) -> None:
    """Refuses a stream that is mapped twice."""
    streams = [one.stream for one in mappings]
    double = next((one for one in streams if streams.count(one) > 1), None)
    if double is not None:
        raise config_error(f"stream_mappings names a stream twice: '{double}'. Keep one entry for each stream.")


def refuse_policies(
    policies: Mapping[str, Mapping[str, FieldPolicy]], objects: Mapping[str, ObjectDeclaration]
) -> None:
    """Refuses policies of objects and fields that there are not."""
    for name, by_field in policies.items():
        if name not in objects:
            raise config_error(f"field_policies: there is no object '{name}'.{proposed(name, objects)}")
        known = objects[name].field_by_name
        for field_name in by_field:
            if field_name not in known:
                raise config_error(
                    f"field_policies: object '{name}' has no field '{field_name}'. "
                    f"Its fields are: {', '.join(sorted(known))}."
                )


def refuse_clears(cleared: Mapping[str, frozenset[str]], objects: Mapping[str, ObjectDeclaration]) -> None:
    """Refuses to empty fields that the LMS cannot empty."""
    for name, fields in cleared.items():
        for field_name in fields:
            if not objects[name].field_by_name[field_name].clearable:
                able = ", ".join(sorted(one.name for one in objects[name].fields if one.clearable)) or "none"
                raise config_error(
                    f"field_policies: the LMS cannot empty '{field_name}' of object '{name}', so clear_on_null is not "
                    f"possible there. It can empty: {able}."
                )


def refuse_mode(stream: str, mode: Mode, targets: Sequence[Target], objects: Mapping[str, ObjectDeclaration]) -> None:
    """Refuses a mode that an object of the stream cannot do."""
    for target in targets:
        declaration = objects[target.object_name]
        if mode not in declaration.modes:
            able = ", ".join(sorted(one.value for one in declaration.modes))
            reason = f": {declaration.refusals[mode]}" if mode in declaration.refusals else ""
            raise config_error(
                f"Stream '{stream}': object '{declaration.name}' cannot be written in mode '{mode.value}'{reason}. "
                f"It can do: {able}. Choose another sync mode, or another mode in stream_mappings."
            )
