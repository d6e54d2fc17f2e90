"""Pictures and attachments of drafts: taken in, taken out, covered, looked at. Each is one act with its audit entry."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.publications import files
from darbaza.portal.publications.actions import SHORTEST, demand_same, draft_for, locked, with_writer
from darbaza.portal.publications.copies import forget_unused
from darbaza.portal.publications.models import DraftFile, FileKind, FindingAnswer, Publication
from darbaza.portal.publications.reading import file_part, matter_of_draft
from darbaza.portal.publications.records import box_json, finding_json
from darbaza.portal.publications.rosters import roster_at
from darbaza.portal.publications.uploads import Upload
from darbaza.publication.findings import Box
from darbaza.publication.gate import is_hidden
from darbaza.publication.matter import Answer, finding_keys, look_of
from darbaza.publication.pasted import plain_text

MOST = {FileKind.PICTURE: 10, FileKind.ATTACHMENT: 5}
"""How many of each a draft may have."""

MOST_COVERED = 100


@transaction.atomic
def attach(*, publication: Publication, upload: Upload, by: Person, at: datetime) -> DraftFile:
    """Take a picture or a text into a draft, with what was found in it. Nobody outside sees anything of it.

    What is to be seen is written down, for those who do not see it and as the line below it.
    """
    found = draft_for(publication, by, at)
    caption = " ".join(plain_text(upload.caption).split())[:300]
    if len(caption) < SHORTEST:
        raise ActRefusedError(_("Say in words what is to be seen, for those who cannot see it."), "2.14")
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
    found.writers = with_writer(found, by)
    found.save(update_fields=["writers"])
    detail = {"file": made.public_id, "kind": made.kind, "bytes": made.size, "findings": len(made.findings)}
    record(act="publications:file:attach", by=by, at=at, subject=found.public_id, detail=detail)
    return made


@transaction.atomic
def detach(*, file: DraftFile, by: Person, at: datetime) -> None:
    """Take a file out of a draft: its working copy is deleted."""
    found = draft_for(file.publication, by, at)
    one = standing(found, file)
    one.removed_at = at
    one.save(update_fields=["removed_at"])
    forget_unused([one])
    record(act="publications:file:detach", by=by, at=at, subject=found.public_id, detail={"file": one.public_id})


@transaction.atomic
def cover(*, file: DraftFile, boxes: Sequence[Box], by: Person, at: datetime) -> DraftFile:
    """Say which places of a picture are covered as it goes out. What was found there is answered by that.

    Whoever looked at the picture before has not seen it as it goes out now, and looks again.
    """
    demand(by, Right.PUBLICATIONS_DATA_CHECK, at)
    found = locked(file.publication)
    one = picture(found, file)
    wide, high = one.facts["width"], one.facts["height"]
    for box in boxes:
        inside = 0 <= box.left < box.left + box.width <= wide and 0 <= box.top < box.top + box.height <= high
        if not inside or len(boxes) > MOST_COVERED:
            message = _("That place lies outside the picture: it is %(wide)d wide and %(high)d high.")
            raise ActRefusedError(message % {"wide": wide, "high": high}, "2.15")
    one.edits = {**one.edits, "blurred": [box_json(box) for box in boxes]}
    one.save(update_fields=["edits"])
    settle(found, one, by, at)
    detail = {"file": one.public_id, "covered": len(boxes)}
    record(act="publications:picture:cover", by=by, at=at, subject=found.public_id, detail=detail)
    return one


def settle(publication: Publication, file: DraftFile, by: Person, at: datetime) -> None:
    """Answer what is covered now, and ask anew about what no longer is."""
    found = matter_of_draft(publication, at).findings
    part = file_part(file)
    for key, finding in zip(finding_keys(found), found, strict=True):
        if finding.part != part.id or not isinstance(finding.where, Box):
            continue
        answers = FindingAnswer.objects.filter(publication=publication, key=key)
        if is_hidden(finding.where, part):
            given = {"answer": Answer.BLUR, "people": [], "why": "", "by": by, "at": at}
            FindingAnswer.objects.update_or_create(publication=publication, key=key, defaults=given)
        else:
            answers.filter(answer=Answer.BLUR).delete()


@transaction.atomic
def look(*, file: DraftFile, digest: str, people: Iterable[Person], by: Person, at: datetime) -> DraftFile:
    """Say who can be recognised in a picture as it goes out, or that nobody can (2.15).

    `digest` is of the picture that was shown: one that was covered otherwise meanwhile is not confirmed unseen.
    """
    demand(by, Right.PUBLICATIONS_DATA_CHECK, at)
    found = locked(file.publication)
    one = picture(found, file)
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
