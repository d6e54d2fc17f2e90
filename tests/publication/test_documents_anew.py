"""What goes out of a document is made anew: nothing that its file carries unseen is in it, and what is seen is read."""

import io
import zlib
from collections.abc import Callable

import pikepdf
import pytest
import weasyprint
import xlsxwriter
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from darbaza.publication.attachments import AttachmentError, Format, Notice, Trouble, read_attachment
from darbaza.publication.attachments.anew import Anew, made_anew, placed, with_writing
from darbaza.publication.attachments.passages import Passage
from darbaza.publication.attachments.pdf_copy import MOST_PAGES, bare_jpeg, copied
from tests.publication.pictures.files import drawn, saved, told
from tests.publication.test_attachments import TYPES, packed, word

SECRET = "Кубатбекова"
"""Stands wherever a file carries something unseen, and may be nowhere in what goes out."""

ODF = (
    'xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:style="s" xmlns:draw="d" xmlns:fo="f" xmlns:dc="c" '
    'xmlns:xlink="x"'
)


def says(anew: Anew) -> str:
    """All that goes out."""
    return anew.html + "\n".join(one.text for one in anew.passages)


def test_of_a_word_file_only_what_is_seen_goes_out() -> None:
    body = (
        '<w:p><w:pPr><w:pStyle w:val="a1"/></w:pPr><w:r><w:t>Буйрук</w:t></w:r></w:p>'
        f'<w:p><w:del w:author="{SECRET}"><w:r><w:delText>{SECRET}</w:delText></w:r></w:del>'
        f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>{SECRET}</w:t></w:r>"
        f"<w:r><w:fldChar/><w:instrText>AUTHOR {SECRET}</w:instrText></w:r>"
        '<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">Жыйын </w:t></w:r><w:r><w:t>&lt;саат&gt; 10да</w:t>'
        '<w:footnoteReference w:id="2"/></w:r></w:p>'
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Класс</w:t></w:r></w:p></w:tc>"
        '<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>Кабинет</w:t></w:r></w:p></w:tc></w:tr></w:tbl>'
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="5"/></w:numPr></w:pPr>'
        "<w:r><w:t>биринчи</w:t></w:r></w:p>"
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="5"/></w:numPr></w:pPr>'
        "<w:r><w:t>анын бөлүгү</w:t></w:r></w:p>"
    )
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    data = word(
        body,
        word__styles_xml=f'<w:styles {names}><w:style w:styleId="a1"><w:name w:val="heading 1"/></w:style></w:styles>',
        word__numbering_xml=(
            f'<w:numbering {names}><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/>'
            '<w:lvlText w:val="%1."/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2."/>'
            '</w:lvl></w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
        ),
        word__footnotes_xml=(
            f'<w:footnotes {names}><w:footnote w:id="2"><w:p><w:r><w:t>Эскертүү</w:t></w:r></w:p></w:footnote>'
            f'<w:footnote w:id="9"><w:p><w:r><w:t>{SECRET}</w:t></w:r></w:p></w:footnote></w:footnotes>'
        ),
        word__comments_xml=f"<c><w:comment {names}><w:p><w:r><w:t>{SECRET}</w:t></w:r></w:p></w:comment></c>",
        word__header1_xml=f"<w:hdr {names}><w:p><w:r><w:t>{SECRET}</w:t></w:r></w:p></w:hdr>",
        docProps__core_xml=f'<p xmlns:dc="d"><dc:creator>{SECRET}</dc:creator></p>',
    )
    made = made_anew(data, "ky")
    assert SECRET not in says(made)
    assert "<h1>Буйрук</h1>" in made.html
    assert "<b>Жыйын </b>&lt;саат&gt; 10да[1]" in made.html
    assert '<td colspan="2"><p>Кабинет</p></td>' in made.html
    assert [one.text for one in made.passages if one.place == "body"] == [
        "Буйрук\nЖыйын <саат> 10да[1]",
        "1. биринчи\n1.1. анын бөлүгү\n[1] Эскертүү",
    ]
    assert made.left == (Notice.COMMENTS, Notice.TRACKED_CHANGES, Notice.HIDDEN, Notice.MARGINS, Notice.METADATA)


