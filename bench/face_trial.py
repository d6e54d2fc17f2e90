"""How many faces are found in a stranger's pictures: class photos, prints, collages, screens, bad light, messengers.

Nobody and no photo here has a part in the other benches. Portraits are those of dashboards' templates and of a face
program's tests, groups are the nine photos of parties and families (Pascal VOC) that dlib carries together with its
author's own boxes, rooms and streets are templates' too. They are read from archives, checked by SHA-256, and nothing
of them is in this repository; the portraits' rectangles were checked by eye:

    cd var
    npm pack argon-design-system-free@1.2.0 soft-ui-dashboard@1.0.1 admin-lte@3.2.0 \\
        @themesberg/volt-bootstrap-5-dashboard@1.4.1 startbootstrap-landing-page@6.0.6
    pip download --no-deps --no-binary :all: face_recognition==1.3.0
    apt-get source --download-only dlib=19.24+dfsg-1
    cd .. && bench/face_trial.py              one half of the people and photos
    bench/face_trial.py --held-out            the other half

Portraits become people in rows, framed on a wall, in a collage, on a screen or a print; some wear a hat, a headscarf, a
mask, glasses, or hold a hand before them; some look aside, as they do in their portraits. Then each picture goes
through a telephone and a messenger. A face is counted if it has 24 pixels or more in the picture that arrives.
"""

import argparse
import io
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from math import cos, radians, sin
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.face_groups import found_of
from bench.faces import Face
from bench.strangers import Shot, class_photo, collage, framed, groups, print_of, screen, shrunk
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from darbaza.publication.findings import Box
from darbaza.publication.pictures.faces import faces_in
from darbaza.publication.pictures.reading import opened

LEAST = 24
"""Pixels of a face's width in the picture that arrives, below which it is not counted."""

# What a telephone, its owner and a messenger do to a picture.


def packed(image: Image.Image, quality: int) -> Image.Image:
    """Through JPEG."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("RGB")


def changed(change: Callable[[Image.Image, Random], Image.Image]) -> Callable[[Shot, Random], Shot]:
    """What leaves every face where it is; afterwards the picture is packed as telephones do."""
    return lambda shot, dice: Shot(shot.of, packed(change(shot.image, dice), 75), shot.faces)


def shaken(image: Image.Image, dice: Random) -> Image.Image:
    """Moved while the shutter was open, by some pixels."""
    steps, down = dice.randint(4, 6), dice.uniform(-0.4, 0.4)
    made = image
    for step in range(1, steps):
        made = Image.blend(made, ImageChops.offset(image, step, round(step * down)), 1 / (step + 1))
    return ImageChops.offset(made, -steps // 2, 0)


def against_window(image: Image.Image, dice: Random) -> Image.Image:
    """A bright window at one side; whoever stands there is dark."""
    light = Image.linear_gradient("L").rotate(dice.choice((90, 270))).resize(image.size)
    dark = ImageEnhance.Brightness(image).enhance(0.3)
    veil = Image.blend(dark, Image.new("RGB", image.size, (245, 248, 255)), 0.28)
    return Image.composite(veil, dark, light)


def by_lamp(image: Image.Image, dice: Random) -> Image.Image:
    """Yellow light of one bulb, with grain."""
    red, green, blue = image.split()
    warm = Image.merge(
        "RGB", (red.point(lambda v: v * 0.72), green.point(lambda v: v * 0.5), blue.point(lambda v: v * 0.2))
    )
    return grained(warm, dice, 14)


def by_flash(image: Image.Image, dice: Random) -> Image.Image:
    """Night: the middle glares, the edges are nearly black."""
    glow = ImageOps.invert(Image.radial_gradient("L")).resize(image.size)
    bright, dark = ImageEnhance.Brightness(image).enhance(1.7), ImageEnhance.Brightness(image).enhance(0.18)
    return grained(Image.composite(bright, dark, glow.point(lambda v: min(255, v * 1.3))), dice, 10)


def aged(image: Image.Image, dice: Random) -> Image.Image:
    """Black and white, brownish, scratched, pale and a little out of focus."""
    pale = ImageEnhance.Contrast(image.convert("L").filter(ImageFilter.GaussianBlur(0.8))).enhance(0.65)
    brown = ImageOps.colorize(pale, (38, 26, 14), (240, 226, 196))
    draw = ImageDraw.Draw(brown)
    for _ in range(25):
        x, y = dice.uniform(0, image.width), dice.uniform(0, image.height)
        draw.line((x, y, x + dice.uniform(-30, 30), y + dice.uniform(-90, 90)), fill=(235, 228, 210), width=1)
    return grained(brown, dice, 12)


def grained(image: Image.Image, dice: Random, much: float) -> Image.Image:
    """With a sensor's or film's grain."""
    noise = Image.frombytes("L", image.size, dice.randbytes(image.width * image.height)).filter(
        ImageFilter.GaussianBlur(0.6)
    )
    noise = noise.point(lambda value: 128 + (value - 128) * much / 40)
    return ImageChops.add(image, Image.merge("RGB", (noise,) * 3), scale=1.0, offset=-128)


def turned(shot: Shot, dice: Random) -> Shot:
    """Held askew by 5 to 20 degrees; the picture's corners stay."""
    degrees = dice.uniform(5, 20) * dice.choice((-1, 1))
    made = shot.image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(90, 90, 88))
    turn, middle = radians(-degrees), (shot.image.width / 2, shot.image.height / 2)
    faces = []
    for face in shot.faces:
        x, y = face.x - middle[0], face.y - middle[1]
        across, down = x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)
        faces.append(replace(face, x=across + made.width / 2, y=down + made.height / 2))
    return Shot(shot.of, made, tuple(faces))


