"""Files are read for what they say of people, seen or unseen; what cannot be read safely is refused with its reason."""

import io
import zipfile
from collections.abc import Mapping

import pypdf
import pytest
import weasyprint
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from darbaza.publication.attachments import (
    Attachment,
    AttachmentError,
    Format,
    Notice,
    Trouble,
    find_in_attachment,
    read_attachment,
)
from darbaza.publication.findings import Cell
from darbaza.publication.kinds import DataKind
from tests.publication.findings_set.reading import roster

SCHOOL = roster()
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """An archive of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def word(body: str, **more: str | bytes) -> bytes:
    """A Word file with this body, and other members (`__` for `/`)."""
    others = {name.replace("__", "/").replace("_xml", ".xml"): data for name, data in more.items()}
    document = f"<w:document {WORD}><w:body>{body}</w:body></w:document>"
    return packed({"[Content_Types].xml": TYPES, "word/document.xml": document, **others})


def places(data: bytes) -> dict[str, set[tuple[str, ...]]]:
    """Whose names stand where in a file."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for finding in find_in_attachment(read_attachment(data), SCHOOL, "file"):
        assert isinstance(finding.where, Cell)
        if finding.people:
            found.setdefault(finding.where.name, set()).add(finding.people)
    return found


def kinds(attachment: Attachment) -> set[tuple[DataKind, str, str]]:
    """Which data stand where."""
    return {
        (finding.kind, finding.where.name, finding.shown)
        for finding in find_in_attachment(attachment, SCHOOL, "file")
        if isinstance(finding.where, Cell)
    }


def test_a_name_that_word_cut_into_runs_is_found() -> None:
    body = "<w:p><w:r><w:t>Аса</w:t></w:r><w:r><w:t>нов Айб</w:t></w:r><w:r><w:t>екке сыйлык</w:t></w:r></w:p>"
    assert places(word(body)) == {"body": {("1",)}}


def test_a_table_in_word_keeps_a_row_together() -> None:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    body = f"<w:tbl><w:tr>{cell.format('Асанов')}{cell.format('Айбек')}</w:tr></w:tbl>"
    assert places(word(body)) == {"body": {("1",)}}


def test_deleted_text_comments_headers_and_authors_of_word_are_read() -> None:
    body = (
        '<w:p><w:del w:author="Мамбетова Айгүл"><w:r><w:delText>Бакыт уулу Эрлан</w:delText></w:r></w:del>'
        "<w:r><w:t>окуучу</w:t></w:r></w:p>"
    )
    data = word(
        body,
        word__comments_xml=f"<w:c {WORD}><w:comment><w:p><w:r><w:t>Асанов Айбек</w:t></w:r></w:p></w:comment></w:c>",
        word__header1_xml=f"<w:hdr {WORD}><w:p><w:r><w:t>Ким Виктория</w:t></w:r></w:p></w:hdr>",
        docProps__core_xml=(
            '<cp xmlns:dc="d" xmlns:cp="c"><dc:creator>Асанова Нурзат</dc:creator>'
            "<cp:lastModifiedBy>user</cp:lastModifiedBy></cp>"
        )
        .replace("<cp ", "<cp:coreProperties ")
        .replace("</cp>", "</cp:coreProperties>"),
    )
    assert places(data) == {
        "metadata:author": {("7",)},
        "deleted": {("3",)},
        "comment": {("1",)},
        "header": {("8",)},
        "metadata:creator": {("2",)},
    }
    attachment = read_attachment(data)
    assert {Notice.TRACKED_CHANGES, Notice.COMMENTS} <= attachment.notices
    assert (DataKind.OTHER, "metadata:lastModifiedBy", "user") in kinds(attachment)


