"""From a teacher's draft to the public and back: a photo's faces are named, covered and cut away, facts and personal
data are checked by others, a parent agrees on a phone by the QR code, the person responsible publishes, and a
withdrawal closes it for everybody (2.14-2.17)."""

import io
import time

import pypdf
import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Locator, Page, expect

from darbaza.publication.pictures import Picture, look
from tests.browser.axe import barriers
from tests.browser.conftest import School
from tests.browser.steps import sign_in, tab_to
from tests.publication.pictures.files import face, told
from tests.publication.test_attachments import word

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.timeout(300)]

TITLE = "Шахмат мелдешинин жыйынтыгы"
PHONE = {"width": 390, "height": 844}
MOTHER = "Садырова Айгүл"
NOTED = b"Asanova"
"""What the photo's file says of somebody in its notes (`told`), and what comes of it says nowhere."""
ATTACHED = "form:has(#file) button"
LOOKED = 60_000
"""Milliseconds within which a picture was looked at on a busy machine."""


def test_what_a_teacher_wrote_is_public_as_long_as_a_parent_agrees(school: School) -> None:
    with school.page() as responsible, school.page() as staff, school.page() as parent, school.page() as outside:
        sign_in(responsible, school, "internet")
        student, name = student_of(responsible, school)
        draft = written(staff, school, name)
        with_photo(staff, name)
        with_document(staff, name)
        public = school.portal(f"/site/ky/p/{draft.strip('/').split('/')[-1]}/")
        facts_confirmed(staff, school, draft)
        data_checked(staff, school, draft)
        responsible.goto(school.portal(draft))
        expect(responsible.locator("section[aria-labelledby=steps]")).to_contain_text(name)
        expect(responsible.locator("form[action$='/publish']")).to_have_count(0)

        responsible.locator("section[aria-labelledby=steps] a[href*='/consents/']").first.click()
        responsible.locator("form[action*='/link?draft='] button").click()
        address = read(responsible, responsible.locator(".qr svg"))
        assert "/makulduk/" in address
        assert barriers(responsible) == []
        expect(responsible.locator(f".crumb a[href='{draft}']")).to_be_visible()
        agreed(parent, school.portal("/makulduk/" + address.split("/makulduk/")[1]))
        responsible.goto(student)
        expect(responsible.locator(".head .state-ok").first).to_be_visible()

        responsible.goto(school.portal(draft))
        assert outside.request.get(public).status == 404
        responsible.locator("form[action$='/publish'] button").click()
        expect(responsible.locator("a[href*='/site/']")).to_be_visible()
        assert barriers(responsible) == []
        outside.goto(public)
        expect(outside.locator("article")).to_contain_text(name)
        files = [made_clean(outside), made_anew(outside, name)]
        assert outside.context.cookies() == []

        parent.locator("form[action*='/withdraw/'] button").click()
        began = time.monotonic()
        expect(parent.locator("#said ~ p .state-info")).to_be_visible()
        assert [outside.request.get(one).text().count(name) for one in (public, school.portal("/site/ky/rss.xml"))] == [
            0,
            0,
        ]
        assert [outside.request.get(one).status for one in (public, *files)] == [404] * 3
        assert time.monotonic() - began < 60, "2.15: within a minute"
        responsible.reload()
        expect(responsible.locator(".note-bad")).to_be_visible()
        assert barriers(responsible) == []
        responsible.fill("form[action$='/take-down'] [name=reason]", "Макулдук кайтарылып алынды")
        responsible.locator("form[action$='/take-down'] button").click()
        expect(responsible.locator("form[action$='/take-down']")).to_have_count(0)


def student_of(page: Page, school: School) -> tuple[str, str]:
    """The page of consents of a class's last student, and the name."""
    page.goto(school.portal("/consents/"))
    page.locator("tbody a").first.click()
    page.locator("tbody a").last.click()
    return page.url, page.locator("h1").inner_text()


def written(page: Page, school: School, name: str) -> str:
    """A class teacher writes a news item; its path."""
    sign_in(page, school, "sydykova")
    page.goto(school.portal("/publications/new"))
    page.fill("[name=title]", TITLE)
    page.fill("[name=body]", f"Мектептин шахмат мелдешинде {name} биринчи орунду алды.")
    assert barriers(page) == []
    page.locator("form.sheet button.btn-primary").click()
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator("form[action$='/publish'], form[action$='/facts']")).to_have_count(0)
    return page.url.removeprefix(school.portal(""))


