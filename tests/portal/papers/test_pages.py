"""Printing from a record's page, and what the code on a paper says to whoever holds it."""

import io
from datetime import datetime, timedelta

import pikepdf
import pytest
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import Order
from darbaza.portal.papers import press, views
from darbaza.portal.papers.kinds import minutes
from darbaza.portal.papers.models import Print
from tests.people import Cast, signed_in
from tests.portal.papers import records


def reader() -> Client:
    """A browser in which nobody is signed in, that reads English."""
    return Client(headers={"cookie": "darbaza_language=en"})


def say(code: str) -> str:
    return reader().get(f"/text/{code}").content.decode()


def print_order(cast: Cast, order: Order) -> Print:
    """Aida prints an order."""
    answer = signed_in(cast.aida).post(f"/papers/print/order/{order.ref}", {"language": "ky"})
    assert answer.status_code == 302
    return Print.objects.latest("pk")


def test_an_order_is_printed_in_the_language_that_was_chosen(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    client = signed_in(cast.aida)
    answer = client.post(f"/papers/print/order/{order.ref}", {"language": "ru"}, follow=True)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    assert f'inline; filename="order-{order.ref}.ru.pdf"' == answer.headers["Content-Disposition"]
    assert answer.headers["Content-Security-Policy"] == views.PDF_POLICY
    with pikepdf.open(io.BytesIO(answer.content)) as pdf, pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == f"Приказ № {order.ref}"


def test_printing_is_no_act_and_the_same_paper_is_noted_once(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    before = AuditEntry.objects.count()
    assert print_order(cast, order) == print_order(cast, order)
    assert Print.objects.count() == 1
    assert AuditEntry.objects.count() == before


def test_printing_rejects_get_and_strangers_and_what_is_unknown(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    address, client = f"/papers/print/order/{order.ref}", signed_in(cast.aida)
    assert client.get(address).status_code == 405
    assert Client().post(address, {"language": "ky"}).headers["Location"].startswith("/accounts/login/")
    assert signed_in(cast.saltanat).post("/papers/print/acts/2026-11", {"language": "ky"}).status_code == 403
    for wrong in ("/papers/print/order/2026-99", "/papers/print/nothing/1"):
        assert client.post(wrong, {"language": "ky"}).status_code == 404
    assert client.post(address, {"language": "de"}).status_code == 404
    assert not Print.objects.exists()


def test_a_sheet_is_shown_only_to_who_may_print_it(cast: Cast, at: datetime) -> None:
    made = print_order(cast, records.make_order(cast, at))
    sheet = f"/papers/sheet/{made.code}.ky.pdf"
    assert Client().get(sheet).headers["Location"].startswith("/accounts/login/")
    assert signed_in(cast.aida).post(sheet).status_code == 405
    assert signed_in(cast.aida).get(f"/papers/sheet/{made.code}.de.pdf").status_code == 404
    assert signed_in(cast.aida).get("/papers/sheet/000000000000.ky.pdf").status_code == 404


def test_a_press_that_fails_says_that_the_record_is_safe(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_html: str) -> bytes:
        raise press.PressError("no paper")

    monkeypatch.setattr(press, "printed", fail)
    made = print_order(cast, records.make_order(cast, at))
    answer = signed_in(cast.aida).get(f"/papers/sheet/{made.code}.ky.pdf")
    assert answer.status_code == 500
    assert "Жазуу сакталуу" in answer.content.decode()


def test_a_paper_agrees_with_its_record_until_it_is_repealed(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    made = print_order(cast, order)
    said = say(made.code)
    assert "agrees with the record" in said
    assert order.ref in said
    later = records.make_order(cast, at + timedelta(days=1), repeals=order)
    said = say(made.code)
    assert "has been repealed since" in said
    assert f"Repealed by order № {later.ref}" in said
    assert signed_in(cast.aida).get(f"/papers/sheet/{made.code}.ky.pdf").headers["Location"] == f"/text/{made.code}"


def test_a_record_that_changed_asks_for_a_new_print(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    made = print_order(cast, order)
    Order.objects.filter(pk=order.pk).update(text="башка")
    assert "the record has changed since" in say(made.code)


def test_the_code_page_names_nobody(cast: Cast, at: datetime) -> None:
    made = print_order(cast, records.make_order(cast, at))
    said = say(made.code)
    for person in cast.staff().values():
        assert person.surname not in said


def test_a_code_is_found_however_it_is_typed_and_an_unknown_one_says_so(cast: Cast, at: datetime) -> None:
    code = print_order(cast, records.make_order(cast, at)).code
    typed = f"{code[:4].upper()} {code[4:8]}-{code[8:]}"
    assert reader().get("/text/", {"code": typed}).headers["Location"] == f"/text/{code}"
    assert reader().get("/text/").status_code == 200
    for address in ("/text/?code=0000-0000-0000", "/text/0000-0000-0000"):
        answer = reader().get(address)
        assert answer.status_code == 404
        assert "No paper with this code was printed here." in answer.content.decode()


def test_a_decision_is_open_to_everybody_with_its_extract(cast: Cast, at: datetime) -> None:
    sitting = records.hold_sitting(cast, at, members=5)
    assert sitting.decision is not None
    said = reader().get(f"/text/decision/{sitting.decision.ref}").content.decode()
    assert "kitep.test" in said
    assert f"/papers/print/extract/{sitting.decision.ref}" in said
    voters = {vote.member.surname for item in sitting.items.all() for vote in item.votes.all()}
    assert not any(name in said for name in voters)
    printed = reader().post(f"/papers/print/extract/{sitting.decision.ref}", {"language": "ky"}, follow=True)
    assert printed.headers["Content-Type"] == "application/pdf"
    assert reader().get("/text/decision/2026-99").status_code == 404


def test_a_decision_all_of_whose_rulings_ended_is_repealed(cast: Cast, at: datetime) -> None:
    sitting = records.hold_sitting(cast, at)
    assert sitting.decision is not None
    ref = sitting.decision.ref
    signed_in(cast.aida).post(f"/papers/print/decision/{ref}", {"language": "ky"})
    made = Print.objects.get()
    assert "agrees with the record" in say(made.code)
    records.end_rulings(cast, sitting, at + timedelta(days=1))
    assert "Ended by decision" in say(made.code)


@pytest.mark.parametrize("who", ["gulnara", "aida"])
def test_the_lists_to_print_are_those_that_the_reader_may_print(cast: Cast, at: datetime, who: str) -> None:
    records.make_order(cast, at)
    said = signed_in(getattr(cast, who)).get("/papers/").content.decode()
    assert "/papers/print/duties/" in said
    assert ("/papers/print/acts/2026-11" in said) == (who == "gulnara")


def test_the_pages_of_records_offer_every_language(cast: Cast, at: datetime) -> None:
    sitting = records.hold_sitting(cast, at)
    said = signed_in(cast.gulnara).get(f"/council/sittings/{sitting.pk}/").content.decode()
    assert f'action="/papers/print/minutes/{minutes.ref_of(sitting)}"' in said
    assert all(f'value="{language}"' in said for language in ("ky", "ru", "en"))
