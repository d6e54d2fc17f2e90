"""Those responsible for ICT and for the internet: the roster, Why?, the log, one child's history, the gateway."""

import re
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from tests.browser.axe import barriers
from tests.browser.conftest import School
from tests.browser.steps import SEATED_PC, VALUES, seconds_until, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(240)]

HEADINGS = ("Фамилиясы", "Аты", "Атасынын аты", "Классы")
NEW_CLASS = "6-В"
MARKUP = "<img src=x onerror=alert(1)>"
SHEET = re.compile(rb"/Type /Page\b")
CUT_OFF = (
    "cards => cards.filter(one => one.scrollHeight > one.clientHeight || one.scrollWidth > one.clientWidth).length"
)
PURPOSE = "Ата-энесинин суроосу боюнча <script>alert(2)</script>"


def roster(path: Path, *rows: tuple[str, str, str, str]) -> Path:
    """A roster as an office writes it."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((HEADINGS, *rows)):
            sheet.write_row(number, 0, row)
    return path


def show(page: Page, school: School, file: Path) -> None:
    """Upload a roster and see what would change."""
    page.goto(school.portal("/people/roster/"))
    page.set_input_files("[type=file]", file)
    page.locator("main form button.btn-primary").click()
    expect(page.locator("h1")).to_have_text(file.name)


def listed(page: Page, school: School, surname: str) -> int:
    """How many students of this surname are at the school; who has left is marked so."""
    page.goto(school.portal(f"/people/?kind=student&q={surname}"))
    return page.locator("tbody tr:not(:has(.state-warn))").count()


def test_a_roster_is_looked_at_applied_and_taken_back(school: School, tmp_path: Path) -> None:
    with school.page() as page:
        sign_in(page, school, "ikt")
        new = (("Чоюнбаева", "Айгерим", "", NEW_CLASS), ("Чоюнбаев", "Эмил", "", NEW_CLASS))
        file = roster(tmp_path / "tizme.xlsx", *new)
        show(page, school, file)
        expect(page.locator("main")).to_contain_text(NEW_CLASS)
        expect(page.locator("tbody tr")).to_have_count(2)
        assert barriers(page) == []
        assert listed(page, school, "Чоюнбаев") == 0

        show(page, school, file)
        page.locator("form[action$='/apply'] button").click()
        expect(page.locator(".messages .note-ok")).to_be_visible()
        assert barriers(page) == []
        assert listed(page, school, "Чоюнбаев") == 2

        page.goto(school.portal("/people/roster/"))
        page.locator("form[action$='/undo'] button").click()
        expect(page.locator(".messages .note-ok")).to_be_visible()
        assert listed(page, school, "Чоюнбаев") == 0


def test_a_name_that_is_markup_stays_text(school: School, tmp_path: Path) -> None:
    with school.page() as page:
        sign_in(page, school, "ikt")
        show(page, school, roster(tmp_path / "jaman.xlsx", (MARKUP, MARKUP, MARKUP, NEW_CLASS)))
        expect(page.locator("main")).to_contain_text("onerror")
        expect(page.locator("main img")).to_have_count(0)
        assert barriers(page) == []
        page.goto(school.portal(f"/people/?kind=student&q={MARKUP}"))
        expect(page.locator("#q")).to_have_value(MARKUP)
        expect(page.locator("main img")).to_have_count(0)


def test_pin_cards_fit_on_sheets_of_paper(school: School) -> None:
    with school.page() as page:
        sign_in(page, school, "ikt")
        page.goto(school.portal("/people/classes/"))
        page.locator(".tiles a", has_text="9-А").click()
        for box in page.locator("tbody input[type=checkbox]").all()[:12]:
            box.check()
        page.locator("main form button.btn-primary").click()
        expect(page.locator(".card-pin")).to_have_count(12)
        expect(page.locator(".card-pin .pin").first).to_have_text(re.compile(r"^\d{4}$"))
        assert barriers(page) == []
        page.emulate_media(media="print")
        assert page.locator(".card-pin").evaluate_all(CUT_OFF) == 0
        assert len(SHEET.findall(page.pdf(prefer_css_page_size=True))) == 1


def test_why_the_log_and_the_gateway(school: School) -> None:
    with school.page() as page:
        seconds_until(school, SEATED_PC, school.http("kitep.test"), 200, within=30)
        assert school.fetch(SEATED_PC, school.http("uyat.test"))[0] == 403
        sign_in(page, school, "ikt")
        page.goto(school.portal("/log/"))
        assert barriers(page) == []

        # Filters are links: the host, then its refusals; each row leads to Why? of its own instant.
        row = page.locator("tbody tr", has_text="uyat.test").first
        row.locator(".host a").click()
        expect(page.locator("tbody tr:not(:has-text('uyat.test'))")).to_have_count(0)
        page.locator("tbody tr").first.locator("td:last-child a").click()
        expect(page.locator("#answer")).to_contain_text("uyat.test")
        expect(page.locator("dl").first).to_contain_text("3.3")
        expect(page.locator("section[aria-labelledby=rules] tr[aria-current]")).to_have_count(1)
        assert barriers(page) == []

        page.goto(school.portal("/why/"))
        page.fill("#w-host", "belgisiz.test")
        page.select_option("#w-category", label="Окуучулар")
        page.locator("main form button").click()
        expect(page.locator("dl").first).to_contain_text("2.11")

        page.goto(school.portal("/boxes/"))
        expect(page.locator(".head .state-ok")).to_be_visible()
        expect(page.locator("section h2", has_text="demo-box").locator(".state-ok")).to_be_visible()
        assert barriers(page) == []


def test_a_childs_history_needs_a_purpose_and_is_recorded(school: School) -> None:
    with school.page() as responsible, school.page() as ict:
        # Responsible for ICT, but not for the children's histories.
        sign_in(ict, school, "ikt")
        refused = ict.goto(school.portal("/log/history"))
        assert refused is not None
        assert refused.status == 403

        sign_in(responsible, school, "internet")
        responsible.goto(school.portal("/log/history"))
        assert barriers(responsible) == []
        student = next(value for value in responsible.locator("select option").evaluate_all(VALUES) if value)
        responsible.select_option("main select", student)
        responsible.locator("main form button").click()
        expect(responsible.locator("[name=purpose]:invalid")).to_have_count(1)
        responsible.fill("[name=purpose]", PURPOSE)
        responsible.locator("main form button").click()
        expect(responsible.locator("main")).to_contain_text(PURPOSE)
        expect(responsible.locator("main script")).to_have_count(0)
        assert barriers(responsible) == []

        ict.goto(school.portal("/audit?act=verdicts:history:open"))
        entry = ict.locator("tbody tr").first
        expect(entry).to_contain_text("Жумабаева")
        expect(entry).to_contain_text(PURPOSE)
        assert barriers(ict) == []


def test_an_outside_expert_reads_and_comments_by_a_link_alone(school: School) -> None:
    with school.page() as page, school.page() as expert:
        sign_in(page, school, "ikt")
        page.goto(school.portal("/schedule/versions"))
        page.fill("[name=school_year]", "2026/2027")
        page.locator("form[action$='/versions/new'] button").click()
        version = page.url
        invite = page.locator("form[action$='/invitations']")
        page.locator("details", has=invite).locator("summary").click()
        invite.locator("[name=name]").fill("Абдиев Нурбек")
        invite.locator("button").click()
        link = re.search(r"/schedule/invited/[\w-]+", page.content())
        assert link is not None
        expert.goto(school.portal(link[0]))
        assert barriers(expert) == []
        expert.fill("[name=text]", "Дүйшөмбүдө бир сааттан көп болбосун.")
        expert.locator("main form button").click()
        expect(expert.locator(".note-ok")).to_be_visible()
        page.goto(version)
        expect(page.locator("p.said")).to_contain_text("Абдиев")
