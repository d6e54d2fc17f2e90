"""A draft as the gate looks at it, how far it is, and who may read it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from django.db.models import Q, QuerySet

from darbaza.portal.consents.known import consents_of, protected
from darbaza.portal.council.publishing import rules_at
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, holds
from darbaza.portal.publications.certificates import BODY, CAPTION, TITLE
from darbaza.portal.publications.contacts import own_contacts
from darbaza.portal.publications.models import (
    PURPOSES,
    Check,
    CheckKind,
    DraftFile,
    FileKind,
    Placement,
    Publication,
)
from darbaza.portal.publications.own_pages import permission_for, place_of
from darbaza.portal.publications.records import boxes_of, crop_of, finding_of, outside_of, people_in
from darbaza.portal.publications.rosters import named_on, roster_of
from darbaza.portal.publications.uploads import passages_from, written_findings, written_from
from darbaza.portal.school_time import day_begins, school_day
from darbaza.publication.attachments import Attachment, Format, Passage, find_in_attachment
from darbaza.publication.consents import Answer as Said
from darbaza.publication.consents import Consent
from darbaza.publication.findings import Box, Finding
from darbaza.publication.gate import GateVerdict, Step, is_hidden, judge
from darbaza.publication.kinds import Channel, DataKind, Purpose
from darbaza.publication.matter import (
    Answer,
    Answered,
    Checked,
    Matter,
    Part,
    PartKind,
    Publisher,
    Seen,
    finding_keys,
    text_digest,
)
from darbaza.publication.own_contacts import KINDS as OWN_KINDS
from darbaza.publication.pictures import Written
from darbaza.publication.text import Named, find_in_text

WEEK = timedelta(days=7)


class Stage(StrEnum):
    """How far a publication is. It follows from its checks and placements, and is stored nowhere."""

    DRAFT = "draft"
    FACTS_CHECKED = "facts-checked"
    DATA_CHECKED = "data-checked"
    COMPLETE = "complete"
    PUBLISHED = "published"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    DISCARDED = "discarded"


def texts_of(publication: Publication) -> dict[str, str]:
    """The texts by their part, as they were handed in."""
    captions = {CAPTION + one.public_id: one.caption for one in publication.standing_files if one.caption}
    return {TITLE: publication.title, BODY: publication.body, **captions}


def findings_of(publication: Publication, at: datetime) -> tuple[Finding, ...]:
    """Everything found in texts, in documents and on pictures by the lists of this day; faces as they were seen."""
    named = named_on(school_day(at))
    roster = roster_of(named)
    found = [one for part, text in texts_of(publication).items() for one in find_in_text(text, roster, part)]
    for file in publication.standing_files:
        found += found_in_file(file, named)
    return tuple(found)


def found_at(file: DraftFile, at: datetime) -> tuple[Finding, ...]:
    """What a file says of the people of a day."""
    return found_in_file(file, named_on(school_day(at)))


def found_in_file(file: DraftFile, named: tuple[Named, ...]) -> tuple[Finding, ...]:
    """What a file says of these people: what is written in a document or on a picture is searched again, since people
    come to a school after it was attached. Faces, and what a picture's file notes, are as they were seen.
    """
    stored = tuple(finding_of(one) for one in file.findings)
    if passages := passages_from(file.facts):
        faces = (one for one in stored if one.kind is DataKind.PHOTO)
        return (*found_in_passages(passages, named, file.public_id), *faces)
    if read := written_from(file.facts):
        seen = (one for one in stored if one.kind is DataKind.PHOTO or not isinstance(one.where, Box))
        return (*seen, *found_in_writing(read, named, file.public_id))
    return stored


@lru_cache(maxsize=32)
def found_in_writing(read: Written, named: tuple[Named, ...], part: str) -> tuple[Finding, ...]:
    """What the words on a picture say of these people."""
    return tuple(written_findings(read, roster_of(named), part))


@lru_cache(maxsize=32)
def found_in_passages(passages: tuple[Passage, ...], named: tuple[Named, ...], part: str) -> tuple[Finding, ...]:
    """What a document's text says of these people; a page is shown many times before it or the lists change."""
    return find_in_attachment(Attachment(Format.TEXT, passages), roster_of(named), part)


