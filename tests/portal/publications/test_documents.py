"""Documents of a draft: taken in by a process of their own, made anew, judged as they go out, replaced, read again."""

import base64
import io
import json
from datetime import timedelta

import pikepdf
import pypdf
import pytest
import weasyprint
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.publications import actions, aftermath, attaching, files
from darbaza.portal.publications.findings import groups_of
from darbaza.portal.publications.models import DraftFile, Placement, Publication
from darbaza.portal.publications.reading import file_part, judged, matter_of_draft
from darbaza.portal.publications.uploads import Upload, text_of
from darbaza.publication.findings import Cell
from darbaza.publication.gate import Why
from darbaza.publication.kinds import DataKind
from darbaza.publication.matter import Answer, look_of
from tests.people import Cast, make_student, signed_in
from tests.portal.publications.conftest import Desk
from tests.portal.publications.test_files import ADDRESS, only, post, published, whys
from tests.publication.pictures.files import face, saved
from tests.publication.test_attachments import word
from tests.publication.test_documents_anew import SECRET, loaded, pages, workbook, written

pytestmark = pytest.mark.django_db
BODY = "Мектебибиздин иш планы тиркелди."
CAPTION = "Иш планы"
PLAIN = word(
    f'<w:p><w:r><w:t>Окуу планы: {"жыйын, " * 900}</w:t></w:r></w:p><w:p><w:del w:author="{SECRET}"><w:r><w:delText>'
    f"{SECRET}</w:delText></w:r></w:del><w:r><w:t>Китепкана ачылат.</w:t></w:r></w:p>",
    docProps__core_xml=f'<p xmlns:dc="d"><dc:creator>{SECRET}</dc:creator></p>',
)
NAMED = word(
    f"<w:p><w:r><w:t>Окуу планы: {'жыйын, ' * 900}</w:t></w:r></w:p>"
    "<w:p><w:r><w:t>Жоопкер: Асанов Бек, тел. 0555 12 34 56</w:t></w:r></w:p>"
)


def handed_in(draft: Publication, by: object, data: bytes, name: str, **more: str) -> str:
    """Attach through the page; what it says afterwards, in Kyrgyz."""
    form = {"file": SimpleUploadedFile(name, data), "caption": CAPTION, **more}
    client = signed_in(by)  # type: ignore[arg-type] # a person
    return str(client.post(ADDRESS.format(draft.public_id, "attach"), form, follow=True).content.decode())


def outside(placed: Placement) -> bytes:
    """The document of what was placed, as somebody outside gets it."""
    [one] = json.loads(placed.record)["content"]["files"]
    answer = Client().get(f"/site/f/{placed.publication.public_id}/{one['sha256']}/{one['name']}")
    assert answer.headers["Content-Type"] == "application/pdf"
    return bytes(answer.content)


def text_in(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def test_a_word_file_goes_out_as_a_pdf_without_anything_that_nobody_saw(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY)
    page = handed_in(made, cast.aida, PLAIN, f"{SECRET}.docx")
    assert "Ал жаңыдан түзүлдү, чыкканда булар болбойт" in page
    assert "мурунку редакциялары" in page
    assert AuditEntry.objects.filter(act="publications:file:attach").count() == 1
    assert file_part(only(made)).words == len(["Окуу", "планы:"]) + 900 + len(["Китепкана", "ачылат."])
    desk.confirm_facts(made)
    desk.confirm_data(made)
    data = outside(published(made, cast))
    assert "Китепкана ачылат." in text_in(data)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages) > 1
        everything = b"".join(one.read_bytes() for one in pdf.objects if isinstance(one, pikepdf.Stream))
        everything += b"".join(repr(one).encode() for one in pdf.objects)
    assert SECRET.encode() not in everything
    assert SECRET.encode("utf-16-be") not in everything
    kept = [one.read_bytes() for one in files.path_of(files.WORKING, "00").parent.parent.rglob("*") if one.is_file()]
    assert kept == [data], "the file as it was handed in is kept nowhere"


def test_a_finding_names_its_page_and_remove_asks_for_a_corrected_file(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY)
    handed_in(made, cast.aida, NAMED, "a.docx")
    desk.confirm_facts(made)
    groups = groups_of(matter_of_draft(made, desk.at))
    assert [(one.shown, one.people) for one in groups] == [("Асанов Бек 0555 12 34 56", (cast.bek,))]
    assert {one.findings[0].where for one in groups} == {Cell("page:2")}
    with translation.override("ky"):
        assert groups[0].place == "2-барак"
    desk.answer(made, Answer.REMOVE)
    assert Why.CORRECT_THE_FILE in whys(made, desk.at)
    page = handed_in(made, cast.aida, PLAIN, "a.docx", instead=only(made).public_id)
    assert "Алмаштырылды." in page
    assert AuditEntry.objects.filter(act="publications:file:replace").count() == 1
    desk.confirm_facts(made)
    desk.confirm_data(made)
    assert "Асанов" not in text_in(outside(published(made, cast)))


def test_words_of_documents_count_to_what_the_council_decided(desk: Desk, cast: Cast) -> None:
    made = desk.draft(title="Тизме", body=BODY)
    room = 2000 - len(f"Тизме {BODY} {CAPTION}".split())
    for words, is_long in ((room, False), (1, True)):
        table = ("китеп " * words).encode()
        upload = Upload("a.txt", CAPTION if not is_long else "Экинчи", table, text_of(table))
        attaching.attach(publication=made, upload=upload, by=cast.aida, at=desk.at)
        assert (Why.TOO_LONG in whys(made, desk.at)) is is_long


