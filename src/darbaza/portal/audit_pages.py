"""The audit as people read it: acts by day, actor and kind, and whether the chain holds."""

from collections.abc import Iterable

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from darbaza.portal.audit import chain
from darbaza.portal.audit.models import AuditEntry, ChainHead
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, requires

ON_A_PAGE = 50


@require_GET
@requires(Right.AUDIT_CHAIN_READ)
def entries(request: HttpRequest) -> HttpResponseBase:
    """Entries, the latest first; filters are links."""
    asked = {name: request.GET.get(name, "").replace("\0", "") for name in ("act", "by", "subject")}
    filters = {name: value for name, value in asked.items() if value}
    found = AuditEntry.objects.filter(**filters).order_by("-number")
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "names": names_of(page.object_list),
        "filters": filters,
        "head": ChainHead.objects.get(pk=1),
        "check": chain.verify() if "check" in request.GET else None,
    }
    return render(request, "audit.html", context)


def names_of(shown: Iterable[AuditEntry]) -> dict[str, str]:
    """The names behind the public ids on a page; the chain itself holds none."""
    ids = {name for entry in shown for name in (entry.by, entry.subject)}
    return {person.public_id: person.short_name for person in Person.objects.filter(public_id__in=ids)}
