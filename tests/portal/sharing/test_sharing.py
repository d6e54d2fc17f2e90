"""A sign-in beyond one person's use is refused; signs of sharing are noted, settled by a person, and accuse nobody."""

import html
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from darbaza import clock
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways.api import take_sightings
from darbaza.portal.lessons import actions as lessons
from darbaza.portal.lessons import live, seating
from darbaza.portal.lessons.models import Binding
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.rooms.models import Device, DeviceKind, Doubt
from darbaza.portal.rooms.sightings import Seen
from darbaza.portal.sharing import actions
from darbaza.portal.sharing.models import Sign, SignKind
from tests.portal.live import NOW, PIN, School, make_school, signed_in

pytestmark = pytest.mark.django_db
MAC = "00:1a:2b:3c:4d:5e"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def school(monkeypatch: pytest.MonkeyPatch) -> Iterator[School]:
    monkeypatch.setattr(clock, "utc_now", lambda: NOW)
    made = make_school()
    for number in (2, 3, 4, 5, 6, 7):
        Device.objects.create(address=f"127.0.3.{number}", kind=DeviceKind.STAFF)
    return made


def pc(number: int) -> Device:
    return Device.objects.get(address=f"127.0.3.{number}")


def places(school: School) -> list[str]:
    return [one.device.address for one in seating.held_by(school.aida)]


def at_two(school: School) -> None:
    for number in (1, 2):
        seating.sign_in_staff(device=pc(number), person=school.aida, at=NOW)


def text_of(response: object) -> str:
    return html.unescape(getattr(response, "content", b"").decode())


def test_two_computers_are_one_person_and_a_third_is_refused_and_noted(school: School) -> None:
    at_two(school)
    assert not Sign.objects.exists()
    with pytest.raises(ActRefusedError, match="two other computers"):
        seating.sign_in_staff(device=pc(3), person=school.aida, at=NOW + MINUTE)
    assert places(school) == ["127.0.3.1", "127.0.3.2"]
    sign = Sign.objects.get()
    assert (sign.kind, sign.person, sign.count) == (SignKind.LOGIN, school.aida, 1)
    assert sign.evidence[0]["devices"] == ["127.0.3.1", "127.0.3.2", "127.0.3.3"]
    assert AuditEntry.objects.filter(act="sharing:sign:note").count() == 1
    assert seating.sign_in_staff(device=pc(1), person=school.aida, at=NOW + MINUTE).device == pc(1)
    assert seating.sign_in_staff(device=pc(3), person=school.bakyt, at=NOW + MINUTE).person == school.bakyt


def test_who_forgot_to_sign_out_leaves_the_others_with_one_button(school: School) -> None:
    at_two(school)
    client = signed_in(school.aida)
    client.defaults["REMOTE_ADDR"] = "127.0.3.3"
    page = text_of(client.get("/kirish/"))
    assert 'value="others"' in page
    assert client.post("/kirish/").status_code == 403
    assert client.post("/kirish/", {"leave": "others"}).status_code == 302
    assert places(school) == ["127.0.3.3"]
    assert 'value="others"' not in text_of(client.get("/kirish/"))


def test_boxes_learn_at_once_what_was_left_by_whoever_is_signed_in_here_already(school: School) -> None:
    at_two(school)
    before = live.head()
    assert before is not None
    seating.sign_in_staff(device=pc(1), person=school.aida, at=NOW + MINUTE, leaves_others=True)
    now = live.head()
    assert now is not None
    assert (places(school), now.sequence > before.sequence) == (["127.0.3.1"], True)


def to_and_fro(school: School) -> Any:
    """Three times within the hour everything is left for another computer; the instant after."""
    at = NOW
    for third in (3, 4, 5):
        for number in (1, 2):
            seating.sign_in_staff(device=pc(number), person=school.aida, at=at)
        at += MINUTE
        seating.sign_in_staff(device=pc(third), person=school.aida, at=at, leaves_others=True)
        seating.sign_out(device=pc(third), at=at)
        at += MINUTE
    return at


def test_going_to_and_fro_is_refused_until_an_hour_is_over(school: School) -> None:
    at = to_and_fro(school)
    with pytest.raises(ActRefusedError, match="by turns"):
        seating.sign_in_staff(device=pc(6), person=school.aida, at=at, leaves_others=True)
    assert Sign.objects.get().evidence[0]["what"] == "to-and-fro"
    assert seating.sign_in_staff(device=pc(6), person=school.aida, at=at + timedelta(hours=1)).device == pc(6)


def test_what_the_person_responsible_has_settled_counts_no_more(school: School) -> None:
    at = to_and_fro(school)
    with pytest.raises(ActRefusedError):
        seating.sign_in_staff(device=pc(6), person=school.aida, at=at)
    sign = Sign.objects.get()
    actions.settle_sign(sign=sign, outcome="harmless", word="Сынак күнү", by=school.responsible, at=at)
    assert seating.sign_in_staff(device=pc(6), person=school.aida, at=at + MINUTE).device == pc(6)


def test_a_sign_in_to_the_portal_works_where_the_internet_is_refused(school: School) -> None:
    at_two(school)
    assert school.aida.user is not None
    school.aida.user.set_password("кыргыз тоолору бийик")
    school.aida.user.save()
    client = Client(REMOTE_ADDR="127.0.3.3")
    form = {"login": school.aida.user.username, "password": "кыргыз тоолору бийик"}
    page = client.post("/accounts/login/", form, follow=True)
    assert page.status_code == 200
    assert "2.10" in text_of(page)
    assert places(school) == ["127.0.3.1", "127.0.3.2"]


