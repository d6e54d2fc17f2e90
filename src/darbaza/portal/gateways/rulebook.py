"""The rulebook of the school: what all apps hold in force, as one value that the policy core understands.

Acts carry their own dates into the rulebook wherever they can, so it changes when somebody acts, seldom because a day
begins: what begins tomorrow is in today's rulebook already.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from darbaza.catalogue import categories
from darbaza.policy import rulebook
from darbaza.policy.verdict import Ground, GroundKind
from darbaza.portal.acquaintance.rules import rules_at
from darbaza.portal.classification.in_force import assignments, register
from darbaza.portal.council.in_force import beginning, holds, next_default, rulings, user_categories
from darbaza.portal.council.inspections import inspections
from darbaza.portal.council.regulation.in_force import next_version, ref_at
from darbaza.portal.gateways.models import Trust
from darbaza.portal.permits.in_force import permits
from darbaza.portal.rooms.models import Device, Room
from darbaza.portal.school_time import day_begins, school_day
from darbaza.portal.timetable.in_force import days_off, exceptions, slots

PROGRAMS = (".apk", ".appimage", ".bat", ".cmd", ".deb", ".dmg", ".exe", ".iso", ".jar", ".msi", ".ps1", ".rpm", ".scr")
ARCHIVES = (".7z", ".cab", ".gz", ".rar", ".tar", ".torrent", ".xz", ".zip")
MULTIMEDIA = (".avi", ".flac", ".flv", ".m4a", ".mkv", ".mov", ".mp3", ".mp4", ".mpeg", ".ogg", ".wav", ".webm", ".wmv")
DOWNLOAD_SUFFIXES = tuple(sorted(PROGRAMS + ARCHIVES + MULTIMEDIA))
"""Endings of paths that make a resource a download (3.3), where a path can be seen."""


def build(at: datetime, revision: int = 1) -> rulebook.Rulebook:
    """The rulebook in force at an instant, in the order of its ids and so with equal bytes for equal content."""
    day = school_day(at)
    midnight = day_begins(day).astimezone(UTC)
    classifier = categories.load()
    return rulebook.Rulebook(
        revision=revision,
        school=settings.SCHOOL,
        regulation=ref_at(at),
        zone=settings.TIME_ZONE,
        user_categories=user_categories(at),
        rooms=equipped_rooms(),
        devices=devices(),
        slots=slots(day),
        exceptions=exceptions(midnight),
        statutory=classifier.statutory(),
        permit_rules=classifier.permit_rules(),
        permits=permits(midnight),
        rulings=rulings(midnight),
        holds=holds(midnight),
        register=register(midnight),
        assignments=assignments(),
        download_suffixes=DOWNLOAD_SUFFIXES,
        days_off=days_off(day),
        inspections=inspections(midnight),
        acquaintance=rules_at(at).id,
    )


def next_change(at: datetime) -> datetime:
    """The next instant at which the rulebook must be made anew although nobody acts: midnight at the latest."""
    midnight = day_begins(school_day(at) + timedelta(days=1))
    return min(one for one in (midnight, next_default(at), next_version(at)) if one is not None)


def equipped_rooms() -> tuple[rulebook.Room, ...]:
    """The rooms that orders equip, or equipped, with their days."""
    found = Room.objects.filter(equipped_since__isnull=False).order_by("code")
    ordered = found.filter(Q(equipped_until__isnull=True) | Q(equipped_until__gt=F("equipped_since")))
    return tuple(_room(one) for one in ordered)


def _room(one: Room) -> rulebook.Room:
    ordered = one.order_date.isoformat() if one.order_date else ""
    return rulebook.Room(
        id=one.code,
        ground=Ground(GroundKind.ORDER, one.order_number, ordered),
        since=beginning(one.equipped_since),
        until=beginning(one.equipped_until),
    )


def devices() -> tuple[rulebook.Device, ...]:
    """Every device that the school knows, with the room of its seat."""
    found = Device.objects.select_related("seat__room").order_by("address")
    trusted = defaultdict[int, list[str]](list)
    for device, fingerprint in Trust.objects.exclude(fingerprint="").values_list("device", "fingerprint"):
        trusted[device].append(fingerprint)
    return tuple(
        rulebook.Device(
            one.address,
            one.seat.room.code if one.seat else "",
            rulebook.UserKind(one.kind),
            one.mac,
            trusts=one.pk in trusted,
            authorities=tuple(sorted(trusted.get(one.pk, ()))),
        )
        for one in found
    )
