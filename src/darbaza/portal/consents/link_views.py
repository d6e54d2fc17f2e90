"""The page behind a personal link, on a parent's phone: what is asked, why it matters, yes, no, and no longer."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from darbaza import clock
from darbaza.portal import asked as texts
from darbaza.portal.addresses import asker_of
from darbaza.portal.attempts import attempt
from darbaza.portal.consents import actions, risks
from darbaza.portal.consents.actions import Who
from darbaza.portal.consents.asked import REFUSED, Ticks, parts, ticks_in
from darbaza.portal.consents.links import is_guessing, link_of
from darbaza.portal.consents.models import As, Link, Relation, Statement
from darbaza.portal.school_time import school_day

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def on_a_phone(view: View[P]) -> View[P]:
    """The view in the language of the reader's telephone, until they choose one here; no search engine keeps it.

    The telephone is their own, as no PC of the school is. One in none of our languages gets Kyrgyz.
    """

    @wraps(view)
    def spoken(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) in dict(settings.LANGUAGES)
        if not chosen and "Accept-Language" in request.headers:
            translation.activate(translation.get_language_from_request(request))
            request.LANGUAGE_CODE = translation.get_language()
        answer = view(request, *args, **kwargs)
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    return spoken  # type: ignore[return-value] # addresses give the secret by its name


def _with_link(request: HttpRequest, secret: str, then: Callable[[Link], HttpResponseBase]) -> HttpResponseBase:
    """What a link opens; or a page that says that there is none, and whom to ask."""
    at = clock.utc_now()
    link = link_of(secret[: texts.LONGEST], at)
    if link is not None:
        return then(link)
    guessing = is_guessing(asker_of(request), at)
    return render(request, "consents/no_link.html", {"guessing": guessing}, status=429 if guessing else 404)


@require_safe
@on_a_phone
def page(request: HttpRequest, secret: str) -> HttpResponseBase:
    """What was said so far, and the form."""
    return _with_link(request, secret, lambda link: _shown(request, secret, link))


def _shown(request: HttpRequest, secret: str, link: Link, status: int = 200) -> HttpResponseBase:
    """The page; what was ticked and written of an answer that was not taken stays in its place."""
    at = clock.utc_now()
    text = risks.current(at)
    said = list(link.statements.select_related("person", "representative", "risks").order_by("-pk"))
    context = {
        "link": link,
        "secret": secret,
        "school_class": link.person.enrolment_on(school_day(at)),
        "parts": parts(),
        "risks": text,
        "explained": risks.lines_of(text, get_language() or "ky"),
        "relations": Relation.choices,
        "is_representative": link.party == As.REPRESENTATIVE,
        "last": said[0] if said else None,
        "earlier": said[1:],
        "ticked": ticks_in(request.POST),
        "relation": texts.text(request.POST, "relation"),
        "name": texts.text(request.POST, "name", 160),
    }
    return render(request, "consents/link.html", context, status=status)


@require_POST
@on_a_phone
def give(request: HttpRequest, secret: str) -> HttpResponseBase:
    """What is ticked is agreed to, the rest refused."""
    ticks = ticks_in(request.POST)
    if ticks.agrees:
        done = _("You have agreed. You can withdraw here at any time.")
        return _with_link(request, secret, lambda link: _answered(request, secret, link, ticks, done))
    messages.error(request, _("Choose what may be published, where and for what; or press “I refuse”."))
    return _with_link(request, secret, lambda link: _shown(request, secret, link, 422))


@require_POST
@on_a_phone
def refuse(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Nothing is agreed to. One press, no reason."""
    done = _("You have refused. It has no consequence for the student.")
    return _with_link(request, secret, lambda link: _answered(request, secret, link, REFUSED, done))


def _answered(request: HttpRequest, secret: str, link: Link, ticks: Ticks, done: str) -> HttpResponseBase:
    who = Who(texts.text(request.POST, "relation"), texts.text(request.POST, "name", 160))
    key, language = texts.text(request.POST, "risks"), (get_language() or "ky")[:2]
    made = attempt(
        request,
        lambda: actions.answer_by_link(
            link=link, who=who, ticks=ticks, language=language, risks_key=key, at=clock.utc_now()
        ),
        done,
    )
    return redirect("consents:link", secret) if made else _shown(request, secret, link, 422)


@require_POST
@on_a_phone
def withdraw(request: HttpRequest, secret: str, pk: int) -> HttpResponseBase:
    """An agreement that was given through this link ends now."""
    return _with_link(request, secret, lambda link: _withdrawn(request, secret, link, pk))


def _withdrawn(request: HttpRequest, secret: str, link: Link, pk: int) -> HttpResponseBase:
    found = Statement.objects.filter(link=link, pk=pk).first()
    if found is None:
        return render(request, "404.html", status=404)
    done = _("Withdrawn. From now on the school publishes nothing of it.")
    attempt(request, lambda: actions.withdraw(statement=found, by=None, at=clock.utc_now()), done)
    return redirect("consents:link", secret)
