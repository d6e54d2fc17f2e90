"""Probes, RFC 8908 and the proxy's address: what systems are told, and that nobody is told more than is so."""

import json
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector, web
from aiohttp.test_utils import TestClient, TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from darbaza.agent.captive import API_TYPE, Captive, Stay, pac, stay_of, tls
from darbaza.agent.refusals import Refusals
from darbaza.agent.situation import Situation
from darbaza.agent.why import WhyServer
from darbaza.engines.squid.probes import PROBES, patterns, probe_of
from darbaza.policy.request import Attribution
from darbaza.snapshot.presence import Binding, Presence, askers
from tests.snapshot.strategies import MONDAY, lesson, lively, school, seated

SECRET = "secret-between-squid-and-us"
SIGN_IN = "http://darbaza/kirish/"
AT = MONDAY + timedelta(minutes=10)
SIGNED_IN, FREE_PC, STAFF_PC, STRANGER = "127.0.1.1", "127.0.1.2", "127.0.3.1", "127.0.9.9"
AIDA = Binding(device=STAFF_PC, person="aida", category="teachers", attribution=Attribution.STAFF, since=MONDAY)

WINDOWS = "http://www.msftconnecttest.com/connecttest.txt"
ANDROID = "http://connectivitycheck.gstatic.com/generate_204"
APPLE = "http://captive.apple.com/hotspot-detect.html"


def stands(presence: Presence | None) -> Situation:
    return Situation(school(), presence, None, askers(school(), presence))


@pytest.fixture
def situation() -> Situation:
    return stands(replace(lively(), bindings=(seated(), AIDA)))


def captive(situation: Situation, *proxies: str) -> Captive:
    return Captive(situation, SECRET, SIGN_IN, proxies, lambda: AT)


@pytest.fixture
async def client(situation: Situation, tmp_path: Path) -> AsyncIterator[TestClient]:
    """The why server with the captive answers beside it, as Squid reaches it."""
    application = WhyServer(Refusals(tmp_path), situation, SECRET, lambda: AT).application()
    captive(situation, "10.1.0.1:3128").join(application)
    async with TestClient(TestServer(application)) as client:
        yield client


async def ask(client: TestClient, url: str, device: str, method: str = "GET", secret: str = SECRET):
    """A request as Squid sends it on: the host in its header, the device beside it."""
    host, _, path = url.removeprefix("http://").partition("/")
    headers = {"Host": host, "X-Darbaza-Device": device, "X-Darbaza-Peer": secret}
    return await client.request(method, "/" + path, headers=headers, allow_redirects=False)


EVERY = [(f"http://{host}{probe.path}", probe) for host, probes in PROBES.items() for probe in probes]


@pytest.mark.parametrize("url", [url for url, _ in EVERY])
@pytest.mark.parametrize("device", [FREE_PC, STRANGER])
async def test_whoever_must_sign_in_is_led_to_the_page(client: TestClient, url: str, device: str) -> None:
    answer = await ask(client, url, device)
    assert (answer.status, answer.headers["Location"]) == (302, SIGN_IN)
    assert "no-store" in answer.headers["Cache-Control"]
    assert SIGN_IN in await answer.text()


@pytest.mark.parametrize(("url", "probe"), [(url, probe) for url, probe in EVERY if probe.status != 302])
async def test_whoever_has_signed_in_gets_the_answer_the_maker_expects(client: TestClient, url: str, probe) -> None:
    answer = await ask(client, url, SIGNED_IN)
    assert (answer.status, await answer.text()) == (probe.status, probe.body)


@pytest.mark.parametrize(
    ("url", "status", "body"),
    [
        (WINDOWS, 200, b"Microsoft Connect Test"),
        ("http://www.msftncsi.com/ncsi.txt", 200, b"Microsoft NCSI"),
        (ANDROID, 204, b""),
        ("http://clients3.google.com/generate_204", 204, b""),
        ("http://www.google.com/gen_204", 204, b""),
        (APPLE, 200, b"<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"),
        ("http://detectportal.firefox.com/success.txt?ipv4", 200, b"success\n"),
        (
            "http://detectportal.firefox.com/canonical.html",
            200,
            b'<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
        ),
        ("http://nmcheck.gnome.org/check_network_status.txt", 200, b"NetworkManager is online\n"),
    ],
)
async def test_the_answers_are_the_makers_to_the_byte(client: TestClient, url: str, status: int, body: bytes) -> None:
    answer = await ask(client, url, SIGNED_IN)
    assert (answer.status, await answer.read()) == (status, body)


async def test_windows_own_link_leads_to_the_sign_in_page_for_everybody(client: TestClient) -> None:
    for device in (SIGNED_IN, FREE_PC):
        answer = await ask(client, "http://www.msftconnecttest.com/redirect", device)
        assert answer.headers["Location"] == SIGN_IN


