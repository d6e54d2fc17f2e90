"""The matrix over real records: each piece of evidence comes from an act, and goes with it."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from python_calamine import CalamineWorkbook

from darbaza.portal.audit.actions import seal_what_was_before
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import OrderAct, OrderKind
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import sign_order
from darbaza.portal.evidence import actions, gathering, register
from darbaza.portal.evidence.judging import Control, Judgement, State
from darbaza.portal.evidence.matrix import facts_of, matrix
from darbaza.portal.evidence.models import ChainReading, MatrixRecord
from darbaza.portal.evidence.wording import told
from darbaza.portal.gateways.models import Box
from darbaza.portal.papers import rendering, setter
from darbaza.portal.papers.documents import gather
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, RightMissingError, holds
from darbaza.portal.school_time import school_day
from tests.people import Cast, make_room, make_staff, signed_in
from tests.portal.audit.test_chain import tamper
from tests.portal.council import test_regulation as regulation
from tests.portal.papers import pdfa, records


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs of other tests are not this school's."""
    monkeypatch.setattr(settings, "STATE", tmp_path)


def state(clause: str, at: datetime) -> State:
    return found(clause, at).state


def found(clause: str, at: datetime) -> Judgement:
    return next(one for one in matrix(at) if one.clause == clause)


def appoint(cast: Cast, at: datetime, duty: Duty) -> None:
    sign_order(
        kind=OrderKind.STAFF,
        text="Дайындоо",
        points=[Point(OrderAct.APPOINT, make_staff("Алымов", "Азат"), duty)],
        in_force_from=school_day(at),
        by=cast.gulnara,
        at=at,
    )


def hear(at: datetime, **health: object) -> Box:
    """A gateway says how it is."""
    said = {"lists": {"good": (at - timedelta(days=1)).isoformat()}} | health
    box, _new = Box.objects.update_or_create(
        name="box-1", defaults={"token_hash": "0" * 64, "enrolled_at": at, "last_seen": at, "health": said}
    )
    return box


def test_a_school_without_acts_has_nothing_met(db: None, at: datetime) -> None:
    met = {one.clause for one in matrix(at) if one.state is State.MET}
    assert not met


def test_an_order_makes_a_clause_met_and_the_end_of_its_term_unmakes_it(cast: Cast, at: datetime) -> None:
    assert state("1.3", at) is State.NOT, "a duty without an order proves nothing"
    appoint(cast, at, Duty.ICT_RESPONSIBLE)
    assert state("1.3", at) is State.MET
    old = found("1.3", at + timedelta(days=401))
    assert old.state is State.NOT
    assert old.stale


def test_the_regulation_counts_once_an_act_has_approved_it(cast: Cast, at: datetime) -> None:
    version = regulation.draft(cast, at)
    assert state("1.1", at) is State.NOT
    regulation.approve(cast, at, version)
    assert state("1.1", at) is State.MET


def test_supervision_is_proved_by_the_corpus_and_a_gateway_that_was_heard_of(cast: Cast, at: datetime) -> None:
    assert state("2.9", at) is State.NOT
    hear(at)
    assert state("2.9", at) is State.MET
    assert state("2.11", at) is State.MET
    assert state("2.9", at + timedelta(minutes=16)) is State.NOT
    hear(at, engines={"squid": {"ok": False}})
    assert state("2.9", at) is State.NOT


def test_lists_that_are_too_old_do_not_count(cast: Cast, at: datetime) -> None:
    hear(at, lists={"good": (at - timedelta(days=8)).isoformat()})
    assert found("2.11", at).stale
    hear(at, lists={"good": "yesterday"})
    assert state("2.11", at) is State.NOT


def test_a_sitting_proves_that_the_council_decides_and_answers(cast: Cast, at: datetime) -> None:
    assert state("2.6", at) is State.NOT
    records.hold_sitting(cast, at)
    assert state("2.6", at) is State.MET


def test_a_proposal_that_waits_too_long_speaks_against_the_council(cast: Cast, at: datetime) -> None:
    records.hold_sitting(cast, at)
    late = at + gathering.LONGEST_WAIT + timedelta(days=1)
    records.propose(cast, at)
    assert state("2.6", late) is State.PARTLY


def test_rooms_count_while_an_order_equips_one(cast: Cast, at: datetime) -> None:
    appoint(cast, at, Duty.INTERNET_RESPONSIBLE)
    hear(at)
    assert state("2.5", at) is State.PARTLY
    sign_order(
        kind=OrderKind.ROOMS,
        text="Бөлмө",
        points=[Point(OrderAct.EQUIP, room=make_room())],
        in_force_from=school_day(at),
        by=cast.gulnara,
        at=at,
    )
    assert state("2.5", at) is State.MET


