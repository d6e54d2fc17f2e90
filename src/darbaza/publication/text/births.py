"""Days and years of birth, in a cleaned text whose look-alike digits are digits (`days.with_digits`)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from darbaza.publication.findings import Certainty
from darbaza.publication.text.days import (
    BARE_DAY,
    DATE,
    DAY,
    DAY_ANDMONTH,
    DIGITS,
    MONTH,
    MONTH_YEAR,
    NAMED_DAY,
    NUMBERED_DAY,
    SHORT_YEAR,
    WORDED_DAY,
    WORDED_YEAR,
    WORDS_KY,
    WORDS_RU,
    YEAR,
    YEARS,
)

_ONE = r"(?:" + DIGITS + r"|" + WORDS_KY + r"|" + WORDS_RU + r"|" + YEARS + r")"
LIFETIME = re.compile(
    r"(?:\(|годы\s+жизни\s*:?|(?:жашаган|өмүр|жашоо)\s+жылдары\s*:?)\s*(?P<born>"
    + _ONE
    + r")\s*(?:гг?\.\s*)?[–—\-]\s*"
    + _ONE,
    re.IGNORECASE,
)
"""From whose birth to whose death, in brackets after a name."""
_KIN = (
    r"(?:отец|отц\w+|мать|матер\w+|мам[аыеу]|пап[аыеу]|брат\w*|сестр\w+|сын\w*|дочь|дочер\w+|внук\w*|внучк\w+"
    r"|реб[её]н\w+|малыш\w*"
    r"|близнец\w*|двойняш\w+|опекун\w*|супруг\w*|атасы\w*|апасы\w*|энеси\w*|агасы\w*|иниси\w*|эжеси\w*"
    r"|сиңдиси\w*|карындаш\w*|уулу|кызы|(?:уулу|кызы)м\w*"
    r"|(?:бала|ата|апа|эне|ага|эже|ини|сиңди|небере|таята|таене)м\w*"
    r"|эгиз\w*|жен[аеы]\b|муж\w?\b|хозя(?:ин|йка)\w*|снох\w|невестк\w|жубайы\w*|жолдошу\w*|улуусу|ортончусу"
    r"|кенжеси|бала(?:сы|лары)\w*|балдары\b|неберес\w+|камкорч\w+)"
)
"""Members of somebody's own family: "балдар" are children at large, "баласы" and "балам" somebody's."""
OF_KIN = re.compile(
    r"\b"
    + _KIN
    + r"(?:(?:(?:\s+бар)?\s*[:(]|(?<=дары)(?=\s))\s*(?:"
    + YEARS
    + r"(?:\s?-?\s?(?:жыл\w*|ж\.|г\.))?(?:,\s|\sжана\s|\sи\s))*"
    r"|(?-i:\s+[А-ЯӨҮҢЁ][\w\-]+)?,\s*|\s*(?:[—–:\-]\s*(?:[\w \-]{1,30},\s*)?"
    r"|(?-i:\s[А-ЯӨҮҢЁ][\w\-]+){0,2}\s\(?|\(\s*))$",
    re.IGNORECASE,
)
"""Whose day it is, in a list of a family: "Отец — 03.02.1981", "мать — домохозяйка, 1985", "эгиздерге (12.03.2019)"."""
NEAR_KIN = re.compile(r"\b" + _KIN + r"\b[^.!\n]*$", re.IGNORECASE)
BORN_SOMEWHERE = re.compile(
    r"\b(?:родил\w+|рожд[её]н\w*|появил\w+\s+на\s+свет)(?:\s+[\w\-]+){0,5}?\s+(?:в\s+)?$", re.IGNORECASE
)
"""A place and more between somebody's birth and its month or year: "родилась в Кочкоре в ноябре 1979 года"."""
OF_A_CHILD = re.compile(
    r"\b(?:девочк\w+|мальчик\w*|реб[её]н\w+|кыз\s+бала|уул\s+бала|эркек\s+бала|бабушк\w+|дедушк\w+|прабабушк\w+"
    r"|прадедушк\w+|чоң\s+(?:эне|ата)\w*)(?:(?-i:\s[А-ЯӨҮҢЁ][\w\-]+){0,2}\s\(|,?\s*)$",
    re.IGNORECASE,
)
FIRST_BIRTH, RECENT_BIRTH = 1930, 2021
"""From and before which years those at a school were born: later ones are rather those of what it did."""
EVENT = re.compile(
    r"^(?!\.\s)\W{0,3}(?:г\.|года?|ж\.|жыл\w*)?(?!\.\s)\W{0,3}(?:№|дат\w+|состоял\w*|прош[её]л\w*|өтк|болуп|кабыл|принят\w*"
    r"|бекитил|утвержд\w*|открыт\w*"
    r"|ачыл\w*|выдан\w*|берил\w*|независ|эгемен|победы|жеңиш|война|согуш)",
    re.IGNORECASE,
)
ORDERED = re.compile(
    r"(?:№|приказ\w*|буйру\w+|закон\w*|мыйзам\w*|токтом\w*|постановлени\w*|протокол\w*|решени\w*|чечим\w*|\bот)\s*$",
    re.IGNORECASE,
)
HISTORIC = ({9, 1945}, {22, 1941}, {12, 1961}, {31, 1991}, {5, 1993})
"""Days and years of which schools write because of what happened then."""
OF_PASSPORT = re.compile(
    r"\bпаспорт(?:у|унун|ы)?\b(?![^.;\n]*(?:выдан|берилген|срок|мөөнөт))[^.;\n]{0,30},\s*$", re.IGNORECASE
)
BORN_AFTER = re.compile(
    r"^\W{0,4}(?:(?:жыл\w*|ж\.|г\.|год\w*|күнү|күн)\W{0,3}){0,3}(?:[\w\-]+,?\s+){0,4}?"
    r"(?:туулган|төрөлгөн|туулуптур|төрөлдү|туулду|туулу\w*|төрөлү\w*|жарык (?:дүйнө|көрг)\w*"
    r"|көз\s+жар\w+|дүйнөгө\s+кел\w+|төлү\b"
    r"|г\.\s?р\.|г\.?р\.|года? рождения|ж\.\s?т\.|т\.\s?[жк]\.|жылк[ыи]\w*|туулган\w*|родил\w+|рожд\w*|born)",
    re.IGNORECASE,
)
_BORN_WHAT = r"(?:күн|ай|жыл|жер|дата|день|год|мест|месяц|числ)\w*"
_BORN_LABEL = _BORN_WHAT + r"(?:[\s,/]+(?:(?:жана|и|же)\s+)?" + _BORN_WHAT + r"){0,3}"
BORN_BEFORE = re.compile(
    r"(?:(?:туулган|төрөлгөн)\s+" + _BORN_LABEL + r"|" + _BORN_LABEL + r"\s+рожд\w*"
    r"|туулган\s*(?:күн\w*|жыл\w*|дата\w*|датас\w*)?(?:\s+жана\s+\w+)?|төрөлгөн\s*(?:күн\w*|жыл\w*)?"
    r"|дата\s+рожд\w*|день\s+рожд\w*|год\s+рожд\w*|родил\w+|рожд\w*|д\.?\s?р\.?|г\.?\s?р\.?|т\.\s?к\.|т\.\s?ж\."
    r"|(?<=\()т\.|ж\.\s?т\.|[тж]/[тжк]\b|туул\w*\.?\s*(?:к|ж)\w*\.|род\.|birth\w*|born|\bb\.|\(р\.|dob)"
    r"(?:\s+(?:матери|отца|мамы|папы|реб[её]нка|учени\w+|сына|дочери|баланын|окуучунун|энесинин|атасынын))?"
    r"(?:\s+(?:в\s+один\s+день|бир\s+күндө))?(?:\s+(?:в|on|болсо))?(?:\W{1,3}\w{3,12}\s+"
    + MONTH
    + r"\s)?(?:(?-i:\s+[А-ЯӨҮҢЁA-Z][\w\-]*)){0,3}\W{0,6}(?:(?:[гсш]\.\s?)?(?-i:[А-ЯӨҮҢЁA-Z][\w\-]*\W{1,3})){0,3}$",
    re.IGNORECASE,
)
BIRTHDAYS = re.compile(
    r"\b(?:(?:туулган|төрөлгөн)(?:дар|\s+(?:жери|күн|жыл|мугалим|окуучу|кызмат|бала))\w*|т\.\s?ж\.|г\.\s?р\."
    r"|(?:д(?:ень|ни|нём|не[йм])|год|дат[аы])\s+рожд(?:ени\w+|\.)|именинни\w+|юбиляр\w*|\bд/?р\s+(?=\w{3})"
    r"|(?:айы|жыл|ай)\w*\s+ээлери|жылкы\w*|(?:балдары|дети|сыновья|дочери|внуки|неберелери)(?=\s*:)"
    r"|маараке\w*(?=\s+(?:календар|тизме|график))|мааракечи\w*|birthdays?|born)(?:[^:!?\n]{0,40}:"
    r"|[^!?\n]{0,60}(?=\n))(?:.|\n(?!\s*\n)){1,1500}",
    re.IGNORECASE,
)
"""What stands after such a heading, or below it in a table, up to the end of its paragraph: who was born when."""
SPEAKS_OF_BIRTH = re.compile(
    r"туул(?:га|ду|уп|са|ар|бай|\.)|туғил|жылкысы|төрөл\w+|жарык\s+(?:дүйнө|көр)|д(?:ень|ня|нём|ню|не)\s+рожд|роди(?:л"
    r"|вш)|рождени|уроженец|уроженк|\bд/?р\b|днюх|днюш"
    r"|появил\w+\s+на\s+свет|г\.\s?р\.|ж\.\s?т\.|т\.\s?[жк]\.|[тж]/[тжк]\b|юбил(?:я[рш]|е[йея])|именинни|варень"
    r"|маараке|birthday|\bborn\b"
    r"|(?:\d|эки|үч|төрт|беш|алты|жети|сегиз|тогуз|\bон|жыйырма|отуз|кырк|элүү|алтымыш|жетимиш)(?:г[аеоө]|к[аеоө])"
    r"\s+(?:тол|чык|чыг)\w+|жаш(?:ы|ка)?\s+(?:качан\s+)?(?:тол|чык|чыг)\w+|жашын\s+(?:белгил|өткөр)\w+"
    r"|исполн\w+|\bжашың"
    r"|стукнул|канчага\s+чык|[гк][аеоө]\s+чыгасың|твой\s+день|сенин\s+күнүң|күнүңүз|\d{1,2}\s?-?\s?(?:жаш"
    r"|лет)\s?!|\d\s+мне\b|\bмне\s+\d"
    r"|\b(?:исполнилось|полных)\b|[🎂🍰🎈🥳🎁]|ээлери|күнүңөр|подар(?:ок|ки|им|ить)\b|\d\s?-?\s?жаш(?:ы|ка)\b"
    r"|\d\s?жаш\s+бол|[гк][аеоө]\s\d{1,2}\sболду|тойчу[кг]"
    r"|\bбудет\s(?:\d{1,2}|шесть|семь|восемь|девять|десять|\w{2,6}надцать)\b|[^\W\d]{3}\s\d{1,2}\s?!",
    re.IGNORECASE,
)
WISHES = re.compile(r"куттукта|поздрав", re.IGNORECASE)
FEAST = re.compile(
    r"өтк|өтө|орун|жең|мелде|олимп|майрам|мектеп|турнир|конкурс|сынак|мест[оа]|побед|соревн|школ|праздн|финал"
    r"|кубок|күнү\s+менен"
    r"|с\s+дн[её]м\s+(?!рожд)|класс|бүтүр|выпуск|наам|сыйл|награ|грамот",
    re.IGNORECASE,
)
"""Somebody is wished well by a day: for their birthday, unless a feast or a victory is spoken of."""
OWN_DAY = 30
"""Characters from a year to a day that may be one date: "2013-жылы, жаз айында, 1-июнда"."""
AROUND, AROUND_A_YEAR = 90, 60
"""Characters on either side of a day, in the same paragraph, in which somebody's birth or birthday is spoken of."""
CERTIFIED = re.compile(
    r"(?:(?:туулган|төрөлгөн)\w*\s+(?:тууралуу|жөнүндө)\s+күбөлү\w*|свидетельств\w+\s+о\s+рождени\w+)[^.;!?\n]{0,40}$",
    re.IGNORECASE,
)
"""A day beside the number of a certificate of birth."""
SHAPES = (
    DATE, MONTH_YEAR, WORDED_DAY, NAMED_DAY, NUMBERED_DAY, DAY, WORDED_YEAR, DAY_ANDMONTH, YEAR, SHORT_YEAR, BARE_DAY,
)  # fmt: skip
OF_YEARS = frozenset({MONTH_YEAR, WORDED_YEAR, YEAR})
"""Shapes that are somebody's only if the same sentence speaks of a birth."""
SENTENCE_ENDS = re.compile(r"[.!?]\s+(?=[А-ЯӨҮҢЁA-Z])|\n")
OF_AN_AGE = re.compile(r"\d\s?(?:лет|года?|жаш\w*)[,\s(]{1,3}$|[а-яөүң]\s(?:лет|жашта),\s$", re.IGNORECASE)
"""A month right after an age: "Аида (5,5 лет, январь 2020)"."""
OF_A_LIFE = re.compile(
    r"^\W{0,3}(?:жылдан|(?:г\.|год\w*|ж\.|жыл\w*)?\s*[^.;!?\n]{0,40}?(?:аякта|бүт[күө]|тапшыр|кирд|ишт(?:еп|ей"
    r"|еди)|бери\b|каза\b|дүйнөдөн"
    r"|кайт|аттан|кеткен|көчүп|чыккан|оконч|работ|препода|поступ|основан|сдан[оа]?\b|открыт))",
    re.IGNORECASE,
)
SINCE = re.compile(r"\b(?:с|со|в\s+школе\s+с)\s*$", re.IGNORECASE)
"""What tells of a year of somebody's life that it is that of their studies, work or death."""
BIRTH_TOLD = re.compile(r"(?:туулган|төрөлгөн|туулду|төрөлдү|родил\w+)(?:\.\s+|,\s)$", re.IGNORECASE)
"""A birth was told; what begins after it is the next thing of a life: "туулган. 1990-жылы бүтүргөн"."""
SEEN_LIGHT = re.compile(r"\W{0,3}(?:жыл\w*|ж\.)?\s*жарык\s+көр", re.IGNORECASE)
OF_A_WORK = re.compile(
    r"(?:повест|роман|китеп|китеб|жыйна[кг]|газета|гезит|журнал|чыгарма|аңгеме|поэма|ырлар|басылма"
    r"|альманах)\w*[^.!?\n]{0,20}$",
    re.IGNORECASE,
)
"""Books see the light as well: "«Жамиля» повести 1958-жылы жарык көргөн"."""
IN_BRACKETS = re.compile(
    r"(?:(?:[тп]?апа|эне|таене|ата|таята|агай|эже|эжей|байке|ажы|бабушк|дедушк|т[её]т|дяд)\w{0,8}|[А-ЯӨҮҢЁ][\w\-]+вн[аеуы])"
    r"\s\((?P<born>19[2-9]\d)(?:\s?-?\s?[жг]\.)?\)"
    r"|(?<![\w\"])[А-ЯӨҮҢЁ][\w\-]{2,30}\s\((?P<year>19[3-9]\d|20[01]\d)\)(?=\s(?:\d|[а-яёөүң]))"
)
"""A year in brackets after what an elder is called ("Зинаида Ивановна апага (1938)") or after a name in a sentence."""
BORN_IN_MONTH = re.compile(
    r"(?<!\w)(?P<born>(?:январ|феврал|март|апрел|май|июн|июл|август|сентябр|октябр|ноябр|декабр)ь?(?:[дт][ае]|\s+айында))"
    r"(?=\s+(?:туул(?:ду|уп|ган)|төрөл(?:дү|үп|гөн))(?:\w{0,4}\s?[,.!?;)\n]|$))",
    re.IGNORECASE,
)
"""A month alone: "Карындашым февраль айында төрөлгөн"."""
OF_A_COHORT = re.compile(r"(?:\d{2}\s?-?|нчу)\s?(?:жылк\w*|(?:го\s+)?г\.\s?р\.)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Told:
    """A text whose days are read shape by shape: where its lists of birthdays are, and which births were found."""

    text: str
    lists: tuple[tuple[int, int], ...]
    found: list[tuple[int, int]] = field(default_factory=list)
    days: list[tuple[int, int]] = field(default_factory=list)
    """Those found that are more than a year or a month."""

    def note(self, start: int, end: int, shape: re.Pattern[str]) -> None:
        """Keep a birth."""
        self.found.append((start, end))
        if shape not in OF_YEARS:
            self.days.append((start, end))

    def is_birth(self, start: int, end: int, shape: re.Pattern[str]) -> bool:
        """Whether a date is said to be somebody's: in a list of such, beside a word for it, or a day near to one."""
        text = self.text
        if any(begun < end and past > start for begun, past in self.found):
            return False
        if SEEN_LIGHT.match(text, end) and OF_A_WORK.search(text, max(0, start - 80), start):
            return False
        if shape in (SHORT_YEAR, WORDED_YEAR) and OF_A_COHORT.search(text, start, end + 6):
            return True
        if any(begun < start < past for begun, past in self.lists) or self._is_born(start, end, shape):
            return True
        if shape in OF_YEARS:
            return not self._follows_a_day(start, shape) and _spoken_of_in_its_sentence(text, start, end)
        return shape not in (BARE_DAY, SHORT_YEAR) and _spoken_of_around(text, start, end)

    def _is_born(self, start: int, end: int, shape: re.Pattern[str]) -> bool:
        next_told = shape is YEAR and BIRTH_TOLD.search(self.text, max(0, start - 20), start) is not None
        if shape not in (DAY_ANDMONTH, BARE_DAY) and not next_told and _born(self.text, start, end):
            return True
        of_kin = shape is MONTH_YEAR and NEAR_KIN.search(self.text[max(0, start - 40) : start])
        return bool(of_kin) and may_be_of_a_birth(self.text[start:end])

    def _follows_a_day(self, start: int, shape: re.Pattern[str]) -> bool:
        """Whether a bare year stands near a day of birth that is not its own: then it is another of that life's."""
        return shape is YEAR and any(
            abs(begun - start) < 2 * AROUND and not 0 < begun - start < OWN_DAY for begun, _ in self.days
        )


def birth_dates(text: str) -> Iterator[tuple[int, int, Certainty]]:
    """Dates of which the text says that somebody was born then."""
    told = Told(text, tuple(match.span() for match in BIRTHDAYS.finditer(text)))
    for match in (*LIFETIME.finditer(text), *IN_BRACKETS.finditer(text), *BORN_IN_MONTH.finditer(text)):
        span = match.span(match.lastgroup or 0)
        told.found.append(span)
        yield *span, Certainty.LIKELY
    for shape in SHAPES:
        for start, end in map(re.Match.span, shape.finditer(text)):
            if told.is_birth(start, end, shape):
                told.note(start, end, shape)
                yield start, end, Certainty.SURE if shape is DATE else Certainty.LIKELY


def _spoken_of_in_its_sentence(text: str, start: int, end: int) -> bool:
    """Whether the sentence of a year speaks of a birth, near to it; not of a year that is plainly something else's."""
    if YEAR.search(text, start, end) and not may_be_of_a_birth(text[start:end]):
        return False
    before = SENTENCE_ENDS.split(text[max(0, start - AROUND_A_YEAR) : start])[-1]
    after = SENTENCE_ENDS.split(text[end : end + AROUND_A_YEAR])[0]
    spoken = SPEAKS_OF_BIRTH.search(before) is not None or SPEAKS_OF_BIRTH.search(after) is not None
    of_another_time = OF_A_LIFE.match(text[end : end + 60]) or SINCE.search(before)
    return spoken and not of_another_time and not is_an_events(text, start, end)


def _spoken_of_around(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - AROUND) : start].rpartition("\n\n")[2]
    after = text[end : end + AROUND].partition("\n\n")[0]
    if SPEAKS_OF_BIRTH.search(before) or SPEAKS_OF_BIRTH.search(after):
        return True
    return any(WISHES.search(near) for near in (before, after)) and not any(
        FEAST.search(near) for near in (before, after)
    )


