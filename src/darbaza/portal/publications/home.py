"""What waits: drafts at the step that a person may take, and for the person responsible what has to come down."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from darbaza.portal.navigation import HomePart, ToDo
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, rights_of
from darbaza.portal.publications.models import Publication, RemovalRequest, TakeDown
from darbaza.portal.publications.reading import Stage, judged, readable_by

MOST = 5
SHOWN = 2
"""Drafts looked at for the home page, the latest, and how many of them stand there."""


def home_part(person: Person, at: datetime) -> HomePart:
    """By title for drafts, which are the school's own words; no name of anybody who asks for removal."""
    rights = rights_of(person, at)
    to_do = []
    if Right.PUBLICATIONS_PLACEMENT_MAKE in rights:
        to_do += [
            ToDo(_("Something published has to be taken down"), reverse("publications:take-downs"), "2.15", one.due)
            for one in TakeDown.objects.filter(done_at__isnull=True, ceased_at__isnull=True)[:3]
        ]
        if TakeDown.objects.filter(done_at__isnull=True, ceased_at__isnull=False).exists():
            words = _("Why something had to be taken down has ceased: say what becomes of it")
            to_do.append(ToDo(words, reverse("publications:take-downs"), "2.15"))
        if RemovalRequest.objects.filter(answered_at__isnull=True).exists():
            to_do.append(ToDo(_("Somebody asks that something be removed"), reverse("publications:removals"), "2.15"))
    return HomePart(to_do=(*to_do, *drafts(person, rights, at)))


def drafts(person: Person, rights: frozenset[Right], at: datetime) -> list[ToDo]:
    """The latest drafts at a step that this person may take: a few, so that nothing else is crowded out."""
    steps = {
        Stage.DRAFT: (Right.PUBLICATIONS_FACTS_CHECK, _("Facts to confirm: %(title)s")),
        Stage.FACTS_CHECKED: (Right.PUBLICATIONS_DATA_CHECK, _("Personal data to check: %(title)s")),
        Stage.COMPLETE: (Right.PUBLICATIONS_PLACEMENT_MAKE, _("Ready to publish: %(title)s")),
    }
    found: list[ToDo] = []
    if not rights & {right for right, _words in steps.values()}:
        return found
    for one in waiting(person, at):
        stage = judged(one, at).stage
        right, words = steps.get(stage, (None, ""))
        if right in rights and not (stage is Stage.DRAFT and one.wrote(person)) and len(found) < SHOWN:
            page = reverse("publications:publication", args=[one.public_id])
            found.append(ToDo(words % {"title": one.title}, page, "2.15" if stage is Stage.COMPLETE else "2.14"))
    return found


def waiting(person: Person, at: datetime) -> list[Publication]:
    """Drafts that were placed nowhere yet."""
    found = readable_by(person, at).filter(discarded_at__isnull=True, placements__isnull=True)
    return list(found[:MOST])