def workbook() -> bytes:
    """A sheet with a hidden row and column, another hidden sheet, a remark, and numbers in several looks."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.set_properties({"author": SECRET, "company": SECRET})
    sheet = book.add_worksheet("Жадыбал")
    sheet.merge_range("A1:B1", "Сабактар")
    sheet.write_row("A2", ["Математика", "Физика", SECRET])
    sheet.write_row("A3", [SECRET, SECRET])
    sheet.write("A4", 0.354166666, book.add_format({"num_format": "hh:mm"}))
    sheet.write("B4", 0.15, book.add_format({"num_format": "0%"}))
    sheet.write("A5", 40980, book.add_format({"num_format": "dd.mm.yyyy"}))
    sheet.write("B5", 1 / 3)
    sheet.set_column("C:C", None, None, {"hidden": True})
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.write_comment("A1", SECRET, {"author": SECRET})
    other = book.add_worksheet("эски")
    other.write("A1", SECRET)
    other.hide()
    book.close()
    return out.getvalue()


def test_of_a_workbook_hidden_rows_columns_sheets_and_remarks_stay_behind() -> None:
    made = made_anew(workbook(), "ky")
    assert SECRET not in says(made)
    assert "эски" not in made.html
    assert '<td colspan="2"><p>Сабактар</p></td>' in made.html
    for shown in ("08:30", "15 %", "12.03.2012", "0.3333333333"):
        assert f"<p>{shown}</p>" in made.html
    assert {Notice.HIDDEN, Notice.COMMENTS, Notice.METADATA} <= set(made.left)


def opendocument(kind: str, body: str, styles: str = "") -> bytes:
    """An OpenDocument file."""
    content = (
        f"<office:document-content {ODF}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body>{body}</office:body></office:document-content>"
    )
    meta = f"<office:meta {ODF}><dc:creator>{SECRET}</dc:creator></office:meta>"
    return packed({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content, "meta.xml": meta})


def test_of_an_opendocument_text_only_what_is_seen_goes_out() -> None:
    body = (
        '<text:h text:outline-level="2">Пландар</text:h>'
        f"<text:tracked-changes><text:p>{SECRET}</text:p></text:tracked-changes>"
        f'<text:p>Жыйын<text:s text:c="2"/><text:span text:style-name="k">бүгүн</text:span>'
        f'<text:span text:style-name="h">{SECRET}</text:span>'
        f"<office:annotation><dc:creator>{SECRET}</dc:creator><text:p>{SECRET}</text:p></office:annotation>"
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>шилтеме</text:p></text:note-body>"
        "</text:note></text:p>"
        "<text:list><text:list-item><text:p>бир</text:p></text:list-item></text:list>"
    )
    styles = (
        '<style:style style:name="k"><style:text-properties fo:font-weight="bold"/></style:style>'
        '<style:style style:name="h"><style:text-properties text:display="none"/></style:style>'
    )
    made = made_anew(opendocument("text", body, styles), "ky")
    assert SECRET not in says(made)
    assert "<h2>Пландар</h2>" in made.html
    assert "<b>бүгүн</b>[1]" in made.html
    assert "• бир" in made.passages[0].text
    assert made.passages[0].text.endswith("[1] шилтеме")


def test_of_an_opendocument_sheet_hidden_things_stay_behind_and_endless_rows_are_none() -> None:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    body = (
        '<table:table table:name="Баалар"><table:table-column/><table:table-column table:visibility="collapse"/>'
        f"<table:table-row>{cell.format('Китеп')}{cell.format(SECRET)}"
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        f'<table:table-row table:visibility="collapse">{cell.format(SECRET)}</table:table-row>'
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
        f'<table:table table:name="жашыруун" table:style-name="t"><table:table-row>{cell.format(SECRET)}'
        "</table:table-row></table:table>"
    )
    styles = '<style:style style:name="t"><style:table-properties table:display="false"/></style:style>'
    made = made_anew(opendocument("spreadsheet", body, styles), "ky")
    assert SECRET not in says(made)
    assert "жашыруун" not in made.html
    assert made.passages[0].cells == ((0, "sheet:Баалар!A1"),)


def loaded(text: str = "Мектептин планы") -> Pdf:
    """A PDF of ours, to be loaded with what nobody sees."""
    html = f"<p>{text}</p>"
    return Pdf.open(io.BytesIO(weasyprint.HTML(string=html).write_pdf()))  # type: ignore[no-untyped-call]


def written(pdf: Pdf) -> bytes:
    """The file of a PDF."""
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def everything(data: bytes) -> bytes:
    """All that stands in a PDF, with every stream unpacked."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        parts = [one.read_bytes() if _is_plain(one) else b"" for one in pdf.objects if isinstance(one, Stream)]
        parts += [repr(one).encode() for one in pdf.objects] + [repr(pdf.trailer).encode()]
    return b"\n".join((data, *parts))


