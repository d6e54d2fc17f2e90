"""Who asks, and in which language they read."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from darbaza.portal.people.models import Person


class PersonMiddleware(MiddlewareMixin):
    """Sets `request.person`: the active person behind the sign-in, or None."""

    def process_request(self, request: HttpRequest) -> None:
        """Look the person up once for the whole request."""
        person = None
        if request.user.is_authenticated:
            person = Person.objects.filter(user=request.user, active=True).first()
        request.person = person  # type: ignore[attr-defined] # Django's way to pass on what middleware found


class LanguageMiddleware(MiddlewareMixin):
    """Activates the language: what was chosen on this browser, else the person's own, else Kyrgyz.

    The browser's own list of languages is not asked: it tells who installed the PC, not who reads.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Choose and activate."""
        person: Person | None = getattr(request, "person", None)
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else (person.language if person else "")
        translation.activate(language or settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language()
