"""Asking for removal without an account, and answering it. The link is on every page of the site."""

import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import ID_ALPHABET, Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.publications.actions import SHORTEST, take_down
from darbaza.portal.publications.aftermath import raise_task
from darbaza.portal.publications.kin import family
from darbaza.portal.publications.models import Placement, Publication, RemovalAsker, RemovalRequest, TakeDownCause
from darbaza.portal.school_time import day_begins

MOST_A_HOUR, MOST_OF_ONE = 200, 10
"""Requests that are taken within an hour, of all and from one address: whoever floods the link finds it shut, others
do not, and what came before stands. Behind one address of a mobile network are many."""
NUMBER_LENGTH = 10
FORM_AGE = timedelta(hours=6)
SALT = "publications.removal"
KEPT = timedelta(days=365)
"""How long a request is kept after it was answered; one that waits is kept until it is."""


def form_token() -> str:
    """What a form of the site carries instead of a cookie: that we made it, and when."""
    return signing.TimestampSigner(salt=SALT).sign("removal")


def is_ours(token: str) -> bool:
    """Whether a form is one of ours and not too old."""
    try:
        return signing.TimestampSigner(salt=SALT).unsign(token, max_age=FORM_AGE) == "removal"
    except signing.BadSignature:
        return False


@transaction.atomic
def ask(
    *, where: str, why: str, contact: str, placement: Placement | None, at: datetime, asker: str = ""
) -> RemovalRequest:
    """Note that somebody asks for removal. Who it is nobody has to say; without an address there is no answer.

    `asker` is the address that asks, by which floods are told.
    """
    where = " ".join(where.split())
    if placement is None and len(where) < SHORTEST:
        raise ActRefusedError(_("Say what should be removed, and where it stands."), "2.15")
    demand_room(asker, at)
    made = RemovalRequest.objects.create(
        number="".join(secrets.choice(ID_ALPHABET) for _ in range(NUMBER_LENGTH)),
        placement=placement,
        where=where[:500],
        why=why.strip()[:1000],
        contact=" ".join(contact.split())[:200],
        at=at,
    )
    record(act="publications:removal:ask", by=None, at=at, subject=made.number)
    return made


def demand_room(asker: str, at: datetime) -> None:
    """Note that an address asks. Raises `ActRefusedError` where it, or everybody together, asked too often."""
    hour = at - timedelta(hours=1)
    RemovalAsker.objects.filter(at__lte=hour).delete()
    digest = salted_hmac(SALT, asker, algorithm="sha256").hexdigest()
    by_one, by_all = RemovalAsker.objects.filter(address=digest), RemovalRequest.objects.filter(at__gt=hour)
    if by_one.count() >= MOST_OF_ONE or by_all.count() >= MOST_A_HOUR:
        raise ActRefusedError(
            _("Too many requests came within this hour. Come again later, or call the school."), "2.15"
        )
    RemovalAsker.objects.create(address=digest, at=at)


@transaction.atomic
def settle(*, asked: RemovalRequest, remove: bool, answer: str, by: Person, at: datetime) -> RemovalRequest:
    """Answer a request: remove what it is about, or say why not."""
    demand(by, Right.PUBLICATIONS_PLACEMENT_MAKE, at)
    found = RemovalRequest.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if found.answered_at is not None:
        raise ActRefusedError(_("This has been answered already."), "2.15")
    if len(answer.strip()) < SHORTEST:
        raise ActRefusedError(_("Say what was done, or why it stays."), "2.15")
    if remove and found.placement is not None:
        remove_placed(found.placement.publication, answer, by, at)
    found.answered_by, found.answered_at, found.removed, found.answer = by, at, remove, answer.strip()[:300]
    found.save()
    record(act="publications:removal:settle", by=by, at=at, subject=found.number, detail={"removed": remove})
    return found


def remove_placed(publication: Publication, why: str, by: Person, at: datetime) -> None:
    """Take down what somebody asked to be removed: at once on our site, by a task elsewhere.

    That is what stands now, also if it was published anew since they asked, and what says the same on other channels.
    """
    for one in Placement.objects.filter(publication__in=family(publication), taken_down_at__isnull=True):
        if one.is_on_site:
            take_down(placement=one, reason=why, by=by, at=at)
        else:
            raise_task(one, TakeDownCause.REMOVAL, at)


def forget_before(day: date) -> int:
    """Delete requests that were answered a year ago; `day` is the first of which the log is kept. How many."""
    today = day + timedelta(days=settings.VERDICT_LOG_DAYS)
    RemovalAsker.objects.filter(at__lt=day_begins(today)).delete()
    return RemovalRequest.objects.filter(answered_at__lt=day_begins(today) - KEPT).delete()[0]
