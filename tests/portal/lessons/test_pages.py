"""Pages of lessons as people use them: the captive page without scripts, the console with and without them."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.lessons import actions, seating
from darbaza.portal.lessons.models import Binding, Pause, SupervisedSession
from darbaza.portal.lessons.presence import new_console
from darbaza.portal.people.pins import hash_of_token
from darbaza.portal.verdicts.log import log
from darbaza.snapshot.spool import format_event
from tests.portal.live import NOW, PIN, SOON, School, make_school, signed_in

pytestmark = pytest.mark.django_db
SECRET = "a secret of the run directory"


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    settings.PEER_SECRET_FILE = str(tmp_path / "peer")
    (tmp_path / "peer").write_text(SECRET + "\n")
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def lesson(school: School) -> SupervisedSession:
    return actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)


def at_device(address: str, *, strict: bool = False) -> Client:
    return Client(REMOTE_ADDR=address, enforce_csrf_checks=strict)


def sign_in(client: Client, who: str, pin: str = PIN) -> Any:
    return client.post("/kirish/", {"student": who, "pin": pin})


# The captive page.


def test_the_captive_page_is_small_and_without_scripts(school: School, lesson: SupervisedSession) -> None:
    page = at_device("127.0.1.1").get("/kirish/")
    style = Path(actions.__file__).parent / "static" / "lessons" / "captive.css"
    assert b"<script" not in page.content
    assert len(page.content) + style.stat().st_size < 30_000
    assert school.bek.surname in page.content.decode()
    assert school.daniyar.surname not in page.content.decode()


def test_a_student_signs_in_sees_the_time_left_and_signs_out(school: School, lesson: SupervisedSession) -> None:
    client = at_device("127.0.1.1")
    assert sign_in(client, school.bek.public_id).status_code == 302
    page = client.get("/kirish/").content.decode()
    assert school.bek.given_name in page
    assert "34" in page
    assert client.post("/kirish/leave").status_code == 302
    assert not Binding.objects.filter(ended__isnull=True).exists()


@pytest.mark.parametrize("path", ["/kirish/", "/kirish/leave"])
def test_every_form_needs_its_own_token(school: School, lesson: SupervisedSession, path: str) -> None:
    assert (
        at_device("127.0.1.1", strict=True).post(path, {"student": school.bek.public_id, "pin": PIN}).status_code == 403
    )
    assert not Binding.objects.exists()


def test_leaving_rejects_get(school: School, lesson: SupervisedSession) -> None:
    assert at_device("127.0.1.1").get("/kirish/leave").status_code == 405


def test_a_wrong_pin_and_an_unknown_name_get_one_answer(school: School, lesson: SupervisedSession) -> None:
    client = at_device("127.0.1.1")
    client.cookies["darbaza_language"] = "en"
    tries = [(school.bek.public_id, "0000"), ("nobody", PIN), ("", ""), ("x" * 5000, "\x00")]
    answers = [sign_in(client, who, pin) for who, pin in tries]
    assert {answer.status_code for answer in answers} == {403}
    assert all("The name or the PIN is wrong." in answer.content.decode() for answer in answers)
    assert sign_in(client, school.aida.public_id).status_code == 403
    assert not Binding.objects.exists()


def test_guessing_from_one_device_is_stopped(school: School, lesson: SupervisedSession) -> None:
    client = at_device("127.0.1.1")
    for guess in range(5):
        sign_in(client, school.bek.public_id, f"100{guess}")
    assert sign_in(client, school.bek.public_id).status_code == 403
    assert not Binding.objects.exists()


@pytest.mark.parametrize("address", ["127.0.1.1", "127.0.2.1", "127.0.3.1", "203.0.113.9"])
def test_without_a_lesson_no_names_are_shown(school: School, address: str) -> None:
    page = at_device(address).get("/kirish/").content.decode()
    assert school.bek.surname not in page
    assert 'name="pin"' not in page


def test_the_proxys_word_for_the_device_counts_only_with_its_secret(school: School, lesson: SupervisedSession) -> None:
    def page(source: str, **headers: str) -> str:
        return Client(REMOTE_ADDR=source, headers=headers).get("/kirish/").content.decode()

    claims = {"X-Darbaza-Device": "127.0.1.1"}
    assert 'name="pin"' in page("127.0.0.1", **claims, **{"X-Darbaza-Peer": SECRET})
    assert 'name="pin"' not in page("127.0.0.1", **claims)
    assert 'name="pin"' not in page("127.0.0.1", **claims, **{"X-Darbaza-Peer": "wrong"})
    assert 'name="pin"' not in page("192.0.2.7", **claims, **{"X-Darbaza-Peer": SECRET})


@pytest.mark.parametrize("secret", ["", "short"])
def test_without_a_good_secret_no_header_counts(
    school: School, lesson: SupervisedSession, settings: Any, secret: str
) -> None:
    Path(settings.PEER_SECRET_FILE).write_text(secret)
    client = Client(REMOTE_ADDR="127.0.0.1", headers={"X-Darbaza-Device": "127.0.1.1", "X-Darbaza-Peer": secret})
    assert 'name="pin"' not in client.get("/kirish/").content.decode()


def test_a_card_names_its_owner_and_signs_in(school: School, lesson: SupervisedSession) -> None:
    school.bek.card_hash = hash_of_token("a-card")
    school.bek.save()
    client = at_device("127.0.1.1")
    assert school.bek.given_name in client.get("/card/a-card").content.decode()
    assert not Binding.objects.exists()
    assert client.post("/card/a-card").status_code == 302
    assert Binding.objects.get().attribution == "card"


def test_an_unknown_card_is_refused(school: School, lesson: SupervisedSession) -> None:
    assert at_device("127.0.1.1").post("/card/other").status_code == 403


def test_staff_open_the_internet_on_their_own_device(school: School) -> None:
    client = signed_in(school.bakyt)
    client.defaults["REMOTE_ADDR"] = "127.0.3.1"
    assert client.post("/kirish/").status_code == 302
    assert Binding.objects.get().person == school.bakyt


def test_a_device_learns_how_long_it_has(school: School, lesson: SupervisedSession) -> None:
    client = at_device("127.0.1.1")
    said = {"captive": True, "user-portal-url": "http://testserver/kirish/", "can-extend-session": False}
    assert client.get("/captive").json() == said
    sign_in(client, school.bek.public_id)
    facts = client.get("/captive").json()
    assert facts["captive"] is False
    assert facts["seconds-remaining"] == 35 * 60 - 1


# The teacher's pages.


def test_one_button_starts_the_lesson(school: School) -> None:
    client = signed_in(school.aida)
    assert school.slot.key in client.get("/sabak/").content.decode()
    answer = client.post("/sabak/start", {"place": school.slot.key})
    session = SupervisedSession.objects.get()
    assert answer.url == f"/sabak/{session.public_id}/"  # type: ignore[attr-defined] # a redirect has one
    assert client.get(answer.url).status_code == 200  # type: ignore[attr-defined] # a redirect has one


@pytest.mark.parametrize("path", ["/sabak/start", "/sabak/{}/pause-all", "/sabak/{}/end", "/sabak/{}/heartbeat"])
def test_acts_reject_get(school: School, lesson: SupervisedSession, path: str) -> None:
    assert signed_in(school.aida).get(path.format(lesson.public_id)).status_code == 405


@pytest.mark.parametrize("who", ["bakyt", "class_teacher", "nobody"])
def test_a_console_is_closed_to_others(school: School, lesson: SupervisedSession, who: str) -> None:
    client = signed_in(getattr(school, who))
    assert client.get(f"/sabak/{lesson.public_id}/").status_code == 403
    assert client.get(f"/sabak/{lesson.public_id}/stream").status_code == 403


def test_a_console_asks_strangers_to_sign_in(lesson: SupervisedSession) -> None:
    assert Client().get(f"/sabak/{lesson.public_id}/").status_code == 302
    assert Client().get(f"/sabak/{lesson.public_id}/stream").status_code == 403


def test_whoever_may_watch_looks_on_record_and_cannot_act(school: School, lesson: SupervisedSession) -> None:
    client = signed_in(school.responsible)
    page = client.get(f"/sabak/{lesson.public_id}/")
    assert page.status_code == 200
    assert b"pause-all" not in page.content
    assert AuditEntry.objects.filter(act="lessons:session:watch", by=school.responsible.public_id).count() == 1
    assert (
        client.post(f"/sabak/{lesson.public_id}/pause-all", headers={"Accept": "application/json"}).status_code == 409
    )
    assert not Pause.objects.exists()


def test_an_act_answers_the_script_with_json_and_everybody_else_with_the_page(
    school: School, lesson: SupervisedSession
) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    client = signed_in(school.aida)
    where = f"/sabak/{lesson.public_id}/pause"
    body = client.post(where, {"student": school.bek.public_id}, headers={"Accept": "application/json"}).json()
    assert body["ok"]
    assert client.post(where, {"student": school.bek.public_id}).status_code == 302
    assert Pause.objects.filter(lifted__isnull=True).count() == 1


@pytest.mark.parametrize("name", ["nothing", "delete", "__init__"])
def test_an_unknown_act_is_not_found(school: School, lesson: SupervisedSession, name: str) -> None:
    assert signed_in(school.aida).post(f"/sabak/{lesson.public_id}/{name}").status_code == 404


FORMS: list[tuple[str, dict[str, str]]] = [
    ("pause", {}), ("pause", {"student": "x"}), ("deny", {}), ("deny", {"address": "a b"}),
    ("allow", {"address": "x.test"}),
    ("lift", {}), ("lift", {"measure": "9" * 40}), ("lift", {"measure": "x"}), ("extend", {"minutes": "x"}),
    ("seat", {"device": "junk", "student": "x"}), ("pause", {"student": "\x00"}), ("deny", {"address": "\x00"}),
    ("extend", {"minutes": "99999999", "reason": "x"}), ("seat", {}), ("seat", {"device": "127.0.1.1"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_broken_forms_are_refused_in_words(
    school: School, lesson: SupervisedSession, name: str, form: dict[str, str]
) -> None:
    where = f"/sabak/{lesson.public_id}/{name}"
    answer = signed_in(school.aida).post(where, form, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json()["text"]


def test_a_sign_of_life_is_accepted_from_the_supervisor_only(
    school: School, lesson: SupervisedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = NOW + timedelta(minutes=1)
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: later)
    sign = {"console": new_console(lesson, school.aida), "number": 1}
    assert signed_in(school.bakyt).post(f"/sabak/{lesson.public_id}/heartbeat", sign).status_code == 409
    assert signed_in(school.aida).post(f"/sabak/{lesson.public_id}/heartbeat", sign).status_code == 204
    lesson.refresh_from_db()
    assert lesson.lease_until == later + actions.grace()


def spooled(n: int, device: str, session: str, host: str, outcome: str, at: datetime = SOON) -> str:
    what = f"{outcome}\t3.3\t1\tstatutory-category\tgambling\tlist\tut1\t\t1\t1"
    at_us = int(at.timestamp() * 1_000_000)
    return format_event(n, at_us, f"{device}\t\t{session}", "GET", host, 80, what).decode().rstrip("\n")


def test_the_console_shows_names_hosts_and_refusals(school: School, lesson: SupervisedSession) -> None:
    seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=NOW)
    rows = [spooled(1, "127.0.1.1", lesson.public_id, "kitep.test", "allow"),
            spooled(2, "127.0.1.1", lesson.public_id, "<script>alert(1)</script>.test", "deny")]  # fmt: skip
    log().append("box", "f", 1, rows)
    page = signed_in(school.aida).get(f"/sabak/{lesson.public_id}/").content.decode()
    assert str(school.bek) in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_the_home_page_offers_the_lesson(school: School) -> None:
    assert reverse("lessons:lessons") in signed_in(school.aida).get("/").content.decode()


def test_a_sign_in_at_a_staff_device_opens_it_and_a_sign_out_closes_it(school: School) -> None:
    assert school.bakyt.user is not None
    school.bakyt.user.set_password("кандайдыр узун сырсөз")
    school.bakyt.user.save()
    client = Client(REMOTE_ADDR="127.0.3.1")
    client.post("/accounts/login/", {"login": school.bakyt.user.username, "password": "кандайдыр узун сырсөз"})
    assert Binding.objects.filter(ended__isnull=True, person=school.bakyt).exists()
    client.post("/accounts/logout/")
    assert not Binding.objects.filter(ended__isnull=True).exists()
