"""The page of the site on which anybody asks for removal: no account, no cookie."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from darbaza import clock
from darbaza.portal.addresses import asker_of
from darbaza.portal.asked import text
from darbaza.portal.attempts import sentence_of
from darbaza.portal.people.models import Language
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.publications import removals
from darbaza.portal.publications.models import Placement
from darbaza.portal.publications.site import shown


@csrf_exempt  # no session lends its rights here, and the site sets no cookie; see `removals.form_token`
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, language: str) -> HttpResponseBase:
    """The form, and what came of it."""
    with translation.override(language if language in Language.values else "ky"):
        if request.method == "POST":
            return taken(request, language)
        return form(request, language, text(request.GET, "about"))


def form(request: HttpRequest, language: str, about: str, refused: str = "") -> HttpResponse:
    """The form; a refusal loses nothing of what was written."""
    entered = {name: text(request.POST, name, 1000) for name in ("where", "why", "contact")}
    context = {"about": about, "token": removals.form_token(), "refused": refused, **entered}
    return shown(request, language, "site/removal.html", 422 if refused else 200, **context)


def taken(request: HttpRequest, language: str) -> HttpResponse:
    """Note the request and say its number."""
    about = text(request.POST, "about")
    if not removals.is_ours(text(request.POST, "token", 200)):
        return form(request, language, about, _("This form was open too long. Send it again."))
    placement = Placement.objects.filter(publication__public_id=about).first() if about else None
    try:
        made = removals.ask(
            where=text(request.POST, "where", 500),
            why=text(request.POST, "why", 1000),
            contact=text(request.POST, "contact", 200),
            placement=placement,
            at=clock.utc_now(),
            asker=asker_of(request),
        )
    except ActRefusedError as refused:
        return form(request, language, about, sentence_of(refused))
    return shown(request, language, "site/asked.html", number=made.number)
