"""What a picture's file says in words beside its pixels: who took it, who is on it, where it was.

None of it goes out: a cleaned copy holds pixels only. It is read so that a person sees what the file would have told,
and learns whose names a caption brought along. Sources: Exif 2.32, XMP part 1, IPTC-IIM 4.2, PNG 3rd edition 11.3.
"""

import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import ExifTags, ImageCms, IptcImagePlugin

from darbaza.publication.kinds import DataKind
from darbaza.publication.pictures.container import Tail
from darbaza.publication.pictures.reading import FAULTS, Opened

LONGEST = 500
"""Characters of one note that are shown."""

MOST_NOTES = 200

IN_EXIF = frozenset(
    {
        *("Artist", "Copyright", "ImageDescription", "HostComputer", "UserComment", "CameraOwnerName"),
        *("XPTitle", "XPComment", "XPAuthor", "XPKeywords", "XPSubject"),
        *("BodySerialNumber", "LensSerialNumber", "ImageUniqueID"),
    }
)
"""Fields of Exif that name people, or the one camera that a person carries."""

IN_IPTC = {
    (2, 5): "ObjectName",
    (2, 25): "Keywords",
    (2, 80): "By-line",
    (2, 90): "City",
    (2, 92): "Sub-location",
    (2, 101): "Country",
    (2, 103): "OriginalTransmissionReference",
    (2, 105): "Headline",
    (2, 110): "Credit",
    (2, 116): "CopyrightNotice",
    (2, 118): "Contact",
    (2, 120): "Caption",
    (2, 122): "Writer",
}
IN_XMP = frozenset(
    {
        *("creator", "title", "description", "subject", "rights", "contributor", "publisher", "hierarchicalsubject"),
        *("author", "artist", "owner", "ownername", "cameraownername", "usercomment", "imagedescription", "copyright"),
        *("authorsposition", "captionwriter", "credit", "headline", "instructions", "source", "transmissionreference"),
        *("personinimage", "personname", "persondisplayname", "name", "serialnumber", "lensserialnumber"),
        *("city", "state", "country", "location", "sublocation", "countryname", "provincestate", "event"),
        *("gpslatitude", "gpslongitude", "ciemailwork", "citelwork", "ciadrextadr", "ciadrcity", "ciurlwork"),
    }
)
"""Fields of XMP that say who or where, in small letters (XMP part 1 and 2, IPTC Photo Metadata 2023, MWG 2.0)."""

USUAL_PROFILES = ("srgb", "adobe rgb", "display p3", "dot gain", "gray gamma", "generic", "apple rgb", "dci-p3", "c2")
PLACES = {"City", "Sub-location", "Country", "Location", "State", "Sublocation", "CountryName", "ProvinceState"}


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that the file says: where it stands (`Exif: Artist`), what it says, and what of a person it may be."""

    name: str
    says: str
    kind: DataKind


def notes_of(opened: Opened) -> tuple[Note, ...]:
    """All that a file says beside its pixels, in a fixed order; a part that is broken says only that it is there."""
    found: list[Note] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd notes; one that can't be read is told as such
        for name, part in PARTS.items():
            try:
                found += part(opened)
            except (*FAULTS, MemoryError, Xml.ParseError, DefusedXmlException):
                found.append(Note(name, "", DataKind.OTHER))
    return tuple(dict.fromkeys(found))[:MOST_NOTES]


def exif(opened: Opened) -> Iterator[Note]:
    """Artist, owner, descriptions, serial numbers."""
    tags = opened.raw.getexif()
    for ifd in (dict(tags), tags.get_ifd(ExifTags.IFD.Exif)):
        for number, value in sorted(ifd.items()):
            name = ExifTags.TAGS.get(number, "")
            if name == "MakerNote":  # what only the camera's maker can read
                yield Note("Exif: MakerNote", "", DataKind.OTHER)
            elif name in IN_EXIF and (said := words(value, wide=name.startswith("XP"))):
                yield Note(f"Exif: {name}", said, DataKind.OTHER)


def place(opened: Opened) -> Iterator[Note]:
    """Where it was taken, in degrees."""
    gps = opened.raw.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    latitude, longitude = degrees(gps.get(2), gps.get(1) == "S"), degrees(gps.get(4), gps.get(3) == "W")
    if latitude is not None and longitude is not None:
        yield Note("Exif: GPS", f"{latitude:.5f}, {longitude:.5f}", DataKind.RESIDENCE)
    elif gps:
        yield Note("Exif: GPS", "", DataKind.RESIDENCE)


def degrees(value: object, negative: bool) -> float | None:
    """Degrees of degrees, minutes and seconds."""
    if not isinstance(value, tuple) or len(value) != 3:
        return None
    whole = float(value[0]) + float(value[1]) / 60 + float(value[2]) / 3600
    return -whole if negative else whole


def thumbnail(opened: Opened) -> Iterator[Note]:
    """A small picture within the file, which may still show what was cut away or covered."""
    if opened.raw.getexif().get_ifd(ExifTags.IFD.IFD1):
        yield Note("Exif: Thumbnail", "", DataKind.PHOTO)


def xmp(opened: Opened) -> Iterator[Note]:
    """Creators, captions, keywords, places, and the names that programs wrote to faces."""
    packet = opened.raw.info.get("xmp") or opened.raw.info.get("XML:com.adobe.xmp")
    if not packet:
        return
    text = packet.decode("utf-8", "replace") if isinstance(packet, bytes) else str(packet)
    root = fromstring(text.strip("\0 \r\n\t\ufeff"), forbid_dtd=True)
    yield from xmp_values(root, "")


def xmp_values(element: Xml.Element, parent: str) -> Iterator[Note]:
    """The values of one element and of those within it; a list's items bear the list's name."""
    name = element.tag.rpartition("}")[2]
    label = parent if name in {"RDF", "Seq", "Bag", "Alt", "li", "Description"} else name
    values = [(label, element.text or "")]
    values += [(key.rpartition("}")[2], value) for key, value in element.attrib.items()]
    for key, value in values:
        if key.lower() in IN_XMP and (said := words(value)):
            yield Note(f"XMP: {key}", said, kind_of(key))
    for inner in element:
        yield from xmp_values(inner, label)


def kind_of(name: str) -> DataKind:
    """A place is where somebody lives or learns; everything else may name anybody."""
    return DataKind.RESIDENCE if name in PLACES or name.startswith(("GPS", "CiAdr")) else DataKind.OTHER


def iptc(opened: Opened) -> Iterator[Note]:
    """Captions, keywords, by-lines and places of the press's older notes."""
    for key, value in sorted((IptcImagePlugin.getiptcinfo(opened.raw) or {}).items()):
        name = IN_IPTC.get(key)
        for one in value if isinstance(value, list) else [value]:
            if name and (said := words(one)):
                yield Note(f"IPTC: {name}", said, kind_of(name))


