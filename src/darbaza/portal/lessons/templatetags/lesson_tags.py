"""What the page and the paper of a lesson make of facts that other apps added."""

from collections.abc import Mapping
from typing import Any

from django import template

from darbaza.portal.lessons.after import PARTS
from darbaza.portal.lessons.outages import sentence

register = template.Library()


@register.simple_tag
def parts_of(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parts of a lesson's facts, each with its template; one whose app is gone is left out."""
    return [{"template": PARTS[name].template, "rows": rows} for name, rows in facts["parts"].items() if name in PARTS]


@register.filter
def outage_sentence(fact: Mapping[str, Any]) -> str:
    """An outage of a lesson, in the reader's language."""
    return sentence(dict(fact))
