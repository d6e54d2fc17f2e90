"""Records held to the chain: whoever changes a table behind the acts is found, and no act breaks a seal of another."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from darbaza.portal.audit import checkpoint, seals
from darbaza.portal.audit.actions import SealedBeforeError, record, seal_what_was_before
from darbaza.portal.audit.chain import ChainCheck, Fault
from darbaza.portal.audit.models import AuditEntry, ChainHead
from darbaza.portal.council.models import Order, OrderKind, Sitting
from darbaza.portal.council.orders import emergencies
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import sign_order
from darbaza.portal.papers import actions as papers
from darbaza.portal.papers.actions import Examined
from darbaza.portal.papers.models import Scan
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment
from tests.people import Cast, signed_in
from tests.portal.audit import damages
from tests.portal.audit.test_chain import tamper
from tests.portal.papers import records

pytestmark = pytest.mark.bypass("X08")


@dataclass
class Acts:
    """What was done in this portal: an order, a sitting with its minutes and decision, and a scan."""

    order: Order
    sitting: Sitting
    scan: Scan
    cast: Cast

    def statement(self, text: str) -> str:
        """A statement with the keys of these records in it."""
        keys = {"order": self.order.pk, "decision": self.sitting.decision_id, "timur": self.cast.timur.pk}
        return text.format(**keys)


@pytest.fixture
def done(cast: Cast, at: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Acts:
    """A portal with acts, all of them sealed; the cast's own duties are from before."""
    monkeypatch.setattr(settings, "STATE", tmp_path)
    seal_what_was_before(at=at)
    order = records.make_order(cast, at)
    data = b"%PDF-scan"
    file = Examined("a.pdf", data, "application/pdf", 1, hashlib.sha256(data).hexdigest())
    scan = papers.attach_scan(kind="order", ref=order.ref, file=file, by=cast.zarina, at=at)
    sitting = records.hold_sitting(cast, at)
    seal_members(at)
    return Acts(order, sitting, scan, cast)


def seal_members(at: datetime) -> None:
    """The council of these tests has its duties from nowhere: let the chain know them."""
    with transaction.atomic():
        names = seals.unsealed(seals.stored())
        record(act="test:thing:do", by=None, at=at, subject="", detail=seals.sealing(*names))


def test_records_that_acts_wrote_are_as_they_were_sealed(done: Acts) -> None:
    check = seals.verify()
    assert check.intact, check
    kinds = {name.partition("/")[0] for name in seals.stored()}
    assert {"order", "duties", "room", "decision", "minutes", "scan"} <= kinds
    assert check.sealed == len(seals.stored())


TAMPERINGS = [
    ("UPDATE council_order SET text = 'x' WHERE id = {order}", "order"),
    ("UPDATE council_order SET signed_by_id = {timur} WHERE id = {order}", "order"),
    ("UPDATE council_orderpoint SET duty = 'director' WHERE order_id = {order} AND position = 1", "order"),
    ("DELETE FROM council_orderpoint WHERE order_id = {order}", "order"),
    ("UPDATE people_appointment SET duty = 'director' WHERE person_id = {timur}", "duties"),
    ("UPDATE people_appointment SET until = '2020-09-02' WHERE person_id = {timur}", "duties"),
    ("UPDATE people_person SET public_id = 'x' WHERE id = {timur}", "duties"),
    ("UPDATE rooms_room SET order_number = '2025-1'", "room"),
    ("UPDATE council_ruling SET effect = 'deny'", "decision"),
    ("UPDATE council_ruling SET target_host = 'oyun.test'", "decision"),
    ("DELETE FROM council_ruling", "decision"),
    ("UPDATE council_decision SET in_force_from = '2020-09-01' WHERE id = {decision}", "decision"),
    ("UPDATE council_vote SET voice = 'against'", "minutes"),
    ("UPDATE council_agendaitem SET resolution = 'x'", "minutes"),
    ("UPDATE council_attendance SET present = NOT present", "minutes"),
    ("UPDATE papers_scan SET ref = '2026-9'", "scan"),
]


@pytest.mark.parametrize(("statement", "kind"), TAMPERINGS, ids=[one for one, _kind in TAMPERINGS])
def test_a_record_changed_in_its_table_is_named(done: Acts, statement: str, kind: str) -> None:
    if "people_appointment SET until" in statement:
        statement = statement.replace("'2020-09-02'", "'2040-09-01'")
    tamper(done.statement(statement))
    check = seals.verify()
    assert check.fault in {Fault.ALTERED, Fault.GONE}, check
    assert check.record.partition("/")[0] == kind
    entry = AuditEntry.objects.get(number=check.number)
    assert check.record in entry.detail["seals"]


def test_rows_that_change_places_are_named(done: Acts, at: datetime) -> None:
    other = sign_order(kind=OrderKind.OTHER, text="Башка буйрук.", in_force_from=None, by=done.cast.gulnara, at=at)
    for one, text in ((done.order, other.text), (other, done.order.text)):
        tamper("UPDATE council_order SET text = %s WHERE id = %s", text, one.pk)
    assert found(seals.verify()) == (Fault.ALTERED, f"order/{done.order.ref}")
    for one, text in ((done.order, done.order.text), (other, other.text)):
        tamper("UPDATE council_order SET text = %s WHERE id = %s", text, one.pk)
    assert seals.verify().intact


