"""Pages of contributors: naming, inviting, revoking, commenting, and the page behind an expert's link."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.timetable.experts import actions
from darbaza.portal.timetable.models import Contributor, ContributorKind, ScheduleVersion, Stage
from darbaza.portal.timetable.week import week_of

OUTSIDE = [choice for choice in ContributorKind.choices if choice[0] != ContributorKind.OWN_TEACHER]


class NameForm(forms.Form):
    """A teacher of the school."""

    person = forms.ModelChoiceField(
        Person.objects.filter(kind=PersonKind.STAFF, active=True), label=gettext_lazy("Teacher")
    )


class InviteForm(forms.Form):
    """An outside expert."""

    kind = forms.ChoiceField(label=gettext_lazy("Who"), choices=OUTSIDE)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    organisation = forms.CharField(label=gettext_lazy("Place of work"), max_length=120, required=False)
    days = forms.IntegerField(label=gettext_lazy("Days that the link opens"), min_value=1, max_value=60, initial=14)


class CommentForm(forms.Form):
    """What somebody has to say about a draft."""

    text = forms.CharField(
        label=gettext_lazy("Comment"),
        max_length=actions.LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def name(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Name a teacher who works on the draft."""
    version, form = get_object_or_404(ScheduleVersion, pk=pk), NameForm(request.POST)
    by, at = actor_of(request), clock.utc_now()
    if form.is_valid():
        person = form.cleaned_data["person"]
        attempt(
            request,
            lambda: actions.name_contributor(version=version, person=person, by=by, at=at),
            _("The contributor is named."),
        )
    return redirect("timetable:version", pk)


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def invite(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Invite an expert; the answer shows the link, this once."""
    version, form = get_object_or_404(ScheduleVersion, pk=pk), InviteForm(request.POST)
    if not form.is_valid():
        context: dict[str, Any] = {"form": form, "title": _("Invite an expert")}
        return render(request, "timetable/form.html", context, status=422)
    by, at = actor_of(request), clock.utc_now()
    data = form.cleaned_data
    invited = actions.Invited(ContributorKind(data["kind"]), data["name"], data["organisation"], data["days"])
    made = attempt(
        request,
        lambda: actions.invite_expert(version=version, invited=invited, by=by, at=at),
        _("The expert is invited."),
    )
    if made is None:
        return redirect("timetable:version", pk)
    contributor, secret = made
    link = request.build_absolute_uri(reverse("timetable:invited", args=[secret]))
    return render(request, "timetable/invitation.html", {"contributor": contributor, "link": link, "version": version})


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_EDIT)
def revoke(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Close an expert's link."""
    contributor = get_object_or_404(Contributor, pk=pk)
    by, at = actor_of(request), clock.utc_now()
    attempt(
        request,
        lambda: actions.revoke_invitation(contributor=contributor, by=by, at=at),
        _("The link is closed. What was said stays."),
    )
    return redirect("timetable:version", contributor.version_id)


@require_POST
@requires(Right.TIMETABLE_SCHEDULE_READ)
def comment(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Comment on a draft as a member of staff."""
    version = get_object_or_404(ScheduleVersion, pk=pk)
    by, at, text = actor_of(request), clock.utc_now(), asked.text(request.POST, "text", 4000)
    attempt(request, lambda: actions.comment(version=version, text=text, by=by, at=at), _("The comment is kept."))
    return redirect("timetable:version", pk)


@require_http_methods(["GET", "POST"])
def invited(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The draft as an invited expert sees it: to read and to comment, without a sign-in, until the link closes."""
    at = clock.utc_now()
    contributor = actions.invitation(secret, at)
    if contributor is None:
        return _private(render(request, "timetable/invitation_closed.html", status=410))
    if request.method == "POST":
        text = asked.text(request.POST, "text", 4000)
        attempt(
            request,
            lambda: actions.comment_by_link(contributor=contributor, text=text, at=at),
            _("Thank you. The comment is kept."),
        )
        return _private(redirect("timetable:invited", secret))
    version = contributor.version
    context = {
        "contributor": contributor,
        "version": version,
        "week": week_of(version.slots.select_related("room", "school_class", "teacher")),
        "said": contributor.said.all(),
        "form": CommentForm() if version.stage == Stage.DRAFT else None,
    }
    return _private(render(request, "timetable/invited.html", context))


def _private(response: HttpResponseBase) -> HttpResponseBase:
    """The secret stands in the address: it is told to no other site and kept by no search engine.

    Within this site it must be told: a browser that may not say where a form comes from sends one that CSRF refuses.
    """
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
