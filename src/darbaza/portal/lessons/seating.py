"""Who sits where: students sign in at a device of the lesson's room or are seated, guests are seated; staff sign in for
themselves."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.lessons import limits, live
from darbaza.portal.lessons.actions import demand_supervisor, end_binding, still_open
from darbaza.portal.lessons.models import Attribution, Binding, EndedHow, SupervisedSession, open_at
from darbaza.portal.lessons.timekeeping import demand_trusted_time
from darbaza.portal.people import pins
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.rooms.faults import standing
from darbaza.portal.rooms.models import Device, DeviceKind, Room, Seat
from darbaza.portal.school_time import school_day
from darbaza.portal.sharing.actions import note_sign
from darbaza.portal.sharing.models import Sign, SignKind

AT_ONCE = 2
"""Computers at which one member of staff may be signed in: the classroom's, and the one in the staff room."""

AN_HOUR, TO_AND_FRO_TIMES = timedelta(hours=1), 3
"""So often within so long somebody may sign out elsewhere to work here, before they count as several people."""

A_MOMENT = timedelta(minutes=10)
"""For so long the page of a computer says that whoever sat there signed in at another one."""

LONGEST_NAME = 80
"""Characters of a guest's name."""

MOVES_A_LESSON = 3
"""So often a student may move within a lesson before it is a sign that one PIN is used by several."""

SHARED = _(
    "Your sign-in is in use at two other computers already, and one person needs no third. If you left them without "
    "signing out, sign out there with the button below. If it was not you, change your password."
)
TO_AND_FRO = _(
    "Your sign-in is used at several computers by turns, as if several people shared it. Change your password, and "
    "speak to the person responsible for the internet, who has been told."
)
PINS_CLOSED = _("Too many wrong PINs in this lesson. Ask the teacher to seat you.")


def session_of(device: Device, at: datetime) -> SupervisedSession | None:
    """The lesson under way in the room where a device stands."""
    room = room_of(device)
    if room is None:
        return None
    found = SupervisedSession.objects.filter(open_at(at), room=room)
    return found.select_related("room", "school_class", "supervisor").first()


def room_of(device: Device) -> Room | None:
    """The room where a device stands."""
    return device.seat.room if device.seat else None


def binding_of(device: Device, at: datetime) -> Binding | None:
    """Who is bound to a device now; a student only while the lesson of the binding is open."""
    bindings = Binding.objects.filter(device=device, ended__isnull=True).select_related("person", "session")
    binding = bindings.first()
    if binding is None or binding.session is None:
        return binding
    open_now = binding.session.is_open and binding.session.ends > at
    return binding if open_now else None


def taken_elsewhere(device: Device, session: SupervisedSession, at: datetime) -> Seat | None:
    """The seat at which the student who sat at a device a moment ago has signed in since, or somebody in their name."""
    left = Binding.objects.filter(device=device, session=session, ended__gt=at - A_MOMENT)
    last = left.order_by("-ended", "-pk").first()
    if last is None or last.ended_how != EndedHow.MOVED:
        return None
    now = Binding.objects.filter(person=last.person, session=session, ended__isnull=True).exclude(device=device)
    taken = now.exclude(attribution=Attribution.SEATED).select_related("device__seat").first()
    return taken.device.seat if taken else None


