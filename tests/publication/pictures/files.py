"""Picture files for tests: drawn here, with everything in them that a picture may say of people."""

import base64
import io
import struct
import zlib
from collections.abc import Iterable
from typing import Any

from PIL import ExifTags, Image, ImageDraw, ImageFilter
from PIL.PngImagePlugin import PngInfo

NAME = "Асанова Айгүл"
XMP = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/">
<Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>{NAME}</rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImage>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def drawn(size: tuple[int, int] = (120, 80), mode: str = "RGB") -> Image.Image:
    """A picture whose corners differ: red above left, green above right, blue below left."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    half = (size[0] // 2, size[1] // 2)
    draw.rectangle((0, 0, half[0] - 1, half[1] - 1), fill=(200, 20, 20))
    draw.rectangle((half[0], 0, size[0], half[1] - 1), fill=(20, 180, 20))
    draw.rectangle((0, half[1], half[0] - 1, size[1]), fill=(20, 20, 200))
    return image.convert(mode)


def saved(image: Image.Image, kind: str = "JPEG", **how: Any) -> bytes:
    """A picture as the bytes of a file."""
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def told(image: Image.Image | None = None) -> bytes:
    """A JPEG that says in Exif, IPTC, XMP and a comment who is on it and where it was, with a thumbnail and a tail."""
    image = image or drawn()
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Asanova Aigul"
    exif[ExifTags.Base.XPComment] = f"{NAME}\0".encode("utf-16-le")
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.CameraOwnerName] = "Owner Bek"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[1], gps[2], gps[3], gps[4] = "N", (42.0, 52.0, 30.0), "E", (74.0, 36.0, 0.0)
    comment = f"comment {NAME}".encode()
    data = saved(image, "JPEG", exif=exif, xmp=XMP.encode(), comment=comment)
    return data[:2] + iptc(f"caption {NAME}") + data[2:] + saved(image.resize((40, 30)))


def iptc(caption: str) -> bytes:
    """A segment APP13 that holds one caption (IPTC-IIM 2:120 within Photoshop's resource 1028)."""
    text = caption.encode()
    record = b"\x1c\x02\x78" + struct.pack(">H", len(text)) + text
    resource = b"8BIM" + struct.pack(">HHI", 1028, 0, len(record)) + record + b"\0" * (len(record) % 2)
    body = b"Photoshop 3.0\0" + resource
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body


def with_segment(marker: int, body: bytes) -> bytes:
    """A JPEG with one segment more at its beginning."""
    data = saved(drawn())
    return data[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body + data[2:]


def with_hidden_picture(where: str, inner: bytes) -> bytes:
    """A JPEG in whose notes another picture is kept, as programs do: often what was there before it was cropped."""
    if where == "Exif":
        first = struct.pack("<HI", 0, 14)
        entries = ((0x103, 3, 1, 6), (0x201, 4, 1, 56), (0x202, 4, 1, len(inner)))
        second = struct.pack("<H", 3) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
        return with_segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + first + second + bytes(4) + inner)
    if where == "Photoshop":
        head = struct.pack(">IIIIIIHH", 1, 60, 40, 180, 7200, len(inner), 24, 1)
        resource = b"8BIM" + struct.pack(">HHI", 1036, 0, len(head + inner)) + head + inner
        return with_segment(0xED, b"Photoshop 3.0\0" + resource + bytes(len(resource) % 2))
    if where == "XMP":
        return saved(drawn(), xmp=XMP.replace(NAME, base64.b64encode(inner).decode()).encode())
    marker, head = {"JFXX": (0xE0, b"JFXX\0\x10"), "C2PA": (0xEB, b"JP\0\1\0\0\0\1\0\0\0\x08jumb")}[where]
    return with_segment(marker, head + inner)


def of_a_telephone(inner: bytes) -> bytes:
    """A JPEG as telephones of today keep it: behind it a map for bright screens, and a second of video with sound."""
    film = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42\0\0\x20\x08mdat" + inner * 3 + bytes(8192)
    return saved(drawn(), xmp=XMP.encode()) + inner + film


def png_with_text(texts: Iterable[tuple[str, str]]) -> bytes:
    """A PNG with text chunks."""
    info = PngInfo()
    for name, text in texts:
        info.add_itxt(name, text)
    return saved(drawn(), "PNG", pnginfo=info)


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(width: int, height: int) -> bytes:
    """A small PNG that claims to be huge; its pixels are zeros, packed."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def with_chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG with one chunk more, before its pixels."""
    data = saved(drawn(), "PNG")
    return data[:33] + chunk(kind, body) + data[33:]


def png_of_sixteen_bits(alpha: bool) -> bytes:
    """A PNG of sixteen bits a colour, which Pillow does not write: its left half dark red, its right half white."""
    opaque = (65535,) if alpha else ()
    dark, white = (struct.pack(f">{3 + alpha}H", *colour, *opaque) for colour in ((40000, 300, 300), (65535,) * 3))
    rows = (b"\0" + dark * 20 + white * 20) * 30
    head = struct.pack(">IIBBBBB", 40, 30, 16, 6 if alpha else 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def of_many_scans() -> bytes:
    """A progressive JPEG whose last scan comes a hundred times: each would be decoded over the whole picture."""
    data = saved(drawn(), progressive=True)
    last = data.rfind(b"\xff\xda")
    return data[:-2] + data[last:-2] * 100 + data[-2:]


SKIN, HAIR, LIP, DARK = (226, 178, 148), (50, 35, 28), (180, 80, 80), (90, 55, 45)
FACE = (
    *(((-0.12, -0.2, 1.12, 0.75), HAIR), ((0, 0, 1, 1), SKIN), ((0.02, -0.12, 0.98, 0.3), HAIR)),
    *(((0.19, 0.42, 0.41, 0.49), "white"), ((0.25, 0.415, 0.35, 0.495), DARK), ((0.17, 0.33, 0.43, 0.37), DARK)),
    *(((0.59, 0.42, 0.81, 0.49), "white"), ((0.65, 0.415, 0.75, 0.495), DARK), ((0.57, 0.33, 0.83, 0.37), DARK)),
    *(((0.44, 0.45, 0.5, 0.66), (205, 152, 122)), ((0.44, 0.64, 0.48, 0.67), DARK), ((0.52, 0.64, 0.56, 0.67), DARK)),
    *(((0.32, 0.74, 0.68, 0.84), LIP), ((0.34, 0.775, 0.66, 0.795), DARK)),
)
"""Ellipses of a drawn face, as shares of its width and height: hair, head, fringe, eyes, nose, mouth."""


def face(width: int) -> Image.Image:
    """A drawn face of nobody, some pixels wide, in the middle of a square twice and a half as wide."""
    wide, high, side = 8 * width, 10.8 * width, 20 * width
    left, top = (side - wide) / 2, (side - high) / 2
    image = Image.new("RGB", (side, side), (120, 150, 170))
    draw = ImageDraw.Draw(image)
    draw.rectangle((left + 0.3 * wide, top + 0.85 * high, left + 0.7 * wide, top + 1.25 * high), fill=(196, 140, 110))
    for (west, north, east, south), colour in FACE:
        draw.ellipse((left + west * wide, top + north * high, left + east * wide, top + south * high), fill=colour)
    return image.filter(ImageFilter.GaussianBlur(wide * 0.015)).resize((side // 8, side // 8), Image.Resampling.LANCZOS)
