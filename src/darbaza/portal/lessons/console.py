"""What a supervisor sees of a lesson under way: every seat of the room with its state in a word, never a screen.

The state is built from the portal's own data and from a running tally of the verdict log, so that a console costs the
log one look at the newest rows, however long the lesson lasts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from darbaza.portal.council.inspections import standing
from darbaza.portal.lessons import handover, outages, scenes
from darbaza.portal.lessons.models import Binding, MeasureKind, SupervisedSession
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.rooms import flows
from darbaza.portal.rooms.faults import faults_of
from darbaza.portal.rooms.models import Device, DeviceKind, Doubt, Fault, Sighting
from darbaza.portal.rooms.sightings import departed, doubts_of, owners_of
from darbaza.portal.school_time import school_day
from darbaza.portal.tags import category, clock_time
from darbaza.portal.verdicts.rows import LoggedVerdict
from darbaza.portal.verdicts.today import TodayLog

Told = dict[str, Any]
REPORTS: list[Callable[[SupervisedSession], tuple[Told, ...]]] = []
"""What students of a lesson reported and its supervisor has not noted: the app of reports enters itself here."""

ASKS: list[Callable[[SupervisedSession, datetime], tuple[Told, ...]]] = []
"""What students of a lesson ask its supervisor to open: the app of asks enters itself here. `id` names a card,
`devices` the seats at which it stands; `template` shows it, with its buttons only to the supervisor (`own`). What is
`private` nobody else sees at all."""

FREE, ONLINE, REFUSED, PAUSED, AWAY, OVER = "free", "online", "refused", "paused", "away", "over"
DOUBT, GONE, BROKEN, SPENT = "doubt", "gone", "broken", "spent"

WORTH_SAYING = 1_000_000
"""Bytes over a device's open connections from which on the console says so."""


@dataclass(slots=True)
class SeatTally:
    """What the log says of one device in this lesson."""

    host: str = ""
    refusals: int = 0
    clause: str = ""
    refused_last: bool = False
    category: str = ""
    reference: str = ""


NOTHING_YET = SeatTally()
"""What the log says of a device that asked for nothing; nobody adds to it."""


@dataclass(slots=True)
class Tally:
    """The log of one lesson, summed up by device as far as row `last_id`."""

    session: str
    last_id: int = 0
    seats: dict[str, SeatTally] = field(default_factory=dict)

    def catch_up(self, log: TodayLog) -> bool:
        """Read what is new; whether anything was."""
        newest = log.last_id()
        if newest == self.last_id:
            return False
        if not self.last_id:
            self._begin(log, newest)
            return True
        rows = log.after(self.last_id, self.session)
        for _number, row in rows:
            self._add(row)
        self.last_id = max(newest, rows[-1][0] if rows else 0)
        return bool(rows)

    def _begin(self, log: TodayLog, newest: int) -> None:
        for one in log.summary(self.session, newest):
            self.seats[one.device] = SeatTally(
                one.host, one.refusals, one.clause, one.refused_last, one.category, one.reference
            )
        self.last_id = newest

    def _add(self, row: LoggedVerdict) -> None:
        seat = self.seats.setdefault(row.device, SeatTally())
        seat.host, seat.refused_last = row.host, not row.allows
        if not row.allows:
            seat.refusals += 1
            seat.clause, seat.category, seat.reference = row.clause, row.category, row.reference


