"""Pages of feeds: one's own calendars, and the file behind a secret address."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.people.models import SchoolClass
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.rooms.models import Room
from darbaza.portal.timetable.feeds import actions, rendering
from darbaza.portal.timetable.models import Feed, FeedKind


class FeedForm(forms.Form):
    """Whose lessons the calendar shall show."""

    kind = forms.ChoiceField(label=gettext_lazy("Whose lessons"), choices=FeedKind.choices)
    school_class = forms.ModelChoiceField(SchoolClass.objects.all(), label=gettext_lazy("Class"), required=False)
    room = forms.ModelChoiceField(Room.objects.all(), label=gettext_lazy("Room"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Class and room stand there with their kind only."""
        super().__init__(*args, **kwargs)
        for name, kind in (("school_class", FeedKind.SCHOOL_CLASS), ("room", FeedKind.ROOM)):
            self.fields[name].part_of, self.fields[name].part_when = "kind", kind  # type: ignore[attr-defined] # read by the field's template
            self.fields[name].is_needed = True  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@requires(Right.TIMETABLE_SCHEDULE_READ)
def feeds(request: HttpRequest) -> HttpResponseBase:
    """One's own calendars; the answer to a new one shows its address, this once."""
    by = actor_of(request)
    form, link = FeedForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        link = _made(request, form)
    own = by.feeds.filter(revoked_at__isnull=True).select_related("school_class", "room")
    context = {"feeds": own, "form": form, "link": link}
    return render(request, "timetable/feeds.html", context, status=422 if form.errors else 200)


def _made(request: HttpRequest, form: FeedForm) -> str:
    """The address of the new feed; empty if it was refused."""
    data = form.cleaned_data
    kind = FeedKind(data["kind"])
    made = attempt(
        request,
        lambda: actions.make_feed(
            kind=kind,
            school_class=data["school_class"] if kind == FeedKind.SCHOOL_CLASS else None,
            room=data["room"] if kind == FeedKind.ROOM else None,
            by=actor_of(request),
            at=clock.utc_now(),
        ),
        _("The calendar was made."),
    )
    return request.build_absolute_uri(reverse("timetable:feed", args=[made[1]])) if made else ""


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_READ)
def revoke(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Close a calendar's address."""
    feed = get_object_or_404(Feed, pk=pk, owner=actor_of(request))
    by, at = actor_of(request), clock.utc_now()
    attempt(request, lambda: actions.revoke_feed(feed=feed, by=by, at=at), _("The calendar's address is closed."))
    return redirect("timetable:feeds")


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:  # noqa: ARG001 - the secret is the sign-in
    """The file behind a secret address; a closed one is gone, and says no more than that."""
    at = clock.utc_now()
    found = actions.feed_of(secret, at)
    if found is None:
        return HttpResponse(status=410)
    answer = HttpResponse(rendering.render(found, at), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'inline; filename="darbaza.ics"'
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
