"""The school's public site: what the door lets stand, and what is public by its nature. No cookies, no sign-in.

Nothing here asks the database for a publication but through the door, and nothing is shown again unasked: a consent
withdrawn is obeyed at the next request. Search engines are asked to keep no copy, which would outlast it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256 as sha256_of
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.functional import Promise
from django.utils.http import quote_etag
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_safe

from darbaza import clock
from darbaza.policy.clauses import CLAUSES
from darbaza.portal.acquaintance.rules import rules_at
from darbaza.portal.asked import text
from darbaza.portal.council.regulation.in_force import texts_of, version_at
from darbaza.portal.people.models import Language
from darbaza.portal.publications import door
from darbaza.portal.publications.markup import html_of
from darbaza.portal.publications.masked import bytes_of
from darbaza.portal.publications.models import Genre
from darbaza.portal.publications.nameless import nameless
from darbaza.portal.school_time import school_day
from darbaza.portal.timetable.week import Week, monday_of, week_from

P = ParamSpec("P")
ON_FRONT, ON_A_PAGE, IN_FEED, IN_SITEMAP = 8, 24, 20, 120
KEPT_BUT_ASKED = "private, no-cache"
"""A browser may keep it, no proxy; and it is asked each time whether it still stands."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the site: its name and what stands in it."""

    name: Promise
    genres: tuple[str, ...]


SECTIONS: dict[str, Section] = {
    "news": Section(_("News"), (Genre.NEWS, Genre.ACHIEVEMENT, Genre.WORK)),
    "events": Section(_("Events"), (Genre.EVENT,)),
    "people": Section(_("People"), (Genre.PERSON,)),
    "documents": Section(_("Documents"), (Genre.DOCUMENT,)),
    "own": Section(_("Own pages"), (Genre.OWN,)),
}

View = Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]