def test_a_pin_that_moves_again_and_again_is_noted_and_refused_nothing(school: School) -> None:
    lessons.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    for step, number in enumerate((0, 1, 2, 3)):
        assert len(Sign.objects.all()) == 0, step
        seating.sign_in(device=school.devices[number], student=school.bek, pin=PIN, at=NOW + step * MINUTE)
    sign = Sign.objects.get()
    assert (sign.person, sign.evidence[0]["what"]) == (school.bek, "moved")
    assert Binding.objects.filter(person=school.bek, ended=None).get().device == school.devices[3]


def seen(address: str, doubt: Doubt = Doubt.WRONG_ADDRESS) -> Seen:
    return Seen(address, MAC, "", "", doubt, NOW)


def test_a_card_at_several_addresses_is_a_sign_and_at_one_it_is_none(school: School) -> None:
    Device.objects.filter(pk=school.devices[0].pk).update(mac=MAC)
    take_sightings("box", [seen("10.0.0.7")], [], NOW)
    take_sightings("box", [seen("10.0.0.7", Doubt.STRANGER), seen("10.0.0.8", Doubt.STRANGER)], [], NOW)
    assert not Sign.objects.exists()
    for minutes in (0, 5, 11):
        take_sightings("box", [seen("10.0.0.7"), seen("10.0.0.8")], [], NOW + minutes * MINUTE)
    sign = Sign.objects.get()
    assert (sign.kind, sign.device, sign.person, sign.count) == (SignKind.RELAY, school.devices[0], None, 2)
    assert AuditEntry.objects.filter(act="sharing:sign:note").count() == 1


def test_another_computer_in_place_of_the_one_that_signed_in_is_a_sign(school: School) -> None:
    binding = seating.sign_in_staff(device=pc(1), person=school.aida, at=NOW)
    void = [("127.0.3.1", binding.since)]
    take_sightings("box", [seen("127.0.3.1", Doubt.CHANGED)], void, NOW + MINUTE)
    sign = Sign.objects.get()
    assert (sign.kind, sign.device, sign.person) == (SignKind.SWAP, pc(1), school.aida)


def noted(school: School) -> Sign:
    return actions.note_sign(
        kind=SignKind.LOGIN, person=school.aida, device=None, what="third", devices=["127.0.3.3"], at=NOW
    )


def test_only_the_person_responsible_settles_and_never_about_themselves(
    school: School, last_entry: Callable[[], AuditEntry]
) -> None:
    sign = noted(school)
    for by in (school.aida, school.ict, school.director, school.class_teacher):
        with pytest.raises(RightMissingError):
            actions.settle_sign(sign=sign, outcome="harmless", word="Билем", by=by, at=NOW)
    for outcome, word in (("guilty", "Билем"), ("harmless", " ")):
        with pytest.raises(ActRefusedError, match="how you know"):
            actions.settle_sign(sign=sign, outcome=outcome, word=word, by=school.responsible, at=NOW)
    actions.settle_sign(sign=sign, outcome="harmless", word="Чыкпай кеткен", by=school.responsible, at=NOW)
    assert (last_entry().act, last_entry().detail["outcome"]) == ("sharing:sign:settle", "harmless")
    with pytest.raises(ActRefusedError, match="already"):
        actions.settle_sign(sign=sign, outcome="shared", word="Жок", by=school.responsible, at=NOW)
    own = actions.note_sign(
        kind=SignKind.LOGIN, person=school.responsible, device=None, what="third", devices=[], at=NOW
    )
    with pytest.raises(ActRefusedError, match="themselves"):
        actions.settle_sign(sign=own, outcome="harmless", word="Мен", by=school.responsible, at=NOW)


def test_a_settled_sign_is_kept_no_longer_than_the_log(school: School, settings: Any) -> None:
    actions.settle_sign(sign=noted(school), outcome="harmless", word="Билем", by=school.responsible, at=NOW)
    later = NOW + timedelta(days=settings.VERDICT_LOG_DAYS, seconds=1)
    actions.note_sign(kind=SignKind.LOGIN, person=school.bakyt, device=None, what="third", devices=[], at=later)
    assert [one.person for one in Sign.objects.all()] == [school.bakyt]


def test_the_page_shows_evidence_and_takes_the_word(school: School) -> None:
    sign, client = noted(school), signed_in(school.responsible)
    assert "/sharing/" in text_of(client.get("/"))
    page = text_of(client.get("/sharing/"))
    assert school.aida.full_name in page
    assert "127.0.3.3" in page
    assert client.get(f"/sharing/{sign.pk}/settle").status_code == 405
    client.post(f"/sharing/{sign.pk}/settle", {"outcome": "mended", "word": "Чыгууну көрсөттүм"})
    sign.refresh_from_db()
    assert (sign.outcome, sign.settled_by) == ("mended", school.responsible)
    assert "Чыгууну көрсөттүм" in text_of(client.get("/sharing/"))


@pytest.mark.parametrize("who", ["aida", "ict", "director", "class_teacher", "nobody"])
def test_nobody_else_sees_signs(school: School, who: str) -> None:
    sign, client = noted(school), signed_in(getattr(school, who))
    assert client.get("/sharing/").status_code == 403
    assert client.post(f"/sharing/{sign.pk}/settle", {"outcome": "shared", "word": "Ооба"}).status_code == 403
    sign.refresh_from_db()
    assert sign.settled_at is None
