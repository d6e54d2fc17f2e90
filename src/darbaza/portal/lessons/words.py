"""A word of the supervisor to the class or to one student, on the pages that students' devices show (2.7)."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from darbaza.portal.audit.actions import record
from darbaza.portal.lessons import live
from darbaza.portal.lessons.actions import demand_supervisor, still_open
from darbaza.portal.lessons.models import Binding, SupervisedSession, Word
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.school_time import day_begins

LONGEST = 200
MOST = 60
"""Words of one lesson."""
SHOWN = 3


@transaction.atomic
def say(*, session: SupervisedSession, text: str, student: Person | None = None, by: Person, at: datetime) -> Word:
    """Tell the class something, or one student who is signed in. The audit has to whom, not what."""
    demand_supervisor(session, by)
    text = " ".join(text.split())[:LONGEST]
    if not text:
        raise ActRefusedError(_("Write what you want to say."), "2.7")
    live.changing(at, narrows=False)
    session = still_open(session)
    if student is not None and not session.bindings.filter(person=student, ended__isnull=True).exists():
        raise ActRefusedError(_("This student is not signed in at this lesson."), "2.7")
    if session.words.count() >= MOST:
        raise ActRefusedError(_("Enough was written in this lesson. Talk to the class."), "2.7")
    made = Word.objects.create(session=session, student=student, text=text, by=by, at=at)
    live.changed(at)
    detail: dict[str, object] = {"student": student.public_id} if student else {}
    record(act="lessons:word:say", by=by, at=at, subject=session.public_id, detail=detail)
    return made


def words_for(binding: Binding | None, at: datetime) -> list[Word]:
    """The latest words to whoever is signed in at a device, while the lesson is open."""
    if binding is None or binding.session is None:
        return []
    session = binding.session
    if not session.is_open or session.ends <= at:
        return []
    to_all, to_one = session.words.filter(student=None), session.words.filter(student=binding.person)
    return list((to_all | to_one).order_by("-at", "-pk")[:SHOWN])


def forget_before(day: date) -> int:
    """Delete what was said before a day, with the log of those days; how much."""
    return Word.objects.filter(at__lt=day_begins(day)).delete()[0]
