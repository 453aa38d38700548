"""What a connection's config says of the engine: mappings, policies, modes, limits.

Each key is declared here once; the form, its defaults and the parsed values follow. Which names an LMS and its presets
offer for a key is the destination's to say, see `destination/settings.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import ConfigDict

from lms_shared.config.groups import ADVANCED, GROUPS, REPORTS, SAFETY, WRITTEN
from lms_shared.config.model import ConfigModel, Group, key
from lms_shared.model.declarations import Mode
from lms_shared.model.fields import FieldPolicy

NO_PROVIDER = "none"
AUTO_PROVIDER = "auto"


class FieldEntry(ConfigModel):
    """One entry of `fields`; a constant that is null is not the same as none."""

    model_config = ConfigDict(title="Field")

    target: str = key("Target field", "Field of the object in the LMS.", examples=["email"])
    source: str | None = key(
        "Source column",
        "Name of a column of the stream, or a JMESPath for values inside of nested data.",
        default=None,
        examples=["Course ID", "user.email"],
    )
    constant: Any = key(
        "Constant",
        "The same value for each record, instead of a source column. Fields other than text take true or false, a "
        'number, or JSON such as ["Python"].',
        default=None,
        # Airbyte shows a field for the first type; a config by API or file may hold any.
        types=("string", "boolean", "number", "array", "object", "null"),
    )


class StreamMapping(ConfigModel):
    """One entry of `stream_mappings`."""

    model_config = ConfigDict(title="Stream")

    stream: str = key("Stream", "Name of the stream, as the connection shows it.", examples=["employees"])
    object: str | None = key(
        "Object",
        "Object of the LMS that the stream is written to. With a preset: only this one of the preset's objects.",
        default=None,
    )
    preset: str = key(
        "Preset",
        "Ready-made mapping for the streams of a known source.",
        default=NO_PROVIDER,
    )
    mode: Mode | None = key(
        "Mode",
        "What happens to a record. Empty: what the sync mode of the stream says. upsert creates or updates; update "
        "only changes what exists; create_only never changes what exists; soft_delete deactivates; hard_delete deletes "
        "for good; mirror is upsert, and then deactivates what the source no longer has.",
        default=None,
    )
    fields: tuple[FieldEntry, ...] = key(
        "Fields",
        "Where each field of the object comes from. Columns that are named like a field of the object need no entry.",
        default=(),
    )
    only_mapped_fields: bool = key(
        "Only mapped fields",
        "Check and write the fields listed above and nothing else.",
        default=False,
    )


class FieldPolicyEntry(ConfigModel):
    """One entry of `field_policies`."""

    model_config = ConfigDict(title="Field policy")

    object: str = key("Object", "Object of the LMS that the field belongs to.")
    field: str = key("Field", "Field of the object.", examples=["title"])
    policy: FieldPolicy = key(
        "Who wins",
        "source_wins: the record overwrites the LMS. fill_if_empty: the record fills empty fields only. merge_list: "
        "values are added to a list, none is removed. never: the field is left alone.",
    )
    clear_on_null: bool = key(
        "Clear on null",
        "A null in the record empties the field in the LMS. Otherwise null changes nothing.",
        default=False,
    )


class MirrorBrake(ConfigModel):
    """How many objects mode `mirror` may deactivate in one sync; past either limit it deactivates none."""

    model_config = ConfigDict(title="Mirror brake")

    max_deactivated: int = key(
        "Most objects that a mirror deactivates",
        "If mode mirror would deactivate more objects of one stream, it deactivates none and the sync fails.",
        default=50,
        minimum=0,
    )
    max_deactivated_share: float = key(
        "Largest share that a mirror deactivates",
        "If mode mirror would deactivate a larger share of this connection's objects (0 to 1), it deactivates none and "
        "the sync fails.",
        default=0.1,
        minimum=0,
        maximum=1,
    )


@dataclass(frozen=True)
class Mappings:
    """How records become objects: where each stream goes, and who wins in each field."""

    streams: tuple[StreamMapping, ...] = ()
    policies: Mapping[str, Mapping[str, FieldPolicy]] = field(default_factory=dict)
    """Field policies by object and field."""
    cleared: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By object, the fields that a null empties."""
    provider: str = AUTO_PROVIDER
    """Whose streams are mapped without an entry."""
    switches: frozenset[str] = frozenset()
    """Keys of the config that are on, of those without which something is not written."""


