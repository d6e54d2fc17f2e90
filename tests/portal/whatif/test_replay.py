"""What if: a draft on past traffic finds exactly what `decide` would have answered otherwise, and changes nothing."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from darbaza.policy.resource import Listing, Resource
from darbaza.policy.verdict import Message
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.actions import DecisionDraft
from darbaza.portal.council.groups import GroupDraft
from darbaza.portal.council.models import Decision, DefaultRule, Ruling, RulingEffect, UserCategory
from darbaza.portal.council.replays import Count, Result
from darbaza.portal.council.targets import RulingDraft
from darbaza.portal.gateways import publish
from darbaza.portal.lessons import actions as lessons
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.verdicts.log import log
from darbaza.portal.whatif import actions, work
from darbaza.portal.whatif.models import SILENCE, Replay, ReplayState
from darbaza.snapshot.spool import format_event
from tests.portal.live import MONDAY, NOW, School, make_school, ruling

pytestmark = pytest.mark.django_db
FILE = "1790000000000-7.spool"
LATER = NOW + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: LATER)


@pytest.fixture
def school() -> School:
    """Book site allowed to students; Bek and Cholpon are in Aida's lesson in k1."""
    made = make_school()
    ruling("allow", host="kitep.test")
    publish.refresh(NOW)
    return made


@pytest.fixture
def session(school: School) -> SupervisedSession:
    return lessons.start_lesson(key=school.slot.key, by=school.aida, at=NOW)


class Log:
    """Lines of the log, written one after another."""

    def __init__(self, session: str) -> None:
        self.session, self.n = session, 0

    def add(self, person: str, host: str, outcome: str, *, message: str = "", at: datetime | None = None, **more: Any):
        rank = more.get("rank", 8 if outcome != "allow" else 7)
        self.n += 1
        at_us = int((at or NOW + timedelta(minutes=1)).timestamp() * 1_000_000) + self.n
        what = f"{outcome}\t2.6\t{rank}\t{message or 'not-ruled-on'}\t\tregulation\t\t\t{publish.latest_number()}\t1"
        who = f"{more.get('device', '10.0.0.1')}\t{person}\t{more.get('session', self.session)}"
        line = format_event(self.n, at_us, who, "CONNECT", host, 443, what).decode().rstrip("\n")
        log().append("box", FILE, self.n, [line])


@pytest.fixture
def lines(session: SupervisedSession) -> Log:
    return Log(session.public_id)


def students() -> UserCategory:
    return UserCategory.objects.get(code="students")


def allow(host: str, effect: str = RulingEffect.ALLOW) -> DecisionDraft:
    return DecisionDraft(rulings=[RulingDraft(students(), effect, host=host)])


def tried(school: School, draft: DecisionDraft, days: int = 7) -> Result:
    asked = actions.ask_replay(draft=draft, days=days, in_force_from=MONDAY, by=school.director, at=LATER)
    work.work_on(asked)
    found = Replay.objects.get(pk=asked.pk).found
    assert found is not None
    return found


def test_an_allowed_host_opens_what_students_were_refused(school: School, lines: Log) -> None:
    for person in (school.bek, school.bek, school.cholpon):
        lines.add(person.public_id, "www.oyun.test", "deny")
    lines.add(school.bek.public_id, "kitep.test", "allow")
    found = tried(school, allow("oyun.test"))
    assert found.total.gained == Count(3, 2)
    assert found.total.lost == Count()
    assert [(row.name, row.gained) for row in found.hosts] == [("www.oyun.test", Count(3, 2))]
    assert [(row.name, row.gained) for row in found.groups] == [("students-5-9", Count(3, 2))]
    assert [row.name for row in found.classes] == [school.seven.name]
    assert (found.records, found.unlike, found.unknown) == (4, 0, 0)
    assert found.days[-1].gained == 3


def test_a_denial_takes_away_what_students_reached(school: School, lines: Log) -> None:
    lines.add(school.bek.public_id, "kitep.test", "allow")
    lines.add(school.bek.public_id, "oyun.test", "deny")
    found = tried(school, allow("kitep.test", RulingEffect.DENY))
    assert (found.total.gained, found.total.lost) == (Count(), Count(1, 1))


