"""Scans of a class's signed forms: kept as evidence, each page matched to its student by its QR code."""

import json
import logging

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.consents import actions
from darbaza.portal.consents.models import PaperSet
from darbaza.portal.papers import examination, press
from darbaza.portal.papers.actions import Examined
from darbaza.portal.people.rights import Right, actor_of, requires

logger = logging.getLogger(__name__)

SECONDS = 240.0


async def attach(request: HttpRequest, year: int, number: int) -> HttpResponseBase:
    """Take a scan of many forms: examined, then read, each in a process of its own; then kept and matched."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    answer = await sync_to_async(allowed)(request)
    if answer.status_code != 204:
        return answer
    made = await sync_to_async(PaperSet.objects.filter(year=year, number=number).first)()
    files = request.FILES.getlist("file")
    if made is None:
        return HttpResponse(status=404)
    if not files:
        refused(request, "", examination.refusal("none"))
    for file in files:
        await taken(request, made, file)
    return redirect("consents:set", made.year, made.number)


async def taken(request: HttpRequest, made: PaperSet, file: "UploadedFile[bytes]") -> None:
    """Take one of the files. One that is refused keeps no other from being kept."""
    name = str(file.name or "")
    found = await examination.examined(name, file.size or 0, lambda: b"".join(file.chunks()))
    if isinstance(found, examination.Refused):
        refused(request, name, found)
    else:
        await sync_to_async(kept)(request, made, found, await codes_in(found))


async def codes_in(file: Examined) -> list[list[str]]:
    """What each page's codes say. If they can't be read, every page is asked about: the scan is kept all the same."""
    try:
        pages = json.loads(await press.run("darbaza.portal.consents.page_reader", file.data, seconds=SECONDS))
    except (press.PressError, ValueError):
        logger.warning("the pages of a scan could not be read for codes")
        pages = []
    return [*pages, *([[]] * (file.pages - len(pages)))]


@requires(Right.CONSENTS_CONSENT_RECORD)
def allowed(_request: HttpRequest) -> HttpResponseBase:
    """What somebody gets who may: nothing that is shown."""
    return HttpResponse(status=204)


def refused(request: HttpRequest, name: str, why: examination.Refused) -> None:
    """Say which file was not taken, the reason and the remedy."""
    messages.error(request, f"{name}: {why.reason} {why.remedy}" if name else f"{why.reason} {why.remedy}")


def kept(request: HttpRequest, made: PaperSet, file: Examined, codes: list[list[str]]) -> None:
    """Keep the scan and say how many pages still have to be placed."""
    by, at = actor_of(request), clock.utc_now()
    pages = attempt(
        request,
        lambda: actions.attach_pages(paper_set=made, file=file, codes=codes, by=by, at=at),
        _("The scan is kept: %(name)s.") % {"name": file.name},
    )
    left = sum(one.person_id is None for one in pages or ())
    if left:
        text = ngettext(
            "%(count)d page has no readable code: say whose it is.",
            "%(count)d pages have no readable code: say whose they are.",
            left,
        )
        messages.warning(request, text % {"count": left})
