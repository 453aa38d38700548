"""The config keys that all destinations share, as one fragment of the form. What they mean: `upsert/settings`."""

from __future__ import annotations

from typing import Any

from lms_shared.model.declarations import Mode
from lms_shared.model.fields import FieldPolicy
from lms_shared.presets import PRESETS
from lms_shared.reports.storage import storage_form
from lms_shared.upsert.routing.settings import DEFAULT_BATCH_SIZE, DEFAULT_NAMESPACE, DEFAULT_WORKERS


def shared_properties(first_order: int) -> dict[str, Any]:
    """The shared part of the form, as properties of a connection specification, numbered from `first_order`."""
    properties = _shared_properties()
    return {name: {**schema, "order": first_order + place} for place, (name, schema) in enumerate(properties.items())}


def _shared_properties() -> dict[str, Any]:
    return {
        "namespace": {
            "type": "string",
            "title": "Namespace",
            "description": "Prefix that marks what this connection owns in the LMS. Never change it after the first "
            "sync, and give each connection that writes to the same LMS its own.",
            "default": DEFAULT_NAMESPACE,
            "pattern": "^[A-Za-z0-9_-]{1,40}$",
            "pattern_descriptor": "1 to 40 letters, digits, - or _",
        },
        "stream_mappings": {
            "type": "array",
            "title": "Stream mappings",
            "description": "Which object each stream is written to. A stream named like an object needs no entry.",
            "default": [],
            "items": {
                "type": "object",
                "title": "Stream",
                "required": ["stream"],
                "additionalProperties": True,
                "properties": {
                    "stream": {
                        "type": "string",
                        "title": "Stream",
                        "description": "Name of the stream.",
                        "order": 0,
                    },
                    "preset": {
                        "type": "string",
                        "title": "Preset",
                        "description": "Ready-made mapping of a known source's streams.",
                        "enum": ["none", *PRESETS],
                        "default": "none",
                        "order": 1,
                    },
                    "object": {
                        "type": "string",
                        "title": "Object",
                        "description": "Object to write to; with a preset, only this one of the preset's objects.",
                        "order": 2,
                    },
                    "mode": {
                        "type": "string",
                        "title": "Mode",
                        "description": "What is done with a record. Empty: what the sync mode says.",
                        "enum": [mode.value for mode in Mode],
                        "order": 3,
                    },
                    "fields": {
                        "type": "array",
                        "title": "Fields",
                        "description": "Fields of the object, taken from the source record or constant. Fields of the "
                        "record that are named like a field of the object need no entry.",
                        "order": 4,
                        "items": {
                            "type": "object",
                            "title": "Field",
                            "required": ["target"],
                            "additionalProperties": True,
                            "properties": {
                                "target": {
                                    "type": "string",
                                    "title": "Target",
                                    "description": "Field of the object.",
                                    "order": 0,
                                },
                                "source": {
                                    "type": "string",
                                    "title": "Source",
                                    "description": "JMESPath into the source record.",
                                    "examples": ["user.email"],
                                    "order": 1,
                                },
                                "constant": {
                                    # Airbyte shows a field for the first type; a config by API or file may hold any.
                                    "type": ["string", "boolean", "number", "array", "object", "null"],
                                    "title": "Constant",
                                    "description": "The same value for each record, instead of a source. Where the "
                                    'field is no text: true or false, a number, or JSON such as ["Python"].',
                                    "order": 2,
                                },
                            },
                        },
                    },
                },
            },
        },
        "field_policies": {
            "type": "array",
            "title": "Field policies",
            "description": "Who wins where the record and the LMS differ. Without an entry: the default of the field, "
            "see the objects table of the docs.",
            "default": [],
            "items": {
                "type": "object",
                "title": "Field policy",
                "required": ["object", "field", "policy"],
                "additionalProperties": True,
                "properties": {
                    "object": {
                        "type": "string",
                        "title": "Object",
                        "description": "Name of the object.",
                        "order": 0,
                    },
                    "field": {
                        "type": "string",
                        "title": "Field",
                        "description": "Name of its field.",
                        "order": 1,
                    },
                    "policy": {
                        "type": "string",
                        "title": "Policy",
                        "description": "source_wins: the record overwrites. fill_if_empty: only an empty field is "
                        "written. merge_list: list values are added, none is removed. never: the field is not written.",
                        "enum": [policy.value for policy in FieldPolicy],
                        "order": 2,
                    },
                },
            },
        },
        "dry_run": {
            "type": "boolean",
            "title": "Dry run",
            "description": "Plan and report, write nothing.",
            "default": False,
        },
        "mirror": {
            "type": "object",
            "title": "Mirror brake",
            "description": "How much mode mirror may deactivate in one sync. Past either limit nothing is deactivated "
            "and the sync fails, naming what would have gone.",
            "additionalProperties": True,
            "properties": {
                "max_deactivated": {
                    "type": "integer",
                    "title": "Most objects",
                    "description": "Most objects of one stream that may be deactivated.",
                    "default": 50,
                    "minimum": 0,
                    "order": 0,
                },
                "max_deactivated_share": {
                    "type": "number",
                    "title": "Largest share",
                    "description": "Largest share of the own objects that may be deactivated, 0 to 1.",
                    "default": 0.1,
                    "minimum": 0,
                    "maximum": 1,
                    "order": 1,
                },
            },
        },
        "object_storage_config": storage_form(),
        "max_rejected": {
            "type": "integer",
            "title": "Most rejected records",
            "description": "The sync fails above this number of rejected records.",
            "minimum": 0,
        },
        "max_rejected_share": {
            "type": "number",
            "title": "Largest share of rejected records",
            "description": "The sync fails at its end above this share of rejected records, 0 to 1.",
            "minimum": 0,
            "maximum": 1,
        },
        "send_notifications": {
            "type": "boolean",
            "title": "Send notifications",
            "description": "Let the LMS send invitations and mails for what is written. Off: none is ever sent.",
            "default": False,
        },
        "num_workers": {
            "type": "integer",
            "title": "Workers",
            "description": "Calls made at the same time.",
            "default": DEFAULT_WORKERS,
            "minimum": 1,
            "maximum": 20,
        },
        "batch_size": {
            "type": "integer",
            "title": "Batch size",
            "description": "Records that are collected before they are written; also the most that is done again "
            "after a crash.",
            "default": DEFAULT_BATCH_SIZE,
            "minimum": 1,
            "maximum": 10000,
        },
    }
