"""Consents are asked for, recorded, withdrawn and corrected. One function, one transaction, one audit entry.

The audit names whom a statement is about by their public id; neither what was ticked nor who of the parents spoke is
in it. Of protected people it holds no id at all.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import locked_head, record
from darbaza.portal.consents import ages, links, risks
from darbaza.portal.consents.asked import Ticks
from darbaza.portal.consents.changes import consents_changed
from darbaza.portal.consents.models import (
    CHANNELS,
    KINDS,
    PURPOSES,
    AgeRule,
    As,
    How,
    Link,
    PaperSet,
    Protection,
    Reached,
    Relation,
    Representative,
    RiskText,
    ScannedPage,
    Statement,
    Whose,
)
from darbaza.portal.consents.sealing import is_sealed, seal_of, seal_of_end
from darbaza.portal.papers.actions import Examined, attach_scan
from darbaza.portal.people.models import Person, PersonKind, SchoolClass
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand, holders
from darbaza.portal.school_time import day_begins, school_day
from darbaza.snapshot.wording import LANGUAGES

LONGEST_TERM = timedelta(days=366 * 2)
"""The longest that one consent lasts; then it is asked for again."""

MOST_BY_LINK = 20
"""Statements that one link takes: whoever changes their mind more often comes to the school."""


@dataclass(frozen=True, slots=True)
class Term:
    """First and last day of a consent."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Who:
    """Who speaks: a relation and a name for a representative, neither for the person."""

    relation: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """How the risks were explained: which text, by whom, when, in which language."""

    risks: RiskText
    by: Person
    at: datetime
    language: str


def told(*, changed: set[Person] | set[int], at: datetime) -> None:
    """Tell whoever must follow about whom something changed."""
    people = frozenset(str(one.pk if isinstance(one, Person) else one) for one in changed)
    consents_changed.send(sender=None, at=at, people=people)


@transaction.atomic
def make_link(*, person: Person, party: str, term: Term, by: Person, at: datetime) -> tuple[Link, str]:
    """A personal link for one giver, with its address: it is given out once, and can be made anew."""
    demand(by, Right.CONSENTS_CONSENT_RECORD, at)
    link = _new_link(person, party, term, by, at)
    record(act="consents:link:make", by=by, at=at, subject=person.public_id, detail={"party": party})
    return link, links.address_of(link)


def _new_link(
    person: Person, party: str, term: Term, by: Person, at: datetime, paper_set: PaperSet | None = None
) -> Link:
    if party not in As or (party == As.REPRESENTATIVE and person.kind != PersonKind.STUDENT):
        raise ActRefusedError(_("Only a student is spoken for by somebody else."), "2.15")
    _check_term(term, at)
    nonce = links.new_nonce()
    return Link.objects.create(
        person=person, party=party, nonce=nonce, token_hash=links.hash_of(links.secret_of(nonce)), paper_set=paper_set,
        first_day=term.first_day, last_day=term.last_day, made_by=by, made_at=at,
        expires_at=at + links.ANSWERED_WITHIN,
    )  # fmt: skip


def _check_term(term: Term, at: datetime) -> None:
    if term.last_day < max(term.first_day, school_day(at)):
        raise ActRefusedError(_("The last day of a consent lies neither before its first nor in the past."), "2.15")
    if term.last_day - term.first_day > LONGEST_TERM:
        raise ActRefusedError(_("A consent lasts two years at most; then it is asked for again."), "2.15")


@transaction.atomic
def close_link(*, link: Link, by: Person, at: datetime) -> None:
    """Close a link at once. What was said through it stands."""
    demand(by, Right.CONSENTS_CONSENT_RECORD, at)
    link = Link.objects.select_for_update(of=("self",)).select_related("person").get(pk=link.pk)
    if link.closed_at is not None:
        raise ActRefusedError(_("This link is closed already."), "2.15")
    link.closed_at = at
    link.save(update_fields=["closed_at"])
    record(act="consents:link:close", by=by, at=at, subject=link.person.public_id)


