"""Pages of attempts: what a supervisor has to judge and has sent, and the rule, which everybody may read."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.policy.attempts import LED_WITHIN, AttemptRule
from darbaza.portal import asked
from darbaza.portal.attempts import attempt, sentence_of
from darbaza.portal.incidents import actions, console_orders, judging
from darbaza.portal.incidents.attempt_words import PATTERNS
from darbaza.portal.incidents.models import AttemptRuleVersion, Notice
from darbaza.portal.incidents.suspicions import field_of, rule_of, suspected_in, version_in_force
from darbaza.portal.incidents.views import Shown
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, actor_of, holds, requires, right_missing
from darbaza.portal.school_time import day_begins, school_day
from darbaza.portal.tags import category

ORDERS = {"confirm": console_orders.confirm_attempt, "dismiss": console_orders.dismiss_attempt}


@require_GET
@requires(Right.INCIDENTS_NOTICE_SEND)
def attempts(request: HttpRequest) -> HttpResponseBase:
    """What awaits this supervisor's word from today's lessons, and the notices sent."""
    person, at = actor_of(request), clock.utc_now()
    today = SupervisedSession.objects.filter(supervisor=person, opened__gte=day_begins(school_day(at)))
    waiting = [
        (session, console_orders.suspicion_card(session, one))
        for session in today.select_related("school_class", "room")
        for one in suspected_in(session, at)
    ]
    sent = Notice.objects.filter(sent_by=person).select_related("student", "school_class", "session", "judgement")
    return render(
        request, "incidents/attempts.html", {"waiting": waiting, "sent": [Shown.of(one) for one in sent[:100]]}
    )


@require_POST
@requires(Right.INCIDENTS_NOTICE_SEND)
def judge(request: HttpRequest, public_id: str, name: str) -> HttpResponseBase:
    """Confirm or dismiss, also after the lesson."""
    session = get_object_or_404(SupervisedSession, public_id=public_id)
    order, by, at = ORDERS.get(name), actor_of(request), clock.utc_now()
    if order is None:
        raise Http404
    attempt(request, lambda: order(session=session, form=request.POST, by=by, at=at), _("Your word is recorded."))
    return redirect("incidents:attempts")


@require_POST
@requires(Right.INCIDENTS_NOTICE_SEND)
def withdraw(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Take a notice back."""
    notice = get_object_or_404(Notice, public_id=public_id)
    why, by, at = asked.text(request.POST, "why", 1000), actor_of(request), clock.utc_now()
    attempt(request, lambda: actions.withdraw(notice=notice, why=why, by=by, at=at), _("The notice is withdrawn."))
    return redirect("incidents:attempts")


class RuleForm(forms.Form):
    """The numbers of the rule."""

    minutes = forms.IntegerField(label=gettext_lazy("Within how many minutes"), min_value=2, max_value=45)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """One number for each part."""
        super().__init__(*args, **kwargs)
        for part, pattern in PATTERNS.items():
            self.fields[field_of(part)] = forms.IntegerField(label=str(pattern), min_value=0, max_value=judging.MOST)
        self.fields["why"] = forms.CharField(label=_("Why the rule changes"), max_length=300)


@require_http_methods(["GET", "POST"])
@login_required
def rule(request: HttpRequest) -> HttpResponseBase:
    """The rule in words with its numbers and versions; whoever may sets the numbers."""
    person, at = actor_of(request), clock.utc_now()
    may_set = holds(person, Right.INCIDENTS_RULE_SET, at)
    if request.method == "POST" and not may_set:
        return right_missing(request, Right.INCIDENTS_RULE_SET)
    form = RuleForm(request.POST if request.method == "POST" else None, initial=_initial(version_in_force()))
    if request.method == "POST" and form.is_valid() and _set(form, person, at):
        return redirect("incidents:rule")
    status = 422 if request.method == "POST" else 200
    return render(request, "incidents/rule.html", {**_rule_in_words(), "form": form, "may_set": may_set}, status=status)


def _set(form: RuleForm, person: Person, at: datetime) -> bool:
    values = dict(form.cleaned_data)
    why = values.pop("why")
    try:
        judging.set_rule(numbers=judging.Numbers(**values), why=why, by=person, at=at)
    except ActRefusedError as refused:
        form.add_error(None, sentence_of(refused))
        return False
    return True


def _initial(version: AttemptRuleVersion | None) -> dict[str, int]:
    current = rule_of(version)
    numbers = {field_of(part): getattr(current, field_of(part)) for part in PATTERNS}
    return {"minutes": current.window.seconds // 60, **numbers}


def _rule_in_words() -> dict[str, object]:
    version, default = version_in_force(), AttemptRule()
    current = rule_of(version)
    return {
        "version": version,
        "versions": AttemptRuleVersion.objects.select_related("by")[:20],
        "minutes": current.window.seconds // 60,
        "parts": [(PATTERNS[part], getattr(current, field_of(part))) for part in PATTERNS],
        "ways_round": sorted(map(category, default.round_about)),
        "harmless": sorted(map(category, default.harmless)),
        "led": LED_WITHIN.seconds,
    }
