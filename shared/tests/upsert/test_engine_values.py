"""Values on their way through whole syncs: what is left out, emptied, chosen, or refused before the first write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import FailureType, Status
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.testing.memory_destination import MemoryDestination, sync_into
from lms_shared.dev.testing.memory_lms import MemoryLms
from lms_shared.dev.testing.records import ADA, a_completion, a_course, a_user
from lms_shared.dev.testing.syncs import Run, Stream, record, state, status

COURSE = {
    "id": "guid-1",
    "title": "Intro",
    "url": "/library/courses/intro",
    "courseStatus": {"name": "Retired", "replacementCourseId": None},
}
PLURALSIGHT = [{"stream": "course_catalog", "preset": "pluralsight"}]
PUBLISHED = [{"stream": "published_courses", "preset": "skilljar"}]


@pytest.fixture
def lms() -> MemoryLms:
    return MemoryLms()


def config_sentence(run: Run) -> str:
    assert isinstance(run.error, AirbyteTracedException)
    assert run.error.failure_type is FailureType.config_error
    return str(run.error.message)


def published(course: str, domain: str, **fields: Any) -> dict[str, Any]:
    return {
        "domain_name": domain,
        "course": {"id": course, "title": f"Course {course}"},
        "course_url": f"https://{domain}/{course}",
        "hidden": False,
        **fields,
    }


# What is left out


def test_what_was_left_out_is_in_the_summary_the_plan_and_the_log(lms: MemoryLms, tmp_path: Path) -> None:
    records = [a_course("c-1", duration="90 min"), a_course("c-2", "Other", duration="PT90M", tags="a, b")]
    storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
    run = sync_into(lms, [Stream("content", records)], object_storage_config=storage)
    assert (run.total("created"), run.total("rejected")) == (2, 0)
    assert run.summaries[0]["left_out"] == {"duration": 1, "tags": 1}
    plans = [json.loads(line) for line in (tmp_path / "plan-content.jsonl").read_text().splitlines()]
    assert [list(one.get("left_out", {})) for one in plans] == [["duration"], ["tags"]]
    assert any("content.duration was left out of 1 record(s)" in line for line in run.log)
    again = sync_into(lms, [Stream("content", records)])
    assert (again.total("unchanged"), again.summaries[0]["left_out"]) == (2, {"duration": 1, "tags": 1})


def test_strict_rejects_such_a_record(lms: MemoryLms) -> None:
    run = sync_into(lms, [Stream("content", [a_course(duration="90 min")])], strict=True)
    assert (run.total("rejected"), lms.writes) == (1, 0)


def test_a_member_without_a_place_is_warned_of_once_and_shown_escaped(lms: MemoryLms) -> None:
    users = Stream("users", [{**a_user(), "\ufeffnickname": "A"}])
    scored = a_completion(score={"scaled": 0.5, "percentage": 50})
    run = sync_into(lms, [users, Stream("content", [a_course()]), Stream("completions", [scored, scored])])
    assert sum("score.scaled" in line for line in run.log) == 1
    assert any(r"\ufeffnickname" in line for line in run.log)


def test_a_policy_never_comes_before_any_look_at_the_value(lms: MemoryLms) -> None:
    never = [{"object": "content", "field": "duration", "policy": "never"}]
    run = sync_into(lms, [Stream("content", [a_course(duration=7)])], field_policies=never, strict=True)
    assert (run.total("created"), run.summaries[0]["left_out"]) == (1, {})


def test_only_mapped_fields_are_validated_and_written(lms: MemoryLms) -> None:
    row = {"mail": "ada@example.com", "who": "Ada", "active": "gone", "email": "nobody", "last_name": "Lovelace"}
    fields = [{"target": "email", "source": "mail"}, {"target": "first_name", "source": "who"}]
    mapping = {"stream": "people", "object": "users", "fields": fields, "only_mapped_fields": True}
    run = sync_into(lms, [Stream("people", [row])], stream_mappings=[mapping])
    assert run.total("created") == 1
    assert lms.rows("users")[0].fields == {"active": True, "email": "ada@example.com", "first_name": "Ada"}


def test_a_member_of_a_nested_field_can_be_mapped(lms: MemoryLms) -> None:
    done = {"stream": "completions", "object": "completions"}
    done["fields"] = [{"target": "score.percentage", "source": "points"}]  # type: ignore[assignment]
    streams = [Stream("users", [a_user()]), Stream("content", [a_course()])]
    run = sync_into(lms, [*streams, Stream("completions", [a_completion(points="85")])], stream_mappings=[done])
    assert run.total("created") == 3
    assert lms.rows("completions")[0].fields["score"] == {"percentage": 85}


# Null


def test_null_empties_a_field_only_where_the_connection_says_so(lms: MemoryLms) -> None:
    sync_into(lms, [Stream("content", [a_course(description="<p>Old</p>")])])
    emptied = Stream("content", [a_course(description=None)])
    assert sync_into(lms, [emptied]).total("unchanged") == 1
    policy = {"object": "content", "field": "description", "policy": "source_wins", "clear_on_null": True}
    run = sync_into(lms, [emptied], field_policies=[policy])
    assert (run.total("updated"), lms.rows("content")[0].fields["description"]) == (1, None)
    assert sync_into(lms, [emptied], field_policies=[policy]).total("unchanged") == 1
    blank = Stream("content", [a_course(description=" ")])
    sync_into(lms, [Stream("content", [a_course(description="<p>New</p>")])])
    assert sync_into(lms, [blank], field_policies=[policy]).total("unchanged") == 1


def test_a_constant_null_empties_a_field(lms: MemoryLms) -> None:
    sync_into(lms, [Stream("content", [a_course(description="<p>Old</p>")])])
    fields = [{"target": "description", "constant": None}]
    mapping = [{"stream": "content", "object": "content", "fields": fields}]
    run = sync_into(lms, [Stream("content", [a_course(description="<p>Old</p>")])], stream_mappings=mapping)
    assert (run.total("updated"), lms.rows("content")[0].fields["description"]) == (1, None)


@pytest.mark.parametrize(
    "config",
    [
        {"field_policies": [{"object": "content", "field": "title", "policy": "source_wins", "clear_on_null": True}]},
        {
            "stream_mappings": [
                {"stream": "content", "object": "content", "fields": [{"target": "title", "constant": None}]}
            ]
        },
    ],
)
def test_emptying_what_the_lms_cannot_empty_is_refused_by_check_and_write(
    lms: MemoryLms, config: dict[str, Any]
) -> None:
    assert "title" in config_sentence(sync_into(lms, [Stream("content", [a_course()])], **config))
    checked = MemoryDestination(lms).check(None, {"api_key": "k", **config})  # type: ignore[arg-type]
    assert checked.status is Status.FAILED


# Presets


def test_a_preset_without_the_field_that_decides_is_refused_before_the_first_write(lms: MemoryLms) -> None:
    rows = [{"id": "guid-1", "title": "Intro"}, {"id": "guid-2", "title": "More"}]
    run = sync_into(lms, [Stream("course_catalog", rows)], stream_mappings=PLURALSIGHT)
    assert "courseStatus.name" in config_sentence(run)
    assert (lms.writes, run.states) == (0, [])


@pytest.mark.parametrize("schema", [(), ("ID", "TITLE", "COURSESTATUS")])
def test_where_that_field_is_null_in_a_row_the_row_is_a_reject(lms: MemoryLms, schema: tuple[str, ...]) -> None:
    rows = [
        {"ID": "guid-2", "TITLE": "More", "COURSESTATUS": None},
        {name.upper(): one for name, one in COURSE.items()},
    ]
    run = sync_into(lms, [Stream("course_catalog", rows, fields=schema)], stream_mappings=PLURALSIGHT)
    assert run.error is None
    assert (run.total("created"), run.total("rejected")) == (1, 1)
    assert lms.rows("content")[0].fields["active"] is False


def test_rows_of_two_domains_are_refused(lms: MemoryLms) -> None:
    rows = [published("c1", "a.example.com"), published("c1", "b.example.com")]
    sentence = config_sentence(sync_into(lms, [Stream("published_courses", rows)], stream_mappings=PUBLISHED))
    assert all(word in sentence for word in ("a.example.com", "b.example.com", "`domains`"))


# Clear and refresh


def test_a_stream_under_overwrite_is_cleared_without_a_write_and_its_states_come_back(lms: MemoryLms) -> None:
    sync_into(lms, [Stream("users", [a_user()])])
    writes = lms.writes
    sent = [state("users", None), status("users", "COMPLETE")]
    run = sync_into(lms, [Stream("users", sync_mode="overwrite")], sent)
    assert (run.error, len(run.states), lms.writes) == (None, 1, writes)
    assert len(lms.rows("users")) == 1


def test_a_clear_tries_no_kept_reject_again(lms: MemoryLms, tmp_path: Path) -> None:
    storage = {"object_storage_config": {"storage_type": "LOCAL", "path": str(tmp_path)}}
    bad = Stream("users", [a_user(active="perhaps")], source_mode="incremental")
    assert sync_into(lms, [bad], **storage).total("rejected") == 1
    clear = Stream("users", sync_mode="overwrite", source_mode="incremental")
    run = sync_into(lms, [clear], [state("users", None), status("users", "COMPLETE")], **storage)
    assert (run.error, len(run.states), lms.writes) == (None, 1, 0)


def test_a_stream_under_overwrite_is_refused_at_its_first_record(lms: MemoryLms) -> None:
    run = sync_into(lms, [Stream("users", sync_mode="overwrite")], [record("users", a_user())])
    assert "'overwrite' would delete" in config_sentence(run)
    assert lms.writes == 0


# The key that the user chose


def activated(record: dict[str, Any], *key: str) -> list[Stream]:
    return [Stream("people", [record], object_name="users", primary_key=key)]


def test_the_chosen_key_alone_finds_the_object(lms: MemoryLms) -> None:
    lms.add("users", email=ADA, stamps={"airbyte": "u-1"})
    run = sync_into(lms, activated(a_user(external_reference="u-1", first_name="Ada"), "email"))
    assert run.total("updated") == 1
    renamed = a_user("new@example.com", external_reference="u-1")
    run = sync_into(lms, activated(renamed, "email"))
    assert (run.total("rejected"), run.total("created"), len(lms.rows("users"))) == (1, 0, 1)
    assert sync_into(lms, activated(renamed, "external_reference")).total("updated") == 1


def test_keys_that_lead_to_two_objects_are_a_conflict(lms: MemoryLms, tmp_path: Path) -> None:
    lms.add("users", email=ADA)
    lms.add("users", email="bob@example.com", stamps={"airbyte": "u-2"})
    storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
    run = sync_into(lms, activated(a_user(external_reference="u-2"), "email"), object_storage_config=storage)
    (reject,) = [json.loads(line) for line in (tmp_path / "rejects-people.jsonl").read_text().splitlines()]
    assert (reject["code"], len(reject["candidates"]), run.total("updated")) == ("REMOTE.CONFLICT", 2, 0)


def test_a_key_that_the_object_does_not_have_is_refused_before_the_first_write(lms: MemoryLms) -> None:
    sentence = config_sentence(sync_into(lms, activated(a_user(), "first_name")))
    assert all(name in sentence for name in ("first_name", "email", "external_reference"))
    assert lms.writes == 0


def test_the_chosen_key_may_be_the_column_that_is_mapped_to_it(lms: MemoryLms) -> None:
    mapping = [{"stream": "people", "fields": [{"target": "email", "source": "mail"}]}]
    stream = Stream("people", [{"mail": "ada@example.com"}], object_name="users", primary_key=("mail",))
    assert sync_into(lms, [stream], stream_mappings=mapping).total("created") == 1
