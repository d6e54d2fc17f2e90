"""PINs: right, wrong, and too many."""

from datetime import datetime, timedelta

import pytest

from darbaza.portal.people import pins
from darbaza.portal.people.models import Person, PinAttempt
from darbaza.portal.people.pins import PinOutcome
from tests.people import Cast

PIN = "4829"


@pytest.fixture
def bek(cast: Cast) -> Person:
    cast.bek.pin_hash = pins.hash_of_pin(PIN)
    cast.bek.save()
    return cast.bek


def attempt(
    person: Person | None, pin: str, at: datetime, *, device: str = "127.0.1.1", lesson: str = "l1"
) -> PinOutcome:
    return pins.try_pin(person=person, pin=pin, device=device, lesson=lesson, at=at)


def test_the_right_pin_lets_in_and_a_wrong_one_does_not(bek: Person, at: datetime) -> None:
    assert attempt(bek, PIN, at) is PinOutcome.RIGHT
    assert attempt(bek, "0000", at) is PinOutcome.WRONG
    assert attempt(bek, "", at) is PinOutcome.WRONG
    assert attempt(bek, "٤٨٢٩", at) is PinOutcome.WRONG


def test_nobody_without_a_pin_of_their_own_gets_in(cast: Cast, at: datetime) -> None:
    assert attempt(cast.cholpon, "", at) is PinOutcome.WRONG
    assert attempt(None, PIN, at) is PinOutcome.WRONG


def test_a_student_who_left_does_not_get_in(bek: Person, at: datetime) -> None:
    bek.active = False
    bek.save()
    assert attempt(bek, PIN, at) is PinOutcome.WRONG


@pytest.mark.bypass("S12")
def test_the_sixth_wrong_try_at_a_device_waits_even_with_the_right_pin(bek: Person, at: datetime) -> None:
    assert [attempt(bek, "0000", at) for _ in range(5)] == [PinOutcome.WRONG] * 5
    assert attempt(bek, PIN, at) is PinOutcome.WAIT
    assert attempt(bek, PIN, at, device="127.0.1.2") is PinOutcome.RIGHT


def test_waiting_ends_after_ten_minutes(bek: Person, at: datetime) -> None:
    for _ in range(5):
        attempt(bek, "0000", at)
    assert attempt(bek, PIN, at + pins.WINDOW - timedelta(seconds=1)) is PinOutcome.WAIT
    assert attempt(bek, PIN, at + pins.WINDOW) is PinOutcome.RIGHT


@pytest.mark.bypass("S12")
def test_thirty_wrong_tries_in_a_lesson_make_the_whole_lesson_wait(bek: Person, at: datetime) -> None:
    for number in range(30):
        attempt(bek, "0000", at, device=f"127.0.1.{number // 4 + 1}")
    assert attempt(bek, PIN, at, device="127.0.1.99") is PinOutcome.LESSON
    assert attempt(bek, PIN, at, device="127.0.1.99", lesson="l2") is PinOutcome.RIGHT


def test_a_class_signing_in_rightly_never_waits(bek: Person, at: datetime) -> None:
    assert {attempt(bek, PIN, at, device="127.0.1.1") for _ in range(40)} == {PinOutcome.RIGHT}


def test_waiting_spends_no_try(bek: Person, at: datetime) -> None:
    for _ in range(9):
        attempt(bek, "0000", at)
    assert PinAttempt.objects.count() == 5


def test_old_tries_are_forgotten(bek: Person, at: datetime) -> None:
    attempt(bek, "0000", at)
    attempt(bek, "0000", at + timedelta(hours=1))
    assert PinAttempt.objects.count() == 1


def test_new_pins_have_four_digits_and_are_not_the_ones_everybody_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter("0000123498764829")
    monkeypatch.setattr(pins.secrets, "choice", lambda _digits: next(drawn))
    assert pins.new_pin() == "4829"


def test_a_card_leads_to_its_student_only(cast: Cast) -> None:
    token = pins.new_card_token()
    cast.bek.card_hash = pins.hash_of_token(token)
    cast.bek.save()
    assert pins.person_of_card(token) == cast.bek
    assert pins.person_of_card(token + "x") is None
    assert pins.person_of_card("") is None
    cast.bek.active = False
    cast.bek.save()
    assert pins.person_of_card(token) is None
