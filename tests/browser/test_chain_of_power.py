"""From the education authority's wish to what a PC may open, and back: everybody acts under a duty of their own (2.6).

The authority proposes, the chair calls a sitting, a member tries the draft on past traffic, the council votes by name,
the gate obeys, whoever is refused reads why up to the printed minutes, and a later decision ends it all.
"""

import re
import subprocess
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from darbaza.clock import utc_now
from darbaza.portal.school_time import school_day
from tests.browser.axe import barriers
from tests.browser.conftest import SOON, School
from tests.browser.steps import SEATED_PC, seconds_until, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(300)]

OPENED, CLOSED = "oyun.test", "entsiklopediya.test"
"""Games are closed as a category and reference works are open; rulings on the resources go before both."""

PRESENT = {"Мамытова": "for", "Жумабаева": "for", "Байсалова": "abstain"}
"""Three of the council's four members: a quorum. The fourth is absent."""

ABSENT = "Орозов"
BYTES = "url => fetch(url).then(answer => answer.arrayBuffer()).then(all => Array.from(new Uint8Array(all)))"


def propose(authority: Page, school: School, effect: str, host: str) -> str:
    """Put a ruling on a resource before the council; the proposal's number."""
    authority.goto(school.portal("/council/proposals/new"))
    assert barriers(authority) == []
    authority.select_option("[name=subject]", "appointment")
    expect(authority.locator("[name=host]")).to_be_hidden()
    authority.select_option("[name=subject]", "access")
    expect(authority.locator("[name=duty], [name=devices]").first).to_be_hidden()
    authority.select_option("[name=proposer]", "authority")
    authority.fill("[name=from_name]", "Райондук билим берүү бөлүмү")
    authority.fill("[name=text]", f"{host} боюнча сунуш: окуу максатына ылайык каралсын.")
    authority.select_option("[name=user_category]", "students")
    authority.select_option("[name=effect]", effect)
    authority.fill("[name=host]", host)
    authority.locator("main button.btn-lg").click()
    expect(authority.locator("h1")).to_contain_text(re.compile(r"\d{4}-\d+"))
    assert barriers(authority) == []
    return authority.locator("h1").inner_text().split("№")[1].strip()


def call_sitting(chair: Page, school: School, proposals: list[str]) -> str:
    """Call a sitting for today with these proposals; its address."""
    chair.goto(school.portal("/council/sittings/new"))
    assert barriers(chair) == []
    secretary = chair.locator("[name=secretary] option", has_text="Мамытова").get_attribute("value")
    chair.select_option("[name=secretary]", secretary)
    for ref in proposals:
        chair.locator("[name=proposals]").and_(chair.get_by_label(re.compile(rf"{ref}\b"))).check()
    chair.locator("main button.btn-lg").click()
    expect(chair.locator("form[action$='/open']")).to_be_visible()
    assert barriers(chair) == []
    return chair.url


def open_sitting(chair: Page) -> None:
    """Two of four are no quorum, three are; the chair says who has come."""
    chair.get_by_label(re.compile("Мамытова")).check()
    chair.get_by_label(re.compile("Байсалова")).check()
    chair.locator("form[action$='/open'] button").click()
    expect(chair.locator(".note-bad")).to_contain_text("Кворум")
    for surname in PRESENT:
        chair.get_by_label(re.compile(surname)).check()
    chair.locator("form[action$='/open'] button").click()
    expect(chair.locator("form[action*='/items/']")).to_have_count(2)


def replay(member: Page, sitting: str, host: str) -> None:
    """Try an item on the day's traffic; what is found stays with the item."""
    member.goto(sitting)
    member.locator("section", has=member.locator("h2", has_text=host)).locator("a[href*='/whatif/']").click()
    assert barriers(member) == []
    member.select_option("[name=days]", "1")
    member.locator("main form button").click()
    expect(member.locator("table.replay")).to_have_count(2, timeout=6 * SOON)
    expect(member.locator("table.replay tbody tr", has_text=host)).to_have_count(1)
    assert barriers(member) == []


def vote(secretary: Page, host: str) -> None:
    """Record the voices by name on the item of a resource."""
    form = secretary.locator("section", has=secretary.locator("h2", has_text=host)).locator("form")
    form.locator("[name$=discussion]").fill("Сынап көрүүнүн жыйынтыгы талкууланды.")
    form.locator("[name$=resolution]").fill(f"{host} боюнча сунуш кабыл алынсын.")
    form.locator("[name$=review_date]").fill((school_day(utc_now()) + timedelta(days=90)).isoformat())
    form.locator("details summary").click()
    for surname, voice in PRESENT.items():
        form.get_by_label(re.compile(surname)).select_option(voice)
    form.locator("button.btn-primary").click()
    expect(secretary.locator("section", has=secretary.locator("h2", has_text=host)).locator("form")).to_have_count(0)


