"""Entry point of the connector."""

from __future__ import annotations

import sys

from airbyte_cdk.entrypoint import AirbyteEntrypoint, launch

from source_pluralsight.source import SourcePluralsight


def run() -> None:
    """Run the Airbyte command of the command line."""
    arguments = sys.argv[1:]
    catalog = AirbyteEntrypoint.extract_catalog(arguments)
    config = AirbyteEntrypoint.extract_config(arguments)
    state = AirbyteEntrypoint.extract_state(arguments)
    source = SourcePluralsight(
        SourcePluralsight.read_catalog(catalog) if catalog else None,
        SourcePluralsight.read_config(config) if config else None,
        SourcePluralsight.read_state(state) if state else None,
        config_path=config,
    )
    launch(source, arguments)
