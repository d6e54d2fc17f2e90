"""How the counts of a replay are shown."""

from datetime import date

from babel.numbers import format_decimal
from django import template

from darbaza.portal.council.models import UserCategory
from darbaza.portal.council.replays import Count, Row
from darbaza.portal.tags import locale

register = template.Library()


@register.filter
def number(value: float) -> str:
    """A number as the reader's language writes it: `1 234 567`."""
    return format_decimal(value, locale=locale())


@register.filter
def changes(row: Row) -> tuple[Count, Count, Count]:
    """What would open, close, and be left to the teacher."""
    return row.gained, row.lost, row.delegated


@register.filter
def group_name(code: str) -> str:
    """A user category's name in the reader's language."""
    found = UserCategory.objects.filter(code=code).first()
    return found.name if found else code


@register.filter
def day_month(day: date) -> str:
    """`23.11`."""
    return f"{day:%d.%m}"