@transaction.atomic
def make_set(*, school_class: SchoolClass, term: Term, by: Person, at: datetime) -> PaperSet:
    """Forms on paper for a class, one page a student, each with a link of its own as a QR code."""
    demand(by, Right.CONSENTS_CONSENT_RECORD, at)
    students = list(school_class.students_on(school_day(at)))
    if not students:
        raise ActRefusedError(_("This class has no students."), "2.15")
    locked_head()
    year = school_day(at).year
    last = PaperSet.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    made = PaperSet.objects.create(
        year=year, number=last + 1, school_class=school_class, people=[], risks=risks.current(at),
        first_day=term.first_day, last_day=term.last_day, made_by=by, made_at=at,
    )  # fmt: skip
    made.people = [
        {"id": one.public_id, "name": one.full_name, "link": _new_link(one, As.REPRESENTATIVE, term, by, at, made).pk}
        for one in students
    ]
    made.save(update_fields=["people"])
    record(act="consents:set:make", by=by, at=at, subject=made.ref, detail={"pages": len(students)})
    return made


@transaction.atomic
def answer_by_link(*, link: Link, who: Who, ticks: Ticks, language: str, risks_key: str, at: datetime) -> Statement:
    """Whoever holds a link agrees or refuses. What was explained is the text that stood on the page (2.17)."""
    link = (
        Link.objects.select_for_update(of=("self",))
        .select_related("person", "representative", "made_by")
        .get(pk=link.pk)
    )
    if link.closed_at is not None or link.expires_at <= at or link.last_day < school_day(at):
        raise ActRefusedError(_("This link is closed. Ask the school for another."), "2.15")
    if link.statements.count() >= MOST_BY_LINK:
        raise ActRefusedError(_("This link has been used too often. Ask the school for another."), "2.15")
    text = _text_on_page(risks_key, ticks, at)
    representative = _speaker_of_link(link, who, at)
    if ticks.agrees:
        _demand_own_voice(link, representative, ticks, at)
    made = _state(
        person=link.person, representative=representative, how=How.LINK, ticks=ticks,
        term=Term(max(link.first_day, school_day(at)), link.last_day),
        told_=Told(text, link.made_by, at, language), given_at=at, at=at, link=link,
    )  # fmt: skip
    _keep_open(link, representative)
    record(act="consents:consent:give", by=None, at=at, subject=link.person.public_id, detail=_detail(made))
    return made


def _text_on_page(key: str, ticks: Ticks, at: datetime) -> RiskText:
    """The text that was read; whoever agrees has read the one in force and says that they understood it."""
    text = risks.current(at)
    if ticks.agrees and key != text.key:
        raise ActRefusedError(_("The explanation has changed since. Read it as it is now."), "2.17")
    if ticks.agrees and not ticks.understood:
        raise ActRefusedError(_("Say that you have understood the risks; without that a consent is not valid."), "2.17")
    return text


def _speaker_of_link(link: Link, who: Who, at: datetime) -> Representative | None:
    """Who speaks through a link: the one who was first, or whoever says now who they are."""
    if link.party == As.OWN:
        return None
    return link.representative or representative_of(link.person, who, at)


def _demand_own_voice(link: Link, representative: Representative | None, ticks: Ticks, at: datetime) -> None:
    """Refuse what would lift a no that its giver did not say by this link: whoever holds it writes any name (2.15)."""
    said = Statement.objects.filter(person=link.person, representative=representative, struck_at__isnull=True)
    last = said.exclude(link=link).order_by("-recorded_at", "-pk").first()
    if last is not None and _would_lift(ticks, last, at):
        message = _(
            "In the name of %(name)s there is an answer already, by another link or on paper. Only there can more be "
            "agreed to: by that link, or on paper at the school."
        )
        raise ActRefusedError(message % {"name": last.giver_name}, "2.15")


def _would_lift(ticks: Ticks, last: Statement, at: datetime) -> bool:
    """Whether an agreement goes beyond what a giver said last, in whole or, within its term, in part."""
    if not last.agrees or last.withdrawn_at is not None:
        return True
    pairs = ((ticks.kinds, last.kinds), (ticks.channels, last.channels), (ticks.purposes, last.purposes))
    return last.is_in_term(school_day(at)) and not all(set(new) <= set(old) for new, old in pairs)


def _keep_open(link: Link, representative: Representative | None) -> None:
    """A link that was answered lasts as long as the consent, so that it can be withdrawn."""
    link.representative = representative
    link.expires_at = max(link.expires_at, day_begins(link.last_day + timedelta(days=1)))
    link.save(update_fields=["representative", "expires_at"])


