"""The invented school, made through the portal's own acts: every duty from an order, every ruling from a decision.

Run with Django set up; a school that stands already stays as it is. Passwords and PINs of invented people are written
to one file, since the simulator and whoever tries the demo need them: a real portal shows each once and keeps none.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

from django.db import transaction

from darbaza.demo import cast
from darbaza.demo.places import BELL, ROOMS, SEATS, STAFF_PCS, staff_pc, student_pc
from darbaza.portal.acquaintance import actions as acquaintance
from darbaza.portal.acquaintance.in_force import circles
from darbaza.portal.consents import actions as consents
from darbaza.portal.consents import risks
from darbaza.portal.consents.asked import ALL, ticks_of
from darbaza.portal.council import actions as council
from darbaza.portal.council.models import DefaultRule, OrderAct, OrderKind, RulingEffect, UserCategory
from darbaza.portal.council.publishing import RuleDraft, adopt_publication_rules
from darbaza.portal.council.targets import RulingDraft
from darbaza.portal.people import actions as people
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person, PersonKind, SchoolClass
from darbaza.portal.publications import actions as publications
from darbaza.portal.publications.reading import matter_of_draft
from darbaza.portal.rooms import actions as rooms
from darbaza.portal.rooms.models import Device, DeviceKind, Room
from darbaza.portal.school_time import school_day
from darbaza.portal.timetable import actions as timetable
from darbaza.portal.timetable.years import school_year_of
from darbaza.publication.findings import Finding
from darbaza.publication.matter import Answer, Answered, finding_keys

COLUMNS = 4
TERM = timedelta(days=365)
SUBJECT = "Информатика"
PURPOSE = "Окуу материалдарын издөө, долбоор менен иштөө"
GUIDED_BY = timetable.Considerations(
    law="Билим берүү жөнүндө мыйзам, санитардык эрежелер.",
    experience="Былтыркы жылы долбоор сабактары өзүн актады.",
    interests="Окуучулар менен сурамжылоо өткөрүлдү.",
    aims="Окуу программасына ылайык маалымат менен иштөө.",
)
LAST_MINUTE = time(23, 59)
"""When the day's last lesson ends: a weekly slot lies within one day."""


def bells(only: str = BELL) -> tuple[tuple[time, time], ...]:
    """From when till when lessons are: each full hour, or changing once a day at that hour alone."""
    changes = [time.fromisoformat(only)] if only else [time(hour) for hour in range(1, 24)]
    return tuple(pairwise([time(), *changes, LAST_MINUTE]))


DECISION = (
    "Окуучуларга окуу китептеринин, маалымдамалардын жана мамлекеттик органдардын булактары ачык. Оюндар жана "
    "социалдык тармактар жабык. Видеону сабакта мугалим өзү ача алат."
)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the school stands: the addresses of its PCs, and from when till when lessons are.

    `absent` is the place, by surname, of the student of each class who was away when the class accepted the rules.
    `cards` are the network cards of those PCs, by address, that the portal knows by them. `denied` are hosts that the
    council closes to students by name.
    """

    student_pc: Callable[[int, int], str] = student_pc
    staff_pc: Callable[[int], str] = staff_pc
    staff_pcs: int = STAFF_PCS
    bells: tuple[tuple[time, time], ...] = bells()
    absent: int | None = 7
    cards: Mapping[str, str] = field(default_factory=dict)
    denied: tuple[str, ...] = ()


@dataclass(slots=True)
class Founding:
    """The school while it is being made, and the sign-ins that were given."""

    at: datetime
    ground: Ground
    people: dict[str, Person] = field(default_factory=dict)
    classes: dict[str, SchoolClass] = field(default_factory=dict)
    rooms: dict[int, Room] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    pins: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    @property
    def director(self) -> Person:
        """Who signs orders."""
        return self.people[cast.DIRECTOR.username]

    @property
    def ict(self) -> Person:
        """Who enters people, rooms and the schedule."""
        return self.people[cast.ICT.username]


def found(secrets: Path, at: datetime, ground: Ground = Ground()) -> bool:
    """Make the school unless it stands; whether it was made. All of it, or nothing."""
    if Appointment.objects.exists() and secrets.exists():
        return False
    founding = Founding(at, ground)
    with transaction.atomic():
        for step in STEPS:
            step(founding)
    write_secrets(secrets, founding)
    return True


def enrol_adults(founding: Founding) -> None:
    """The director's recorded enrolment; then the ICT responsible by an order, who enters the others."""
    adult, at = cast.DIRECTOR, founding.at
    director, password = council.enrol_director(
        surname=adult.surname, given_name=adult.given_name, patronymic=adult.patronymic, username=adult.username, at=at
    )
    founding.people[adult.username], founding.passwords[adult.username] = director, password
    ict = people.add_person(kind=PersonKind.STAFF, **names(cast.ICT), by=director, at=at)
    founding.people[cast.ICT.username] = ict
    appoint(
        founding, "ИКТ боюнча жооптуу адам дайындалсын.", [council.Point(OrderAct.APPOINT, ict, Duty.ICT_RESPONSIBLE)]
    )
    for each in cast.STAFF:
        if each is not cast.ICT:
            added = people.add_person(kind=PersonKind.STAFF, **names(each), by=founding.ict, at=at)
            founding.people[each.username] = added
        person = founding.people[each.username]
        founding.passwords[each.username] = people.give_sign_in(
            person=person, username=each.username, by=founding.ict, at=at
        )


