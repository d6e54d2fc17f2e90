"""A duty given without the director: at once, for a while, and gone unless the director signs for it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import Emergency, OrderAct
from darbaza.portal.council.orders import drafts, emergencies
from darbaza.portal.council.orders.emergencies import GIVEN_IN_EMERGENCY, LAPSES_AFTER, NOT_AGAIN
from darbaza.portal.council.orders.forms import AbsentForm, SubstituteForm
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.waiting import home_part_of
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, RightMissingError, holds
from tests.people import Cast

TEACH = Right.LESSONS_SESSION_OPEN
MOMENT = timedelta(microseconds=1)


def give(cast: Cast, at: datetime, person: Person | None = None, **more: object) -> Emergency:
    """Ermek, who is responsible for ICT, lets Timur stand in for Aida."""
    point = Point(OrderAct.SUBSTITUTE, person or cast.timur, Duty.TEACHER, instead_of=cast.aida)
    given: dict[str, object] = {"point": point, "reason": "Директор сапарда, сабак бар", "by": cast.ermek, "at": at}
    return emergencies.give_in_emergency(**(given | more))  # type: ignore[arg-type] # a test's keywords


def test_it_counts_at_once_and_lapses_by_itself(cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]) -> None:
    emergency = give(cast, at)
    ends = at + LAPSES_AFTER
    assert [holds(cast.timur, TEACH, when) for when in (at - MOMENT, at, ends - MOMENT, ends)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert (last_entry().act, last_entry().subject) == ("council:emergency:act", emergency.ref)
    assert last_entry().detail["reason"] == "Директор сапарда, сабак бар"
    appointment = Appointment.objects.get(person=cast.timur)
    assert (appointment.emergency_number, appointment.order_number) == (emergency.ref, "")


def test_it_may_be_shorter_and_never_longer(cast: Cast, at: datetime) -> None:
    hour = at + timedelta(hours=1)
    assert give(cast, at, until=hour).lapses_at == hour
    assert give(cast, at, person=cast.zarina, until=at + timedelta(days=30)).lapses_at == at + LAPSES_AFTER


def test_the_director_sees_it_first_and_ratifies_it_without_a_gap(cast: Cast, at: datetime) -> None:
    emergency = give(cast, at)
    first = home_part_of(cast.gulnara, at).to_do[0]
    assert "Исаков Т." in first.text
    later = at + timedelta(hours=3)
    written = drafts.draft_ratification(emergency=emergency, by=cast.gulnara, at=later)
    written = drafts.change_draft(
        draft=written, changes=0, by=cast.gulnara, at=later,
        wording=drafts.replace(drafts.wording_of(written), in_force_until=at + timedelta(days=9)),
    )  # fmt: skip
    order = drafts.sign_draft(draft=written, changes=1, by=cast.gulnara, at=later)
    emergency.refresh_from_db()
    assert emergency.ratified_by == order
    assert all(holds(cast.timur, TEACH, later + timedelta(days=days)) for days in range(9))
    assert not holds(cast.timur, TEACH, at + timedelta(days=9))
    assert "Исаков Т." not in home_part_of(cast.gulnara, later).to_do[0].text


def test_what_has_lapsed_is_neither_ratified_nor_given_again(cast: Cast, at: datetime) -> None:
    emergency = give(cast, at)
    late = at + LAPSES_AFTER
    written = drafts.draft_ratification(emergency=emergency, by=cast.gulnara, at=at)
    with pytest.raises(ActRefusedError, match=r"ends before it begins|no longer in force"):
        drafts.sign_draft(draft=written, changes=0, by=cast.gulnara, at=late)
    with pytest.raises(ActRefusedError, match="only an order"):
        give(cast, late)
    assert give(cast, late + NOT_AGAIN).stands(late + NOT_AGAIN)


@pytest.mark.parametrize("name", ["gulnara", "ermek"])
def test_the_director_or_whoever_gave_it_ends_it_at_once(cast: Cast, at: datetime, name: str) -> None:
    emergency = give(cast, at)
    later = at + timedelta(minutes=1)
    emergencies.end_emergency(emergency=emergency, by=getattr(cast, name), at=later)
    assert not holds(cast.timur, TEACH, later)
    with pytest.raises(ActRefusedError, match="no longer in force"):
        emergencies.end_emergency(emergency=emergency, by=cast.gulnara, at=later)


def test_nobody_else_ends_it(cast: Cast, at: datetime) -> None:
    emergency = give(cast, at)
    for name in ("zarina", "aida", "timur", "nurlan"):
        with pytest.raises(RightMissingError):
            emergencies.end_emergency(emergency=emergency, by=getattr(cast, name), at=at)


def test_who_may_act(cast: Cast, at: datetime) -> None:
    for name, person in cast.staff().items():
        if name not in {"ermek", "zarina"}:
            with pytest.raises(RightMissingError):
                give(cast, at, by=person)
    assert not Emergency.objects.exists()


def test_what_an_emergency_does_not_do(cast: Cast, at: datetime) -> None:
    bad: list[tuple[dict[str, object], str]] = [
        ({"reason": " "}, "cannot wait"),
        ({"until": at}, "ends before"),
        ({"person": cast.ermek}, "to themselves"),
        ({"person": cast.bek}, "member of staff"),
        ({"point": Point(OrderAct.SUBSTITUTE, cast.timur, Duty.TEACHER, instead_of=cast.nurlan)}, "does not have"),
        *(({"point": Point(OrderAct.APPOINT, cast.timur, duty)}, "by an order of the director only")
          for duty in (Duty.DIRECTOR, Duty.COUNCIL_MEMBER, Duty.ADMINISTRATION, Duty.AUTHORITY, Duty.PROVIDER)),
    ]  # fmt: skip
    for change, said in bad:
        with pytest.raises(ActRefusedError, match=said):
            give(cast, at, **change)  # type: ignore[arg-type] # a test's keywords
    give(cast, at)
    with pytest.raises(ActRefusedError, match="has this duty already"):
        give(cast, at)
    assert Emergency.objects.count() == 1


def test_the_form_offers_only_whom_and_what_an_emergency_can_stand_in_for(cast: Cast, at: datetime) -> None:
    """The director's own duties are for orders alone, and two days are no week."""
    usual, urgent = AbsentForm(at=at), AbsentForm(at=at, emergency=True)
    assert cast.gulnara in usual.fields["absent"].queryset
    assert cast.gulnara not in urgent.fields["absent"].queryset
    assert cast.aida in urgent.fields["absent"].queryset
    form = SubstituteForm(absent=cast.aida, at=at, emergency=True)
    assert [value for value, _ in form.fields["until"].choices] == ["today", "day"]
    assert {one.duty for one in form.fields["duties"].queryset} <= set(GIVEN_IN_EMERGENCY)
    assert "seven days" in str(SubstituteForm(absent=cast.aida, at=at)["until"])
