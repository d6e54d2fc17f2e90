"""Acts of and on contributors. One function, one transaction, one audit entry."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.timetable.models import Comment, Contributor, ContributorKind, ScheduleVersion, Stage

LONGEST_INVITATION_DAYS = 60
MOST_COMMENTS = 100
"""Comments that one invitation may leave: a link that was passed on floods nobody."""
LONGEST_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class Invited:
    """An outside expert: of which kind (2.2), whence, and for how many days the link opens."""

    kind: ContributorKind
    name: str
    organisation: str
    days: int


@transaction.atomic
def name_contributor(*, version: ScheduleVersion, person: Person, by: Person, at: datetime) -> Contributor:
    """Name a teacher of the school who works on a draft; teachers sign in and need no link."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    _demand_open(version)
    if version.contributors.filter(person=person).exists():
        raise ActRefusedError(_("This person is named already."), "2.2")
    contributor = Contributor.objects.create(
        version=version,
        kind=ContributorKind.OWN_TEACHER,
        name=person.full_name,
        person=person,
        added_by=by,
        added_at=at,
    )
    detail: dict[str, object] = {"kind": contributor.kind, "person": person.public_id}
    record(act="timetable:contributor:name", by=by, at=at, subject=_name(contributor), detail=detail)
    return contributor


@transaction.atomic
def invite_expert(*, version: ScheduleVersion, invited: Invited, by: Person, at: datetime) -> tuple[Contributor, str]:
    """Invite an outside expert; the secret of the link is given back once and kept nowhere."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    _demand_open(version)
    if invited.kind == ContributorKind.OWN_TEACHER:
        raise ActRefusedError(_("Teachers of this school sign in; name them without a link."), "2.2")
    if not 1 <= invited.days <= LONGEST_INVITATION_DAYS:
        raise ActRefusedError(_("An invitation lasts one to sixty days."), "2.2")
    if not invited.name.strip():
        raise ActRefusedError(_("Name the expert."), "2.2")
    secret = secrets.token_urlsafe(32)
    contributor = Contributor.objects.create(
        version=version,
        kind=invited.kind,
        name=invited.name.strip(),
        organisation=invited.organisation.strip(),
        token_hash=hash_of(secret),
        until=at + timedelta(days=invited.days),
        added_by=by,
        added_at=at,
    )
    detail: dict[str, object] = {"kind": contributor.kind, "name": contributor.name, "days": invited.days}
    record(act="timetable:contributor:invite", by=by, at=at, subject=_name(contributor), detail=detail)
    return contributor, secret


@transaction.atomic
def revoke_invitation(*, contributor: Contributor, by: Person, at: datetime) -> None:
    """Close an expert's link at once; what was said stays."""
    demand(by, Right.TIMETABLE_SCHEDULE_EDIT, at)
    if not contributor.may_enter(at):
        raise ActRefusedError(_("This link is closed already."), "2.2")
    contributor.revoked_at = at
    contributor.save(update_fields=["revoked_at"])
    record(act="timetable:contributor:revoke", by=by, at=at, subject=_name(contributor))


@transaction.atomic
def comment(*, version: ScheduleVersion, text: str, by: Person, at: datetime, about: str = "") -> Comment:
    """A member of staff comments on a draft."""
    demand(by, Right.TIMETABLE_SCHEDULE_READ, at)
    _demand_open(version)
    said = Comment.objects.create(version=version, person=by, text=_checked(text), slot_text=about[:200], at=at)
    record(act="timetable:draft:comment", by=by, at=at, subject=f"comment-{said.pk}", detail=_detail(said))
    return said


@transaction.atomic
def comment_by_link(*, contributor: Contributor, text: str, at: datetime, about: str = "") -> Comment:
    """An invited expert comments; the link must open and the draft not be considered yet."""
    current = Contributor.objects.select_for_update().select_related("version").get(pk=contributor.pk)
    if not current.may_enter(at):
        raise ActRefusedError(_("This link is closed already."), "2.2")
    _demand_open(current.version)
    if current.said.count() >= MOST_COMMENTS:
        raise ActRefusedError(_("This invitation has left all the comments it may."), "2.2")
    said = Comment.objects.create(
        version=current.version, contributor=current, text=_checked(text), slot_text=about[:200], at=at
    )
    detail = _detail(said) | {"contributor": _name(current)}
    record(act="timetable:draft:comment", by=None, at=at, subject=f"comment-{said.pk}", detail=detail)
    return said


def invitation(secret: str, at: datetime) -> Contributor | None:
    """The invitation whose link this is, if it opens at an instant."""
    found = Contributor.objects.filter(token_hash=hash_of(secret)).select_related("version").first()
    return found if found is not None and found.may_enter(at) else None


def hash_of(secret: str) -> str:
    """What is kept of a link: 256 random bits need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _checked(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if not text:
        raise ActRefusedError(_("Write the comment."), "2.2")
    if len(text) > LONGEST_COMMENT:
        raise ActRefusedError(_("A comment has at most 2000 characters."), "2.2")
    return text


def _demand_open(version: ScheduleVersion) -> None:
    if version.stage != Stage.DRAFT:
        raise ActRefusedError(_("The staff meeting has considered this version; nothing is added any more."), "2.2")


def _detail(said: Comment) -> dict[str, object]:
    return {"version": f"schedule-{said.version_id}", "sha256": hashlib.sha256(said.text.encode()).hexdigest()}


def _name(contributor: Contributor) -> str:
    return f"contributor-{contributor.pk}"
