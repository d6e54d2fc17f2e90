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


NEIGHBOURS = Roster.of(
    [
        Named("1", "Лопатина", "Валентина", "Степановна"),
        Named("2", "Абдыкеримов", "Чыңгыз", "Төлөгөнович", "5-А"),
        Named("3", "Жороева", "Мээрим", "Асановна", "8-В"),
        Named("4", "Асылбеков", "Бакыт", "Эркинович", "9-А"),
        Named("5", "Хегай", "Дмитрий", "Олегович", "6-Б"),
        Named("6", "Цой", "Гүлжамал", "Игоревна", "11-А"),
        Named("7", "Өмүрбек кызы", "Акбермет", "", "9-Б"),
        Named("8", "Шевченко", "Полина", "", "7-Б"),
    ]
)


def named_in(text: str) -> set[str]:
    """Whose names are found among the neighbours, be it as a question."""
    return {person for finding in find_in_text(text, NEIGHBOURS, "body") for person in finding.people}


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Сабагында Валентина Степановна Пушкинди окутту.", "1"),
        ("Бүгүн Степановна айтты.", "1"),
        ("Биздин Чыңгыз кайрадан биринчи!", "2"),
        ("Кийин Чыңгыз Киевге барды.", "2"),
        ("Мээрим деген кыз ырдады.", "3"),
        ("Мальчик по имени Чынгыз занял первое место.", "2"),
        ("От имени Полины выступил брат.", "8"),
        ("«Бакыт!» деп чакырышты.", "4"),
        ("Рахмат сага, Мээрим кызым!", "3"),
    ],
)
def test_a_name_beside_other_words_with_capitals_is_found(text: str, person: str) -> None:
    assert named_in(text) == {person}


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Бакыт бүгүн келген жок.", "4"),
        ("Бакыт биринчи орунду алды.", "4"),
        ("Бакыттын апасы келди.", "4"),
        ("Бакытка велосипед тапшырылды.", "4"),
        ("Бакыт, сени куттуктайбыз!", "4"),
        ("1. Бакыт\n2. Мээрим", "4"),
        ("| Бакыт | 5 |", "4"),
        ("кечээ мугалим мээрим эже Ошко кетти", "3"),
        ("Цой обыграл всех.", "6"),
        ("Цои привезли соленья.", "6"),
    ],
)
def test_a_name_that_is_a_word_is_found_where_a_person_is_meant(text: str, person: str) -> None:
    assert person in named_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Бакыт деген эмне?",
        "Бакыт күнү куттуу болсун!",
        "Бакытты сактайлы.",
        "Бакыт асманда жарк этет.",
        "Бакыт алып келчү жылдыз.",
        "Тарас Шевченко жөнүндө айтылды.",
        "Шевченко көч. 12 үйү оңдолду.",
        "Чыңгыз Айтматовдун чыгармалары окулду.",
        "Чыңгыз хан тууралуу тасма көрдүк.",
    ],
)
def test_a_word_a_place_and_somebody_famous_are_nobody_here(text: str) -> None:
    assert named_in(text) == set()


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Дима менен отурдук.", "5"),
        ("Рассказал Димка.", "5"),
        ("Бүгүн Гуля ырдады.", "6"),
    ],
)
def test_a_pet_name_is_a_question(text: str, person: str) -> None:
    (finding,) = (one for one in find_in_text(text, NEIGHBOURS, "body") if one.people)
    assert (finding.people, finding.certainty) == ((person,), Certainty.HINT)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Абдикиримов Чыңгыз жеңди.", "2"),
        ("Асылбекоа Бакыт келди.", "4"),
        ("Лапатина В.С.", "1"),
        ("Окуучу Абдыкеримаов келди.", "2"),
        ("Передайте Чынгызу Толегоновичу.", "2"),
        ("Чыңгыз Телегенович", "2"),
        ("Валентина Степанна айтты", "1"),
        ("Гюльжамал спела.", "6"),
        ("Акбермет Омурбекова", "7"),
        ("#асылбековбакыт", "4"),
        ("@asylbekovbakyt", "4"),
    ],
)
def test_a_name_spelled_in_another_way_is_found(text: str, person: str) -> None:
    assert named_in(text) == {person}


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Мээрим бийлеп берди.", "3"),
        ("Чыңгыз атайын Оштон келди.", "2"),
        ("Чыңгыз командасы менен финалга чыкты.", "2"),
        ("Чыңгыз долбоорун коргоду.", "2"),
        ("Чыңгыз мектебине кайтты.", "2"),
        ("Чыңгыз суу ичти.", "2"),
        ("В школе Полина поёт в хоре.", "8"),
        ("В городе Полина выиграла турнир.", "8"),
        ("Чыңгыздыкындай үн.", "2"),
    ],
)
def test_what_somebody_does_or_owns_makes_no_place_and_no_hero_of_them(text: str, person: str) -> None:
    assert named_in(text) == {person}


def test_a_russian_word_of_one_letter_before_a_surname_is_no_initial() -> None:
    for text in ("С Токтогуловой тренер поговорил отдельно.", "У Токтогуловой отличный результат."):
        assert people_in(text) == {("4",)}
    assert people_in("С. Токтогулова келди.") == {()}, "an initial with its stop is somebody else's"


def test_days_in_a_list_of_birthdays_are_days_of_birth_and_others_are_none() -> None:
    text = "Туулган күндөр:\n– Айбек — 04.03\n– Нурзат — 19-ноябрь\n\n12.30да жыйын, 5-мартта майрам."
    found = [one.shown for one in find_in_text(text, SCHOOL, "body") if one.kind is DataKind.AGE]
    assert found == ["04.03", "19-ноябрь"]


def test_an_address_begins_with_its_streets_own_name() -> None:
    text = "Гүлнара эже окуучуну Курманжан Датка көчөсү 12-үйдөн алып барды. Или: ул. А. С. Пушкина, 5."
    assert [one.shown for one in find_in_text(text, SCHOOL, "body") if one.kind is DataKind.RESIDENCE] == [
        "Курманжан Датка көчөсү 12-үйдөн", "ул. А. С. Пушкина, 5",
    ]  # fmt: skip


def test_an_age_and_a_birth_in_words_are_found() -> None:
    text = "Жетиге чыккан Айбек ырдады. Он алтыга толду. Сёстры родились в один день, 3 апреля 2015 года. Ондон онго."
    found = [one.shown for one in find_in_text(text, SCHOOL, "body") if one.kind is DataKind.AGE]
    assert found == ["Жетиге чыккан", "Он алтыга толду", "3 апреля 2015 года"]


def test_a_day_beside_a_name_is_asked_about_once_and_only_historys_days_are_left_out() -> None:
    text = (
        "Асанов Айбек, 12.03.2012. Сүрөт 19-май 2012-жылы тартылган. 9 мая 1945 года. 31.08.1991. Приказ от 12.03.2012."
    )
    found = [one.shown for one in find_in_text(text, SCHOOL, "body") if one.kind is DataKind.AGE]
    assert found == ["12.03.2012", "19-май 2012-жылы"]
