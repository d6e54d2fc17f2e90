"""The rules on two screens; circles with who has accepted; a sheet, printed and recorded."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.acquaintance import actions
from darbaza.portal.acquaintance.forms import RecordForm
from darbaza.portal.acquaintance.in_force import Circle, acceptance_of, circle_of, circles, standing
from darbaza.portal.acquaintance.models import Acquaintance, Sheet
from darbaza.portal.acquaintance.reading import reading_of
from darbaza.portal.acquaintance.rules import rules_at
from darbaza.portal.attempts import attempt
from darbaza.portal.people.rights import (
    Right,
    actor_of,
    demand_for_class,
    holds_for_class,
    person_of,
    requires,
)
from darbaza.portal.school_time import school_day


@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponseBase:
    """Two screens for everybody; whoever is signed in accepts on the second."""
    person, at = person_of(request), clock.utc_now()
    if request.method == "POST" and person is not None:
        key, language = asked.text(request.POST, "text", 80), (get_language() or "ky")[:2]
        done = _("You have accepted the rules.")
        made = attempt(request, lambda: actions.accept_rules(person=person, key=key, language=language, at=at), done)
        return redirect("home" if made else "acquaintance:rules")
    held = acceptance_of(person, at) if person else None
    context = {"reading": reading_of(request, at), "held": held, "may_accept": person is not None and held is None}
    return render(request, "acquaintance/rules.html", context)


@require_GET
@requires(Right.ACQUAINTANCE_SHEET_RECORD)
def circle_list(request: HttpRequest) -> HttpResponseBase:
    """Classes, staff and guests with how many have accepted; a class teacher sees the own class."""
    person, at = actor_of(request), clock.utc_now()
    own = [one for one in circles(at) if holds_for_class(person, Right.ACQUAINTANCE_SHEET_RECORD, at, one.school_class)]
    counted = [(one, one.members(at).count(), one.missing(at).count()) for one in own]
    return render(request, "acquaintance/circles.html", {"circles": counted, "rules": rules_at(at)})


@require_GET
@requires(Right.ACQUAINTANCE_SHEET_RECORD)
def circle_page(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Who of a circle has accepted, how and when, and who has not; its sheets."""
    circle, at = known(slug), clock.utc_now()
    demand_for_class(actor_of(request), Right.ACQUAINTANCE_SHEET_RECORD, at, circle.school_class)
    current = rules_at(at)
    held = standing(at, current.id).filter(person__in=circle.members(at)).select_related("person", "sheet")
    sheets = Sheet.objects.filter(group=circle.group, school_class=circle.school_class).select_related("text")
    context = {
        "circle": circle,
        "missing": circle.missing(at),
        "held": held.order_by("person__surname", "person__given_name"),
        "sheets": [(one, one.text.key == current.id) for one in sheets[:10]],
    }
    return render(request, "acquaintance/circle.html", context)


@require_POST
@requires(Right.ACQUAINTANCE_SHEET_RECORD)
def make_sheet(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A sheet for those who are missing, ready to print."""
    circle, at, by = known(slug), clock.utc_now(), actor_of(request)
    done = _("The sheet is ready. Print it, have it signed, then record here who signed.")
    made = attempt(request, lambda: actions.make_sheet(circle=circle, by=by, at=at), done)
    return redirect("acquaintance:sheet", made.year, made.number) if made else redirect("acquaintance:circle", slug)


def known(slug: str) -> Circle:
    """The circle of an address."""
    circle = circle_of(slug)
    if circle is None:
        raise Http404(slug)
    return circle


@require_http_methods(["GET", "POST"])
@requires(Right.ACQUAINTANCE_SHEET_RECORD)
def sheet_page(request: HttpRequest, year: int, number: int) -> HttpResponseBase:
    """A sheet: to print, to record who signed, and what was recorded."""
    at, by = clock.utc_now(), actor_of(request)
    sheet = get_object_or_404(Sheet.objects.select_related("school_class", "text"), year=year, number=number)
    demand_for_class(by, Right.ACQUAINTANCE_SHEET_RECORD, at, sheet.school_class)
    form = RecordForm(request.POST or None, sheet=sheet, day=school_day(at))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        attempt(request, lambda: actions.record_sheet(sheet=sheet, **data, by=by, at=at), _("The sheet is recorded."))
        return redirect("acquaintance:sheet", year, number)
    return render(
        request, "acquaintance/sheet.html", sheet_context(sheet, form, is_current=rules_at(at).id == sheet.text.key)
    )


def sheet_context(sheet: Sheet, form: RecordForm, *, is_current: bool) -> dict[str, object]:
    """A sheet with its lines: each name with what was recorded of it."""
    recorded = {one.person.public_id: one for one in sheet.acquaintances.select_related("person")}
    circle = Circle(sheet.group, sheet.school_class)
    lines = [(one["name"], recorded.get(one["id"])) for one in sheet.people]
    return {"sheet": sheet, "form": form, "lines": lines, "circle": circle, "is_current": is_current}


@require_POST
@requires(Right.ACQUAINTANCE_SHEET_RECORD)
def withdraw(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take back a line that was recorded by mistake."""
    found = Acquaintance.objects.exclude(sheet=None).select_related("sheet")
    line, at, by = get_object_or_404(found, pk=pk), clock.utc_now(), actor_of(request)
    reason = asked.text(request.POST, "reason", 200)
    attempt(
        request,
        lambda: actions.withdraw_acquaintance(acquaintance=line, reason=reason, by=by, at=at),
        _("The line is taken back."),
    )
    sheet = line.sheet
    return redirect("acquaintance:sheet", sheet.year, sheet.number) if sheet else redirect("acquaintance:circles")
