"""What stands around a part of a name: whether it says that a person is meant, or a place, a title, a word."""

import re
from collections.abc import Iterator
from itertools import takewhile

from darbaza.publication.text import vocabulary
from darbaza.publication.text.ages import told_beside
from darbaza.publication.text.days import MONTH
from darbaza.publication.text.forms import PLURAL
from darbaza.publication.text.names import Item, Reading
from darbaza.publication.text.shapes import famous_pair, is_surname_like
from darbaza.publication.text.words import begins_sentence

CLAUSE_END = re.compile(r"[.!?;\n]|\s-\s")
PRAISED = re.compile(r"\s-\s([^.!?;\n]{1,80})")
COLON_BEFORE = re.compile(r":[ \t]{0,2}$")
CELL_BEGINS = re.compile(r"(?:^|[\n|\t;]|(?:^|[\n\s])\d{1,3}[.)]) {0,3}$")
CELL_ENDS = re.compile(r" {0,3}(?:$|[\n|\t;]|[-:,] ?\d)")
CRIED = re.compile(r'[!?.,]{0,3}"[ ,]{1,3}(?:деп|дешет|дешти|дейт|деди|дедим)\b')
"""How a quotation ends that is nothing but a name: "«Эркин!» деп"."""
ANSWERS = re.compile(r"\? {0,2}$")
SAYS = re.compile(r': ?"| ?\([А-ЯӨҮҢЁ]')
FINITE = re.compile(r".{2,}(?:[дт][иу]|птир|птур|[аеоу]т)$")
LONGEST_CLAUSE = 300
"""Characters from a name that are looked through for what somebody does."""


def next_words(reading: Reading, item: Item, count: int) -> list[str]:
    """The folded words right after, up to a mark that parts them."""
    found: list[str] = []
    for index in range(item.last + 1, min(item.last + 1 + count, len(reading.words))):
        if reading.between(index - 1, index).strip(' "-\n'):
            break
        found.append(reading.words[index].folded)
    return found


def word_before(reading: Reading, item: Item, parted: str = ' "') -> str:
    """The folded word right before, if only these characters part it; else empty."""
    index = item.first - 1
    if index < 0 or reading.between(index, item.first).strip(parted):
        return ""
    return reading.words[index].folded


def near_words(reading: Reading, item: Item, reach: int) -> Iterator[str]:
    """The folded words around."""
    for index in range(max(0, item.first - reach), min(len(reading.words), item.last + reach + 1)):
        if index < item.first or index > item.last:
            yield reading.words[index].folded


def is_called(reading: Reading, item: Item) -> bool:
    """Whether it is said in so many words that this is a person's name: "Мээрим деген кыз", "по имени Айбек"."""
    after = next_words(reading, item, 3)
    if after and vocabulary.HONORIFIC.fullmatch(after[0]) and not reading.words[item.last + 1].capital:
        return True
    if after and vocabulary.CALLED.fullmatch(after[0]):
        return any(vocabulary.SOMEBODY.fullmatch(word) for word in after[1:])
    if CRIED.match(reading.cleaned.text, item.end):
        return True
    before = word_before(reading, item, " :-")
    if vocabulary.CALLED_BEFORE.fullmatch(before):
        return True
    return before == "имени" and item.first > 1 and reading.words[item.first - 2].folded == "по"


def has_cue(reading: Reading, item: Item, *, addressed: bool = True) -> bool:
    """Whether a word for a person stands beside it; without `addressed`, not several who are spoken to: "Рахмат,
    мугалимдер!"."""
    near = [word for word in near_words(reading, item, 2) if vocabulary.PERSON.fullmatch(word)]
    spoken_to = not addressed and "," in reading.cleaned.text[item.end : item.end + 2]
    return any(not (spoken_to and vocabulary.SEVERAL.fullmatch(word)) for word in near)


def has_close_cue(reading: Reading, item: Item) -> bool:
    """Whether one person's word stands right before it, or a class or an age on either side."""
    before = word_before(reading, item, " :")
    one = vocabulary.PERSON.fullmatch(before) is not None and vocabulary.SEVERAL.fullmatch(before) is None
    return one or told_beside(reading.cleaned.text, item.start, item.end)


