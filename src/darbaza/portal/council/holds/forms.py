"""The form that closes a resource at once."""

from django import forms
from django.utils.translation import gettext_lazy as _


class HoldForm(forms.Form):
    """Which resource, and why."""

    resource = forms.CharField(
        label=_("Resource"), max_length=500, help_text=_("A name, or the address of a page pasted here.")
    )
    subdomains = forms.BooleanField(label=_("with everything below"), required=False, initial=True)
    reason = forms.CharField(label=_("Why at once"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
