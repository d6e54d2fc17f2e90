"""The lab as a visitor finds it: a lesson under way, students signed in, and words on what to try."""

import json
import os
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from darbaza.demo import cast
from darbaza.lab.people import PeopleError
from darbaza.lab.plan import Pc
from darbaza.lab.running import Running

SEATED = 8
"""Students' PCs of room 1 at which somebody has signed in; the others wait for a visitor."""


def settle(running: Running) -> list[str]:
    """Open the lesson of room 1 and sign its students in; at which PCs somebody sits."""
    teacher = running.teacher(1, running.machine("staff-01"))
    teacher.sign_in()
    teacher.start()
    seated = []
    for number in range(SEATED):
        machine = running.machine(f"room1-{number + 1:02d}")
        try:
            running.students.seat(machine, number)
        except PeopleError:
            continue
        seated.append(machine.pc.name)
    return seated


def greeting(running: Running, seated: Sequence[str]) -> str:
    """What there is and what to try."""
    kept = json.loads(running.places.secrets.read_text(encoding="utf-8"))
    students = "\n".join(
        f"    {name}: {kept['students'][name][-1]['name']}, PIN {kept['students'][name][-1]['pin']}"
        for name in (*cast.ROOM_CLASSES[1], *cast.ROOM_CLASSES[2])
    )
    passwords = kept["passwords"]
    people = "\n".join(
        f"    {adult.username:<10} {passwords[adult.username]}   room {room}"
        for room, adult in ((1, cast.LIVE_TEACHER), (2, cast.FREE_TEACHER))
    )
    signed_in = f"{seated[0]} to {seated[-1]} have signed in" if seated else "nobody has signed in"
    return f"""
The lab `{running.plan.run}` runs. Ctrl-C takes all of it away. In another shell:

    script/lab shell room1-01              curl http://bad.test/, dig bad.test @8.8.8.8, ip link …
    script/lab chromium room1-01 http://good.test/
    script/lab status                      what has reached the internet: nothing may reach anything but good

Room 1 has its lesson, {signed_in}; room 2 has none. good.test is allowed, bad.test is not.
Teachers, with passwords (at http://darbaza/ from staff-02):
{people}
Students (at http://darbaza/kirish/ from a PC at which nobody has signed in):
{students}
"""


def chromium_command(running: Running, pc: Pc, rest: Sequence[str]) -> list[str]:
    """Chromium on a PC: a window where there is a display, else a picture of the page in the lab's folder."""
    url = rest[0] if rest else "http://darbaza/kirish/"
    switches = [
        "--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", f"--ignore-certificate-errors-spki-list={pin(running)}",
        f"--user-data-dir={running.places.var / 'chromium' / pc.name}",
    ]  # fmt: skip
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        picture = running.places.var / f"{pc.name}.png"
        switches += ["--headless=new", "--window-size=1024,768", f"--screenshot={picture}", "--hide-scrollbars"]
    return ["chromium", *switches, *rest[1:], url]


def pin(running: Running) -> str:
    """The fingerprint of the sites' own key."""
    certificate = x509.load_pem_x509_certificate((running.places.internet / "sites.pem").read_bytes())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(sha256(key).digest()).decode()
