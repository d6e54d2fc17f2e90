"""The gate of publications: whether something may be placed, or stand where it is placed, and what is in its way.

Clauses 2.6, 2.14-2.17 and 3.2. The same function judges a draft, the act of publishing, each serving to the public and
the daily check, so that nothing is public which it would not let through. Pure and total: whatever is missing counts
against the publication.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from darbaza.publication.consents import coverage
from darbaza.publication.findings import Box, Certainty, Finding
from darbaza.publication.kinds import NAMES, NEVER, DataKind, Purpose
from darbaza.publication.matter import Answer, Answered, Matter, Part, PartKind, finding_keys, look_of
from darbaza.publication.own_contacts import KINDS as OWN_KINDS


class Step(StrEnum):
    """The steps of a publication, in their order; each reason belongs to the one at which it is in the way."""

    FACTS = "facts"
    PERSONAL_DATA = "personal-data"
    CONSENTS = "consents"
    COUNCIL = "council"
    RESPONSIBLE = "responsible"


STANDING = frozenset({Step.FACTS, Step.PERSONAL_DATA, Step.CONSENTS, Step.RESPONSIBLE})
"""What is judged again at each serving. A later decision of the council on nature and volume calls nothing back."""


class Why(StrEnum):
    """What may be in the way. Each has a sentence with its remedy in the portal, in the reader's language."""

    EMPTY = "empty"
    FACTS_MISSING = "facts-missing"
    FACTS_CHANGED = "facts-changed"
    FACTS_NO_SOURCE = "facts-no-source"
    FACTS_BY_AUTHOR = "facts-by-author"
    FINDING_OPEN = "finding-open"
    ANSWER_DOES_NOT_FIT = "answer-does-not-fit"
    CORRECT_THE_FILE = "correct-the-file"
    WHOSE = "whose"
    WHY_NOT = "why-not"
    WHY_NOBODYS = "why-nobodys"
    ON_THE_LISTS = "on-the-lists"
    NO_GROUND = "no-ground"
    NEVER = "never"
    PICTURE_UNSEEN = "picture-unseen"
    DATA_UNCHECKED = "data-unchecked"
    DATA_CHANGED = "data-changed"
    NO_CONSENT = "no-consent"
    CANNOT = "cannot"
    NO_PERMISSION = "no-permission"
    NOT_THERE = "not-there"
    NOT_DECIDED = "not-decided"
    COUNCIL_DENIES = "council-denies"
    TOO_LONG = "too-long"
    TOO_MANY_PICTURES = "too-many-pictures"
    TOO_OFTEN = "too-often"
    NOT_RESPONSIBLE = "not-responsible"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing in the way: the clause, the step, and where it is.

    `person` and `kind` say whose consent to what is missing; `detail` is what stands there, a limit, or the reason that
    a consent does not cover. About a protected person nothing is said but that it cannot be published.
    """

    why: Why
    clause: str
    step: Step
    part: str = ""
    finding: str = ""
    person: str = ""
    kind: DataKind | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """The gate's answer: nothing in the way, or everything that is, in the order of the steps.

    `uses` are the people and kinds of personal data that go out, each by a consent.
    """

    reasons: tuple[Reason, ...]
    uses: tuple[tuple[str, DataKind], ...]

    @property
    def passes(self) -> bool:
        """Whether nothing is in the way."""
        return not self.reasons

    def clear_of(self, *steps: Step) -> bool:
        """Whether nothing of these steps is in the way."""
        return not any(reason.step in steps for reason in self.reasons)


class GateClosedError(Exception):
    """Something was to go out that the gate does not let through; `verdict` says what is in the way."""

    def __init__(self, verdict: GateVerdict) -> None:
        """Keep the verdict; the text names each reason with its clause."""
        super().__init__(", ".join(f"{reason.why} ({reason.clause})" for reason in verdict.reasons))
        self.verdict = verdict


def judge(matter: Matter, at: datetime) -> GateVerdict:
    """Whether a publication may go out at an instant, by what is known and confirmed of it."""
    uses = tuple(sorted(uses_of(matter)))
    reasons = [*facts(matter), *personal_data(matter), *consents(matter, uses, at), *own_page(matter, at)]
    reasons += [*council(matter), *responsible(matter), *term(matter, at)]
    order = list(Step)
    return GateVerdict(tuple(sorted(reasons, key=lambda one: order.index(one.step))), uses)


def judge_standing(matter: Matter, at: datetime) -> GateVerdict:
    """Whether what was placed may stand: all but the council's nature and volume, which speak of what is new."""
    verdict = judge(matter, at)
    return GateVerdict(tuple(one for one in verdict.reasons if one.step in STANDING), verdict.uses)


