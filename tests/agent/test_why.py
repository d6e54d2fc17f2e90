"""Why?: a device sees its own refusals, in its reader's language, on a page without scripts."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from darbaza.agent import page
from darbaza.agent.refusals import Refusals, normal_reference
from darbaza.agent.situation import Situation
from darbaza.agent.why import WhyServer, canonical, chosen_language
from darbaza.policy import verdict as v
from darbaza.policy.decide import NO_LESSON
from darbaza.policy.request import Asker
from darbaza.policy.verdict import Allow, Ask, Deny, Ground, GroundKind, Message, Rank, Verdict
from darbaza.snapshot.presence import askers
from darbaza.snapshot.spool import SpoolWriter, format_what, format_who, reference
from darbaza.snapshot.wording import LANGUAGES
from tests.snapshot.strategies import MONDAY, lively, school

SECRET = "secret-between-squid-and-us"
AT = MONDAY + timedelta(minutes=10)
GAMBLING = Deny(
    "3.3",
    Ground(GroundKind.LIST, "ut1/gambling", "", "kumar.test"),
    Rank.STATUTORY,
    Message.STATUTORY_CATEGORY,
    "gambling",
)
HTML = {"Accept": "text/html,application/xhtml+xml"}


class Stands(Situation):
    """A situation whose verdicts are given."""

    given: Verdict | None = None

    def verdict(self, *_asked: object) -> Verdict | None:
        return self.given


@pytest.fixture
def spool(tmp_path: Path):
    writer = SpoolWriter(tmp_path, 1_788_753_600_000)
    yield writer
    writer.close()


@pytest.fixture
def situation() -> Stands:
    return Stands(school(), lively(), None, askers(school(), lively()))


@pytest.fixture
async def client(spool: SpoolWriter, situation: Stands) -> AsyncIterator[TestClient]:
    server = WhyServer(Refusals(spool.directory), situation, SECRET, lambda: AT)
    async with TestClient(TestServer(server.application())) as client:
        yield client


def refuse(spool: SpoolWriter, device: str, verdict: Verdict, host: str = "kumar.test") -> str:
    """Write a refusal as the helper does; its reference."""
    at_us = int(AT.timestamp() * 1_000_000)
    n = spool.add(
        at_us, format_who(Asker(device, "students", "r1", "bek")), "GET", host, 80, format_what(verdict, 7, 1)
    )
    spool.flush()
    return reference(spool.file, n)


def from_device(address: str, secret: str = SECRET) -> dict[str, str]:
    """The headers that Squid adds."""
    return {"X-Darbaza-Device": address, "X-Darbaza-Peer": secret}


async def told(client: TestClient, path: str = "/", device: str = "127.0.1.1", **headers: str) -> dict[str, str]:
    answer = await client.get(path, headers={**from_device(device), "Accept": "application/json", **headers})
    return json.loads(await answer.text())


async def test_a_device_is_told_its_last_refusal_with_clause_ground_and_category(
    client: TestClient, spool: SpoolWriter
) -> None:
    refuse(spool, "127.0.1.1", NO_LESSON)
    mark = refuse(spool, "127.0.1.1", GAMBLING)
    said = await told(client, "/?lang=en")
    assert said["clause"] == "3.3"
    assert said["sentence"].startswith("This resource belongs to a category")
    assert said["ground"] == "list of resources «ut1/gambling»: kumar.test"
    assert said["category"] == "gambling"
    assert said["decides"] == "nobody"
    assert said["when"] == "07.09.2026 10:10:00"
    assert said["reference"] == mark
    assert "pornography" in said["clause_text"]


async def test_the_page_that_was_opened_is_one_press_away_from_what_the_browser_asked_for_by_itself(
    client: TestClient, spool: SpoolWriter
) -> None:
    opened = refuse(spool, "127.0.1.1", GAMBLING)
    refuse(spool, "127.0.1.2", GAMBLING, "koshuna.test")
    for _ in range(2):
        refuse(spool, "127.0.1.1", NO_LESSON, "fon.test")
    answer = await client.get("/?lang=ky", headers={**from_device("127.0.1.1"), **HTML})
    shown = await answer.text()
    assert f'<a href="/{opened}?lang=ky">kumar.test</a>' in shown
    assert ">fon.test</a>" not in shown, "it is what the page is about"
    assert "koshuna.test" not in shown, "another computer's"
    answer = await client.get("/?lang=en", headers={**from_device("127.0.1.1"), "Accept": "text/plain"})
    assert f"kumar.test http://why/{opened}" in await answer.text()
    answer = await client.get(f"/{opened}", headers={**from_device("127.0.1.1"), **HTML})
    assert "fon.test" not in await answer.text()


DECIDED = Deny("2.6", Ground(GroundKind.DECISION, "2026-14", "2026-09-01"), Rank.RULING, Message.RULED_DENIED, "games")


async def test_a_refusal_by_decision_leads_to_the_decision(client: TestClient, spool: SpoolWriter) -> None:
    refuse(spool, "127.0.1.1", DECIDED)
    assert (await told(client))["decision_page"] == "http://darbaza/text/decision/2026-14"
    answer = await client.get("/?lang=ru", headers={**from_device("127.0.1.1"), **HTML})
    assert '<a href="http://darbaza/text/decision/2026-14">Прочитать решение № 2026-14</a>' in await answer.text()
    answer = await client.get("/?lang=en", headers={**from_device("127.0.1.1"), "Accept": "text/plain"})
    assert "Read decision № 2026-14: http://darbaza/text/decision/2026-14" in await answer.text()


async def test_a_ground_that_is_no_decision_leads_nowhere(client: TestClient, spool: SpoolWriter) -> None:
    for verdict in (GAMBLING, replace(DECIDED, ground=Ground(GroundKind.DECISION, "../x", ""))):
        refuse(spool, "127.0.1.1", verdict)
        assert (await told(client))["decision_page"] == ""


async def test_a_reference_names_that_refusal_however_it_is_copied(client: TestClient, spool: SpoolWriter) -> None:
    mark = refuse(spool, "127.0.1.1", GAMBLING)
    refuse(spool, "127.0.1.1", NO_LESSON)
    assert (await told(client, f"/{mark}"))["clause"] == "3.3"
    assert (await told(client, f"/{mark.lower()[:4]}-{mark.lower()[4:]}"))["clause"] == "3.3"
    assert normal_reference("0oiL-abcd") == "0011ABCD"


async def test_a_refusal_leads_to_the_forms_of_the_portal_with_its_host_and_language(
    client: TestClient, spool: SpoolWriter
) -> None:
    refuse(spool, "127.0.1.1", GAMBLING, "kumar.test")
    answer = await client.get("/?lang=ru", headers={**from_device("127.0.1.1"), **HTML})
    assert (await answer.text()).count('href="http://darbaza/bildir/?lang=ru&amp;resource=kumar.test"') == 2
    state = await client.get("/?lang=en", headers={**from_device("127.0.1.2"), **HTML})
    assert (await state.text()).count('href="http://darbaza/bildir/?lang=en"') == 1


async def test_another_device_s_refusal_is_not_shown(client: TestClient, spool: SpoolWriter) -> None:
    mark = refuse(spool, "127.0.1.2", GAMBLING)
    answer = await client.get(f"/{mark}", headers={**from_device("127.0.1.1"), **HTML})
    assert answer.status == 404
    assert "kumar.test" not in await answer.text()
    assert "kumar.test" not in json.dumps(await told(client))


async def test_a_device_that_nothing_was_refused_to_is_told_how_it_stands(
    client: TestClient, situation: Stands
) -> None:
    said = await told(client, "/?lang=en")
    assert "A lesson is open until 10:45." in said["sentence"]
    assert "signed in" in said["sentence"]
    assert "aida" not in json.dumps(said)
    assert (await told(client, "/?lang=en", "127.0.1.2"))["clause"] == "2.9"
    assert (await told(client, "/?lang=en", "10.1.1.1"))["sentence"].startswith("No lesson is open")
    situation.rulebook = None
    assert "no rules yet" in (await told(client, "/?lang=en"))["sentence"]


async def test_the_device_header_counts_only_with_the_secret(client: TestClient, spool: SpoolWriter) -> None:
    refuse(spool, "127.0.1.1", GAMBLING)
    for headers in (from_device("127.0.1.1", "wrong"), {"X-Darbaza-Device": "127.0.1.1"}):
        answer = await client.get("/", headers={**headers, "Accept": "text/plain"})
        assert "kumar.test" not in await answer.text()


async def test_what_is_open_by_now_is_said_to_be(client: TestClient, spool: SpoolWriter, situation: Stands) -> None:
    refuse(spool, "127.0.1.1", NO_LESSON, "kitep.test")
    situation.given = NO_LESSON
    assert (await told(client))["retry"] == ""
    situation.given = Allow("2.6", v.REGULATION, Rank.RULING, Message.RULED_ALLOWED)
    assert (await told(client))["retry"] != ""


async def test_a_refusal_that_ends_by_itself_is_looked_at_again_until_it_has(
    client: TestClient, spool: SpoolWriter, situation: Stands
) -> None:
    situation.given = Deny("2.9", v.REGULATION, Rank.SUPERVISION, Message.SUPERVISOR_AWAY)
    refuse(spool, "127.0.1.1", situation.given, "kitep.test")
    assert (await client.get("/", headers=from_device("127.0.1.1") | HTML)).headers["Refresh"] == "5"
    situation.given = Allow("2.6", v.REGULATION, Rank.RULING, Message.RULED_ALLOWED)
    assert "Refresh" not in (await client.get("/", headers=from_device("127.0.1.1") | HTML)).headers
    refuse(spool, "127.0.1.1", GAMBLING)
    assert "Refresh" not in (await client.get("/", headers=from_device("127.0.1.1") | HTML)).headers


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_is_small_script_free_and_in_the_reader_s_language(
    client: TestClient, spool: SpoolWriter, language: str
) -> None:
    refuse(spool, "127.0.1.1", GAMBLING)
    answer = await client.get(
        "/", headers={**from_device("127.0.1.1"), **HTML, "Accept-Language": f"de,{language};q=0.5"}
    )
    text = await answer.text()
    assert f'<html lang="{language}">' in text
    assert len(text.encode()) < 15_000
    assert not re.search(r"<script|\son\w+=|javascript:|style=|@import|url\(", text)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "Server" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


async def test_markup_in_a_host_stays_text(client: TestClient, spool: SpoolWriter) -> None:
    refuse(spool, "127.0.1.1", GAMBLING, "<script>alert(1)</script>.test")
    answer = await client.get("/?lang=%22%3E%3Cb%3E", headers={**from_device("127.0.1.1"), **HTML})
    text = await answer.text()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert '"><b>' not in text
    odd = await client.get("/%22%3E%3Cb%3Ebold", headers={**from_device("127.0.1.1"), **HTML})
    assert '"><b>bold' not in await odd.text()


async def test_plain_text_is_for_the_terminal(client: TestClient, spool: SpoolWriter) -> None:
    refuse(spool, "127.0.1.1", Ask("3.2", v.REGULATION, Rank.PERMIT, Message.NEEDS_PERMIT, "webmail"), "poshta.test")
    answer = await client.get("/?lang=ru", headers={**from_device("127.0.1.1"), "Accept": "*/*"})
    assert answer.content_type == "text/plain"
    assert "Пункт положения: 3.2" in await answer.text()


async def test_where_a_permission_helps_the_page_leads_to_asking_for_it(client: TestClient, spool: SpoolWriter) -> None:
    refuse(spool, "127.0.1.1", Ask("3.2", v.REGULATION, Rank.PERMIT, Message.NEEDS_PERMIT, "webmail"), "poshta.test")
    needed = await client.get("/?lang=en", headers={**from_device("127.0.1.1"), **HTML})
    assert 'href="http://darbaza/kirish/uruksat?host=poshta.test"' in await needed.text()
    refuse(spool, "127.0.1.1", GAMBLING, "kumar.test")
    closed = await client.get("/?lang=en", headers={**from_device("127.0.1.1"), **HTML})
    assert "/kirish/uruksat" not in await closed.text()


async def test_only_looking_is_possible(client: TestClient) -> None:
    assert (await client.post("/", headers=from_device("127.0.1.1"))).status == 405
    assert (await client.get("/a/b", headers=from_device("127.0.1.1"))).status == 404


@pytest.mark.parametrize(
    ("asked", "header", "language"),
    [
        ("ru", "en", "ru"),
        ("", "ky-KG,ky;q=0.9,ru;q=0.8", "ky"),
        ("", "en;q=0.3, ru-RU;q=0.7", "ru"),
        ("", "de-DE, fr;q=0.9", "ky"),
        ("", "en;q=0, *", "ky"),
        ("xx", "", "ky"),
        ("", ";;;q=,,\x00" * 100, "ky"),
    ],
)
def test_the_language_asked_for_comes_before_the_browser_s(asked: str, header: str, language: str) -> None:
    assert chosen_language(asked, header) == language


@pytest.mark.parametrize(
    ("text", "address"), [("::ffff:10.1.1.1", "10.1.1.1"), (" 10.1.1.1 ", "10.1.1.1"), ("x", ""), ("10.1.1.01", "")]
)
def test_addresses_are_compared_in_one_form(text: str, address: str) -> None:
    assert canonical(text) == address


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` or `#rgb` (WCAG 2.2)."""
    digits = colour.lstrip("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("#1b2330", "#f4f6f9"),
        ("#1b2330", "#fff"),
        ("#1b2330", "#e6f0ff"),
        ("#49566b", "#f4f6f9"),
        ("#0b4aa2", "#f4f6f9"),
        ("#0b4aa2", "#fff"),
        ("#e8ecf3", "#151a22"),
        ("#e8ecf3", "#1c2a41"),
        ("#b3bfd1", "#151a22"),
        ("#9cc4ff", "#1f2733"),
    ],
)
def test_every_text_on_the_page_has_contrast_enough_to_read(ink: str, paper: str) -> None:
    assert ink in page.STYLE
    assert paper in page.STYLE
    lighter, darker = sorted((luminance(ink), luminance(paper)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_old_refusals_make_room_for_new_ones(tmp_path: Path, spool: SpoolWriter) -> None:
    refusals = Refusals(tmp_path)
    marks = [refuse(spool, "127.0.1.1", GAMBLING) for _ in range(60)]
    refusals.catch_up()
    assert refusals.find("127.0.1.1", marks[0]) is None
    assert refusals.find("127.0.1.1", marks[-1]) is not None


def test_after_a_restart_the_last_refusals_are_read_from_the_spool_s_tail(
    tmp_path: Path, spool: SpoolWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("darbaza.agent.refusals.TAIL_BYTES", 500)
    marks = [refuse(spool, "127.0.1.1", GAMBLING) for _ in range(30)]
    refusals = Refusals(tmp_path)
    refusals.catch_up()
    assert refusals.find("127.0.1.1", marks[-1]) is not None
    assert refusals.find("127.0.1.1", marks[0]) is None
    (tmp_path / spool.file).unlink()
    refusals.catch_up()
    assert refusals.find("127.0.1.1", marks[-1]) is not None


async def by_name(client: TestClient, host: str, path: str = "/", **headers: str) -> tuple[int, str]:
    """What DNS led here: a request with somebody else's name."""
    answer = await client.get(path, headers={**from_device("127.0.1.1"), "Host": host, **HTML, **headers})
    return answer.status, await answer.text()


async def test_who_was_led_here_by_a_closed_name_is_told_why_whatever_the_path(
    client: TestClient, spool: SpoolWriter
) -> None:
    mark = refuse(spool, "127.0.1.1", GAMBLING)
    refuse(spool, "127.0.1.1", NO_LESSON, "other.test")
    for host, path in (("kumar.test", "/"), ("KUMAR.test.", "/a/b/c?d=e"), ("kumar.test:80", "/captive")):
        status, said = await by_name(client, host, path, **{"Accept-Language": "ru"})
        assert status == 403
        assert "kumar.test" in said
        assert mark in said
        assert f'href="http://why/{mark}?lang=ky"' in said


async def test_a_closed_name_that_is_in_no_log_yet_is_judged_anew(client: TestClient, situation: Stands) -> None:
    situation.given = GAMBLING
    status, said = await by_name(client, "kumar.test")
    assert status == 403
    assert "3.3" in said
    assert 'href="http://why/?lang=ru"' in said


async def test_another_devices_refusal_is_not_shown_under_its_name(client: TestClient, spool: SpoolWriter) -> None:
    mark = refuse(spool, "127.0.1.9", GAMBLING)
    _, said = await by_name(client, "kumar.test")
    assert mark not in said


@pytest.mark.parametrize("accept", ["image/avif,image/webp", "application/json", "text/css"])
async def test_pictures_and_scripts_of_a_closed_name_get_no_page(client: TestClient, accept: str) -> None:
    answer = await client.get("/x", headers={"Host": "kumar.test", "Accept": accept, **from_device("127.0.1.1")})
    assert (answer.status, await answer.text()) == (403, "")
    posted = await client.post("/x", headers={"Host": "kumar.test", **HTML}, data=b"x" * 100)
    assert posted.status == 403


@pytest.mark.parametrize(
    "host", ["why", "why:80", "darbaza", "10.1.0.1", "10.1.0.1:80", "[::1]", "www.msftconnecttest.com"]
)
async def test_our_own_names_and_addresses_are_no_closed_names(client: TestClient, host: str) -> None:
    status, _ = await by_name(client, host)
    assert status == 200
