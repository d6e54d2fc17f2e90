"""Phones, e-mail addresses and numbers of documents, in a cleaned text."""

import re
from collections.abc import Iterator
from datetime import date

from darbaza.publication.findings import Certainty
from darbaza.publication.kinds import DataKind
from darbaza.publication.text.cleaning import LIKE_DIGITS

Found = tuple[DataKind, int, int, Certainty]

LOCAL_DIGITS = 10
"""Of a Kyrgyz number with its zero."""
_GAP = r"[ \t\u00a0().\-/_*]{0,3}"
KYRGYZ_PHONE = re.compile(
    r"(?<![\w.+])(?:\+?\s?9\s?9\s?6(?:\s?\(0\))?|8"
    + _GAP
    + r"10"
    + _GAP
    + r"996|00\s?996|\(?[0OОoо](?=[\d (\-._/*])(?!\d?[./]\d{1,2}[./]\d{4})(?!\d [01]\d (?:19|20)\d\d\b))"
    + _GAP
    + r"(?:\d"
    + _GAP
    + r"){8}\d(?![\d])"
)
BROKEN_PHONE = re.compile(r"(?<![\w.+])0\d{3}(?:[\s().,\-/]{1,4}\d{1,3}){2,5}(?![\d])")
"""A phone over several lines, as a narrow column breaks it."""
TOWN_PHONE = re.compile(
    r"(?<![\w.+/\-])\(?0[2-9]\d{2,4}\)?[ \-](?:\d[ \-]\d\d|\d\d)[ \-]\d\d(?:[ \-]\d\d)?(?![\d/\-]|\.\d)"
)
"""A small town's number of five digits after its code: "0318 4 22 71"."""
TRUNK_PHONE = re.compile(r"(?<![\w.+])8[ \-]?\(?[2-9]\d\d\)?[ \-]?(?:\d[ \-]?){5}\d(?![\d\-])")
"""With the trunk's prefix of old: "8-779-132457"."""
FOREIGN_PHONE = re.compile(r"(?<![\w+])(?:\+\s?(?!996)[1-9]|8" + _GAP + r"(?=\(?9\d\d))(?:" + _GAP + r"\d){9,13}(?!\d)")
LABELLED_PHONE = re.compile(
    r"(?:\bтел(?:ефон\w*)?|\bуюлдук\w*|\bмоб(?:ильный)?|\bсот(?:овый|ка)?\w*|\bватс\w*|\bwhats?\s?app\w*|\bтелеграм\w*"
    r"|\bномер\w*|\bзвон\w+|\bчал\w{2,6}|\bбайланыш\w*|\bphone|\btel|[☎📞📱])"
    r"[\w\s]{0,24}?[.:№,\-–]*\s{0,3}(?:(?:д|дом|раб|сл)\.\s?)?"
    r"(?!\(?\d{1,2}\.\d{1,2}\.(?:19|20)\d\d)(?P<number>\(?\d(?:" + _GAP + r"\d){4,11})(?!\d)",
    re.IGNORECASE,
)
NUMBER_OF_PHONE = re.compile(
    r"(?<![\w.+/\-])(?!\d{1,2}\.\d{1,2}\.(?:19|20)\d\d)(?P<number>\(?\d(?:"
    + _GAP
    + r"\d){4,9})[\s,(\-]{0,4}(?:тел\b|телефон|уюлдук|моб\b|ватс|whats|номер)",
    re.IGNORECASE,
)
DIGIT_LIKE = re.compile(r"(?<=\d)[ЗОоOolIІ](?![а-яa-z])|(?<=\d)б(?![а-яa-z])|(?<![^\W\d_])[ЗОOlIІ](?=\d)")
_NUMBER_WORD = (
    r"(?:нөл|ноль|нуль|бир|эки|үч|төрт|беш|алты|жети|сегиз|тогуз|он|жыйырма|отуз|кырк|элүү|алтымыш|жетимиш"
    r"|сексен|токсон"
    r"|жүз|один|два|три|четыре|пять|шесть|семь|восемь|девять|десять|\w{3,8}надцать|двадцать|тридцать|сорок|\w{3,6}десят"
    r"|девяносто|сто|двести|триста|четыреста|\w{4,6}сот|\d{1,4})"
)
SPOKEN_PHONE = re.compile(r"(?<!\w)(?:нөл|ноль|нуль)(?:[\s,\-]{1,3}" + _NUMBER_WORD + r"){4,14}(?!\w)", re.IGNORECASE)
_AT = r"(?:\s?@\s?|\s?[\[(]\s?(?:at|эт|собака)\s?[\])]\s?|\s(?:собака)\s)"
_DOT = r"(?:\.|\s?[\[(]\s?(?:dot|точка|чекит)\s?[\])]\s?)"
EMAIL = re.compile(
    r"(?<![\w.+\-])[\w.+\-]{1,64}" + _AT + r"(?:[\w\-]{1,63}" + _DOT + r"){1,5}[^\W\d_]{2,24}(?![\w@])", re.IGNORECASE
)
HANDLE = re.compile(r"(?<![\w@.])@[a-zA-Z][\w.]{3,31}(?<!\.)\b")
PIN = re.compile(r"(?<![\d+])(?<!\d[./])(?!00)(?!\d\d \d\d \d{4}\b)[012](?:[ \-]?\d){13}(?!\d)")
LABELLED_PIN = re.compile(
    r"(?:\bпин\b|\bинн\b|\bжск\b|\bpin\b|персоналдык\s+(?:\w+\s+){0,3}номер\w*)\W{0,6}"
    r"(?P<number>\d(?:[ \-]?\d){11,13})(?!\d)",
    re.IGNORECASE,
)
PASSPORT = re.compile(r"(?<!\w)(?:[IІ1l][DД]|[AА][NНCС]|[PР][EЕ])\s?[№N]?\s?-?\s?\d{7}(?!\d)", re.IGNORECASE)
TO_BE_CALLED = re.compile(r"\s*(?:номери?н?е?\s+)?(?:чал|байланыш|жаз|звон)\w*", re.IGNORECASE)
"""What follows a number by which somebody is reached, also where a document was spoken of before it."""
LABELLED_DOCUMENT = re.compile(
    r"(?:китепче\w*|билет[иа]?\s№|полис\w*|книжк\w*|сертификат\w*|паспорт\w*|күбөлү[кг]\w*|куболу[кг]\w*"
    r"|маалымкат\w*|св-в\w|рожд\.|(?:мед\w*\s)?карт[ауы]\s№|свидетельств\w*"
    r"|удостоверени\w*|метрик\w*|документ\w*|айди"
    r"|id[ -]?карт\w*|аттестат\w*|нетрудоспособност\w*|вид\s+на\s+жит\w*|\bсерия\w*|баракча\w*\s№|диплом\w*"
    r"|passport|certificate)[^\d\n]{0,60}?"
    r"(?P<number>(?:[A-ZА-ЯІ]{1,4}[ \-]?){0,3}[№N]?\s?(?:\d{5,10}|\d{3,4}\s\d{3,4}(?!\d))(?:[/\-](?:\d{2,4}"
    r"|[А-ЯA-Z])\b)?"
    r"|[№N]\s?\d{3}-\d{3}-\d{2,3}(?:[ -]\d\d)?|(?<=№ )\d{3,5}-\d{2}\b|[A-ZА-Я]{0,3}-?\d{2,4}[/\-]\d{4,8})(?!\d)",
    re.IGNORECASE,
)
NUMBER_OF_DOCUMENT = re.compile(
    r"(?<!\w)[A-ZА-Я]{1,3}\s?-?\s?[A-ZА-ЯІ]{0,3}\s?[№N]?\s?\d{5,8}(?=\s(?:номер|аттестат|күбөлүк|диплом"
    r"|сертификат|паспорт))"
)
SERIES_AND_NUMBER = re.compile(
    r"№\s?[A-ZА-ЯІ]{1,3}\s?№?\s?\d{6,9}(?!\d)|(?<!\w)[A-ZА-Я]{1,3}-[IVXІХ]{1,3}\s?№\s?\d{5,8}(?!\d)"
    r"|№\s?\d{6,9}(?=\s+билет)|(?<!\w)[A-ZА-ЯІ]{1,3}\s№\s?\d{6,8}(?!\d)"
)
BIRTH_CERTIFICATE = re.compile(
    r"(?<!\w)(?:[XХIVІ]{1,4}-(?:КР|KR|KP)|(?:КР|KR|KP)\s?-?\s?(?:[XХIVІ]{1,4}|\d\d(?=\s?№)))\s?-?\s?[№N]?\s?\d{5,8}(?!\d)",
    re.IGNORECASE,
)


