"""Every clause with the controls that carry it out, every kind of evidence with its term, and their words."""

from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.evidence.judging import Control

YEAR = timedelta(days=400)
"""A school year and the weeks in which the next one's papers are signed."""

TERMS: dict[str, timedelta] = {
    "acquainted": timedelta(days=1),
    "audit": timedelta(days=31),
    "checked": YEAR,
    "class-teachers": YEAR,
    "compared": timedelta(days=2),
    "consents": YEAR,
    "considered": YEAR,
    "contributors": YEAR,
    "decision": YEAR,
    "duty:classification-officer": YEAR,
    "duty:ict-responsible": YEAR,
    "duty:internet-responsible": YEAR,
    "gateway": timedelta(minutes=15),
    "lesson": timedelta(days=31),
    "lists": timedelta(days=7),
    "explained": YEAR,
    "log": timedelta(days=7),
    "permits": YEAR,
    "proposals": YEAR,
    "purposes": YEAR,
    "regulation": timedelta(days=3660),
    "rooms": YEAR,
    "schedule": YEAR,
    "signs": timedelta(days=1),
    "take-downs": timedelta(days=1),
}
"""For how long each kind of evidence counts. Runs of the corpus count for a day; see `term_of`."""

CORPUS, GATE = "corpus:", "gate:"
RUN_COUNTS = timedelta(days=1)

KINDS: dict[str, Promise] = {
    "acquainted": _("everybody has accepted the rules in force"),
    "audit": _("the chain of the audit was checked"),
    "checked": _("what is public was checked by others than who wrote it"),
    "class-teachers": _("every class has a class teacher by order"),
    "compared": _("what is public is compared with the consents every day"),
    "consents": _("written consents in force"),
    "considered": _("the staff meeting considered the schedule"),
    "contributors": _("people who worked on the schedule"),
    "decision": _("a decision of the council with rulings"),
    "duty:classification-officer": _("order on the classification officer"),
    "duty:ict-responsible": _("order on the person responsible for ICT"),
    "duty:internet-responsible": _("order on the person responsible for the internet"),
    "explained": _("with every consent the risks were explained and understood"),
    "gateway": _("the gateway works"),
    "lesson": _("supervised lessons are held"),
    "lists": _("lists of resources are up to date"),
    "log": _("answers are logged"),
    "permits": _("requests for permissions are answered"),
    "proposals": _("proposals are answered"),
    "purposes": _("every lesson in the schedule has its purpose"),
    "regulation": _("the school's own regulation, approved by an act"),
    "rooms": _("order on equipped rooms"),
    "schedule": _("a schedule in force by order"),
    "signs": _("signs of sharing are settled"),
    "take-downs": _("what has to come down elsewhere comes down in time"),
}
"""What each kind of evidence is called."""

CONTROLS: dict[str, Promise] = {
    "acquaintance": _("Users confirm that they know the notice."),
    "answers": _("The council hears proposals and answers each."),
    "appointment": _("An order names the person, and only an order."),
    "assignment": _("An appointed employee puts resources into categories."),
    "class-teacher": _("Deliberate attempts reach the class teacher."),
    "consent": _("Nothing is published without written consent."),
    "contributions": _("Teachers and experts work on the schedule by name."),
    "council": _("The council decides what is open to whom."),
    "explanation": _("The risks of publication are explained to whoever consents."),
    "everything-sealed": _("Every act is recorded and sealed."),
    "filter": _("The gateway lets through only what the rules allow."),
    "limits": _("Lessons serve a purpose, and screen time has limits."),
    "meeting": _("The schedule goes before the staff meeting."),
    "operator": _("An order names who provides access and watches over it."),
    "permissions": _("Permissions open exactly what they name."),
    "asked-permissions": _("People ask for permissions, and the answer is recorded."),
    "regulation": _("The regulation is kept with its approving act."),
    "resale": _("Signs of paid use and sharing are found."),
    "review": _("What is to be published is checked before."),
    "rooms": _("Students work only in rooms that an order equips."),
    "rules-proved": _("The rules are proved by examples."),
    "schedule": _("Only the approved schedule opens lessons."),
    "staff": _("Staff work by themselves, under their own rules."),
    "statutory": _("What law forbids is opened by nobody."),
    "supervision": _("Without a supervisor students have no access."),
    "watching": _("Supervisors watch and act in the lesson."),
    "hold": _("What is reported is closed to the whole school."),
    "withdrawal": _("What loses its consent comes down."),
}
"""What carries clauses out."""

