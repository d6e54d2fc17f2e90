"""A street without a word for it and a house, in a cleaned text: "Достук 48", "Гагарин 58ге", "К.Датка 210/4".

Half of the addresses that people write to one another look so, and nothing but the number tells them from other names.
So any capital word with a number of up to three digits behind it is asked about, unless something counts or names a
thing.
"""

import re
from collections.abc import Iterator

from darbaza.publication.text.days import MONTH

_WORD = r"[А-ЯӨҮҢЁ][а-яёөүң][\w\-]{1,30}"
_ALSO = r"(?:" + _WORD + r"|(?:уулу|кызы)(?!м)\w*|датка\w*|баатыр\w*|ата\b|ажы\w*|хан\b|артис|апреля|марта|мая|ноября)"
_STREET = (
    r"(?<![\w.№\-])(?:[А-ЯӨҮҢЁ]\.\s?){0,2}(?:\d{1,2}[ -](?=[А-ЯӨҮҢЁ]))?(?!"
    + MONTH
    + ")"
    + _WORD
    + r"(?:[ ]"
    + _ALSO
    + r"){0,2}"
)
_NUMBER = r"\d{1,3}(?:\s?-?[а-д](?![а-яёөүңА-Я])|\s?[А-Д](?![а-яёөүңА-Я]))?(?:\s?[/\-]\s?\d{1,4}){0,2}"
_WITH_ENDING = (
    r"(?:[ -]?[а-дА-Д]?(?:[гк][аеоө]|[дт][аеоө]н?|н[аеоө]н?|[дтн]?[ыиуү]н|с?[ыиуү]н[дат]\w*|н[ыиуү]ң?|[юу])"
    r"(?![а-яёөүң]))?"
)
"""A Kyrgyz or Russian case of a number: "58ге", "16сында", "7ага", "27 га"."""
_HOUSE = (
    r"(?:дом\w{0,2}\s|д\.\s?|үй\w{0,4}\s){0,2}"
    + _NUMBER
    + r"(?:\s?-?\s?(?:үй|уй|дом|й\s+дом|корпус|корп\.|к\.(?=\s?\d))\w{0,6}(?:\s\d{1,2})?|"
    + _WITH_ENDING
    + r")(?:,?\s(?:кв\.?|батир|бат\.?|б\.?)\s?\d{1,4}|,?\s\d{1,4}\s?-?\s?(?:кв|батир|бат|б)\b\w{0,6}|,\s\d{1,3}"
    + _WITH_ENDING
    + r"(?!\w|[.:,]\d|\s?-?\s?(?:"
    + MONTH
    + r"))(?=[^,]{0,3}$|\s?[;)\n]|\s(?:жаша|тура)))?"
)
_ENDS = (
    r"(?![.,:/]\d)(?!\s?[–\-]\s?\d)(?=[ ]*(?:$|[\n\t]|[^\w\s%°№+*=<>/–—\-]|[/–—\-]\s)"
    r"|\s(?:деп|деген|боюнча|үй\w*|дом\w*|кв\b|подъезд|вход|жана|менен|же|и|где|тел|кир\w+|кел\w+|бар\w*|тура\w+|жаша\w+)\b"
    r"|(?<=[а-яөүң])\s)"
)
LINE = re.compile(_STREET + r",?[ ]\d{1,2}\s?-\s?(?:лини|көчө|участ|массив)\w*|\b\d{1,2}-линия,\s\d{1,3}")
"""A street that has a number for a name, in a quarter of new houses: "Новостройка 4-линиядан"."""
WRITTEN_SMALL = re.compile(
    r"(?<![\w.\-])[а-яёөүң]{4,20}\s\d{1,3}(?:[дт][аеоө]н?|[гк][аеоө])(?=\s(?:жаша|тура|турам|күтүп|экен\b))"
)
"""As it is written in a chat: "манас 41де күтүп турат"."""
NUMBERED_HOUSE = re.compile(r"(?<![\w\-])\d{1,3}\s?-\s?үй(?!\s?-?\s?бүлө)\w*", re.IGNORECASE)
"""A house by its number alone, as neighbours name it: "Алтынай жашайт, 54-үй"."""
BEFORE_ITS_NUMBER = re.compile(r",?\s\d|,?\s(?:дом|д\.|үй)")
STREET_AND_HOUSE = re.compile(_STREET + r",?[ ](?!" + MONTH + r")" + _HOUSE + _ENDS)
COUNTS = re.compile(
    r"(?:.*\s)?(?:акт\b|аптека|дарыкана|дүкөн|магазин|родители|кабинет|класс|мектеп|мектеб|школ(?!ьн)|гимнази|лице|бөлмө|бет|стр|глава|көнүгүү|упражнени|тапшырма|задани|задач|тема"
    r"|билет|суроо|вопрос|вариант|отряд|топ\b|групп|урок|сабак|чейрек|четверт|тур\b|раунд|параграф|сүрөт|таблиц"
    r"|кабат|этаж|эшик|рейс|маршрут|автобус|троллейбус|размер|өлчөм|рост|вес\b|салмак|температур|упай|балл|орун|мест"
    r"|баасы|цена|взнос|математик|физик|хими|биолог|тарых|истор|географ|информатик|англис|английск|русск|орус|кыргыз\b"
    r"|алгебр|геометр|адабият|литератур|баары|бардыгы|жалпы|жыйынты|итог|всего|саны|колич|буйру|приказ|протокол"
    r"|токтом|статья|берене|пункт|билдирүү|форма|тиркеме|приложени|прививк|олимпиад|турнир|жыйын|чогулуш|сынак"
    r"|мөөнөт|срок|апта|недел|күн\b|күнү|саат|час|мүнөт|минут|кезмет|сап\b|ряд|кезек|очеред|отделени|участок|бригад"
    r"|каттоо|номер|код|сом\b|даана|киши|адам|окуучу|учени|бала|балдар|дет[еи]|небере"
    r"|(?:мен|сен|ал|эми|азыр|быйыл|эртең|бүгүн|кечээ|болсо|экөө|өзү|менин|сенин|анын|биздин|атасы|апасы|энеси|агасы|эжеси"
    r"|иниси|сиңдиси|карындашы|таятасы|таенеси|уулум|кызым|уулубуз|кызыбыз|балам|формуляр|эстафета)\b)\w*",
    re.IGNORECASE,
)
"""What is numbered or counted, or happens on a day: no street is called so."""


def streets_and_houses(text: str) -> Iterator[tuple[int, int]]:
    """Whatever may be a street's name with a house's number; of what overlaps, the first kind."""
    taken: list[tuple[int, int]] = []
    for pattern in (STREET_AND_HOUSE, LINE, WRITTEN_SMALL, NUMBERED_HOUSE):
        for found in pattern.finditer(text):
            start, end = found.span()
            if not COUNTS.match(BEFORE_ITS_NUMBER.split(found[0])[0]) and not any(
                start < past and end > begun for begun, past in taken
            ):
                taken.append((start, end))
                yield start, end
