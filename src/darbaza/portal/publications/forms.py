"""A draft as it is written, and the small forms of its page."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.models import Channel
from darbaza.portal.people.models import Language, Person
from darbaza.portal.publications.actions import Written
from darbaza.portal.publications.models import Genre, Publication
from darbaza.portal.publications.own_pages import own_permits, site_place

ON_OUR_SITE = _("For our own site the permission names %(site)s.")


def owners_at(at: datetime) -> list[int]:
    """The keys of those who may place own information at an instant (3.2)."""
    return list(own_permits(at).values_list("person", flat=True))


class DraftForm(forms.Form):
    """What is to be said, where, and until when."""

    genre = forms.ChoiceField(label=_("What it is"), choices=Genre.choices)
    channel = forms.ChoiceField(label=_("Where"), choices=Channel.choices)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    title = forms.CharField(label=_("Title"), max_length=200)
    body = forms.CharField(
        label=_("Text"),
        max_length=40_000,
        strip=False,  # a table may begin with an empty cell
        widget=forms.Textarea({"rows": 14}),
        help_text=_(
            "An empty line begins a paragraph. “## ” before a line makes it a heading, “- ” an item of a list. "
            "What is pasted from Word becomes plain text; a table pasted from Word or Excel stays a table."
        ),
    )
    event_on = forms.DateField(
        label=_("Day of the event"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("For an event only."),
    )
    until = forms.DateField(
        label=_("Public up to and including"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Leave it out if it has no last day. A consent that ends takes it down in any case."),
    )
    own_of = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Whose own page"),
        required=False,
        help_text=_(
            "For somebody's own page or post only. "
            "Here stands whoever has a permission to place own information now (3.2)."
        ),
    )
    place = forms.CharField(
        label=_("Address of the own post"),
        max_length=500,
        required=False,
        widget=forms.TextInput({"placeholder": "https://", "spellcheck": "false"}),
        help_text=_("For an own post on a channel of others only: where it will stand, as the permission names it."),
    )
    changes = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        """`at` is when it is asked who has a permission."""
        super().__init__(*args, **kwargs)
        field, owner = self.fields["own_of"], self.initial.get("own_of")
        found = Q(pk__in=owners_at(at)) | Q(pk=getattr(owner, "pk", owner))
        site = site_place()
        field.help_text = f"{field.help_text} {ON_OUR_SITE % {'site': site.host + site.path}}"
        field.queryset = Person.objects.filter(found)  # type: ignore[attr-defined] # a ModelChoiceField

    @property
    def written(self) -> Written:
        """What was entered."""
        entered = {name: value for name, value in self.cleaned_data.items() if name != "changes"}
        return Written(**entered)

    @staticmethod
    def entered_in(publication: Publication) -> dict[str, Any]:
        """What the form of a draft begins with."""
        names = ("genre", "channel", "language", "title", "body", "event_on", "until", "own_of", "place", "changes")
        return {name: getattr(publication, name) for name in names}
