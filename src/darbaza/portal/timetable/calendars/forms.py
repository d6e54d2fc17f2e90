"""The calendar's form: days off and bells are lines of text, which is how a school writes them on its notice board."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import SchoolClass
from darbaza.portal.timetable.calendars.actions import BellTime, Year
from darbaza.portal.timetable.models import Calendar
from darbaza.portal.timetable.models.calendars import Shift, Turn, WeekLength
from darbaza.portal.timetable.years import SchoolYearField

DAY = r"(\d{1,2}\.\d{1,2}\.\d{4})"
DAYS_OFF = re.compile(rf"^{DAY}(?:\s*[-–—]\s*{DAY})?\s+(\S.*)$")
BELL = re.compile(r"^(?:(\d)\s*\.\s*)?(\d{1,2})\s*[:\-–]?\s+(\d{1,2}:\d{2})\s*[-–—]\s*(\d{1,2}:\d{2})$")
MOST_LINES = 80


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, required=required)


def _lines(label: Any, help_text: Any, rows: int) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
    return forms.CharField(label=label, help_text=help_text, widget=widget, required=False, max_length=8000)


class CalendarForm(forms.Form):
    """One school year: terms, days off, bells, shifts. `year` gives it to the act once the form is valid."""

    school_year = SchoolYearField()
    first = _day(_("First school day"))
    last = _day(_("Last school day"))
    week_length = forms.TypedChoiceField(label=_("School week"), choices=WeekLength.choices, coerce=int)
    turn = forms.ChoiceField(
        label=_("Weeks A and B take turns"),
        choices=Turn.choices,
        initial=Turn.ALL,
        required=False,
        help_text=_("For lessons of every other week. The year's first week is A."),
    )
    quarter_1_first, quarter_1_last = _day(_("I quarter, first day")), _day(_("I quarter, last day"))
    quarter_2_first, quarter_2_last = _day(_("II quarter, first day")), _day(_("II quarter, last day"))
    quarter_3_first, quarter_3_last = _day(_("III quarter, first day")), _day(_("III quarter, last day"))
    quarter_4_first, quarter_4_last = _day(_("IV quarter, first day")), _day(_("IV quarter, last day"))
    days_off = _lines(
        _("Holidays and other days off"),
        _("A line each: 21.03.2027 Nooruz, or 28.12.2026–10.01.2027 Winter. Vacations between quarters are known."),
        6,
    )
    bells_1 = _lines(
        _("Bells of the first shift"),
        _("A line each: 1 08:00–08:45. For one weekday put its number first, 1 is Monday: 6.1 08:00–08:40."),
        7,
    )
    bells_2 = _lines(_("Bells of the second shift"), _("Leave empty if the school has one shift."), 7)
    second_shift = forms.ModelMultipleChoiceField(
        SchoolClass.objects.all(),
        label=_("Classes of the second shift"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def plain(self) -> list[forms.BoundField]:
        """The year's own fields of one line."""
        return [self[name] for name in ("school_year", "first", "last", "week_length")]

    def quarters(self) -> list[forms.BoundField]:
        """First and last day of each quarter."""
        return [self[f"quarter_{number}_{end}"] for number in range(1, 5) for end in ("first", "last")]

    def lines(self) -> list[forms.BoundField]:
        """The fields of many lines."""
        return [self[name] for name in ("days_off", "second_shift", "bells_1", "bells_2")]

    def clean_days_off(self) -> list[tuple[str, date, date]]:
        """The lines as names with their first and last day."""
        return [self._day_off(line) for line in self._split("days_off")]

    def clean_bells_1(self) -> list[BellTime]:
        """The lines of the first shift."""
        return [self._bell(line, Shift.FIRST) for line in self._split("bells_1")]

    def clean_bells_2(self) -> list[BellTime]:
        """The lines of the second shift."""
        return [self._bell(line, Shift.SECOND) for line in self._split("bells_2")]

    def _split(self, name: str) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data[name].splitlines()]
        found = [line for line in lines if line]
        if len(found) > MOST_LINES:
            raise forms.ValidationError(_("At most %(count)s lines.") % {"count": MOST_LINES})
        return found

    def _day_off(self, line: str) -> tuple[str, date, date]:
        if (match := DAYS_OFF.match(line)) and (first := _read(match[1])) and (last := _read(match[2] or match[1])):
            return match[3][:80], first, last
        raise forms.ValidationError(
            _("“%(line)s” is no day with a name. Write it like: 21.03.2027 Nooruz") % {"line": line}
        )

    def _bell(self, line: str, shift: int) -> BellTime:
        if (match := BELL.match(line)) and match[1] in (None, *"123456"):
            starts, ends = _read_time(match[3]), _read_time(match[4])
            if starts is not None and ends is not None:
                return BellTime(shift, int(match[2]), starts, ends, int(match[1]) - 1 if match[1] else None)
        raise forms.ValidationError(_("“%(line)s” is no bell. Write it like: 1 08:00–08:45") % {"line": line})

    def year(self) -> Year:
        """What was entered, as the act takes it."""
        data = self.cleaned_data
        return Year(
            first=data["first"],
            last=data["last"],
            week_length=data["week_length"],
            quarters=[(data[f"quarter_{n}_first"], data[f"quarter_{n}_last"]) for n in range(1, 5)],
            days_off=data["days_off"],
            bells=[*data["bells_1"], *data["bells_2"]],
            second_shift=list(data["second_shift"]),
            turn=data["turn"] or Turn.ALL,
        )


def _read(text: str) -> date | None:
    """A day, or None for one that no calendar has."""
    try:
        return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def _read_time(text: str) -> time | None:
    try:
        return time.fromisoformat(text.zfill(5))
    except ValueError:
        return None


def initial_of(calendar: Calendar) -> dict[str, Any]:
    """A calendar as its form shows it."""
    found: dict[str, Any] = {
        "school_year": calendar.school_year,
        "first": calendar.first,
        "last": calendar.last,
        "week_length": calendar.week_length,
        "turn": calendar.turn,
        "days_off": "\n".join(
            f"{off.first:%d.%m.%Y}–{off.last:%d.%m.%Y} {off.name}" for off in calendar.days_off.all()
        ),
        "bells_1": "\n".join(_bell_lines(calendar, Shift.FIRST)),
        "bells_2": "\n".join(_bell_lines(calendar, Shift.SECOND)),
        "second_shift": [one.school_class_id for one in calendar.shifts.all() if one.shift == Shift.SECOND],
    }
    for quarter in calendar.quarters.all():
        found[f"quarter_{quarter.number}_first"] = quarter.first
        found[f"quarter_{quarter.number}_last"] = quarter.last
    return found


def _bell_lines(calendar: Calendar, shift: int) -> Iterator[str]:
    for bell in calendar.bells.all():
        if bell.shift == shift:
            day = "" if bell.weekday is None else f"{bell.weekday + 1}."
            yield f"{day}{bell.number} {bell.starts:%H:%M}–{bell.ends:%H:%M}"
