"""Sittings: no decision without a quorum, no voice twice, nobody in their own matter, every proposal answered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.clock import utc_now
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import (
    AgendaItem,
    Attendance,
    Ballot,
    Decision,
    Proposal,
    RulingEffect,
    Sitting,
    TieRule,
    UserCategory,
    Vote,
)
from darbaza.portal.council.sittings import actions
from darbaza.portal.council.sittings.actions import Asked, Count, Resolved
from darbaza.portal.council.sittings.forms import CallForm
from darbaza.portal.council.sittings.members import members_of, quorum_of
from darbaza.portal.council.targets import RulingDraft
from darbaza.portal.council.waiting import home_part_of
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.school_time import school_day
from tests.people import Cast, make_staff, signed_in

FOR, AGAINST, ABSTAIN, RECUSED, ABSENT = "for", "against", "abstain", "recused", "absent"


@pytest.fixture
def council(cast: Cast) -> list[Person]:
    """Nurlan leads, Begimai writes, Kanat and Meerim sit beside them."""
    others = [
        make_staff(surname, name, Duty.COUNCIL_MEMBER)
        for surname, name in (("Алиева", "Бегимай"), ("Сыдыков", "Канат"), ("Турдуева", "Мээрим"))
    ]
    return [cast.nurlan, *others]


def group(code: str = "students") -> UserCategory:
    return UserCategory.objects.get(code=code)


def propose(cast: Cast, at: datetime, **more: object) -> Proposal:
    """Aida asks that everybody may reach the book site."""
    given: dict[str, object] = {
        "subject": "access",
        "proposer": "teacher",
        "text": "Китеп окуу үчүн",
        "asked": Asked(RulingDraft(group(), RulingEffect.ALLOW, host="https://kitep.test/")),
        "by": cast.aida,
        "at": at,
    }
    return actions.make_proposal(**(given | more))  # type: ignore[arg-type] # a test's keywords


def call(members: list[Person], at: datetime, *proposals: Proposal, **more: object) -> Sitting:
    given: dict[str, object] = {
        "date": school_day(at),
        "chair": members[0],
        "secretary": members[1],
        "proposals": proposals,
        "by": members[0],
        "at": at,
    }
    return actions.call_sitting(**(given | more))  # type: ignore[arg-type] # a test's keywords


def opened(council: list[Person], at: datetime, *proposals: Proposal, **more: object) -> Sitting:
    sitting = call(council, at, *proposals, **more)
    actions.open_sitting(sitting=sitting, present=council[:3], by=council[0], at=at)
    return sitting


def named(council: list[Person], *voices: str) -> Count:
    return Count(voices=dict(zip(council, voices, strict=False)))


def as_proposed(item: AgendaItem, at: datetime) -> Resolved:
    proposal = item.proposal
    review = school_day(at) + timedelta(days=180)
    return Resolved("Макул", proposal.user_category, proposal.effect, review_date=review)


def vote(sitting: Sitting, council: list[Person], at: datetime, count: Count, number: int = 0, **more: object) -> str:
    item = list(sitting.items.select_related("proposal", "sitting"))[number]
    by = more.pop("by", council[1])
    resolved = replace(as_proposed(item, at), **more)  # type: ignore[arg-type] # a test's keywords
    actions.put_to_vote(item=item, resolved=resolved, count=count, by=by, at=at)
    return str(item.outcome)


def test_a_proposal_becomes_a_decision_by_a_vote(
    cast: Cast, council: list[Person], at: datetime, last_entry: Callable[[], AuditEntry]
) -> None:
    proposal = propose(cast, at)
    assert (last_entry().act, last_entry().subject) == ("council:proposal:make", proposal.ref)
    sitting = opened(council, at, proposal)
    assert last_entry().detail == {"members": 4, "present": sorted(one.public_id for one in council[:3])}
    assert vote(sitting, council, at, named(council, FOR, FOR, AGAINST)) == "adopted"
    assert (last_entry().act, last_entry().detail["for"], last_entry().detail["against"]) == ("council:item:vote", 2, 1)
    closed = actions.close_sitting(sitting=sitting, in_force_from=school_day(at), by=council[1], at=at)
    decision = Decision.objects.get()
    assert (closed.decision, decision.minutes_number, decision.date) == (decision, sitting.ref, school_day(at))
    ruling = decision.rulings.get()
    assert (ruling.subject, ruling.effect, ruling.review_date) == (
        "kitep.test",
        "allow",
        school_day(at) + timedelta(days=180),
    )
    proposal.refresh_from_db()
    assert (proposal.state, proposal.answer, proposal.answered_at) == ("adopted", "Макул", at)
    assert last_entry().detail["outcomes"] == {proposal.ref: "adopted"}


def test_a_declined_proposal_is_answered_and_decides_nothing(cast: Cast, council: list[Person], at: datetime) -> None:
    proposal = propose(cast, at)
    sitting = opened(council, at, proposal)
    assert vote(sitting, council, at, named(council, AGAINST, ABSTAIN, AGAINST), text="Азырынча эрте") == "declined"
    closed = actions.close_sitting(sitting=sitting, in_force_from=school_day(at), by=council[0], at=at)
    proposal.refresh_from_db()
    assert (closed.decision, proposal.state, proposal.answer) == (None, "declined", "Азырынча эрте")
    assert not Decision.objects.exists()


def test_the_council_may_change_what_was_proposed(cast: Cast, council: list[Person], at: datetime) -> None:
    sitting = opened(council, at, propose(cast, at))
    adapted = {"user_category": group("students-10-11"), "effect": RulingEffect.DELEGATE}
    assert vote(sitting, council, at, named(council, FOR, FOR, FOR), **adapted) == "adapted"
    closed = actions.close_sitting(sitting=sitting, in_force_from=school_day(at), by=council[0], at=at)
    assert closed.decision is not None
    ruling = closed.decision.rulings.get()
    assert (ruling.user_category.code, ruling.effect) == ("students-10-11", "delegate")


def test_a_show_of_hands_counts_everybody_present(cast: Cast, council: list[Person], at: datetime) -> None:
    sitting = opened(council, at, propose(cast, at))
    with pytest.raises(ActRefusedError, match="3 members vote, but 4 voices"):
        vote(sitting, council, at, Count(votes_for=4))
    assert vote(sitting, council, at, Count(votes_for=2, abstained=1)) == "adopted"
    item = AgendaItem.objects.get()
    assert (item.ballot, item.votes_for, item.votes_against, item.abstained) == (Ballot.OPEN, 2, 0, 1)
    assert not Vote.objects.exists()


@pytest.mark.parametrize(
    ("rule", "chair", "outcome"),
    [(TieRule.CHAIR, FOR, "adopted"), (TieRule.CHAIR, AGAINST, "declined"), (TieRule.DECLINED, FOR, "declined")],
)
def test_equal_voices_are_decided_by_the_rule_of_the_sitting(
    cast: Cast, council: list[Person], at: datetime, rule: TieRule, chair: str, outcome: str
) -> None:
    sitting = opened(council, at, propose(cast, at), tie_rule=rule)
    other = AGAINST if chair == FOR else FOR
    assert vote(sitting, council, at, named(council, chair, other, ABSTAIN)) == outcome
    assert AgendaItem.objects.get().tied


def test_nobody_votes_twice_or_from_outside_or_is_left_out(cast: Cast, council: list[Person], at: datetime) -> None:
    sitting = opened(council, at, propose(cast, at))
    for count in (
        named(council, FOR, FOR),
        named(council, FOR, FOR, FOR, FOR),
        Count(voices={cast.aida: FOR, council[0]: FOR, council[1]: FOR}),
    ):
        with pytest.raises(ActRefusedError, match="Every member who is present"):
            vote(sitting, council, at, count)
    assert vote(sitting, council, at, named(council, FOR, FOR, FOR)) == "adopted"
    with pytest.raises(ActRefusedError, match="voted on already"):
        vote(sitting, council, at, named(council, AGAINST, AGAINST, AGAINST))
    assert Vote.objects.count() == 3


def test_nobody_votes_on_their_own_appointment(cast: Cast, council: list[Person], at: datetime) -> None:
    asked = Asked(person=council[2], duty=Duty.CLASSIFICATION_OFFICER)
    proposal = propose(cast, at, subject="appointment", asked=asked)
    sitting = opened(council, at, proposal)
    for voices in ((FOR, FOR, FOR), (FOR, RECUSED, RECUSED)):
        with pytest.raises(ActRefusedError, match="own appointment"):
            vote(sitting, council, at, named(council, *voices))
    with pytest.raises(ActRefusedError, match="2 members vote, but 3 voices"):
        vote(sitting, council, at, Count(votes_for=3))
    assert vote(sitting, council, at, named(council, FOR, FOR, RECUSED)) == "adopted"
    closed = actions.close_sitting(sitting=sitting, in_force_from=school_day(at), by=council[0], at=at)
    assert closed.decision is not None
    assert closed.decision.text == "1. Макул"
    assert not closed.decision.rulings.exists()
    assert not council[2].appointments.filter(duty=Duty.CLASSIFICATION_OFFICER).exists(), "an order appoints"


def test_without_a_quorum_nothing_opens(cast: Cast, council: list[Person], at: datetime) -> None:
    sitting = call(council, at, propose(cast, at))
    with pytest.raises(ActRefusedError, match="No quorum: 2 of 4 members are present, 3 are needed") as refusal:
        actions.open_sitting(sitting=sitting, present=council[:2], by=council[0], at=at)
    assert refusal.value.clause == "2.6"
    with pytest.raises(ActRefusedError, match="Chair and secretary must be present"):
        actions.open_sitting(sitting=sitting, present=council[1:], by=council[1], at=at)
    with pytest.raises(ActRefusedError, match="Only members"):
        actions.open_sitting(sitting=sitting, present=[*council, cast.aida], by=council[0], at=at)
    assert not Attendance.objects.exists()
    with pytest.raises(ActRefusedError, match="called already"):
        vote(sitting, council, at, named(council, FOR, FOR, FOR))


def test_who_was_ticked_stays_ticked_where_there_is_no_quorum(cast: Cast, council: list[Person], at: datetime) -> None:
    sitting = call(council, utc_now(), propose(cast, at))
    came = [one.pk for one in council[:2]]
    answer = signed_in(council[0]).post(f"/council/sittings/{sitting.pk}/open", {"present": came})
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "Кворум жок" in said
    assert said.count("checked") == 2


def test_without_a_quorum_nothing_is_voted_on_though_the_sitting_opened_with_one(
    cast: Cast, council: list[Person], at: datetime
) -> None:
    """Two members leave the room, or lose their duty: what they leave behind decides nothing."""
    sitting = opened(council, at, propose(cast, at))
    with pytest.raises(ActRefusedError, match="No quorum: 2 of 4 members are present, 3 are needed"):
        vote(sitting, council, at, named(council, FOR, FOR, ABSENT))
    council[2].appointments.update(until=at)
    with pytest.raises(ActRefusedError, match="Every member who is present"):
        vote(sitting, council, at, named(council, FOR, FOR, FOR))
    council[1].appointments.update(until=at)
    with pytest.raises(ActRefusedError, match="No quorum: 1 of 2 members are present, 2 are needed"):
        vote(sitting, council, at, Count(votes_for=1), by=council[0])
    assert not Vote.objects.exists()


def test_a_member_who_left_the_room_has_no_voice_and_is_named(cast: Cast, council: list[Person], at: datetime) -> None:
    proposals = [
        propose(cast, at),
        propose(cast, at, subject="appointment", asked=Asked(person=council[3], duty="teacher")),
    ]
    sitting = call(council, at, *proposals)
    actions.open_sitting(sitting=sitting, present=council, by=council[0], at=at)
    with pytest.raises(ActRefusedError, match="4 members vote, but 3 voices are counted"):
        vote(sitting, council, at, Count(votes_for=3))
    assert vote(sitting, council, at, named(council, FOR, AGAINST, FOR, ABSENT)) == "adopted"
    item = sitting.items.get(position=1)
    assert (item.votes_for, item.votes_against, item.abstained) == (2, 1, 0)
    assert item.votes.get(member=council[3]).get_voice_display() == "does not vote: not in the room"
    assert vote(sitting, council, at, named(council, FOR, FOR, FOR, ABSENT), number=1) == "adopted"


def test_a_member_reads_at_home_what_waits_and_when_the_council_sits(
    cast: Cast, council: list[Person], at: datetime
) -> None:
    def waits(person: Person, when: datetime = at) -> list[str]:
        return [one.text for one in home_part_of(person, when).to_do]

    first, second = propose(cast, at), propose(cast, at)
    assert waits(council[3]) == ["2 proposals wait for a sitting"]
    assert "a sitting" not in "".join(waits(cast.aida))
    sitting = call(council, at, first)
    assert waits(council[3]) == [f"Sitting № {sitting.ref}: methodological council", "1 proposal waits for a sitting"]
    after = at + timedelta(days=1)
    assert waits(council[3], after) == ["1 proposal waits for a sitting"]
    assert waits(council[1], after)[0].startswith("Sitting")
    actions.open_sitting(sitting=sitting, present=council[:3], by=council[0], at=at)
    vote(sitting, council, at, named(council, FOR, FOR, FOR))
    actions.close_sitting(sitting=sitting, in_force_from=school_day(at), by=council[1], at=at)
    assert waits(council[1]) == ["1 proposal waits for a sitting"]
    assert second.items.count() == 0


@given(st.integers(1, 60))
def test_a_quorum_is_more_than_half(members: int) -> None:
    assert quorum_of(members) * 2 > members >= (quorum_of(members) - 1) * 2


def test_an_agenda_is_chosen_from_what_proposals_say(cast: Cast, council: list[Person], at: datetime) -> None:
    proposal = propose(cast, at, text="Китеп окуу үчүн. " * 20)
    form = CallForm(council="methodological", members=council)
    assert f"№ {proposal.ref} · {proposal.get_proposer_display()} · Китеп окуу үчүн. " in str(form["proposals"])
    assert "Китеп окуу үчүн. " * 20 not in str(form["proposals"])


def test_a_sitting_keeps_its_order(cast: Cast, council: list[Person], at: datetime) -> None:
    proposal = propose(cast, at)
    for more, said in (
        ({"date": school_day(at) - timedelta(days=1)}, "later day"),
        ({"secretary": council[0]}, "two people"),
        ({"chair": cast.aida}, "members of the council"),
        ({"council": "pedagogical", "chair": cast.aida, "secretary": cast.ermek}, "not before this council"),
    ):
        with pytest.raises(ActRefusedError, match=said):
            call(council, at, proposal, **more)
    with pytest.raises(ActRefusedError, match="needs an agenda"):
        call(council, at)
    sitting = call(council, at, proposal, date=school_day(at) + timedelta(days=1))
    with pytest.raises(ActRefusedError, match="another sitting"):
        call(council, at, proposal)
    with pytest.raises(ActRefusedError, match="opened on its day"):
        actions.open_sitting(sitting=sitting, present=council, by=council[0], at=at)
    actions.open_sitting(sitting=sitting, present=council, by=council[0], at=at + timedelta(days=1))
    with pytest.raises(ActRefusedError, match="not been voted on yet"):
        actions.close_sitting(sitting=sitting, in_force_from=sitting.date, by=council[0], at=at + timedelta(days=1))
    with pytest.raises(ActRefusedError, match="under way already"):
        actions.open_sitting(sitting=sitting, present=council, by=council[0], at=at + timedelta(days=1))
    assert not Decision.objects.exists()


def test_a_ruling_needs_a_day_of_review(cast: Cast, council: list[Person], at: datetime) -> None:
    sitting = opened(council, at, propose(cast, at))
    for day in (None, school_day(at)):
        with pytest.raises(ActRefusedError, match="looks at it again"):
            vote(sitting, council, at, named(council, FOR, FOR, FOR), review_date=day)
    assert not Vote.objects.exists()
    assert AgendaItem.objects.get().outcome == "open"


def test_the_law_is_not_voted_away(cast: Cast, council: list[Person], at: datetime) -> None:
    with pytest.raises(ActRefusedError, match="Law closes"):
        propose(cast, at, asked=Asked(RulingDraft(group(), RulingEffect.ALLOW, category="gambling")))
    proposal = propose(cast, at, asked=Asked(RulingDraft(group(), RulingEffect.DENY, category="gambling")))
    sitting = opened(council, at, proposal)
    with pytest.raises(ActRefusedError, match="Law closes"):
        vote(sitting, council, at, named(council, FOR, FOR, FOR), effect=RulingEffect.ALLOW)
    assert not Vote.objects.exists()


def test_a_proposal_says_what_it_asks_for(cast: Cast, at: datetime) -> None:
    for more, said in (
        ({"text": "  "}, "what is proposed"),
        ({"asked": None}, "for whom the ruling"),
        ({"subject": "appointment"}, "person and the duty"),
        ({"asked": Asked(RulingDraft(group(), RulingEffect.ALLOW, host="com"))}, "public suffix"),
    ):
        with pytest.raises(ActRefusedError, match=said):
            propose(cast, at, **more)
    assert not Proposal.objects.exists()
    assert not AuditEntry.objects.exists()


def test_each_wrong_role_is_refused(cast: Cast, council: list[Person], at: datetime) -> None:
    with pytest.raises(RightMissingError):
        propose(cast, at, by=cast.timur)
    proposal = propose(cast, at)
    for person in cast.staff().values():
        if person != cast.nurlan:
            with pytest.raises(RightMissingError):
                call(council, at, proposal, by=person)
    sitting = call(council, at, proposal)
    with pytest.raises(ActRefusedError, match="chair and the secretary"):
        actions.open_sitting(sitting=sitting, present=council, by=council[2], at=at)


def test_a_member_dismissed_before_the_day_does_not_sit(cast: Cast, council: list[Person], at: datetime) -> None:
    sitting = call(council, at, propose(cast, at))
    council[3].appointments.update(until=school_day(at))
    with pytest.raises(ActRefusedError, match="Only members"):
        actions.open_sitting(sitting=sitting, present=council, by=council[0], at=at)
    actions.open_sitting(sitting=sitting, present=council[:2], by=council[0], at=at)
    assert Attendance.objects.count() == 3


def test_the_pedagogical_council_is_everybody_who_serves_here(cast: Cast, at: datetime) -> None:
    cast.timur.appointments.create(duty=Duty.AUTHORITY, since=school_day(at))
    sitting = members_of("pedagogical", school_day(at))
    assert set(sitting) == set(cast.staff().values()) - {cast.timur}


def test_a_vote_on_one_item_loses_nothing_typed_on_another(cast: Cast, council: list[Person], at: datetime) -> None:
    sitting = opened(council, at, propose(cast, at), propose(cast, at))
    first, second = sitting.items.all()
    client, path = signed_in(council[0]), f"/council/sittings/{sitting.pk}/items/"
    voices = {f"i{first.pk}-voice-{member.pk}": FOR for member in council[:3]}
    review: dict[str, object] = {f"i{first.pk}-review_date": school_day(at) + timedelta(days=180)}
    review |= {f"i{first.pk}-user_category": "students", f"i{first.pk}-effect": "allow"}
    typed = {f"i{second.pk}-discussion": "Узак талкууланды", f"i{second.pk}-votes_for": "көп"}
    refused = client.post(f"{path}{first.pk}", {**voices, **review, **typed})
    assert refused.status_code == 422, "nothing is resolved yet"
    assert "Узак талкууланды" in refused.content.decode()
    form = {f"i{first.pk}-resolution": "Макул", **voices, **review}
    recorded = client.post(f"{path}{first.pk}", form | typed)
    page = recorded.content.decode()
    assert (recorded.status_code, page.count('class="invalid"')) == (200, 0), "nothing is said about it yet"
    assert "Узак талкууланды" in page
    assert 'value="көп"' in page
    assert list(sitting.items.values_list("outcome", flat=True)) == ["adopted", "open"]
    assert client.post(f"{path}{first.pk}", form | typed).status_code == 422, "nobody votes twice"
