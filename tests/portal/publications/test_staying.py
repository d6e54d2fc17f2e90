"""A task to take something down whose cause has ceased: it ends without a proof by an act, and never while anything
else speaks against it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from django.utils import translation

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.consents import actions as consents
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.publications import actions, aftermath, elsewhere, proofs, removals, staying
from darbaza.portal.publications.findings import groups_of
from darbaza.portal.publications.models import Placement, Publication, TakeDown
from darbaza.portal.publications.reading import matter_of_draft
from darbaza.portal.school_time import school_day
from darbaza.publication.matter import Answer, Answered
from tests.people import Cast, make_student, signed_in
from tests.portal.publications.conftest import BODY, Desk

pytestmark = pytest.mark.django_db
LastEntry = Callable[[], AuditEntry]
Captured = Callable[..., AbstractContextManager[object]]
LATER = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock_of_the_desk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page calls now goes on with the desk."""
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: desk.at)


def placed_and_withdrawn(desk: Desk) -> tuple[Placement, TakeDown]:
    """On Telegram, with Bek's name, whose mother then withdraws."""
    desk.agree(desk.cast.bek)
    placed = desk.publish(desk.ready(channel="telegram"))
    desk.withdraw(desk.cast.bek)
    [task] = aftermath.follow(desk.at)
    return placed, task


def agrees_anew(desk: Desk) -> None:
    """She agrees again on paper, a day later, which is from then on now: a paper of the same day lifts nothing."""
    desk.at += LATER
    desk.agree(desk.cast.bek)


def refused(desk: Desk, task: TakeDown, why: str) -> None:
    """The task stays open, with what stands against it."""
    with translation.override("en"), pytest.raises(ActRefusedError, match=why):
        staying.let_stay(task=task, by=desk.cast.jyldyz, at=desk.at)
    task.refresh_from_db()
    assert task.done_at is None


def test_what_is_covered_again_is_left_in_place_by_the_person_responsible(
    desk: Desk,
    cast: Cast,
    last_entry: LastEntry,
    django_capture_on_commit_callbacks: Captured,
) -> None:
    placed, task = placed_and_withdrawn(desk)
    client = signed_in(cast.jyldyz)
    assert "/stays" not in client.get("/publications/take-downs/").content.decode()
    refused(desk, task, "consent was withdrawn")
    with django_capture_on_commit_callbacks(execute=True):
        agrees_anew(desk)
    task.refresh_from_db()
    assert (task.ceased_at, task.done_at) == (desk.at, None), "it is seen at once, and nothing ends by itself"
    assert (last_entry().act, last_entry().by) == ("publications:take-down:cease", "")
    number = last_entry().number
    aftermath.follow(desk.at)
    assert last_entry().number == number, "once"
    client = signed_in(cast.jyldyz)
    assert "себеби жоюлду" in client.get("/").content.decode()
    page = client.get("/publications/take-downs/").content.decode()
    assert f"/publications/take-downs/{task.pk}/stays" in page
    assert f'action="/publications/take-downs/{task.pk}"' in page, "somebody may have taken it down meanwhile"
    for by in (cast.gulnara, cast.aida, cast.timur):
        with pytest.raises(RightMissingError):
            staying.let_stay(task=task, by=by, at=desk.at)
    assert client.get(f"/publications/take-downs/{task.pk}/stays").status_code == 405
    assert signed_in(cast.aida).post(f"/publications/take-downs/{task.pk}/stays").status_code == 403
    client.post(f"/publications/take-downs/{task.pk}/stays")
    task.refresh_from_db()
    placed.refresh_from_db()
    assert (task.done_by, task.done_at, task.stays, placed.taken_down_at) == (cast.jyldyz, desk.at, True, None)
    assert (last_entry().act, last_entry().detail["since"]) == (
        "publications:take-down:let-stay",
        desk.at.isoformat(),
    )
    with translation.override("en"), pytest.raises(ActRefusedError, match="settled already"):
        staying.let_stay(task=task, by=cast.jyldyz, at=desk.at)
    with translation.override("en"), pytest.raises(ActRefusedError, match="settled already"):
        elsewhere.settle_take_down(task=task, proof="Экран сүрөтү", by=cast.jyldyz, at=desk.at)
    assert elsewhere.export(placement=placed, by=cast.jyldyz, at=desk.at), "it is handed over again"
    desk.withdraw(cast.bek)
    assert [one.placement for one in aftermath.follow(desk.at)] == [placed], "and there is a new task"


