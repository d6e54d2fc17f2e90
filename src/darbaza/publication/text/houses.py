"""A street without a word for it and a house, in a cleaned text: "Достук 48", "Гагарин 58ге", "К.Датка 210/4".

Many addresses that people write to one another look so, and nothing but the number tells them from other names. So any
capital word with a number of up to three digits behind it is asked about, unless something counts or names a thing.
"""

import re
from collections.abc import Iterator

from darbaza.publication.text.days import MONTH

_OF_PEOPLE = (
    r"(?:Биз|Мен|Сен|Ал|Эми|Азыр|Быйыл|Эртең|Бүгүн|Кечээ|Экөө|Өзү|Менин|Сенин|Анын|Биздин|Атасы|Апасы|Энеси|Агасы|Эжеси"
    r"|Иниси|Сиңдиси|Карындашы|Таятасы|Таенеси|Апам|Атам|Агам|Эжем|Иним|Сиңдим|Карындашым|Уулум|Кызым|Уулубуз|Кызыбыз"
    r"|Балам|Жок|Ооба|Туурасы|Мы|Я|Он|Она|Они)\b"
)
"""How sentences begin that tell of people."""
_WORD = r"(?!" + _OF_PEOPLE + r")[А-ЯӨҮҢЁ][а-яёөүң][\w\-]{1,30}"
_ALSO = r"(?:" + _WORD + r"|(?:уулу|кызы)(?!м)\w*|датка\w*|баатыр\w*|ата\b|ажы\w*|хан\b|артис|апреля|марта|мая|ноября)"
_STREET = (
    r"(?<![\w.№\-])(?:[А-ЯӨҮҢЁ]\.\s?){0,2}(?:\d{1,2}[ -](?=[А-ЯӨҮҢЁ]))?(?!(?!Октябрь\s)"
    + MONTH
    + ")"
    + _WORD
    + r"(?:[ ]"
    + _ALSO
    + r"){0,2}"
)
_NUMBER = r"\d{1,3}(?:\s?-?[а-д](?![а-яёөүңА-Я])|\s?[А-Д](?![а-яёөүңА-Я]))?(?:\s?[/\-]\s?\d{1,4}){0,2}"
_WITH_ENDING = (
    r"(?:[ -]?[а-дА-Д]?(?:[гк][аеоө]|[дт][аеоө](?:н|г[ыиуү])?|н[аеоө]н?|[дтн]?[ыиуү]н|с?[ыиуү]н[дат]\w*|н[ыиуү]ң?|[юу])"
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
    r"(?![.,:/]\d)(?![–\-]\d)(?=[ ]*(?:$|[\n\t]|[^\w\s%°№+*=<>/–—\-]|[/–—\-]\s)"
    r"|\s(?:деп|деген|эмес|жак\w*|тарап\w*|боюнча|үй\w*|дом\w*|кв\b|подъезд|вход|жана|менен|же|и|где|тел|кир\w+|кел\w+|бар\w*|тура\w+|жаша\w+)\b"
    r"|(?<=[а-яөүң])\s)"
)
LINE = re.compile(_STREET + r",?[ ]\d{1,2}\s?-\s?(?:лини|көчө|участ|массив)\w*|\b\d{1,2}-линия,\s\d{1,3}")
"""A street that has a number for a name, in a quarter of new houses: "Новостройка 4-линиядан"."""
QUOTED = re.compile(r"\"" + _WORD + r"(?:[ ]" + _WORD + r")?\",?[ ]\d{1,3}-\d{1,4}(?![\d\-:])")
"""A quarter in quotation marks, a house and a flat: "«Восход» 6-19"."""
WRITTEN_SMALL = re.compile(
    r"(?<![\w.\-])[а-яёөүң]{4,20}\s\d{1,3}(?:[дт][аеоө]н?|[гк][аеоө])(?=\s(?:жаша|тура|турам|күтүп|экен\b))"
)
"""As it is written in a chat: "манас 41де күтүп турат"."""
NUMBERED_HOUSE = re.compile(r"(?<![\w\-])\d{1,3}\s?-\s?үй(?!\s?-?\s?бүлө)\w*", re.IGNORECASE)
"""A house by its number alone, as neighbours name it: "Алтынай жашайт, 54-үй"."""
BEFORE_ITS_NUMBER = re.compile(r",?\s\d|,?\s(?:дом|д\.|үй)")
STREET_AND_HOUSE = re.compile(_STREET + r",?[ ](?!" + MONTH + r")" + _HOUSE + _ENDS)
COUNTS = re.compile(
    r"(?:.*\s)?(?:(?:аптека|дарыкана|дүкөн|магазин|родители|кабинет|класс|мектеп|мектеб|гимнази|лице[йе]|бөлмө|көнүгүү"
    r"|упражнени|тапшырма|задани|задач|билет|суроо|вопрос|вариант|отряд|групп|сабак|чейрек|четверт|раунд|параграф|сүрөт"
    r"|таблиц|кабат|этаж|эшик|маршрут|автобус|троллейбус|размер|өлчөм|салмак|температур|упай|математика|физика|тарых"
    r"|история|география|информатика|англис|алгебра|геометрия|адабият|литература|бардыгы|жалпы|жыйынты|буйру|приказ"
    r"|протокол|токтом|статья|берене|билдирүү|тиркеме|приложени|прививк|олимпиад|турнир|жыйын|чогулуш|сынак|мөөнөт|мүнөт"
    r"|минут|кезмет|кезек|очеред|отделени|каттоо|номер|даана|окуучу|учени[кц]|балдар|небере|формуляр|эстафета)\w*"
    r"|(?:акт|бет|бети|стр|глава|тема|топ|урок|тур|рейс|рост|вес|балл|баллы|орун|место|баасы|цена|взнос|химия|биология"
    r"|орус|кыргыз|баары|итог|итого|всего|саны|количество|пункт|форма|срок|апта|неделя|күн|күнү|саат|час|сап|ряд"
    r"|бригада|код|сом|киши|адам|бала|дети|детей|школа|школы|школе|школу)\b)",
    re.IGNORECASE,
)
"""What is numbered or counted, or happens on a day: no street is called so."""


def streets_and_houses(text: str) -> Iterator[tuple[int, int]]:
    """Whatever may be a street's name with a house's number; of what overlaps, the first kind."""
    taken: list[tuple[int, int]] = []
    for pattern in (STREET_AND_HOUSE, LINE, QUOTED, WRITTEN_SMALL, NUMBERED_HOUSE):
        for found in pattern.finditer(text):
            start, end = found.span()
            if not COUNTS.match(BEFORE_ITS_NUMBER.split(found[0])[0]) and not any(
                start < past and end > begun for begun, past in taken
            ):
                taken.append((start, end))
                yield start, end
