"""The live console: a page that works as it is, and a stream that keeps it live."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, fields
from datetime import datetime, timedelta

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import close_old_connections, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import sentence_of
from darbaza.portal.audit.actions import record
from darbaza.portal.council.inspections import standing
from darbaza.portal.lessons import actions, handover, live, outages, presence, scenes
from darbaza.portal.lessons.console import (
    Around,
    ConsoleState,
    Tally,
    Told,
    around,
    bell,
    rows_of,
    seats_looked_into,
    state_of,
    state_within,
    students_to_seat,
)
from darbaza.portal.lessons.devices import device_of
from darbaza.portal.lessons.models import Handover, SupervisedSession
from darbaza.portal.lessons.orders import order_of
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, actor_of, holds, person_of, requires, right_missing
from darbaza.portal.rooms import flows
from darbaza.portal.tags import clock_time
from darbaza.portal.verdicts.log import log

TICK = 0.2
"""Seconds between two looks: acts and verdicts of that time reach the console as one update."""
BEAT = timedelta(seconds=4)
"""A sign of life goes out at least so often; a console that misses two says that it has lost its connection."""
MOST_BEAT = timedelta(seconds=20)
FLOW_EVERY = timedelta(seconds=3)
MERGED = timedelta(milliseconds=700)
"""Lines of the log that follow one another reach a console at most so often; acts reach it at the next look."""
LOOKED_AROUND = timedelta(seconds=3)
"""How long what stands around the lesson is taken for so while nobody acts: what boxes see is no act."""
LONGEST_STREAM = timedelta(hours=2)
LONGEST_KEY = 300


@require_GET
@login_required
def console(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The console of one lesson, complete without any script. A look by anybody but its supervisor is recorded."""
    outages.look(clock.utc_now())
    session, person, at = _session(public_id), person_of(request), clock.utc_now()
    if person is None or not actions.may_watch(session, person, at):
        left = handover.passed_on_by(session, person) if person is not None else None
        if left is not None:
            return _to_where_it_went(request, left)
        return right_missing(request, Right.LESSONS_SESSION_WATCH)
    own = session.supervisor_id == person.pk
    counts_not = presence.counts_not_at(device_of(request))
    if not own:
        _record_look(session, person, at)
    elif not counts_not:
        actions.renew_lease(session=session, by=person, at=at)
        session.refresh_from_db()
    tally = Tally(session.public_id)
    tally.catch_up(log().today)
    context = {
        "session": session,
        "state": state_of(session, tally, at),
        "own": own,
        "key": presence.new_console(session, person) if own else "",
        "counts_not": own and counts_not,
        "scenes": scenes.choices(person, at, session.school_class) if own else [],
        "rows": rows_of(session) if own else [],
        "bell": bell(session),
        "to_seat": students_to_seat(session, at) if own else [],
        "may_take_over": not own and handover.may_take_over(session, person, at),
        "may_entrust": holds(person, Right.LESSONS_SESSION_ENTRUST, at),
        "takers": handover.takers(session, at),
        "beat": _beat_seconds(),
        "inspections": standing(at).filter(devices__seat__room=session.room).distinct(),
        "looked_into": seats_looked_into(session, at),
    }
    return render(request, "lessons/console.html", context)


def _to_where_it_went(request: HttpRequest, left: Handover) -> HttpResponseBase:
    """A console that is no longer this person's: who has the lesson now, and since when."""
    said = _("Since %(time)s this lesson is supervised by: %(name)s.")
    messages.info(request, said % {"time": clock_time(left.answered or left.at), "name": left.taker.short_name})
    return redirect("lessons:lessons")


def _beat_seconds() -> int:
    """How often a console says that its supervisor is there: several times within the school's grace (2.9)."""
    return int(min(MOST_BEAT, actions.grace() / 4).total_seconds())


@transaction.atomic
def _record_look(session: SupervisedSession, person: Person, at: datetime) -> None:
    record(act="lessons:session:watch", by=person, at=at, subject=session.public_id)


def _session(public_id: str) -> SupervisedSession:
    found = SupervisedSession.objects.select_related("room", "school_class", "supervisor")
    return get_object_or_404(found, public_id=public_id)


