"""A student's PC with an IPv6 address of its own making and the box as its router, as a rogue advertisement has it."""

from collections.abc import Iterator
from contextlib import contextmanager

from darbaza.lab.inside import within
from tests.lab.conftest import Lesson

ADDRESS = "fd50:1::11"


def card_of_gate(lesson: Lesson) -> str:
    """The box's MAC on the student's cable."""
    leg, box = lesson.bek.pc.switch.interface, lesson.lab.plan.namespace("box")
    return lesson.bek.run(*within(box, ["ip", "-br", "link", "show", leg])).stdout.split()[2]


@contextmanager
def over_ipv6(lesson: Lesson) -> Iterator[str]:
    """While the block lasts; the box's own address on that cable, which answers no question about its card."""
    bek, leg = lesson.bek, lesson.bek.pc.switch.interface
    box = lesson.lab.plan.namespace("box")
    addresses = bek.run(*within(box, ["ip", "-br", "address", "show", leg])).stdout.split()
    link_local = next(word.partition("/")[0] for word in addresses if word.startswith("fe80"))
    card = card_of_gate(lesson)
    bek.ip("-6", "address", "replace", f"{ADDRESS}/64", "dev", "eth0", "nodad")
    bek.ip("-6", "neigh", "replace", link_local, "lladdr", card, "dev", "eth0", "nud", "permanent")
    bek.ip("-6", "route", "replace", "default", "via", link_local, "dev", "eth0")
    try:
        yield link_local
    finally:
        bek.ip("-6", "address", "flush", "dev", "eth0", "scope", "global")
