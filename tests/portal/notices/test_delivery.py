"""The outbox under everything that can happen to it; and when a message may go."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.classification import actions as classification
from darbaza.portal.classification.models import Report
from darbaza.portal.consents import actions as consents
from darbaza.portal.consents import risks
from darbaza.portal.consents.asked import ticks_of
from darbaza.portal.gateways.models import Box
from darbaza.portal.lessons import actions as lessons
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.notices import actions, delivery, hours, watching
from darbaza.portal.notices.actions import Setting
from darbaza.portal.notices.models import (
    Channel,
    ChannelKind,
    Contact,
    Delivery,
    Fault,
    Hours,
    How,
    Kind,
    Letter,
    LetterState,
    Notification,
    Wish,
)
from darbaza.portal.notices.sending.outcome import SENT, Message, Outcome
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.school_time import school_day
from tests.people import signed_in
from tests.portal.live import NOW, School, clock, make_school, staff
from tests.portal.notices.test_outbox import ask

HOUR = timedelta(hours=1)
STEPS = ("act", "urgent", "wait", "long wait", "down", "up", "busy", "crash", "read", "run")


class PowerCutError(BaseException):
    """The machine stops after a server took a message, before that is written down."""


class World:
    """A server that takes messages, puts them off or is not there, and a machine that may stop."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.state = "up"
        self.stops = False

    def send(self, _channel: Channel, message: Message) -> Outcome:
        if self.state != "up":
            return Outcome(Fault.LINE if self.state == "down" else Fault.BUSY)
        self.took.append(message.number)
        if self.stops:
            self.stops = False
            raise PowerCutError
        return SENT


class DeliveryProperties(TestCase):
    """Nothing that somebody wanted and has not read is lost, and nothing goes twice but after a stop in mid-sending."""

    def setUp(self) -> None:
        """Whoever decides wants permissions at once; the ICT-responsible person wants the box at once."""
        self.school = make_school()
        Channel.objects.create(kind="e-mail", set_by=self.school.ict, set_at=NOW)
        for person, kind in ((self.school.responsible, Kind.PERMIT_ASKED), (self.school.responsible, Kind.BOX_SILENT)):
            Contact.objects.get_or_create(
                person=person, channel="e-mail", defaults={"address": "a@b.test", "added_at": NOW, "confirmed_at": NOW}
            )
            Wish.objects.create(person=person, kind=kind, channel="e-mail", how=How.AT_ONCE)

    @settings(max_examples=25)
    @given(st.lists(st.sampled_from(STEPS), max_size=14))
    def test_everything_leaves_at_last(self, steps: list[str]) -> None:
        world, at, stops = World(), NOW, 0
        for number, step in enumerate(steps):
            at += {"wait": timedelta(minutes=6), "long wait": timedelta(hours=13)}.get(step, timedelta(seconds=2))
            if step == "act":
                ask(self.school, self.school.aida).delete()
            elif step == "urgent":
                Box.objects.create(name=f"b{number}", token_hash=f"t{number}", enrolled_at=NOW, last_seen=at - HOUR)
                watching.look(at)
            elif step in {"down", "up", "busy"}:
                world.state = step
            elif step == "read":
                actions.mark_read(by=self.school.responsible, at=at)
            elif step in {"run", "crash"}:
                world.stops = step == "crash"
                stops += self.run_once(world, at)
        world.state, world.stops = "up", False
        for _day in range(3):
            at += timedelta(hours=13)
            self.run_once(world, at)
        wanted = Notification.objects.filter(person=self.school.responsible)
        out = Delivery.objects.filter(letter__state=LetterState.SENT)
        assert Delivery.objects.count() == wanted.count()
        assert {one.notification_id for one in out} >= {one.pk for one in wanted if one.read_at is None}
        assert not Letter.objects.exclude(state=LetterState.SENT).exists()
        assert len(set(world.took)) == Letter.objects.count()
        assert len(world.took) - len(set(world.took)) <= stops

    def run_once(self, world: World, at: datetime) -> int:
        """Look into the outbox; 1 if the machine stopped in the midst of it."""
        try:
            delivery.run(world.send, lambda: at)
        except PowerCutError:
            return 1
        return 0


# When a message may go


@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis adds it
    quiet_from=st.times(),
    quiet_until=st.times(),
    digest_at=st.times(),
    how=st.sampled_from(How),
)
def test_nothing_but_the_urgent_comes_in_quiet_hours_and_nothing_waits_two_days(
    at: datetime, quiet_from: time, quiet_until: time, digest_at: time, how: How
) -> None:
    chosen = Hours(quiet_from=quiet_from, quiet_until=quiet_until, digest_at=digest_at)
    due = hours.due_at(how, chosen, urgent=False, at=at)
    assert at <= due <= at + timedelta(days=2)
    assert not hours.is_quiet(due, chosen)
    assert hours.due_at(how, chosen, urgent=True, at=at) == at


