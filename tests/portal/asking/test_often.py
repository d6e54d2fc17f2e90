"""What teachers open often is put before the council by a rule that the council sets, with counts and no names."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from darbaza.portal.asking import often
from darbaza.portal.asking.often import Rule
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import Proposal, ProposalState
from darbaza.portal.lessons import actions as lessons
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from tests.portal.live import NOW, SOON, School, make_school, ruling, signed_in, staff

pytestmark = pytest.mark.django_db
LEFT = "video.test"


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)


@pytest.fixture
def school() -> School:
    made = make_school()
    ruling("delegate", host=LEFT)
    return made


@pytest.fixture
def member(school: School) -> Person:
    return staff("Кеңеш", Duty.COUNCIL_MEMBER)


def opened_in_a_lesson(school: School, by: Person, at: datetime = SOON, host: str = LEFT) -> None:
    """One lesson of 7-А in which a teacher opens a resource twice."""
    key = school.slot.key if by != school.bakyt else school.other_slot.key
    session = lessons.start_lesson(key=key, by=by, at=at)
    for _ in range(2):
        lessons.open_resource(session=session, address=host, by=by, at=at)
    lessons.end_lesson(session=session, by=by, at=at)


def test_three_lessons_of_two_teachers_make_one_proposal_with_counts_and_no_childs_name(
    school: School, last_entry: Callable[[], AuditEntry]
) -> None:
    opened_in_a_lesson(school, school.aida)
    opened_in_a_lesson(school, school.aida)
    assert not Proposal.objects.exists()
    opened_in_a_lesson(school, school.bakyt)
    (made,) = Proposal.objects.all()
    assert (made.target_host, made.effect, made.state) == (LEFT, "allow", ProposalState.OPEN)
    assert made.user_category is not None
    assert made.user_category.code.startswith("students")
    entry = AuditEntry.objects.get(act="asking:rule:propose")
    assert entry.subject == made.ref
    opened_in_a_lesson(school, school.aida)
    assert Proposal.objects.count() == 1


def test_one_teacher_alone_is_no_reason_to_ask_the_council(school: School) -> None:
    for _ in range(5):
        opened_in_a_lesson(school, school.aida)
    assert not Proposal.objects.exists()


def test_what_was_opened_before_the_rules_days_does_not_count(school: School) -> None:
    opened_in_a_lesson(school, school.aida)
    opened_in_a_lesson(school, school.bakyt)
    SupervisedSession.objects.get(supervisor=school.aida).measures.update(at=SOON - timedelta(days=31))
    opened_in_a_lesson(school, school.bakyt)
    assert [(one.resource, one.lessons, one.teachers) for one in often.counts(SOON)] == [(LEFT, 2, 1)]
    assert not Proposal.objects.exists()


def test_after_an_answer_it_is_counted_anew(school: School) -> None:
    for by in (school.aida, school.aida, school.bakyt):
        opened_in_a_lesson(school, by)
    later = SOON + timedelta(minutes=5)
    Proposal.objects.update(state=ProposalState.DECLINED, answered_at=later)
    opened_in_a_lesson(school, school.aida, later + timedelta(minutes=1))
    assert Proposal.objects.count() == 1
    for by in (school.aida, school.bakyt):
        opened_in_a_lesson(school, by, later + timedelta(minutes=2))
    assert Proposal.objects.count() == 2


def test_the_council_sets_the_rule_and_nobody_else(
    school: School, member: Person, last_entry: Callable[[], AuditEntry]
) -> None:
    often.set_rule(rule=Rule(1, 1, 7), by=member, at=SOON)
    assert last_entry().act == "asking:rule:set"
    opened_in_a_lesson(school, school.aida)
    assert Proposal.objects.count() == 1
    with pytest.raises(RightMissingError):
        often.set_rule(rule=Rule(9, 1, 7), by=school.aida, at=SOON)
    for nonsense in (Rule(0, 1, 7), Rule(2, 3, 7), Rule(1, 0, 7), Rule(1, 1, 400)):
        with pytest.raises(ActRefusedError):
            often.set_rule(rule=nonsense, by=member, at=SOON)
    assert often.rule_now() == Rule(1, 1, 7)


def test_everybody_with_a_duty_reads_the_rule_and_only_the_council_sees_the_form(
    school: School, member: Person
) -> None:
    for by in (school.aida, school.aida, school.bakyt):
        opened_in_a_lesson(school, by)
    page = signed_in(school.aida).get("/asked/").content.decode()
    assert Proposal.objects.get().ref in page
    assert 'name="lessons"' not in page
    council = signed_in(member)
    assert 'name="lessons"' in council.get("/asked/").content.decode()
    assert council.post("/asked/", {"lessons": "2", "teachers": "1", "days": "14"}).status_code == 302
    assert often.rule_now() == Rule(2, 1, 14)
    assert council.post("/asked/", {"lessons": "x"}).status_code == 422
    assert signed_in(school.aida).post("/asked/", {"lessons": "1", "teachers": "1", "days": "1"}).status_code == 403
    assert often.rule_now() == Rule(2, 1, 14)
    assert signed_in(school.nobody).get("/asked/").status_code == 403
    assert Client().get("/asked/").status_code == 302


def test_counts_name_nobody(school: School, member: Person) -> None:
    assert NOW < SOON
    opened_in_a_lesson(school, school.aida)
    page = signed_in(member).get("/asked/").content.decode()
    assert LEFT in page
    assert "Аидаова" not in page
