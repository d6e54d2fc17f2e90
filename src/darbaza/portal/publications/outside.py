"""Somebody whom no list of the school holds: a thanked father, a guest, a deceased teacher, a famous compatriot.

What lets them stay is a ground: a consent, with who gave it, how and when; or that they are deceased, or public, with
by what that is known. Whoever answers so is recorded as who decided it. Of nobody who may be on the lists does a ground
take the place of their own consent (2.15, 2.16; ADR 0082).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.asked import text
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.publications.rosters import roster_at
from darbaza.portal.publications.words import GROUNDS
from darbaza.portal.school_time import school_day
from darbaza.publication.findings import Certainty, Finding
from darbaza.publication.gate import Why, against_outside, clause_of, fits
from darbaza.publication.matter import Answer, Answered, Ground, Matter, Outside, finding_keys
from darbaza.publication.text import find_in_text

FIELDS = {"who": 120, "ground": 12, "how": 200, "giver": 120, "given_on": 10, "explained": 3}
"""What the form asks, each with its most characters."""

SHORTEST = 3
WHO = _("Write who it is: surname and given name.")
ON_WHICH = _("Choose the ground on which they are told of.")
HOW = _("Say in words how the consent was given and where it lies, or by what that is known.")
GIVEN = _("Of a consent say who gave it, on which day, and that the risks were explained.")
AHEAD = _("That day lies ahead: a consent counts from the day on which it is given.")
ON_THE_LISTS = _(
    "“%(name)s” may be somebody of the school's lists: only their own consent lets that stay. "
    "Choose that it stays by consent, and say whose it is; or, if it is somebody else, that it is nobody of the "
    "school, and why."
)
ELSEWHERE = _("“%(name)s” cannot be answered so: neither in a picture, nor of the number of a document.")


def fields_in(form: QueryDict, name: str) -> dict[str, str]:
    """What was entered of somebody outside the lists for the findings of a name."""
    return {field: text(form, f"outside-{field}-{name}", longest).strip() for field, longest in FIELDS.items()}


def fields_of(outside: Outside | None) -> dict[str, str]:
    """What is known of somebody, as the form shows it."""
    if outside is None:
        return {}
    shown = {field: str(getattr(outside, field)) for field in FIELDS}
    return shown | {"explained": "yes" if outside.explained else ""}


def outside_in(fields: Mapping[str, str]) -> Outside | None:
    """Somebody outside the lists, from what was entered; None without a ground. Of a consent alone is it kept who gave
    it, when, and what was explained."""
    if fields["ground"] not in set(Ground):
        return None
    ground = Ground(fields["ground"])
    if ground is not Ground.CONSENT:
        return Outside(fields["who"], ground, fields["how"])
    return Outside(
        fields["who"], ground, fields["how"], fields["giver"], day_in(fields["given_on"]), fields["explained"] == "yes"
    )


def day_in(typed: str) -> str:
    """A day in ISO form; empty for what is none."""
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError:
        return ""


def known_in(form: QueryDict, names: Iterable[str], matter: Matter) -> dict[str, Outside]:
    """Everybody outside the lists of whom all was said, here or before: whoever is named again needs no more."""
    said = [one.outside for one in matter.answers.values() if one.outside]
    entered = [outside_in(fields_in(form, name)) for name in names]
    whole = [one for one in (*said, *entered) if one is not None and one.is_whole]
    return {one.who.casefold(): one for one in whole}


def completed(fields: Mapping[str, str], known: Mapping[str, Outside]) -> Outside | None:
    """Somebody outside the lists; of whom nothing but the name was entered, as they are known already."""
    bare = not any(fields[field] for field in FIELDS if field != "who")
    return known.get(fields["who"].casefold()) if bare else outside_in(fields)


def trouble_with(outside: Outside | None, fields: Mapping[str, str], day: date) -> Promise | None:
    """What is left out, or lies ahead of a day; None if nothing is."""
    if len(fields["who"]) < SHORTEST:
        return WHO
    if outside is None:
        return ON_WHICH
    if len(outside.how) < SHORTEST:
        return HOW
    if not outside.is_whole:
        return GIVEN
    return AHEAD if outside.given_on > day.isoformat() else None


def demand_outside(answers: Mapping[str, Answered], matter: Matter, at: datetime) -> None:
    """Refuse to say of somebody who may be on the lists that they are outside of them, or to say so without a ground.

    The name that was written is looked for like a text: also where a number or an address is said to be theirs.
    """
    findings = dict(zip(finding_keys(matter.findings), matter.findings, strict=True))
    parts = {one.id: one for one in matter.parts}
    for key, one in answers.items():
        if one.answer is Answer.OUTSIDE:
            if not fits(findings[key], one.answer, parts.get(findings[key].part)):
                raise ActRefusedError(ELSEWHERE % {"name": findings[key].shown}, clause_of(findings[key]))
            demand_ground(one.outside, findings[key], at)


def demand_ground(outside: Outside | None, finding: Finding, at: datetime) -> None:
    """Refuse a finding of which a ground lets nothing stay, and a ground that is none."""
    clause = clause_of(finding)
    why = against_outside(finding, Answered(Answer.OUTSIDE, by="-", outside=outside))
    if why is Why.ON_THE_LISTS:
        raise ActRefusedError(ON_THE_LISTS % {"name": finding.shown}, clause)
    if why is Why.NEVER:
        raise ActRefusedError(ELSEWHERE % {"name": finding.shown}, clause)
    if trouble := trouble_with(outside, {"who": outside.who if outside else ""}, school_day(at)):
        raise ActRefusedError(trouble, clause)
    if outside and names_ours(outside.who, at):
        raise ActRefusedError(ON_THE_LISTS % {"name": outside.who}, clause)


def names_ours(name: str, at: datetime) -> bool:
    """Whether a name is that of somebody on the lists, in whatever form; that it only may be is no answer."""
    found = find_in_text(name, roster_at(at), "who")
    return any(one.people and one.certainty is not Certainty.HINT for one in found)


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody outside the lists as pages and certificates tell of them: the ground in words, and who decided it."""

    outside: Outside
    ground: str
    by: str

    @property
    def given_on(self) -> date | None:
        """The day of a consent."""
        return date.fromisoformat(self.outside.given_on) if self.outside.given_on else None


def told_in(answers: Iterable[Answered]) -> list[Told]:
    """Everybody outside the lists of whom a publication tells, each once for whoever decided it."""
    said = dict.fromkeys((one.outside, one.by) for one in answers if one.answer is Answer.OUTSIDE and one.outside)
    deciders = Person.objects.filter(pk__in=[int(by) for _outside, by in said if by.isdecimal()])
    names = {str(one.pk): one.short_name for one in deciders}
    return [Told(outside, str(GROUNDS[outside.ground]), names.get(by, "")) for outside, by in said if outside]