def test_a_cause_that_comes_back_before_anybody_spoke_gives_the_task_a_new_day(desk: Desk, cast: Cast) -> None:
    _placed, task = placed_and_withdrawn(desk)
    agrees_anew(desk)
    aftermath.follow(desk.at)
    desk.at += timedelta(days=5)
    assert proofs.take_downs(desk.at).holds, "nobody is late with what need not be done"
    desk.withdraw(cast.bek)
    assert [one.pk for one in aftermath.follow(desk.at)] == [task.pk]
    task.refresh_from_db()
    assert (task.ceased_at, task.due) == (None, school_day(desk.at) + timedelta(days=2))
    refused(desk, task, "consent was withdrawn")


def test_a_term_that_was_made_longer_and_a_fact_confirmed_anew_are_seen_too(
    desk: Desk, cast: Cast, django_capture_on_commit_callbacks: Captured
) -> None:
    desk.agree(cast.bek)
    placed = desk.publish(desk.ready(channel="telegram"))
    with django_capture_on_commit_callbacks(execute=True):
        actions.doubt_facts(publication=placed.publication, doubt="Үчүнчү орун", by=cast.gulnara, at=desk.at)
    task = TakeDown.objects.get()
    refused(desk, task, "not confirmed")
    desk.withdraw(cast.bek)
    desk.confirm_facts(Publication.objects.get(pk=placed.publication.pk))
    assert [one.cause for one in aftermath.follow(desk.at)] == ["consent"], "the task says what is the matter now"
    agrees_anew(desk)
    staying.let_stay(task=task, by=cast.jyldyz, at=desk.at)
    desk.at = desk.at.replace(year=2027, month=9, day=20)
    [late] = aftermath.follow(desk.at)
    assert (late.cause, late.pk != task.pk) == ("consent", True), "the term of the consent is over"
    refused(desk, late, "has ended")
    desk.agree(cast.bek, term=consents.Term(date(2027, 9, 1), date(2028, 8, 31)))
    staying.let_stay(task=late, by=cast.jyldyz, at=desk.at)