@dataclass(frozen=True, slots=True)
class SeatState:
    """One seat as the console shows it; `state` has an icon, `word` says it, `until` is a pause's end in ms.

    `flow` says how much has gone over the connections that are open now; empty where it is little. `asks` is how many
    resources its student waits to have opened. `category` and `reference` are the latest refusal's: what *Why?* opens.
    `broken` is what is said to be wrong with its computer, `limit` when the time of whoever sits there ends.
    """

    device: str
    number: int
    x: int
    y: int
    state: str
    word: str
    person: str
    name: str
    attribution: str
    host: str
    refusals: int
    clause: str
    until: int
    flow: str = ""
    asks: int = 0
    category: str = ""
    reference: str = ""
    broken: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class ConsoleState:
    """The whole console at an instant; instants are milliseconds since 1970."""

    now: int
    ends: int
    lease: int
    over: bool
    away: bool
    paused: int
    pins_closed: bool
    signed_in: int
    refusals: int
    summary: str
    seats: tuple[SeatState, ...]
    measures: tuple[dict[str, Any], ...]
    told: tuple[Told, ...]
    supervisor: str
    offer: dict[str, Any] | None
    asks: tuple[Told, ...] = ()
    scene: str = ""
    outage: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """All that a console shows and the log does not know: read when it changes, not for each line of the log.

    `bindings` is by device's key, `pauses` and `limits` by student's, `doubts` and `left` by device's address, `faults`
    by seat's key, `owners` by card.
    """

    session: SupervisedSession
    at: datetime
    devices: tuple[Device, ...]
    bindings: Mapping[int, Binding]
    pauses: Mapping[int, datetime]
    limits: Mapping[int, datetime]
    doubts: Mapping[str, Sighting]
    left: Mapping[str, Sighting]
    faults: Mapping[int, Fault]
    owners: Mapping[str, Device]
    counts: Mapping[str, int]
    measures: tuple[dict[str, Any], ...]
    told: tuple[Told, ...]
    asks: tuple[Told, ...]
    scene: str
    outage: str
    offer: dict[str, Any] | None


def around(session: SupervisedSession, at: datetime) -> Around:
    """What stands around a lesson at an instant, in the active language. `session` must be fresh."""
    over = session.closed is not None or session.ends <= at
    devices = tuple(devices_of(session))
    doubts, left = ({}, {}) if over else (doubts_of(devices), departed(devices))
    standing = session.measures.filter(lifted__isnull=True)
    return Around(
        session=session,
        at=at,
        devices=devices,
        bindings={one.device_id: one for one in session.bindings.filter(ended__isnull=True).select_related("person")},
        pauses={one.student_id: one.until for one in session.pauses.filter(lifted__isnull=True, until__gt=at)},
        limits={one.person_id: one.until for one in session.limits.filter(lifted__isnull=True)} if not over else {},
        doubts=doubts,
        left=left,
        faults=faults_of(one.seat_id for one in devices if one.seat_id is not None) if not over else {},
        owners=owners_of(one for one in doubts.values() if one.doubt == Doubt.IMPOSTOR),
        counts=flows.counts(at) if not over else {},
        measures=tuple({"id": one.pk, "deny": one.kind == MeasureKind.DENY, "text": str(one)} for one in standing),
        told=tuple(one for source in REPORTS for one in source(session)),
        asks=tuple(one for source in ASKS for one in source(session, at)) if not over else (),
        scene=scene_text(session) if not over else "",
        outage=outages.text_of(session),
        offer=_offer(session, at) if not over else None,
    )


def scene_text(session: SupervisedSession) -> str:
    """To which sites the lesson is kept, or nothing."""
    found = scenes.standing(session)
    if found is None:
        return ""
    return _("Only these sites are open (%(name)s): %(sites)s") % {"name": found, "sites": scenes.shown(found.targets)}


def state_of(session: SupervisedSession, tally: Tally, at: datetime) -> ConsoleState:
    """The console of a lesson at an instant, in the active language. `session` must be fresh."""
    return state_within(around(session, at), tally, at)


def state_within(known: Around, tally: Tally, at: datetime) -> ConsoleState:
    """The console as the log completes what stands around the lesson; nothing is asked of the database."""
    session = known.session
    over, away = session.closed is not None or session.ends <= at, session.lease_until <= at
    seats = tuple(_seat_within(known, one, tally, over=over, away=away) for one in known.devices)
    refusals = sum(seat.refusals for seat in seats)
    return ConsoleState(
        now=milliseconds(at),
        ends=milliseconds(session.ends),
        lease=milliseconds(session.lease_until),
        over=over,
        away=away,
        paused=len([seat for seat in seats if seat.state == PAUSED]),
        pins_closed=session.pins_closed is not None and not over,
        signed_in=len(known.bindings),
        refusals=refusals,
        summary=summary(len(known.bindings), refusals),
        seats=seats,
        measures=known.measures,
        told=known.told,
        asks=known.asks,
        scene=known.scene,
        outage=known.outage,
        supervisor=known.session.supervisor.public_id,
        offer=known.offer,
    )


