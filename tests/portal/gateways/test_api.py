"""What boxes ask and tell: tokens, waiting for news, batches once and in order, broken input."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from darbaza import clock as real_clock
from darbaza.portal.gateways import keys
from darbaza.portal.gateways.actions import enrol_box, retire_box
from darbaza.portal.gateways.models import Box
from darbaza.portal.lessons import seating
from darbaza.portal.people.rights import RightMissingError
from darbaza.snapshot import codec, envelope
from darbaza.snapshot.spool import format_event, format_gap
from tests.portal.live import NOW, School, make_school

pytestmark = pytest.mark.django_db
BASE = "/api/gateway/v1/"


@pytest.fixture(autouse=True)
def state(settings: Any, tmp_path: Path) -> None:
    settings.STATE = tmp_path


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def token(school: School) -> str:
    return enrol_box(name="box", by=None, at=NOW)


def ask(token: str, name: str, **query: int) -> Any:
    return Client().get(BASE + name, query, headers={"Authorization": f"Bearer {token}"})


def tell(token: str, name: str, body: object) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body)
    return Client().post(
        BASE + name, data, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
    )


def lines(count: int, first: int = 1) -> list[str]:
    what = "deny\t2.11\t8\tnot-ruled-on\t\tregulation\t\t\t1\t1"
    made = [format_event(first + n, 1_790_000_000_000_000 + n, "127.0.1.1\tbek\tL1", "GET", "x.test", 80, what)
            for n in range(count)]  # fmt: skip
    return [line.decode().rstrip("\n") for line in made]


@pytest.mark.parametrize("wrong", ["", "wrong", "Bearer", "\x00"])
def test_no_token_no_answer(token: str, wrong: str) -> None:
    for name in ("state", "key"):
        assert ask(wrong, name).status_code == 401
    for name in ("verdicts", "health"):
        assert tell(wrong, name, {}).status_code == 401


def test_a_retired_box_is_a_stranger(token: str, school: School) -> None:
    retire_box(box=Box.objects.get(), by=school.ict, at=NOW)
    assert ask(token, "state").status_code == 401


def test_a_new_token_replaces_the_old_one(token: str) -> None:
    newer = enrol_box(name="box", by=None, at=NOW)
    assert ask(token, "key").status_code == 401
    assert ask(newer, "key").status_code == 200


def test_only_the_ict_person_enrols_boxes(school: School) -> None:
    enrol_box(name="b2", by=school.ict, at=NOW)
    for person in (school.aida, school.director, school.responsible):
        with pytest.raises(RightMissingError):
            enrol_box(name="b3", by=person, at=NOW)


def test_tokens_are_not_stored(token: str) -> None:
    assert token not in str(Box.objects.values().get())


def test_the_first_question_is_answered_at_once_with_everything_signed(token: str) -> None:
    body = ask(token, "state", revision=0, sequence=0, wait=20).json()
    key = keys.signing_key().public_key()
    book = codec.decode(envelope.unseal(envelope.SNAPSHOT, base64.b64decode(body["snapshot"]), [key]))
    now = codec.decode_presence(envelope.unseal(envelope.PRESENCE, base64.b64decode(body["presence"]), [key]))
    assert (book.revision, now.sequence) == (body["revision"], body["sequence"]) == (1, 1)
    assert ask(token, "key").json() == {"key": keys.public_line()}


def test_a_box_that_knows_everything_waits_and_gets_nothing(token: str) -> None:
    ask(token, "state")
    begun = real_clock.utc_now()
    body = ask(token, "state", revision=1, sequence=1, wait=1).json()
    assert real_clock.utc_now() - begun >= timedelta(seconds=1)
    assert body == {"revision": 1, "sequence": 1, "snapshot": None, "presence": None}
    assert ask(token, "state", revision=1, sequence=1, keys=0, wait=0).json() == body


def test_a_change_is_given_without_the_rest(token: str, school: School) -> None:
    ask(token, "state")
    seating.sign_in_staff(device=school.staff_device, person=school.aida, at=NOW)
    body = ask(token, "state", revision=1, sequence=1, wait=5).json()
    assert body["snapshot"] is None
    assert body["sequence"] > 1


@pytest.mark.parametrize("query", ["revision=x", "sequence=-1", "wait=1e9", "revision=9999999999999999999999"])
def test_broken_numbers_are_refused(token: str, query: str) -> None:
    answer = Client().get(f"{BASE}state?{query}", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 400


def test_a_batch_is_acknowledged_and_may_come_again(token: str) -> None:
    batch = {"file": "1790000000000-1.spool", "first": 1, "lines": lines(3)}
    assert tell(token, "verdicts", batch).json()["acked"] == 3
    assert tell(token, "verdicts", batch).json()["acked"] == 3


def test_a_gap_is_refused_with_the_number_that_is_due(token: str) -> None:
    answer = tell(token, "verdicts", {"file": "f", "first": 4, "lines": lines(1, 4)})
    assert answer.status_code == 409
    assert answer.json()["expected"] == 1


def test_marks_of_lost_lines_are_kept_as_missing(token: str) -> None:
    from darbaza.portal.verdicts.log import log

    batch = {"file": "f", "first": 1, "lines": [*lines(1), format_gap(2, "spool-lost"), *lines(1, 3)]}
    assert tell(token, "verdicts", batch).json()["acked"] == 3
    assert log().today.damaged() == 1


BROKEN: list[object] = [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100000, {},
    {"file": "", "first": 1, "lines": []},
    {"file": "f", "first": 0, "lines": []},
    {"file": "f", "first": True, "lines": []},
    {"file": "f", "first": 1, "lines": "x"},
    {"file": "f", "first": 1, "lines": [1]},
    {"file": "f" * 101, "first": 1, "lines": []},
    {"file": "a\nb", "first": 1, "lines": []},
    {"file": "f", "first": 1, "lines": ["x"] * 2001},
    {"file": "f", "first": 1, "lines": ["x" * 20000]},
]  # fmt: skip


@pytest.mark.parametrize("body", BROKEN)
def test_broken_batches_are_refused_with_a_sentence(token: str, body: object) -> None:
    answer = tell(token, "verdicts", body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_a_full_batch_of_the_longest_lines_is_taken(token: str) -> None:
    what = "deny\t2.11\t8\tx\t\tregulation\t\t\t1\t1"
    events = [format_event(n, 1, "\t\t", "GET", "%" * 512, 80, what) for n in range(1, 2001)]
    batch = {"file": "f", "first": 1, "lines": [event.decode().rstrip() for event in events]}
    assert tell(token, "verdicts", batch).json()["acked"] == 2000


def test_health_is_kept(token: str) -> None:
    assert tell(token, "health", {"ok": True, "squid": {"version": "5.7"}}).status_code == 200
    assert Box.objects.get().health["squid"] == {"version": "5.7"}
    assert tell(token, "health", {"x": "y" * 70_000}).status_code == 400


@pytest.mark.parametrize(
    ("method", "name"), [("post", "state"), ("get", "verdicts"), ("get", "health"), ("post", "key")]
)
def test_the_wrong_method_is_refused(token: str, method: str, name: str) -> None:
    answer = getattr(Client(), method)(BASE + name, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 405
