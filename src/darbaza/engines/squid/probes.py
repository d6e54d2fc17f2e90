"""The addresses by which systems and browsers ask whether they are on the internet.

Each expects one exact answer; anything else, best a redirect, makes the system show the sign-in page by itself. Squid
hands these requests to the box's own server (`darbaza.agent.captive`), which answers them from what it knows: none of
them leaves the school, none counts as an attempt of a student, none is logged. Only plain HTTP, for under TLS nobody
but the maker can answer; systems that ask both ways take ours for "limited", and work.

The bodies are those the makers document or ship; a line end counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

NO_CONTENT, FOUND = 204, 302

APPLE = "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
FIREFOX = '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>'
NETWORK_MANAGER = "NetworkManager is online\n"


@dataclass(frozen=True, slots=True)
class Probe:
    """One question: the path, and what an open internet answers; 302 leads to the sign-in page in any case."""

    path: str
    status: int = 200
    body: str = ""
    kind: str = "text/plain"
    headers: tuple[tuple[str, str], ...] = ()


GENERATE = (Probe("/generate_204", NO_CONTENT), Probe("/gen_204", NO_CONTENT))
ONLINE = Probe("/", NO_CONTENT, headers=(("X-NetworkManager-Status", "online"),))

PROBES: dict[str, tuple[Probe, ...]] = {
    # Windows 10 and 11; older ones ask msftncsi. `/redirect` is what Windows opens to show the sign-in page.
    "www.msftconnecttest.com": (
        Probe("/connecttest.txt", body="Microsoft Connect Test"),
        Probe("/ncsi.txt", body="Microsoft NCSI"),
        Probe("/redirect", FOUND),
    ),
    "www.msftncsi.com": (Probe("/ncsi.txt", body="Microsoft NCSI"), Probe("/redirect", FOUND)),
    "edge-http.microsoft.com": (Probe("/captiveportal/generate_204", NO_CONTENT),),
    # Android, ChromeOS and Chromium, and makers that ask elsewhere.
    "connectivitycheck.gstatic.com": GENERATE,
    "connectivitycheck.android.com": GENERATE,
    "clients1.google.com": GENERATE,
    "clients3.google.com": GENERATE,
    "clients4.google.com": GENERATE,
    "play.googleapis.com": GENERATE,
    "www.google.com": GENERATE,
    "www.gstatic.com": GENERATE,
    "connect.rom.miui.com": GENERATE,
    "connectivitycheck.platform.hicloud.com": GENERATE,
    "conn1.coloros.com": GENERATE,
    "conn1.oppomobile.com": GENERATE,
    "wifi.vivo.com.cn": GENERATE,
    # iPhones, iPads and Macs.
    "captive.apple.com": (
        Probe("/hotspot-detect.html", body=APPLE, kind="text/html"),
        Probe("/", body=APPLE, kind="text/html"),
    ),
    "www.apple.com": (Probe("/library/test/success.html", body=APPLE, kind="text/html"),),
    # Firefox.
    "detectportal.firefox.com": (
        Probe("/canonical.html", body=FIREFOX, kind="text/html"),
        Probe("/success.txt", body="success\n"),
    ),
    # NetworkManager and KDE on Linux.
    "connectivity-check.ubuntu.com": (ONLINE,),
    "network-test.debian.org": (Probe("/nm", body=NETWORK_MANAGER),),
    "nmcheck.gnome.org": (Probe("/check_network_status.txt", body=NETWORK_MANAGER),),
    "ping.archlinux.org": (Probe("/nm-check.txt", body=NETWORK_MANAGER),),
    "fedoraproject.org": (Probe("/static/hotspot.txt", body="OK"),),
    "networkcheck.kde.org": (Probe("/", body="OK\n"),),
}


def probe_of(host: str, path: str) -> Probe | None:
    """The probe that a request is, or None."""
    asked = PROBES.get(host.lower().rstrip("."), ())
    return next((probe for probe in asked if probe.path == path), None)


def patterns() -> list[str]:
    """All probes for Squid's `url_regex`, one a host: exactly these addresses, with or without a question."""
    return [rf"^http://{_escaped(host)}{_paths(probes)}(\?.*)?$" for host, probes in sorted(PROBES.items())]


def _paths(probes: Iterable[Probe]) -> str:
    return f"({'|'.join(_escaped(probe.path) for probe in probes)})"


def _escaped(text: str) -> str:
    """Hosts and paths of ours hold nothing else that an expression takes for a sign."""
    return text.replace(".", r"\.")
