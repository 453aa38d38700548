"""Learners, their memberships and signup values, groups and access codes."""

from __future__ import annotations

from itertools import islice

from lms_shared.dev.sandbox.skilljar.rules.groups import set_email_domains
from lms_shared.dev.sandbox.skilljar.seed.domains import ACADEMY, PARTNERS
from lms_shared.dev.sandbox.skilljar.seed.ground import Ground
from lms_shared.dev.sandbox.skilljar.store import Row

_FIRST_NAMES = (
    "Anna",
    "Zoë",
    "Łukasz",
    "Siobhán",
    "Chidi",
    "李",
    "María José",
    "Ahmed",
    "Jürgen",
    "Priya",
    "Олена",
    "Noor",
)
_LAST_NAMES = (
    "O'Brien",
    "García-López",
    "Nowak",
    "van den Berg",
    "伟",
    "Müller",
    "Okafor",
    "Shah",
    "Коваль",
    "Smith",
    "Đặng",
)
_DEPARTMENTS = ("Engineering", "Sales", "Customer Success")


def add_access_codes(ground: Ground) -> None:
    """Two pools of codes for the private domain, one for the public one."""
    store = ground.store
    for domain_name, name, number in (
        (PARTNERS, "Resellers 2026", 5),
        (PARTNERS, "Old codes", 2),
        (ACADEMY, "Fair", 3),
    ):
        pool = store.add(
            "access_code_pools",
            domain_name=domain_name,
            name=name,
            active=name != "Old codes",
            start_date=ground.moment(400),
            end_date=ground.moment(100) if name == "Old codes" else None,
        )
        for index in range(number):
            store.add(
                "access_codes",
                domain_name=domain_name,
                access_code_pool_id=pool["id"],
                code=f"{name[:3].upper()}-{index:03}",
                max_uses=100,
                duration=12 if index % 2 else None,
                duration_unit="MONTHS" if index % 2 else None,
            )


def add_users(ground: Ground, number: int) -> None:
    """Learners of both domains; every fifth belongs to both, every seventh was never active."""
    store, chance = ground.store, ground.chance
    for index in range(number):
        first, last = chance.choice(_FIRST_NAMES), chance.choice(_LAST_NAMES)
        user = store.add(
            "users",
            email=f"learner{index:05}@{'partner.example.org' if index % 3 == 0 else 'example.com'}",
            first_name=first if index % 11 else "",
            last_name=last,
            signed_up_at=ground.moment(300, 300),
            latest_activity=None if index % 7 == 0 else ground.moment(0, 200),
            inactive_at=ground.moment(5, 20) if index % 19 == 18 else None,
        )
        ground.users.append(user)
        if index % 3 != 0 or index % 5 == 0:
            _join(ground, user, ACADEMY, index)
        if index % 3 == 0 or index % 5 == 0:
            _join(ground, user, PARTNERS, index)


def _join(ground: Ground, user: Row, domain_name: str, index: int) -> None:
    store = ground.store
    codes = [code for code in store["access_codes"] if code["domain_name"] == domain_name]
    code = codes[index % len(codes)] if domain_name == PARTNERS and index % 2 == 0 else None
    if code is not None:
        store["access_codes"].update(code, {"use_count": code["use_count"] + 1})
    store.add(
        "domain_users",
        domain_name=domain_name,
        user_id=user["id"],
        active=index % 13 != 12,
        marketing_optin=(None, True, False)[index % 3],
        enrolled_at=ground.moment(200, 100),
        expires_at=ground.moment(-300) if index % 4 == 0 else None,
        access_code_id=code["id"] if code else None,
    )
    for field in islice(store["signup_fields"].where("domain_name", domain_name), 1 + index % 2):
        value = f"E-{10000 + index}" if field["type"] == "TEXT" else ground.chance.choice(_DEPARTMENTS)
        store.add(
            "signup_values", domain_name=domain_name, user_id=user["id"], signup_field_id=field["id"], value=value
        )
    if index % 6 == 0:
        _add_invite(ground, user, domain_name, used=index % 12 == 0)


def _add_invite(ground: Ground, user: Row, domain_name: str, used: bool) -> None:
    token = ground.store.new_id()
    ground.store.add(
        "invites",
        domain_name=domain_name,
        user_id=user["id"],
        token=token,
        invite_url=f"https://{domain_name}/accept-invite/{token}",
        sent_at=ground.moment(150),
        used_at=ground.moment(140) if used else None,
    )


def add_groups(ground: Ground) -> None:
    """Groups with members, categories, mail rules, a signup rule and a pool of codes."""
    store = ground.store
    categories = [store.add("group_categories", name=name) for name in ("Region", "Customer tier")]
    options = [(option, field) for field in store["signup_fields"] for option in field["options"]]
    for index, name in enumerate(("EMEA", "Américas", "アジア", "Gold", "Onboarding 2026")):
        option, field = options[index % len(options)]
        rule = {
            "enforce": False,
            "require_match_all": True,
            "options": [{**option, "domain_name": field["domain_name"]}],
        }
        group = store.add(
            "groups",
            name=name,
            discount_percent=20 if name == "Gold" else None,
            group_category_id=categories[index % 2]["id"] if index < 4 else None,
            sign_up_field_rule=rule if index % 2 else None,
        )
        set_email_domains(store, group["id"], add=["partner.example.org"] if index == 0 else [], remove=[])
        ground.groups.append(group)
        for user in ground.some(ground.users, 12) if ground.users else []:
            store.add("group_users", group_id=group["id"], user_id=user["id"], created_at=ground.moment(50, 50))
    for group, pool in zip(ground.groups, store["access_code_pools"], strict=False):
        store.add("group_pools", group_id=group["id"], access_code_pool_id=pool["id"], created_at=ground.moment(20, 20))
