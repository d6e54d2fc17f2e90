"""Acts on publications. One function, one transaction, one audit entry: without texts, without names.

Nothing here lets anything out but `publish`, and that only through `certify`; nothing here says what is public.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import locked_head, record
from darbaza.portal.council.models import Channel
from darbaza.portal.people.models import Person, new_public_id
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, holds
from darbaza.portal.publications.aftermath import follow, raise_task
from darbaza.portal.publications.certificates import Draft, certify
from darbaza.portal.publications.copies import forget_placed, forget_unused
from darbaza.portal.publications.kin import family
from darbaza.portal.publications.models import (
    Check,
    CheckKind,
    FindingAnswer,
    Genre,
    Placement,
    Publication,
    TakeDownCause,
)
from darbaza.portal.publications.outgoing import Prepared, fits, kept
from darbaza.portal.publications.outside import demand_outside
from darbaza.portal.publications.own_pages import written_place
from darbaza.portal.publications.promised import demand_not_promised
from darbaza.portal.publications.reading import matter_of_draft, texts_of
from darbaza.portal.publications.records import outside_json
from darbaza.portal.publications.standing import is_as_placed
from darbaza.portal.publications.words import WHOSE, refusal
from darbaza.portal.school_time import school_day
from darbaza.publication.gate import Reason, Step, Why, judge
from darbaza.publication.matter import Answer, Answered, Matter, PartKind, finding_keys
from darbaza.publication.pasted import plain_text

SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Written:
    """What an author entered. `own_of` is whose own page it is, `place` where it will stand on a channel of others."""

    title: str
    body: str
    genre: str = Genre.NEWS
    channel: str = Channel.SITE
    language: str = "ky"
    event_on: date | None = None
    until: date | None = None
    own_of: Person | None = None
    place: str = ""


@transaction.atomic
def write(*, written: Written, copy_of: Publication | None = None, by: Person, at: datetime) -> Publication:
    """Begin a draft. Nobody outside sees anything of it."""
    demand(by, Right.PUBLICATIONS_DRAFT_WRITE, at)
    made = Publication(author=by, written_at=at, changed_by=by, changed_at=at, copy_of=copy_of)
    fill(made, written, at)
    made.save()
    detail = {"genre": made.genre, "channel": made.channel}
    record(act=Right.PUBLICATIONS_DRAFT_WRITE, by=by, at=at, subject=made.public_id, detail=detail)
    return made


@transaction.atomic
def change(*, publication: Publication, written: Written, changes: int, by: Person, at: datetime) -> Publication:
    """Change a draft that is as the editor saw it: `changes` is the number of the version on the page.

    Checks of what was before count no longer by themselves, because their digests do not fit any more.
    """
    found = draft_for(publication, by, at)
    if found.changes != changes:
        message = _(
            "%(name)s changed it meanwhile. Your text stands below: put into it what is needed, and save again."
        )
        raise ActRefusedError(message % {"name": found.changed_by.short_name}, "2.14")
    fill(found, written, at)
    found.changes, found.changed_by, found.changed_at = found.changes + 1, by, at
    found.writers = with_writer(found, by)
    found.save()
    record(act="publications:draft:change", by=by, at=at, subject=found.public_id, detail={"version": found.changes})
    return found


def with_writer(publication: Publication, by: Person) -> list[int]:
    """Who wrote in a draft besides its author, somebody more among them."""
    return sorted({*publication.writers, by.pk} - {publication.author_id})


def fill(publication: Publication, written: Written, at: datetime) -> None:
    """Put what was entered into a draft. Raises `ActRefusedError` for what cannot stand."""
    title, body = " ".join(plain_text(written.title).split()), plain_text(written.body)
    if len(title) < SHORTEST or len(body) < SHORTEST:
        raise ActRefusedError(_("Write a title and a text."), "2.14")
    if (written.genre == Genre.OWN) != (written.own_of is not None):
        raise ActRefusedError(_("Say whose own page it is; for anything else leave that out."), "3.2")
    if written.until is not None and written.until < school_day(at):
        raise ActRefusedError(_("The last day is over already."), "2.15")
    publication.title, publication.body = title[:200], body
    publication.genre, publication.channel, publication.language = written.genre, written.channel, written.language
    publication.event_on = written.event_on if written.genre == Genre.EVENT else None
    publication.until = written.until
    publication.own_of = written.own_of
    publication.place = written_place(written.genre, written.channel, written.place)


def draft_for(publication: Publication, by: Person, at: datetime) -> Publication:
    """The draft, locked, for its author or whoever checks personal data. Raises `ActRefusedError` if it is none."""
    found = Publication.objects.select_for_update(of=("self",)).select_related("changed_by").get(pk=publication.pk)
    if found.author_id != by.pk or not holds(by, Right.PUBLICATIONS_DRAFT_WRITE, at):
        demand(by, Right.PUBLICATIONS_DATA_CHECK, at)
    if found.discarded_at is not None:
        raise ActRefusedError(_("The draft was thrown away."), "2.14")
    return found


@transaction.atomic
def discard(*, publication: Publication, by: Person, at: datetime) -> None:
    """Throw a draft away that was never placed."""
    found = draft_for(publication, by, at)
    if found.placements.exists():
        raise ActRefusedError(_("It has been published: take it down instead."), "2.15")
    found.discarded_at = at
    found.save(update_fields=["discarded_at"])
    forget_unused(found.standing_files)
    record(act="publications:draft:discard", by=by, at=at, subject=found.public_id)


def locked(publication: Publication) -> Publication:
    """The draft, locked until the act is done."""
    return Publication.objects.select_for_update(of=("self",)).get(pk=publication.pk)


def demand_same(seen: str, now: str) -> None:
    """Refuse a check of what is no longer as the checker saw it."""
    if seen != now:
        raise ActRefusedError(_("It was changed while you read it. Look at it again."), "2.14")


@transaction.atomic
def check_facts(*, publication: Publication, source: str, digest: str, by: Person, at: datetime) -> Check:
    """Confirm that what is written is right, and by what that is known (2.14). Not for one's own text.

    `digest` is what the page showed: a text that changed meanwhile is not confirmed unseen.
    """
    demand(by, Right.PUBLICATIONS_FACTS_CHECK, at)
    found = locked(publication)
    if found.wrote(by):
        raise ActRefusedError(_("Somebody who wrote nothing of it checks the facts."), "2.14")
    if len(source.strip()) < SHORTEST:
        raise ActRefusedError(_("Say by what it is known that this is right."), "2.14")
    matter = matter_of_draft(found, at)
    demand_same(digest, matter.content)
    made = Check.objects.create(
        publication=found, kind=CheckKind.FACTS, digest=matter.content, source=source.strip()[:300], by=by, at=at
    )
    detail = {"content": matter.content}
    record(act=Right.PUBLICATIONS_FACTS_CHECK, by=by, at=at, subject=found.public_id, detail=detail)
    return made


@transaction.atomic
def answer(*, publication: Publication, answers: Mapping[str, Answered], by: Person, at: datetime) -> None:
    """Answer findings, by their keys. What is answered anew replaces what was said before."""
    demand(by, Right.PUBLICATIONS_DATA_CHECK, at)
    found = locked(publication)
    matter = matter_of_draft(found, at)
    if unknown := set(answers) - set(finding_keys(matter.findings)):
        raise ActRefusedError(_("It was changed while you read it. Look at it again."), "2.14") from KeyError(*unknown)
    demand_said(answers.values())
    demand_outside(answers, matter, at)
    for key, one in answers.items():
        FindingAnswer.objects.update_or_create(
            publication=found,
            key=key,
            defaults={
                "answer": Answer(one.answer),
                "people": list(one.people),
                "why": one.why.strip()[:300],
                "outside": outside_json(one.outside) if one.answer is Answer.OUTSIDE else {},
                "by": by,
                "at": at,
            },
        )
    grounds = Counter(one.outside.ground for one in answers.values() if one.answer is Answer.OUTSIDE and one.outside)
    detail = {"answers": len(answers)} | ({"outside": dict(sorted(grounds.items()))} if grounds else {})
    record(act="publications:finding:answer", by=by, at=at, subject=found.public_id, detail=detail)


def demand_said(answers: Iterable[Answered]) -> None:
    """Refuse what stays by the consent of nobody: there would be none to look for; and what nobody may say."""
    if any(one.answer is Answer.SCHOOLS for one in answers):
        raise ActRefusedError(_("What is the school's own follows from its contacts: enter it there."), "2.15")
    if any(one.answer is Answer.CONSENT and not one.people for one in answers):
        raise ActRefusedError(WHOSE, "2.15")


@transaction.atomic
def check_personal_data(*, publication: Publication, digest: str, by: Person, at: datetime) -> Check:
    """Confirm that every finding is answered and nothing else of a person is in it (2.14, 2.15)."""
    demand(by, Right.PUBLICATIONS_DATA_CHECK, at)
    found = locked(publication)
    matter = matter_of_draft(found, at)
    demand_same(digest, matter.clearing)
    open_ones = [one for one in judge(matter, at).reasons if is_open(one)]
    if open_ones:
        raise ActRefusedError(refusal(open_ones), open_ones[0].clause)
    made = Check.objects.create(publication=found, kind=CheckKind.PERSONAL_DATA, digest=matter.clearing, by=by, at=at)
    detail = {"clearing": matter.clearing, "findings": len(matter.findings)}
    record(act=Right.PUBLICATIONS_DATA_CHECK, by=by, at=at, subject=found.public_id, detail=detail)
    return made


def is_open(reason: Reason) -> bool:
    """Whether a reason is in the way of the check of personal data itself."""
    return reason.step is Step.PERSONAL_DATA and reason.why not in (Why.DATA_UNCHECKED, Why.DATA_CHANGED)


@transaction.atomic
def publish(
    *, publication: Publication, prepared: Sequence[Prepared] = (), mask: bool = False, by: Person, at: datetime
) -> Placement:
    """Let it out (2.15): the person responsible, and only what the gate lets through at this instant.

    `prepared` are its files as they go out, made of just what is judged. With `mask`, should the consent to somebody's
    picture end, their place in it is covered on our site, where it was named; otherwise all of it is closed.

    On the school's site it stands at once, in place of what stood there before. For another channel the certificate
    and the files are made, and whoever places it there records the address.
    """
    demand(by, Right.PUBLICATIONS_PLACEMENT_MAKE, at)
    found = locked(publication)
    if found.discarded_at is not None:
        raise ActRefusedError(_("The draft was thrown away."), "2.14")
    matter = matter_of_draft(found, at, publisher=by)
    verdict = judge(matter, at)
    if not verdict.passes:
        raise ActRefusedError(refusal(verdict.reasons), verdict.reasons[0].clause)
    if found.channel != Channel.SITE and is_as_placed(found, matter, at):
        raise ActRefusedError(_("It was let out for this channel already, just as it is."), "2.15")
    demand_not_promised(found, matter)
    demand_made(prepared, matter)
    made = let_out(found, matter, prepared, mask, by, at)
    detail = {"channel": made.channel, "placement": made.public_id, "content": matter.content, "mask": mask}
    record(act=Right.PUBLICATIONS_PLACEMENT_MAKE, by=by, at=at, subject=found.public_id, detail=detail)
    return made


def demand_made(prepared: Sequence[Prepared], matter: Matter) -> None:
    """Refuse files that were made of something else than what was judged, or could not be made."""
    if not fits(prepared, [part for part in matter.parts if part.kind is not PartKind.TEXT]):
        raise ActRefusedError(_("It was changed while you read it. Look at it again."), "2.14")
    if not all(one.made for one in prepared):
        raise ActRefusedError(_("A file of it is damaged on the disk. Take it out and attach it anew."), "2.14")


def let_out(
    publication: Publication, matter: Matter, prepared: Sequence[Prepared], mask: bool, by: Person, at: datetime
) -> Placement:
    """Make the placement through the gate, in place of an earlier one on our site."""
    locked_head()  # the files of what is taken down at this moment are not deleted under our hands
    day, public_id = publication.event_on.isoformat() if publication.event_on else "", new_public_id()
    texts, out = texts_of(publication), kept(prepared)
    draft = Draft(publication.genre, publication.language, day, texts, out, public_id, mask)
    certificate = certify(matter, draft, at)
    if publication.channel == Channel.SITE:
        earlier = publication.placements.filter(taken_down_at__isnull=True, channel=Channel.SITE)
        forget_placed(earlier)
        earlier.update(taken_down_at=at, taken_down_by=by, seal="", reason=str(_("replaced by a newer version")))
    return Placement.objects.create(
        public_id=public_id,
        publication=publication,
        channel=publication.channel,
        genre=publication.genre,
        language=publication.language,
        event_on=publication.event_on,
        record=certificate.record,
        seal=certificate.seal,
        placed_by=by,
        placed_at=at,
    )


@transaction.atomic
def take_down(*, placement: Placement, reason: str, by: Person, at: datetime) -> Placement:
    """Take down what is published: on our own site at once and for good, its seal is destroyed.

    On a channel of others only people can: a task with a day is made, which ends with a proof.
    """
    demand(by, Right.PUBLICATIONS_PLACEMENT_MAKE, at)
    if len(reason.strip()) < SHORTEST:
        raise ActRefusedError(_("Say why it is taken down."), "2.15")
    found = Placement.objects.select_for_update(of=("self",)).get(pk=placement.pk)
    if found.taken_down_at is not None:
        raise ActRefusedError(_("It has been taken down already."), "2.15")
    if not found.is_on_site:
        if raise_task(found, TakeDownCause.RESPONSIBLE, at) is None:
            raise ActRefusedError(_("That it has to come down there is a task already."), "2.15")
        return found
    found.taken_down_at, found.taken_down_by, found.reason, found.seal = at, by, reason.strip()[:300], ""
    found.save(update_fields=["taken_down_at", "taken_down_by", "reason", "seal"])
    forget_placed([found])
    detail = {"placement": found.public_id, "channel": found.channel}
    record(act="publications:placement:take-down", by=by, at=at, subject=found.publication.public_id, detail=detail)
    return found


@transaction.atomic
def doubt_facts(*, publication: Publication, doubt: str, by: Person, at: datetime) -> None:
    """Say that a fact is wrong (2.14): what was placed on it is closed at once, until it is put right.

    What says the same on other channels is as wrong: on our site it is closed, elsewhere it gets a task with a day.
    """
    if publication.author_id != by.pk:
        demand(by, Right.PUBLICATIONS_FACTS_CHECK, at)
    if len(doubt.strip()) < SHORTEST:
        raise ActRefusedError(_("Say what is wrong."), "2.14")
    found = locked(publication)
    standing = Check.objects.filter(publication__in=family(found), kind=CheckKind.FACTS, doubted_at__isnull=True)
    if not standing.update(doubted_by=by, doubted_at=at, doubt=doubt.strip()[:300]):
        raise ActRefusedError(_("Its facts are not confirmed at present."), "2.14")
    record(act="publications:facts:doubt", by=by, at=at, subject=found.public_id)
    transaction.on_commit(lambda: follow(at), robust=True)
