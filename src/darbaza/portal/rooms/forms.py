"""Forms of rooms, seats and devices."""

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.portal.rooms.actions import MOST_PLACES
from darbaza.portal.rooms.models import DeviceKind


class RoomForm(forms.Form):
    """What is known of a room."""

    name = forms.CharField(label=_("Name of the room"), max_length=80)
    capacity = forms.IntegerField(label=_("Places for students"), min_value=0, max_value=60)


class NewRoomForm(RoomForm):
    """A room to enter."""

    code = forms.SlugField(label=_("Code"), max_length=32, help_text=_("Latin letters and digits, for example it-1"))
    field_order = ["code", "name", "capacity"]


class LayOutForm(forms.Form):
    """Seats for an empty room."""

    columns = forms.IntegerField(label=_("Seats in a row"), min_value=1, max_value=12, initial=4)
    rows = forms.IntegerField(label=_("Rows"), min_value=1, max_value=12, initial=4)
    first_address = forms.GenericIPAddressField(
        label=_("Address of the first PC"), required=False, help_text=_("The others follow one by one.")
    )


class SeatForm(forms.Form):
    """A seat and the PC on it; place and row are counted from the teacher's desk."""

    number = forms.IntegerField(label=_("Seat"), min_value=1, max_value=99)
    row = forms.IntegerField(label=_("Row"), min_value=1, max_value=MOST_PLACES)
    place = forms.IntegerField(label=_("Place in the row"), min_value=1, max_value=MOST_PLACES)


class DeviceForm(forms.Form):
    """A device by its address."""

    address = forms.GenericIPAddressField(label=_("Address"))
    name = forms.CharField(label=_("Name of the computer"), max_length=40, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=DeviceKind.choices)
    mac = forms.CharField(
        label=_("Network card"), max_length=40, required=False, help_text=_("For example 00:1a:2b:3c:4d:5e")
    )
    seat = forms.IntegerField(label=_("Seat"), required=False)


class EnrolForm(forms.Form):
    """What a device that was seen becomes: the computer of a seat, or one without a seat."""

    sighting = forms.IntegerField()
    name = forms.CharField(label=_("Name of the computer"), max_length=40, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=DeviceKind.choices)
    seat = forms.IntegerField(label=_("Seat"), required=False)