def parts_of(publication: Publication) -> tuple[Part, ...]:
    """Texts and files as parts."""
    texts = [
        Part(part, PartKind.TEXT, text_digest(text), len(text.split())) for part, text in texts_of(publication).items()
    ]
    return (*texts, *(file_part(one) for one in publication.standing_files))


def file_part(file: DraftFile) -> Part:
    """A file as a part; a picture with what is done to it as it goes out, a document with what it says and shows."""
    kind = PartKind.PICTURE if file.kind == FileKind.PICTURE else PartKind.ATTACHMENT
    words, pictured = words_in(passages_from(file.facts)), len(file.facts.get("pictured", ()))
    crop, blurred = crop_of(file.edits), boxes_of(file.edits)
    return Part(file.public_id, kind, file.sha256, words, blurred, crop, bool(pictured), pictured)


def words_in(passages: Iterable[Passage]) -> int:
    """How many words a document has."""
    return sum(len(one.text.split()) for one in passages)


def gone_with(finding: Finding, part: Part) -> Answered | None:
    """What becomes of a finding by what is done to its picture: cut away, covered, or left out of what goes out."""
    if part.kind is not PartKind.PICTURE:
        return None
    if not isinstance(finding.where, Box):
        return Answered(Answer.REMOVE)
    if part.crop is not None and not part.crop.overlaps(finding.where):
        return Answered(Answer.CROP)
    return Answered(Answer.BLUR) if is_hidden(finding.where, part) else None


def answers_of(publication: Publication, findings: Sequence[Finding]) -> dict[str, Answered]:
    """What people answered to these findings, by their keys. What is hidden in a picture was answered by that, also if
    it was found there only afterwards; what is the school's own, by what the school has entered."""
    parts = {one.public_id: file_part(one) for one in publication.standing_files}
    found = dict(zip(finding_keys(findings), findings, strict=True))
    given = {
        one.key: Answered(Answer(one.answer), tuple(one.people), one.why, str(one.by_id), outside_of(one.outside))
        for one in publication.answers.all()
        if one.key in found and one.answer != Answer.SCHOOLS
    }
    places = {key: one for key, one in found.items() if key not in given and one.part in parts}
    gone = {key: answer for key, one in places.items() if (answer := gone_with(one, parts[one.part]))}
    return given | gone | of_the_school(publication, {key: one for key, one in found.items() if key not in given})


def of_the_school(publication: Publication, open_ones: Mapping[str, Finding]) -> dict[str, Answered]:
    """Of findings that nobody answered those that are the school's own, as it has entered them: never in a picture."""
    kinds = {part.id: part.kind for part in parts_of(publication)}
    maybe = {key: one for key, one in open_ones.items() if one.kind in OWN_KINDS and not one.people}
    if not maybe:
        return {}
    contacts, texts = own_contacts(), texts_of(publication)
    return {
        key: Answered(Answer.SCHOOLS)
        for key, one in maybe.items()
        if kinds.get(one.part) is not PartKind.PICTURE and contacts.hold(one, texts.get(one.part, ""))
    }


def seen_of(publication: Publication) -> dict[str, Seen]:
    """Who looked at which picture, and who can be recognised in it."""
    return {
        one.public_id: Seen(str(one.seen_by_id), one.seen_digest, tuple(one.seen_people))
        for one in publication.standing_files
        if one.seen_by_id
    }


def check_of(publication: Publication, kind: CheckKind) -> Check | None:
    """The latest check of a kind, unless it was withdrawn."""
    latest = max((one for one in publication.checks.all() if one.kind == kind), key=lambda one: one.pk, default=None)
    return latest if latest is not None and latest.doubted_at is None else None


def checked_value(check: Check | None) -> Checked | None:
    """A check as the gate reads it."""
    return Checked(str(check.by_id), check.at, check.digest, check.source) if check else None


def end_of(publication: Publication) -> datetime | None:
    """The first instant after the last day on which it is public."""
    return day_begins(publication.until + timedelta(days=1)) if publication.until else None


def recent(publication: Publication, at: datetime) -> int:
    """How many others went out on this channel for this purpose within the seven days before."""
    genres = [genre for genre, purpose in PURPOSES.items() if purpose == publication.purpose]
    found = Placement.objects.filter(
        channel=publication.channel, genre__in=genres, placed_at__gt=at - WEEK, placed_at__lte=at
    )
    return found.exclude(publication=publication).values("publication").distinct().count()


