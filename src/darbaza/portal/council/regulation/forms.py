"""Forms of the regulation: a new version, its clauses, and the act that approved it."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.forms import TermMixin, date_field
from darbaza.portal.council.models import ActKind
from darbaza.portal.council.regulation import reading
from darbaza.portal.council.regulation.actions import SourceFile
from darbaza.portal.people.models import Language

MORE_CLAUSES = 3


class NewVersionForm(forms.Form):
    """Where a new version begins."""

    language = forms.ChoiceField(label=_("Language of the document"), choices=Language.choices)
    file = forms.FileField(
        label=_("File with the text"),
        required=False,
        help_text=_("Word (.docx) or text, up to 2 MB; each clause begins with its number. Without a file the new "
                    "version begins with the text that is in force."),
        widget=forms.ClearableFileInput(attrs={"accept": ".docx,.txt"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Read the clauses as the file is checked."""
        cleaned: dict[str, Any] = super().clean() or {}
        file = cleaned.get("file")
        if file is None:
            return cleaned
        data = file.read(reading.LARGEST_FILE + 1)
        try:
            cleaned["texts"] = reading.read(data)
            cleaned["source"] = SourceFile(file.name, sha256(data).hexdigest())
        except reading.UnreadableRegulationError as error:
            self.add_error("file", str(error))
        return cleaned


class ClausesForm(forms.Form):
    """All clauses of a draft, and empty places for more."""

    def __init__(self, *args: Any, texts: Mapping[str, str], **kwargs: Any) -> None:
        """One text for each clause; left empty, the clause goes."""
        super().__init__(*args, **kwargs)
        self.numbers = list(texts)
        for number, text in texts.items():
            rows = max(2, min(14, len(text) // 90 + text.count("\n") + 1))
            self.fields[f"c-{number}"] = forms.CharField(
                label=number, initial=text, required=False, widget=forms.Textarea(attrs={"rows": rows})
            )
        for place in range(MORE_CLAUSES):
            self.fields[f"n-{place}"] = forms.CharField(label=_("New clause: number"), max_length=8, required=False)
            self.fields[f"t-{place}"] = forms.CharField(
                label=_("New clause: text"), required=False, widget=forms.Textarea(attrs={"rows": 2})
            )

    def clean(self) -> dict[str, Any]:
        """A new clause has number and text, and a number that is not there yet."""
        cleaned: dict[str, Any] = super().clean() or {}
        texts = {number: cleaned.get(f"c-{number}", "") for number in self.numbers}
        for place in range(MORE_CLAUSES):
            number, text = cleaned.get(f"n-{place}", ""), cleaned.get(f"t-{place}", "")
            if bool(number) != bool(text):
                self.add_error(f"n-{place}", _("A clause has a number and a text."))
            elif number and texts.get(number):
                self.add_error(f"n-{place}", _("There is a clause of this number already."))
            elif number:
                texts[number] = text
        cleaned["texts"] = texts
        return cleaned


class PaperActForm(TermMixin):
    """The act on paper that approved a version."""

    kind = forms.ChoiceField(label=_("Approved by"), choices=ActKind.choices)
    number = forms.CharField(label=_("Number of the act"), max_length=20)
    day = date_field(_("Date of the act"))
    since = date_field(_("In force from"))
