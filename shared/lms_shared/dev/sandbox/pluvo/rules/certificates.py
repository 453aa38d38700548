"""Certificate templates and their issue (certificate page)."""

from __future__ import annotations

from typing import Any

from lms_shared.dev.sandbox.pluvo.options import CertificateTitle
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.paging import connection
from lms_shared.dev.sandbox.pluvo.records import IssuedCertificate, PortfolioItem
from lms_shared.dev.sandbox.pluvo.rules.signatures import Arguments, FieldRule, RootRule
from lms_shared.dev.sandbox.pluvo.selecting import bulk_action, require_one


def _certificates(organization: Organization, arguments: Arguments) -> Any:
    return connection(organization, "certificates", arguments, lambda: list(organization.certificates))


def _generate(organization: Organization, arguments: Arguments) -> Any:
    template = require_one(organization.certificates, {"id": arguments["id"]})
    training_id = arguments.get("trainingId")
    if training_id is not None:
        require_one(organization.trainings, {"id": training_id})
    now = organization.now()
    moment = arguments.get("issueDate") or now
    title = {
        CertificateTitle.GIVEN: arguments.get("title") or template.title,
        CertificateTitle.TEMPLATE: template.title,
        CertificateTitle.PREFIXED: f"Certificate: {arguments.get('title') or template.title}",
    }[organization.options.certificate_title]
    ids = list(dict.fromkeys(arguments["userIds"]))
    known = [user_id for user_id in ids if user_id in organization.users]
    for user_id in known:
        item = PortfolioItem(organization.new_id(), user_id, title, moment, now, now)
        organization.save(organization.portfolio, item)
        issued = IssuedCertificate(organization.new_id(), template.id, user_id, item.id, moment, training_id)
        organization.save(organization.issued, issued)
        # Participants are told by mail (help pages), and no argument turns that off.
        if organization.options.certificates_mailed:
            organization.send("certificate", organization.users[user_id], title)
    return {"bulkGenerate": bulk_action(known, [user_id for user_id in ids if user_id not in organization.users])}


ROOT_RULES: dict[str, RootRule] = {"certificates": _certificates, "generateCertificate": _generate}
FIELD_RULES: dict[str, FieldRule] = {}
