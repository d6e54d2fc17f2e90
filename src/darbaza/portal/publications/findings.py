"""Findings as a person answers them: those of one name together, with who it may be and what can become of it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.http import QueryDict
from django.utils.functional import Promise

from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.publications.models import DraftFile, Publication
from darbaza.portal.publications.outside import completed, fields_in, fields_of, known_in, trouble_with
from darbaza.portal.publications.reading import file_part
from darbaza.portal.publications.words import ANSWERS, KINDS, LEFT, WHICH, WHOSE, place_of
from darbaza.publication.attachments import Notice
from darbaza.publication.findings import Box, Cell, Finding, Span
from darbaza.publication.kinds import NAMES, NEVER, DataKind
from darbaza.publication.matter import Answer, Answered, Matter, PartKind, finding_keys, look_of

NEAR = 3
"""Characters between two findings of one name: `Асанов Бек`."""

ROW = re.compile(r"![A-Z]+(?=\d+$)")
"""The columns of a sheet's cell: one person's name, phone and class stand in a row."""

FOR_TEXT = (Answer.CONSENT, Answer.INITIALS, Answer.REMOVE, Answer.NOT_A_PERSON, Answer.NOT_OURS)
FOR_NUMBERS = tuple(one for one in FOR_TEXT if one is not Answer.INITIALS)
FOR_PICTURES = (Answer.CONSENT, Answer.BLUR, Answer.NOT_A_PERSON, Answer.NOT_OURS)
FOR_METADATA = (Answer.REMOVE, Answer.NOT_A_PERSON, Answer.NOT_OURS)
FOR_ATTACHMENTS = (Answer.CONSENT, Answer.REMOVE, Answer.NOT_A_PERSON, Answer.NOT_OURS)

AT_ONCE, AT_ONCE_OF_NAMES = (Answer.CONSENT, Answer.REMOVE), (Answer.CONSENT, Answer.INITIALS, Answer.REMOVE)
"""What may be said of many findings at once: the gate asks of each whether it is covered or gone. That something is
nobody's is said one by one."""

FEWEST_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Typed:
    """A consent, or a ground, that was entered for findings and not kept, so that nobody enters it twice; `trouble` is
    what it lacks."""

    ticked: frozenset[str]
    named: str
    why: str
    trouble: str | Promise
    answer: Answer = Answer.CONSENT
    outside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that are answered as one. `name` is the first key, by which the form knows it."""

    keys: tuple[str, ...]
    findings: tuple[Finding, ...]
    people: tuple[Person, ...]
    answered: Answered | None
    answers: tuple[Answer, ...]
    number: int = 0
    """Of a place in a picture the number that is drawn upon it; 0 otherwise."""
    typed: Typed | None = None

    @property
    def stored(self) -> str:
        """What somebody answered; empty while nobody has."""
        return str(self.answered.answer) if self.answered else ""

    @property
    def chosen(self) -> str:
        """What was answered; for what a picture's file says that it goes out without it, as all that is out there."""
        if self.typed:
            return str(self.typed.answer)
        if self.answered:
            return str(self.answered.answer)
        return str(Answer.REMOVE) if self.answers == FOR_METADATA else ""

    @property
    def said(self) -> str:
        """What was answered, in words."""
        return str(ANSWERS[self.answered.answer]) if self.answered else ""

    @property
    def name(self) -> str:
        """The key of the first."""
        return self.keys[0]

    @property
    def shown(self) -> str:
        """What stands there."""
        return " ".join(dict.fromkeys(one.shown for one in self.findings if one.shown))

    @property
    def kinds(self) -> str:
        """Of which kinds."""
        return ", ".join(str(KINDS[kind]) for kind in dict.fromkeys(one.kind for one in self.findings))

    @property
    def alike(self) -> str:
        """The field by which all names, or all of these kinds, that have no answer yet get one at once."""
        kinds = {"names" if one.kind in NAMES else str(one.kind) for one in self.findings}
        return "rest-" + "-".join(sorted(kinds))

    @property
    def certainty(self) -> str:
        """The surest of them."""
        order = ["sure", "likely", "hint"]
        return min((str(one.certainty) for one in self.findings), key=order.index)

    @property
    def choice_of_people(self) -> list[tuple[Person, bool]]:
        """Who it may be, and whether that was said; of one alone it is taken to be that one."""
        if self.typed:
            return [(one, str(one.pk) in self.typed.ticked) for one in self.people]
        said = set(self.answered.people) if self.answered else set()
        return [(one, str(one.pk) in said or len(self.people) == 1) for one in self.people]

    @property
    def why(self) -> str:
        """Why it is nobody's of the school, in words."""
        return (self.typed or self.answered or Answered(Answer.REMOVE)).why

    @property
    def name_shown(self) -> str:
        """The name that stands there; empty for what is none."""
        return self.shown if all(one.kind in NAMES for one in self.findings) else ""

    @property
    def may_be_outside(self) -> bool:
        """Whether it may be somebody's whom no list holds."""
        return Answer.OUTSIDE in self.answers

    @property
    def outside(self) -> Mapping[str, str]:
        """Who of outside the lists it is, and on which ground, as the form shows it."""
        if self.typed and self.typed.outside:
            return self.typed.outside
        return fields_of(self.answered.outside if self.answered else None)

    @property
    def part(self) -> str:
        """In which part."""
        return self.findings[0].part

    @property
    def box(self) -> Box | None:
        """Where in a picture."""
        where = self.findings[0].where
        return where if isinstance(where, Box) else None

    @property
    def is_of_picture(self) -> bool:
        """Whether it is answered with its picture: a place in it, or what its file says and goes out without."""
        return self.box is not None or self.answers == FOR_METADATA

    @property
    def place(self) -> str:
        """Where in a document: pages, or the cells of a sheet."""
        return "; ".join(dict.fromkeys(place for one in self.findings if (place := place_of(one.where))))

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What can be answered."""
        return [(str(one), str(ANSWERS[one])) for one in self.answers]


@dataclass(frozen=True, slots=True)
class Rest:
    """Groups of the same kinds without an answer, which may get one together: the field's name, and what it offers."""

    name: str
    kinds: str
    count: int
    choices: list[tuple[str, str]]