def photo() -> bytes:
    """Three people and, below them, a passer-by; the file's notes say of whom."""
    picture = Image.new("RGB", (640, 440), (120, 150, 170))
    for x, y, width in ((0, 50, 72), (215, 20, 80), (440, 40, 74), (430, 310, 44)):
        picture.paste(face(width), (x, y))
    return told(picture)


MIDDLES = {"left": (90, 140), "middle": (315, 120), "right": (532, 132)}
"""The middle of each face of the upper row, in pixels of the photo. By their height they are numbered 3, 1, 2."""

KEPT = 300
"""Rows of pixels that are kept: the passer-by stands below."""


def with_photo(page: Page, name: str) -> None:
    """Its author attaches a photo, tries with the mouse, takes that back, and settles it by keyboard alone: the student
    stays by consent, two are covered, who is below is cut away."""
    page.set_input_files("#file", {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.fill("#caption", "Мелдештин жеңүүчүлөрү сыйлык алып жатышат")
    page.locator(ATTACHED).click(timeout=LOOKED, no_wait_after=True)
    page.locator("a[href*='/files/'].btn-primary").click(timeout=LOOKED)
    answers = page.locator("table.places select")
    expect(answers).to_have_count(4)
    answers.nth(2).select_option("blur")
    page.check("[name=draw][value=cut]")
    drawn_over(page, (3, 3), (636, KEPT))
    page.locator("button[value=try]").click()
    expect(page.locator("#trial img")).to_be_visible()
    expect(page.locator("table.places tr .state-ok")).to_have_count(1)
    assert barriers(page) == []
    drawn_over(page, (490, 90), (570, 190))
    page.locator("button[value=keep]").click()
    expect(page.locator("[name=own]")).to_have_count(1)
    page.locator("form[action$='/undo'] button").click()
    expect(page.locator("form[action$='/undo']")).to_have_count(0)
    assert answers.evaluate_all("all => all.map(one => one.value)") == [""] * 4

    chosen(page, answers.nth(0), "consent")
    tab_to(page, page.locator("table.places [name^=named-]").nth(0))
    page.keyboard.type(name)
    chosen(page, answers.nth(2), "blur")
    for field, number in {"place-left": 74, "place-top": 15, "place-width": 18, "place-height": 33}.items():
        tab_to(page, page.locator(f"[name={field}]"))
        page.keyboard.type(str(number))
    tab_to(page, page.locator("[name=cut-bottom]"))
    page.keyboard.type(f"{100 * (440 - KEPT) / 440:.1f}".replace(".", ","))
    tab_to(page, page.locator("button[value=keep]"))
    page.keyboard.press("Enter")
    expect(page.locator("[name=own]")).to_have_count(1)
    tab_to(page, page.locator(".crumb a"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".draft-file .state-ok")).to_have_count(1)
    assert barriers(page) == []


def drawn_over(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Draw with the mouse from one pixel of the photo to another."""
    area = page.locator("[data-marks]")
    expect(area.locator("img")).to_have_js_property("naturalWidth", 640, timeout=LOOKED)
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"] / 640, box["y"] + y * box["height"] / 440) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1])
    page.mouse.up()


def chosen(page: Page, answer: Locator, value: str) -> None:
    """Choose by keyboard what becomes of a place."""
    tab_to(page, answer)
    for _ in range(6):
        page.keyboard.press("ArrowDown")
        if answer.input_value() == value:
            return
    raise AssertionError(f"{value} is not offered")


def with_document(page: Page, name: str) -> None:
    """Its author attaches a document that names the student, is told so, and puts a mended one in its place."""
    expect(page.locator(".draft-file")).to_have_count(1)
    for number, said in enumerate((f"Мелдешти {name} утту", "Мелдеш китепканада өттү")):
        form = page.locator("form:has([name=instead])") if number else page.locator("form:has(#file)")
        gone = f"<w:del w:author='A'><w:r><w:delText>{name}</w:delText></w:r></w:del>"
        data = word(f"<w:p><w:r><w:t>{said}.</w:t></w:r>{gone}</w:p>")
        file = {"name": f"{name}.docx", "mimeType": "application/octet-stream", "buffer": data}
        form.locator("[type=file]").set_input_files(file)
        if not number:
            page.fill("#caption", "Мелдештин жобосу")
        form.locator("button").click(timeout=LOOKED, no_wait_after=True)
        waiting = page.locator(".draft-file").nth(1).locator(".state-warn")
        expect(waiting).to_have_count(1 - number, timeout=LOOKED)
    assert barriers(page) == []


def made_clean(page: Page) -> str:
    """The address of the photo as somebody outside gets it: bare pixels, cut, and where two were nobody is."""
    address = str(page.locator("article img").evaluate("node => node.src"))
    data = page.request.get(address).body()
    assert NOTED not in data
    before, after = Image.open(io.BytesIO(photo())), Image.open(io.BytesIO(data))
    assert (after.format, after.size, after.info.keys() & {"exif", "icc_profile", "xmp", "comment"}) == (
        "JPEG",
        (640, KEPT),
        set(),
    )
    differs = ImageChops.difference(before.crop((0, 0, 640, KEPT)), after)
    changed = {place: ImageStat.Stat(around(differs, *middle)).mean[0] for place, middle in MIDDLES.items()}
    assert changed["middle"] < 5 < 20 < min(changed["left"], changed["right"]), changed
    seen = look(data)
    assert isinstance(seen, Picture)
    assert len(seen.faces) == 1
    return address


def around(image: Image.Image, x: int, y: int) -> Image.Image:
    """The middle of a face."""
    return image.crop((x - 25, y - 25, x + 25, y + 25))


def made_anew(page: Page, name: str) -> str:
    """The address of the document as somebody outside gets it: a PDF made anew, with what it shows and nothing else."""
    address = str(page.locator("article a[href*='/f/']").evaluate("node => node.href"))
    data = page.request.get(address).body()
    text = pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text()
    assert "китепканада" in text
    assert name.split()[0] not in text
    return address


def facts_confirmed(page: Page, school: School, draft: str) -> None:
    """The director confirms the facts."""
    as_another(page, school, "direktor", draft)
    page.fill("[name=source]", "Мелдештин протоколу")
    page.locator("form[action$='/facts'] button").click()
    expect(page.locator("form[action$='/facts']")).to_have_count(0)


def data_checked(page: Page, school: School, draft: str) -> None:
    """The deputy answers what was found: a student's name stays by consent, nothing else is of a person."""
    as_another(page, school, "zavuch", draft)
    rows = page.locator("form[action$='/answer'] tbody tr")
    assert rows.count() >= 1, "the name was found"
    for row in rows.all():
        is_person = row.locator("[name^=people-]").count() > 0
        if not row.locator("[name^=answer-]").input_value():
            row.locator("[name^=answer-]").select_option("consent" if is_person else "not-a-person")
    assert barriers(page) == []
    page.locator("form[action$='/answer'] button").click()
    page.locator("a[href*='/files/'].btn-primary").click()
    expect(page.locator("[name=people]")).not_to_have_value("")
    page.locator("form[action$='/look'] button").click()
    expect(page.locator("#seen ~ .pair .state-info")).to_be_visible()
    page.goto(school.portal(draft))
    page.locator("form[action$='/data'] button").click()
    expect(page.locator("section[aria-labelledby=steps] .state-ok")).to_have_count(3)


def as_another(page: Page, school: School, username: str, path: str) -> None:
    """Somebody else sits down at the same PC and opens a page."""
    page.context.clear_cookies()
    sign_in(page, school, username)
    page.goto(school.portal(path))


def read(page: Page, code: Locator) -> str:
    """What a phone's camera reads of a code on the screen."""
    assert code.is_visible(), page.locator("main").inner_text()
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(code.screenshot())))
    return found.text


def agreed(page: Page, address: str) -> None:
    """A mother reads the risks and agrees on her phone."""
    page.set_viewport_size(PHONE)
    page.goto(address)
    assert barriers(page) == []
    expect(page.locator("input:checked")).to_have_count(0)
    page.fill("#name", MOTHER)
    for line in (
        "relation-mother",
        "kinds-surname",
        "kinds-given-name",
        "kinds-photo",
        "channels-site",
        "purposes-news",
        "understood",
    ):
        page.check(f"#{line}")
    page.locator("form[action$='/give'] button").first.click()
    expect(page.locator("#said ~ p .state-ok")).to_be_visible()
    assert barriers(page) == []
