"""Covering a face in what was published, instead of closing all of it: where nothing else is in the way (2.15, 2.17).

A placement whose pictures show people by name knows where each of them is. If the consent to somebody's picture ends,
that place can be covered, and what is left judged as if it had been published so. It is the gate itself that says
whether that suffices; here nothing is let through that it would not. Pure and total.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from darbaza.publication.findings import Box, Finding
from darbaza.publication.gate import ALONG, Reason, Why, judge_standing
from darbaza.publication.kinds import DataKind
from darbaza.publication.matter import Answer, Answered, Matter, Part, PartKind, Seen, finding_keys, look_of

COVERABLE = frozenset({DataKind.PHOTO, *ALONG.values()})
"""Of whom only this is without consent may be covered: whoever is named in words as well is not hidden by that."""


@dataclass(frozen=True, slots=True)
class Mask:
    """What is covered: places of each picture by its part, in pixels of the upright original; and whose they are."""

    places: Mapping[str, tuple[Box, ...]]
    people: frozenset[str]


def mask_for(matter: Matter, at: datetime) -> Mask | None:
    """What to cover of a placement that may not stand as it is, so that it may; None if that is not to be had.

    That is so if anything else is in the way than consents to pictures, if one of those people is in a picture at no
    named place, in a document's picture or named elsewhere, or if nothing is in the way at all.
    """
    reasons = judge_standing(matter, at).reasons
    people = frozenset(one.person for one in reasons)
    if not reasons or not all(map(is_coverable, reasons)):
        return None
    places = {part.id: places_of(people, matter, part.id) for part in matter.parts if part.kind is PartKind.PICTURE}
    if not all(is_placed(people, matter, part) for part in matter.seen):
        return None
    mask = Mask({part: boxes for part, boxes in places.items() if boxes}, people)
    return mask if mask.places and judge_standing(behind(mask, matter), at).passes else None


def is_coverable(reason: Reason) -> bool:
    """Whether what is in the way is a consent to a picture, or to what a picture's publication tells along with it."""
    return reason.why is Why.NO_CONSENT and reason.kind in COVERABLE and bool(reason.person)


def shows(finding: Finding, given: Answered | None, people: frozenset[str]) -> bool:
    """Whether a finding is a place in a picture that was answered as the face of one of these people."""
    in_picture = finding.kind is DataKind.PHOTO and isinstance(finding.where, Box)
    return in_picture and given is not None and given.answer is Answer.CONSENT and bool(people & set(given.people))


def places_of(people: frozenset[str], matter: Matter, part: str) -> tuple[Box, ...]:
    """Where these people are in a picture, as they were named there."""
    found = zip(finding_keys(matter.findings), matter.findings, strict=True)
    mine = [one for key, one in found if one.part == part and shows(one, matter.answers.get(key), people)]
    return tuple(dict.fromkeys(one.where for one in mine if isinstance(one.where, Box)))


def is_placed(people: frozenset[str], matter: Matter, part: str) -> bool:
    """Whether each of these people who was recognised in a picture has a place of their own there."""
    seen = matter.seen.get(part)
    return all(places_of(frozenset({one}), matter, part) for one in people & set(seen.people if seen else ()))


def behind(mask: Mask, matter: Matter) -> Matter:
    """The matter as if it had been published with these places covered."""
    parts = tuple(covered(part, mask.places.get(part.id, ())) for part in matter.parts)
    looks = {part.id: look_of(part) for part in parts}
    answers = dict(matter.answers)
    for key, finding in zip(finding_keys(matter.findings), matter.findings, strict=True):
        if shows(finding, answers.get(key), mask.people):
            answers[key] = Answered(Answer.BLUR)
    seen = {
        part: Seen(one.by, looks.get(part, one.digest), tuple(sorted(set(one.people) - mask.people)))
        for part, one in matter.seen.items()
    }
    masked = replace(matter, parts=parts, answers=answers, seen=seen)
    checked = masked.personal_data
    return replace(masked, personal_data=replace(checked, digest=masked.clearing) if checked else None)


def covered(part: Part, places: tuple[Box, ...]) -> Part:
    """A picture with more places covered."""
    return replace(part, blurred=tuple(dict.fromkeys((*part.blurred, *places)))) if places else part
