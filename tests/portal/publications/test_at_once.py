"""A start list has sixty findings: those of a kind are answered together, and none of them goes out unasked for it."""

from typing import Any

import pytest
from django.test import Client

from darbaza.portal.publications.findings import Group, groups_of
from darbaza.portal.publications.models import Publication
from darbaza.portal.publications.reading import matter_of_draft
from tests.people import Cast, signed_in
from tests.portal.publications.conftest import Desk

pytestmark = pytest.mark.django_db

LIST = "Катышуучулар: Асанов Бек (2012), Үсөнова Чолпон (2013), Өмүрбеков Данияр (2012), Чыңгызбаева Аселкан (2013)."
NAMES, YEARS = "rest-names", "rest-age"


@pytest.fixture
def draft(desk: Desk) -> Publication:
    made = desk.draft(body=LIST)
    desk.confirm_facts(made)
    return made


@pytest.fixture
def checker(cast: Cast) -> Client:
    return signed_in(cast.jyldyz)


def groups(desk: Desk, draft: Publication) -> list[Group]:
    return groups_of(matter_of_draft(Publication.objects.get(pk=draft.pk), desk.at))


def send(client: Client, desk: Desk, draft: Publication, *, follow: bool = False, **more: str) -> Any:
    """The form as the page shows it, with what was chosen."""
    form = {f"was-{one.name}": one.stored for one in groups(desk, draft)}
    return client.post(f"/publications/{draft.public_id}/answer", form | more, follow=follow)


def stored(desk: Desk, draft: Publication) -> dict[str, str]:
    return {one.shown: one.stored for one in groups(desk, draft)}


def test_names_and_years_of_a_list_get_an_answer_each_kind_by_itself(
    desk: Desk, draft: Publication, checker: Client
) -> None:
    page = checker.get(f"/publications/{draft.public_id}/").content.decode()
    assert f'name="{NAMES}"' in page
    assert f'name="{YEARS}"' in page
    assert send(checker, desk, draft, **{NAMES: "initials", YEARS: "remove"}).status_code == 302
    said = stored(desk, draft)
    assert said["Асанов Бек"] == said["Үсөнова Чолпон"] == "initials"
    assert said["2012"] == said["2013"] == "remove"
    assert said["Чыңгызбаева"] == "initials"
    after = checker.get(f"/publications/{draft.public_id}/").content.decode()
    assert "rest-" not in after, "nothing is left"


def test_by_consent_each_stays_as_whose_it_is_and_the_gate_asks_for_every_consent(
    desk: Desk, draft: Publication, checker: Client, cast: Cast
) -> None:
    desk.agree(cast.bek)
    told = send(checker, desk, draft, **{NAMES: "consent", YEARS: "remove"}, follow=True)
    assert "«Чыңгызбаева»" in told.content.decode()
    found = {one.shown: one for one in groups(desk, draft)}
    said = found["Асанов Бек"].answered
    assert said is not None
    assert said.people == (str(cast.bek.pk),)
    assert found["Чыңгызбаева"].stored == "", "whose it is nobody has said"
    page = checker.get(f"/publications/{draft.public_id}/").content.decode()
    in_the_way = page.split('<ul class="mb-0">')[1].split("</ul>")[0]
    assert "Үсөнова" in in_the_way
    assert "Асанов" not in in_the_way
    assert in_the_way.count("Үсөнова Чолпон") == 1, "one sentence for one person"


def test_a_row_of_its_own_counts_more_and_what_was_said_before_stays(
    desk: Desk, draft: Publication, checker: Client
) -> None:
    bek, year, *_ = groups(desk, draft)
    send(checker, desk, draft, **{f"answer-{bek.name}": "remove"})
    send(checker, desk, draft, **{NAMES: "initials", f"answer-{year.name}": "consent", YEARS: "remove"})
    said = groups(desk, draft)
    assert [one.stored for one in said[:3]] == ["remove", "consent", "initials"]


@pytest.mark.parametrize("answer", ["not-a-person", "not-ours", "blur", "whatever", ""])
def test_that_it_is_nobodys_is_never_said_of_many(desk: Desk, draft: Publication, checker: Client, answer: str) -> None:
    send(checker, desk, draft, **{NAMES: answer, YEARS: answer})
    assert set(stored(desk, draft).values()) == {""}


def test_years_have_no_initials(desk: Desk, draft: Publication, checker: Client) -> None:
    send(checker, desk, draft, **{YEARS: "initials"})
    assert set(stored(desk, draft).values()) == {""}


def test_what_the_page_had_not_shown_gets_no_answer(desk: Desk, draft: Publication, checker: Client) -> None:
    checker.post(f"/publications/{draft.public_id}/answer", {NAMES: "remove", YEARS: "remove"})
    assert set(stored(desk, draft).values()) == {""}


def test_two_of_a_kind_are_answered_one_by_one(desk: Desk, checker: Client) -> None:
    few = desk.draft(body="Асанов Бек менен Үсөнова Чолпон жеңди.")
    assert "rest-" not in checker.get(f"/publications/{few.public_id}/").content.decode()