def test_a_record_slipped_in_rests_on_no_act(done: Acts, at: datetime) -> None:
    forged = Appointment(person=done.cast.timur, duty=Duty.DIRECTOR, since=at)
    Appointment.objects.bulk_create([forged])
    assert found(seals.verify()) == (Fault.ALTERED, f"duties/{done.cast.timur.public_id}")
    forged.delete()
    assert seals.verify().intact
    Order.objects.filter(pk=done.order.pk).update(number=99)
    check = seals.verify()
    assert found(check) == (Fault.GONE, f"order/{done.order.ref}")
    Order.objects.filter(pk=done.order.pk).update(number=done.order.number)
    Order.objects.create(
        year=2026, number=99, date=at.date(), kind=OrderKind.OTHER, text="…", signed_by=done.cast.gulnara,
        signed_at=at, in_force_from=at,
    )  # fmt: skip
    check = seals.verify()
    assert (*found(check), check.number) == (Fault.UNSEALED, "order/2026-99", 0)


@pytest.mark.parametrize("left", [b"%PDF-other", None], ids=["changed", "removed"])
def test_a_scan_whose_file_was_touched_is_named(done: Acts, left: bytes | None) -> None:
    path = papers.file_of(done.scan.sha256)
    if left is None:
        path.unlink()
    else:
        path.write_bytes(left)
    assert found(seals.verify()) == (Fault.ALTERED, f"scan/{done.scan.pk}")


def test_whoever_reseals_must_reckon_the_chain_anew_and_paper_shows_it(done: Acts) -> None:
    """An enemy changes a vote, seals it, and makes the whole chain fit: only the checkpoint on the minutes tells."""
    paper = checkpoint.of_entry(AuditEntry.objects.order_by("-number")[0]).short()
    tamper("UPDATE council_vote SET voice = 'against'")
    check = seals.verify()
    entries = list(AuditEntry.objects.order_by("number"))
    place = check.number - 1
    digest = seals.digest_of(check.record)
    assert digest is not None
    text = entries[place].detail_text.replace(entries[place].detail["seals"][check.record], digest)
    rewrite(entries, place, text)
    assert seals.verify().intact, "it fits in itself"
    with pytest.raises(CommandError, match="is rewritten: it is not the one on paper"):
        call_command("audit", "verify", "--checkpoint", paper, stdout=StringIO())


def rewrite(entries: list[AuditEntry], place: int, text: str) -> None:
    """Reckon the stored chain anew from an entry on, with another detail there."""
    rows = [
        damages.Row(one.number, one.at, one.act, one.by, one.subject, one.detail_text, one.previous, one.digest)
        for one in entries
    ]
    made = damages.resealed([*rows[:place], rows[place]._replace(detail=text), *rows[place + 1 :]], place)
    for row in made[place:]:
        tamper(
            "UPDATE audit_auditentry SET detail_text = %s, previous = %s, digest = %s WHERE number = %s",
            row.detail, row.previous, row.digest, row.number,
        )  # fmt: skip
    tamper("UPDATE audit_chainhead SET digest = %s", made[-1].digest)
    assert ChainHead.objects.get().digest == made[-1].digest


def test_acts_that_change_what_others_wrote_seal_it_anew(done: Acts, at: datetime) -> None:
    cast, later = done.cast, at + timedelta(minutes=5)
    records.make_order(cast, later, repeals=done.order)
    assert seals.verify().intact, "repealed"
    records.end_rulings(cast, done.sitting, later)
    assert seals.verify().intact, "rulings ended"
    papers.withdraw_scan(scan=done.scan, reason="Ката", by=cast.zarina, at=later)
    assert seals.verify().intact, "scan withdrawn"
    point = Point(records.OrderAct.APPOINT, cast.timur, Duty.TEACHER)
    given = emergencies.give_in_emergency(point=point, reason="Оорулуу", by=cast.ermek, at=later)
    assert seals.verify().intact, "emergency"
    emergencies.end_emergency(emergency=given, by=cast.ermek, at=later + timedelta(minutes=1))
    assert seals.verify().intact, "emergency ended"


def test_what_was_there_before_is_sealed_once_and_what_comes_after_by_its_act(cast: Cast, at: datetime) -> None:
    assert found(seals.verify())[0] is Fault.UNSEALED
    out = StringIO()
    call_command("audit", "seal", stdout=out)
    assert "records sealed" in out.getvalue()
    assert seals.verify().intact
    call_command("audit", "seal", stdout=out)
    assert "0 records sealed" in out.getvalue()
    Appointment.objects.create(person=cast.timur, duty=Duty.DIRECTOR, since=at)
    with pytest.raises(SealedBeforeError):
        seal_what_was_before(at=at)
    with pytest.raises(CommandError, match="made past the acts"):
        call_command("audit", "seal", stdout=out)


def test_the_command_and_the_page_name_the_record_in_words(done: Acts, at: datetime) -> None:
    out = StringIO()
    call_command("audit", "verify", stdout=out)
    assert "records are as they were sealed" in out.getvalue()
    page = signed_in(done.cast.ermek)
    assert "Бекемделген иш кагаздары" in page.get("/audit?check").content.decode()
    tamper(done.statement("UPDATE people_appointment SET duty = 'director' WHERE person_id = {timur}"))
    with pytest.raises(CommandError, match=r"record `duties/.*` was changed past the acts"):
        call_command("audit", "verify", stdout=out)
    said = page.get("/audit?check").content.decode()
    assert "Иш кагазы кол коюлган бойдон эмес: адамдын милдеттери Исаков Т." in said
    assert "seals:" not in said


def found(check: ChainCheck) -> tuple[Fault | None, str]:
    """Fault and record."""
    return check.fault, check.record
