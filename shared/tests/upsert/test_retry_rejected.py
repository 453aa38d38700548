"""An admin who mends the cause of a reject is done: the next sync tries it again, and never over anything newer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lms_shared.dev.testing.memory_destination import sync_into
from lms_shared.dev.testing.memory_lms import Call, MemoryLms
from lms_shared.dev.testing.syncs import Run, Stream, record, state, status
from lms_shared.rejects import Printed, standing_of

ADA = "ada@example.com"


class Office:
    """An LMS and the folder of a connection that writes to it, sync after sync."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lms = MemoryLms()

    def sync(
        self, name: str, *data: Mapping[str, Any], at: int = 1, source_mode: str = "incremental", **config: Any
    ) -> Run:
        """A sync of one stream, whose records were emitted at a moment."""
        return self.sync_all({name: data}, at=at, source_mode=source_mode, **config)

    def sync_all(
        self,
        streams: Mapping[str, Iterable[Mapping[str, Any]]],
        *,
        at: int = 1,
        source_mode: str = "incremental",
        **config: Any,
    ) -> Run:
        sent = []
        for name, data in streams.items():
            for one in data:
                message = record(name, one)
                message["record"]["emitted_at"] = at
                sent.append(message)
            sent += [state(name, {"at": at}), status(name, "COMPLETE")]
        catalog = [Stream(name, source_mode=source_mode, primary_key=("key",)) for name in streams]
        place = {"storage_type": "LOCAL", "path": str(self.folder)}
        return sync_into(self.lms, catalog, sent, object_storage_config=place, **config)

    def kept(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / f"kept-rejects-{name}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def kept_data(self, name: str) -> list[Any]:
        return [line["record"]["record"]["data"] for line in self.kept(name)]

    def titles(self) -> list[str]:
        return sorted(str(row.fields["title"]) for row in self.lms.rows("content"))

    def add_user(self) -> None:
        assert self.sync("users", {"key": 1, "email": ADA}).error is None


def completion(course: str = "c-1", key: str = "p-1", **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "user_email": ADA,
        "learning_object_external_reference": course,
        "completed_at": "2026-01-05T00:00:00Z",
        **more,
    }


def course(reference: str = "c-1", title: str = "Reading Python", **more: Any) -> dict[str, Any]:
    url = f"https://example.com/{reference}"
    return {"key": reference, "external_reference": reference, "title": title, "content_url": url, **more}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path)
    office.add_user()
    return office


def test_what_was_rejected_is_written_by_the_next_sync_once_the_cause_is_mended(office: Office) -> None:
    first = office.sync("completions", completion())
    assert first.total("rejected") == 1
    assert office.kept_data("completions") == [completion()]
    office.sync("content", course())
    again = office.sync("completions")
    assert len(office.lms.rows("completions")) == 1
    assert again.total("retried") == 1
    assert office.kept("completions") == []
    assert not (office.folder / "kept-rejects-completions.jsonl").exists()


def test_a_retried_record_counts_for_nothing_else(office: Office) -> None:
    office.sync("completions", completion())
    again = office.sync("completions", max_rejected=0, max_rejected_share=0)
    assert again.error is None
    assert again.counted("recordCount") == 0
    assert again.counted("rejectedRecordCount") == 0
    assert [again.total(one) for one in ("created", "unchanged", "rejected", "rejected_items")] == [0, 0, 0, 0]
    assert again.rejects == []
    assert office.kept_data("completions") == [completion()]
    office.sync("content", course())
    written = office.sync("completions")
    assert [written.total(one) for one in ("created", "retried")] == [0, 1]
    assert written.counted("recordCount") == 0


def test_a_reject_that_comes_right_within_its_sync_is_tried_after_what_it_waits_for(office: Office) -> None:
    office.sync("completions", completion())
    office.sync_all({"completions": [], "content": [course()]})
    assert len(office.lms.rows("completions")) == 1
    assert office.kept("completions") == []


def test_an_older_record_is_never_written_over_a_newer_one(office: Office) -> None:
    office.sync("content", course(content_url="no address", title="Old"), at=1)
    assert len(office.kept("content")) == 1
    office.sync("content", course(title="New"), at=2)
    assert office.kept("content") == []
    office.sync("content", at=3)
    assert office.titles() == ["New"]


