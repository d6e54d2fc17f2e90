"""A draft in words."""

from django import template

from darbaza.portal.council.models import DefaultRule, RulingEffect

register = template.Library()


@register.filter
def effect_name(code: str) -> str:
    """What a ruling does."""
    return str(RulingEffect(code).label)


@register.filter
def default_name(code: str) -> str:
    """What happens without a ruling."""
    return str(DefaultRule(code).label)
