"""The portal's clock is turned (S14): nothing new opens, what is open ends when it ends, the audit says so."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from darbaza import clock
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways import api
from darbaza.portal.gateways.models import Box
from darbaza.portal.lessons import actions, seating, timekeeping
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.snapshot.timekeeping import Timekeeper
from tests.portal.live import NOW, PIN, SOON, School, make_school

pytestmark = [pytest.mark.django_db, pytest.mark.bypass("S14")]


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def keeper(tmp_path: Path, school: School) -> Iterator[Timekeeper]:
    """The portal's own time, with a lesson open."""
    made = timekeeping.begin(tmp_path)
    actions.start_lesson(key=school.slot.key, by=school.aida, at=NOW)
    timekeeping.look(NOW, 10.0)
    yield made
    timekeeping._keepers.clear()
    timekeeping._looked[0] = float("-inf")
    clock.follow(None)


def turn(monkeypatch: pytest.MonkeyPatch, seconds: float, count: float) -> None:
    """Turn the wall clock, and let the portal look."""
    true = clock.wall
    monkeypatch.setattr(clock, "wall", lambda: true() + seconds)
    timekeeping.look(SOON, count)


def entries() -> list[tuple[str, str, dict[str, object]]]:
    found = AuditEntry.objects.filter(act__startswith="lessons:clock:").order_by("number")
    return [(one.act, one.subject, one.detail) for one in found]


@pytest.mark.parametrize("seconds", [86400, -86400])
def test_nothing_new_opens_after_a_jump_and_the_audit_has_it(
    school: School, keeper: Timekeeper, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    before = clock.utc_now()
    turn(monkeypatch, seconds, 11.0)
    assert abs(clock.utc_now() - before) < timedelta(seconds=30)
    assert entries() == [("lessons:clock:jump", "portal", {"seconds": seconds})]
    session = SupervisedSession.objects.get()
    with pytest.raises(ActRefusedError, match="clock"):
        actions.start_lesson(key=school.other_slot.key, by=school.bakyt, at=SOON)
    with pytest.raises(ActRefusedError, match="clock"):
        actions.extend_lesson(session=session, minutes=5, reason="…", by=school.aida, at=SOON)
    with pytest.raises(ActRefusedError, match="clock"):
        seating.sign_in(device=school.devices[0], student=school.bek, pin=PIN, at=SOON)
    with pytest.raises(ActRefusedError, match="clock"):
        seating.seat_student(session=session, device=school.devices[0], student=school.bek, by=school.aida, at=SOON)
    actions.end_lesson(session=session, by=school.aida, at=SOON)
    turn(monkeypatch, -seconds, 13.0)
    assert [act for act, *_ in entries()] == ["lessons:clock:jump", "lessons:clock:trust"]
    actions.start_lesson(key=school.other_slot.key, by=school.bakyt, at=SOON)


@pytest.mark.usefixtures("school")
def test_a_boxs_jump_is_an_entry_of_the_audit_once() -> None:
    Box.objects.create(name="box-1", token_hash="x" * 64, enrolled_at=NOW)
    for jump in (0, -86400, -86400, 0, 0):
        api.take_health(Box.objects.get(), {"clock": {"jump": jump, "complaint": ""}}, SOON)
    assert entries() == [
        ("lessons:clock:jump", "box-1", {"seconds": -86400}),
        ("lessons:clock:trust", "box-1", {"seconds": -86400}),
    ]
    assert Box.objects.get().health_at == SOON
