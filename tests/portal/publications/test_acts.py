"""From the draft to the public and back: who does what, in which order, and what the audit keeps."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.publishing import RuleDraft, adopt_publication_rules, standing_rules
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.publications import actions
from darbaza.portal.publications.actions import Written
from darbaza.portal.publications.models import CheckKind, Placement, Publication
from darbaza.portal.publications.reading import Stage, judged, matter_of_draft
from darbaza.portal.publications.views import steps_of
from darbaza.portal.school_time import school_day
from darbaza.publication.gate import Why
from darbaza.publication.matter import Answer, Answered
from tests.people import Cast, signed_in
from tests.portal.publications.conftest import BODY, SOURCE, TITLE, Desk

pytestmark = pytest.mark.django_db
LastEntry = Callable[[], AuditEntry]


def page(draft: Publication) -> str:
    """What somebody outside gets at the publication's address; empty if there is nothing."""
    answer = Client().get(f"/site/ky/p/{draft.public_id}/")
    return answer.content.decode() if answer.status_code == 200 else ""


def stage(draft: Publication, at: datetime) -> Stage:
    return judged(Publication.objects.get(pk=draft.pk), at).stage


def test_a_publication_goes_step_by_step_to_the_public(desk: Desk, cast: Cast, last_entry: LastEntry) -> None:
    desk.agree(cast.bek)
    draft = desk.draft()
    assert (last_entry().act, last_entry().subject) == ("publications:draft:write", draft.public_id)
    assert TITLE not in last_entry().detail_text
    assert stage(draft, desk.at) is Stage.DRAFT
    desk.confirm_facts(draft)
    assert last_entry().act == "publications:facts:check"
    assert stage(draft, desk.at) is Stage.FACTS_CHECKED
    with pytest.raises(ActRefusedError, match="say what becomes of it"):
        desk.confirm_data(draft)
    desk.answer(draft)
    assert last_entry().act == "publications:finding:answer"
    desk.confirm_data(draft)
    assert last_entry().act == "publications:data:check"
    assert stage(draft, desk.at) is Stage.COMPLETE
    assert page(draft) == ""
    address = f"/publications/{draft.public_id}/"
    assert f"{address}publish" in signed_in(cast.jyldyz).get(address).content.decode()
    placed = desk.publish(draft)
    assert (last_entry().act, last_entry().detail["placement"]) == ("publications:placement:make", placed.public_id)
    assert f"{address}publish" not in signed_in(cast.jyldyz).get(address).content.decode(), "it would change nothing"
    assert "Асанов Бек" in page(draft)
    assert "Асанов" not in last_entry().detail_text


def behind(draft: Publication, at: datetime) -> list[bool]:
    return [done for _words, done in steps_of(judged(Publication.objects.get(pk=draft.pk), at))]


def test_no_step_is_behind_before_the_one_ahead_of_it(desk: Desk, cast: Cast) -> None:
    draft = desk.draft(title="Жыйынтык", body="Бүгүн мектепте көркөм кеч өттү.")
    assert behind(draft, desk.at) == [False, False, False, True], "nobody's consent is asked for yet"
    desk.confirm_facts(draft)
    assert behind(draft, desk.at) == [True, False, False, True]
    desk.confirm_data(draft)
    assert behind(draft, desk.at) == [True] * 4
    named = desk.ready(title="Башка кабар")
    assert behind(named, desk.at) == [True, True, False, True]
    desk.agree(cast.bek)
    assert behind(named, desk.at) == [True] * 4


def test_what_was_typed_of_the_facts_comes_back_when_the_text_was_changed_meanwhile(desk: Desk, cast: Cast) -> None:
    draft = desk.draft()
    seen = matter_of_draft(draft, desk.at).content
    written = Written(title=TITLE, body=f"{BODY} Куттуктайбыз!")
    actions.change(publication=draft, written=written, changes=0, by=cast.aida, at=desk.at)
    director, address = signed_in(cast.gulnara), f"/publications/{draft.public_id}/"
    typed = {"source": 'Протокол "А"', "content": seen}
    refused = director.post(f"{address}facts", typed)
    shown = refused.content.decode()
    assert (refused.status_code, 'value="Протокол &quot;А&quot;"' in shown) == (422, True)
    now = matter_of_draft(Publication.objects.get(), desk.at).content
    assert f'name="content" value="{now}"' in shown
    assert director.post(f"{address}facts", {**typed, "content": now}).status_code == 302
    twice = {"doubt": "Орун башка эле"}
    assert director.post(f"{address}doubt", twice).status_code == 302
    again = director.post(f"{address}doubt", twice)
    assert (again.status_code, "Сиз жазгансыз: Орун башка эле" in again.content.decode()) == (422, True)


