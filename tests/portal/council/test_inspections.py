"""A sitting names on which computers encrypted pages are looked into, with term and review, and says so on screen."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from darbaza.policy.resource import Target
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.actions import adopt_decision
from darbaza.portal.council.inspections import InspectionDraft, on_device
from darbaza.portal.council.models import AgendaItem, Decision, Inspection, Proposal, Sitting
from darbaza.portal.council.sittings import actions
from darbaza.portal.council.sittings.actions import Asked, Resolved
from darbaza.portal.gateways import rulebook
from darbaza.portal.gateways.models import Trust
from darbaza.portal.papers.kinds.minutes import asked_facts, resolved_facts
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.rooms.models import Device, DeviceKind
from darbaza.portal.school_time import school_day
from tests.people import Cast, signed_in
from tests.portal.council.test_sittings import AGAINST, FOR, council, named, opened

__all__ = ["council"]  # the fixture of the sittings' tests


@pytest.fixture
def pc(db: None) -> Device:
    return Device.objects.create(address="10.50.1.11")


def propose(cast: Cast, at: datetime, *devices: Device, **more: object) -> Proposal:
    """Aida asks for it at an informatics lesson's computers; the polyclinic and the bank are spared."""
    reason, spared = (
        str(more.pop("reason", "Информатика сабагы")),
        str(more.pop("spared", "https://klinika.test/oku, Bank.TEST")),
    )
    given: dict[str, object] = {
        "subject": "inspection", "proposer": "teacher", "text": "Барактар боюнча чечим үчүн", "by": cast.aida, "at": at,
        "asked": Asked(inspection=InspectionDraft(devices, reason, spared)),
    }  # fmt: skip
    return actions.make_proposal(**(given | more))  # type: ignore[arg-type] # a test's keywords


def sat(council: list[Person], at: datetime, proposal: Proposal, voice: str = FOR, **more: object) -> AgendaItem:
    """A sitting votes on it, three of three, with a term of 90 days and a review after 60."""
    sitting, day = opened(council, at, proposal), school_day(at)
    given: dict[str, object] = {"until": day + timedelta(days=90), "review_date": day + timedelta(days=60)}
    resolved = Resolved("Макул", **(given | more))  # type: ignore[arg-type] # a test's keywords
    count = named(council, voice, voice, voice)
    return actions.put_to_vote(item=sitting.items.get(), resolved=resolved, count=count, by=council[1], at=at)


def decided(cast: Cast, council: list[Person], at: datetime, *devices: Device) -> Decision:
    item = sat(council, at, propose(cast, at, *devices))
    actions.close_sitting(sitting=item.sitting, in_force_from=school_day(at), by=council[1], at=at)
    return Decision.objects.latest("pk")


def end(cast: Cast, at: datetime, one: Inspection, **more: object) -> Decision:
    given: dict[str, object] = {
        "text": "Бүттү", "minutes_number": "3", "date": school_day(at), "in_force_from": school_day(at),
        "inspections_ended": [one], "by": cast.nurlan, "at": at,
    }  # fmt: skip
    return adopt_decision(**(given | more))  # type: ignore[arg-type] # a test's keywords


def test_a_proposal_a_vote_and_minutes_bring_it_into_the_rulebook_and_the_audit(
    cast: Cast, council: list[Person], at: datetime, pc: Device, last_entry: Callable[[], AuditEntry]
) -> None:
    proposal = propose(cast, at, pc)
    assert last_entry().act == "council:proposal:make"
    item = sat(council, at, proposal)
    assert item.outcome == "adopted"
    assert rulebook.build(at).inspections == ()
    actions.close_sitting(sitting=item.sitting, in_force_from=school_day(at), by=council[1], at=at)
    decision = Decision.objects.get()
    (one,) = rulebook.build(at).inspections
    assert (one.devices, one.ground.ref) == (("10.50.1.11",), decision.ref)
    assert one.spared == (Target("bank.test"), Target("klinika.test"))
    assert one.since <= at < one.until
    (said,) = last_entry().detail["inspections"]
    assert (last_entry().act, said["devices"]) == ("council:sitting:close", ["10.50.1.11"])
    assert rulebook.build(at + timedelta(days=91)).inspections == ()
    proposal.refresh_from_db()
    assert proposal.state == "adopted"


def test_what_is_voted_down_looks_into_nothing(cast: Cast, council: list[Person], at: datetime, pc: Device) -> None:
    item = sat(council, at, propose(cast, at, pc), AGAINST, until=None, review_date=None)
    actions.close_sitting(sitting=item.sitting, in_force_from=school_day(at), by=council[1], at=at)
    assert item.outcome == "declined"
    assert not Decision.objects.exists()
    assert rulebook.build(at).inspections == ()


