"""The acts of the audit in words, for sheets that people read."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.rights import NAMES, Right

ACTS: dict[str, Promise] = {
    "asking:ask:allow": _("opening for the lesson what students asked for"),
    "asking:ask:decline": _("declining what students asked for"),
    "asking:ask:make": _("a student's ask to the teacher"),
    "asking:rule:propose": _("a proposal made by the rule on what teachers open often"),
    "asking:rule:set": _("setting the rule on what teachers open often"),
    "asking:ask:pass-on": _("passing on what students asked for"),
    "acquaintance:line:withdraw": _("taking back a line of a sheet of signatures"),
    "acquaintance:rules:accept": _("accepting the rules"),
    "acquaintance:sheet:make": _("making a sheet of signatures"),
    "council:director:enrol": _("enrolling the first director"),
    "council:hold:release": _("releasing a held resource"),
    "council:item:vote": _("recording a vote"),
    "council:sitting:call": _("calling a sitting"),
    "council:sitting:close": _("closing a sitting"),
    "council:sitting:open": _("opening a sitting"),
    "incidents:report:close": _("closing a reported resource"),
    "incidents:report:make": _("a report by a student"),
    "incidents:report:note": _("taking note of a report"),
    "incidents:report:take-up": _("taking up what a student told"),
    "gateways:box:retire": _("retiring a gateway"),
    "gateways:key:retire": _("retiring a signing key"),
    "gateways:key:rotate": _("a new signing key"),
    "gateways:device:trust": _("noting the school's certificate on a computer"),
    "lessons:scene:keep": _("keeping a scene of the school"),
    "lessons:scene:lift": _("ending a scene in a lesson"),
    "lessons:scene:retire": _("retiring a scene of the school"),
    "lessons:scene:set": _("keeping a lesson to a scene"),
    "lessons:session:end": _("ending a lesson"),
    "lessons:session:expire": _("a lesson that ended by itself"),
    "lessons:session:extend": _("extending a lesson"),
    "lessons:staff:bind": _("sign-in of staff at a computer"),
    "lessons:student:bind": _("sign-in of a student at a lesson"),
    "notices:channel:close": _("closing a channel of notifications"),
    "notices:channel:test": _("testing a channel of notifications"),
    "notices:contact:add": _("giving an address for notifications"),
    "notices:contact:confirm": _("confirming an address for notifications"),
    "notices:contact:remove": _("taking back an address for notifications"),
    "notices:hours:choose": _("choosing quiet hours"),
    "notices:wishes:choose": _("choosing what is sent by which channel"),
    "papers:scan:withdraw": _("withdrawing a scan"),
    "people:person:add": _("entering a person"),
    "people:student:enrol": _("enrolling a student"),
    "permits:permit:decline": _("declining a permission"),
    "permits:permit:take-back": _("taking a permission back"),
    "permits:permit:withdraw": _("withdrawing a request for a permission"),
    "rooms:room:change": _("changing a room"),
    "rooms:room:open": _("entering a room"),
    "timetable:calendar:change": _("changing the calendar of a school year"),
    "timetable:calendar:make": _("making the calendar of a school year"),
    "timetable:contributor:invite": _("inviting an expert to a draft of the schedule"),
    "timetable:contributor:name": _("naming who works on a draft of the schedule"),
    "timetable:contributor:revoke": _("closing an expert's link"),
    "timetable:day:close": _("closing days to all lessons"),
    "timetable:draft:comment": _("commenting on a draft of the schedule"),
    "timetable:draft:solve": _("having a draft of the schedule worked out"),
    "timetable:exception:record": _("recording an exception from the schedule"),
    "timetable:feed:make": _("making a calendar address"),
    "timetable:feed:revoke": _("closing a calendar address"),
    "timetable:lesson:cancel": _("cancelling a lesson of one day"),
    "timetable:lesson:move": _("moving a lesson of one day"),
    "timetable:limits:set": _("entering the table of screen time"),
    "timetable:schedule:approve": _("approving the schedule"),
    "timetable:schedule:clear": _("taking requested lessons out of a draft"),
    "timetable:schedule:consider": _("considering the schedule"),
    "timetable:schedule:draft": _("drafting a schedule"),
    "timetable:schedule:import": _("importing a timetable"),
    "timetable:schedule:reason": _("answering what guides the schedule"),
    "timetable:schedule:take-over": _("putting what was worked out into the draft"),
    "timetable:schedule:undo-import": _("undoing the import of a timetable"),
    "timetable:slot:add": _("adding a lesson to a draft"),
    "timetable:slot:answer": _("answering a teacher's request"),
    "timetable:slot:remove": _("taking a lesson out of a draft"),
}
"""Acts that are not named by a right."""


def act_name(act: str) -> str:
    """An act in the reader's language; as it stands in the audit if it has no name."""
    if act in ACTS:
        return str(ACTS[act])
    return str(NAMES[Right(act)]) if act in Right.__members__.values() else act