def text_of_print(page: Page, within: str) -> str:
    """The text of the PDF behind the button that prints in Kyrgyz, got as the page itself gets it."""
    record = page.url
    with page.expect_request(re.compile(r"/papers/sheet/\w+\.ky\.pdf$")) as asked:
        page.locator(f"{within} button[value=ky]").click(no_wait_after=True)
    page.goto(record)
    sheet = bytes(page.evaluate(BYTES, asked.value.url))
    assert sheet.startswith(b"%PDF-")
    read = subprocess.run(["/usr/bin/pdftotext", "-layout", "-", "-"], input=sheet, capture_output=True, check=True)
    return read.stdout.decode()


def end_both(secretary: Page, school: School) -> None:
    """A later decision ends what the sitting has ruled."""
    secretary.goto(school.portal("/council/decisions/new"))
    secretary.fill("[name=minutes_number]", "44")
    secretary.fill("[name=text]", "Сыноо мөөнөтү бүттү.")
    secretary.locator("details", has=secretary.locator("[name=ends]")).locator("summary").click()
    for host in (OPENED, CLOSED):
        secretary.locator("li.form-check", has_text=host).locator("input").check()
    secretary.locator("main button.btn-primary.btn-lg").click()
    expect(secretary.locator("article.document")).to_be_visible()


def test_a_proposal_of_the_authority_rules_the_gate_until_the_council_ends_it(school: School) -> None:
    opened, closed = school.http(OPENED), school.http(CLOSED)
    seconds_until(school, SEATED_PC, closed, 200, within=30)
    assert school.fetch(SEATED_PC, opened)[0] == 403
    with school.page() as authority, school.page() as chair, school.page() as member, school.page() as secretary:
        sign_in(authority, school, "bolum")
        proposals = [propose(authority, school, "allow", OPENED), propose(authority, school, "deny", CLOSED)]
        refused = authority.goto(school.portal("/council/sittings/new"))
        assert refused is not None
        assert refused.status == 403

        sign_in(chair, school, "zavuch")
        expect(chair.locator("ul.todo a[href*='/council/proposals/']")).to_be_visible()
        sitting = call_sitting(chair, school, proposals)
        sign_in(member, school, "internet")
        expect(member.locator(f"ul.todo a[href='{urlsplit(sitting).path}']")).to_be_visible()
        open_sitting(chair)
        assert barriers(chair) == []
        replay(member, sitting, OPENED)

        sign_in(secretary, school, "kenesh")
        secretary.goto(sitting)
        for host in (OPENED, CLOSED):
            vote(secretary, host)
        # Voted on, yet nothing has changed on the wire: only a decision rules.
        assert school.fetch(SEATED_PC, opened)[0] == 403
        assert barriers(secretary) == []
        secretary.locator("form[action$='/close'] button").click(no_wait_after=True)
        seconds_until(school, SEATED_PC, opened, 200, within=SOON / 1000)
        seconds_until(school, SEATED_PC, closed, 403, within=SOON / 1000)

        minutes = secretary.locator("article.document")
        expect(minutes).to_contain_text(ABSENT)
        expect(minutes.locator("table.replay tbody tr", has_text=OPENED)).to_have_count(1)
        assert barriers(secretary) == []
        decision = re.search(r"№ (\d{4}-\d+)", secretary.locator(".head a[href*='/decisions/']").inner_text())
        assert decision is not None
        printed = text_of_print(secretary, ".acts")
        for said in (*PRESENT, ABSENT, OPENED, CLOSED, decision[1]):
            assert said in printed, printed

        read_why(school, closed, decision[1])
        authority.goto(school.portal(f"/text/decision/{decision[1]}"))
        assert barriers(authority) == []

        end_both(secretary, school)
        seconds_until(school, SEATED_PC, opened, 403, within=SOON / 1000)
        seconds_until(school, SEATED_PC, closed, 200, within=SOON / 1000)
        authority.reload()
        expect(authority.locator("main li .quiet", has_text=re.compile(r"№ \d{4}-\d+"))).to_have_count(2)


def read_why(school: School, url: str, decision: str) -> None:
    """Whoever is refused finds the decision and the printed extract of its minutes, which names no voter."""
    with school.page(SEATED_PC) as student:
        student.goto(url)
        student.locator("a[href*='/text/decision/']").click()
        expect(student).to_have_url(re.compile(f"/text/decision/{decision}$"))
        expect(student.locator("main")).to_contain_text(CLOSED)
        assert barriers(student) == []
        printed = text_of_print(student, "main")
        assert CLOSED in printed
        assert not any(surname in printed for surname in ("Жумабаева", ABSENT))
