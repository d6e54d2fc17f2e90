"""Own pages and posts (3.2): by whose permission in force each is placed, and whether that names where it will stand.

What stands on our own site stands in its lists and feeds as well, so that the permission names the site, or its name.
"""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from darbaza.policy.resource import UNREADABLE, Resource
from darbaza.portal.council.models import Channel
from darbaza.portal.council.targets import read_target
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.permits.models import Permit, PermitKind, PermitState
from darbaza.portal.publications.models import Genre, Placement, Publication
from darbaza.publication.matter import Permission


def own_permits(at: datetime) -> QuerySet[Permit]:
    """Permissions to place own information that are in force at an instant, of people who are at the school."""
    given = Permit.objects.filter(kind=PermitKind.OWN_INFORMATION, state=PermitState.GRANTED, person__active=True)
    return given.filter(since__lte=at, until__gt=at).select_related("person").prefetch_related("resources")


def permission_of(permit: Permit | None) -> Permission | None:
    """A permission that was given and not taken back, of somebody who is at the school."""
    if permit is None or permit.state != PermitState.GRANTED or not permit.person.active:
        return None
    places = frozenset(one.target for one in permit.granted_resources)
    return Permission(permit.ref, str(permit.person_id), permit.since, permit.until, places)


def permission_for(publication: Publication, place: Resource, at: datetime) -> Permission | None:
    """By which permission a draft is placed: the last to end of those that name where it will stand, or of all."""
    if publication.own_of_id is None:
        return None
    given = own_permits(at).filter(person=publication.own_of_id).order_by("-until", "-pk")
    found = [one for one in map(permission_of, given) if one is not None]
    return next((one for one in found if one.names(place)), found[0] if found else None)


def permits_of(refs: Iterable[str]) -> dict[str, Permit]:
    """The permissions of these numbers, by them."""
    wanted = {ref for ref in refs if ref}
    if not wanted:
        return {}
    years = {int(ref.split("-")[0]) for ref in wanted}
    found = Permit.objects.filter(year__in=years).select_related("person").prefetch_related("resources")
    return {one.ref: one for one in found if one.ref in wanted}


def site_place() -> Resource:
    """The school's public site as a permission names it."""
    host = settings.SITE_HOST or urlsplit(settings.ADDRESS).hostname or ""
    return Resource(host, reverse("site:entrance"))


def place_of(publication: Publication) -> Resource:
    """Where a draft will stand; unreadable where that is not said."""
    if publication.channel == Channel.SITE:
        return site_place()
    host, slash, path = publication.place.partition("/")
    return Resource(host, slash + path) if host else UNREADABLE


def written_place(genre: str, channel: str, typed: str) -> str:
    """Where an own post will stand on a channel of others, in canonical form; empty for everything else.

    Raises `ActRefusedError` where it is not said, or cannot be read.
    """
    if genre != Genre.OWN or channel == Channel.SITE:
        return ""
    if not typed.strip():
        raise ActRefusedError(_("Say at which address the own post will stand, as the permission names it."), "3.2")
    return "".join(read_target(typed))[:500]


def demand_named(placement: Placement, address: str, at: datetime) -> None:
    """Refuse an address that the permission by which an own post is placed does not name."""
    own = placement.publication
    if placement.genre != Genre.OWN:
        return
    place = Resource(*read_target(address))
    permission = permission_for(own, place, at)
    if permission is None or not permission.names(place):
        message = _("The permission to place own information does not name %(address)s. It may stand where it names.")
        raise ActRefusedError(message % {"address": place.host + place.path}, "3.2")
