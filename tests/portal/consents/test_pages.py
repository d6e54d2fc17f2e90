"""The pages of consents: a parent's link without a password, piles of paper by keyboard, scans, prints."""

import html
import io
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageFilter

from darbaza import clock
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.consents import actions, links, risks
from darbaza.portal.consents.asked import UNDERSTOOD
from darbaza.portal.consents.models import As, PaperSet, Protection, ScannedPage, Statement
from darbaza.portal.consents.page_reader import codes_of
from darbaza.portal.consents.standing import standing_of
from darbaza.portal.papers import rendering
from darbaza.portal.papers.actions import Examined
from darbaza.portal.papers.documents import Document, gather
from darbaza.portal.people.models import Person
from tests.people import Cast, signed_in
from tests.portal.conftest import AT
from tests.portal.consents.conftest import FATHER, MOTHER, TERM, Entered

pytestmark = pytest.mark.django_db

EVERYTHING = {"kinds": ["photo", "surname"], "channels": ["site"], "purposes": ["news"], "understood": "on"}


@pytest.fixture(autouse=True)
def the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "utc_now", lambda: AT)


@pytest.fixture
def address(cast: Cast, at: datetime) -> str:
    """The path of a link for a parent of Bek."""
    _link, whole = actions.make_link(person=cast.bek, party=As.REPRESENTATIVE, term=TERM, by=cast.jyldyz, at=at)
    return "/" + whole.split("/", 3)[3]


@pytest.fixture
def paper_set(cast: Cast, at: datetime) -> PaperSet:
    """Forms for 7-А."""
    return actions.make_set(school_class=cast.seven, term=TERM, by=cast.jyldyz, at=at)


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def parent(**changes: Any) -> dict[str, Any]:
    return {"relation": "mother", "name": MOTHER.name, "risks": risks.version()} | EVERYTHING | changes


def test_a_parent_reads_agrees_and_withdraws_without_a_password(address: str) -> None:
    client = Client()
    page = text_of(client.get(address))
    assert "Асанов Бек" in page
    assert all(heading in page for heading, _text in risks.body()["ky"])
    assert re.search(r"checked", page) is None, "nothing is ticked before the parent ticks it"
    assert client.get(f"{address}give").status_code == 405
    client.post(f"{address}give", parent())
    made = Statement.objects.get()
    assert (made.kinds, made.channels, made.understood, made.explained_in) == (
        ["surname", "photo"],
        ["site"],
        True,
        "ky",
    )
    assert "Макулдугумду азыр кайтарып алам" in text_of(client.get(address))
    assert client.get(f"{address}withdraw/{made.pk}").status_code == 405
    client.post(f"{address}withdraw/{made.pk}")
    made.refresh_from_db()
    assert made.withdrawn_at == AT


def test_refusing_is_one_press_too(address: str) -> None:
    Client().post(f"{address}refuse", {"relation": "father", "name": FATHER.name})
    assert not Statement.objects.get().agrees
    assert Client().get(f"{address}refuse").status_code == 405


def test_without_a_tick_nothing_is_agreed(address: str) -> None:
    Client().post(f"{address}give", {"relation": "mother", "name": MOTHER.name, "understood": "on"})
    Client().post(f"{address}give", parent(understood=[]) | {"kinds": ["document-number"]})
    assert not Statement.objects.exists()


@pytest.mark.parametrize("left", ["understood", "channels"])
def test_what_a_parent_ticked_and_wrote_stays_when_the_answer_is_not_taken(address: str, left: str) -> None:
    answer = Client().post(f"{address}give", parent(**{left: []}))
    page = text_of(answer)
    assert answer.status_code == 422
    given = ["relation-mother", "kinds-surname", "kinds-photo", "channels-site", "purposes-news", "understood"]
    kept = [one for one in given if not one.startswith(left)]
    assert re.findall(r'id="([\w-]+)"[^>]* checked', page) == kept
    assert f'value="{MOTHER.name}"' in page
    assert not Statement.objects.exists()


def test_a_parents_telephone_is_answered_in_its_language_until_another_is_chosen(address: str) -> None:
    client = Client()
    for asked, spoken in (("ru-RU,ru;q=0.9", "ru"), ("en", "en"), ("de", "ky"), ("", "ky")):
        headers = {"Accept-Language": asked} if asked else {}
        page = client.get(address, headers=headers)
        assert risks.body()[spoken][0][0] in text_of(page), asked
        assert page.headers["X-Robots-Tag"] == "noindex"
        assert page.headers["Cache-Control"] == "no-store"
        title = text_of(page).split("<title>")[1].split("</title>")[0]
        assert "Бек" not in title, "a messenger shows the title of an address that is sent"
    assert client.head(address).status_code == 200
    client.post(f"{address}give", parent(), headers={"Accept-Language": "ru"})
    assert Statement.objects.get().explained_in == "ru"
    client.post("/language", {"language": "ky"})
    assert risks.body()["ky"][0][0] in text_of(client.get(address, headers={"Accept-Language": "ru"}))


