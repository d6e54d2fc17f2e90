"""Pictures and attachments of drafts: taken in, taken out, covered, looked at. Each is one act with its audit entry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.publications import files
from darbaza.portal.publications.actions import SHORTEST, demand_said, demand_same, draft_for, locked, with_writer
from darbaza.portal.publications.copies import forget_unused
from darbaza.portal.publications.models import DraftFile, FileKind, FindingAnswer, Publication
from darbaza.portal.publications.reading import file_part, found_at, gone_with
from darbaza.portal.publications.records import (
    JSON,
    answered_of,
    box_json,
    boxes_of,
    crop_of,
    finding_json,
)
from darbaza.portal.publications.rosters import roster_at
from darbaza.portal.publications.uploads import Upload
from darbaza.publication.findings import Box, Finding
from darbaza.publication.matter import STAYS, Answered, Part, finding_keys, look_of
from darbaza.publication.pasted import plain_text

MOST = {FileKind.PICTURE: 10, FileKind.ATTACHMENT: 5}
"""How many of each a draft may have."""

MOST_COVERED = 100
MOST_STEPS_BACK = 20
"""How many arrangements of one picture can be taken back, one after another."""


@transaction.atomic
def attach(*, publication: Publication, upload: Upload, by: Person, at: datetime) -> DraftFile:
    """Take a picture or a text into a draft, with what was found in it. Nobody outside sees anything of it.

    What is to be seen is written down, for those who do not see it and as the line below it.
    """
    found = draft_for(publication, by, at)
    caption = caption_of(upload.caption)
    if sum(one.kind == upload.kind for one in found.standing_files) >= MOST[upload.kind]:
        message = _("A draft has at most %(pictures)d pictures and %(texts)d documents. Take one out first.")
        numbers = {"pictures": MOST[FileKind.PICTURE], "texts": MOST[FileKind.ATTACHMENT]}
        raise ActRefusedError(message % numbers, "2.6")
    made = DraftFile(publication=found, kind=upload.kind, name=upload.name.replace("\x00", "")[-120:], caption=caption)
    made.findings = [finding_json(one) for one in upload.findings(roster_at(at), made.public_id)]
    made.facts, made.size = upload.facts, len(upload.data)
    made.sha256 = files.keep(files.WORKING, upload.data)
    made.added_by, made.added_at = by, at
    made.save()
    note_writer(found, by)
    if made.kind == FileKind.PICTURE:
        settle(found, made, {}, by, at)
    detail = {"file": made.public_id, "kind": made.kind, "bytes": made.size, "findings": len(made.findings)}
    record(act="publications:file:attach", by=by, at=at, subject=found.public_id, detail=detail)
    return made


def caption_of(words: str) -> str:
    """What is to be seen, as it is kept. Raises `ActRefusedError` if that is next to nothing."""
    caption = " ".join(plain_text(words).split())[:300]
    if len(caption) < SHORTEST:
        raise ActRefusedError(_("Say in words what is to be seen, for those who cannot see it."), "2.14")
    return caption


@transaction.atomic
def describe(*, file: DraftFile, words: str, by: Person, at: datetime) -> DraftFile:
    """Say in other words what is to be seen. What was covered and answered in the picture stands."""
    found = draft_for(file.publication, by, at)
    one = standing(found, file)
    one.caption = caption_of(words)
    one.save(update_fields=["caption"])
    note_writer(found, by)
    record(act="publications:file:describe", by=by, at=at, subject=found.public_id, detail={"file": one.public_id})
    return one


def note_writer(publication: Publication, by: Person) -> None:
    """Whoever hands a file in has written of the draft: somebody else confirms its facts."""
    publication.writers = with_writer(publication, by)
    publication.save(update_fields=["writers"])


@transaction.atomic
def replace(*, file: DraftFile, upload: Upload, by: Person, at: datetime) -> DraftFile:
    """Put a corrected file in a document's place. What still stands in it keeps its answer; it is looked at anew."""
    found = draft_for(file.publication, by, at)
    one = standing(found, file)
    if upload.kind != FileKind.ATTACHMENT or one.kind != FileKind.ATTACHMENT:
        raise ActRefusedError(_("In place of a document comes a document. Attach a picture by itself."), "2.15")
    before = DraftFile(sha256=one.sha256)
    one.findings = [finding_json(each) for each in upload.findings(roster_at(at), one.public_id)]
    one.facts = upload.facts | {"earlier": earlier_of(found, one)}
    one.name, one.size = upload.name.replace("\x00", "")[-120:], len(upload.data)
    one.sha256 = files.keep(files.WORKING, upload.data)
    one.seen_by, one.seen_digest, one.seen_people = None, "", []
    one.save()
    note_writer(found, by)
    forget_unused([before])
    detail = {"file": one.public_id, "bytes": one.size, "findings": len(one.findings)}
    record(act="publications:file:replace", by=by, at=at, subject=found.public_id, detail=detail)
    return one


