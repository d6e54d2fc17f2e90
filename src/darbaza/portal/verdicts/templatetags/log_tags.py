"""Links that change one filter of the log page."""

from django import template

from darbaza.portal.verdicts.filters import Filters

register = template.Library()


@register.simple_tag
def filter_link(filters: Filters, name: str, value: str) -> str:
    """The address of the log page with one filter set."""
    return filters.query(**{name: value})
