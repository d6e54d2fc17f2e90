"""What councils and their officers put into the rulebook: user categories with defaults, rulings (2.6), holds (3.4)."""

from datetime import UTC, date, datetime

from django.db.models import Min

from darbaza.policy import rulebook
from darbaza.policy.resource import Target
from darbaza.policy.verdict import Ground, GroundKind
from darbaza.portal.council.models import CategoryDefault, Decision, Hold, Ruling, UserCategory
from darbaza.portal.school_time import instant_of, school_day


def decision_ground(decision: Decision) -> Ground:
    """A decision as people cite it."""
    return Ground(GroundKind.DECISION, decision.ref, decision.date.isoformat())


def user_categories(at: datetime) -> tuple[rulebook.UserCategory, ...]:
    """All user categories, each with the default that a decision in force at an instant gave it."""
    given = CategoryDefault.objects.filter(since__lte=at).select_related("decision")
    latest = {one.user_category_id: one for one in given}  # in the order of their instants
    found = UserCategory.objects.select_related("parent").order_by("code")
    return tuple(_category(one, latest.get(one.pk)) for one in found)


def _category(one: UserCategory, given: CategoryDefault | None) -> rulebook.UserCategory:
    return rulebook.UserCategory(
        id=one.code,
        kind=rulebook.UserKind(one.kind),
        parent=one.parent.code if one.parent else "",
        default=rulebook.DefaultRule(given.default_rule if given else one.default_rule),
        default_ground=decision_ground(given.decision) if given else None,
    )


def next_default(at: datetime) -> datetime | None:
    """The next instant at which a decision changes a default: the rulebook itself must be made anew then."""
    found: datetime | None = CategoryDefault.objects.filter(since__gt=at).aggregate(next=Min("since"))["next"]
    return found


def rulings(midnight: datetime) -> tuple[rulebook.Ruling, ...]:
    """All rulings whose term was not over by a midnight, those that begin later included: they carry their terms."""
    found = Ruling.objects.exclude(until__lte=midnight).select_related("decision", "user_category").order_by("pk")
    return tuple(_ruling(one) for one in found)


def _ruling(one: Ruling) -> rulebook.Ruling:
    return rulebook.Ruling(
        user_category=one.user_category.code,
        effect=rulebook.Effect(one.effect),
        ground=decision_ground(one.decision),
        target=Target(one.target_host, one.target_path, one.subdomains) if one.target_host else None,
        category=one.category,
        since=beginning(one.since),
        until=beginning(one.until),
    )


def holds(midnight: datetime) -> tuple[rulebook.Hold, ...]:
    """Resources that are held, with the instants at which each hold begins and lapses; not those over by midnight."""
    found = Hold.objects.filter(released_at__isnull=True, lapses_at__gt=midnight).order_by("pk")
    return tuple(
        rulebook.Hold(
            target=Target(one.target_host, one.target_path, one.subdomains),
            ground=Ground(GroundKind.REPORT, one.ref, school_day(one.at).isoformat()),
            since=one.at.astimezone(UTC),
            until=one.lapses_at.astimezone(UTC),
        )
        for one in found
    )


def beginning(term: date | None) -> datetime:
    """An instant in UTC, a day's first for a day; the end of time for none."""
    return rulebook.END_OF_TIME if term is None else instant_of(term)
