"""Forms of orders: the order with rows of points, who stands in for whom, and what is done in an emergency."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.forms import NONE, TermMixin, date_field, hour_field
from darbaza.portal.council.models import Order, OrderAct, OrderKind, RegulationVersion, Seat
from darbaza.portal.council.orders.emergencies import GIVEN_IN_EMERGENCY
from darbaza.portal.council.orders.points import Point
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person, PersonKind, SchoolClass
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.rooms.models import Room
from darbaza.portal.school_time import school_day

ON_DUTIES = {OrderAct.APPOINT, OrderAct.SUBSTITUTE, OrderAct.DISMISS}
FIELDS = ("person", "duty", "school_class", "instead_of", "seat", "room", "regulation")


def drafts_of_regulation() -> QuerySet[RegulationVersion]:
    """Versions that wait for an act to approve them; the page of a version leads to its order."""
    return RegulationVersion.objects.filter(act_kind="")


class OrderForm(TermMixin):
    """An order, to be kept as a draft or signed."""

    kind = forms.ChoiceField(label=_("Kind"), choices=OrderKind.choices)
    text = forms.CharField(
        label=_("Text"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Why and on what basis. The points below are printed after it, numbered."),
    )
    in_force_from = date_field(
        _("In force from"), required=False, help_text=_("Left empty: from the instant at which it is signed.")
    )
    from_hour = hour_field(_("Hour of that day"))
    in_force_until = date_field(
        _("In force until"), required=False, help_text=_("The first day on which it no longer is.")
    )
    until_hour = hour_field(_("Hour of the last day"))
    repeals = forms.ModelChoiceField(
        label=_("Repeals the order"), queryset=Order.objects.filter(repealed_by=None), required=False, empty_label="—"
    )

    def head(self) -> list[forms.BoundField]:
        """What it is about and what it repeals."""
        return [self[name] for name in ("kind", "text", "repeals")]

    def terms(self) -> list[forms.BoundField]:
        """From when and until when."""
        return [self[name] for name in ("in_force_from", "from_hour", "in_force_until", "until_hour")]

    def clean(self) -> dict[str, Any]:
        """Beginning and end as one term each."""
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["in_force_from"] = self.term("in_force_from", "from_hour")
        cleaned["in_force_until"] = self.term("in_force_until", "until_hour")
        return cleaned


class PointForm(forms.Form):
    """One point of an order. An empty row is left out."""

    act = forms.ChoiceField(label=_("What"), choices=[NONE, *OrderAct.choices], required=False)
    person = forms.ModelChoiceField(
        label=_("Who"),
        queryset=Person.objects.filter(kind=PersonKind.STAFF, active=True),
        required=False,
        empty_label="—",
    )
    duty = forms.ChoiceField(label=_("Duty"), choices=[NONE, *Duty.choices], required=False)
    school_class = forms.ModelChoiceField(
        label=_("Class"), queryset=SchoolClass.objects.all(), required=False, empty_label="—"
    )
    instead_of = forms.ModelChoiceField(
        label=_("Instead of"), queryset=Person.objects.filter(kind=PersonKind.STAFF), required=False, empty_label="—"
    )
    seat = forms.ChoiceField(label=_("In the commission"), choices=[NONE, *Seat.choices], required=False)
    room = forms.ModelChoiceField(label=_("Room"), queryset=Room.objects.all(), required=False, empty_label="—")

    regulation = forms.ModelChoiceField(queryset=drafts_of_regulation(), required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """A point on a person names person and duty, one on a room names the room."""
        cleaned: dict[str, Any] = super().clean() or {}
        act = cleaned.get("act")
        if act in ON_DUTIES and not (cleaned.get("person") and cleaned.get("duty")):
            raise forms.ValidationError(_("Name the person and the duty."))
        if act == OrderAct.APPROVE and not cleaned.get("regulation"):
            raise forms.ValidationError(_("Name the version of the regulation."))
        if act == OrderAct.COMMISSION and not (cleaned.get("person") and cleaned.get("seat")):
            raise forms.ValidationError(_("Say who chairs the commission and who are its members."))
        if act in {OrderAct.EQUIP, OrderAct.UNEQUIP} and not cleaned.get("room"):
            raise forms.ValidationError(_("Name the room."))
        if not act and any(cleaned.get(name) for name in FIELDS):
            raise forms.ValidationError(_("Say what this point does."))
        return cleaned

    def point(self) -> Point | None:
        """The point, or None for an empty row."""
        given = self.cleaned_data
        if not given.get("act"):
            return None
        act = OrderAct(given["act"])
        if act in {OrderAct.EQUIP, OrderAct.UNEQUIP}:
            return Point(act, room=given["room"])
        if act == OrderAct.APPROVE:
            return Point(act, regulation=given["regulation"])
        if act == OrderAct.COMMISSION:
            return Point(act, person=given["person"], seat=given["seat"])
        absent = given["instead_of"] if act == OrderAct.SUBSTITUTE else None
        return Point(act, given["person"], given["duty"], given["school_class"], instead_of=absent)


PointRows = forms.formset_factory(PointForm, extra=0, min_num=3, max_num=30, absolute_max=30)


def duties_left(at: datetime, *, emergency: bool) -> Any:
    """Duties in which somebody may have to stand in: their holders' own; in an emergency those that lessons need."""
    own = Appointment.objects.filter(in_force_at(at), instead_of=None)
    return own.filter(duty__in=GIVEN_IN_EMERGENCY) if emergency else own


