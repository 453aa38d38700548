"""The main job, shown: connectors chained as Airbyte would chain them, against the pretend LMS servers."""
