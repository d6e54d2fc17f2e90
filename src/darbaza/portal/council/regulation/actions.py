"""A version of the regulation drafted, written, thrown away, and approved by an act on paper; orders approve it too."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.actions import record
from darbaza.portal.audit.seals import name_of, sealing
from darbaza.portal.council.models import DraftPoint, OrderAct, OrderDraft, OrderKind, RegulationVersion
from darbaza.portal.council.models.regulation import RegulationClause
from darbaza.portal.council.orders.drafts import draft_order
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import Wording
from darbaza.portal.council.regulation.approval import Approval, approve_version, still_draft
from darbaza.portal.council.regulation.in_force import by_number, fit_of
from darbaza.portal.council.regulation.reading import LONGEST_CLAUSE, MOST_CLAUSES
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.school_time import instant_of, school_day

NUMBER = re.compile(r"\d{1,2}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The file from which a version was read."""

    name: str
    sha256: str


@transaction.atomic
def draft_regulation(
    *, language: str, texts: Mapping[str, str], file: SourceFile | None = None, by: Person, at: datetime
) -> RegulationVersion:
    """Begin a new version, from clauses by their numbers: those in force, the built-in ones, or a file's (1.1)."""
    demand(by, Right.COUNCIL_ORDER_DRAFT, at)
    version = RegulationVersion(language=language, drafted_by=by, drafted_at=at)
    if file is not None:
        version.file_name, version.file_sha256 = file.name[:200], file.sha256
    version.save()
    write(version, texts)
    detail: dict[str, object] = {"clauses": len(texts), "language": language}
    if file is not None:
        detail["sha256"] = file.sha256
    record(act="council:regulation:draft", by=by, at=at, subject=f"regulation-{version.pk}", detail=detail)
    return version


@transaction.atomic
def write_regulation(
    *, version: RegulationVersion, texts: Mapping[str, str], changes: int, by: Person, at: datetime
) -> RegulationVersion:
    """Write a draft anew, whole. `changes` is the count that the writer saw."""
    demand(by, Right.COUNCIL_ORDER_DRAFT, at)
    version = still_draft(version)
    if version.changes != changes:
        raise ActRefusedError(_("Somebody else has changed this draft meanwhile. Look at it again."), "1.1")
    version.changes += 1
    version.save(update_fields=["changes"])
    write(version, texts)
    record(
        act="council:regulation:write", by=by, at=at, subject=f"regulation-{version.pk}", detail={"clauses": len(texts)}
    )
    return version


@transaction.atomic
def discard_regulation(*, version: RegulationVersion, by: Person, at: datetime) -> None:
    """Throw a draft away."""
    demand(by, Right.COUNCIL_ORDER_DRAFT, at)
    version = still_draft(version)
    if OrderDraft.objects.filter(points__regulation=version, order=None, discarded_at=None).exists():
        raise ActRefusedError(_("An order that approves this version is drafted. Throw that away first."), "1.1")
    name = f"regulation-{version.pk}"
    DraftPoint.objects.filter(regulation=version).delete()  # of drafts that were thrown away themselves
    version.delete()
    record(act="council:regulation:discard", by=by, at=at, subject=name)


@transaction.atomic
def record_approval(
    *, version: RegulationVersion, kind: str, number: str, day: date, since: date, by: Person, at: datetime
) -> RegulationVersion:
    """The director enters the act on paper that approved a version before this portal was there, or beside it."""
    demand(by, Right.COUNCIL_ORDER_SIGN, at)
    version = still_draft(version)
    if day > school_day(at):
        raise ActRefusedError(_("The act has not been signed yet on that day."), "1.1")
    if not number.strip():
        raise ActRefusedError(_("Give the number of the act."), "1.1")
    approve_version(version, Approval(kind, number.strip(), day, instant_of(since)), by, at)
    version.refresh_from_db()
    missing = list(fit_of(version.clauses.values_list("number", flat=True)).missing)
    detail: dict[str, object] = {"act": kind, "number": number, "date": day.isoformat(), "missing": missing}
    detail |= sealing(name_of("regulation", version.pk))
    record(act="council:regulation:approve", by=by, at=at, subject=version.ref, detail=detail)
    return version


@transaction.atomic
def draft_approval(*, version: RegulationVersion, by: Person, at: datetime) -> OrderDraft:
    """A draft of the order that approves a version."""
    version = still_draft(version)
    if OrderDraft.objects.filter(points__regulation=version, order=None, discarded_at=None).exists():
        raise ActRefusedError(_("An order that approves this version is drafted already."), "1.1")
    text = str(_("The regulation on the use of information and communication technologies is approved."))
    points = (Point(OrderAct.APPROVE, regulation=version),)
    return draft_order(wording=Wording(OrderKind.REGULATION, text, points), by=by, at=at)


def write(version: RegulationVersion, texts: Mapping[str, str]) -> None:
    """Store the clauses of a draft in their order. An empty text leaves its clause out."""
    kept = {number: text.strip() for number, text in texts.items() if text.strip()}
    for number, text in kept.items():
        if not NUMBER.fullmatch(number):
            raise ActRefusedError(
                _("“%(number)s” is no number of a clause. Write it like 2.9.") % {"number": number}, "1.1"
            )
        if len(text) > LONGEST_CLAUSE:
            raise ActRefusedError(_("Clause %(number)s is too long for a clause.") % {"number": number}, "1.1")
    if not kept or len(kept) > MOST_CLAUSES:
        raise ActRefusedError(_("A regulation has 1 to 200 clauses."), "1.1")
    version.clauses.all().delete()
    RegulationClause.objects.bulk_create(
        RegulationClause(version=version, number=number, text=kept[number], position=position)
        for position, number in enumerate(sorted(kept, key=by_number), start=1)
    )
