"""Names are found in every form, spelling and alphabet, and what is found points at what stands there."""

import pytest

from darbaza.publication.findings import Certainty, Span
from darbaza.publication.kinds import DataKind
from darbaza.publication.text import Named, Roster, find_in_text

SCHOOL = Roster.of(
    [
        Named("1", "Асанов", "Айбек", "Бакытович", "7-А"),
        Named("2", "Асанова", "Нурзат", "", "7-А"),
        Named("3", "Бакыт уулу", "Эрлан", "", "9-Б"),
        Named("4", "Токтогулова", "Жылдыз", "Эмилбековна", "9-Б"),
        Named("5", "Жапаров", "Айбек-Султан", "", "5-А"),
        Named("6", "Осмонова", "Айгүл", "", "5-А"),
        Named("7", "Осмонова", "Айгүл", "", "8-В"),
    ]
)


def people_in(text: str) -> set[tuple[str, ...]]:
    """Whose names are found."""
    return {finding.people for finding in find_in_text(text, SCHOOL, "body")}


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Айбек Асановго сыйлык тапшырылды", "1"),
        ("Асанов Айбектин сүрөтү", "1"),
        ("А. Асанов", "1"),
        ("Асанов А.Б.", "1"),
        ("Айбеку Асанову вручили грамоту", "1"),
        ("вместе с Асановым Айбеком", "1"),
        ("об Айбеке Асанове", "1"),
        ("Асанов Айбек Бакыт уулу", "1"),
        ("Айбек Бакытович", "1"),
        ("Нурзат Асановой", "2"),
        ("Эрлан Бакыт уулуна", "3"),
        ("Бакыт уулу Эрландын", "3"),
        ("Эрлан Бакытуулу", "3"),
        ("Жылдыз Токтогулованын", "4"),
        ("Джапаров Айбек Султан", "5"),
        ("Zhaparov Aybeksultan.jpg", "5"),
        ("Asanov_Aibek_7A.jpg", "1"),
        ("АСАНОВ АЙБЕК", "1"),
        ("Aсaнoв Aйбeк", "1"),
        ("Аса-\nнов Айбек", "1"),
        ("Аса\u0301нов Ай\u00adбек", "1"),
        ("Аса\u200bнов\u00a0Айбек", "1"),
        ("А с а н о в  Айбек", "1"),
    ],
)
def test_a_person_is_found_however_the_name_is_written(text: str, person: str) -> None:
    assert people_in(text) == {(person,)}


def test_namesakes_are_all_named() -> None:
    assert people_in("Осмонова Айгүл") == {("6", "7")}


def test_a_place_is_nobody() -> None:
    assert people_in("Асан көпүрө") == set()


def test_what_is_found_says_kind_place_and_what_stands_there() -> None:
    text = "Биринчи орун: Асанов\u00a0Ай\u00adбек."
    surname, given = find_in_text(text, SCHOOL, "title")
    assert (surname.kind, surname.where, surname.shown) == (DataKind.SURNAME, Span(14, 20), "Асанов")
    assert (given.kind, given.shown, given.certainty) == (DataKind.GIVEN_NAME, "Ай\u00adбек", Certainty.SURE)
    assert given.part == "title"


def test_two_people_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="`1`"):
        Roster.of([Named("1", "Асанов", "Айбек"), Named("1", "Асанова", "Нурзат")])


@pytest.mark.parametrize("written", ["Г. Усенова", "Г. Усонова", "Усенову Гулжамал"])
def test_a_surname_with_front_vowels_is_found_as_russian_papers_spell_it(written: str) -> None:
    people = Roster.of([Named("1", "Үсөнова", "Гүлжамал", "Жаңыбаевна", "8-А")])
    found = find_in_text(f"Эстафетаны {written} баштады.", people, "body")
    assert any(finding.people == ("1",) for finding in found)
