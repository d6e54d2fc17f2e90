"""Days, ages and houses that no word explains: asked about beside a name, and left alone where they are others'."""

import pytest

from darbaza.publication.kinds import DataKind
from darbaza.publication.text import Named, Roster, find_in_text

SCHOOL = Roster.of(
    [
        Named("1", "Асанов", "Айбек", "Бакытович"),
        Named("2", "Токтогулова", "Жылдыз", "Маратовна"),
        Named("3", "Маматов", "Жасурбек", ""),
        Named("4", "Соколова", "Дилноза", ""),
    ]
)


def shown(text: str, kind: DataKind) -> list[str]:
    return [one.shown for one in find_in_text(text, SCHOOL, "body") if one.kind is kind]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Жеңүүчүлөр: Асанов А. (2012), Токтогулова Ж. – 2013-ж.; Маматов Ж. 17082014",
            ["2012", "2013-ж.", "17082014"],
        ),
        ("Кыздар: Токтогулова Жылдыз 8, Соколова Дилноза 9!", ["8", "9"]),
        ("ФАА\tжашы\tстажы\nАсанов А.\t51\t29\nМаматов Ж.\t43\t21", ["51", "43"]),
        ("ФАА\tкызматы\tжашы\nАсанов А.\tмугалим\t51", ["51"]),
        ("Фамилия\tДень\tМесяц\tГод\nАсанов\t11\t06\t2009", ["11\t06\t2009"]),
        ("Үч балам бар: 2013, 2016 жана 2020-жылкы.", ["2013", "2016", "2020"]),
        ("Билет: ASANOV AIBEK, 21JUN09, дата 05.01.2О13", ["21JUN09", "05.01.2О13"]),
        ("Тизме: Соколова Дилноза (8 IX 13)", ["8 IX 13"]),
    ],
)
def test_what_stands_beside_a_name_or_below_a_heading_is_asked_about(text: str, found: list[str]) -> None:
    assert shown(text, DataKind.AGE) == found


@pytest.mark.parametrize(
    "text",
    [
        "Чыңгыз Айтматов 1928-жылы 12-декабрда Шекер айылында төрөлгөн.",
        "«Жамиля» повести 1958-жылы жарык көргөн.",
        "Асанов Айбек 3:1 эсебинде утту, Маматов Жасурбек 12 упай топтоду.",
        "Прыжки: Асанов Айбек – 4,82; Маматов Жасурбек – 4,65.",
        "Орун алгандар:\n1) Асанов Айбек\n2) Маматов Жасурбек\n3) Соколова Дилноза",
        "Расписание звонков: 8.00–8.45, 9.45–10.30.",
        "Асанов Айбек 7 «А» классында окуйт.",
    ],
)
def test_scores_places_books_and_the_famous_are_nobodys_age(text: str) -> None:
    assert shown(text, DataKind.AGE) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Балдар: Айбек (Осмонкул 12), Жылдыз (Манас көч., 31)", ["Осмонкул 12", "Манас көч., 31"]),
        ("Асанов Айбек / 6.12.2013 / Фрунзе 202-11 / 0556 78 01 14", ["Фрунзе 202-11"]),
        ("Аты\tДареги\nАсанов Айбек\tЖибек-Жолу 12-3", ["Жибек-Жолу 12-3"]),
    ],
)
def test_houses_without_a_word_for_a_street(text: str, found: list[str]) -> None:
    assert shown(text, DataKind.RESIDENCE) == found


def test_a_meetings_hour_and_floor_are_no_address() -> None:
    assert shown("Чогулуш саат 17:00дө, 2-кабатта, 204-кабинетте өтөт.", DataKind.RESIDENCE) == []


def test_names_before_a_tables_numbers_stay_names() -> None:
    assert shown("ФАА\tжашы\nМаматов Ж.\t51", DataKind.SURNAME) == ["Маматов Ж."]


@pytest.mark.parametrize(
    "text", ["Финалда Маматовго утулду.", "обыгравшая в финале Маматову", "Дилнозочка жеңди", "Жасур келди"]
)
def test_every_case_and_pet_name_is_somebodys(text: str) -> None:
    assert any(one.people for one in find_in_text(text, SCHOOL, "body"))


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Асанов Айбек занял второе место (2012 г.р.), Маматов Жасурбек — третье.", ["1"]),
        ("Айбек Асанов: телефон 0555 12 34 56, Жасурбек Маматов класстын старостасы.", ["1"]),
        ("Асанов Айбек жооптуу, телефону 0555 12 34 56. Жасурбек келди.", ["1"]),
        ("Туулган күндөр: 12.05 Асанов Айбек, 13.06 Маматов Жасурбек", ["1", "3"]),
        ("Асанов Айбек 0555 12 34 56 Маматов Жасурбек", ["1", "3"]),
    ],
)
def test_a_number_is_whose_the_marks_say_and_where_they_say_nothing_either_s(text: str, people: list[str]) -> None:
    found = [one for one in find_in_text(text, SCHOOL, "body") if one.kind in {DataKind.AGE, DataKind.PHONE}]
    assert [person for one in found for person in one.people] == people


@pytest.mark.parametrize("text", ["Мектеп 48 мугалимден турат.", "Китеп 350 сомго турат.", "Класс 25 окуучудан турат."])
def test_what_something_costs_or_consists_of_is_no_address(text: str) -> None:
    assert shown(text, DataKind.RESIDENCE) == []