def test_only_whoever_may_change_a_draft_replaces_its_document(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY)
    table = "Пункт;Саны\nКитеп;12\n".encode()
    upload = Upload("a.csv", CAPTION, table, text_of(table))
    file = attaching.attach(publication=made, upload=upload, by=cast.aida, at=desk.at)
    for person in (cast.timur, cast.bek, cast.gulnara, cast.nurlan):
        with pytest.raises(RightMissingError):
            attaching.replace(file=file, upload=upload, by=person, at=desk.at)
    handed_in(made, cast.aida, saved(face(60)), "a.jpg", instead=file.public_id)
    assert only(made).sha256 == file.sha256, "a picture takes no document's place"
    assert signed_in(cast.aida).post(
        ADDRESS.format(made.public_id, "attach"),
        {"file": SimpleUploadedFile("a.csv", table), "instead": "nothing"},
    ).status_code == 404  # fmt: skip


def test_whoever_replaces_a_document_does_not_confirm_its_facts(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY)
    table = "Пункт;Саны\nКитеп;12\n".encode()
    file = attaching.attach(
        publication=made, upload=Upload("a.csv", CAPTION, table, text_of(table)), by=cast.aida, at=desk.at
    )
    other = table.replace(b"12", b"13")
    corrected = Upload("a.csv", CAPTION, other, text_of(other))
    attaching.replace(file=file, upload=corrected, by=cast.jyldyz, at=desk.at)
    made.refresh_from_db()
    assert made.writers == [cast.jyldyz.pk]
    content = matter_of_draft(made, desk.at).content
    with pytest.raises(ActRefusedError, match="wrote nothing of it"):
        actions.check_facts(publication=made, source="Тизме", digest=content, by=cast.jyldyz, at=desk.at)


def test_hidden_sheets_rows_and_columns_do_not_go_out_and_cells_are_named(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY)
    handed_in(made, cast.aida, workbook(), "a.xlsx")
    data = files.read(files.WORKING, only(made).sha256)
    assert data is not None
    assert SECRET not in text_in(data)
    assert "Математика" in text_in(data)
    findings = matter_of_draft(made, desk.at).findings
    found = [(one.kind, one.where, one.shown) for one in findings if one.part == only(made).public_id]
    assert found == [(DataKind.AGE, Cell("sheet:Жадыбал!A4"), "12.03.2012")], "such a day may be somebody's birth"


def scanned() -> bytes:
    """A PDF of one page that is a picture: a face."""
    picture = base64.b64encode(saved(face(160))).decode()
    style = "@page { size: 330pt 300pt; margin: 9pt } img { width: 150pt } p { font: 24pt sans-serif; margin: 0 }"
    html = f'<style>{style}</style><p>Асанов Бек жеңди</p><img src="data:image/jpeg;base64,{picture}">'
    made: bytes = weasyprint.HTML(string=html).write_pdf()  # type: ignore[no-untyped-call]
    return made


def test_a_page_with_a_picture_is_looked_at_and_its_faces_are_answered_for(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY)
    handed_in(made, cast.aida, scanned(), "a.pdf")
    file = only(made)
    found = [one for one in matter_of_draft(made, desk.at).findings if one.part == file.public_id]
    assert (DataKind.PHOTO, Cell("page:1")) in {(one.kind, one.where) for one in found}
    assert any(one.people == (str(cast.bek.pk),) for one in found)
    desk.confirm_facts(made)
    assert {Why.PICTURE_UNSEEN, Why.FINDING_OPEN} <= whys(made, desk.at)
    post(cast.jyldyz, file, "look", look=look_of(file_part(file)), people=f"{cast.bek.surname} {cast.bek.given_name}")
    assert Why.PICTURE_UNSEEN not in whys(made, desk.at)
    assert Why.NO_CONSENT in whys(made, desk.at)
    desk.agree(cast.bek)
    desk.answer(made, Answer.NOT_A_PERSON)
    desk.confirm_data(made)
    assert judged(Publication.objects.get(pk=made.pk), desk.at, cast.jyldyz).verdict.passes


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"%PDF-1.7 x", "a.pdf", "PDF кылып кайра сактаңыз"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.doc", "эски форматта"),
        (pages(16), "a.pdf", "15тен ашпайт"),
    ],
)
def test_what_is_not_taken_says_why_and_what_to_do(desk: Desk, cast: Cast, data: bytes, name: str, said: str) -> None:
    made = desk.draft(body=BODY)
    assert said in handed_in(made, cast.aida, data, name)
    assert not DraftFile.objects.exists()
    assert not list(files.path_of(files.WORKING, "00").parent.parent.rglob("*"))


def test_a_document_that_is_public_is_read_again_when_somebody_comes_to_the_school(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY)
    handed_in(made, cast.aida, written(loaded("Үмөтова Назгүл сүрөт тартты.")), "a.pdf")
    desk.confirm_facts(made)
    desk.answer(made, Answer.NOT_OURS)
    desk.confirm_data(made)
    placed = published(made, cast)
    assert dict(aftermath.compare(desk.at).closed) == {}
    make_student("Үмөтова", "Назгүл", cast.seven)
    handed_in(made, cast.aida, written(loaded("Сүрөттөр көргөзмөсү.")), "a.pdf", instead=only(made).public_id)
    tomorrow = aftermath.compare(desk.at + timedelta(days=1))
    assert dict(tomorrow.closed) == {placed.public_id: ["new-finding"]}, "the one that is public, not its successor"
