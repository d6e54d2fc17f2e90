"""Forms of departures from the schedule."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.portal.rooms.models import Room
from darbaza.portal.timetable.forms import day_field, instant_field
from darbaza.portal.timetable.models import ScheduleVersion, Slot


class CancelForm(forms.Form):
    """A lesson that does not take place, or takes place elsewhere."""

    slot = forms.ModelChoiceField(Slot.objects.none(), label=_("Lesson"))
    day = day_field(_("Day on which it does not take place"))
    room = forms.ModelChoiceField(Room.objects.all(), label=_("Moved to the room"), required=False)
    since = instant_field(_("Moved to, from"), required=False)
    until = instant_field(_("Moved to, until"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def in_force_on(self, day: date) -> "CancelForm":
        """The same form, offering the lessons of the version in force on a day."""
        version = ScheduleVersion.in_force_on(day)
        if version is not None:
            found = version.slots.select_related("school_class", "room")
            self.fields["slot"].queryset = found  # type: ignore[attr-defined]
        return self

    def clean(self) -> None:
        """A place is whole or not given."""
        super().clean()
        given = [bool(self.cleaned_data.get(name)) for name in ("room", "since", "until")]
        if any(given) and not all(given):
            raise forms.ValidationError(_("To move a lesson name the room, its beginning and its end."))


class ClosureForm(forms.Form):
    """Days closed to all lessons."""

    name = forms.CharField(label=_("What these days are called"), max_length=80)
    first = day_field(_("First day"))
    last = day_field(_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=200)