async def test_what_only_looks_like_a_probe_is_no_probe(client: TestClient) -> None:
    assert (await ask(client, "http://www.google.com/", SIGNED_IN)).status == 200
    assert (await ask(client, "http://www.google.com/search", SIGNED_IN)).status == 404
    assert (await ask(client, ANDROID, SIGNED_IN, method="POST")).status == 405
    assert (await ask(client, "http://CONNECTIVITYCHECK.gstatic.com./generate_204", SIGNED_IN)).status == 204
    assert (await ask(client, ANDROID, SIGNED_IN, method="HEAD")).status == 204


async def test_a_device_cannot_say_that_it_is_another(client: TestClient) -> None:
    assert (await ask(client, ANDROID, SIGNED_IN, secret="guessed")).status == 302


async def test_the_api_tells_a_student_the_time_to_the_bell(client: TestClient) -> None:
    answer = await ask(client, "http://why/captive", SIGNED_IN)
    assert answer.content_type == API_TYPE
    assert "no-store" in answer.headers["Cache-Control"]
    assert json.loads(await answer.text()) == {
        "captive": False,
        "user-portal-url": SIGN_IN,
        "venue-info-url": "http://why/",
        "can-extend-session": False,
        "seconds-remaining": 35 * 60,
    }


async def test_the_api_tells_a_free_device_to_sign_in(client: TestClient) -> None:
    told = json.loads(await (await ask(client, "http://why/captive", FREE_PC)).text())
    assert told["captive"] is True
    assert "seconds-remaining" not in told


async def test_an_adult_has_no_bell(client: TestClient) -> None:
    told = json.loads(await (await ask(client, "http://why/captive", STAFF_PC)).text())
    assert (told["captive"], "seconds-remaining" in told) == (False, False)


def stay(presence: Presence | None, device: str = SIGNED_IN, at: datetime = AT) -> Stay:
    return stay_of(stands(presence).asker(device), school(), at)


def test_the_stay_ends_with_the_bell_with_the_supervisor_and_with_the_sign_out() -> None:
    assert stay(lively()) == Stay(is_captive=False, until=lesson().ends)
    assert stay(lively(), at=lesson().ends).is_captive
    assert stay(replace(lively(), sessions=(lesson(lease_until=AT),))).is_captive
    assert stay(replace(lively(), bindings=())).is_captive
    assert stay(None).is_captive
    assert stay_of(stands(lively()).asker(SIGNED_IN), None, AT).is_captive


def test_a_paused_student_need_not_sign_in_again() -> None:
    paused = replace(lively(), sessions=(lesson(paused=frozenset({"bek"})),))
    assert not stay(paused).is_captive


async def test_browsers_are_told_the_proxy_and_never_a_way_around_it(client: TestClient) -> None:
    for path in ("wpad.dat", "proxy.pac"):
        answer = await ask(client, f"http://why/{path}", FREE_PC)
        assert answer.content_type == "application/x-ns-proxy-autoconfig"
        assert await answer.text() == 'function FindProxyForURL(url, host) {\n  return "PROXY 10.1.0.1:3128";\n}\n'
    assert "DIRECT" not in pac(("10.1.0.1:3128", "10.2.0.1:3128"))


async def test_without_a_proxy_there_is_no_file(situation: Situation) -> None:
    async with TestClient(TestServer(captive(situation).application())) as client:
        assert (await client.get("/wpad.dat")).status == 404


async def test_devices_that_come_straight_to_the_box_are_led_to_the_page(situation: Situation) -> None:
    async with TestClient(TestServer(captive(situation).application())) as client:
        answer = await client.get("/anything?at=all", allow_redirects=False)
        assert answer.headers["Location"] == SIGN_IN


def certificate(folder: Path) -> Path:
    """A certificate for `gate.mektep.test`, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gate.mektep.test")])
    now = datetime.now(UTC)  # noqa: TID251 - a certificate is valid by the machine's own clock
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("gate.mektep.test")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "gate.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


async def test_the_api_is_served_under_tls_as_the_rfc_wants_it(situation: Situation, tmp_path: Path) -> None:
    path = certificate(tmp_path)
    runner = web.AppRunner(captive(situation).application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls(path, None))
    await site.start()
    port = runner.addresses[0][1]
    trust = ssl.create_default_context(cafile=str(path))
    async with ClientSession(connector=TCPConnector(ssl=trust)) as session:
        answer = await session.get(f"https://127.0.0.1:{port}/captive", server_hostname="gate.mektep.test")
        assert json.loads(await answer.text())["captive"] is True
    await runner.cleanup()


def test_squid_is_told_exactly_the_probes() -> None:
    asked = re.compile("|".join(patterns()))
    for url, _probe in EVERY:
        assert asked.search(url)
        assert asked.search(url + "?1234")
        host, _, path = url.removeprefix("http://").partition("/")
        assert probe_of(host, "/" + path)
    for other in (
        "http://www.google.com/",
        "http://www.google.com/gen_204/x",
        "http://www.google.com.evil.test/gen_204",
        "http://evil.test/?http://www.google.com/gen_204",
        "http://wwwxgoogle.com/gen_204",
        "http://www.google.com:8080/gen_204",
        "https://www.google.com/gen_204",
        "http://captive.apple.com/gen_204",
    ):
        assert not asked.search(other)
