"""Where somebody lives: streets with a house, flats, settlements of which it is said that somebody lives there."""

import re
from collections.abc import Iterator

from darbaza.publication.findings import Certainty
from darbaza.publication.text.days import MONTH

_NAME = r"(?<!\w)[А-ЯӨҮҢЁA-Z0-9][\w\-]{0,30}"
_NAMES = r"(?:(?<!\w)[А-ЯӨҮҢЁA-Z]\.\s?){0,2}(?:" + _NAME + r"[ \-]){0,3}" + _NAME
"""A name of up to four words, initials of a person it is called after before it."""
_AS_NAMED = r"(?-i:" + _NAMES + r")"
_NUMBER = r"\d{1,4}(?:[ \-]?[а-яa-z](?![а-яёөүңa-z]))?(?:\s?[/\-]\s?\d{1,4}[а-я]?\b)?"
_STREET_KY = (
    r"(?:\d{1,2}-)?(?:көч(?:\.|(?=,? \d))|коч\.|(?<!\.)(?-i:к)\.(?=,? ?\d)|к-с[үуы]|көчө(?![рт])\w*|кочо\w*|пр\."
    r"|просп\.|проспект\w*|бульвар\w*|шоссе\w*|тар көчө\w*"
    r"|пер\.|туюк\w*|өтмө\w*|тилке\w*|кичирайон\w*|koch\.|k[oö]ch[oöa]\w*|ko'cha\w*|переул\w*|тупи[кг]\w*|улица|str\."
    r"|st\.|street"
    r"|ave\.|avenue)"
)
_STREET_RU = (
    r"(?:ул\.|ул(?!\w)|улиц\w+|пр\.|пр-т\.?|просп\.|проспект\w*|пер\.|переул\w+|б-р|бульвар\w*|тупик\w*|проезд\w*"
    r"|шоссе)"
)
_STREET_FIRST = (
    r"(?:(?:көч\.|коч\.|к-с[үуы]|пр\.|просп\.|str\.|st\.|ave\.)\s*(?:" + _AS_NAMED + r"|[а-яёөүң]{4,25})"
    r"|(?:көчө(?:с[үу])?|кочо(?:с[уы])?|проспект[иы]?|бульвар[иы]?|шоссе(?:си)?|тилке(?:си)?|туюк|koch\.|k[oö]ch[oöa]\w*"
    r"|ko'cha\w*|переул\w*|тупи[кг]\w*|улица|street|avenue)\s*" + _AS_NAMED + r")"
)
_STREET_RU_NAMED = _STREET_RU + r"\s*(?:" + _AS_NAMED + r"|[а-яё\-]{4,25}(?:\s[а-яё\-]{4,25})?)"
"""A street's word before its name. Written small, a name is one word, or two after a Russian word for a street."""
_DISTRICT = (
    r"(?:мкр\.?|[мк]/р(?!\w)|м-р\w*|м-н\.?|микрорайон\w*|кичи\s?район\w*|ж/м|ж\.м\.|жилмассив\w*|конуш\w*|квартал\w*)"
)
_HOUSE_WORD = r"(?:үй\w*|уй\w{0,6}|дом\w{0,3}|номери|д\.|д(?=\s\d)|участо\w*|уч\.|house)"
_FLAT_WORD = r"(?:кв\.?|kv\.?|квартир\w*|батир\w*|бат\.|apt\.?|flat)"
_SEP = r"[\s,.№\-–:]{0,5}(?:в\s+(?=дом|кв))?"
_HOUSE = (
    r"(?!\d{1,2}:\d\d)(?!\d{1,4}\s?-?\s?(?:мектеп|орто|школ|лице|гимназ|класс|орун|кабинет|жыл|"
    + MONTH
    + r"))(?:(?:биринчи|экинчи|үчүнчү|төртүнчү|бешинчи|алтынчы|жетинчи|сегизинчи|тогузунчу|онунчу)\s+үй\w*|"
    + _HOUSE_WORD
    + _SEP
    + _NUMBER
    + r"|б/н\b|"
    + _NUMBER
    + r"(?:\s?-?\s?"
    + _HOUSE_WORD
    + r")?)"
)
_FLAT = r"(?:" + _SEP + r"(?:" + _FLAT_WORD + _SEP + r"\d{1,4}|\d{1,4}\s?-?\s?(?:" + _FLAT_WORD + r")))?"
STREETS = (
    re.compile(r"(?P<names>" + _NAMES + r")\s+" + _STREET_KY + _SEP + _HOUSE + _FLAT, re.IGNORECASE),
    re.compile(r"\b" + _STREET_FIRST + _SEP + _HOUSE + _FLAT, re.IGNORECASE),
    re.compile(r"\b" + _STREET_RU_NAMED + _SEP + _HOUSE + _FLAT, re.IGNORECASE),
    re.compile(r"(?P<names>" + _NAMES + r")\s+участо[кг]\w*,?\s+\d{1,3}\s?-?\s?үй", re.IGNORECASE),
    re.compile(
        r"(?:\b\d{1,2}[ \-]*"
        + _DISTRICT
        + r"|\b"
        + _DISTRICT
        + r"[\s,.№\-]*(?:"
        + _AS_NAMED
        + r"|[а-яёөүң\-]{4,20}|\d{1,2}))"
        + _SEP
        + _HOUSE
        + _FLAT,
        re.IGNORECASE,
    ),
    re.compile(r"(?P<names>" + _NAMES + r")\s+" + _DISTRICT + _SEP + _HOUSE + _FLAT, re.IGNORECASE),
    re.compile(r"\b\d{1,4}[a-z]?\s+" + _NAMES + r"\s+(?:street|st\.|avenue|ave\.|road|lane)" + _FLAT, re.IGNORECASE),
    re.compile(
        r"\b\d{1,2}[ \-]*" + _DISTRICT + r"(?:" + _SEP + _HOUSE + _FLAT + r")?" + r"(?=\W*(?:\d|үй|кв))", re.IGNORECASE
    ),
)
HOUSE_AND_FLAT = re.compile(
    r"(?<!\w)(?:"
    + _HOUSE_WORD
    + _SEP
    + _NUMBER
    + r"|\d{1,4}\s?-\s?(?:үй|уй)\w*)"
    + _SEP
    + r"(?:"
    + _FLAT_WORD
    + _SEP
    + r"\d{1,4}|\d{1,4}\s?-?\s?"
    + _FLAT_WORD
    + r")"
    r"|(?<!\w)(?:кв\.|квартира|батир)\s?№?\s?\d{1,4}(?!\d)|(?<!\w)\d{1,4}\s?-\s?(?:кв\b|(?:батир|квартир)\w*)",
    re.IGNORECASE,
)
_SETTLEMENT = (
    r"(?:айыл\w*|аил\w*|кыштак\w*|кыштаг\w*|шаар\w*|ш\.|айылы|район\w*|р-н\w*|облус\w*|област\w*|көчө\w*"
    r"|микрорайон\w*|кичирайон\w*|жилмассив\w*|конуш\w*"
    r"|мкр\w*|өрөөн\w*)"
)
_LIVES_KY = (
    r"(?:жаша\w+|каттайт|каттап\s+\w+|келип\s+(?:оку\w+|турат)|келет\b"
    r"|тура(?:т|быз|м|сыз|шат)\b|турган\b|туруктуу|тургун\w*|үйү\b|үйүндө|турушат|көчүп\s+кел\w+)"
)
LIVES_KY = re.compile(
    r"(?!\d{1,4}\s?-?\s?(?:жыл|"
    + MONTH
    + r"))"
    + _NAME
    + r"(?:\s+"
    + _NAME
    + r"){0,2}\s+(?:(?:жаңы|эски|чоң|кичи)\s+)?"
    + _SETTLEMENT
    + r"(?:[\s,]+(?:"
    + _NAMES
    + r"\s+)?"
    + _SETTLEMENT
    + r"){0,3}(?=[^.!?\n]{0,40}?\b"
    + _LIVES_KY
    + r")"
)
_PLACE_RU = (
    r"(?:с\.|сел[оае]\w*|г\.|город\w*|пос\.|пос[её]лк\w+|аил\w*|район\w*|ул\.|улиц\w+"
    r"|мкр\.?|микрорайон\w*|ж/м|жилмассив\w*|деревн\w+)"
)
LIVES_RU = re.compile(
    r"(?<=\b)(?:прожива\w+|жив[её]т|живут|жив[уё]\w*|прописан\w*|зарегистрирован\w*)\s+(?:(?:теперь|сейчас"
    r"|рядом|там|тут|здесь)\W+)?(?:по\s+адрес\w+:?\s+)?(?:в|во|на|по)?\s*"
    r"(?P<place>(?:"
    + _PLACE_RU
    + r"\s*"
    + _NAMES
    + r"|"
    + _NAMES
    + r"\s+"
    + _PLACE_RU
    + r")(?:,\s*(?:"
    + _PLACE_RU
    + r"\s*)?"
    + _NAMES
    + r"){0,3}|в\s+"
    + _NAME
    + r"(?:,\s*(?:по\s+|на\s+)?"
    + _PLACE_RU
    + r"\s*"
    + _NAMES
    + r")?)",
)
WHERE_SOMEBODY_LIVES = re.compile(
    _PLACE_RU + r"\s*" + _NAMES + r"(?=,?\s+(?:где|откуда)\s+(?:\w+\s+){0,2}(?:жив|прожива|приезжа|ход)\w+)"
)
IN_A_SETTLEMENT = re.compile(
    r"(?<!\w)(?:с|г|п|пос|ш|а|айыл|село|город)\.?\s?"
    + _NAME
    + r",\s+"
    + _NAMES
    + r",?\s+\d{1,3}(?![\d:]|\s?"
    + MONTH
    + r")"
)
"""A settlement, a street without its word, and a house: "с. Дмитриевка, Комсомольская, 16"."""
PLACE_AND_HOUSE = re.compile(
    r"(?<!\w)[А-ЯӨҮҢЁ][\w\-]{2,30},\s+[А-ЯӨҮҢЁ][\w\-]{2,30}\s+(?:\d{1,3}\s?/\s?\d{1,4}|(?<=[оеи]ва\s)\d{1,3}"
    r"|(?<=ина\s)\d{1,3}|(?<=ого\s)\d{1,3})"
    r"(?![\d:]|\s?[\-–]?\s?(?:" + MONTH + r"|мест|балл|лет|год|жаш|упай|клас|мин|сом))"
)
"""A settlement, a street and a house: "Нарын, Ленин 88/2", "Баетово, Бейшеналиева 9"."""
STREET_LIVED_IN = re.compile(
    r"\b(?:жив[её]\w*|прожива\w+)\b[^.!?\n]{1,40}?(?P<place>(?<!\w)(?:ул\.|улиц\w+)\s*" + _NAMES + r")"
)
"""A street without a number in which somebody lives: "Живём за рынком, улица Строителей"."""
HOUSE_OF_A_STREET = re.compile(
    r"(?<!\w)[А-ЯӨҮҢЁ][\w\-]{2,30},?\s+(?:в\s+)?дом[уае]?\s+№?\s?\d{1,3}[а-я]?(?!\w)"
    r"|\bдом[уае]?\s+№?\s?\d{1,3}[а-я]?\s+(?:по|на)\s+(?:ул\.|улице|проспекту|переулку)?\s*[А-ЯӨҮҢЁ][\w\-]+"
)
BESIDE_A_NAME = re.compile(
    r"(?<=[А-ЯӨҮҢЁ]\.,\s)(?P<place>[А-ЯӨҮҢЁ][\w\-]{2,30}\s+\d{1,3}(?:\s?[/\-]\s?\d{1,3})?)(?=\s*(?:[;,.)\n]|$))"
)
"""A list's street and house after a surname with initials: "Камилов Ж., Фурката 81"."""
ON_A_STREET = re.compile(
    r"(?<!\w)(?i:на|по|со?)\s+(?P<place>(?:[А-ЯӨҮҢЁ]\.\s?)?[А-ЯӨҮҢЁ][\w\-]{2,30}(?:ого|его|ой|ей|ова|ева|ина|ына"
    r"|ской|ую|а|я|у),?\s+"
    r"\d{1,3}(?:\s?[/\-]\s?\d{1,3})?(?:,\s*кв\.?\s?\d{1,4})?)(?!\d|[:.]\d|\s?[\-–]?\s?(?:"
    + MONTH
    + r"|мест|балл|лет|год|мин|час|ден|дн|"
    r"класс|человек|школ|\w{0,3}\s?(?:сом|км|м)\b))"
)
"""On somebody's street, by a number: "к тёте на Горького, 94"."""
LABELLED = re.compile(
    r"(?:(?<!ондук )\bдаре[гк]\w*|\bадрес\w*|турак\s+жай\w*|жашаган\s+(?:жери|дареги)|жашаган\s+жери|туруктуу\s+жер\w*"
    r"|город,\s*улица(?:,\s*дом)?|улица,\s*дом|көчө,\s*үй|место\s+жительства|прописк\w+|address)"
    r"(?:(?<=жительства)\s+\w+)?\s*(?:\([^)\n]{0,40}\))?\s*(?:[:\-–—]\s*"
    r"|(?<=дареги)[ ]+(?=(?-i:[А-ЯӨҮҢ])))(?P<place>[^\n;]{4,140}?)(?=\s*(?:[\n;]|$|\.\s|тел\b|тел\.|телефон|\t))",
    re.IGNORECASE,
)
HOUSE_BESIDE_A_NAME = re.compile(
    r"\.?\s?[,(\-:]\s?(?P<place>(?:[А-ЯӨҮҢЁ]\.\s?)?[А-ЯӨҮҢЁ][\w\-]{2,30}"
    r"(?:\s[А-ЯӨҮҢЁ][\w\-]{2,30})?,?\s\d{1,3}[а-я]?(?![а-яёөүң])"
    r"(?:\s?[/\-]\s?\d{1,3}){0,2}(?:,\s(?:кв|батир|б)\.?\s?\d{1,4})?)(?=\s*(?:[),;.!\"\n]|$))"
)
"""A street without its word and a house right after somebody's name: "Айпери (Осмонкул 12)"."""
HOUSE_WITH_FLAT = re.compile(
    r"(?<![\w\"№])(?!" + MONTH + r")[А-ЯӨҮҢЁ][\w\-]{2,30},?\s(?P<house>\d{1,3}/\d{1,3}(?![\d/])"
    r"|(?<=(?:ая|ой|ую)\s)\d{1,3}-\d{1,3}(?!\d)|(?<=(?:ва|на)\s)\d{1,3}-\d{1,3}(?!\d))(?!\s?-?\s?(?:клас|кл\b"
    r"|окуу|уч|балл|упай|сом|час))"
)
"""A street without its word, a house and its flat, wherever they stand: "Гагарин 25/1", "Московская 140-25"."""
NUMBERED = re.compile(
    r"(?!\d)" + _NAMES + r"(?:\s+|,\s*)(?P<house>\d{1,3}(?:[а-я](?![а-яёөүң]))?)(?P<more>\s?[/\-]\s?\d{1,4}\b(?!-))?"
    r"(?!\d|\s?[\-–]?\s?(?:мектеп|орто|школ|лице"
    r"|гимназ|класс|орун|кабинет|кабат|этаж|жыл|упай|балл|бала|киши|адам|үй-бүлө|жаш|лет|год|(?!в\s)[а-дА-ЕA-D]\b|чи\b|чы\b|"
    + MONTH
    + r")|[./]\d\d?[./])"
    + _FLAT
)
"""A street's name and a number: an address only where something near says so."""
SAYS_ADDRESS = re.compile(
    r"\b(?:адрес|даре[гк]|жаша(?:йт|ган|йм|й?б[иы]з|шат)|(?<![дт][аеоө]н )(?<!го )(?<!ге )(?<!ка )турат|турабыз"
    r"|турам|тургун|жив[её](?:т|шь)|живу|живем"
    r"|живём|прожива|домофон"
    r"|из дома|домой|ночует|үйүнө|үйүнөн|жашоо жери|переехал|көчүп|көчтү|рядом жив|подъезд|этаж|кабат|прописан"
    r"|квартир|батир|үйүбүз|үйүм)\w*",
    re.IGNORECASE,
)
HOW_NEAR, HOW_NEAR_WITH_FLAT = 30, 60
"""Characters from a number to the word that makes it an address; more if a flat's number follows the house's."""
LISTED = re.compile(
    r"(?:(?:г|с|ш)\.\s?"
    + _NAME
    + r"|"
    + _NAME
    + r"\s+(?:шаары|айылы|району|ш\.|а\.))(?:,?\s+(?:(?:г|с|ш)\.\s?"
    + _NAME
    + r"|"
    + _NAMES
    + r"\s+(?:шаары|айылы|району)))*"
)
AND_ON = re.compile(r"(?:" + _NAMES + r"\s+" + _SETTLEMENT + r"|(?:г|с|ш|обл)\.\s?" + _NAME + r")\s*,\s*$")


