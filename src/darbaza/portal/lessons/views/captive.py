"""The captive page: a student signs in at a device of the lesson's room. No script, no cookie but the form's own."""

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.acquaintance import actions as acquaintance
from darbaza.portal.acquaintance.in_force import acceptance_of
from darbaza.portal.acquaintance.reading import Reading, reading_of
from darbaza.portal.addresses import device_address
from darbaza.portal.council.inspections import on_device
from darbaza.portal.lessons import limits, live, seating, words
from darbaza.portal.lessons.devices import device_of
from darbaza.portal.lessons.models import Binding, Pause, SupervisedSession
from darbaza.portal.people import pins
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import person_of
from darbaza.portal.rooms.models import Device, DeviceKind
from darbaza.portal.rooms.sightings import HELP, at_address
from darbaza.portal.school_time import school_day

LONGEST_FIELD = 64
LOOK_AGAIN_SECONDS = "5"
"""How soon the page of somebody who is paused looks again by itself; nothing on it is lost by that."""

OPENS_WITHIN, OPENS_LOOK = 1.0, 0.05
"""Seconds for which a sign-in's answer waits for the boxes, and how often it looks."""

OPENING, OPENING_SECONDS = "step", "1"
"""What of the address says up to which change the boxes have to be told, and how soon such a page looks again."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the page knows of the device in front of it."""

    device: Device | None
    session: SupervisedSession | None = None
    binding: Binding | None = None


def place_of(request: HttpRequest, at: datetime) -> Place:
    """The device behind a request, the lesson in its room, and who is signed in."""
    device = device_of(request)
    if device is None:
        return Place(None)
    return Place(device, seating.session_of(device, at), seating.binding_of(device, at))


@never_cache
@require_http_methods(["GET", "POST"])
def captive(request: HttpRequest) -> HttpResponseBase:
    """Class, name, PIN; or who is signed in and for how long; or why nobody can sign in."""
    at = clock.utc_now()
    place = place_of(request, at)
    if request.method == "GET":
        return page(request, place, at)
    try:
        _sign_in(request, place, at)
    except ActRefusedError as refused:
        return page(request, place, at, refused=refused)
    return _opened()


def _opened() -> HttpResponseBase:
    """To the page once every box knows who sits here, so that "you have access" is true when it is read."""
    number, until = live.sequence(), time.monotonic() + OPENS_WITHIN
    while not live.is_taken(number, clock.utc_now()):
        if time.monotonic() > until:
            return redirect(f"{reverse('captive')}?{OPENING}={number}")
        time.sleep(OPENS_LOOK)
    return redirect("captive")


def _is_opening(request: HttpRequest, binding: Binding | None, at: datetime) -> bool:
    """Whether a box has not yet taken the sign-in after which this page was asked for."""
    number = asked.text(request.GET, OPENING, 18)
    return binding is not None and number.isdecimal() and not live.is_taken(int(number), at)


def _sign_in(request: HttpRequest, place: Place, at: datetime) -> None:
    """By the form's name and PIN; at a staff device for the member of staff who has signed in to the portal."""
    person = person_of(request)
    if place.device is None:
        return
    if place.device.kind == DeviceKind.STAFF:
        if person is not None:
            leaves = asked.text(request.POST, "leave") == "others"
            seating.sign_in_staff(device=place.device, person=person, at=at, leaves_others=leaves)
        return
    name, pin = asked.text(request.POST, "student"), asked.text(request.POST, "pin")
    student = Person.objects.filter(public_id=name, kind=PersonKind.STUDENT).first()
    seating.sign_in(device=place.device, student=student, pin=pin, at=at)


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponseBase:
    """Whoever sits at this device signs out."""
    device = device_of(request)
    if device is not None:
        seating.sign_out(device=device, at=clock.utc_now())
    return redirect("captive")


@never_cache
@require_POST
def accept(request: HttpRequest) -> HttpResponseBase:
    """Whoever is signed in at this device accepts the rules that they have read (2.12)."""
    at = clock.utc_now()
    place = place_of(request, at)
    if place.binding is None:
        return redirect("captive")
    key, language = asked.text(request.POST, "text", 80), (get_language() or "ky")[:2]
    try:
        acquaintance.accept_rules(person=place.binding.person, key=key, language=language, at=at)
    except ActRefusedError as refused:
        return page(request, place, at, refused=refused)
    return _opened()


@never_cache
@require_http_methods(["GET", "POST"])
def card(request: HttpRequest, token: str) -> HttpResponseBase:
    """A student's card was read at this device: who it is, and a button; or the sign-in itself."""
    at = clock.utc_now()
    place, student = place_of(request, at), pins.person_of_card(token[:LONGEST_FIELD])
    if request.method == "GET":
        return page(request, place, at, card=student, token=token)
    if place.device is not None:
        try:
            seating.sign_in_by_card(device=place.device, token=token[:LONGEST_FIELD], at=at)
        except ActRefusedError as refused:
            return page(request, place, at, refused=refused)
    return _opened()