def test_another_links_consent_is_not_withdrawn_by_this_one(
    cast: Cast, at: datetime, address: str, entered: Entered
) -> None:
    made = entered()
    assert Client().post(f"{address}withdraw/{made.pk}").status_code == 404
    made.refresh_from_db()
    assert made.withdrawn_at is None


def test_an_unknown_link_says_whom_to_ask_and_guessing_is_slowed_down(db: None) -> None:
    client = Client()
    tried = [client.get(f"/makulduk/{'0' * 25}{number % 10}/").status_code for number in range(21)]
    assert tried == [404] * 20 + [429]
    assert client.post("/makulduk/x/give").status_code == 429


def rows(cast: Cast, **changes: str) -> dict[str, str]:
    form = {"signed_on": "2026-11-20", "explained_on": "2026-11-20", "language": "ky", "explained_by": cast.jyldyz.pk}
    bek, cholpon = f"p{cast.bek.pk}", f"p{cast.cholpon.pk}"
    form |= {f"{bek}-ticked": "+", f"{bek}-relation": "mother", f"{bek}-name": MOTHER.name}
    return form | {f"{cholpon}-ticked": "", f"{cholpon}-relation": "mother"} | changes


def test_a_pile_is_entered_by_keyboard_whole_or_not_at_all(cast: Cast, paper_set: PaperSet) -> None:
    client, url = signed_in(cast.jyldyz), f"/consents/set/{paper_set.ref}/"
    page = text_of(client.post(url, rows(cast, **{f"p{cast.cholpon.pk}-ticked": "99"})))
    assert "99" in page
    assert MOTHER.name in page, "nothing that was typed is lost"
    assert not Statement.objects.exists()
    assert client.post(url, rows(cast)).status_code == 302
    made = Statement.objects.get()
    assert (made.person, made.paper_set, made.is_whole) == (cast.bek, paper_set, True)


def test_a_paper_that_lifts_no_withdrawal_says_so_and_what_to_do(cast: Cast, paper_set: PaperSet, at: datetime) -> None:
    Person.objects.update(language="en")
    client, url = signed_in(cast.jyldyz), f"/consents/set/{paper_set.ref}/"
    assert "changes nothing" not in text_of(client.post(url, rows(cast), follow=True))
    actions.withdraw(statement=Statement.objects.get(), by=None, at=at)
    assert "Асанов Бек Талантович: the same person refused or withdrew" in text_of(
        client.post(url, rows(cast), follow=True)
    )
    withdrawn, _paper = Statement.objects.order_by("pk")
    assert standing_of([cast.bek], at)[0].state == "withdrawn"
    actions.strike(statement=withdrawn, reason="Кийин кайра кол койду", by=cast.jyldyz, at=at)
    assert standing_of([cast.bek], at)[0].state == "agreed"


def scanned(*addresses: str) -> bytes:
    """A scan of pages, each with the QR code of an address, the second one crooked; an empty one has none."""
    pages = []
    for place, address in enumerate(addresses):
        page = Image.new("L", (1240, 1754), 255)
        if address:
            buffer = io.BytesIO()
            segno.make(address, error="m", micro=False).save(buffer, kind="png", scale=5, border=4)
            page.paste(Image.open(buffer).convert("L"), (900, 100))
        pages.append(page.rotate(3 * place, fillcolor=255))
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return out.getvalue()


def sheet(address: str) -> Image.Image:
    """A sheet as `consent_forms.html` prints it, at 200 dots per inch: the code has 36 mm."""
    buffer = io.BytesIO()
    segno.make(address, error="h", micro=False).save(buffer, kind="png", scale=8, border=2)
    page = Image.new("L", (1654, 2339), 255)
    page.paste(Image.open(buffer).convert("L").resize((283, 283)), (1250, 140))
    return page


def photograph(page: Image.Image) -> bytes:
    out = io.BytesIO()
    page.save(out, "JPEG", quality=60)
    return out.getvalue()


def upside(page: Image.Image) -> bytes:
    return photograph(page.rotate(178, fillcolor=255))