def residences(text: str) -> Iterator[tuple[int, int, Certainty]]:
    """Addresses, the longest first wherever two overlap."""
    found: list[tuple[int, int, Certainty]] = []
    for start, end, certainty in sorted(_all(text), key=lambda place: place[0] - place[1]):
        if not any(start < past and end > begun for begun, past, _ in found):
            found.append((_with_settlement(text, start), end, certainty))
    yield from found


def _all(text: str) -> Iterator[tuple[int, int, Certainty]]:
    for pattern in (*STREETS, HOUSE_AND_FLAT):
        for match in pattern.finditer(text):
            if _named(match[0]):
                yield _where_its_name_begins(match), match.end(), Certainty.SURE
    for match in NUMBERED.finditer(text):
        if _said_to_be_one(text, match):
            yield match.start(), match.end(), Certainty.LIKELY
    for pattern in (
        LABELLED,
        LIVES_KY,
        LIVES_RU,
        WHERE_SOMEBODY_LIVES,
        IN_A_SETTLEMENT,
        ON_A_STREET,
        BESIDE_A_NAME,
        PLACE_AND_HOUSE,
        HOUSE_OF_A_STREET,
        STREET_LIVED_IN,
        HOUSE_WITH_FLAT,
    ):
        for match in pattern.finditer(text):
            yield *match.span("place" if "place" in pattern.groupindex else 0), Certainty.LIKELY