def absent_people(at: datetime, *, emergency: bool = False) -> Any:
    """Whom somebody may have to stand in for: staff with such a duty."""
    serving = duties_left(at, emergency=emergency).values("person")
    return Person.objects.filter(pk__in=serving, active=True, kind=PersonKind.STAFF)


class AbsentForm(forms.Form):
    """Who is absent."""

    absent = forms.ModelChoiceField(
        label=_("Who is absent"), queryset=Person.objects.none(), to_field_name="public_id", empty_label="—"
    )

    def __init__(self, *args: Any, at: datetime, emergency: bool = False, **kwargs: Any) -> None:
        """Only staff with a duty can be missed."""
        super().__init__(*args, **kwargs)
        self.fields["absent"].queryset = absent_people(at, emergency=emergency)  # type: ignore[attr-defined] # a model choice field


class SubstituteForm(TermMixin):
    """Who stands in for an absent person, until when, and with which of the duties."""

    UNTIL = (
        ("today", _("until the end of today")),
        ("week", _("for seven days")),
        ("day", _("until a day that I choose")),
    )

    person = forms.ModelChoiceField(label=_("Who stands in"), queryset=Person.objects.none(), empty_label="—")
    duties = forms.ModelMultipleChoiceField(
        label=_("Which duties"), queryset=Appointment.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    until = forms.ChoiceField(label=_("Until when"), choices=UNTIL, initial="today", widget=forms.RadioSelect)
    until_day = date_field(_("That day"), required=False, help_text=_("The first day on which it no longer is."))
    until_hour = hour_field(_("Hour of the last day"))
    reason = forms.CharField(label=_("Why"), max_length=200)

    def __init__(self, *args: Any, absent: Person, at: datetime, emergency: bool = False, **kwargs: Any) -> None:
        """The absent person's own duties, all of them ticked; in an emergency those without which lessons stop."""
        super().__init__(*args, **kwargs)
        own = duties_left(at, emergency=emergency).filter(person=absent)
        if emergency:  # which never lasts a week
            self.fields["until"].choices = [one for one in self.UNTIL if one[0] != "week"]  # type: ignore[attr-defined] # a choice field
        for name in ("until_day", "until_hour"):
            self.fields[name].part_of, self.fields[name].part_when = "until", "day"  # type: ignore[attr-defined] # read by the field's template
        self.absent, self.at = absent, at
        self.fields["duties"].queryset = own.select_related("school_class")  # type: ignore[attr-defined]
        self.fields["duties"].label_from_instance = lambda one: one.title  # type: ignore[attr-defined]
        self.fields["duties"].initial = [one.pk for one in own]
        others = Person.objects.filter(kind=PersonKind.STAFF, active=True).exclude(pk=absent.pk)
        self.fields["person"].queryset = others  # type: ignore[attr-defined] # model choice fields

    def clean(self) -> dict[str, Any]:
        """The end as one term."""
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["ends"] = self.end(cleaned.get("until", ""))
        return cleaned

    def end(self, until: str) -> date | None:
        """When it ends: a choice that needs no typing, or a day with or without an hour."""
        today = school_day(self.at)
        if until != "day":
            return today + timedelta(days=7 if until == "week" else 1)
        term = self.term("until_day", "until_hour")
        if term is None and not self.errors:
            self.add_error("until_day", _("Say until when somebody stands in."))
        return term

    def points(self) -> list[Point]:
        """One point for each duty."""
        given = self.cleaned_data
        return [
            Point(OrderAct.SUBSTITUTE, given["person"], one.duty, one.school_class, instead_of=self.absent)
            for one in given["duties"]
        ]