def sign_in(*, device: Device, student: Person | None, pin: str, at: datetime) -> Binding:
    """A student signs in with a PIN at a device of the room where the student's class has its lesson.

    Every try counts, whatever becomes of it, so this is not one transaction: the try is stored before the PIN is
    looked at. A student who signs in at another device of the same lesson moves there.
    """
    session = session_of(device, at)
    if session is None:
        raise ActRefusedError(_("No lesson is open in this room."), "2.9")
    if student is not None:
        _check_may_sit(session, device, student, at)
    if session.pins_closed is not None:
        raise ActRefusedError(PINS_CLOSED, "2.9")
    outcome = pins.try_pin(person=student, pin=pin, device=device.address, lesson=session.public_id, at=at)
    if outcome is pins.PinOutcome.LESSON:
        close_pins(session=session, at=at)
        raise ActRefusedError(PINS_CLOSED, "2.9")
    if outcome is pins.PinOutcome.WAIT:
        raise ActRefusedError(_("Too many wrong PINs here. Ask the teacher, or wait a few minutes."), "2.9")
    if student is None or outcome is not pins.PinOutcome.RIGHT:
        raise ActRefusedError(_("The name or the PIN is wrong."), "2.9")
    return _bind_student(session, device, student, Attribution.SIGN_IN, by=student, at=at)


def sign_in_by_card(*, device: Device, token: str, at: datetime) -> Binding:
    """A student signs in with the card; a wrong card counts as a wrong PIN."""
    session = session_of(device, at)
    if session is None:
        raise ActRefusedError(_("No lesson is open in this room."), "2.9")
    student = pins.person_of_card(token)
    if student is None:
        tried = pins.try_pin(person=None, pin="", device=device.address, lesson=session.public_id, at=at)
        if tried is pins.PinOutcome.LESSON:
            close_pins(session=session, at=at)
        raise ActRefusedError(_("This card is not known. Ask the class teacher for a new one."), "2.9")
    _check_may_sit(session, device, student, at)
    return _bind_student(session, device, student, Attribution.CARD, by=student, at=at)


@transaction.atomic
def close_pins(*, session: SupervisedSession, at: datetime) -> None:
    """Somebody guesses PINs: from now on the supervisor seats whoever comes (2.9)."""
    live.changing(at, narrows=False)
    closed = SupervisedSession.objects.filter(pk=session.pk, pins_closed__isnull=True, closed__isnull=True)
    if closed.update(pins_closed=at):
        record(act="lessons:pins:close", by=None, at=at, subject=session.public_id, detail={"tries": pins.PER_LESSON})
    live.changed(at)


@transaction.atomic
def open_pins(*, session: SupervisedSession, by: Person, at: datetime) -> None:
    """The supervisor lets students sign in by themselves again; earlier wrong tries count no more."""
    demand_supervisor(session, by)
    live.changing(at, narrows=False)
    still_open(session)
    SupervisedSession.objects.filter(pk=session.pk).update(pins_closed=None)
    pins.forget_tries(lesson=session.public_id)
    live.changed(at)
    record(act="lessons:pins:open", by=by, at=at, subject=session.public_id)


def seat_student(*, session: SupervisedSession, device: Device, student: Person, by: Person, at: datetime) -> Binding:
    """The supervisor seats a student at a device without a PIN; the log says that it was so."""
    demand_supervisor(session, by)
    if room_of(device) != session.room:
        raise ActRefusedError(_("This device stands in another room."), "2.5")
    check_works(device)
    _check_may_sit(session, device, student, at)
    return _bind_student(session, device, student, Attribution.SEATED, by=by, at=at)


@transaction.atomic
def seat_guest(*, session: SupervisedSession, device: Device, name: str, by: Person, at: datetime) -> Binding:
    """The supervisor seats a guest, whose name the register keeps, at a device until the lesson ends or they leave.

    What the council decided for guests holds for them, and the supervisor watches over them as over the students (2.9).
    Refused: no surname and given name, another room's device, one that is broken, not for students, or taken.
    """
    demand_supervisor(session, by)
    demand_trusted_time()
    place = seat_in(session, device, by)
    check_works(device)
    _check_for_students(device)
    surname, _blank, given_name = " ".join(name.split())[:LONGEST_NAME].partition(" ")
    if not given_name:
        raise ActRefusedError(_("Write the guest's surname and given name."), "2.9")
    live.changing(at)
    _check_open(session, at)
    if Binding.objects.filter(device=device, ended__isnull=True).exists():
        raise ActRefusedError(_("Somebody is signed in at seat %(seat)d.") % {"seat": place.number}, "2.9")
    guest = Person.objects.create(kind=PersonKind.GUEST, surname=surname, given_name=given_name)
    binding = Binding.objects.create(
        device=device, person=guest, session=session, attribution=Attribution.SEATED, since=at
    )
    limits.begin(session, guest, at)
    live.changed(at)
    detail: dict[str, object] = {"guest": guest.public_id, "device": device.address}
    record(act="lessons:guest:seat", by=by, at=at, subject=session.public_id, detail=detail)
    return binding


