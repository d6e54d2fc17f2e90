"""An incident as it is written down."""

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.portal.harm.models import HarmKind
from darbaza.portal.people.models import Person, PersonKind


class IncidentForm(forms.Form):
    """What happened, and to whom."""

    kind = forms.ChoiceField(label=_("What kind"), choices=HarmKind.choices, widget=forms.RadioSelect)
    about = forms.ModelChoiceField(
        Person.objects.filter(kind=PersonKind.STUDENT, active=True),
        label=_("Who was harmed"),
        required=False,
        help_text=_("Leave it out if it is no student of the school, or better not written down."),
    )
    text = forms.CharField(
        label=_("What happened"),
        max_length=1000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("What was seen or told, by whom, when. No judgement: that is the commission's."),
    )
