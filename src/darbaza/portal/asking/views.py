"""The page of what teachers open often, with the rule by which the council is asked."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from darbaza import clock
from darbaza.portal.asking import often
from darbaza.portal.asking.forms import RuleForm
from darbaza.portal.attempts import attempt
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import Proposal
from darbaza.portal.people.rights import Right, actor_of, holds, requires

SHOWN = 100


@require_http_methods(["GET", "POST"])
@requires(Right.COUNCIL_DECISION_READ)
def often_page(request: HttpRequest) -> HttpResponseBase:
    """Counts of openings, the proposals that came of them, and the rule, which the council sets."""
    person, at = actor_of(request), clock.utc_now()
    form = RuleForm(request.POST or None, initial=asdict(often.rule_now()))
    if request.method == "POST" and form.is_valid():
        attempt(request, lambda: often.set_rule(rule=form.rule(), by=person, at=at), _("The rule is set."))
        return redirect("asking:often")
    made = Proposal.objects.filter(pk__in=proposals_made()).order_by("-entered_at")
    context = {
        "rule": often.rule_now(),
        "counts": often.counts(at)[:SHOWN],
        "proposals": made[:SHOWN],
        "form": form if holds(person, Right.COUNCIL_SITTING_HOLD, at) else None,
    }
    return render(request, "asking/often.html", context, status=422 if request.method == "POST" else 200)


def proposals_made() -> list[int]:
    """The proposals that the rule made, as the audit knows them."""
    refs = AuditEntry.objects.filter(act="asking:rule:propose").values_list("subject", flat=True)
    pairs = {tuple(ref.split("-")) for ref in refs}
    found = Proposal.objects.filter(year__in={int(year) for year, _number in pairs})
    return [one.pk for one in found if (str(one.year), str(one.number)) in pairs]
