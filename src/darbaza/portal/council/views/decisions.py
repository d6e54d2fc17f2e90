"""Decisions: the list, one decision as it is printed, entering one, and what is in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.council import actions, targets
from darbaza.portal.council.conflicts import Conflict, conflicts_of
from darbaza.portal.council.forms import (
    ROWS_MORE,
    DecisionForm,
    DefaultForm,
    EndsForm,
    GroupForm,
    InspectionEndsForm,
    RulingRows,
)
from darbaza.portal.council.inspections import standing
from darbaza.portal.council.models import (
    Council,
    Decision,
    DefaultRule,
    Proposal,
    ProposalState,
    ProposalSubject,
    Ruling,
    UserCategory,
)
from darbaza.portal.council.regulation.in_force import ref_at
from darbaza.portal.council.rows import MORE, with_more_rows
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.school_time import school_day

ON_A_PAGE = 30


@require_GET
@requires(Right.COUNCIL_DECISION_READ)
def decision_list(request: HttpRequest) -> HttpResponseBase:
    """All decisions, the latest first."""
    page = Paginator(Decision.objects.all(), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "council/decisions.html", {"page": page, "at": clock.utc_now()})


@require_GET
@requires(Right.COUNCIL_DECISION_READ)
def decision_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One decision as it is printed."""
    decision = get_object_or_404(Decision.objects.select_related("entered_by"), pk=pk)
    context = {
        "decision": decision,
        "rulings": decision.rulings.select_related("user_category", "ended_by"),
        "ended": decision.ends.select_related("user_category", "decision"),
        "defaults": decision.defaults.select_related("user_category"),
        "appointments": appointments_of(decision),
        "inspections": decision.inspections.prefetch_related("devices__seat__room"),
        "inspections_ended": decision.ended_inspections.select_related("decision"),
        "regulation": ref_at(decision.entered_at),
    }
    return render(request, "council/decision.html", context)


def appointments_of(decision: Decision) -> list[Proposal]:
    """Whom the council proposed to appoint or dismiss at the sitting that decided (2.6)."""
    adopted = {"items__outcome__in": (ProposalState.ADOPTED, ProposalState.ADAPTED)}
    found = Proposal.objects.filter(items__sitting__decision=decision, subject=ProposalSubject.APPOINTMENT, **adopted)
    return list(found.select_related("person", "school_class").order_by("items__position"))


@require_GET
@requires(Right.COUNCIL_DECISION_READ)
def in_force(request: HttpRequest) -> HttpResponseBase:
    """What is allowed and denied to whom today, with the decision behind each line; the filter is a link."""
    at = clock.utc_now()
    wanted = request.GET.get("for", "")
    rulings = Ruling.objects.filter(in_force_at(at))
    if wanted:
        rulings = rulings.filter(user_category__code=wanted)
    context = {
        "categories": [(one, *default_of(one, at)) for one in UserCategory.objects.all()],
        "rulings": rulings.select_related("user_category", "decision").order_by("user_category", "effect", "category"),
        "wanted": wanted,
        "inspections": standing(at).prefetch_related("devices__seat__room"),
        "day": school_day(at),
    }
    return render(request, "council/in_force.html", context)


def default_of(category: UserCategory, at: datetime) -> tuple[str, Decision | None]:
    """A category's rule without a ruling in words, and the decision behind it."""
    default, decision = category.default_at(at)
    return str(DefaultRule(default).label), decision


@dataclass(slots=True)
class Forms:
    """All forms of a decision's page together."""

    decision: DecisionForm
    rows: Any
    ends: EndsForm
    defaults: list[DefaultForm]
    group: GroupForm
    inspection: InspectionEndsForm

    def all_valid(self) -> bool:
        """Whether every one is; all are asked, so that all errors are shown at once."""
        answers = [form.is_valid() for form in (self.decision, self.rows, self.ends, self.group, self.inspection)]
        return all([*answers, *(form.is_valid() for form in self.defaults)])

    def drafts(self) -> list[targets.RulingDraft]:
        """The rulings entered, without empty rows."""
        return [row.cleaned_data["draft"] for row in self.rows if row.cleaned_data.get("draft")]

    def changed_defaults(self) -> dict[UserCategory, DefaultRule]:
        """The user categories whose default changes."""
        chosen = ((form.category, form.cleaned_data["default_rule"]) for form in self.defaults)
        return {category: DefaultRule(rule) for category, rule in chosen if rule}

    def warnings(self) -> list[Promise | str]:
        """What the council should know before it adopts."""
        return [warning for draft in self.drafts() for warning in targets.warnings_of(draft)]

    def conflicts(self, at: datetime) -> list[Conflict]:
        """Rulings in force that say otherwise and are not among those that end."""
        ending = {one.pk for one in self.ends.cleaned_data["ends"]}
        found = [conflict for draft in self.drafts() for conflict in conflicts_of(draft, at)]
        return [one for one in found if one.ruling.pk not in ending]


def forms_of(data: Any, initial: dict[str, Any]) -> Forms:
    """The forms of a decision, empty or with what was posted."""
    return Forms(
        DecisionForm(data, initial=initial),
        RulingRows(data, prefix="r"),
        EndsForm(data),
        [DefaultForm(data, prefix=f"d-{one.code}", category=one) for one in UserCategory.objects.all()],
        GroupForm(data, prefix="g"),
        InspectionEndsForm(data, prefix="i"),
    )


@require_http_methods(["GET", "POST"])
@requires(Right.COUNCIL_DECISION_ADOPT)
def new_decision(request: HttpRequest) -> HttpResponseBase:
    """Enter what the council adopted. A doubtful ruling is shown with its doubt first."""
    if request.method == "GET":
        day = school_day(clock.utc_now())
        return page_of(request, forms_of(None, {"date": day, "in_force_from": day}))
    if MORE in request.POST:
        return page_of(request, forms_of(with_more_rows(request.POST, "r", ROWS_MORE, RulingRows.max_num), {}))
    forms = forms_of(request.POST, {})
    if not forms.all_valid():
        return page_of(request, forms, status=422)
    warnings, conflicts = forms.warnings(), forms.conflicts(clock.utc_now())
    if (warnings or conflicts) and request.POST.get("sure") != "1":
        return page_of(request, forms, warnings=warnings, conflicts=conflicts, status=422)
    decision = adopt(request, forms)
    return redirect("council:decision", decision.pk) if decision else page_of(request, forms, status=422)


def page_of(
    request: HttpRequest,
    forms: Forms,
    *,
    warnings: Sequence[Promise | str] = (),
    conflicts: Sequence[Conflict] = (),
    status: int = 200,
) -> HttpResponseBase:
    """The page with the forms, and what the council should know before it adopts."""
    context = {"forms": forms, "warnings": warnings, "conflicts": conflicts}
    return render(request, "council/decision_new.html", context, status=status)


def adopt(request: HttpRequest, forms: Forms) -> Decision | None:
    """Enter the decision, or say why it cannot stand."""
    given = dict(forms.decision.cleaned_data)
    del given["from_hour"]
    council = Council(given.pop("council"))
    return attempt(
        request,
        lambda: actions.adopt_decision(
            **given,
            council=council,
            rulings=forms.drafts(),
            ends=list(forms.ends.cleaned_data["ends"]),
            defaults=forms.changed_defaults(),
            groups=forms.group.groups(),
            inspections_ended=list(forms.inspection.cleaned_data["ends"]),
            by=actor_of(request),
            at=clock.utc_now(),
        ),
        _("The decision was entered."),
    )