def test_quiet_hours_go_over_midnight() -> None:
    usual = Hours()
    assert [hours.is_quiet(clock(hour), usual) for hour in (6, 7, 19, 20, 23)] == [True, False, False, True, True]
    assert hours.after_quiet(clock(22), usual) == clock(7) + timedelta(days=1)
    assert not any(hours.is_quiet(clock(hour), Hours(quiet_from=time(8), quiet_until=time(8))) for hour in range(24))


# What comes by the clock


@pytest.mark.django_db
def test_a_silent_box_is_told_of_once_for_each_silence() -> None:
    school = make_school()
    box = Box.objects.create(name="box", token_hash="t", enrolled_at=NOW, last_seen=NOW)
    assert watching.look(NOW + watching.SILENT_AFTER) == 0
    later = NOW + watching.SILENT_AFTER + timedelta(seconds=1)
    assert watching.look(later) == 2
    assert {one.person for one in Notification.objects.all()} == {school.ict, school.responsible}
    assert watching.look(later + HOUR) == 0
    Box.objects.filter(pk=box.pk).update(last_seen=later + HOUR)
    assert watching.look(later + 3 * HOUR) == 2


@pytest.mark.django_db
def test_parents_who_differ_are_told_of_once_for_each_word_of_theirs_whoever_entered_it() -> None:
    school, at = make_school(), NOW
    told = consents.Told(risks.current(at), school.responsible, at, "ky")
    term = consents.Term(school_day(at), school_day(at) + timedelta(days=90))
    for relation, typed in (("mother", "+"), ("father", "-")):
        assert watching.look(at) == 0
        who, ticks = consents.Who(relation, "Асановдор"), ticks_of(typed)
        assert ticks is not None
        paper = consents.Paper(school.bek, who, ticks, school_day(at))
        consents.record_papers(papers=[paper], told_=told, term=term, paper_set=None, by=school.responsible, at=at)
    assert watching.look(at) == 1
    one = Notification.objects.get()
    assert (one.person, one.kind, one.url) == (
        school.responsible,
        Kind.PARENTS_DIFFER,
        f"/consents/person/{school.bek.pk}/",
    )
    assert watching.look(at + HOUR) == 0


@pytest.mark.django_db
def test_a_lesson_without_its_supervisor_a_held_list_and_a_report_that_is_due_are_told_of() -> None:
    school, officer = make_school(), staff("Кубан", Duty.CLASSIFICATION_OFFICER)
    session = lessons.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    lease = SupervisedSession.objects.get(pk=session.pk).lease_until
    assert watching.look(lease - timedelta(seconds=1)) == 0
    assert watching.look(lease) == watching.look(lease) + 2
    assert set(Notification.objects.values_list("person", flat=True)) == {school.aida.pk, school.responsible.pk}
    Box.objects.create(name="b", token_hash="t", enrolled_at=NOW, health={"lists": {"held": ["ut1: 40 % fewer"]}})
    assert watching.look(lease) == 1
    classification.report(kind="unsuitable", resource="jaman.test", by=school.aida, at=NOW)
    assert watching.look(lease) == 0
    Report.objects.update(due=clock(9).date())
    assert watching.look(lease) == 1
    assert set(Notification.objects.filter(person=officer).values_list("kind", flat=True)) == {
        Kind.LIST_HELD, Kind.REPORT, Kind.REPORT_DUE,
    }  # fmt: skip


# Acts and pages


@pytest.fixture
def school(db: None) -> School:
    return make_school()


def test_only_whoever_is_responsible_for_ict_sets_channels(school: School) -> None:
    setting = Setting("mail.test", 587, "starttls", "", "mektep@school.test")
    for person in (school.director, school.responsible, school.aida, school.nobody):
        for act in (
            lambda by: actions.set_channel(kind=ChannelKind.E_MAIL, setting=setting, by=by, at=NOW),
            lambda by: actions.close_channel(kind=ChannelKind.E_MAIL, by=by, at=NOW),
            lambda by: actions.test_channel(kind=ChannelKind.E_MAIL, by=by, at=NOW),
        ):
            with pytest.raises(RightMissingError):
                act(person)
    actions.set_channel(kind=ChannelKind.E_MAIL, setting=setting, by=school.ict, at=NOW)
    entry = AuditEntry.objects.order_by("-number")[0]
    assert (entry.act, entry.subject) == ("notices:channel:set", "e-mail")
    with pytest.raises(ActRefusedError, match="own address"):
        actions.test_channel(kind=ChannelKind.E_MAIL, by=school.ict, at=NOW)
    actions.close_channel(kind=ChannelKind.E_MAIL, by=school.ict, at=NOW)
    with pytest.raises(ActRefusedError, match="closed already"):
        actions.close_channel(kind=ChannelKind.E_MAIL, by=school.ict, at=NOW)
    with pytest.raises(ActRefusedError, match="password or token"):
        actions.set_channel(kind=ChannelKind.TELEGRAM, setting=Setting(), by=school.ict, at=NOW)
    for person in (school.director, school.responsible, school.aida, school.nobody):
        assert signed_in(person).get("/notifications/channels").status_code == 403


