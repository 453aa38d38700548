"""Mode `mirror` of content: what this connection keeps is known by a mark in the object; nothing else is archived."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from destination_pluvo.content.embedded import SetMark, marks_in, with_marks, without_marks
from lms_shared.dev.sandbox.kept_texts import KeptTexts
from lms_shared.dev.sandbox.pluvo.options import OfferRef
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.syncs import Run, Stream

from .conftest import Open

BRAKE_OFF = {"max_deactivated": 100, "max_deactivated_share": 1}
TABLE = {"training": "trainings", "offer": "offers"}
TEXT = {"training": "introduction", "offer": "description"}
WORDS = "<p>About it.</p>"


def course(number: int | str, **fields: Any) -> dict[str, Any]:
    return {
        "external_reference": f"c-{number}",
        "title": f"Course {number}",
        "description": WORDS,
        "content_url": f"https://content.example/{number}",
        **fields,
    }


def mirror(organization: PluvoOrganization, streams: dict[str, list[dict[str, Any]]], **config: Any) -> Run:
    mappings = [{"stream": name, "object": "content", "mode": "mirror"} for name in streams]
    sent = [Stream(name, records, "append_dedup") for name, records in streams.items()]
    run = organization.sync(sent, **{"stream_mappings": mappings, "mirror": BRAKE_OFF, **config})
    assert run.error is None, run.error
    assert run.total("rejected") == 0, run.rejects
    return run


def archived(organization: PluvoOrganization, kind: str = "training") -> list[str]:
    return sorted(row["title"] for row in organization.held(TABLE[kind]) if row["archived"])


@pytest.fixture(params=["training", "offer"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_what_the_source_no_longer_has_is_archived_once(organization: PluvoOrganization, kind: str) -> None:
    mirror(organization, {"catalog": [course(n) for n in range(4)]}, content_object=kind)
    left = {"catalog": [course(n) for n in range(3)]}
    assert mirror(organization, left, content_object=kind).total("deactivated") == 1
    assert archived(organization, kind) == ["Course 3"]
    writes = organization.writes
    assert mirror(organization, left, content_object=kind).total("unchanged") == 3
    assert organization.writes == writes


def test_what_comes_back_is_restored_and_made_no_second_time(organization: PluvoOrganization, kind: str) -> None:
    everything = {"catalog": [course(n) for n in range(3)]}
    mirror(organization, everything, content_object=kind)
    mirror(organization, {"catalog": [course(0)]}, content_object=kind)
    mirror(organization, everything, content_object=kind)
    assert (archived(organization, kind), len(organization.held(TABLE[kind]))) == ([], 3)


def test_what_an_admin_archived_is_not_restored_by_records_that_do_not_say_so(
    organization: PluvoOrganization,
) -> None:
    everything = {"catalog": [course(n) for n in range(3)]}
    mirror(organization, everything)
    (row,) = (one for one in organization.rows("trainings") if one["title"] == "Course 2")
    archive = "mutation($id: UUID!) { updateTraining(id: $id, training: {archived: true}) { training { id } } }"
    organization.admin(archive, id=row["id"])
    assert mirror(organization, everything).total("unchanged") == 3
    assert archived(organization) == ["Course 2"]


def test_the_mark_is_written_once_and_counts_as_an_update(organization: PluvoOrganization, kind: str) -> None:
    organization.write("content", course(1), content_object=kind)
    assert mirror(organization, {"catalog": [course(1)]}, content_object=kind).total("updated") == 1
    (row,) = organization.rows(TABLE[kind])
    assert marks_in(row[TEXT[kind]]) == [SetMark("airbyte", "catalog", row["id"], "c-1")]
    assert without_marks(row[TEXT[kind]]).startswith(WORDS)
    writes = organization.writes
    assert mirror(organization, {"catalog": [course(1)]}, content_object=kind).total("unchanged") == 1
    assert organization.write("content", course(1), content_object=kind).total("unchanged") == 1
    assert organization.writes == writes


def test_a_change_of_the_text_keeps_the_mark(organization: PluvoOrganization, kind: str) -> None:
    mirror(organization, {"catalog": [course(1), course(2)]}, content_object=kind)
    changed = course(1, description="<p>Other words.</p>", content_url="https://content.example/other")
    assert mirror(organization, {"catalog": [changed, course(2)]}, content_object=kind).total("updated") == 1
    assert mirror(organization, {"catalog": [course(2)]}, content_object=kind).total("deactivated") == 1
    assert archived(organization, kind) == ["Course 1"]


def test_content_without_description_and_link_is_marked_too(organization: PluvoOrganization, kind: str) -> None:
    bare = [{"external_reference": f"c-{n}", "title": f"Course {n}"} for n in range(2)]
    mirror(organization, {"catalog": bare}, content_object=kind)
    assert mirror(organization, {"catalog": bare[:1]}, content_object=kind).total("deactivated") == 1


def test_references_that_look_made_up_are_told_by_the_mark(organization: PluvoOrganization, kind: str) -> None:
    courses = [course(n, external_reference=str(uuid4())) for n in range(3)]
    mirror(organization, {"catalog": courses}, content_object=kind)
    assert mirror(organization, {"catalog": courses[:2]}, content_object=kind).total("deactivated") == 1
    assert archived(organization, kind) == ["Course 2"]


def test_two_streams_keep_their_own_and_share_what_both_have(organization: PluvoOrganization, kind: str) -> None:
    first = {"courses": [course(1), course(2), course(3)], "paths": [course(3), course(4), course(5)]}
    mirror(organization, first, content_object=kind)
    second = {"courses": [course(1)], "paths": [course(3), course(4)]}
    mirror(organization, second, content_object=kind)
    assert archived(organization, kind) == ["Course 2", "Course 5"]
    writes = organization.writes
    mirror(organization, second, content_object=kind)
    assert organization.writes == writes


def test_content_of_a_stream_that_is_not_in_the_sync_is_never_touched(
    organization: PluvoOrganization, kind: str
) -> None:
    mirror(organization, {"courses": [course(1)], "paths": [course(2)]}, content_object=kind)
    run = mirror(organization, {"paths": [course(3)]}, content_object=kind)
    assert archived(organization, kind) == ["Course 2"]
    assert any("1 own content of other streams" in line for line in run.log)


def test_another_connection_keeps_its_own(organization: PluvoOrganization, kind: str) -> None:
    mirror(organization, {"catalog": [course(1)]}, content_object=kind, namespace="other")
    mirror(organization, {"catalog": [course(2), course(3)]}, content_object=kind)
    mirror(organization, {"catalog": [course(2)]}, content_object=kind)
    assert archived(organization, kind) == ["Course 3"]


@pytest.mark.parametrize("ref", [None, "hr-7"])
def test_a_copy_that_an_admin_makes_is_nobodys(organization: PluvoOrganization, ref: str | None) -> None:
    mirror(organization, {"catalog": [course(1), course(2)]})
    original = next(row for row in organization.rows("trainings") if row["title"] == "Course 2")
    given = {} if ref is None else {"ref": ref}
    organization.add_training("Course 2, for Sales", introduction=original["introduction"], **given)
    mirror(organization, {"catalog": [course(1)]})
    assert archived(organization) == ["Course 2"]


def test_a_training_that_an_admin_made_is_left_alone(organization: PluvoOrganization) -> None:
    organization.add_training("An admin's", ref="c-9")
    organization.add_training("Another one")
    mirror(organization, {"catalog": [course(1)]})
    mirror(organization, {"catalog": [course(2)]})
    assert archived(organization) == ["Course 1"]


def test_what_was_adopted_is_own_from_then_on(organization: PluvoOrganization) -> None:
    organization.add_training("Course 1")
    mirror(organization, {"catalog": [course(1), course(2)]})
    mirror(organization, {"catalog": [course(2)]})
    assert archived(organization) == ["Course 1"]


@pytest.mark.parametrize("ref", [OfferRef.NEVER_TAKEN, OfferRef.NEVER_KEPT])
def test_offers_whose_event_alone_has_the_reference_are_mirrored(open_organization: Open, ref: OfferRef) -> None:
    organization = open_organization(offer_ref=ref)
    mirror(organization, {"catalog": [course(1), course(2)]}, content_object="offer")
    mirror(organization, {"catalog": [course(1)]}, content_object="offer")
    assert archived(organization, "offer") == ["Course 2"]


def test_many_trainings_are_read_in_few_documents(organization: PluvoOrganization) -> None:
    mirror(organization, {"catalog": [course(n) for n in range(60)]})
    before = organization.documents("training")
    assert mirror(organization, {"catalog": [course(n) for n in range(59)]}).total("deactivated") == 1
    # As many to match the records, as many to find the marks, and one to archive.
    assert organization.documents("training") - before <= 20


@pytest.mark.parametrize("kept", [KeptTexts.TIDIED, KeptTexts.CLEANED])
def test_markup_that_is_written_down_anew_keeps_the_mark(open_organization: Open, kept: KeptTexts) -> None:
    organization = open_organization(kept_texts=kept)
    mirror(organization, {"catalog": [course(1), course(2)]})
    mirror(organization, {"catalog": [course(1)]})
    assert archived(organization) == ["Course 2"]


def test_where_the_mark_is_not_kept_mirror_is_refused(
    organization: PluvoOrganization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("destination_pluvo.content.content.with_marks", lambda text, marks: text or "")
    mappings = [{"stream": "catalog", "object": "content", "mode": "mirror"}]
    run = organization.sync([Stream("catalog", [course(1)], "append_dedup")], stream_mappings=mappings)
    assert isinstance(run.error, AirbyteTracedException)
    assert run.error.failure_type is FailureType.config_error
    assert "mirror" in str(run.error.message)


MARK = SetMark("air:byte", 'a "stream" / 1', "11111111-2222-4333-8444-555555555555", "c:1 & <2>")


class TestMarks:
    """The text of a mark."""

    def test_a_mark_says_who_closed_the_object(self) -> None:
        closed = replace(MARK, closed=True)
        assert marks_in(with_marks(WORDS, [closed, MARK])) == [closed, MARK]

    @pytest.mark.parametrize("text", [None, "", WORDS, "plain words"])
    def test_a_text_with_marks_shows_the_same_without_them(self, text: str | None) -> None:
        marked = with_marks(text, [MARK, SetMark("b", "s", "i", "")])
        assert marks_in(marked) == [MARK, SetMark("b", "s", "i", "")]
        assert without_marks(marked) == (text or "")
        assert with_marks(marked, marks_in(marked)) == marked

    @pytest.mark.parametrize("filling", ["<br>", "<br />", "&nbsp;", "\xa0", " "])
    def test_what_editors_put_into_empty_paragraphs_is_not_seen(self, filling: str) -> None:
        marked = with_marks(WORDS, [MARK]).replace("></p>", f">{filling}</p>")
        assert (marks_in(marked), without_marks(marked)) == ([MARK], WORDS)

    def test_words_that_an_admin_writes_into_the_marked_paragraph_stay(self) -> None:
        marked = with_marks(WORDS, [MARK]).replace('"></p>', '">Read this first.</p>')
        assert marks_in(marked) == [MARK]
        assert without_marks(marked) == f"{WORDS}\n<p>Read this first.</p>"

    @pytest.mark.parametrize("title", ["set:a:b", "set:", "a set:b:c:d:e", "unset:a:b:c:d"])
    def test_other_titles_are_no_marks(self, title: str) -> None:
        assert marks_in(f'<p title="{title}"></p>') == []
