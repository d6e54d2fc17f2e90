"""Acts on people. One function, one transaction, one audit entry."""

from datetime import datetime

from django.db import transaction

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person


@transaction.atomic
def choose_language(*, person: Person, language: str, at: datetime) -> None:
    """A person chooses the language of their own screens."""
    if person.language == language:
        return
    person.language = language
    person.save(update_fields=["language"])
    record(act="people:language:choose", by=person, at=at, subject=person.public_id, detail={"language": language})
