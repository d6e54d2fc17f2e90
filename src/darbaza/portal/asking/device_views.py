"""The page from which a student asks the teacher, and the one on which the answer arrives by itself.

The answer comes by a slow poll of a fragment; without scripts the page asks again by itself, and has a link that does
the same.
"""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from darbaza import clock
from darbaza.policy.verdict import FOR_A_PERMIT
from darbaza.portal import asked
from darbaza.portal.asking import actions
from darbaza.portal.asking.actions import Said
from darbaza.portal.asking.known import known_of
from darbaza.portal.asking.models import AskState, StudentAsk
from darbaza.portal.chosen_language import in_chosen_language
from darbaza.portal.council.targets import read_target
from darbaza.portal.lessons.device_forms import LONGEST, bound_at, number_for, read_number
from darbaza.portal.lessons.devices import device_of
from darbaza.portal.lessons.models import Binding
from darbaza.portal.lessons.words import words_for
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.snapshot import wording

SALT = "darbaza ask"
LONGEST_RESOURCE = 300
OPENS_BY_ITSELF = timedelta(minutes=1)
"""How long after the teacher opened it the page leads there by itself; later it only links, so that *Back* works."""
PAUSE_BEFORE = 3
"""Seconds in which the student reads the answer, and the gate learns of it."""


@never_cache
@require_http_methods(["GET", "POST"])
def ask_page(request: HttpRequest) -> HttpResponseBase:
    """The form for the page that was refused; or the ask itself."""
    at = clock.utc_now()
    device = device_of(request)
    binding = bound_at(device) if device else None
    if request.method == "GET" or device is None or binding is None:
        return in_chosen_language(request, form_page(request, binding, at))
    try:
        made = actions.ask(said=_said(request, binding), device=device, at=at)
    except ActRefusedError as refused:
        return form_page(request, binding, at, refused)
    return redirect("ask-answer", made.card.public_id)


def _said(request: HttpRequest, binding: Binding) -> Said:
    nonce = read_number(asked.text(request.POST, "form", LONGEST), binding, SALT, "2.7")
    resource = asked.text(request.POST, "resource", LONGEST_RESOURCE)
    return Said(nonce, resource, asked.text(request.POST, "text", LONGEST_RESOURCE))


def form_page(
    request: HttpRequest, binding: Binding | None, at: datetime, refused: ActRefusedError | None = None
) -> HttpResponseBase:
    """The form with what is known of the page; the words typed stay if it was refused."""
    filled = request.POST if request.method == "POST" else request.GET
    resource = asked.text(filled, "resource", LONGEST_RESOURCE)
    context = {
        "binding": binding,
        "form": number_for(binding, SALT) if binding else "",
        "resource": resource,
        "text": asked.text(filled, "text", LONGEST_RESOURCE),
        "refused": refused,
        **_told_of(resource, binding, at),
    }
    return render(request, "asking/ask.html", context, status=403 if refused else 200)


def _told_of(resource: str, binding: Binding | None, at: datetime) -> dict[str, object]:
    """Host, sentence and clause of a resource that can be read in an open lesson, and whether it needs a permission."""
    if binding is None or binding.session is None or not resource:
        return {}
    try:
        host, _path = read_target(resource)
    except ActRefusedError:
        return {}
    known = known_of(host, binding.session, at)
    if known.outcome == "allow":
        return {"host": host}
    sentence = wording.sentence(known.message, get_language() or "ky")
    needs_permit = known.message in FOR_A_PERMIT
    return {"host": host, "sentence": sentence, "clause": known.clause, "needs_permit": needs_permit}


@never_cache
@require_GET
def answer(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """What the teacher answered, for whoever asked. Opened a moment ago, it leads there by itself."""
    made, at = _own(request, public_id), clock.utc_now()
    page = render(request, "asking/answer.html", _context(made, at))
    card = made.card
    if is_open(made) and card.answered_at is not None and at - card.answered_at < OPENS_BY_ITSELF:
        page["Refresh"] = f"{PAUSE_BEFORE}; url={made.origin}"
    return page


@never_cache
@require_GET
def answer_now(request: HttpRequest, public_id: str) -> HttpResponse:
    """The answer alone, for the page that asks every few seconds; when it came, the page is shown anew."""
    made, at = _own(request, public_id), clock.utc_now()
    context = _context(made, at)
    fragment = render(request, "asking/_answer.html", context)
    if is_open(made):
        fragment["HX-Refresh"] = "true"
    return fragment


def _own(request: HttpRequest, public_id: str) -> StudentAsk:
    device = device_of(request)
    binding = bound_at(device) if device else None
    found = StudentAsk.objects.select_related(
        "device", "card__session__supervisor", "card__answered_by", "card__measure", "card__proposal", "card__report"
    )
    return get_object_or_404(found, card__public_id=public_id, student=binding.person if binding else None)


def is_open(made: StudentAsk) -> bool:
    """Whether what was asked for is open for the lesson now."""
    card = made.card
    stands = card.measure is not None and card.measure.lifted is None
    return card.state == AskState.ALLOWED and stands


def _context(made: StudentAsk, at: datetime) -> dict[str, object]:
    session = made.card.session
    over = not session.is_open or session.ends <= at
    return {
        "made": made,
        "card": made.card,
        "teacher": session.supervisor.short_name,
        "is_open": is_open(made) and not over,
        "over": over,
        "waits": made.card.state == AskState.WAITING and not over,
        "until": session.ends,
        "words": words_for(bound_at(made.device), at),
    }
