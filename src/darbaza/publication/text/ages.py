"""Ages, days of birth and classes, in a cleaned text."""

import re
from collections.abc import Iterator

from darbaza.publication.findings import Certainty

MONTH = (
    r"(?:январ\w*|феврал\w*|март\w*|апрел\w*|ма[йия]\w*|июн\w*|июл\w*|август\w*|сентябр\w*|октябр\w*|ноябр\w*|декабр\w*"
    r"|үчтүн айы\w*|бирдин айы\w*|жалган куран\w*|чын куран\w*|бугу\w*|кулжа\w*|теке\w*|баш оона\w*|аяк оона\w*"
    r"|тогуздун айы\w*|жетинин айы\w*|бештин айы\w*|(?:янв|фев|мар|апр|авг|сен|сент|окт|ноя|нояб|дек)\.?(?!\w)"
    r"|jan(?:uary)?|feb(?:ruary)?|march|april|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)"
)
_YEAR = r"(?:189\d|19\d\d|20[0-4]\d)"
_DIGITS = (
    r"\d{1,2}\s?[./\-]\s?\d{1,2}\s?[./\-]\s?(?:" + _YEAR + r"|\d{2}(?!\d))|" + _YEAR + r"[./\-]\d{1,2}[./\-]\d{1,2}"
    r"|\d{1,2}[./\-](?:I{1,3}|IV|VI{0,3}|IX|XI{0,2})[./\-]" + _YEAR
)
_WORDS_KY = (
    _YEAR
    + r"\s?-?\s?ж\.\s*\d{1,2}\.\d{1,2}(?!\d)|"
    + _YEAR
    + r"(?:\s?-?\s?(?:жыл\w*|ж\.))?\s*,?\s*\d{1,2}\s?[\-–]?\s?"
    + MONTH
    + r"|\d{1,2}\s?[\-–]\s?"
    + MONTH
    + r",?\s+"
    + _YEAR
    + r"(?:\s?-?\s?жыл\w*)?"
)
_WORDS_EN = MONTH + r"\s+\d{1,2}(?:st|nd|rd|th)?,?\s+" + _YEAR
_WORDS_RU = r"\d{1,2}(?:-?го)?\s+" + MONTH + r"\s+" + _YEAR + r"(?:\s*(?:г\.|года?|году))?"
DATE = re.compile(
    r"(?<![\d.])(?:" + _DIGITS + r"|" + _WORDS_KY + r"|" + _WORDS_RU + r"|" + _WORDS_EN + r")(?![\d])", re.IGNORECASE
)
_ORDINAL_DAY = (
    r"(?:(?:жыйырма|отуз|он)\s+)?(?:биринчи|экинчи|үчүнчү|төртүнчү|бешинчи|алтынчы|жетинчи|сегизинчи|тогузунчу)|онунчу"
    r"|жыйырманчы|отузунчу|(?:двадцать|тридцать)\s+\w{3,8}(?:ого|ое|его)|\w{4,8}надцат(?:ого|ое)|двадцат(?:ого|ое)"
    r"|тридцат(?:ого|ое)|(?:перв|втор|четверт|четвёрт|пят|шест|седьм|восьм|девят|десят)(?:ого|ое)|третье(?:го)?"
)
WORDED_DAY = re.compile(r"\b(?:" + _ORDINAL_DAY + r")\s+" + MONTH, re.IGNORECASE)
DAY = re.compile(r"(?<![\d.])\d{1,2}\s?(?:[\-–]|-?го)?\s?" + MONTH + r"\b", re.IGNORECASE)
MONTH_YEAR = re.compile(
    r"(?<![\d.])(?:0?[1-9]|1[012])\s?[./]\s?"
    + _YEAR
    + r"(?!\d)|(?<![\w])"
    + MONTH
    + r"\s+"
    + _YEAR
    + r"(?:\s*(?:г\.|года?))?|"
    + _YEAR
    + r"\s?-?\s?жыл\w*\s+"
    + MONTH,
    re.IGNORECASE,
)
_ONE = r"(?:" + _DIGITS + r"|" + _WORDS_KY + r"|" + _WORDS_RU + r"|" + _YEAR + r")"
LIFETIME = re.compile(
    r"(?:\(|годы\s+жизни\s*:?|(?:жашаган|өмүр|жашоо)\s+жылдары\s*:?)\s*(?P<born>"
    + _ONE
    + r")\s*(?:гг?\.\s*)?[–—\-]\s*"
    + _ONE,
    re.IGNORECASE,
)
"""From whose birth to whose death, in brackets after a name."""
_KIN = (
    r"(?:отец|отц\w+|мать|матер\w+|мам[аыеу]|пап[аыеу]|брат\w*|сестр\w+|сын\w*|дочь|дочер\w+|внук\w*|внучк\w+|реб[её]н\w+|малыш\w*"
    r"|близнец\w*|двойняш\w+|опекун\w*|супруг\w*|атасы\w*|апасы\w*|энеси\w*|агасы\w*|иниси\w*|эжеси\w*|сиңдиси\w*|карындаш\w*|уулу|кызы"
    r"|эгиз\w*|бала(?:сы|лары)\w*|неберес\w+|камкорч\w+)"
)
OF_KIN = re.compile(
    r"\b" + _KIN + r"(?:(?-i:\s+[А-ЯӨҮҢЁ][\w\-]+)?,\s*|\s*(?:[—–:\-]\s*(?:[\w \-]{1,30},\s*)?|\(\s*))$", re.IGNORECASE
)
"""Whose day it is, in a list of a family: "Отец — 03.02.1981", "мать — домохозяйка, 1985", "эгиздерге (12.03.2019)"."""
BORN_SOMEWHERE = re.compile(
    r"\b(?:родил\w+|рожд[её]н\w*|появил\w+\s+на\s+свет)(?:\s+[\w\-]+){0,5}?\s+(?:в\s+)?$", re.IGNORECASE
)
"""A place and more between somebody's birth and its month or year: "родилась в Кочкоре в ноябре 1979 года"."""
OF_A_CHILD = re.compile(
    r"\b(?:девочк\w+|мальчик\w*|реб[её]н\w+|кыз\s+бала|уул\s+бала|эркек\s+бала|бабушк\w+|дедушк\w+|прабабушк\w+|прадедушк\w+|чоң\s+(?:эне|ата)\w*),?\s*$",
    re.IGNORECASE,
)
FIRST_BIRTH, RECENT_BIRTH = 1930, 2021
"""From and before which years those at a school were born: later ones are rather those of what it did."""
EVENT = re.compile(
    r"^\W{0,3}(?:г\.|года?|ж\.|жыл\w*)?\W{0,3}(?:№|дат\w+|состоял\w*|прош[её]л\w*|өтк|болуп|кабыл|принят\w*|бекитил|утвержд\w*|открыт\w*"
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
_COUNT = (
    r"(?:он|жыйырма|бир|эки|үч|төрт|беш|алты|жети|сегиз|тогуз|токсон|сексен|жетимиш|алтымыш|элүү|кырк|отуз"
    r"|перв|втор|трет|четв|пят|шест|седьм|восьм|девят|десят|\w{3,8}надцат|двадцат|тридцат|сороков)\w*"
)
WORDED_YEAR = re.compile(
    r"\b(?:эки миң|бир миң тогуз жүз|миң тогуз жүз|две тысячи|тысяча девятьсот)(?:\s+" + _COUNT + r"){1,2}"
    r"(?:\s+(?:жыл\w*|год\w*))?",
    re.IGNORECASE,
)
YEAR = re.compile(r"(?<!\d)" + _YEAR + r"(?!\d)")
BORN_AFTER = re.compile(
    r"^\W{0,4}(?:(?:жыл\w*|ж\.|г\.|год\w*|күнү|күн)\W{0,3}){0,3}(?:[\w\-]+,?\s+){0,4}?"
    r"(?:туулган|төрөлгөн|туулуптур|төрөлдү|туулду|туулу\w*|төрөлү\w*|жарык (?:дүйнө|көрг)\w*"
    r"|көз\s+жар\w+|дүйнөгө\s+кел\w+|төлү\b"
    r"|г\.\s?р\.|г\.?р\.|года? рождения|ж\.\s?т\.|т\.\s?[жк]\.|жылк[ыи]\b|туулган\w*|родил\w+|рожд\w*|born)",
    re.IGNORECASE,
)
_BORN_WHAT = r"(?:күн|ай|жыл|жер|дата|день|год|мест|месяц|числ)\w*"
_BORN_LABEL = _BORN_WHAT + r"(?:[\s,/]+(?:(?:жана|и|же)\s+)?" + _BORN_WHAT + r"){0,3}"
BORN_BEFORE = re.compile(
    r"(?:(?:туулган|төрөлгөн)\s+" + _BORN_LABEL + r"|" + _BORN_LABEL + r"\s+рожд\w*"
    r"|туулган\s*(?:күн\w*|жыл\w*|дата\w*|датас\w*)?(?:\s+жана\s+\w+)?|төрөлгөн\s*(?:күн\w*|жыл\w*)?|дата\s+рожд\w*|день\s+рожд\w*|год\s+рожд\w*|родил\w+|рожд\w*|д\.?\s?р\.?|г\.?\s?р\.?|т\.\s?к\.|т\.\s?ж\.|род\.|birth\w*|born|dob)"
    r"(?:\s+(?:матери|отца|мамы|папы|реб[её]нка|учени\w+|сына|дочери|баланын|окуучунун|энесинин|атасынын))?"
    r"(?:\s+(?:в\s+один\s+день|бир\s+күндө))?(?:\s+(?:в|on|болсо))?(?:\W{1,3}\w{3,12}\s+"
    + MONTH
    + r"\s)?(?:(?-i:\s+[А-ЯӨҮҢЁA-Z][\w\-]*)){0,3}\W{0,6}(?:(?:[гсш]\.\s?)?(?-i:[А-ЯӨҮҢЁA-Z][\w\-]*\W{1,3})){0,3}$",
    re.IGNORECASE,
)
BIRTHDAYS = re.compile(
    r"\b(?:туулган(?:дар|\s+(?:жери|күн|жыл|мугалим|окуучу|кызмат|бала))\w*|т\.\s?ж\.|г\.\s?р\.|(?:д(?:ень|ни|нём|не[йм])|год|дат[аы])\s+рожд(?:ени\w+|\.)|именинни\w+|юбиляр\w*"
    r"|мааракечи\w*|birthdays?|born)(?:[^:!?\n]{0,40}:|[^!?\n]{0,60}(?=\n))(?:.|\n(?!\s*\n)){1,1500}",
    re.IGNORECASE,
)
"""What stands after such a heading, or below it in a table, up to the end of its paragraph: who was born when."""
SPEAKS_OF_BIRTH = re.compile(
    r"туулган\s+күн|туулду|туулуп|төрөлгөн|төрөлүп|төрөлдү|жарык\s+(?:дүйнө|көр)|д(?:ень|ня|нём|ню|не)\s+рожд|родил|рождени"
    r"|появил\w+\s+на\s+свет|г\.\s?р\.|ж\.\s?т\.|юбил(?:я[рш]|е[йея])|именинни|варень|маараке|birthday|\bborn\b"
    r"|\d(?:г[аеоө]|к[аеоө])\s+(?:тол|чык|чыг)\w+|жаш(?:ы|ка)?\s+(?:тол|чык|чыг)\w+|жашын\s+(?:белгил|өткөр)\w+|исполн\w+|\bжашың",
    re.IGNORECASE,
)
AROUND = 90
"""Characters on either side of a day, in the same paragraph, in which somebody's birth or birthday is spoken of."""
CERTIFIED = re.compile(
    r"(?:(?:туулган|төрөлгөн)\w*\s+(?:тууралуу|жөнүндө)\s+күбөлү\w*|свидетельств\w+\s+о\s+рождени\w+)[^.;!?\n]{0,40}$",
    re.IGNORECASE,
)
"""A day beside the number of a certificate of birth."""
DAY_ANDMONTH = re.compile(r"(?<![\d.])(?:0?[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])(?!\d|\.\d)")
BARE_DAY = re.compile(r"^\s*\d{1,2}(?=\s*[–—\-:]\s*[А-ЯӨҮҢЁA-Z])", re.MULTILINE)
"""A day alone at the beginning of a line, before a name: only in a list of birthdays."""
_TENS = r"(?:он|жыйырма|отуз|кырк|элүү|алтымыш|жетимиш|сексен|токсон)"
_KYRGYZ_NUMBER = r"(?:" + _TENS + r"\s+)?(?:бир|эки|үч|төрт|беш|алты|жети|сегиз|тогуз)|" + _TENS
_RUSSIAN_TENS = r"(?:двадцати|тридцати|сорока|пятидесяти|шестидесяти|семидесяти|восьмидесяти|девяносто|сто)"
_RUSSIAN_NUMBER = (
    r"шесть|семь|восемь|девять|десять|одиннадцать|двенадцать|тринадцать|четырнадцать|пятнадцать|шестнадцать|семнадцать"
    r"|восемнадцать|шести|семи|восьми|девяти|десяти|одиннадцати|двенадцати|тринадцати|четырнадцати|пятнадцати"
    r"|шестнадцати|семнадцати|восемнадцати|девятнадцати|восемнадцать|девятнадцать|двадцать|двадцати"
)
WORDED_AGE = re.compile(
    r"\b(?:"
    + _KYRGYZ_NUMBER
    + r")\s+жаш(?:та\w*|ар\w*|ка|ы\w*|\s+(?:тол|курак|кураг)\w+)\b|\b(?:"
    + _KYRGYZ_NUMBER
    + r")(?:г[аеоө]|к[аеоө])\s+(?:чык|тол)\w+|\bисполн(?:илось|яется|ится)\s+(?:"
    + _RUSSIAN_NUMBER
    + r")\b|\b"
    + _RUSSIAN_TENS
    + r"(?:\w{3,8})?летн\w+|\b(?:"
    + _RUSSIAN_NUMBER
    + r")(?:\s+с\s+половиной)?(?:\s+лет\b(?!\s+(?:назад|подряд))|летн\w+)",
    re.IGNORECASE,
)
AGE = re.compile(
    r"(?<![\d\-–])(?:[1-9]|[1-9]\d)(?:\s?[\-–]?\s?(?:жаш(?:та\w*|ар\w*|ка|ы\w*|тан|тын)?|жашар|жылдык\s+маараке\w*)\b(?!\w)"
    r"|\s?-?\s?жаштык\b"
    r"|\s?-\s?лети(?:ем|я|ю|е)\b(?!\s+(?:школ|гимназ|лице|победы|независ|город|республ|со\s+дня))"
    r"|\s?-?\s?м\s+году(?=\s+жизни|[.,;!)]|$)"
    r"|\s?[\-–]?\s?(?:лет(?:него|ний|няя|ней|ние|нему|ним|нюю)?|летн\w+|год(?:а|ик\w*)?)\b(?!\s+(?:назад|подряд|обуч\w+|работ\w+|препода\w+|труд\w+|руковод\w+|стаж\w*|со\s|школ\w*|независ\w*|побед\w*|педаг\w*)))"
    r"|(?<=[(,; ])(?<!-)(?:[4-9]|1\d)\s?ж(?:\.(?!\s?т)|\b(?!\.))"
    r"|\bсколько\s+лет\s*[:–\-]?\s*\d{1,2}(?!\d)|\b(?:ему|ей|мне|тебе)\s(?:[4-9]|1\d)(?=\s*(?:[.,;)!]|$))"
    r"|\b\d{1,2}[\s\-]years?[\s\-]old\b"
    r"|(?:возраст\w*|жашы|курагы|курак\w*|age)\s?[:\-–]?\s?\d{1,2}(?!\d)"
    r"|\b(?:исполнилось|исполняется|чыкты|толду|толот)\s+\d{1,2}\b|\b\d{1,2}(?:ге|га|гө|го|ке|ка|кө|ко)\s+(?:чыкты|толду|толот|чыгат|толуп\w*)",
    re.IGNORECASE,
)
_CLASS_SUFFIX = r"(?:дан|ден|да|де|дын|нын|нин|га|ге|ны|ни|дагы|лар\w*|чылар\w*)"
_LETTER = (
    r"(?:[«\"'(]\s?[А-ЯӨҮҢа-яөүңA-Za-z]\s?[»\"')]|(?!ж\.)[А-ЕЖКа-ежкA-Da-d](?:"
    + _CLASS_SUFFIX
    + r"(?!\w))?(?![А-Яа-яӨөҮүҢңЁёA-Za-z]))"
)
_CLASS_WORD = r"(?i:класс?\w*|кл\.|кл\b|сынып\w*|class\b|grade\b)"
_ORDINAL = r"(?:нчы|нчи|нчу|нчү|чы|чи|чу|чү|й|го|ый|м|ом|ые)?"
CLASS = re.compile(
    r"(?<![^\W_])(?<![\d./\-–№])(?:(?:1[012]|[1-9])\s?[\-–]?|(?:XI|IX|VIII|VII|VI|IV|V|X|III|II|I)[\s\-–])\s?"
    r"(?:" + _LETTER + r"\s?[\-–]?\s?(?:" + _CLASS_WORD + r")?|" + _ORDINAL + r"\s?[\-–]?\s?" + _CLASS_WORD + r")"
)
_KYRGYZ_ORDINALS = "биринчи|экинчи|үчүнчү|төртүнчү|бешинчи|алтынчы|жетинчи|сегизинчи|тогузунчу|онунчу|он биринчи"
_RUSSIAN_ORDINALS = (
    r"перв\w+|втор\w+|треть\w+|четв[её]рт\w+|пят\w+|шест\w+|седьм\w+|восьм\w+|девят\w+|десят\w+|одиннадцат\w+"
)
WORDED_CLASS = re.compile(
    r"\b(?:" + _KYRGYZ_ORDINALS + r"|" + _RUSSIAN_ORDINALS + r")\s+[\"«]?[А-Да-д]?[\"»]?\s?класс?\w*"
    r"|\b(?:перво|второ|третье|четверо|пяти|шести|семи|восьми|девяти|десяти|одиннадцати)классни\w+",
    re.IGNORECASE,
)
TOLD_AFTER = re.compile(
    r"[\s,(\-–—|\"]{1,4}(?:из\s)?(?:"
    + CLASS.pattern
    + r"|\d{1,2}\s?жаш|\d{1,2}\s?лет|(?:туулган|ата-эне|классташ)\w*)",
    re.IGNORECASE,
)
TOLD_BEFORE = re.compile(r"(?:" + CLASS.pattern + r"|\d{1,2}\s?жаш\w*|\d{1,2}-летн\w+)\w{0,8}[\s,)\-–—|\"]{1,4}$")
RANGE = re.compile(r"(?:(?<![\d.])\d{1,2}\s?[\-–,]\s?|\bжана\s+)$")


def birth_dates(text: str) -> Iterator[tuple[int, int, Certainty]]:
    """Dates of which the text says that somebody was born then."""
    dated: list[tuple[int, int]] = []
    lists = [match.span() for match in BIRTHDAYS.finditer(text)]
    for match in LIFETIME.finditer(text):
        dated.append(match.span("born"))
        yield *match.span("born"), Certainty.LIKELY
    for pattern in (DATE, MONTH_YEAR, WORDED_DAY, DAY, WORDED_YEAR, DAY_ANDMONTH, YEAR, BARE_DAY):
        for start, end in map(re.Match.span, pattern.finditer(text)):
            inside = any(begun < end and past > start for begun, past in dated)
            if not inside and _is_birth(text, start, end, pattern, lists):
                dated.append((start, end))
                yield start, end, Certainty.SURE if pattern is DATE else Certainty.LIKELY


def _is_birth(text: str, start: int, end: int, pattern: re.Pattern[str], lists: list[tuple[int, int]]) -> bool:
    """Whether a date is said to be somebody's: in a list of such, beside a word for it, or a day near to one."""
    if any(begun < start < past for begun, past in lists):
        return True
    if pattern not in (DAY_ANDMONTH, BARE_DAY) and _born(text, start, end):
        return True
    return pattern not in (YEAR, MONTH_YEAR, WORDED_YEAR, BARE_DAY) and _spoken_of_around(text, start, end)


def _spoken_of_around(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - AROUND) : start].rpartition("\n\n")[2]
    after = text[end : end + AROUND].partition("\n\n")[0]
    return SPEAKS_OF_BIRTH.search(before) is not None or SPEAKS_OF_BIRTH.search(after) is not None


