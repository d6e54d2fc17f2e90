"""The invented school comes from acts, so that everything in it has its order, its decision and its audit entry."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings
from pytest_django.plugin import DjangoDbBlocker

from darbaza.demo import cast, school
from darbaza.demo.places import SEATS
from darbaza.policy.rulebook import DefaultRule, Effect
from darbaza.portal.audit.chain import verify
from darbaza.portal.consents import actions as consents
from darbaza.portal.consents.models import Statement
from darbaza.portal.gateways import rulebook
from darbaza.portal.lessons.proposals import own_proposals
from darbaza.portal.people.models import Appointment, Person, SchoolClass
from darbaza.portal.publications.models import Publication
from darbaza.portal.publications.reading import judged

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def sign_ins(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The school, made once: it takes seconds, and the tests only look at it."""
    path = tmp_path_factory.mktemp("demo") / "sign-ins.json"
    with django_db_blocker.unblock(), override_settings(STATE=path.parent), transaction.atomic():
        assert school.found(path, AT)
        yield path
        transaction.set_rollback(True)


def test_a_school_that_stands_stays_as_it_is(sign_ins: Path) -> None:
    kept = sign_ins.read_bytes()
    assert not school.found(sign_ins, AT)
    assert sign_ins.read_bytes() == kept


def test_every_duty_but_the_first_comes_from_an_order(sign_ins: Path) -> None:
    without = Appointment.objects.filter(order_number="")
    assert [one.duty for one in without] == ["director"]
    assert Appointment.objects.count() == 1 + sum(len(adult.duties) for adult in cast.STAFF)


def test_four_classes_of_twenty_five_have_their_pins(sign_ins: Path) -> None:
    pins = json.loads(sign_ins.read_text())["students"]
    assert {name: len(group) for name, group in pins.items()} == dict.fromkeys(("7-А", "8-Б", "9-А", "10-А"), 25)
    assert SchoolClass.objects.count() == 4
    assert len({(person.surname, person.given_name) for person in Person.objects.all()}) == Person.objects.count()
    assert sign_ins.stat().st_mode & 0o077 == 0


def test_the_rulebook_follows_from_it(sign_ins: Path) -> None:
    found = rulebook.build(AT)
    assert [room.id for room in found.rooms] == ["room-1", "room-2"]
    assert len([device for device in found.devices if device.room]) == 2 * SEATS
    assert len(found.slots) == 2 * 7 * 24
    assert {ruling.effect for ruling in found.rulings} == {Effect.ALLOW, Effect.DENY, Effect.DELEGATE}
    defaults = {category.id: category.default for category in found.user_categories if category.default_ground}
    assert defaults == {"students": DefaultRule.ALLOW_LIST, "staff": DefaultRule.BLOCK_LIST}


@pytest.mark.parametrize("hour", [0, 9, 22])
def test_both_teachers_have_a_lesson_to_start_at_any_hour(sign_ins: Path, hour: int) -> None:
    at = AT.replace(hour=hour)
    for adult in (cast.LIVE_TEACHER, cast.FREE_TEACHER):
        assert own_proposals(Person.objects.get(user__username=adult.username), at)


def test_a_student_is_named_in_public_by_consent_and_another_waits_for_one(
    sign_ins: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STATE = sign_ins.parent
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: AT)
    (covered, waiting), outside = cast.students(0)[:2], Client().get("/site/ky/list/news/").content.decode()
    assert school.NAMED in outside
    named, waits = (Publication.objects.get(title=title) for title in (school.NAMED, school.WAITS))
    assert " ".join(covered) in Client().get(f"/site/ky/p/{named.public_id}/").content.decode()
    assert " ".join(waiting) in waits.body
    assert not judged(waits, AT).verdict.passes
    withdrawn = Statement.objects.get()
    consents.withdraw(statement=withdrawn, by=None, at=AT)
    assert Client().get(f"/site/ky/p/{named.public_id}/").status_code == 404


def test_the_audit_chain_is_whole(sign_ins: Path) -> None:
    assert verify().intact
