"""School years as people write them: `2026/2027`, `2026-27`, `2026–2027`. One spelling is kept."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

YEARS = re.compile(r"\s*(20\d\d)\s*[/\\\-\u2010-\u2015.]\s*(?:20)?(\d\d)\s*")
BEGINS_IN = 8
"""The month from which the next school year is meant."""


def school_year_of(day: date) -> str:
    """The school year of a day; from August on the one that begins."""
    first = day.year if day.month >= BEGINS_IN else day.year - 1
    return f"{first}/{first + 1}"


class SchoolYearField(forms.CharField):
    """Two years that follow one another, in any of the spellings."""

    def __init__(self, **kwargs: Any) -> None:
        """Its label is always the same."""
        kwargs.setdefault("label", _("School year"))
        kwargs.setdefault("max_length", 20)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """`2026/2027`."""
        typed = super().clean(value)
        found = YEARS.fullmatch(typed)
        if found is None or int(found[2]) != (int(found[1]) + 1) % 100:
            raise forms.ValidationError(
                _("“%(typed)s” is no school year: write two years that follow one another, as in 2026/2027."),
                params={"typed": typed},
            )
        return f"{found[1]}/{int(found[1]) + 1}"
