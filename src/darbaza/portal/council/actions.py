"""The first director enrolled, and decisions adopted. One function, one transaction, one audit entry.

Everything that a decision changes is changed here, in the same transaction as the act itself; orders likewise in
`orders.signing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.audit.seals import sealing
from darbaza.portal.council.groups import GroupDraft, make_group
from darbaza.portal.council.holds.actions import ratify
from darbaza.portal.council.inspections import detail_of_inspections, end_inspection
from darbaza.portal.council.models import (
    CategoryDefault,
    Council,
    Decision,
    DefaultRule,
    Inspection,
    Ruling,
    UserCategory,
)
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import sign_order
from darbaza.portal.council.seals import names_of_decisions, names_of_duties
from darbaza.portal.council.targets import RulingDraft, check_draft, demand_end
from darbaza.portal.people.actions import make_user
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.school_time import day_begins, instant_of, school_day

__all__ = ["DecisionDraft", "Point", "adopt_decision", "enrol_director", "sign_order"]


@transaction.atomic
def enrol_director(
    *, surname: str, given_name: str, patronymic: str = "", username: str, e_mail: str = "", at: datetime
) -> tuple[Person, str]:
    """Enrol the first director at installation: the one duty that no order gives. Returns person and first password.

    Refused once the school has ever had a director: from then on duties come from orders.
    """
    if Appointment.objects.filter(duty=Duty.DIRECTOR).exists():
        raise ActRefusedError(_("The school has a director; duties come from orders now."), "2.5")
    director = Person.objects.create(
        kind=PersonKind.STAFF, surname=surname, given_name=given_name, patronymic=patronymic
    )
    password = make_user(director, username, e_mail)
    Appointment.objects.create(person=director, duty=Duty.DIRECTOR, since=at)
    detail = sealing(*names_of_duties([director]))
    record(act="council:director:enrol", by=None, at=at, subject=director.public_id, detail=detail)
    return director, password


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """What a decision would change: rulings that begin and end, defaults of user categories, new groups (2.6)."""

    rulings: Sequence[RulingDraft] = ()
    ends: Sequence[Ruling] = ()
    defaults: Mapping[UserCategory, DefaultRule] = field(default_factory=dict)
    groups: Sequence[GroupDraft] = ()


class Enacted(NamedTuple):
    """What a decision brought into being."""

    rulings: list[Ruling]
    groups: list[UserCategory]


@transaction.atomic
def adopt_decision(
    *,
    text: str,
    minutes_number: str,
    date: date,
    in_force_from: date,
    rulings: Sequence[RulingDraft] = (),
    ends: Sequence[Ruling] = (),
    defaults: Mapping[UserCategory, DefaultRule] | None = None,
    groups: Sequence[GroupDraft] = (),
    inspections_ended: Sequence[Inspection] = (),
    council: Council = Council.METHODOLOGICAL,
    by: Person,
    at: datetime,
) -> Decision:
    """Enter what the council adopted: rulings that begin and end, defaults of user categories, new groups, and where
    encrypted pages are no longer looked into (2.6). That they are looked into only a sitting held here decides.

    All or nothing: one ruling that cannot stand refuses the decision. `date` is the sitting's and lies not ahead.
    """
    demand(by, Right.COUNCIL_DECISION_ADOPT, at)
    if date > school_day(at):
        raise ActRefusedError(_("The council has not sat yet on that day."), "2.6")
    if not (rulings or ends or defaults or groups or inspections_ended):
        raise ActRefusedError(_("A decision rules on something: add a ruling."), "2.6")
    decision = new_decision(text, minutes_number, date, in_force_from, council, by, at)
    made = enact(decision, DecisionDraft(rulings, ends, defaults or {}, groups))
    for one in inspections_ended:
        end_inspection(decision, one)
    detail = {
        "minutes": minutes_number,
        "from": in_force_from.isoformat(),
        "rulings": [ruling_detail(ruling) for ruling in made.rulings],
        "ends": [ruling.pk for ruling in ends],
        "defaults": {category.code: str(default) for category, default in (defaults or {}).items()},
        "groups": [group.code for group in made.groups],
        **detail_of_inspections((), inspections_ended),
        **sealing(*names_of_decisions(decision, [*ends, *inspections_ended])),
    }
    record(act=Right.COUNCIL_DECISION_ADOPT, by=by, at=at, subject=decision.ref, detail=detail)
    return decision


def enact(decision: Decision, draft: DecisionDraft) -> Enacted:
    """Do all that a decision says. Raises `ActRefusedError` for what cannot stand."""
    groups = [make_group(decision, group) for group in draft.groups]
    rulings = [rule(decision, one) for one in draft.rulings]
    for ruling in draft.ends:
        end_ruling(decision, ruling)
    for category, default in draft.defaults.items():
        CategoryDefault.objects.create(
            user_category=category, default_rule=default, decision=decision, since=decision.in_force_from
        )
    return Enacted(rulings, groups)


def ruling_detail(ruling: Ruling) -> dict[str, str]:
    """One ruling as it stands."""
    return {"for": ruling.user_category.code, "effect": ruling.effect, "on": ruling.subject}


def new_decision(
    text: str, minutes_number: str, date: date, in_force_from: date, council: Council, by: Person, at: datetime
) -> Decision:
    """A stored decision with the next number of its year; it comes into force no earlier than the sitting's day."""
    if instant_of(in_force_from) < day_begins(date):
        raise ActRefusedError(_("A decision is in force from the day of the sitting or later."), "2.6")
    last = Decision.objects.filter(year=date.year).aggregate(last=Max("number"))["last"] or 0
    return Decision.objects.create(
        year=date.year,
        number=last + 1,
        date=date,
        council=council,
        text=text.strip(),
        minutes_number=minutes_number.strip(),
        in_force_from=instant_of(in_force_from),
        entered_by=by,
        entered_at=at,
    )


def rule(decision: Decision, draft: RulingDraft) -> Ruling:
    """Store one ruling of a decision after checking that it can stand."""
    checked = check_draft(draft)
    demand_end(checked)
    if checked.until is not None and instant_of(checked.until) <= decision.in_force_from:
        raise ActRefusedError(_("A ruling ends before it begins."), "2.6")
    ruling = Ruling.objects.create(
        decision=decision,
        user_category=checked.user_category,
        effect=checked.effect,
        target_host=checked.host,
        target_path=checked.path,
        subdomains=checked.subdomains,
        category=checked.category,
        since=decision.in_force_from,
        until=checked.until,
        review_date=checked.review_date,
    )
    ratify(decision, ruling, decision.entered_at)
    return ruling


def end_ruling(decision: Decision, ruling: Ruling) -> None:
    """End an earlier ruling on the day this decision comes into force."""
    if ruling.ended_by_id is not None or ruling.decision_id == decision.pk:
        raise ActRefusedError(_("This ruling has been ended already."), "2.6")
    ruling.until = max(decision.in_force_from, ruling.since)
    ruling.ended_by = decision
    ruling.save(update_fields=["until", "ended_by"])
