"""Two act at the same moment, in transactions of their own: one is done, the other told so, nothing is half done."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.utils import translation

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import Order, OrderAct, OrderDraft, OrderKind
from darbaza.portal.council.orders.drafts import draft_order, sign_draft
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import Wording, sign_order
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.people.terms import in_force_at
from tests.people import make_cast, make_staff
from tests.portal.conftest import AT

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do acts in threads that begin together; what each gave or raised, in their order."""
    outcomes: list[object] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(number: int, act: Callable[[], object]) -> None:
        gate.wait()
        try:
            with translation.override("en"):  # a thread has a language of its own
                outcomes[number] = act()
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def directors(at: datetime) -> int:
    return Appointment.objects.filter(in_force_at(at), duty=Duty.DIRECTOR).count()


def test_two_directors_sign_one_draft() -> None:
    cast = make_cast()
    second = make_staff("Кадыров", "Болот", Duty.DIRECTOR)
    point = Point(OrderAct.APPOINT, cast.timur, Duty.TEACHER)
    draft = draft_order(wording=Wording(OrderKind.STAFF, "Негиз", [point]), by=cast.ermek, at=AT)

    def sign(by: object) -> Callable[[], Order]:
        return lambda: sign_draft(draft=OrderDraft.objects.get(), changes=0, by=by, at=AT)  # type: ignore[arg-type]

    outcomes = at_once(sign(cast.gulnara), sign(second))
    [order] = Order.objects.all()
    draft.refresh_from_db()
    assert draft.order == order
    assert Appointment.objects.filter(person=cast.timur).count() == 1
    refused = [one for one in outcomes if not isinstance(one, Order)]
    assert [type(one) for one in refused] == [ActRefusedError]
    assert "signed already: it is order № 2026-1" in str(refused[0])
    assert AuditEntry.objects.filter(act="council:order:sign").count() == 1


def test_orders_signed_at_once_get_numbers_of_their_own() -> None:
    cast = make_cast()

    def sign() -> Order:
        return sign_order(kind=OrderKind.OTHER, text="…", in_force_from=None, by=cast.gulnara, at=AT)

    outcomes = at_once(*[sign] * 6)
    assert sorted(one.number for one in outcomes if isinstance(one, Order)) == [1, 2, 3, 4, 5, 6], outcomes


def test_two_directors_who_dismiss_one_another_do_not_leave_the_school_without_any() -> None:
    cast = make_cast()
    second = make_staff("Кадыров", "Болот", Duty.DIRECTOR)

    def dismiss(by: object, whom: object) -> Callable[[], Order]:
        point = Point(OrderAct.DISMISS, whom, Duty.DIRECTOR)  # type: ignore[arg-type]
        return lambda: sign_order(
            kind=OrderKind.STAFF, text="…", points=[point], in_force_from=None, by=by, at=AT  # type: ignore[arg-type]
        )  # fmt: skip

    outcomes = at_once(dismiss(cast.gulnara, second), dismiss(second, cast.gulnara))
    assert sorted(type(one).__name__ for one in outcomes) == ["Order", "RightMissingError"]
    assert any(isinstance(one, RightMissingError) for one in outcomes)
    assert directors(AT) == 1
    assert Order.objects.count() == 1


def test_two_orders_give_one_duty_once() -> None:
    cast = make_cast()
    point = Point(OrderAct.APPOINT, cast.timur, Duty.TEACHER)

    def sign() -> Order:
        return sign_order(kind=OrderKind.STAFF, text="…", points=[point], in_force_from=None, by=cast.gulnara, at=AT)

    outcomes = at_once(sign, sign)
    assert sorted(type(one).__name__ for one in outcomes) == ["ActRefusedError", "Order"]
    assert Appointment.objects.filter(person=cast.timur).count() == 1


def test_two_repeals_of_one_order_are_one() -> None:
    cast = make_cast()
    point = Point(OrderAct.APPOINT, cast.timur, Duty.TEACHER)
    first = sign_order(kind=OrderKind.STAFF, text="…", points=[point], in_force_from=None, by=cast.gulnara, at=AT)

    def repeal() -> Order:
        return sign_order(kind=OrderKind.OTHER, text="…", in_force_from=None, repeals=first, by=cast.gulnara, at=AT)

    outcomes = at_once(repeal, repeal)
    assert sorted(type(one).__name__ for one in outcomes) == ["ActRefusedError", "Order"]
    assert Order.objects.filter(repeals=first).count() == 1
    assert Order.objects.count() == 2
