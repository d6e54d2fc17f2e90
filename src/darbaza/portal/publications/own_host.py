"""The public site under a name of its own: whoever comes by it finds nothing of the portal but what is for everybody.

That is the site, its styles, and parents' personal links, each of which is opened by its own secret. See ADR 0068.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.http.request import split_domain_port
from django.shortcuts import redirect
from django.utils.deprecation import MiddlewareMixin

from darbaza.portal.publications.site import nothing

FOLDERS = ("/site/", "/makulduk/", f"/{settings.STATIC_URL.strip('/')}/")
PAGES = frozenset({"/favicon.ico", "/language", "/robots.txt"})
"""The icon, the choice of language on a personal link's page, and what search engines may look at."""


class SiteHostMiddleware(MiddlewareMixin):
    """Shuts everything but the public addresses to requests under the site's own name."""

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        """None for what may go on. Raises `DisallowedHost` for a name that is nobody's."""
        host, _port = split_domain_port(request.get_host())
        if not settings.SITE_HOST or host != settings.SITE_HOST:
            return None
        if request.path == "/":
            return redirect("site:entrance")
        if request.path.startswith(FOLDERS) or request.path in PAGES:
            return None
        return nothing(request)