def rests_of(groups: Iterable[Group]) -> list[Rest]:
    """Of which kinds so many wait in the text that they may be answered at once."""
    waiting: dict[str, list[Group]] = {}
    for one in groups:
        if not one.answered and not one.is_of_picture:
            waiting.setdefault(one.alike, []).append(one)
    return [
        Rest(name, words_of(found), len(found), [(str(one), str(ANSWERS[one])) for one in at_once(found)])
        for name, found in waiting.items()
        if len(found) >= FEWEST_AT_ONCE
    ]


def words_of(groups: Iterable[Group]) -> str:
    """The kinds of all of these, in words."""
    return ", ".join(dict.fromkeys(str(KINDS[finding.kind]) for one in groups for finding in one.findings))


def at_once(groups: Sequence[Group]) -> list[Answer]:
    """What may be said of all of these."""
    named = all(finding.kind in NAMES for one in groups for finding in one.findings)
    answers = AT_ONCE_OF_NAMES if named else AT_ONCE
    return [answer for answer in answers if all(answer in one.answers for one in groups)]


def groups_of(matter: Matter) -> list[Group]:
    """All findings of a matter in groups, in the order of parts and places."""
    keys = finding_keys(matter.findings)
    parts = {one.id: one.kind for one in matter.parts}
    ids = {int(person) for one in matter.findings for person in one.people if person.isdecimal()}
    known = {str(one.pk): one for one in Person.objects.filter(pk__in=ids)}
    made = []
    for together in grouped(list(zip(keys, matter.findings, strict=True))):
        found = tuple(finding for _key, finding in together)
        people = tuple(known[one] for one in found[0].people if one in known)
        names = tuple(key for key, _finding in together)
        answered = matter.answers.get(names[0])
        own = (Answer.SCHOOLS,) if answered and answered.answer is Answer.SCHOOLS else ()
        answers = (*own, *choices_for(found[0], parts.get(found[0].part)))
        number = numbered(matter.findings, found[0])
        made.append(Group(names, found, people, answered, answers, number))
    return made


def boxes_in(findings: Iterable[Finding]) -> tuple[Box, ...]:
    """The places of a picture in which something was found, each once, in the order of their numbers."""
    return tuple(dict.fromkeys(one.where for one in findings if isinstance(one.where, Box)))


