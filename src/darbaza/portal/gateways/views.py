"""Pages for staff: *Why?*, and how the gateway is."""

from datetime import UTC, datetime, timedelta

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.policy.names import InvalidHost, split_url
from darbaza.portal.attempts import attempt
from darbaza.portal.council.models import UserCategory
from darbaza.portal.gateways import actions, boxes, keys, publish
from darbaza.portal.gateways.explaining import Told, told
from darbaza.portal.gateways.models import Box, SnapshotRevision
from darbaza.portal.gateways.situation import Situation, of_device, supposed
from darbaza.portal.people.rights import Right, actor_of, holds, requires
from darbaza.portal.resources import classify
from darbaza.portal.rooms.models import Device
from darbaza.portal.school_time import school_day, zone
from darbaza.portal.verdicts.log import log
from darbaza.portal.verdicts.rows import LoggedVerdict, Question

DAYS_BACK = 90
LAST_OF_A_MINUTE = timedelta(minutes=1, microseconds=-1)


class WhyForm(forms.Form):
    """What is asked, by whom, when. Everything stands in the address, so that the answer can be passed on."""

    host = forms.CharField(label=gettext_lazy("Address"), max_length=300, required=False)
    device = forms.CharField(label=gettext_lazy("Device"), max_length=45, required=False)
    category = forms.CharField(label=gettext_lazy("Or anybody of"), max_length=32, required=False)
    at = forms.CharField(max_length=40, required=False)
    reference = forms.CharField(label=gettext_lazy("Or the reference of a refusal"), max_length=8, required=False)


@require_GET
@requires(Right.GATEWAYS_VERDICT_EXPLAIN)
def why(request: HttpRequest) -> HttpResponseBase:
    """Why a resource is open or closed: form and answer on one page, with an address that can be passed on."""
    now = clock.utc_now()
    publish.refresh(now)
    form = WhyForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    row = row_of(str(asked.get("reference", "")), now)
    if row is not None:
        asked = {"host": row.host, "device": row.device, "category": "", "at": row.at.isoformat()}
    at = read_instant(str(asked.get("at", "")), now)
    context: dict[str, object] = {
        "asked": asked,
        "at": at,
        "local": at.astimezone(zone()).strftime("%Y-%m-%dT%H:%M"),
        "row": row,
        "unknown_reference": bool(request.GET.get("reference")) and row is None,
        "devices": Device.objects.select_related("seat__room"),
        "categories": UserCategory.objects.all(),
    }
    if asked.get("host"):
        context |= answer(asked, at)
    return render(request, "gateways/why.html", context)


def answer(asked: dict[str, object], at: datetime) -> dict[str, object]:
    """The explanation for the page, or why there is none."""
    try:
        url = split_url(str(asked["host"]).strip())
        resource = classify(url.host.name, url.path if url.path != "/" else "")
    except InvalidHost:
        return {"problem": _("This address can't be read; write it like “sabak.test”.")}
    situation = situation_of(asked, at)
    if situation is None:
        return {"problem": _("No rules were in force at that time.")}
    explained: Told = told(situation, resource, at)
    return {"told": explained, "resource": resource, "situation": situation}


def situation_of(asked: dict[str, object], at: datetime) -> Situation | None:
    """Who asks: the named device as it stood, or anybody of a user category."""
    rulebook = publish.rulebook_at(at)
    if rulebook is None:
        return None
    if device := str(asked.get("device", "")).strip():
        return of_device(device, rulebook, at)
    return supposed(str(asked.get("category", "")) or "students", rulebook, at)


def read_instant(text: str, now: datetime) -> datetime:
    """An instant of the address: aware, or in the school's time; now if it cannot be read, and never later.

    The form knows minutes only, and means all of one: what was decided within it counts.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now
    at = at if at.tzinfo is not None else at.replace(tzinfo=zone())
    if len(text) == len("2026-11-24T08:18"):
        at += LAST_OF_A_MINUTE
    return min(at.astimezone(UTC), now) if at.year > 2000 else now


def row_of(reference: str, now: datetime) -> LoggedVerdict | None:
    """The refusal with a reference, letters and digits that look alike taken for one another."""
    wanted = reference.strip().upper().translate(str.maketrans("OIL", "011"))
    if len(wanted) != 8:
        return None
    today = school_day(now)
    first = today.fromordinal(today.toordinal() - DAYS_BACK)
    rows = log().ask(Question(first, today, reference=wanted, limit=1)).rows
    return rows[0] if rows else None


@require_GET
@requires(Right.GATEWAYS_BOX_READ)
def box_list(request: HttpRequest) -> HttpResponseBase:
    """Is access up? Each box in words, the revision in force, and the log's gaps."""
    now = clock.utc_now()
    publish.refresh(now)
    state, sentence = boxes.access_fact(now)
    context = {
        "boxes": boxes.views(now),
        "state": state,
        "sentence": sentence,
        "revision": SnapshotRevision.objects.order_by("-number").first(),
        "missing": log().today.damaged(),
        "may_enrol": holds(actor_of(request), Right.GATEWAYS_BOX_ENROL, now),
        "keys": keys.in_service(),
        "without": keys.boxes_without(),
    }
    return render(request, "gateways/boxes.html", context)


@require_POST
@requires(Right.GATEWAYS_BOX_ENROL)
def rotate_key(request: HttpRequest) -> HttpResponseBase:
    """Make the next signing key."""
    person, at = actor_of(request), clock.utc_now()
    done = _("A new key signs beside the old one; the gateways take it within a minute.")
    attempt(request, lambda: actions.rotate_key(by=person, at=at), done)
    return redirect("gateways:boxes")


@require_POST
@requires(Right.GATEWAYS_BOX_ENROL)
def retire_key(request: HttpRequest) -> HttpResponseBase:
    """Retire the old signing key; whoever ticked that may do so while a gateway is away."""
    person, at, anyway = actor_of(request), clock.utc_now(), request.POST.get("anyway") == "yes"
    done = _("The old key is destroyed; the new one signs alone.")
    attempt(request, lambda: actions.retire_key(by=person, at=at, anyway=anyway), done)
    return redirect("gateways:boxes")


@require_POST
@requires(Right.GATEWAYS_BOX_ENROL)
def retire(request: HttpRequest, name: str) -> HttpResponseBase:
    """Take a box out of service."""
    box = get_object_or_404(Box, name=name)
    person, at = actor_of(request), clock.utc_now()
    attempt(request, lambda: actions.retire_box(box=box, by=person, at=at), _("The gateway is out of service."))
    return redirect("gateways:boxes")
