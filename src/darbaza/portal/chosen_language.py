"""Whoever comes from the box's *Why?* in another language goes on in that one."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation


def in_chosen_language(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """The answer, or a redirect that keeps the language named by `lang` for this page and what follows."""
    language = request.GET.get("lang", "")
    if language not in dict(settings.LANGUAGES) or language == translation.get_language():
        return answer
    without = request.GET.copy()
    del without["lang"]
    turned = redirect(f"{request.path}?{without.urlencode()}")
    turned.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", httponly=True)
    return turned
