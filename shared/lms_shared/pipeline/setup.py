"""`lms-sync init`: writes the folder of a pipeline."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lms_shared.pipeline import catalog
from lms_shared.pipeline.connector import CommandContext, Connector
from lms_shared.pipeline.folder import REPORTS, Folder, Side, write_object
from lms_shared.pipeline.problems import PipelineConfigError
from lms_shared.pipeline.secrets import known_values

Values = Mapping[str, Mapping[str, Any]]
"""Config values by role (`source`, `destination`) and key."""

IGNORED = """# Secrets, and what runs leave behind.
.env
.run/
.lock
.last-run.json
.discovered.json
state.json
doctor.json
reports/
"""


@dataclass(frozen=True)
class Question:
    """A config key that has no value yet."""

    role: str
    key: str
    title: str
    help: str
    secret: bool
    variable: str
    """The name that stands for the value in the config, if it is not given."""
    unless: str = ""
    """The key that may be given instead. Without a value this one is then left out of the config."""


Ask = Callable[[Question], str]
"""Gives the answer, or an empty text to leave the value to `.env`, or out."""


@dataclass(frozen=True)
class Unanswered:
    """What is still to be entered: names in `.env`, and keys of configs, as in "organization, or base_url"."""

    names: tuple[str, ...]
    keys: tuple[str, ...]


def set_up(
    folder: Folder, source: str, destination: str, given: Values, ask: Ask | None, session: CommandContext
) -> Unanswered:
    """Writes a pipeline's folder; gives what still needs a value.

    Required keys are taken from `given`, else asked for, else left to `.env`, or out where another key may be given
    instead. Secrets never get into a config: those that are given or answered are written to `.env`.

    Raises PipelineConfigError for a key that the connector does not know.
    """
    names = {"source": source, "destination": destination}
    secrets: dict[str, str] = {}
    variables: dict[str, str] = {}
    configs: dict[str, dict[str, Any]] = {}
    left_out: list[str] = []
    for role, name in names.items():
        spec = Connector(role, Side(name, f"{name}:dev", {}), folder).specification(session)
        config: dict[str, Any] = {}
        _refuse_unknown(name, given[role], spec)
        for key in [*spec.get("required", []), *(one for one in given[role] if one not in spec.get("required", []))]:
            question = _question(role, key, spec, names)
            value = given[role].get(key, "")
            if value == "" and ask is not None and question.unless not in given[role]:
                value = ask(question)
            if value == "" and question.unless:
                if question.unless not in given[role]:
                    left_out.append(f"{key}, or {question.unless}, in {folder.config_file(role)}")
                continue
            if value == "" or question.secret:
                config[key] = f"${{{question.variable}}}"
                variables[question.variable] = question.title
                if value != "":
                    secrets[question.variable] = str(value)
            else:
                config[key] = _typed(value, spec["properties"][key])
        configs[role] = config
    write_pipeline(folder, names, configs)
    (folder.path / ".gitignore").write_text(IGNORED, encoding="utf-8")
    _write_env(folder, variables, secrets)
    values = known_values(folder.env_file)
    return Unanswered(tuple(name for name in variables if not values.get(name, "").strip()), tuple(left_out))


def write_pipeline(folder: Folder, connectors: Mapping[str, str], configs: Mapping[str, Mapping[str, Any]]) -> None:
    """Writes both configs, the names of the connectors, and a catalog of the streams that the presets know.

    The destination maps these streams by itself (`content_provider`), and gets a folder for its reports.
    """
    streams = catalog.KNOWN[connectors["source"]]
    vendors = {role: name.partition("-")[2] for role, name in connectors.items()}
    usual: dict[str, Any] = {"object_storage_config": {"storage_type": "LOCAL", "path": REPORTS}}
    if vendors["source"] == vendors["destination"]:
        # From one LMS into another of the same vendor, a destination maps no stream by itself.
        usual["stream_mappings"] = [{"stream": one.name, "preset": vendors["source"]} for one in streams]
    write_object(folder.config_file("source"), configs["source"])
    write_object(
        folder.config_file("destination"), {**configs["destination"], **_missing(usual, configs["destination"])}
    )
    write_object(
        folder.pipeline_file, {role: {"connector": name, "image": f"{name}:dev"} for role, name in connectors.items()}
    )
    write_object(folder.catalog_file, catalog.outline(streams))


def complete_catalog(folder: Folder, session: CommandContext) -> None:
    """Asks the source for the schemas of its streams, and writes them into the catalog.

    Raises PipelineError, or one of its kinds, if the config is not complete or the LMS does not answer.
    """
    source = Connector("source", folder.side("source"), folder)
    # It answers within 30 seconds, whatever the LMS does; discover tries for longer.
    source.check(session)
    streams = catalog.described(folder, catalog.load(folder), lambda: source.discover(session), source.name)
    write_object(folder.catalog_file, {"streams": streams})


def _missing(usual: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in usual.items() if key not in config}


def _refuse_unknown(name: str, given: Mapping[str, Any], spec: Mapping[str, Any]) -> None:
    unknown = [key for key in given if key not in spec["properties"]]
    if unknown:
        raise PipelineConfigError(
            f"{name} has no setting {', '.join(unknown)}. It has {', '.join(sorted(spec['properties']))}."
        )


def _question(role: str, key: str, spec: Mapping[str, Any], names: Mapping[str, str]) -> Question:
    declared = spec["properties"].get(key, {})
    vendor = names[role].partition("-")[2]
    same = len({name.partition("-")[2] for name in names.values()}) == 1
    variable = "_".join([*([role] if same else []), vendor, key]).upper().replace("-", "_")
    return Question(
        role,
        key,
        str(declared.get("title") or key),
        str(declared.get("description") or ""),
        bool(declared.get("airbyte_secret")),
        variable,
        str(declared.get("unless") or ""),
    )


def _typed(value: Any, declared: Mapping[str, Any]) -> Any:
    """A text of the command line as the type that the spec asks for; JSON for lists, objects, numbers and booleans."""
    if not isinstance(value, str) or declared.get("type") == "string":
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise PipelineConfigError(f"{value} is not a valid {declared.get('type')}.") from error


def _write_env(folder: Folder, variables: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    lines = ["# Copy to .env, which is not put under version control, and fill in. The environment wins over it.\n"]
    lines += [f"\n# {title}\n{name}=\n" for name, title in variables.items()]
    (folder.path / ".env.example").write_text("".join(lines), encoding="utf-8")
    if secrets:
        handle = os.open(folder.env_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.writelines(f"{name}={_quoted(value)}\n" for name, value in secrets.items())


def _quoted(value: str) -> str:
    """A value as `.env` has it: quoted as soon as it could mean something else than itself."""
    if value.replace("-", "").replace("_", "").replace(".", "").isalnum():
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
