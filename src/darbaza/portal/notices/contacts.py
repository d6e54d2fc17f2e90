"""The code that shows that an address is somebody's own: known to the portal and to whoever reads at that address."""

from django.utils.crypto import constant_time_compare, salted_hmac

from darbaza.portal.notices.models import Contact
from darbaza.portal.people.models import Person

SALT = "darbaza.notices.contact"
DIGITS = 6


def code_for(person: Person, channel: str, address: str) -> str:
    """Six digits that hold for this person, channel and address as it was last added; empty if it is not theirs."""
    contact = Contact.objects.filter(person=person, channel=channel, address=address).first()
    return code_of(contact) if contact else ""


def code_of(contact: Contact) -> str:
    """The code of a contact."""
    digest = salted_hmac(SALT, f"{contact.pk} {contact.address} {contact.code}").hexdigest()
    return f"{int(digest, 16) % 10**DIGITS:0{DIGITS}d}"


def is_code_of(contact: Contact, typed: str) -> bool:
    """Whether what was typed is the contact's code, spaces aside."""
    return constant_time_compare("".join(typed.split()), code_of(contact))
