"""A protected person looks like everybody whose consent is missing, to all but the two who keep that list."""

import re
from collections.abc import Callable, Mapping

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from darbaza.portal.consents import actions as consents
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.publication.matter import Answer
from tests.people import Cast, make_staff, signed_in
from tests.portal.publications.conftest import Desk

pytestmark = pytest.mark.django_db
CHANGING = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"')
Seen = Mapping[tuple[str, str], tuple[int, str, int]]
"""Of each reader and address: the status, the words, and how many questions the database was asked."""


def nobody_asked(_desk: Desk) -> None:
    """No form about Bek was ever answered."""


def withdrawn(desk: Desk) -> None:
    desk.agree(desk.cast.bek)
    desk.withdraw(desk.cast.bek)


def refused(desk: Desk) -> None:
    desk.agree(desk.cast.bek, ticks="-")


def protected(desk: Desk) -> None:
    consents.protect(person=desk.cast.bek, by=desk.cast.gulnara, at=desk.at)


def agreed_and_protected(desk: Desk) -> None:
    desk.agree(desk.cast.bek)
    protected(desk)


def seen_by(who: Mapping[str, Person], addresses: list[str]) -> Seen:
    """What these people see there."""
    found = {}
    for name, person in who.items():
        client = signed_in(person)
        for address in addresses:
            client.get(address)  # what is built once, is built
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(address)
            found[name, address] = (answer.status_code, CHANGING.sub("", answer.content.decode()), len(asked))
    return found


def in_each_case(desk: Desk, cases: list[Callable[[Desk], None]], look: Callable[[], Seen]) -> list[Seen]:
    """What is seen in each case; between two of them everything is as it was."""
    found = []
    for case in cases:
        with transaction.atomic():
            case(desk)
            found.append(look())
            transaction.set_rollback(True)
    return found


@pytest.fixture
def readers(cast: Cast) -> dict[str, Person]:
    """Who reads drafts and does not keep the list: the author, the class teacher, the administration."""
    deputy = make_staff("Садыков", "Улан", Duty.ADMINISTRATION)
    return {"author": cast.aida, "class teacher": cast.saltanat, "administration": deputy}


@pytest.mark.parametrize("answer", [Answer.CONSENT, None])
def test_a_draft_says_the_same_of_a_protected_person_as_of_any_without_consent(
    desk: Desk, readers: dict[str, Person], answer: Answer | None
) -> None:
    draft = desk.draft()
    desk.confirm_facts(draft)
    if answer:
        desk.answer(draft, answer)
        desk.confirm_data(draft)
    addresses = [f"/publications/{draft.public_id}/", f"/publications/{draft.public_id}/edit", "/publications/", "/"]
    cases = [nobody_asked, protected, refused, withdrawn, agreed_and_protected]
    plain, guarded, *others, guarded_too = in_each_case(desk, cases, lambda: seen_by(readers, addresses))
    assert guarded == plain
    assert others == [guarded_too] * 2
    assert words(plain) == words(guarded_too), "who has a statement costs a question more, whatever it says"
    assert {status for status, *_rest in plain.values()} == {200}
    assert ("муну бул жерде жарыялоого болбойт" in steps_in(plain["author", addresses[0]][1])) == bool(answer)


def words(seen: Seen) -> dict[tuple[str, str], tuple[int, str]]:
    """Without what it cost."""
    return {name: (status, text) for name, (status, text, _asked) in seen.items()}


def steps_in(page: str) -> str:
    """What a draft's page says of its steps, and of what is in its way."""
    return page.partition('aria-labelledby="steps"')[2].partition("</section>")[0]


def test_what_was_published_closes_for_all_in_the_same_words(
    desk: Desk, cast: Cast, readers: dict[str, Person]
) -> None:
    desk.agree(cast.bek)
    draft = desk.ready()
    desk.publish(draft)
    addresses = [f"/publications/{draft.public_id}/", "/publications/", "/", f"/site/ky/p/{draft.public_id}/"]

    def withdraws(desk: Desk) -> None:
        desk.withdraw(cast.bek)

    ended, guarded = in_each_case(desk, [withdraws, protected], lambda: seen_by(readers, addresses))
    assert guarded == ended
    assert guarded["author", addresses[-1]][0] == 404


def test_the_two_who_keep_the_list_are_told_why(desk: Desk, cast: Cast) -> None:
    draft = desk.ready()
    page = f"/publications/{draft.public_id}/"
    both = {"director": cast.gulnara, "responsible": cast.jyldyz}
    plain, guarded = in_each_case(desk, [refused, protected], lambda: seen_by(both, [page]))
    for name in both:
        assert "фамилиясы, аты: макулдук берилген жок" in steps_in(plain[name, page][1])
        assert "Муну жарыялоого болбойт." in steps_in(guarded[name, page][1])


def test_whoever_keeps_the_list_asks_for_a_missing_consent_and_comes_back_and_nobody_else_is_offered_it(
    desk: Desk, cast: Cast, readers: dict[str, Person]
) -> None:
    draft = desk.ready()
    page, asking = f"/publications/{draft.public_id}/", f"/consents/person/{cast.bek.pk}/?draft={draft.public_id}"
    who = {**readers, "director": cast.gulnara, "responsible": cast.jyldyz}
    plain, guarded = in_each_case(desk, [nobody_asked, protected], lambda: seen_by(who, [page]))
    offered = {name for name in who if f'href="{asking}"' in steps_in(plain[name, page][1])}
    assert offered == {"director", "responsible"}
    assert not [name for name in who if "/consents/" in steps_in(guarded[name, page][1])]
    responsible = signed_in(cast.jyldyz)
    paper = f"/consents/person/{cast.bek.pk}/paper?draft={draft.public_id}"
    link = f"/consents/person/{cast.bek.pk}/link?draft={draft.public_id}"
    asked = responsible.get(asking).content.decode()
    assert f'action="{link}"' in asked
    term = {"party": "representative", "first_day": "2026-11-23", "last_day": "2027-05-25"}
    for answer in (responsible.get(asking), responsible.get(paper), responsible.post(link, term)):
        assert (answer.status_code, f'href="{page}"' in answer.content.decode()) == (200, True)
    assert responsible.post(link, {**term, "last_day": "?"}).headers["Location"] == asking
    for strange in ("?draft=//evil.test/", "?draft=a/b", ""):
        assert "Долбоорго кайтуу" not in responsible.get(asking.partition("?")[0] + strange).content.decode()


def test_initials_of_a_protected_person_are_said_to_be_in_the_way_without_a_name(desk: Desk, cast: Cast) -> None:
    draft = desk.ready(Answer.INITIALS)
    consents.protect(person=cast.bek, by=cast.gulnara, at=desk.at)
    told = steps_in(signed_in(cast.aida).get(f"/publications/{draft.public_id}/").content.decode())
    assert "Муну жарыялоого болбойт." in told
    assert "Асанов" not in told
