"""Where everything of the demo is: addresses, ports and folders.

127.0.1.N and 127.0.2.N are the students' PCs of the two rooms, 127.0.3.N the staff's, 127.9.0.N the Internet's sites.
A second demo beside the first, as tests start one, sets `DARBAZA_DEMO_SHIFT`, which is added to every port,
`DARBAZA_DEMO_VAR`, its folder for everything, and `DARBAZA_DEMO_BELL`, the only hour of the day (HH:MM, the school's)
at which lessons change but midnight, so that no journey is interrupted; no notice leaves such a demo.
"""

import os
from dataclasses import dataclass
from pathlib import Path

SHIFT = int(os.environ.get("DARBAZA_DEMO_SHIFT", "0"))
BELL = os.environ.get("DARBAZA_DEMO_BELL", "")

HOST = "127.0.0.1"
PORTAL_PORT = 8000 + SHIFT
SQUID_PORT = 3128 + SHIFT
DNSDIST_PORT = 5300 + SHIFT
WHY_PORT = 8010 + SHIFT
INTERNET_DNS_PORT = 5301 + SHIFT
HTTP_PORT = 8080 + SHIFT
TLS_PORT = 8443 + SHIFT

INTERNET = "127.9.0.0/16"
SEATS = 12
"""Students' PCs in each room."""

ROOMS = (1, 2)
STAFF_PCS = 4

PORTAL_URL = f"http://{HOST}:{PORTAL_PORT}"
BOX_NAME = "demo-box"
SCHOOL_NAME = "Ойдон чыгарылган «Чынар» мектеби"


def student_pc(room: int, seat: int) -> str:
    """The address of a students' PC; rooms and seats count from 1."""
    return f"127.0.{room}.{seat}"


def staff_pc(number: int) -> str:
    """The address of a staff PC, counted from 1."""
    return f"127.0.3.{number}"


def all_pcs() -> list[str]:
    """Every PC of the school."""
    students = [student_pc(room, seat) for room in ROOMS for seat in range(1, SEATS + 1)]
    return students + [staff_pc(number) for number in range(1, STAFF_PCS + 1)]


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders below `var` of a checkout."""

    var: Path

    @property
    def portal(self) -> Path:
        """The portal's state."""
        return self.var / "portal"

    @property
    def box(self) -> Path:
        """The box's run directory."""
        return self.var / "box"

    @property
    def demo(self) -> Path:
        """The demo's own: certificates, sign-ins of invented people."""
        return self.var / "demo"

    @property
    def log(self) -> Path:
        """What processes say."""
        return self.var / "log"

    @property
    def secrets(self) -> Path:
        """Passwords and PINs of invented people, for whoever tries the demo and for the simulator."""
        return self.demo / "sign-ins.json"

    @property
    def authority(self) -> Path:
        """The certificate of the authority behind the invented sites."""
        return self.demo / "authority.pem"

    @property
    def hosts(self) -> Path:
        """The invented sites' addresses, for Squid."""
        return self.demo / "hosts"


def folders() -> Folders:
    """The folders of this checkout, or of a second demo."""
    named = os.environ.get("DARBAZA_DEMO_VAR")
    return Folders(Path(named) if named else Path(__file__).resolve().parents[3] / "var")