def earlier_of(publication: Publication, file: DraftFile) -> JSON:
    """What the documents say that went out in this one's place and stand, by their digests: read again each day."""
    records = list(publication.placements.filter(taken_down_at__isnull=True).values_list("record", flat=True))
    every = {**file.facts.get("earlier", {}), file.sha256: file.facts.get("passages", [])}
    return {sha256: said for sha256, said in every.items() if any(sha256 in record for record in records)}


@transaction.atomic
def detach(*, file: DraftFile, by: Person, at: datetime) -> None:
    """Take a file out of a draft: its working copy is deleted."""
    found = draft_for(file.publication, by, at)
    one = standing(found, file)
    one.removed_at = at
    one.save(update_fields=["removed_at"])
    forget_unused([one])
    record(act="publications:file:detach", by=by, at=at, subject=found.public_id, detail={"file": one.public_id})


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What becomes of a picture: places that are covered, the part that is kept (None for all of it), in pixels of the
    upright picture, and answers to what was found in it, by their keys."""

    covered: tuple[Box, ...] = ()
    kept: Box | None = None
    answers: Mapping[str, Answered] = field(default_factory=dict)


@transaction.atomic
def arrange(*, file: DraftFile, digest: str, arrangement: Arrangement, by: Person, at: datetime) -> DraftFile:
    """Say what of a picture is covered and kept as it goes out, and what becomes of everything found in it.

    For the author and for whoever checks personal data; the check of the whole is theirs alone. `digest` is of the
    picture that the page showed. Whoever looked at the picture before has not seen it as it goes out now. What it was
    before can be taken back (`undo`).
    """
    found = draft_for(file.publication, by, at)
    one = picture(found, file)
    demand_same(digest, look_of(file_part(one)))
    demand_inside(one, arrangement)
    demand_said(arrangement.answers.values())
    before = [*one.edits.get("before", []), snapshot(found, one, at)][-MOST_STEPS_BACK:]
    one.edits = {**edits_json(arrangement.covered, arrangement.kept), "before": before}
    one.save(update_fields=["edits"])
    settle(found, one, arrangement.answers, by, at)
    detail = {"file": one.public_id, "covered": len(arrangement.covered), "cropped": arrangement.kept is not None}
    record(act="publications:picture:arrange", by=by, at=at, subject=found.public_id, detail=detail)
    return one


@transaction.atomic
def undo(*, file: DraftFile, digest: str, by: Person, at: datetime) -> DraftFile:
    """Take back the last arrangement of a picture: what was covered, kept and answered before it stands again."""
    found = draft_for(file.publication, by, at)
    one = picture(found, file)
    demand_same(digest, look_of(file_part(one)))
    *before, last = one.edits.get("before") or [None]
    if last is None:
        raise ActRefusedError(_("There is nothing to take back: nothing was changed in this picture yet."), "2.15")
    one.edits = {**edits_json(boxes_of(last), crop_of(last)), "before": before}
    one.save(update_fields=["edits"])
    settle(found, one, {key: answered_of(given) for key, given in last["answers"].items()}, by, at)
    record(act="publications:picture:undo", by=by, at=at, subject=found.public_id, detail={"file": one.public_id})
    return one


def edits_json(covered: Iterable[Box], kept: Box | None) -> JSON:
    """What is done to a picture, as its row keeps it."""
    return {"blurred": [box_json(box) for box in covered], "crop": box_json(kept) if kept else None}


def snapshot(publication: Publication, file: DraftFile, at: datetime) -> JSON:
    """What is done to a picture now, and what was answered about it."""
    keys = [key for key, _finding in places_in(file, at)]
    given = {one.key: one for one in FindingAnswer.objects.filter(publication=publication, key__in=keys)}
    answers = {
        key: {"answer": one.answer, "people": one.people, "why": one.why, "by": str(one.by_id)}
        for key, one in given.items()
    }
    return {**edits_json(boxes_of(file.edits), crop_of(file.edits)), "answers": answers}


def demand_inside(file: DraftFile, arrangement: Arrangement) -> None:
    """Refuse places that do not lie within the picture."""
    wide, high = file.facts["width"], file.facts["height"]
    whole = Box(0, 0, wide, high)
    places = [*arrangement.covered, *([arrangement.kept] if arrangement.kept else [])]
    if len(places) > MOST_COVERED or not all(box.width > 0 and box.height > 0 and whole.holds(box) for box in places):
        message = _("That place lies outside the picture: it is %(wide)d wide and %(high)d high.")
        raise ActRefusedError(message % {"wide": wide, "high": high}, "2.15")


def settle(
    publication: Publication, file: DraftFile, answers: Mapping[str, Answered], by: Person, at: datetime
) -> None:
    """Answer what was found in a picture: gone with what is cut away or covered; as was answered; or open again.

    What the file says besides goes out with no picture, so it is answered for by that.
    """
    part = file_part(file)
    for key, finding in places_in(file, at):
        given = answer_for(finding, part, answers.get(key))
        if given is None:
            FindingAnswer.objects.filter(publication=publication, key=key).delete()
        else:
            said = {"answer": given.answer, "people": list(given.people), "why": given.why[:300], "by": by, "at": at}
            FindingAnswer.objects.update_or_create(publication=publication, key=key, defaults=said)


def answer_for(finding: Finding, part: Part, given: Answered | None) -> Answered | None:
    """What becomes of a finding by what is done to its picture; what stays is as it was answered, if it was."""
    return gone_with(finding, part) or (given if given is not None and given.answer in STAYS else None)


def places_in(file: DraftFile, at: datetime) -> list[tuple[str, Finding]]:
    """What is found in one picture by the lists of a day, each with its key."""
    found = found_at(file, at)
    return list(zip(finding_keys(found), found, strict=True))


@transaction.atomic
def look(*, file: DraftFile, digest: str, people: Iterable[Person], by: Person, at: datetime) -> DraftFile:
    """Say who can be recognised in a picture, or in a document's, as it goes out, or that nobody can (2.15).

    `digest` is of the picture that was shown: one that was covered otherwise meanwhile is not confirmed unseen.
    """
    demand(by, Right.PUBLICATIONS_DATA_CHECK, at)
    found = locked(file.publication)
    one = standing(found, file)
    if not file_part(one).is_looked_at or found.discarded_at is not None:
        raise ActRefusedError(_("Only of what shows pictures in a draft can this be said."), "2.15")
    demand_same(digest, look_of(file_part(one)))
    one.seen_by, one.seen_digest = by, digest
    one.seen_people = sorted({str(person.pk) for person in people})
    one.save(update_fields=["seen_by", "seen_digest", "seen_people"])
    detail = {"file": one.public_id, "look": digest, "people": len(one.seen_people)}
    record(act="publications:picture:look", by=by, at=at, subject=found.public_id, detail=detail)
    return one


def standing(publication: Publication, file: DraftFile) -> DraftFile:
    """A file of a draft, as it is now. Raises `ActRefusedError` if it was taken out."""
    one = publication.files.filter(pk=file.pk, removed_at__isnull=True).first()
    if one is None:
        raise ActRefusedError(_("It was taken out already."), "2.15")
    return one


def picture(publication: Publication, file: DraftFile) -> DraftFile:
    """A picture of a draft that stands. Raises `ActRefusedError` otherwise."""
    one = standing(publication, file)
    if one.kind != FileKind.PICTURE or publication.discarded_at is not None:
        raise ActRefusedError(_("Only of a picture in a draft can this be said."), "2.15")
    return one
