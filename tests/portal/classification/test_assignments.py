"""Assignments: each an act with a name and a number, none opens what law closes, each can be taken back (2.13)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.resource import Listing, Resource
from darbaza.policy.verdict import Rank
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.classification import actions
from darbaza.portal.classification.actions import Named
from darbaza.portal.classification.models import AssignedResource, Assignment, Report, ReportKind, ReportOutcome
from darbaza.portal.classification.preview import preview, rules_now
from darbaza.portal.council.supposing import suppose
from darbaza.portal.gateways import publish
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from tests.people import Cast, make_staff
from tests.portal.live import ruling

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(cast: Cast) -> Person:
    """Altynai classifies, by order 2026-70."""
    made = make_staff("Сатыбалдиева", "Алтынай", Duty.CLASSIFICATION_OFFICER)
    Appointment.objects.filter(person=made).update(order_number="2026-70")
    return made


def assign(by: Person, at: datetime, *hosts: str, categories: tuple[str, ...] = ("education",), **more: object):
    given = {"resources": [Named(one) for one in hosts], "categories": categories, "reason": "Сабак үчүн"}
    return actions.assign(**(given | more), by=by, at=at)  # type: ignore[arg-type]


def answer(host: str, at: datetime, *, listed: str = "", group: str = "students"):
    asker, rules = suppose(group, rules_now(at), at)
    listings = (Listing(listed, "ut1", host),) if listed else ()
    return decide(AccessRequest(asker, Resource(host, listings=listings), at), rules)


def test_a_ruling_on_a_category_reaches_what_is_assigned_to_it(officer: Person, at: datetime) -> None:
    ruling("allow", category="education")
    assert not answer("sabak.test", at).allows
    made = assign(officer, at, "https://Sabak.test/", "www.kitep.test")
    assert answer("sabak.test", at).allows
    assert answer("below.sabak.test", at).allows
    assert made.ref == "2026-1"
    assert made.order_number == "2026-70"
    assert {str(one) for one in made.resources.all()} == {"sabak.test", "www.kitep.test"}


def test_it_is_one_entry_of_the_audit(officer: Person, at: datetime, last_entry: Callable[[], AuditEntry]) -> None:
    before = AuditEntry.objects.count()
    assign(officer, at, "a.test", "b.test")
    assert AuditEntry.objects.count() == before + 1
    assert last_entry().act == "classification:resource:assign"
    assert last_entry().detail["on"] == ["a.test", "b.test"]


def test_it_reaches_the_rulebook_of_the_boxes(officer: Person, at: datetime) -> None:
    assign(officer, at, "sabak.test")
    publish.refresh(at)
    found = publish.rulebook_at(at)
    assert found is not None
    assert [(str(one.target), one.categories) for one in found.assignments] == [("sabak.test", {"education"})]


@pytest.mark.parametrize("closed", ["porn", "gambling", "extremism"])
def test_nothing_of_the_statutory_layer_is_opened(officer: Person, at: datetime, closed: str) -> None:
    ruling("allow", category="education")
    assign(officer, at, "kumar.test")
    verdict = answer("kumar.test", at, listed=closed)
    assert not verdict.allows
    assert (verdict.clause, verdict.rank) == ("3.3", Rank.STATUTORY)


def test_a_later_act_takes_an_earlier_ones_place_and_going_back_restores_the_lists(
    officer: Person, at: datetime
) -> None:
    first = assign(officer, at, "sabak.test")
    second = assign(officer, at + timedelta(minutes=1), "sabak.test", categories=("games",))
    assert AssignedResource.objects.get(until__isnull=True).assignment == second
    actions.take_back(assignment=second, reason="Ката", by=officer, at=at + timedelta(minutes=2))
    assert not AssignedResource.objects.filter(until__isnull=True).exists()
    with pytest.raises(ActRefusedError, match="taken back already"):
        actions.take_back(assignment=second, reason="Ката", by=officer, at=at)
    actions.take_back(assignment=first, reason="Ката", by=officer, at=at + timedelta(minutes=3))
    assert AssignedResource.objects.get(assignment=first).until == at + timedelta(minutes=1)


REFUSED = [
    ({"resources": []}, "Choose the resources"),
    ({"categories": ()}, "Choose a category"),
    ({"categories": ("nonsense",)}, "no category nonsense"),
    ({"reason": " "}, "Say why"),
    ({"resources": [Named("edu.kg.")]}, "public suffix"),
    ({"resources": [Named("http://[broken")]}, "cannot be read"),
    ({"resources": [Named(f"h{n}.test") for n in range(201)]}, "At most 200"),
]


@pytest.mark.parametrize(("wrong", "said"), REFUSED)
def test_what_cannot_stand_is_refused_whole(officer: Person, at: datetime, wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ActRefusedError, match=said):
        assign(officer, at, "good.test", **wrong)
    assert not Assignment.objects.exists()


def test_only_the_officer_of_an_order_in_force_assigns(cast: Cast, officer: Person, at: datetime) -> None:
    for person in cast.staff().values():
        with pytest.raises(RightMissingError):
            assign(person, at, "sabak.test")
    made = assign(officer, at, "sabak.test")
    Appointment.objects.filter(person=officer).update(until=at.date())
    with pytest.raises(RightMissingError):
        assign(officer, at, "other.test")
    with pytest.raises(RightMissingError):
        actions.take_back(assignment=made, reason="Ката", by=officer, at=at)


def test_the_preview_says_what_live_traffic_would_get(officer: Person, at: datetime) -> None:
    ruling("allow", category="education")
    (shown,) = preview(["sabak.test"], ["education"], at)
    changed = {one.group.code: (one.before.allows, one.after.allows) for one in shown.changed}
    assert changed["students"] == (False, True)
    assign(officer, at, "sabak.test")
    for effect in shown.effects:
        assert answer("sabak.test", at, group=effect.group.code).outcome == effect.after.outcome
    (again,) = preview(["sabak.test"], ["education"], at)
    assert again.changed == ()


def test_a_report_has_a_day_and_an_assignment_answers_it(cast: Cast, officer: Person, at: datetime) -> None:
    kind = ReportKind.WRONG_REFUSAL
    made = actions.report(kind=kind, resource="sabak.test", text="Сабакка керек", by=cast.aida, at=at)
    assert made.due == datetime(2026, 11, 26).date()  # noqa: DTZ001 - a day
    assert actions.report(kind=kind, resource="sabak.test", by=cast.saltanat, at=at) == made
    assign(officer, at, "sabak.test")
    made.refresh_from_db()
    assert (made.outcome, made.answered_by) == (ReportOutcome.ASSIGNED, officer)


def test_sunday_is_no_day_of_an_answer(at: datetime) -> None:
    friday = datetime(2026, 11, 27).date()  # noqa: DTZ001 - a day
    assert actions.due(friday) == datetime(2026, 12, 1).date()  # noqa: DTZ001 - a day


def test_a_report_is_answered_once_and_with_a_reason(cast: Cast, officer: Person, at: datetime) -> None:
    made = actions.report(kind=ReportKind.UNSUITABLE, resource="oyun.test", by=cast.aida, at=at)
    with pytest.raises(ActRefusedError, match="with a reason"):
        actions.answer(report=made, outcome=ReportOutcome.KEPT, text=" ", by=officer, at=at)
    with pytest.raises(ActRefusedError, match="what came of"):
        actions.answer(report=made, outcome=ReportOutcome.WAITING, text="…", by=officer, at=at)
    with pytest.raises(RightMissingError):
        actions.answer(report=made, outcome=ReportOutcome.KEPT, text="…", by=cast.aida, at=at)
    actions.answer(report=made, outcome=ReportOutcome.KEPT, text="Сабакка керек", by=officer, at=at)
    with pytest.raises(ActRefusedError, match="answered already"):
        actions.answer(report=made, outcome=ReportOutcome.KEPT, text="…", by=officer, at=at)


def test_who_has_no_duty_reports_nothing_under_a_name_and_anybody_may_without(cast: Cast, at: datetime) -> None:
    with pytest.raises(RightMissingError):
        actions.report(kind=ReportKind.UNSUITABLE, resource="oyun.test", by=cast.timur, at=at)
    assert actions.report(kind=ReportKind.UNSUITABLE, resource="oyun.test", by=None, at=at).by is None
    assert Report.objects.count() == 1
