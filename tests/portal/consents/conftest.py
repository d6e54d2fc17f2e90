"""What the tests of consents share: a term, an explanation, and what is ticked."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from darbaza.portal.consents import actions, risks
from darbaza.portal.consents.actions import Paper, Term, Told, Who
from darbaza.portal.consents.asked import Ticks, ticks_of
from darbaza.portal.consents.models import Statement
from darbaza.portal.school_time import school_day
from tests.people import Cast

TERM = Term(date(2026, 9, 1), date(2027, 8, 31))
MOTHER = Who("mother", "Асанова Нургүл")
FATHER = Who("father", "Асанов Талант")


def ticks(typed: str = "+") -> Ticks:
    """What is ticked, as it is typed from paper."""
    found = ticks_of(typed)
    assert found is not None
    return found


Entered = Callable[..., Statement]


@pytest.fixture
def entered(cast: Cast, at: datetime) -> Entered:
    """Jyldyz enters one form about Bek; everything is agreed to by his mother unless the test says otherwise."""

    def enter(**changes: Any) -> Statement:
        given: dict[str, Any] = {"person": cast.bek, "who": MOTHER, "ticks": "+", "signed_on": school_day(at), "at": at}
        given |= changes
        when = given.pop("at")
        given["ticks"] = ticks(given["ticks"])
        told = Told(risks.current(when), cast.jyldyz, when, "ky")
        form: dict[str, Any] = {"told_": told, "term": TERM, "paper_set": None, "by": cast.jyldyz, "at": when}
        return actions.record_papers(papers=[Paper(**given)], **form)[0]

    return enter
