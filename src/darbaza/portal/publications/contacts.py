"""The school's own contacts: entered by the person responsible, recognised in every draft from then on (ADR 0083)."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.publications.models import SchoolContacts
from darbaza.portal.publications.rosters import roster_at
from darbaza.publication.own_contacts import OwnContacts, number_of, words_of
from darbaza.publication.pasted import plain_text
from darbaza.publication.text import find_in_text

MOST, LONGEST = 20, 200
FEWEST_DIGITS, MOST_DIGITS = 5, 14
NO_PHONE = _("“%(line)s” is no phone number: write digits only, one number a line.")
NO_EMAIL = _("“%(line)s” is no e-mail address. Write one a line.")
NO_ADDRESS = _("“%(line)s” is no whole address: write town, street and house, one address a line.")
SOMEBODYS = _("“%(line)s” names somebody of the school's lists. Write what is the school's alone.")
TOO_MANY = _("Write at most %(most)d of each kind.")


def own_contacts() -> OwnContacts:
    """What the school has entered as its own; nothing if it has not."""
    found = SchoolContacts.objects.first()
    return OwnContacts(*map(tuple, (found.phones, found.emails, found.addresses))) if found else OwnContacts()


def lines_of(typed: str) -> tuple[str, ...]:
    """What was typed, line by line, each once."""
    return tuple(dict.fromkeys(" ".join(line.split()) for line in plain_text(typed).split("\n") if line.strip()))


@transaction.atomic
def set_contacts(*, contacts: OwnContacts, by: Person, at: datetime) -> SchoolContacts:
    """Enter the school's own contacts anew, whole (2.15). What was entered before stays, as what counted until then."""
    demand(by, Right.PUBLICATIONS_PLACEMENT_MAKE, at)
    kinds = (contacts.phones, contacts.emails, contacts.addresses)
    if any(len(lines) > MOST for lines in kinds):
        raise ActRefusedError(TOO_MANY % {"most": MOST}, "2.15")
    roster = roster_at(at)
    for line, trouble in troubles(contacts):
        if len(line) > LONGEST or trouble:
            raise ActRefusedError((trouble or NO_ADDRESS) % {"line": line[:LONGEST]}, "2.15")
        if any(one.people for one in find_in_text(line, roster, "contacts")):
            raise ActRefusedError(SOMEBODYS % {"line": line}, "2.15")
    made = SchoolContacts.objects.create(
        phones=list(contacts.phones),
        emails=list(contacts.emails),
        addresses=list(contacts.addresses),
        set_by=by,
        set_at=at,
    )
    detail = dict(zip(("phones", "emails", "addresses"), map(len, kinds), strict=True))
    record(act="publications:contacts:set", by=by, at=at, subject="school", detail=detail)
    return made


def troubles(contacts: OwnContacts) -> Iterable[tuple[str, Promise | None]]:
    """Each line with what is wrong with it."""
    yield from ((line, None if is_phone(line) else NO_PHONE) for line in contacts.phones)
    yield from ((line, None if is_email(line) else NO_EMAIL) for line in contacts.emails)
    yield from ((line, None if is_address(line) else NO_ADDRESS) for line in contacts.addresses)


def is_phone(line: str) -> bool:
    """Whether a line is a number that a school may have."""
    return FEWEST_DIGITS <= len(number_of(line)) <= MOST_DIGITS


def is_email(line: str) -> bool:
    """Whether a line is an address of e-mail."""
    try:
        validate_email(line)
    except ValidationError:
        return False
    return True


def is_address(line: str) -> bool:
    """Whether a line has a street and a house, at the least."""
    words = words_of(line)
    return len(words) > 1 and any(char.isdigit() for word in words for char in word)