def test_without_consent_it_stops_before_the_public_and_goes_with_it(desk: Desk, cast: Cast) -> None:
    draft = desk.ready()
    assert stage(draft, desk.at) is Stage.DATA_CHECKED
    with pytest.raises(ActRefusedError, match="Асанов Бек"):
        desk.publish(draft)
    desk.agree(cast.bek)
    desk.publish(draft)
    assert "Асанов Бек" in page(draft)


def test_a_withdrawn_consent_closes_it_at_the_next_request_and_a_new_one_opens_it(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    draft = desk.ready()
    desk.publish(draft)
    assert page(draft)
    desk.withdraw(cast.bek)
    assert page(draft) == ""
    assert TITLE not in Client().get("/site/ky/").content.decode()
    assert TITLE not in Client().get("/site/ky/rss.xml").content.decode()


@pytest.mark.parametrize(("answer", "shown"), [(Answer.INITIALS, "А. Б. эң көп"), (Answer.REMOVE, "… эң көп")])
def test_initials_and_removal_need_no_consent_and_are_what_goes_out(desk: Desk, answer: Answer, shown: str) -> None:
    draft = desk.ready(answer)
    desk.publish(draft)
    assert shown in page(draft)
    assert "Асанов" not in page(draft)


def test_only_the_person_responsible_publishes(desk: Desk, cast: Cast) -> None:
    draft = desk.ready(Answer.REMOVE)
    for person in (cast.gulnara, cast.ermek, cast.aida, cast.saltanat, cast.zarina, cast.timur, cast.bek):
        with pytest.raises(RightMissingError):
            actions.publish(publication=draft, by=person, at=desk.at)
    assert not Placement.objects.exists()


def test_only_whoever_has_the_right_takes_a_step(desk: Desk, cast: Cast) -> None:
    draft = desk.draft()
    content, clearing = (getattr(matter_of_draft(draft, desk.at), name) for name in ("content", "clearing"))
    written = Written(title=TITLE, body=BODY)
    for person in (cast.timur, cast.bek):
        with pytest.raises(RightMissingError):
            actions.write(written=written, by=person, at=desk.at)
        with pytest.raises(RightMissingError):
            actions.check_facts(publication=draft, source=SOURCE, digest=content, by=person, at=desk.at)
    for person in (cast.timur, cast.nurlan, cast.gulnara, cast.aida):
        with pytest.raises(RightMissingError):
            actions.check_personal_data(publication=draft, digest=clearing, by=person, at=desk.at)
        with pytest.raises(RightMissingError):
            actions.answer(publication=draft, answers={}, by=person, at=desk.at)
    for person in (cast.timur, cast.gulnara, cast.nurlan):
        with pytest.raises(RightMissingError):
            actions.change(publication=draft, written=written, changes=0, by=person, at=desk.at)
        with pytest.raises(RightMissingError):
            actions.discard(publication=draft, by=person, at=desk.at)


def test_nobody_confirms_their_own_facts_or_facts_without_source_or_unseen(desk: Desk, cast: Cast) -> None:
    draft = desk.draft()
    content = matter_of_draft(draft, desk.at).content
    for by, source, digest in ((cast.aida, SOURCE, content), (cast.gulnara, " ", content), (cast.gulnara, SOURCE, "x")):
        with pytest.raises(ActRefusedError):
            actions.check_facts(publication=draft, source=source, digest=digest, by=by, at=desk.at)
    assert not draft.checks.exists()


def test_what_changes_after_its_checks_is_checked_again(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    draft = desk.ready()
    written = Written(title=TITLE, body=BODY + " Үсөнова Чолпон да катышты.")
    actions.change(publication=draft, written=written, changes=0, by=cast.aida, at=desk.at)
    assert stage(draft, desk.at) is Stage.DRAFT
    with pytest.raises(ActRefusedError):
        desk.publish(draft)


def test_two_editors_at_once_lose_nothing(desk: Desk, cast: Cast) -> None:
    draft = desk.draft()
    first, second = Written(title=TITLE, body="Биринчи редакция"), Written(title=TITLE, body="Экинчи редакция")
    actions.change(publication=draft, written=first, changes=0, by=cast.aida, at=desk.at)
    with pytest.raises(ActRefusedError, match="changed it meanwhile"):
        actions.change(publication=draft, written=second, changes=0, by=cast.jyldyz, at=desk.at)
    assert Publication.objects.get().body == "Биринчи редакция"


def test_what_was_taken_down_stays_down_and_a_corrected_version_takes_its_address(desk: Desk, cast: Cast) -> None:
    draft = desk.ready(Answer.REMOVE)
    placed = desk.publish(draft)
    with pytest.raises(RightMissingError):
        actions.take_down(placement=placed, reason="Ката бар", by=cast.gulnara, at=desk.at)
    with pytest.raises(ActRefusedError):
        actions.take_down(placement=placed, reason=" ", by=cast.jyldyz, at=desk.at)
    actions.take_down(placement=placed, reason="Ката бар", by=cast.jyldyz, at=desk.at)
    assert page(draft) == ""
    with pytest.raises(ActRefusedError):
        actions.take_down(placement=placed, reason="Ката бар", by=cast.jyldyz, at=desk.at)
    desk.publish(draft)
    assert "экинчи орунду" in page(draft)


def test_a_wrong_fact_closes_what_was_placed_on_it_until_it_is_confirmed_anew(
    desk: Desk, cast: Cast, last_entry: LastEntry
) -> None:
    draft = desk.ready(Answer.REMOVE)
    desk.publish(draft)
    for by in (cast.timur, cast.ermek):
        with pytest.raises(RightMissingError):
            actions.doubt_facts(publication=draft, doubt="Үчүнчү орун", by=by, at=desk.at)
    actions.doubt_facts(publication=draft, doubt="Үчүнчү орун", by=cast.aida, at=desk.at)
    assert last_entry().act == "publications:facts:doubt"
    assert page(draft) == ""
    with pytest.raises(ActRefusedError):
        actions.doubt_facts(publication=draft, doubt="Үчүнчү орун", by=cast.aida, at=desk.at)
    desk.confirm_facts(draft)
    assert page(draft)


def test_a_term_ends_at_the_midnight_after_its_last_day(
    desk: Desk, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = desk.ready(Answer.REMOVE, until=school_day(at))
    desk.publish(draft)
    clocks = {"23:59": 14 * 60 - 1, "00:00": 14 * 60}
    for minutes, is_there in ((clocks["23:59"], True), (clocks["00:00"], False)):
        monkeypatch.setattr("darbaza.clock.utc_now", lambda minutes=minutes: at + timedelta(minutes=minutes))
        assert bool(page(draft)) is is_there


def test_what_the_council_did_not_decide_on_or_limits_is_not_published(desk: Desk, cast: Cast, at: datetime) -> None:
    facebook = desk.ready(Answer.REMOVE, channel="facebook")
    with pytest.raises(ActRefusedError, match="has not decided"):
        desk.publish(facebook)
    long = desk.ready(Answer.REMOVE, body="сөз " * 2001)
    with pytest.raises(ActRefusedError, match="longer than the council decided"):
        desk.publish(long)
    ends = list(standing_rules(at).filter(channel="site"))
    decision: dict[str, Any] = {"text": "Сайтка коюлбайт", "minutes_number": "4", "date": school_day(at)}
    with pytest.raises(RightMissingError):
        adopt_publication_rules(**decision, in_force_from=school_day(at), rules=[], ends=ends, by=cast.jyldyz, at=at)
    no = RuleDraft(allows=False, channel="site")
    adopt_publication_rules(**decision, in_force_from=school_day(at), rules=[no], ends=ends, by=cast.nurlan, at=at)
    with pytest.raises(ActRefusedError, match="decided that this is not published"):
        desk.publish(desk.ready(Answer.REMOVE))


def test_an_answer_to_what_is_not_there_is_refused_and_a_plain_name_needs_words(desk: Desk, cast: Cast) -> None:
    draft = desk.draft()
    with pytest.raises(ActRefusedError):
        actions.answer(publication=draft, answers={"x": Answered(Answer.REMOVE)}, by=cast.jyldyz, at=desk.at)
    desk.answer(draft, Answer.NOT_A_PERSON)
    draft.answers.update(why="")
    whys = {one.why for one in judged(Publication.objects.get(pk=draft.pk), desk.at).verdict.reasons}
    assert Why.WHY_NOT in whys


def test_a_draft_that_was_never_placed_is_thrown_away(desk: Desk, cast: Cast, last_entry: LastEntry) -> None:
    draft = desk.ready(Answer.REMOVE)
    actions.discard(publication=draft, by=cast.aida, at=desk.at)
    assert last_entry().act == "publications:draft:discard"
    with pytest.raises(ActRefusedError):
        desk.publish(draft)
    placed = desk.ready(Answer.REMOVE)
    desk.publish(placed)
    with pytest.raises(ActRefusedError):
        actions.discard(publication=placed, by=cast.aida, at=desk.at)
    assert placed.checks.filter(kind=CheckKind.FACTS).count() == 1
