"""The audit as people read it: acts by day, actor and kind, whether the chain holds, and whether paper agrees."""

from collections.abc import Iterable

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from darbaza.portal import asked
from darbaza.portal.audit import chain, checkpoint, seals
from darbaza.portal.audit.chain import ChainCheck, Fault
from darbaza.portal.audit.checkpoint import CheckpointError, Noted
from darbaza.portal.audit.models import AuditEntry, ChainHead
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, requires

ON_A_PAGE = 50
LONGEST_CODE = 400

FAULTS = {
    Fault.CHANGED: _("Its content was changed after it was written."),
    Fault.MISSING: _("It is missing."),
    Fault.UNLINKED: _("It does not follow the one before it: one of the two was made anew."),
    Fault.CUT: _("This entry and all after it were cut off."),
    Fault.ADDED: _("It was added past the end of the chain."),
    Fault.REWRITTEN: _("It is not the entry that stands on the paper: the chain was made anew."),
    Fault.ALTERED: _("It was changed past the acts: it is not as audit entry № %(number)d sealed it."),
    Fault.GONE: _("It has gone: audit entry № %(number)d sealed it."),
    Fault.UNSEALED: _("It rests on no act: no entry of the audit seals it."),
}
"""What is wrong with the first bad entry or record, for the page."""


@require_GET
@requires(Right.AUDIT_CHAIN_READ)
def entries(request: HttpRequest) -> HttpResponseBase:
    """Entries, the latest first; filters are links."""
    wanted = {name: request.GET.get(name, "").replace("\0", "") for name in ("act", "by", "subject")}
    filters = {name: value for name, value in wanted.items() if value}
    found = AuditEntry.objects.filter(**filters).order_by("-number")
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    check = checked(request) if "check" in request.GET else None
    context = {
        "page": page,
        "names": names_of(page.object_list),
        "filters": filters,
        "head": ChainHead.objects.get(pk=1),
        "check": check,
        "fault": FAULTS[check.fault] % {"number": check.number} if check and check.fault else "",
        "record": record_of(check.record) if check else "",
    }
    return render(request, "audit.html", context)


def checked(request: HttpRequest) -> ChainCheck:
    """The whole chain, against the checkpoint that the address names, if it names one."""
    try:
        marks = [checkpoint.read(asked.text(request.GET, "code", LONGEST_CODE)).mark]
    except CheckpointError:
        marks = []
    return seals.verify(marks)


def record_of(name: str) -> str:
    """A record in words: `order 2026-14`; a person by name where the chain has the public id."""
    kind, _slash, key = name.partition("/")
    person = Person.objects.filter(public_id=key).first()
    return f"{seals.KINDS[kind].label} {person.short_name if person else key}" if kind in seals.KINDS else name


def names_of(shown: Iterable[AuditEntry]) -> dict[str, str]:
    """The names behind the public ids on a page; the chain itself holds none."""
    ids = {name for entry in shown for name in (entry.by, entry.subject)}
    return {person.public_id: person.short_name for person in Person.objects.filter(public_id__in=ids)}


@require_GET
def against_paper(request: HttpRequest) -> HttpResponseBase:
    """A checkpoint typed in or scanned: does the chain still hold the entry? Open to everybody, and names nobody."""
    code = asked.text(request.GET, "code", LONGEST_CODE)
    context: dict[str, object] = {"code": code}
    if code:
        try:
            context |= found(checkpoint.read(code))
        except CheckpointError as error:
            context["error"] = error.message
    return render(request, "checkpoint.html", context, status=422 if "error" in context else 200)


def found(noted: Noted) -> dict[str, object]:
    """What the chain says of an entry on paper."""
    return {
        "noted": noted,
        "stands": chain.entry_stands(noted.mark) and noted.genuine is not False,
        "key": checkpoint.key_name(),
    }