BY_CLAUSE: dict[str, tuple[Control, ...]] = {
    "1.1": (Control("regulation", ("regulation",)),),
    "1.2": (Control("everything-sealed", ("audit",)), Control("rules-proved", ("corpus:all",))),
    "1.3": (Control("appointment", ("duty:ict-responsible",)),),
    "2.1": (Control("meeting", ("considered",)),),
    "2.2": (Control("contributions", ("contributors",)),),
    "2.3": (Control("limits", ("purposes",)),),
    "2.4": (Control("schedule", ("schedule", "corpus:2.4", "gateway")),),
    "2.5": (
        Control("operator", ("duty:internet-responsible", "gateway")),
        Control("rooms", ("rooms", "corpus:2.5")),
    ),
    "2.6": (Control("council", ("decision", "corpus:2.6")), Control("answers", ("proposals",))),
    "2.7": (Control("watching", ("lesson", "corpus:2.7", "log")), Control("class-teacher", ("class-teachers",))),
    "2.8": (Control("watching", ("lesson", "corpus:2.8")),),
    "2.9": (Control("supervision", ("corpus:2.9", "gateway")),),
    "2.10": (Control("staff", ("corpus:2.10", "gateway")),),
    "2.11": (Control("filter", ("corpus:2.11", "gateway", "lists")),),
    "2.12": (Control("acquaintance", ("acquainted", "corpus:2.12", "gateway")),),
    "2.13": (Control("assignment", ("duty:classification-officer", "corpus:2.13")),),
    "2.14": (Control("review", ("checked", "gate:2.14")),),
    "2.15": (
        Control("consent", ("consents", "compared", "gate:2.15", "duty:internet-responsible")),
        Control("withdrawal", ("take-downs",)),
    ),
    "2.16": (Control("consent", ("consents", "compared", "gate:2.16")),),
    "2.17": (Control("explanation", ("explained", "gate:2.17")),),
    "3.1": (Control("resale", ("signs",)),),
    "3.2": (Control("permissions", ("corpus:3.2", "gateway")), Control("asked-permissions", ("permits", "gate:3.2"))),
    "3.3": (Control("statutory", ("corpus:3.3", "gateway", "lists")),),
    "3.4": (Control("hold", ("corpus:3.4", "duty:internet-responsible")),),
}
"""The controls of each clause. One without kinds of evidence is not built in this version, and so never proved."""

WORDS: dict[str, Promise] = {
    "acquainted": _("%(count)s of %(all)s people"),
    "order": _("order № %(ref)s of %(day)s"),
    "no-order": _("the duty was given at installation; no order names it yet"),
    "regulation": _("act № %(ref)s of %(day)s"),
    "rooms": _("%(count)s rooms, the latest by order № %(ref)s of %(day)s"),
    "schedule": _("schedule %(title)s, order № %(ref)s of %(day)s"),
    "considered": _("minutes № %(ref)s of %(day)s"),
    "contributors": _("%(count)s people by name"),
    "purposes": _("%(count)s of %(all)s lessons"),
    "decision": _("decision № %(ref)s of %(day)s"),
    "proposals": _("%(open)s wait, the longest since %(day)s"),
    "proposals-answered": _("all answered, the latest on %(day)s"),
    "corpus": _("%(passed)s of %(all)s examples answered as they must be, in this very program"),
    "gateway": _("%(count)s gateways, the last heard of at %(day)s"),
    "gateway-fault": _("a gateway is silent or reports a fault"),
    "lists": _("updated on %(day)s"),
    "lesson": _("the latest opened at %(day)s"),
    "class-teachers": _("%(count)s of %(all)s classes"),
    "audit": _("%(count)s entries hold, checked at %(day)s"),
    "audit-broken": _("entry № %(count)s is not as it was written, found at %(day)s"),
    "log": _("the latest at %(day)s"),
    "signs": _("%(open)s wait, %(count)s settled"),
    "checked": _("%(count)s of %(all)s publications, the latest on %(day)s"),
    "compared": _("%(count)s public, %(closed)s closed by the gate, compared on %(day)s"),
    "acquainted-consents": _("%(count)s of %(all)s consents"),
    "consents": _("%(count)s in force, the latest recorded on %(day)s"),
    "permits": _("%(open)s wait, the longest since %(day)s"),
    "permits-answered": _("all answered, the latest on %(day)s"),
    "take-downs": _("%(open)s wait, %(late)s of them past their day, %(count)s settled"),
}
"""The sentences of evidence."""


def term_of(kind: str) -> timedelta | None:
    """For how long a kind of evidence counts."""
    return RUN_COUNTS if kind.startswith((CORPUS, GATE)) else TERMS.get(kind)


def kinds_needed() -> frozenset[str]:
    """Every kind of evidence that some control needs."""
    return frozenset(kind for controls in BY_CLAUSE.values() for one in controls for kind in one.kinds)


def is_unbuilt(control: Control) -> bool:
    """Whether this version has nothing that would prove a control."""
    return not control.kinds
