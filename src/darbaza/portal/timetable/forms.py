"""Forms of the schedule."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import Order, OrderKind
from darbaza.portal.people.models import Person, PersonKind, SchoolClass
from darbaza.portal.rooms.models import Room
from darbaza.portal.timetable.models import Weekday


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


def _instant(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, input_formats=["%Y-%m-%dT%H:%M"])


class DraftForm(forms.Form):
    """A new version."""

    school_year = forms.RegexField(r"^20\d\d/20\d\d$", label=_("School year"), max_length=9, initial="2026/2027")
    title = forms.CharField(label=_("Title"), max_length=120, required=False)


class PlaceForm(forms.Form):
    """Room, class and teacher."""

    room = forms.ModelChoiceField(Room.objects.all(), label=_("Room"))
    school_class = forms.ModelChoiceField(SchoolClass.objects.all(), label=_("Class"))
    teacher = forms.ModelChoiceField(Person.objects.filter(kind=PersonKind.STAFF, active=True), label=_("Teacher"))
    subject = forms.CharField(label=_("Subject"), max_length=80)


class SlotForm(PlaceForm):
    """A weekly lesson."""

    weekday = forms.TypedChoiceField(label=_("Day of the week"), choices=Weekday.choices, coerce=int)
    starts = _time(_("Begins"))
    ends = _time(_("Ends"))


class ConsiderForm(forms.Form):
    """The staff meeting that considered a draft."""

    meeting = _day(_("Day of the meeting"))
    minutes = forms.CharField(label=_("Number of the minutes"), max_length=20)


class ApproveForm(forms.Form):
    """The order that approves a version, and its term."""

    order = forms.ModelChoiceField(
        Order.objects.filter(kind=OrderKind.SCHEDULE, repealed_by__isnull=True), label=_("Order")
    )
    since = _day(_("First day"))
    until = _day(_("First day after the term"))


class ExceptionForm(PlaceForm):
    """An exception from the schedule."""

    since = _instant(_("From"))
    until = _instant(_("Until"))
    reason = forms.CharField(label=_("Reason"), max_length=200)
