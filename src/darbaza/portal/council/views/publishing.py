"""What the council has decided on the nature and volume of publications, and entering such a decision."""

from django import forms
from django.forms import formset_factory
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.council.forms import date_field
from darbaza.portal.council.models import Channel, PublicationRule, Purpose
from darbaza.portal.council.publishing import RuleDraft, adopt_publication_rules, standing_rules
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.school_time import school_day

ROWS = 3


class RulesForm(forms.Form):
    """The decision itself, and which rules it ends."""

    text = forms.CharField(label=gettext_lazy("Text"), widget=forms.Textarea({"rows": 3}), max_length=2000)
    minutes_number = forms.CharField(label=gettext_lazy("Number of the minutes"), max_length=20)
    date = date_field(gettext_lazy("Date of the sitting"))
    in_force_from = date_field(gettext_lazy("In force from"))
    ends = forms.ModelMultipleChoiceField(
        PublicationRule.objects.none(),
        label=gettext_lazy("Ends these"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class RuleRow(forms.Form):
    """One rule."""

    ANY = [("", gettext_lazy("everywhere"))]
    FOR_ALL = [("", gettext_lazy("for everything"))]
    channel = forms.ChoiceField(label=gettext_lazy("Where"), choices=[*ANY, *Channel.choices], required=False)
    purpose = forms.ChoiceField(label=gettext_lazy("What for"), choices=[*FOR_ALL, *Purpose.choices], required=False)
    allows = forms.ChoiceField(
        label=gettext_lazy("Ruling"),
        choices=[
            ("", "—"),
            ("yes", gettext_lazy("is published")),
            ("no", gettext_lazy("is not published")),
        ],
        required=False,
    )
    most_words = forms.IntegerField(label=gettext_lazy("Words at most"), min_value=1, required=False)
    most_pictures = forms.IntegerField(label=gettext_lazy("Pictures at most"), min_value=0, required=False)
    most_a_week = forms.IntegerField(label=gettext_lazy("A week at most"), min_value=1, required=False)

    def draft(self) -> RuleDraft | None:
        """The rule entered; None for an empty row."""
        entered = self.cleaned_data
        if not entered.get("allows"):
            return None
        return RuleDraft(
            allows=entered["allows"] == "yes",
            **{name: entered[name] for name in ("channel", "purpose", "most_words", "most_pictures", "most_a_week")},
        )


Rows = formset_factory(RuleRow, extra=ROWS)


@require_GET
@requires(Right.COUNCIL_DECISION_READ)
def rules(request: HttpRequest) -> HttpResponseBase:
    """What is in force."""
    return render(request, "council/publishing.html", {"rules": standing_rules(clock.utc_now())})


@require_http_methods(["GET", "POST"])
@requires(Right.COUNCIL_DECISION_ADOPT)
def new_rules(request: HttpRequest) -> HttpResponseBase:
    """Enter a decision on nature and volume."""
    at = clock.utc_now()
    today = school_day(at)
    form, rows = (
        RulesForm(request.POST or None, initial={"date": today, "in_force_from": today}),
        Rows(request.POST or None),
    )
    form.fields["ends"].queryset = standing_rules(at)  # type: ignore[attr-defined] # a field of models
    form.fields["ends"].label_from_instance = rule_words  # type: ignore[attr-defined] # as above
    if request.method == "POST" and all([form.is_valid(), rows.is_valid()]):
        entered = form.cleaned_data
        made = attempt(
            request,
            lambda: adopt_publication_rules(
                text=entered["text"],
                minutes_number=entered["minutes_number"],
                date=entered["date"],
                in_force_from=entered["in_force_from"],
                rules=[draft for row in rows if (draft := row.draft()) is not None],
                ends=list(entered["ends"]),
                by=actor_of(request),
                at=at,
            ),
            _("The decision is entered."),
        )
        if made is not None:
            return redirect("council:publishing")
    status = 422 if request.method == "POST" else 200
    return render(request, "council/publishing_new.html", {"form": form, "rows": rows}, status=status)


def rule_words(rule: PublicationRule) -> str:
    """A rule in one line."""
    where = rule.get_channel_display() if rule.channel else _("everywhere")
    what = rule.get_purpose_display() if rule.purpose else _("for everything")
    ruling = _("is published") if rule.allows else _("is not published")
    return f"№ {rule.decision} · {where} · {what} · {ruling}"
