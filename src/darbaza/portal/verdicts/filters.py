"""The filters of the log page: they stand in the address, each change is a link, unreadable ones count as absent."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import QueryDict

from darbaza.policy.names import InvalidHost, canonical_host
from darbaza.portal.people.models import Enrolment, SchoolClass
from darbaza.portal.verdicts.rows import Question

LONGEST = 90
TEXT_FILTERS = ("device", "host", "outcome", "clause", "category", "session", "reference")
OUTCOMES = ("allow", "deny", "ask", "refused")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the log page shows. `school_class` is a class's number in the database, or empty."""

    first: date
    last: date
    device: str = ""
    host: str = ""
    outcome: str = ""
    clause: str = ""
    category: str = ""
    session: str = ""
    reference: str = ""
    school_class: str = ""

    def question(self) -> Question:
        """The question to the log."""
        return Question(
            first=self.first,
            last=self.last,
            device=self.device,
            host=canonical(self.host),
            outcome="" if self.outcome == "refused" else self.outcome,
            refused=self.outcome == "refused",
            clause=self.clause,
            category=self.category,
            session=self.session,
            reference=self.reference.upper().strip(),
            persons=students_of(self.school_class, self.first, self.last) if self.school_class else None,
        )

    def query(self, **changes: object) -> str:
        """The address of the page with some filters changed."""
        changed = replace(self, **changes)  # type: ignore[arg-type] # callers name fields of this class
        values = {"first": changed.first.isoformat(), "last": changed.last.isoformat()}
        values |= {name: getattr(changed, name) for name in (*TEXT_FILTERS, "school_class")}
        return "?" + urlencode({name: value for name, value in values.items() if value})


def read_filters(form: QueryDict, today: date) -> Filters:
    """The filters of an address; today by default, ninety days at most."""
    last = min(_day(form.get("last", ""), today), today)
    first = max(min(_day(form.get("first", ""), last), last), last - timedelta(days=LONGEST))
    texts = {name: form.get(name, "")[:253].replace("\x00", "") for name in TEXT_FILTERS}
    if texts["outcome"] not in OUTCOMES:
        texts["outcome"] = ""
    number = form.get("school_class", "")
    return Filters(first, last, **texts, school_class=number if number.isdecimal() and len(number) < 10 else "")


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def canonical(host: str) -> str:
    """A host as the log writes it; what cannot be read is looked for as it stands, and not found."""
    try:
        return canonical_host(host).name if host else ""
    except InvalidHost:
        return host


def students_of(number: str, first: date, last: date) -> tuple[str, ...]:
    """The opaque ids of whoever was in a class on any of the days."""
    if not SchoolClass.objects.filter(pk=int(number)).exists():
        return ()
    found = Enrolment.objects.filter(school_class=int(number), since__lte=last).exclude(until__lte=first)
    return tuple(sorted(found.values_list("student__public_id", flat=True)))
