"""Only these sites: the scene to which a supervisor keeps a lesson (2.7), the school's, the council's or one's own.

A scene narrows and opens nothing: inside it the council's decisions hold as ever. What the supervisor opens while it
stands belongs to it. A resource is written as the core writes it: `host` with all below it, `=host`, `host/path`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from darbaza.policy.names import InvalidHost, split_url
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import Effect
from darbaza.portal.audit.actions import record
from darbaza.portal.council.categories import category_of_grade
from darbaza.portal.council.in_force import rulings
from darbaza.portal.council.models import UserCategory
from darbaza.portal.lessons import actions, live
from darbaza.portal.lessons.actions import demand_supervisor, still_open
from darbaza.portal.lessons.models import (
    LessonScene,
    Measure,
    MeasureKind,
    SceneKind,
    SchoolScene,
    SupervisedSession,
)
from darbaza.portal.people.models import Person, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand

MOST = 200
"""Resources of one scene."""
MOST_SCENES = 40
LONGEST_TYPED = 4000
"""Characters of the sites that somebody types."""
LONGEST_NAME = 60
NAMED = 4
COUNCIL, LAST, OWN, SCHOOL = "council", "last", "own", "school-"


@dataclass(frozen=True, slots=True)
class Choice:
    """One scene that can be chosen: its value in the form, and in words."""

    value: str
    text: str


def choices(person: Person, at: datetime, school_class: SchoolClass) -> list[Choice]:
    """The scenes that a supervisor may choose for a class: the council's, one's own last, the school's."""
    found = []
    if named := council_targets(school_class, at):
        found.append(Choice(COUNCIL, _("the council's list: %(count)d resources") % {"count": len(named)}))
    if last := last_of(person):
        found.append(Choice(LAST, _("my last: %(resources)s") % {"resources": shown(last.targets)}))
    return found + [Choice(f"{SCHOOL}{one.pk}", one.name) for one in SchoolScene.objects.filter(retired_at=None)]


def shown(targets: list[str]) -> str:
    """The first few of a scene's resources, in words."""
    more = f" +{len(targets) - NAMED}" if len(targets) > NAMED else ""
    return ", ".join(targets[:NAMED]) + more


def council_targets(school_class: SchoolClass, at: datetime) -> list[str]:
    """What the council allowed by name for a class, or left to its teacher, in order."""
    binding = groups_of(school_class)
    instant = at.astimezone(UTC)
    return sorted(
        {
            str(one.target)
            for one in rulings(at)
            if one.target is not None
            and one.user_category in binding
            and one.effect in {Effect.ALLOW, Effect.DELEGATE}
            and one.since <= instant < one.until
        }
    )


def groups_of(school_class: SchoolClass) -> set[str]:
    """The codes of the user categories whose rulings bind a class: its own and those above."""
    parents = dict(UserCategory.objects.values_list("code", "parent__code"))
    code: str | None = category_of_grade(school_class.grade)
    found: set[str] = set()
    while code is not None and code not in found:
        found.add(code)
        code = parents.get(code)
    return found


def last_of(person: Person) -> LessonScene | None:
    """The scene that a supervisor last made up."""
    return LessonScene.objects.filter(by=person, kind=SceneKind.OWN).order_by("-at", "-pk").first()


def standing(session: SupervisedSession) -> LessonScene | None:
    """The scene of a lesson, if it is kept to one."""
    return session.scenes.filter(ended__isnull=True).first()


def targets_of(scene: LessonScene | None, opened: Iterable[Measure]) -> tuple[Target, ...] | None:
    """A scene as the policy core sees it, with what was opened while it stood; None where there is none."""
    if scene is None:
        return None
    since = scene.at
    added = [one.target for one in opened if one.kind == MeasureKind.OPEN and one.at >= since]
    return tuple(dict.fromkeys([*(target_of(one) for one in scene.targets), *added]))


def target_of(written: str) -> Target:
    """A resource as a scene writes it."""
    host, slash, path = written.removeprefix("=").partition("/")
    return Target(host, slash + path, subdomains=not written.startswith("=") and not slash)


def read_targets(typed: str) -> list[str]:
    """Resources from what was typed, one a line or with spaces between, each once. Refused: none, and what is none."""
    words = typed.replace(",", " ").replace(";", " ").split()
    if not words:
        raise ActRefusedError(_("Name at least one site that stays open."), "2.7")
    if len(words) > MOST:
        raise ActRefusedError(_("At most %(most)d sites stay open at once.") % {"most": MOST}, "2.7")
    return list(dict.fromkeys(_read(word) for word in words))


