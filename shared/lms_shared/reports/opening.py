"""Opens the place that the config names, and proves for `check` that it can be used."""

from __future__ import annotations

from lms_shared.reports.folder import FolderStore, prove_folder
from lms_shared.reports.storage import LocalStorage, S3Storage, Storage
from lms_shared.reports.store import NoStore
from lms_shared.upsert.account.store import ReportStore


def open_store(storage: Storage | None, sync_id: str = "") -> ReportStore:
    """The store of a sync; `sync_id` is Airbyte's number of it, if it has one.

    Raises AirbyteTracedException (config_error or transient_error) for a place that cannot be used.
    """
    match storage:
        case LocalStorage():
            return FolderStore(storage.folder)
        case S3Storage():
            from lms_shared.reports.bucket import BucketStore  # noqa: PLC0415 - boto3 is only loaded where S3 is used

            return BucketStore(storage, sync_id)
        case None:
            return NoStore()


def prove_storage(storage: Storage | None) -> None:
    """Proves that a sync could keep its files there.

    Raises AirbyteTracedException with a sentence that says what to change.
    """
    match storage:
        case LocalStorage():
            prove_folder(storage.folder)
        case S3Storage():
            from lms_shared.reports.bucket import prove_bucket  # noqa: PLC0415 - boto3 is only loaded where S3 is used

            prove_bucket(storage)
        case None:
            pass