def workbook() -> bytes:
    """A class list as a school keeps it, with a hidden sheet."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.set_properties({"author": "Мамбетова Айгүл"})
    sheet = book.add_worksheet("7-А")
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    sheet.write_row(0, 0, ["№", "Фамилиясы", "Аты", "Телефон", "ПИН", "Туулган күнү"])
    sheet.write_row(1, 0, [1, "Асанов", "Айбек", 555123456, 21203201200123])
    sheet.write_number(1, 5, 40980, day)
    hidden = book.add_worksheet("баштапкы")
    hidden.write(4, 2, "Бакыт уулу Эрлан")
    hidden.hide()
    sheet.write_comment("A1", "Сураган: Ким Виктория", {"author": "Петренко Павел"})
    book.close()
    return out.getvalue()


def test_cells_of_a_sheet_are_named_and_numbers_under_a_heading_are_what_it_says() -> None:
    attachment = read_attachment(workbook())
    assert attachment.format is Format.SHEET
    found = kinds(attachment)
    assert (DataKind.SURNAME, "sheet:7-А!B2", "Асанов") in found
    assert (DataKind.GIVEN_NAME, "sheet:7-А!C2", "Айбек") in found
    assert (DataKind.PHONE, "sheet:7-А!D2", "555123456") in found
    assert (DataKind.DOCUMENT_NUMBER, "sheet:7-А!E2", "21203201200123") in found
    assert (DataKind.AGE, "sheet:7-А!F2", "12.03.2012") in found


def test_hidden_sheets_comments_and_authors_of_a_workbook_are_read() -> None:
    found = places(workbook())
    assert found["sheet:баштапкы!C5"] == {("3",)}
    assert found["comment"] >= {("8",)}
    assert found["metadata:creator"] == {("7",)}
    assert {Notice.HIDDEN, Notice.COMMENTS} <= read_attachment(workbook()).notices


def test_slides_and_their_notes_are_read() -> None:
    slide = '<p:sld xmlns:p="p" xmlns:a="a"{}><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sld>'
    data = packed(
        {
            "[Content_Types].xml": TYPES,
            "ppt/slides/slide1.xml": slide.format("", "Жеңүүчү Асанов Айбек"),
            "ppt/slides/slide2.xml": slide.format(' show="0"', "Ким Виктория"),
            "ppt/notesSlides/notesSlide1.xml": slide.format("", "Айтам: Бакыт уулу Эрланга рахмат"),
            "ppt/commentAuthors.xml": '<p:l xmlns:p="p"><p:cmAuthor name="Мамбетова Айгүл"/></p:l>',
            "ppt/media/image1.jpeg": b"x",
        }
    )
    assert places(data) == {
        "slide:1": {("1",)},
        "slide:2": {("8",)},
        "notes:1": {("3",)},
        "metadata:author": {("7",)},
    }
    assert read_attachment(data).notices == {Notice.HIDDEN, Notice.PICTURES}


def test_open_documents_are_read_with_their_remarks_and_metadata() -> None:
    spaces = 'xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:dc="d" xmlns:meta="m"'
    content = (
        f"<office:document-content {spaces}><office:body><text:p>Сыйлык <text:span>Аса</text:span>нов Айбекке</text:p>"
        "<office:annotation><dc:creator>Ким&#32;Виктория</dc:creator>"
        "<text:p>Бакыт уулу Эрланды да</text:p></office:annotation>"
        "<table:table-row><table:table-cell><text:p>Асанова</text:p></table:table-cell>"
        "<table:table-cell><text:p>Нурзат</text:p></table:table-cell></table:table-row>"
        "</office:body></office:document-content>"
    )
    meta = f"<office:meta {spaces}><meta:initial-creator>Мамбетова Айгүл</meta:initial-creator></office:meta>"
    data = packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, "meta.xml": meta})
    assert places(data) == {
        "body": {("1",), ("3",), ("2",)},
        "metadata:author": {("8",)},
        "metadata:initial-creator": {("7",)},
    }
    assert Notice.COMMENTS in read_attachment(data).notices


def test_a_file_within_a_file_is_read() -> None:
    inner = word("<w:p><w:r><w:t>Асанов Айбек</w:t></w:r></w:p>")
    outer = packed({"[Content_Types].xml": TYPES, "word/document.xml": "<d/>", "word/embeddings/a.docx": inner})
    assert places(outer) == {"word/embeddings/a.docx > body": {("1",)}}
    assert Notice.FILES_INSIDE in read_attachment(outer).notices


@pytest.fixture(scope="module")
def document() -> bytes:
    """A PDF as a school prints one."""
    page = (
        "<html lang=ky><title>Тизме</title><meta name=author content='Мамбетова Айгүл'>"
        "<p>Жеңүүчү — Жээнбеков Өмүрбек, Төлөгөнов Элдиярга алкыш.<p style='page-break-before: always'>"
        "<table><tr><td>Асанов<td>Айбек<td>0555 123 456</table>"
        "<a href='mailto:aibek.asanov@example.test'>кат</a>"
    )
    made: bytes = weasyprint.HTML(string=page).write_pdf()
    return made


def test_a_pdf_is_read_page_by_page_with_its_author_and_links(document: bytes) -> None:
    found = kinds(read_attachment(document))
    assert (DataKind.SURNAME, "page:1", "Жээнбеков") in found
    assert (DataKind.GIVEN_NAME, "page:1", "Элдиярга") in found
    assert (DataKind.PHONE, "page:2", "0555 123 456") in found
    assert (DataKind.SURNAME, "metadata:Author", "Мамбетова") in found
    assert any(kind is DataKind.EMAIL and place == "comment:2" for kind, place, _ in found)


def test_a_pdf_with_a_password_is_refused(document: bytes) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(document))
    writer.encrypt("сыр", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    assert trouble_of(out.getvalue()) is Trouble.LOCKED


def test_pages_without_text_are_for_eyes() -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    out = io.BytesIO()
    writer.write(out)
    assert Notice.SCANNED in read_attachment(out.getvalue()).notices


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_a_table_of_text_is_read_in_any_encoding(encoding: str) -> None:
    table = "Фамилия;Имя;Телефон\nАсанов;Айбек;0555123456\nКим;Виктория;\nПетренко;Павел;\n"
    attachment = read_attachment(table.encode(encoding))
    assert attachment.format is Format.TABLE
    found = kinds(attachment)
    assert (DataKind.SURNAME, "table!A2", "Асанов") in found
    assert (DataKind.PHONE, "table!C2", "0555123456") in found
    assert (DataKind.GIVEN_NAME, "table!B4", "Павел") in found


def test_plain_text_is_read() -> None:
    assert places("Бүгүн Асанов Айбек келди.".encode()) == {"body": {("1",)}}


def trouble_of(data: bytes) -> Trouble:
    """Why a file is refused."""
    with pytest.raises(AttachmentError) as refused:
        read_attachment(data)
    return refused.value.trouble


def test_bombs_are_refused_before_they_burst() -> None:
    zeros = "<w:t>" + " " * 30_000_000 + "</w:t>"
    assert trouble_of(word(zeros)) is Trouble.TOO_MUCH_INSIDE
    many = {f"word/{number}.xml": "" for number in range(3_001)}
    assert trouble_of(packed({"[Content_Types].xml": TYPES, **many})) is Trouble.TOO_MUCH_INSIDE
    laughs = '<!DOCTYPE a [<!ENTITY b "ха"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    assert trouble_of(packed({"[Content_Types].xml": TYPES, "word/document.xml": laughs})) is Trouble.BROKEN


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"", Trouble.EMPTY),
        (b" \n", Trouble.EMPTY),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, Trouble.OLD_OFFICE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), Trouble.LOCKED),
        (b"{\\rtf1 hello}", Trouble.OLD_OFFICE),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, Trouble.UNKNOWN),
        (b"\0\1\2\3", Trouble.UNKNOWN),
        (b"PK\x03\x04 and nothing more", Trouble.BROKEN),
        (b"%PDF-1.7\nnothing", Trouble.BROKEN),
        (packed({"a.txt": "a"}), Trouble.UNKNOWN),
        (b"%PDF-1.7\n" + packed({"a.txt": "a"}), Trouble.TWO_FORMATS),
        (b"GIF89a" + packed({"a.txt": "a"}), Trouble.TWO_FORMATS),
        (word("<w:p>")[:-40], Trouble.BROKEN),
        (word("<w:p>"), Trouble.BROKEN),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, trouble: Trouble) -> None:
    assert trouble_of(data) is trouble


@given(st.binary(max_size=400), st.sampled_from([b"", b"%PDF-1.4\n", b"PK\x03\x04"]))
@settings(deadline=None, max_examples=60)
def test_any_bytes_are_read_or_refused(data: bytes, begin: bytes) -> None:
    try:
        assert read_attachment(begin + data).format in Format
    except AttachmentError:
        return


WHOLE = (workbook(), word("<w:p><w:r><w:t>Асанов Айбек</w:t></w:r></w:p>"))


@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=3))
@settings(deadline=None, max_examples=40)
def test_a_damaged_file_is_read_or_refused(whole: bytes, damage: list[tuple[float, int]]) -> None:
    damaged = bytearray(whole)
    for place, value in damage:
        damaged[int(place * len(damaged))] = value
    try:
        assert read_attachment(bytes(damaged)).format in Format
    except AttachmentError:
        return