def _seat_within(known: Around, device: Device, tally: Tally, *, over: bool, away: bool) -> SeatState:
    binding, sighting = known.bindings.get(device.pk), known.doubts.get(device.address)
    if sighting is not None:
        seat = _seat_in_doubt(device, binding, sighting, known.owners)
    else:
        lines = tally.seats.get(device.address, NOTHING_YET)
        seat = _seat(device, binding, known.pauses, lines, over=over, away=away)
    if seat.person and device.address in known.left:
        seat = _gone(seat, known.left[device.address])
    if binding is not None and (until := known.limits.get(binding.person_id)) is not None:
        seat = _limited(seat, until, known.at)
    if (fault := known.faults.get(device.seat_id or 0)) is not None:
        seat = _broken(seat, binding, fault)
    flow = flow_of(known.counts.get(device.address, 0)) if seat.person else ""
    asks = sum(device.address in one["devices"] for one in known.asks)
    return replace(seat, flow=flow, asks=asks) if flow or asks else seat


def _offer(session: SupervisedSession, at: datetime) -> dict[str, Any] | None:
    """The colleague to whom the lesson is offered, and until when."""
    found = handover.offer_of(session, at)
    if found is None:
        return None
    return {"to": found.taker.short_name, "until": clock_time(found.until)}


def flow_of(count: int) -> str:
    """Bytes over open connections in words; nothing for the little that every page takes."""
    return _("%(size)s and running") % {"size": filesizeformat(count)} if count >= WORTH_SAYING else ""


def summary(signed_in: int, refusals: int) -> str:
    """One sentence for screen readers; never every row."""
    people = ngettext("%(count)d signed in", "%(count)d signed in", signed_in) % {"count": signed_in}
    refused = ngettext("%(count)d refusal", "%(count)d refusals", refusals) % {"count": refusals}
    return f"{people} · {refused}"


def devices_of(session: SupervisedSession) -> Iterable[Device]:
    """The students' devices of the lesson's room that stand on a seat, in the order of the seats."""
    devices = Device.objects.filter(seat__room=session.room, kind=DeviceKind.STUDENT)
    return devices.select_related("seat").order_by("seat__number")


def rows_of(session: SupervisedSession) -> list[int]:
    """The rows of the room's plan in which students sit, from the teacher's desk on."""
    return sorted({one.seat.y for one in devices_of(session) if one.seat is not None})


def seats_looked_into(session: SupervisedSession, at: datetime) -> list[int]:
    """At which seats of the lesson's room encrypted pages are read by a council's decision."""
    found = Device.objects.filter(seat__room=session.room, kind=DeviceKind.STUDENT, trusts__isnull=False).distinct()
    named = set(standing(at).values_list("devices__pk", flat=True))
    return sorted(one.seat.number for one in found.select_related("seat") if one.pk in named and one.seat is not None)


def _seat(
    device: Device, binding: Binding | None, pauses: Mapping[int, datetime], tally: SeatTally, *, over: bool, away: bool
) -> SeatState:
    assert device.seat is not None  # noqa: S101 - the query asked for devices on a seat
    until = pauses.get(binding.person_id) if binding else None
    state = seat_state(binding, until, tally, over=over, away=away)
    return SeatState(
        device=device.address,
        number=device.seat.number,
        x=device.seat.x,
        y=device.seat.y,
        state=state,
        word=word_of(state),
        person=binding.person.public_id if binding else "",
        name=name_of(binding.person) if binding else "",
        attribution=binding.get_attribution_display() if binding else "",
        host=tally.host,
        refusals=tally.refusals,
        clause=tally.clause,
        until=milliseconds(until) if until else 0,
        category=category(tally.category) if tally.category else "",
        reference=tally.reference,
    )


