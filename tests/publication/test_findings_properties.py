"""Whatever is written, the finder answers, points at what stands there, and sees through spelling."""

import random
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from darbaza.publication.findings import Span
from darbaza.publication.text import Roster, find_in_text
from darbaza.publication.text.cleaning import clean
from darbaza.publication.text.folding import fold
from tests.publication.findings_set.reading import lines, roster

SCHOOL: Roster = roster()
CYRILLIC = "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя"
LOOKS = dict(zip("асеорхукАВСЕНКМОРТХ", "aceopxykABCEHKMOPTX", strict=True))
OTHER_KEYBOARD = {"ө": "о", "ү": "у", "ң": "н", "ё": "е"}
MARKS = ["\u00ad", "\u200b", "\u2060", "\ufeff", "\u0301"]
GAPS = [" ", "  ", "\u00a0", "\n", " \n ", "\u2009", "\t"]
WRITTEN = [line.split("\t") for line in lines("people.tsv")]
ALPHABET = st.text(
    st.sampled_from(CYRILLIC + CYRILLIC.upper() + "aceopxykhbtmABCEHKMOPTX ,.-«»\n\u00ad\u0301\u200b<>&;/0123456789@+")
)


def disguised(name: str, chance: random.Random) -> str:
    """A name as somebody may type it: other letters that look alike, marks nobody sees, other capitals."""
    out = ""
    for letter in chance.choice([name, name.upper(), name.lower(), name.title()]):
        letter = LOOKS.get(letter, letter) if chance.random() < 0.3 else letter
        letter = OTHER_KEYBOARD.get(letter, letter) if chance.random() < 0.5 else letter
        out += letter + (chance.choice(MARKS) if letter.isalpha() and chance.random() < 0.15 else "")
    return out


@given(st.sampled_from(WRITTEN), st.randoms(use_true_random=False), st.booleans())
@settings(deadline=None, max_examples=60)
def test_a_planted_name_is_found_under_any_disguise(person: list[str], chance: random.Random, turned: bool) -> None:
    parts = [person[1], person[2]]
    words = [disguised(part, chance) for part in (reversed(parts) if turned else parts)]
    text = "Бүгүн " + chance.choice(GAPS).join(words) + " сахнага чыкты."
    assert any(person[0] in finding.people for finding in find_in_text(text, SCHOOL, "body")), text


@given(st.sampled_from([person for person in WRITTEN if len(person[1]) > 7]), st.data())
@settings(deadline=None, max_examples=40)
def test_a_surname_without_one_of_its_letters_is_found_beside_its_given_name(
    person: list[str], data: st.DataObject
) -> None:
    at = data.draw(st.integers(1, len(person[1]) - 1))
    text = f"Бүгүн {person[1][:at] + person[1][at + 1 :]} {person[2]} сахнага чыкты."
    assert any(person[0] in finding.people for finding in find_in_text(text, SCHOOL, "body")), text


@given(st.one_of(st.text(), ALPHABET))
@settings(deadline=None, max_examples=60)
def test_every_text_has_an_answer_that_points_at_what_stands_there(text: str) -> None:
    for finding in find_in_text(text, SCHOOL, "body"):
        assert isinstance(finding.where, Span)
        assert 0 <= finding.where.start < finding.where.end <= len(text)
        assert text[finding.where.start : finding.where.end] == finding.shown


@given(st.one_of(st.text(), st.text(st.sampled_from(CYRILLIC + "aceopxykhbtmi0 3\u0301"))))
@settings(deadline=None, max_examples=60)
def test_folding_twice_is_folding_once(word: str) -> None:
    assert fold(fold(word)) == fold(word)


@given(st.text())
@settings(deadline=None, max_examples=60)
def test_what_is_read_knows_its_place(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.first) == len(cleaned.past) == len(cleaned.text)
    assert list(cleaned.first) == sorted(cleaned.first)
    assert all(first < past <= len(text) for first, past in zip(cleaned.first, cleaned.past, strict=True))


def test_in_a_long_text_places_are_right_to_the_end() -> None:
    text = "Мектепте майрам өттү. " * 3000 + "Асанов Айбек"
    surname, given = find_in_text(text, SCHOOL, "body")
    assert surname.where == Span(66_000, 66_006)
    assert given.shown == text[-5:]


def test_a_letter_of_two_code_points_is_one_letter() -> None:
    text = unicodedata.normalize("NFD", "Вишневский Андрей")
    assert {finding.people for finding in find_in_text(text, SCHOOL, "body")} == {("10",)}