def names(adult: cast.Adult) -> dict[str, str]:
    """An adult's names as the portal takes them."""
    return {"surname": adult.surname, "given_name": adult.given_name, "patronymic": adult.patronymic}


def enrol_classes(founding: Founding) -> None:
    """Four classes and their students."""
    by, at = founding.ict, founding.at
    for position, (grade, letter) in enumerate(cast.CLASSES):
        school_class = people.open_class(grade=grade, letter=letter, by=by, at=at)
        founding.classes[school_class.name] = school_class
        for surname, given_name in cast.students(position):
            student = people.add_person(kind=PersonKind.STUDENT, surname=surname, given_name=given_name, by=by, at=at)
            people.enrol_student(student=student, school_class=school_class, since=school_day(at), by=by, at=at)


def issue_pins(founding: Founding) -> None:
    """Each student's PIN."""
    for name, school_class in founding.classes.items():
        students = list(school_class.students_on(school_day(founding.at)))
        cards = people.issue_pins(school_class=school_class, students=students, by=founding.ict, at=founding.at)
        founding.pins[name] = [
            {"id": card.student.public_id, "name": str(card.student), "pin": card.pin} for card in cards
        ]


def appoint_all(founding: Founding) -> None:
    """All other duties by one order."""
    points = [
        council.Point(
            OrderAct.APPOINT,
            founding.people[adult.username],
            duty,
            founding.classes[adult.school_class] if duty is Duty.CLASS_TEACHER else None,
        )
        for adult in cast.STAFF
        for duty in adult.duties
        if duty is not Duty.ICT_RESPONSIBLE
    ]
    appoint(founding, "Интернет, усулдук кеңеш, сабактар жана класстар боюнча жооптуулар дайындалсын.", points)


def appoint(founding: Founding, text: str, points: list[council.Point]) -> None:
    """Sign an order on duties."""
    council.sign_order(
        kind=OrderKind.STAFF,
        text=text,
        points=points,
        in_force_from=school_day(founding.at),
        by=founding.director,
        at=founding.at,
    )


