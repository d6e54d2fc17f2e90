"""The lab's plan: which machines there are, on which switch, with which addresses.

    internet 203.0.113.0/24, 2001:db8:113::/64    the box's outer leg is .1, a PC at somebody's home .200
    room1    10.50.1.0/24, room2 10.50.2.0/24     students' PCs from .11 on, the box is .1
    staff    10.50.9.0/24                         teachers' PCs from .11 on

All namespaces of one lab bear its prefix, so that several labs can stand beside each other: their addresses are the
same, and never meet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

ROOMS = (1, 2)
SEATS = 12
"""Students' PCs in each room."""

LEASED = (2, 12)
"""Room and seat of the PC that has no address of its own: it asks the box for one. All others have theirs by hand."""

STAFF_PCS = 2
FIRST_HOST = 11

HOME6 = "2001:db8:113::c8"
GATE4, GATE6 = "203.0.113.1", "2001:db8:113::1"
"""The box's outer addresses; and before them that of a PC at home."""

UPLINK4, UPLINK6 = "203.0.113.254", "2001:db8:113::fe"
"""Where the box sends whatever is not the school's: the internet, which answers for every address there is."""

ROOT4, ROOT6 = "203.0.113.53", "2001:db8:113::53"
"""The root of the lab's DNS, and the authority for every name."""

INTERNET4, INTERNET6 = "203.0.113.0/24", "2001:db8:113::/64"
SCHOOL4, SCHOOL6 = "10.50.0.0/16", "fd50::/16"


@dataclass(frozen=True, slots=True)
class Switch:
    """One segment of the school: its name, and the network behind the box's leg `interface`."""

    name: str
    interface: str
    number: int

    @property
    def network(self) -> str:
        """The segment's network."""
        return f"10.50.{self.number}.0/24"

    @property
    def gate(self) -> str:
        """The box's address in it."""
        return f"10.50.{self.number}.1"

    def address(self, host: int) -> str:
        """The address of the PC that stands at a place counted from 1."""
        return f"10.50.{self.number}.{FIRST_HOST + host - 1}"


@dataclass(frozen=True, slots=True)
class Pc:
    """One PC: its name (`room1-03`), its place on a switch, its address as the school knows it, and its own MAC."""

    name: str
    switch: Switch
    address: str
    mac: str

    @property
    def gate(self) -> str:
        """Where it sends whatever is not its segment's."""
        return self.switch.gate


ROOM_SWITCHES = {room: Switch(f"room{room}", f"lan{room}", room) for room in ROOMS}
STAFF_SWITCH = Switch("staff", "lan9", 9)
SWITCHES = (*ROOM_SWITCHES.values(), STAFF_SWITCH)

HOME = Pc("home", Switch("internet", "", 0), "203.0.113.200", "00:00:5e:00:53:fe")
"""A PC on the internet's side of the gate: what a trick does where nobody stands in its way."""


def student_pc(room: int, seat: int) -> str:
    """The address of a students' PC; rooms and seats count from 1."""
    return ROOM_SWITCHES[room].address(seat)


def staff_pc(number: int) -> str:
    """The address of a staff PC, counted from 1."""
    return STAFF_SWITCH.address(number)


def pcs() -> Iterator[Pc]:
    """Every PC of the school. MACs are from the range that is set aside for documents (RFC 7042)."""
    for room, switch in ROOM_SWITCHES.items():
        for seat in range(1, SEATS + 1):
            mac = f"00:00:5e:00:53:{0x20 * room + seat:02x}"
            yield Pc(f"{switch.name}-{seat:02d}", switch, switch.address(seat), mac)
    for number in range(1, STAFF_PCS + 1):
        yield Pc(
            f"staff-{number:02d}", STAFF_SWITCH, STAFF_SWITCH.address(number), f"00:00:5e:00:53:{0x90 + number:02x}"
        )


def leased_pc() -> Pc:
    """The PC that is given its address by the box."""
    room, seat = LEASED
    return next(pc for pc in pcs() if pc.address == student_pc(room, seat))


@dataclass(frozen=True)
class Plan:
    """One lab's namespaces. `run` tells labs on one machine apart."""

    run: str

    def namespace(self, place: str) -> str:
        """The namespace of a machine (`box`, `internet`, `room1-03`) or a switch (`switch-room1`)."""
        return f"dzlab-{self.run}-{place}"

    @cached_property
    def pcs(self) -> dict[str, Pc]:
        """Every PC by name, the one at home too."""
        return {pc.name: pc for pc in (*pcs(), HOME)}

    def namespaces(self) -> list[str]:
        """All of them, the internet and the box first."""
        switches = [f"switch-{switch.name}" for switch in SWITCHES]
        return [self.namespace(place) for place in ("internet", "box", *switches, *self.pcs)]