@require_POST
@requires(Right.LESSONS_SESSION_OPEN)
def act(request: HttpRequest, public_id: str, name: str) -> HttpResponseBase:
    """One act of the supervisor, by its name; answers JSON to the console's script and redirects everybody else."""
    session, order = _session(public_id), order_of(name)
    if order is None:
        raise Http404
    wants_json = request.headers.get("Accept") == "application/json"
    try:
        done = order(session=session, form=request.POST, by=actor_of(request), at=clock.utc_now())
    except ActRefusedError as refused:
        return _answer(request, session, sentence_of(refused), ok=False, wants_json=wants_json)
    return _answer(request, session, done, ok=True, wants_json=wants_json)


def _answer(
    request: HttpRequest, session: SupervisedSession, sentence: str, *, ok: bool, wants_json: bool
) -> HttpResponseBase:
    if wants_json:
        return JsonResponse({"ok": ok, "text": sentence}, status=200 if ok else 409)
    if sentence:
        messages.add_message(request, messages.SUCCESS if ok else messages.ERROR, sentence)
    return redirect("lessons:console", session.public_id)


@require_POST
@requires(Right.LESSONS_SESSION_OPEN)
def heartbeat(request: HttpRequest, public_id: str) -> HttpResponse:
    """The supervisor is there: the console says so by itself, several times within the school's grace (2.9)."""
    number = asked.text(request.POST, "number", 18)
    sign = presence.SignOfLife(
        console=asked.text(request.POST, "console", LONGEST_KEY),
        number=int(number) if number.isascii() and number.isdigit() else 0,
        device=device_of(request),
    )
    try:
        presence.take_sign(session=_session(public_id), sign=sign, by=actor_of(request), at=clock.utc_now())
    except ActRefusedError:
        return HttpResponse(status=409)
    return HttpResponse(status=204)


