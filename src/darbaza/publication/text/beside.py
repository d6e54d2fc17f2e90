"""Days, years and ages that stand beside a name with nothing that says what they are, in a cleaned text.

Lists of sportspeople, of a class, of guests for a holiday are written so: "Османов Р. (2012)", "Актан 8, Бегимай 8".
Nobody but the author knows what such a number is, so the author is asked.
"""

import re
from collections.abc import Iterator

from darbaza.publication.text.ages import CLASS, RUSSIAN_NUMBER
from darbaza.publication.text.births import may_be_of_a_birth
from darbaza.publication.text.days import DATE, DAY, DAY_ANDMONTH, MONTH_YEAR, SHORT_YEAR, YEAR

_FILLER = (
    r"(?:тоже|также|дагы|[тж]/[тжк]|туул\w*|(?-i:[MFМЖ])(?=,)|" + CLASS.pattern + r"|(?-i:[А-ЯӨҮҢЁ][\w\-]{2,20})(?=,)"
    r"|\((?:[^()\d\n]{1,20}|" + CLASS.pattern + r")\)|капитан\w*|\d{1,2}(?=,\s\d{2,4})|\d{2}\s?кг"
    r"|(?-i:[а-яёөүң]{3,20}(?:\s[а-яёөүң]{3,20})?)(?=,|\s-))"
)
_GAP = r"\.?[ \t]{0,2}[,(:|;\"\-]{0,2}[ \t\"(]{0,3}(?:" + _FILLER + r"[ \t,(:|;\"\-]{1,4})?"
_ENDS = r"(?=\s*(?:[),;!?|/\"\n\t]|$|\.(?!\d)|-\s|и\s|жана\s|см\b|кг\b|менен\b|[^\w\s.,:;()\-+%*/]))"
_SHAPES = "|".join(
    f"(?:{shape.pattern})(?:{ending})?"
    for shape, ending in (
        (DATE, r"\s?-?\s?(?:ж|г)\.?(?!\w)"),
        (MONTH_YEAR, ""),
        (DAY, ""),
        (DAY_ANDMONTH, ""),
        (YEAR, r"\s?-?\s?(?:ж\.?|жыл\w*|г\.?(?!\s?[А-Я])|года?|го|й)(?!\w)"),
        (SHORT_YEAR, ""),
    )
)
DATE_AFTER = re.compile(_GAP + r"(?P<date>" + _SHAPES + r")" + _ENDS, re.IGNORECASE)
NUMBER_AFTER = re.compile(
    r"(?:[ \t]|\.?[ \t]?[,(][ \t]?)(?P<number>[3-9]|[1-9]\d|[5-9];\d{1,2}|(?:" + RUSSIAN_NUMBER + r"))"
    r"(?=\s*(?:[);!\n/]|,(?!\d)|$|\.(?!\s*[А-ЯӨҮҢЁA-Z\d])|[^\w\s.,:;()\-+%*/№\"])|\s+и\s)",
    re.IGNORECASE,
)


NAME_LIKE = re.compile(
    r"(?<!\w)(?:[А-ЯӨҮҢЁ][\w\-]{2,30}\s[А-ЯӨҮҢЁ]\.(?:\s?[А-ЯӨҮҢЁ]\.)?|[А-ЯӨҮҢЁ]\.\s?[А-ЯӨҮҢЁ][\w\-]{2,30}"
    r"|[А-ЯӨҮҢЁ][\w\-]{2,30}\s[А-ЯӨҮҢЁ][\w\-]{2,30}(?=\s\())"
)
"""A surname with initials, or two words and a bracket: somebody whom the roster does not know, perhaps."""


def dates_of_strangers(text: str) -> Iterator[tuple[int, int]]:
    """The day or year right after what looks like a name."""
    for name in NAME_LIKE.finditer(text):
        yield from dates_beside(text, name.end())


def dates_beside(text: str, name_ends: int) -> Iterator[tuple[int, int]]:
    """The day or year right after a name that ends there; a year only if those at a school were born in such."""
    found = DATE_AFTER.match(text, name_ends)
    if found is None:
        return
    date = found["date"]
    bears_year = YEAR.search(date) or SHORT_YEAR.match(date) or DATE.match(date)
    if not bears_year or may_be_of_a_birth(date):
        yield found.span("date")


def numbers_beside(text: str, name_ends: int) -> Iterator[tuple[int, int]]:
    """The number right after a name that ends there, if it may be an age and nothing says what it counts."""
    found = NUMBER_AFTER.match(text, name_ends)
    if found is not None:
        yield found.span("number")
