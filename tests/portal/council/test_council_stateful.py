"""Proposals, sittings, votes, decisions, holds and time in any order: nothing is ruled but by a decision in force."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from darbaza.policy.rulebook import DefaultRule
from darbaza.portal.audit import seals
from darbaza.portal.audit.actions import seal_what_was_before
from darbaza.portal.council.actions import adopt_decision
from darbaza.portal.council.groups import GroupDraft
from darbaza.portal.council.holds import actions as holds
from darbaza.portal.council.models import (
    AgendaItem,
    Decision,
    Hold,
    OrderAct,
    OrderKind,
    Proposal,
    ProposalState,
    Ruling,
    RulingEffect,
    Sitting,
    SittingState,
    TieRule,
    UserCategory,
)
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import sign_order
from darbaza.portal.council.sittings import actions
from darbaza.portal.council.sittings.actions import Asked, Count, Resolved
from darbaza.portal.council.sittings.members import members_of
from darbaza.portal.council.targets import RulingDraft
from darbaza.portal.gateways.rulebook import build
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, RightMissingError
from darbaza.portal.people.rights import holds as may
from darbaza.portal.school_time import school_day
from tests.people import make_cast, make_staff
from tests.portal.conftest import AT

REFUSED = (ActRefusedError, RightMissingError)
HOSTS = ("kitep.test", "oyun.test")
SOMEBODY = st.integers(0, 6)
HOST = st.sampled_from(HOSTS)
EFFECT = st.sampled_from(["allow", "deny", "delegate"])
DAYS = st.integers(0, 2)
VOICES = st.lists(st.sampled_from(["for", "against", "abstain", "absent"]), min_size=4, max_size=4)


class Councils(RuleBasedStateMachine):
    """A council of four, a director who dismisses and appoints, a teacher and somebody without a duty."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        assert not Person.objects.exists(), "what an example wrote is gone before the next"
        cast, self.at = make_cast(), AT
        self.director = cast.gulnara
        members = [cast.nurlan, *(make_staff(f"Мүчө{number}", "Ак", Duty.COUNCIL_MEMBER) for number in range(3))]
        self.people: list[Person] = [*members, cast.jyldyz, cast.aida, cast.timur]
        self.defaults = {one.id: one.default for one in build(AT).user_categories}
        self.tallied: dict[int, tuple[int, int]] = {}
        self.rightful: set[int] = set()
        seal_what_was_before(at=self.at)

    def teardown(self) -> None:
        assert seals.verify().intact, seals.verify()
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def attempt(self, act: Any) -> Any:
        """Do an act; one that is refused changes nothing. What it gave back, or None."""
        before = self.written()
        try:
            with transaction.atomic():
                return act()
        except REFUSED:
            assert self.written() == before, "a refused act has changed something"
            return None

    def written(self) -> list[Any]:
        """All that acts of councils write."""
        return [
            list(Proposal.objects.order_by("pk").values_list("pk", "state")),
            list(Sitting.objects.order_by("pk").values_list("pk", "state", "decision")),
            list(AgendaItem.objects.order_by("pk").values_list("pk", "outcome", "votes_for")),
            list(Ruling.objects.order_by("pk").values_list("pk", "since", "until", "ended_by")),
            list(Hold.objects.order_by("pk").values_list("pk", "released_at", "ratified_by")),
            Decision.objects.count(),
            list(UserCategory.objects.order_by("pk").values_list("pk", "parent", "default_rule")),
        ]

    def day(self, ahead: int = 0) -> Any:
        return school_day(self.at) + timedelta(days=ahead)

    def ruled(self, effect: str, host: str) -> RulingDraft:
        students = UserCategory.objects.get(code="students")
        return RulingDraft(students, RulingEffect(effect), host=host, review_date=self.day(90))

    @rule(by=SOMEBODY, effect=EFFECT, host=HOST)
    def somebody_proposes(self, by: int, effect: str, host: str) -> None:
        asked = Asked(self.ruled(effect, host))
        given = {"subject": "access", "proposer": "teacher", "text": "…", "asked": asked}
        self.attempt(lambda: actions.make_proposal(**given, by=self.people[by], at=self.at))  # type: ignore[arg-type]

    @rule(by=SOMEBODY, whom=SOMEBODY)
    def somebody_is_proposed_for_a_duty(self, by: int, whom: int) -> None:
        asked = Asked(person=self.people[whom], duty=Duty.TEACHER)
        given = {"subject": "appointment", "proposer": "teacher", "text": "…", "asked": asked}
        self.attempt(lambda: actions.make_proposal(**given, by=self.people[by], at=self.at))  # type: ignore[arg-type]

    @rule(by=SOMEBODY, chair=SOMEBODY, secretary=SOMEBODY, ahead=DAYS, rule=st.sampled_from(list(TieRule)))
    def somebody_calls_a_sitting(self, by: int, chair: int, secretary: int, ahead: int, rule: TieRule) -> None:
        open_ones = list(Proposal.objects.filter(state=ProposalState.OPEN).exclude(items__isnull=False)[:2])
        self.attempt(
            lambda: actions.call_sitting(
                date=self.day(ahead), chair=self.people[chair], secretary=self.people[secretary], tie_rule=rule,
                proposals=open_ones, by=self.people[by], at=self.at,
            )
        )  # fmt: skip

    @rule(by=SOMEBODY, present=st.lists(SOMEBODY, max_size=6))
    def somebody_opens_it(self, by: int, present: list[int]) -> None:
        sitting = Sitting.objects.filter(state=SittingState.CALLED).order_by("pk").first()
        if sitting is not None:
            there = [self.people[one] for one in present]
            self.attempt(lambda: actions.open_sitting(sitting=sitting, present=there, by=self.people[by], at=self.at))

    @rule()
    def all_who_are_members_come(self) -> None:
        """Most sittings are opened as they should be, so that there is something to vote on."""
        for sitting in Sitting.objects.filter(state=SittingState.CALLED, date=self.day()):
            members = members_of(sitting.council, self.at)
            self.attempt(
                lambda one=sitting, there=members: actions.open_sitting(
                    sitting=one, present=there, by=one.chair, at=self.at
                )
            )

    @rule(by=st.integers(0, 3), effect=EFFECT, voices=VOICES)
    def somebody_records_a_vote(self, by: int, effect: str, voices: list[str]) -> None:
        item = AgendaItem.objects.filter(outcome=ProposalState.OPEN, sitting__state=SittingState.OPEN).first()
        if item is None:
            return
        there = [one.member for one in item.sitting.attendances.filter(present=True).select_related("member")]
        cast = {
            who: "recused" if who == item.proposal.person else said for who, said in zip(there, voices, strict=False)
        }
        category = UserCategory.objects.get(code="students")
        resolved = Resolved("Макул", category, effect, review_date=self.day(90))
        made = self.attempt(
            lambda: actions.put_to_vote(item=item, resolved=resolved, count=Count(cast), by=self.people[by], at=self.at)
        )
        if made is None:
            return
        members = members_of(item.sitting.council, self.at)
        voted = [who for who, said in cast.items() if said != "absent" and who in members]
        assert len(voted) * 2 > len(members), "no vote without a quorum"
        assert cast.get(item.proposal.person) in {None, "recused"}, "nobody votes on their own appointment"
        self.tallied[item.pk] = (list(cast.values()).count("for"), list(cast.values()).count("against"))

    @rule(by=SOMEBODY, ahead=DAYS)
    def somebody_closes_it(self, by: int, ahead: int) -> None:
        sitting = Sitting.objects.filter(state=SittingState.OPEN).order_by("pk").first()
        if sitting is None:
            return
        person = self.people[by]
        closed = self.attempt(
            lambda: actions.close_sitting(sitting=sitting, in_force_from=self.day(ahead), by=person, at=self.at)
        )
        if closed is not None:
            assert may(person, Right.COUNCIL_SITTING_HOLD, self.at)
            if closed.decision is not None:
                self.rightful.add(closed.decision.pk)

    @rule(by=SOMEBODY, effect=EFFECT, host=HOST, ahead=DAYS, ends=st.booleans())
    def somebody_enters_a_decision_on_paper(self, by: int, effect: str, host: str, ahead: int, ends: bool) -> None:
        person = self.people[by]
        standing = list(Ruling.objects.filter(ended_by=None)[:1]) if ends else []
        made = self.attempt(
            lambda: adopt_decision(
                text="…", minutes_number="7", date=self.day(), in_force_from=self.day(ahead),
                rulings=[self.ruled(effect, host)], ends=standing, by=person, at=self.at,
            )
        )  # fmt: skip
        if made is not None:
            assert may(person, Right.COUNCIL_DECISION_ADOPT, self.at)
            self.rightful.add(made.pk)

    @rule(by=SOMEBODY, first=st.integers(1, 9), ahead=DAYS)
    def somebody_enters_a_group_for_which_all_but_what_is_denied_is_open(self, by: int, first: int, ahead: int) -> None:
        group = GroupDraft("Топ", "Группа", "Group", first, first, DefaultRule.BLOCK_LIST)
        made = self.attempt(
            lambda: adopt_decision(
                text="…", minutes_number="8", date=self.day(), in_force_from=self.day(ahead), groups=[group],
                by=self.people[by], at=self.at,
            )
        )  # fmt: skip
        if made is not None:
            self.rightful.add(made.pk)

    @rule(by=SOMEBODY, host=HOST)
    def somebody_closes_a_resource_at_once(self, by: int, host: str) -> None:
        person = self.people[by]
        made = self.attempt(lambda: holds.hold_resource(resource=host, reason="…", by=person, at=self.at))
        assert made is None or may(person, Right.COUNCIL_HOLD_PLACE, self.at)

    @rule(by=SOMEBODY)
    def somebody_opens_it_again(self, by: int) -> None:
        hold = Hold.objects.order_by("pk").last()
        if hold is not None:
            self.attempt(lambda: holds.release_hold(hold=hold, reason="…", by=self.people[by], at=self.at))

    @rule(whom=st.integers(0, 3), act=st.sampled_from(["appoint", "dismiss"]))
    def the_director_changes_the_council(self, whom: int, act: str) -> None:
        point = Point(OrderAct(act), self.people[whom], Duty.COUNCIL_MEMBER)
        self.attempt(
            lambda: sign_order(
                kind=OrderKind.STAFF, text="…", points=[point], in_force_from=None, by=self.director, at=self.at
            )
        )

    @rule(step=st.sampled_from([timedelta(minutes=7), timedelta(hours=5), timedelta(days=1), timedelta(days=2)]))
    def time_passes(self, step: timedelta) -> None:
        self.at += step

    @invariant()
    def what_the_gate_has_rests_on_decisions_in_force_or_on_two_days_of_a_word(self) -> None:
        rulebook = build(self.at)
        decisions = {one.ref: one for one in Decision.objects.all()}
        for one in rulebook.rulings:
            if one.since <= self.at < one.until:
                decision = decisions[one.ground.ref]
                assert decision.in_force_from <= self.at
                assert decision.pk in self.rightful
        decided = set(Hold.objects.exclude(ratified_by=None).values_list("lapses_at", flat=True))
        for hold in rulebook.holds:
            assert hold.until - hold.since <= timedelta(hours=48) or hold.until in decided
        for group in rulebook.user_categories:
            if group.default_ground is not None:
                assert decisions[group.default_ground.ref].in_force_from <= self.at
            else:
                assert group.default == self.defaults.get(group.id, self.defaults["students"]), (
                    "by no decision in force"
                )

    @invariant()
    def what_a_later_decision_ended_rules_no_more(self) -> None:
        for one in Ruling.objects.exclude(ended_by=None).select_related("ended_by"):
            assert one.until is not None
            assert one.ended_by is not None
            assert one.until <= max(one.ended_by.in_force_from, one.since)

    @invariant()
    def decisions_of_sittings_have_the_votes(self) -> None:
        for sitting in Sitting.objects.filter(state=SittingState.CLOSED):
            ruled = 0
            for item in sitting.items.select_related("proposal"):
                voices, against = self.tallied[item.pk]
                chair = item.votes.filter(member=sitting.chair, voice="for").exists()
                tied = voices == against and sitting.tie_rule == TieRule.CHAIR and chair
                carried = voices > against or tied
                assert (item.outcome != ProposalState.DECLINED) == carried
                assert item.proposal.state == item.outcome, "every proposal has its answer"
                ruled += carried and item.proposal.subject == "access"
            assert (sitting.decision.rulings.count() if sitting.decision else 0) == ruled


@pytest.mark.timeout(1200)
@pytest.mark.django_db
def test_nothing_is_ruled_but_by_a_decision_in_force() -> None:
    run_state_machine_as_test(Councils, settings=settings(max_examples=8, stateful_step_count=25))  # type: ignore[no-untyped-call]
