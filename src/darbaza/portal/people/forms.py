"""Forms of people, classes and the roster."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import PersonKind
from darbaza.portal.people.roster import columns, reading


class PersonForm(forms.Form):
    """Names and register number of a person."""

    surname = forms.CharField(label=_("Surname"), max_length=80)
    given_name = forms.CharField(label=_("Given name"), max_length=80)
    patronymic = forms.CharField(label=_("Patronymic"), max_length=80, required=False)
    register_number = forms.CharField(
        label=_("Register number"),
        max_length=40,
        required=False,
        help_text=_("Tells namesakes apart. Leave empty if the school has none."),
    )


class NewPersonForm(PersonForm):
    """A person to enter: students come with the roster, so staff is proposed."""

    kind = forms.ChoiceField(label=_("Kind"), choices=PersonKind.choices, initial=PersonKind.STAFF)


class SignInForm(forms.Form):
    """A user name for a member of staff."""

    username = forms.CharField(
        label=_("User name"), max_length=150, help_text=_("Latin letters and digits, for example aida")
    )
    e_mail = forms.EmailField(label=_("E-mail"), required=False)


class RosterForm(forms.Form):
    """A roster file, read as it is checked: `cleaned_data["sheet"]` holds its rows."""

    file = forms.FileField(
        label=_("Roster file"),
        help_text=_("xlsx, xls, ods or CSV, up to 4 MB. Columns: surname, given name, patronymic, class."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.txt"}),
    )
    whole_school = forms.ChoiceField(
        label=_("What the file holds"),
        choices=[
            ("classes", _("only the classes named in it")),
            ("school", _("the whole school: who is not in it leaves")),
        ],
        initial="classes",
        required=False,
        widget=forms.RadioSelect,
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse a file that is too large before reading it."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > reading.LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 4 MB. A roster is far smaller: export it again."))
        return file

    def clean(self) -> dict[str, Any]:
        """Read the rows and find the columns."""
        cleaned: dict[str, Any] = super().clean() or {}
        file = cleaned.get("file")
        if file is None:
            return cleaned
        try:
            cleaned["data"] = file.read()
            cleaned["sheet"] = reading.read(cleaned["data"])
            columns.guess(cleaned["sheet"].rows)
        except reading.UnreadableRosterError as error:
            self.add_error("file", str(error))
        return cleaned