def test_what_teachers_may_open_is_counted_by_itself(school: School, lines: Log) -> None:
    lines.add(school.bek.public_id, "oyun.test", "deny")
    found = tried(school, allow("oyun.test", RulingEffect.DELEGATE))
    assert (found.total.gained, found.total.delegated) == (Count(), Count(1, 1))


def test_the_end_of_a_ruling_and_another_default_are_tried_as_well(school: School, lines: Log) -> None:
    lines.add(school.bek.public_id, "kitep.test", "allow")
    lines.add(school.bek.public_id, "oyun.test", "deny")
    ended = tried(school, DecisionDraft(ends=[Ruling.objects.get()]))
    assert (ended.total.gained, ended.total.lost) == (Count(), Count(1, 1))
    opened = tried(school, DecisionDraft(defaults={students(): DefaultRule.BLOCK_LIST}))
    assert (opened.total.gained, opened.total.lost) == (Count(1, 1), Count())


def test_a_new_group_with_its_own_default_concerns_its_grades_only(school: School, lines: Log) -> None:
    lines.add(school.bek.public_id, "oyun.test", "deny")
    eighth = GroupDraft("8", "8", "8", 8, 8, DefaultRule.BLOCK_LIST)
    assert tried(school, DecisionDraft(groups=[eighth])).changes_nothing
    seventh = replace(eighth, grade_from=7, grade_to=7)
    assert tried(school, DecisionDraft(groups=[seventh])).total.gained == Count(1, 1)


def test_what_a_higher_rule_answered_stays_whatever_a_council_decides(school: School, lines: Log) -> None:
    higher = [(1, "statutory-category"), (2, "held"), (3, "no-lesson"), (4, "not-scheduled"), (5, Message.PAUSED),
              (6, Message.NEEDS_PERMIT), (8, Message.NAME_MISMATCH)]  # fmt: skip
    for rank, message in higher:
        lines.add(school.bek.public_id, "oyun.test", "deny", rank=rank, message=message)
    found = tried(school, allow("oyun.test"))
    assert found.settled == len(higher)
    assert found.changes_nothing


def test_a_measure_of_the_lesson_counts_from_its_minute_to_its_end(school: School, lines: Log) -> None:
    """The council would delegate; the teacher had opened the host from 09:20 on, so only then does it open."""
    lines.add(school.bek.public_id, "oyun.test", "deny", at=NOW + timedelta(minutes=5))
    session = SupervisedSession.objects.get()
    session.measures.create(kind="open", host="oyun.test", at=NOW + timedelta(minutes=10), by=school.aida)
    lines.add(school.bek.public_id, "oyun.test", "deny", at=NOW + timedelta(minutes=15))
    found = tried(school, allow("oyun.test", RulingEffect.DELEGATE))
    assert (found.total.gained, found.total.delegated) == (Count(1, 1), Count(1, 1))


def test_staff_are_judged_by_their_own_category(school: School, lines: Log) -> None:
    lines.add(school.aida.public_id, "oyun.test", "deny", session="")
    assert tried(school, allow("oyun.test")).changes_nothing
    teachers = UserCategory.objects.get(code="teachers")
    found = tried(school, DecisionDraft(rulings=[RulingDraft(teachers, RulingEffect.ALLOW, host="oyun.test")]))
    assert [(row.name, row.gained) for row in found.groups] == [("teachers", Count(1, 1))]


def test_archived_days_are_replayed_and_none_twice(school: School, lines: Log) -> None:
    lines.add(school.bek.public_id, "oyun.test", "deny")
    log().archive_before(MONDAY + timedelta(days=1))
    late = log().archive.read_day(MONDAY)
    assert len(late) == 1
    assert tried(school, allow("oyun.test")).total.gained == Count(1, 1)
    lines.add(school.bek.public_id, "oyun.test", "deny")
    assert tried(school, allow("oyun.test")).total.gained == Count(2, 1)


