"""Signed forms are entered from paper: a pile of a class by keyboard, or one form."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.consents import actions, risks
from darbaza.portal.consents.actions import Paper, Term, Told, Who
from darbaza.portal.consents.asked import UNDERSTOOD, parts, ticks_of
from darbaza.portal.consents.forms import EntryForm, RowForm, TermForm
from darbaza.portal.consents.models import PaperSet, RiskText, ScannedPage, Statement
from darbaza.portal.consents.standing import Circle, lifting_nothing
from darbaza.portal.consents.views import draft_of, number, to_person
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, actor_of, holders, requires
from darbaza.portal.school_time import day_begins, school_day


@dataclass(frozen=True, slots=True)
class Pile:
    """What is entered at once: whose forms, of which text and term, and the set that they were printed in."""

    people: list[Person]
    risks: RiskText
    term: Term
    paper_set: PaperSet | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the request says of a pile: the common form, and a row for each person."""

    form: EntryForm
    rows: list[tuple[Person, RowForm]]

    def is_valid(self) -> bool:
        """Whether all of it can be read; every form is looked at, so that all faults are shown together."""
        return all([self.form.is_valid(), *(row.is_valid() for _person, row in self.rows)])


def entry_of(request: HttpRequest, pile: Pile, by: Person, at: datetime) -> Entry:
    """The forms, filled with what was sent."""
    data = request.POST if request.method == "POST" else None
    explainers = Person.objects.filter(pk__in=holders(Right.CONSENTS_CONSENT_RECORD, at))
    form = EntryForm(data, explainers=explainers, day=school_day(at), by=by)
    return Entry(form, [(one, RowForm(data, prefix=f"p{one.pk}")) for one in pile.people])


def recorded(request: HttpRequest, pile: Pile, entry: Entry, by: Person, at: datetime) -> list[Statement] | None:
    """Enter what was typed, all or nothing; a row that cannot be read bears the fault."""
    papers = _papers(entry)
    if papers is None:
        return None
    data = entry.form.cleaned_data
    told = Told(pile.risks, data["explained_by"], day_begins(data["explained_on"]), data["language"])
    made = attempt(
        request,
        lambda: actions.record_papers(
            papers=papers, told_=told, term=pile.term, paper_set=pile.paper_set, by=by, at=at
        ),
        _("The forms are entered."),
    )
    if upheld := lifting_nothing(made or (), at):
        message = _(
            "%(names)s: the same person refused or withdrew on the day of the form or later, so the form changes "
            "nothing. If it was signed after that, strike the earlier answer out, with that as the reason."
        )
        messages.warning(request, message % {"names": ", ".join(one.person.full_name for one in upheld)})
    return made


def _papers(entry: Entry) -> list[Paper] | None:
    """The forms that came back; None if a row cannot be read."""
    papers, is_whole = [], True
    for person, row in entry.rows:
        try:
            ticks = ticks_of(row.cleaned_data["ticked"])
        except ActRefusedError as refused:
            row.add_error("ticked", str(refused))
            is_whole = False
            continue
        relation, name = row.cleaned_data["relation"], row.cleaned_data["name"]
        if ticks is not None:
            who = Who() if relation == "own" else Who(relation, name)
            papers.append(Paper(person, who, ticks, entry.form.cleaned_data["signed_on"]))
            if who.relation and not who.name.strip():
                row.add_error("name", _("Type the name beside the signature."))
                is_whole = False
    return papers if is_whole else None


@require_http_methods(["GET", "POST"])
@requires(Right.CONSENTS_CONSENT_RECORD)
def set_page(request: HttpRequest, year: int, number: int) -> HttpResponseBase:
    """Forms on paper of a class: to print, to enter what came back, with the scans."""
    at, by = clock.utc_now(), actor_of(request)
    found = PaperSet.objects.select_related("school_class", "risks", "made_by")
    made = get_object_or_404(found, year=year, number=number)
    pile = Pile(people_of(made), made.risks, Term(made.first_day, made.last_day), made)
    entry = entry_of(request, pile, by, at)
    if request.method == "POST" and entry.is_valid() and recorded(request, pile, entry, by, at) is not None:
        return redirect("consents:set", year, number)
    pages = list(made.pages.filter(scan__withdrawn_at__isnull=True).select_related("scan", "other_set__school_class"))
    entered = {one.person_id: one for one in made.statements.order_by("pk")}
    placed: dict[int, list[ScannedPage]] = {}
    for one in pages:
        if one.person_id:
            placed.setdefault(one.person_id, []).append(one)
    context = {
        "set": made,
        "entry": entry,
        "parts": parts(),
        "last": UNDERSTOOD,
        "rows": [(one, row, entered.get(one.pk), placed.get(one.pk, [])) for one, row in entry.rows],
        "unmatched": [one for one in pages if one.is_open],
        "unseen": [one for one in pile.people if one.pk not in placed] if pages else [],
        "twice": [one for one in pile.people if len(placed.get(one.pk, [])) > 1],
        "people": pile.people,
        "slug": Circle(made.school_class).slug,
    }
    return render(request, "consents/set.html", context)


def people_of(made: PaperSet) -> list[Person]:
    """The students of a set in the order of its pages."""
    known = {one.public_id: one for one in Person.objects.filter(public_id__in=[one["id"] for one in made.people])}
    return [known[one["id"]] for one in made.people if one["id"] in known]


@require_http_methods(["GET", "POST"])
@requires(Right.CONSENTS_CONSENT_RECORD)
def paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One form of one person, of whatever set."""
    person, at, by = get_object_or_404(Person, pk=pk), clock.utc_now(), actor_of(request)
    term_form = TermForm(request.POST or None, day=school_day(at))
    term = Term(**term_form.cleaned_data) if request.method == "POST" and term_form.is_valid() else None
    pile = Pile([person], risks.current(at), term or Term(school_day(at), school_day(at)))
    entry = entry_of(request, pile, by, at)
    if term is not None and entry.is_valid() and recorded(request, pile, entry, by, at) is not None:
        return to_person(request, pk)
    context: dict[str, object] = {
        "of": person,
        "entry": entry,
        "term_form": term_form,
        "parts": parts(),
        "last": UNDERSTOOD,
        "draft": draft_of(request),
    }
    context["rows"] = [(one, row, None, []) for one, row in entry.rows]
    return render(request, "consents/paper.html", context)


@require_POST
@requires(Right.CONSENTS_CONSENT_RECORD)
def place_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say whose a scanned page is that bears no code which can be read, or that it is nobody's here."""
    page, at, by = get_object_or_404(ScannedPage, pk=pk), clock.utc_now(), actor_of(request)
    aside = "aside" in request.POST
    person = None if aside else get_object_or_404(Person, pk=number(request.POST, "person"))
    attempt(request, lambda: actions.place_page(page=page, person=person, by=by, at=at), _("The page is placed."))
    return redirect("consents:set", page.paper_set.year, page.paper_set.number)
