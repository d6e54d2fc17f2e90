"""The school's certificate: who gets it, how it is installed, and where it is noted that it was."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from darbaza.engines.squid.authority import fingerprint_of, make_authority
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways import installers
from darbaza.portal.gateways.actions import enrol_box
from darbaza.portal.gateways.home import certificate_facts, home_part
from darbaza.portal.gateways.models import Box, Trust
from darbaza.portal.gateways.rulebook import devices
from tests.portal.live import NOW, School, make_school, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def pem(tmp_path: Path) -> bytes:
    make_authority(tmp_path / "authority.pem", "Invented school", NOW)
    return (tmp_path / "authority.crt").read_bytes()


@pytest.fixture
def coming(tmp_path: Path) -> bytes:
    make_authority(tmp_path / "next.pem", "Invented school, the next", NOW)
    return (tmp_path / "next.crt").read_bytes()


@pytest.fixture
def school(pem: bytes, monkeypatch: pytest.MonkeyPatch) -> School:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW + timedelta(minutes=5))
    made = make_school()
    enrol_box(name="box-1", by=None, at=NOW)
    Box.objects.update(health={"authority": pem.decode()})
    return made


def test_the_guide_prints_fingerprint_and_state(school: School):
    page = signed_in(school.ict).get("/boxes/trust")
    assert page.status_code == 200
    assert page.content.decode().count(":") > 31
    assert str(school.devices[0]) in page.content.decode()


def test_each_way_of_standing_has_its_steps_and_what_nobody_sees_is_said(school: School):
    client = signed_in(school.ict)
    guide = client.get("/boxes/trust").content.decode()
    assert [way for way in ("Маршрутизатор же көпүрө", "Бир кабелдеги прокси", "DNS гана") if way not in guide] == []
    assert "сайттын атын гана көрөт" in client.get("/boxes/").content.decode()


def test_the_key_is_in_no_file(school: School, pem: bytes):
    client = signed_in(school.ict)
    for name in installers.FILES:
        answer = client.get(f"/boxes/trust/{name}?box=box-1")
        assert answer.status_code == (404 if name == "school-next.crt" else 200)
        assert answer.status_code == 404 or pem.splitlines()[1] in answer.content
        assert b"PRIVATE" not in answer.content
    assert client.get("/boxes/trust/authority.pem").status_code == 404


def test_a_mark_goes_into_rulebook_and_audit_and_can_be_taken_back(school: School, pem: bytes):
    client, device, name = signed_in(school.ict), school.devices[0], fingerprint_of(pem)
    client.post("/boxes/trust/devices", {"device": device.pk, "fingerprint": name, "installed": "yes"})
    assert [(one.address, one.authorities) for one in devices() if one.trusts] == [(device.address, (name,))]
    assert AuditEntry.objects.filter(act="gateways:device:trust", subject=device.address).count() == 1
    assert Trust.objects.get().by == school.ict
    client.post("/boxes/trust/devices", {"device": device.pk, "fingerprint": name, "installed": "no"})
    assert not [one for one in devices() if one.trusts]


def test_nobody_notes_a_certificate_that_no_gateway_has(school: School):
    body = {"device": school.devices[0].pk, "fingerprint": "ab" * 32, "installed": "yes"}
    assert signed_in(school.ict).post("/boxes/trust/devices", body).status_code == 404
    assert not Trust.objects.exists()


def test_who_lacks_the_next_certificate_is_named_until_it_is_noted(school: School, pem: bytes, coming: bytes):
    Box.objects.update(health={"authority": pem.decode(), "next_authority": coming.decode()})
    client, (first, second, *_) = signed_in(school.ict), school.devices
    for one in (first, second):
        note(client, one.pk, pem)
    assert told() == ["2 computers lack the next certificate of the gateway box-1"]
    note(client, first.pk, coming)
    assert told() == ["1 computer lacks the next certificate of the gateway box-1"]
    page = client.get("/boxes/trust")
    assert [str(one) for sheet in page.context["sheets"] for one in sheet["lacking"]] == [str(second)]
    note(client, second.pk, coming)
    assert told() == []
    for name in ("install-linux.sh", "install-windows.cmd"):
        content = client.get(f"/boxes/trust/{name}").content
        assert all(one.splitlines()[1] in content for one in (pem, coming)), "one file installs both"
    assert client.get("/boxes/trust/school-next.crt").content == coming


def test_an_old_certificate_is_shown_until_it_is_noted_as_removed(school: School, pem: bytes, coming: bytes):
    client, device = signed_in(school.ict), school.devices[0]
    note(client, device.pk, pem)
    Box.objects.update(health={"authority": coming.decode()})
    row = next(one for one in client.get("/boxes/trust").context["rows"] if one.device == device)
    assert [(one.authority is None, one.trust is not None) for one in row.notes] == [(False, False), (True, True)]
    note(client, device.pk, pem, installed="no")
    assert not Trust.objects.exists()


def note(client: Client, device: int, pem: bytes, installed: str = "yes") -> None:
    body = {"device": device, "fingerprint": fingerprint_of(pem), "installed": installed}
    assert client.post("/boxes/trust/devices", body).status_code == 302


def told() -> list[str]:
    with translation.override("en"):
        return [fact.text for fact in certificate_facts(NOW)]


def test_a_teacher_gets_neither_page_nor_file_nor_mark(school: School):
    client = signed_in(school.aida)
    assert client.get("/boxes/trust").status_code == 403
    assert client.get("/boxes/trust/school.crt").status_code == 403
    assert client.post("/boxes/trust/devices", {"device": 1, "installed": "yes"}).status_code == 403
    assert not Trust.objects.exists()


def test_the_linux_file_is_a_sound_script(pem: bytes, tmp_path: Path):
    path = tmp_path / "install.sh"
    path.write_bytes(installers.linux([pem, pem]))
    subprocess.run(["/bin/sh", "-n", str(path)], check=True)


def test_the_windows_file_writes_the_certificate_line_by_line(pem: bytes):
    lines = installers.windows([pem]).decode("ascii").split("\r\n")
    written = [line.partition(" echo ")[2] for line in lines if line.startswith('>>"%file%" echo ')]
    assert "\n".join(written) + "\n" == pem.decode()
    assert max(map(len, lines)) < 400


@pytest.mark.parametrize(
    ("days", "state"), [(5 * 365 - 61, ""), (5 * 365 - 59, "warn"), (5 * 365 - 1, "warn"), (5 * 365 + 1, "bad")]
)
def test_the_home_page_warns_before_the_certificate_ends(school: School, days: int, state: str):
    translation.activate("en")
    at = NOW + timedelta(days=days)
    facts = [fact for fact in certificate_facts(at) if "box-1" in fact.text]
    assert [fact.state for fact in facts] == ([state] if state else [])
    told = [fact.text for fact in home_part(school.aida, NOW).facts]
    assert not [text for text in told if "certificate" in text], "not to whoever can't renew it"
