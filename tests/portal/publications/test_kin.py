"""The same matter on several channels; and two people at one draft."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.conf import settings
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.publications import actions, attaching, kin
from darbaza.portal.publications.findings import groups_of
from darbaza.portal.publications.models import Publication, TakeDown
from darbaza.portal.publications.reading import matter_of_draft
from darbaza.portal.publications.uploads import Upload, text_of
from darbaza.publication.matter import Answer, Answered
from tests.people import Cast, signed_in
from tests.portal.publications.conftest import SOURCE, TITLE, Desk

pytestmark = pytest.mark.django_db
LastEntry = Callable[[], AuditEntry]
Captured = Callable[..., AbstractContextManager[object]]


def again(draft: Publication) -> Publication:
    return Publication.objects.get(pk=draft.pk)


def test_the_same_for_another_channel_keeps_text_files_and_answers_and_is_checked_for_that_place(
    desk: Desk, cast: Cast, last_entry: LastEntry
) -> None:
    desk.agree(cast.bek)
    draft = desk.draft()
    table = Upload("t.csv", "Асанов Бектин упайлары", b"1;2", text_of(b"1;2"))
    attaching.attach(publication=draft, upload=table, by=cast.aida, at=desk.at)
    desk.confirm_facts(draft)
    desk.answer(draft)
    desk.confirm_data(draft)
    client = signed_in(cast.aida)
    client.post(f"/publications/{draft.public_id}/copy", {"channel": "telegram"})
    made = Publication.objects.get(copy_of=draft)
    assert (last_entry().act, last_entry().detail["channel"]) == ("publications:draft:copy", "telegram")
    assert (made.author, made.channel, made.title) == (cast.aida, "telegram", TITLE)
    assert [one.caption for one in made.standing_files] == [table.caption]
    groups = groups_of(matter_of_draft(again(made), desk.at))
    assert groups
    assert all(group.stored == "consent" for group in groups)
    assert not made.checks.exists()
    page = client.get(f"/publications/{draft.public_id}/").content.decode()
    assert f"/publications/{made.public_id}/" in page
    assert '<option value="telegram"' not in page
    content = matter_of_draft(again(made), desk.at).content
    with pytest.raises(ActRefusedError):
        actions.check_facts(publication=made, source=SOURCE, digest=content, by=cast.aida, at=desk.at)
    for channel in ("telegram", "site", "pigeon"):
        with pytest.raises(ActRefusedError):
            kin.copy_to(publication=made, channel=channel, by=cast.aida, at=desk.at)
    with pytest.raises(RightMissingError):
        kin.copy_to(publication=made, channel="facebook", by=cast.timur, at=desk.at)
    assert client.get(f"/publications/{draft.public_id}/copy").status_code == 405


def test_a_wrong_fact_closes_all_that_say_the_same_and_makes_the_tasks_at_once(
    desk: Desk, cast: Cast, django_capture_on_commit_callbacks: Captured
) -> None:
    desk.agree(cast.bek)
    draft = desk.ready()
    desk.publish(draft)
    other = kin.copy_to(publication=draft, channel="telegram", by=cast.aida, at=desk.at)
    desk.confirm_facts(other)
    desk.confirm_data(other)
    placed = desk.publish(again(other))
    with django_capture_on_commit_callbacks(execute=True):
        actions.doubt_facts(publication=other, doubt="Үчүнчү орун", by=cast.gulnara, at=desk.at)
    assert Client().get(f"/site/ky/p/{draft.public_id}/").status_code == 404
    [task] = TakeDown.objects.all()
    assert (task.placement, task.cause) == (placed, "facts")
    assert TITLE in signed_in(cast.jyldyz).get("/publications/take-downs/").content.decode()


def test_taking_down_on_a_channel_of_others_is_a_task_that_ends_with_a_proof(
    desk: Desk, cast: Cast, last_entry: LastEntry
) -> None:
    placed = desk.publish(desk.ready(Answer.REMOVE, channel="telegram"))
    client = signed_in(cast.jyldyz)
    client.post(f"/publications/placed/{placed.public_id}/take-down", {"reason": "Ката бар"})
    task = TakeDown.objects.get()
    assert (task.cause, last_entry().act) == ("responsible", "publications:take-down:raise")
    placed.refresh_from_db()
    assert placed.taken_down_at is None, "it stands there until somebody shows that it does not"
    with pytest.raises(ActRefusedError):
        actions.take_down(placement=placed, reason="Ката бар", by=cast.jyldyz, at=desk.at)
    exported = client.post(f"/publications/placed/{placed.public_id}/export")
    assert exported.status_code == 302, "nothing is handed over"
    client.post(f"/publications/take-downs/{task.pk}", {"proof": "Каналда жок"})
    placed.refresh_from_db()
    assert (placed.taken_down_at, placed.seal) == (desk.at, "")


def test_two_who_answer_at_once_lose_nothing_and_are_told_where_they_differ(desk: Desk, cast: Cast) -> None:
    draft = desk.draft(body="Асанов Бек жеңди. Үсөнова Чолпон экинчи болду. Өмүрбеков Данияр үчүнчү болду.")
    desk.confirm_facts(draft)
    address = f"/publications/{draft.public_id}/answer"
    bek, cholpon, daniyar = groups_of(matter_of_draft(draft, desk.at))

    def sent(**answers: str) -> dict[str, str]:
        """The form as a page showed it when nothing was answered."""
        groups = {"bek": bek, "cholpon": cholpon, "daniyar": daniyar}
        form = {f"was-{one.name}": "" for one in groups.values()}
        return form | {f"answer-{groups[name].name}": answer for name, answer in answers.items()}

    first, second = signed_in(cast.jyldyz), signed_in(cast.saltanat)
    second.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    first.post(address, sent(bek="initials", cholpon="remove"))
    answer = second.post(address, sent(bek="remove", daniyar="initials"), follow=True).content.decode()
    assert "initials only" in answer.split("</main>")[0]
    stored = [one.stored for one in groups_of(matter_of_draft(again(draft), desk.at))]
    assert stored == ["initials", "remove", "initials"]
    second.post(address, sent(bek="initials", cholpon="", daniyar="initials"))
    assert [one.stored for one in groups_of(matter_of_draft(again(draft), desk.at))] == stored
    anew = {f"was-{bek.name}": "initials", f"answer-{bek.name}": "remove"}
    second.post(address, anew)
    assert groups_of(matter_of_draft(again(draft), desk.at))[0].stored == "remove"


def test_what_stays_by_consent_is_kept_with_whose_it_is_only_and_nothing_entered_is_lost(
    desk: Desk, cast: Cast
) -> None:
    draft = desk.draft(body="Асанов Бек менен Чыңгызбаева Аселкан жеңди. Жаныбекова Айтурган келди.")
    desk.confirm_facts(draft)
    address, checker = f"/publications/{draft.public_id}/answer", signed_in(cast.jyldyz)
    checker.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    bek, stranger, other = groups_of(matter_of_draft(draft, desk.at))
    assert not (*stranger.people, *other.people)
    typed = {f"answer-{bek.name}": "initials", f"answer-{stranger.name}": "consent", f"answer-{other.name}": "consent"}
    refused = checker.post(address, typed | {f"named-{stranger.name}": "Чыңгызбаева Аселкан"})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "” stands in no list" in page
    assert "tick whose it is" in page
    assert 'value="Чыңгызбаева Аселкан"' in page
    assert page.count('<option value="consent" selected>') == 2, "what was chosen stands there still"
    assert [one.stored for one in groups_of(matter_of_draft(again(draft), desk.at))] == ["initials", "", ""]
    known = {f"named-{other.name}": "Асанов Бек", f"answer-{other.name}": "consent"}
    assert checker.post(address, known).status_code == 302
    stored = groups_of(matter_of_draft(again(draft), desk.at))[2].answered
    assert stored is not None
    assert stored.people == (str(cast.bek.pk),)
    nobodys = {key: Answered(Answer.CONSENT) for key in stranger.keys}
    with pytest.raises(ActRefusedError, match="is somebody's"):
        actions.answer(publication=draft, answers=nobodys, by=cast.jyldyz, at=desk.at)
