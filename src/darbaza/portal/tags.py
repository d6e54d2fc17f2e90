"""Template tags that every template has: icons, states, and dates as Kyrgyz, Russian and English write them."""

from collections.abc import Mapping
from datetime import date, datetime, time

from babel.dates import format_date, format_datetime, get_day_names
from django import forms, template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from darbaza.catalogue import categories
from darbaza.portal.people.models import Person
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.school_time import zone

register = template.Library()

LONG_DATES = {"ky": "y-'ж'. d-MMMM", "en": "d MMMM y"}
"""Where documents write a long date otherwise than CLDR: without its comma, and in English too by the day first."""

STATE_ICONS = {"ok": "check", "warn": "alert", "bad": "cross", "info": "dot"}


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of our own sprite, silent for screen readers: a word always stands beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("darbaza/icons.svg"),
        name,
    )


@register.simple_tag
def state(kind: str, word: object) -> SafeString:
    """A state by icon, word and colour together. `kind` is `ok`, `warn`, `bad` or `info`."""
    return format_html('<span class="state state-{}">{}{}</span>', kind, icon(STATE_ICONS[kind]), word)


@register.filter
def styled(field: BoundField) -> SafeString:
    """A form field with Bootstrap's class for its widget."""
    widget = field.field.widget
    css = "form-control"
    if isinstance(widget, forms.CheckboxInput):
        css = "form-check-input"
    elif isinstance(widget, forms.RadioSelect):
        css = "choices"
    elif isinstance(widget, forms.Select):
        css = "form-select"
    if field.errors:
        css += " is-invalid"
    return field.as_widget(attrs={"class": css})


@register.filter
def as_in(key: object, table: Mapping[str, str]) -> str:
    """What stands in a table under a key; nothing where nothing does."""
    return table.get(str(key), "")


@register.filter
def cell(field: BoundField) -> SafeString:
    """A form field in a row of a table: small, its label for screen readers only, its errors below."""
    widget, name = field.field.widget, {"aria-label": str(field.label)}
    css = "form-select form-select-sm" if isinstance(widget, forms.Select) else "form-control form-control-sm"
    if isinstance(widget, forms.CheckboxInput):
        css = "form-check-input"
    return format_html("{}{}", field.as_widget(attrs={"class": css, **name}), field.errors)


@register.filter
def category(code: str) -> str:
    """The name of a resource category in the reader's language; its id if the classifier does not know it."""
    known = categories.load().by_id.get(code)
    return known.names[locale()] if known else code


@register.filter
def long_date(day: date | None) -> str:
    """`2026-ж. 1-сентябрь`: the long date of the reader's language. Django's own Kyrgyz format is not CLDR's."""
    if not day:
        return ""
    shown, hour = day_and_hour(day)
    return format_date(shown, format=LONG_DATES.get(locale(), "long"), locale=locale()) + hour


@register.filter
def short_date(day: date | None) -> str:
    """`01.09.2026`, the same in all three languages."""
    if not day:
        return ""
    shown, hour = day_and_hour(day)
    return f"{shown:%d.%m.%Y}{hour}"


def day_and_hour(term: date) -> tuple[date, str]:
    """The school's day of a term, and `, 14:00` where it is an instant other than a day's first."""
    if not isinstance(term, datetime):
        return term, ""
    local = term.astimezone(zone())
    return local.date(), f", {local:%H:%M}" if local.time() != time.min else ""


@register.filter
def month_name(day: date) -> str:
    """`сентябрь 2026`: the month of a day, standing alone."""
    return format_date(day, format="LLLL y", locale=locale())


@register.filter
def weekday_name(number: int | None) -> str:
    """`дүйшөмбү`: a day of the week by its number, 0 for Monday; empty for none."""
    if number is None:
        return ""
    return str(get_day_names("wide", context="stand-alone", locale=locale())[number])


@register.filter
def school_date(at: datetime | None) -> date | None:
    """The day of an instant in the school's time."""
    return at.astimezone(zone()).date() if at else None


@register.filter
def instant(text: str) -> datetime | None:
    """An instant that JSON holds as ISO text; None for anything else."""
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


@register.filter
def moment(at: datetime | None) -> str:
    """`1-сен., 09:15` in the school's time."""
    return format_datetime(at, format="d MMM, HH:mm", tzinfo=zone(), locale=locale()) if at else ""


@register.filter
def long_moment(at: datetime | None) -> str:
    """`2026-ж. 1-сентябрь, 09:15` in the school's time, as documents write an instant."""
    local = at.astimezone(zone()) if at else None
    return f"{long_date(local.date())}, {local:%H:%M}" if local else ""


@register.filter
def clock_time(at: datetime | None) -> str:
    """`09:15` in the school's time."""
    return f"{at.astimezone(zone()):%H:%M}" if at else ""


@register.filter
def get(mapping: Mapping[object, object], key: object) -> object:
    """A mapping's value, or the key itself."""
    return mapping.get(key, key)


@register.filter
def class_on(student: Person, day: date) -> str:
    """The class of a student on a day."""
    enrolment = student.enrolment_on(day)
    return enrolment.school_class.name if enrolment else ""


@register.filter
def duties_at(person: Person, at: datetime) -> str:
    """A person's duties in force at an instant, in a row."""
    held = person.appointments.filter(in_force_at(at)).select_related("school_class")
    return ", ".join(one.title for one in held)


def locale() -> str:
    """Babel's locale of the reader's language."""
    return (get_language() or "ky")[:2]
