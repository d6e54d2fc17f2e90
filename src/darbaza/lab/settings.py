"""The lab's box as its `box.toml` says it: a router between three segments and the internet."""

from pathlib import Path

from darbaza.demo.places import BOX_NAME
from darbaza.lab.plan import (
    INTERNET4,
    INTERNET6,
    LEASED,
    ROOM_SWITCHES,
    ROOT4,
    SCHOOL4,
    SEATS,
    SWITCHES,
    student_pc,
)

PORTAL_PORT, WHY_PORT, PROXY_PORT, DNS_PORT = 8000, 8010, 3128, 53
HTTP_PORT, TLS_PORT, CAPTIVE_HTTP_PORT, CAPTIVE_TLS_PORT, OWN_HTTP_PORT = 3129, 3130, 3131, 3132, 3133
GATE_SOCKET, GATE_LAYOUT = "gate.sock", "gate.toml"
CAPTIVE_API = "http://darbaza/captive"
DHCP = "dhcp"
ANCHOR = "imza.key"
"""The key of the lab's one signed zone."""

_room, _seat = LEASED
_gates = [switch.gate for switch in SWITCHES]


def _listed(texts: list[str]) -> str:
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"


def _at(port: int) -> list[str]:
    return [f"{gate}:{port}" for gate in _gates]


BOX_TOML = f"""\
# The lab's box. Written by script/lab at every start.
[box]
name = "{BOX_NAME}"
portal = "http://127.0.0.1:{PORTAL_PORT}"
mode = "router"
allowed_private = {_listed([INTERNET4, INTERNET6])}

[why]
listen = "127.0.0.1:{WHY_PORT}"

[squid]
name = "darbazalab"
listen = {_listed([f"{address}:{PROXY_PORT}" for address in ("127.0.0.1", *_gates)])}
intercept_http = {_listed(_at(HTTP_PORT))}
intercept_tls = {_listed(_at(TLS_PORT))}
captive_http = {_listed(_at(CAPTIVE_HTTP_PORT))}
captive_tls = {_listed(_at(CAPTIVE_TLS_PORT))}
own_http = {_listed(_at(OWN_HTTP_PORT))}
downloads = "127.0.0.1:1344"
networks = {_listed(["127.0.0.0/8", SCHOOL4])}
dns_servers = ["127.0.0.1"]

[unbound]
forwarders = ["{ROOT4}"]
special = ["test"]
trust_anchor = "RUN/{ANCHOR}"
allowed_private = {_listed([INTERNET4, INTERNET6])}

[dnsdist]
listen = {_listed([f"{address}:{DNS_PORT}" for address in ("127.0.0.1", *_gates)])}
box = "{_gates[0]}"
clients = {_listed(["127.0.0.0/8", SCHOOL4])}

[nftables]
socket = "RUN/{GATE_SOCKET}"

[dnsmasq]
captive_api = "{CAPTIVE_API}"
state = "RUN/{DHCP}"
static = {_listed([student_pc(_room, seat) for seat in range(1, SEATS + 1) if seat != _seat])}

[[dnsmasq.networks]]
name = "room{_room}"
interface = "{ROOM_SWITCHES[_room].interface}"
network = "{ROOM_SWITCHES[_room].network}"
router = "{ROOM_SWITCHES[_room].gate}"
"""


def box_toml(run: Path) -> str:
    """The settings of a box with this run directory."""
    return BOX_TOML.replace("RUN/", f"{run}/")


LAYOUT_TOML = f'wan = "wan"\n\n[ports]\nportal_http = {OWN_HTTP_PORT}\n' + "".join(
    f'\n[[segments]]\ninterface = "{switch.interface}"\naddress = "{switch.gate}/24"\n' for switch in SWITCHES
)
"""How the box is wired, as the gatekeeper reads it."""
