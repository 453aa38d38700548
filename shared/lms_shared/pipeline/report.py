"""Where the report page of a pipeline is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lms_shared.pipeline.connector import IN_THE_CONTAINER
from lms_shared.pipeline.folder import Folder, read_object
from lms_shared.pipeline.problems import PipelineConfigError, PipelineError

PAGE = "report.html"


def address_of_page(folder: Folder, destination: Mapping[str, Any], number: int) -> str | None:
    """Path or S3 address of the page that a run writes, or None if no reports are kept.

    In a bucket, each run has a folder of its own, named by its sync id.
    """
    storage = destination.get("object_storage_config")
    if not isinstance(storage, Mapping):
        return None
    if storage.get("storage_type") == "LOCAL":
        inside = str(storage.get("path", "")).removeprefix(f"{IN_THE_CONTAINER}/")
        return str((folder.path / inside / PAGE).absolute())
    if storage.get("storage_type") == "S3":
        parts = (storage.get("s3_bucket_name"), storage.get("bucket_path"), number, PAGE)
        return "s3://" + "/".join(str(one).strip("/") for one in parts if one)
    return None


def last_page(folder: Folder) -> str:
    """The page of the last run.

    Raises PipelineConfigError if no reports are kept, and PipelineError if there was no run yet.
    """
    destination = folder.side("destination").config
    if address_of_page(folder, destination, 0) is None:
        raise PipelineConfigError(
            "This pipeline keeps no reports. Say in destination.json where they go: "
            '"object_storage_config": {"storage_type": "LOCAL", "path": "reports"}'
        )
    if not folder.last_run_file.exists():
        raise PipelineError(f"There was no run yet. Start one with: lms-sync run {folder.path}")
    page = address_of_page(folder, destination, int(read_object(folder.last_run_file).get("sync_id") or 0))
    assert page is not None
    if not page.startswith("s3://") and not Path(page).exists():
        raise PipelineError(f"The last run ended before it wrote {page}.")
    return page
