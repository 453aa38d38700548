"""Entry point of the connector."""

from __future__ import annotations

import sys

from airbyte_cdk.entrypoint import AirbyteEntrypoint, launch

from source_skilljar.source import SourceSkilljar


def run() -> None:
    """Run the Airbyte command of the command line."""
    arguments = sys.argv[1:]
    catalog = AirbyteEntrypoint.extract_catalog(arguments)
    config = AirbyteEntrypoint.extract_config(arguments)
    state = AirbyteEntrypoint.extract_state(arguments)
    source = SourceSkilljar(
        SourceSkilljar.read_catalog(catalog) if catalog else None,
        SourceSkilljar.read_config(config) if config else None,
        SourceSkilljar.read_state(state) if state else None,
        config_path=config,
    )
    launch(source, arguments)
