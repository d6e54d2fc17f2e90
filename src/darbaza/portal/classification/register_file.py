"""A file of the state's register as entries: xlsx, xls, ods or CSV with headings in Kyrgyz, Russian or English.

No format is published, so columns are found by their headings: number of the entry, the act, its date, the resource,
and from when to when if the file says so. A resource is closed for two months where it does not.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.council.targets import read_target
from darbaza.portal.people.refusals import ActRefusedError

HEADING_WITHIN = 15
MONTHS = 2
"""Months for which the register suspends access unless an entry says otherwise."""


class Column(StrEnum):
    """What a column can hold."""

    NUMBER = "number"
    ACT = "act"
    DATE = "date"
    RESOURCE = "resource"
    SINCE = "since"
    UNTIL = "until"


HEADINGS: dict[Column, frozenset[str]] = {
    Column.NUMBER: frozenset(
        {"№", "no", "n", "номер", "номер записи", "реестровый номер", "номери", "жазуунун номери", "реестрдик номер"}
        | {"number", "entry", "entry number", "register number", "№ п/п", "катар номери"}
    ),
    Column.ACT: frozenset(
        {"решение", "основание", "акт", "документ", "номер решения", "решение №", "чечим", "негиз", "чечимдин номери"}
        | {
            "чечими",
            "токтом",
            "токтому",
            "сот чечими",
            "decision",
            "act",
            "ground",
            "order",
            "order number",
            "реквизиты решения",
        }
    ),
    Column.DATE: frozenset(
        {"дата", "дата решения", "дата акта", "дата включения", "күнү", "чечимдин күнү", "датасы", "чечимдин датасы"}
        | {"date", "decision date", "act date", "date of the act"}
    ),
    Column.RESOURCE: frozenset(
        {"сайт", "адрес", "адрес сайта", "url", "домен", "доменное имя", "ресурс", "интернет-ресурс", "ссылка"}
        | {
            "сайттын дареги",
            "дареги",
            "ресурстун дареги",
            "ресурсу",
            "resource",
            "site",
            "domain",
            "host",
            "link",
            "указатель",
        }
    ),
    Column.SINCE: frozenset(
        {"с", "начало", "начало действия", "действует с", "башталышы", "since", "from", "valid from"}
    ),
    Column.UNTIL: frozenset(
        {"по", "до", "срок", "срок до", "окончание", "действует до", "мөөнөтү", "аяктоосу", "until", "to", "valid to"}
    ),
}
NEEDED = (Column.NUMBER, Column.ACT, Column.DATE, Column.RESOURCE)
DAY_FORMS = (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a file: `line` is where it stands, `since` and `until` are days, `until` exclusive."""

    line: int
    number: str
    act: str
    act_date: date
    host: str
    path: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line, in the reader's language."""

    line: int
    text: str | Promise


@dataclass(frozen=True, slots=True)
class RegisterPlan:
    """What a file would bring. Nothing of a file with problems is applied."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()


def plan_of(rows: Sequence[Sequence[str]], received: date) -> RegisterPlan:
    """Read the rows of a file that was received on a day. Reports every problem, with its line."""
    found = heading_of(rows)
    if found is None:
        text = _("No line has the headings “Number”, “Decision”, “Date” and “Resource”. Name the columns so.")
        return RegisterPlan(problems=(Problem(1, text),))
    at, columns = found
    entries, problems = [], []
    for line, row in enumerate(rows[at + 1 :], start=at + 2):
        if not any(row):
            continue
        cells = {name: row[place] if place < len(row) else "" for name, place in columns.items()}
        try:
            entries += entries_of(line, cells, received)
        except ActRefusedError as refused:
            problems.append(Problem(line, refused.message))
    problems += repeated(entries)
    if not entries and not problems:
        problems.append(Problem(at + 1, _("The file has headings and no entries.")))
    return RegisterPlan(tuple(entries), tuple(problems))


def heading_of(rows: Sequence[Sequence[str]]) -> tuple[int, dict[Column, int]] | None:
    """The line of the headings and the place of each column."""
    for at, row in enumerate(rows[:HEADING_WITHIN]):
        words = [cell.strip().strip(":.").lower() for cell in row]
        places = {
            name: next((n for n, word in enumerate(words) if word in known), -1) for name, known in HEADINGS.items()
        }
        columns = {name: place for name, place in places.items() if place >= 0}
        if all(name in columns for name in NEEDED):
            return at, columns
    return None


def entries_of(line: int, cells: Mapping[Column, str], received: date) -> list[Entry]:
    """The entries of a line: one for each resource that its cell names."""
    number, act = cells[Column.NUMBER].strip(), cells[Column.ACT].strip()
    if not number or not act:
        raise ActRefusedError(_("Number and decision must be there."))
    act_date = day_of(cells[Column.DATE])
    since = day_of(cells[Column.SINCE]) if cells.get(Column.SINCE) else received
    until = day_of(cells[Column.UNTIL]) if cells.get(Column.UNTIL) else months_later(since, MONTHS)
    if until <= since:
        raise ActRefusedError(_("The term ends before it begins."))
    if act_date > received:
        raise ActRefusedError(_("The decision bears a day that lies ahead."))
    resources = re.split(r"[\s,;]+", cells[Column.RESOURCE].strip())
    targets = [read_target(one) for one in resources if one]
    if not targets:
        raise ActRefusedError(_("The line names no resource."))
    return [Entry(line, number[:60], act[:200], act_date, host, path, since, until) for host, path in targets]


def day_of(text: str) -> date:
    """A day as `2026-03-06`, `06.03.2026` or with a time behind it."""
    for form, order in zip(DAY_FORMS, ((0, 1, 2), (2, 1, 0)), strict=True):
        if found := form.match(text.strip()):
            parts = [int(one) for one in found.groups()]
            try:
                return date(*(parts[n] for n in order))
            except ValueError:
                break
    raise ActRefusedError(_("`%(text)s` is no day. Write it as 06.03.2026.") % {"text": text[:40]})


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or the last day of a month that has none."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError


def repeated(entries: Sequence[Entry]) -> list[Problem]:
    """Lines that name a resource under a number a second time."""
    seen: dict[tuple[str, str, str], int] = {}
    found = []
    for one in entries:
        first = seen.setdefault((one.number, one.host, one.path), one.line)
        if first != one.line:
            message = _("The same entry stands in line %(line)d already.")
            found.append(Problem(one.line, message % {"line": first}))
    return found
