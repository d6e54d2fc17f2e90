"""The matrix in words, for its sheet."""

from collections.abc import Mapping
from typing import Any

from django import template

from darbaza.portal.evidence import wording

register = template.Library()


@register.filter
def told(facts: Mapping[str, Any]) -> list[wording.ToldRow]:
    """Every row in the sheet's language."""
    return wording.told(facts)
