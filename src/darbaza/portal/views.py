"""The home page, the icon, the probes, the choice of language, and the error pages."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal import navigation
from darbaza.portal.people import actions
from darbaza.portal.people.rights import duties_of, person_of

FEW = 5


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponseBase:
    """What waits for this person, then the school's state in words."""
    person, at = person_of(request), clock.utc_now()
    if person is None:
        return render(request, "no_person.html", status=403)
    part = navigation.home_of(person, at)
    return render(
        request,
        "home.html",
        {
            "to_do": part.to_do[:FEW],
            "later": part.to_do[FEW:],
            "facts": part.facts,
            "duties": duties_of(person, at),
            "now": at,
        },
    )


@require_GET
def icon(_request: HttpRequest) -> HttpResponseBase:
    """Where the icon is, for what names none of its own: a feed, a picture, a file that the browser shows."""
    return redirect(static("darbaza/favicon.svg"))


@require_GET
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_GET
def readyz(_request: HttpRequest) -> JsonResponse:
    """The database answers, and every migration has been applied."""
    try:
        pending = pending_migrations()
    except DatabaseError:
        return JsonResponse({"database": "down"}, status=503)
    ready = not pending
    return JsonResponse(
        {"database": "up", "migrations": "applied" if ready else "pending"}, status=200 if ready else 503
    )


def pending_migrations() -> int:
    """How many migrations the database still waits for."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language on this browser and, for who is signed in, with the person."""
    language = request.POST.get("language", "")
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = resolve_url("home")
    response = HttpResponse(status=303, headers={"Location": target})
    if language not in dict(settings.LANGUAGES):
        return response
    person = person_of(request)
    if person is not None:
        actions.choose_language(person=person, language=language, at=clock.utc_now())
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not ours, or was left open too long."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