def numbered(findings: Iterable[Finding], one: Finding) -> int:
    """The number of a finding's place in its picture, from 1 on; 0 for what has no place in a picture."""
    if not isinstance(one.where, Box):
        return 0
    return boxes_in(other for other in findings if other.part == one.part).index(one.where) + 1


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file as its draft's page shows it. `waiting` is how many places found in it have no answer yet; `stands` what
    of a document is among them, in words."""

    file: DraftFile
    waiting: int
    look: str
    is_seen: bool
    people: str
    notes: tuple[str, ...]
    left: tuple[str, ...] = ()
    stands: tuple[str, ...] = ()


def shown_files(publication: Publication, groups: Sequence[Group]) -> list[ShownFile]:
    """The files of a draft with how much waits for an answer, and who was recognised."""
    files = publication.standing_files
    ids = {int(one) for file in files for one in file.seen_people}
    names = {str(one.pk): one.full_name for one in Person.objects.filter(pk__in=ids)}
    made = []
    for file in files:
        part = file_part(file)
        look = look_of(part)
        told = tuple(one.shown for one in groups if one.part == part.id and one.answers == FOR_METADATA)
        people = ", ".join(names.get(one, "") for one in file.seen_people)
        waiting = [one for one in groups if one.part == part.id and one.answers != FOR_METADATA and not one.answered]
        left = tuple(str(LEFT[Notice(one)]) for one in file.facts.get("left", ()))
        stands = tuple(f"{one.shown or one.kinds} ({one.place})" for one in waiting if one.place)
        made.append(ShownFile(file, len(waiting), look, file.seen_digest == look, people, told, left, stands))
    return made


def grouped(found: Sequence[tuple[str, Finding]]) -> Iterator[list[tuple[str, Finding]]]:
    """Findings in a text that follow upon one another and may be of the same people, together.

    A name is apart from a number beside it, which may go where the name stays.
    """
    group: list[tuple[str, Finding]] = []
    for one in found:
        if group and not belongs(group[-1][1], one[1]):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def belongs(before: Finding, after: Finding) -> bool:
    """Whether a finding goes with the one before."""
    if isinstance(before.where, Cell) and isinstance(after.where, Cell):
        same_row = ROW.sub("!", before.where.name) == ROW.sub("!", after.where.name)
        return same_row and before.part == after.part and before.people == after.people and bool(before.people)
    if not (isinstance(before.where, Span) and isinstance(after.where, Span)):
        return False
    if before.part != after.part or before.people != after.people:
        return False
    gap = after.where.start - before.where.end
    if before.kind in NAMES and after.kind in NAMES:
        return 0 <= gap <= (NEAR if before.people else 1)
    return before.kind == after.kind and bool(before.people) and 0 <= gap <= NEAR


def choices_for(finding: Finding, kind: PartKind | None) -> tuple[Answer, ...]:
    """What can become of a finding; that it is somebody's outside the lists, only of what is nobody's on them."""
    found = choices_in(finding, kind)
    outside = not finding.people and finding.kind not in {DataKind.PHOTO, *NEVER} and kind is not PartKind.PICTURE
    return (*found, Answer.OUTSIDE) if outside else found


def choices_in(finding: Finding, kind: PartKind | None) -> tuple[Answer, ...]:
    """What can become of a finding in a part, whoever it is."""
    if isinstance(finding.where, Span) and kind is PartKind.TEXT:
        return FOR_TEXT if finding.kind in NAMES else FOR_NUMBERS
    if isinstance(finding.where, Box) and kind is PartKind.PICTURE:
        return FOR_PICTURES
    return FOR_METADATA if kind is PartKind.PICTURE else FOR_ATTACHMENTS


@dataclass(frozen=True, slots=True)
class Sent:
    """What came with a form: answers by the keys of findings, and what somebody else answered otherwise meanwhile.

    `nameless` is what stays by a consent of which it was not said whose, or on a ground that was not told whole; `left`
    is that of what was answered at once.
    """

    given: Mapping[str, Answered]
    contested: tuple[Group, ...] = ()
    nameless: tuple[Group, ...] = ()
    left: tuple[Group, ...] = ()


def answers_from(form: QueryDict, matter: Matter, day: date) -> Sent:
    """What was chosen on the page, for every finding of each group; groups without an answer are left alone.

    Two people may answer at once: what one left as the page had shown it does not overwrite what the other said since,
    and what both changed is contested.
    """
    given: dict[str, Answered] = {}
    contested: list[Group] = []
    nameless: list[Group] = []
    left: list[Group] = []
    groups = groups_of(matter)
    outsiders = known_in(form, [one.name for one in groups], matter)
    for group in groups:
        chosen, was = form.get(f"answer-{group.name}", ""), form.get(f"was-{group.name}", group.stored)
        together = not chosen and not was and f"was-{group.name}" in form
        if together:
            chosen = answer_at_once(form, group)
        may_be = {*group.answers, Answer.OUTSIDE} - {Answer.SCHOOLS}
        if chosen not in may_be or (was != group.stored and chosen in {was, group.stored}):
            continue
        if was != group.stored:
            contested.append(group)
            continue
        why = form.get(f"why-{group.name}", "").replace("\x00", "")[:300]
        people = people_from(form, group) if chosen == Answer.CONSENT else ()
        if chosen == Answer.CONSENT and (trouble := trouble_with_names(form, group, people)):
            if together:
                left.append(group)
                continue
            ticked, named = frozenset(form.getlist(f"people-{group.name}")), form.get(f"named-{group.name}", "")[:200]
            nameless.append(replace(group, typed=Typed(ticked, named, why, trouble)))
            continue
        outside = None
        if chosen == Answer.OUTSIDE:
            fields = fields_in(form, group.name)
            outside = completed(fields, outsiders)
            if missing := trouble_with(outside, fields, day):
                typed = Typed(frozenset(), "", why, missing, Answer.OUTSIDE, fields)
                nameless.append(replace(group, typed=typed))
                continue
        given |= {key: Answered(Answer(chosen), people, why, outside=outside) for key in group.keys}
    return Sent(given, tuple(contested), tuple(nameless), tuple(left))


def answer_at_once(form: QueryDict, group: Group) -> str:
    """What was said of all of these kinds, if it may be said so; only of what the page had shown."""
    said = form.get(group.alike, "")
    return said if said in at_once([group]) else ""


def trouble_with_names(form: QueryDict, group: Group, people: tuple[str, ...]) -> str | Promise | None:
    """What is wrong with whose it was said to be: nobody's, or of somebody who cannot be found; None if nothing is."""
    return unknown_in(form.get(f"named-{group.name}", "")) or (None if people else WHOSE)