def texts(opened: Opened) -> Iterator[Note]:
    """Comments of JPEG and GIF, and the text chunks of PNG."""
    info = opened.raw.info
    values = {"Comment": info.get("comment", ""), **getattr(opened.raw, "text", {})}
    for name, value in values.items():
        if name != "XML:com.adobe.xmp" and (said := words(value)):
            yield Note(f"Text: {name}"[:LONGEST], said, DataKind.OTHER)


def profile(opened: Opened) -> Iterator[Note]:
    """The description of a colour profile, if it is none of those that cameras and programs share."""
    embedded = opened.raw.info.get("icc_profile")
    if embedded:
        said = words(ImageCms.ImageCmsProfile(io.BytesIO(embedded)).profile.profile_description or "")
        if said and not said.lower().startswith(USUAL_PROFILES):
            yield Note("ICC: Description", said, DataKind.OTHER)


def tail(opened: Opened) -> Iterator[Note]:
    """What follows the picture in its file."""
    kinds = {Tail.PICTURE: DataKind.PHOTO, Tail.VIDEO: DataKind.VIDEO, Tail.OTHER: DataKind.OTHER}
    for one in opened.container.tails:
        yield Note("File: " + one.capitalize(), "", kinds[one])


def words(value: object, wide: bool = False) -> str:
    """What a field says, in one line; empty where it has no letter or digit."""
    if isinstance(value, bytes):
        value = decoded(value, wide)
    text = " ".join(str(value).replace("\0", " ").split())
    printable = "".join(letter for letter in text if letter.isprintable())
    return printable[:LONGEST] if any(letter.isalnum() for letter in printable) else ""


def decoded(value: bytes, wide: bool) -> str:
    """Text of bytes: Windows' fields are UTF-16, Exif's comments name their code, all others are UTF-8 or Cyrillic."""
    if wide:
        return value.decode("utf-16-le", "replace")
    for code, encoding in ((b"UNICODE\0", "utf-16"), (b"ASCII\0\0\0", "ascii"), (b"\0" * 8, "utf-8")):
        if value.startswith(code):
            return value[8:].decode(encoding, "replace")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1251", "replace")


PARTS: dict[str, Callable[[Opened], Iterator[Note]]] = {
    "Exif": exif,
    "Exif: GPS": place,
    "Exif: Thumbnail": thumbnail,
    "XMP": xmp,
    "IPTC": iptc,
    "Text": texts,
    "ICC": profile,
    "File": tail,
}
