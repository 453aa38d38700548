"""The form: what Airbyte's registry asks of a connection specification beyond its own tests, and discover."""

from __future__ import annotations

from pathlib import Path

from destination_pluvo.destination import DestinationPluvo
from lms_shared.dev.testing.forms import FormSuite


class TestForm(FormSuite):
    destination = DestinationPluvo
    folder = Path(__file__).parents[1]
    required = ("organization", "client_id", "client_secret")
    shown = ("organization", "client_id", "client_secret", "content_provider", "dry_run", "object_storage_config")
    secrets = (".client_secret",)


def test_a_config_with_an_address_needs_no_organization_though_the_form_asks_for_one() -> None:
    settings = DestinationPluvo().settings({"client_id": "a", "client_secret": "b", "base_url": "https://lms.example"})
    assert settings.address == "https://lms.example"


def test_discover_shows_each_object_with_what_it_can_do() -> None:
    config = {"organization": "acme", "client_id": "a", "client_secret": "b"}
    found = DestinationPluvo().discover(config)["operations"]
    modes = {(one["object_name"], one["sync_mode"]) for one in found}
    assert ("groups", "soft_delete") not in modes
    assert ("certificates", "update") not in modes
    objects = {one["object_name"] for one in found}
    assert objects == {
        "users",
        "groups",
        "group_members",
        "content",
        "assignments",
        "completions",
        "group_managers",
        "trainings",
        "training_participants",
        "collection_items",
        "training_trainers",
        "offers",
        "offer_events",
        "enrollments",
        "extra_categories",
        "extra_category_values",
        "portfolio_items",
        "certificates",
    }
    users = next(one for one in found if one["object_name"] == "users")
    assert users["matching_keys"] == [["external_reference"], ["id"], ["email"]]