def seat_in(session: SupervisedSession, device: Device, by: Person) -> Seat:
    """The seat of a device in the lesson's room, for its supervisor. Refused: others, and another room's device."""
    demand_supervisor(session, by)
    if device.seat is None or device.seat.room_id != session.room_id:
        raise ActRefusedError(_("This device stands in another room."), "2.5")
    return device.seat


def check_works(device: Device) -> None:
    fault = standing().filter(seat=device.seat_id).first()
    if fault is not None:
        raise ActRefusedError(
            _("This computer is marked broken: %(what)s. Choose another seat.") % {"what": fault}, "2.5"
        )


def _check_may_sit(session: SupervisedSession, device: Device, student: Person, at: datetime) -> None:
    demand_trusted_time()
    enrolment = student.enrolment_on(school_day(at))
    if student.kind != PersonKind.STUDENT or not student.active or enrolment is None:
        raise ActRefusedError(_("Only students sign in here."), "2.9")
    if enrolment.school_class not in session.admitted:
        raise ActRefusedError(_("This lesson is for another class: %(class)s.") % {"class": session.class_names}, "2.9")
    _check_for_students(device)
    if limits.is_spent(session, student, at):
        raise ActRefusedError(_("The time of this student in this lesson is over."), "2.7")


def _check_for_students(device: Device) -> None:
    if device.kind != DeviceKind.STUDENT:
        raise ActRefusedError(_("This device is not for students."), "2.5")


def _check_open(session: SupervisedSession, at: datetime) -> None:
    if not SupervisedSession.objects.filter(open_at(at), pk=session.pk).exists():
        raise ActRefusedError(_("This lesson has ended."), "2.9")


@transaction.atomic
def _bind_student(
    session: SupervisedSession, device: Device, student: Person, how: Attribution, *, by: Person, at: datetime
) -> Binding:
    live.changing(at)
    _check_open(session, at)
    _free(device, student, at, keep_others=how is not Attribution.SEATED)
    binding = Binding.objects.create(device=device, person=student, session=session, attribution=how, since=at)
    limits.begin(session, student, at)
    live.changed(at)
    _note_moves(session, student, at)
    detail: dict[str, object] = {"student": student.public_id, "device": device.address, "how": how.value}
    record(act="lessons:student:bind", by=by, at=at, subject=session.public_id, detail=detail)
    return binding


def _note_moves(session: SupervisedSession, student: Person, at: datetime) -> None:
    """One PIN that moves again and again within a lesson may be used by several (3.1)."""
    moved = session.bindings.filter(person=student, ended_how=EndedHow.MOVED).exclude(attribution=Attribution.SEATED)
    if moved.count() < MOVES_A_LESSON:
        return
    devices = set(moved.values_list("device__address", flat=True))
    note_sign(kind=SignKind.LOGIN, person=student, device=None, what="moved", devices=devices, at=at)


def _free(device: Device, student: Person, at: datetime, *, keep_others: bool) -> None:
    """End what the new binding replaces. A student is in one session only; nobody signs another student out, but one
    whose time is over."""
    there = Binding.objects.select_related("person", "session").filter(device=device, ended__isnull=True).first()
    is_left = there is None or (there.session is not None and limits.is_spent(there.session, there.person, at))
    if there is not None and there.person_id != student.pk and keep_others and not is_left:
        raise ActRefusedError(_("Somebody else is signed in at this device. They must sign out first."), "2.9")
    elsewhere = Binding.objects.filter(person=student, ended__isnull=True, session__isnull=False)
    for binding in {one.pk: one for one in (there, *elsewhere) if one is not None}.values():
        end_binding(binding, at, EndedHow.MOVED)