def _read(word: str) -> str:
    try:
        url = split_url(word)
    except InvalidHost as error:
        message = _("“%(word)s” can't be read; write it like “sabak.test”.")
        raise ActRefusedError(message % {"word": word[:80]}, "2.7") from error
    return url.host.name + (url.path if url.path != "/" else "")


@transaction.atomic
def start_lesson(*, key: str, choice: str, by: Person, at: datetime) -> SupervisedSession:
    """Start a lesson, kept to a scene from its first instant if one is chosen: two acts, both or neither."""
    session = actions.start_lesson(key=key, by=by, at=at)
    if choice:
        set_scene(session=session, choice=choice, by=by, at=at)
    return session


@transaction.atomic
def set_scene(*, session: SupervisedSession, choice: str, typed: str = "", by: Person, at: datetime) -> LessonScene:
    """Keep the lesson to a scene, in place of the one before; it ends with the lesson (2.7)."""
    demand_supervisor(session, by)
    live.changing(at)
    session = still_open(session)
    made = _chosen(session, choice, typed, by, at)
    session.scenes.filter(ended__isnull=True).update(ended=at)
    made.save()
    live.changed(at)
    detail: dict[str, object] = {"kind": made.kind, "name": made.name, "resources": made.targets}
    record(act="lessons:scene:set", by=by, at=at, subject=session.public_id, detail=detail)
    return made


def _chosen(session: SupervisedSession, choice: str, typed: str, by: Person, at: datetime) -> LessonScene:
    kind, name, targets = SceneKind.OWN, "", []
    if choice == COUNCIL:
        kind, targets = SceneKind.COUNCIL, council_targets(session.school_class, at)
    elif choice == OWN:
        targets = read_targets(typed)
    elif choice == LAST and (last := last_of(by)) is not None:
        targets = last.targets
    elif (number := choice.removeprefix(SCHOOL)).isdecimal() and len(number) < 10:
        found = SchoolScene.objects.filter(pk=int(number), retired_at=None).first()
        kind, name, targets = SceneKind.SCHOOL, found.name if found else "", found.targets if found else []
    if not targets:
        raise ActRefusedError(_("Choose a scene."), "2.7")
    return LessonScene(session=session, kind=kind, name=name, targets=targets, by=by, at=at)


@transaction.atomic
def lift_scene(*, session: SupervisedSession, by: Person, at: datetime) -> None:
    """All that the council's decisions open is open again."""
    demand_supervisor(session, by)
    live.changing(at, narrows=False)
    session = still_open(session)
    if not session.scenes.filter(ended__isnull=True).update(ended=at):
        raise ActRefusedError(_("The lesson is not kept to a scene."), "2.7")
    live.changed(at)
    record(act="lessons:scene:lift", by=by, at=at, subject=session.public_id)


@transaction.atomic
def keep_school_scene(*, name: str, typed: str, by: Person, at: datetime) -> SchoolScene:
    """A scene for all teachers, in place of the one with its name."""
    demand(by, Right.LESSONS_SCENE_EDIT, at)
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise ActRefusedError(_("Give the scene a name."), "2.7")
    targets = read_targets(typed)
    SchoolScene.objects.filter(name=name, retired_at=None).update(retired_at=at)
    if SchoolScene.objects.filter(retired_at=None).count() >= MOST_SCENES:
        raise ActRefusedError(_("The school has enough scenes: retire one first."), "2.7")
    made = SchoolScene.objects.create(name=name, targets=targets, by=by, at=at)
    detail: dict[str, object] = {"name": name, "resources": targets}
    record(act="lessons:scene:keep", by=by, at=at, subject=str(made.pk), detail=detail)
    return made


@transaction.atomic
def retire_school_scene(*, scene: SchoolScene, by: Person, at: datetime) -> None:
    """A scene is no longer offered; a lesson that is kept to it stays so."""
    demand(by, Right.LESSONS_SCENE_EDIT, at)
    if not SchoolScene.objects.filter(pk=scene.pk, retired_at=None).update(retired_at=at):
        raise ActRefusedError(_("This scene is not offered any more."), "2.7")
    record(act="lessons:scene:retire", by=by, at=at, subject=str(scene.pk), detail={"name": scene.name})