def facts(matter: Matter) -> Iterator[Reason]:
    """2.14: somebody other than the author checked that it is right, says by what, and nothing changed since."""
    if not any(part.words for part in matter.parts if part.kind is PartKind.TEXT):
        yield Reason(Why.EMPTY, "2.14", Step.FACTS)
    checked = matter.facts
    if checked is None:
        yield Reason(Why.FACTS_MISSING, "2.14", Step.FACTS)
        return
    if checked.digest != matter.content:
        yield Reason(Why.FACTS_CHANGED, "2.14", Step.FACTS)
    if not checked.source.strip():
        yield Reason(Why.FACTS_NO_SOURCE, "2.14", Step.FACTS)
    if checked.by in {matter.author, *matter.writers}:
        yield Reason(Why.FACTS_BY_AUTHOR, "2.14", Step.FACTS)


def personal_data(matter: Matter) -> Iterator[Reason]:
    """2.14, 2.15: each finding answered fittingly, each picture looked at, and the whole confirmed as it is now."""
    parts = {part.id: part for part in matter.parts}
    for key, finding in zip(finding_keys(matter.findings), matter.findings, strict=True):
        yield from answered(finding, key, matter.answers.get(key), parts.get(finding.part))
    for part in matter.parts:
        seen = matter.seen.get(part.id)
        if part.is_looked_at and (seen is None or seen.digest != look_of(part)):
            yield Reason(Why.PICTURE_UNSEEN, "2.15", Step.PERSONAL_DATA, part.id)
    if matter.personal_data is None:
        yield Reason(Why.DATA_UNCHECKED, "2.14", Step.PERSONAL_DATA)
    elif matter.personal_data.digest != matter.clearing:
        yield Reason(Why.DATA_CHANGED, "2.14", Step.PERSONAL_DATA)


def answered(finding: Finding, key: str, given: Answered | None, part: Part | None) -> Iterator[Reason]:
    """Whether a finding has an answer, and one that does what it says."""
    clause = clause_of(finding)

    def reason(why: Why) -> Reason:
        return Reason(why, clause, Step.PERSONAL_DATA, finding.part, key, kind=finding.kind, detail=finding.shown)

    if given is None:
        yield reason(Why.FINDING_OPEN)
    elif given.answer is Answer.REMOVE and part is not None and part.kind is PartKind.ATTACHMENT:
        yield reason(Why.CORRECT_THE_FILE)
    elif not fits(finding, given.answer, part):
        yield reason(Why.ANSWER_DOES_NOT_FIT)
    else:
        yield from map(reason, against(finding, given))


def against(finding: Finding, given: Answered) -> Iterator[Why]:
    """What speaks against an answer that fits."""
    if given.answer is Answer.OUTSIDE:
        if why := against_outside(finding, given):
            yield why
        return
    if given.answer is Answer.CONSENT and finding.kind in NEVER:
        yield Why.NEVER
    if given.answer is Answer.CONSENT and not given.people:
        yield Why.WHOSE
    elif needs_why(finding, given) and not given.why.strip():
        yield Why.WHY_NOT if finding.people else Why.WHY_NOBODYS