def test_what_was_on_its_way_to_an_old_address_goes_to_the_new_one(school: School) -> None:
    Channel.objects.create(kind="e-mail", set_by=school.ict, set_at=NOW)
    old = actions.add_contact(channel="e-mail", address="eski@school.test", by=school.responsible, at=NOW)
    Contact.objects.filter(pk=old.pk).update(confirmed_at=NOW)
    actions.choose_wishes(wishes={(Kind.PERMIT_ASKED, "e-mail"): How.AT_ONCE}, by=school.responsible, at=NOW)
    ask(school, school.aida)
    delivery.gather(NOW)
    new = actions.add_contact(channel="e-mail", address="jany@school.test", by=school.responsible, at=NOW)
    Contact.objects.filter(pk=new.pk).update(confirmed_at=NOW)
    world = World()
    delivery.run(world.send, lambda: NOW)
    assert {one.address for one in Letter.objects.filter(state=LetterState.SENT)} == {"jany@school.test"}
    assert Delivery.objects.get().letter is not None
    actions.remove_contact(channel="e-mail", by=school.responsible, at=NOW)
    assert not Wish.objects.exists()
    with pytest.raises(ActRefusedError, match="no address"):
        actions.remove_contact(channel="e-mail", by=school.responsible, at=NOW)


@pytest.mark.parametrize("address", ["", "x", "a b@school.test", "../../etc@x/y"])
def test_what_is_no_address_is_refused(school: School, address: str) -> None:
    Channel.objects.create(kind="e-mail", set_by=school.ict, set_at=NOW)
    with pytest.raises(ActRefusedError):
        actions.add_contact(channel="e-mail", address=address, by=school.aida, at=NOW)
    with pytest.raises(ActRefusedError, match="not set"):
        actions.add_contact(channel="other", address="aida", by=school.aida, at=NOW)


def test_a_channel_is_set_and_chosen_on_screen(school: School) -> None:
    ict, teacher = signed_in(school.ict), signed_in(school.responsible)
    form = {"e-mail-host": "mail.test", "e-mail-port": "587", "e-mail-security": "starttls", "e-mail-secret": "kupuya"}
    bad = ict.post("/notifications/channels/e-mail", form)
    assert bad.status_code == 422
    assert "mail.test" in bad.content.decode()
    assert "kupuya" not in bad.content.decode()
    good = form | {"e-mail-sender": "mektep@school.test", "e-mail-user_name": "mektep"}
    assert ict.post("/notifications/channels/e-mail", good).status_code == 302
    page = ict.get("/notifications/channels").content.decode()
    assert "mail.test" in page
    assert "kupuya" not in page
    assert ict.get("/notifications/channels/e-mail").status_code == 405
    assert ict.post("/notifications/channels/e-mail/nonsense").status_code == 404
    assert ict.post("/notifications/channels/telegram", {"telegram-secret": "no token"}).status_code == 422
    teacher.post("/notifications/contact/e-mail/add", {"address": "roza@school.test"})
    Contact.objects.update(confirmed_at=NOW)
    page = teacher.get("/notifications/choices").content.decode()
    assert 'name="permit-asked.e-mail"' in page
    assert 'name="order.e-mail"' not in page, "what never comes need not be chosen"
    teacher.post("/notifications/choices/wishes", {"permit-asked.e-mail": "at-once", "order.e-mail": "at-once"})
    assert [(one.kind, one.how) for one in Wish.objects.all()] == [("permit-asked", "at-once")]
    hours_chosen = {"quiet_from": "21:00", "quiet_until": "06:30", "digest_at": "14:00"}
    assert teacher.post("/notifications/choices/hours", hours_chosen | {"digest_at": "x"}).status_code == 422
    teacher.post("/notifications/choices/hours", hours_chosen)
    assert Hours.objects.get().digest_at == time(14)
    ict.post("/notifications/contact/e-mail/add", {"address": "ict@school.test"})
    ict.post("/notifications/channels/e-mail/test")
    letter = Letter.objects.get(purpose="test")
    assert "hx-get" in ict.get(f"/notifications/tests/{letter.public_id}").content.decode()
    assert teacher.get(f"/notifications/tests/{letter.public_id}").status_code == 403
    ict.post("/notifications/channels/e-mail/close")
    assert not Channel.objects.get().enabled


def test_a_stranger_chooses_nothing(client: Client, db: None) -> None:
    for path in ("choices", "channels"):
        assert client.get(f"/notifications/{path}").status_code == 302
    for path in ("choices/wishes", "choices/hours", "contact/e-mail/add", "channels/e-mail"):
        assert client.post(f"/notifications/{path}").status_code == 302