def acts(reading: Reading, item: Item) -> bool:
    """Whether it is the subject of what people do, the owner of what people have, or somebody spoken to."""
    text, limit = reading.cleaned.text, item.end + LONGEST_CLAUSE
    end = CLAUSE_END.search(text, item.end, limit)
    words = _words_until(reading, item, end.start() if end else limit)
    if not words:
        return stands_alone(text, item) or ANSWERS.search(text, max(0, item.start - 4), item.start) is not None
    if all(hit.name in vocabulary.SHORT_WORDS for hit in item.hits):
        return _is_meant_though_short(reading, item, words, asked=end is not None and end[0] == "?")
    if vocabulary.TOGETHER.fullmatch(words[0]):
        return True
    spoken_to = text[item.end : item.end + 1] == "," and not vocabulary.YOU.isdisjoint(words)
    if spoken_to or stands_alone(text, item):
        return True
    if is_bare(item) and _says_more_than_a_word(text, item, words):
        return True
    russian = any(vocabulary.ACTS_RU.fullmatch(word) for word in words[:2])
    if any(PLURAL in hit.cases for hit in item.hits):
        return vocabulary.DOING.fullmatch(words[-1]) is not None or russian
    if not is_bare(item):
        return _owns(reading, item) or not any(vocabulary.NOT_TO_PEOPLE.fullmatch(word) for word in words[:4])
    says = SAYS.match(text, item.end) and any(hit.whole for hit in item.hits)
    if says or (text[item.end : item.end + 1] == " " and _is_a_subjects_next(item, words)):
        return True
    return russian or _does(words, text.find(",", item.end, limit), reading, item)


def _says_more_than_a_word(text: str, item: Item, words: list[str]) -> bool:
    """Whether a Kyrgyz sentence begins with a name that is a word, and goes on as no saying of that word does.

    "Сыймык травмпунктка жеткирилди", "Ырыс жакшы жетти"; not "Эркин күрөш боюнча", "Мээрим төгүлгөн жүздөр".
    """
    if text[item.end : item.end + 1] != " " or len(words) < 2 or not text[item.end + 1 : item.end + 2].islower():
        return text[item.end : item.end + 1] == " " and text[item.end + 1 : item.end + 2].isdigit()
    if any(vocabulary.KIN_OF_SOMEBODY.search(word) for word in words[:2]) or vocabulary.SAID_OF_MANY.fullmatch(
        words[0]
    ):
        return True
    if words[0] in vocabulary.RUSSIAN_AFTER_A_WORD:
        return False
    return not (vocabulary.GOES_WITH_A_WORD.fullmatch(words[0]) or vocabulary.OF_A_THING.fullmatch(words[0]))


def _is_meant_though_short(reading: Reading, item: Item, words: list[str], *, asked: bool) -> bool:
    """The same of surnames such as Ким and Пак, of which every form is a word of its own."""
    if asked:
        return False
    if stands_alone(reading.cleaned.text, item) or _owns(reading, item):
        return True
    if is_bare(item) and (words[0] in vocabulary.SUBJECT_NEXT or vocabulary.ACTS.fullmatch(words[-1])):
        return True
    doing = (vocabulary.ACTS_RU, vocabulary.GIVEN_TO)
    return any(kind.fullmatch(word) for kind in doing for word in words[:3])


def stands_alone(text: str, item: Item) -> bool:
    """Whether it fills a line of a list or a cell of a table, but is not the whole text."""
    before, after = CELL_BEGINS.search(text, max(0, item.start - 12), item.start), CELL_ENDS.match(text, item.end)
    return before is not None and after is not None and len(text.strip()) > item.end - item.start


def _is_a_subjects_next(item: Item, words: list[str]) -> bool:
    """Whether the words after it stand after who does something, and not after a quality or a thing that is named."""
    if words[0] in vocabulary.SUBJECT_NEXT:
        return True
    if words[0] == "менен" and words[1:2] and words[1] in vocabulary.TOGETHER_WITH:
        return True
    if words[0] == "менен":
        return len(words) < 3 or vocabulary.ACTS.fullmatch(words[-1]) is not None
    quality = any(hit.name in vocabulary.QUALITIES for hit in item.hits)
    if quality and not any(vocabulary.DOING.fullmatch(word) for word in words[1:]):
        return False
    in_case = vocabulary.IN_CASE.fullmatch(words[0]) is not None and len(words) > 1
    return in_case and not any(vocabulary.NOT_TO_PEOPLE.fullmatch(word) for word in words[:2])