def _is_plain(stream: Stream) -> bool:
    return stream.get("/Filter") != Name.DCTDecode


def test_of_a_pdf_nothing_goes_out_but_the_marks_on_its_pages() -> None:
    pdf = loaded()
    hidden = String("SECRET")
    pdf.docinfo["/Author"] = hidden
    with pdf.open_metadata() as packet:
        packet["dc:creator"] = ["SECRET"]
    pdf.attachments["SECRET.txt"] = b"SECRET"
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=hidden)
    page = pdf.pages[0]
    page.obj.Annots = Array([pdf.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Text, Contents=hidden, T=hidden, Rect=[0, 0, 9, 9], F=2
    ))])  # fmt: skip
    page.obj.PieceInfo = Dictionary(X=Dictionary(Private=hidden))
    picture = pdf.make_stream(told(drawn((60, 40))), Type=Name.XObject, Subtype=Name.Image, Width=60, Height=40,
        ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.DCTDecode)  # fmt: skip
    page.obj.Resources.XObject = Dictionary(P=picture)
    stream = b"/Span <</ActualText (SECRET)>> BDC q 60 0 0 40 20 20 cm /P Do Q EMC\n"
    page.contents_add(pdf.make_stream(stream), prepend=False)
    data = written(pdf)
    assert b"SECRET" in everything(data)
    assert b"Asanova" in told(drawn((60, 40)))
    copy = copied(data)
    assert b"SECRET" not in everything(copy.data)
    assert b"Asanova" not in everything(copy.data)
    assert copy.to_be_looked_at == (1,), "a page with a picture is looked at"
    read = read_attachment(copy.data)
    assert [one.place for one in read.passages] == ["page:1"]
    assert "Мектептин планы" in read.passages[0].text
    assert copied(data) == copy, "the same file goes out the same"


def test_a_page_of_plain_text_needs_no_look_and_one_without_text_does() -> None:
    assert copied(written(loaded())).to_be_looked_at == ()
    empty = pikepdf.new()
    empty.add_blank_page(page_size=(200, 200))
    assert copied(written(empty)).to_be_looked_at == (1,)


def test_a_picture_that_no_page_draws_does_not_go_out_and_only_its_page_is_looked_at() -> None:
    pdf = loaded()
    pdf.add_blank_page(page_size=(200, 200))
    kinds = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 60, "Height": 40, "BitsPerComponent": 8}
    shown, unseen = (
        pdf.make_stream(saved(drawn((60, 40))), ColorSpace=Name.DeviceRGB, Filter=Name.DCTDecode, **kinds)
        for _ in range(2)
    )
    fonts = pdf.pages[0].obj.Resources.Font
    shared = pdf.make_indirect(Dictionary(Font=fonts, XObject=Dictionary(Shown=shown, Unseen=unseen)))
    for page in pdf.pages:
        page.obj.Resources = shared
    pdf.pages[1].obj.Contents = pdf.make_stream(b"q 60 0 0 40 20 20 cm /Shown Do Q")
    copy = copied(written(pdf))
    assert copy.to_be_looked_at == (2,)
    with Pdf.open(io.BytesIO(copy.data)) as made:
        assert len([one for one in made.objects if isinstance(one, Stream) and one.get("/Subtype") == Name.Image]) == 1


def form(drawn: bytes | None) -> bytes:
    """A PDF with one entry of a form, drawn by whoever filled it in, or not."""
    pdf = loaded()
    field = pdf.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), F=4, V=String("Filled in"),
        Rect=[20, 20, 180, 40],
    ))  # fmt: skip
    if drawn is not None:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
        look = pdf.make_stream(drawn, Subtype=Name.Form, BBox=[0, 0, 160, 20])
        look.Resources = Dictionary(Font=Dictionary(F=font))
        field.AP = Dictionary(N=look)
    pdf.pages[0].obj.Annots = Array([field])
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array([field])))
    return written(pdf)


def test_what_is_filled_into_a_form_is_drawn_onto_its_page() -> None:
    read = read_attachment(copied(form(b"BT /F 12 Tf 2 4 Td (Filled in) Tj ET")).data)
    assert [one.place for one in read.passages] == ["page:1"]
    assert "Filled in" in read.passages[0].text


