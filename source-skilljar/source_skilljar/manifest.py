"""The manifest as it is written, and the parts of it that a command needs: to build all streams takes seconds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from airbyte_cdk.sources.declarative.parsers.manifest_reference_resolver import ManifestReferenceResolver

from source_skilljar.stream_graph import Declaration, name_of


@cache
def _resolved() -> Mapping[str, Any]:
    text = files(__package__).joinpath("manifest.yaml").read_text("utf-8")
    return dict(ManifestReferenceResolver().preprocess_manifest(yaml.safe_load(text)))


def declarations() -> list[Declaration]:
    """The declarations of all streams, with all references resolved."""
    return list(_resolved()["streams"])


def manifest_of(names: Collection[str] | None = None) -> dict[str, Any]:
    """The manifest with the streams of these names, None for all."""
    streams = [declared for declared in declarations() if names is None or name_of(declared) in names]
    return {**_resolved(), "streams": streams, "definitions": {}}
