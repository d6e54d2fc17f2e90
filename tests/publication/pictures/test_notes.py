"""What a picture's file says of people is read, so that a person sees it."""

import pytest

from darbaza.publication.findings import Cell, Certainty
from darbaza.publication.kinds import DataKind
from darbaza.publication.pictures import Note, Picture, findings, look
from tests.publication.pictures.files import NAME, XMP, drawn, of_a_telephone, png_with_text, saved, told


def notes(data: bytes) -> dict[str, Note]:
    picture = look(data)
    assert isinstance(picture, Picture)
    return {note.name: note for note in picture.notes}


def test_exif_xmp_iptc_comment_and_what_follows_are_read() -> None:
    said = notes(told())
    assert {name: note.says for name, note in said.items()} == {
        "Exif: Artist": "Asanova Aigul",
        "Exif: XPComment": NAME,
        "Exif: CameraOwnerName": "Owner Bek",
        "Exif: GPS": "42.87500, 74.60000",
        "XMP: PersonInImage": NAME,
        "IPTC: Caption": f"caption {NAME}",
        "Text: Comment": f"comment {NAME}",
        "File: Picture": "",
    }
    assert said["Exif: GPS"].kind is DataKind.RESIDENCE
    assert said["File: Picture"].kind is DataKind.PHOTO


def test_a_second_of_video_behind_a_photo_is_told() -> None:
    assert notes(saved(drawn()) + b"\0\0\0\x18ftypmp42" + b"\0" * 99)["File: Video"].kind is DataKind.VIDEO


def test_all_that_a_telephone_keeps_behind_a_photo_is_told() -> None:
    said = notes(of_a_telephone(saved(drawn((400, 300)))))
    assert {"File: Picture", "File: Video"} <= said.keys()


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_a_second_picture_is_told_in_every_format(kind: str) -> None:
    assert notes(saved(drawn(), kind) * 2)["File: Picture"].kind is DataKind.PHOTO


def test_text_of_a_png_is_read() -> None:
    assert notes(png_with_text([("Author", NAME)]))["Text: Author"].says == NAME


def test_xmp_of_a_png_and_of_a_webp_is_read() -> None:
    assert notes(png_with_text([("XML:com.adobe.xmp", XMP)]))["XMP: PersonInImage"].says == NAME
    assert notes(saved(drawn(), "WEBP", xmp=XMP.encode()))["XMP: PersonInImage"].says == NAME


def test_xmp_with_entities_that_multiply_is_told_and_not_read() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    picture = look(saved(drawn(), xmp=bomb.encode()))
    assert not isinstance(picture, Picture) or picture.notes == (Note("XMP", "", DataKind.OTHER),)


def test_notes_are_hints_with_the_name_of_their_field() -> None:
    picture = look(told())
    assert isinstance(picture, Picture)
    first = findings(picture, "photo-1")[0]
    assert (first.certainty, first.part, first.where) == (Certainty.HINT, "photo-1", Cell("Exif: Artist"))
    assert first.shown == "Asanova Aigul"
