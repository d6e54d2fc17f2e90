"""The pages of permissions: asked for and answered on screen, from the student's own device as well."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from darbaza import clock
from darbaza.portal.lessons import actions as lessons
from darbaza.portal.lessons import seating
from darbaza.portal.papers.documents import gather
from darbaza.portal.papers.rendering import html_of
from darbaza.portal.permits import actions
from darbaza.portal.permits.actions import Scope
from darbaza.portal.permits.models import Permit, PermitState
from tests.portal.live import NOW, PIN, School, make_school, signed_in

pytestmark = pytest.mark.django_db

ASKED = {"kind": "email", "resources": "pochta.test", "purpose": "Олимпиада", "until": "2026-11-30T09:00"}
SINCE = {"since": "2026-11-23T09:10"}


@pytest.fixture
def school(monkeypatch: pytest.MonkeyPatch) -> Iterator[School]:
    monkeypatch.setattr(clock, "utc_now", lambda: NOW)
    return make_school()


def at_device(number: int) -> Client:
    return Client(REMOTE_ADDR=f"127.0.1.{number}")


def text_of(response: object) -> str:
    return html.unescape(getattr(response, "content", b"").decode())


def form_of(client: Client, path: str = "/kirish/uruksat") -> dict[str, str]:
    """The one-time number of a form that was just opened."""
    found = re.search(r'name="form" value="([^"]+)"', text_of(client.get(path)))
    return {"form": found.group(1)} if found else {}


def sit(school: School) -> None:
    lessons.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)


def asked(school: School) -> Permit:
    scope = Scope(["pochta.test"], NOW, NOW + actions.LONGEST_TERM)
    return actions.ask(kind="email", person=school.bek, scope=scope, purpose="Кат", by=school.bek, at=NOW)


def test_a_student_asks_from_the_device_and_reads_the_answer_there(school: School) -> None:
    sit(school)
    client = at_device(1)
    assert "/kirish/uruksat" in text_of(client.get("/kirish/"))
    assert 'value="pochta.test"' not in text_of(client.get("/kirish/uruksat"))
    assert "pochta.test" in text_of(client.get("/kirish/uruksat?host=pochta.test"))
    assert client.post("/kirish/uruksat", ASKED | form_of(client)).status_code == 302
    permit = Permit.objects.get()
    assert (permit.person, permit.asked_by, permit.since) == (school.bek, school.bek, NOW)
    actions.decline(permit=permit, reason="Мектептин почтасын колдон", by=school.responsible, at=NOW)
    assert "Мектептин почтасын колдон" in text_of(client.get("/kirish/uruksat"))


def test_a_student_asks_for_nobody_else_and_without_a_name_for_nobody(school: School) -> None:
    sit(school)
    at_device(1).post("/kirish/uruksat", ASKED | form_of(at_device(1)) | {"person": str(school.cholpon.pk)})
    assert Permit.objects.get().person == school.bek
    for client in (at_device(2), Client(REMOTE_ADDR="127.0.9.9")):
        assert client.get("/kirish/uruksat").headers["Location"] == "/kirish/"
        assert client.post("/kirish/uruksat", ASKED).headers["Location"] == "/kirish/"
    assert Permit.objects.count() == 1


def test_a_request_that_cannot_stand_keeps_what_was_written(school: School) -> None:
    sit(school)
    for change in ({"resources": "com"}, {"until": ""}, {"until": "2026-11-01T09:00"}):
        answer = at_device(1).post("/kirish/uruksat", ASKED | form_of(at_device(1)) | change)
        assert answer.status_code == 422
        assert "Олимпиада" in text_of(answer)
    assert not Permit.objects.exists()


def test_a_form_sent_again_makes_no_second_request(school: School) -> None:
    sit(school)
    client, teacher = at_device(1), signed_in(school.aida)
    form = form_of(client)
    for _time in range(2):
        assert client.post("/kirish/uruksat", ASKED | form).status_code == 302
    assert Permit.objects.count() == 1
    seating.sign_in(device=school.devices[1], student=school.cholpon, pin=PIN, at=NOW)
    for sent in (form, {"form": "made up"}, {}):
        assert at_device(2).post("/kirish/uruksat", ASKED | sent).status_code == 422, "a form is for one sign-in"
    own = ASKED | SINCE | form_of(teacher, "/permits/new")
    pages = [teacher.post("/permits/new", own).headers["Location"] for _time in range(2)]
    assert pages[0] == pages[1]
    assert Permit.objects.filter(person=school.aida).count() == 1
    assert Permit.objects.count() == 2


def test_a_student_withdraws_their_own_request_only(school: School) -> None:
    sit(school)
    own = asked(school)
    scope = Scope(["pochta.test"], NOW, NOW + actions.LONGEST_TERM)
    other = actions.ask(kind="email", person=school.cholpon, scope=scope, purpose="Кат", by=school.cholpon, at=NOW)
    client = at_device(1)
    assert client.get(f"/kirish/uruksat/{own.pk}/withdraw").status_code == 405
    assert client.post(f"/kirish/uruksat/{other.pk}/withdraw").status_code == 404
    assert client.post(f"/kirish/uruksat/{own.pk}/withdraw").status_code == 302
    assert client.post(f"/kirish/uruksat/{own.pk}/withdraw").status_code == 422
    assert at_device(2).post(f"/kirish/uruksat/{own.pk}/withdraw").status_code == 404
    own.refresh_from_db()
    assert own.state == PermitState.WITHDRAWN


def test_a_teacher_asks_for_a_student_and_the_person_responsible_gives_less(school: School) -> None:
    form = ASKED | SINCE | {"person": str(school.bek.pk), "resources": "pochta.test\nsakta.test"}
    assert signed_in(school.aida).post("/permits/new", form).status_code == 302
    permit = Permit.objects.get()
    responsible = signed_in(school.responsible)
    assert "pochta.test" in text_of(responsible.get(f"/permits/{permit.pk}/"))
    less = {"resources": "pochta.test", "since": "2026-11-23T09:10", "until": "2026-11-24T09:00"}
    wider = responsible.post(f"/permits/{permit.pk}/grant", less | {"resources": "bashka.test"})
    assert wider.status_code == 422
    assert responsible.post(f"/permits/{permit.pk}/grant", less | {"until": "x"}).status_code == 422
    assert responsible.post(f"/permits/{permit.pk}/grant", less).status_code == 302
    permit.refresh_from_db()
    assert [str(one) for one in permit.granted_resources] == ["pochta.test"]
    page = text_of(responsible.get(f"/permits/ref/{permit.ref}", follow=True))
    assert f"№ {permit.ref}" in page
    assert responsible.post(f"/permits/{permit.pk}/take-back", {"reason": "Болду"}).status_code == 302
    permit.refresh_from_db()
    assert permit.state == PermitState.TAKEN_BACK


def test_a_request_is_declined_and_withdrawn_on_screen(school: School) -> None:
    first, second = asked(school), asked(school)
    signed_in(school.responsible).post(f"/permits/{first.pk}/decline", {"reason": "Керек эмес"})
    signed_in(school.class_teacher).post(f"/permits/{second.pk}/withdraw")
    assert list(Permit.objects.order_by("pk").values_list("state", flat=True)) == ["declined", "asked"]


def test_nobody_sees_a_permission_that_is_none_of_theirs(school: School) -> None:
    permit = asked(school)
    assert signed_in(school.aida).get(f"/permits/{permit.pk}/").status_code == 404
    assert signed_in(school.class_teacher).get(f"/permits/{permit.pk}/").status_code == 200
    assert signed_in(school.responsible).get("/permits/ref/x-1").status_code == 404
    assert signed_in(school.responsible).get("/permits/ref/2026-1").status_code == 404


@pytest.mark.parametrize("page", ["/permits/", "/permits/new"])
def test_what_nobody_sees_of_an_encrypted_site_is_said_where_a_download_is_asked_for(school: School, page: str) -> None:
    shown = text_of(signed_in(school.responsible).get(page))
    assert "Башка шифрленген сайттын аты гана көрүнөт" in shown


def test_a_permission_is_printed_as_a_paper_whose_code_tells_when_it_was_taken_back(school: School) -> None:
    permit = asked(school)
    scope = Scope(["pochta.test"], NOW, NOW + timedelta(days=1))
    actions.grant(permit=permit, scope=scope, answer="Олимпиадага", by=school.responsible, at=NOW)
    permit.refresh_from_db()
    assert gather("permit", "2026-99") is None
    paper = gather("permit", permit.ref)
    assert paper is not None
    for language in ("ky", "ru", "en"):
        sheet = html_of(paper, language)
        for part in (permit.ref, school.bek.full_name, "pochta.test", "Олимпиадага", "3.2"):
            assert part in sheet
    path = f"/permits/{permit.pk}/"
    assert f"permit/{permit.ref}" in text_of(signed_in(school.responsible).get(path))
    printed = signed_in(school.responsible).post(f"/papers/print/permit/{permit.ref}", {"language": "ky"})
    assert printed.status_code == 302
    assert signed_in(school.aida).post(f"/papers/print/permit/{permit.ref}", {"language": "ky"}).status_code == 403
    actions.take_back(permit=permit, reason="Бүттү", by=school.responsible, at=NOW + timedelta(minutes=1))
    after = gather("permit", permit.ref)
    assert after is not None
    assert after.digest != paper.digest
    assert "2026" in after.facts["taken_back"]
