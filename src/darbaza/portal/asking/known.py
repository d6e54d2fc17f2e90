"""What is known of a resource that a class asks for: today's verdict, and whether the teacher can change it.

Both verdicts are `decide`'s, for somebody of the class in this lesson, with the lesson's own measures: the card on the
console, the act behind its button and the gate can't differ.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from darbaza.policy.decide import decide
from darbaza.policy.request import AccessRequest
from darbaza.policy.request import SupervisedSession as PolicySession
from darbaza.policy.resource import Target
from darbaza.policy.verdict import FOR_A_PERMIT, Ground, GroundKind, Message, Verdict
from darbaza.portal.classification.preview import rules_now
from darbaza.portal.council.categories import category_of_grade
from darbaza.portal.council.supposing import suppose
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.lessons.values import session_value
from darbaza.portal.resources import classify

NOT_FOR_A_COUNCIL = FOR_A_PERMIT | {Message.STATE_REGISTER, Message.HELD, Message.ADDRESS_LITERAL}
"""Answers that neither a teacher nor those to whom a teacher passes on can change."""


@dataclass(frozen=True, slots=True)
class Known:
    """A verdict as it is kept with a card. `delegated` says that the lesson's teacher may open the resource."""

    outcome: str
    message: str
    clause: str
    category: str
    ground_kind: str
    ground_ref: str
    ground_date: str
    ground_entry: str
    delegated: bool

    @property
    def ground(self) -> Ground:
        """The act behind the verdict."""
        return Ground(GroundKind(self.ground_kind), self.ground_ref, self.ground_date, self.ground_entry)

    @property
    def to_officer(self) -> bool:
        """Whether it is passed on to the classification officer, since a category closes it; or else to the council."""
        return bool(self.category)

    @property
    def can_pass_on(self) -> bool:
        """Whether anybody to whom a teacher passes on could change the answer."""
        return self.outcome != "allow" and self.message not in NOT_FOR_A_COUNCIL

    def kept(self) -> dict[str, object]:
        """The form in which the card keeps it."""
        return asdict(self)


def known_of(host: str, session: SupervisedSession, at: datetime) -> Known:
    """What the gate answers to this lesson's students, and whether opening it for the lesson would let them through."""
    now, opened = verdict_of(host, session, at), verdict_of(host, session, at, opening=host)
    ground = now.ground
    return Known(
        outcome=now.outcome,
        message=str(now.message),
        clause=now.clause,
        category=now.category,
        ground_kind=str(ground.kind),
        ground_ref=ground.ref,
        ground_date=ground.date,
        ground_entry=ground.entry,
        delegated=not now.allows and opened.allows,
    )


def verdict_of(host: str, session: SupervisedSession, at: datetime, opening: str = "") -> Verdict:
    """The verdict for somebody of the lesson's class, with its measures; `opening` is supposed to be opened as well."""
    asker, rules = suppose(category_of_grade(session.school_class.grade), rules_now(at), at)
    if asker.session is not None:
        asker = replace(asker, session=_with_measures(asker.session, session_value(session, at), opening))
    return decide(AccessRequest(asker, classify(host), at), rules)


def _with_measures(supposed: PolicySession, lesson: PolicySession, opening: str) -> PolicySession:
    """A supposed lesson with the measures of a real one; whoever opens a host takes back that it was denied."""
    added = (Target(opening),) if opening else ()
    return replace(
        supposed,
        denied=tuple(one for one in lesson.denied if one not in added),
        opened_targets=(*lesson.opened_targets, *added),
        scene=None if lesson.scene is None else (*lesson.scene, *added),
    )
