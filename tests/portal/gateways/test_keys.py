"""The signing key changes in two acts: boxes follow over the interface, each step is the ICT person's and audited."""

import base64
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways import keys
from darbaza.portal.gateways.actions import enrol_box, retire_box, retire_key, rotate_key
from darbaza.portal.gateways.models import Box
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.snapshot.envelope import read_public_keys
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.keyring import change_keys, read_keyring
from darbaza.snapshot.store import SnapshotStore
from tests.portal.live import NOW, School, make_school, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.bypass("L13")]


@pytest.fixture(autouse=True)
def state(settings: Any, tmp_path: Path) -> None:
    settings.STATE = tmp_path / "portal"
    settings.STATE.mkdir()


@pytest.fixture
def school() -> School:
    return make_school()


class BoxThere:
    """A box as it stands at the other end of the line."""

    def __init__(self, run: Path, token: str) -> None:
        self.key_file, self._token = run / "portal.pub", token
        run.mkdir()
        self.key_file.write_text(keys.key_file())
        self.store = SnapshotStore(run, read_public_keys(self.key_file))

    def ask(self) -> None:
        store, number = self.store, read_keyring(self.key_file).number
        query = {"revision": store.revision, "sequence": store.sequence, "keys": number, "wait": 0}
        headers = {"Authorization": f"Bearer {self._token}"}
        told = Client().get("/api/gateway/v1/state", query, headers=headers).json()
        rules, presence = (base64.b64decode(told[name] or "") for name in ("snapshot", "presence"))
        if "keyrings" in told:
            changes = [base64.b64decode(change) for change in told["keyrings"]]
            change_keys(store, self.key_file, changes, (rules, presence))
            return
        if rules:
            store.accept(rules)
        if presence:
            store.accept_presence(presence)

    @property
    def trusts(self) -> tuple[str, ...]:
        return read_keyring(self.key_file).names


@pytest.fixture
def box(school: School, tmp_path: Path) -> BoxThere:
    made = BoxThere(tmp_path / "box", enrol_box(name="box", by=None, at=NOW))
    made.ask()
    return made


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_box_follows_both_steps_and_the_retired_key_is_destroyed(box: BoxThere, school: School) -> None:
    (old,) = (key.name for key in keys.in_service())
    new = rotate_key(by=school.ict, at=NOW)
    with pytest.raises(ActRefusedError, match="box"):
        retire_key(by=school.ict, at=later(1))
    box.ask()
    assert box.trusts == (old, new)
    box.ask()
    retire_key(by=school.ict, at=later(2))
    box.ask()
    assert box.trusts == (new,)
    assert [(key.name, key.since) for key in keys.in_service()] == [(new, NOW)]
    assert SnapshotStore(box.key_file.parent, read_public_keys(box.key_file)).complaints == []


def test_a_box_that_was_away_for_three_changes_of_keys_follows_them_when_it_is_back(
    box: BoxThere, school: School
) -> None:
    for week in range(3):
        rotate_key(by=school.ict, at=NOW + timedelta(weeks=week))
        retire_key(by=school.ict, at=NOW + timedelta(weeks=week, days=1), anyway=True)
    box.ask()
    assert box.trusts == tuple(key.name for key in keys.in_service())
    box.ask()
    assert keys.boxes_without() == []
    assert box.store.revision > 0


def test_a_retired_key_s_file_is_gone_once_the_act_stands(
    school: School, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    keys.signing_key()
    rotate_key(by=None, at=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        retire_key(by=None, at=later(1))
    assert [path.name for path in settings.STATE.glob("*.key")] == [keys.in_service()[0].file]


def test_a_portal_whose_keys_a_box_does_not_know_says_what_to_do(box: BoxThere, settings: Any) -> None:
    settings.STATE = settings.STATE.parent / "another"
    settings.STATE.mkdir()
    box.store.rulebook, box.store._seen = None, type(box.store._seen)()
    with pytest.raises(SnapshotError, match=r"manage\.py portal_keys.*keys/portal\.pub"):
        box.ask()


def test_a_lost_key_file_is_named_and_no_other_key_is_made_in_its_place(school: School, settings: Any) -> None:
    rotate_key(by=None, at=NOW)
    lost = settings.STATE / keys.in_service()[1].file
    lost.unlink()
    keys._read.cache_clear()
    with pytest.raises(SnapshotError, match=lost.name):
        keys.signing_keys()
    assert not lost.exists()


def test_only_the_ict_person_changes_keys_and_each_step_is_in_the_audit(school: School) -> None:
    for person in (school.aida, school.director, school.responsible):
        with pytest.raises(RightMissingError):
            rotate_key(by=person, at=NOW)
        with pytest.raises(RightMissingError):
            retire_key(by=person, at=NOW)
    (old,) = (key.name for key in keys.in_service())
    new = rotate_key(by=school.ict, at=NOW)
    retire_key(by=school.ict, at=later(1))
    entries = AuditEntry.objects.filter(act__startswith="gateways:key:").order_by("number")
    assert [(entry.act, entry.subject) for entry in entries] == [
        ("gateways:key:rotate", new),
        ("gateways:key:retire", old),
    ]


def test_steps_in_the_wrong_order_are_refused(school: School) -> None:
    with pytest.raises(ActRefusedError):
        retire_key(by=school.ict, at=NOW)
    rotate_key(by=school.ict, at=NOW)
    with pytest.raises(ActRefusedError):
        rotate_key(by=school.ict, at=later(1))
    assert len(keys.in_service()) == 2


def test_the_page_says_which_key_signs_since_when_and_takes_both_steps(school: School, box: BoxThere) -> None:
    client = signed_in(school.ict)
    assert client.get("/boxes/key/rotate").status_code == 405
    client.post("/boxes/key/rotate")
    old, new = keys.in_service()
    page = client.get("/boxes/").content.decode()
    assert old.name in page
    assert new.name in page
    client.post("/boxes/key/retire-old")
    assert len(keys.in_service()) == 2, "a gateway has not taken the new key"
    client.post("/boxes/key/retire-old", {"anyway": "yes"})
    assert [key.name for key in keys.in_service()] == [new.name]
    teacher = signed_in(school.aida)
    assert teacher.post("/boxes/key/rotate").status_code == 403
    assert teacher.post("/boxes/key/retire-old").status_code == 403


def test_a_box_out_of_service_holds_up_no_change(school: School, box: BoxThere) -> None:
    rotate_key(by=school.ict, at=NOW)
    retire_box(box=Box.objects.get(), by=school.ict, at=NOW)
    retire_key(by=school.ict, at=later(1))
    assert len(keys.in_service()) == 1


def test_the_command_does_both_steps_and_tells_how_it_stands(
    school: School, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("rotate_key")
    said = capsys.readouterr().out
    assert said.count("signs: ") == 2
    with pytest.raises(CommandError, match="already"):
        call_command("rotate_key")
    call_command("rotate_key", "--retire")
    call_command("portal_keys")
    assert capsys.readouterr().out.endswith(keys.key_file())
    assert keys.key_file().startswith("keyring 2\ned25519 ")
