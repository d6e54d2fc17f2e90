"""What days, months and years look like, in a cleaned text."""

import re

from darbaza.publication.text.cleaning import LIKE_DIGITS

MONTH = (
    r"(?:январ\w*|феврал\w*|март\w*|апрел\w*|ма[йия]\w*|июн\w*|июл\w*|август\w*|сентябр\w*|октябр\w*|ноябр\w*|декабр\w*"
    r"|үчтүн айы\w*|бирдин айы\w*|жалган куран\w*|чын куран\w*|бугу\w*|кулжа\w*|теке\w*|баш оона\w*|аяк оона\w*"
    r"|тогуздун айы\w*|жетинин айы\w*|бештин айы\w*|(?:янв|февр?|мар|апр|авг|сен|сент|окт|ноя|нояб|дек)\.?(?!\w)"
    r"|jan(?:uary)?|feb(?:ruary)?|march|april|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?|(?:yanvar|fe[vb]ral|mart|aprel|iyun|iyul|avgust|senty?abr|okty?abr|noyabr|dekabr)\w{0,4})"
)
YEARS = r"(?:189\d|19\d\d|20[0-4]\d)"
_ROMAN = r"(?-i:I{1,3}|IV|VI{0,3}|IX|XI{0,2})"
DIGITS = (
    r"\d{1,2}\s?[./\-]\s?\d{1,2}\s?[./\-]\s?(?:"
    + YEARS
    + r"|\d{2}(?![\d]|[.\-]\d))|"
    + YEARS
    + r"[./\-]\d{1,2}[./\-]\d{1,2}"
    r"|\d{1,2}\s?[./\- ]\s?" + _ROMAN + r"\s?[./\- ]\s?(?:" + YEARS + r"|\d{2}(?!\d))"
    r"|\d{1,2}(?:,\s?|\s)(?:0?[1-9]|1[0-2])(?:,\s?|\s)" + YEARS + r"|" + YEARS + r"[ ,]\s?\d{1,2}/\d{1,2}"
    r"|(?<!\d)(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19[3-9]\d|20[012]\d)"
)
_KY_YEAR = YEARS + r"(?:\s?-?\s?(?:жыл\w*|ж\.)|[дн][ыиуү]н)?"
_ORDINAL_DAY = (
    r"(?:(?:жыйырма|отуз|он)\s+)?(?:биринчи|экинчи|үчүнчү|төртүнчү|бешинчи|алтынчы|жетинчи|сегизинчи|тогузунчу)|онунчу"
    r"|жыйырманчы|отузунчу|(?:двадцать|тридцать)\s+\w{3,8}(?:ого|ое|его)|\w{4,8}надцат(?:ого|ое)|двадцат(?:ого|ое)"
    r"|тридцат(?:ого|ое)|(?:перв|втор|четверт|четвёрт|пят|шест|седьм|восьм|девят|десят)(?:ого|ое)|третье(?:го)?"
)
_NUMBERED_DAY = r"\"?\d{1,2}\"?(?:\s?-?(?:н?ч[ыиүу]|го))?\s?[\-–]?\s?"
WORDS_KY = (
    YEARS
    + r"\s?-?\s?ж\.\s*\d{1,2}\.\d{1,2}(?!\d)|"
    + _KY_YEAR
    + r"\s*(?:\w{4,8}да,|,)?\s*(?:"
    + _NUMBERED_DAY
    + r"|(?:"
    + _ORDINAL_DAY
    + r")\s)"
    + MONTH
    + r"|\d{2}\s?-\s?(?:жыл\w*|ж\.)\s+\d{1,2}\s?[\-–]?\s?"
    + MONTH
    + r"|\d{1,2}\s?[\-–]\s?"
    + MONTH
    + r",?\s+"
    + YEARS
    + r"(?:\s?-?\s?(?:жыл|yil)\w*)?"
)
_WORDS_EN = MONTH + r"\s+\d{1,2}(?:st|nd|rd|th)?,?\s+" + YEARS
WORDS_RU = (
    r"\"?\d{1,2}\"?(?:-?го)?\s+"
    + MONTH
    + r"\s+"
    + YEARS
    + r"(?:\s*(?:г\.|года?|году))?|\d{1,2}\s?-?\s?"
    + MONTH
    + r"\.?\s*(?:'\d{2}|\d{2}\s?-?\s?(?:ж\b|жыл|г\b|го\b))"
)
_STAMPED = r"\d{2}(?-i:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)(?:" + YEARS + r"|\d{2}(?!\d))"
"""As tickets and passports of machines put it: "21JUN09"."""
DATE = re.compile(rf"(?<![\d.])(?:{DIGITS}|{WORDS_KY}|{WORDS_RU}|{_WORDS_EN}|{_STAMPED})(?!\d)", re.IGNORECASE)
WORDED_DAY = re.compile(r"\b(?:" + _ORDINAL_DAY + r")\s+" + MONTH, re.IGNORECASE)
NAMED_DAY = re.compile(
    r"(?<!\w)(?:жалган куран|чын куран|бугу|кулжа|теке|баш оона|аяк оона|тогуздун айы|жетинин айы|бештин айы"
    r"|үчтүн айы|бирдин айы)"
    r"\w*\s+(?:\d{1,2}\s?-?\w{0,4}|(?:жыйырма |он |отуз )?(?:бир|эки|үч|төрт|беш|алты|жети|сегиз|тогуз"
    r"|он)\w{2,8})(?!\w)",
    re.IGNORECASE,
)
"""A day after a month of the herdsmen's calendar: "жалган курандын 12си", "жетинин айынын тогузунда"."""
_ITS = r"(?:с?[ыиуү]н?(?:д[аеоө])?|н[ыиуү]н?д[аеоө]|нд[аеоө])(?!\w)"
"""How Kyrgyz says that a day is a month's: "июлдун 8и", "15инде", "20сы"."""
DAY = re.compile(
    r"(?<![\d.])" + _NUMBERED_DAY + MONTH + r"\b(?!\.?\s(?:көч|ул\.|\d{1,3}[\-/]\d))|" + MONTH + r"\s\d{1,2}" + _ITS,
    re.IGNORECASE,
)
MONTH_YEAR = re.compile(
    r"(?<![\d.])(?:0?[1-9]|1[012])\s?[./]\s?"
    + YEARS
    + r"(?!\d)|(?<![\w])"
    + MONTH
    + r",?\s+(?:"
    + YEARS
    + r"(?:-го|-й|\s*(?:г\.|года?))?|'?\d{2}-(?:го|й|м)\b)|"
    + YEARS
    + r"(?:\s?-?\s?(?:жыл\w*|ж\.))?\s+"
    + MONTH
    + r"|(?<!\d)\d{2}\s?-\s?жыл\w*\s+"
    + MONTH,
    re.IGNORECASE,
)
_COUNT = (
    r"(?:он|жыйырма|бир|эки|үч|төрт|беш|алты|жети|сегиз|тогуз|токсон|сексен|жетимиш|алтымыш|элүү|кырк|отуз"
    r"|перв|втор|трет|четв|пят|шест|седьм|восьм|девят|десят|\w{3,8}надцат|двадцат|тридцат|сороков)\w*"
)
WORDED_YEAR = re.compile(
    r"\b(?:(?:эки миң|бир миң тогуз жүз|миң тогуз жүз|две тысячи|тысяча девятьсот)(?:\s+"
    + _COUNT
    + r"){1,2}"
    + r"(?:\s+(?:жыл\w*|год\w*))?"
    + r"|(?:он|жыйырма)(?:\s\w{2,5}(?:инчи|үнчү|унчу|ынчы)|[ыиуү]?нч[ыиуү])\s+(?:жыл\w*|жылк\w*)(?:\s+"
    + MONTH
    + r")?|(?:тогузунчу|онунчу|сегизинчи|жетинчи|алтынчы)\s+жылкы\w*"
    + r"|(?:отуз|кырк|элүү|алтымыш|жетимиш|сексен|токсон)(?:\s+\w{2,5}(?:инчи|үнчү|унчу|ынчы)|[ыиуү]?нч[ыиуү])\s+жыл\w*"
    + r"|(?:тридцать|сорок|пятьдесят|шестьдесят|семьдесят|восемьдесят|девяносто)\s+(?:перв|втор|трет|четв|пят"
    r"|шест|седьм|восьм"
    + r"|девят)\w+(?:\s+год\w*)?|(?:тридцат|сороков|пятидесят|шестидесят|семидесят|восьмидесят|девяност)(?:ого"
    r"|ый|ом)\s+год\w*)",
    re.IGNORECASE,
)
YEAR = re.compile(r"(?<!\d)" + YEARS + r"(?!\d)")
SHORT_YEAR = re.compile(
    r"(?<![\d:.,'\-/])(?:'\d{2}(?![\d\w])|\d{2}\s?-?\s?(?:го\b|й\b|ж\.|жылк\w*|жылы\b|г\.))", re.IGNORECASE
)
"""A year by its last two digits, with what says that it is one: "'15", "09-ж.", "80-го", "13-жылкы"."""
DAY_ANDMONTH = re.compile(
    r"(?<![\d./])(?:0?[1-9]|[12]\d|3[01])(?:\.(?:0[1-9]|1[0-2])(?!\d|\.\d)|/(?:0?[1-9]|1[0-2])(?![\d/]"
    r"|\s?-?\s?(?:класс|кл)))"
)
NUMBERED_DAY = re.compile(
    r"(?<![\d.\-])(?:[12]\d|3[01]|[1-9])-(?:го|е)(?!\w)(?!\s+(?:класс|числ|янв|фев|мар|апр|ма|ию|ав|се|ок|но|де))"
)
"""A day whose month was said before: "у кого др в мае? — у меня 24-го"."""
BARE_DAY = re.compile(
    r"(?:^\s*|(?<=[:;,]\s))\d{1,2}(?:-?го)?(?=\s*[–—\-:]\s*[А-ЯӨҮҢЁA-Z])|(?<=[\w.]\s\()\d{1,2}(?=\))"
    r"|(?<=[\w.]\s-\s)\d{1,2}(?=\s*(?:$|[,;!.\n]))"
    r"|(?:(?<=[\-(]\s)|(?<=\())\d{1,2}" + _ITS,
    re.MULTILINE,
)
"""A day alone before a name that begins a line or entry, or in brackets after one: only in a list of birthdays."""
_MIXED = re.compile(r"[\dОоOoЗз]{1,4}[./\-][\dОоOoЗз]{1,4}[./\-][\dОоOoЗз]{2,4}")
"""A date some of whose digits may be letters."""


def with_digits(text: str) -> str:
    """The text with letters read as the digits that they look like within a date; as long as it was."""
    return _MIXED.sub(lambda found: found[0].translate(LIKE_DIGITS) if re.search(r"\d", found[0]) else found[0], text)