def _born(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 80) : start]
    if BORN_AFTER.search(text[end : end + 60]) or BORN_BEFORE.search(before[-40:]):
        return True
    return any(pattern.search(before) for pattern in (CERTIFIED, OF_KIN, OF_PASSPORT, BORN_SOMEWHERE, OF_A_CHILD))


YEAR_BESIDE_A_NAME = re.compile(
    r"(?:\s*[,(–—]|\s+-)\s*(?P<year>" + _YEAR + r"(?:\s?-?\s?(?:ж\.|жыл\w*|г\.(?!\s?[А-Я])|года?))?)\s*(?=[),;.\n]|$)"
)
"""A year right after a name, as in lists of sportspeople: "Османов Р. (2012)"."""


def may_be_of_a_birth(date: str) -> bool:
    """Whether a date's years are such in which those at a school were born."""
    years = [int(year) for year in re.findall(r"\d{4}", date)]
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


def ages(text: str) -> Iterator[tuple[int, int]]:
    """How old somebody is."""
    for pattern in (AGE, WORDED_AGE):
        for match in pattern.finditer(text):
            yield match.span()


def told_beside(text: str, start: int, end: int) -> bool:
    """Whether an age or a class stands right before or after these characters, as it does beside somebody's name."""
    after = TOLD_AFTER.match(text, end)
    before = TOLD_BEFORE.search(text, max(0, start - 40), start)
    return after is not None or before is not None


def classes(text: str) -> Iterator[tuple[int, int]]:
    """A school class; not a range of classes ("5-11-класстар")."""
    for pattern in (CLASS, WORDED_CLASS):
        for match in pattern.finditer(text):
            if not RANGE.search(text[max(0, match.start() - 8) : match.start()]):
                end = match.start() + len(match[0].rstrip(" -–\n\t"))
                yield match.start(), end
