"""A resource closed at once: for the whole school, for 48 hours, with a reason, and only a decision makes it last."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.resource import Resource
from darbaza.policy.verdict import Rank
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council import actions as council
from darbaza.portal.council.holds import actions
from darbaza.portal.council.models import Hold, RulingEffect, UserCategory
from darbaza.portal.council.targets import RulingDraft
from darbaza.portal.gateways import rulebook
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.school_time import day_begins, school_day
from tests.people import Cast, make_staff, signed_in

URL = "https://jaman.test/"


def hold(cast: Cast, at: datetime, **more: object) -> Hold:
    given: dict[str, object] = {"resource": URL, "reason": "Коркунуч", "by": cast.jyldyz, "at": at}
    return actions.hold_resource(**(given | more))  # type: ignore[arg-type] # a test's keywords


def rank_for_staff(at: datetime, host: str = "a.jaman.test") -> tuple[bool, Rank, str]:
    """What the school's rulebook says to a teacher, whom no lesson binds."""
    book = rulebook.build(at)
    request = AccessRequest(Asker("10.1.1.1", "teachers"), Resource(host, "/"), at)
    verdict = decide(request, book)
    return verdict.allows, verdict.rank, verdict.ground.ref


def test_a_held_resource_is_closed_to_everybody_at_once_and_for_two_days(
    cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]
) -> None:
    held = hold(cast, at)
    assert (last_entry().act, last_entry().subject) == ("council:hold:place", held.ref)
    for now in (at, at + timedelta(hours=48, seconds=-1)):
        assert rank_for_staff(now) == (False, Rank.HELD, held.ref)
    for now in (at - timedelta(seconds=1), at + timedelta(hours=48)):
        assert rank_for_staff(now)[1] != Rank.HELD
    assert rank_for_staff(at, "jaman2.test")[1] != Rank.HELD


def test_a_hold_is_released_with_a_reason(cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]) -> None:
    held, later = hold(cast, at), at + timedelta(hours=1)
    with pytest.raises(ActRefusedError, match="may be opened again"):
        actions.release_hold(hold=held, reason=" ", by=cast.jyldyz, at=later)
    actions.release_hold(hold=held, reason="Жаңылыштык", by=cast.jyldyz, at=later)
    assert last_entry().act == "council:hold:release"
    assert rank_for_staff(later)[1] != Rank.HELD
    with pytest.raises(ActRefusedError, match="not held any more"):
        actions.release_hold(hold=held, reason="Дагы", by=cast.jyldyz, at=later)
    assert hold(cast, later).number == 2


def test_a_decision_that_denies_it_stands_behind_the_hold(cast: Cast, at: datetime) -> None:
    held = hold(cast, at)
    decision = council.adopt_decision(
        text="Чечим",
        minutes_number="3",
        date=school_day(at),
        in_force_from=school_day(at),
        rulings=[
            RulingDraft(UserCategory.objects.get(code="students"), effect, host=host)
            for effect, host in ((RulingEffect.DENY, "jaman.test"), (RulingEffect.DENY, "bashka.test"))
        ],
        by=cast.nurlan,
        at=at + timedelta(hours=1),
    )
    held.refresh_from_db()
    assert held.ratified_by == decision


def test_a_decision_of_a_later_day_keeps_it_closed_until_then(cast: Cast, at: datetime) -> None:
    held, day = hold(cast, at), school_day(at) + timedelta(days=5)
    council.adopt_decision(
        text="Чечим",
        minutes_number="3",
        date=school_day(at),
        in_force_from=day,
        rulings=[RulingDraft(UserCategory.objects.get(code="students"), RulingEffect.DENY, host="jaman.test")],
        by=cast.nurlan,
        at=at + timedelta(hours=1),
    )
    held.refresh_from_db()
    assert held.stands(day_begins(day) - timedelta(seconds=1))
    assert not held.stands(day_begins(day))


@pytest.mark.parametrize(
    ("more", "said"),
    [({"reason": " "}, "closed at once"), ({"resource": "com"}, "public suffix"), ({"resource": "a..b"}, "cannot be")],
)
def test_a_hold_that_cannot_stand_is_refused(cast: Cast, at: datetime, more: dict[str, str], said: str) -> None:
    with pytest.raises(ActRefusedError, match=said):
        hold(cast, at, **more)
    assert not Hold.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_resource_is_held_once(cast: Cast, at: datetime) -> None:
    hold(cast, at)
    with pytest.raises(ActRefusedError, match="held already"):
        hold(cast, at, resource="JAMAN.test.")


def officer() -> Person:
    return make_staff("Алиева", "Бегимай", Duty.CLASSIFICATION_OFFICER)


def test_each_wrong_role_is_refused(cast: Cast, at: datetime) -> None:
    held = hold(cast, at, by=officer())
    for person in cast.staff().values():
        if person != cast.jyldyz:
            with pytest.raises(RightMissingError):
                hold(cast, at, resource="bashka.test", by=person)
            with pytest.raises(RightMissingError):
                actions.release_hold(hold=held, reason="Ачылсын", by=person, at=at)
    assert Hold.objects.get().stands(at)


def test_a_resource_is_held_and_released_on_screen(cast: Cast) -> None:
    client = signed_in(cast.jyldyz)
    refused = client.post("/council/holds/new", {"resource": "com", "reason": "Коркунуч"})
    assert refused.status_code == 422
    assert client.post("/council/holds/new", {"resource": URL, "reason": "Коркунуч"}).status_code == 302
    held = Hold.objects.get()
    listed = client.get("/council/holds/").content.decode()
    assert "jaman.test" in listed
    assert f"/council/holds/{held.pk}/release" in listed
    assert client.get(f"/council/holds/{held.pk}/release").status_code == 405
    assert client.post(f"/council/holds/{held.pk}/release", {"reason": "Жаңылыштык"}).status_code == 302
    assert "Жаңылыштык" in client.get("/council/holds/").content.decode()
    assert f"/council/holds/{held.pk}/release" not in client.get("/council/holds/").content.decode()
