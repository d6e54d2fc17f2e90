"""Consents for the staff: classes, a class, a person, protection, the table of ages; and one's own."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal import asked as texts
from darbaza.portal.attempts import attempt
from darbaza.portal.consents import actions, ages, links, risks
from darbaza.portal.consents.actions import Term
from darbaza.portal.consents.asked import REFUSED, parts, ticks_in
from darbaza.portal.consents.forms import AgeForm, AgeRuleForm, TermForm, year_end
from darbaza.portal.consents.models import AgeRule, Link, Protection, Representative, Statement, Whose
from darbaza.portal.consents.standing import Circle, circle_of, circles, class_of, differing, standing_of
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.rights import Right, actor_of, demand_for_class, holds, holds_for_class, requires
from darbaza.portal.school_time import school_day

SPARE_ROWS = 2


def number(form: QueryDict, name: str) -> int:
    """The key that a field bears. Raises `Http404` for anything else."""
    typed = texts.text(form, name, 18)
    if not (typed.isascii() and typed.isdigit()):
        raise Http404(name)
    return int(typed)


@require_GET
@requires(Right.CONSENTS_CONSENT_READ)
def circle_list(request: HttpRequest) -> HttpResponseBase:
    """Classes and the staff, with how many are settled; and whose parents differ."""
    by, at = actor_of(request), clock.utc_now()
    own = [one for one in circles(at) if holds_for_class(by, Right.CONSENTS_CONSENT_READ, at, one.school_class)]
    stood = [(one, one.standing(at)) for one in own]
    counted = [(one, len(stand), sum(not each.is_settled for each in stand)) for one, stand in stood if stand]
    differ = differing(at) if holds(by, Right.CONSENTS_CONSENT_RECORD, at) else []
    return render(request, "consents/circles.html", {"circles": counted, "differ": differ})


def known(request: HttpRequest, slug: str) -> Circle:
    """The circle of an address, to whoever reads its consents."""
    circle = circle_of(slug)
    if circle is None:
        raise Http404(slug)
    demand_for_class(actor_of(request), Right.CONSENTS_CONSENT_READ, clock.utc_now(), circle.school_class)
    return circle


@require_GET
@requires(Right.CONSENTS_CONSENT_READ)
def circle_page(request: HttpRequest, slug: str) -> HttpResponseBase:
    """How it stands with everybody of a class; its forms on paper."""
    circle, at = known(request, slug), clock.utc_now()
    context = {
        "circle": circle,
        "rows": circle.standing(at),
        "sets": circle.sets()[:10],
        "form": TermForm(day=school_day(at)),
    }
    return render(request, "consents/circle.html", context)


@require_POST
@requires(Right.CONSENTS_CONSENT_RECORD)
def make_set(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Forms on paper for a class, ready to print."""
    circle, at, by = known(request, slug), clock.utc_now(), actor_of(request)
    form = TermForm(request.POST, day=school_day(at))
    school_class = circle.school_class
    if school_class is None or not form.is_valid():
        return redirect("consents:circle", slug)
    term = Term(**form.cleaned_data)
    done = _("The forms are ready. Print them; enter here what comes back.")
    made = attempt(request, lambda: actions.make_set(school_class=school_class, term=term, by=by, at=at), done)
    return redirect("consents:set", made.year, made.number) if made else redirect("consents:circle", slug)


def draft_of(request: HttpRequest) -> str:
    """The id of the draft from which somebody came to ask for a consent; empty if they came from elsewhere."""
    asked = texts.text(request.GET, "draft", 32)
    return asked if asked.isascii() and asked.isalnum() else ""