def page(
    request: HttpRequest, place: Place, at: datetime, refused: ActRefusedError | None = None, **more: Any
) -> HttpResponse:
    """The page for a place; refusals answer 403, so that a script sees what a person reads."""
    session, binding = place.session, place.binding
    pause, reading = _pause(session, binding, at), _reading(request, binding, at)
    address = device_address(request)
    sighting = at_address(address)
    away = session is not None and binding is not None and session.lease_until <= at
    limit = limits.remaining(binding, at) if session else None
    opening = _is_opening(request, binding, at)
    context = {
        "away": away,
        "opening": opening,
        "limit": limit,
        "address": address,
        "doubt": sighting,
        "inspection": on_device(place.device, at),
        "doubt_help": HELP[sighting.doubt] if sighting else "",
        "device": place.device,
        "is_staff_device": place.device is not None and place.device.kind == DeviceKind.STAFF,
        "session": session,
        "binding": binding,
        "pause": pause,
        "elsewhere": _elsewhere(request, place),
        "taken": seating.taken_elsewhere(place.device, session, at)
        if place.device and session and not binding
        else None,
        "reading": reading,
        "classes": _names(session, at) if session and not binding else [],
        "minutes_left": _minutes(limit.until if limit else session.ends, at) if session else 0,
        "chosen": request.POST.get("student", ""),
        "refused": refused,
        "words": words.words_for(binding, at),
        "days": settings.VERDICT_LOG_DAYS,
        **more,
    }
    answer = render(request, "lessons/captive.html", context, status=403 if refused else 200)
    if (away or pause) and request.method == "GET":
        answer["Refresh"] = LOOK_AGAIN_SECONDS
    elif opening:
        answer["Refresh"] = OPENING_SECONDS
    elif limit is not None and not limit.is_over and request.method == "GET":
        answer["Refresh"] = str(_seconds_to_notice(limit, at))
    return answer


def _seconds_to_notice(limit: limits.Remaining, at: datetime) -> int:
    """When the page of somebody whose time is limited says something else: shortly before the end, and at it."""
    then = limit.until if limit.is_near else limit.until - limits.NEAR
    return max(int(LOOK_AGAIN_SECONDS), int((then - at).total_seconds()) + 1)


@never_cache
@require_GET
def words_here(request: HttpRequest) -> HttpResponse:
    """What the supervisor told whoever is signed in at this device: a fragment that asks again by itself."""
    at = clock.utc_now()
    device = device_of(request)
    binding = seating.binding_of(device, at) if device is not None else None
    return render(request, "lessons/_words.html", {"words": words.words_for(binding, at)})


def _names(session: SupervisedSession, at: datetime) -> list[tuple[str, list[Person]]]:
    """The students who may sign in, by class."""
    return [(one.name, list(one.students_on(school_day(at)))) for one in session.admitted]


def _pause(session: SupervisedSession | None, binding: Binding | None, at: datetime) -> Pause | None:
    if session is None or binding is None:
        return None
    return session.pauses.filter(student=binding.person, lifted__isnull=True, until__gt=at).first()


def _reading(request: HttpRequest, binding: Binding | None, at: datetime) -> Reading | None:
    """The rules to read, for whoever is signed in and has not accepted them (2.12)."""
    if binding is None or acceptance_of(binding.person, at) is not None:
        return None
    return reading_of(request, at)


def _elsewhere(request: HttpRequest, place: Place) -> list[Binding]:
    """Where a member of staff at a staff device is signed in, if that is as many computers as one person needs."""
    person = person_of(request)
    is_free = place.device is not None and place.device.kind == DeviceKind.STAFF and place.binding is None
    held = seating.held_by(person) if is_free and person is not None else []
    return held if len(held) >= seating.AT_ONCE else []


def _minutes(until: datetime, at: datetime) -> int:
    """Whole minutes left, at least one while any time is left."""
    return max(1, int((until - at).total_seconds()) // 60)


@require_GET
def captive_state(request: HttpRequest) -> HttpResponseBase:
    """RFC 8908's facts about this device: whether it is captive, where to sign in, how long access lasts."""
    at = clock.utc_now()
    place = place_of(request, at)
    binding = place.binding
    free = (
        binding is not None
        and (place.session is not None or binding.session_id is None)
        and acceptance_of(binding.person, at) is not None
    )
    facts: dict[str, object] = {
        "captive": not free,
        "user-portal-url": request.build_absolute_uri("/kirish/"),
        "can-extend-session": False,
    }
    if free and place.session is not None and place.binding is not None and place.binding.session_id is not None:
        limit = limits.remaining(place.binding, at)
        ends = min(place.session.ends, limit.until) if limit else place.session.ends
        facts["seconds-remaining"] = max(0, int((ends - at).total_seconds()))
    return HttpResponse(json.dumps(facts), content_type="application/captive+json")
