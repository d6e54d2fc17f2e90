"""Forms of the queue, of answers, and of the register's file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.portal.classification.models import ReportKind, ReportOutcome
from darbaza.portal.council.targets import category_choices
from darbaza.portal.people.roster.reading import UnreadableRosterError, read

NONE = ("", "—")


class AssignForm(forms.Form):
    """Resources, chosen from the queue or typed, and where they belong."""

    hosts = forms.MultipleChoiceField(required=False)
    typed = forms.CharField(
        label=_("Or other resources, one on a line"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    first = forms.ChoiceField(label=_("Category"))
    second = forms.ChoiceField(label=_("and another one"), required=False)
    reason = forms.CharField(label=_("Why they belong there"), max_length=500)

    def __init__(self, data: Any = None, **more: Any) -> None:
        """Categories in the reader's language; any host may be chosen, since the queue moves on."""
        super().__init__(data, **more)
        choices = [NONE, *category_choices()]
        for name in ("first", "second"):
            self.fields[name].choices = choices  # type: ignore[attr-defined] # a ChoiceField
        chosen = data.getlist("hosts") if data is not None else []
        self.fields["hosts"].choices = [(one, one) for one in chosen]  # type: ignore[attr-defined] # a ChoiceField

    def shown(self) -> list[forms.BoundField]:
        """The fields below the table."""
        return [self[name] for name in ("first", "second", "reason", "typed")]

    def resources(self) -> list[str]:
        """All resources, each once, in the order given."""
        typed = [line.strip() for line in self.cleaned_data["typed"].splitlines() if line.strip()]
        return list(dict.fromkeys([*self.cleaned_data["hosts"], *typed]))

    def categories(self) -> list[str]:
        """The categories chosen."""
        given = self.cleaned_data
        return [one for one in dict.fromkeys((given["first"], given["second"])) if one]


class ReasonForm(forms.Form):
    """Why an assignment is taken back."""

    reason = forms.CharField(label=_("Why it is taken back"), max_length=500)


class ReportForm(forms.Form):
    """What is wrong with a resource."""

    kind = forms.ChoiceField(label=_("What is wrong"), choices=ReportKind.choices)
    resource = forms.CharField(label=_("Resource"), max_length=500)
    text = forms.CharField(
        label=_("In your own words"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class AnswerForm(forms.Form):
    """What came of a report."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(one.value, one.label) for one in (ReportOutcome.KEPT, ReportOutcome.PROPOSED)],
    )
    text = forms.CharField(label=_("Answer"), max_length=500)


class RegisterForm(forms.Form):
    """A file of the state's register."""

    file = forms.FileField(
        label=_("File of the register"),
        help_text=_("xlsx, xls, ods or CSV, with columns for number, decision, date and resource."),
    )

    def clean(self) -> dict[str, Any]:
        """Read the file; what is wrong with it stands beside it."""
        cleaned: dict[str, Any] = super().clean() or {}
        file = cleaned.get("file")
        if file is not None:
            cleaned["data"] = file.read()
            try:
                cleaned["sheet"] = read(cleaned["data"])
            except UnreadableRosterError as error:
                self.add_error("file", str(error))
        return cleaned
