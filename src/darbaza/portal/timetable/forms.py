"""Forms of the schedule."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import Order, OrderKind
from darbaza.portal.people.models import Person, PersonKind, SchoolClass
from darbaza.portal.rooms.models import Room
from darbaza.portal.timetable.models import Bell, Calendar, ScheduleVersion, Weekday, Weeks
from darbaza.portal.timetable.years import SchoolYearField


def day_field(label: Any) -> forms.DateField:
    """A day, with the browser's own picker."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def time_field(label: Any) -> forms.TimeField:
    """An hour of the day."""
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


def instant_field(label: Any, *, required: bool = True) -> forms.DateTimeField:
    """An instant in the school's time."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, input_formats=["%Y-%m-%dT%H:%M"], required=required)


def _answer(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class DraftForm(forms.Form):
    """A new version."""

    school_year = SchoolYearField()
    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    calendar = forms.ModelChoiceField(
        Calendar.objects.all(),
        label=_("Calendar"),
        required=False,
        help_text=_("Quarters, holidays and bells. Without one the schedule knows no days off."),
    )
    copied_from = forms.ModelChoiceField(
        ScheduleVersion.objects.all(), label=_("With the lessons of"), required=False, empty_label=_("none: empty")
    )


class PlaceForm(forms.Form):
    """Room, class and teacher."""

    room = forms.ModelChoiceField(Room.objects.all(), label=_("Room"))
    school_class = forms.ModelChoiceField(SchoolClass.objects.all(), label=_("Class"))
    teacher = forms.ModelChoiceField(Person.objects.filter(kind=PersonKind.STAFF, active=True), label=_("Teacher"))
    subject = forms.CharField(label=_("Subject"), max_length=80)


class SlotForm(PlaceForm):
    """A weekly lesson. Its hours are a bell of the calendar, or entered where the version has no calendar."""

    purpose = forms.CharField(
        label=_("Educational purpose"), max_length=200, help_text=_("What the internet serves in this lesson (2.3).")
    )
    screen_minutes = forms.IntegerField(
        label=_("Minutes at the screen"),
        min_value=1,
        max_value=240,
        required=False,
        help_text=_("How long students sit at a screen. Empty: the whole lesson."),
    )
    group = forms.CharField(
        label=_("Group"), max_length=20, required=False, help_text=_("Empty: the whole class. Otherwise as: 1-group.")
    )
    weeks = forms.ChoiceField(label=_("Weeks"), choices=Weeks.choices, required=False)
    weekday = forms.TypedChoiceField(label=_("Day of the week"), choices=Weekday.choices, coerce=int)
    bell = forms.ModelChoiceField(Bell.objects.none(), label=_("Lesson by the bell"), required=False)
    starts = time_field(_("Begins"))
    ends = time_field(_("Ends"))

    def of(self, version: ScheduleVersion) -> "SlotForm":
        """The same form with the bells of a version's calendar."""
        calendar = version.calendar
        if calendar is None:
            del self.fields["weeks"]
        if calendar is None or not calendar.bells.exists():
            del self.fields["bell"]
            return self
        self.fields["bell"] = BellField(calendar.bells.order_by("shift", "weekday", "number"))
        self.fields["starts"].required = self.fields["ends"].required = False
        for name in ("starts", "ends"):
            self.fields[name].help_text = _("Only if it is no hour of the bells.")
        self.fields["weekday"].choices = Weekday.choices[: calendar.week_length]  # type: ignore[attr-defined]
        return self

    def clean(self) -> dict[str, Any]:
        """The bell's hours, or those that were entered."""
        cleaned: dict[str, Any] = super().clean() or {}
        bell = cleaned.pop("bell", None)
        if bell is not None and bell.weekday not in (None, cleaned.get("weekday")):
            self.add_error("bell", _("This bell rings on another day of the week."))
        if bell is not None and not (cleaned.get("starts") or cleaned.get("ends")):
            cleaned["starts"], cleaned["ends"] = bell.starts, bell.ends
        elif "bell" in self.fields and not (cleaned.get("starts") and cleaned.get("ends")):
            self.add_error("bell", _("Choose a bell, or enter beginning and end."))
        return cleaned


class BellField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Bells with their shift, and the day if they ring on one only."""

    def __init__(self, bells: Any) -> None:
        """Offer these bells; none need be chosen."""
        super().__init__(bells, label=_("Lesson by the bell"), required=False)

    def label_from_instance(self, obj: Bell) -> str:
        """`first shift · 3 · 09:50–10:35`."""
        day = "" if obj.weekday is None else f" · {Weekday(obj.weekday).label}"
        return f"{obj.get_shift_display()}{day} · {obj}"


class ConsiderationsForm(forms.Form):
    """What guides the schedule (2.3)."""

    law = _answer(_("The law: which norms the schedule keeps"))
    experience = _answer(_("Experience of using IT purposefully: what has proved itself"))
    interests = _answer(_("Students' interests: how they were heard"))
    aims = _answer(_("Aims of the educational process: what the lessons serve"))


class ConsiderForm(forms.Form):
    """The staff meeting that considered a draft."""

    meeting = day_field(_("Day of the meeting"))
    minutes = forms.CharField(label=_("Number of the minutes"), max_length=20)


class ApproveForm(forms.Form):
    """The order that approves a version, and its term."""

    order = forms.ModelChoiceField(
        Order.objects.filter(kind=OrderKind.SCHEDULE, repealed_by__isnull=True), label=_("Order")
    )
    since = day_field(_("First day"))
    until = day_field(_("First day after the term"))


class ExceptionForm(PlaceForm):
    """An exception from the schedule."""

    since = instant_field(_("From"))
    until = instant_field(_("Until"))
    reason = forms.CharField(label=_("Reason"), max_length=200)
