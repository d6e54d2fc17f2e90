"""The list of people and one person's page."""

from collections.abc import Iterable

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.people import actions
from darbaza.portal.people.forms import NewPersonForm, PersonForm, SignInForm
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.school_time import school_day

SHOWN = 200


@require_GET
@requires(Right.PEOPLE_PERSON_READ)
def people_list(request: HttpRequest) -> HttpResponseBase:
    """People by kind and by part of a name."""
    at = clock.utc_now()
    kind = request.GET.get("kind", PersonKind.STAFF)
    kind = kind if kind in PersonKind.values else PersonKind.STAFF
    sought = request.GET.get("q", "").replace("\0", "").strip()
    found = search(Person.objects.filter(kind=kind), sought).select_related("user")
    context = {
        "kind": kind,
        "kinds": PersonKind.choices,
        "q": sought,
        "people": found.order_by("-active", "surname", "given_name")[:SHOWN],
        "count": found.count(),
        "shown": SHOWN,
        "day": school_day(at),
        "at": at,
    }
    return render(request, "people/list.html", context)


def search(people: QuerySet[Person], sought: str) -> QuerySet[Person]:
    """People in whose names or number every word occurs."""
    for word in sought.split()[:5]:
        variants = {word, word.capitalize(), word.lower(), word.upper()}  # SQLite ignores case in ASCII only
        anywhere = Q()
        for variant in variants:
            anywhere |= Q(surname__contains=variant) | Q(given_name__contains=variant)
            anywhere |= Q(patronymic__contains=variant) | Q(register_number=variant)
        people = people.filter(anywhere)
    return people


@require_GET
@requires(Right.PEOPLE_PERSON_READ)
def person_page(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One person: duties with their orders, class, sign-in."""
    shown = get_object_or_404(Person.objects.select_related("user"), public_id=public_id)
    day = school_day(clock.utc_now())
    context = {
        "shown": shown,
        "day": day,
        "appointments": shown.appointments.select_related("school_class").order_by("-since"),
        "enrolment": shown.enrolment_on(day),
        "sign_in_form": SignInForm(),
    }
    return render(request, "people/person.html", context)


@require_http_methods(["GET", "POST"])
@requires(Right.PEOPLE_PERSON_EDIT)
def add(request: HttpRequest) -> HttpResponseBase:
    """Enter a person."""
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        kind = PersonKind(given.pop("kind"))
        person = attempt(
            request,
            lambda: actions.add_person(kind=kind, **given, by=actor_of(request), at=clock.utc_now()),
            _("The person was entered. A duty is given by an order."),
        )
        if person is not None:
            return redirect("people:person", person.public_id)
    return render(request, "people/edit.html", {"form": form})


@require_http_methods(["GET", "POST"])
@requires(Right.PEOPLE_PERSON_EDIT)
def edit(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Correct a person's names."""
    shown = get_object_or_404(Person, public_id=public_id)
    form = PersonForm(request.POST or None, initial={name: getattr(shown, name) for name in PersonForm.base_fields})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        attempt(
            request,
            lambda: actions.rename_person(person=shown, **given, by=actor_of(request), at=clock.utc_now()),
            _("The names were corrected."),
        )
        return redirect("people:person", public_id)
    return render(request, "people/edit.html", {"form": form, "shown": shown})


@require_POST
@requires(Right.PEOPLE_SIGN_IN_GIVE)
def give_sign_in(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Give a sign-in; the first password is shown on this one page."""
    shown = get_object_or_404(Person, public_id=public_id)
    form = SignInForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            show_errors(request, errors)
        return redirect("people:person", public_id)
    given = form.cleaned_data
    password = attempt(
        request,
        lambda: actions.give_sign_in(person=shown, **given, by=actor_of(request), at=clock.utc_now()),
        _("The sign-in was given."),
    )
    return password_page(request, shown, password)


def show_errors(request: HttpRequest, errors: Iterable[object]) -> None:
    """Show a form's errors as messages."""
    for error in errors:
        messages.error(request, str(error))


@require_POST
@requires(Right.PEOPLE_SIGN_IN_GIVE)
def reset_password(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Give a new password; it is shown on this one page."""
    shown = get_object_or_404(Person, public_id=public_id)
    password = attempt(
        request,
        lambda: actions.reset_password(person=shown, by=actor_of(request), at=clock.utc_now()),
        _("The password was changed. The old one no longer works."),
    )
    return password_page(request, shown, password)


def password_page(request: HttpRequest, shown: Person, password: str | None) -> HttpResponseBase:
    """The page that shows a password once, or the person's page if there is none."""
    if password is None:
        return redirect("people:person", shown.public_id)
    return render(request, "people/password.html", {"shown": shown, "password": password})


@require_POST
@requires(Right.PEOPLE_PERSON_EDIT)
def leave(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """A person leaves the school."""
    shown = get_object_or_404(Person, public_id=public_id)
    attempt(
        request,
        lambda: actions.let_leave(person=shown, by=actor_of(request), at=clock.utc_now()),
        _("The person has left the school; nothing is open to them."),
    )
    return redirect("people:person", public_id)


@require_POST
@requires(Right.PEOPLE_PERSON_EDIT)
def come_back(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """A person is at the school again."""
    shown = get_object_or_404(Person, public_id=public_id)
    attempt(
        request,
        lambda: actions.let_return(person=shown, by=actor_of(request), at=clock.utc_now()),
        _("The person is at the school again."),
    )
    return redirect("people:person", public_id)
