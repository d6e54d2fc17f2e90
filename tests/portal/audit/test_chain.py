"""The audit's chain: every tampering is found and named."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from darbaza.portal.audit import canonical
from darbaza.portal.audit.actions import record
from darbaza.portal.audit.chain import Fault, verify
from darbaza.portal.audit.models import AuditEntry, ChainHead
from tests.people import Cast
from tests.portal.conftest import AT


def write(number: int) -> None:
    """Entries one after another."""
    for index in range(number):
        with transaction.atomic():
            record(act="test:thing:do", by=None, at=AT, subject=f"thing {index}", detail={"index": index})


def tamper(statement: str, *values: object) -> None:
    """Change the table behind Django's back, as someone with the database in hand would."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.django_db
def test_an_untouched_chain_holds() -> None:
    write(5)
    check = verify()
    assert (check.intact, check.checked, check.number) == (True, 5, 5)
    assert check.digest == ChainHead.objects.get().digest


@pytest.mark.django_db
def test_an_empty_chain_holds() -> None:
    assert verify().intact


@pytest.mark.bypass("X08")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("act", "test:thing:undo"),
        ("by", "somebody"),
        ("subject", "another thing"),
        ("detail_text", '{"index":9}'),
        ("digest", "0" * 64),
    ],
)
def test_a_changed_entry_is_found(column: str, value: str) -> None:
    write(5)
    tamper(f'UPDATE audit_auditentry SET "{column}" = %s WHERE number = 3', value)  # noqa: S608 - columns of this test
    check = verify()
    assert (check.fault, check.number, check.checked) == (Fault.CHANGED, 3, 2)


@pytest.mark.django_db
def test_a_moved_instant_is_found() -> None:
    write(3)
    entry = AuditEntry.objects.get(number=2)
    super(type(AuditEntry.objects.all()), AuditEntry.objects.filter(number=2)).update(
        at=entry.at + timedelta(seconds=1)
    )
    assert (verify().fault, verify().number) == (Fault.CHANGED, 2)


@pytest.mark.bypass("X08")
@pytest.mark.django_db
def test_a_removed_entry_is_found() -> None:
    write(5)
    tamper("DELETE FROM audit_auditentry WHERE number = 3")
    assert (verify().fault, verify().number) == (Fault.MISSING, 3)


@pytest.mark.bypass("X08")
@pytest.mark.django_db
def test_a_chain_cut_at_its_end_is_found() -> None:
    write(5)
    tamper("DELETE FROM audit_auditentry WHERE number = 5")
    check = verify()
    assert (check.fault, check.number, check.checked) == (Fault.CUT, 5, 4)


@pytest.mark.bypass("X08")
@pytest.mark.django_db
def test_an_entry_rewritten_with_its_own_digest_breaks_the_next() -> None:
    write(5)
    entry = AuditEntry.objects.get(number=3)
    entry.subject = "forged"
    tamper("UPDATE audit_auditentry SET subject = %s, digest = %s WHERE number = 3", "forged", entry.expected_digest())
    assert (verify().fault, verify().number) == (Fault.UNLINKED, 4)


@pytest.mark.bypass("X08")
@pytest.mark.django_db
def test_a_chain_rewritten_whole_does_not_hold_the_entry_noted_on_paper() -> None:
    write(3)
    noted = str(ChainHead.objects.get())
    tamper("DELETE FROM audit_auditentry")
    tamper("UPDATE audit_chainhead SET number = 0, digest = %s", canonical.GENESIS)
    with transaction.atomic():
        record(act="test:thing:do", by=None, at=AT, subject="forged")
    call_command("audit", "verify", stdout=StringIO())
    with pytest.raises(CommandError, match=r"is rewritten|are cut off"):
        call_command("audit", "verify", "--expect", noted, stdout=StringIO())


@pytest.mark.django_db
def test_an_entry_is_never_changed_or_removed() -> None:
    write(1)
    entry = AuditEntry.objects.get()
    for attempt in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(subject="other"),
        lambda: AuditEntry.objects.bulk_update([entry], ["subject"]),
    ):
        with pytest.raises(PermissionError, match="never"):
            attempt()


@pytest.mark.bypass("X05")
@pytest.mark.django_db
def test_an_entry_falls_with_its_act(cast: Cast) -> None:
    def act() -> None:
        with transaction.atomic():
            record(act="test:thing:do", by=cast.ermek, at=AT, subject="thing")
            raise RuntimeError("the act failed")

    with pytest.raises(RuntimeError, match="the act failed"):
        act()
    assert not AuditEntry.objects.exists()
    assert verify().intact


@pytest.mark.bypass("X05")
@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="outside a transaction"):
        record(act="test:thing:do", by=None, at=AT, subject="thing")


@pytest.mark.django_db(transaction=True)
def test_acts_at_the_same_time_take_their_numbers_one_by_one() -> None:
    ChainHead.objects.get_or_create(pk=1)
    failures: list[BaseException] = []

    def act() -> None:
        try:
            write(8)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert (verify().intact, verify().checked) == (True, 40)


@pytest.mark.bypass("X08")
@pytest.mark.django_db
def test_the_command_names_the_first_bad_entry() -> None:
    write(4)
    out = StringIO()
    call_command("audit", "verify", stdout=out)
    assert "4 entries hold; head 4:" in out.getvalue()
    tamper("UPDATE audit_auditentry SET subject = 'x' WHERE number = 2")
    with pytest.raises(CommandError, match=r"audit entry `2` is changed: .*; entries up to 1 hold"):
        call_command("audit", "verify", stdout=StringIO())


def test_an_instant_is_written_alike_in_every_zone() -> None:
    there = AT.astimezone(timezone(timedelta(hours=6)))
    assert canonical.instant_text(there) == canonical.instant_text(AT) == "2026-11-23T04:00:00.000000+00:00"


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.booleans(), st.none())))
def test_a_detail_is_canonical_whatever_its_order(detail: dict[str, object]) -> None:
    shuffled = dict(reversed(list(detail.items())))
    assert canonical.detail_text(detail) == canonical.detail_text(shuffled)
    canonical.detail_text(detail).encode("ascii")


def test_neighbouring_fields_are_never_confused() -> None:
    common = {"number": 1, "at": datetime(2026, 1, 1, tzinfo=UTC), "by": "", "detail": "{}", "previous": ""}
    assert canonical.digest(act="a", subject="bc", **common) != canonical.digest(act="ab", subject="c", **common)  # type: ignore[arg-type]
