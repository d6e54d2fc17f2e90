"""Consents on paper: forms for a class with a page for each student, the register and missing lists, receipts."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from darbaza import clock
from darbaza.portal.consents import links
from darbaza.portal.consents.asked import parts
from darbaza.portal.consents.models import Link, PaperSet, Statement
from darbaza.portal.consents.standing import circle_of, class_of
from darbaza.portal.papers.documents import Document, Facts, Kind, split_ref
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, holds, holds_for_class
from darbaza.portal.school_time import school_day


def gather_set(ref: str) -> Document | None:
    """Forms on paper as people cite them, `2026-3`. The secrets of their links are in no fact that is kept."""
    year, number = split_ref(ref) or (0, 0)
    found = PaperSet.objects.filter(year=year, number=number).select_related("school_class", "risks", "made_by")
    made = found.first()
    if made is None:
        return None
    addresses = {one.pk: links.address_of(one) for one in Link.objects.filter(paper_set=made)}
    facts = {
        "date": school_day(made.made_at).isoformat(),
        "class": made.school_class.name,
        "first_day": made.first_day.isoformat(),
        "last_day": made.last_day.isoformat(),
        "risks": made.risks.body,
        "version": made.risks.key,
        "explains": made.made_by.short_name,
        "pages": [{"name": one["name"], "address": addresses[one["link"]]} for one in made.people],
    }
    return Document("consent-forms", made.ref, facts, made.ref, school_day(made.made_at))


def gather_register(ref: str) -> Document | None:
    """The register of a class, `class-4`, or of the staff: who said what; with `-missing` those left to ask."""
    slug, only_missing = ref.removesuffix("-missing"), ref.endswith("-missing")
    circle, at = circle_of(slug), clock.utc_now()
    if circle is None:
        return None
    shown = [one for one in circle.standing(at) if not (only_missing and one.is_settled)]
    facts = {
        "date": school_day(at).isoformat(),
        "class": circle.school_class.name if circle.school_class else "",
        "missing": only_missing,
        "rows": [
            {
                "name": one.person.full_name,
                "state": one.state,
                "statements": [_fact(said) for said in one.statements],
                "required": sorted(one.required),
            }
            for one in shown
        ],
    }
    return Document("consents", ref, facts, "", school_day(at))


def _fact(said: Statement) -> Facts:
    """A statement as a sheet shows it."""
    one = said.representative
    return {
        "ref": said.ref,
        "giver": one.name if one else "",
        "relation": one.relation if one else "",
        "how": said.how,
        "given": school_day(said.given_at).isoformat(),
        "recorded": said.recorded_at.isoformat(),
        "agrees": said.agrees,
        "numbers": _numbers(said),
        "first_day": said.first_day.isoformat(),
        "last_day": said.last_day.isoformat(),
        "withdrawn": school_day(said.withdrawn_at).isoformat() if said.withdrawn_at else "",
        "struck": said.reason,
        "kinds": said.kinds,
        "channels": said.channels,
        "purposes": said.purposes,
        "version": said.risks.key if said.risks else "",
        "language": said.explained_in,
        "explained_by": said.explained_by.short_name if said.explained_by else "",
        "explained": school_day(said.explained_at).isoformat() if said.explained_at else "",
        "understood": said.understood,
    }


def _numbers(said: Statement) -> str:
    """The ticked lines of the form, as a pile of paper names them: `1–6, 15`."""
    codes = (said.kinds, said.channels, said.purposes)
    ticked = [one.number for part, chosen in zip(parts(), codes, strict=True) for one in part if one.code in chosen]
    runs: list[list[int]] = []
    for number in ticked:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{one[0]}–{one[-1]}" if len(one) > 1 else str(one[0]) for one in runs)


def statement_of(ref: str) -> Statement | None:
    """A statement as people cite it."""
    year, number = split_ref(ref) or (0, 0)
    found = Statement.objects.filter(year=year, number=number)
    return found.select_related("person", "representative", "risks", "explained_by").first()


def gather_receipt(ref: str) -> Document | None:
    """The receipt of one statement."""
    said = statement_of(ref)
    if said is None:
        return None
    facts = {"date": school_day(said.recorded_at).isoformat(), "person": said.person.full_name, **_fact(said)}
    return Document("consent", said.ref, facts, said.ref, school_day(said.recorded_at))


def may_read_register(person: Person | None, ref: str, at: datetime) -> bool:
    """A class teacher prints the own class's, others every class's."""
    circle = circle_of(ref.removesuffix("-missing"))
    return circle is not None and holds_for_class(person, Right.CONSENTS_CONSENT_READ, at, circle.school_class)


def may_read_receipt(person: Person | None, ref: str, at: datetime) -> bool:
    """Whoever it is about, and whoever reads consents of their class."""
    said = statement_of(ref)
    if said is None or person is None:
        return False
    return said.person == person or holds_for_class(person, Right.CONSENTS_CONSENT_READ, at, class_of(said.person, at))


def may_read_set(person: Person | None, _ref: str, at: datetime) -> bool:
    """The links on the pages speak for parents: only whoever asks for consents prints them."""
    return holds(person, Right.CONSENTS_CONSENT_RECORD, at)


SET = Kind(
    "consent-forms", _("Consent to publication"), Right.CONSENTS_CONSENT_RECORD, gather_set,
    "papers/print/consent_forms.html", takes_scans=True, readers=may_read_set,
)  # fmt: skip
REGISTER = Kind(
    "consents", _("Register of consents"), Right.CONSENTS_CONSENT_READ, gather_register,
    "papers/print/consents.html", landscape=True, readers=may_read_register,
)  # fmt: skip
RECEIPT = Kind(
    "consent", _("Receipt of an answer on consent"), Right.CONSENTS_CONSENT_READ, gather_receipt,
    "papers/print/consent.html", takes_scans=True, readers=may_read_receipt,
)  # fmt: skip