def test_a_damaged_day_is_named_and_the_others_are_replayed(school: School, lines: Log) -> None:
    lines.add(school.bek.public_id, "oyun.test", "deny")
    log().archive.path(MONDAY - timedelta(days=1)).write_bytes(b"PAR1 torn")
    found = tried(school, allow("oyun.test"))
    assert found.unreadable == (MONDAY - timedelta(days=1),)
    assert found.total.gained == Count(1, 1)


def test_days_before_the_span_are_left_out(school: School, lines: Log) -> None:
    lines.add(school.bek.public_id, "oyun.test", "deny", at=NOW - timedelta(days=3))
    assert tried(school, allow("oyun.test"), days=3).records == 0
    assert tried(school, allow("oyun.test"), days=4).records == 1


def test_hosts_of_universities_and_the_state_are_named(
    school: School, lines: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lists:
        def listings(self, host: str, _path: str = "") -> Any:
            return (Listing("education", "ut1", host),) if host == "university.test" else ()

    monkeypatch.setattr("darbaza.portal.resources.current_catalogue", Lists)
    lines.add(school.bek.public_id, "university.test", "deny")
    lines.add(school.bek.public_id, "oyun.test", "deny")
    draft = DecisionDraft(defaults={students(): DefaultRule.BLOCK_LIST})
    assert tried(school, draft).watched == (("university.test", "education"),)


def test_nothing_of_a_draft_is_left_behind(school: School, lines: Log) -> None:
    before = (Decision.objects.count(), Ruling.objects.count(), UserCategory.objects.count(), publish.latest_number())
    tried(school, DecisionDraft(rulings=allow("oyun.test").rulings, groups=[GroupDraft("8", "8", "8", 8, 8)]))
    publish.refresh(LATER)
    after = (Decision.objects.count(), Ruling.objects.count(), UserCategory.objects.count(), publish.latest_number())
    assert before == after


def test_what_could_not_be_adopted_cannot_be_tried(school: School) -> None:
    with pytest.raises(ActRefusedError, match="Law closes this category"):
        tried(school, DecisionDraft(rulings=[RulingDraft(students(), RulingEffect.ALLOW, category="porn")]))
    with pytest.raises(ActRefusedError, match="add a ruling"):
        tried(school, DecisionDraft())
    with pytest.raises(ActRefusedError, match="1 to 60 days"):
        tried(school, allow("oyun.test"), days=61)
    assert not Replay.objects.exists()


def test_one_replay_at_a_time_and_one_that_was_cut_off_is_no_obstacle(school: School) -> None:
    def ask(at: datetime) -> Replay:
        return actions.ask_replay(draft=allow("oyun.test"), days=7, in_force_from=MONDAY, by=school.director, at=at)

    first = ask(LATER)
    with pytest.raises(ActRefusedError, match="under way"):
        ask(LATER + SILENCE / 2)
    assert ask(LATER + SILENCE).pk != first.pk
    assert not Replay.objects.get(pk=first.pk).is_running(LATER + SILENCE)


def test_a_replay_is_a_recorded_act_and_needs_its_right(school: School) -> None:
    with pytest.raises(RightMissingError):
        actions.ask_replay(draft=allow("oyun.test"), days=7, in_force_from=MONDAY, by=school.aida, at=LATER)
    asked = actions.ask_replay(draft=allow("oyun.test"), days=7, in_force_from=MONDAY, by=school.director, at=LATER)
    entry = AuditEntry.objects.order_by("-number")[0]
    assert (entry.act, entry.subject) == ("whatif:replay:run", str(asked.pk))


def test_a_failure_is_kept_as_one(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = actions.ask_replay(draft=allow("oyun.test"), days=7, in_force_from=MONDAY, by=school.director, at=LATER)
    monkeypatch.setattr(work, "run", lambda _row: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        work.work_on(asked)
    assert Replay.objects.get(pk=asked.pk).state == ReplayState.FAILED


def test_a_result_survives_its_json(school: School, lines: Log) -> None:
    lines.add(school.bek.public_id, "oyun.test", "deny")
    found = tried(school, allow("oyun.test"))
    assert Result.from_json(found.to_json()) == found
    assert found.first == date(2026, 11, 17)
    assert Resource("oyun.test").host == found.hosts[0].name
