"""What the council leaves to the supervisor of a lesson to open (2.6, 2.8), judged by the policy core itself."""

from datetime import datetime

from darbaza.policy.decide import case_of, council
from darbaza.policy.request import AccessRequest, Asker
from darbaza.policy.rulebook import Rulebook
from darbaza.policy.verdict import Message
from darbaza.portal.council.categories import category_of_grade
from darbaza.portal.council.in_force import rulings, user_categories
from darbaza.portal.people.models import SchoolClass
from darbaza.portal.resources import classify


def is_delegated(host: str, path: str, school_class: SchoolClass, at: datetime) -> bool:
    """Whether the ruling that wins for this class on this resource delegates it."""
    asker = Asker("", category_of_grade(school_class.grade))
    rulebook = Rulebook(1, "", "", user_categories=user_categories(at), rulings=rulings(at))
    verdict = council(case_of(AccessRequest(asker, classify(host, path), at), rulebook))
    return verdict is not None and verdict.message is Message.TEACHER_MAY_OPEN
