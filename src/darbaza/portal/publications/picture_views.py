"""Pictures and attachments on a draft's page: handed in, shown to who may read the draft, covered, looked at.

What is shown is a clean copy; the bytes as they were handed in have no address at all.
"""

from collections.abc import Callable
from datetime import datetime

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from darbaza import clock
from darbaza.portal.asked import text
from darbaza.portal.attempts import attempt, sentence_of
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError, actor_of, right_missing
from darbaza.portal.publications import actions, attaching, files, outgoing, uploads
from darbaza.portal.publications.findings import boxes_in, people_named
from darbaza.portal.publications.models import DraftFile, FileKind, Publication
from darbaza.portal.publications.records import finding_of
from darbaza.portal.publications.uploads import Upload
from darbaza.portal.publications.views import readable
from darbaza.publication.findings import Box
from darbaza.publication.pictures import MOST_BYTES

PRIVATE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def back(publication: Publication, place: str = "files") -> HttpResponseBase:
    """To the files of the draft's page."""
    answer = redirect("publications:publication", publication.public_id)
    answer["Location"] += f"#{place}"
    return answer


async def attach(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Take a file in: examined in a process of its own, then kept."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    found = await sync_to_async(readable)(request, public_id)
    file = request.FILES.get("file")
    if file is None or not file.name or (file.size or 0) > MOST_BYTES:
        message = _("Choose a file of at most 30 MB.")
        await sync_to_async(messages.error)(request, message)
        return back(found)
    try:
        upload = await uploads.examined(str(file.name), text(request.POST, "caption", 300), file.read())
    except ActRefusedError as refused:
        await sync_to_async(messages.error)(request, await sync_to_async(sentence_of)(refused))
        return back(found)
    return await sync_to_async(kept)(request, found, upload)


def kept(request: HttpRequest, found: Publication, upload: Upload) -> HttpResponseBase:
    """Keep what was handed in."""
    by, at = actor_of(request), clock.utc_now()
    return tried(
        request, found, lambda: attaching.attach(publication=found, upload=upload, by=by, at=at), _("It is attached.")
    )


def tried(
    request: HttpRequest, found: Publication, act: Callable[[], object], done: str | Promise, place: str = "files"
) -> HttpResponseBase:
    """Do an act and go back to a place of the page; say which right is missing if one is."""
    try:
        attempt(request, act, done)
    except RightMissingError as missing:
        return right_missing(request, missing.right)
    return back(found, place)


async def publish(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Publish: the files are made as they go out, then the gate is asked."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    found = await sync_to_async(readable)(request, public_id)
    prepared = await outgoing.prepared(found.standing_files)

    def placed() -> HttpResponseBase:
        by, at = actor_of(request), clock.utc_now()
        return tried(
            request,
            found,
            lambda: actions.publish(publication=found, prepared=prepared, by=by, at=at),
            _("Published."),
            "main",
        )

    return await sync_to_async(placed)()


def file_of(request: HttpRequest, public_id: str, file: str) -> DraftFile:
    """A file of a draft that whoever asks may read; as if there were none otherwise."""
    found = readable(request, public_id)
    return get_object_or_404(DraftFile, publication=found, public_id=file, removed_at__isnull=True)


def detach(_request: HttpRequest, file: DraftFile, by: Person, at: datetime) -> object:
    """Take it out."""
    return attaching.detach(file=file, by=by, at=at)


def cover(request: HttpRequest, file: DraftFile, by: Person, at: datetime) -> object:
    """Cover what is ticked, and one place more."""
    boxes = [box for one in request.POST.getlist("box")[:200] if (box := box_from(one.split(",")))]
    numbers = [text(request.POST, name) for name in ("left", "top", "width", "height")]
    if any(numbers):
        more = box_from(numbers)
        if more is None:
            raise ActRefusedError(uploads.FOUR_NUMBERS, "2.15")
        boxes.append(more)
    return attaching.cover(file=file, boxes=boxes, by=by, at=at)


def box_from(numbers: list[str]) -> Box | None:
    """A place from four numbers; None for anything else."""
    plain = [int(one) for one in numbers if one.strip().isascii() and one.strip().isdigit() and len(one) < 7]
    return Box(*plain) if len(plain) == len(numbers) == 4 and plain[2] and plain[3] else None


def look(request: HttpRequest, file: DraftFile, by: Person, at: datetime) -> object:
    """Say who can be recognised."""
    named = text(request.POST, "people", 600)
    people, nobody = people_named(named), request.POST.get("nobody") == "yes"
    asked = [one for one in named.split(",") if one.strip()]
    if nobody == bool(asked):
        raise ActRefusedError(uploads.WHO, "2.15")
    if len(people) != len(asked):
        raise ActRefusedError(uploads.WHICH, "2.15")
    return attaching.look(file=file, digest=text(request.POST, "look"), people=people, by=by, at=at)


ACTS: dict[str, tuple[Callable[[HttpRequest, DraftFile, Person, datetime], object], Callable[[], str]]] = {
    "detach": (detach, lambda: _("It is taken out.")),
    "cover": (cover, lambda: _("Covered. Look at the picture as it goes out now.")),
    "look": (look, lambda: _("It is noted who can be recognised.")),
}


@require_POST
@login_required
def act(request: HttpRequest, public_id: str, file: str, name: str) -> HttpResponseBase:
    """One of the acts on a file."""
    if name not in ACTS:
        raise Http404
    found, (do, done) = file_of(request, public_id, file), ACTS[name]
    by, at = actor_of(request), clock.utc_now()
    return tried(request, found.publication, lambda: do(request, found, by, at), done())


async def shown(request: HttpRequest, public_id: str, file: str, form: str) -> HttpResponseBase:
    """A draft's picture with its numbered places (`found`) or as it goes out (`out`); a text as it goes out."""
    if request.method != "GET":
        return HttpResponse(status=405, headers={"Allow": "GET"})
    one = await sync_to_async(file_of)(request, public_id, file)
    if form == "out" and one.kind == FileKind.ATTACHMENT:
        data = files.read(files.WORKING, one.sha256)
        if data is not None:
            return HttpResponse(uploads.plain_bytes(data), content_type="text/plain; charset=utf-8", headers=PRIVATE)
    elif form in ("found", "out") and one.kind == FileKind.PICTURE:
        marks = boxes_in(finding_of(each) for each in one.findings) if form == "found" else None
        made = await outgoing.preview(one, marks)
        if made is not None:
            return HttpResponse(made.data, content_type="image/jpeg", headers=PRIVATE)
    raise Http404