def to_person(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Back to a person's page, from which the way to the draft goes on."""
    draft = draft_of(request)
    return redirect(reverse("consents:person", args=[pk]) + (f"?draft={draft}" if draft else ""))


@require_GET
@requires(Right.CONSENTS_CONSENT_READ)
def person_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything that was said about a person, and what can be done."""
    return render(request, "consents/person.html", _of_person(request, pk))


def _of_person(request: HttpRequest, pk: int) -> dict[str, object]:
    person, at = get_object_or_404(Person, pk=pk), clock.utc_now()
    school_class = class_of(person, at)
    demand_for_class(actor_of(request), Right.CONSENTS_CONSENT_READ, at, school_class)
    said = person.statements.select_related("representative", "risks", "explained_by", "recorded_by", "corrects")
    day = school_day(at)
    return {
        "of": person,
        "circle": Circle(school_class),
        "stands": standing_of([person], at)[0],
        "said": said,
        "links": Link.objects.filter(person=person, closed_at__isnull=True, expires_at__gt=at, paper_set=None),
        "representatives": person.representatives.filter(ended_at__isnull=True),
        "form": TermForm(day=day),
        "age_form": AgeForm(ages=[one.from_age for one in ages.table() if one.from_age], day=day),
        "others": school_class.students_on(day).exclude(pk=pk) if school_class else [],
        "is_student": person.kind == PersonKind.STUDENT,
        "draft": draft_of(request),
    }


@require_POST
@requires(Right.CONSENTS_CONSENT_RECORD)
def make_link(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A personal link, shown once as an address and a QR code to be photographed."""
    person, at, by = get_object_or_404(Person, pk=pk), clock.utc_now(), actor_of(request)
    form = TermForm(request.POST, day=school_day(at))
    if not form.is_valid():
        return to_person(request, pk)
    term, party = Term(**form.cleaned_data), texts.text(request.POST, "party")
    made = attempt(
        request,
        lambda: actions.make_link(person=person, party=party, term=term, by=by, at=at),
        _("The link is ready. Show it to the one person for whom it is."),
    )
    if made is None:
        return to_person(request, pk)
    context = {"link": made[0], "address": made[1], "qr": links.qr_of(made[1]), "draft": draft_of(request)}
    return render(request, "consents/new_link.html", context)


@require_POST
@requires(Right.CONSENTS_CONSENT_RECORD)
def close_link(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Close a link."""
    link, at, by = get_object_or_404(Link, pk=pk), clock.utc_now(), actor_of(request)
    attempt(request, lambda: actions.close_link(link=link, by=by, at=at), _("The link is closed."))
    return to_person(request, link.person_id)


@require_POST
@requires(Right.CONSENTS_CONSENT_RECORD)
def withdraw(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Somebody told the school that they withdraw."""
    found, at, by = get_object_or_404(Statement, pk=pk), clock.utc_now(), actor_of(request)
    done = _("Withdrawn. From now on the school publishes nothing of it.")
    attempt(request, lambda: actions.withdraw(statement=found, by=by, at=at), done)
    return to_person(request, found.person_id)


@require_POST
@requires(Right.CONSENTS_CONSENT_RECORD)
def strike(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Strike a statement out; or, if another person is named, move it there."""
    found, at, by = get_object_or_404(Statement, pk=pk), clock.utc_now(), actor_of(request)
    reason, to = texts.text(request.POST, "reason", 200), texts.text(request.POST, "to")
    other = Person.objects.filter(pk=number(request.POST, "to")).first() if to else None
    if other is None:
        done = _("The statement is struck out.")
        attempt(request, lambda: actions.strike(statement=found, reason=reason, by=by, at=at), done)
    else:
        done = _("The form is moved to the person to whom it belongs.")
        attempt(request, lambda: actions.move(statement=found, to=other, reason=reason, by=by, at=at), done)
    return to_person(request, found.person_id)


@require_POST
@requires(Right.CONSENTS_CONSENT_RECORD)
def end_representative(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Somebody no longer speaks for a student."""
    found, at, by = get_object_or_404(Representative, pk=pk), clock.utc_now(), actor_of(request)
    reason = texts.text(request.POST, "reason", 200)
    attempt(
        request,
        lambda: actions.end_representative(representative=found, reason=reason, by=by, at=at),
        _("Recorded: what they said no longer counts."),
    )
    return to_person(request, found.person_id)


@require_POST
@requires(Right.CONSENTS_CONSENT_RECORD)
def note_age(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A student has reached an age of the table."""
    person, at, by = get_object_or_404(Person, pk=pk), clock.utc_now(), actor_of(request)
    form = AgeForm(request.POST, ages=[one.from_age for one in ages.table() if one.from_age], day=school_day(at))
    if form.is_valid():
        data = form.cleaned_data
        attempt(request, lambda: actions.note_age(person=person, **data, by=by, at=at), _("The age is noted."))
    return to_person(request, pk)


@require_http_methods(["GET", "POST"])
@requires(Right.CONSENTS_PERSON_PROTECT)
def protected(request: HttpRequest) -> HttpResponseBase:
    """Of whom nothing is ever published. Two see this page: the director and whoever is responsible."""
    at, by = clock.utc_now(), actor_of(request)
    if request.method == "POST":
        _change_protection(request, by, at)
        return redirect("consents:protected")
    wanted = texts.text(request.GET, "q").strip()
    held = Protection.objects.filter(until__isnull=True).select_related("person", "set_by")
    found = Person.objects.filter(active=True, surname__istartswith=wanted) if wanted else Person.objects.none()
    shown = [(one, class_of(one, at)) for one in found.exclude(pk__in=held.values("person"))[:20]]
    return render(request, "consents/protected.html", {"held": held, "found": shown, "wanted": wanted})


def _change_protection(request: HttpRequest, by: Person, at: datetime) -> None:
    if "person" in request.POST:
        person = get_object_or_404(Person, pk=number(request.POST, "person"))
        done = _("From now on nothing is published about this person.")
        attempt(request, lambda: actions.protect(person=person, by=by, at=at), done)
    else:
        found = get_object_or_404(Protection, public_id=texts.text(request.POST, "protection"))
        done = _("The protection has ended.")
        attempt(request, lambda: actions.end_protection(protection=found, by=by, at=at), done)


@require_http_methods(["GET", "POST"])
@requires(Right.CONSENTS_AGES_SET)
def age_table(request: HttpRequest) -> HttpResponseBase:
    """The table of ages, to be written anew."""
    at, by = clock.utc_now(), actor_of(request)
    rules = ages.table()
    given = [
        {"from_age": one.from_age, "from_grade": one.from_grade, "whose": one.whose, "source": str(one.source)}
        for one in rules
    ] + [{}] * SPARE_ROWS
    rows = [AgeRuleForm(request.POST or None, prefix=f"r{place}", initial=one) for place, one in enumerate(given)]
    if request.method == "POST" and all(one.is_valid() for one in rows):
        written = [_rule(one.cleaned_data) for one in rows if one.cleaned_data["from_age"] is not None]
        attempt(request, lambda: actions.set_ages(rules=written, by=by, at=at), _("The table is written."))
        return redirect("consents:ages")
    return render(request, "consents/ages.html", {"rows": rows})


def _rule(data: dict[str, object]) -> AgeRule:
    return AgeRule(**{**data, "whose": data["whose"] or Whose.REPRESENTATIVE})


@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponseBase:
    """Staff agree or refuse for themselves (2.15)."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    by, at = actor_of(request), clock.utc_now()
    if request.method == "POST" and _answer_own(request, by):
        return redirect("consents:own")
    text, day = risks.current(at), school_day(at)
    said = list(by.statements.filter(representative=None).select_related("person", "risks", "explained_by"))
    context = {
        "parts": parts(),
        "risks": text,
        "explained": risks.lines_of(text, get_language() or "ky"),
        "last": said[0] if said else None,
        "until": year_end(day),
        "ticked": ticks_in(request.POST),
    }
    return render(request, "consents/own.html", context, status=422 if request.method == "POST" else 200)


def _answer_own(request: HttpRequest, by: Person) -> bool:
    """Do what was pressed; False for an answer that was not taken, whose ticks stay on the page."""
    form, at = request.POST, clock.utc_now()
    if "withdraw" in form:
        found = get_object_or_404(Statement, pk=number(form, "withdraw"), person=by, representative=None)
        done = _("Withdrawn. From now on the school publishes nothing of it.")
        attempt(request, lambda: actions.withdraw(statement=found, by=by, at=at), done)
        return True
    ticks = REFUSED if "refuse" in form else ticks_in(form)
    if "refuse" not in form and not ticks.agrees:
        messages.error(request, _("Choose what may be published, where and for what; or press “I refuse”."))
        return False
    key, language, day = texts.text(form, "risks"), (get_language() or "ky")[:2], school_day(at)
    term = Term(day, year_end(day))
    made = attempt(
        request,
        lambda: actions.answer_for_oneself(ticks=ticks, term=term, language=language, risks_key=key, by=by, at=at),
        _("Your answer is kept.") if ticks.agrees else _("You have refused. It has no consequence."),
    )
    return made is not None