def matter_of_draft(publication: Publication, at: datetime, publisher: Person | None = None) -> Matter:
    """A draft with everything that bears on it at an instant."""
    findings, seen = findings_of(publication, at), seen_of(publication)
    answers = answers_of(publication, findings)
    place = place_of(publication)
    people = people_in(findings, answers, seen) | ({str(publication.own_of_id)} if publication.own_of_id else set())
    return Matter(
        id=publication.public_id,
        author=str(publication.author_id),
        channel=Channel(publication.channel),
        purpose=Purpose(publication.purpose),
        parts=parts_of(publication),
        findings=findings,
        answers=answers,
        seen=seen,
        facts=checked_value(check_of(publication, CheckKind.FACTS)),
        personal_data=checked_value(check_of(publication, CheckKind.PERSONAL_DATA)),
        publisher=publisher_value(publisher, at),
        own_of=str(publication.own_of_id or ""),
        place=place,
        permission=permission_for(publication, place, at),
        until=end_of(publication),
        consents=known_consents(people, at),
        protected=protected(people),
        rules=rules_at(at),
        recent=recent(publication, at),
        writers=tuple(str(one) for one in publication.writers),
        event_on=publication.event_on.isoformat() if publication.event_on else "",
    )


def known_consents(people: Iterable[str], at: datetime) -> tuple[Consent, ...]:
    """What is known of consents of these people at an instant, the present.

    What is stored has happened, also where the clock was set back since: no withdrawal waits for its hour again.
    """
    return tuple(as_happened(one, at) for one in consents_of(sorted(people), at))


def as_happened(one: Consent, at: datetime) -> Consent:
    """A statement of which no refusal, withdrawal or end lies ahead of an instant."""
    withdrawn_at = _no_later(one.withdrawn_at, at)
    if one.answer is Said.REFUSED:
        given_at, recorded_at = min(one.given_at, at), min(one.recorded_at, at)
        return replace(one, given_at=given_at, recorded_at=recorded_at, withdrawn_at=withdrawn_at)
    return replace(one, withdrawn_at=withdrawn_at, lapsed_at=_no_later(one.lapsed_at, at))


def _no_later(instant: datetime | None, at: datetime) -> datetime | None:
    return min(instant, at) if instant is not None else None


def publisher_value(person: Person | None, at: datetime) -> Publisher | None:
    """Who would place it, by the orders in force."""
    return Publisher(str(person.pk), holds(person, Right.PUBLICATIONS_PLACEMENT_MAKE, at)) if person else None


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft, what the gate says of it, and how far it is."""

    matter: Matter
    verdict: GateVerdict
    stage: Stage


def judged(publication: Publication, at: datetime, publisher: Person | None = None) -> Judged:
    """A draft before the gate."""
    matter = matter_of_draft(publication, at, publisher)
    verdict = judge(matter, at)
    return Judged(matter, verdict, stage_of(publication, verdict))


def stage_of(publication: Publication, verdict: GateVerdict) -> Stage:
    """How far a draft is by what is in its way; placements are looked at by `public_stage`."""
    if publication.discarded_at:
        return Stage.DISCARDED
    if not verdict.clear_of(Step.FACTS):
        return Stage.DRAFT
    if not verdict.clear_of(Step.PERSONAL_DATA):
        return Stage.FACTS_CHECKED
    if not verdict.clear_of(Step.CONSENTS, Step.COUNCIL):
        return Stage.DATA_CHECKED
    return Stage.COMPLETE


def with_publisher(matter: Matter, person: Person, at: datetime) -> Matter:
    """The same matter, to be placed by somebody."""
    return replace(matter, publisher=publisher_value(person, at))


def readable_by(person: Person, at: datetime) -> QuerySet[Publication]:
    """The drafts that a person may read: their own, and all for whoever checks or publishes."""
    found = Publication.objects.select_related("author", "own_of").prefetch_related(
        "files", "answers", "checks__by", "placements"
    )
    if holds(person, Right.PUBLICATIONS_DRAFT_READ, at):
        return found
    return found.filter(Q(author=person))