def against_outside(finding: Finding, given: Answered) -> Why | None:
    """What speaks against letting something stay as that of somebody outside the lists; None if nothing does.

    Whoever may be one of the school's own has their own consent to ask for: no ground takes its place.
    """
    if finding.people:
        return Why.ON_THE_LISTS
    if finding.kind in NEVER:
        return Why.NEVER
    return None if given.by and given.outside and given.outside.is_whole else Why.NO_GROUND


def clause_of(finding: Finding) -> str:
    """2.16 names names in news, 2.15 all other personal data."""
    return "2.16" if finding.kind in NAMES else "2.15"


def needs_why(finding: Finding, given: Answered) -> bool:
    """Whether it takes words to say that it is nobody, or somebody else: what was found is plain."""
    return finding.certainty is Certainty.SURE and is_explained_away(finding, given)


def is_explained_away(finding: Finding, given: Answered) -> bool:
    """Whether what was found stays, but is said to be of nobody, or of others than those whom the lists name there.

    So nobody's name goes out by the consent of somebody else.
    """
    if given.answer is Answer.CONSENT:
        return bool(finding.people) and not set(finding.people) & set(given.people)
    return given.answer in (Answer.NOT_A_PERSON, Answer.NOT_OURS, Answer.OUTSIDE)


def fits(finding: Finding, answer: Answer, part: Part | None) -> bool:
    """Whether an answer can be given to a finding, and does away with it if it says so.

    A place in a picture must lie within what is blurred, or outside what is left; a text's is taken out of it as it
    goes out. Out of an attachment nothing is taken: to remove something there is to ask for a corrected file. Only
    names have initials: of a class or an age they would be the whole. A face is nobody's by itself (ADR 0058), so it is
    never said to be somebody's outside the lists. Of the school's own is what names nobody.
    """
    if part is None:
        return False
    if answer in (Answer.OUTSIDE, Answer.SCHOOLS):
        own = answer is Answer.OUTSIDE or (finding.kind in OWN_KINDS and not finding.people)
        return own and part.kind is not PartKind.PICTURE and finding.kind is not DataKind.PHOTO
    if answer in (Answer.BLUR, Answer.CROP):
        return isinstance(finding.where, Box) and part.kind is PartKind.PICTURE and is_hidden(finding.where, part)
    if answer is Answer.INITIALS and finding.kind not in NAMES:
        return False
    if answer in (Answer.INITIALS, Answer.REMOVE):
        stripped = part.kind is PartKind.PICTURE and not isinstance(finding.where, Box)
        return part.kind is PartKind.TEXT or (stripped and answer is Answer.REMOVE)
    return True


def is_hidden(box: Box, part: Part) -> bool:
    """Whether a place of a picture is blurred as a whole, or lies outside what is left of it."""
    cut_away = part.crop is not None and not part.crop.overlaps(box)
    return cut_away or any(outer.holds(box) for outer in part.blurred)


ALONG: dict[Purpose, DataKind] = {Purpose.ACHIEVEMENTS: DataKind.ACHIEVEMENTS, Purpose.WORKS: DataKind.WORKS}
"""What is told of everybody who is named or shown in a publication of this purpose, besides name and picture."""


def uses_of(matter: Matter) -> set[tuple[str, DataKind]]:
    """Whose personal data of which kind goes out."""
    uses: set[tuple[str, DataKind]] = set()
    for key, finding in zip(finding_keys(matter.findings), matter.findings, strict=True):
        given = matter.answers.get(key)
        if given is not None and given.answer is Answer.CONSENT:
            uses |= {(person, finding.kind) for person in given.people}
    uses |= {(person, DataKind.PHOTO) for seen in matter.seen.values() for person in seen.people}
    if matter.purpose in ALONG:
        uses |= {(person, ALONG[matter.purpose]) for person, _kind in uses}
    return uses


