"""The operation documents: valid against the reference schema, alone and combined."""

from __future__ import annotations

import pytest
from graphql import build_schema, parse, validate

from destination_pluvo.graphql_operations import Behavior, combined, variables_at
from destination_pluvo.operation_files import load
from destination_pluvo.operations import OPERATIONS
from lms_shared.dev.sandbox.pluvo.schema_building import SchemaShape, build_pluvo_schema

SCHEMA = build_pluvo_schema(SchemaShape())
MAIL_SWITCHES = {
    "UpdateOrCreateUser": "sendInvite",
    "AddUsersToTraining": "sendInvites",
    "UpdateOfferEvent": "sendNotification",
    "CreateOfferEventEnrollments": "sendMail",
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_valid(name: str) -> None:
    assert OPERATIONS[name].missing_in(SCHEMA) == []


@pytest.mark.parametrize("kind", ["query", "mutation"])
def test_all_operations_of_a_kind_are_valid_in_one_document(kind: str) -> None:
    some = [one for one in OPERATIONS.values() if one.kind == kind]
    assert len(some) > 15
    assert validate(SCHEMA, parse(combined([*some, *some]))) == []


def test_what_a_schema_lacks_is_named() -> None:
    poor = build_schema("type Query { user(id: ID): User } type User { id: ID }")
    missing = OPERATIONS["User"].missing_in(poor)
    assert any("ref" in message for message in missing)
    assert any("UUID" in message for message in missing)


def test_variables_get_the_place_of_their_operation() -> None:
    text = combined([OPERATIONS["User"], OPERATIONS["User"]])
    assert "$ref_0: String" in text
    assert "a1: user(id: $id_1, ref: $ref_1, email: $email_1)" in text
    assert variables_at(1, {"ref": "u-1"}) == {"ref_1": "u-1"}


@pytest.mark.parametrize("name", MAIL_SWITCHES)
def test_whether_a_mail_is_sent_is_always_said(name: str) -> None:
    assert OPERATIONS[name].variables[MAIL_SWITCHES[name]] == "Boolean!"


def test_every_mutation_with_a_switch_for_mails_is_known() -> None:
    mutation = SCHEMA.mutation_type
    assert mutation is not None
    switched = {
        name for name, field in mutation.fields.items() if any(one.lower().startswith("send") for one in field.args)
    }
    used = {one.field.partition(": ")[2].partition("(")[0] for one in OPERATIONS.values() if one.kind == "mutation"}
    expected = {name[0].lower() + name[1:] for name in MAIL_SWITCHES}
    assert used & switched == expected


def test_the_behavior_of_an_operation_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError, match="Nothing"):
        load({"Nothing": Behavior()})
