"""Forms of proposals, of calling a sitting, of attendance and of a vote."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council import targets
from darbaza.portal.council.forms import NONE, ComputersField, TermMixin, date_field, hour_field
from darbaza.portal.council.inspections import InspectionDraft
from darbaza.portal.council.models import (
    AgendaItem,
    Council,
    Proposal,
    ProposalState,
    ProposalSubject,
    Proposer,
    RulingEffect,
    TieRule,
    UserCategory,
    Voice,
)
from darbaza.portal.council.sittings.actions import Asked, Count, Resolved
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person, PersonKind, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.rooms.models import Device, DeviceKind

FIRST_WORDS = 110
"""How many characters of a proposal are shown where an agenda is chosen."""


class ProposalForm(forms.Form):
    """What is proposed, by whom. The lower part is for proposals on access or on an appointment."""

    council = forms.ChoiceField(label=_("Council"), choices=Council.choices)
    subject = forms.ChoiceField(label=_("About what"), choices=ProposalSubject.choices)
    proposer = forms.ChoiceField(label=_("Proposed by"), choices=Proposer.choices)
    from_name = forms.CharField(
        label=_("Whose proposal"),
        max_length=120,
        required=False,
        help_text=_("If the proposal comes from somebody else."),
    )
    text = forms.CharField(label=_("What is proposed and why"), widget=forms.Textarea(attrs={"rows": 4}))
    user_category = forms.ModelChoiceField(
        label=_("For whom"), queryset=UserCategory.objects.all(), to_field_name="code", required=False, empty_label="—"
    )
    effect = forms.ChoiceField(label=_("Ruling"), choices=[NONE, *RulingEffect.choices], required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    host = forms.CharField(label=_("or resource"), max_length=500, required=False)
    subdomains = forms.BooleanField(label=_("and below"), required=False, initial=True)
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
    dismisses = forms.BooleanField(label=_("The duty is to end"), required=False)
    devices = ComputersField(
        label=_("Students' computers"),
        queryset=Device.objects.filter(kind=DeviceKind.STUDENT)
        .select_related("seat__room")
        .order_by("seat__room__code", "seat__number", "address"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    purpose = forms.CharField(label=_("What for"), max_length=300, required=False)
    spared = forms.CharField(
        label=_("Never on these hosts"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text=_("One a line: the polyclinic, the bank of the town. Banks, payments, mail and the state never are."),
    )

    HEAD = ("council", "subject", "proposer", "from_name", "text")
    ACCESS = ("user_category", "effect", "category", "host", "subdomains")
    APPOINTMENT = ("person", "duty", "school_class", "dismisses")
    INSPECTION = ("devices", "purpose", "spared")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Categories are named in the reader's language."""
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [NONE, *targets.category_choices()]  # type: ignore[attr-defined] # a ChoiceField

    def head(self) -> list[forms.BoundField]:
        """The fields of every proposal."""
        return [self[name] for name in self.HEAD]

    def access(self) -> list[forms.BoundField]:
        """The fields of one on access."""
        return [self[name] for name in self.ACCESS]

    def appointment(self) -> list[forms.BoundField]:
        """The fields of one on an appointment."""
        return [self[name] for name in self.APPOINTMENT]

    def inspection(self) -> list[forms.BoundField]:
        """The fields of one on looking into encrypted pages."""
        return [self[name] for name in self.INSPECTION]

    def clean(self) -> dict[str, Any]:
        """A proposal on access carries a ruling that can stand."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("subject") == ProposalSubject.ACCESS and cleaned.get("user_category") and cleaned.get("effect"):
            try:
                cleaned["ruling"] = targets.check_draft(targets.RulingDraft.typed(cleaned))
            except ActRefusedError as refused:
                raise forms.ValidationError(str(refused)) from refused
        return cleaned

    def asked(self) -> Asked:
        """What the proposal asks for."""
        given = self.cleaned_data
        return Asked(
            ruling=given.get("ruling"),
            person=given["person"],
            duty=given["duty"],
            school_class=given["school_class"],
            dismisses=given["dismisses"],
            inspection=InspectionDraft(list(given["devices"]), given["purpose"], given["spared"]),
        )


class AgendaField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg] # at run time it takes no arguments
    """The agenda: each proposal with what it says, since nobody knows it by its number."""

    def label_from_instance(self, obj: Proposal) -> str:
        """Number, from whom, and its first words."""
        return f"№ {obj.ref} · {obj.get_proposer_display()} · {Truncator(obj.text).chars(FIRST_WORDS)}"


class CallForm(forms.Form):
    """A sitting to be called."""

    date = date_field(_("Date"))
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    chair = forms.ModelChoiceField(label=_("Chair"), queryset=Person.objects.none(), empty_label="—")
    secretary = forms.ModelChoiceField(label=_("Secretary"), queryset=Person.objects.none(), empty_label="—")
    tie_rule = forms.ChoiceField(label=_("If votes are equal"), choices=TieRule.choices)
    proposals = AgendaField(label=_("Agenda"), queryset=Proposal.objects.none(), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, council: str, members: Sequence[Person], **kwargs: Any) -> None:
        """Officers are members of the council; the agenda is drawn from its open proposals."""
        super().__init__(*args, **kwargs)
        sitting_on_it = Person.objects.filter(pk__in=[one.pk for one in members])
        for name, choices in (
            ("chair", sitting_on_it),
            ("secretary", sitting_on_it),
            (
                "proposals",
                Proposal.objects.filter(council=council, state=ProposalState.OPEN).order_by("year", "number"),
            ),
        ):
            self.fields[name].queryset = choices  # type: ignore[attr-defined] # model choice fields


class AttendanceForm(forms.Form):
    """Who is there."""

    present = forms.ModelMultipleChoiceField(
        label=_("Present"), queryset=Person.objects.none(), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, members: Sequence[Person], **kwargs: Any) -> None:
        """Members of the council on the day."""
        super().__init__(*args, **kwargs)
        self.fields["present"].queryset = Person.objects.filter(  # type: ignore[attr-defined] # a model choice field
            pk__in=[one.pk for one in members]
        )


class VoteForm(forms.Form):
    """The vote on one item: what was said and resolved, and the voices, by name or counted."""

    discussion = forms.CharField(
        label=_("Discussion"), widget=forms.Textarea(attrs={"rows": 2}), required=False, max_length=8000
    )
    resolution = forms.CharField(label=_("Resolution"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)
    user_category = forms.ModelChoiceField(
        label=_("For whom"), queryset=UserCategory.objects.all(), to_field_name="code", required=False, empty_label="—"
    )
    effect = forms.ChoiceField(label=_("Ruling"), choices=[NONE, *RulingEffect.choices], required=False)
    until = date_field(_("Until"), required=False)
    review_date = date_field(_("Review on"), required=False, help_text=_("Needed if the item is adopted."))
    votes_for = forms.IntegerField(label=_("Votes for"), min_value=0, required=False)
    votes_against = forms.IntegerField(label=_("Votes against"), min_value=0, required=False)
    abstained = forms.IntegerField(label=_("Abstentions"), min_value=0, required=False)
    chair_voice = forms.ChoiceField(
        label=_("The chair's own vote"),
        choices=[NONE, (Voice.FOR, Voice.FOR.label), (Voice.AGAINST, Voice.AGAINST.label)],
        required=False,
        help_text=_("Needed only if votes are equal."),
    )

    WORDS = ("discussion", "resolution")
    RULING = ("user_category", "effect", "until", "review_date")
    TERM = ("until", "review_date")
    HANDS = ("votes_for", "votes_against", "abstained", "chair_voice")

    def __init__(self, data: Any = None, *, item: AgendaItem, present: Sequence[Person]) -> None:
        """A choice of voices for each member who is present; what was proposed stands in the fields."""
        proposal = item.proposal
        proposed = {"user_category": proposal.user_category, "effect": proposal.effect}
        super().__init__(data, initial=proposed, prefix=f"i{item.pk}")
        self.item, self.present = item, present
        for name in (*self.HANDS[:3], *self.RULING):
            self.fields[name].is_needed = name != "until" or proposal.subject == ProposalSubject.INSPECTION  # type: ignore[attr-defined] # read by the field's template
        for member in present:
            choices = [NONE, *self.voices_of(member)]
            self.fields[f"voice-{member.pk}"] = forms.ChoiceField(
                label=member.short_name, choices=choices, required=False
            )

    def as_typed(self) -> "VoteForm":
        """The same, to be gone on with: what was typed, and nothing said about it."""
        again = VoteForm(item=self.item, present=self.present)
        again.initial = {**again.initial, **{name: self[name].value() for name in self.fields}}
        return again

    def voices_of(self, member: Person) -> list[tuple[str, Any]]:
        """How a member may vote: not at all in a matter of their own."""
        concerned = member == self.item.proposal.person
        voting = (Voice.FOR, Voice.AGAINST, Voice.ABSTAIN)
        return [(one, one.label) for one in ((Voice.RECUSED,) if concerned else voting) + (Voice.ABSENT,)]

    def words(self) -> list[forms.BoundField]:
        """What was said and resolved."""
        return [self[name] for name in self.WORDS]

    def ruling(self) -> list[forms.BoundField]:
        """The ruling of an item on access; the term of one on looking into encrypted pages."""
        names = {ProposalSubject.ACCESS: self.RULING, ProposalSubject.INSPECTION: self.TERM}
        return [self[name] for name in names.get(ProposalSubject(self.item.proposal.subject), ())]

    def hands(self) -> list[forms.BoundField]:
        """The count of a show of hands."""
        return [self[name] for name in self.HANDS]

    def named(self) -> list[forms.BoundField]:
        """The voices by name."""
        return [self[f"voice-{member.pk}"] for member in self.present]

    def count(self) -> Count:
        """The voices entered."""
        given = self.cleaned_data
        voices = {member: given[f"voice-{member.pk}"] for member in self.present if given[f"voice-{member.pk}"]}
        counted = {name: given[name] or 0 for name in self.HANDS[:3]}
        return Count(voices=voices, chair_voice=given["chair_voice"], **counted)

    def resolved(self) -> Resolved:
        """What was put to the vote."""
        given = self.cleaned_data
        return Resolved(given["resolution"], **{name: given[name] for name in self.RULING})


class CloseForm(TermMixin):
    """The end of a sitting."""

    in_force_from = date_field(_("The decision is in force from"))
    from_hour = hour_field(_("Hour of that day"))

    def clean(self) -> dict[str, Any]:
        """The beginning as one term."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "in_force_from" in cleaned:
            cleaned["in_force_from"] = self.term("in_force_from", "from_hour")
        return cleaned
