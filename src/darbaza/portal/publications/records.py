"""Findings, answers and checks as JSON: with drafts' files, and in the certificate of what was let out."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from darbaza.policy.resource import UNREADABLE, Resource
from darbaza.publication.findings import Box, Cell, Certainty, Finding, Span
from darbaza.publication.kinds import Channel, DataKind, Purpose
from darbaza.publication.matter import (
    Answer,
    Answered,
    Checked,
    Ground,
    Matter,
    Outside,
    Part,
    PartKind,
    Publisher,
    Seen,
)

JSON = dict[str, Any]


def finding_json(one: Finding) -> JSON:
    """A finding as JSON."""
    where: list[Any]
    match one.where:
        case Span(start, end):
            where = ["span", start, end]
        case Box() as box:
            where = ["box", *box_json(box)]
        case Cell(name):
            where = ["cell", name]
    return {
        "kind": one.kind,
        "people": list(one.people),
        "certainty": one.certainty,
        "part": one.part,
        "where": where,
        "shown": one.shown,
    }


def finding_of(data: Mapping[str, Any]) -> Finding:
    """A finding from JSON."""
    name, *place = data["where"]
    where: Span | Box | Cell = {"span": Span, "box": Box, "cell": Cell}[name](*place)
    return Finding(
        kind=DataKind(data["kind"]),
        people=tuple(data["people"]),
        certainty=Certainty(data["certainty"]),
        part=data["part"],
        where=where,
        shown=data["shown"],
    )


def box_json(box: Box) -> list[int]:
    """A box as JSON."""
    return [box.left, box.top, box.width, box.height]


def boxes_of(edits: Mapping[str, Any]) -> tuple[Box, ...]:
    """What of a picture is blurred."""
    return tuple(Box(*one) for one in edits.get("blurred", ()))


def crop_of(edits: Mapping[str, Any]) -> Box | None:
    """What of a picture is left; None for all of it."""
    return Box(*edits["crop"]) if edits.get("crop") else None


def checked_json(one: Checked | None) -> JSON | None:
    """A check as JSON."""
    if one is None:
        return None
    return {"by": one.by, "at": one.at.isoformat(), "digest": one.digest, "source": one.source}


def checked_of(data: Mapping[str, Any] | None) -> Checked | None:
    """A check from JSON."""
    if data is None:
        return None
    return Checked(data["by"], datetime.fromisoformat(data["at"]), data["digest"], data["source"])


def matter_json(matter: Matter) -> JSON:
    """What was judged, without what is in force at the moment: consents, protection, decisions, the permission."""
    return {
        "id": matter.id,
        "author": matter.author,
        "writers": list(matter.writers),
        "channel": matter.channel,
        "purpose": matter.purpose,
        "parts": [
            {
                "id": one.id,
                "kind": one.kind,
                "digest": one.digest,
                "words": one.words,
                "blurred": [box_json(box) for box in one.blurred],
                "crop": box_json(one.crop) if one.crop else None,
                "shows": one.shows,
                "pictured": one.pictured,
            }
            for one in matter.parts
        ],
        "findings": [finding_json(one) for one in matter.findings],
        "answers": {key: answered_json(one) for key, one in matter.answers.items()},
        "seen": {
            part: {"by": one.by, "digest": one.digest, "people": list(one.people)} for part, one in matter.seen.items()
        },
        "facts": checked_json(matter.facts),
        "personal_data": checked_json(matter.personal_data),
        "publisher": matter.publisher.person if matter.publisher and matter.publisher.is_responsible else "",
        "own_of": matter.own_of,
        "place": [matter.place.host, matter.place.path],
        "until": matter.until.isoformat() if matter.until else None,
        "event_on": matter.event_on,
    }


def matter_of(data: Mapping[str, Any], **in_force: Any) -> Matter:
    """What was judged, with what is in force now: `consents`, `protected`, `permission`, `rules`, and our `place`."""
    in_force.setdefault("place", Resource(*data["place"]) if data.get("place") else UNREADABLE)
    return Matter(
        id=data["id"],
        author=data["author"],
        writers=tuple(data.get("writers", ())),
        channel=Channel(data["channel"]),
        purpose=Purpose(data["purpose"]),
        parts=tuple(part_of(one) for one in data["parts"]),
        findings=tuple(finding_of(one) for one in data["findings"]),
        answers={key: answered_of(one) for key, one in data["answers"].items()},
        seen={part: Seen(one["by"], one["digest"], tuple(one["people"])) for part, one in data["seen"].items()},
        facts=checked_of(data["facts"]),
        personal_data=checked_of(data["personal_data"]),
        publisher=Publisher(data["publisher"], True) if data["publisher"] else None,
        own_of=data["own_of"],
        until=datetime.fromisoformat(data["until"]) if data["until"] else None,
        event_on=data.get("event_on", ""),
        **in_force,
    )


def part_of(data: Mapping[str, Any]) -> Part:
    """A part from JSON."""
    kind = PartKind(data["kind"])
    shows, pictured = data.get("shows", False), data.get("pictured", 0)
    return Part(data["id"], kind, data["digest"], data["words"], boxes_of(data), crop_of(data), shows, pictured)


def answered_json(one: Answered) -> JSON:
    """An answer as JSON; the ground only where there is one, as in records from before there were any."""
    ground = {"outside": outside_json(one.outside)} if one.outside else {}
    return {"answer": one.answer, "people": list(one.people), "why": one.why, "by": one.by, **ground}


def answered_of(data: Mapping[str, Any]) -> Answered:
    """An answer from JSON."""
    outside = outside_of(data.get("outside"))
    return Answered(Answer(data["answer"]), tuple(data["people"]), data["why"], data["by"], outside)


def outside_json(one: Outside | None) -> JSON:
    """Somebody outside the lists, as JSON; empty for nobody."""
    return {name: getattr(one, name) for name in Outside.__slots__} if one else {}


def outside_of(data: Mapping[str, Any] | None) -> Outside | None:
    """Somebody outside the lists, from JSON."""
    return Outside(**{**data, "ground": Ground(data["ground"])}) if data else None


def people_in(findings: Iterable[Finding], answers: Mapping[str, Answered], seen: Mapping[str, Seen]) -> set[str]:
    """Everybody of the school whom a publication may be about: found, named by an answer, or recognised."""
    found = {person for one in findings for person in one.people}
    found |= {person for one in answers.values() for person in one.people}
    return found | {person for one in seen.values() for person in one.people}
