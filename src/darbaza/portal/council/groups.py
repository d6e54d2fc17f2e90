"""Groups of students, made by a council's decision (2.6): grades from one to another, each inside or beside the others.

A group that lies inside another is ruled more narrowly; two that overlap only in part would leave a student in both.
"""

from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.categories import STUDENTS
from darbaza.portal.council.models import CategoryDefault, CategoryKind, Decision, DefaultRule, UserCategory
from darbaza.portal.people.refusals import ActRefusedError

HIGHEST_GRADE = 12


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """A group of students to be: both grades included, its names in the three languages."""

    name_ky: str
    name_ru: str
    name_en: str
    grade_from: int
    grade_to: int
    default_rule: str = DefaultRule.ALLOW_LIST

    def holds(self, other: UserCategory) -> bool:
        """Whether the grades of a group lie within this one's."""
        return self.grade_from <= (other.grade_from or 0) and (other.grade_to or 0) <= self.grade_to


def make_group(decision: Decision, draft: GroupDraft) -> UserCategory:
    """Store a group between the one around it and those within it. Raises `ActRefusedError` if it cannot stand.

    Until the decision is in force, what holds around the group holds in it too.
    """
    check_grades(draft)
    parent = around(draft)
    group = UserCategory.objects.create(
        code=f"{STUDENTS}-{draft.grade_from}-{draft.grade_to}",
        name_ky=draft.name_ky.strip(),
        name_ru=draft.name_ru.strip(),
        name_en=draft.name_en.strip(),
        kind=CategoryKind.STUDENT,
        parent=parent,
        grade_from=draft.grade_from,
        grade_to=draft.grade_to,
        default_rule=parent.default_at(decision.entered_at)[0],
    )
    CategoryDefault.objects.create(
        user_category=group, default_rule=draft.default_rule, decision=decision, since=decision.in_force_from
    )
    for inner in by_grades().exclude(pk=group.pk):
        if draft.holds(inner) and inner.parent_id == group.parent_id:
            inner.parent = group
            inner.save(update_fields=["parent"])
    return group


def check_grades(draft: GroupDraft) -> None:
    """Refuse grades that do not exist, a group that exists, and one that overlaps another in part."""
    if not 0 <= draft.grade_from <= draft.grade_to <= HIGHEST_GRADE:
        raise ActRefusedError(_("A group goes from a lower grade to a higher one, 0 to 12."), "2.6")
    for other in by_grades().filter(grade_from__lte=draft.grade_to, grade_to__gte=draft.grade_from):
        if (other.grade_from, other.grade_to) == (draft.grade_from, draft.grade_to):
            raise ActRefusedError(_("There is a group of these grades already: %(name)s.") % {"name": other}, "2.6")
        if not (draft.holds(other) or lies_within(draft, other)):
            message = _("The grades overlap a part of %(name)s. Choose grades inside it, around it or beside it.")
            raise ActRefusedError(message % {"name": other}, "2.6")


def lies_within(draft: GroupDraft, other: UserCategory) -> bool:
    """Whether a draft's grades lie within a group's."""
    return (other.grade_from or 0) <= draft.grade_from and draft.grade_to <= (other.grade_to or 0)


def around(draft: GroupDraft) -> UserCategory:
    """The narrowest group around a draft: all students if there is no other."""
    holding = by_grades().filter(grade_from__lte=draft.grade_from, grade_to__gte=draft.grade_to)
    narrowest = holding.annotate(span=F("grade_to") - F("grade_from")).order_by("span").first()
    return narrowest or UserCategory.objects.get(code=STUDENTS)


def by_grades() -> QuerySet[UserCategory]:
    """Groups that grades bound."""
    return UserCategory.objects.filter(kind=CategoryKind.STUDENT, grade_from__isnull=False, grade_to__isnull=False)