def test_a_chain_that_was_read_proves_that_acts_are_sealed(
    cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]
) -> None:
    appoint(cast, at, Duty.ICT_RESPONSIBLE)
    assert state("1.2", at) is State.PARTLY, "the corpus alone"
    seal_what_was_before(at=at)  # the cast has its duties from nowhere
    actions.read_chain(by=cast.ermek, at=at)
    assert last_entry().act == "evidence:chain:read"
    assert state("1.2", at) is State.MET
    tamper("UPDATE audit_auditentry SET subject = 'x' WHERE number = 1")
    with pytest.raises(CommandError, match="the audit is changed at entry `1`"):
        call_command("read_chain", stdout=io.StringIO())
    later = ChainReading.objects.latest("at").at
    assert state("1.2", later) is State.PARTLY


def test_reading_and_recording_need_their_rights(cast: Cast, at: datetime) -> None:
    with pytest.raises(RightMissingError):
        actions.read_chain(by=cast.aida, at=at)
    with pytest.raises(RightMissingError):
        actions.record_matrix(by=cast.aida, at=at)


def test_what_is_not_built_is_never_met_and_says_so(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    for clause in ("2.14", "2.15"):
        monkeypatch.setitem(register.BY_CLAUSE, clause, (Control("consent"),))
        assert state(clause, at) is State.NOT
    rows = {row.clause: row for row in told(facts_of(matrix(at), at))}
    assert "This version has nothing that proves it" in rows["2.15"].reason


def test_a_record_is_printed_as_it_stood(cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]) -> None:
    appoint(cast, at, Duty.ICT_RESPONSIBLE)
    made = actions.record_matrix(by=cast.gulnara, at=at)
    assert last_entry().act == Right.EVIDENCE_MATRIX_RECORD
    assert last_entry().detail["1.3"] == "met"
    document = gather("matrix", made.ref)
    assert document is not None
    assert document.digest == gather("matrix", made.ref).digest  # type: ignore[union-attr] # it is there
    html = rendering.html_of(document, "ky")
    assert "2.17" in html
    assert not any(person.surname in html for person in cast.staff().values())


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_the_sheet_is_pdf_a(cast: Cast, at: datetime) -> None:
    made = actions.record_matrix(by=cast.gulnara, at=at)
    document = gather("matrix", made.ref)
    assert document is not None
    assert pdfa.faults_of(setter.pdf(rendering.html_of(document, "ru"))) == []


PAGES = ("/evidence/", "/evidence/matrix.csv", "/evidence/matrix.xlsx")


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_open_to_whoever_may_read_the_matrix(cast: Cast, page: str) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - pages read the clock themselves
    for person in cast.staff().values():
        expected = 200 if holds(person, Right.EVIDENCE_MATRIX_READ, now) else 403
        assert signed_in(person).get(page).status_code == expected, person
    assert Client().get(page).status_code == 302
    assert signed_in(cast.gulnara).post(page).status_code == 405


def links_of_proofs(reader: Person) -> set[str]:
    page = signed_in(reader).get("/evidence/").content.decode()
    return set(re.findall('<a href="(/[^"]+)"', page.partition("<tbody>")[2]))


def test_a_proof_links_only_to_pages_that_its_reader_may_open(cast: Cast) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - pages read the clock themselves
    hear(now)
    appoint(cast, now, Duty.AUTHORITY)
    authority = Person.objects.get(surname="Алымов")
    links = {reader: links_of_proofs(reader) for reader in (cast.gulnara, authority)}
    assert "/boxes/" in links[cast.gulnara], "the director looks at the gateway that was heard of"
    assert links[authority] < links[cast.gulnara]
    assert {signed_in(reader).get(link).status_code for reader in links for link in links[reader]} == {200}


@pytest.mark.parametrize("act", ["/evidence/chain", "/evidence/record"])
def test_the_acts_reject_get_strangers_and_a_missing_token(cast: Cast, act: str) -> None:
    assert signed_in(cast.gulnara).get(act).status_code == 405
    assert signed_in(cast.aida).post(act).status_code == 403
    assert Client().post(act).status_code == 302
    strict = Client(enforce_csrf_checks=True)
    assert cast.gulnara.user is not None
    strict.force_login(cast.gulnara.user, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(act).status_code == 403
    assert signed_in(cast.gulnara).post(act).status_code == 302
    assert ChainReading.objects.count() + MatrixRecord.objects.count() == 1


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_a_sheet_has_a_line_for_every_clause_and_no_formula(cast: Cast, language: str) -> None:
    client = signed_in(cast.gulnara)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    rows = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/evidence/matrix.xlsx").content)).get_sheet_by_index(0)
    clauses = {str(row[0]) for row in rows.to_python()[1:]}
    assert {"1.1", "2.10", "3.4"} <= clauses
    text = client.get("/evidence/matrix.csv").content.decode("utf-8-sig")
    assert text.count(";") > 100
    page = client.get("/evidence/").content.decode()
    assert f'<html lang="{language}">' in page
