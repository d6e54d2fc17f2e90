"""Who is told of an act is written down with the act: no act without its notification, none twice, none for nothing."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.classification import actions as classification
from darbaza.portal.council.models import OrderKind
from darbaza.portal.council.orders.drafts import draft_order
from darbaza.portal.council.orders.signing import Wording
from darbaza.portal.council.sittings import actions as sittings
from darbaza.portal.incidents import actions as incidents
from darbaza.portal.incidents import student_reports
from darbaza.portal.incidents.student_reports import Said
from darbaza.portal.lessons import actions as lessons
from darbaza.portal.lessons import seating
from darbaza.portal.notices import outbox
from darbaza.portal.notices.models import Kind, Notification
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.permits import actions as permits
from darbaza.portal.permits.actions import Scope
from darbaza.portal.permits.models import Permit, PermitKind
from tests.people import signed_in
from tests.portal.live import NOW, PIN, SOON, School, make_school, staff

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def school() -> School:
    return make_school()


def told(kind: Kind) -> set[Person]:
    return {one.person for one in Notification.objects.filter(kind=kind)}


def ask(school: School, by: Person, person: Person | None = None) -> Permit:
    return permits.ask(
        kind=PermitKind.EMAIL, person=person or by, scope=Scope(("pochta.test",), NOW, NOW + HOUR),
        purpose="Олимпиадага катышуу", by=by, at=NOW,
    )  # fmt: skip


def test_a_permission_that_is_asked_for_reaches_who_decides_and_the_answer_who_asked(school: School) -> None:
    asked = ask(school, school.aida, school.bek)
    assert told(Kind.PERMIT_ASKED) == {school.responsible}
    permits.decline(permit=asked, reason="Азыр керек эмес", by=school.responsible, at=SOON)
    assert told(Kind.PERMIT_DECIDED) == {school.aida}, "a student has no way into the portal"
    given = permits.grant(
        permit=ask(school, school.bakyt), scope=Scope(("pochta.test",), NOW, NOW + HOUR), by=school.responsible, at=SOON
    )
    assert told(Kind.PERMIT_DECIDED) == {school.aida, school.bakyt}
    permits.take_back(permit=given, reason="Башкасына берди", by=school.responsible, at=SOON)
    assert Notification.objects.filter(kind=Kind.PERMIT_DECIDED, person=school.bakyt).count() == 2


def test_who_asked_for_themselves_is_not_told_that_somebody_asks(school: School) -> None:
    both = staff("Эки", Duty.INTERNET_RESPONSIBLE)
    ask(school, both)
    assert told(Kind.PERMIT_ASKED) == {school.responsible}


def test_a_report_reaches_who_classifies(school: School) -> None:
    officer = staff("Кубан", Duty.CLASSIFICATION_OFFICER)
    classification.report(kind="unsuitable", resource="jaman.test", by=school.aida, at=NOW)
    assert told(Kind.REPORT) == {officer}
    classification.report(kind="unsuitable", resource="dagy.test", by=officer, at=NOW)
    assert Notification.objects.count() == 1, "nobody is told of what they did themselves"


def test_what_concerns_people_reaches_the_adult_who_was_named_and_nobody_else(school: School) -> None:
    staff("Кубан", Duty.CLASSIFICATION_OFFICER)
    lessons.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    said = Said("f" * 24, "urgent", "", "мага коркунуч келди")
    student_reports.report_from_device(said=said, device=school.devices[0], at=SOON)
    [one] = Notification.objects.all()
    assert (one.person, one.kind, one.is_urgent) == (school.class_teacher, Kind.URGENT_REPORT, True)
    assert "Бек" not in f"{one}{one.url}{one.event}"


def test_a_draft_of_an_order_waits_for_whoever_signs(school: School) -> None:
    wording = Wording(OrderKind.STAFF, "Негиз", (), None)
    draft_order(wording=wording, by=school.ict, at=NOW)
    assert told(Kind.ORDER) == {school.director}


def test_members_hear_of_a_sitting_and_the_proposer_of_the_answer(school: School) -> None:
    members = {staff(name, Duty.COUNCIL_MEMBER) for name in ("Анвар", "Дамира", "Эсен")}
    chair, secretary, _third = sorted(members, key=lambda one: one.pk)
    proposal = sittings.make_proposal(
        council="methodological", subject="other", proposer="teacher", text="Керек", by=school.aida, at=NOW
    )
    sitting = sittings.call_sitting(
        council="methodological", date=date(2026, 11, 23), place="", chair=chair, secretary=secretary,
        proposals=[proposal], by=chair, at=NOW,
    )  # fmt: skip
    assert told(Kind.SITTING) == members - {chair}
    sittings.open_sitting(sitting=sitting, present=list(members), by=chair, at=NOW)
    item = sitting.items.get()
    count = sittings.Count(votes_for=3, chair_voice="for")
    sittings.put_to_vote(item=item, resolved=sittings.Resolved("Макул"), count=count, by=chair, at=NOW)
    assert told(Kind.PROPOSAL) == set(), "a vote is no answer until the minutes are closed"
    sittings.close_sitting(sitting=sitting, in_force_from=date(2026, 11, 23), by=chair, at=NOW)
    assert told(Kind.PROPOSAL) == {school.aida}


def test_a_notice_reaches_the_class_teacher(school: School) -> None:
    session = lessons.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    incidents.send_notice(
        session=session, student=school.bek, text="Айтканды укпады", refusals=[], by=school.aida, at=SOON
    )
    assert told(Kind.CLASS_NOTICE) == {school.class_teacher}


class OutboxProperties(TestCase):
    """Acts in any order, some of which fail half way: what is told is exactly what stands."""

    def setUp(self) -> None:
        """The school, with an officer."""
        self.school = make_school()
        self.officer = staff("Кубан", Duty.CLASSIFICATION_OFFICER)

    @settings(max_examples=25)
    @given(st.lists(st.tuples(st.sampled_from(["report", "ask"]), st.booleans()), max_size=8))
    def test_every_act_that_stands_is_told_once_and_none_that_fell(self, acts: list[tuple[str, bool]]) -> None:
        before = set(AuditEntry.objects.values_list("number", flat=True))
        for number, (name, falls) in enumerate(acts):
            try:
                with transaction.atomic():
                    self.do(name, number, falls)
            except PowerCutError:
                continue
        made = AuditEntry.objects.exclude(number__in=before).exclude(act="permits:permit:withdraw")
        assert made.count() == sum(not falls for _name, falls in acts)
        for entry in made:
            people = list(Notification.objects.filter(event=f"act:{entry.number}").values_list("person_id", flat=True))
            assert people == [self.school.responsible.pk if entry.act == "permits:permit:ask" else self.officer.pk]
            outbox.after_act(None, entry)
        assert Notification.objects.count() == made.count(), "told again, it is the same notification"

    def do(self, name: str, number: int, falls: bool) -> None:
        """One act, before whose transaction ends the power may go."""
        if name == "report":
            classification.report(kind="unsuitable", resource=f"jaman{number}.test", by=self.school.aida, at=NOW)
        else:
            permits.withdraw(permit=ask(self.school, self.school.aida), by=self.school.aida, at=NOW)
        if falls:
            raise PowerCutError


class PowerCutError(Exception):
    """The power goes before the transaction ends."""


# On screen


def test_one_reads_ones_own_and_nobody_elses(school: School) -> None:
    asked = ask(school, school.aida)
    one = Notification.objects.get()
    client, other = signed_in(school.responsible), signed_in(school.director)
    assert "<b>1" in client.get("/notifications/unread").content.decode()
    assert f"/notifications/{one.public_id}/open" in client.get("/notifications/").content.decode()
    assert one.public_id not in other.get("/notifications/?show=all").content.decode()
    assert other.post(f"/notifications/{one.public_id}/open").status_code == 404
    assert client.get(f"/notifications/{one.public_id}/open").status_code == 405
    assert client.post(f"/notifications/{one.public_id}/open").headers["Location"] == f"/permits/{asked.pk}/"
    assert "<b>" not in client.get("/notifications/unread").content.decode()
    assert one.public_id in client.get("/notifications/?show=all").content.decode()


def test_all_are_read_with_one_button(school: School) -> None:
    ask(school, school.aida)
    ask(school, school.bakyt)
    client = signed_in(school.responsible)
    assert signed_in(school.director).post("/notifications/read").status_code == 302
    assert Notification.objects.filter(read_at=None).count() == 2
    assert client.get("/notifications/read").status_code == 405
    client.post("/notifications/read")
    assert not Notification.objects.filter(read_at=None).exists()


def test_who_is_not_of_the_school_sees_no_notifications(school: School, client: Client) -> None:
    assert client.get("/notifications/").status_code == 302
    Person.objects.filter(pk=school.aida.pk).update(active=False)
    assert signed_in(school.aida).get("/notifications/").status_code == 403


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_page_speaks_the_readers_language(school: School, language: str) -> None:
    ask(school, school.aida)
    client = signed_in(school.responsible)
    client.post("/language", {"language": language})
    words = {"ky": "Уруксат суралды", "ru": "Запрошено разрешение", "en": "A permission is asked for"}
    assert words[language] in client.get("/notifications/").content.decode()


def test_what_was_read_is_forgotten_with_the_log_and_what_was_not_stays(school: School) -> None:
    ask(school, school.aida)
    ask(school, school.bakyt)
    Notification.objects.filter(pk=Notification.objects.all()[0].pk).update(read_at=SOON)
    assert outbox.forget_before(date(2026, 11, 23)) == 0
    assert outbox.forget_before(date(2026, 11, 24)) == 1
    assert Notification.objects.count() == 1
