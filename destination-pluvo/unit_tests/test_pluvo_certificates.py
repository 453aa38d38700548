"""Certificates that are issued with completions: each once, whatever Pluvo calls the item that comes with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluvo import DEMO_CERTIFICATE_ID, CertificateTitle
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_completion, a_course, a_user

Open = Callable[..., PluvoOrganization]
HOW: dict[str, Any] = {"certificate_id": DEMO_CERTIFICATE_ID}
GENERATE = """mutation($id: UUID!, $users: [UUID!]!, $title: String, $moment: DateTime) {
  generateCertificate(id: $id, userIds: $users, title: $title, issueDate: $moment) { bulkGenerate { failedIds } }
}"""
whatever_its_title = pytest.mark.parametrize("title", list(CertificateTitle))


@pytest.mark.parametrize("result", ["Pass", None, "Fail"])
def test_a_certificate_is_issued_once_with_what_is_not_failed(
    organization: PluvoOrganization, result: str | None
) -> None:
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course())
    for _ in range(2):
        organization.write("completions", a_completion(result=result), **HOW)
    assert len(organization.held("issued_certificates")) == (0 if result == "Fail" else 1)


def test_a_template_that_may_be_mailed_is_warned_of(organization: PluvoOrganization) -> None:
    run = organization.try_to_write("users", a_user(name="Ada"), certificate_id=DEMO_CERTIFICATE_ID)
    assert run.error is None
    assert any("may mail each certificate" in line for line in run.log)


def test_a_certificate_follows_when_a_failed_completion_is_passed(organization: PluvoOrganization) -> None:
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course())
    organization.write("completions", a_completion("2026-02-01T08:00:00Z", "Fail"), **HOW)
    organization.write("completions", a_completion(), **HOW)
    assert organization.only("issued_certificates")["issue_date"] == "2026-03-01T08:00:00Z"


@pytest.mark.sweep(kept=10)
@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE])
@pytest.mark.parametrize("skip", range(8))
@whatever_its_title
def test_a_lost_answer_never_issues_a_certificate_twice(
    open_organization: Open, title: CertificateTitle, skip: int, kind: FaultKind
) -> None:
    organization = open_organization(certificate_title=title)
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course())
    rule = FaultRule(kind, path="/graphql/", times=1, skip=skip)
    organization.server.faults = FaultPlan([rule])
    organization.write("completions", a_completion(), **HOW)
    assert len(organization.held("issued_certificates")) == 1
    assert len(organization.held("portfolio_items")) == 2


@whatever_its_title
def test_each_of_several_completions_of_a_day_gets_its_certificate(
    open_organization: Open, title: CertificateTitle
) -> None:
    organization = open_organization(certificate_title=title)
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course(), a_course("c-2", "Writing Python"))
    for _ in range(2):
        organization.write("completions", a_completion(), a_completion(course="c-2"), **HOW)
    assert len(organization.held("issued_certificates")) == 2


@pytest.mark.parametrize("title", [CertificateTitle.GIVEN, CertificateTitle.TEMPLATE])
def test_a_certificate_of_a_sync_that_was_killed_before_its_completion_is_not_issued_again(
    open_organization: Open, title: CertificateTitle
) -> None:
    organization = open_organization(certificate_title=title)
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course(), a_course("c-2", "Writing Python"))
    organization.write("completions", a_completion(course="c-2"), **HOW)
    (user,) = organization.rows("users")
    organization.admin(
        GENERATE,
        id=DEMO_CERTIFICATE_ID,
        users=[user["id"]],
        title="Reading Python",
        moment="2026-03-01T08:00:00Z",
    )
    organization.write("completions", a_completion(), **HOW)
    assert len(organization.held("issued_certificates")) == 2