def representative_of(person: Person, who: Who, at: datetime) -> Representative:
    """The representative of that name, entered when first heard of."""
    name = " ".join(who.name.split())[:160]
    if who.relation not in Relation or len(name) < 3:
        raise ActRefusedError(_("Say who you are: surname, name, and what you are to the student."), "2.15")
    if person.kind != PersonKind.STUDENT:
        raise ActRefusedError(_("Only a student is spoken for by somebody else."), "2.15")
    known = Representative.objects.filter(person=person, relation=who.relation, ended_at__isnull=True)
    found = next((one for one in known if one.name.casefold() == name.casefold()), None)
    return found or Representative.objects.create(person=person, relation=who.relation, name=name, added_at=at)


@transaction.atomic
def answer_for_oneself(
    *, ticks: Ticks, term: Term, language: str, risks_key: str, by: Person, at: datetime
) -> Statement:
    """Somebody who is signed in agrees or refuses for themselves."""
    if not by.active:
        raise ActRefusedError(_("Only people of the school consent here."), "2.15")
    _check_term(term, at)
    text = _text_on_page(risks_key, ticks, at)
    made = _state(
        person=by, representative=None, how=How.SCREEN, ticks=ticks, term=term,
        told_=Told(text, _responsible(by, ticks, at), at, language), given_at=at, at=at,
    )  # fmt: skip
    record(act="consents:consent:give", by=by, at=at, subject=by.public_id, detail=_detail(made))
    return made


def _responsible(by: Person, ticks: Ticks, at: datetime) -> Person:
    """Whose explanation it is that is read on the screen: that of whoever is responsible for the internet (2.17)."""
    found = Person.objects.filter(pk__in=holders(Right.CONSENTS_CONSENT_RECORD, at)).first()
    if found is None and ticks.agrees:
        message = _("Nobody is responsible for the internet now, and so nobody explains the risks. Wait for the order.")
        raise ActRefusedError(message, "2.17")
    return found or by


@dataclass(frozen=True, slots=True)
class Paper:
    """One signed form as it is entered: whose, who signed, what is ticked, and the day beside the signature."""

    person: Person
    who: Who
    ticks: Ticks
    signed_on: date


@transaction.atomic
def record_papers(
    *, papers: list[Paper], told_: Told, term: Term, paper_set: PaperSet | None, by: Person, at: datetime
) -> list[Statement]:
    """Enter signed forms, all or none. A form counts from now on, whatever day it bears; its day is kept beside it."""
    demand(by, Right.CONSENTS_CONSENT_RECORD, at)
    _check_entry(papers, told_, term, at)
    made = [_record_paper(one, told_, term, paper_set, by, at) for one in papers]
    subject = paper_set.ref if paper_set else papers[0].person.public_id
    detail = {"statements": [one.ref for one in made], "people": [one.person.public_id for one in papers]}
    record(act=Right.CONSENTS_CONSENT_RECORD, by=by, at=at, subject=subject, detail=detail)
    return made


def _check_entry(papers: list[Paper], told_: Told, term: Term, at: datetime) -> None:
    if not papers:
        raise ActRefusedError(_("Enter at least one form."), "2.15")
    _check_term(term, at)
    if told_.language not in LANGUAGES:
        raise ActRefusedError(_("Say in which language the risks were explained."), "2.17")
    if told_.at > at:
        raise ActRefusedError(_("The risks cannot have been explained later than now."), "2.17")
    demand(told_.by, Right.CONSENTS_CONSENT_RECORD, at)


def _record_paper(
    paper: Paper, told_: Told, term: Term, paper_set: PaperSet | None, by: Person, at: datetime
) -> Statement:
    if paper.signed_on > school_day(at):
        raise ActRefusedError(_("A form is not signed later than today."), "2.15")
    if any((paper.ticks.kinds, paper.ticks.channels, paper.ticks.purposes)) and not paper.ticks.agrees:
        message = _("%(name)s: the form names data, places or purposes, but not all three. Ask again, or type “-”.")
        raise ActRefusedError(message % {"name": paper.person}, "2.15")
    own = not paper.who.relation
    return _state(
        person=paper.person, representative=None if own else representative_of(paper.person, paper.who, at),
        how=How.PAPER, ticks=paper.ticks, term=term, told_=told_,
        given_at=min(at, day_begins(paper.signed_on + timedelta(days=1)) - timedelta(seconds=1)), at=at,
        paper_set=paper_set, recorded_by=by,
    )  # fmt: skip


