"""What boxes ask and tell, under `/api/gateway/v1/`: state (waiting for news), verdicts, health, the portal's key.

A box shows its token at every request. Errors are JSON with one sentence; a batch of verdicts that leaves a gap is
answered 409 with the number from which to send again.
"""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from darbaza import clock
from darbaza.portal.gateways import carried_out, keys, publish
from darbaza.portal.gateways.actions import token_hash
from darbaza.portal.gateways.models import Box
from darbaza.portal.lessons import doubts, live, outages, timekeeping
from darbaza.portal.rooms import flows
from darbaza.portal.rooms import sightings as rooms
from darbaza.portal.sharing import reading as sharing
from darbaza.portal.verdicts.log import log
from darbaza.portal.verdicts.today import Gap
from darbaza.snapshot.timekeeping import Turn

LONGEST_WAIT = 30.0
POLL = 0.1
MOST_LINES = 2000
LONGEST_LINE = 16 * 1024
LONGEST_FILE_NAME = 100
MOST_HEALTH = 64 * 1024
MOST_BYTES = 16 * 1024 * 1024
SEEN_EVERY = timedelta(seconds=5)

BoxView = Callable[[HttpRequest, Box], Awaitable[JsonResponse]]
AsyncView = Callable[[HttpRequest], Coroutine[Any, Any, HttpResponseBase]]


class BadRequestError(ValueError):
    """A box sent what it should not; the message says what, and the box's log shows it."""


class Numbers(NamedTuple):
    """Where the portal stands: the latest revision of the rulebook and the latest sequence of the presence."""

    revision: int
    sequence: int


def box_view(method: str) -> Callable[[BoxView], AsyncView]:
    """A view for one method that needs a box's token; broken input becomes 400."""

    def decorate(view: BoxView) -> AsyncView:
        @csrf_exempt  # a token in a header is no cookie: no browser sends it for another site
        async def guarded(request: HttpRequest) -> HttpResponseBase:
            if request.method != method:
                return refusal(405, f"use {method}")
            box = await sync_to_async(box_of)(request)
            if box is None:
                return refusal(401, "no enrolled box has this token; run `enrol_box` and give the box the new one")
            try:
                return await view(request, box)
            except BadRequestError as error:
                return refusal(400, str(error))

        return guarded

    return decorate


def refusal(status: int, sentence: str) -> JsonResponse:
    """An error as boxes read it."""
    return JsonResponse({"error": sentence}, status=status)


def box_of(request: HttpRequest) -> Box | None:
    """The enrolled box whose token a request shows, noted as seen."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    box = Box.objects.filter(token_hash=token_hash(token.strip()), retired_at__isnull=True).first()
    now = clock.utc_now()
    if box is not None and (box.last_seen is None or now - box.last_seen > SEEN_EVERY):
        outages.look(now)
        if box.last_seen is not None:
            outages.box_returns(box=box.name, heard=box.last_seen, at=now)
        Box.objects.filter(pk=box.pk).update(last_seen=now)
    return box


@box_view("GET")
async def state(request: HttpRequest, box: Box) -> JsonResponse:
    """The snapshot and the presence that the box has not; waits up to `wait` seconds for one of them to change."""
    known = Numbers(number(request, "revision"), number(request, "sequence"))
    await sync_to_async(carried_out.note)(box, known.revision, known.sequence, clock.utc_now())
    keyrings = await sync_to_async(keyrings_for)(box, number(request, "keys")) if "keys" in request.GET else []
    if keyrings:
        return JsonResponse(await sync_to_async(news_with_keys)(known, keyrings, clock.utc_now()))
    wait = min(float(number(request, "wait")), LONGEST_WAIT)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait
    while True:
        current = await sync_to_async(look)(clock.utc_now())
        if current.revision > known.revision or current.sequence > known.sequence or loop.time() >= deadline:
            return JsonResponse(await sync_to_async(news)(known, current, clock.utc_now()))
        await asyncio.sleep(POLL)


def number(request: HttpRequest, name: str) -> int:
    """A whole number of the query, 0 if absent."""
    text = request.GET.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadRequestError(f"`{name}` is `{text[:30]}`; give a whole number")
    return int(text)


def look(at: datetime) -> Numbers:
    """Let time do its work, then tell where the portal stands. Cheap: a waiting box asks ten times a second."""
    timekeeping.look(at, clock.since_boot())
    outages.look(at)
    live.expire(at)
    head = live.head()
    return Numbers(publish.refresh(at), head.sequence if head else 1)


def news(known: Numbers, current: Numbers, at: datetime) -> dict[str, object]:
    """What a box lacks, signed; what it has is null."""
    snapshot = presence = None
    if current.revision > known.revision:
        snapshot = base64.b64encode(publish.sealed_snapshot(current.revision)).decode()
    sequence = current.sequence
    if current.sequence > known.sequence:
        sequence, sealed = publish.sealed_presence(at)
        presence = base64.b64encode(sealed).decode()
    return {"revision": current.revision, "sequence": sequence, "snapshot": snapshot, "presence": presence}


def keyrings_for(box: Box, known: int) -> list[str]:
    """The changes of keys that a box has not, and a note of which it has."""
    if box.keyring != known:
        Box.objects.filter(pk=box.pk).update(keyring=known)
    return [base64.b64encode(change).decode() for change in keys.changes_after(known)]


def news_with_keys(known: Numbers, keyrings: list[str], at: datetime) -> dict[str, object]:
    """Changes of keys with all that is in force, signed anew: what the box has may be signed by a key retired since."""
    told = news(known, look(at), at)
    if told["snapshot"] is None:
        told["snapshot"] = base64.b64encode(publish.sealed_snapshot(publish.latest_number())).decode()
    if told["presence"] is None:
        told["sequence"], sealed = publish.sealed_presence(at)
        told["presence"] = base64.b64encode(sealed).decode()
    return {**told, "keyrings": keyrings}


@box_view("POST")
async def verdicts(request: HttpRequest, box: Box) -> JsonResponse:
    """A batch of the box's spool: stored once, in order, and acknowledged when it is safe on disk."""
    body = json_object(request)
    file, first, lines = batch_of(body)
    outcome = await sync_to_async(log().append)(box.name, file, first, lines)
    if isinstance(outcome, Gap):
        sentence = f"lines `{outcome.expected}` to `{first - 1}` of `{file}` are missing; send from `expected` on"
        return JsonResponse({"error": sentence, "file": file, "expected": outcome.expected}, status=409)
    return JsonResponse({"file": file, "acked": outcome.acked})


