"""Writes planned streams into the declarative manifest, from which the CDK then builds them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from airbyte_cdk.models import ConfiguredAirbyteStream
from airbyte_cdk.sources.declarative.models.declarative_component_schema import CustomRequester
from airbyte_cdk.sources.declarative.parsers.manifest_component_transformer import ManifestComponentTransformer
from airbyte_cdk.sources.declarative.parsers.manifest_reference_resolver import ManifestReferenceResolver
from airbyte_cdk.sources.declarative.parsers.model_to_component_factory import ModelToComponentFactory

from source_pluralsight.operation import Operation
from source_pluralsight.requester import GraphQLRequester
from source_pluralsight.stream_plan import StreamPlan

Manifest = Mapping[str, Any]


def with_streams(
    manifest: Manifest,
    plans: Iterable[StreamPlan],
    names: Collection[str] | None = None,
    stubs: Iterable[Mapping[str, Any]] = (),
) -> Manifest:
    """The manifest with these streams in place of its table; with `names`, only those, their parents inside them."""
    by_name = {plan.name: plan for plan in plans}
    entries = [_entry(plan, by_name) for name, plan in by_name.items() if names is None or name in names]
    return {**manifest, "streams": [*entries, *stubs]}


def stub(configured: ConfiguredAirbyteStream, reason: str) -> dict[str, Any]:
    """A configured stream that cannot be read: it fails with the reason, and the others go on."""
    operation = Operation(configured.stream.name, "", refused=reason)
    return _stream(configured.stream.name, operation, configured.stream.json_schema, ())


def make_requester(
    manifest: Manifest, config: Mapping[str, Any], name: str, max_retries: int | None = None
) -> GraphQLRequester:
    """The manifest's requester by itself, for introspection and probes. `name` is no stream, so it has no status."""
    resolved = ManifestReferenceResolver().preprocess_manifest(dict(manifest))
    definition = {**resolved["definitions"]["requester"]}
    handler = {**definition["error_handler"], "shows_rate_limit": False}
    if max_retries is not None:
        handler["max_retries"] = max_retries
    definition["error_handler"] = handler
    component = ManifestComponentTransformer().propagate_types_and_parameters("", definition, {})
    requester = ModelToComponentFactory().create_component(CustomRequester, component, config, name=name)
    assert isinstance(requester, GraphQLRequester)
    return requester


def _entry(plan: StreamPlan, by_name: Mapping[str, StreamPlan]) -> dict[str, Any]:
    entry = _stream(plan.name, plan.operation, plan.selection.schema, plan.primary_key)
    if plan.incremental:
        entry["incremental_sync"] = {"$ref": "#/definitions/progress_cursor"}
        entry["state_migrations"] = [{"$ref": "#/definitions/utc_state"}]
    if plan.parent is not None:
        parent = {
            "type": "ParentStreamConfig",
            "stream": _entry(by_name[plan.parent.stream], by_name),
            "parent_key": plan.parent.key,
            "partition_field": plan.parent_argument,
        }
        router = {"type": "SubstreamPartitionRouter", "parent_stream_configs": [parent]}
        entry["retriever"] = {"$ref": "#/definitions/retriever", "partition_router": router}
    if plan.adds_parent_argument:
        value = f"{{{{ stream_partition['{plan.parent_argument}'] }}}}"
        added = {"path": [plan.parent_argument], "value": value, "value_type": "string"}
        entry["transformations"] = [{"type": "AddFields", "fields": [added]}]
    return entry


def _stream(name: str, operation: Operation, schema: Mapping[str, Any], primary_key: tuple[str, ...]) -> dict[str, Any]:
    parameters: dict[str, Any] = {"name": name, "operation": json.loads(json.dumps(operation.to_manifest()))}
    if primary_key:
        parameters["primary_key"] = list(primary_key)
    return {
        "$ref": "#/definitions/stream",
        "$parameters": parameters,
        "schema_loader": {"type": "InlineSchemaLoader", "schema": dict(schema)},
    }
