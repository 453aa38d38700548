"""The two domains that every organization here has, with their signup fields."""

from __future__ import annotations

from lms_shared.dev.sandbox.skilljar.store import Row, Store

ACADEMY = "academy.example.com"
PARTNERS = "partners.example.com"


def add_domains(store: Store) -> None:
    """A public and a private domain."""
    _add_domain(store, ACADEMY, "Example Academy", "PUBLIC")
    _add_domain(store, PARTNERS, "Partner Training", "PRIVATE_CODE")


def _add_domain(store: Store, name: str, title: str, access: str) -> None:
    store.add(
        "domains",
        name=name,
        catalog_title=title,
        access=access,
        private=access != "PUBLIC",
        access_code_message_html="<p>Ask your account manager for a code.</p>" if access != "PUBLIC" else "",
        marketing_message=None,
    )
    _add_field(store, name, "Employee ID", "TEXT", 1, [])
    _add_field(store, name, "Department", "PICKLIST", 2, ["Engineering", "Sales", "Customer Success"])


def _add_field(store: Store, domain_name: str, label: str, kind: str, order: int, options: list[str]) -> Row:
    return store.add(
        "signup_fields",
        domain_name=domain_name,
        type=kind,
        label=label,
        help_text=None,
        regex_validator=None,
        regex_validator_error_text=None,
        required=False,
        active=True,
        order=order,
        options=[{"id": store.new_id(), "value": value} for value in options],
    )
