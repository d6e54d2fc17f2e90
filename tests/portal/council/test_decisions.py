"""Decisions: whole or not at all, on resources that are resources, and never against the law."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council import actions
from darbaza.portal.council.categories import category_of_grade
from darbaza.portal.council.groups import GroupDraft
from darbaza.portal.council.models import CategoryKind, Decision, DefaultRule, Ruling, RulingEffect, UserCategory
from darbaza.portal.council.targets import RulingDraft, warnings_of
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.school_time import day_begins, school_day, wall_clock
from tests.people import Cast
from tests.portal.conftest import AT

ALLOW, DENY, DELEGATE = RulingEffect.ALLOW, RulingEffect.DENY, RulingEffect.DELEGATE


def group(code: str = "students") -> UserCategory:
    return UserCategory.objects.get(code=code)


def adopt(cast: Cast, at: datetime, *rulings: RulingDraft, **more: object) -> Decision:
    """Nurlan enters what the council adopted today."""
    given: dict[str, object] = {
        "text": "Чечим",
        "minutes_number": "3",
        "date": school_day(at),
        "in_force_from": school_day(at),
        "rulings": rulings,
        "by": cast.nurlan,
        "at": at,
    }
    return actions.adopt_decision(**(given | more))  # type: ignore[arg-type] # a test's keywords


def test_a_decision_is_entered_with_its_rulings(cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]) -> None:
    decision = adopt(
        cast,
        at,
        RulingDraft(group(), ALLOW, category="education"),
        RulingDraft(group("students-5-9"), DELEGATE, host="Video.TEST."),
        RulingDraft(group(), ALLOW, host="https://kitep.test/okuu/../kitep/?bet=1"),
    )
    rulings = [(one.user_category.code, one.effect, one.subject, one.since) for one in decision.rulings.order_by("pk")]
    assert rulings == [
        ("students", "allow", "education", decision.in_force_from),
        ("students-5-9", "delegate", "video.test", decision.in_force_from),
        ("students", "allow", "kitep.test/kitep/", decision.in_force_from),
    ]
    assert (last_entry().act, last_entry().subject) == ("council:decision:adopt", decision.ref)
    assert last_entry().detail["rulings"][1] == {"for": "students-5-9", "effect": "delegate", "on": "video.test"}


def test_an_international_host_has_one_spelling(cast: Cast, at: datetime) -> None:
    decision = adopt(cast, at, RulingDraft(group(), ALLOW, host="КИТЕП.test"))
    assert decision.rulings.get().target_host == "xn--e1affwn.test"


def refused_drafts() -> list[tuple[RulingDraft, str, str]]:
    return [
        (RulingDraft(group(), ALLOW), "2.6", "one of both"),
        (RulingDraft(group(), ALLOW, host="a.test", category="games"), "2.6", "one of both"),
        (RulingDraft(group(), ALLOW, category="no-such"), "2.13", "no such category"),
        (RulingDraft(group(), ALLOW, category="porn"), "3.3", "Law closes"),
        (RulingDraft(group(), DELEGATE, category="gambling"), "3.3", "Law closes"),
        (RulingDraft(group("guests"), ALLOW, category="porn"), "3.3", "Law closes"),
        (RulingDraft(group(), DENY, host="com"), "2.6", "public suffix"),
        (RulingDraft(group(), DENY, host="edu.kg"), "2.6", "public suffix"),
        (RulingDraft(group(), ALLOW, host="github.io"), "2.6", "public suffix"),
        (RulingDraft(group(), ALLOW, host="localhost"), "2.6", "public suffix"),
        (RulingDraft(group(), ALLOW, host="a..test"), "2.6", "cannot be read"),
        (RulingDraft(group(), ALLOW, host="бос орун.test"), "2.6", "cannot be read"),
        (RulingDraft(group(), ALLOW, host="http://"), "2.6", "cannot be read"),
        (RulingDraft(group(), ALLOW, host="\0"), "2.6", "cannot be read"),
    ]


@pytest.mark.parametrize("number", range(14))
def test_a_ruling_that_cannot_stand_refuses_the_whole_decision(cast: Cast, at: datetime, number: int) -> None:
    draft, clause, said = refused_drafts()[number]
    with pytest.raises(ActRefusedError, match=said) as refusal:
        adopt(cast, at, RulingDraft(group(), ALLOW, category="education"), draft)
    assert refusal.value.clause == clause
    assert not Decision.objects.exists()
    assert not Ruling.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_statutory_category_may_be_denied_once_more(cast: Cast, at: datetime) -> None:
    assert adopt(cast, at, RulingDraft(group(), DENY, category="porn")).rulings.count() == 1


@pytest.mark.bypass("L15")
@pytest.mark.parametrize(
    ("host", "subdomains", "opened"),
    [
        ("sites.google.com", True, "sites.google.com (strangers publish there)"),
        ("sites.google.com", False, "sites.google.com (strangers publish there)"),
        ("google.com", True, "translate.google.com (can show other sites)"),
        ("my.t.me", True, "t.me (strangers publish there)"),
        ("gstatic.com", True, "gstatic.com (shared by many sites)"),
        ("web.archive.org", False, "web.archive.org (can show other sites)"),
        ("anydesk.com", True, "anydesk.com (lets one use another computer)"),
        ("google.com", False, ""),
        ("kitep.test", True, ""),
    ],
)
def test_what_else_a_ruling_opens_is_told_and_it_must_end_on_a_day(
    cast: Cast, at: datetime, host: str, subdomains: bool, opened: str
) -> None:
    draft = RulingDraft(group(), ALLOW, host=host, subdomains=subdomains)
    assert any(opened in str(one) for one in warnings_of(draft)) == bool(opened)
    if not opened:
        assert adopt(cast, at, draft).rulings.get().until is None
        return
    assert not warnings_of(replace(draft, effect=DENY)), "what closes opens nothing"
    for effect in (ALLOW, DELEGATE):
        with pytest.raises(ActRefusedError, match="until which it holds"):
            adopt(cast, at, replace(draft, effect=effect))
    decision = adopt(cast, at, replace(draft, until=school_day(at) + timedelta(days=30)))
    assert decision.rulings.get().until is not None
    assert AuditEntry.objects.count() == 1


@pytest.mark.bypass("L15")
@pytest.mark.parametrize("host", ["github.io", "*.cloudfront.net", "cloudfront.net", "pages.dev", "*.google.com"])
def test_a_suffix_under_which_strangers_publish_or_a_pattern_is_no_resource(
    cast: Cast, at: datetime, host: str
) -> None:
    with pytest.raises(ActRefusedError, match=r"public suffix|cannot be read"):
        adopt(cast, at, RulingDraft(group(), ALLOW, host=host, until=school_day(at) + timedelta(days=30)))
    assert not Ruling.objects.exists()


def test_a_name_of_mixed_scripts_is_warned_of(cast: Cast) -> None:
    assert "mixes scripts" in str(warnings_of(RulingDraft(group(), ALLOW, host="kitеp.test"))[0])
    assert not warnings_of(RulingDraft(group(), ALLOW, host="kitep.test"))


def test_days_of_a_decision_are_checked(cast: Cast, at: datetime) -> None:
    day, draft = school_day(at), RulingDraft(group(), ALLOW, category="education")
    for more, said in (
        ({"date": day + timedelta(days=1), "in_force_from": day + timedelta(days=1)}, "not sat yet"),
        ({"in_force_from": day - timedelta(days=1)}, "day of the sitting or later"),
    ):
        with pytest.raises(ActRefusedError, match=said):
            adopt(cast, at, draft, **more)
    with pytest.raises(ActRefusedError, match="ends before"):
        adopt(cast, at, RulingDraft(group(), ALLOW, category="education", until=day))
    with pytest.raises(ActRefusedError, match="rules on something"):
        adopt(cast, at)


def test_a_later_decision_ends_a_ruling(cast: Cast, at: datetime) -> None:
    first = adopt(cast, at, RulingDraft(group(), ALLOW, category="video"))
    ruling = first.rulings.get()
    later = adopt(cast, at, ends=[ruling], in_force_from=school_day(at) + timedelta(days=2))
    ruling.refresh_from_db()
    assert (ruling.ended_by, ruling.until) == (later, later.in_force_from)
    with pytest.raises(ActRefusedError, match="ended already"):
        adopt(cast, at, ends=[ruling])


def test_a_default_changes_by_decision(cast: Cast, at: datetime) -> None:
    decision = adopt(cast, at, defaults={group("teachers"): DefaultRule.BLOCK_LIST})
    assert group("teachers").default_at(at) == ("block-list", decision)


def test_a_default_of_tomorrow_changes_nothing_today(cast: Cast, at: datetime) -> None:
    eight = wall_clock(school_day(at) + timedelta(days=1), time(8))
    decision = adopt(cast, at, defaults={group("teachers"): DefaultRule.BLOCK_LIST}, in_force_from=eight)
    asked = [group("teachers").default_at(eight + timedelta(seconds=seconds)) for seconds in (-1, 0)]
    assert asked == [("allow-list", None), ("block-list", decision)]


def test_each_wrong_role_is_refused(cast: Cast, at: datetime) -> None:
    for name, person in cast.staff().items():
        if name != "nurlan":
            with pytest.raises(RightMissingError):
                adopt(cast, at, RulingDraft(group(), ALLOW, category="education"), by=person)
    assert not Decision.objects.exists()


@pytest.mark.django_db
def test_every_school_begins_with_allow_lists_and_no_decision() -> None:
    assert {one.default_at(AT) for one in UserCategory.objects.all()} == {("allow-list", None)}
    assert {one.code for one in UserCategory.objects.filter(kind=CategoryKind.STAFF)} == {
        "staff",
        "teachers",
        "administration",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("grade", "code"), [(1, "students-1-4"), (4, "students-1-4"), (5, "students-5-9"), (11, "students-10-11")]
)
def test_a_grade_has_its_category(grade: int, code: str) -> None:
    assert category_of_grade(grade) == code


@pytest.mark.django_db
def test_a_narrower_category_of_the_council_wins() -> None:
    UserCategory.objects.create(
        code="students-7",
        name_ky="7",
        name_ru="7",
        name_en="7",
        kind=CategoryKind.STUDENT,
        parent=group("students-5-9"),
        grade_from=7,
        grade_to=7,
    )
    assert category_of_grade(7) == "students-7"


def seventh(**more: object) -> GroupDraft:
    given: dict[str, object] = {
        "name_ky": "7-класстар",
        "name_ru": "7-е классы",
        "name_en": "grade 7",
        "grade_from": 7,
        "grade_to": 7,
    }
    return GroupDraft(**(given | more))  # type: ignore[arg-type] # a test's keywords


def test_a_decision_makes_a_group_of_students_between_those_that_are_there(
    cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]
) -> None:
    first = adopt(cast, at, groups=[seventh()])
    assert last_entry().detail["groups"] == ["students-7-7"]
    made = group("students-7-7")
    assert (made.parent, made.default_at(at)) == (group("students-5-9"), ("allow-list", first))
    assert (category_of_grade(7), category_of_grade(8)) == ("students-7-7", "students-5-9")
    adopt(cast, at, groups=[seventh(grade_from=6, grade_to=8, default_rule=DefaultRule.BLOCK_LIST)])
    assert group("students-7-7").parent == group("students-6-8")
    assert group("students-6-8").parent == group("students-5-9")
    assert category_of_grade(6) == "students-6-8"
    assert adopt(cast, at, RulingDraft(made, DENY, category="games")).rulings.get().user_category == made


def test_until_its_decision_is_in_force_a_group_has_what_is_around_it(cast: Cast, at: datetime) -> None:
    draft = GroupDraft("Бешинчилер", "Пятые", "Fifth grade", 5, 5, DefaultRule.BLOCK_LIST)
    day = school_day(at) + timedelta(days=2)
    adopt(cast, at, groups=[draft], in_force_from=day)
    begins = day_begins(day)
    given = [group("students-5-5").default_at(begins + timedelta(seconds=seconds))[0] for seconds in (-1, 0)]
    assert given == ["allow-list", "block-list"]


@pytest.mark.parametrize(
    ("grades", "said"),
    [
        ((5, 9), "already"),
        ((4, 5), "overlap a part"),
        ((9, 12), "overlap a part"),
        ((7, 6), "lower"),
        ((7, 13), "lower"),
    ],
)
def test_a_group_that_would_leave_a_student_in_two_is_refused(
    cast: Cast, at: datetime, grades: tuple[int, int], said: str
) -> None:
    with pytest.raises(ActRefusedError, match=said):
        adopt(cast, at, groups=[seventh(grade_from=grades[0], grade_to=grades[1])])
    assert not Decision.objects.exists()
    assert not UserCategory.objects.filter(name_en="grade 7").exists()
