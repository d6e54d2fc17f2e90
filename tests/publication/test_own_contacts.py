"""The school's own number or address is recognised to the letter, and nothing that is only like it."""

import pytest

from darbaza.publication.findings import Cell, Certainty, Finding, Span
from darbaza.publication.kinds import DataKind
from darbaza.publication.own_contacts import OwnContacts

OWN = OwnContacts(("0312 62-11-22", "4-22-71"), ("Chynar@mektep.test",), ("Бишкек ш., Ленин көчөсү 5",))
PHONE, EMAIL, PLACE = DataKind.PHONE, DataKind.EMAIL, DataKind.RESIDENCE


def found(kind: DataKind, shown: str, *people: str, end: int = 0) -> Finding:
    return Finding(kind, people, Certainty.SURE, "body", Span(0, end or len(shown)), shown)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (PHONE, "0312621122"),
        (PHONE, "+996 (312) 62 11 22"),
        (PHONE, "00996 312 62-11-22"),
        (PHONE, "996(0)312-62-11-22"),
        (PHONE, "4 22 71"),
        (EMAIL, "chynar@mektep.test"),
        (PLACE, "Бишкек ш. Ленин көчөсү, 5"),
    ],
)
def test_the_schools_own_is_recognised_however_it_is_set(kind: DataKind, shown: str) -> None:
    assert OWN.hold(found(kind, shown), shown + ". Келиңиздер!")


@pytest.mark.parametrize(
    ("kind", "shown", "text"),
    [
        (PHONE, "0312 62-11-23", ""),
        (PHONE, "0555 62-11-22", ""),
        (PHONE, "62-11-22", ""),
        (PHONE, "О312 62-11-22", ""),
        (PHONE, "4-22-71-5", ""),
        (PHONE, "", ""),
        (PHONE, "()", ""),
        (EMAIL, "chynar@mektep.test.kg", ""),
        (EMAIL, "bek.chynar@mektep.test", ""),
        (PLACE, "Ленин көчөсү 5", "Ленин көчөсү 5."),
        (PLACE, "Бишкек ш., Ленин көчөсү 5", "Бишкек ш., Ленин көчөсү 5, 12-батир"),
        (PLACE, "Бишкек ш., Ленин көчөсү 5", "Бишкек ш., Ленин көчөсү 5, кв. 12"),
        (PLACE, "Бишкек ш., Ленин көчөсү 5", ""),
        (DataKind.DOCUMENT_NUMBER, "0312 62-11-22", ""),
    ],
)
def test_what_is_only_like_it_is_asked_about(kind: DataKind, shown: str, text: str) -> None:
    assert not OWN.hold(found(kind, shown), text)


def test_what_names_somebody_is_asked_about_whosever_number_it_is() -> None:
    assert not OWN.hold(found(PHONE, "0312 62-11-22", "bek"))
    assert not OWN.hold(Finding(PLACE, (), Certainty.SURE, "p", Cell("page:1"), OWN.addresses[0]), OWN.addresses[0])
    assert not OwnContacts().hold(found(PHONE, "0312 62-11-22"))