class SyncConfig(ConfigModel):
    """The part of a destination's config that the engine goes by."""

    model_config = ConfigDict(title="Sync")
    form_groups: ClassVar[tuple[Group, ...]] = GROUPS

    content_provider: str = key(
        "Where the data comes from",
        "auto: streams of Pluralsight and Skilljar are recognized and need no mapping. pluralsight or skilljar: only "
        "streams of this source are. none: only the mappings below and the names of the streams count.",
        default=AUTO_PROVIDER,
        group=WRITTEN,
        order=0,
        always_show=True,
    )
    stream_mappings: tuple[StreamMapping, ...] = key(
        "Stream mappings",
        "Where streams go that are neither recognized nor named like an object of the LMS.",
        default=(),
        group=WRITTEN,
    )
    assign_channel_content: bool = key(
        "Assign what channels hold",
        "Pluralsight: whoever is a member of a channel is assigned the content that the channel becomes.",
        default=False,
        group=WRITTEN,
    )
    field_policies: tuple[FieldPolicyEntry, ...] = key(
        "When both sides changed a field",
        "Who wins where the record and the LMS differ. Fields without an entry follow their default, which the objects "
        "table of the documentation shows.",
        default=(),
        group=WRITTEN,
    )
    send_notifications: bool = key(
        "Send notifications",
        "Let the LMS send invitations and e-mails about what is written. Off: the connector asks for none.",
        default=False,
        group=WRITTEN,
    )
    strict: bool = key(
        "Reject records with unusable values",
        "On: a value that the LMS cannot hold rejects its record. Off: only the value is left out, and counted.",
        default=False,
        group=WRITTEN,
    )
    namespace: str = key(
        "Owner mark",
        "Marks what this connection owns in the LMS, so that it finds its own objects again. Give each connection that "
        "writes to the same LMS a mark of its own. Never change it after the first sync.",
        default="airbyte",
        pattern="^\\s*[A-Za-z0-9_-]{1,40}\\s*$",
        pattern_descriptor="1 to 40 letters, digits, - or _",
        group=WRITTEN,
    )
    dry_run: bool = key(
        "Dry run",
        "Plan and report what a sync would do, and write nothing.",
        default=False,
        group=SAFETY,
        always_show=True,
    )
    max_rejected: int | None = key(
        "Most rejected records",
        "The sync fails when more records are rejected, but not before the first batch is read and written.",
        default=None,
        minimum=0,
        group=SAFETY,
    )
    max_rejected_share: float | None = key(
        "Largest share of rejected records",
        "The sync fails when a larger share of the records is rejected (0 to 1). With 1 it goes on even if all records "
        "of a stream are rejected.",
        default=None,
        minimum=0,
        maximum=1,
        group=SAFETY,
    )
    mirror: MirrorBrake = key(
        "Mirror brake",
        "Limits for mode mirror. Past either of them nothing is deactivated and the sync fails, naming what would have "
        "been.",
        default=MirrorBrake(),
        group=SAFETY,
    )
    retry_rejected: bool = key(
        "Retry rejected records",
        "Incremental streams: the next sync first tries again what was rejected before, unless something newer came. "
        "Needs a place for rejected records.",
        default=True,
        group=REPORTS,
    )
    keep_rejected_days: int = key(
        "Days to retry rejected records",
        "How many days a record that keeps being rejected is kept and tried again.",
        default=30,
        minimum=1,
        maximum=365,
        group=REPORTS,
    )
    num_workers: int = key(
        "Calls at the same time",
        "How many calls to the LMS are made at the same time.",
        default=6,
        minimum=1,
        maximum=20,
        group=ADVANCED,
    )
    batch_size: int = key(
        "Batch size",
        "Records that are collected before they are written. After a crash, at most so many are done again.",
        default=500,
        minimum=1,
        maximum=10000,
        group=ADVANCED,
    )

    @property
    def policies(self) -> Mapping[str, Mapping[str, FieldPolicy]]:
        """Field policies by object and field."""
        found: dict[str, dict[str, FieldPolicy]] = {}
        for one in self.field_policies:
            found.setdefault(one.object, {})[one.field] = one.policy
        return found

    @property
    def mappings(self) -> Mappings:
        """Stream mappings, field policies, and whose streams need no mapping."""
        cleared: dict[str, set[str]] = {}
        for one in self.field_policies:
            if one.clear_on_null:
                cleared.setdefault(one.object, set()).add(one.field)
        frozen = {name: frozenset(fields) for name, fields in cleared.items()}
        switches = frozenset({"assign_channel_content"} if self.assign_channel_content else ())
        return Mappings(self.stream_mappings, self.policies, frozen, self.content_provider, switches)