def blurred(page: Image.Image) -> bytes:
    return photograph(page.filter(ImageFilter.GaussianBlur(3.3)))


def dark(page: Image.Image) -> bytes:
    return photograph(Image.blend(page.point(lambda v: v * 0.2 + 20), Image.effect_noise(page.size, 30), 0.5))


def bent(page: Image.Image) -> bytes:
    """Photographed from the side, so that far is smaller than near."""
    corners = (-90, -60, -20, 2420, 1700, 2370, 1720, 20)
    return photograph(page.transform(page.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=80))


def test_codes_of_crooked_pages_are_read() -> None:
    secret = links.secret_of("x")
    address = f"https://portal.school.test/makulduk/{secret}/"
    assert codes_of(scanned(address, address, "")) == [[address], [address], []]
    for name, spoiled in {"upside down": upside, "out of focus": blurred, "in a dark room": dark, "bent": bent}.items():
        assert codes_of(spoiled(sheet(address))) == [[address]], name
    assert links.secret_in(address) == secret
    assert links.secret_in("https://portal.school.test/papers/abc") == ""


def test_pages_of_a_scan_find_their_students_and_uncertain_ones_are_asked(
    cast: Cast, at: datetime, paper_set: PaperSet, last_entry: Callable[[], AuditEntry]
) -> None:
    addresses = [one["address"] for one in gather("consent-forms", paper_set.ref).facts["pages"]]  # type: ignore[union-attr]
    data = scanned(addresses[1], "")
    file = Examined("scan.pdf", data, "application/pdf", 2, "0" * 64)
    codes = [*codes_of(data)[:1], addresses]
    form: dict[str, Any] = {"paper_set": paper_set, "file": file, "codes": codes, "at": at}
    made = actions.attach_pages(**form, by=cast.jyldyz)
    assert [one.person for one in made] == [cast.cholpon, None], "two codes on one page are no answer"
    client = signed_in(cast.jyldyz)
    assert "?" in text_of(client.get(f"/consents/set/{paper_set.ref}/"))
    client.post(f"/consents/page/{made[1].pk}/place", {"person": cast.daniyar.pk})
    assert ScannedPage.objects.filter(person=None).exists(), "he is in another class"
    client.post(f"/consents/page/{made[1].pk}/place", {"person": cast.bek.pk})
    assert last_entry().act == "consents:page:place"
    assert not ScannedPage.objects.filter(person=None).exists()


def test_a_sheet_of_another_class_a_blank_back_and_a_double_are_told_apart(
    cast: Cast, at: datetime, paper_set: PaperSet
) -> None:
    other = actions.make_set(school_class=cast.eight, term=TERM, by=cast.jyldyz, at=at)
    own, foreign = ([one["address"] for one in document.facts["pages"]] for document in both(paper_set, other))
    file = Examined("scan.pdf", scanned(own[0]), "application/pdf", 4, "0" * 64)
    codes = [[own[0]], [own[0]], foreign[:1], [], [own[1], foreign[0]]]
    form: dict[str, Any] = {"paper_set": paper_set, "file": file, "codes": codes, "at": at}
    made = actions.attach_pages(**form, by=cast.jyldyz)
    assert [(one.person, one.other_set) for one in made] == [
        (cast.bek, None), (cast.bek, None), (None, other), (None, None), (None, None),
    ]  # fmt: skip
    client, url = signed_in(cast.jyldyz), f"/consents/set/{paper_set.ref}/"
    page = text_of(client.get(url))
    assert re.search(rf"Сканданган барагы али жок: {cast.cholpon.full_name}\s*<", page)
    assert re.search(rf"кайсынысы чыныгы экенин караңыз: {cast.bek.full_name}\s*<", page)
    assert f"№ {other.ref} бланктарынын коду бар, {cast.eight.name}" in page
    for one in made[2:4]:
        client.post(f"/consents/page/{one.pk}/place", {"person": cast.cholpon.pk, "aside": "1"})
    assert [one.pk for one in ScannedPage.objects.all() if one.is_open] == [made[4].pk]
    client.post(f"/consents/page/{made[3].pk}/place", {"person": cast.cholpon.pk})
    assert ScannedPage.objects.get(pk=made[3].pk).person is None, "put aside is put aside"


def both(*sets: PaperSet) -> list[Document]:
    found = [gather("consent-forms", one.ref) for one in sets]
    return [one for one in found if one is not None]


