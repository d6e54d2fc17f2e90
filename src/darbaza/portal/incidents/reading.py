"""Which notices a class teacher reads: those about students of the classes that an order gave them."""

from datetime import datetime

from django.db.models import QuerySet

from darbaza.portal.incidents.models import Notice
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import duties_of


def notices_for(person: Person, at: datetime) -> QuerySet[Notice]:
    """The notices of a person's classes, newest first."""
    classes = [one.school_class_id for one in duties_of(person, at) if one.duty == Duty.CLASS_TEACHER]
    found = Notice.objects.filter(school_class__in=classes)
    return found.select_related("student", "school_class", "sent_by", "session")
