"""The page on which the school's own contacts are entered."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from darbaza import clock
from darbaza.portal.asked import text
from darbaza.portal.attempts import attempt
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.publications.contacts import LONGEST, MOST, lines_of, set_contacts
from darbaza.portal.publications.models import SchoolContacts
from darbaza.publication.own_contacts import OwnContacts

FIELDS = ("phones", "emails", "addresses")


@require_http_methods(["GET", "POST"])
@requires(Right.PUBLICATIONS_PLACEMENT_MAKE)
def contacts(request: HttpRequest) -> HttpResponseBase:
    """What is the school's own, one a line; what was typed stays if it is refused."""
    found = SchoolContacts.objects.select_related("set_by").first()
    typed = {field: "\n".join(getattr(found, field)) if found else "" for field in FIELDS}
    if request.method == "POST":
        typed = {field: text(request.POST, field, 2 * MOST * LONGEST) for field in FIELDS}
        entered = OwnContacts(*map(lines_of, typed.values()))
        done = _("Kept. From now on drafts are not asked about these.")
        by, at = actor_of(request), clock.utc_now()
        if attempt(request, lambda: set_contacts(contacts=entered, by=by, at=at), done) is not None:
            return redirect("publications:contacts")
    status = 422 if request.method == "POST" else 200
    return render(request, "publications/contacts.html", {"typed": typed, "found": found}, status=status)
