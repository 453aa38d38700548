"""Offers, purchases, promo codes, access codes, training credits and licenses."""

from __future__ import annotations

from typing import Any

from lms_shared.dev.sandbox.skilljar.errors import bad_request
from lms_shared.dev.sandbox.skilljar.options import Nesting
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.rules.users import get_or_create_user
from lms_shared.dev.sandbox.skilljar.store import Row, Store

_CREDIT_LISTS = {"student_groups": "groups", "offers": "offers"}


def money(cents: int | None, currency: str | None) -> Row | None:
    """The nested form of a price: a text with two decimals, and the currency."""
    return None if cents is None else {"amount": f"{cents / 100:.2f}", "currency_code": currency}


def _price(_: Store, offer: Row) -> Row | None:
    return money(offer["price_cents"], offer["currency_code"])


def _registration_url(store: Store, offer: Row) -> str:
    return f"https://{offer['domain_name']}/checkout/{offer['id']}"


def _check_offer(_: Call, offer: Row, changes: Row) -> None:
    if offer["offer_type"] != "published_course" or offer.get("linked_to_plan"):
        raise bad_request(non_field_errors="Only the price of a single course can be changed.")


def _fulfill(call: Call) -> Row:
    purchase = call.store["purchases"].rows[call.scope["purchase_id"]]
    if "state" not in call.body:
        raise bad_request(state="This field is required.")
    changes = dict(call.body)
    changes["status_msg"] = changes.pop("error_msg", None)
    call.store["purchases"].update(purchase, changes)
    return {"redirect_url": f"https://checkout.example.com/{purchase['id']}", "purchase": purchase}


def _check_pool(_: Call, row: Row) -> None:
    field = "price_cents" if row["discount_type"] == "PRICE_OVERRIDE" else "percent_off"
    if row.get(field) is None:
        raise bad_request(**{field: "This field is required for this type of discount."})


def _attach_offers(call: Call) -> Any:
    store, pool_id = call.store, call.scope["promo_code_pool_id"]
    wanted = call.body if isinstance(call.body, list) else [call.body]
    if len(wanted) > 500:
        raise bad_request(non_field_errors="No more than 500 offers.")
    unknown = [entry["id"] for entry in wanted if store["offers"].get(entry["id"]) is None]
    if unknown:
        raise bad_request(id=[f'Invalid pk "{offer_id}" - object does not exist.' for offer_id in unknown])
    for entry in wanted:
        key = {"promo_code_pool_id": pool_id, "offer_id": entry["id"]}
        if store["promo_pool_offers"].find(**key) is None:
            store.add("promo_pool_offers", **key)
    return {"offers": [store["offers"].rows[entry["id"]] for entry in wanted]}


def _pool_offer_shape(store: Store, shown: dict[str, Any]) -> Any:
    return shown if store.options.promo_pool_offers is Nesting.NESTED else shown["offers"][0]


def _create_credit_code(call: Call, row: Row) -> None:
    for flag, name in (("available_to_all_students", "student_groups"), ("available_for_all_offers", "offers")):
        ids = row.setdefault(name, [])
        row.setdefault(flag, not ids)
        if not row[flag] and not ids:
            raise bad_request(**{name: f"Needed when {flag} is false."})
        _check_ids(call.store, name, ids)


def _update_credit_code(call: Call, code: Row, changes: Row) -> None:
    for name in _CREDIT_LISTS:
        if name in changes:
            lists = changes[name]
            _check_ids(call.store, name, lists.get("add", []))
            present = dict.fromkeys([*code[name], *lists.get("add", [])])
            changes[name] = [row_id for row_id in present if row_id not in lists.get("remove", [])]


def _check_ids(store: Store, name: str, ids: list[str]) -> None:
    unknown = [row_id for row_id in ids if store[_CREDIT_LISTS[name]].get(row_id) is None]
    if unknown:
        raise bad_request(**{name: [f'Invalid pk "{row_id}" - object does not exist.' for row_id in unknown]})


def _create_license(call: Call, row: Row) -> None:
    if call.store["domains"].get(row["domain_id"]) is None:
        raise bad_request(domain_id="There is no such domain.")
    row["offer_ids"] = row.pop("offers", [])
    _check_ids(call.store, "offers", row["offer_ids"])
    row.setdefault("start_date", call.store.now())


def _update_license(call: Call, _: Row, changes: Row) -> None:
    if "offers" in changes:
        _check_ids(call.store, "offers", changes["offers"])
        changes["offer_ids"] = changes.pop("offers")


def _seats_remaining(store: Store, package: Row) -> int:
    seats = store["license_seats"].where("license_package_id", package["id"])
    licenses: int = package["license_count"]
    return licenses - sum(bool(seat["active"]) for seat in seats)


def _give_seat(call: Call, row: Row) -> None:
    package = call.store["license_packages"].rows[row["license_package_id"]]
    if _seats_remaining(call.store, package) <= 0:
        raise bad_request(non_field_errors="All licenses are in use.")
    student = row.pop("student", None)
    if student is not None:
        if "id" in student or "email" not in student:
            raise bad_request(student="Either an id or an e-mail address is needed.")
        row["student_id"] = get_or_create_user(call.store, student["email"])["id"]
    row["enrolled_at"] = call.store.now()


def _purchase_field(name: str) -> Any:
    return lambda _, purchase: purchase.get(name)


RULES = Rulebook(
    before_create={
        "promo_code_pools": _check_pool,
        "training_credit_codes": _create_credit_code,
        "license_packages": _create_license,
        "license_seats": _give_seat,
    },
    before_update={
        "offers": _check_offer,
        "training_credit_codes": _update_credit_code,
        "license_packages": _update_license,
    },
    actions={"fulfill_purchase": _fulfill, "attach_offers": _attach_offers},
    computed={
        ("AccessCodePool", "code_count"): lambda store, row: len(
            store["access_codes"].ids_where("access_code_pool_id", row["id"])
        ),
        ("AccessCode", "users"): lambda store, row: [
            store["users"].rows[member["user_id"]]
            for member in store["domain_users"].where("access_code_id", row["id"])
        ],
        ("OfferSummary", "price"): _price,
        ("OfferSummary", "registration_open"): lambda _, row: row["active"],
        ("OfferSummary", "registration_url"): _registration_url,
        ("EnrollmentPurchase", "purchase_id"): lambda _, row: row["id"],
        ("EnrollmentPurchase", "purchase_state"): _purchase_field("state"),
        ("EnrollmentPurchase", "purchase_price"): _price,
        ("EnrollmentPurchase", "offer_price"): lambda _, row: money(row.get("offer_price_cents"), row["currency_code"]),
        ("LicensePackage", "license_seats_remaining"): _seats_remaining,
        ("PromoCodePoolOffers", "offers"): lambda store, row: (
            row.get("offers") or [store["offers"].rows[row["offer_id"]]]
        ),
    },
    shapes={"PromoCodePoolOffers": _pool_offer_shape},
)