@transaction.atomic
def attach_pages(
    *, paper_set: PaperSet, file: Examined, codes: list[list[str]], by: Person, at: datetime
) -> list[ScannedPage]:
    """Keep a scan of forms as evidence. A page whose code is a link of this set is its student's; others are asked."""
    demand(by, Right.CONSENTS_CONSENT_RECORD, at)
    scan = attach_scan(kind="consent-forms", ref=paper_set.ref, file=file, by=by, at=at)
    borne = [{links.hash_of(secret) for text in texts if (secret := links.secret_in(text))} for texts in codes]
    printed = Link.objects.filter(token_hash__in=set().union(*borne), paper_set__isnull=False)
    known = {one.token_hash: one for one in printed.select_related("person", "paper_set")}
    whose = [_whose([known[one] for one in hashes & known.keys()], paper_set) for hashes in borne]
    return [
        ScannedPage.objects.create(paper_set=paper_set, scan=scan, page=number, **found)
        for number, found in enumerate(whose, 1)
    ]


def _whose(borne: list[Link], paper_set: PaperSet) -> dict[str, Person | PaperSet | None]:
    """The one student whose link the codes of a page bear, or the set of a foreign one; nothing if several."""
    if len(borne) != 1:
        return {}
    link = borne[0]
    return {"person": link.person} if link.paper_set == paper_set else {"other_set": link.paper_set}


@transaction.atomic
def place_page(*, page: ScannedPage, person: Person | None, by: Person, at: datetime) -> None:
    """Say whose a page is that could not be matched by its code; None puts it aside as nobody's of these forms."""
    demand(by, Right.CONSENTS_CONSENT_RECORD, at)
    found = ScannedPage.objects.select_for_update(of=("self",)).select_related("paper_set").get(pk=page.pk)
    if not found.is_open:
        raise ActRefusedError(_("This page is placed already."), "2.15")
    if person is not None and person.public_id not in {one["id"] for one in found.paper_set.people}:
        raise ActRefusedError(_("Choose a student for whom the forms were printed."), "2.15")
    found.person, found.answered_by = person, by
    found.save(update_fields=["person", "answered_by"])
    detail = {"page": found.page, "set": found.paper_set.ref}
    subject = person.public_id if person else found.paper_set.ref
    record(act="consents:page:place", by=by, at=at, subject=subject, detail=detail)


def _state(
    *,
    person: Person,
    representative: Representative | None,
    how: How,
    ticks: Ticks,
    term: Term,
    told_: Told,
    given_at: datetime,
    at: datetime,
    link: Link | None = None,
    paper_set: PaperSet | None = None,
    recorded_by: Person | None = None,
) -> Statement:
    """Keep a statement: a refusal needs neither scope nor explanation, an agreement bears how it was explained."""
    agrees = ticks.agrees
    made = Statement(
        **_numbered(at), person=person, representative=representative, how=how,
        asked_kinds=[code for code, _name in KINDS], kinds=list(ticks.kinds) if agrees else [],
        asked_channels=[code for code, _name in CHANNELS], channels=list(ticks.channels) if agrees else [],
        asked_purposes=[code for code, _name in PURPOSES], purposes=list(ticks.purposes) if agrees else [],
        first_day=term.first_day, last_day=term.last_day, given_at=given_at, recorded_at=at, recorded_by=recorded_by,
        risks=told_.risks, explained_by=told_.by, explained_at=told_.at, explained_in=told_.language,
        understood=ticks.understood, link=link, paper_set=paper_set,
    )  # fmt: skip
    made.seal = seal_of(made)
    made.save()
    told(changed={person}, at=at)
    return made


def _numbered(at: datetime) -> dict[str, int]:
    """The next number of the year. A whole meeting may answer at once: whoever numbers holds the audit's head."""
    locked_head()
    year = school_day(at).year
    last = Statement.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    return {"year": year, "number": last + 1}