def people_from(form: QueryDict, group: Group) -> tuple[str, ...]:
    """Whose it is: those ticked, or the only one it can be, and whoever was named besides."""
    ticked = [one for one in form.getlist(f"people-{group.name}") if one.isdecimal() and len(one) < 19]
    if not ticked and len(group.people) == 1:
        ticked = [str(group.people[0].pk)]
    named = form.get(f"named-{group.name}", "").strip()
    if named:
        ticked += [str(one.pk) for one in people_named(named)]
    known = Person.objects.filter(pk__in=ticked).values_list("pk", flat=True)
    return tuple(sorted({str(one) for one in known}))


def people_named(text: str) -> list[Person]:
    """People by surname and given name, as the list offers them; none if several have that name."""
    return [person for one in text.split(",") if (person := person_named(one))]


def person_named(name: str) -> Person | None:
    """The one of whom this is surname and given name, or patronymic as well; None if that is nobody or several."""
    words = name.replace("\x00", "").split()
    if len(words) < 2:
        return None
    alike = Person.objects.filter(surname__iexact=words[0], given_name__iexact=words[1])
    alike = alike.filter(patronymic__iexact=" ".join(words[2:])) if len(words) > 2 else alike
    found = list(alike[:2])
    return found[0] if len(found) == 1 else None


def unknown_in(text: str) -> str | None:
    """What is wrong with the first of some names, parted by commas, that is nobody's or several people's."""
    unknown = (one.strip() for one in text.split(",") if one.strip() and person_named(one) is None)
    return next((WHICH % {"name": one[:80]} for one in unknown), None)


def demand_known(text: str) -> None:
    """Raise `ActRefusedError` if one of some names is nobody's, or several people's."""
    if said := unknown_in(text):
        raise ActRefusedError(said, "2.15")


def by_part(groups: Sequence[Group]) -> Mapping[str, list[Group]]:
    """Groups by the part in which they stand."""
    made: dict[str, list[Group]] = {}
    for one in groups:
        made.setdefault(one.part, []).append(one)
    return made
