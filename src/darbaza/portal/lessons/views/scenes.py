"""The school's scenes: what every supervisor may keep a lesson to."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.lessons import scenes
from darbaza.portal.lessons.models import SchoolScene
from darbaza.portal.people.rights import Right, actor_of, requires


@require_http_methods(["GET", "POST"])
@requires(Right.LESSONS_SCENE_EDIT)
def school_scenes(request: HttpRequest) -> HttpResponseBase:
    """The scenes that are offered, and a form for another; what was typed stays if it was refused."""
    name, typed = asked.text(request.POST, "name", 200), asked.text(request.POST, "sites", scenes.LONGEST_TYPED)
    if request.method == "POST":
        person, at = actor_of(request), clock.utc_now()
        made = attempt(
            request,
            lambda: scenes.keep_school_scene(name=name, typed=typed, by=person, at=at),
            _("The scene is offered to all teachers."),
        )
        if made is not None:
            return redirect("lessons:scenes")
    offered = SchoolScene.objects.filter(retired_at=None).select_related("by")
    context = {"scenes": offered, "name": name, "typed": typed}
    return render(request, "lessons/scenes.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@requires(Right.LESSONS_SCENE_EDIT)
def retire(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Offer a scene no more."""
    found, person, at = get_object_or_404(SchoolScene, pk=pk), actor_of(request), clock.utc_now()
    attempt(request, lambda: scenes.retire_school_scene(scene=found, by=person, at=at), _("The scene is retired."))
    return redirect("lessons:scenes")
