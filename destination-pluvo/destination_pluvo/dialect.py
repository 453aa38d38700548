"""What this connector takes to be so about Pluvo's API although no page of the vendor says it.

Sections are those of the Pluvo reference. The rest of the connector reads `.assumed`, and `doctor.py` looks at a real
organization. A `SchemaGuess` is about names that the schema has, which introspection shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lms_shared.doctor.guess import Guess


@dataclass(frozen=True, eq=False)
class SchemaGuess(Guess[tuple[str, ...]]):
    """That the schema has these coordinates: `Type.field`, `Type.field(argument)` or, in an enum, `Type.VALUE`."""


TEXTS_ESCAPED = Guess(
    name="texts_escaped",
    statement="Texts such as titles are kept as they are sent, not escaped for HTML.",
    reference="1.5 (not documented)",
    effect="texts are compared as they are; where an answer shows escapes, without them for the rest of the sync",
    assumed=False,
    untested="Only a write shows it.",
)
INTROSPECTION = Guess(
    name="introspection",
    statement="A client may introspect the schema.",
    reference="1.4, introspection",
    effect="the doctor reads the schema; syncs do without",
    assumed=True,
)
PAGE_SIZE = Guess(
    name="page_size",
    statement="A page holds at most 50 rows.",
    reference="1.7",
    effect="every list is asked for pages of 50",
    assumed=50,
)
LOOKUP_MISS = Guess(
    name="lookup_miss",
    statement="A look-up that finds nothing answers null without an error.",
    reference="1.5",
    effect="both null and an error that says so are taken for a miss",
    assumed=None,
)
DOCUMENTS = Guess(
    name="documents",
    statement="Many look-ups may go into one document under aliases.",
    reference="1.4, several aliased operations",
    effect="operations_per_document; the connector lowers it where Pluvo refuses so many",
    assumed=100,
)
SCOPES = Guess(
    name="scopes",
    statement="The answer to a token request names the scopes.",
    reference="1.2",
    effect="check names the scopes that are missing; where none are named, refused calls show it",
    assumed=True,
)
PORTFOLIO_SCOPE = Guess(
    name="portfolio_scope",
    statement="Portfolio items may be read with the scopes that there are.",
    reference="1.3",
    effect="completions are kept as portfolio items; where they are refused, completions are rejected",
    assumed=True,
)
EMAIL_CASE = Guess(
    name="email_case",
    statement="A look-up by e-mail address does not mind capitals.",
    reference="3",
    effect="addresses are lower-cased before people are matched",
    assumed=True,
)
REF_CASE = Guess(
    name="ref_case",
    statement="A look-up by ref minds capitals.",
    reference="3",
    effect="references that differ in case alone are two objects",
    assumed=True,
)
ARCHIVED_FILTER = Guess(
    name="archived_filter",
    statement="`archived: false` leaves archived users out of a list, and `true` shows nobody else.",
    reference="5",
    effect="users are listed once for each, where a list takes fewer calls than look-ups",
    assumed=True,
)
HTML_TEXTS = Guess(
    name="html_texts",
    statement="Introductions of trainings and descriptions of offers are HTML.",
    reference="4.3, 4.4",
    effect="the link to the provider's content and the mark of mode mirror are added as paragraphs, what a collection "
    "holds as a list of links, and texts are compared by meaning",
    assumed=True,
)
TRAININGS_OF_USER = Guess(
    name="trainings_of_user",
    statement="A client may list the trainings of a user.",
    reference="5, paginatedTrainings",
    effect="where it may not, the participants of each training are listed instead",
    assumed=True,
)
OFFER_REF = SchemaGuess(
    name="offer_ref",
    statement="An offer takes a ref when it is created.",
    reference="6.4, createOffer",
    effect="offers are found again by their ref; else by that of their event",
    assumed=("CreateOfferInput.ref",),
)
OFFER_REF_CHANGE = SchemaGuess(
    name="offer_ref_change",
    statement="The ref of an offer can be changed.",
    reference="6.4, updateOffer",
    effect="an adopted offer is stamped; else its event is",
    assumed=("UpdateOfferInput.ref",),
)
EVENT_BY_REF = SchemaGuess(
    name="event_by_ref",
    statement="An event can be asked for by its ref.",
    reference="5, offerEvent",
    effect="else the events are found in the list of offers",
    assumed=("Query.offerEvent(ref)",),
)
ENROLL_BY_ID = SchemaGuess(
    name="enroll_by_id",
    statement="A bulk enrollment takes ids of users and of the event.",
    reference="6.6, createOfferEventEnrollments",
    effect="else refs are sent, and people without one are enrolled one by one",
    assumed=(
        "Mutation.createOfferEventEnrollments(offerEventId)",
        "Mutation.createOfferEventEnrollments(userIds)",
    ),
)
ARCHIVED_USERS = SchemaGuess(
    name="archived_users",
    statement="Users are archived, and restored, by archiveUsers.",
    reference="6.1, archiveUsers",
    effect="a record that says a person is inactive archives the user",
    assumed=("Mutation.archiveUsers(archive)", "Mutation.archiveUsers(ids)"),
)
CATEGORY_REF = SchemaGuess(
    name="category_ref",
    statement="Extra categories show their ref.",
    reference="4.10",
    effect="custom fields are found by ref; else by title or id",
    assumed=("ExtraCategory.ref",),
)
BOOLEAN_VALUES = SchemaGuess(
    name="boolean_values",
    statement="The value of a custom field may be a boolean.",
    reference="6.9, updateExtraCategoryValues",
    effect="BOOLEAN fields get booleanValue",
    assumed=("ExtraCategoryValueInput.booleanValue",),
)
LANGUAGE_NAMES = ("NL", "EN", "DE")
LANGUAGES = SchemaGuess(
    name="languages",
    statement="The languages are NL, EN and DE.",
    reference="7, Language",
    effect="another language is left out of its record",
    assumed=tuple(f"Language.{name}" for name in LANGUAGE_NAMES),
)
EVENT_TYPE_NAME = "ELEARNING"
EVENT_TYPE = SchemaGuess(
    name="event_type",
    statement="Events have the type ELEARNING.",
    reference="7, OfferEventType",
    effect="the event of an offer that stands for a provider's content gets this type",
    assumed=(f"OfferEventType.{EVENT_TYPE_NAME}",),
)

ONLY_A_WRITE = "Only a write shows it."
SPARSE_UPDATES = Guess(
    name="sparse_updates",
    statement="An update leaves what it does not name as it is.",
    reference="12, item 15",
    effect="only the fields of the record are sent",
    assumed=True,
    untested=ONLY_A_WRITE,
)
RESTORING = Guess(
    name="restoring",
    statement="`archive: false` restores what was archived.",
    reference="6, archive mutations",
    effect="a record that is active again restores its object",
    assumed=True,
    untested=ONLY_A_WRITE,
)
EXTRA_VALUES_STAY = Guess(
    name="extra_values_stay",
    statement="Values of custom fields that an update does not list may be lost.",
    reference="6.9, updateExtraCategoryValues",
    effect="the values that an object has are listed with each update",
    assumed=True,
    untested=ONLY_A_WRITE,
)
DATES_REPLACED = Guess(
    name="dates_replaced",
    statement="A list of dates in the update of an event may add to those that there are.",
    reference="6.5, updateOfferEvent",
    effect="dates are sent with their ids, and the update is not repeated blindly",
    assumed=True,
    untested=ONLY_A_WRITE,
)
CERTIFICATE_TITLE = Guess(
    name="certificate_title",
    statement="The portfolio item of a certificate has the title that was given.",
    reference="6.8",
    effect="a certificate that was issued is found again by it",
    assumed=True,
    untested=ONLY_A_WRITE,
)
ENROLLED_TWICE = Guess(
    name="enrolled_twice",
    statement="Enrolling somebody who is enrolled makes no second enrollment.",
    reference="4.6",
    effect="enrollments are looked up first, and a lost answer is looked up again",
    assumed=True,
    untested=ONLY_A_WRITE,
)
RATE_LIMIT = Guess(
    name="rate_limit",
    statement="A client that calls too often gets 429 with Retry-After.",
    reference="1.6",
    effect="requests_per_minute; calls wait as long as they are told",
    assumed=429,
    untested="Only using up the limit shows it.",
)

GUESSES: tuple[Guess[Any], ...] = tuple(value for value in list(globals().values()) if isinstance(value, Guess))
"""All of them, in the order of this module."""


@dataclass
class Learned:
    """What a sync has found out about its organization. Where a guess does not hold, the other way is taken afterwards.

    One for each connection. Threads may set it at the same time: all of them set the same.
    """

    enrolls_by_ref: bool = True
    """Whether enrollments name event and user by ref, as the recipes do (`enroll_by_id`)."""
    shows_trainings_of_users: bool = True
    """Whether the client may ask what a user takes part in (`trainings_of_user`)."""
    shows_category_refs: bool = True
    """Whether extra categories show their ref (`category_ref`)."""
    keeps_offer_refs: bool = False
    """Whether an offer was seen with the ref that it was given (`offer_ref`)."""