def open_rooms(founding: Founding) -> None:
    """Two computer rooms with their seats and PCs, the staff's PCs, and the order that equips the rooms (2.5)."""
    by, at = founding.ict, founding.at
    for number in ROOMS:
        room = rooms.open_room(code=f"room-{number}", name=f"{number}-компьютер классы", capacity=SEATS, by=by, at=at)
        founding.rooms[number] = room
        first = founding.ground.student_pc(number, 1)
        rooms.lay_out(room=room, columns=COLUMNS, rows=SEATS // COLUMNS, first_address=first, by=by, at=at)
    for number in range(1, founding.ground.staff_pcs + 1):
        name = f"mugalim-{number}"
        rooms.put_device(
            address=founding.ground.staff_pc(number), name=name, kind=DeviceKind.STAFF, seat=None, by=by, at=at
        )
    for address, card in founding.ground.cards.items():
        known = Device.objects.get(address=address)
        kind = DeviceKind(known.kind)
        rooms.put_device(address=address, name=known.name, kind=kind, seat=known.seat, by=by, at=at, mac=card)
    council.sign_order(
        kind=OrderKind.ROOMS,
        text="Эки компьютер классы Интернетте иштөө үчүн жабдылган бөлмө болуп саналсын.",
        points=[council.Point(OrderAct.EQUIP, room=room) for room in founding.rooms.values()],
        in_force_from=school_day(at),
        by=founding.director,
        at=at,
    )


def schedule(founding: Founding) -> None:
    """Lessons in both rooms day and night, so that the demo lives whenever somebody starts it (2.1, 2.4)."""
    by, at, day = founding.ict, founding.at, school_day(founding.at)
    version = timetable.draft_schedule(school_year=school_year_of(day), title="Көргөзмө жүгүртмө", by=by, at=at)
    teachers = {1: cast.LIVE_TEACHER, 2: cast.FREE_TEACHER}
    for number in ROOMS:
        for weekday in range(7):
            for hour, (starts, ends) in enumerate(founding.ground.bells):
                timetable.add_slot(
                    version=version,
                    room=founding.rooms[number],
                    school_class=founding.classes[cast.ROOM_CLASSES[number][hour % 2]],
                    teacher=founding.people[teachers[number].username],
                    subject=SUBJECT,
                    purpose=PURPOSE,
                    weekday=weekday,
                    starts=starts,
                    ends=ends,
                    by=by,
                    at=at,
                )
    timetable.answer_considerations(version=version, answers=GUIDED_BY, by=by, at=at)
    timetable.consider_schedule(version=version, meeting=day, minutes="1", by=by, at=at)
    order = council.sign_order(
        kind=OrderKind.SCHEDULE,
        text="Компьютер класстарынын жүгүртмөсү бекитилсин.",
        in_force_from=day,
        by=founding.director,
        at=at,
    )
    timetable.approve_schedule(version=version, order=order, since=day, until=day + TERM, by=founding.director, at=at)


def decide(founding: Founding) -> None:
    """What the methodological council allows, denies and leaves to the teacher (2.6)."""
    of = {category.code: category for category in UserCategory.objects.all()}
    rulings = [
        RulingDraft(of["students"], effect, category=category)
        for effect, categories in RULINGS.items()
        for category in categories
    ]
    rulings += [RulingDraft(of["students"], RulingEffect.DENY, host=host) for host in founding.ground.denied]
    day = school_day(founding.at)
    council.adopt_decision(
        text=DECISION,
        minutes_number="1",
        date=day,
        in_force_from=day,
        rulings=rulings,
        defaults={of["students"]: DefaultRule.ALLOW_LIST, of["staff"]: DefaultRule.BLOCK_LIST},
        by=founding.people[cast.COUNCIL.username],
        at=founding.at,
    )


def acquaint(founding: Founding) -> None:
    """Classes and staff accept the rules together, each on a sheet of signatures; who was absent is left out (2.12)."""
    by, at = founding.ict, founding.at
    for circle in circles(at):
        sheet = acquaintance.make_sheet(circle=circle, by=by, at=at)
        away = founding.ground.absent if circle.school_class else None
        signed = [one["id"] for place, one in enumerate(sheet.people) if place != away]
        acquaintance.record_sheet(sheet=sheet, signed=signed, signed_on=school_day(at), language="ky", by=by, at=at)


NEWS = publications.Written(
    title="Мектеп китепканасы кечинде да ачык",
    body=(
        "Дүйшөмбүдөн тартып мектеп китепканасы кечки саат алтыга чейин ачык.\n\n"
        "## Эмне бар\n- окуу китептери жана сөздүктөр\n- төрт компьютер, жооптуу мугалим менен\n\n"
        "Ата-энелер да келе алышат."
    ),
)
NAMED = "Район олимпиадасынын жыйынтыгы"
NAMED_BODY = "Мектебибиздин командасы район олимпиадасында экинчи орунду алды. {name} эң көп упай топтоду."
WAITS = "Шахмат мелдеши башталды"
WAITS_BODY = "Мектепте шахмат мелдеши башталды. Биринчи оюнду {name} утту."
RECORD = "Район боюнча калыстардын протоколу"
MOTHER = "Нургүл"
NOBODY = "Китепкананын иш тартиби, адам жөнүндө эмес"
CALENDAR = "Китепкананын иш тартиби боюнча буйрук"
PUBLISHED = "Мектептин сайтына кабарлар, иш-чаралар жана документтер жарыяланат; Telegram каналына кабарлар гана."


def publish(founding: Founding) -> None:
    """What the council lets be published; a news item, one that names a student whose mother agreed, one that waits."""
    let_be_published(founding)
    publish_one(founding, NEWS, CALENDAR)
    named, waiting = [f"{surname} {given_name}" for surname, given_name in cast.students(0)[:2]]
    surname, given_name = cast.students(0)[0]
    student = Person.objects.get(kind=PersonKind.STUDENT, surname=surname, given_name=given_name)
    agree(founding, student)
    publish_one(founding, publications.Written(title=NAMED, body=NAMED_BODY.format(name=named)), RECORD, student)
    written = publications.Written(title=WAITS, body=WAITS_BODY.format(name=waiting))
    publications.write(written=written, by=founding.people[cast.FREE_TEACHER.username], at=founding.at)


def let_be_published(founding: Founding) -> None:
    """What the council decides on publishing (2.6)."""
    day = school_day(founding.at)
    adopt_publication_rules(
        text=PUBLISHED,
        minutes_number="2",
        date=day,
        in_force_from=day,
        rules=[
            RuleDraft(channel="site", most_words=800, most_pictures=6),
            RuleDraft(channel="telegram", most_words=200),
        ],
        by=founding.people[cast.COUNCIL.username],
        at=founding.at,
    )


def agree(founding: Founding, student: Person) -> None:
    """A student's mother agrees to everything asked, on a form (2.15, 2.17)."""
    at, day, by = founding.at, school_day(founding.at), founding.people["internet"]
    everything = ticks_of(ALL)
    if everything is None:
        raise ValueError(ALL)
    told = consents.Told(risks.current(at), by, at, "ky")
    mother = consents.Who("mother", f"{student.surname} {MOTHER}")
    paper = consents.Paper(person=student, who=mother, ticks=everything, signed_on=day)
    term = consents.Term(day, day + TERM)
    consents.record_papers(papers=[paper], told_=told, term=term, paper_set=None, by=by, at=at)


def publish_one(founding: Founding, written: publications.Written, source: str, named: Person | None = None) -> None:
    """Bring something from its author to the public: what is found in it is of `named`, or of nobody."""
    at, author, responsible = founding.at, founding.people[cast.FREE_TEACHER.username], founding.people["internet"]
    news = publications.write(written=written, by=author, at=at)
    content = matter_of_draft(news, at).content
    publications.check_facts(publication=news, source=source, digest=content, by=founding.director, at=at)
    findings = matter_of_draft(news, at).findings
    given = {key: answer_to(one, named) for key, one in zip(finding_keys(findings), findings, strict=True)}
    publications.answer(publication=news, answers=given, by=responsible, at=at)
    clearing = matter_of_draft(news, at).clearing
    publications.check_personal_data(publication=news, digest=clearing, by=responsible, at=at)
    publications.publish(publication=news, by=responsible, at=at)


def answer_to(finding: Finding, named: Person | None) -> Answered:
    """By the consent of whoever may be meant, or nobody's."""
    if named is not None and str(named.pk) in finding.people:
        return Answered(Answer.CONSENT, (str(named.pk),))
    return Answered(Answer.NOT_A_PERSON, why=NOBODY)


RULINGS = {
    RulingEffect.ALLOW: ("education", "reference", "government"),
    RulingEffect.DENY: ("games", "social"),
    RulingEffect.DELEGATE: ("video",),
}

STEPS: tuple[Callable[[Founding], None], ...] = (
    enrol_adults,
    enrol_classes,
    issue_pins,
    appoint_all,
    open_rooms,
    schedule,
    decide,
    acquaint,
    publish,
)


def write_secrets(path: Path, founding: Founding) -> None:
    """Keep the sign-ins of the invented people, readable for the owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(
        json.dumps({"passwords": founding.passwords, "students": founding.pins}, ensure_ascii=False, indent=1),
        encoding="utf-8",
    )
