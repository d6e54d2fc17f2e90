"""Rules are accepted on the screen, a sheet is made, recorded, and what was recorded by mistake withdrawn."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from darbaza.portal.acquaintance.changes import acquaintances_changed
from darbaza.portal.acquaintance.in_force import Circle, acceptance_of, accepted_among
from darbaza.portal.acquaintance.models import Acquaintance, How, RulesText, Sheet
from darbaza.portal.acquaintance.rules import Rules, rules_at
from darbaza.portal.audit.actions import record
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand_for_class
from darbaza.portal.school_time import school_day
from darbaza.snapshot.wording import LANGUAGES

CHANGED = _("The rules have changed since. Read them as they are now.")


@transaction.atomic
def accept_rules(*, person: Person, key: str, language: str, at: datetime) -> Acquaintance:
    """A person accepts the text that was shown to them, in the language in which they read it (2.12).

    `key` is the id of the text on the page: one that is no longer in force is refused. Accepting twice changes nothing.
    """
    rules = rules_at(at)
    if not person.active:
        raise ActRefusedError(_("Only people of the school accept its rules."), "2.12")
    if key != rules.id or language not in LANGUAGES:
        raise ActRefusedError(CHANGED, "2.12")
    held = acceptance_of(person, at)
    if held is not None:
        return held
    try:
        with transaction.atomic():
            made = Acquaintance.objects.create(
                person=person, text=kept(rules, at), at=at, how=How.SCREEN, language=language
            )
    except IntegrityError:  # the same form, sent twice at once
        return Acquaintance.objects.get(person=person, text__key=rules.id, withdrawn_at__isnull=True)
    acquaintances_changed.send(sender=None, at=at, narrows=False)
    detail: dict[str, object] = {"text": rules.id, "language": language}
    record(act="acquaintance:rules:accept", by=person, at=at, subject=person.public_id, detail=detail)
    return made


def kept(rules: Rules, at: datetime) -> RulesText:
    """The text as it is kept for good, stored when it is first needed."""
    defaults = {"regulation": rules.regulation, "body": rules.body, "first_at": at}
    return RulesText.objects.get_or_create(key=rules.id, defaults=defaults)[0]


@transaction.atomic
def make_sheet(*, circle: Circle, by: Person, at: datetime) -> Sheet:
    """A sheet for whoever of a circle has not accepted the rules in force, to be printed and signed together."""
    demand_for_class(by, Right.ACQUAINTANCE_SHEET_RECORD, at, circle.school_class)
    people = [{"id": one.public_id, "name": one.full_name} for one in circle.missing(at)]
    if not people:
        raise ActRefusedError(_("Everybody here has accepted the rules."), "2.12")
    year = school_day(at).year
    last = Sheet.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    sheet = Sheet.objects.create(
        year=year,
        number=last + 1,
        group=circle.group,
        school_class=circle.school_class,
        text=kept(rules_at(at), at),
        people=people,
        made_by=by,
        made_at=at,
    )
    record(act="acquaintance:sheet:make", by=by, at=at, subject=sheet.ref, detail={"lines": len(people)})
    return sheet


@transaction.atomic
def record_sheet(
    *, sheet: Sheet, signed: Collection[str], signed_on: date, language: str, by: Person, at: datetime
) -> list[Acquaintance]:
    """Record who signed a sheet; whoever was absent is left out and stays without access until they accept.

    `signed` are the ids of the lines that bear a signature, `language` the one in which the sheet was read.
    """
    demand_for_class(by, Right.ACQUAINTANCE_SHEET_RECORD, at, sheet.school_class)
    sheet = Sheet.objects.select_for_update(of=("self",)).select_related("text", "school_class").get(pk=sheet.pk)
    _check_recordable(sheet, signed, signed_on, language, at)
    people = list(Person.objects.filter(public_id__in=signed, active=True))
    before = accepted_among([one.pk for one in people], at)
    made = [
        Acquaintance.objects.create(person=one, text=sheet.text, at=at, how=How.SHEET, language=language, sheet=sheet)
        for one in people
        if one.pk not in before
    ]
    sheet.recorded_by, sheet.recorded_at, sheet.signed_on = by, at, signed_on
    sheet.save(update_fields=["recorded_by", "recorded_at", "signed_on"])
    acquaintances_changed.send(sender=None, at=at, narrows=False)
    detail = {"text": sheet.text.key, "signed": sorted(signed), "day": signed_on.isoformat(), "language": language}
    record(act=Right.ACQUAINTANCE_SHEET_RECORD, by=by, at=at, subject=sheet.ref, detail=detail)
    return made


def _check_recordable(sheet: Sheet, signed: Collection[str], signed_on: date, language: str, at: datetime) -> None:
    if sheet.recorded_at is not None:
        raise ActRefusedError(_("This sheet is recorded already."), "2.12")
    if sheet.text.key != rules_at(at).id:
        raise ActRefusedError(_("The rules have changed since this sheet was printed. Print a new one."), "2.12")
    if not signed or not set(signed) <= {one["id"] for one in sheet.people}:
        raise ActRefusedError(_("Tick the lines of this sheet that are signed."), "2.12")
    if not school_day(sheet.made_at) <= signed_on <= school_day(at):
        raise ActRefusedError(_("The day of the signatures lies between the day of the print and today."), "2.12")
    if language not in LANGUAGES:
        raise ActRefusedError(_("Say in which language the sheet was read."), "2.12")


@transaction.atomic
def withdraw_acquaintance(*, acquaintance: Acquaintance, reason: str, by: Person, at: datetime) -> None:
    """Take back what a sheet was recorded to say of one person: they have no access until they accept."""
    found = Acquaintance.objects.select_for_update(of=("self",)).select_related("person", "sheet__school_class", "text")
    acquaintance = found.get(pk=acquaintance.pk)
    if acquaintance.sheet is None:
        raise ActRefusedError(_("What somebody accepted themselves is not taken back by others."), "2.12")
    demand_for_class(by, Right.ACQUAINTANCE_SHEET_RECORD, at, acquaintance.sheet.school_class)
    if acquaintance.withdrawn_at is not None:
        raise ActRefusedError(_("This line has been taken back already."), "2.12")
    if not reason.strip():
        raise ActRefusedError(_("Say why the line is taken back."), "2.12")
    acquaintance.withdrawn_at, acquaintance.withdrawn_by, acquaintance.reason = at, by, reason.strip()[:200]
    acquaintance.save(update_fields=["withdrawn_at", "withdrawn_by", "reason"])
    acquaintances_changed.send(sender=None, at=at, narrows=True)
    detail: dict[str, object] = {"text": acquaintance.text.key, "sheet": acquaintance.sheet.ref}
    person = acquaintance.person.public_id
    record(
        act="acquaintance:line:withdraw", by=by, at=at, subject=person, detail={**detail, "reason": acquaintance.reason}
    )
