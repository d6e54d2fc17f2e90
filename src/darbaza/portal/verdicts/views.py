"""Pages of the log: everybody's lines without names, and one student's history with its stated purpose."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from darbaza import clock
from darbaza.portal.attempts import sentence_of
from darbaza.portal.people.models import Enrolment, Person, PersonKind, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, actor_of, demand_for_class, holds, requires
from darbaza.portal.school_time import school_day
from darbaza.portal.verdicts import actions
from darbaza.portal.verdicts.export import csv_lines, pieces
from darbaza.portal.verdicts.filters import Filters, read_filters
from darbaza.portal.verdicts.log import log
from darbaza.portal.verdicts.models import HistoryOpening
from darbaza.portal.verdicts.rows import LoggedVerdict, Page, Position, Question, position
from darbaza.snapshot import wording

PAGE = 100
STATES = {"allow": "ok", "deny": "bad", "ask": "warn"}


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the page shows it, with the addresses of what can be asked about it."""

    row: LoggedVerdict
    outcome: str
    state: str
    sentence: str
    school_class: str
    why: str


def lines_of(rows: tuple[LoggedVerdict, ...]) -> list[Line]:
    """Rows with words in the reader's language, and the class in place of the person."""
    language, classes = get_language() or "ky", classes_of(rows)
    return [
        Line(
            row,
            wording.outcome_text(row.outcome, language),
            STATES.get(row.outcome, "info"),
            wording.sentence(row.message, language),
            classes.get(row.person, ""),
            why_address(row),
        )
        for row in rows
    ]


def classes_of(rows: tuple[LoggedVerdict, ...]) -> dict[str, str]:
    """The class of every student in some rows."""
    people = {row.person for row in rows if row.person}
    found = Enrolment.objects.filter(student__public_id__in=people).select_related("school_class", "student")
    return {one.student.public_id: one.school_class.name for one in found.order_by("since")}


def why_address(row: LoggedVerdict) -> str:
    """Where *Why?* explains a row."""
    return reverse("gateways:why") + "?" + urlencode({"host": row.host, "device": row.device, "at": row.at.isoformat()})


@require_GET
@requires(Right.VERDICTS_LOG_READ)
def log_page(request: HttpRequest) -> HttpResponseBase:
    """The log, newest first, with filters that are links. No names: a child's history has its own door."""
    today = school_day(clock.utc_now())
    filters = read_filters(request.GET, today)
    page = log().ask(replace(filters.question(), limit=PAGE, before=read_position(request)))
    context = {
        "filters": filters,
        "lines": lines_of(page.rows),
        "older": filters.query() + "&" + position_query(page) if page.more else "",
        "export": reverse("verdicts:export") + filters.query(),
        "unreadable": page.unreadable,
        "missing": log().today.damaged(),
        "presets": presets(filters, today),
        "chosen": chosen(filters),
        "classes": SchoolClass.objects.all(),
        "may_open": holds(actor_of(request), Right.VERDICTS_HISTORY_OPEN, clock.utc_now()),
    }
    return render(request, "verdicts/log.html", context)


def presets(filters: Filters, today: date) -> list[tuple[str, str, bool]]:
    """Days and outcomes to choose from: label, address, whether chosen."""
    yesterday, week = today - timedelta(days=1), today - timedelta(days=6)
    days = [(_("Today"), today, today), (_("Yesterday"), yesterday, yesterday), (_("7 days"), week, today)]
    made = [
        (label, filters.query(first=first, last=last), (filters.first, filters.last) == (first, last))
        for label, first, last in days
    ]
    for label, outcome in ((_("All answers"), ""), (_("Refused"), "refused"), (_("Allowed"), "allow")):
        made.append((label, filters.query(outcome=outcome), filters.outcome == outcome))
    return made


def chosen(filters: Filters) -> list[tuple[str, str, str]]:
    """The narrowing filters that stand: name, value, address without it."""
    labels = {
        "host": _("host"),
        "device": _("device"),
        "clause": _("clause"),
        "category": _("category"),
        "session": _("lesson"),
        "reference": _("reference"),
        "school_class": _("class"),
    }
    return [
        (label, _shown(name, getattr(filters, name)), filters.query(**{name: ""}))
        for name, label in labels.items()
        if getattr(filters, name)
    ]


