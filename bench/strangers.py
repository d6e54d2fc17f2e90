"""Pictures of a stranger for `face_trial.py`: people in rows, framed, in a collage, on a screen, on a print.

Which packages they come from is said there.
"""

import hashlib
import io
import re
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.faces import Face
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

VAR = Path("var")
ARGON, SOFT, VOLT = (
    "argon-design-system-free-1.2.0.tgz",
    "soft-ui-dashboard-1.0.1.tgz",
    "themesberg-volt-bootstrap-5-dashboard-1.4.1.tgz",
)
ADMIN, LANDING, RECOGNITION = (
    "admin-lte-3.2.0.tgz",
    "startbootstrap-landing-page-6.0.6.tgz",
    "face_recognition-1.3.0.tar.gz",
)
DLIB = "dlib_19.24+dfsg.orig.tar.bz2"
DIGESTS = {
    ARGON: "0ec937277280d61ce0b54e029543d1719c1d731ee85bcd2582a7757e31a618ea",
    SOFT: "a829e661517184f7a7a84f6cc86efa17a65d91e30807b6d2bf631bb34d94f1ee",
    VOLT: "6e775352a0fd8e6a337e7cce7cab1babb9b69983f926fdb136c693cc4a924966",
    ADMIN: "92650fb9e582b9e01f691693be79b1213608a6282a7f062c139bfeafc8593df5",
    LANDING: "0e4a29e63274ec0435352b45a825af81ebce444bd6db7f4901f512425dbdc407",
    RECOGNITION: "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
    DLIB: "66b4263822a2ff91a3e769e501c7d7927a13089e178c1427ec19cb0475823cf6",
}
FACES_IN_ARGON, IN_SOFT, IN_VOLT = (
    "package/assets/img/faces/",
    "package/assets/img/",
    "package/src/assets/img/team/profile-picture-",
)
IN_ADMIN, IN_LANDING, IN_RECOGNITION = (
    "package/dist/img/",
    "package/dist/assets/img/",
    "face_recognition-1.3.0/tests/test_images/",
)
IN_DLIB = "dlib-19.24+dfsg/examples/faces/"
DLIB_WIDTH = 0.85
"""Of dlib's boxes, which are square and come in steps, so much is the face's width."""

