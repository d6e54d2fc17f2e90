"""A permission opens exactly what it names, for its person and its term; nobody decides on their own request."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Listing, Resource, Target
from darbaza.policy.verdict import GroundKind, Message, Verdict
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways import presence, publish, rulebook
from darbaza.portal.gateways.models import SnapshotRevision
from darbaza.portal.lessons import actions as lessons
from darbaza.portal.lessons import seating
from darbaza.portal.navigation import home_of
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.permits import actions
from darbaza.portal.permits.actions import Scope
from darbaza.portal.permits.models import Permit, PermitKind, PermitState, lies_within
from darbaza.portal.permits.reading import effects_of, filtered, standing_of, students_for, visible_to
from darbaza.snapshot.presence import askers
from tests.portal.live import NOW, PIN, SOON, School, make_school, staff

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MAIL = "pochta.test"
WEBMAIL = Listing("webmail", "list", MAIL)
DOWNLOAD = Listing("downloads", "content", "program")
LastEntry = Callable[[], AuditEntry]


@pytest.fixture
def school() -> School:
    return make_school()


def scope(*resources: str, since: datetime = NOW, until: datetime = NOW + HOUR, subdomains: bool = False) -> Scope:
    return Scope(resources or (MAIL,), since, until, subdomains=subdomains)


def ask(school: School, by: Person | None = None, person: Person | None = None, **more: object) -> Permit:
    given: dict[str, object] = {
        "kind": PermitKind.EMAIL, "person": person or school.bek, "scope": scope(), "purpose": "Олимпиадага катышуу",
        "by": by or school.bek, "at": NOW,
    }  # fmt: skip
    return actions.ask(**(given | more))  # type: ignore[arg-type] # a test's keywords


def granted(school: School, at: datetime = NOW, given: Scope | None = None, **more: object) -> Permit:
    asked = ask(school, **more)
    wanted = given or Scope([str(one.typed) for one in asked.asked_resources], asked.since, asked.until)
    return actions.grant(permit=asked, scope=wanted, by=school.responsible, at=at)


def seated(school: School) -> None:
    """Bek and Cholpon side by side in the lesson."""
    lessons.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    for device, student in zip(school.devices, (school.bek, school.cholpon), strict=False):
        seating.sign_in(device=device, student=student, pin=PIN, at=NOW)


def answer(host: str, device: int = 1, at: datetime = SOON, listing: Listing = WEBMAIL, path: str = "") -> Verdict:
    book = rulebook.build(at)
    asker = askers(book, presence.build(at))[f"127.0.1.{device}"]
    return decide(AccessRequest(asker, Resource(host, path, False, (listing,)), at), book)


# What it opens


def test_mail_opens_for_its_person_and_not_for_the_neighbour(school: School) -> None:
    seated(school)
    assert answer(MAIL).message is Message.NEEDS_PERMIT
    permit = granted(school)
    verdict = answer(MAIL)
    assert (verdict.allows, verdict.clause) == (True, "3.2")
    assert (verdict.ground.kind, verdict.ground.ref) == (GroundKind.PERMIT, permit.ref)
    assert answer(MAIL, device=2).message is Message.NEEDS_PERMIT


def test_nothing_else_opens_with_it(school: School) -> None:
    seated(school)
    granted(school)
    assert not answer("bashka-pochta.test", listing=Listing("webmail", "list", "bashka-pochta.test")).allows
    assert not answer(f"zhashyruun.{MAIL}").allows, "a name without everything below it is that name alone"
    assert not answer(MAIL, listing=DOWNLOAD).allows, "mail is no download"
    assert answer(MAIL, listing=Listing("gambling", "list", MAIL)).clause == "3.3", "law closes it all the same"


def test_it_ends_by_the_clock_without_another_revision(school: School) -> None:
    seated(school)
    end = NOW + timedelta(seconds=10)
    granted(school, given=scope(until=end))
    book = rulebook.build(SOON)
    asker = askers(book, presence.build(SOON))["127.0.1.1"]
    resource = Resource(MAIL, "", False, (WEBMAIL,))
    assert decide(AccessRequest(asker, resource, end - timedelta(microseconds=1)), book).allows
    assert decide(AccessRequest(asker, resource, end), book).message is Message.NEEDS_PERMIT


def test_one_that_was_taken_back_closes_at_once(school: School, last_entry: LastEntry) -> None:
    seated(school)
    permit = granted(school)
    with pytest.raises(ActRefusedError, match="why the permission is taken back"):
        actions.take_back(permit=permit, reason=" ", by=school.responsible, at=SOON)
    actions.take_back(permit=permit, reason="Башкасына берди", by=school.responsible, at=SOON)
    assert (last_entry().act, last_entry().subject) == ("permits:permit:take-back", permit.ref)
    assert not answer(MAIL).allows
    with pytest.raises(ActRefusedError, match="not in force"):
        actions.take_back(permit=permit, reason="Дагы", by=school.responsible, at=SOON)


def test_a_download_opens_below_its_path_only(school: School) -> None:
    seated(school)
    granted(school, kind=PermitKind.DOWNLOAD, scope=scope("https://kitep.test/dasturlar/"), file_kind="программа")
    assert answer("kitep.test", listing=DOWNLOAD, path="/dasturlar/scratch.exe").allows
    assert not answer("kitep.test", listing=DOWNLOAD, path="/kino.mp4").allows
    assert not answer("kitep.test", device=2, listing=DOWNLOAD, path="/dasturlar/scratch.exe").allows


def test_a_revision_is_made_when_it_is_given_and_taken_back_and_not_when_it_is_asked_for(school: School) -> None:
    publish.refresh(NOW)
    before = SnapshotRevision.objects.count()
    asked = ask(school)
    assert not publish.bears_on_rulebook("permits:permit:ask")
    publish.refresh(NOW)
    assert SnapshotRevision.objects.count() == before
    permit = actions.grant(permit=asked, scope=scope(), by=school.responsible, at=NOW)
    publish.refresh(NOW)
    assert SnapshotRevision.objects.count() == before + 1
    actions.take_back(permit=permit, reason="Болду", by=school.responsible, at=SOON)
    publish.refresh(SOON)
    assert SnapshotRevision.objects.count() == before + 2


def test_whoever_has_left_the_school_has_no_permission(school: School) -> None:
    granted(school)
    school.bek.active = False
    school.bek.save()
    assert rulebook.build(SOON).permits == ()


# Asking


def test_a_student_asks_for_themselves(school: School, last_entry: LastEntry) -> None:
    made = ask(school)
    assert (made.state, made.ref, made.asked_by) == (PermitState.ASKED, "", school.bek)
    assert (last_entry().act, last_entry().subject) == ("permits:permit:ask", str(made.pk))
    with pytest.raises(RightMissingError):
        ask(school, person=school.cholpon)


def test_a_teacher_asks_for_students_and_a_class_teacher_for_the_class(school: School) -> None:
    assert ask(school, by=school.aida, person=school.daniyar).asked_by == school.aida
    assert ask(school, by=school.class_teacher).person == school.bek
    with pytest.raises(RightMissingError):
        ask(school, by=school.class_teacher, person=school.daniyar)
    assert set(students_for(school.class_teacher, NOW)) == {school.bek, school.cholpon}
    assert set(students_for(school.aida, NOW)) == {school.bek, school.cholpon, school.daniyar}


def test_staff_ask_for_themselves_and_for_no_colleague(school: School) -> None:
    assert ask(school, by=school.aida, person=school.aida).person == school.aida
    with pytest.raises(ActRefusedError, match="for themselves"):
        ask(school, by=school.aida, person=school.bakyt)
    for person in (school.ict, school.responsible, school.director):
        with pytest.raises(RightMissingError):
            ask(school, by=person)
    with pytest.raises(RightMissingError):
        ask(school, by=school.nobody, person=school.nobody)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"kind": "money"}, "what the permission is for"),
        ({"purpose": " ? "}, "what it is needed for"),
        ({"scope": scope(" ")}, "Name the resources"),
        ({"scope": scope("com")}, "public suffix"),
        ({"scope": scope("a..b")}, "cannot be read"),
        ({"scope": scope(*(f"a{number}.test" for number in range(11)))}, "at most 10"),
        ({"scope": scope(until=NOW)}, "end lies before"),
        ({"scope": scope(until=NOW + timedelta(days=367))}, "a year at most"),
    ],
)
def test_a_request_that_cannot_stand_is_refused_whole(school: School, more: dict[str, object], said: str) -> None:
    with pytest.raises(ActRefusedError, match=said):
        ask(school, **more)
    assert not Permit.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_thousand_requests_do_not_bury_the_others(school: School) -> None:
    for _number in range(actions.MOST_WAITING):
        ask(school)
    with pytest.raises(ActRefusedError, match="wait already"):
        ask(school)
    assert ask(school, person=school.cholpon, by=school.cholpon)


# Deciding


def test_it_is_numbered_within_its_year_when_it_is_given(school: School, last_entry: LastEntry) -> None:
    ask(school)
    first, second = granted(school), granted(school, by=school.aida, person=school.aida)
    assert (first.ref, second.ref) == ("2026-1", "2026-2")
    assert (last_entry().act, last_entry().subject) == ("permits:permit:decide", "2026-2")


def test_it_may_be_given_for_less_and_not_for_more(school: School) -> None:
    asked = ask(school, scope=scope(MAIL, "sakta.test", subdomains=True))
    for wider in (
        scope("bashka.test"),
        scope(until=NOW + 2 * HOUR),
        scope(since=NOW - HOUR),
    ):
        with pytest.raises(ActRefusedError, match=r"not asked for|not longer"):
            actions.grant(permit=asked, scope=wider, by=school.responsible, at=NOW)
    less = scope(f"kat.{MAIL}", until=NOW + HOUR / 2)
    given = actions.grant(permit=asked, scope=less, answer="Жарым саат", by=school.responsible, at=NOW)
    assert [one.target for one in given.granted_resources] == [Target(f"kat.{MAIL}", "", False)]
    assert (given.until, given.asked_until) == (NOW + HOUR / 2, NOW + HOUR)


@pytest.mark.parametrize(
    ("inner", "outer", "within"),
    [
        (Target("a.test"), Target("a.test"), True),
        (Target("b.a.test"), Target("a.test"), True),
        (Target("ba.test"), Target("a.test"), False),
        (Target("a.test"), Target("a.test", "", False), False),
        (Target("a.test", "/x", False), Target("a.test", "", False), True),
        (Target("a.test", "", False), Target("a.test", "/x", False), False),
        (Target("a.test", "/xy", False), Target("a.test", "/x", False), False),
        (Target("b.a.test", "", False), Target("a.test", "", False), False),
    ],
)
def test_less_is_what_opens_nothing_more(inner: Target, outer: Target, within: bool) -> None:
    assert lies_within(inner, outer) is within


def test_nobody_decides_on_their_own_request(school: School) -> None:
    own = ask(school, by=school.responsible, person=school.responsible)
    for act in (
        lambda: actions.grant(permit=own, scope=scope(), by=school.responsible, at=NOW),
        lambda: actions.decline(permit=own, reason="Жок дейм", by=school.responsible, at=NOW),
    ):
        with pytest.raises(ActRefusedError, match="their own request"):
            act()
    other = staff("Урмат", Duty.INTERNET_RESPONSIBLE)
    assert actions.grant(permit=own, scope=scope(), by=other, at=NOW).decided_by == other


def test_each_wrong_role_is_refused(school: School) -> None:
    asked, given = ask(school), granted(school)
    entries = AuditEntry.objects.count()
    for person in (school.director, school.ict, school.aida, school.class_teacher, school.nobody, school.bek):
        with pytest.raises(RightMissingError):
            actions.grant(permit=asked, scope=scope(), by=person, at=NOW)
        with pytest.raises(RightMissingError):
            actions.decline(permit=asked, reason="Себеп", by=person, at=NOW)
        with pytest.raises(RightMissingError):
            actions.take_back(permit=given, reason="Себеп", by=person, at=NOW)
    with pytest.raises(ActRefusedError, match="Only whoever asked"):
        actions.withdraw(permit=asked, by=school.aida, at=NOW)
    assert AuditEntry.objects.count() == entries


def test_what_is_answered_is_answered_once(school: School, last_entry: LastEntry) -> None:
    asked = ask(school)
    with pytest.raises(ActRefusedError, match="with a reason"):
        actions.decline(permit=asked, reason="", by=school.responsible, at=NOW)
    actions.decline(permit=asked, reason="Сабакка тиешеси жок", by=school.responsible, at=NOW)
    assert last_entry().act == "permits:permit:decline"
    for act in (
        lambda: actions.grant(permit=asked, scope=scope(), by=school.responsible, at=NOW),
        lambda: actions.decline(permit=asked, reason="Дагы", by=school.responsible, at=NOW),
        lambda: actions.withdraw(permit=asked, by=school.bek, at=NOW),
    ):
        with pytest.raises(ActRefusedError, match="answered or withdrawn"):
            act()


def test_whoever_asked_withdraws(school: School, last_entry: LastEntry) -> None:
    asked = ask(school, by=school.aida)
    actions.withdraw(permit=asked, by=school.bek, at=SOON)
    assert last_entry().act == "permits:permit:withdraw"
    assert Permit.objects.get().state == PermitState.WITHDRAWN


# Seeing


def test_each_sees_what_concerns_them(school: School) -> None:
    of_bek, of_daniyar = ask(school), ask(school, by=school.daniyar, person=school.daniyar)
    for person in (school.director, school.ict, school.responsible):
        assert set(visible_to(person, NOW)) == {of_bek, of_daniyar}
    assert set(visible_to(school.class_teacher, NOW)) == {of_bek}
    assert set(visible_to(school.aida, NOW)) == set()
    assert set(visible_to(school.bek, NOW)) == {of_bek}


def test_the_list_is_filtered_by_how_each_stands(school: School) -> None:
    waiting, given = ask(school), granted(school)
    declined = ask(school)
    actions.decline(permit=declined, reason="Себеп", by=school.responsible, at=NOW)
    everything = visible_to(school.responsible, NOW)
    found = {name: set(filtered(everything, name, SOON)) for name in ("waiting", "in-force", "over", "declined")}
    assert found == {"waiting": {waiting}, "in-force": {given}, "over": set(), "declined": {declined}}
    assert set(filtered(everything, "over", NOW + HOUR)) == {given}
    assert str(standing_of(given, SOON).word) == "in force"
    assert str(standing_of(given, NOW + HOUR).word) == "term is over"


def test_requests_are_on_the_home_page_of_whoever_may_decide(school: School) -> None:
    ask(school)
    said = [one.text for one in home_of(school.responsible, SOON).to_do]
    assert "1 request for a permission" in said
    assert "1 request for a permission" not in [one.text for one in home_of(school.director, SOON).to_do]
    own = ask(school, by=school.responsible, person=school.responsible)
    assert "1 request for a permission" in [one.text for one in home_of(school.responsible, SOON).to_do]
    assert own.state == PermitState.ASKED


def test_before_the_decision_it_is_shown_what_would_open(school: School) -> None:
    # Nobody lists either host here: mail that no list names is not what the permission rule is about.
    [mail] = effects_of(ask(school), NOW)
    assert (mail.opens, mail.after.message) == (False, Message.NOT_RULED_ON)
    [file] = effects_of(ask(school, kind=PermitKind.DOWNLOAD), NOW)
    assert (file.opens, file.before.message) == (True, Message.NEEDS_PERMIT)
