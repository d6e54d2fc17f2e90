"""What a console's buttons do, by name: each reads its form, calls one act and says what came of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from darbaza.portal import asked
from darbaza.portal.addresses import canonical_address
from darbaza.portal.lessons import actions, handover, limits, scenes, seating, words
from darbaza.portal.lessons.models import Measure, SupervisedSession
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.rooms import faults
from darbaza.portal.rooms.models import Device
from darbaza.portal.tags import clock_time


class Order(Protocol):
    """One button of the console."""

    def __call__(self, *, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
        """Do it, and give the sentence that says what was done."""
        ...  # pragma: no cover - a protocol


def order_of(name: str) -> Order | None:
    """The order with a name, if the console has it."""
    return ORDERS.get(name)


def pause(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Pause one student for two minutes."""
    student = _student(form)
    actions.pause_student(session=session, student=student, by=by, at=at)
    return _("Paused for two minutes: %(name)s") % {"name": student}


def resume(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """End one student's pause."""
    student = _student(form)
    actions.resume_student(session=session, student=student, by=by, at=at)
    return _("Access is back: %(name)s") % {"name": student}


def pause_all(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:  # noqa: ARG001
    """Pause everybody for two minutes."""
    count = actions.pause_all(session=session, by=by, at=at)
    return ngettext("%(count)d student paused for two minutes", "%(count)d students paused for two minutes", count) % {
        "count": count
    }


def resume_all(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:  # noqa: ARG001
    """End everybody's pause."""
    actions.resume_all(session=session, by=by, at=at)
    return _("Access is back for everybody.")


def pause_row(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Pause one row for two minutes."""
    count = actions.pause_row(session=session, row=_row(form), by=by, at=at)
    return ngettext("%(count)d student paused for two minutes", "%(count)d students paused for two minutes", count) % {
        "count": count
    }


def resume_row(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """End the pauses of one row."""
    actions.resume_row(session=session, row=_row(form), by=by, at=at)
    return _("Access is back in this row.")


def _row(form: QueryDict) -> int:
    text = asked.text(form, "row", 3)
    if not (text.isascii() and text.isdecimal()):
        raise ActRefusedError(_("Choose a row."), "2.7")
    return int(text)


def deny(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Close a resource for the lesson."""
    measure = actions.deny_resource(session=session, address=form.get("address", ""), by=by, at=at)
    return _("Denied until the lesson ends: %(resource)s") % {"resource": measure}


def allow(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Open a delegated resource for the lesson."""
    measure = actions.open_resource(session=session, address=form.get("address", ""), by=by, at=at)
    return _("Open until the lesson ends: %(resource)s") % {"resource": measure}


def lift(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Take a measure back."""
    number = form.get("measure", "")
    measure = session.measures.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 16 else None
    if not isinstance(measure, Measure):
        raise ActRefusedError(_("This measure is not there any more."), "2.7")
    actions.lift_measure(measure=measure, by=by, at=at)
    return _("Taken back: %(resource)s") % {"resource": measure}


def scene(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Keep the lesson to the scene that is chosen."""
    choice, typed = asked.text(form, "scene", 20), asked.text(form, "sites", scenes.LONGEST_TYPED)
    choice = scenes.OWN if typed.strip() else choice  # what is written means more than what the list happens to show
    made = scenes.set_scene(session=session, choice=choice, typed=typed, by=by, at=at)
    return _("Only these sites are open now: %(sites)s") % {"sites": scenes.shown(made.targets)}


def lift_scene(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:  # noqa: ARG001
    """Open again what the council's decisions open."""
    scenes.lift_scene(session=session, by=by, at=at)
    return _("All that the council's decisions open is open again.")


def say(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """A word to the class, or to one student."""
    student = _student(form) if asked.text(form, "student") else None
    words.say(session=session, text=asked.text(form, "word", words.LONGEST), student=student, by=by, at=at)
    return _("Told: %(name)s") % {"name": student} if student else _("The class was told.")


def extend(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Make the lesson longer."""
    text = form.get("minutes", "")
    minutes = int(text) if text.isdecimal() and len(text) < 4 else 0
    reason, shown = asked.text(form, "reason", 200), asked.text(form, "shown", 5)
    actions.extend_lesson(session=session, minutes=minutes, reason=reason, by=by, at=at, shown=shown)
    return ngettext("%(count)d minute added", "%(count)d minutes added", minutes) % {"count": minutes}


def end(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:  # noqa: ARG001
    """End the lesson."""
    actions.end_lesson(session=session, by=by, at=at)
    return _("The lesson has ended. Students have no access.")


def seat(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Seat a student at a device without a PIN."""
    device = _device(form)
    student = _student(form)
    seating.seat_student(session=session, device=device, student=student, by=by, at=at)
    return _("Seated: %(name)s") % {"name": student}


def seat_guest(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Seat a guest by name."""
    name = asked.text(form, "name", 200)
    binding = seating.seat_guest(session=session, device=_device(form), name=name, by=by, at=at)
    return _("Seated as a guest: %(name)s") % {"name": binding.person}


def limit(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Limit one person's time in the lesson."""
    text, who = asked.text(form, "minutes", 3), _student(form)
    minutes = int(text) if text.isascii() and text.isdecimal() else 0
    made = limits.limit_person(session=session, person=who, minutes=minutes, by=by, at=at)
    return _("Until %(time)s: %(name)s") % {"time": clock_time(made.until), "name": who}


def unlimit(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Let one person work until the lesson ends."""
    who = _student(form)
    limits.lift_limit(session=session, person=who, by=by, at=at)
    return _("Until the lesson ends: %(name)s") % {"name": who}


def break_seat(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Mark a seat's computer broken."""
    place, text = seating.seat_in(session, _device(form), by), asked.text(form, "text", faults.LONGEST)
    faults.report_fault(seat=place, text=text, by=by, at=at)
    return _("Seat %(number)d is marked broken; whoever is responsible for ICT sees it.") % {"number": place.number}


def mend_seat(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """A seat's computer works again."""
    place = seating.seat_in(session, _device(form), by)
    fault = faults.standing().filter(seat=place).first()
    if fault is None:
        raise ActRefusedError(_("This computer is not marked broken."), "2.5")
    faults.mend_fault(fault=fault, by=by, at=at)
    return _("Seat %(number)d works again.") % {"number": place.number}


def open_pins(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:  # noqa: ARG001
    """Let students sign in by themselves again."""
    seating.open_pins(session=session, by=by, at=at)
    return _("Students sign in by PIN again.")


def offer(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Offer the lesson to a colleague."""
    taker = Person.objects.filter(public_id=asked.text(form, "taker")).first()
    if taker is None:
        raise ActRefusedError(_("Choose a colleague."), "2.8")
    handover.offer_lesson(session=session, taker=taker, reason=asked.text(form, "reason", 200), by=by, at=at)
    return _("Offered: %(name)s. Until it is accepted nothing changes.") % {"name": taker.short_name}


def withdraw_offer(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:  # noqa: ARG001
    """Take the offer back."""
    handover.withdraw_offer(session=session, by=by, at=at)
    return _("The offer is withdrawn.")


def take_over(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Become the lesson's supervisor."""
    handover.take_over_lesson(session=session, reason=asked.text(form, "reason", 200), by=by, at=at)
    return _("You are the supervisor of this lesson now.")


def _device(form: QueryDict) -> Device:
    address = canonical_address(form.get("device", ""))
    device = Device.objects.select_related("seat__room").filter(address=address).first() if address else None
    if device is None:
        raise ActRefusedError(_("Choose a seat."), "2.7")
    return device


def _student(form: QueryDict) -> Person:
    found = Person.objects.filter(public_id=asked.text(form, "student")).first()
    if found is None:
        raise ActRefusedError(_("Choose a student."), "2.7")
    return found


ORDERS: dict[str, Callable[..., str]] = {
    "pause": pause,
    "resume": resume,
    "pause-all": pause_all,
    "resume-all": resume_all,
    "pause-row": pause_row,
    "resume-row": resume_row,
    "deny": deny,
    "allow": allow,
    "lift": lift,
    "scene": scene,
    "lift-scene": lift_scene,
    "say": say,
    "extend": extend,
    "end": end,
    "seat": seat,
    "guest": seat_guest,
    "limit": limit,
    "unlimit": unlimit,
    "break": break_seat,
    "mend": mend_seat,
    "open-pins": open_pins,
    "offer": offer,
    "withdraw-offer": withdraw_offer,
    "take-over": take_over,
}
