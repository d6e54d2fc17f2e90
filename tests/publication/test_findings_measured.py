"""The finder on the measured set: what the issue asks for holds, and nothing of it slips unseen."""

import pytest

from darbaza.publication.text import Roster, find_in_text
from tests.publication.findings_set.reading import Score, declined, measure, roster, sentences


@pytest.fixture(scope="module")
def school() -> Roster:
    """The invented school."""
    return roster()


@pytest.fixture(scope="module")
def written(school: Roster) -> Score:
    """What a school writes, judged once."""
    return measure(sentences("sentences.txt"), school)


def test_every_case_form_of_every_name_is_found(school: Roster) -> None:
    score = measure(declined(), school)
    assert score.there["name"] >= 400
    assert score.recall("name") >= 0.99, score.notes
    assert score.precision("name") >= 0.9, score.notes


def test_names_as_a_school_writes_them_are_found(written: Score) -> None:
    assert written.recall("name") >= 0.99, written.notes
    assert written.precision("name") >= 0.9, written.notes


@pytest.mark.parametrize("kind", ["phone", "email", "birth", "address", "age", "class", "document"])
def test_what_else_tells_of_a_person_is_found(written: Score, kind: str) -> None:
    assert written.there[kind] >= 3
    assert written.recall(kind) >= 0.98, written.notes


def test_ordinary_news_full_of_words_that_are_names_holds_nobodys_name(school: Roster) -> None:
    score = measure(sentences("negatives.txt"), school)
    assert score.false["name"] <= 2, score.notes
    assert not any(score.false[kind] for kind in ("phone", "birth", "address", "document", "email")), score.notes


def test_sentences_that_were_held_out_are_found_as_well() -> None:
    score = measure(sentences("held_out.txt"), roster("held_out_people.tsv"))
    assert score.recall("name") >= 0.99, score.notes
    assert score.precision("name") >= 0.9, score.notes
    assert all(score.recall(kind) >= 0.98 for kind in ("phone", "birth", "address", "document")), score.notes


@pytest.mark.parametrize("name", ["tried.txt", "tried_held_out.txt"])
def test_sentences_written_to_get_past_the_finder_do_not(name: str) -> None:
    score = measure(sentences(name), roster("tried_people.tsv"))
    assert score.there["name"] >= 190
    assert score.recall("name") >= 0.99, score.notes
    assert score.precision("name") >= 0.9, score.notes
    for kind in ("phone", "birth", "address", "document", "age", "class"):
        assert score.there[kind] >= 6
        assert score.recall(kind) >= 0.98, score.notes


@pytest.mark.parametrize("name", ["blind", "blind_second", "blind_third", "blind_fourth", "blind_fifth", "blind_sixth"])
def test_news_of_schools_that_nobody_knew_is_found_now_that_they_are_known(name: str) -> None:
    score = measure(sentences(f"{name}.txt"), roster(f"{name}_people.tsv"))
    assert score.there["name"] >= 250
    assert score.recall("name") >= 0.99, score.notes
    assert score.precision("name") >= 0.96, score.notes
    assert all(score.recall(kind) >= 0.98 for kind in ("phone", "birth", "address")), score.notes
    assert score.false["hint"] <= 6, score.notes


@pytest.mark.parametrize(
    "name", [f"contacts{which}" for which in ("", "_second", "_third", "_fourth", "_fifth", "_sixth", "_seventh")]
)
def test_days_of_birth_addresses_and_numbers_are_found_in_what_clerks_and_parents_write(name: str) -> None:
    score = measure(sentences(f"{name}.txt"), roster(f"{name}_people.tsv"))
    assert score.there["birth"] >= 55
    assert score.there["address"] >= 30
    for kind in ("phone", "birth", "address", "document", "email"):
        few = score.there[kind] < 50
        assert score.found[kind] >= (score.there[kind] - 1 if few else 0.98 * score.there[kind]), score.notes
    assert score.recall("age") >= 0.85, score.notes
    assert score.precision("birth") >= 0.94, score.notes


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("contacts_tenth", 0.98),
        ("contacts_eleventh", 0.98),
        ("contacts_twelfth", 0.97),
        ("contacts_eighth", 0.96),
        ("contacts_ninth", 0.95),
        ("contacts_thirteenth", 0.85),
        ("contacts_fourteenth", 0.98),
        ("contacts_fifteenth", 0.9),
        ("contacts_sixteenth", 0.88),
        ("contacts_seventeenth", 0.85),
        ("contacts_eighteenth", 0.97),
        ("contacts_nineteenth", 0.93),
        ("contacts_twentieth", 0.88),
        ("contacts_twentyfirst", 0.95),
        ("contacts_twentysecond", 0.93),
        ("contacts_twentythird", 0.97),
        ("contacts_twentyfourth", 0.95),
        ("contacts_twentyfifth", 0.97),
    ],
)
def test_what_ministries_papers_and_chats_write_is_found(name: str, least: float) -> None:
    score = measure(sentences(f"{name}.txt"), roster(f"{name}_people.tsv"))
    assert score.there["birth"] >= 120
    assert score.recall("name") >= min(0.99, least + 0.13), score.notes
    assert score.precision("name") >= 0.97, score.notes
    assert all(score.recall(kind) >= least for kind in ("phone", "birth", "address", "document", "age")), score.notes
    assert score.precision("birth") >= 0.8, score.notes


SOMEBODY = [
    "Бүгүн {given} келди.",
    "{given} бүгүн ооруп калды.",
    "{given} китепканага барып келди.",
    "{given} тууралуу айтып бергиле.",
    "{given} үчүн кубанычтабыз.",
    "{given} Абай атындагы борборго барды.",
    "{given} — биздин сыймыгыбыз.",
    "{given} из 9-А победил.",
    "{given} стал чемпионом!",
    "– {given}, сен кайдасың?",
    "«{given}» деди эне.",
    "1. {given}\n2. {surname}",
    "мугалим {small} эже келген жок, Ош",
    "окуучу {small}, 7-А",
    "{surname} бүгүн сабакта жок.",
    "{surname} отсутствует.",
    "{surname} (9-А)",
    "Отв. {surname}",
    "Дежурный: {surname}",
    "ЖЕҢҮҮЧҮ {given} {surname}",
]
"""Sentences that say that a person is meant, whatever else the name may be."""


def test_whoever_is_meant_is_found_though_the_name_is_a_word_a_place_or_a_heros() -> None:
    school = roster("tried_people.tsv")
    written = [
        (person.id, text.format(given=person.given_name, surname=person.surname, small=person.given_name.lower()))
        for person in school.people.values()
        for text in SOMEBODY
    ]
    missed = [text for id_, text in written if not any(id_ in one.people for one in find_in_text(text, school, "body"))]
    assert not missed