def test_a_newer_record_in_the_same_sync_outdates_the_reject_before_and_behind_it(office: Office) -> None:
    old, new = course(title="Old", content_url="no address"), course(title="New")
    office.sync("content", old, new, at=1)
    assert office.kept("content") == []
    office.sync("content", {**new, "title": "Newer"}, {**old, "title": "Newest"}, at=2)
    assert [one["title"] for one in office.kept_data("content")] == ["Newest"]


def test_a_record_about_the_same_object_is_newer_whatever_its_key_in_the_source(office: Office) -> None:
    office.sync("content", course(key="row 1", content_url="no address", title="Old"), at=1)
    office.sync("content", course(key="row 2", title="New"), at=2)
    assert office.kept("content") == []


def test_a_newer_version_that_is_rejected_takes_the_place_of_the_older_one(office: Office) -> None:
    office.sync("completions", completion(completed_at="2026-01-05T00:00:00Z"), at=1)
    office.sync("completions", completion(completed_at="2026-02-05T00:00:00Z"), at=2)
    assert [one["completed_at"] for one in office.kept_data("completions")] == ["2026-02-05T00:00:00Z"]


def test_a_retry_that_waits_gives_way_to_what_comes_meanwhile(office: Office) -> None:
    office.sync("completions", completion(result="Fail"), at=1)
    newer = completion(result="Pass", completed_at="2026-03-01T00:00:00Z")
    done = office.sync_all({"completions": [newer], "content": [course()]}, at=2)
    assert done.error is None
    (row,) = office.lms.rows("completions")
    assert row.fields["result"] == "Pass"
    assert office.kept("completions") == []
    assert done.total("created") == 2


@pytest.mark.parametrize(
    ("source_mode", "config"),
    [("full_refresh", {}), ("incremental", {"dry_run": True}), ("incremental", {"retry_rejected": False})],
)
def test_nothing_is_tried_again_in_a_full_refresh_a_dry_run_or_where_it_is_switched_off(
    office: Office, source_mode: str, config: dict[str, Any]
) -> None:
    office.sync("completions", completion())
    office.sync("content", course())
    again = office.sync("completions", source_mode=source_mode, **config)
    assert again.total("retried") == 0
    assert office.lms.rows("completions") == []


def test_a_full_refresh_keeps_no_reject_so_that_nothing_deleted_comes_back(office: Office) -> None:
    office.sync("completions", completion())
    office.sync("completions", source_mode="full_refresh")
    assert office.kept("completions") == []
    office.sync("completions", completion(), source_mode="full_refresh")
    assert office.kept("completions") == []


def test_a_missing_target_is_looked_up_once_however_many_records_wait_for_it(office: Office) -> None:
    people = [{"key": n, "email": f"{n}@example.com"} for n in range(30)]
    office.sync("users", *people)
    rows = [completion(key=str(n), user_email=f"{n}@example.com") for n in range(30)]
    office.sync("completions", *rows, batch_size=7)
    asked: list[Call] = []
    office.lms.trouble = asked.append
    again = office.sync("completions", batch_size=7)
    assert again.total("retried") == 30
    assert [call.what for call in asked if "content" in call.what and call.moment == "before"] == ["find content"]


def without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda line: line.pop(name)


def with_value(name: str, value: Any) -> Callable[[dict[str, Any]], object]:
    return lambda line: line.update({name: value})


@pytest.mark.parametrize(
    "edit",
    [
        *map(without, ("id", "record", "keys", "first_rejected_at", "record_emitted_at")),
        with_value("keys", None),
        with_value("record_emitted_at", "2026-01-01"),
        with_value("record", "{}"),
    ],
)
def test_a_kept_reject_that_somebody_edited_is_warned_of_and_the_others_are_tried(
    office: Office, edit: Callable[[dict[str, Any]], object]
) -> None:
    office.sync("completions", completion("c-1", "p-1"), completion("c-2", "p-2"))
    edited, whole = office.kept("completions")
    edit(edited)
    path = office.folder / "kept-rejects-completions.jsonl"
    path.write_text(f"{json.dumps(edited)}\nnot JSON\n{json.dumps(whole)}\n")
    office.sync("content", course("c-1"), course("c-2", "Writing Python"))
    done = office.sync("completions")
    assert done.error is None
    assert done.total("retried") == 1
    assert office.kept("completions") == []
    warnings = " ".join(done.log)
    assert "1 line(s) of its kept rejects are not as they were written" in warnings
    assert "kept-rejects-completions.jsonl: 1 line(s) cannot be read" in warnings


