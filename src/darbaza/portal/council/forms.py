"""Forms of decisions: one form for the act, and a set of rows for its rulings. Orders have theirs in `orders.forms`."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council import targets
from darbaza.portal.council.groups import HIGHEST_GRADE, GroupDraft
from darbaza.portal.council.models import (
    Council,
    DefaultRule,
    Inspection,
    Ruling,
    RulingEffect,
    UserCategory,
)
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.rooms.models import Device
from darbaza.portal.school_time import wall_clock

NONE = ("", "—")


def date_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """A day, with the browser's own calendar."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def hour_field(label: Any) -> forms.TimeField:
    """An hour of a day, if it is not the day's beginning."""
    return forms.TimeField(
        label=label, required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), help_text=""
    )


class TermMixin(forms.Form):
    """Days with an hour beside them: `term` makes one instant, or one day, of the two."""

    def term(self, day_name: str, hour_name: str) -> date | None:
        """The day, or the instant if an hour is given; an hour that the clocks skip or repeat is an error."""
        day, hour = self.cleaned_data.get(day_name), self.cleaned_data.get(hour_name)
        if hour is None or day is None:
            if hour is not None and not self.has_error(day_name):
                self.add_error(day_name, _("Give the day as well."))
            return day
        try:
            return wall_clock(day, hour)
        except ValueError:
            self.add_error(hour_name, _("The clocks change at this hour. Choose an hour before or after."))
            return None


class DecisionForm(TermMixin):
    """A decision that the council has adopted."""

    council = forms.ChoiceField(label=_("Council"), choices=Council.choices)
    date = date_field(_("Day of the sitting"))
    minutes_number = forms.CharField(label=_("Number of the minutes"), max_length=20)
    in_force_from = date_field(_("In force from"))
    from_hour = hour_field(_("Hour of that day"))
    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 4}), help_text=_("As in the minutes."))

    def clean(self) -> dict[str, Any]:
        """The beginning as one term."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "in_force_from" in cleaned:
            cleaned["in_force_from"] = self.term("in_force_from", "from_hour")
        return cleaned


class EndsForm(forms.Form):
    """Earlier rulings that a decision ends."""

    ends = forms.ModelMultipleChoiceField(
        label=_("Earlier rulings that end"),
        queryset=Ruling.objects.filter(ended_by=None).select_related("decision", "user_category"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class ComputersField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # at run time it takes no arguments
    """Computers by their seats, as people in the room know them."""

    def label_from_instance(self, obj: Device) -> str:
        """Seat and address, or the address alone."""
        return f"{obj.seat} ({obj.address})" if obj.seat else str(obj)


class InspectionEndsForm(forms.Form):
    """Earlier decisions on looking into encrypted pages that end."""

    ends = forms.ModelMultipleChoiceField(
        label=_("Earlier decisions on this that end"),
        queryset=Inspection.objects.filter(ended_by=None).select_related("decision"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class DefaultForm(forms.Form):
    """What a decision changes about a user category without a ruling."""

    default_rule = forms.ChoiceField(
        choices=[("", _("as before")), *DefaultRule.choices], required=False, label=_("Without a ruling")
    )

    def __init__(self, *args: Any, category: UserCategory, **kwargs: Any) -> None:
        """The category stands beside the choice."""
        super().__init__(*args, **kwargs)
        self.category = category


class GroupForm(forms.Form):
    """A new group of students. Left empty, no group is made."""

    name_ky = forms.CharField(label=_("Name in Kyrgyz"), max_length=80, required=False)
    name_ru = forms.CharField(label=_("Name in Russian"), max_length=80, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False)
    grade_from = forms.IntegerField(label=_("From grade"), min_value=0, max_value=HIGHEST_GRADE, required=False)
    grade_to = forms.IntegerField(label=_("To grade"), min_value=0, max_value=HIGHEST_GRADE, required=False)
    default_rule = forms.ChoiceField(label=_("Without a ruling"), choices=DefaultRule.choices, required=False)

    def clean(self) -> dict[str, Any]:
        """A group has its grades and its names in all three languages."""
        cleaned: dict[str, Any] = super().clean() or {}
        wanted = ("name_ky", "name_ru", "name_en", "grade_from", "grade_to")
        given = [name for name in wanted if cleaned.get(name) not in (None, "")]
        if given and len(given) < len(wanted):
            raise forms.ValidationError(_("Give the group its grades and its name in all three languages."))
        return cleaned

    def groups(self) -> list[GroupDraft]:
        """The group entered, or none."""
        given = self.cleaned_data
        return [GroupDraft(**given)] if given.get("name_ky") else []


class RulingForm(forms.Form):
    """One ruling of a decision. An empty row is left out."""

    user_category = forms.ModelChoiceField(
        label=_("For whom"), queryset=UserCategory.objects.all(), to_field_name="code", required=False, empty_label="—"
    )
    effect = forms.ChoiceField(label=_("Ruling"), choices=[NONE, *RulingEffect.choices], required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    host = forms.CharField(label=_("or resource"), max_length=500, required=False)
    subdomains = forms.BooleanField(label=_("and below"), required=False, initial=True)
    until = date_field(_("Until"), required=False)
    review_date = date_field(_("Review on"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Categories are named in the reader's language."""
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [NONE, *targets.category_choices()]  # type: ignore[attr-defined] # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """A ruling says for whom, what, and on what, and must be able to stand."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(cleaned.get(name) for name in ("user_category", "effect", "category", "host")):
            return cleaned
        if not cleaned.get("user_category") or not cleaned.get("effect"):
            raise forms.ValidationError(_("Say for whom the ruling is and what it does."))
        try:
            cleaned["draft"] = targets.check_draft(targets.RulingDraft.typed(cleaned))
        except ActRefusedError as refused:
            raise forms.ValidationError(str(refused)) from refused
        return cleaned


RulingRows = forms.formset_factory(RulingForm, extra=0, min_num=3, max_num=40, absolute_max=40)
ROWS_MORE = 3