def pages(count: int) -> bytes:
    """A PDF of so many empty pages."""
    pdf = pikepdf.new()
    for _ in range(count):
        pdf.add_blank_page()
    return written(pdf)


def layered() -> bytes:
    """A PDF with layers."""
    pdf = loaded()
    pdf.Root.OCProperties = Dictionary(OCGs=Array())
    return written(pdf)


def locked() -> bytes:
    """A PDF with a password."""
    out = io.BytesIO()
    loaded().save(out, encryption=pikepdf.Encryption(user="a", owner="b"))
    return out.getvalue()


def with_macros() -> bytes:
    """A Word file with a program."""
    return word("<w:p><w:r><w:t>а</w:t></w:r></w:p>", **{"word__vbaProject.bin": b"x"})


@pytest.mark.parametrize(
    ("make", "trouble"),
    [
        (with_macros, Trouble.PROGRAMS),
        (lambda: word('<w:p><w:r><w:drawing><a:blip xmlns:a="a"/></w:drawing></w:r></w:p>'), Trouble.PICTURES),
        (lambda: word('<w:p><w:r><w:object><o:OLEObject xmlns:o="o"/></w:object></w:r></w:p>'), Trouble.OBJECTS),
        (lambda: word("<w:p/>"), Trouble.EMPTY),
        (lambda: opendocument("text", "<text:p><draw:frame><draw:image/></draw:frame></text:p>"), Trouble.PICTURES),
        (lambda: opendocument("graphics", "<text:p>а</text:p>"), Trouble.UNKNOWN),
        (lambda: packed({"[Content_Types].xml": TYPES, "ppt/presentation.xml": "<a/>"}), Trouble.SLIDES),
        (layered, Trouble.LAYERS),
        (lambda: form(None), Trouble.FORM),
        (locked, Trouble.LOCKED),
        (lambda: pages(MOST_PAGES + 1), Trouble.TOO_MANY_PAGES),
        (lambda: b"text", Trouble.UNKNOWN),
        (lambda: word("<w:p/>").replace(b"PK", b"%PDF-1.7 PK", 1), Trouble.TWO_FORMATS),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, Trouble.OLD_OFFICE),
    ],
)
def test_what_cannot_be_made_anew_wholly_is_refused_with_its_reason(
    make: Callable[[], bytes], trouble: Trouble
) -> None:
    with pytest.raises(AttachmentError) as refused:
        made_anew(make(), "ky")
    assert refused.value.trouble is trouble


def test_a_content_stream_that_unpacks_without_end_is_refused() -> None:
    pdf = loaded()
    endless = zlib.compress(b"q Q\n" * 4_000_000)
    pdf.pages[0].obj.Contents = Stream(pdf, endless, Filter=Name.FlateDecode)
    with pytest.raises(AttachmentError) as refused:
        made_anew(written(pdf), "ky")
    assert refused.value.trouble is Trouble.TOO_MUCH_INSIDE


def test_a_jpeg_loses_its_notes_and_what_follows_it_and_no_pixel() -> None:
    noted = told(drawn((90, 60))) + b"SECRET"
    bare = bare_jpeg(noted)
    assert b"SECRET" not in bare
    assert b"Exif" not in bare
    before, after = (Image.open(io.BytesIO(one)).convert("RGB").tobytes() for one in (noted, bare))
    assert before == after
    for broken in (b"\xff\xd8\xff", saved(drawn((90, 60)))[:200], b"x"):
        with pytest.raises(AttachmentError):
            bare_jpeg(broken)


def test_lines_of_a_word_file_are_named_by_the_page_on_which_they_were_set() -> None:
    passages = (Passage("body", "бир эки\nүч төрт"), Passage("table:1", "а\n", ((0, "table:1!A1"),)))
    assert [(one.place, one.text) for one in placed(passages, ("бир\nэки", "үч\nтөрт а"))] == [
        ("page:1", "бир эки"),
        ("page:2", "үч төрт"),
        ("table:1", "а\n"),
    ]


def test_what_a_picture_of_a_page_says_is_added_once() -> None:
    read = with_writing((Passage("page:1", "Мектеп планы"),), [(1, "Мектеп планы\nАсанов Айбек")])
    assert read == (Passage("page:1", "Мектеп планы\n\nАсанов Айбек"),)


def test_a_file_read_as_text_is_no_document() -> None:
    assert read_attachment("а;б\nв;г\n".encode()).format is Format.TABLE
