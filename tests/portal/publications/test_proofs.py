"""Clauses 2.14-2.17 and 3.2 in the matrix: proved by what the school did, and no longer once it has not."""

from datetime import datetime, timedelta

import pytest

from darbaza.portal.council.models import OrderAct, OrderKind
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import sign_order
from darbaza.portal.evidence.judging import State
from darbaza.portal.evidence.matrix import facts_of, matrix
from darbaza.portal.evidence.wording import told
from darbaza.portal.people.duties import Duty
from darbaza.portal.publications import actions, aftermath, proofs
from darbaza.portal.publications.models import TakeDown
from darbaza.portal.school_time import school_day
from darbaza.publication.matter import Answer
from tests.people import Cast, make_staff
from tests.portal.publications.conftest import Desk

pytestmark = pytest.mark.django_db


def states(at: datetime, *clauses: str) -> list[State]:
    found = {one.clause: one.state for one in matrix(at)}
    return [found[clause] for clause in clauses]


def test_every_example_of_the_gate_is_answered_in_this_very_program_as_it_must_be(at: datetime) -> None:
    run = {one.kind: one for one in proofs.examples_run(at)}
    assert {"gate:2.14", "gate:2.15", "gate:2.16", "gate:2.17", "gate:3.2", "gate:2.6"} == set(run)
    assert all(one.holds for one in run.values())
    assert sum(one.values["all"] for one in run.values()) >= 55


def test_what_a_school_did_proves_the_clauses_for_as_long_as_it_is_fresh(desk: Desk, cast: Cast, at: datetime) -> None:
    every = ("2.14", "2.15", "2.16", "2.17")
    assert State.MET not in states(at, *every)
    responsible = make_staff("Алымов", "Азат")
    point = Point(OrderAct.APPOINT, responsible, Duty.INTERNET_RESPONSIBLE)
    order = {"kind": OrderKind.STAFF, "text": "Дайындоо", "points": [point], "in_force_from": school_day(at)}
    sign_order(**order, by=cast.gulnara, at=at)  # type: ignore[arg-type] # a test's keywords
    desk.agree(cast.bek)
    desk.publish(desk.ready())
    elsewhere = desk.publish(desk.ready(Answer.REMOVE, channel="telegram"))
    aftermath.compare(at)
    assert states(at, *every) == [State.MET] * 4
    rows = {row.clause: row for row in told(facts_of(matrix(at), at))}
    assert any("2 of 2 publications" in proof.text for one in rows["2.14"].controls for proof in one.proofs)
    assert states(at + timedelta(days=3), "2.15", "2.16") == [State.PARTLY, State.NOT], "nobody compares any more"
    desk.withdraw(cast.bek)
    assert State.MET not in states(at, "2.15", "2.16", "2.17"), "no consent is in force"
    actions.take_down(placement=elsewhere, reason="Ката бар", by=cast.jyldyz, at=at)
    TakeDown.objects.update(due=school_day(at) - timedelta(days=1))
    rows = {row.clause: row for row in told(facts_of(matrix(at), at))}
    assert "comes down in time: does not hold" in rows["2.15"].reason


def test_a_doubted_fact_is_seen_in_the_matrix(desk: Desk, cast: Cast, at: datetime) -> None:
    draft = desk.ready(Answer.REMOVE)
    desk.publish(draft)
    assert states(at, "2.14") == [State.MET]
    actions.doubt_facts(publication=draft, doubt="Үчүнчү орун", by=cast.aida, at=at)
    assert states(at, "2.14") == [State.NOT]
