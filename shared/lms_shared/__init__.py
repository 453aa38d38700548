"""What the LMS connectors share: the upsert engine, the destination base and the sandbox LMS servers."""