@transaction.atomic
def sign_out(*, device: Device, at: datetime) -> bool:
    """Whoever is bound to a device leaves it. Whether anybody was."""
    live.changing(at)
    binding = Binding.objects.select_related("person", "session").filter(device=device, ended__isnull=True).first()
    if binding is None:
        return False
    end_binding(binding, at, EndedHow.SIGN_OUT)
    live.changed(at)
    subject = binding.session.public_id if binding.session else binding.person.public_id
    detail: dict[str, object] = {"device": device.address}
    record(act="lessons:device:leave", by=binding.person, at=at, subject=subject, detail=detail)
    return True


def sign_in_staff(*, device: Device, person: Person, at: datetime, leaves_others: bool = False) -> Binding:
    """A member of staff works at a staff device on their own account (2.10), until they leave it.

    One person works at `AT_ONCE` computers at most. For one more they must leave the others; whoever does that to and
    fro is not one person, and waits. Either is noted before it is refused, so this is not one transaction.
    """
    if person.kind != PersonKind.STAFF or not person.active:
        raise ActRefusedError(_("Only staff sign in here."), "2.10")
    if device.kind != DeviceKind.STAFF:
        raise ActRefusedError(_("This device is for students."), "2.10")
    elsewhere = [one for one in held_by(person) if one.device_id != device.pk]
    at_all = [one.device.address for one in elsewhere] + [device.address]
    if goes_to_and_fro(person, device, at):
        note_sign(kind=SignKind.LOGIN, person=person, device=None, what="to-and-fro", devices=at_all, at=at)
        raise ActRefusedError(TO_AND_FRO, "2.10")
    if len(elsewhere) >= AT_ONCE and not leaves_others:
        note_sign(kind=SignKind.LOGIN, person=person, device=None, what="third", devices=at_all, at=at)
        raise ActRefusedError(SHARED, "2.10")
    return _bind_staff(device, person, at, elsewhere if leaves_others else [])


def held_by(person: Person) -> list[Binding]:
    """The devices at which a member of staff is signed in."""
    return list(Binding.objects.filter(person=person, session=None, ended__isnull=True).select_related("device"))


def goes_to_and_fro(person: Person, device: Device, at: datetime) -> bool:
    """Whether a member of staff who is not at this device has left others for another one too often within an hour.

    What the person responsible has settled counts no more.
    """
    if Binding.objects.filter(device=device, person=person, ended__isnull=True).exists():
        return False
    settled = Sign.objects.filter(kind=SignKind.LOGIN, person=person).aggregate(last=Max("settled_at"))["last"]
    since = max(at - AN_HOUR, settled or at - AN_HOUR)
    left = Binding.objects.filter(person=person, session=None, ended_how=EndedHow.LEFT, ended__gt=since)
    return left.values("ended").distinct().count() >= TO_AND_FRO_TIMES


@transaction.atomic
def _bind_staff(device: Device, person: Person, at: datetime, leaving: list[Binding]) -> Binding:
    live.changing(at)
    for one in leaving:
        end_binding(one, at, EndedHow.LEFT)
    binding = Binding.objects.filter(device=device, ended__isnull=True).first()
    if binding is None or binding.person_id != person.pk:
        if binding is not None:
            end_binding(binding, at, EndedHow.MOVED)
        binding = Binding.objects.create(device=device, person=person, attribution=Attribution.STAFF, since=at)
    elif not leaving:
        return binding
    live.changed(at)
    detail: dict[str, object] = {"device": device.address}
    record(act="lessons:staff:bind", by=person, at=at, subject=person.public_id, detail=detail)
    return binding
