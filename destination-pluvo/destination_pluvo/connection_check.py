"""`check`: what can be said of a config before the first record, reading only."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Set

from airbyte_cdk.utils import AirbyteTracedException
from graphql import GraphQLError, GraphQLSchema, build_client_schema, get_introspection_query

from destination_pluvo.access_token import SCOPES
from destination_pluvo.answers import Refused
from destination_pluvo.api import PluvoApi
from destination_pluvo.extra_categories.extra_fields import ExtraCategories
from destination_pluvo.operations import OPERATIONS, STAND_INS
from destination_pluvo.settings import ContentObject, Settings
from lms_shared.errors import config_error

logger = logging.getLogger("airbyte")

_NAMED = 5
"""Missing parts of the schema that a message names."""


LINKS = frozenset({"group_members", "assignments", "completions"})
"""Unified objects that refer to users."""


def check_connection(api: PluvoApi, scopes: Set[str], settings: Settings) -> None:
    """Raises AirbyteTracedException (config_error) with what to change."""
    families = _families(settings)
    _check_scopes(scopes, settings)
    refused = _probe(api, scopes)
    schema = _schema(api)
    if schema is not None:
        _check_operations(schema, families)
    else:
        logger.info("Pluvo does not show its schema to this client; the operations were not compared with it.")
    if refused is not None:
        raise config_error(f"{refused.reason}. The connector cannot look anything up; tell its maintainers.")
    if settings.certificate_id:
        _check_certificate(api, settings.certificate_id)
    categories = ExtraCategories(api)
    for name in settings.extra_fields:
        categories.named(name)


def _families(settings: Settings) -> list[str]:
    """The parts of the API that the unified objects need."""
    content = ["trainings"] if settings.content_object is ContentObject.TRAINING else ["offers", "enrollments"]
    return ["users", "groups", *content, "portfolio", *(["extra_categories"] if settings.extra_fields else [])]


def needed_scopes(settings: Settings) -> dict[str, str]:
    """The scopes that the unified objects of a config need, and one of the objects for each.

    Only the objects that mappings name, if there are mappings: who has the client narrowed says so by them.
    """
    content = "trainings" if settings.content_object is ContentObject.TRAINING else "events"
    families = {
        "users": "users",
        "groups": "groups",
        "group_members": "groups",
        "content": content,
        "assignments": content,
        # Portfolio items have no scope of their own; a completion makes the assignment too.
        "completions": content,
    }
    mapped = settings.mapped_objects
    objects = [name for name in families if not mapped or name in mapped]
    needed = {f"{families[name]}.{right}": name for name in reversed(objects) for right in ("read", "write")}
    if any(name in LINKS for name in objects):
        needed.setdefault("users.read", next(name for name in objects if name in LINKS))
    if settings.extra_fields:
        needed["extra_categories.write"] = "custom fields"
    return needed


def _check_scopes(scopes: Set[str], settings: Settings) -> None:
    if not any(scope in SCOPES for scope in scopes):
        logger.warning("Pluvo does not say which scopes the client has.")
        return
    missing = [scope for scope in SCOPES if scope not in scopes]
    if not any(scope.endswith(".write") for scope in scopes):
        raise config_error(f"The client may only read. Ask Pluvo for the scopes {', '.join(missing)}.")
    needed = needed_scopes(settings)
    lacking = [scope for scope in missing if scope in needed]
    if lacking:
        named = ", ".join(f"{scope} (for {needed[scope]})" for scope in lacking)
        raise config_error(
            f"The client lacks scopes that this config needs: {named}. Ask Pluvo for them, or map streams to other "
            "objects alone in stream_mappings."
        )
    if missing:
        logger.warning("The client lacks the scopes %s; objects that need them cannot be written.", ", ".join(missing))


def _probe(api: PluvoApi, scopes: Set[str]) -> Refused | None:
    """Proves address and token by a look-up that the client may do; how Pluvo refuses it, if it does.

    Raises AirbyteTracedException where the address or the token is wrong.
    """
    try:
        if "groups.read" in scopes or not any(scope in SCOPES for scope in scopes):
            next(api.nodes("GroupsByText", q=""), None)
        elif "users.read" in scopes:
            api.look_up("User", email="nobody@example.com")
        else:
            # Which no scope is needed for.
            ExtraCategories(api).all()
    except Refused as refused:
        return refused
    return None


def _schema(api: PluvoApi) -> GraphQLSchema | None:
    """The schema, or None where Pluvo does not show it, in whatever way it refuses to."""
    try:
        answer = api.introspect(get_introspection_query(descriptions=False))
    except AirbyteTracedException:
        # Address and token were proved before.
        return None
    if not isinstance(answer, dict):
        return None
    try:
        return build_client_schema(answer)  # type: ignore[arg-type]  # its shape is what the call finds out
    except (TypeError, GraphQLError):
        return None


def _check_operations(schema: GraphQLSchema, families: Iterable[str]) -> None:
    missing = {name: found for name, one in OPERATIONS.items() if (found := one.missing_in(schema))}
    needed: dict[str, None] = {}
    others: dict[str, None] = {}
    for name, messages in missing.items():
        if STAND_INS.get(name, name) in missing:
            (needed if OPERATIONS[name].family in families else others).update(dict.fromkeys(messages))
    if others:
        logger.warning("Pluvo lacks what some of the other objects need: %s", _listed(others))
    if needed:
        raise config_error(
            f"Pluvo lacks what this connector needs: {_listed(needed)} Update the connector, or tell its maintainers."
        )


def _listed(messages: Iterable[str]) -> str:
    texts = list(messages)
    more = f" And {len(texts) - _NAMED} more." if len(texts) > _NAMED else ""
    return " ".join(texts[:_NAMED]) + more


def _check_certificate(api: PluvoApi, certificate: str) -> None:
    known = {str(row["id"]): row.get("name") for row in api.nodes("Certificates")}
    if certificate not in known:
        names = ", ".join(f"{name} ({key})" for key, name in sorted(known.items())) or "none"
        raise config_error(
            f"There is no certificate template {certificate}. Correct certificate_id to one of: {names}."
        )