def test_it_counts_only_where_the_certificate_is_noted(
    cast: Cast, council: list[Person], at: datetime, pc: Device
) -> None:
    decided(cast, council, at, pc)
    assert on_device(pc, at) is None
    Trust.objects.create(device=pc, fingerprint="ab" * 32, since=at, by=cast.ermek)
    fresh = Device.objects.get(pk=pc.pk)
    assert on_device(fresh, at) is not None
    assert on_device(fresh, at + timedelta(days=91)) is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"reason": " "}, "Say what"),
        ({"spared": "good.test 10.0.0.1"}, "10.0.0.1"),
        ({"spared": "com"}, "com"),
        ({"asked": Asked()}, "Name the students' computers"),
        ({"council": "staff-meeting"}, "methodological council"),
    ],
)
def test_a_proposal_that_cannot_stand_is_refused(
    cast: Cast, at: datetime, pc: Device, more: dict[str, object], said: str
) -> None:
    with pytest.raises(ActRefusedError, match=said):
        propose(cast, at, pc, **more)
    assert not Proposal.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_computer_of_staff_is_never_named(cast: Cast, at: datetime, pc: Device) -> None:
    theirs = Device.objects.create(address="10.50.9.11", kind=DeviceKind.STAFF)
    with pytest.raises(ActRefusedError, match="those of staff"):
        propose(cast, at, pc, theirs)


def test_a_computer_that_became_staffs_before_the_sitting_closes_refuses_the_decision(
    cast: Cast, council: list[Person], at: datetime, pc: Device
) -> None:
    item = sat(council, at, propose(cast, at, pc))
    Device.objects.filter(pk=pc.pk).update(kind=DeviceKind.STAFF)
    with pytest.raises(ActRefusedError, match="those of staff"):
        actions.close_sitting(sitting=item.sitting, in_force_from=school_day(at), by=council[1], at=at)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"until": None}, "ends by a day"),
        ({"until": timedelta(days=0)}, "ends by a day"),
        ({"until": timedelta(days=400)}, "ends by a day"),
        ({"review_date": None}, "looks again"),
        ({"review_date": timedelta(days=91)}, "looks again"),
    ],
)
def test_a_term_that_cannot_stand_refuses_the_vote(
    cast: Cast, council: list[Person], at: datetime, pc: Device, more: dict[str, object], said: str
) -> None:
    given = {k: school_day(at) + v if isinstance(v, timedelta) else v for k, v in more.items()}
    proposal = propose(cast, at, pc)
    with pytest.raises(ActRefusedError, match=said):
        sat(council, at, proposal, **given)
    assert AgendaItem.objects.get().outcome == "open"


def test_a_later_decision_ends_it_and_no_decision_without_a_sitting_begins_one(
    cast: Cast, council: list[Person], at: datetime, pc: Device
) -> None:
    decided(cast, council, at, pc)
    one = Inspection.objects.get()
    ended = end(cast, at, one)
    one.refresh_from_db()
    assert (one.until, one.ended_by) == (ended.in_force_from, ended)
    assert rulebook.build(at).inspections == ()
    with pytest.raises(ActRefusedError, match="ended already"):
        end(cast, at, one)
    for person in (cast.aida, cast.ermek):
        with pytest.raises(RightMissingError):
            end(cast, at, one, by=person)
    page = signed_in(cast.nurlan).get("/council/decisions/new").content.decode()
    assert "i-devices" not in page


def test_pages_lead_from_the_proposal_to_the_printed_decision(
    cast: Cast, council: list[Person], at: datetime, pc: Device
) -> None:
    client, day = signed_in(cast.nurlan), school_day(at)
    client.cookies["darbaza_language"] = "en"
    assert "Looking into encrypted pages" in client.get("/council/proposals/new").content.decode()
    posted = client.post("/council/proposals/new", {
        "council": "methodological", "subject": "inspection", "proposer": "administration", "text": "Сунуш",
        "devices": [pc.pk], "purpose": "Информатика", "spared": "klinika.test",
    })  # fmt: skip
    assert posted.status_code == 302, posted.content.decode()[-3000:]
    proposal = Proposal.objects.get()
    shown = client.get(posted.url).content.decode()
    sitting = opened(council, at, proposal)
    item, page = sitting.items.get(), client.get(f"/council/sittings/{sitting.pk}/").content.decode()
    for text in ("10.50.1.11", "klinika.test", "Информатика"):
        assert text in shown
        assert text in page
    assert f"i{item.pk}-until" in page
    assert f"i{item.pk}-effect" not in page
    voices = {f"i{item.pk}-voice-{member.pk}": FOR for member in council[:3]}
    term = {f"i{item.pk}-until": day + timedelta(days=30), f"i{item.pk}-review_date": day + timedelta(days=20)}
    form = {f"i{item.pk}-resolution": "Макул", **term, **voices}
    assert client.post(f"/council/sittings/{sitting.pk}/items/{item.pk}", form).status_code == 302
    client.post(f"/council/sittings/{sitting.pk}/close", {"in_force_from": day})
    sitting = Sitting.objects.get(pk=sitting.pk)
    printed = client.get(f"/council/decisions/{sitting.decision_id}/").content.decode()
    for text in ("Encrypted pages are looked into", "10.50.1.11", "klinika.test", "Информатика"):
        assert text in printed
    item.refresh_from_db()
    assert asked_facts(proposal)["computers"] == ["10.50.1.11"]
    assert resolved_facts(item)["until"] == (day + timedelta(days=30)).isoformat()
