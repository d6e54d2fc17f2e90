"""Ages, days of birth and classes, in a cleaned text."""

import re
from collections.abc import Iterator

from darbaza.publication.findings import Certainty

_MONTH = (
    r"(?:январ\w*|феврал\w*|март\w*|апрел\w*|ма[йия]\w*|июн\w*|июл\w*|август\w*|сентябр\w*|октябр\w*|ноябр\w*|декабр\w*"
    r"|үчтүн айы\w*|бирдин айы\w*|жалган куран\w*|чын куран\w*|бугу\w*|кулжа\w*|теке\w*|баш оона\w*|аяк оона\w*"
    r"|тогуздун айы\w*|жетинин айы\w*|бештин айы\w*"
    r"|jan(?:uary)?|feb(?:ruary)?|march|april|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)"
)
_YEAR = r"(?:19[3-9]\d|20[0-4]\d)"
_DIGITS = (
    r"\d{1,2}\s?[./\-]\s?\d{1,2}\s?[./\-]\s?(?:" + _YEAR + r"|\d{2}(?!\d))|" + _YEAR + r"[./\-]\d{1,2}[./\-]\d{1,2}"
    r"|\d{1,2}[./\-](?:I{1,3}|IV|VI{0,3}|IX|XI{0,2})[./\-]" + _YEAR
)
_WORDS_KY = (
    _YEAR
    + r"(?:\s?-?\s?(?:жыл\w*|ж\.))?\s*,?\s*\d{1,2}\s?[\-–]?\s?"
    + _MONTH
    + r"|\d{1,2}\s?[\-–]\s?"
    + _MONTH
    + r",?\s+"
    + _YEAR
    + r"(?:\s?-?\s?жыл\w*)?"
)
_WORDS_EN = _MONTH + r"\s+\d{1,2}(?:st|nd|rd|th)?,?\s+" + _YEAR
_WORDS_RU = r"\d{1,2}(?:-?го)?\s+" + _MONTH + r"\s+" + _YEAR + r"(?:\s*(?:г\.|года?|году))?"
DATE = re.compile(
    r"(?<![\d.])(?:" + _DIGITS + r"|" + _WORDS_KY + r"|" + _WORDS_RU + r"|" + _WORDS_EN + r")(?![\d])", re.IGNORECASE
)
DAY = re.compile(r"(?<![\d.])\d{1,2}\s?(?:[\-–]|-?го)?\s?" + _MONTH + r"\b", re.IGNORECASE)
MONTH_YEAR = re.compile(r"(?<![\d.])(?:0?[1-9]|1[012])\s?[./]\s?" + _YEAR + r"(?!\d)")
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
    r"^\W{0,4}(?:(?:жыл\w*|ж\.|г\.|год\w*|күнү|күн)\W{0,3}){0,3}(?:[\w\-]+\s+){0,4}?"
    r"(?:туулган|төрөлгөн|туулуптур|төрөлдү|туулду|туулу\w*|төрөлү\w*|жарык дүйнө\w*"
    r"|г\.\s?р\.|г\.?р\.|года? рождения|ж\.\s?т\.|т\.\s?[жк]\.|жылк[ыи]\b|туулган\w*|родил\w+|рожд\w+|born)",
    re.IGNORECASE,
)
_BORN_WHAT = r"(?:күн|ай|жыл|жер|дата|день|год|мест|месяц|числ)\w*"
_BORN_LABEL = _BORN_WHAT + r"(?:[\s,/]+(?:(?:жана|и|же)\s+)?" + _BORN_WHAT + r"){0,3}"
BORN_BEFORE = re.compile(
    r"(?:(?:туулган|төрөлгөн)\s+" + _BORN_LABEL + r"|" + _BORN_LABEL + r"\s+рожд\w*"
    r"|туулган\s*(?:күн\w*|жыл\w*|дата\w*|датас\w*)?(?:\s+жана\s+\w+)?|төрөлгөн\s*(?:күн\w*|жыл\w*)?|дата\s+рожд\w*|день\s+рожд\w*|год\s+рожд\w*|родил\w+|рожд\w*|д\.?\s?р\.?|г\.?\s?р\.?|т\.\s?к\.|т\.\s?ж\.|род\.|birth\w*|born|dob)"
    r"(?:\s+(?:в\s+один\s+день|бир\s+күндө))?(?:\s+(?:в|on|болсо))?(?:\W{1,3}\w{3,12}\s+"
    + _MONTH
    + r"\s)?(?:(?-i:\s+[А-ЯӨҮҢЁA-Z][\w\-]*)){0,3}\W{0,6}(?:(?:[гсш]\.\s?)?(?-i:[А-ЯӨҮҢЁA-Z][\w\-]*\W{1,3})){0,3}$",
    re.IGNORECASE,
)
BIRTHDAYS = re.compile(
    r"\b(?:туулган күн\w*|д(?:ень|ни|нём|не[йм])\s+рождени\w+|именинни\w+|birthdays?)[^:.!?\n]{0,40}:"
    r"(?:.|\n(?!\s*\n)){1,1500}",
    re.IGNORECASE,
)
"""What stands after such a heading up to the end of its paragraph: whose birthday is when."""
CERTIFIED = re.compile(
    r"(?:(?:туулган|төрөлгөн)\w*\s+(?:тууралуу|жөнүндө)\s+күбөлү\w*|свидетельств\w+\s+о\s+рождени\w+)[^.;!?\n]{0,40}$",
    re.IGNORECASE,
)
"""A day beside the number of a certificate of birth."""
DAY_AND_MONTH = re.compile(r"(?<![\d.])(?:0?[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])(?![\d.])")
_KYRGYZ_NUMBER = r"(?:он\s+|жыйырма\s+)?(?:бир|эки|үч|төрт|беш|алты|жети|сегиз|тогуз)|он|жыйырма"
_RUSSIAN_NUMBER = (
    r"шесть|семь|восемь|девять|десять|одиннадцать|двенадцать|тринадцать|четырнадцать|пятнадцать|шестнадцать|семнадцать"
    r"|восемнадцать|шести|семи|восьми|девяти|десяти|одиннадцати|двенадцати|тринадцати|четырнадцати|пятнадцати"
    r"|шестнадцати|семнадцати"
)
WORDED_AGE = re.compile(
    r"\b(?:"
    + _KYRGYZ_NUMBER
    + r")\s+жаш(?:та\w*|ар\w*|ка|ында\w*)\b|\b(?:"
    + _KYRGYZ_NUMBER
    + r")(?:г[аеоө]|к[аеоө])\s+(?:чык|тол)\w+|\b(?:исполнилось|исполняется)\s+(?:"
    + _RUSSIAN_NUMBER
    + r")\b|\b(?:"
    + _RUSSIAN_NUMBER
    + r")(?:\s+лет\b(?!\s+(?:назад|подряд))|летн\w+)",
    re.IGNORECASE,
)
AGE = re.compile(
    r"(?<![\d\-–])(?:[1-9]|[1-9]\d)(?:\s?[\-–]?\s?(?:жаш(?:та\w*|ар\w*|ка|ында\w*|ын|ы|тан|тын)?|жашар)\b(?!\w)"
    r"|\s?[\-–]?\s?(?:лет(?:него|ний|няя|ней|ние|нему|ним|нюю)?|летн\w+|год(?:а|ик\w*)?)\b(?!\s+(?:назад|подряд|обуч\w+|работ\w+|препода\w+|труд\w+|руковод\w+|стаж\w*|со\s|школ\w*|независ\w*|побед\w*|педаг\w*)))"
    r"|(?<=[(,; ])(?<!-)(?:[4-9]|1\d)\s?ж(?:\.(?!\s?т)|\b(?!\.))"
    r"|\b(?:ему|ей|мне)\s(?:[4-9]|1\d)(?=\s*(?:[.,;)!]|$))"
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
    for match in DATE.finditer(text):
        if _born(text, match.start(), match.end()):
            dated.append(match.span())
            yield match.start(), match.end(), Certainty.SURE
    lists = [match.span() for match in BIRTHDAYS.finditer(text)]
    for pattern in (MONTH_YEAR, DAY, WORDED_YEAR, DAY_AND_MONTH):
        for match in pattern.finditer(text):
            inside = any(start < match.end() and end > match.start() for start, end in dated)
            listed = pattern in (DAY, DAY_AND_MONTH) and any(start < match.start() < end for start, end in lists)
            if not inside and (listed or (pattern is not DAY_AND_MONTH and _born(text, match.start(), match.end()))):
                dated.append(match.span())
                yield match.start(), match.end(), Certainty.LIKELY
    for match in YEAR.finditer(text):
        inside = any(start <= match.start() < end for start, end in dated)
        if not inside and _born(text, match.start(), match.end()):
            yield match.start(), match.end(), Certainty.LIKELY


def _born(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 80) : start]
    return bool(BORN_AFTER.search(text[end : end + 60]) or BORN_BEFORE.search(before[-40:]) or CERTIFIED.search(before))


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
