"""The school's own contacts: entered once by the person responsible, and no draft is asked about them again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.publications import actions
from darbaza.portal.publications.contacts import own_contacts, set_contacts
from darbaza.portal.publications.findings import Group, groups_of
from darbaza.portal.publications.models import FindingAnswer, Publication, SchoolContacts
from darbaza.portal.publications.reading import judged, matter_of_draft
from darbaza.publication.gate import Why
from darbaza.publication.matter import Answer, Answered
from darbaza.publication.own_contacts import OwnContacts
from tests.people import Cast, signed_in
from tests.portal.publications.conftest import Desk

pytestmark = pytest.mark.django_db

OWN = OwnContacts(("0312 62 11 22",), ("chynar@mektep.test",), ("Бишкек ш., Ленин көчөсү 5",))
BODY = "Дарегибиз: Бишкек ш., Ленин көчөсү 5. Телефон: +996 312 62-11-22, chynar@mektep.test, 0555 12 34 56."
PAGE = "/publications/contacts/"


def groups(desk: Desk, draft: Publication) -> list[Group]:
    return groups_of(matter_of_draft(Publication.objects.get(pk=draft.pk), desk.at))


def stored(desk: Desk, draft: Publication) -> list[str]:
    return [one.stored for one in groups(desk, draft)]


@pytest.fixture
def draft(desk: Desk) -> Publication:
    made = desk.draft(title="Бизге келиңиздер", body=BODY)
    desk.confirm_facts(made)
    return made


@pytest.fixture
def responsible(cast: Cast) -> Client:
    return signed_in(cast.jyldyz)


def test_the_person_responsible_enters_them_and_drafts_are_asked_about_the_rest(
    desk: Desk, draft: Publication, responsible: Client, last_entry: Callable[[], AuditEntry]
) -> None:
    assert stored(desk, draft) == [""] * 4
    assert f'href="{PAGE}"' in responsible.get("/publications/").content.decode()
    typed = {"phones": "0312 62 11 22\r\n\r\n0312 62 11 22", "emails": OWN.emails[0], "addresses": OWN.addresses[0]}
    assert responsible.post(PAGE, typed).headers["Location"] == PAGE
    assert own_contacts() == OWN
    assert (last_entry().act, last_entry().detail) == (
        "publications:contacts:set",
        {"phones": 1, "emails": 1, "addresses": 1},
    )
    assert stored(desk, draft) == ["schools", "schools", "schools", ""]
    address = f"/publications/{draft.public_id}/"
    page = responsible.get(address).content.decode()
    assert page.count('<option value="schools" selected>калат: мектептин өзүнүкү</option>') == 3
    form = {f"was-{one.name}": one.stored for one in groups(desk, draft)}
    form |= {f"answer-{one.name}": one.stored for one in groups(desk, draft)}
    *_own, strange = groups(desk, draft)
    assert responsible.post(f"{address}answer", form | {f"answer-{strange.name}": "remove"}).status_code == 302
    assert [one.answer for one in FindingAnswer.objects.all()] == ["remove"], "the school's own is stored nowhere"
    desk.confirm_data(draft)
    desk.publish(Publication.objects.get())
    public = Client().get(f"/site/ky/p/{draft.public_id}/").content.decode()
    assert "+996 312 62-11-22, chynar@mektep.test, …." in public


def test_what_is_entered_no_longer_is_asked_about_again_and_what_was_answered_otherwise_stays(
    desk: Desk, cast: Cast, draft: Publication
) -> None:
    set_contacts(contacts=OWN, by=cast.jyldyz, at=desk.at)
    first = groups(desk, draft)[0]
    given = {key: Answered(Answer.REMOVE) for key in first.keys}
    actions.answer(publication=draft, answers=given, by=cast.jyldyz, at=desk.at)
    assert stored(desk, draft) == ["remove", "schools", "schools", ""]
    set_contacts(contacts=OwnContacts(emails=OWN.emails), by=cast.jyldyz, at=desk.at)
    assert stored(desk, draft) == ["remove", "", "schools", ""]
    assert SchoolContacts.objects.count() == 2, "what counted before stays on record"


def test_nobody_says_by_hand_that_something_is_the_schools(desk: Desk, cast: Cast, draft: Publication) -> None:
    *_own, strange = groups(desk, draft)
    given = {key: Answered(Answer.SCHOOLS) for key in strange.keys}
    with pytest.raises(ActRefusedError):
        actions.answer(publication=draft, answers=given, by=cast.jyldyz, at=desk.at)
    for key in strange.keys:
        row: dict[str, Any] = {"publication": draft, "key": key, "answer": "schools", "by": cast.jyldyz, "at": desk.at}
        FindingAnswer.objects.create(**row)
    assert stored(desk, draft) == [""] * 4
    address = f"/publications/{draft.public_id}/answer"
    signed_in(cast.jyldyz).post(address, {f"answer-{strange.name}": "schools", f"was-{strange.name}": ""})
    assert stored(desk, draft) == [""] * 4


def test_beside_a_name_it_is_asked_about_all_the_same(desk: Desk, cast: Cast) -> None:
    set_contacts(contacts=OWN, by=cast.jyldyz, at=desk.at)
    draft = desk.draft(body="Байланыш: Асанов Бек, 0312 62 11 22.")
    assert stored(desk, draft) == ["", ""]
    open_ones = [one.kind for one in judged(draft, desk.at).verdict.reasons if one.why is Why.FINDING_OPEN]
    assert [str(one) for one in open_ones] == ["surname", "given-name", "phone"]


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ({"phones": "телефон"}, "«телефон» телефон номери эмес"),
        ({"phones": "123"}, "«123» телефон номери эмес"),
        ({"emails": "chynar.mektep.test"}, "электрондук почта дареги эмес"),
        ({"addresses": "Ленин көчөсү"}, "толук дарек эмес"),
        ({"addresses": "Асанов Бек, Ленин көчөсү 5"}, "тизмесиндеги адам аталган"),
        ({"phones": "\n".join(f"0312 62 11 {n}" for n in range(10, 31))}, "эң көп 20"),
    ],
)
def test_what_is_none_is_refused_with_a_remedy_and_stays_typed(
    responsible: Client, typed: dict[str, str], remedy: str
) -> None:
    answer = responsible.post(PAGE, typed)
    shown = answer.content.decode()
    assert (answer.status_code, remedy in shown) == (422, True)
    assert all(value in shown for value in typed.values())
    assert not SchoolContacts.objects.exists()


def test_only_the_person_responsible_enters_them(desk: Desk, cast: Cast) -> None:
    with pytest.raises(RightMissingError):
        set_contacts(contacts=OWN, by=cast.bek, at=desk.at)
    for person in (cast.gulnara, cast.aida, cast.saltanat, cast.zarina):
        with pytest.raises(RightMissingError):
            set_contacts(contacts=OWN, by=person, at=desk.at)
        assert signed_in(person).post(PAGE, {"phones": "0312 62 11 22"}).status_code == 403
    assert Client().get(PAGE).status_code == 302
    assert not SchoolContacts.objects.exists()
