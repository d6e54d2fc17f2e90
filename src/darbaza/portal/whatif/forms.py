"""What is tried on how many days."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from darbaza.portal.council.models import Proposal, RulingEffect, UserCategory

SPANS = (1, 7, 14, 30, 60)
"""Days that can be chosen; a week by default."""


class DaysForm(forms.Form):
    """How far back."""

    days = forms.TypedChoiceField(label=_("On the traffic of the last"), coerce=int, initial=7)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Spans in the reader's language."""
        super().__init__(*args, **kwargs)
        spans = [(days, ngettext_lazy("%d day", "%d days", days) % days) for days in SPANS]
        self.fields["days"].choices = spans  # type: ignore[attr-defined] # a ChoiceField


class ProposalTrialForm(DaysForm):
    """A proposal on access, tried as it stands or for others than was proposed."""

    user_category = forms.ModelChoiceField(
        label=_("For whom"), queryset=UserCategory.objects.all(), to_field_name="code", empty_label=None
    )
    effect = forms.ChoiceField(label=_("Ruling"), choices=RulingEffect.choices)

    field_order = ("user_category", "effect", "days")

    def __init__(self, data: Any, *, proposal: Proposal) -> None:
        """What was proposed stands in the fields."""
        category = proposal.user_category.code if proposal.user_category else ""
        super().__init__(data, initial={"user_category": category, "effect": proposal.effect, "days": 7})
