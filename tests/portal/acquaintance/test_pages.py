"""The pages of acquaintance: the two screens, the lists of those who are missing, the sheet; and the sign-in page."""

import html
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from darbaza import clock
from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Resource
from darbaza.policy.verdict import Message
from darbaza.portal.acquaintance.in_force import acceptance_of
from darbaza.portal.acquaintance.models import Acquaintance, Sheet
from darbaza.portal.acquaintance.rules import rules_at
from darbaza.portal.gateways import presence, publish, rulebook
from darbaza.portal.gateways.situation import of_device
from darbaza.portal.lessons import actions as lessons
from darbaza.portal.lessons import live, seating
from tests.portal.live import NOW, PIN, School, make_school, signed_in

pytestmark = pytest.mark.django_db
DEVICE = "127.0.1.1"


@pytest.fixture
def school(monkeypatch: pytest.MonkeyPatch) -> Iterator[School]:
    """The small school; nobody has read the rules."""
    monkeypatch.setattr(clock, "utc_now", lambda: NOW)
    made = make_school()
    Acquaintance.objects.all().delete()
    return made


def text_of(response: object) -> str:
    return html.unescape(getattr(response, "content", b"").decode())


def sit(school: School) -> Client:
    lessons.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    return Client(REMOTE_ADDR=DEVICE)


def accepted(school: School) -> dict[str, str]:
    return {one.device: one.acquainted for one in presence.build(NOW).bindings}


def test_a_student_signs_in_reads_two_screens_accepts_and_is_let_in(school: School) -> None:
    client, key = sit(school), rules_at(NOW).id
    before = presence.build(NOW)
    first = text_of(client.get("/kirish/"))
    assert key not in first
    assert "✓" not in first
    second = text_of(client.get("/kirish/?bet=2"))
    assert f'value="{key}"' in second
    assert client.get("/captive").json()["captive"] is True
    assert client.get("/kirish/accept").status_code == 405
    assert accepted(school) == {DEVICE: ""}
    assert client.post("/kirish/accept", {"text": "other/2020-09-15"}).status_code == 403
    assert client.post("/kirish/accept", {"text": key}).status_code == 302
    assert "✓" in text_of(client.get("/kirish/"))
    assert client.get("/captive").json()["captive"] is False
    assert accepted(school) == {DEVICE: key}
    assert presence.build(NOW).sequence > before.sequence


def test_a_device_at_which_nobody_sits_accepts_nothing(school: School) -> None:
    sit(school)
    for address in ("127.0.1.2", "127.0.9.9"):
        answer = Client(REMOTE_ADDR=address).post("/kirish/accept", {"text": rules_at(NOW).id})
        assert answer.headers["Location"] == "/kirish/"
    assert not Acquaintance.objects.exists()


def test_the_gate_says_2_12_until_the_rules_are_accepted(school: School) -> None:
    client, book = sit(school), rulebook.build(NOW)

    def verdict() -> object:
        found = decide(AccessRequest(of_device(DEVICE, book, NOW).asker, Resource("kitep.test"), NOW), book)
        return found.clause, found.message

    assert verdict() == ("2.12", Message.ACQUAINT_FIRST)
    client.post("/kirish/accept", {"text": rules_at(NOW).id})
    assert verdict() == ("2.11", Message.NOT_RULED_ON)


def test_a_teacher_reads_and_accepts_in_the_portal(school: School) -> None:
    client, key = signed_in(school.aida), rules_at(NOW).id
    assert "/erezhe/" in text_of(client.get("/"))
    assert key not in text_of(client.get("/erezhe/"))
    assert f'value="{key}"' in text_of(client.get("/erezhe/?bet=2"))
    client.post("/erezhe/", {"text": key})
    assert acceptance_of(school.aida, NOW) is not None
    assert f'value="{key}"' not in text_of(client.get("/erezhe/?bet=2"))
    assert "/erezhe/" not in text_of(client.get("/"))


def test_whoever_is_not_signed_in_reads_and_accepts_nothing(school: School) -> None:
    client = Client()
    assert client.get("/erezhe/?bet=2").status_code == 200
    client.post("/erezhe/", {"text": rules_at(NOW).id})
    assert not Acquaintance.objects.exists()


def test_a_class_teacher_prints_a_sheet_and_records_it_on_screen(school: School) -> None:
    client, own = signed_in(school.class_teacher), f"/taanyshuu/class-{school.seven.pk}/"
    listed = text_of(client.get("/taanyshuu/"))
    assert own in listed
    assert f"/taanyshuu/class-{school.eight.pk}/" not in listed
    assert school.cholpon.full_name in text_of(client.get(own))
    assert client.get(f"{own}sheet").status_code == 405
    page = client.post(f"{own}sheet").headers["Location"]
    sheet = Sheet.objects.get()
    assert "papers/" in text_of(client.get(page)) or "print" in text_of(client.get(page))
    form = {"signed": [school.bek.public_id], "signed_on": "2026-11-23", "language": "ky"}
    assert client.post(page, form | {"signed_on": ""}).status_code == 200
    assert client.post(page, form).status_code == 302
    assert acceptance_of(school.bek, NOW) is not None
    assert acceptance_of(school.cholpon, NOW) is None
    line = Acquaintance.objects.get()
    assert client.get(f"/taanyshuu/line/{line.pk}/withdraw").status_code == 405
    client.post(f"/taanyshuu/line/{line.pk}/withdraw", {"reason": "Жаңылыш"})
    assert acceptance_of(school.bek, NOW) is None
    assert "Жаңылыш" in text_of(client.get(page))
    assert sheet.ref in text_of(client.get(own))


@pytest.mark.parametrize("who", ["aida", "director", "nobody", "responsible"])
def test_nobody_else_sees_who_is_missing(school: School, who: str) -> None:
    client = signed_in(getattr(school, who))
    for path in ("/taanyshuu/", f"/taanyshuu/class-{school.seven.pk}/"):
        assert client.get(path).status_code == 403
    assert client.post(f"/taanyshuu/class-{school.seven.pk}/sheet").status_code == 403
    assert not Sheet.objects.exists()


def test_another_class_s_pages_are_closed_to_a_class_teacher(school: School) -> None:
    client = signed_in(school.class_teacher)
    assert client.get(f"/taanyshuu/class-{school.eight.pk}/").status_code == 403
    assert client.get("/taanyshuu/everybody/").status_code == 404
    page = signed_in(school.ict).post(f"/taanyshuu/class-{school.eight.pk}/sheet").headers["Location"]
    assert client.get(page).status_code == 403
    assert client.post(page, {"signed": [school.daniyar.public_id], "signed_on": "2026-11-23"}).status_code == 403


def test_other_rules_reach_the_boxes_with_a_presence_that_says_who_accepted_them(
    school: School, settings: object
) -> None:
    client = sit(school)
    client.post("/kirish/accept", {"text": rules_at(NOW).id})
    first, before = publish.refresh(NOW), presence.build(NOW).sequence
    assert publish.refresh(NOW) == first
    settings.VERDICT_LOG_DAYS = 30  # type: ignore[attr-defined] # the fixture's way to set one
    assert publish.refresh(NOW + timedelta(seconds=1)) == first + 1
    assert presence.build(NOW).sequence > before
    assert accepted(school) == {DEVICE: ""}
    client.post("/kirish/accept", {"text": rules_at(NOW).id})
    assert publish.refresh(NOW + timedelta(seconds=2)) == first + 1
    assert accepted(school) == {DEVICE: rules_at(NOW).id}
    assert live.head() is not None
