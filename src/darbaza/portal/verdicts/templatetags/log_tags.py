"""Links that change one filter of the log page."""

from datetime import datetime

from django import template

from darbaza.portal.school_time import zone
from darbaza.portal.verdicts.filters import Filters

register = template.Library()


@register.filter
def second(at: datetime) -> str:
    """`23.11. 09:15:07`: a line of the log, in the school's time."""
    return f"{at.astimezone(zone()):%d.%m. %H:%M:%S}"


@register.simple_tag
def filter_link(filters: Filters, name: str, value: str) -> str:
    """The address of the log page with one filter set."""
    return filters.query(**{name: value})
