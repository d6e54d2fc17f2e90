"""The form of the rule on what teachers open often."""

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.portal.asking.often import MOST_DAYS, MOST_LESSONS, MOST_TEACHERS, Rule


class RuleForm(forms.Form):
    """Lessons, teachers and days."""

    lessons = forms.IntegerField(label=_("lessons, at least"), min_value=1, max_value=MOST_LESSONS)
    teachers = forms.IntegerField(label=_("different teachers, at least"), min_value=1, max_value=MOST_TEACHERS)
    days = forms.IntegerField(label=_("within so many days"), min_value=1, max_value=MOST_DAYS)

    def rule(self) -> Rule:
        """What was entered."""
        return Rule(**self.cleaned_data)