def _does(words: list[str], comma: int, reading: Reading, item: Item) -> bool:
    """Whether the first thing said is what a person does: at the clause's end, or before its first comma."""
    first = _words_until(reading, item, comma) if comma >= 0 else []
    if first and FINITE.search(first[-1]):
        return vocabulary.ACTS.fullmatch(first[-1]) is not None
    return vocabulary.ACTS.fullmatch(words[-1]) is not None


def is_praised(reading: Reading, item: Item) -> bool:
    """Whether it is said after a dash who that is: "Алтын – биздин староста"."""
    dash = PRAISED.match(reading.cleaned.text, item.end)
    words = _words_until(reading, item, dash.end()) if dash else []
    return any(word in vocabulary.OURS or vocabulary.PERSON.fullmatch(word) for word in words)


def _words_until(reading: Reading, item: Item, past: int) -> list[str]:
    after = reading.words[item.last + 1 : item.last + 1 + LONGEST_CLAUSE // 8]
    return [word.folded for word in takewhile(lambda word: word.start < past, after)]


def _owns(reading: Reading, item: Item) -> bool:
    written = reading.words[item.last].folded
    after = next_words(reading, item, 2)
    genitive = re.search(r"[ндт][иу]н$", written) is not None
    return genitive and any(vocabulary.BELONGS.fullmatch(word) for word in after)


def is_bare(item: Item) -> bool:
    """Whether it has no suffix."""
    return not item.hits or any("n" in hit.cases or "*" in hit.cases for hit in item.hits)


def has_kyrgyz_case(item: Item) -> bool:
    """Whether it surely bears a Kyrgyz suffix that ends its phrase, so that what follows belongs to another one."""
    return bool(item.hits) and all(hit.cases == frozenset("k") for hit in item.hits)


def is_place(reading: Reading, item: Item) -> bool:
    """Whether it names a street, a village, a school, a book: "Асан көпүрө", "улица Асанова", "Токтогул району"."""
    after = next_words(reading, item, 2)
    if after and vocabulary.NAMED_AFTER.fullmatch(after[0]):
        return not is_called(reading, item)
    if after and after[0] in vocabulary.PLACE_AFTER_SHORT and _dot_follows(reading, item.last + 1):
        return True
    if after and (is_bare(item) or quoted(reading, item)) and _place_follows(reading, item, after):
        return True
    return _after_place(reading, item)


def _dot_follows(reading: Reading, index: int) -> bool:
    end = reading.words[index].end
    return reading.cleaned.text[end : end + 1] == "."


def _place_follows(reading: Reading, item: Item, after: list[str]) -> bool:
    eponym = also_word(item) or any(hit.name in vocabulary.EPONYMS for hit in item.hits)
    if not eponym and vocabulary.MAY_BE_OWN.fullmatch(after[0]):
        return False
    own = vocabulary.PLACE_OR_OWN.fullmatch(after[0]) is not None
    hyphened = reading.between(item.last, item.last + 1) == "-"
    if hyphened and vocabulary.WORD_BARE_ALONE.match(after[0]):
        return True
    if own and (quoted(reading, item) or (eponym and _is_named(item, after[0]))):
        return True
    words = (vocabulary.WORD_OF, vocabulary.WORD_BARE_ALONE) if also_word(item) else ()
    places = (vocabulary.PLACE, vocabulary.PLACE_BARE, vocabulary.PLACE_BARE_ALONE)
    if any(kind.fullmatch(after[0]) for kind in (*words, *places)):
        return True
    return len(after) > 1 and vocabulary.NAMED_AFTER.fullmatch(after[1]) is not None and _is_one_name(item, after[0])


def _is_one_name(item: Item, after: str) -> bool:
    """Whether a name and the word after it are one, as "Курманжан Датка" and "Исхак Раззаков" are."""
    titled_so = vocabulary.TITLES.fullmatch(after) is not None
    return titled_so or is_surname_like(after) or any(famous_pair(after, hit.name) for hit in item.hits)


def _is_named(item: Item, own: str) -> bool:
    """Whether something is called after a word, and not done with by somebody: "Манас ыры", not "Манас ырын окуду"."""
    flower = own.startswith("гул") and any(hit.name == "аигул" for hit in item.hits)
    return flower or re.search("[иу]н$", own) is None


def _after_place(reading: Reading, item: Item) -> bool:
    index = item.first - 1
    while index >= 0 and len(reading.words[index].written) == 1 and reading.words[index].capital:
        index -= 1
    if index < 0 or reading.between(index, index + 1).strip(' ."') != "":
        return False
    word = reading.words[index]
    if word.folded == "имени" and index and reading.words[index - 1].folded in {"по", "от"}:
        return False
    short = word.folded in vocabulary.PLACE_BEFORE_SHORT and reading.between(index, index + 1).startswith(".")
    genitive = vocabulary.PLACE_BEFORE_GENITIVE.fullmatch(word.folded) and not is_bare(item)
    if vocabulary.PLACE_IN_WHICH.fullmatch(word.folded):
        return also_word(item) or not is_bare(item)
    return short or bool(genitive) or vocabulary.PLACE_BEFORE.fullmatch(word.folded) is not None


def also_word(item: Item) -> bool:
    """Whether it is an ordinary word, too."""
    return any(hit.name in vocabulary.ALSO_WORDS or len(hit.name) < vocabulary.SHORTEST for hit in item.hits)


def capital_says_nothing(reading: Reading, item: Item) -> bool:
    """Whether any word would have a capital there."""
    written = reading.words[item.first].written
    after_colon = COLON_BEFORE.search(reading.cleaned.text, max(0, item.start - 4), item.start) is not None
    return (reading.at_sentence_start(item) and not after_colon) or (len(written) > 1 and written.isupper())


def quoted(reading: Reading, item: Item) -> bool:
    """Whether it stands right after or before quotation marks."""
    text = reading.cleaned.text
    return text[item.start - 1 : item.start] == '"' or text[item.end : item.end + 1] == '"'


def beside_capital(reading: Reading, item: Item) -> bool:
    """Whether it is one name with a word beside it that has a capital letter, as in "Эркин Тоо"."""
    for index, left in ((item.last + 1, item.last), (item.first - 1, item.first - 1)):
        if 0 <= index < len(reading.words) and reading.between(left, left + 1).strip(" -") == "":
            word = reading.words[index]
            says_nothing = index < item.first and begins_sentence(reading.cleaned.text, word.start)
            parted = index > item.last and has_kyrgyz_case(item)
            parted = parted or is_a_streets(reading, index)
            if word.capital and not (says_nothing or parted or vocabulary.PERSON.fullmatch(word.folded)):
                return True
    return False


HOUSE_OF_IT = re.compile(r",?\s\d{1,3}(?:[дт][ыиуү]н|[дтгк][аеоө]н?|нын|нин)(?!\w)")


def is_a_streets(reading: Reading, index: int) -> bool:
    """Whether a word is a street's name, and none of whoever stands before it: "Бегимай Касымбеков көчөсүндө турат"."""
    after = reading.words[index + 1].folded if index + 1 < len(reading.words) else ""
    numbered = HOUSE_OF_IT.match(reading.cleaned.text, reading.words[index].end)
    return numbered is not None or vocabulary.OF_A_STREET.fullmatch(after) is not None


def titled(reading: Reading, item: Item) -> bool:
    """Whether a hero's title follows: "Манас баатыр"; of titles that are anybody's words only after such a name."""
    after = next_words(reading, item, 1)
    if not after:
        return False
    heroic = also_word(item) or any(hit.name in vocabulary.HEROES for hit in item.hits)
    titles = (vocabulary.TITLES, vocabulary.TITLES_OF_HEROES) if heroic else (vocabulary.TITLES,)
    a_name = reading.words[item.last + 1].capital and not heroic and after[0] not in {"датка", "хан"}
    return not a_name and any(title.fullmatch(after[0]) for title in titles)


def spoken_of(reading: Reading, item: Item) -> bool:
    """Whether the name itself is spoken of, or a hero of a tale."""
    after = next_words(reading, item, 3)
    if after and vocabulary.SPOKEN_OF.fullmatch(after[0]):
        return True
    if after and after[0].startswith("деген") and not _dot_follows(reading, item.last + 1):
        return len(after) == 1 or vocabulary.OF_WORDS.fullmatch(after[1]) is not None
    if after and is_bare(item) and vocabulary.TALE_OF.fullmatch(after[0]):
        return True
    if any(hit.name in vocabulary.HEROES for hit in item.hits) and _is_of_a_tale(reading, item):
        return True
    return also_word(item) and any(vocabulary.HERO_OF.fullmatch(word) for word in after)


WISHED = re.compile(
    r"(?:күнү\w*\s+менен|рождени\w+|днюхой|юбилеем|куттукта\w+|поздравля\w+)[,!]{0,3}\s*$", re.IGNORECASE
)
SPOKEN_TO = re.compile(
    r"\"?,\s(?:(?:сен|сиз|кел|бер|айт|ты|вы|у\s(?:тебя|вас)|иди|скажи)\w{0,3}"
    r"|(?-i:[а-яёөүң]{3,20}(?:[ыиуү]?ң(?:[дт][ыиуү]|[ыиуү]з\w*|[аеоө]|[аеоө]р\w*|[дн][ыиуү]н)?|ч[ыиуү])))(?!\w)",
    re.IGNORECASE,
)
"""Somebody is told to do something, or of something of theirs: "Мээрим, дарегиңди жазчы"."""
TOLD_OF = re.compile(
    r"(?:,|:|\s-)\s(?:үйү|дареги|адреси|телефону|тел\b|апасы|атасы|энеси|таенеси|чоң\s(?:апасы|атасы|энеси)|дом\b|адрес)"
    r"(?!\w)|,\s(?:" + MONTH + r"\s(?:19|20)\d\d|\d{1,2}\.\d{1,2}\.(?:19|20)\d\d)"
    r"|(?<=[гк][аеоө])\s(?:[а-яёөүң]+\s){0,2}\d{1,2}\s?жаш",
    re.IGNORECASE,
)
"""What is told of somebody right after the name: "Сезим, үйү: …", "Ислам, декабрь 2008", "Тилекке эртең 9 жаш"."""
WELL_WISHED = re.compile(r"\s(?:ийгилик|ден\s?соолук|жеңиш|бакыт|узун\s+өмүр|албан)", re.IGNORECASE)
SOMEBODYS = re.compile(
    r"\b(?:дочер\w+|дочк\w|сын\w{0,3}|внук\w?|внучк\w|дорог(?:ая|ой)|мил(?:ая|ый)|кызым|уулум|балам)\s$", re.IGNORECASE
)
BORN_THEN = re.compile(r"\s\d{1,4}[^.!?\n]{0,80}(?:туул(?:га|ду|уп)|төрөл|родил)", re.IGNORECASE)
ENTRY = re.compile(r"[:;•]\s*(?:\d{1,2}[.)]\s*)?$")
LISTED_BEFORE = re.compile(r"[,:;•\n]\s*$")
TELLS_MORE = re.compile(r"\s-\s[А-ЯӨҮҢЁ][\w\-]+,?\s\d")
"""After a dash a street and a house, or a month and a year: "Ислам — Ынтымак 19"."""


def is_addressed(reading: Reading, item: Item) -> bool:
    """Whether somebody is wished well, spoken to or said to have been born by this name: "менен, Ислам!"."""
    text = reading.cleaned.text
    if any(said.search(text, max(0, item.start - 40), item.start) for said in (WISHED, SOMEBODYS)):
        return True
    return (
        SPOKEN_TO.match(text, item.end) is not None
        or WELL_WISHED.match(text, item.end) is not None
        or BORN_THEN.match(text, item.end) is not None
        or TOLD_OF.match(text, item.end) is not None
    )


def begins_entry(reading: Reading, item: Item) -> bool:
    """Whether it begins an entry of a list, with what is said of it after a dash: "Жибек — Ибраимов 115"."""
    text = reading.cleaned.text
    if TELLS_MORE.match(text, item.end) and LISTED_BEFORE.search(text[max(0, item.start - 4) : item.start]):
        return True
    after = text[item.end : item.end + 3]
    return after == " - " and ENTRY.search(text[max(0, item.start - 8) : item.start]) is not None


def _is_of_a_tale(reading: Reading, item: Item) -> bool:
    near = [word for word in near_words(reading, item, 6) if vocabulary.BOOKISH.fullmatch(word)]
    return bool(near) or vocabulary.TITLES_BEFORE.fullmatch(word_before(reading, item)) is not None


def speaks_of_works(reading: Reading, item: Item) -> bool:
    """Whether a book or the like is spoken of beside it."""
    beside = '"' in reading.cleaned.text[max(0, item.start - 2) : item.end + 2]
    return beside or any(vocabulary.WORKS.fullmatch(word) for word in near_words(reading, item, 3))


def beside(reading: Reading, item: Item, gap: str = " ") -> Iterator[int]:
    """The capitalised words right before and after, parted by nothing but these characters."""
    for index, left in ((item.last + 1, item.last), (item.first - 1, item.first - 1)):
        inside = 0 <= index < len(reading.words) and not reading.between(left, left + 1).strip(gap)
        if inside and (reading.words[index].capital or not reading.has_capitals):
            yield index