def in_language(view: View[P]) -> View[P]:
    """The view in the language that its address names; another language is no address."""

    @wraps(view)
    def spoken(request: HttpRequest, language: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if language not in Language.values:
            return nothing(request)
        with translation.override(language):
            try:
                return asked_again(request, view(request, language, *args, **kwargs))
            except Http404:
                return nothing(request, language)

    return require_safe(spoken)  # type: ignore[return-value] # addresses give the language by its name


def asked_again(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """What a browser may keep and asks for each time, so that it comes over the line once while it does not change. A
    search engine keeps no copy."""
    if answer.status_code != 200 or not isinstance(answer, HttpResponse):
        return answer
    etag = quote_etag(sha256_of(answer.content).hexdigest())
    answer.headers["Cache-Control"], answer.headers["ETag"] = KEPT_BUT_ASKED, etag
    answer.headers["X-Robots-Tag"] = "noarchive"
    return get_conditional_response(request, etag=etag, response=answer) or answer


def absolute(request: HttpRequest, path: str) -> str:
    """A path of the site as the world names it: under the site's own name, if it has one."""
    return settings.SITE_ADDRESS + path if settings.SITE_ADDRESS else request.build_absolute_uri(path)


def shown(request: HttpRequest, language: str, template: str, status: int = 200, **context: object) -> HttpResponse:
    """A page of the site."""
    everywhere = [(code, name, elsewhere(request, code)) for code, name in settings.LANGUAGES]
    common = {
        "language": language,
        "alternates": [(code, absolute(request, path)) for code, _name, path in everywhere if status == 200],
        "languages": settings.LANGUAGES,
        "sections": SECTIONS.items(),
        "school": settings.SCHOOL,
        "elsewhere": everywhere,
    }
    return render(request, template, common | context, status=status)


def elsewhere(request: HttpRequest, language: str) -> str:
    """The same page in another language."""
    match = request.resolver_match
    if match is None or "language" not in match.kwargs:
        return reverse("site:front", args=[language])
    return reverse(f"site:{match.url_name}", kwargs={**match.kwargs, "language": language})


def nothing(request: HttpRequest, language: str = "ky", **_address: str) -> HttpResponse:
    """The page that says that there is nothing at an address, and no more than that."""
    with translation.override(language):
        return shown(request, language, "site/gone.html", 404)


@require_GET
def entrance(request: HttpRequest) -> HttpResponseBase:
    """The front page in the language that the browser asks for, Kyrgyz otherwise."""
    wanted = translation.get_language_from_request(request)[:2] if "Accept-Language" in request.headers else "ky"
    return redirect("site:front", wanted if wanted in Language.values else "ky")


@in_language
def front(request: HttpRequest, language: str) -> HttpResponseBase:
    """What is new."""
    at = clock.utc_now()
    news = door.newest(SECTIONS["news"].genres, at, ON_FRONT).found
    events = door.coming(SECTIONS["events"].genres, school_day(at), at, ON_FRONT)
    return shown(request, language, "site/front.html", news=news, events=events[:ON_FRONT])


@in_language
def section(request: HttpRequest, language: str, section: str) -> HttpResponseBase:
    """A page of one section; `?than=` a publication's id goes on with what is older."""
    if section not in SECTIONS:
        raise Http404
    than = text(request.GET, "than")
    shows = door.newest(SECTIONS[section].genres, clock.utc_now(), ON_A_PAGE, than)
    if than and not (shows.found or shows.rest):
        raise Http404
    context: dict[str, object] = {"section": SECTIONS[section], "current": section, "than": than}
    context |= {"older": shows.rest, "found": shows.found}
    return shown(request, language, "site/section.html", 200, **context)


@in_language
def page(request: HttpRequest, language: str, public_id: str) -> HttpResponseBase:
    """One publication. What was taken down, or may not stand, is not there; the page says no more than that."""
    found = door.latest_of(public_id, clock.utc_now())
    if found is None:
        raise Http404
    canonical = absolute(request, reverse("site:page", args=[found.content.language, public_id]))
    body = html_of(found.content.body)
    return shown(request, language, "site/page.html", found=found, body=body, canonical=canonical)


@require_safe
def file(request: HttpRequest, public_id: str, sha256: str, name: str) -> HttpResponseBase:
    """A picture or document of what stands now, as it was let out.

    A browser that has it asks each time whether it still stands, and on a weak line gets no byte of it again.
    """
    found = door.latest_of(public_id, clock.utc_now())
    wanted = found.file(sha256, name) if found else None
    data = bytes_of(wanted, found.mask, found.kept(wanted.part)) if found and wanted else None
    if wanted is None or data is None:
        return nothing(request)
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}
    answer = HttpResponse(data, content_type=wanted.media_type, headers=headers)
    if wanted.kind != "picture":
        answer.headers["Content-Disposition"] = "attachment"
    return asked_again(request, answer)


@in_language
def feed(request: HttpRequest, language: str) -> HttpResponseBase:
    """News and events as RSS."""

    def address(name: str, *args: str) -> str:
        return absolute(request, reverse(f"site:{name}", args=[language, *args]))

    made = Rss201rev2Feed(
        title=settings.SCHOOL, link=address("front"), description=str(_("News")), language=language,
        feed_url=address("feed"),
    )  # fmt: skip
    genres = SECTIONS["news"].genres + SECTIONS["events"].genres
    for one in door.newest(genres, clock.utc_now(), IN_FEED).found:
        body, link = str(html_of(one.content.body)), address("page", one.id)
        made.add_item(
            one.content.title, link, body, pubdate=one.placed_at, unique_id=one.id, unique_id_is_permalink=False
        )
    return HttpResponse(made.writeString("utf-8"), content_type="application/rss+xml; charset=utf-8")


@in_language
def regulation(request: HttpRequest, language: str) -> HttpResponseBase:
    """The regulation in force, in the school's own words where it has them, without the names of people (2.16)."""
    at = clock.utc_now()
    version = version_at(at)
    if version is not None:
        own = texts_of(version)
        words = nameless(own.values(), at)
        clauses = [(number, words[text]) for number, text in own.items()]
    else:
        clauses = [(one.number, one.wording.in_language(language)) for one in CLAUSES]
    return shown(request, language, "site/regulation.html", version=version, clauses=clauses)


@in_language
def records(request: HttpRequest, language: str) -> HttpResponseBase:
    """What the school records about its users, as they accept it (2.12)."""
    return shown(request, language, "site/records.html", screens=rules_at(clock.utc_now()).screens(language))


@in_language
def schedule(request: HttpRequest, language: str) -> HttpResponseBase:
    """The schedule of internet use in force this week: hours, classes, rooms. Nobody is named here (2.15)."""
    at = clock.utc_now()
    week = week_from(monday_of(school_day(at)))
    return shown(request, language, "site/schedule.html", week=week, words=nameless(words_in(week), at))


def words_in(week: Week) -> Iterator[str]:
    """What people typed that a week shows: what days off are called, subjects, and rooms."""
    yield from (day.off for day in week.days)
    for row in week.rows:
        for slots in row.days:
            yield from (text for slot in slots for text in (slot.subject, slot.room.name))


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """For search engines: every page in each language, and what stands of the latest publications in its own."""
    names = [("front", ())] + [("section", (one,)) for one in SECTIONS]
    names += [(one, ()) for one in ("schedule", "regulation", "records")]
    paths = [reverse(f"site:{name}", args=[code, *rest]) for name, rest in names for code in Language.values]
    genres = [genre for one in SECTIONS.values() for genre in one.genres]
    found = door.newest(genres, clock.utc_now(), IN_SITEMAP).found
    paths += [reverse("site:page", args=[one.content.language, one.id]) for one in found]
    addresses = [absolute(request, one) for one in paths]
    return render(request, "site/sitemap.xml", {"addresses": addresses}, content_type="application/xml")


@require_safe
def robots(request: HttpRequest) -> HttpResponseBase:
    """For search engines: where the list of pages is, and that nothing else here is for them."""
    allowed = "Allow: /site/\nAllow: /static/\nDisallow: /\n"
    where = absolute(request, reverse("site:sitemap"))
    return HttpResponse(f"User-agent: *\n{allowed}Sitemap: {where}\n", content_type="text/plain; charset=utf-8")
