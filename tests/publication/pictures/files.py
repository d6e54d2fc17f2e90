"""Picture files for tests: drawn here, with everything in them that a picture may say of people."""

import io
import struct
import zlib
from collections.abc import Iterable
from typing import Any

from PIL import ExifTags, Image, ImageDraw
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


def png_with_text(texts: Iterable[tuple[str, str]]) -> bytes:
    """A PNG with text chunks."""
    info = PngInfo()
    for name, text in texts:
        info.add_itxt(name, text)
    return saved(drawn(), "PNG", pnginfo=info)


def png_bomb(width: int, height: int) -> bytes:
    """A small PNG that claims to be huge; its pixels are zeros, packed."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
