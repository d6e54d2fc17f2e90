"""The form by which a signed sheet is recorded."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.portal.acquaintance.models import Sheet
from darbaza.portal.council.forms import date_field
from darbaza.portal.people.models import Language


class RecordForm(forms.Form):
    """Who signed, when, and in which language the sheet was read. All lines are ticked: absent ones are unticked."""

    signed = forms.MultipleChoiceField(label=_("Signed"), widget=forms.CheckboxSelectMultiple)
    signed_on = date_field(_("Day of the signatures"))
    language = forms.ChoiceField(label=_("Read in"), choices=Language.choices)

    def __init__(self, *args: Any, sheet: Sheet, day: date, **kwargs: Any) -> None:
        """The lines of a sheet, with the day of today."""
        everybody = [one["id"] for one in sheet.people]
        kwargs.setdefault("initial", {"signed": everybody, "signed_on": day})
        super().__init__(*args, **kwargs)
        field: Any = self.fields["signed"]
        field.choices = [(one["id"], one["name"]) for one in sheet.people]
