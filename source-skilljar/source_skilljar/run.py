"""Entry point of the connector."""

from __future__ import annotations

import logging
import sys

from airbyte_cdk.entrypoint import AirbyteEntrypoint, launch

from lms_shared.privacy import MaskEmails
from source_skilljar.source import SourceSkilljar


def mask_logs() -> None:
    """Keep e-mail addresses out of whatever is logged, by libraries too: rows and errors about rows hold them."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(MaskEmails())


def run() -> None:
    """Run the Airbyte command of the command line."""
    mask_logs()
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