def houses_beside(text: str, name_ends: int) -> Iterator[tuple[int, int]]:
    """The street and house right after a name that ends there."""
    found = HOUSE_BESIDE_A_NAME.match(text, name_ends)
    if found is not None:
        yield found.span("place")


def _where_its_name_begins(match: re.Match[str]) -> int:
    """Where a street's own name begins, which in Kyrgyz stands before the word for a street, after any other words."""
    names = match.groupdict().get("names")
    if names is None:
        return match.start()
    words = list(re.finditer(r"\S+", names))
    own = words.pop()
    while words and (words[-1][0][0].isupper() or words[-1][0][0].isdigit()):
        own = words.pop()
    return match.start() + own.start()


def _said_to_be_one(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - HOW_NEAR_WITH_FLAT) : match.end()]
    after = text[match.end() : match.end() + (HOW_NEAR_WITH_FLAT if match["more"] else HOW_NEAR)]
    for parting in ("\n",) if match["more"] else ("\n", ". ", "! "):
        before, after = before.rpartition(parting)[2], after.partition(parting)[0]
    return bool(SAYS_ADDRESS.search(before) or SAYS_ADDRESS.search(after) or "кв" in match[0])


def _named(place: str) -> bool:
    return any(letter.isupper() for letter in place) or any(character.isdigit() for character in place)


def _with_settlement(text: str, start: int) -> int:
    """The settlement before a street belongs to the address."""
    before = AND_ON.search(text, max(0, start - 60), start)
    return before.start() if before is not None else start
