"""The list of appointments: who holds which duty on a day, and by which order (1.3, 2.5)."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from darbaza.portal.papers.documents import Document, Kind, day_text
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment
from darbaza.portal.people.rights import Right
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.school_time import day_begins

ORDER = {duty: place for place, duty in enumerate(Duty.values)}


def last_instant(day: date) -> datetime:
    """The last instant of a day at the school: what was signed on it counts."""
    return day_begins(day + timedelta(days=1)) - timedelta(microseconds=1)


def gather(ref: str) -> Document | None:
    """Everybody with a duty on the day that `ref` names (`2026-09-01`), by duty and then by name."""
    try:
        day = date.fromisoformat(ref)
    except ValueError:
        return None
    held = Appointment.objects.filter(in_force_at(last_instant(day)), person__active=True).select_related(
        "person", "school_class"
    )
    rows = [
        {
            "duty": one.duty,
            "person": one.person.full_name,
            "class": one.school_class.name if one.school_class else "",
            "since": day_text(one.since),
            "until": day_text(one.until),
            "order": one.order_number,
            "order_date": day_text(one.order_date),
        }
        for one in sorted(held, key=lambda one: (ORDER[one.duty], one.person.full_name, one.pk))
    ]
    directors = [one.person.short_name for one in held if one.duty == Duty.DIRECTOR]
    facts = {"date": day.isoformat(), "rows": rows, "director": directors[0] if len(directors) == 1 else ""}
    return Document("duties", day.isoformat(), facts, date=day)


DUTIES = Kind("duties", _("List of appointments"), Right.COUNCIL_ORDER_READ, gather, "papers/print/duties.html")
