"""Every refusal of a picture has its words and its remedy in three languages."""

import pytest
from django.utils.translation import override

from darbaza.portal.pictures.words import words_of
from darbaza.publication.pictures import Refusal, Refused


@pytest.mark.parametrize("why", list(Refusal))
def test_each_refusal_names_a_remedy_in_each_language(why: Refusal) -> None:
    said = set()
    for language in ("ky", "ru", "en"):
        with override(language):
            said.add(words_of(Refused(why)))
    assert len(said) == 3
    assert all(reason and remedy for reason, remedy in said)


def test_a_refusal_names_the_size_that_was_found() -> None:
    with override("en"):
        assert "(19999 × 19999)" in words_of(Refused(Refusal.TOO_MANY_PIXELS, "19999 × 19999"))[0]
