"""The form of one picture: what was found in it by its numbers, what becomes of each, and what is covered and kept.

Places are said in per cent of the picture, so that nobody has to know its pixels; the picture bears a scale. What was
entered is read here from the form or, where nothing was entered yet, from the draft.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from darbaza.portal.asked import text
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.publications.attaching import Arrangement
from darbaza.portal.publications.findings import FOR_PICTURES, Group, demand_known, people_from
from darbaza.portal.publications.models import DraftFile
from darbaza.portal.publications.records import box_json, boxes_of, crop_of
from darbaza.portal.publications.words import WHOSE
from darbaza.publication.findings import Box
from darbaza.publication.matter import STAYS, Answer, Answered
from darbaza.publication.pictures import Edits

EDGES = ("left", "top", "right", "bottom")
SIDES = ("left", "top", "width", "height")
MOST_PLACES = 100
FOUR_NUMBERS = _("Give all four numbers of the place, in per cent: from the left, from the top, width and height.")
PER_CENT = _("“%(number)s” is no number from 0 to 100. Give per cent of the picture.")
NOTHING_LEFT = _("If that much is cut away nothing is left. Give smaller numbers.")


@dataclass(frozen=True, slots=True)
class Entered:
    """What the form says: places found that are covered, places of one's own, the part kept, and answers by group."""

    covered: tuple[Box, ...]
    own: tuple[Box, ...]
    kept: Box | None
    answers: Mapping[str, Answered]

    @property
    def arrangement(self) -> Arrangement:
        """As the act takes it: each place once."""
        return Arrangement(tuple(dict.fromkeys((*self.covered, *self.own))), self.kept, self.answers)


@dataclass(frozen=True, slots=True)
class Row:
    """One place found in the picture, and what is chosen for it."""

    group: Group
    chosen: str
    named: str
    why: str
    is_cut_away: bool
    ticked: tuple[str, ...]

    @property
    def people(self) -> list[tuple[Person, bool]]:
        """Who it may be, and whether that was said."""
        return [(one, str(one.pk) in self.ticked) for one in self.group.people]


def size_of(file: DraftFile) -> tuple[int, int]:
    """Width and height of the upright picture in pixels."""
    return file.facts["width"], file.facts["height"]


def groups_in(file: DraftFile, groups: Iterable[Group]) -> list[Group]:
    """What was found at places of one picture, in the order of their numbers."""
    return sorted((one for one in groups if one.part == file.public_id and one.box), key=lambda one: one.number)


def entered_in(form: QueryDict, file: DraftFile, groups: Sequence[Group]) -> Entered:
    """What was entered. Raises `ActRefusedError` with the remedy for numbers and names that are none."""
    covered: list[Box] = []
    answers: dict[str, Answered] = {}
    for group in groups:
        chosen = form.get(f"answer-{group.name}", "")
        if chosen == Answer.BLUR and group.box:
            covered.append(group.box)
        elif chosen in STAYS:
            answers |= {key: answer_in(form, group, Answer(chosen)) for key in group.keys}
    more = place_in(form, file)
    return Entered(tuple(covered), (*own_in(form), *([more] if more else [])), kept_in(form, file), answers)


def own_in(form: QueryDict) -> tuple[Box, ...]:
    """The places of one's own that stay ticked."""
    return tuple(box for one in form.getlist("own")[:MOST_PLACES] if (box := pixels(one)))


def answer_in(form: QueryDict, group: Group, answer: Answer) -> Answered:
    """One answer with whose it is, by the names that were ticked or written."""
    named = text(form, f"named-{group.name}", 200)
    if answer is Answer.CONSENT:
        demand_known(named)
    people = people_from(form, group) if answer is Answer.CONSENT else ()
    if answer is Answer.CONSENT and not people:
        raise ActRefusedError(f"№ {group.number}: {WHOSE}", "2.15")
    return Answered(answer, people, text(form, f"why-{group.name}", 300))


def place_in(form: QueryDict, file: DraftFile) -> Box | None:
    """One more place that is covered, from four numbers in per cent; None if none was given."""
    given = [text(form, f"place-{side}", 12).strip() for side in SIDES]
    if not any(given):
        return None
    if not all(given):
        raise ActRefusedError(FOUR_NUMBERS, "2.15")
    left, top, width, height = map(share, given)
    wide, high = size_of(file)
    x, y = round(wide * left), round(high * top)
    right, bottom = min(wide, round(wide * (left + width))), min(high, round(high * (top + height)))
    if right <= x or bottom <= y:
        raise ActRefusedError(FOUR_NUMBERS, "2.15")
    return Box(x, y, right - x, bottom - y)


