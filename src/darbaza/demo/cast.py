"""The invented people of the demo school. Likeness to anybody is chance: names are combined by position."""

from dataclasses import dataclass

from darbaza.portal.people.duties import Duty


@dataclass(frozen=True, slots=True)
class Adult:
    """A member of staff or somebody from the authority: sign-in, names, duties, and as class teacher the class."""

    username: str
    surname: str
    given_name: str
    patronymic: str
    duties: tuple[Duty, ...]
    school_class: str = ""


DIRECTOR = Adult("direktor", "Асанова", "Бермет", "Кубанычбековна", (Duty.DIRECTOR,))
ICT = Adult("ikt", "Токтогулов", "Эрлан", "Маратович", (Duty.ICT_RESPONSIBLE, Duty.TEACHER))
COUNCIL = Adult("kenesh", "Мамытова", "Нургүл", "Сапаровна", (Duty.COUNCIL_MEMBER, Duty.CLASSIFICATION_OFFICER))
LIVE_TEACHER = Adult("isakov", "Исаков", "Бакыт", "Таалайбекович", (Duty.TEACHER, Duty.CLASS_TEACHER), "8-Б")
"""Whose lesson in room 1 the simulator keeps going."""

FREE_TEACHER = Adult("sydykova", "Сыдыкова", "Аида", "Талантовна", (Duty.TEACHER, Duty.CLASS_TEACHER), "7-А")
"""Whose lesson in room 2 waits for whoever tries the demo."""

STAFF = (
    ICT,
    Adult("internet", "Жумабаева", "Айгүл", "Эсенбековна", (Duty.INTERNET_RESPONSIBLE, Duty.COUNCIL_MEMBER)),
    COUNCIL,
    LIVE_TEACHER,
    FREE_TEACHER,
    Adult("kadyrova", "Кадырова", "Жылдыз", "Болотовна", (Duty.TEACHER, Duty.CLASS_TEACHER), "9-А"),
    Adult("orozov", "Орозов", "Тимур", "Асылбекович", (Duty.TEACHER, Duty.CLASS_TEACHER, Duty.COUNCIL_MEMBER), "10-А"),
    Adult("zavuch", "Байсалова", "Гүлнара", "Кемеловна", (Duty.ADMINISTRATION, Duty.COUNCIL_MEMBER)),
    Adult("bolum", "Мусаева", "Чынара", "Асановна", (Duty.AUTHORITY,)),
)

CLASSES = ((7, "А"), (8, "Б"), (9, "А"), (10, "А"))
CLASS_SIZE = 25

ROOM_CLASSES = {1: ("8-Б", "9-А"), 2: ("7-А", "10-А")}
"""Which classes take turns in a room, by even and odd hours: no class is in two rooms at once."""

BOYS = (
    "Айбек", "Азамат", "Актан", "Алымбек", "Арген", "Бекзат", "Дастан", "Жанболот", "Искендер", "Кубат",
    "Манас", "Нурбек", "Нурдин", "Өмүрбек", "Руслан", "Санжар", "Темирлан", "Уланбек", "Чынгыз", "Эмир",
)  # fmt: skip
GIRLS = (
    "Адинай", "Айжан", "Айпери", "Акылай", "Алтынай", "Бегимай", "Гүлзат", "Жаңыл", "Жибек", "Каныкей",
    "Медина", "Мээрим", "Назик", "Нуриза", "Перизат", "Сезим", "Тансулуу", "Үмүт", "Чолпон", "Элиза",
)  # fmt: skip
SURNAMES = (
    "Абдыкеримов", "Акматов", "Алиев", "Байышов", "Бектемиров", "Дүйшеев", "Жапаров", "Жээнбаев", "Калыков",
    "Касымов", "Көчкөнов", "Маматов", "Молдобаев", "Нышанов", "Осмонов", "Райымкулов", "Сатаров", "Сыдыков",
    "Табышев", "Төлөгөнов", "Усупов", "Чотбаев", "Шаршенов", "Эсеналиев", "Эшимов",
)  # fmt: skip


def students(position: int) -> list[tuple[str, str]]:
    """Surnames and given names of the class that stands at a position of `CLASSES`."""
    return [_student(position * CLASS_SIZE + number) for number in range(CLASS_SIZE)]


def _student(number: int) -> tuple[str, str]:
    """Boys and girls take turns; a step that shares no factor with the names' count uses all of them."""
    surname = SURNAMES[number * 7 % len(SURNAMES)]
    if number % 2:
        return surname + "а", GIRLS[number * 3 % len(GIRLS)]
    return surname, BOYS[(number // 2 * 3 + number // 40) % len(BOYS)]