def _detail(made: Statement) -> dict[str, object]:
    text = made.risks.key if made.risks else ""
    return {"statement": made.ref, "how": made.how, "risks": text, "language": made.explained_in}


@transaction.atomic
def withdraw(*, statement: Statement, by: Person | None, at: datetime) -> None:
    """Withdraw an agreement at once, in one step and without a reason. `by` is None for whoever came by their link.

    Whoever is signed in withdraws their own; the responsible person enters what was said to them or brought on paper.
    """
    found = _locked(statement)
    if by is not None and not (by == found.person and found.representative is None):
        demand(by, Right.CONSENTS_CONSENT_RECORD, at)
    if not found.agrees or found.withdrawn_at is not None or found.struck_at is not None:
        raise ActRefusedError(_("There is nothing here to withdraw any more."), "2.15")
    found.withdrawn_at, found.withdrawal_recorded_by = at, by
    found.save(update_fields=["withdrawn_at", "withdrawal_recorded_by"])
    told(changed={found.person}, at=at)
    detail = {"statement": found.ref}
    record(act="consents:consent:withdraw", by=by, at=at, subject=found.person.public_id, detail=detail)


def _locked(statement: Statement) -> Statement:
    found = Statement.objects.select_for_update(of=("self",)).select_related("person", "representative")
    return found.get(pk=statement.pk)


@transaction.atomic
def strike(*, statement: Statement, reason: str, by: Person, at: datetime) -> None:
    """Strike out a statement that was recorded by mistake. It stays, with the reason, and says nothing any more."""
    demand(by, Right.CONSENTS_CONSENT_RECORD, at)
    found = _struck(statement, reason, by, at)
    told(changed={found.person}, at=at)
    detail = {"statement": found.ref, "reason": found.reason}
    record(act="consents:consent:strike", by=by, at=at, subject=found.person.public_id, detail=detail)


def _struck(statement: Statement, reason: str, by: Person, at: datetime) -> Statement:
    found = _locked(statement)
    if found.struck_at is not None:
        raise ActRefusedError(_("This statement is struck out already."), "2.15")
    if not reason.strip():
        raise ActRefusedError(_("Say why the statement is struck out."), "2.15")
    found.struck_at, found.struck_by, found.reason = at, by, reason.strip()[:200]
    found.seal = seal_of(found)
    found.save(update_fields=["struck_at", "struck_by", "reason", "seal"])
    return found


@transaction.atomic
def move(*, statement: Statement, to: Person, reason: str, by: Person, at: datetime) -> Statement:
    """A form was recorded for the wrong person: struck out there, recorded here, each naming the other.

    For the right person it counts from now on; what was published of the wrong one meanwhile is found by the signal.
    """
    demand(by, Right.CONSENTS_CONSENT_RECORD, at)
    if to.pk == statement.person_id or not to.active or to.kind != statement.person.kind:
        raise ActRefusedError(_("Choose another person to whom the form belongs."), "2.15")
    if statement.how != How.PAPER or not is_sealed(statement):
        raise ActRefusedError(_("Only a form on paper is recorded for the wrong person."), "2.15")
    found = _struck(statement, reason, by, at)
    one = found.representative
    right = representative_of(to, Who(one.relation, one.name), at) if one else None
    made = Statement.objects.get(pk=found.pk)
    made.pk, made._state.adding = None, True
    made.person, made.representative, made.corrects, made.recorded_at, made.recorded_by = to, right, found, at, by
    made.struck_at, made.struck_by, made.reason = None, None, ""
    for name, value in _numbered(at).items():
        setattr(made, name, value)
    made.seal = seal_of(made)
    made.save()
    told(changed={found.person, to}, at=at)
    detail = {"statement": found.ref, "to": to.public_id, "new": made.ref, "reason": found.reason}
    record(act="consents:consent:move", by=by, at=at, subject=found.person.public_id, detail=detail)
    return made


