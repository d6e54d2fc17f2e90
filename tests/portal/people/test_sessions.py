"""A sign-in ends when it should, whatever becomes of the machine's wall clock (S14)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from darbaza import clock
from darbaza.portal.sessions import SessionStore

pytestmark = [pytest.mark.django_db, pytest.mark.bypass("S14")]


@pytest.fixture
def anchored() -> Iterator[float]:
    """The portal tells the time by the count since switching on, as when it serves."""
    anchor = clock.wall() - clock.since_boot()
    clock.follow(anchor)
    yield anchor
    clock.follow(None)


@pytest.fixture
def key(anchored: float) -> str:
    """Somebody's sign-in."""
    session = SessionStore()
    session["who"] = "isakov"
    session.create()
    return str(session.session_key)


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=800), -timedelta(days=1), -timedelta(days=20000)])
def test_a_jump_of_the_wall_clock_signs_nobody_out(key: str, jump: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    jumped = timezone.now() + jump
    monkeypatch.setattr(timezone, "now", lambda: jumped)
    session = SessionStore(key)
    assert session["who"] == "isakov"
    session.save()
    assert SessionStore(key)["who"] == "isakov"


@pytest.mark.django_db(transaction=True)
async def test_a_jump_signs_nobody_out_where_pages_are_asked_for_asynchronously(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jumped = timezone.now() + timedelta(days=1)
    session = SessionStore()
    await session.aset("who", "isakov")
    await session.acreate()
    monkeypatch.setattr(timezone, "now", lambda: jumped)
    assert await SessionStore(session.session_key).aget("who") == "isakov"


def test_a_working_day_later_everybody_is_signed_out(anchored: float, key: str) -> None:
    clock.follow(anchored + settings.SESSION_COOKIE_AGE - 60)
    assert SessionStore(key).get("who") == "isakov"
    clock.follow(anchored + settings.SESSION_COOKIE_AGE + 60)
    assert SessionStore(key).get("who") is None


def test_a_turned_back_clock_lengthens_no_sign_in(anchored: float, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: yesterday)
    clock.follow(anchored + settings.SESSION_COOKIE_AGE + 60)
    assert SessionStore(key).get("who") is None