def consents(matter: Matter, uses: tuple[tuple[str, DataKind], ...], at: datetime) -> Iterator[Reason]:
    """2.15-2.17: a valid consent for each person, kind, channel and purpose on this day; a protected person never."""
    if protected_in(matter, uses):
        yield Reason(Why.CANNOT, "2.15", Step.CONSENTS)
    for person, kind in uses:
        if person in matter.protected:
            continue
        found = coverage(
            matter.consents, person=person, kind=kind, channel=matter.channel, purpose=matter.purpose, at=at
        )
        if not found.covered:
            yield Reason(Why.NO_CONSENT, found.clause, Step.CONSENTS, person=person, kind=kind, detail=found.standing)


def protected_in(matter: Matter, uses: tuple[tuple[str, DataKind], ...]) -> bool:
    """Whether a protected person would go out: named by an answer, or found and explained away or shortened."""
    if matter.protected & ({person for person, _kind in uses} | {matter.own_of}):
        return True
    for key, finding in zip(finding_keys(matter.findings), matter.findings, strict=True):
        given = matter.answers.get(key)
        if given is not None and is_protected(finding, matter.protected) and shows(finding, given):
            return True
    return False


def is_protected(finding: Finding, protected: frozenset[str]) -> bool:
    """Whether a finding is plainly of a protected person, or of nobody else of the lists."""
    found = set(finding.people)
    if finding.certainty is Certainty.SURE:
        return bool(found & protected)
    return finding.certainty is Certainty.LIKELY and bool(found) and found <= protected


def shows(finding: Finding, given: Answered) -> bool:
    """Whether anything of whom the lists name there goes out by an answer other than their consent: initials, too."""
    return given.answer is Answer.INITIALS or is_explained_away(finding, given)


def own_page(matter: Matter, at: datetime) -> Iterator[Reason]:
    """3.2: own information is placed by a permission in force, of that person, and only where it names."""
    if matter.purpose is not Purpose.OWN_PAGE:
        return
    given = matter.permission
    if given is None or not matter.own_of or given.person != matter.own_of or not given.since <= at < given.until:
        yield Reason(Why.NO_PERMISSION, "3.2", Step.CONSENTS, person=matter.own_of)
    elif not given.names(matter.place):
        place = matter.place.host + matter.place.path
        yield Reason(Why.NOT_THERE, "3.2", Step.CONSENTS, person=matter.own_of, detail=place)


def council(matter: Matter) -> Iterator[Reason]:
    """2.6: what the council has not decided on is not placed; of several decisions each binds."""
    rules = [rule for rule in matter.rules if rule.speaks_of(matter.channel, matter.purpose)]
    if not rules:
        yield Reason(Why.NOT_DECIDED, "2.6", Step.COUNCIL)
    words = sum(part.words for part in matter.parts)
    pictures = sum(part.pictures for part in matter.parts)
    for rule in rules:
        if not rule.allows:
            yield Reason(Why.COUNCIL_DENIES, "2.6", Step.COUNCIL, detail=rule.ref)
        for why, limit, there in (
            (Why.TOO_LONG, rule.most_words, words),
            (Why.TOO_MANY_PICTURES, rule.most_pictures, pictures),
            (Why.TOO_OFTEN, rule.most_a_week, matter.recent + 1),
        ):
            if limit is not None and there > limit:
                yield Reason(why, "2.6", Step.COUNCIL, detail=f"{there}/{limit}, {rule.ref}")


def responsible(matter: Matter) -> Iterator[Reason]:
    """2.15: only the person responsible for the internet places it."""
    if matter.publisher is None or not matter.publisher.is_responsible:
        yield Reason(Why.NOT_RESPONSIBLE, "2.15", Step.RESPONSIBLE)


def term(matter: Matter, at: datetime) -> Iterator[Reason]:
    """What has a last day is not public after it."""
    if matter.until is not None and at >= matter.until:
        yield Reason(Why.EXPIRED, "2.15", Step.RESPONSIBLE)
