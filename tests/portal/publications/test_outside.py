"""Somebody whom no list holds stays on a recorded ground, and nobody of the lists by that way."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.publications import actions, elsewhere, kin
from darbaza.portal.publications.certificates import opened
from darbaza.portal.publications.door import judged_now
from darbaza.portal.publications.findings import Group, groups_of
from darbaza.portal.publications.models import Placement, Publication
from darbaza.portal.publications.reading import matter_of_draft
from darbaza.portal.school_time import school_day
from darbaza.publication.matter import Answer, Answered, Ground, Outside
from tests.people import Cast, make_student, signed_in
from tests.portal.publications.conftest import Desk

pytestmark = pytest.mark.django_db

BODY = (
    "Мектебибизге тартуу берген Кадыров Нурланга ыраазыбыз. Маркум мугалим Жумагулов Эркинти эстейбиз.\n\n"
    "Кадыров Нурлан: 0555 11 22 33."
)
FATHER = Outside("Кадыров Нурлан", Ground.CONSENT, "каты 4-папкада", "өзү", "2026-11-20", explained=True)
TEACHER = Outside("Жумагулов Эркин", Ground.DECEASED, "мектептин тарыхы китеби")


def groups(desk: Desk, draft: Publication) -> list[Group]:
    return groups_of(matter_of_draft(Publication.objects.get(pk=draft.pk), desk.at))


def entered(group: Group, who: str, **fields: str) -> dict[str, str]:
    """What is chosen and typed for a group."""
    typed = {f"outside-{field}-{group.name}": value for field, value in {"who": who, **fields}.items()}
    return {f"answer-{group.name}": "outside", f"was-{group.name}": group.stored, **typed}


def send(client: Client, draft: Publication, *forms: Mapping[str, str]) -> Any:
    return client.post(f"/publications/{draft.public_id}/answer", {name: one[name] for one in forms for name in one})


BY_CONSENT = {
    "ground": "consent",
    "how": "каты 4-папкада",
    "giver": "өзү",
    "given_on": "2026-11-20",
    "explained": "yes",
}


@pytest.fixture
def draft(desk: Desk) -> Publication:
    made = desk.draft(title="Ыраазычылык", body=BODY, channel="telegram")
    desk.confirm_facts(made)
    return made


@pytest.fixture
def checker(cast: Cast) -> Client:
    return signed_in(cast.jyldyz)


def test_a_father_and_a_deceased_teacher_stay_on_a_ground_which_page_certificate_and_audit_tell(
    desk: Desk, cast: Cast, draft: Publication, checker: Client, last_entry: Callable[[], AuditEntry]
) -> None:
    father, teacher, again, phone = groups(desk, draft)
    assert all("outside" in one.answers for one in (father, teacher, again, phone))
    deceased = {"ground": "deceased", "how": TEACHER.how, "giver": "not his", "given_on": "x"}
    forms = [entered(father, FATHER.who, **BY_CONSENT), entered(teacher, TEACHER.who, **deceased)]
    forms += [entered(again, "кадыров нурлан"), entered(phone, FATHER.who)]
    assert send(checker, draft, *forms).status_code == 302
    assert last_entry().detail == {"answers": 7, "outside": {"consent": 5, "deceased": 2}}
    assert [one.answered.outside for one in groups(desk, draft) if one.answered] == [FATHER, TEACHER, FATHER, FATHER]
    page = checker.get(f"/publications/{draft.public_id}/").content.decode()
    told = page.partition('aria-labelledby="outsiders"')[2].partition("</section>")[0]
    assert told.count("<tr>") == 3, "each once, below the headings"
    assert all(words in told for words in (FATHER.who, "каты 4-папкада", "20.11.2026", TEACHER.how, "Осмонова Ж."))
    desk.confirm_data(draft)
    placed = desk.publish(Publication.objects.get())
    record = opened(placed)
    assert record is not None
    kept = {one["outside"]["who"]: one["by"] for one in record["matter"]["answers"].values()}
    assert kept == {FATHER.who: str(cast.jyldyz.pk), TEACHER.who: str(cast.jyldyz.pk)}
    certificate = elsewhere.certificate_text(placed, record, desk.at)
    assert "каза болгон (Осмонова Ж." in certificate
    assert FATHER.who not in certificate, "without the names of those who consented"


@pytest.mark.parametrize(
    ("fields", "remedy"),
    [
        ({"who": ""}, "Ал ким экенин жазыңыз"),
        ({"ground": ""}, "кайсы негизде"),
        ({"ground": "none"}, "кайсы негизде"),
        ({"how": "-"}, "кайда сакталганын"),
        ({"giver": ""}, "Макулдукту ким"),
        ({"given_on": "жакында"}, "Макулдукту ким"),
        ({"explained": ""}, "Макулдукту ким"),
        ({"given_on": "2026-11-24"}, "али келе элек"),
    ],
)
def test_what_is_left_out_is_asked_for_and_what_was_typed_stays(
    desk: Desk, draft: Publication, checker: Client, fields: dict[str, str], remedy: str
) -> None:
    father, teacher, *_rest = groups(desk, draft)
    typed = {"who": FATHER.who, **BY_CONSENT} | fields
    other = entered(teacher, TEACHER.who, ground="public", how="акын")
    answer = send(checker, draft, entered(father, **typed), other)
    page = answer.content.decode()
    assert (answer.status_code, remedy in page) == (422, True)
    assert "«Кадыров Нурланга» боюнча бир нерсе жетишпейт" in page
    shown = {field: typed[field] for field in ("who", "how", "giver", "given_on") if typed[field]}
    for field, value in shown.items():
        assert f'name="outside-{field}-{father.name}"' in page
        assert f'value="{value}"' in page, field
    assert [one.stored for one in groups(desk, draft)][:2] == ["", "outside"], "the other answer is kept"


def test_nobody_of_the_lists_goes_out_as_somebody_outside_of_them(
    desk: Desk, cast: Cast, draft: Publication, checker: Client
) -> None:
    named = desk.draft()
    [bek] = groups(desk, named)
    assert "outside" not in bek.answers
    page = checker.post(
        f"/publications/{named.public_id}/answer", entered(bek, "Асанов Бек", **BY_CONSENT), follow=True
    )
    assert "мектептин тизмесиндеги адам болушу мүмкүн" in page.content.decode()
    *_others, phone = groups(desk, draft)
    for who in ("Асанов Бек", "Бек Асанов", "асанов бектин"):
        answer = checker.post(f"/publications/{draft.public_id}/answer", entered(phone, who, **BY_CONSENT), follow=True)
        assert "мектептин тизмесиндеги адам болушу мүмкүн" in answer.content.decode(), who
    assert not {one.stored for one in (*groups(desk, named), *groups(desk, draft))} - {""}


def given(desk: Desk, draft: Publication, outside: Outside | None, by: Any = None) -> None:
    father = groups(desk, draft)[0]
    answers = {key: Answered(Answer.OUTSIDE, outside=outside) for key in father.keys}
    actions.answer(publication=draft, answers=answers, by=by or desk.cast.jyldyz, at=desk.at)


def test_the_act_itself_asks_for_a_whole_ground_and_the_right(desk: Desk, cast: Cast, draft: Publication) -> None:
    ahead = (school_day(desk.at) + timedelta(days=1)).isoformat()
    for bad in (
        None,
        Outside("Кадыров Нурлан", Ground.PUBLIC, ""),
        Outside("Кадыров Нурлан", Ground.CONSENT, "каты", "өзү", "2026-11-20"),
        Outside("Кадыров Нурлан", Ground.CONSENT, "каты", "өзү", ahead, explained=True),
    ):
        with pytest.raises(ActRefusedError):
            given(desk, draft, bad)
    with pytest.raises(RightMissingError):
        given(desk, draft, FATHER, by=cast.aida)
    given(desk, draft, FATHER)
    assert groups(desk, draft)[0].stored == "outside"


def test_who_comes_to_the_lists_afterwards_is_asked_about_anew_and_another_ground_is_checked_anew(
    desk: Desk, draft: Publication
) -> None:
    for group in groups(desk, draft):
        answers = {key: Answered(Answer.OUTSIDE, outside=FATHER) for key in group.keys}
        actions.answer(publication=draft, answers=answers, by=desk.cast.jyldyz, at=desk.at)
    desk.confirm_data(draft)
    assert desk.publish(draft)
    before = matter_of_draft(Publication.objects.get(), desk.at)
    given(desk, draft, TEACHER)
    assert matter_of_draft(Publication.objects.get(), desk.at).clearing != before.clearing
    make_student("Кадыров", "Нурлан", desk.cast.seven)
    first = groups(desk, draft)[0]
    assert (first.stored, "outside" in first.answers) == ("", False)


def test_a_consent_was_given_for_one_channel_and_is_asked_for_on_another(
    desk: Desk, draft: Publication, cast: Cast
) -> None:
    father, teacher, *_rest = groups(desk, draft)
    for group, outside in ((father, FATHER), (teacher, TEACHER)):
        answers = {key: Answered(Answer.OUTSIDE, outside=outside) for key in group.keys}
        actions.answer(publication=draft, answers=answers, by=cast.jyldyz, at=desk.at)
    made = kin.copy_to(publication=draft, channel="site", by=cast.aida, at=desk.at)
    assert [one.stored for one in groups(desk, made)] == ["", "outside", "", ""]


def test_what_went_out_on_a_ground_stands_by_it_as_it_was_recorded(desk: Desk, draft: Publication) -> None:
    for group in groups(desk, draft):
        answers = {key: Answered(Answer.OUTSIDE, outside=FATHER) for key in group.keys}
        actions.answer(publication=draft, answers=answers, by=desk.cast.jyldyz, at=desk.at)
    desk.confirm_data(draft)
    desk.publish(draft)
    [standing] = judged_now(Placement.objects.prefetch_related("publication__checks"), desk.at)
    assert standing.may_stand
    assert {one.outside for one in standing.matter.answers.values()} == {FATHER}
