"""What the console shows of asks and does about them; entered into the console by this app."""

from datetime import datetime

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from darbaza.portal import asked
from darbaza.portal.asking import actions
from darbaza.portal.asking.known import Known, verdict_of
from darbaza.portal.asking.models import AskState, LessonAsk, StudentAsk
from darbaza.portal.lessons.console import Told, bell
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.tags import category
from darbaza.snapshot import wording

BUTTONS = {"allow": "ask-allow", "pass_on": "ask-pass", "decline": "ask-decline"}
"""The buttons of a card and the orders behind them."""
NAMED = 3
"""Students whom a card names; of the others it says how many they are."""


def cards(session: SupervisedSession, _at: datetime) -> tuple[Told, ...]:
    """The cards of a lesson that await an answer, the oldest first."""
    found = session.asks.filter(state=AskState.WAITING).prefetch_related("students__student", "students__device__seat")
    return tuple(card_of(one, session) for one in found)


def card_of(card: LessonAsk, session: SupervisedSession) -> Told:
    """One card in words; `devices` says at which seats it stands."""
    known, language = Known(**card.known), get_language() or "ky"
    students = list(card.students.all())
    return {
        "id": card.public_id,
        "template": "asking/_card.html",
        **{key: reverse("lessons:act", args=[session.public_id, name]) for key, name in BUTTONS.items()},
        "host": card.host,
        "who": ", ".join(_who(one) for one in students[:NAMED]),
        "more": _more(len(students) - NAMED),
        "words": list(dict.fromkeys(one.text for one in students if one.text))[:NAMED],
        "sentence": wording.sentence(known.message, language),
        "clause": known.clause,
        "ground": wording.ground_text(known.ground, language),
        "category": category(known.category) if known.category else "",
        "delegated": known.delegated,
        "scope": _scope(card, session) if known.delegated else "",
        "can_pass_on": known.can_pass_on and not known.delegated,
        "to_officer": known.to_officer,
        "devices": [one.device.address for one in students],
    }


def _who(one: StudentAsk) -> str:
    return f"{one.device.seat.number} · {one.student}" if one.device.seat else str(one.student)


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return ngettext("and %(count)d more", "and %(count)d more", count) % {"count": count}


def _scope(card: LessonAsk, session: SupervisedSession) -> str:
    """For whom, what and until when the button would open."""
    values = {"host": card.host, "school_class": session.class_names, "time": bell(session)}
    return _("Opens %(host)s with what is below it, for %(school_class)s in this room, until %(time)s.") % values


def allow(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Open what was asked for; the sentence is the verdict as it is now."""
    card = actions.allow(card=_card(session, form), by=by, at=at)
    verdict = verdict_of(card.host, session, at)
    language = get_language() or "ky"
    values = {
        "host": card.host,
        "time": bell(session),
        "sentence": wording.sentence(verdict.message, language),
        "ground": wording.ground_text(verdict.ground, language),
        "clause": verdict.clause,
    }
    return _("%(host)s is open until %(time)s. %(sentence)s (%(clause)s, %(ground)s)") % values


def pass_on(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Pass an ask on to those who can change the answer."""
    card = actions.pass_on(card=_card(session, form), by=by, at=at)
    if card.report is not None:
        return _("The classification officer has it: %(host)s") % {"host": card.host}
    number = card.proposal.ref if card.proposal else ""
    return _("Proposal № %(number)s to the council: %(host)s") % {"number": number, "host": card.host}


def decline(*, session: SupervisedSession, form: QueryDict, by: Person, at: datetime) -> str:
    """Leave it closed with a word."""
    word = asked.text(form, "word", actions.LONGEST_TEXT)
    card = actions.decline(card=_card(session, form), word=word, by=by, at=at)
    return _("Declined: %(host)s") % {"host": card.host}


def _card(session: SupervisedSession, form: QueryDict) -> LessonAsk:
    found = session.asks.select_related("session").filter(public_id=asked.text(form, "ask")).first()
    if found is None:
        raise ActRefusedError(_("This ask is not there any more."), "2.7")
    return found