def test_a_whole_pile_is_scanned_kept_and_matched(
    cast: Cast, paper_set: PaperSet, settings: Any, tmp_path: Path
) -> None:
    settings.STATE = tmp_path
    document = gather("consent-forms", paper_set.ref)
    assert document is not None
    addresses = [one["address"] for one in document.facts["pages"]]
    url = f"/consents/set/{paper_set.ref}/scans"
    client = signed_in(cast.jyldyz)
    client.post(url, {"file": SimpleUploadedFile("pile.pdf", scanned(*reversed(addresses), ""))})
    pages = [(one.page, one.person) for one in ScannedPage.objects.all()]
    assert pages == [(1, cast.cholpon), (2, cast.bek), (3, None)]
    photographs = [SimpleUploadedFile("page.jpg", photograph(sheet(addresses[0]))), SimpleUploadedFile("b.pdf", b"MZ")]
    answer = client.post(url, {"file": photographs}, follow=True)
    assert "b.pdf: " in text_of(answer)
    client.post(url)
    assert [one.person for one in ScannedPage.objects.all()[3:]] == [cast.bek], "one bad file keeps no good one out"
    assert client.get(url).status_code == 405
    assert signed_in(cast.saltanat).post(url).status_code == 403


STAFF_PAGES = {
    "/consents/": {"gulnara", "jyldyz", "saltanat"},
    "/consents/ages/": {"gulnara", "jyldyz"},
    "/consents/protected/": {"gulnara", "jyldyz"},
}


@pytest.mark.parametrize("url", STAFF_PAGES)
def test_each_page_opens_to_its_duties_only(cast: Cast, url: str) -> None:
    opened = {name for name, who in cast.staff().items() if signed_in(who).get(url).status_code == 200}
    assert opened == STAFF_PAGES[url]
    assert Client().get(url).status_code == 302


def test_a_class_teacher_reads_the_own_class_and_nobody_elses(cast: Cast, paper_set: PaperSet) -> None:
    client = signed_in(cast.saltanat)
    assert client.get(f"/consents/of/class-{cast.seven.pk}/").status_code == 200
    assert client.get(f"/consents/of/class-{cast.eight.pk}/").status_code == 403
    assert client.get(f"/consents/person/{cast.bek.pk}/").status_code == 200
    assert client.get(f"/consents/person/{cast.daniyar.pk}/").status_code == 403
    assert client.get(f"/consents/set/{paper_set.ref}/").status_code == 403
    assert "7-А: 2" in text_of(client.get("/"))


def test_parents_who_differ_are_told_to_whoever_is_responsible(cast: Cast, entered: Entered) -> None:
    entered()
    entered(who=FATHER, ticks="-")
    client = signed_in(cast.jyldyz)
    assert f"/consents/person/{cast.bek.pk}/" in text_of(client.get("/"))
    assert "Асанов Бек" in text_of(client.get("/consents/"))


def test_no_list_shows_who_is_protected(cast: Cast, at: datetime, entered: Entered) -> None:
    entered()
    client = signed_in(cast.jyldyz)
    urls = ("/consents/", f"/consents/of/class-{cast.seven.pk}/", f"/consents/person/{cast.bek.pk}/")
    before = [csrf_free(text_of(client.get(url))) for url in urls]
    client.post("/consents/protected/", {"person": cast.bek.pk})
    assert Protection.objects.get().person == cast.bek
    client.get("/consents/protected/")
    assert [csrf_free(text_of(client.get(url))) for url in urls] == before


