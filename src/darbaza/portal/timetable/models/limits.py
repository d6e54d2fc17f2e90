"""How long students of a grade may sit at a screen: the school's own table, with the source of each line."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ScreenLimit(models.Model):
    """One line of the table, for grades from `grade_from` to `grade_to`; minutes in a lesson and in a school day."""

    grade_from = models.PositiveSmallIntegerField(_("from grade"))
    grade_to = models.PositiveSmallIntegerField(_("to grade"))
    in_lesson = models.PositiveSmallIntegerField(_("minutes in a lesson"))
    in_day = models.PositiveSmallIntegerField(_("minutes in a day"))
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        ordering = ["grade_from"]
        constraints = [
            models.UniqueConstraint(fields=["grade_from"], name="timetable_limit_once"),
            models.CheckConstraint(
                condition=Q(grade_to__gte=F("grade_from"), grade_to__lte=12, in_lesson__gte=1)
                & Q(in_day__gte=F("in_lesson")),
                name="timetable_limit_ordered",
            ),
        ]

    def __str__(self) -> str:
        """Grades and minutes."""
        return f"{self.grade_from}–{self.grade_to}: {self.in_lesson} / {self.in_day}"
