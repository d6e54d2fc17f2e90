"""A student asks the teacher to open a resource: one card, one answer, and never more than a decision delegated."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Listing, Resource
from darbaza.portal.asking import actions, console_orders, known
from darbaza.portal.asking.actions import Said
from darbaza.portal.asking.models import AskState, LessonAsk, StudentAsk
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.classification.models import Report
from darbaza.portal.council.models import Proposal
from darbaza.portal.gateways import publish
from darbaza.portal.lessons import actions as lessons
from darbaza.portal.lessons import live, seating
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.lessons.values import session_value
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from tests.portal.live import NOW, PIN, SOON, School, make_school, ruling, signed_in

pytestmark = pytest.mark.django_db
LEFT = "video.test"
"""What the council leaves to the teacher."""
NEW = "jany.test"
"""What nobody ruled on."""


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)


@pytest.fixture
def school() -> School:
    made = make_school()
    ruling("delegate", host=LEFT)
    return made


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    session = lessons.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    for place, who in zip(school.devices, (school.bek, school.cholpon), strict=False):
        seating.sign_in(device=place, student=who, pin=PIN, at=NOW)
    return session


def ask(school: School, resource: str = LEFT, seat: int = 0, text: str = "", form: str = "") -> StudentAsk:
    said = Said(form or f"{StudentAsk.objects.count():x}-{resource}"[:32], resource, text)
    return actions.ask(said=said, device=school.devices[seat], at=SOON)


def answer_of(school: School, session: SupervisedSession, host: str) -> str:
    """What the gate answers to Bek by what the portal sends it."""
    from datetime import UTC

    from darbaza.portal.gateways import rulebook

    value = session_value(SupervisedSession.objects.get(pk=session.pk), SOON)
    book = rulebook.build(SOON, 1)
    from darbaza.policy.request import Asker

    asker = Asker("127.0.1.1", "students", school.k1.code, school.bek.public_id, value, acquainted=book.acquaintance)
    verdict = decide(AccessRequest(asker, Resource(host), SOON.astimezone(UTC)), book)
    return f"{verdict.outcome} {verdict.clause}"


def client_at(seat: int = 0, *, strict: bool = False) -> Client:
    return Client(REMOTE_ADDR=f"127.0.1.{seat + 1}", enforce_csrf_checks=strict)


def form_of(client: Client, resource: str = LEFT) -> str:
    page = client.get("/suroo/", {"resource": resource}).content.decode()
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


# Asking.


def test_several_students_asking_for_one_host_are_one_card_with_their_words(
    school: School, lesson: SupervisedSession, last_entry: Callable[[], AuditEntry]
) -> None:
    before, head = AuditEntry.objects.count(), live.head()
    ask(school, f"https://{LEFT}:8443/secret/path?who=me", text="  для   доклада ")
    ask(school, LEFT, seat=1)
    (card,) = console_orders.cards(lesson, SOON)
    assert (card["host"], card["words"], card["delegated"]) == (LEFT, ["для доклада"], True)
    assert card["who"] == "1 · Беков Бек, 2 · Чолпонов Чолпон"
    assert card["devices"] == ["127.0.1.1", "127.0.1.2"]
    assert "09:45" in card["scope"]
    assert StudentAsk.objects.get(student=school.bek).origin == f"https://{LEFT}:8443/"
    assert AuditEntry.objects.count() == before + 2
    assert last_entry().act == "asking:ask:make"
    assert not publish.bears_on_rulebook(last_entry().act)
    now = live.head()
    assert head is not None
    assert now is not None
    assert (now.sequence, now.epoch) == (head.sequence + 2, head.epoch)


@pytest.mark.parametrize(
    ("resource", "origin"),
    [
        ("video.test", "http://video.test/"),
        ("http://video.test:80/a", "http://video.test/"),
        ("HTTPS://video.test", "https://video.test/"),
        ("https://video.test:99999/", "https://video.test/"),
        ("ftp://video.test/", "http://video.test/"),
        ("javascript://video.test/%0aalert(1)", "http://video.test/"),
    ],
)
def test_the_answer_leads_to_scheme_host_and_port_of_the_web_and_to_nothing_else(resource: str, origin: str) -> None:
    assert actions.origin_of(resource, "video.test") == origin


def test_a_thousand_asks_of_one_student_are_one_card_and_lock_nothing(
    school: School, lesson: SupervisedSession, django_assert_max_num_queries: Any
) -> None:
    first = ask(school)
    before = live.head()
    for _ in range(1000):
        with django_assert_max_num_queries(6):
            assert ask(school, form=f"again{_}") == first
    assert LessonAsk.objects.count() == StudentAsk.objects.count() == 1
    assert live.head() == before


def test_a_student_who_asks_for_everything_is_told_to_wait_and_others_still_ask(
    school: School, lesson: SupervisedSession
) -> None:
    for number in range(actions.MOST_WAITING):
        ask(school, f"n{number}.test")
    for number in range(100):
        with pytest.raises(ActRefusedError, match="Wait for an answer"):
            ask(school, f"more{number}.test")
    assert LessonAsk.objects.count() == actions.MOST_WAITING
    ask(school, NEW, seat=1)


def test_over_a_whole_lesson_one_student_has_so_many_asks(school: School, lesson: SupervisedSession) -> None:
    for number in range(actions.MOST_IN_LESSON):
        card = ask(school, f"n{number}.test").card
        actions.decline(card=card, word="азыр эмес", by=school.aida, at=SOON)
    with pytest.raises(ActRefusedError, match="Talk with the teacher"):
        ask(school, NEW)


def test_what_is_open_needs_no_ask(school: School, lesson: SupervisedSession) -> None:
    ruling("allow", host="kitep.test")
    with pytest.raises(ActRefusedError, match="open already"):
        ask(school, "kitep.test")
    assert not LessonAsk.objects.exists()


def test_without_a_lesson_or_a_sign_in_nobody_is_asked(school: School, lesson: SupervisedSession) -> None:
    with pytest.raises(ActRefusedError, match="Nobody is signed in"):
        ask(school, seat=2)
    seating.sign_in_staff(device=school.staff_device, person=school.bakyt, at=NOW)
    with pytest.raises(ActRefusedError, match="No lesson"):
        actions.ask(said=Said("1", LEFT), device=school.staff_device, at=SOON)
    with pytest.raises(ActRefusedError, match="No lesson"):
        actions.ask(said=Said("1", LEFT), device=school.devices[0], at=lesson.ends)


# Allowing.


def test_what_a_decision_delegated_opens_for_the_lesson_and_nothing_beside_it(
    school: School, lesson: SupervisedSession, last_entry: Callable[[], AuditEntry]
) -> None:
    card = ask(school).card
    assert answer_of(school, lesson, LEFT) == "deny 2.6"
    before, epoch = AuditEntry.objects.count(), live.head()
    made = actions.allow(card=card, by=school.aida, at=SOON)
    assert made.state == AskState.ALLOWED
    assert answer_of(school, lesson, LEFT) == "allow 2.8"
    assert answer_of(school, lesson, NEW) == "deny 2.11"
    assert AuditEntry.objects.count() == before + 1
    assert last_entry().act == "asking:ask:allow"
    now = live.head()
    assert epoch is not None
    assert now is not None
    assert now.epoch > epoch.epoch
    assert console_orders.cards(lesson, SOON) == ()


def test_what_no_decision_delegated_stays_closed_whatever_the_form_says(
    school: School, lesson: SupervisedSession
) -> None:
    card = ask(school, NEW).card
    with pytest.raises(ActRefusedError, match="leaves this resource"):
        actions.allow(card=card, by=school.aida, at=SOON)
    card.refresh_from_db()
    assert (card.state, lesson.measures.count()) == (AskState.WAITING, 0)
    assert answer_of(school, lesson, NEW) == "deny 2.11"


def test_a_delegation_that_ended_meanwhile_opens_nothing(school: School, lesson: SupervisedSession) -> None:
    card = ask(school).card
    from darbaza.portal.council.models import Ruling

    Ruling.objects.filter(target_host=LEFT).update(until=SOON - timedelta(seconds=1))
    with pytest.raises(ActRefusedError, match="leaves this resource"):
        actions.allow(card=card, by=school.aida, at=SOON)


def test_what_is_statutory_is_not_opened_by_a_delegation(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = Resource(LEFT, "", listings=(Listing("gambling", "list", LEFT),))
    monkeypatch.setattr(known, "classify", lambda _host: listed)
    card = ask(school).card
    (shown,) = console_orders.cards(lesson, SOON)
    assert (shown["delegated"], shown["clause"]) == (False, "3.3")
    with pytest.raises(ActRefusedError, match="leaves this resource"):
        actions.allow(card=card, by=school.aida, at=SOON)


def test_what_the_teacher_denied_for_the_lesson_is_opened_in_place_of_the_denial(
    school: School, lesson: SupervisedSession
) -> None:
    lessons.deny_resource(session=lesson, address=LEFT, by=school.aida, at=SOON)
    actions.allow(card=ask(school).card, by=school.aida, at=SOON)
    assert answer_of(school, lesson, LEFT) == "allow 2.8"


def test_the_second_console_is_told_what_the_first_answered(school: School, lesson: SupervisedSession) -> None:
    card = ask(school).card
    actions.allow(card=card, by=school.aida, at=SOON)
    for again in (
        lambda: actions.allow(card=card, by=school.aida, at=SOON),
        lambda: actions.decline(card=card, word="жок", by=school.aida, at=SOON),
        lambda: actions.pass_on(card=card, by=school.aida, at=SOON),
    ):
        with pytest.raises(ActRefusedError, match="Answered already: opened for the lesson"):
            again()
    assert lesson.measures.filter(lifted__isnull=True).count() == 1


def test_taken_back_it_can_be_asked_for_anew(
    school: School, lesson: SupervisedSession, last_entry: Callable[[], AuditEntry]
) -> None:
    card = actions.allow(card=ask(school).card, by=school.aida, at=SOON)
    assert card.measure is not None
    lessons.lift_measure(measure=card.measure, by=school.aida, at=SOON)
    ask(school)
    card.refresh_from_db()
    assert (card.state, last_entry().act) == (AskState.WAITING, "asking:ask:make")
    actions.allow(card=card, by=school.aida, at=SOON)
    assert answer_of(school, lesson, LEFT) == "allow 2.8"


# Declining and passing on.


def test_a_no_has_its_word_which_the_student_reads(
    school: School, lesson: SupervisedSession, last_entry: Callable[[], AuditEntry]
) -> None:
    card = ask(school).card
    with pytest.raises(ActRefusedError, match="in a word"):
        actions.decline(card=card, word=" . ", by=school.aida, at=SOON)
    actions.decline(card=card, word="Кийинки сабакта", by=school.aida, at=SOON)
    assert last_entry().act == "asking:ask:decline"
    page = client_at().get(f"/suroo/{card.public_id}").content.decode()
    assert "Кийинки сабакта" in page
    assert f"/suroo/{card.public_id}/now" not in page
    assert ask(school).card.state == AskState.DECLINED


def test_what_nobody_ruled_on_becomes_a_proposal_without_a_childs_name(
    school: School, lesson: SupervisedSession, last_entry: Callable[[], AuditEntry]
) -> None:
    card = ask(school, NEW, text="мага керек, Бек").card
    ask(school, NEW, seat=1)
    before = AuditEntry.objects.count()
    made = actions.pass_on(card=card, by=school.aida, at=SOON)
    assert made.proposal is not None
    assert (made.proposal.target_host, made.proposal.effect, made.proposal.entered_by) == (NEW, "delegate", school.aida)
    assert "2" in made.proposal.text
    assert not re.search("Бек|Чолпон", made.proposal.text)
    assert AuditEntry.objects.count() == before + 1
    assert last_entry().act == "asking:ask:pass-on"
    assert answer_of(school, lesson, NEW) == "deny 2.11"
    assert made.proposal.ref in client_at().get(f"/suroo/{card.public_id}").content.decode()


def test_a_proposal_that_waits_is_not_made_twice(school: School, lesson: SupervisedSession) -> None:
    first = actions.pass_on(card=ask(school, NEW).card, by=school.aida, at=SOON)
    lessons.end_lesson(session=lesson, by=school.aida, at=SOON)
    other = lessons.start_lesson(key=school.slot.key, by=school.aida, at=SOON)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=SOON)
    second = actions.pass_on(card=ask(school, NEW, form="other").card, by=school.aida, at=SOON)
    assert second.session == other
    assert second.proposal == first.proposal
    assert Proposal.objects.count() == 1


def test_what_a_category_closes_goes_to_the_officer_with_a_day(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    ruling("deny", category="games")
    listed = Resource("oyun.test", "", listings=(Listing("games", "list", "oyun.test"),))
    monkeypatch.setattr(known, "classify", lambda _host: listed)
    made = actions.pass_on(card=ask(school, "oyun.test").card, by=school.aida, at=SOON)
    assert made.report is not None
    assert (made.report.kind, made.report.due > date(2026, 11, 23)) == ("wrong-refusal", True)
    assert Report.objects.count() == 1
    assert not Proposal.objects.exists()


def test_asks_end_with_the_lesson(school: School, lesson: SupervisedSession) -> None:
    card = ask(school).card
    lessons.end_lesson(session=lesson, by=school.aida, at=SOON)
    for late in (
        lambda: actions.allow(card=card, by=school.aida, at=SOON),
        lambda: actions.decline(card=card, word="жок", by=school.aida, at=SOON),
        lambda: actions.pass_on(card=card, by=school.aida, at=SOON),
    ):
        with pytest.raises(ActRefusedError, match="has ended"):
            late()
    assert not lesson.measures.exists()


def test_after_the_logs_term_nobody_is_named(school: School, lesson: SupervisedSession) -> None:
    ask(school)
    assert actions.forget_before(date(2026, 11, 23)) == 0
    assert actions.forget_before(date(2026, 11, 24)) == 1
    assert LessonAsk.objects.count() == 1


# Rights and forms.


@pytest.mark.parametrize("name", ["ask-allow", "ask-pass", "ask-decline"])
def test_only_the_supervisor_of_the_lesson_answers(school: School, lesson: SupervisedSession, name: str) -> None:
    card = ask(school).card
    address = f"/sabak/{lesson.public_id}/{name}"
    form = {"ask": card.public_id, "word": "жок"}
    assert signed_in(school.aida).get(address).status_code == 405
    assert client_at().post(address, form).status_code == 302  # a student's device is led to the sign-in
    assert signed_in(school.nobody).post(address, form).status_code == 403
    other = signed_in(school.bakyt).post(address, form, headers={"accept": "application/json"})
    assert (other.status_code, "2.8" in other.json()["text"]) == (409, True)
    assert Client(enforce_csrf_checks=True).post(address, form).status_code == 403
    card.refresh_from_db()
    assert card.state == AskState.WAITING


def test_a_card_of_another_lesson_is_not_answered_here(school: School, lesson: SupervisedSession) -> None:
    card = ask(school).card
    other = lessons.start_lesson(key=school.other_slot.key, by=school.bakyt, at=NOW)
    answered = signed_in(school.bakyt).post(
        f"/sabak/{other.public_id}/ask-allow", {"ask": card.public_id}, headers={"accept": "application/json"}
    )
    assert answered.status_code == 409
    card.refresh_from_db()
    assert card.state == AskState.WAITING


def test_from_the_form_to_the_opened_page(school: School, lesson: SupervisedSession) -> None:
    student = client_at()
    form = form_of(student, f"http://{LEFT}/")
    sent = student.post("/suroo/", {"form": form, "resource": f"http://{LEFT}/", "text": "долбоорго"})
    card = LessonAsk.objects.get()
    assert sent.headers["Location"] == f"/suroo/{card.public_id}"
    waiting = student.get(sent.headers["Location"])
    assert f"{sent.headers['Location']}/now" in waiting.content.decode()
    assert "Refresh" not in waiting.headers
    console = signed_in(school.aida)
    page = console.get(f"/sabak/{lesson.public_id}/").content.decode()
    assert "долбоорго" in page
    done = console.post(
        f"/sabak/{lesson.public_id}/ask-allow", {"ask": card.public_id}, headers={"accept": "application/json"}
    )
    assert "2.8" in done.json()["text"]
    assert student.get(f"/suroo/{card.public_id}/now").headers["HX-Refresh"] == "true"
    opened = student.get(f"/suroo/{card.public_id}")
    assert opened.headers["Refresh"].endswith(f"url=http://{LEFT}/")
    assert client_at(1).get(f"/suroo/{card.public_id}").status_code == 404


def test_a_replayed_or_forged_form_changes_nothing(school: School, lesson: SupervisedSession) -> None:
    form = form_of(client_at())
    sent = {"form": form, "resource": LEFT}
    assert client_at(1).post("/suroo/", sent).status_code == 403
    assert client_at().post("/suroo/", {**sent, "form": "0:0:0"}).status_code == 403
    assert client_at(strict=True).post("/suroo/", sent).status_code == 403
    assert not LessonAsk.objects.exists()
    for _ in range(2):
        assert client_at().post("/suroo/", sent).status_code == 302
    assert StudentAsk.objects.count() == 1


def test_what_needs_a_permission_leads_to_the_form_for_permissions(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = Resource("pochta.test", "", listings=(Listing("webmail", "list", "pochta.test"),))
    monkeypatch.setattr(known, "classify", lambda _host: listed)
    page = client_at().get("/suroo/", {"resource": "pochta.test"}).content.decode()
    assert "/kirish/uruksat?host=pochta.test" in page
    assert 'name="form"' not in page


def test_the_person_who_asks_is_nobody_but_whoever_is_signed_in(school: School, lesson: SupervisedSession) -> None:
    made = ask(school)
    assert made.student == Person.objects.get(pk=school.bek.pk)
    with pytest.raises(ActRefusedError, match="somebody else"):
        ask(school, seat=1, form=made.form)
