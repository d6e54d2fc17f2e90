"""What a supervisor confirmed about the student who is signed in at a device, and the student's own view (2.7)."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.incidents import actions
from darbaza.portal.incidents.models import Notice
from darbaza.portal.incidents.views import Shown
from darbaza.portal.lessons import device_forms
from darbaza.portal.lessons.device_forms import bound_at, number_for, read_number
from darbaza.portal.lessons.devices import device_of
from darbaza.portal.lessons.models import Binding
from darbaza.portal.people.refusals import ActRefusedError

SALT = "darbaza own view"
LONGEST = 1000


@never_cache
@require_http_methods(["GET", "POST"])
def about_me(request: HttpRequest) -> HttpResponseBase:
    """The notices about whoever is signed in here, each with a field for their own view."""
    device = device_of(request)
    binding = bound_at(device) if device else None
    if request.method == "GET" or binding is None:
        return _page(request, binding)
    try:
        read_number(asked.text(request.POST, "form", device_forms.LONGEST), binding, SALT, "2.7")
        notice = get_object_or_404(Notice, public_id=asked.text(request.POST, "notice"), student=binding.person)
        text = asked.text(request.POST, "text", LONGEST)
        actions.add_own_view(notice=notice, text=text, student=binding.person, at=clock.utc_now())
    except ActRefusedError as refused:
        return _page(request, binding, refused)
    return redirect("about-me")


def _page(request: HttpRequest, binding: Binding | None, refused: ActRefusedError | None = None) -> HttpResponseBase:
    found = Notice.objects.filter(student=binding.person) if binding else Notice.objects.none()
    context = {
        "binding": binding,
        "form": number_for(binding, SALT) if binding else "",
        "notices": [Shown.of(one) for one in found.select_related("sent_by", "session", "judgement")[:20]],
        "refused": refused,
    }
    return render(request, "incidents/about_me.html", context, status=403 if refused else 200)