def tagged(shot: Shot, _dice: Random) -> Shot:
    """Held upright: the pixels lie on their side, and Exif says so."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    shot.image.transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", quality=75, exif=exif)
    return Shot(shot.of, opened(out.getvalue()).upright, shot.faces)


def untagged(shot: Shot, _dice: Random) -> Shot:
    """Held upright by a telephone that does not say so."""
    lying = shot.image.transpose(Image.Transpose.ROTATE_90)
    return Shot(
        shot.of, packed(lying, 75), tuple(replace(one, x=one.y, y=shot.image.width - one.x) for one in shot.faces)
    )


CARRIED: dict[str, Callable[[Shot, Random], Shot]] = {
    "as it is": lambda shot, _dice: shot,
    "messenger, quality 50": lambda shot, _dice: Shot(shot.of, packed(shot.image, 50), shot.faces),
    "messenger, quality 30": lambda shot, _dice: Shot(shot.of, packed(shot.image, 30), shot.faces),
    "shaken": changed(shaken),
    "against a window": changed(against_window),
    "yellow lamp": changed(by_lamp),
    "flash at night": changed(by_flash),
    "old": changed(aged),
    "askew": turned,
    "on its side, Exif says so": tagged,
    "on its side, nothing says so": untagged,
    "yellow lamp, on its side": lambda shot, dice: untagged(changed(by_lamp)(shot, dice), dice),
    "old, on its side": lambda shot, dice: untagged(changed(aged)(shot, dice), dice),
}
SIDES = (640, 800, 1280)


def shots(held_out: bool) -> Iterator[tuple[str, Shot]]:
    """Every picture, as it arrives, with the name of what was done to it."""
    dice = Random(84 + held_out)
    for turn, (name, carry) in enumerate(CARRIED.items()):
        yield name, carry(class_photo(held_out, dice, SIDES[turn % 3]), dice)
        for group in groups(held_out):
            yield name, carry(smallest(group), dice)
        others = (framed(held_out, dice, 800), collage(held_out, dice, 800))
        yield name, carry(others[turn % 2], dice)
        source = class_photo(held_out, dice, 1000)
        yield name, carry(screen(source, dice) if turn % 2 else print_of(source, dice), dice)


def smallest(shot: Shot) -> Shot:
    """With its smallest face brought to 24 pixels."""
    return shrunk(shot, round(max(shot.image.size) * (LEAST + 0.49) / min(face.size for face in shot.faces)))


@dataclass(slots=True)
class Tally:
    """What was found, by each kind of picture, size, way and state; and what it took."""

    hits: dict[tuple[int, str], list[bool]] = field(default_factory=lambda: defaultdict(list))
    pictures: int = 0
    beside: int = 0
    seconds: float = 0.0
    pixels: int = 0

    def look(self, shot: Shot, way: str) -> tuple[tuple[Face, ...], list[bool], tuple[Box, ...]]:
        """Look at one picture, and count."""
        faces = tuple(face for face in shot.faces if face.size >= LEAST)
        began = time.process_time()
        boxes = faces_in(shot.image)
        self.seconds += time.process_time() - began
        found, more = found_of(faces, boxes)
        self.pictures, self.beside = self.pictures + 1, self.beside + more
        self.pixels += shot.image.width * shot.image.height
        for face, hit in zip(faces, found, strict=True):
            for key in enumerate(("all", shot.of, in_pixels(face.size), way, face.state or "of a party or family")):
                self.hits[key].append(hit)
        return faces, found, boxes

    def table(self) -> Iterator[str]:
        """Lines of a table, and what all of it took."""
        yield "| Faces | found |\n|---|---|"
        for key, found in sorted(self.hits.items()):
            yield f"| {key[1]} | {sum(found)} of {len(found)} ({sum(found) / len(found):.3f}) |"
        yield f"\n{self.pictures} pictures, {self.beside / self.pictures:.1f} rectangles beside the faces in each."
        yield f"{self.seconds / self.pixels * 1e6:.2f} s a million pixels."


def in_pixels(size: int) -> str:
    """A face's size, in words of a table."""
    return "24 to 31 px" if size < 32 else "32 to 47 px" if size < 48 else "48 px and more"


def drawn(image: Image.Image, faces: Iterable[Face], found: Iterable[bool], boxes: Iterable[Box]) -> Image.Image:
    """A picture with its faces framed, green or red, and all rectangles that were found in yellow."""
    made = image.copy()
    draw = ImageDraw.Draw(made)
    for face, hit in zip(faces, found, strict=True):
        half, high = face.size / 2, 0.66 * face.size
        edges = (face.x - half, face.y - high, face.x + half, face.y + high)
        draw.rectangle(edges, outline="lime" if hit else "red", width=2)
    for box in boxes:
        draw.rectangle((box.left, box.top, box.left + box.width, box.top + box.height), outline="yellow")
    return made


def measured(held_out: bool, keep: str) -> None:
    """Print recall by kind of picture, size, way and state of the face; and what was missed."""
    tally = Tally()
    for number, (way, shot) in enumerate(shots(held_out)):
        faces, found, boxes = tally.look(shot, way)
        for face, hit in zip(faces, found, strict=True):
            if not hit:
                print(f"missed in {number:03}: {shot.of}, {way}: {face}", flush=True)
        if keep:
            drawn(shot.image, faces, found, boxes).save(f"{keep}/{number:03}.png")
    print(*tally.table(), sep="\n")


def main() -> None:
    """One half."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--keep", default="", help="a folder in which the pictures are kept, to be looked at")
    given = parser.parse_args()
    measured(given.held_out, given.keep)


if __name__ == "__main__":
    main()
