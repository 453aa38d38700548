"""Rejects and plans in S3: when they are durable, what becomes of earlier files, and what `check` proves."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from airbyte_cdk.models import FailureType, Status
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.testing.memory_destination import MemoryDestination
from lms_shared.dev.testing.memory_lms import Killed, killed_at
from lms_shared.dev.testing.s3_server import Key, S3Server
from lms_shared.dev.testing.storage import parse_storage
from lms_shared.dev.testing.syncs import Run, Stream, catalog, lines, record, state, sync
from lms_shared.reports.bucket import BucketStore
from lms_shared.reports.s3 import PART, session_of
from lms_shared.reports.storage import S3Storage
from lms_shared.upsert.account.store import FileKind
from lms_shared.wire.parsing import parse_lines

BAD = {"email": "nobody"}
GOOD = {"email": "fine@example.com"}
PERMISSIONS = ("s3:PutObject", "s3:GetObject", "s3:ListBucket", "s3:DeleteObject")


class Bucket(Protocol):
    server: S3Server
    name: str

    def storage(self, key: Key | None = None, **keys: Any) -> dict[str, Any]: ...

    def files(self) -> dict[str, bytes]: ...


def run(bucket: Bucket, *records: dict[str, Any], key: Key | None = None, **config: Any) -> Run:
    config = {"api_key": "k", "object_storage_config": bucket.storage(key), **config}
    return sync(MemoryDestination(), config, [Stream("users", records)])


def rows(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def rejected(bucket: Bucket) -> list[str]:
    """E-mail addresses of the rejected records."""
    return [one["record"]["record"]["data"]["email"] for one in rows(bucket.files()["rejects-users.jsonl"])]


def store(bucket: Bucket, **keys: Any) -> BucketStore:
    storage = parse_storage(bucket.storage(**keys))
    assert isinstance(storage, S3Storage)
    return BucketStore(storage)


def test_rejects_and_plan_lie_below_the_path(bucket: Bucket) -> None:
    assert run(bucket, BAD, GOOD).error is None
    files = bucket.files()
    (line,) = rows(files["rejects-users.jsonl"])
    assert line["record"]["record"]["data"] == BAD
    assert [one["action"] for one in rows(files["plan-users.jsonl"])] == ["rejected", "created"]


@pytest.mark.sweep(kept=1)
@pytest.mark.parametrize("path", ["", "/", "deep/er/", "/with space/ü"])
def test_any_path_is_one_below_which_the_files_lie(bucket: Bucket, path: str) -> None:
    run(bucket, BAD, object_storage_config=bucket.storage(bucket_path=path))
    run(bucket, GOOD, object_storage_config=bucket.storage(bucket_path=path))
    names = sorted(bucket.server.files(bucket.name))
    prefix = f"{path.strip('/')}/".lstrip("/")
    assert all(one.startswith(prefix) for one in names)
    assert f"{prefix}plan-users.jsonl" in names
    assert any(one.startswith(f"{prefix}earlier/") and one.endswith("rejects-users.jsonl") for one in names)


def test_when_a_state_comes_out_every_reject_before_it_is_in_the_bucket(bucket: Bucket) -> None:
    def sent() -> Iterator[dict[str, Any]]:
        for number in range(1, 7):
            yield record("users", {"email": f"nobody-{number}"})
            if number % 2 == 0:
                yield state("users", {"sent": number})

    config = {"api_key": "k", "object_storage_config": bucket.storage(), "batch_size": 2}
    streams = catalog([Stream("users")])
    for out in MemoryDestination().sync(config, streams, parse_lines(lines(sent()))):
        acknowledged = out["stream"]["stream_state"]["sent"]
        assert len(rejected(bucket)) >= acknowledged


def test_after_a_process_that_was_killed_the_next_sync_goes_on_in_the_same_files(bucket: Bucket) -> None:
    destination = MemoryDestination()
    destination.lms.trouble = killed_at(1, "before")
    config = {"api_key": "k", "object_storage_config": bucket.storage(), "batch_size": 1}
    sent = [record("users", BAD), state("users", {"sent": 1}), record("users", GOOD)]
    killed = sync(destination, config, [Stream("users")], sent)
    assert isinstance(killed.error, Killed)
    run(bucket, {"email": "no one"})
    assert rejected(bucket) == ["nobody", "no one"]
    assert not any(name.startswith("earlier/") for name in bucket.files())


def test_files_of_syncs_that_ended_well_are_put_away_one_folder_each(bucket: Bucket) -> None:
    for email in ("one", "two", "three"):
        run(bucket, {"email": email})
    put_away = {name: content for name, content in bucket.files().items() if name.startswith("earlier/")}
    kept = [rows(content)[0] for name, content in put_away.items() if name.endswith("/rejects-users.jsonl")]
    assert sorted(one["record"]["record"]["data"]["email"] for one in kept) == ["one", "two"]
    assert rejected(bucket) == ["three"]


def test_files_of_others_below_the_path_are_left_alone(bucket: Bucket) -> None:
    bucket.server.client("s3").put_object(Bucket=bucket.name, Key="lms/memory/notes.txt", Body=b"mine")
    run(bucket, BAD)
    run(bucket, BAD)
    assert bucket.files()["notes.txt"] == b"mine"


@pytest.mark.sweep(kept=1)
@pytest.mark.parametrize("first", [100, PART - 1, PART, 2 * PART + 7], ids=["small", "below", "at", "above"])
def test_a_file_grows_by_lines_whatever_its_size_and_whoever_began_it(bucket: Bucket, first: int) -> None:
    begun = store(bucket)
    begun.append(FileKind.REJECTS, "users", {"n": 0, "filler": "x" * (first - len('{"n":0,"filler":""}\n'))})
    begun.flush()
    assert len(bucket.files()["rejects-users.jsonl"]) == first
    for number in (1, 2):
        begun.append(FileKind.REJECTS, "users", {"n": number})
        begun.flush()
        assert rows(bucket.files()["rejects-users.jsonl"])[-1] == {"n": number}
    begun.close(finished=False)
    resumed = store(bucket)
    assert [one["n"] for one in resumed.kept(FileKind.REJECTS)] == [0, 1, 2]
    resumed.append(FileKind.REJECTS, "users", {"n": 3})
    resumed.close(finished=True)
    assert [one["n"] for one in rows(bucket.files()["rejects-users.jsonl"])] == [0, 1, 2, 3]


def test_without_new_lines_nothing_is_uploaded_again(bucket: Bucket) -> None:
    one = store(bucket)
    one.append(FileKind.REJECTS, "users", {"n": 1})
    one.flush()
    bucket.server.client("s3").delete_object(Bucket=bucket.name, Key="lms/memory/rejects-users.jsonl")
    one.flush()
    assert "rejects-users.jsonl" not in bucket.files()
    one.close(finished=True)


def checked(bucket: Bucket, **storage: Any) -> Any:
    config = {"api_key": "k", "object_storage_config": bucket.storage(**storage)}
    return MemoryDestination().check(logging.getLogger("airbyte"), config)


def test_check_writes_to_the_bucket_and_leaves_nothing_behind(bucket: Bucket) -> None:
    key = bucket.server.add_user("writer")
    bucket.server.enforce()
    assert checked(bucket, key=key).status is Status.SUCCEEDED
    bucket.server.reset()
    bucket.server.add_bucket(bucket.name)
    assert bucket.files() == {}


@pytest.mark.parametrize("denied", PERMISSIONS)
def test_check_names_the_permissions_when_one_is_missing(bucket: Bucket, denied: str) -> None:
    key = bucket.server.add_user("half", denied)
    bucket.server.enforce()
    status = checked(bucket, key=key)
    assert status.status is Status.FAILED
    assert denied in status.message


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"s3_bucket_name": "not-there"}, "s3_bucket_name"),
        ({"s3_bucket_name": "NO bucket"}, "s3_bucket_name"),
        ({"access_key_id": "unknown-key-id"}, "access_key_id"),
        ({"secret_access_key": "wrong-secret"}, "secret_access_key"),
        ({"s3_endpoint": "http://"}, "s3_endpoint"),
    ],
    ids=["bucket", "no bucket's name", "key", "secret", "endpoint"],
)
def test_check_says_which_key_of_the_config_is_wrong(bucket: Bucket, wrong: dict[str, str], named: str) -> None:
    key = bucket.server.add_user("writer")
    bucket.server.enforce()
    status = checked(bucket, key=key, **wrong)
    assert status.status is Status.FAILED
    assert f"object_storage_config.{named}" in status.message
    assert key.secret not in status.message
    assert key.id not in status.message


def test_a_sync_fails_before_its_first_write_when_the_bucket_is_closed_to_it(bucket: Bucket) -> None:
    key = bucket.server.add_user("reader", "s3:PutObject")
    bucket.server.enforce()
    destination = MemoryDestination()
    config = {"api_key": "k", "object_storage_config": bucket.storage(key)}
    failed = sync(destination, config, [Stream("users", [GOOD])])
    assert isinstance(failed.error, AirbyteTracedException)
    assert failed.error.failure_type is FailureType.config_error
    assert destination.lms.writes == 0


def test_a_reject_that_cannot_be_stored_keeps_its_state_back_and_fails_the_sync(bucket: Bucket) -> None:
    def sent() -> Iterator[dict[str, Any]]:
        yield record("users", GOOD)
        yield state("users", {"sent": 1})
        bucket.server.enforce()  # the key is one that nobody made
        yield record("users", BAD)
        yield state("users", {"sent": 2})

    config = {"api_key": "k", "object_storage_config": bucket.storage(), "batch_size": 1}
    failed = sync(MemoryDestination(), config, [Stream("users")], sent())
    assert isinstance(failed.error, AirbyteTracedException)
    assert failed.error.failure_type is FailureType.config_error
    assert [one["stream"]["stream_state"] for one in failed.states] == [{"sent": 1}]


def test_a_server_that_does_not_answer_is_trouble_on_the_way(bucket: Bucket) -> None:
    status = checked(bucket, s3_endpoint="http://127.0.0.1:9")
    assert status.status is Status.FAILED
    with pytest.raises(AirbyteTracedException) as caught:
        store(bucket, s3_endpoint="http://127.0.0.1:9")
    assert caught.value.failure_type is FailureType.transient_error


def test_credentials_are_in_no_log_line_and_no_error(bucket: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    key = bucket.server.add_user("half", "s3:DeleteObject")
    bucket.server.enforce()
    caplog.set_level(logging.DEBUG, logger="airbyte")
    failed = run(bucket, BAD, key=key)
    assert failed.error is not None
    said = "\n".join([*failed.log, caplog.text, str(failed.error), repr(parse_storage(bucket.storage(key)))])
    assert key.secret not in said
    assert key.id not in said


def numbered(bucket: Bucket, sync_id: int, *records: dict[str, Any], source_mode: str = "incremental") -> Run:
    """A sync that Airbyte has given a number."""
    config = {"api_key": "k", "object_storage_config": bucket.storage()}
    return sync(MemoryDestination(), config, [Stream("users", records, source_mode=source_mode, sync_id=sync_id)])


def test_a_sync_with_a_number_has_its_files_where_airbytes_link_leads(bucket: Bucket) -> None:
    assert numbered(bucket, 41, BAD).error is None
    assert numbered(bucket, 42, GOOD).error is None
    files = bucket.files()
    assert rows(files["41/rejects-users.jsonl"])[0]["record"]["record"]["data"] == BAD
    assert {"42/plan-users.jsonl", "42/report.html", "42/report-users.csv", "42/ids-users.jsonl"} <= set(files)
    assert not any(name.startswith("earlier/") for name in files)


def test_rejects_that_stand_outlive_the_folder_of_their_sync(bucket: Bucket) -> None:
    numbered(bucket, 41, BAD)
    assert len(rows(bucket.files()["kept-rejects-users.jsonl"])) == 1
    again = numbered(bucket, 42)
    assert again.total("retried") == 1
    assert len(rows(bucket.files()["kept-rejects-users.jsonl"])) == 1
    numbered(bucket, 43, source_mode="full_refresh")
    assert "kept-rejects-users.jsonl" not in bucket.files()


def test_without_a_number_the_rejects_that_stand_are_not_put_away_with_the_rest(bucket: Bucket) -> None:
    for _ in range(2):
        config = {"api_key": "k", "object_storage_config": bucket.storage()}
        sync(MemoryDestination(), config, [Stream("users", [BAD], source_mode="incremental")])
    files = bucket.files()
    assert len(rows(files["kept-rejects-users.jsonl"])) == 1
    assert not any("kept-rejects" in name for name in files if name.startswith("earlier/"))


def test_an_attempt_of_the_same_number_goes_on_in_its_files(bucket: Bucket) -> None:
    destination = MemoryDestination()
    destination.lms.trouble = killed_at(1, "before")
    config = {"api_key": "k", "object_storage_config": bucket.storage(), "batch_size": 1}
    sent = [record("users", BAD), state("users", {"sent": 1}), record("users", GOOD)]
    killed = sync(destination, config, [Stream("users", sync_id=7)], sent)
    assert isinstance(killed.error, Killed)
    numbered(bucket, 7, {"email": "no one"})
    lines_of_both = rows(bucket.files()["7/rejects-users.jsonl"])
    assert [one["record"]["record"]["data"]["email"] for one in lines_of_both] == ["nobody", "no one"]


def test_a_role_is_assumed_for_the_bucket(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", bucket.server.url)
    user, role = bucket.server.add_user("assumer"), bucket.server.add_role("reports")
    place = bucket.storage(user, role_arn=role)
    storage = parse_storage(place)
    assert isinstance(storage, S3Storage)
    own = session_of(storage).get_credentials()
    assert own is not None
    assumed = own.get_frozen_credentials()
    assert assumed.access_key != user.id
    assert assumed.token
    config = {"api_key": "k", "object_storage_config": place}
    assert sync(MemoryDestination(), config, [Stream("users", [BAD])]).error is None
    assert len(rejected(bucket)) == 1
    assert MemoryDestination().check(logging.getLogger("airbyte"), config).status is Status.SUCCEEDED


def test_a_role_that_may_not_be_assumed_is_named(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", bucket.server.url)
    user = bucket.server.add_user("stranger", "sts:AssumeRole")
    role = bucket.server.add_role("reports")
    bucket.server.enforce()
    config = {"api_key": "k", "object_storage_config": bucket.storage(user, role_arn=role)}
    answer = MemoryDestination().check(logging.getLogger("airbyte"), config)
    assert answer.status is Status.FAILED
    assert "The access key or role may not do that" in str(answer.message)
