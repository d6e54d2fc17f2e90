"""The one door to the public. Whatever is shown outside came through here, judged at this very moment.

What was placed is opened by its seal and judged again by the consents, the protection and the permission that stand
now, so that a consent withdrawn is obeyed at the next request, whatever else happened or failed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from darbaza.portal.consents.known import protected
from darbaza.portal.council.models import Channel
from darbaza.portal.publications.certificates import Content, OutFile, content_of, opened
from darbaza.portal.publications.markup import beginning_of
from darbaza.portal.publications.masked import renamed
from darbaza.portal.publications.models import CheckKind, Placement
from darbaza.portal.publications.own_pages import permission_of, permits_of, site_place
from darbaza.portal.publications.reading import known_consents
from darbaza.portal.publications.records import JSON, matter_of, people_in
from darbaza.publication.findings import Box
from darbaza.publication.gate import GateVerdict, judge_standing
from darbaza.publication.masking import Mask, mask_for
from darbaza.publication.matter import Matter

AT_ONCE = 25
"""Placements that are read and judged together: a page of a list, and one that says whether there is more."""

MOST_BATCHES = 8
"""So many of them are looked through for one page."""

CARD_CHARACTERS = 180


@dataclass(frozen=True, slots=True)
class Served:
    """What the public sees of one publication."""

    id: str
    placement: str
    content: Content
    placed_at: datetime
    mask: Mask | None = None
    crops: Mapping[str, Box] = field(default_factory=dict)

    @property
    def event_on(self) -> date | None:
        """The day of the event; None for what is none."""
        return date.fromisoformat(self.content.event_on) if self.content.event_on else None

    @property
    def beginning(self) -> str:
        """How its text begins, for a card that leads to it and for those who find it by a search."""
        return beginning_of(self.content.body, CARD_CHARACTERS)

    @property
    def pictures(self) -> tuple[OutFile, ...]:
        """Its pictures, each in its largest size."""
        return self.content.pictures

    @property
    def figures(self) -> tuple[tuple[OutFile, tuple[OutFile, ...]], ...]:
        """Its pictures, each with all sizes of it, for a screen and a line to choose from."""
        every = self.content.files
        return tuple((one, tuple(size for size in every if size.part == one.part)) for one in self.pictures)

    @property
    def attachments(self) -> tuple[OutFile, ...]:
        """Its documents."""
        return tuple(one for one in self.content.files if one.kind != "picture")

    def kept(self, part: str) -> Box | None:
        """The part of a picture's original that went out; None for all of it."""
        return self.crops.get(part)

    def file(self, sha256: str, name: str) -> OutFile | None:
        """One of its files, by the name that we gave it."""
        return next((one for one in self.content.files if (one.sha256, one.name) == (sha256, name)), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """A placement that nobody took down, what the gate says now of all of it, and what of it is covered, if that helps.

    `matter` is what is judged.
    """

    placement: Placement
    record: JSON
    matter: Matter
    verdict: GateVerdict
    mask: Mask | None

    @property
    def may_stand(self) -> bool:
        """Whether it may stand as it is: on our site it is public then, with what is covered."""
        return self.verdict.passes or self.mask is not None


def served(placements: Iterable[Placement], at: datetime) -> list[Served]:
    """Of some placements what the public sees at an instant, in their order: on our own site, unless it is closed."""
    found = []
    for one in judged_now(placements, at):
        if one.record["matter"]["channel"] == Channel.SITE and one.may_stand:
            content, since = content_of(one.record["content"]), datetime.fromisoformat(one.record["at"])
            crops = {part.id: part.crop for part in one.matter.parts if part.crop}
            shown = renamed(content, one.mask)
            found.append(Served(one.matter.id, one.placement.public_id, shown, since, one.mask, crops))
    return found


def mask_of(record: JSON, matter: Matter, at: datetime) -> Mask | None:
    """What is covered now of a placement on our site, if whoever let it out wanted that, and it can be had."""
    if not record.get("mask") or record["matter"]["channel"] != Channel.SITE:
        return None
    mask = mask_for(matter, at)
    measured = {one["part"] for one in record["content"]["files"] if one.get("made_of")}
    return mask if mask and set(mask.places) <= measured else None


def judged_now(placements: Iterable[Placement], at: datetime) -> list[Standing]:
    """Each placement that stands and is sealed, with what the gate says of it at an instant."""
    return [
        Standing(one, record, matter, judge_standing(matter, at), mask_of(record, matter, at))
        for one, record, matter in matters_of(placements, at)
    ]


def matters_of(placements: Iterable[Placement], at: datetime) -> list[tuple[Placement, JSON, Matter]]:
    """Each placement that stands and is sealed, with its record and what is to be judged now."""
    records = [(one, record) for one in placements if one.stands(at) and (record := opened(one)) is not None]
    bare = [(one, record, matter_of(record["matter"])) for one, record in records]
    people = {person for _one, _record, matter in bare for person in everybody(matter)}
    consents, guarded = known_consents(people, at), protected(people)
    permits = permits_of(record["permission"] for _one, record in records)
    found = []
    for one, record, _bare in bare:
        now: dict[str, object] = {
            "consents": consents,
            "protected": guarded,
            "permission": permission_of(permits.get(record["permission"])),
        }
        if record["matter"]["channel"] == Channel.SITE:
            now["place"] = site_place()
        found.append((one, record, matter_of(doubted(record, one), **now)))
    return found


def everybody(matter: Matter) -> set[str]:
    """All whom a matter may be about."""
    own = {matter.own_of} if matter.own_of else set()
    return people_in(matter.findings, matter.answers, matter.seen) | own


def doubted(record: JSON, placement: Placement) -> JSON:
    """The matter as it was judged, without a check of facts that was withdrawn since."""
    digest = (record["matter"]["facts"] or {}).get("digest", "")
    checks = [one for one in placement.publication.checks.all() if (one.kind, one.digest) == (CheckKind.FACTS, digest)]
    if any(one.doubted_at is None for one in checks):
        return record["matter"]  # type: ignore[no-any-return] # JSON within JSON
    return {**record["matter"], "facts": None}


def latest_of(public_id: str, at: datetime) -> Served | None:
    """What the public sees of one publication: of what was placed last on our site, never of what was before."""
    placed = Placement.objects.filter(publication__public_id=public_id, channel=Channel.SITE)
    found = placed.select_related("publication").first()
    return next(iter(served([found], at)), None) if found else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of what the public sees, and the id of the publication from which it goes on; empty at the end."""

    found: tuple[Served, ...]
    rest: str = ""


def newest(genres: Iterable[str], at: datetime, count: int, than: str = "") -> Stretch:
    """What the public sees of some genres on our site, the latest first, `count` at most.

    With `than`, the id of a publication, only what is older: nothing that is newer is asked for, however much it is.
    Where a great many are closed, as after a year's consents ended, it stops before `count` and says where to go on.
    """
    wanted = frozenset(genres)
    every = placed = standing_on_site(wanted)
    if than:
        mark = Placement.objects.filter(publication__public_id=than, channel=Channel.SITE).first()
        placed = every.filter(before(mark)) if mark else every.none()
    found: list[Served] = []
    size = min(count + 1, AT_ONCE)
    for _batch in range(MOST_BATCHES):
        some = list(placed[:size])
        found += [one for one in served(some, at) if one.content.genre in wanted]
        if len(found) > count:
            return Stretch(tuple(found[:count]), found[count - 1].id)
        if len(some) < size:
            return Stretch(tuple(found))
        placed, size = every.filter(before(some[-1])), AT_ONCE
    return Stretch(tuple(found), some[-1].publication.public_id)


def coming(genres: Iterable[str], day: date, at: datetime, count: int) -> list[Served]:
    """What is announced on our site for a day or later, the nearest first: `count` of what is judged at once."""
    wanted = frozenset(genres)
    placed = standing_on_site(wanted).filter(event_on__gte=day).order_by("event_on", "-placed_at", "-id")
    return [one for one in served(placed[:AT_ONCE], at) if one.content.genre in wanted][:count]


def standing_on_site(genres: Iterable[str]) -> QuerySet[Placement]:
    """What nobody took down, of each publication the latest: whether it is shown, is judged."""
    here = Placement.objects.filter(channel=Channel.SITE, taken_down_at__isnull=True)
    later = here.filter(publication=OuterRef("publication")).filter(
        Q(placed_at__gt=OuterRef("placed_at")) | Q(placed_at=OuterRef("placed_at"), pk__gt=OuterRef("pk"))
    )
    found = here.filter(~Exists(later), genre__in=genres)
    return found.select_related("publication").prefetch_related("publication__checks")


def before(mark: Placement) -> Q:
    """Whatever was placed before a placement."""
    return Q(placed_at__lt=mark.placed_at) | Q(placed_at=mark.placed_at, pk__lt=mark.pk)
