"""Forms by which consents are asked for and entered."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.portal.consents.models import Relation, Whose
from darbaza.portal.council.forms import date_field
from darbaza.portal.people.models import Language, Person

OWN = ("own", _("the person"))


def year_end(day: date) -> date:
    """The last day of the school year of a day, until which a consent is asked for unless somebody says otherwise."""
    return date(day.year + (day.month > 6), 8, 31)


class TermForm(forms.Form):
    """First and last day of what is asked for."""

    first_day = date_field(_("First day"))
    last_day = date_field(_("Last day"))

    def __init__(self, *args: Any, day: date, **kwargs: Any) -> None:
        """From today to the end of the school year."""
        kwargs.setdefault("initial", {"first_day": day, "last_day": year_end(day)})
        super().__init__(*args, **kwargs)


class EntryForm(forms.Form):
    """What the forms of a pile have in common: when they were signed, who explained the risks, in which language."""

    signed_on = date_field(_("Day of the signatures"))
    explained_on = date_field(_("Day on which the risks were explained"))
    explained_by = forms.ModelChoiceField(
        queryset=Person.objects.none(), label=_("Who explained the risks"), empty_label=None
    )
    language = forms.ChoiceField(label=_("In which language"), choices=Language.choices)

    def __init__(self, *args: Any, explainers: Any, day: date, by: Person, **kwargs: Any) -> None:
        """`explainers` are those who are responsible for the internet: only they explain (2.17)."""
        kwargs.setdefault("initial", {"signed_on": day, "explained_on": day, "explained_by": by.pk})
        super().__init__(*args, **kwargs)
        field: Any = self.fields["explained_by"]
        field.queryset = explainers


class RowForm(forms.Form):
    """One form of the pile: the ticked lines as typed, and who signed."""

    ticked = forms.CharField(label=_("Ticked lines"), required=False, max_length=80)
    relation = forms.ChoiceField(label=_("Who signed"), choices=[*Relation.choices, OWN], required=False)
    name = forms.CharField(label=_("Surname and name of who signed"), required=False, max_length=160)


class AgeForm(forms.Form):
    """That a student has reached an age of the table."""

    age = forms.TypedChoiceField(label=_("Has reached the age of"), coerce=int)
    since = date_field(_("Since which day"), help_text=_("As seen in a document. No date of birth is kept."))

    def __init__(self, *args: Any, ages: list[int], day: date, **kwargs: Any) -> None:
        """The ages of the table."""
        kwargs.setdefault("initial", {"since": day})
        super().__init__(*args, **kwargs)
        field: Any = self.fields["age"]
        field.choices = [(one, one) for one in ages]


class AgeRuleForm(forms.Form):
    """One line of the table of ages; one without an age is left out."""

    from_age = forms.IntegerField(label=_("From the age of"), min_value=0, max_value=99, required=False)
    from_grade = forms.IntegerField(
        label=_("Without a recorded age: from the grade"), min_value=0, max_value=12, required=False
    )
    whose = forms.ChoiceField(label=_("Who agrees"), choices=Whose.choices, required=False)
    source = forms.CharField(label=_("Where it is written"), max_length=200, required=False)
