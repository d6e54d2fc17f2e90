"""A decision names on which computers encrypted pages are looked into, with term and review, and says so on screen."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from darbaza.policy.resource import Target
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council import actions
from darbaza.portal.council.inspections import InspectionDraft, on_device
from darbaza.portal.council.models import Decision, Inspection
from darbaza.portal.gateways import rulebook
from darbaza.portal.gateways.models import Trust
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.rooms.models import Device, DeviceKind
from darbaza.portal.school_time import school_day
from tests.people import Cast, signed_in


@pytest.fixture
def pc(db: None) -> Device:
    return Device.objects.create(address="10.50.1.11")


def draft(at: datetime, *devices: Device, **more: object) -> InspectionDraft:
    day = school_day(at)
    given: dict[str, object] = {
        "devices": devices, "reason": "Информатика сабагы", "until": day + timedelta(days=90),
        "review_date": day + timedelta(days=60), "spared": "https://klinika.test/oku, Bank.TEST",
    }  # fmt: skip
    return InspectionDraft(**(given | more))  # type: ignore[arg-type] # a test's keywords


def adopt(cast: Cast, at: datetime, *drafts: InspectionDraft, **more: object) -> Decision:
    given: dict[str, object] = {
        "text": "Чечим", "minutes_number": "3", "date": school_day(at), "in_force_from": school_day(at),
        "inspections": drafts, "by": cast.nurlan, "at": at,
    }  # fmt: skip
    return actions.adopt_decision(**(given | more))  # type: ignore[arg-type] # a test's keywords


def test_it_travels_in_the_rulebook_and_is_audited(
    cast: Cast, at: datetime, pc: Device, last_entry: Callable[[], AuditEntry]
) -> None:
    decision = adopt(cast, at, draft(at, pc))
    (one,) = rulebook.build(at).inspections
    assert (one.devices, one.ground.ref) == (("10.50.1.11",), decision.ref)
    assert one.spared == (Target("bank.test"), Target("klinika.test"))
    assert one.since <= at < one.until
    (said,) = last_entry().detail["inspections"]
    assert said["devices"] == ["10.50.1.11"]
    assert rulebook.build(at + timedelta(days=91)).inspections == ()


def test_it_counts_only_where_the_certificate_is_noted(cast: Cast, at: datetime, pc: Device) -> None:
    adopt(cast, at, draft(at, pc))
    assert on_device(pc, at) is None
    Trust.objects.create(device=pc, fingerprint="ab" * 32, since=at, by=cast.ermek)
    fresh = Device.objects.get(pk=pc.pk)
    assert on_device(fresh, at) is not None
    assert on_device(fresh, at + timedelta(days=91)) is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"devices": ()}, "Name the students' computers"),
        ({"reason": " "}, "Say what"),
        ({"until": None}, "ends by a day"),
        ({"until": timedelta(days=0)}, "ends by a day"),
        ({"until": timedelta(days=400)}, "ends by a day"),
        ({"review_date": None}, "looks again"),
        ({"review_date": timedelta(days=91)}, "looks again"),
        ({"spared": "good.test 10.0.0.1"}, "10.0.0.1"),
        ({"spared": "com"}, "com"),
    ],
)
def test_what_cannot_stand_refuses_the_whole_decision(
    cast: Cast, at: datetime, pc: Device, more: dict[str, object], said: str
) -> None:
    given = {k: school_day(at) + v if isinstance(v, timedelta) else v for k, v in more.items()}
    with pytest.raises(ActRefusedError, match=said):
        adopt(cast, at, draft(at, pc, **given))
    assert not Decision.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_computer_of_staff_is_never_named(cast: Cast, at: datetime) -> None:
    theirs = Device.objects.create(address="10.50.9.11", kind=DeviceKind.STAFF)
    with pytest.raises(ActRefusedError, match="those of staff"):
        adopt(cast, at, draft(at, theirs))


def test_a_later_decision_ends_it(cast: Cast, at: datetime, pc: Device) -> None:
    adopt(cast, at, draft(at, pc))
    one = Inspection.objects.get()
    ended = adopt(cast, at, inspections_ended=[one])
    one.refresh_from_db()
    assert (one.until, one.ended_by) == (ended.in_force_from, ended)
    assert rulebook.build(at).inspections == ()
    with pytest.raises(ActRefusedError, match="ended already"):
        adopt(cast, at, inspections_ended=[one])


def test_each_wrong_role_is_refused(cast: Cast, at: datetime, pc: Device) -> None:
    for person in (cast.aida, cast.ermek):
        with pytest.raises(RightMissingError):
            adopt(cast, at, draft(at, pc), by=person)


def test_it_is_entered_on_the_page_and_printed_and_seen_in_force(cast: Cast, at: datetime, pc: Device) -> None:
    client, day = signed_in(cast.nurlan), school_day(at)
    client.cookies["darbaza_language"] = "en"
    assert "Looking into encrypted pages" in client.get("/council/decisions/new").content.decode()
    posted = client.post("/council/decisions/new", {
        "council": "methodological", "date": day, "in_force_from": day, "minutes_number": "4", "text": "Чечим",
        "r-TOTAL_FORMS": "0", "r-INITIAL_FORMS": "0", "i-devices": [pc.pk], "i-reason": "Информатика",
        "i-until": day + timedelta(days=30), "i-review_date": day + timedelta(days=20), "i-spared": "klinika.test",
    })  # fmt: skip
    assert posted.status_code == 302, posted.content.decode()[-3000:]
    printed = client.get(posted.url).content.decode()
    for text in ("Encrypted pages are looked into", "10.50.1.11", "klinika.test", "Информатика"):
        assert text in printed
