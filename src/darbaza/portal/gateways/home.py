"""What boxes put on the home page: whether access works, in one line."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from darbaza.portal.gateways.boxes import access_fact
from darbaza.portal.gateways.trust import authorities, lacking
from darbaza.portal.navigation import Fact, HomePart
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, holds
from darbaza.portal.school_time import zone

WARNED_BEFORE = timedelta(days=60)
"""Before the school's certificate ends: time to put another one on every computer."""


def home_part(person: Person, at: datetime) -> HomePart:
    """The state of access, for whoever may see how the gateway works."""
    if not holds(person, Right.GATEWAYS_BOX_READ, at):
        return HomePart()
    state, text = access_fact(at)
    facts = [Fact(text, state, reverse("gateways:boxes"))]
    if holds(person, Right.GATEWAYS_BOX_ENROL, at):
        facts += certificate_facts(at)
    return HomePart(facts=tuple(facts))


def certificate_facts(at: datetime) -> list[Fact]:
    """A line for each certificate of a gateway that ends soon or has ended, or whose next one computers lack."""
    found, known = [], authorities()
    for one in known:
        if one.is_next and (without := len(lacking(one, known))):
            found.append(Fact(_lacking_words(one.box.name, without), "warn", reverse("gateways:trust")))
        ends = one.certificate.not_valid_after_utc
        if ends - at > WARNED_BEFORE:
            continue
        words = {"box": one.box.name, "day": f"{ends.astimezone(zone()):%d.%m.%Y}"}
        if ends <= at:
            said, state = _("The certificate of the gateway %(box)s ended on %(day)s: refusals show no page"), "bad"
        else:
            said, state = _("The certificate of the gateway %(box)s ends on %(day)s; renew it in time"), "warn"
        found.append(Fact(said % words, state, reverse("gateways:trust")))
    return found


def _lacking_words(box: str, count: int) -> str:
    said = ngettext(
        "%(count)d computer lacks the next certificate of the gateway %(box)s",
        "%(count)d computers lack the next certificate of the gateway %(box)s",
        count,
    )
    return said % {"count": count, "box": box}