def _shown(name: str, value: str) -> str:
    if name != "school_class":
        return value
    found = SchoolClass.objects.filter(pk=int(value)).first()
    return str(found) if found else value


def read_position(request: HttpRequest) -> Position | None:
    """Where the page before ended, from the address."""
    parts = request.GET.get("before", "").split("~")
    if len(parts) != 4 or not all(part.isdecimal() and len(part) < 19 for part in (parts[0], parts[3])):
        return None
    return int(parts[0]), parts[1], parts[2], int(parts[3])


def position_query(page: Page) -> str:
    """Where this page ends, for the address of the next."""
    return urlencode({"before": "~".join(str(part) for part in position(page.rows[-1]))})


@require_GET
@requires(Right.VERDICTS_LOG_READ)
def export(request: HttpRequest) -> HttpResponseBase:
    """What the page shows, all of it, as CSV."""
    filters = read_filters(request.GET, school_day(clock.utc_now()))
    rows = log().every(filters.question())
    enrolled = Enrolment.objects.select_related("school_class", "student").order_by("since")
    classes = {one.student.public_id: one.school_class.name for one in enrolled}
    response = StreamingHttpResponse(pieces(csv_lines(rows, classes)), content_type="text/csv; charset=utf-8")
    name = f"darbaza-{filters.first}-{filters.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _day_input() -> forms.DateInput:
    """A browser's own choice of a day, which wants ISO dates whatever the language."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class HistoryForm(forms.Form):
    """Whose history, of which days, and why."""

    student = forms.ModelChoiceField(
        Person.objects.filter(kind=PersonKind.STUDENT),
        label=gettext_lazy("Student"),
        to_field_name="public_id",
    )
    first = forms.DateField(label=gettext_lazy("From"), widget=_day_input())
    last = forms.DateField(label=gettext_lazy("To"), widget=_day_input())
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"),
        max_length=200,
        help_text=gettext_lazy("It is recorded with your name, and the student's parents may ask for it."),
    )


@require_http_methods(["GET", "POST"])
@requires(Right.VERDICTS_HISTORY_OPEN)
def open_history(request: HttpRequest) -> HttpResponseBase:
    """Ask for the purpose; then open the history for half an hour."""
    person, at = actor_of(request), clock.utc_now()
    today = school_day(at)
    initial = {"student": request.GET.get("student", ""), "first": today - timedelta(days=6), "last": today}
    form = HistoryForm(request.POST) if request.method == "POST" else HistoryForm(initial=initial)
    field = form.fields["student"]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - it is declared so above
    field.queryset = field.queryset.filter(pk__in=[one.pk for one in openable(person, at)]) if field.queryset else None
    if request.method == "POST" and form.is_valid():
        try:
            opening = actions.open_history(**form.cleaned_data, by=person, at=at)
        except ActRefusedError as refused:
            form.add_error(None, sentence_of(refused))
        else:
            return redirect("verdicts:history", opening.public_id)
    return render(request, "verdicts/open.html", {"form": form}, status=422 if form.errors else 200)


def openable(person: Person, at: datetime) -> list[Person]:
    """The students whose history a person may open."""
    found: list[Person] = []
    for school_class in SchoolClass.objects.all():
        try:
            demand_for_class(person, Right.VERDICTS_HISTORY_OPEN, at, school_class)
        except PermissionError:
            continue
        found += school_class.students_on(school_day(at))
    return found


@require_GET
@requires(Right.VERDICTS_HISTORY_OPEN)
def history(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One student's history: to whoever opened it, for half an hour."""
    at = clock.utc_now()
    opening = get_object_or_404(HistoryOpening.objects.select_related("student", "by"), public_id=public_id)
    if opening.by_id != actor_of(request).pk:
        raise Http404
    if opening.until <= at:
        return render(request, "verdicts/closed.html", {"opening": opening}, status=403)
    question = Question(opening.first, opening.last, persons=(opening.student.public_id,), limit=PAGE)
    page = log().ask(replace(question, before=read_position(request)))
    context = {
        "opening": opening,
        "lines": lines_of(page.rows),
        "older": "?" + position_query(page) if page.more else "",
        "unreadable": page.unreadable,
    }
    return render(request, "verdicts/history.html", context)
