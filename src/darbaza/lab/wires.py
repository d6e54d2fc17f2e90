"""Namespaces, switches and cables: made at the start, removed at the end, whatever happened in between."""

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from darbaza.lab.inside import NAMESPACES
from darbaza.lab.plan import (
    GATE4,
    GATE6,
    HOME,
    HOME6,
    SCHOOL4,
    SCHOOL6,
    SWITCHES,
    UPLINK4,
    UPLINK6,
    Pc,
    Plan,
    Switch,
    leased_pc,
    pcs,
)

INTERNET_PORT, BOX_PORT, HOME_PORT = "br0", "gate", "home"
"""Interfaces of the internet's namespace: its own, the cable to the box, the cable to the PC at home."""


class WireError(RuntimeError):
    """Namespaces or cables can't be made. The text says why and what helps."""


@contextmanager
def wired(plan: Plan) -> Iterator[None]:
    """The lab's whole network while the block lasts. Raises WireError."""
    try:
        _make(plan)
        yield
    finally:
        remove(plan)


def _make(plan: Plan) -> None:
    for namespace in plan.namespaces():
        ip("netns", "add", namespace)
        in_batch(namespace, ["link set lo up"])
    _lay_internet(plan)
    _lay_box(plan)
    for switch in SWITCHES:
        _lay_switch(plan, switch)
    for pc in pcs():
        _plug(plan, pc)


def remove(plan: Plan) -> None:
    """Take every namespace away that this lab has made; the cables between them vanish with them."""
    for namespace in plan.namespaces():
        if (NAMESPACES / namespace).exists():
            ip("netns", "del", namespace)


def _lay_internet(plan: Plan) -> None:
    """One wire with everything on it. The internet takes whatever is sent to any address (`local default`)."""
    here, box, home = (plan.namespace(place) for place in ("internet", "box", "home"))
    in_batch(
        here,
        [
            f"link add {INTERNET_PORT} type bridge mcast_snooping 0",
            f"link set {INTERNET_PORT} up",
            f"link add {BOX_PORT} type veth peer name wan netns {box}",
            f"link add {HOME_PORT} type veth peer name eth0 netns {home}",
            f"link set {BOX_PORT} master {INTERNET_PORT} up",
            f"link set {HOME_PORT} master {INTERNET_PORT} up",
            f"address add {UPLINK4}/24 dev {INTERNET_PORT}",
            f"address add {UPLINK6}/64 dev {INTERNET_PORT} nodad",
            f"route add {SCHOOL4} via {GATE4}",
            f"-6 route add {SCHOOL6} via {GATE6}",
            "route add local default dev lo table 100",
            f"rule add iif {INTERNET_PORT} lookup 100 priority 20",
            "-6 route add local default dev lo table 100",
            f"-6 rule add iif {INTERNET_PORT} lookup 100 priority 20",
        ],
    )
    in_batch(home, [f"link set eth0 address {HOME.mac}", *_outer_leg("eth0", HOME.address, HOME6)])


def _outer_leg(interface: str, address4: str, address6: str) -> list[str]:
    """An interface on the internet's wire: everything goes to the uplink, neighbours too, as at a provider."""
    return [
        f"link set {interface} up",
        f"address add {address4}/32 dev {interface}",
        f"route add {UPLINK4}/32 dev {interface}",
        f"route add default via {UPLINK4} src {address4}",
        f"address add {address6}/128 dev {interface} nodad",
        f"-6 route add {UPLINK6}/128 dev {interface}",
        f"-6 route add default via {UPLINK6} dev {interface}",
    ]


def _lay_box(plan: Plan) -> None:
    """The box's outer leg, and the one neighbour that may knock at it from outside."""
    here, home = plan.namespace("box"), plan.namespace("home")
    in_batch(here, [*_outer_leg("wan", GATE4, GATE6), f"route add {HOME.address}/32 dev wan"])
    in_batch(home, [f"route add {GATE4}/32 dev eth0", f"-6 route add {GATE6}/128 dev eth0"])


def _lay_switch(plan: Plan, switch: Switch) -> None:
    """A switch of one room, with the cable to the box."""
    here, box = plan.namespace(f"switch-{switch.name}"), plan.namespace("box")
    in_batch(
        here,
        [
            "link add br0 type bridge mcast_snooping 0",
            "link set br0 up",
            f"link add box type veth peer name {switch.interface} netns {box}",
            "link set box master br0 up",
        ],
    )
    in_batch(box, [f"link set {switch.interface} up", f"address add {switch.gate}/24 dev {switch.interface}"])


def _plug(plan: Plan, pc: Pc) -> None:
    """A PC with a MAC of its own at its switch, addressed by hand unless it is the one that asks for its address."""
    here, switch = plan.namespace(pc.name), plan.namespace(f"switch-{pc.switch.name}")
    in_batch(switch, [f"link add {pc.name} type veth peer name eth0 netns {here}", f"link set {pc.name} master br0 up"])
    by_hand = [f"address add {pc.address}/24 dev eth0", f"route add default via {pc.gate}"]
    own = [] if pc == leased_pc() else by_hand
    in_batch(here, [f"link set eth0 address {pc.mac}", "link set eth0 up", *own])


def in_batch(namespace: str, lines: Iterable[str]) -> None:
    """Commands for `ip` in a namespace, those that begin with `-6` after the others. Raises WireError."""
    told = list(lines)
    for family, is_six in (((), False), (("-6",), True)):
        if batch := [line.removeprefix("-6 ") for line in told if line.startswith("-6 ") is is_six]:
            ip(*family, "-n", namespace, "-batch", "-", given="\n".join(batch))


def ip(*arguments: str, given: str = "") -> None:
    """Run `ip`. Raises WireError with what it says."""
    done = subprocess.run(["/usr/sbin/ip", *arguments], input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip() or f"status {done.returncode}"
        raise WireError(f"`ip {' '.join(arguments)}`: {said}; the lab needs root and a kernel with namespaces")
