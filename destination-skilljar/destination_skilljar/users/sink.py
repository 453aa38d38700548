"""Learners: persons of the organization and their membership of the domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from destination_skilljar import dialect
from destination_skilljar.api import Row, SkilljarApi
from destination_skilljar.settings import Settings
from destination_skilljar.users.bulk_users import BULK_FROM, bulk_create
from destination_skilljar.users.signup_field import SignupField
from lms_shared.adapter.adapter import EntitySink, References, Values
from lms_shared.adapter.list_or_ask import Listing
from lms_shared.adapter.remote import FieldRefused, Key, RecordRejected, RemoteObject, lookup_key, spellings
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.disk import SpillingDict
from lms_shared.errors import config_error
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import FieldPolicy, Kind
from lms_shared.model.normal_forms import normalise
from lms_shared.upsert.plan.plan import changes_to


class Member(NamedTuple):
    """A learner on the domain, in the fields of the declaration; as small as it gets, since there may be a million."""

    id: str
    email: str | None
    first_name: str | None
    last_name: str | None
    active: bool | None
    external_reference: str | None


class UsersSink(EntitySink):
    """Creates by get-or-create on the domain, keeps names and membership up to date."""

    linked_by_id = True

    def __init__(self, declaration: ObjectDeclaration, api: SkilljarApi, settings: Settings) -> None:
        super().__init__(declaration)
        self._api = api
        self._settings = settings
        self._members = f"domains/{settings.domain}/users"
        # New learners get an invite where mails are wanted, and that is a call for each anyway.
        self.bulk_from = None if settings.send_notifications else BULK_FROM
        self._emails: SpillingDict[str] | None = SpillingDict() if settings.v2_credentials else None
        """Addresses by id, where links need them."""
        self._lookup: RemoteIndex[Member] = RemoteIndex(
            "users",
            id_of=lambda member: member.id,
            keys_of=_keys,
            askable=frozenset({"id", "email", "external_reference"}),
            fetch=self._fetch,
            listing=self._listing,
            # Whether the filter by e-mail address minds capitals is not documented; a list can be compared without.
            pages_to_confirm=1,
        )

    @property
    def declaration(self) -> ObjectDeclaration:
        """The object; a policy of the full name is one of both its parts, which is what Skilljar keeps."""
        return self._declaration

    @declaration.setter
    def declaration(self, declared: ObjectDeclaration) -> None:
        policy = declared.field_by_name["name"].policy
        if policy is not FieldPolicy.SOURCE_WINS:
            parts = (declared.field_by_name[name] for name in ("first_name", "last_name"))
            declared = declared.with_policies(
                {part.name: policy for part in parts if part.policy is FieldPolicy.SOURCE_WINS}
            )
        self._declaration = declared

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        """A full name is split at its first blank: Skilljar keeps first and last name apart."""
        name = values.pop("name", None)
        if name is None:
            return values
        first, _, rest = name.partition(" ")
        split = {"first_name": first, "last_name": rest.strip()}
        for part, text in split.items():
            limit = self.declaration.field_by_name[part].max_length
            if part not in values and limit and len(text) > limit:
                raise FieldRefused(
                    "name",
                    "INPUT.LENGTH",
                    f"{part} of name is longer than {limit} characters",
                    f"Shorten {part}, or send first_name and last_name apart.",
                )
        return {**{part: text for part, text in split.items() if text}, **values}

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        found = self._lookup.refresh(key) if fresh else self._lookup.find(key)
        for member in found:
            self._note_email(member)
        return [_remote(one) for one in found]

    def expect_emails(self, learners: Iterable[str]) -> None:
        """Announces learners whose addresses are going to be asked for."""
        assert self._emails is not None
        self._lookup.expect([Key("id", one) for one in learners if (one,) not in self._emails])

    def email_of(self, learner: str) -> str | None:
        """The address of a learner, None where Skilljar has none. Only with a client of version 2."""
        assert self._emails is not None
        if (learner,) not in self._emails:
            self.find(Key("id", learner))
        return self._emails.get((learner,))

    def _note_email(self, member: Member) -> None:
        if self._emails is not None and member.email:
            self._emails.put((member.id,), member.email)

    def expect(self, keys: Iterable[Key]) -> None:
        self._lookup.expect(keys)

    def answers(self, keys: Sequence[Key]) -> bool:
        return self._lookup.answers(keys)

    def written_elsewhere(self, values: Values) -> None:
        for key in self.declaration.keys:
            value = self.declaration.key_value(key, values)
            if value is not None:
                self._lookup.doubt(lookup_key(key, value))

    def create(self, values: Values, references: References) -> RemoteObject:
        self._refuse_unfit(values)
        names = {part: values[part] for part in ("first_name", "last_name") if part in values}
        body: dict[str, Any] = {"user": {"email": values["email"], **names}}
        if "active" in values:
            body["active"] = values["active"]
        # Skilljar API, idempotency: POST of a domain user is get-or-create by e-mail, so repeating it is safe.
        row = self._api.post(self._members, body, repeatable=True)
        remote = self._noted(self._member(row))
        # An existing person's names come back unchanged; the field policies say whether they are to change.
        late = {one.field: one.new for one in changes_to(self.declaration, values, remote)}
        if late:
            remote = self.update(remote, late, references)
        if self._settings.send_notifications:
            self._invite(remote)
        return remote

    def create_many(self, many: Sequence[Values]) -> None:
        named = [one for one in many if "email" in one and self._fits(one)]
        bulk_create(self._api, self._members, named, lambda email: bool(self._fetch(Key("email", email))))
        for email in {one["email"] for one in named} - self._list_for({one["email"] for one in named}):
            self._lookup.forget(Key("email", email))

    def _list_for(self, emails: set[str]) -> set[str]:
        """Takes note of learners by listing all, and says whom it found; nobody where asking for each is cheaper."""
        listing = self._listing()
        if listing.pages > len(emails):
            return set()
        found = [one for one in listing.rows if normalise(Kind.EMAIL, one.email) in emails]
        for member in found:
            self._noted(member)
        return {normalise(Kind.EMAIL, one.email) for one in found}

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        self._refuse_unfit(changes)
        person = {name: changes[name] for name in ("email", "first_name", "last_name") if name in changes}
        if person:
            answer = self._api.patch(f"users/{remote.id}", person)
            self.answered(person, answer.get("user") or answer)
        if "active" in changes:
            self._api.patch(f"{self._members}/{remote.id}", {"active": changes["active"]})
        reference = changes.get("external_reference")
        if reference is not None:
            # Skilljar API, idempotency: POST of a signup field value is an upsert by the field's id.
            value = {"signup_field": {"id": self._signup_field_id}, "value": reference}
            self._api.post(f"{self._members}/{remote.id}/signup-fields", value, repeatable=True)
        member: Member = remote.parts["member"]
        written = {**person, **{name: changes[name] for name in ("active", "external_reference") if name in changes}}
        return self._noted(member._replace(**written), instead_of=member)

    def _fits(self, values: Values) -> bool:
        """Whether the signup field takes the reference of a record."""
        reference = values.get("external_reference")
        if reference is None or self._settings.user_reference_signup_field is None:
            return True
        return self._signup_field.takes(reference)

    def _refuse_unfit(self, values: Values) -> None:
        """Refuses a reference that the signup field does not take before anything is written: a learner who is made
        first would be left without it."""
        if not self._fits(values):
            label = self._settings.user_reference_signup_field
            raise RecordRejected(
                "INPUT.VALUE",
                f"the signup field '{label}' does not take this external_reference",
                f"Send a value that signup field '{label}' allows, or change the field in Skilljar.",
            )

    def _invite(self, remote: RemoteObject) -> None:
        invites = f"{self._members}/{remote.id}/invites"
        if not self._api.rows(invites, below_object=True):
            self._api.post(invites, {"send_email": True})

    def _noted(self, member: Member, instead_of: Member | None = None) -> RemoteObject:
        self._lookup.put(member, instead_of)
        self._note_email(member)
        return _remote(member)

    def _member(self, row: Row) -> Member:
        """What matters of a row; a domain may have more members than rows would fit into memory."""
        person = row.get("user")
        person = person if isinstance(person, dict) else {}
        return Member(
            str(person.get("id", "")),
            person.get("email"),
            person.get("first_name"),
            person.get("last_name"),
            row.get("active"),
            self._reference(row),
        )

    def _reference(self, row: Row) -> str | None:
        if self._settings.user_reference_signup_field is None:
            return None
        held = (one for one in row.get("signup_fields") or [] if _field_id(one) == self._signup_field_id)
        texts = (str(one["value"]).strip() for one in held if one.get("value") is not None)
        return next((text for text in texts if normalise(Kind.REFERENCE, text)), None)

    def _fetch(self, key: Key) -> list[Member]:
        if key.field == "id":
            found = self._api.item(self._members, key.value)
            member = self._member(found) if found else None
            return [member] if member and member.id == key.value else []
        if key.field == "email":
            rows = self._api.rows(self._members, {dialect.EMAIL_FILTER.assumed: key.value, **self._with_fields})
        else:
            value = {"signup_field_id": self._signup_field_id, "signup_field_value": key.value}
            rows = self._api.rows(self._members, {**value, **self._with_fields})
        return [member for member in map(self._member, rows) if key in _keys(member)]

    def _listing(self) -> Listing[Member]:
        # Who comes twice is known by the id; to tell that by whole rows would take memory for each.
        rows = self._api.listing(self._members, self._with_fields, may_repeat=True)
        return Listing(rows.count, rows.page_size, map(self._member, rows.rows))

    @property
    def _with_fields(self) -> dict[str, str]:
        # The rows of a list carry signup fields only when asked.
        return {"include_signup_field_data": "true"} if self._settings.user_reference_signup_field else {}

    @property
    def _signup_field_id(self) -> str:
        return self._signup_field.id

    @cached_property
    def _signup_field(self) -> SignupField:
        label = self._settings.user_reference_signup_field
        fields = self._api.rows(f"domains/{self._settings.domain}/signup-fields")
        found = [one for one in fields if one.get("label") == label]
        if len(found) == 1:
            return SignupField.of(found[0])
        labels = ", ".join(sorted(str(one.get("label")) for one in fields)) or "none"
        raise config_error(
            f"The domain has {len(found)} signup fields with the label '{label}'. Correct "
            f"user_reference_signup_field; the labels are: {labels}."
        )

    def prove(self) -> None:
        """Finds the signup field, where one is configured."""
        if self._settings.user_reference_signup_field:
            _ = self._signup_field_id


def _keys(member: Member) -> Iterable[Key]:
    yield Key("id", member.id)
    yield from spellings("email", Kind.EMAIL, member.email)
    yield from spellings("external_reference", Kind.REFERENCE, member.external_reference)


def _remote(member: Member) -> RemoteObject:
    stamped = member.external_reference is not None
    fields = {
        "id": member.id,
        "email": member.email,
        "first_name": member.first_name,
        "last_name": member.last_name,
        "active": member.active,
        "external_reference": member.external_reference,
    }
    return RemoteObject(member.id, fields, stamped=stamped, own=stamped, parts={"member": member})


def _field_id(value: Mapping[str, Any]) -> str | None:
    field = value.get("signup_field")
    return str(field["id"]) if isinstance(field, dict) and "id" in field else None
