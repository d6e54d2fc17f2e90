"""Whose tries are counted together: nobody writes an address for themselves, and nobody shuts the door to others."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory

from darbaza.portal import settings as portal_settings
from darbaza.portal.addresses import asker_of
from tests.people import Cast

SECRET = "a secret of this machine's own"
PASSWORD = "жашыл-дарбаза-7"


def asker(source: str, passed_on: str = "", **headers: str) -> str:
    """Who a request comes from, by its source and headers."""
    given = headers | ({"X-Forwarded-For": passed_on} if passed_on else {})
    return asker_of(RequestFactory().get("/", REMOTE_ADDR=source, headers=given))


@pytest.fixture
def behind(settings: Any) -> None:
    """A web server on this machine, and one in front of that."""
    settings.WEB_SERVERS = (ip_network("127.0.0.1"), ip_network("10.7.0.0/24"), ip_network("2001:db8:7::/64"))


@pytest.fixture
def own_proxy(settings: Any, tmp_path: Path) -> None:
    """This machine's own proxy has a secret."""
    (tmp_path / "peer.secret").write_text(SECRET)
    settings.PEER_SECRET_FILE = str(tmp_path / "peer.secret")


def test_without_a_web_server_in_the_settings_no_header_counts() -> None:
    assert asker("127.0.0.1", "203.0.113.5") == "127.0.0.1"
    assert asker("203.0.113.9", "203.0.113.5") == "203.0.113.9"
    assert asker("127.0.0.1", **{"X-Real-IP": "203.0.113.5", "Forwarded": "for=203.0.113.5"}) == "127.0.0.1"


@pytest.mark.usefixtures("behind")
@pytest.mark.parametrize(
    ("source", "passed_on", "counted"),
    [
        ("127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "198.51.100.1,203.0.113.5, 10.7.0.4", "203.0.113.5"),
        ("::ffff:127.0.0.1", "::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:7::1", "203.0.113.5", "203.0.113.5"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.5, nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.5:4711", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.5, ", "127.0.0.1"),
        ("127.0.0.1", "10.7.0.3, 127.0.0.1", "127.0.0.1"),
        ("", "203.0.113.5", ""),
    ],
)
def test_of_what_web_servers_pass_on_only_what_they_wrote_counts(source: str, passed_on: str, counted: str) -> None:
    assert asker(source, passed_on) == counted


@pytest.mark.usefixtures("behind")
def test_a_line_with_addresses_to_spare_has_no_more_tries_for_them() -> None:
    hosts = ("2001:db8:1:2::a", "2001:db8:1:2:ffff::b", "2001:db8:1:3::a")
    one, other, neighbour = (asker("127.0.0.1", host) for host in hosts)
    assert one == other == "2001:db8:1:2::"
    assert neighbour != one
    assert asker("fe80::1%eth0") == "fe80::"


@pytest.mark.usefixtures("behind", "own_proxy")
def test_this_machines_own_proxy_vouches_for_the_device_whatever_the_device_wrote() -> None:
    vouched = {"X-Darbaza-Device": "10.0.0.7", "X-Darbaza-Peer": SECRET}
    assert asker("127.0.0.1", "203.0.113.5", **vouched) == "10.0.0.7"
    assert asker("10.0.0.9", **vouched) == "10.0.0.9", "from this machine only"
    assert asker("127.0.0.1", **vouched | {"X-Darbaza-Peer": "another secret altogether"}) == "127.0.0.1"


@pytest.mark.usefixtures("behind")
def test_one_who_guesses_links_shuts_the_door_to_nobody_else(db: None) -> None:
    def answers(address: str, path: str = "/makulduk/x/") -> int:
        """As the web server passes it on; what the guesser writes stands before it."""
        headers = {"X-Forwarded-For": f"198.51.100.{len(path)}, {address}"}
        return Client().get(path, headers=headers).status_code

    assert [answers("203.0.113.5", f"/makulduk/{'x' * number}/") for number in range(1, 22)] == [404] * 20 + [429]
    assert answers("203.0.113.6") == 404


@pytest.mark.usefixtures("own_proxy")
def test_a_student_who_fails_to_sign_in_keeps_no_teacher_out(cast: Cast) -> None:
    cache.clear()
    assert cast.aida.user is not None
    cast.aida.user.set_password(PASSWORD)
    cast.aida.user.save()

    def signs_in(device: str, login: str, password: str) -> int:
        vouched = {"X-Darbaza-Device": device, "X-Darbaza-Peer": SECRET}
        return Client().post("/accounts/login/", {"login": login, "password": password}, headers=vouched).status_code

    for number in range(10):
        signs_in("10.0.0.7", f"nobody{number}", "guess")
    assert signs_in("10.0.0.7", cast.aida.user.username, PASSWORD) == 200, "this one has to wait"
    assert signs_in("10.0.0.8", cast.aida.user.username, PASSWORD) == 302
    cache.clear()


@pytest.mark.parametrize(
    ("value", "told"), [("nginx", "`nginx`"), ("127.0.0.1,0.0.0.0/0", "everybody"), ("::/0", "everybody")]
)
def test_a_web_server_that_is_no_address_or_everybody_stops_the_portal(
    monkeypatch: pytest.MonkeyPatch, value: str, told: str
) -> None:
    monkeypatch.setenv("DARBAZA_WEB_SERVERS", value)
    with pytest.raises(ImproperlyConfigured, match=told):
        portal_settings.web_servers()
