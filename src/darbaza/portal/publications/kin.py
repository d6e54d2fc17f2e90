"""The same matter on several channels: each a draft of its own, all of them wrong together when a fact is."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.council.models import Channel
from darbaza.portal.people.models import Person, new_public_id
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.publications.models import FindingAnswer, Publication
from darbaza.portal.publications.reading import findings_of
from darbaza.publication.matter import Ground, finding_keys


def family(publication: Publication) -> QuerySet[Publication]:
    """A publication and all that say the same elsewhere, the first of them first."""
    first = publication.copy_of_id or publication.pk
    return Publication.objects.filter(Q(pk=first) | Q(copy_of=first), discarded_at__isnull=True).order_by("pk")


def channels_left(publication: Publication) -> list[tuple[str, str]]:
    """Where nobody has begun to say the same."""
    taken = set(family(publication).values_list("channel", flat=True))
    return [(value, str(label)) for value, label in Channel.choices if value not in taken]


@transaction.atomic
def copy_to(*, publication: Publication, channel: str, by: Person, at: datetime) -> Publication:
    """The same for another channel: a draft whose facts and personal data are confirmed for that place (2.14).

    It keeps its author and all who wrote in it, its files and what was answered. Consents are asked for by channel.
    """
    demand(by, Right.PUBLICATIONS_DRAFT_WRITE, at)
    found = Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)
    if found.discarded_at is not None:
        raise ActRefusedError(_("The draft was thrown away."), "2.14")
    if channel not in dict(channels_left(found)):
        raise ActRefusedError(_("For this channel there is a draft already: go on with that one."), "2.14")
    made = Publication.objects.get(pk=found.pk)
    made.pk, made._state.adding, made.public_id, made.copy_of_id = (
        None,
        True,
        new_public_id(),
        found.copy_of_id or found.pk,
    )
    made.place = ""  # an own post elsewhere has its address there, by a permission that names it (3.2)
    made.channel, made.changes, made.changed_by, made.changed_at = channel, 0, by, at
    made.save()
    copy_files(found, made)
    copy_answers(found, made, at)
    detail = {"of": found.public_id, "channel": channel}
    record(act="publications:draft:copy", by=by, at=at, subject=made.public_id, detail=detail)
    return made


def copy_files(found: Publication, made: Publication) -> None:
    """Its files, with what was found in them and who looked: the bytes are the same."""
    for one in found.standing_files:
        before = one.public_id
        one.pk, one._state.adding, one.public_id, one.publication = None, True, new_public_id(), made
        one.findings = [{**each, "part": one.public_id} if each["part"] == before else each for each in one.findings]
        one.save()


def copy_answers(found: Publication, made: Publication, at: datetime) -> None:
    """What was answered, to the same findings, which stand in the same order.

    Not that somebody outside the lists agreed: they agreed to the channel of which they were told.
    """
    before, after = (finding_keys(findings_of(one, at)) for one in (found, Publication.objects.get(pk=made.pk)))
    new = dict(zip(before, after, strict=True))
    answers = FindingAnswer.objects.filter(publication=found, key__in=new)
    for one in (each for each in answers if each.outside.get("ground") != Ground.CONSENT):
        one.pk, one._state.adding, one.publication, one.key = None, True, made, new[one.key]
        one.save()
