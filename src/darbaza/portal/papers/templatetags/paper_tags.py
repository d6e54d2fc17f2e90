"""What a sheet makes of facts: words for codes, dates in words, and pieces that are never broken over two lines."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_skeleton, get_day_names
from django import template
from django.db.models import TextChoices
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from darbaza.portal.council.models import (
    Ballot,
    Council,
    DefaultRule,
    OrderAct,
    OrderKind,
    ProposalState,
    ProposalSubject,
    Proposer,
    RulingEffect,
    Seat,
    TieRule,
    Voice,
)
from darbaza.portal.council.replays import Result
from darbaza.portal.papers.act_names import act_name as name_of_act
from darbaza.portal.papers.documents import parsed_day
from darbaza.portal.people.duties import Duty
from darbaza.portal.tags import locale, long_date, long_moment, short_date
from darbaza.portal.timetable.models import Weeks

register = template.Library()

WORDS: dict[str, type[TextChoices]] = {
    one.__name__: one
    for one in (
        Ballot,
        Council,
        DefaultRule,
        Duty,
        OrderAct,
        OrderKind,
        ProposalState,
        ProposalSubject,
        Proposer,
        RulingEffect,
        Seat,
        TieRule,
        Voice,
        Weeks,
    )
}
"""The choices by which a sheet names the codes in its facts."""


def name_choices(*choices: type[TextChoices]) -> None:
    """Let sheets name the codes of an app above: its choices, by the name of their class."""
    WORDS.update({one.__name__: one for one in choices})


@register.filter
def word(code: str, choices: str) -> str:
    """`{{ point.act|word:"OrderAct" }}`: the word for a code in the sheet's language, or the code itself."""
    known = WORDS[choices]
    return str(known(code).label) if code in known.values else code


@register.filter
def act_name(act: str) -> str:
    """An act of the audit in words."""
    return name_of_act(act)


@register.filter
def replayed(result: Mapping[str, Any]) -> Result:
    """What a trial on past traffic found."""
    return Result.from_json(dict(result))


@register.filter
def day(text: str) -> str:
    """A day or an instant of the facts as `2026-ж. 1-сентябрь`, with its time if it has one."""
    value = parsed_day(text)
    return long_moment(value) if isinstance(value, datetime) else long_date(value)


@register.filter
def short_day(text: str) -> str:
    """A day or an instant of the facts as `01.09.2026`, with its time if it has one."""
    value = parsed_day(text)
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M}"
    return short_date(value)


@register.filter
def weekday(number: int) -> str:
    """A day of the week by its number from Monday: `дүйшөмбү`."""
    return str(get_day_names("wide", context="stand-alone", locale=locale())[number])


@register.filter
def month(text: str) -> str:
    """`2026-11` as `2026-ж. ноябрь`."""
    return format_skeleton("yMMMM", date.fromisoformat(f"{text}-01"), locale=locale())


@register.filter
def in_language(names: Mapping[str, str] | None) -> str:
    """A name that the facts hold in three languages."""
    return names.get(locale()) or names["ky"] if names else ""


@register.filter
def whole(text: Any) -> SafeString:
    """A text with each word kept whole: `5-9-класстар` and `2026-14` break at no hyphen."""
    return format_html_join(" ", "{}", ((kept_whole(one),) for one in str(text).split(" ")))


def kept_whole(word: str) -> str:
    """A word with a hyphen in a span that does not break; any other as it is."""
    return format_html('<span class="whole">{}</span>', word) if "-" in word else word