def _born(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 80) : start]
    if BORN_AFTER.search(text[end : end + 60]) or BORN_BEFORE.search(before[-40:]):
        return True
    return any(
        pattern.search(before) for pattern in (CERTIFIED, OF_KIN, OF_PASSPORT, BORN_SOMEWHERE, OF_A_CHILD, OF_AN_AGE)
    )


def may_be_of_a_birth(date: str) -> bool:
    """Whether a date's years are such in which those at a school were born."""
    years = [int(year) for year in YEAR.findall(date) or re.findall(r"(?:19|20)\d\d$", date)]
    short = re.search(r"^\d{2}(?=\s?-?\s?ж)|(?<!\d)\d{2}(?=\D{0,6}$)|(?<=[A-Z])\d{2}$", date) if not years else None
    if short is not None:
        years = [2000 + int(short[0]) if int(short[0]) < RECENT_BIRTH % 100 else 1900 + int(short[0])]
    return bool(years) and all(FIRST_BIRTH <= year < RECENT_BIRTH for year in years)


def is_an_events(text: str, start: int, end: int) -> bool:
    """Whether a date is said to be that of what happened or was ordered then, or everybody knows it."""
    numbers = set(map(int, re.findall(r"\d+", text[start:end])))
    told = EVENT.match(text[end : end + 40]) or ORDERED.search(text[max(0, start - 20) : start])
    return told is not None or any(one <= numbers for one in HISTORIC)


def dates(text: str) -> Iterator[tuple[int, int]]:
    """Every date with its year, whatever it stands for."""
    for match in DATE.finditer(text):
        yield match.span()