# Of each portrait the middle, width and height of its face in pixels, and what is special about it.
# fmt: off
PORTRAITS = (
    (ARGON, FACES_IN_ARGON + "ali-pazani.jpg", 617, 292, 315, 381, ""),
    (ARGON, FACES_IN_ARGON + "atikh.jpg", 652, 248, 197, 206, "own glasses"),
    (ARGON, FACES_IN_ARGON + "brooke-cagle.jpg", 330, 433, 38, 49, ""),
    (ARGON, FACES_IN_ARGON + "fezbot.jpg", 341, 410, 212, 307, ""),
    (ARGON, FACES_IN_ARGON + "michael.jpg", 190, 186, 139, 162, "own hat"),
    (ARGON, FACES_IN_ARGON + "team-1.jpg", 438, 222, 175, 256, "own glasses"),
    (ARGON, FACES_IN_ARGON + "team-2.jpg", 419, 211, 178, 206, "head back"),
    (ARGON, FACES_IN_ARGON + "team-3.jpg", 312, 305, 221, 305, ""),
    (ARGON, FACES_IN_ARGON + "team-4.jpg", 420, 270, 253, 316, "own hat"),
    (ARGON, FACES_IN_ARGON + "team-5.jpg", 224, 155, 119, 170, "profile"),
    (SOFT, IN_SOFT + "bruce-mars.jpg", 485, 378, 230, 295, "own hat"),
    (SOFT, IN_SOFT + "ivana-square.jpg", 322, 408, 215, 275, ""),
    (SOFT, IN_SOFT + "ivancik.jpg", 652, 344, 87, 120, ""),
    (SOFT, IN_SOFT + "kal-visuals-square.jpg", 424, 344, 289, 324, "dark skin"),
    (SOFT, IN_SOFT + "marie.jpg", 388, 422, 350, 424, ""),
    (SOFT, IN_SOFT + "team-1.jpg", 392, 354, 186, 218, ""),
    (SOFT, IN_SOFT + "team-2.jpg", 469, 399, 271, 364, "profile"),
    (SOFT, IN_SOFT + "team-3.jpg", 376, 285, 238, 290, "own glasses"),
    (SOFT, IN_SOFT + "team-4.jpg", 452, 373, 159, 216, "profile"),
    (RECOGNITION, IN_RECOGNITION + "biden.jpg", 568, 372, 282, 393, ""),
    (VOLT, IN_VOLT + "2.jpg", 314, 310, 202, 291, "own glasses"),
    (VOLT, IN_VOLT + "3.jpg", 276, 264, 182, 245, "dark skin"),
    (VOLT, IN_VOLT + "4.jpg", 323, 234, 192, 243, "head back"),
    (VOLT, IN_VOLT + "5.jpg", 186, 198, 186, 286, "profile"),
    (VOLT, IN_VOLT + "6.jpg", 190, 298, 222, 335, "profile"),
    (ADMIN, IN_ADMIN + "user1-128x128.jpg", 63, 57, 40, 55, ""),
    (ADMIN, IN_ADMIN + "user2-160x160.jpg", 93, 70, 56, 79, "own glasses"),
    (ADMIN, IN_ADMIN + "user3-128x128.jpg", 78, 22, 29, 39, ""),
    (ADMIN, IN_ADMIN + "user4-128x128.jpg", 58, 44, 30, 38, ""),
    (ADMIN, IN_ADMIN + "user5-128x128.jpg", 57, 49, 47, 69, "dark skin"),
    (ADMIN, IN_ADMIN + "user6-128x128.jpg", 85, 33, 29, 38, "own glasses"),
    (ADMIN, IN_ADMIN + "user7-128x128.jpg", 72, 63, 78, 117, "own glasses"),
    (RECOGNITION, IN_RECOGNITION + "obama.jpg", 489, 254, 240, 327, "dark skin"),
    (LANDING, IN_LANDING + "testimonials-1.jpg", 242, 248, 169, 239, ""),
    (LANDING, IN_LANDING + "testimonials-3.jpg", 294, 120, 133, 151, ""),
)
# fmt: on
ROOMS = (
    (SOFT, IN_SOFT + "home-decor-2.jpg"),
    (SOFT, IN_SOFT + "home-decor-3.jpg"),
    (ADMIN, IN_ADMIN + "photo2.png"),
    (ADMIN, IN_ADMIN + "photo1.png"),
)
GROUPS = {False: "training.xml", True: "testing.xml"}
"""dlib's own halves of its photos."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture with its faces, and what it is of."""

    of: str
    image: Image.Image
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A portrait and where its face is; `state` is what is special about it."""

    image: Image.Image
    x: float
    y: float
    width: float
    height: float
    state: str


@cache
def archive(name: str) -> tarfile.TarFile:
    """A package's archive, if it is the one whose faces were set down."""
    path = VAR / name
    data = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(data).hexdigest() != DIGESTS[name]:
        sys.exit(f"`{path}` is missing, or another one: fetch it as this program's head says")
    return tarfile.open(fileobj=io.BytesIO(data))


def bytes_of(name: str, member: str) -> bytes:
    """One file of an archive."""
    file = archive(name).extractfile(member)
    assert file is not None
    return file.read()


@cache
def photo(name: str, member: str) -> Image.Image:
    """One picture of an archive, at most 900 pixels wide."""
    image = Image.open(io.BytesIO(bytes_of(name, member))).convert("RGB")
    return image if image.width <= 900 else image.resize((900, round(image.height * 900 / image.width)))


def people(held_out: bool) -> list[Person]:
    """Half of the portraits, each as it is and mirrored."""
    found = []
    for name, member, x, y, width, height, state in PORTRAITS[held_out::2]:
        image = Image.open(io.BytesIO(bytes_of(name, member))).convert("RGB")
        found.append(Person(image, x, y, width, height, state))
        found.append(Person(ImageOps.mirror(image), image.width - x, y, width, height, state))
    return found


