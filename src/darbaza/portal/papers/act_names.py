"""The acts of the audit in words, for sheets that people read."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.rights import NAMES, Right

ACTS: dict[str, Promise] = {
    "council:director:enrol": _("enrolling the first director"),
    "council:hold:release": _("releasing a held resource"),
    "council:item:vote": _("recording a vote"),
    "council:sitting:call": _("calling a sitting"),
    "council:sitting:close": _("closing a sitting"),
    "council:sitting:open": _("opening a sitting"),
    "gateways:box:retire": _("retiring a gateway"),
    "gateways:key:retire": _("retiring a signing key"),
    "gateways:key:rotate": _("a new signing key"),
    "gateways:device:trust": _("noting the school's certificate on a computer"),
    "lessons:session:end": _("ending a lesson"),
    "lessons:session:expire": _("a lesson that ended by itself"),
    "lessons:session:extend": _("extending a lesson"),
    "lessons:staff:bind": _("sign-in of staff at a computer"),
    "lessons:student:bind": _("sign-in of a student at a lesson"),
    "papers:scan:withdraw": _("withdrawing a scan"),
    "people:person:add": _("entering a person"),
    "people:student:enrol": _("enrolling a student"),
    "rooms:room:change": _("changing a room"),
    "rooms:room:open": _("entering a room"),
    "timetable:exception:record": _("recording an exception from the schedule"),
    "timetable:schedule:approve": _("approving the schedule"),
    "timetable:schedule:consider": _("considering the schedule"),
    "timetable:schedule:draft": _("drafting a schedule"),
}
"""Acts that are not named by a right."""


def act_name(act: str) -> str:
    """An act in the reader's language; as it stands in the audit if it has no name."""
    if act in ACTS:
        return str(ACTS[act])
    return str(NAMES[Right(act)]) if act in Right.__members__.values() else act