def test_somebody_else_who_is_not_covered_keeps_the_task_open(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    desk.agree(cast.cholpon)
    desk.publish(desk.ready(body=f"{BODY} Үсөнова Чолпон экинчи болду.", channel="telegram"))
    desk.withdraw(cast.bek)
    desk.withdraw(cast.cholpon)
    [task] = aftermath.follow(desk.at)
    agrees_anew(desk)
    refused(desk, task, "Чолпон")
    assert task.ceased_at is None
    shown = signed_in(cast.jyldyz).get("/publications/take-downs/").content.decode()
    assert "/stays" not in shown


def test_a_protected_person_keeps_the_task_open_and_nothing_more_is_said(desk: Desk, cast: Cast) -> None:
    _placed, task = placed_and_withdrawn(desk)
    agrees_anew(desk)
    consents.protect(person=cast.bek, by=cast.jyldyz, at=desk.at)
    with pytest.raises(ActRefusedError) as said:
        staying.let_stay(task=task, by=cast.jyldyz, at=desk.at)
    assert str(said.value) == "This cannot be published."


def test_somebody_found_by_todays_lists_keeps_it_open(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    body = f"{BODY} Үмөтова Назгүл сүрөт тартты, деди ал."
    draft = desk.draft(body=body, channel="telegram")
    desk.confirm_facts(draft)
    for group in groups_of(matter_of_draft(draft, desk.at)):
        people = tuple(str(one.pk) for one in group.people)
        given = Answered(Answer.CONSENT if people else Answer.NOT_OURS, people, "башка мектептен")
        actions.answer(publication=draft, answers=dict.fromkeys(group.keys, given), by=cast.jyldyz, at=desk.at)
    desk.confirm_data(draft)
    desk.publish(Publication.objects.get(pk=draft.pk))
    desk.withdraw(cast.bek)
    [task] = aftermath.follow(desk.at)
    agrees_anew(desk)
    make_student("Үмөтова", "Назгүл", cast.seven)
    refused(desk, task, "for whom nobody has answered")
    shown = signed_in(cast.jyldyz).get("/publications/take-downs/").content.decode()
    assert "эч ким жооп бербеген" in shown
    assert "/stays" not in shown


def test_what_somebody_asked_from_outside_is_answered_first_and_a_promise_is_kept(desk: Desk, cast: Cast) -> None:
    placed, task = placed_and_withdrawn(desk)
    agrees_anew(desk)
    aftermath.follow(desk.at)
    unnamed = removals.ask(where="Telegram, олимпиада", why="", contact="", placement=None, at=desk.at)
    refused(desk, task, "perhaps this")
    removals.settle(asked=unnamed, remove=False, answer="Бизде жок", by=cast.jyldyz, at=desk.at)
    named = removals.ask(where="", why="", contact="", placement=placed, at=desk.at)
    refused(desk, task, "perhaps this")
    removals.settle(asked=named, remove=True, answer="Алынат", by=cast.jyldyz, at=desk.at)
    task.refresh_from_db()
    assert (task.cause, task.ceased_at) == ("removal", None), "the open task has the cause of a person from now on"
    refused(desk, task, "Somebody wants it down")
    aftermath.follow(desk.at)
    desk.withdraw(cast.bek)
    aftermath.follow(desk.at)
    task.refresh_from_db()
    assert (task.cause, task.ceased_at) == ("removal", None), "whatever the gate says since"
    TakeDown.objects.update(cause="consent")
    agrees_anew(desk)
    refused(desk, task, "was told that it is removed")


def test_what_the_person_responsible_wants_down_goes_on_to_be_wanted_down(
    desk: Desk, cast: Cast, last_entry: LastEntry
) -> None:
    placed, task = placed_and_withdrawn(desk)
    actions.take_down(placement=placed, reason="Ката бар", by=cast.jyldyz, at=desk.at)
    assert last_entry().detail["cause"] == "responsible"
    agrees_anew(desk)
    aftermath.follow(desk.at)
    refused(desk, task, "Somebody wants it down")
    with pytest.raises(ActRefusedError, match="a task already"):
        actions.take_down(placement=placed, reason="Ката бар", by=cast.jyldyz, at=desk.at)


def test_a_placement_without_its_seal_is_left_nowhere(desk: Desk) -> None:
    placed, task = placed_and_withdrawn(desk)
    agrees_anew(desk)
    Placement.objects.filter(pk=placed.pk).update(seal="")
    refused(desk, task, "nothing shows that it was let out")


def test_settled_tasks_by_the_hundred_hide_no_open_one(desk: Desk, cast: Cast) -> None:
    placed = desk.publish(desk.ready(Answer.REMOVE, channel="telegram"))
    old = {"raised_at": desk.at, "due": date(2026, 9, 1), "proof": "Жок", "done_by": cast.jyldyz, "done_at": desk.at}
    TakeDown.objects.bulk_create(TakeDown(placement=placed, cause="consent", **old) for _number in range(101))
    actions.take_down(placement=placed, reason="Ката бар", by=cast.jyldyz, at=desk.at)
    task = TakeDown.objects.get(done_at__isnull=True)
    shown = signed_in(cast.jyldyz).get("/publications/take-downs/").content.decode()
    assert f'action="/publications/take-downs/{task.pk}"' in shown