def groups(held_out: bool) -> Iterator[Shot]:
    """Half of dlib's photos, with the boxes that its author drew."""
    for part in bytes_of(DLIB, IN_DLIB + GROUPS[held_out]).decode("latin-1").split("<image ")[1:]:
        name = re.findall(r"file='([^']+)'", part)[0]
        boxes = re.findall(r"top='(\d+)' left='(\d+)' width='(\d+)' height='(\d+)'", part)
        faces = tuple(
            Face(int(left) + int(width) / 2, int(top) + int(height) / 2, round(int(width) * DLIB_WIDTH), "", 0)
            for top, left, width, height in boxes
        )
        yield Shot("a party or family", photo(DLIB, IN_DLIB + name), faces)


# What a person wears, drawn over the face: from -0.5 at its left and top edge to 0.5 at its right and bottom one.

CLOTHS = ((235, 235, 228), (140, 25, 45), (25, 70, 120), (30, 30, 35), (200, 160, 60), (90, 130, 80))
SKINS = ((228, 186, 160), (190, 140, 110), (120, 82, 62))
Point = tuple[float, float]


def hat(draw: ImageDraw.ImageDraw, at: Callable[[float, float], Point], _dice: Random) -> None:
    """A kalpak: white felt down to the brows, its brim dark."""
    outline = ((-0.62, -0.32), (-0.42, -1.2), (-0.1, -1.35), (0.1, -1.35), (0.42, -1.2), (0.62, -0.32))
    draw.polygon([at(*one) for one in outline], fill=(238, 236, 228, 255))
    draw.polygon([at(*one) for one in ((-0.66, -0.3), (-0.6, -0.5), (0.6, -0.5), (0.66, -0.3))], fill=(25, 25, 28, 255))
    draw.line([at(0, -1.3), at(0, -0.5)], fill=(30, 30, 30, 255), width=3)


def headscarf(draw: ImageDraw.ImageDraw, at: Callable[[float, float], Point], dice: Random) -> None:
    """Cloth with a pattern; forehead and chin are covered as well."""
    colour, spots = dice.choice(CLOTHS), dice.choice(CLOTHS)
    draw.ellipse((*at(-0.8, -0.85), *at(0.8, 1.0)), fill=(*colour, 255))
    for _ in range(40):
        x, y = dice.uniform(-0.7, 0.7), dice.uniform(-0.75, 0.9)
        draw.ellipse((*at(x - 0.04, y - 0.03), *at(x + 0.04, y + 0.03)), fill=(*spots, 255))
    draw.ellipse((*at(-0.42, -0.36), *at(0.42, 0.46)), fill=(0, 0, 0, 0))


def mask(draw: ImageDraw.ImageDraw, at: Callable[[float, float], Point], dice: Random) -> None:
    """A medical mask over nose and mouth."""
    outline = ((-0.48, 0.03), (0, -0.02), (0.48, 0.03), (0.42, 0.36), (0.15, 0.53), (-0.15, 0.53), (-0.42, 0.36))
    colour = dice.choice(((150, 195, 225), (240, 240, 240), (35, 35, 38)))
    draw.polygon([at(*one) for one in outline], fill=(*colour, 255))
    for fold in (0.14, 0.26, 0.38):
        draw.line([at(-0.4, fold), at(0.4, fold)], fill=(*(round(value * 0.85) for value in colour), 255), width=2)


def sunglasses(draw: ImageDraw.ImageDraw, at: Callable[[float, float], Point], _dice: Random) -> None:
    """Dark lenses over both eyes."""
    for side in (-0.23, 0.23):
        draw.ellipse((*at(side - 0.19, -0.22), *at(side + 0.19, 0.02)), fill=(20, 18, 22, 255))
    draw.line([at(-0.5, -0.14), at(0.5, -0.14)], fill=(20, 18, 22, 255), width=4)


