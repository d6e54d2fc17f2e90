"""Records to print: an order with a long text, and a sitting with many members, long names and votes by name."""

from datetime import datetime, timedelta

from darbaza.portal.council import actions as council
from darbaza.portal.council.models import Order, OrderAct, OrderKind, RulingEffect, Sitting, UserCategory
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import sign_order
from darbaza.portal.council.sittings import actions as sittings
from darbaza.portal.council.sittings.actions import Asked, Count, Resolved
from darbaza.portal.council.targets import RulingDraft
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.school_time import school_day
from tests.people import Cast, make_room, make_staff

FAMILIES = (
    "Өмүрзакова",
    "Үсөнбаева",
    "Турдумамбетова-Жаңыбаева",
    "Сыдыков",
    "Абдыкадырова",
    "Кеңешбекова",
    "Төлөгөнов",
)
NAMES = ("Айгүл", "Бактыгүл", "Чыңгыз", "Нурсултан", "Гүлзада", "Мээрим", "Өмүрбек")
TEXT = (
    "Мектепте окуучулардын интернетти коопсуз пайдалануусун камсыз кылуу максатында жана жобонун 2.5-пунктунун "
    "негизинде 5-9-класстардын сабактары үчүн төмөнкүлөр дайындалсын."
)


def make_order(cast: Cast, at: datetime, *, repeals: Order | None = None) -> Order:
    """Gülnara appoints Timur and equips a room; or repeals an order."""
    return sign_order(
        kind=OrderKind.STAFF,
        text=TEXT,
        points=[] if repeals else new_points(cast),
        repeals=repeals,
        in_force_from=school_day(at),
        by=cast.gulnara,
        at=at,
    )


def new_points(cast: Cast) -> list[Point]:
    """A duty and a room."""
    return [Point(OrderAct.APPOINT, cast.timur, Duty.TEACHER), Point(OrderAct.EQUIP, room=make_room())]


def make_council(size: int) -> list[Person]:
    """Members of the methodological council with long names."""
    return [
        make_staff(FAMILIES[one % 7], NAMES[one // 7 % 7] + "а" * (one // 49), Duty.COUNCIL_MEMBER)
        for one in range(size)
    ]


def ruling(host: str) -> RulingDraft:
    """Students may reach a host."""
    return RulingDraft(UserCategory.objects.get(code="students"), RulingEffect.ALLOW, host=host)


def hold_sitting(cast: Cast, at: datetime, *, members: int = 3, hosts: tuple[str, ...] = ("kitep.test",)) -> Sitting:
    """A sitting that adopts a ruling for each host, by name, and is closed."""
    council_members = make_council(members)
    proposals = [
        sittings.make_proposal(
            subject="access",
            proposer="parent",
            from_name="Сыдыкова Жаңыл",
            text="Балдар китеп окусун: бул ресурс сабакка керек, ө ү ң тамгалары туура көрүнөт.",
            asked=Asked(ruling(host)),
            by=cast.aida,
            at=at,
        )
        for host in hosts
    ]
    chair = council_members[0]
    sitting = sittings.call_sitting(
        date=school_day(at),
        place="№ 1 кабинет",
        chair=chair,
        secretary=council_members[1],
        proposals=proposals,
        by=chair,
        at=at,
    )
    present = [*council_members[: members - 1 if members > 3 else members]]
    sittings.open_sitting(sitting=sitting, present=present, by=chair, at=at)
    for item in sitting.items.all():
        resolved = Resolved(
            "Сунуш кабыл алынсын, окуу жылынын аягында кайра каралсын.",
            UserCategory.objects.get(code="students"),
            RulingEffect.ALLOW,
            review_date=school_day(at) + timedelta(days=180),
        )
        voices = {one: "against" if place % 5 == 4 else "for" for place, one in enumerate(present)}
        sittings.put_to_vote(
            item=item, discussion="Пикирлер угулду.", resolved=resolved, count=Count(voices), by=chair, at=at
        )
    return sittings.close_sitting(sitting=sitting, in_force_from=school_day(at), by=chair, at=at)


def propose(cast: Cast, at: datetime) -> None:
    """Aida asks for one more host, and nobody answers."""
    sittings.make_proposal(
        subject="access", proposer="teacher", text="Сабакка", asked=Asked(ruling("wait.test")), by=cast.aida, at=at
    )


def end_rulings(cast: Cast, sitting: Sitting, at: datetime) -> None:
    """A later decision ends all rulings of a sitting's decision."""
    assert sitting.decision is not None
    council.adopt_decision(
        text="Мурунку чечим токтотулсун.",
        minutes_number="9",
        date=school_day(at),
        in_force_from=school_day(at),
        ends=list(sitting.decision.rulings.all()),
        by=cast.nurlan,
        at=at,
    )
