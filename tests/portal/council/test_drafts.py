"""Drafts of orders: they give nothing until they are signed, once, as they were shown."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import Order, OrderAct, OrderDraft, OrderKind, Proposal, ProposalState, Seat
from darbaza.portal.council.orders import drafts
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import Wording, sign_order
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, RightMissingError, holds
from darbaza.portal.school_time import school_day, wall_clock
from tests.people import Cast, make_staff

TEACH = Right.LESSONS_SESSION_OPEN


def wording(*points: Point, **more: object) -> Wording:
    given: dict[str, object] = {"kind": OrderKind.STAFF, "text": "Жобонун 2.5-пунктуна ылайык", "points": points}
    return Wording(**(given | more))  # type: ignore[arg-type] # a test's keywords


def draft(cast: Cast, at: datetime, *points: Point, **more: object) -> OrderDraft:
    """Ermek drafts."""
    return drafts.draft_order(wording=wording(*points, **more), by=cast.ermek, at=at)


def test_a_draft_gives_nothing_and_its_signature_does(
    cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]
) -> None:
    written = draft(cast, at, Point(OrderAct.APPOINT, cast.timur, Duty.TEACHER))
    assert (last_entry().act, last_entry().by) == ("council:order:draft", cast.ermek.public_id)
    assert not holds(cast.timur, TEACH, at + timedelta(hours=1))
    later = at + timedelta(minutes=5)
    order = drafts.sign_draft(draft=written, changes=0, by=cast.gulnara, at=later)
    assert (order.ref, order.in_force_from, order.draft) == ("2026-1", later, written)
    assert [holds(cast.timur, TEACH, instant) for instant in (at, later)] == [False, True]
    assert (last_entry().act, last_entry().subject) == ("council:order:sign", order.ref)


def test_only_a_director_signs_and_not_for_themselves(cast: Cast, at: datetime) -> None:
    written = draft(cast, at, Point(OrderAct.APPOINT, cast.timur, Duty.TEACHER))
    for name, person in cast.staff().items():
        if name != "gulnara":
            with pytest.raises(RightMissingError):
                drafts.sign_draft(draft=written, changes=0, by=person, at=at)
    own = draft(cast, at, Point(OrderAct.APPOINT, cast.gulnara, Duty.TEACHER))
    with pytest.raises(ActRefusedError, match="for themselves"):
        drafts.sign_draft(draft=own, changes=0, by=cast.gulnara, at=at)
    assert not Order.objects.exists()


def test_who_writes_orders(cast: Cast, at: datetime) -> None:
    writers = {"gulnara", "ermek", "zarina"}
    for name, person in cast.staff().items():
        if name not in writers:
            with pytest.raises(RightMissingError):
                drafts.draft_order(wording=wording(), by=person, at=at)
    assert not OrderDraft.objects.exists()


def test_a_draft_is_signed_as_it_was_shown(cast: Cast, at: datetime) -> None:
    written = draft(cast, at, Point(OrderAct.APPOINT, cast.timur, Duty.TEACHER))
    other = wording(Point(OrderAct.APPOINT, cast.timur, Duty.ADMINISTRATION))
    drafts.change_draft(draft=written, wording=other, changes=0, by=cast.zarina, at=at)
    with pytest.raises(ActRefusedError, match="changed this draft"):
        drafts.sign_draft(draft=written, changes=0, by=cast.gulnara, at=at)
    with pytest.raises(ActRefusedError, match="changed this draft"):
        drafts.change_draft(draft=written, wording=wording(), changes=0, by=cast.ermek, at=at)
    drafts.sign_draft(draft=written, changes=1, by=cast.gulnara, at=at)
    assert holds(cast.timur, Right.PEOPLE_ROSTER_IMPORT, at)
    assert not holds(cast.timur, TEACH, at)


def test_a_draft_ends_once(cast: Cast, at: datetime) -> None:
    signed, thrown = draft(cast, at), draft(cast, at)
    drafts.sign_draft(draft=signed, changes=0, by=cast.gulnara, at=at)
    drafts.discard_draft(draft=thrown, by=cast.ermek, at=at)
    with pytest.raises(ActRefusedError, match="signed already: it is order № 2026-1"):
        drafts.sign_draft(draft=signed, changes=0, by=cast.gulnara, at=at)
    with pytest.raises(ActRefusedError, match="thrown away"):
        drafts.sign_draft(draft=thrown, changes=0, by=cast.gulnara, at=at)
    for ended in (signed, thrown):
        with pytest.raises(ActRefusedError):
            drafts.change_draft(draft=ended, wording=wording(), changes=0, by=cast.ermek, at=at)
        with pytest.raises(ActRefusedError):
            drafts.discard_draft(draft=ended, by=cast.ermek, at=at)


def test_a_draft_whose_beginning_has_passed_is_not_signed(cast: Cast, at: datetime) -> None:
    eleven = wall_clock(school_day(at), time(11))
    written = draft(cast, at, Point(OrderAct.APPOINT, cast.timur, Duty.TEACHER), in_force_from=eleven)
    with pytest.raises(ActRefusedError, match="cannot begin in the past"):
        drafts.sign_draft(draft=written, changes=0, by=cast.gulnara, at=eleven + timedelta(minutes=1))
    with pytest.raises(ActRefusedError, match="cannot begin in the past"):
        sign_order(
            kind=OrderKind.OTHER, text="…", in_force_from=school_day(at) - timedelta(days=1), by=cast.gulnara, at=at
        )
    today = draft(cast, at, in_force_from=school_day(at))
    assert drafts.sign_draft(draft=today, changes=0, by=cast.gulnara, at=at).in_force_from == at


def test_somebody_stands_in_until_the_instant_that_the_order_says(cast: Cast, at: datetime) -> None:
    two = wall_clock(school_day(at), time(14))
    point = Point(OrderAct.SUBSTITUTE, cast.timur, Duty.TEACHER, instead_of=cast.aida)
    written = draft(cast, at, point, kind=OrderKind.SUBSTITUTE, in_force_until=two)
    drafts.sign_draft(draft=written, changes=0, by=cast.gulnara, at=at)
    asked = [holds(cast.timur, TEACH, two + timedelta(microseconds=step)) for step in (-1, 0)]
    assert asked == [True, False]
    assert holds(cast.aida, TEACH, at), "who is absent keeps the duty"


def test_a_substitution_needs_an_end_and_an_absent_holder_of_the_duty(cast: Cast, at: datetime) -> None:
    ends = school_day(at) + timedelta(days=1)
    for point, until, said in (
        (Point(OrderAct.SUBSTITUTE, cast.timur, Duty.TEACHER, instead_of=cast.aida), None, "until when"),
        (Point(OrderAct.SUBSTITUTE, cast.timur, Duty.TEACHER), ends, "who is absent"),
        (Point(OrderAct.SUBSTITUTE, cast.aida, Duty.TEACHER, instead_of=cast.aida), ends, "who is absent"),
        (Point(OrderAct.SUBSTITUTE, cast.timur, Duty.TEACHER, instead_of=cast.nurlan), ends, "does not have this duty"),
    ):
        written = draft(cast, at, point, kind=OrderKind.SUBSTITUTE, in_force_until=until)
        with pytest.raises(ActRefusedError, match=said):
            drafts.sign_draft(draft=written, changes=0, by=cast.gulnara, at=at)
    assert not Order.objects.exists()


def test_a_teacher_stands_in_for_a_teacher_and_again_for_another(cast: Cast, at: datetime) -> None:
    bakyt = make_staff("Сыдыков", "Бакыт", Duty.TEACHER)
    for absent in (cast.aida, make_staff("Эсенов", "Азат", Duty.TEACHER)):
        point = Point(OrderAct.SUBSTITUTE, bakyt, Duty.TEACHER, instead_of=absent)
        written = draft(cast, at, point, kind=OrderKind.SUBSTITUTE, in_force_until=at + timedelta(hours=1))
        drafts.sign_draft(draft=written, changes=0, by=cast.gulnara, at=at)
    assert holds(bakyt, TEACH, at + timedelta(hours=2)), "his own duty outlasts both"


@pytest.mark.parametrize(
    ("seats", "said"),
    [
        ((), "names its members"),
        ((Seat.CHAIR, Seat.MEMBER), "three people"),
        ((Seat.MEMBER, Seat.MEMBER, Seat.MEMBER), "three people"),
        ((Seat.CHAIR, Seat.CHAIR, Seat.MEMBER), "three people"),
        ((Seat.CHAIR, Seat.MEMBER, "owner"), "who chairs"),
    ],
)
def test_a_commission_has_a_chair_and_two_members(cast: Cast, at: datetime, seats: tuple[str, ...], said: str) -> None:
    people = (cast.aida, cast.jyldyz, cast.nurlan)
    points = [Point(OrderAct.COMMISSION, who, seat=seat) for who, seat in zip(people, seats, strict=False)]
    written = draft(cast, at, *points, kind=OrderKind.COMMISSION)
    with pytest.raises(ActRefusedError, match=said):
        drafts.sign_draft(draft=written, changes=0, by=cast.gulnara, at=at)


def test_a_commission_gives_no_right(cast: Cast, at: datetime) -> None:
    seats = ((cast.timur, Seat.CHAIR), (cast.aida, Seat.MEMBER), (cast.nurlan, Seat.MEMBER))
    points = [Point(OrderAct.COMMISSION, who, seat=seat) for who, seat in seats]
    order = drafts.sign_draft(
        draft=draft(cast, at, *points, kind=OrderKind.COMMISSION), changes=0, by=cast.gulnara, at=at
    )
    assert [one.seat for one in order.points.all()] == ["chair", "member", "member"]
    assert not any(holds(cast.timur, right, at) for right in Right)


def adopted(cast: Cast, at: datetime, *, dismisses: bool) -> Proposal:
    """A proposal on Timur or Aida that the council has adopted."""
    return Proposal.objects.create(
        year=2026, number=1, subject="appointment", proposer="teacher", text="Тажрыйбасы бар", entered_by=cast.nurlan,
        entered_at=at, person=cast.aida if dismisses else cast.timur, duty=Duty.TEACHER, dismisses=dismisses,
        state=ProposalState.ADOPTED, answer="Сунушталсын", answered_at=at,
    )  # fmt: skip


@pytest.mark.parametrize("dismisses", [True, False])
def test_what_the_council_proposes_becomes_a_draft_that_cites_it(cast: Cast, at: datetime, dismisses: bool) -> None:
    proposal = adopted(cast, at, dismisses=dismisses)
    written = drafts.draft_from_proposal(proposal=proposal, by=cast.gulnara, at=at)
    assert "Сунушталсын" in written.text
    with pytest.raises(ActRefusedError, match="drafted already"):
        drafts.draft_from_proposal(proposal=proposal, by=cast.ermek, at=at)
    order = drafts.sign_draft(draft=written, changes=0, by=cast.gulnara, at=at)
    assert order.proposal == proposal
    assert holds(proposal.person, TEACH, at) is not dismisses


def test_what_the_council_has_not_adopted_becomes_no_draft(cast: Cast, at: datetime) -> None:
    proposal = adopted(cast, at, dismisses=False)
    Proposal.objects.update(state=ProposalState.DECLINED)
    with pytest.raises(ActRefusedError, match="adopted no such"):
        drafts.draft_from_proposal(proposal=proposal, by=cast.gulnara, at=at)


def test_a_clock_that_was_set_back_signs_nothing(cast: Cast, at: datetime) -> None:
    sign_order(kind=OrderKind.OTHER, text="…", in_force_from=None, by=cast.gulnara, at=at)
    with pytest.raises(ActRefusedError, match="clock of the server"):
        sign_order(kind=OrderKind.OTHER, text="…", in_force_from=None, by=cast.gulnara, at=at - timedelta(hours=1))
    # Two acts that waited for one another may come out of order by moments.
    sign_order(kind=OrderKind.OTHER, text="…", in_force_from=None, by=cast.gulnara, at=at - timedelta(seconds=1))


@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_an_hour_that_the_clocks_skip_or_repeat_is_no_term(settings: object, month: int, day: int) -> None:
    settings.TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined] # clocks there change twice a year
    changing = datetime(2026, month, day).date()  # noqa: DTZ001 - a day
    with pytest.raises(ValueError, match="clocks change"):
        wall_clock(changing, time(2, 30))
    assert wall_clock(changing, time(4)) - wall_clock(changing, time(1)) != timedelta(hours=2)