def glasses(draw: ImageDraw.ImageDraw, at: Callable[[float, float], Point], _dice: Random) -> None:
    """Thick frames that mirror a window."""
    for side in (-0.23, 0.23):
        edges = (*at(side - 0.18, -0.21), *at(side + 0.18, 0.01))
        draw.ellipse(edges, fill=(255, 255, 255, 90), outline=(40, 30, 25, 255), width=5)
    draw.line([at(-0.05, -0.12), at(0.05, -0.12)], fill=(40, 30, 25, 255), width=5)


def hand(draw: ImageDraw.ImageDraw, at: Callable[[float, float], Point], dice: Random) -> None:
    """A hand before mouth and one cheek, with its arm."""
    colour, side = (*dice.choice(SKINS), 255), dice.choice((-1, 1))
    draw.line([at(0.25 * side, 0.35), at(0.9 * side, 1.6)], fill=colour, width=round(abs(at(0.3, 0)[0] - at(0, 0)[0])))
    middle = at(0.2 * side, 0.28)
    wide, high = abs(at(0.3, 0)[0] - at(0, 0)[0]), abs(at(0, 0.2)[1] - at(0, 0)[1])
    draw.ellipse((middle[0] - wide, middle[1] - high, middle[0] + wide, middle[1] + high), fill=colour)
    for finger in range(4):
        y = 0.14 + 0.08 * finger
        draw.line([at(0.2 * side, y), at(-0.3 * side, y - 0.05)], fill=colour, width=round(wide * 0.22))


WEARS: dict[str, Callable[..., None] | None] = {
    "nothing": None,
    "hat": hat,
    "headscarf": headscarf,
    "mask": mask,
    "sunglasses": sunglasses,
    "glasses": glasses,
    "hand": hand,
}
FINE = 3
"""How much larger what is worn is drawn than it is laid on."""


def bust(person: Person, size: float, wear: str, dice: Random) -> tuple[Image.Image, Point]:
    """Head and shoulders without what is around them, the face so many pixels wide; and where its middle is."""
    factor = size / person.width
    high = person.height * factor
    around = (person.x - 1.5 * person.width, person.y - 1.5 * person.height)
    wide, tall = round(3 * size), round(3.2 * high)
    box = (*around, around[0] + 3 * person.width, around[1] + 3.2 * person.height)
    patch = person.image.crop(tuple(round(edge) for edge in box)).resize((wide, tall), Image.Resampling.LANCZOS)
    x, y = 1.5 * size, 1.5 * high
    shape = Image.new("L", patch.size, 0)
    draw = ImageDraw.Draw(shape)
    draw.ellipse((x - 0.8 * size, y - 0.85 * high, x + 0.8 * size, y + 0.75 * high), fill=255)
    draw.ellipse((x - 1.3 * size, y + 0.65 * high, x + 1.3 * size, y + 2.8 * high), fill=255)
    there = Image.new("L", person.image.size, 255).crop(tuple(round(edge) for edge in box)).resize(patch.size)
    patch.putalpha(ImageChops.multiply(shape.filter(ImageFilter.GaussianBlur(size * 0.03)), there))
    return dressed(patch, wear, (x, y), (size, high), dice), (x, y)


def dressed(patch: Image.Image, wear: str, middle: Point, size: Point, dice: Random) -> Image.Image:
    """A bust with what it wears laid on; what stands out above its head belongs to it."""
    draws = WEARS[wear]
    if draws is None:
        return patch
    cloth = Image.new("RGBA", (patch.width * FINE, patch.height * FINE), (0, 0, 0, 0))

    def at(u: float, v: float) -> Point:
        return (middle[0] + u * size[0]) * FINE, (middle[1] + v * size[1]) * FINE

    draws(ImageDraw.Draw(cloth), at, dice)
    return Image.alpha_composite(patch, cloth.resize(patch.size, Image.Resampling.BOX))


# Pictures.