def contacts(text: str) -> Iterator[Found]:
    """What reaches or numbers a person. Numbers of documents come first: fourteen digits are no phone."""
    taken: list[tuple[int, int]] = []
    for kind, start, end, certainty in _all(text):
        if not any(start < past and end > begun for begun, past in taken):
            taken.append((start, end))
            yield kind, start, end, certainty


def _all(text: str) -> Iterator[Found]:
    for found in EMAIL.finditer(text):
        yield DataKind.EMAIL, found.start(), found.end(), Certainty.SURE
    yield from _documents(text)
    yield from _phones(DIGIT_LIKE.sub(lambda letter: letter[0].translate(LIKE_DIGITS), text))
    for found in HANDLE.finditer(text):
        yield DataKind.OTHER, found.start(), found.end(), Certainty.HINT


def _phones(text: str) -> Iterator[Found]:
    for found in KYRGYZ_PHONE.finditer(text):
        yield DataKind.PHONE, *_trimmed(text, found.start(), found.end()), Certainty.SURE
    for found in BROKEN_PHONE.finditer(text):
        if sum(map(str.isdigit, found[0])) == LOCAL_DIGITS:
            yield DataKind.PHONE, found.start(), found.end(), Certainty.LIKELY
    for pattern in (TOWN_PHONE, TRUNK_PHONE):
        for found in pattern.finditer(text):
            yield DataKind.PHONE, found.start(), found.end(), Certainty.LIKELY
    for found in FOREIGN_PHONE.finditer(text):
        yield DataKind.PHONE, *_trimmed(text, found.start(), found.end()), Certainty.LIKELY
    for pattern in (LABELLED_PHONE, NUMBER_OF_PHONE):
        for found in pattern.finditer(text):
            yield DataKind.PHONE, *found.span("number"), Certainty.LIKELY
    for found in SPOKEN_PHONE.finditer(text):
        yield DataKind.PHONE, found.start(), found.end(), Certainty.LIKELY