async def stream(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The console as server-sent events: the whole at first, then what changed, merged."""
    if request.method != "GET":
        return HttpResponse(status=405)
    try:
        session, person = await sync_to_async(_watchable)(request, public_id)
    except PermissionError:
        return HttpResponse(status=403)
    if session is None:
        return HttpResponse(status=404)
    seen = seen_before(request.headers.get("Last-Event-ID", ""))
    language = translation.get_language() or "ky"
    response = StreamingHttpResponse(events(session, person, seen, language), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _watchable(request: HttpRequest, public_id: str) -> tuple[SupervisedSession | None, Person]:
    person = person_of(request)
    session = SupervisedSession.objects.filter(public_id=public_id).first()
    if person is None or (session is not None and not actions.may_watch(session, person, clock.utc_now())):
        raise PermissionError(f"lesson `{public_id}` is not for this person")
    return session, person


def seen_before(last_event_id: str) -> int:
    """How many refusals a console that comes back has shown already; -1 for a new one."""
    count = last_event_id.rpartition(".")[2]
    return int(count) if count.isascii() and count.isdigit() and len(count) < 10 else -1


def card_html(card: Told) -> str:
    """One ask as the page shows it; the console's script adds what keeps its form from being forged."""
    return render_to_string(card["template"], {"card": card, "own": True})


class Watch:
    """One console's view of a lesson: what it was last sent, and what is new since."""

    def __init__(self, session: SupervisedSession, person: Person, seen: int, language: str) -> None:
        """The view of `person`, who may watch the lesson; `seen` as `seen_before` gives it."""
        self._pk, self._person, self._language, self._seen = session.pk, person, language, seen
        self._tally = Tally(session.public_id)
        self._sequence = -1
        self._left = False
        self._sent: ConsoleState | None = None
        self._flows: dict[str, int] = {}
        self._flowed: datetime | None = None
        self._around: Around | None = None
        self._told: datetime | None = None
        self._cards: list[dict[str, str]] = []
        self._to_seat: list[list[str]] = []
        self._lists: dict[str, object] = {}
        self._fresh_rows = False

    def look(self, at: datetime) -> str:
        """The next event as text, or nothing if nothing changed."""
        try:
            sequence = self._sequence_at(at)
            acted = sequence != self._sequence or self._ages(at) or self._flow(at)
            self._fresh_rows |= self._tally.catch_up(log().today)
            if not acted and not (self._fresh_rows and self._may_follow(at)):
                return ""
            self._sequence, self._fresh_rows = sequence, False
            with translation.override(self._language):
                return self._event(at, anew=acted)
        finally:
            close_old_connections()

    def _sequence_at(self, at: datetime) -> int:
        """The number of the last change, after time has done its work."""
        outages.look(at)
        head = live.head()
        if head is not None and head.due is not None and head.due <= at and live.expire(at):
            head = live.head()
        return head.sequence if head else 0

    def _may_follow(self, at: datetime) -> bool:
        """Whether lines of the log may make an event: one at once, those that follow merged."""
        return self._told is None or at - self._told >= MERGED

    @property
    def is_over(self) -> bool:
        """Whether the console has been told that the lesson is over, or this person's no more."""
        return self._left or (self._sent is not None and self._sent.over)

    def _ages(self, at: datetime) -> bool:
        """Whether the supervisor's lease has run out since the last event: nobody acts, and yet the screen changes."""
        return self._sent is not None and not self._sent.away and self._sent.lease <= at.timestamp() * 1000

    def _flow(self, at: datetime) -> bool:
        """Whether boxes have counted anew what goes over open connections; looked at every few seconds."""
        if self._flowed is not None and at - self._flowed < FLOW_EVERY:
            return False
        before, self._flows, self._flowed = self._flows, flows.counts(at), at
        return self._flows != before

    def _event(self, at: datetime, *, anew: bool) -> str:
        if anew or self._around is None or at - self._around.at >= LOOKED_AROUND:
            found = SupervisedSession.objects.select_related("room", "school_class", "supervisor")
            session = found.get(pk=self._pk)
            if not actions.may_watch(session, self._person, at):
                self._left = True
                return "event: left\ndata: 1\n\n"
            self._around = around(session, at)
            own = session.supervisor_id == self._person.pk
            shown = [one for one in self._around.asks if own or not one.get("private")]
            self._cards = [{"id": one["id"], "html": card_html(one)} for one in shown]
            self._to_seat = [[one.public_id, str(one)] for one in students_to_seat(self._around.session, at)]
        state = state_within(self._around, self._tally, at)
        body = self._changed(state)
        known = self._sent.refusals if self._sent else self._seen
        body["fresh"] = max(0, state.refusals - known) if known >= 0 else 0
        self._sent = state
        if not anew:
            self._told = at
        return f"id: {self._sequence}.{state.refusals}\nevent: state\ndata: {json.dumps(body, ensure_ascii=False)}\n\n"

    def _changed(self, state: ConsoleState) -> dict[str, object]:
        """What is told: of the seats and lists only those that differ from what was told before."""
        before = {seat.device: seat for seat in self._sent.seats} if self._sent is not None else {}
        seats = [asdict(seat) for seat in state.seats if before.get(seat.device) != seat]
        lists: dict[str, object] = {
            "measures": state.measures,
            "told": state.told,
            "asks": self._cards,
            "to_seat": self._to_seat,
        }
        kept, self._lists = self._lists, lists
        plain = {one.name: getattr(state, one.name) for one in fields(state) if one.name not in {"seats", *lists}}
        return {**plain, "seats": seats, **{name: one for name, one in lists.items() if kept.get(name) != one}}


async def events(session: SupervisedSession, person: Person, seen: int, language: str) -> AsyncIterator[str]:
    """Events until the lesson is over or the stream is old; whoever is still there connects again."""
    watch = Watch(session, person, seen, language)
    begun = quiet_since = clock.utc_now()
    yield "retry: 1000\n\n"
    while (now := clock.utc_now()) - begun < LONGEST_STREAM:
        event = await sync_to_async(watch.look)(now)
        if event:
            quiet_since = now
            yield event
            if watch.is_over:
                return
        elif now - quiet_since >= BEAT:
            quiet_since = now
            yield "event: beat\ndata: 1\n\n"
        await asyncio.sleep(TICK)