def class_photo(held_out: bool, dice: Random, side: int) -> Shot:
    """Twenty to forty people in rows, the longer side so many pixels."""
    everybody, count = people(held_out), dice.randint(20, 40)
    columns = dice.randint(7, 10)
    size = 1.5 * side / ((columns + 1) * 1.9)
    chosen = [one for one in everybody if one.width >= size * 0.6] or everybody
    dice.shuffle(chosen)
    rows = -(-count // columns)
    across, down = 1.9 * size, 1.75 * 1.35 * size
    picture = dice.choice(rooms()).resize((round((columns + 1) * across), round((rows + 1.1) * down)))
    faces = []
    for place in range(count):
        person, wear = chosen[place % len(chosen)], dice.choice(("nothing", "nothing", *WEARS))
        patch, middle = bust(person, size * dice.uniform(0.9, 1.1), wear if not person.state else "nothing", dice)
        row, column = divmod(place, columns)
        x = (column + 0.75 + 0.5 * (row % 2)) * across + dice.uniform(-0.1, 0.1) * size
        y = (row + 0.8) * down + dice.uniform(-0.15, 0.15) * size
        picture.paste(patch, (round(x - middle[0]), round(y - middle[1])), patch)
        faces.append(Face(x, y, round(middle[0] / 1.5), person.state or wear, place))
    return shrunk(Shot("a class in rows", picture, tuple(faces)), side)


def shrunk(shot: Shot, side: int) -> Shot:
    """The longer side brought to so many pixels."""
    factor = side / max(shot.image.size)
    size = (round(shot.image.width * factor), round(shot.image.height * factor))
    faces = tuple(replace(one, x=one.x * factor, y=one.y * factor, size=round(one.size * factor)) for one in shot.faces)
    return Shot(
        shot.of, shot.image.resize(size, Image.Resampling.LANCZOS if factor < 1 else Image.Resampling.BICUBIC), faces
    )


def rooms() -> list[Image.Image]:
    """Rooms and streets in which nobody is."""
    return [photo(*room) for room in ROOMS]


def tile(person: Person, size: float, dice: Random) -> tuple[Image.Image, Point]:
    """A portrait with what is around it, cut to an upright rectangle; and the face's middle in it."""
    left = max(0.0, person.x - dice.uniform(0.9, 1.4) * person.width)
    top = max(0.0, person.y - dice.uniform(0.8, 1.1) * person.height)
    right = min(person.image.width, left + 2.4 * person.width)
    bottom = min(person.image.height, top + 2.5 * person.height)
    factor = size / person.width
    piece = person.image.crop((round(left), round(top), round(right), round(bottom)))
    sized = piece.resize((round(piece.width * factor), round(piece.height * factor)), Image.Resampling.LANCZOS)
    return sized, ((person.x - left) * factor, (person.y - top) * factor)


def collage(held_out: bool, dice: Random, side: int) -> Shot:
    """Small portraits edge to edge, as for a birthday or a board of honour."""
    columns = dice.randint(7, 11)
    cell = side / columns
    return grid(held_out, dice, "a collage", (columns, dice.randint(3, 5)), (cell, cell * 1.3), 0.0)


def framed(held_out: bool, dice: Random, side: int) -> Shot:
    """Framed portraits on a wall, seen from some way off."""
    columns = dice.randint(4, 6)
    cell = side / columns
    return grid(held_out, dice, "framed on a wall", (columns, dice.randint(2, 3)), (cell, cell * 1.2), 0.35)


def grid(held_out: bool, dice: Random, of: str, counts: tuple[int, int], cell: Point, gap: float) -> Shot:
    """Portraits in columns and rows; `gap` is the share of a cell that its wall and frame take."""
    everybody = people(held_out)
    dice.shuffle(everybody)
    wall = (round(cell[0] * counts[0]), round(cell[1] * counts[1]))
    picture = Image.new("RGB", wall, dice.choice(((214, 203, 180), (178, 196, 200), (235, 232, 226))))
    draw, faces = ImageDraw.Draw(picture), []
    for place in range(counts[0] * counts[1]):
        person = everybody[place % len(everybody)]
        size = cell[0] * (1 - gap) / 2.45
        piece, middle = tile(person, size, dice)
        piece = piece.crop((0, 0, round(cell[0] * (1 - gap)), round(cell[1] * (1 - gap))))
        row, column = divmod(place, counts[0])
        left, top = round((column + gap / 2) * cell[0]), round((row + gap / 2) * cell[1])
        if gap:
            edge = max(2, round(cell[0] * 0.03))
            draw.rectangle(
                (left - edge, top - edge, left + piece.width + edge, top + piece.height + edge), fill=(70, 45, 25)
            )
        picture.paste(piece, (left, top))
        faces.append(Face(left + middle[0], top + middle[1], round(size), person.state or "nothing", place))
    return Shot(of, picture, tuple(faces))


def screen(shot: Shot, dice: Random) -> Shot:
    """A telephone's screen with a picture in a conversation."""
    wide, high = 720, 1280
    made = Image.new("RGB", (wide, high), dice.choice(((18, 24, 32), (230, 236, 226))))
    factor = 640 / shot.image.width
    small = shot.image.resize((640, min(900, round(shot.image.height * factor))), Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, 0, wide, 96), fill=(40, 110, 160))
    for line in range(3):
        draw.rounded_rectangle((30, 1050 + 60 * line, 300 + 90 * line, 1090 + 60 * line), 14, fill=(90, 150, 110))
    made.paste(small, (40, 120))
    faces = tuple(
        replace(face, x=40 + face.x * factor, y=120 + face.y * factor, size=round(face.size * factor))
        for face in shot.faces
    )
    return Shot("a screenshot", made, tuple(face for face in faces if face.y + 0.7 * face.size < 120 + small.height))