def csrf_free(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_a_member_of_staff_answers_for_themselves(cast: Cast) -> None:
    client = signed_in(cast.timur)
    assert "checked" not in text_of(client.get("/consents/own/"))
    client.post("/consents/own/", {"risks": risks.version()} | EVERYTHING)
    made = Statement.objects.get()
    assert (made.person, made.representative, made.agrees) == (cast.timur, None, True)
    refused = client.post("/consents/own/", EVERYTHING | {"risks": risks.version(), "channels": []})
    assert (refused.status_code, "checked" in text_of(refused)) == (422, True)
    assert Statement.objects.count() == 1, "an answer that names no place is no refusal"
    client.post("/consents/own/", {"withdraw": made.pk})
    made.refresh_from_db()
    assert made.withdrawn_at is not None
    assert signed_in(cast.aida).post("/consents/own/", {"withdraw": made.pk}).status_code == 404
    assert Client().get("/consents/own/").status_code == 302


def test_posts_of_the_responsible_person_do_what_they_say(cast: Cast, entered: Entered) -> None:
    client, made = signed_in(cast.jyldyz), entered()
    person = f"/consents/person/{cast.bek.pk}/"
    term = {"first_day": "2026-09-01", "last_day": "2027-08-31"}
    shown = text_of(client.post(f"{person}link", {"party": "representative"} | term))
    assert re.search(r"/makulduk/[0-9a-z]{26}/", shown)
    client.post(f"{person}age", {"age": "14", "since": "2026-11-01"})
    client.post(f"{person}paper", term | rows(cast))
    assert Statement.objects.count() == 2
    client.post(f"/consents/statement/{made.pk}/strike", {"reason": "Барактар алмашкан", "to": cast.cholpon.pk})
    assert Statement.objects.filter(person=cast.cholpon, corrects=made).exists()
    assert client.post("/consents/ages/", ages()).status_code == 302
    for url in (f"{person}link", f"{person}age", f"/consents/statement/{made.pk}/strike"):
        assert client.get(url).status_code == 405
    page = text_of(client.get(person))
    assert "Барактар алмашкан" in page


def ages() -> dict[str, str]:
    first = {"r0-from_age": "0", "r0-from_grade": "0", "r0-whose": "both", "r0-source": "Буйрук № 7"}
    return first | {f"r{row}-whose": "own" for row in range(1, 5)}


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_forms_register_and_receipt_are_printed(
    cast: Cast, paper_set: PaperSet, entered: Entered, language: str
) -> None:
    made = entered(ticks=f"1-6 15 20 {UNDERSTOOD}")
    entered(who=FATHER, ticks="-")
    slug = f"class-{cast.seven.pk}"
    sheets = {}
    for kind, ref in (
        ("consent-forms", paper_set.ref), ("consents", slug), ("consents", f"{slug}-missing"), ("consent", made.ref),
    ):  # fmt: skip
        document = gather(kind, ref)
        assert document is not None
        sheets[ref, kind] = html.unescape(rendering.html_of(document, language))
    forms = sheets[paper_set.ref, "consent-forms"]
    assert forms.count('class="form"') == 2
    assert all(heading in forms for heading, _text in risks.body()[language])
    assert "1–6, 15, 20" in sheets[slug, "consents"]
    assert sheets[slug, "consents"].count('rowspan="2"') == 3, "each parent has a line of their own"
    assert FATHER.name in sheets[f"{slug}-missing", "consents"], "parents who differ are still to be talked to"
    assert "Үсөнова" in sheets[f"{slug}-missing", "consents"]
    assert MOTHER.name in sheets[made.ref, "consent"]
    assert "Кыргызча" in sheets[made.ref, "consent"]
    heading = re.compile(r"<title>([^<]*)</title>.*class=\"foot\">([^·]*) ·.*<h1>([^<]*)</h1>", re.DOTALL)
    titles = [heading.search(one) for one in sheets.values()]
    assert all(one and len({part.strip() for part in one.groups()}) == 1 for one in titles[1:3]), "foot as head"
    assert len({one[3] for one in titles if one}) == 4


def test_a_withdrawn_consent_is_called_so_on_its_receipt_and_in_the_register(
    cast: Cast, at: datetime, entered: Entered
) -> None:
    made = entered()
    ends = "can be withdrawn at any time"
    assert ends in printed("consent", made.ref)
    actions.withdraw(statement=made, by=None, at=at)
    receipt, register = printed("consent", made.ref), printed("consents", f"class-{cast.seven.pk}")
    assert ends not in receipt
    assert "By this answer nothing is published any more." in receipt
    assert "<td>consent withdrawn</td>" in register.replace(' rowspan="1"', "")
    assert "consent refused" not in register, "nobody refused"
    assert cast.bek.full_name not in printed("consents", f"class-{cast.seven.pk}-missing"), "nothing is left to ask"


def printed(kind: str, ref: str) -> str:
    document = gather(kind, ref)
    assert document is not None
    return html.unescape(rendering.html_of(document, "en"))


def test_prints_open_to_their_readers_only(cast: Cast, paper_set: PaperSet, entered: Entered) -> None:
    made, slug = entered(), f"class-{cast.seven.pk}"
    expected = {
        ("consent-forms", paper_set.ref): {"jyldyz"},
        ("consents", slug): {"gulnara", "jyldyz", "saltanat"},
        ("consent", made.ref): {"gulnara", "jyldyz", "saltanat"},
    }
    for (kind, ref), names in expected.items():
        opened = {
            name for name, who in cast.staff().items()
            if signed_in(who).post(print_path(kind, ref), {"language": "ky"}).status_code == 302
        }  # fmt: skip
        assert opened == names, kind


def print_path(kind: str, ref: str) -> str:
    return reverse("papers:print", args=[kind, ref])