def test_rejects_are_tried_for_some_days_and_then_given_up_with_a_warning(office: Office) -> None:
    office.sync("completions", completion(), completion("c-2", "p-2"))
    path = office.folder / "kept-rejects-completions.jsonl"
    old = (datetime.now(UTC) - timedelta(days=31)).isoformat()
    first, second = office.kept("completions")
    path.write_text("\n".join(json.dumps(one) for one in ({**first, "first_rejected_at": old}, second)) + "\n")
    again = office.sync("completions")
    assert office.kept_data("completions") == [completion("c-2", "p-2")]
    assert any("1 rejected record(s) failed for more than 30 days" in line for line in again.log)


def test_after_a_crash_what_stood_stands_and_what_was_settled_is_not_tried_again(office: Office) -> None:
    office.sync("content", course("c-1", "Old", content_url="no address"), at=1)
    office.sync("content", course("c-2", "Other", content_url="no address"), at=1)
    place = {"storage_type": "LOCAL", "path": str(office.folder)}
    newer = record("content", course("c-1", "New"))
    newer["record"]["emitted_at"] = 2

    def sent() -> Iterable[dict[str, Any]]:
        yield newer
        yield state("content", {"at": 2})
        yield status("content", "COMPLETE")
        raise KeyboardInterrupt

    crashed = sync_into(
        office.lms,
        [Stream("content", source_mode="incremental", primary_key=("key",))],
        sent(),
        object_storage_config=place,
        batch_size=1,
    )
    assert isinstance(crashed.error, KeyboardInterrupt)
    assert len(crashed.states) == 1
    after = office.sync("content", at=3)
    assert after.total("retried") == 1
    assert office.titles() == ["New"]
    assert [one["title"] for one in office.kept_data("content")] == ["Other"]


def printed(path: Path, *, everything: bool = False) -> list[Any]:
    """The data of the records that the command prints of a file."""
    given = Printed(everything, standing_of(str(path)))
    with path.open("rb") as file:
        return [json.loads(message)["record"]["data"] for message in given.messages(file)]


@pytest.mark.parametrize("source_mode", ["incremental", "full_refresh"])
def test_by_hand_nothing_is_printed_that_something_newer_came_for(office: Office, source_mode: str) -> None:
    old, other = course(title="Old", content_url="no address"), course("c-2", content_url="no address")
    office.sync("content", old, other, course(title="New"), source_mode=source_mode)
    path = office.folder / "rejects-content.jsonl"
    assert printed(path) == [other]
    assert printed(path, everything=True) == [old, other]
    assert [line.get("superseded") for line in map(json.loads, path.read_text().splitlines())] == [True, None]


def test_of_an_earlier_syncs_file_only_what_still_stands_is_printed(office: Office) -> None:
    first, second = completion("c-1", "p-1"), completion("c-2", "p-2")
    office.sync("completions", first, second)
    office.sync_all({"content": [course("c-1")], "completions": []})
    office.sync("completions")
    (path,) = office.folder.glob("earlier/*/rejects-completions.jsonl")
    assert printed(path) == [second]
    assert printed(office.folder / "kept-rejects-completions.jsonl") == [second]


def test_a_journal_of_kept_rejects_is_printed_without_what_is_settled(office: Office) -> None:
    office.sync("completions", completion("c-1", "p-1"), completion("c-2", "p-2"))
    path = office.folder / "kept-rejects-completions.jsonl"
    first = office.kept("completions")[0]
    with path.open("a") as file:
        file.write(json.dumps({"settled": first["id"]}) + "\n")
    assert printed(path) == [completion("c-2", "p-2")]


def test_marking_a_line_leaves_every_other_as_it_was(office: Office) -> None:
    huge = completion("c-9", "p-9", note=123456789012345678901234567890)
    office.sync("content", course(title="Old", content_url="no address"), at=1)
    office.sync_all(
        {"completions": [huge, completion("c-1", "p-1", completed_at="x"), completion("c-1", "p-1")]},
        source_mode="full_refresh",
    )
    lines = (office.folder / "rejects-completions.jsonl").read_text()
    assert "123456789012345678901234567890" in lines
    assert lines.count("superseded") == 1
