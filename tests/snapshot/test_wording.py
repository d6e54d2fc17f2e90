"""Every verdict has its sentence in three languages, and a text never names what a reader can't see."""

from pathlib import Path

import pytest

from darbaza.policy.verdict import Ground, GroundKind, Message, Rank
from darbaza.snapshot import wording

ALLOWED = {Message.OPENED_FOR_LESSON, Message.PERMITTED, Message.RULED_ALLOWED, Message.NOT_DENIED}
KYRGYZ_LETTERS = set("өүң")


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("message", Message)
def test_every_message_is_a_sentence(message: Message, language: str) -> None:
    said = wording.sentence(message, language)
    assert said != message
    assert said[0].isupper()
    assert said.endswith(".")


@pytest.mark.parametrize("message", [message for message in Message if message not in ALLOWED])
def test_every_refusal_says_what_to_do_and_who_decides(message: Message) -> None:
    for language in wording.LANGUAGES:
        assert wording.next_step(message, language).endswith(".")
        assert wording.who_decides(message, language)


@pytest.mark.parametrize("message", sorted(ALLOWED))
def test_what_is_allowed_needs_no_next_step(message: Message) -> None:
    assert (wording.next_step(message, "ky"), wording.who_decides(message, "ky")) == ("", "")


def test_no_language_was_copied_into_another() -> None:
    for section, keys in wording.texts().items():
        for key, text in keys.items():
            assert len({text[language] for language in wording.LANGUAGES}) == 3, (section, key)


def test_kyrgyz_is_written_with_its_own_letters() -> None:
    said = "".join(text["ky"] for keys in wording.texts().values() for text in keys.values())
    assert set(said) >= KYRGYZ_LETTERS
    russian = "".join(text["ru"] for keys in wording.texts().values() for text in keys.values())
    assert not KYRGYZ_LETTERS & set(russian)


def test_every_rank_ground_and_outcome_has_its_words() -> None:
    for language in wording.LANGUAGES:
        assert all(wording.rank_text(rank, language) != str(int(rank)) for rank in Rank)
        assert all(wording.text("ground", kind, language) != kind for kind in GroundKind)
        assert all(wording.outcome_text(outcome, language) != outcome for outcome in ("allow", "deny", "ask", "gap"))


def test_a_ground_names_the_act_its_number_and_its_date() -> None:
    decision = Ground(GroundKind.DECISION, "2026-14", "2026-09-01")
    assert wording.ground_text(decision, "ky") == "усулдук кеңештин чечими № 2026-14 (01.09.2026)"
    assert wording.ground_text(decision, "en") == "decision of the methodological council № 2026-14 (2026-09-01)"
    listed = Ground(GroundKind.LIST, "ut1/gambling", "", "kumar.test")
    assert wording.ground_text(listed, "ru") == "список ресурсов «ut1/gambling»: kumar.test"


@pytest.mark.parametrize(
    ("tag", "language"), [("ky-KG", "ky"), ("RU", "ru"), ("en_US", "en"), ("fr", "ky"), ("", "ky")]
)
def test_an_unknown_language_is_answered_in_kyrgyz(tag: str, language: str) -> None:
    assert wording.language_of(tag) == language


def test_an_unknown_message_is_shown_as_it_is() -> None:
    assert wording.sentence("from-the-future", "ky") == "from-the-future"
    assert wording.next_step("from-the-future", "ky") == ""


def test_a_text_that_lacks_a_language_is_named(tmp_path: Path) -> None:
    path = tmp_path / "wording.toml"
    path.write_text('[message.held]\nky = "Текст."\nru = "Текст."\n')
    with pytest.raises(ValueError, match=r"message\.held\.en"):
        wording.read_texts(path)