def batch_of(body: dict[str, Any]) -> tuple[str, int, list[str]]:
    """File, first number and lines of a batch, checked."""
    file, first, lines = body.get("file"), body.get("first"), body.get("lines")
    if not isinstance(file, str) or not 0 < len(file) <= LONGEST_FILE_NAME or not file.isprintable():
        raise BadRequestError("`file` must name a spool file")
    if not isinstance(first, int) or isinstance(first, bool) or first < 1:
        raise BadRequestError("`first` must be a whole number from 1")
    if not isinstance(lines, list) or len(lines) > MOST_LINES:
        raise BadRequestError(f"`lines` must be a list of at most {MOST_LINES} lines")
    if not all(isinstance(line, str) and len(line) <= LONGEST_LINE for line in lines):
        raise BadRequestError(f"each of `lines` must be a text of at most {LONGEST_LINE} characters")
    return file, first, lines


def json_object(request: HttpRequest) -> dict[str, Any]:
    """The body of a request as a JSON object. Read by itself: a full batch of hostile hosts is larger than a form."""
    raw = request.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise BadRequestError(f"a request has at most {MOST_BYTES} bytes")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadRequestError("the body is not JSON") from error
    if not isinstance(body, dict):
        raise BadRequestError("the body must be a JSON object")
    return body


@box_view("POST")
async def health(request: HttpRequest, box: Box) -> JsonResponse:
    """What a box says of itself: its engines, lists and versions."""
    body = json_object(request)
    if len(json.dumps(body)) > MOST_HEALTH:
        raise BadRequestError(f"a report of health has at most {MOST_HEALTH} bytes")
    await sync_to_async(take_health)(box, body, clock.utc_now())
    return JsonResponse({"ok": True})


def take_health(box: Box, body: dict[str, Any], at: datetime) -> None:
    """Keep the report; that the box's clock jumped, or is trusted again, is an entry of the audit."""
    flows.take(box.name, body.pop("open", None), at)
    before, now = jump_in(box.health), jump_in(body)
    with transaction.atomic():
        Box.objects.filter(pk=box.pk).update(health=body, health_at=at)
        if bool(before) != bool(now):
            turn = Turn(is_trusted=not now, seconds=now or before)
            timekeeping.note_turn(turn=turn, subject=box.name, at=at)


def jump_in(health: dict[str, Any]) -> float:
    """By how many seconds a box says that its wall clock is not trusted, 0 where it is."""
    told = health.get("clock")
    jump = told.get("jump") if isinstance(told, dict) else 0
    return jump if isinstance(jump, int) else 0


@box_view("POST")
async def sightings(request: HttpRequest, box: Box) -> JsonResponse:
    """The devices without identity that a box sees now, and the sign-ins that it found void."""
    body = json_object(request)
    devices, void = body.get("devices"), body.get("void", [])
    if not isinstance(devices, list) or not isinstance(void, list) or max(len(devices), len(void)) > rooms.MOST:
        raise BadRequestError(f"`devices` and `void` must be lists of at most {rooms.MOST}")
    at = clock.utc_now()
    try:
        seen = [rooms.read(one, at) for one in devices]
        voided = [(str(one["device"]), datetime.fromisoformat(str(one["since"]))) for one in void]
    except (rooms.BadSightingError, KeyError, TypeError, ValueError) as error:
        raise BadRequestError(f"the report can't be read: {error}") from error
    ended = await sync_to_async(take_sightings)(box.name, seen, voided, at)
    return JsonResponse({"ok": True, "ended": ended})


def take_sightings(box: str, seen: list[rooms.Seen], void: list[tuple[str, datetime]], at: datetime) -> int:
    """Keep the report, take the void sign-ins back, and let consoles look anew where something changed."""
    before = rooms.departed_of(box)
    changed = rooms.take(box, seen)
    sharing.look(seen, at)
    now = rooms.departed_of(box)
    doubts.note_departures(left=now - before, back=before - now, box=box, at=at)
    if not changed and not void:
        return 0
    return doubts.take_back(void=void, doubts={one.address: one.doubt.value for one in seen}, box=box, at=at)


@box_view("GET")
async def key(_request: HttpRequest, _box: Box) -> JsonResponse:
    """The portal's public key, as a line of the box's key file."""
    return JsonResponse({"key": await sync_to_async(keys.public_line)()})