def _seat_in_doubt(
    device: Device, binding: Binding | None, sighting: Sighting, owners: Mapping[str, Device]
) -> SeatState:
    """A seat whose computer is not who it should be, or whose address another one claims: the supervisor, who is
    there, looks."""
    assert device.seat is not None  # noqa: S101 - the query asked for devices on a seat
    owner = owners.get(sighting.mac)
    if sighting.doubt == Doubt.IMPOSTOR and owner is not None and owner.seat is not None:
        said = _("the computer at seat %(seat)d claims this address") % {"seat": owner.seat.number}
    else:
        said = str(sighting.get_doubt_display())
    return SeatState(
        device=device.address,
        number=device.seat.number,
        x=device.seat.x,
        y=device.seat.y,
        state=DOUBT,
        word=word_of(DOUBT),
        person=binding.person.public_id if binding else "",
        name=name_of(binding.person) if binding else "",
        attribution="",
        host=f"{said} (2.9)",
        refusals=0,
        clause="2.9",
        until=0,
    )


def _gone(seat: SeatState, sighting: Sighting) -> SeatState:
    """A seat whose computer left the network with somebody signed in: what it does there nobody here can see."""
    since = _("since %(time)s") % {"time": clock_time(sighting.since)}
    return replace(seat, state=GONE, word=word_of(GONE), host=since)


def _limited(seat: SeatState, until: datetime, at: datetime) -> SeatState:
    """A seat whose person's time ends before the lesson does, or has ended."""
    said = _("until %(time)s") % {"time": clock_time(until)}
    if until > at or seat.state in {DOUBT, GONE}:
        return replace(seat, limit=said)
    return replace(seat, limit=said, state=SPENT, word=word_of(SPENT), until=0)


def _broken(seat: SeatState, binding: Binding | None, fault: Fault) -> SeatState:
    """A seat that is marked broken. Whoever has signed in there since works there, so the state is theirs."""
    works = binding is not None and binding.since > fault.at
    if works or seat.state in {DOUBT, GONE}:
        return replace(seat, broken=fault.text)
    return replace(seat, broken=fault.text, state=BROKEN, word=word_of(BROKEN), host=fault.text, until=0)


def seat_state(
    binding: Binding | None, paused_until: datetime | None, tally: SeatTally, *, over: bool, away: bool
) -> str:
    """The one state that matters most at a seat."""
    if over:
        return OVER
    if binding is None:
        return FREE
    if away:
        return AWAY
    if paused_until is not None:
        return PAUSED
    return REFUSED if tally.refused_last else ONLINE


def word_of(state: str) -> str:
    """A state in a word."""
    words = {
        FREE: _("free"),
        ONLINE: _("online"),
        REFUSED: _("refused"),
        PAUSED: _("paused"),
        AWAY: _("no supervision"),
        OVER: _("closed"),
        DOUBT: _("look at this computer"),
        GONE: _("left the network"),
        BROKEN: _("broken"),
        SPENT: _("time is up"),
    }
    return words[state]


def name_of(person: Person) -> str:
    """Whoever sits somewhere; a guest is told from the students."""
    return _("%(name)s (guest)") % {"name": person} if person.kind == PersonKind.GUEST else str(person)


def students_to_seat(session: SupervisedSession, at: datetime) -> list[Person]:
    """Students who may sign in and are not signed in, by surname."""
    seated = session.bindings.filter(ended__isnull=True).values("person")
    return list(session.students_on(school_day(at)).exclude(pk__in=seated))


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970, as scripts count."""
    return round(at.timestamp() * 1000)


def bell(session: SupervisedSession) -> str:
    """The bell of a lesson of the schedule, or when it ends otherwise, as the school's clock shows it."""
    if session.slot is None or session.exception is not None:
        return clock_time(session.ends)
    return f"{session.slot.ends:%H:%M}"