@transaction.atomic
def end_representative(*, representative: Representative, reason: str, by: Person, at: datetime) -> None:
    """Somebody no longer speaks for a student: whatever they said counts neither for nor against from now on."""
    demand(by, Right.CONSENTS_CONSENT_RECORD, at)
    found = Representative.objects.select_for_update(of=("self",)).select_related("person").get(pk=representative.pk)
    if found.ended_at is not None:
        raise ActRefusedError(_("This is recorded already."), "2.15")
    if not reason.strip():
        raise ActRefusedError(_("Name the document by which they no longer speak for the student."), "2.15")
    before = {one.pk: seal_of(one) for one in found.statements.select_related("representative")}
    found.ended_at, found.ended_by, found.reason = at, by, reason.strip()[:200]
    found.save(update_fields=["ended_at", "ended_by", "reason"])
    for one in Statement.objects.filter(representative=found).select_related("representative"):
        Statement.objects.filter(pk=one.pk, seal=before[one.pk]).update(seal=seal_of(one))
    Link.objects.filter(representative=found, closed_at__isnull=True).update(closed_at=at)
    told(changed={found.person}, at=at)
    record(act="consents:representative:end", by=by, at=at, subject=found.person.public_id)


@transaction.atomic
def note_age(*, person: Person, age: int, since: date, by: Person, at: datetime) -> Reached:
    """Note that a student has reached an age of the table, as seen in a document. No date of birth is kept."""
    demand(by, Right.CONSENTS_CONSENT_RECORD, at)
    if person.kind != PersonKind.STUDENT or age not in {one.from_age for one in ages.table()}:
        raise ActRefusedError(_("Choose an age of the table."), "2.15")
    if since > school_day(at):
        raise ActRefusedError(_("An age is noted once it is reached."), "2.15")
    if Reached.objects.filter(person=person, age=age).exists():
        raise ActRefusedError(_("This is recorded already."), "2.15")
    made = Reached.objects.create(person=person, age=age, since=since, entered_by=by, entered_at=at)
    told(changed={person}, at=at)
    record(act="consents:age:note", by=by, at=at, subject=person.public_id, detail={"age": age})
    return made


@transaction.atomic
def set_ages(*, rules: list[AgeRule], by: Person, at: datetime) -> None:
    """Write the table of ages anew, whole. Everybody with a statement is looked at again."""
    demand(by, Right.CONSENTS_AGES_SET, at)
    _check_ages(rules)
    AgeRule.objects.all().delete()
    for one in rules:
        AgeRule.objects.create(from_age=one.from_age, from_grade=one.from_grade, whose=one.whose, source=one.source)
    told(changed=set(Statement.objects.values_list("person", flat=True)), at=at)
    table = [[one.from_age, one.from_grade, one.whose, one.source] for one in rules]
    record(act=Right.CONSENTS_AGES_SET, by=by, at=at, subject="ages", detail={"table": table})


def _check_ages(rules: list[AgeRule]) -> None:
    known = sorted({one.from_age for one in rules})
    if len(known) != len(rules) or not known or known[0] != 0:
        raise ActRefusedError(_("The table begins at the age of 0 and names each age once."), "2.15")
    if any(one.whose not in Whose or not one.source.strip() for one in rules):
        raise ActRefusedError(_("Say for each age who agrees, and where that is written."), "2.15")


@transaction.atomic
def protect(*, person: Person, by: Person, at: datetime) -> Protection:
    """From now on nothing is published about a person, on any channel, whoever agrees."""
    demand(by, Right.CONSENTS_PERSON_PROTECT, at)
    if Protection.objects.filter(person=person, until__isnull=True).exists():
        raise ActRefusedError(_("This is recorded already."), "2.14")
    made = Protection.objects.create(person=person, since=at, set_by=by)
    told(changed={person}, at=at)
    record(act=Right.CONSENTS_PERSON_PROTECT, by=by, at=at, subject=made.public_id)
    return made


@transaction.atomic
def end_protection(*, protection: Protection, by: Person, at: datetime) -> None:
    """What people agreed to counts again."""
    demand(by, Right.CONSENTS_PERSON_PROTECT, at)
    found = Protection.objects.select_for_update(of=("self",)).select_related("person").get(pk=protection.pk)
    if found.until is not None:
        raise ActRefusedError(_("This is recorded already."), "2.14")
    found.until, found.ended_by = at, by
    found.seal = seal_of_end(found)
    found.save(update_fields=["until", "ended_by", "seal"])
    told(changed={found.person}, at=at)
    record(act="consents:person:unprotect", by=by, at=at, subject=found.public_id)
