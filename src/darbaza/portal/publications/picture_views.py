"""Pictures and attachments on a draft's page: handed in, shown to who may read the draft, covered, looked at.

What is shown is a clean copy; the bytes as they were handed in have no address at all.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.asked import text
from darbaza.portal.attempts import attempt, sentence_of
from darbaza.portal.papers.turns import BusyError
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, RightMissingError, actor_of, right_missing, rights_of
from darbaza.portal.publications import actions, attaching, files, outgoing, picture_form, uploads
from darbaza.portal.publications.findings import FOR_PICTURES, Group, boxes_in, demand_known, groups_of, people_named
from darbaza.portal.publications.models import DraftFile, FileKind, Publication
from darbaza.portal.publications.picture_form import Entered, edits_in
from darbaza.portal.publications.reading import file_part, found_at, matter_of_draft
from darbaza.portal.publications.uploads import Upload
from darbaza.portal.publications.views import readable
from darbaza.portal.publications.words import ANSWERS
from darbaza.publication.findings import Box
from darbaza.publication.matter import Answer, look_of
from darbaza.publication.pictures import MOST_BYTES, Edits

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
        caption = text(request.POST, "caption", 300)
        upload = await uploads.examined(str(file.name), caption, file.read(), found.language)
    except ActRefusedError as refused:
        await sync_to_async(messages.error)(request, await sync_to_async(sentence_of)(refused))
        return back(found)
    return await sync_to_async(kept)(request, found, upload)


def kept(request: HttpRequest, found: Publication, upload: Upload) -> HttpResponseBase:
    """Keep what was handed in, in the place of another document if it is its corrected file."""
    by, at = actor_of(request), clock.utc_now()
    if instead := text(request.POST, "instead", 32):
        old = get_object_or_404(DraftFile, publication=found, public_id=instead, removed_at__isnull=True)
        return tried(request, found, lambda: attaching.replace(file=old, upload=upload, by=by, at=at), _("Replaced."))
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
    mask = request.POST.get("mask") == "yes"
    try:
        prepared = await outgoing.prepared(found.standing_files)
    except BusyError as busy:
        await sync_to_async(messages.error)(request, str(busy))
        return back(found, "main")

    def placed() -> HttpResponseBase:
        by, at = actor_of(request), clock.utc_now()
        return tried(
            request,
            found,
            lambda: actions.publish(publication=found, prepared=prepared, mask=mask, by=by, at=at),
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


def describe(request: HttpRequest, file: DraftFile, by: Person, at: datetime) -> object:
    """Say in other words what is to be seen."""
    return attaching.describe(file=file, words=text(request.POST, "caption", 300), by=by, at=at)


def undo(request: HttpRequest, file: DraftFile, by: Person, at: datetime) -> object:
    """Take back the last change of a picture."""
    return attaching.undo(file=file, digest=text(request.POST, "look"), by=by, at=at)


def look(request: HttpRequest, file: DraftFile, by: Person, at: datetime) -> object:
    """Say who can be recognised."""
    named = text(request.POST, "people", 600)
    nobody = request.POST.get("nobody") == "yes"
    asked = [one for one in named.split(",") if one.strip()]
    if nobody == bool(asked):
        raise ActRefusedError(uploads.WHO, "2.15")
    demand_known(named)
    digest = text(request.POST, "look")
    return attaching.look(file=file, digest=digest, people=people_named(named), by=by, at=at)


ACTS: dict[str, tuple[Callable[[HttpRequest, DraftFile, Person, datetime], object], Callable[[], str]]] = {
    "detach": (detach, lambda: _("It is taken out.")),
    "describe": (describe, lambda: _("Kept. Its facts and its personal data are checked with these words.")),
    "undo": (undo, lambda: _("Taken back. Look at the picture as it goes out now.")),
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
    answer = tried(request, found.publication, lambda: do(request, found, by, at), done())
    if found.kind == FileKind.PICTURE and name in {"undo", "look"} and answer.status_code == 302:
        return redirect("publications:picture", public_id, file)
    return answer


@require_http_methods(["GET", "POST"])
@login_required
def picture(request: HttpRequest, public_id: str, file: str) -> HttpResponseBase:
    """One picture: what was found by its numbers, what becomes of each, what is covered and kept; tried, then kept."""
    found, by, at = file_of(request, public_id, file), actor_of(request), clock.utc_now()
    if found.kind != FileKind.PICTURE:
        raise Http404
    groups = picture_form.groups_in(found, groups_of(matter_of_draft(found.publication, at)))
    if request.method == "GET":
        return page(request, found, groups, picture_form.kept_before(found, groups))
    try:
        entered = picture_form.entered_in(request.POST, found, groups)
        if request.POST.get("do") == "try":
            return page(request, found, groups, entered, request.POST)
        digest = text(request.POST, "look")
        attaching.arrange(file=found, digest=digest, arrangement=entered.arrangement, by=by, at=at)
    except ActRefusedError as refused:
        before = picture_form.kept_before(found, groups)
        return page(request, found, groups, before, request.POST, sentence_of(refused))
    except RightMissingError as missing:
        return right_missing(request, missing.right)
    messages.success(request, _("Kept. Look at the picture as it goes out now."))
    return redirect("publications:picture", public_id, file)


def page(
    request: HttpRequest,
    file: DraftFile,
    groups: Sequence[Group],
    entered: Entered,
    form: QueryDict | None = None,
    refused: str = "",
) -> HttpResponseBase:
    """The page of one picture, with what was entered."""
    by, at, look = actor_of(request), clock.utc_now(), look_of(file_part(file))
    recognised = file.seen_people if file.seen_digest == look else named_in(groups)
    is_tried = form is not None and not refused
    own = picture_form.own_in(form) if form is not None and refused else entered.own
    context = {
        "publication": file.publication,
        "file": file,
        "rows": picture_form.rows_of(groups, form, entered.kept),
        "choices": [(str(one), ANSWERS[one]) for one in FOR_PICTURES],
        "own": picture_form.shown_places(own, file),
        "numbers": picture_form.numbers_of(form, file, is_tried),
        "query": picture_form.address_of(entered),
        "is_tried": is_tried,
        "refused": refused,
        "look": look,
        "is_seen": file.seen_digest == look,
        "seen_people": names_of_ids(file.seen_people),
        "recognised": names_of_ids(recognised),
        "may_undo": bool(file.edits.get("before")),
        "may_look": Right.PUBLICATIONS_DATA_CHECK in rights_of(by, at),
        "may_edit": may_edit(file.publication, by, at),
    }
    return render(request, "publications/picture.html", context, status=422 if refused else 200)


def may_edit(publication: Publication, by: Person, at: datetime) -> bool:
    """Whether the form is offered; the act itself decides."""
    is_author = publication.author_id == by.pk
    return publication.discarded_at is None and (is_author or Right.PUBLICATIONS_DATA_CHECK in rights_of(by, at))


def named_in(groups: Sequence[Group]) -> list[str]:
    """The ids of those of whom it was said that they stay in the picture by consent."""
    said = [one.answered for one in groups if one.answered and one.answered.answer is Answer.CONSENT]
    return sorted({person for one in said for person in one.people})


def names_of_ids(ids: Iterable[str]) -> str:
    """The names of some people, parted by commas."""
    return ", ".join(one.full_name for one in Person.objects.filter(pk__in=ids))


def document_shown(made: outgoing.Made) -> HttpResponse:
    """A text, or a PDF of ours: browsers open none within a sandbox."""
    if made.ending == "pdf":
        headers = {name: value for name, value in PRIVATE.items() if name != "Content-Security-Policy"}
        return HttpResponse(made.data, content_type=made.media_type, headers=headers)
    return HttpResponse(made.data, content_type="text/plain; charset=utf-8", headers=PRIVATE)


def places_of(file: DraftFile, at: datetime) -> tuple[Box, ...]:
    """The places found in a picture, in the order of their numbers."""
    return boxes_in(found_at(file, at))


async def shown(request: HttpRequest, public_id: str, file: str, form: str) -> HttpResponseBase:
    """A draft's picture with its numbered places (`found`) or as it goes out (`out`); a text as it goes out."""
    if request.method != "GET":
        return HttpResponse(status=405, headers={"Allow": "GET"})
    one = await sync_to_async(file_of)(request, public_id, file)
    if form == "out" and one.kind == FileKind.ATTACHMENT:
        data = files.read(files.WORKING, one.sha256)
        if data is not None:
            return document_shown(outgoing.attached(one, data))
    elif form in ("found", "out", "try") and one.kind == FileKind.PICTURE:
        is_tried = form == "try" or (form == "found" and request.GET.get("try") == "1")
        edits = edits_in(request.GET) if is_tried else outgoing.edits_of(one)
        marks = await sync_to_async(places_of)(one, clock.utc_now()) if form == "found" else None
        try:
            made = await outgoing.preview(one, edits if marks is None else Edits(edits.cover), marks)
        except BusyError:
            return HttpResponse(status=503, headers=PRIVATE | {"Retry-After": "60"})
        if made is not None:
            return HttpResponse(made.data, content_type="image/jpeg", headers=PRIVATE)
    raise Http404