def print_of(shot: Shot, dice: Random) -> Shot:
    """A print that lies on a table: pale, glossy at one place, seen a little aslant."""
    edge = round(0.04 * shot.image.width)
    paper = ImageOps.expand(ImageEnhance.Contrast(shot.image).enhance(0.75), edge, (240, 238, 230))
    wide, high = round(paper.width * 1.25), round(paper.height * 1.25)
    tilt, lean = dice.uniform(-0.12, 0.12), dice.uniform(-0.00012, 0.00012) * 800 / wide
    forward = ((1, tilt, 0.1 * wide - tilt * high / 3), (-tilt, 1, 0.1 * high + tilt * wide / 3), (lean, lean, 1))
    back = inverse(forward)
    flat = tuple(value / back[2][2] for row in back for value in row)[:8]
    sheet = paper.convert("RGBA").transform((wide, high), Image.Transform.PERSPECTIVE, flat, Image.Resampling.BICUBIC)
    table = dice.choice(rooms()).filter(ImageFilter.GaussianBlur(4)).resize((wide, high))
    table.paste(sheet, (0, 0), sheet)
    shine = Image.new("L", (wide, high), 0)
    x, y = dice.uniform(0.2, 0.8) * wide, dice.uniform(0.2, 0.8) * high
    ImageDraw.Draw(shine).ellipse((x - 0.2 * wide, y - 0.08 * high, x + 0.2 * wide, y + 0.08 * high), fill=110)
    table.paste((255, 255, 250), (0, 0), shine.filter(ImageFilter.GaussianBlur(0.05 * wide)))
    faces = []
    for face in shot.faces:
        left, right = (moved(forward, face.x + edge + half * face.size, face.y + edge) for half in (-0.5, 0.5))
        x, y = moved(forward, face.x + edge, face.y + edge)
        faces.append(replace(face, x=x, y=y, size=round(abs(right[0] - left[0]))))
    return Shot("a photo of a print", table, tuple(faces))


Matrix = tuple[tuple[float, ...], ...]


def moved(matrix: Matrix, x: float, y: float) -> Point:
    """Where a point goes."""
    across, down, depth = (row[0] * x + row[1] * y + row[2] for row in matrix)
    return across / depth, down / depth


def inverse(m: Matrix) -> Matrix:
    """The way back, up to a factor: the adjugate."""
    return tuple(
        tuple(
            m[(column + 1) % 3][(row + 1) % 3] * m[(column + 2) % 3][(row + 2) % 3]
            - m[(column + 1) % 3][(row + 2) % 3] * m[(column + 2) % 3][(row + 1) % 3]
            for column in range(3)
        )
        for row in range(3)
    )
