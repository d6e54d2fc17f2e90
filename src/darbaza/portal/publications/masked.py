"""Pictures of what was published with somebody's place covered since: made when they are asked for.

The bytes that are opened are our own, made by the careful way and known by their digest, so it is done in the portal.
"""

import math
from dataclasses import replace
from functools import lru_cache

from darbaza.portal.publications import files
from darbaza.portal.publications.certificates import Content, OutFile
from darbaza.publication.findings import Box
from darbaza.publication.masking import Mask
from darbaza.publication.matter import digest_of
from darbaza.publication.pictures import Edits, Refused, cleaned

EDGE = 3
"""Pixels beyond a place in every size: a picture made smaller mixes each pixel with its neighbours."""


class MaskError(Exception):
    """A picture that has to be covered is missing or damaged; it is not shown then."""


def renamed(content: Content, mask: Mask | None) -> Content:
    """The same content with other names for pictures that are covered now, so that no browser shows what it kept."""
    return replace(content, files=tuple(renamed_file(one, mask) for one in content.files)) if mask else content


def renamed_file(file: OutFile, mask: Mask) -> OutFile:
    """A file's name with a mark of what is covered in it; as it was if nothing is."""
    places = mask.places.get(file.part)
    if not places:
        return file
    mark = digest_of([[one.left, one.top, one.width, one.height] for one in places])[:8]
    stem, _, ending = file.name.rpartition(".")
    return replace(file, name=f"{stem}-{mark}.{ending}")


def bytes_of(file: OutFile, mask: Mask | None, kept: Box | None) -> bytes | None:
    """What is served of a file: its bytes, or with places covered. None if it is missing, damaged, or can't be covered.

    `kept` is the part of the original that went out, None for all of it.
    """
    places = mask.places.get(file.part) if mask else None
    if not places:
        return files.read(files.PLACED, file.sha256)
    try:
        return covered(file.sha256, tuple(scaled(one, file, kept) for one in places))
    except (MaskError, ZeroDivisionError):
        return None


def scaled(place: Box, file: OutFile, kept: Box | None) -> Box:
    """A place of the original in a picture as it went out. Raises `ZeroDivisionError` if that one was not measured."""
    factor, left, top = file.width / file.made_of, kept.left if kept else 0, kept.top if kept else 0
    x, y = math.floor((place.left - left) * factor) - EDGE, math.floor((place.top - top) * factor) - EDGE
    right = math.ceil((place.left + place.width - left) * factor) + EDGE
    bottom = math.ceil((place.top + place.height - top) * factor) + EDGE
    return Box(x, y, right - x, bottom - y)


@lru_cache(maxsize=32)
def covered(sha256: str, places: tuple[Box, ...]) -> bytes:
    """The bytes of a placed picture with places covered. Raises `MaskError`."""
    data = files.read(files.PLACED, sha256)
    made = cleaned(data, Edits(places)) if data is not None else None
    if made is None or isinstance(made, Refused):
        raise MaskError(sha256)
    return made