def _documents(text: str) -> Iterator[Found]:
    for found in PIN.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        yield (
            DataKind.DOCUMENT_NUMBER,
            found.start(),
            found.end(),
            Certainty.SURE if _holds_birth(digits) else Certainty.LIKELY,
        )
    for pattern in (LABELLED_PIN, LABELLED_DOCUMENT):
        for found in pattern.finditer(text):
            if not TO_BE_CALLED.match(text, found.end("number")):
                yield DataKind.DOCUMENT_NUMBER, *found.span("number"), Certainty.LIKELY
    for pattern in (PASSPORT, BIRTH_CERTIFICATE, NUMBER_OF_DOCUMENT, SERIES_AND_NUMBER):
        for found in pattern.finditer(text):
            yield DataKind.DOCUMENT_NUMBER, found.start(), found.end(), Certainty.SURE


def _holds_birth(digits: str) -> bool:
    """Whether a personal number's digits 2 to 9 are a day, a month and a year, as the civil register forms them."""
    try:
        date(int(digits[5:9]), int(digits[3:5]), int(digits[1:3]))
    except ValueError:
        return False
    return digits[5:7] in {"18", "19", "20"}


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while text[start] in " (" and text[start:end].count("(") > text[start:end].count(")"):
        start += 1
    return start, end
