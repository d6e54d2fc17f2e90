"""What is known of people's consents, as values for the gate: who said what, who is protected, and who changed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Q

from darbaza.portal.consents.ages import required_of
from darbaza.portal.consents.models import How, Protection, Reached, Representative, Statement
from darbaza.portal.consents.sealing import is_ended, is_sealed
from darbaza.portal.people.models import Enrolment, Person
from darbaza.portal.school_time import day_begins, school_day
from darbaza.publication.consents import Answer, Consent, Explanation, Giver, Party
from darbaza.publication.kinds import Channel, DataKind, Purpose

DAY = timedelta(days=1)


def consents_of(people: Iterable[str], at: datetime) -> tuple[Consent, ...]:
    """All statements about some people, by the ids of `Person`, with what their age asks for at an instant.

    A form with some lines ticked is an agreement to these and refusals of the others. What was agreed to before a
    student left and came back is agreed to no more: by the lists it may be another child of that name.
    """
    day = school_day(at)
    known = {one.pk: one for one in Person.objects.filter(pk__in=_keys(people))}
    required = required_of(known.values(), day)
    found = Statement.objects.filter(person__in=known).select_related("person", "representative", "risks")
    said = list(found.order_by("pk"))
    left = left_on({one.person_id for one in said}, day)
    values = ((value, one) for one in said for value in values_of(one, required[one.person_id]))
    return tuple(value for value, one in values if value.answer is Answer.REFUSED or not is_over(one, left))


def left_on(students: Iterable[int], day: date) -> dict[int, date]:
    """Of some people, by their keys, the students who were away before a day and came back: when they last left."""
    ends: dict[int, date | None] = {}
    found: dict[int, date] = {}
    begun = Enrolment.objects.filter(student__in=students, since__lte=day).order_by("since", "pk")
    for student, since, until in begun.values_list("student", "since", "until"):
        before = ends.get(student)
        if before is not None and before < since:
            found[student] = before
        ends[student] = until
    return found


def is_over(statement: Statement, left: Mapping[int, date]) -> bool:
    """Whether an agreement was made before its student left and came back. A no stands for whoever bears the name."""
    away = left.get(statement.person_id)
    return away is not None and statement.withdrawn_at is None and school_day(statement.recorded_at) <= away


def _keys(people: Iterable[str]) -> set[int]:
    """Keys of people from their ids; what is none names nobody."""
    return {int(one) for one in people if one.isascii() and one.isdigit() and len(one) < 19}


def values_of(statement: Statement, required: frozenset[Party]) -> Iterator[Consent]:
    """What a form comes to: an agreement to what is ticked, if an act recorded it; refusals of what is not."""
    asked = (statement.asked_kinds, statement.asked_channels, statement.asked_purposes)
    said = (statement.kinds, statement.channels, statement.purposes)
    if not statement.agrees:
        yield _value(statement, Answer.REFUSED, asked, required)
        return
    if statement.withdrawn_at is not None or is_sealed(statement):
        yield _value(statement, Answer.AGREED, said, required)
    for place in range(len(asked)):
        left = [one for one in asked[place] if one not in said[place]]
        if left:
            yield _value(statement, Answer.REFUSED, (*asked[:place], left, *asked[place + 1 :]), required)


Scope = tuple[list[str], ...]


def _value(statement: Statement, answer: Answer, scope: Scope, required: frozenset[Party]) -> Consent:
    kinds, channels, purposes = scope
    return Consent(
        id=statement.ref,
        person=str(statement.person_id),
        answer=answer,
        kinds=frozenset(DataKind(one) for one in kinds),
        channels=frozenset(Channel(one) for one in channels),
        purposes=frozenset(Purpose(one) for one in purposes),
        giver=giver_of(statement),
        given_at=signed_at(statement) if answer is Answer.AGREED else statement.given_at,
        recorded_at=statement.recorded_at,
        since=day_begins(statement.first_day),
        until=day_begins(statement.last_day + DAY),
        withdrawn_at=statement.withdrawn_at,
        lapsed_at=lapse_of(statement),
        explanation=explanation_of(statement),
        required=required,
        left=not statement.person.active,
    )


def signed_at(statement: Statement) -> datetime:
    """When an agreement was signed; on paper the earliest that its day allows, for no paper bears an hour.

    So whoever refused or withdrew on that day is not taken to have agreed after it.
    """
    given = statement.given_at
    return day_begins(school_day(given)) if statement.how == How.PAPER else given


def giver_of(statement: Statement) -> Giver:
    """Who spoke."""
    one = statement.representative
    if one is None:
        return Giver(f"own-{statement.person_id}", Party.OWN, statement.person.full_name)
    return Giver(f"representative-{one.pk}", Party.REPRESENTATIVE, one.name)


def lapse_of(statement: Statement) -> datetime | None:
    """From when a statement says nothing any more, by an act: struck out, or its giver no longer speaks for them."""
    ended = statement.representative.ended_at if statement.representative else None
    lapsed = min((one for one in (statement.struck_at, ended) if one is not None), default=None)
    return lapsed if lapsed is not None and is_sealed(statement) else None


def explanation_of(statement: Statement) -> Explanation | None:
    """How the risks were explained, if they were."""
    if statement.risks is None or statement.explained_at is None or statement.explained_by_id is None:
        return None
    return Explanation(
        statement.risks.key,
        statement.explained_in,
        str(statement.explained_by_id),
        statement.explained_at,
        statement.understood,
    )


def protected(people: Iterable[str]) -> frozenset[str]:
    """Those of some people of whom nothing is ever published, as it stands now."""
    found = Protection.objects.filter(person__in=_keys(people))
    return frozenset(str(one.person_id) for one in found if not is_ended(one))


def changed_since(since: datetime, at: datetime) -> frozenset[str]:
    """The people of whom, after `since` and up to `at`, anything changed that a consent rests on.

    By an act: recorded, withdrawn, struck out, a representative who ended, a protection. By the clock: a term that
    began or ended, an age that was reached, another class. Another table of ages is everybody's change; its act sends
    the signal for all who have a statement.
    """
    days = (school_day(since), school_day(at))
    parts = (
        Statement.objects.filter(_within("recorded_at", since, at) | _within("withdrawn_at", since, at)),
        Statement.objects.filter(_within("struck_at", since, at) | _within("explained_at", since, at)),
        Statement.objects.filter(_on("first_day", days) | _on("last_day", (days[0] - DAY, days[1] - DAY))),
        Representative.objects.filter(_within("ended_at", since, at)),
        Protection.objects.filter(_within("since", since, at) | _within("until", since, at)),
        Reached.objects.filter(_within("entered_at", since, at) | _on("since", days)),
    )
    found = {one for part in parts for one in part.values_list("person", flat=True)}
    moved = Enrolment.objects.filter(_on("since", days) | _on("until", days)).values_list("student", flat=True)
    return frozenset(str(one) for one in found | set(moved))


def _within(field: str, since: datetime, at: datetime) -> Q:
    return Q(**{f"{field}__gt": since, f"{field}__lte": at})


def _on(field: str, days: tuple[date, date]) -> Q:
    """A day from the first to the last of two, both included: whoever asks often is told twice rather than never."""
    return Q(**{f"{field}__gte": days[0], f"{field}__lte": days[1]})
