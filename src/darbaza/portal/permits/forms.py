"""Forms of permissions: asking for one, and deciding on it with less than was asked for."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.policy.rulebook import FileScope
from darbaza.portal.people.models import Person
from darbaza.portal.permits.actions import Scope
from darbaza.portal.permits.files import ANY, MOST_MEGABYTES, choices_of, chosen
from darbaza.portal.permits.models import Permit, PermitKind
from darbaza.portal.permits.seen import Seen
from darbaza.portal.school_time import zone

USUAL_TERM = timedelta(days=7)
MINUTES = "%Y-%m-%dT%H:%M"


def instant_field(label: Any) -> forms.DateTimeField:
    """An instant in the school's time."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES)
    return forms.DateTimeField(label=label, widget=widget, input_formats=[MINUTES])


def lines_field(label: Any, help_text: Any = "") -> forms.CharField:
    """Resources, one a line."""
    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})
    return forms.CharField(label=label, max_length=2000, widget=widget, help_text=help_text)


class ScopeForm(forms.Form):
    """Resources and the term."""

    resources = lines_field(_("Resources"), _("One a line: a name, or the address of a page or file pasted here."))
    subdomains = forms.BooleanField(label=_("with everything below"), required=False)
    since = instant_field(_("From"))
    until = instant_field(_("Until"))

    def scope(self) -> Scope:
        """What was entered."""
        entered = self.cleaned_data
        return Scope(
            entered["resources"].splitlines(), entered["since"], entered["until"], subdomains=entered["subdomains"]
        )


class AskForm(ScopeForm):
    """A request. `person` is offered to whoever may ask for students."""

    kind = forms.ChoiceField(label=_("What for"), choices=PermitKind.choices)
    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("For which person"), required=False, empty_label=_("for me")
    )
    file_kind = forms.CharField(
        label=_("Kind of file"), max_length=80, required=False, help_text=_("For a download: a program, a film, music.")
    )
    file_size = forms.CharField(label=_("Size of file"), max_length=40, required=False)
    purpose = forms.CharField(label=_("Purpose"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    field_order = ("person", "kind", "resources", "subdomains", "file_kind", "file_size", "purpose", "since", "until")


class HereForm(AskForm):
    """A request of whoever is signed in at a students' device; it is for nobody else, and begins at once."""

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        """The term ends on a day that is chosen, a week from now unless another is."""
        super().__init__(*args, **kwargs)
        for name in ("person", "subdomains", "since"):
            del self.fields[name]
        self.at = at

    def scope(self) -> Scope:
        """What was entered, from now on."""
        return Scope(self.cleaned_data["resources"].splitlines(), self.at, self.cleaned_data["until"])


class GrantForm(ScopeForm):
    """What is granted: it begins as what was asked for and may be made less."""

    which = forms.ChoiceField(label=_("Which file"))
    megabytes = forms.IntegerField(
        label=_("At most so many megabytes"),
        min_value=1,
        max_value=MOST_MEGABYTES,
        required=False,
        help_text=_("Only where no single file is chosen above."),
    )
    answer = forms.CharField(label=_("Word to whoever asked"), max_length=300, required=False)

    field_order = ("resources", "subdomains", "which", "megabytes", "since", "until", "answer")

    @classmethod
    def of(cls, permit: Permit, seen: Iterable[Seen], data: Any = None) -> "GrantForm":
        """The form with what was asked for; a download that the gateway saw is given as exactly that file at first."""
        asked = permit.asked_resources
        initial = {
            "resources": "\n".join(one.typed for one in asked),
            "subdomains": any(one.subdomains for one in asked),
            "since": permit.asked_since,
            "until": permit.asked_until,
        }
        choices = choices_of(seen)
        form = cls(data, initial=initial | {"which": choices[0][0] if "=" in choices[0][0] else ANY})
        form.fields["which"].choices = choices  # type: ignore[attr-defined] # a field of choices
        if permit.kind != PermitKind.DOWNLOAD:
            del form.fields["which"], form.fields["megabytes"]
        if not any(one.subdomains for one in asked):
            del form.fields["subdomains"]
        return form

    def file_scope(self) -> FileScope:
        """The files for which a download is given."""
        return chosen(self.cleaned_data.get("which", ANY), self.cleaned_data.get("megabytes"))

    def scope_for(self, permit: Permit) -> Scope:
        """What was entered; an end left as it was asked for is that end to the second."""
        entered = self.cleaned_data
        since, until = exact(entered["since"], permit.asked_since), exact(entered["until"], permit.asked_until)
        return Scope(entered["resources"].splitlines(), since, until, subdomains=entered.get("subdomains", False))


def exact(entered: datetime, asked: datetime) -> datetime:
    """An instant as it was asked for, where the form, which knows only minutes, shows the same."""
    return asked if entered == asked.replace(second=0, microsecond=0) else entered


def usual_term(at: datetime) -> dict[str, datetime]:
    """From now to the same hour in a week."""
    local = at.astimezone(zone()).replace(second=0, microsecond=0)
    return {"since": local, "until": local + USUAL_TERM}
