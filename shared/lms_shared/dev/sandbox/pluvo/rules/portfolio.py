"""Portfolio items and the report (older portfolio page, recipes)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from lms_shared.dev.sandbox.pluvo.errors import ApiError
from lms_shared.dev.sandbox.pluvo.inputs import attributes
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.paging import connection
from lms_shared.dev.sandbox.pluvo.records import PortfolioItem, ReportLine
from lms_shared.dev.sandbox.pluvo.rules.signatures import Arguments, FieldRule, RootRule
from lms_shared.dev.sandbox.pluvo.selecting import look_up, require_one

FILE_STORE = "https://files.pluvo.co/"
_SECONDS_A_DAY = 86_400


def _item(organization: Organization, arguments: Arguments) -> PortfolioItem | None:
    return look_up(organization, organization.portfolio, {"id": arguments["id"]})


def _items(organization: Organization, arguments: Arguments) -> list[PortfolioItem]:
    user_id = arguments.get("userId")
    items = organization.portfolio
    return list(items) if user_id is None else items.where("user", user_id)


def _create_item(organization: Organization, arguments: Arguments) -> Any:
    values = _values(organization, arguments, creating=True)
    require_one(organization.users, {"id": values["user_id"]})
    now = organization.now()
    item = PortfolioItem(id=organization.new_id(), created_at=now, updated_at=now, **values)
    return {"portfolioItem": organization.save(organization.portfolio, item)}


def _update_item(organization: Organization, arguments: Arguments) -> Any:
    item = require_one(organization.portfolio, {"id": arguments["id"]})
    changed = replace(item, updated_at=organization.now(), **_values(organization, arguments, creating=False))
    return {"portfolioItem": organization.save(organization.portfolio, changed)}


def _delete_item(organization: Organization, arguments: Arguments) -> Any:
    item = require_one(organization.portfolio, {"id": arguments["id"]})
    organization.portfolio.delete(item)
    if (issued := organization.issued.find("portfolio item", item.id)) is not None:
        organization.issued.delete(issued)
    organization.touch()
    return {"success": True}


def _values(organization: Organization, arguments: Arguments, *, creating: bool) -> dict[str, Any]:
    options = organization.options
    values = attributes(arguments["input"], options, creating=creating)
    if options.portfolio_dates_lose_time:
        values = {
            name: value.replace(hour=0, minute=0, second=0, microsecond=0) if isinstance(value, datetime) else value
            for name, value in values.items()
        }
    if "files" in values:
        values["files"] = values["files"] or ()
        if not options.foreign_files and any(not name.startswith(FILE_STORE) for name in values["files"]):
            raise ApiError("files must be addresses of stored files")
    return values


def _report(organization: Organization, arguments: Arguments) -> Any:
    groups, kinds = arguments.get("userGroupIds"), arguments.get("relatedObjectTypes")

    def select() -> Sequence[ReportLine]:
        lines = list(organization.report.values()) if kinds is None or "TRAINING" in kinds else []
        if groups is not None:
            users = {user_id for group_id in groups for user_id in organization.members.rights(group_id)}
            lines = [line for line in lines if line.user_id in users]
        return lines

    return connection(organization, "portfolioReport", arguments, select, lambda line: _line(organization, line))


def _line(organization: Organization, line: ReportLine) -> dict[str, Any]:
    full = organization.options.progress_full
    days, seconds = divmod(line.seconds_spent, _SECONDS_A_DAY)
    return {
        "user": organization.users[line.user_id],
        "title": organization.trainings[line.training_id].title,
        "progress": line.progress * full,
        "score": None if line.score is None else line.score * full,
        "completionDate": line.completion_date,
        "timeSpent": {"days": days, "seconds": seconds},
    }


ROOT_RULES: dict[str, RootRule] = {
    "portfolioItem": _item,
    "portfolioItems": _items,
    "portfolioReport": _report,
    "createPortfolioItem": _create_item,
    "updatePortfolioItem": _update_item,
    "deletePortfolioItem": _delete_item,
}
FIELD_RULES: dict[str, FieldRule] = {"PortfolioItem.user": lambda org, item, _: org.users[item.user_id]}