def kept_in(form: QueryDict, file: DraftFile) -> Box | None:
    """The part that is kept, from what is cut away at each edge in per cent; None for the whole picture."""
    left, top, right, bottom = (share(text(form, f"cut-{edge}", 12).strip() or "0") for edge in EDGES)
    if not any((left, top, right, bottom)):
        return None
    wide, high = size_of(file)
    x, y = round(wide * left), round(high * top)
    end, foot = wide - round(wide * right), high - round(high * bottom)
    if end - x < LEAST or foot - y < LEAST:
        raise ActRefusedError(NOTHING_LEFT, "2.15")
    return Box(x, y, end - x, foot - y)


LEAST = 8
"""Pixels that are left at least."""


def share(number: str) -> float:
    """A share of one, from per cent with a point or a comma. Raises `ActRefusedError` for anything else."""
    plain = number.replace(",", ".")
    digits = plain.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit() and 0 <= float(plain) <= 100):
        raise ActRefusedError(PER_CENT % {"number": number}, "2.15")
    return float(plain) / 100


def pixels(value: str) -> Box | None:
    """A place from its four numbers in pixels, as the form keeps it; None for anything else."""
    numbers = [int(one) for one in value.split(",") if one.isascii() and one.isdigit() and len(one) < 7]
    return Box(*numbers) if len(numbers) == 4 == value.count(",") + 1 else None


def kept_before(file: DraftFile, groups: Sequence[Group]) -> Entered:
    """What the draft says now, as if it had been entered."""
    covered, found = boxes_of(file.edits), {one.box for one in groups}
    return Entered(
        tuple(box for box in covered if box in found),
        tuple(box for box in covered if box not in found),
        crop_of(file.edits),
        {key: one.answered for one in groups if one.answered for key in one.keys},
    )


def rows_of(groups: Sequence[Group], form: QueryDict | None, kept: Box | None) -> list[Row]:
    """The places found with what was entered, or with what the draft says."""
    return [row_of(one, form, kept) for one in groups]


def row_of(group: Group, form: QueryDict | None, kept: Box | None) -> Row:
    """One place found."""
    is_cut_away = kept is not None and group.box is not None and not kept.overlaps(group.box)
    if form is not None:
        ticked = tuple(form.getlist(f"people-{group.name}"))
        named, why = (text(form, f"{name}-{group.name}", 300) for name in ("named", "why"))
        return Row(group, form.get(f"answer-{group.name}", ""), named, why, is_cut_away, ticked)
    said = group.answered
    chosen = str(said.answer) if said and said.answer in FOR_PICTURES else ""
    known = {str(one.pk) for one in group.people}
    others = [one for one in said.people if one not in known] if said else []
    named = ", ".join(one.full_name for one in Person.objects.filter(pk__in=others))
    ticked = tuple(str(one.pk) for one, is_chosen in group.choice_of_people if is_chosen)
    return Row(group, chosen, named, said.why if said else "", is_cut_away, ticked)


def numbers_of(form: QueryDict | None, file: DraftFile, is_tried: bool) -> dict[str, str]:
    """What the fields in per cent show: what was entered, or what is cut away now. A place tried is among the own."""
    if form is not None:
        names = [*(f"cut-{edge}" for edge in EDGES), *(f"place-{side}" for side in SIDES if not is_tried)]
        return {name.replace("-", "_"): text(form, name, 12) for name in names}
    kept, (wide, high) = crop_of(file.edits), size_of(file)
    if kept is None:
        return {}
    cut = (kept.left / wide, kept.top / high, 1 - (kept.left + kept.width) / wide, 1 - (kept.top + kept.height) / high)
    return {f"cut_{edge}": f"{100 * part:.4g}" for edge, part in zip(EDGES, cut, strict=True)}


def shown_places(boxes: Iterable[Box], file: DraftFile) -> list[tuple[str, str]]:
    """Places of one's own as the form keeps them, and in per cent for whoever reads it."""
    wide, high = size_of(file)
    shares = [(box, (box.left / wide, box.top / high, box.width / wide, box.height / high)) for box in boxes]
    return [(packed(box), ", ".join(f"{100 * part:.3g} %" for part in parts)) for box, parts in shares]


def address_of(entered: Entered) -> str:
    """What was entered as the query of a preview's address."""
    covered = [("cover", packed(box)) for box in entered.arrangement.covered]
    return "?" + urlencode([("try", "1"), *covered, *([("keep", packed(entered.kept))] if entered.kept else [])])


def edits_in(query: QueryDict) -> Edits:
    """What a preview's address asks for; places that are none are passed over."""
    covered = [box for one in query.getlist("cover")[:MOST_PLACES] if (box := pixels(one))]
    return Edits(tuple(covered), pixels(query.get("keep", "")))


def packed(box: Box) -> str:
    """A place as the form and addresses keep it."""
    return ",".join(map(str, box_json(box)))
