"""The schedule on paper: a version with its year, and one week of what is in force."""

from datetime import date, time

import pytest

from darbaza.portal.papers import rendering, setter
from darbaza.portal.papers.documents import Document, gather
from darbaza.portal.papers.kinds import schedule
from darbaza.portal.timetable import actions
from darbaza.portal.timetable.models import ScheduleVersion
from tests.portal.live import JUNE, MONDAY, NOW, School, make_school, order_of, signed_in
from tests.portal.papers import pdfa

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")]


@pytest.fixture
def school() -> School:
    return make_school()


def document(kind: str, ref: object) -> Document:
    found = gather(kind, str(ref))
    assert found is not None
    return found


def lessons_of(found: Document) -> list[str]:
    """The classes of all lessons on a sheet."""
    return [one["class"] for row in found.facts["week"]["rows"] for day in row["days"] for one in day]


def next_version(school: School) -> ScheduleVersion:
    """Another version goes its whole way and begins in December."""
    draft = actions.draft_schedule(school_year="2026/2027", title="II", by=school.ict, at=NOW)
    given = {"weekday": 1, "starts": time(10), "ends": time(10, 45), "subject": "Физика", "purpose": "Тажрыйба"}
    people = {"room": school.k1, "school_class": school.seven, "teacher": school.aida}
    actions.add_slot(version=draft, by=school.ict, at=NOW, **people, **given)  # type: ignore[arg-type] # keywords
    answers = actions.Considerations("Мыйзам", "Тажрыйба", "Кызыкчылык", "Максат")
    actions.answer_considerations(version=draft, answers=answers, by=school.ict, at=NOW)
    actions.consider_schedule(version=draft, meeting=MONDAY, minutes="4", by=school.ict, at=NOW)
    order = order_of(school.director, 7)
    actions.approve_schedule(
        version=draft, order=order, since=date(2026, 12, 1), until=JUNE, by=school.director, at=NOW
    )
    return draft


def test_a_version_bears_its_order_its_minutes_and_its_lessons(school: School) -> None:
    draft = next_version(school)
    found = document("schedule", draft.pk)
    assert found.number == draft.order.ref  # type: ignore[union-attr] # it was approved
    assert found.facts["minutes"]["ref"] == "4"
    assert lessons_of(found) == [school.seven.name]
    assert found.facts["guides"]["law"] == "Мыйзам"


def test_a_draft_says_that_it_is_none_yet(school: School) -> None:
    draft = actions.draft_schedule(school_year="2026/2027", title="II", by=school.ict, at=NOW)
    found = document("schedule", draft.pk)
    assert found.facts["order"] is None
    assert "не действует" in rendering.html_of(found, "ru")


def test_a_version_whose_place_another_took_is_no_longer_the_schedule(school: School) -> None:
    assert schedule.superseded(str(school.version.pk)) is None
    draft = next_version(school)
    repeal = schedule.superseded(str(school.version.pk))
    assert repeal is not None
    assert draft.order is not None
    assert repeal.ref == draft.order.ref


def test_a_week_shows_what_is_in_force_in_it_by_whichever_day_it_is_named(school: School) -> None:
    next_version(school)
    before, after = document("week", "2026-11-25"), document("week", "2026-12-09")
    assert before.ref == "2026-11-23"
    assert len(lessons_of(before)) == school.version.slots.count()
    assert lessons_of(after) == [school.seven.name]
    assert not lessons_of(document("week", "2030-01-07"))


@pytest.mark.parametrize(("kind", "ref"), [("schedule", "x"), ("schedule", "99999"), ("week", "2026-13-01")])
def test_there_is_no_schedule_without_its_record(kind: str, ref: str) -> None:
    assert gather(kind, ref) is None


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_the_sheets_are_pdf_a(school: School, language: str) -> None:
    draft = next_version(school)
    for found in (document("schedule", draft.pk), document("week", "2026-11-25")):
        assert pdfa.faults_of(setter.pdf(rendering.html_of(found, language))) == []


def test_the_pages_of_the_schedule_offer_the_sheets(school: School) -> None:
    client = signed_in(school.ict)
    page = client.get(f"/schedule/versions/{school.version.pk}").content.decode()
    assert f'action="/papers/print/schedule/{school.version.pk}"' in page
