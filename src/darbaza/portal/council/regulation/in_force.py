"""Which version of the regulation is in force at an instant, what it says, and what the gate enforces beyond it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q

from darbaza.policy import clauses
from darbaza.policy.clauses import Enforcement
from darbaza.portal.council.models import RegulationVersion

BUILT_IN = "2020-09-15"
"""The version that the clause register holds, by the day of the decision that approved it: in force at a school that
has entered none of its own."""


def version_at(at: datetime) -> RegulationVersion | None:
    """The school's own version in force at an instant: of those that stand, the one that began last."""
    standing = RegulationVersion.objects.filter(since__lte=at).filter(Q(until__isnull=True) | Q(until__gt=at))
    return standing.order_by("-since", "-pk").first()


def ref_at(at: datetime) -> str:
    """How the version in force at an instant is cited."""
    version = version_at(at)
    return version.ref if version else BUILT_IN


def version_of(ref: str) -> RegulationVersion | None:
    """The school's own version of this name; None for the built-in one and for a name that there is not."""
    return next((one for one in RegulationVersion.objects.exclude(act_kind="") if one.ref == ref), None)


def next_version(at: datetime) -> datetime | None:
    """The next instant at which another version comes into force or one ends."""
    begins = RegulationVersion.objects.filter(since__gt=at).aggregate(next=Min("since"))["next"]
    ends = RegulationVersion.objects.filter(until__gt=at).aggregate(next=Min("until"))["next"]
    return min((one for one in (begins, ends) if one is not None), default=None)


def end_of(version: RegulationVersion) -> datetime | None:
    """When a version stopped or will stop being the one in force: its own end, or the beginning of the next."""
    later = RegulationVersion.objects.filter(since__gt=version.since).exclude(pk=version.pk)
    following = later.filter(Q(until__isnull=True) | Q(until__gt=version.since)).aggregate(next=Min("since"))["next"]
    return min((one for one in (version.until, following) if one is not None), default=None)


def text_of(number: str, ref: str, language: str) -> str:
    """What a clause says in a version, in the school's words if it has this clause; else the register's."""
    version = version_of(ref)
    own = version.clauses.filter(number=number).first() if version else None
    return own.text if own else clauses.clause(number).wording.in_language(language)


def texts_of(version: RegulationVersion) -> dict[str, str]:
    """All clauses of a version in their order."""
    return dict(version.clauses.values_list("number", "text"))


@dataclass(frozen=True, slots=True)
class Fit:
    """How a version fits the clause register: what the gate enforces beyond it, and what only the version has."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]


def fit_of(numbers: Iterable[str]) -> Fit:
    """Compare the clause numbers of a version with the register's."""
    there = set(numbers)
    enforced = (one.number for one in clauses.CLAUSES if one.enforced_by is Enforcement.VERDICT)
    return Fit(
        tuple(number for number in enforced if number not in there),
        tuple(sorted((number for number in there if not clauses.is_clause(number)), key=by_number)),
    )


def by_number(number: str) -> tuple[int, ...]:
    """Clauses in their order: 2.9 before 2.10."""
    return tuple(int(part) for part in number.split("."))


def built_in(language: str) -> Mapping[str, str]:
    """The register's own wording."""
    return {one.number: one.wording.in_language(language) for one in clauses.CLAUSES}
