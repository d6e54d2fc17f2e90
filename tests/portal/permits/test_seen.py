"""What the gateway saw of a download, before whoever decides on it: never the word of whoever asks alone."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from darbaza.policy.rulebook import FileScope
from darbaza.portal.papers.documents import gather
from darbaza.portal.papers.rendering import html_of
from darbaza.portal.people.models import Person
from darbaza.portal.permits import actions, in_force
from darbaza.portal.permits.actions import Scope
from darbaza.portal.permits.models import Permit
from darbaza.portal.permits.seen import WITHIN, seen_of
from darbaza.portal.verdicts.log import log
from darbaza.snapshot.spool import format_event
from tests.portal.live import NOW, SOON, School, make_school, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> School:
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: SOON)
    return make_school()


def refused(n: int, who: Person, entry: str, host: str = "jukto.test") -> None:
    """A download that a box refused to somebody."""
    what = f"ask\t3.3\t6\tneeds-permit\tdownloads\tregulation\t\t{entry}\t1\t1"
    at = int((NOW + timedelta(seconds=n)).timestamp() * 1e6)
    line = format_event(n, at, f"127.0.1.1\t{who.public_id}\t-", "GET", host, 80, what)
    log().append("box", "f", n, [line.decode().rstrip("\n")])


def asked(school: School, kind: str = "download") -> Permit:
    scope = Scope(["jukto.test"], NOW, NOW + timedelta(days=7))
    return actions.ask(
        kind=kind, person=school.bek, scope=scope, purpose="Доклад", file_kind="сүрөт", by=school.bek, at=NOW
    )


def page_of(who: Person, permit: Permit) -> str:
    client: Client = signed_in(who)
    client.cookies["darbaza_language"] = "en"
    return client.get(f"/permits/{permit.pk}/").content.decode()


def test_kind_and_size_stand_before_whoever_decides(school: School) -> None:
    permit = asked(school)
    assert "it was not tried yet" in page_of(school.responsible, permit)
    refused(1, school.bek, "program, 1843200 B")
    refused(2, school.bek, "archive")
    shown = page_of(school.responsible, permit).replace("\xa0", " ")
    assert "a program, 1.8 MB" in shown
    assert "an archive, size unknown" in shown
    assert "it was not tried yet" not in shown


def test_what_others_tried_elsewhere_or_long_ago_is_not_shown(school: School) -> None:
    refused(1, school.cholpon, "program, 1 B")
    refused(2, school.bek, "program, 2 B", host="bashka.test")
    refused(3, school.bek, "kumar.test")
    refused(4, school.bek, "multimedia, 9 B")
    permit = asked(school)
    assert [(one.kind, one.size) for one in seen_of(permit, SOON)] == [("multimedia", 9)]
    assert seen_of(permit, NOW + WITHIN + timedelta(seconds=5)) == ()
    assert seen_of(asked(school, "email"), SOON) == ()


def test_the_same_thing_tried_again_stands_once(school: School) -> None:
    for n in range(1, 9):
        refused(n, school.bek, f"program, {n % 2} B")
    assert [one.size for one in seen_of(asked(school), SOON)] == [0, 1]


def give(school: School, permit: Permit, **more: str) -> Permit:
    """The form of the decision as it stands, with what somebody changed."""
    form = {"resources": "jukto.test", "since": "2026-11-23T09:10", "until": "2026-11-30T09:10"} | more
    assert signed_in(school.responsible).post(f"/permits/{permit.pk}/grant", form).status_code == 302
    permit.refresh_from_db()
    return permit


def test_exactly_the_file_that_was_seen_is_offered_first_and_given(school: School, last_entry: Any) -> None:
    permit = asked(school)
    assert 'value="any" selected' in page_of(school.responsible, permit)
    refused(1, school.bek, "program, 1843200 B")
    shown = page_of(school.responsible, permit)
    assert 'value="program=1843200" selected' in shown
    given = give(school, permit, which="program=1843200", megabytes="50")
    assert given.files == FileScope("program", 1843200, 1843200)
    assert in_force.permit_value(given).file == given.files
    assert last_entry().detail["files"] == ["program", 1843200, 1843200]
    assert "A program, exactly 1.8" in page_of(school.responsible, given)
    for language in ("ky", "ru", "en"):
        paper = gather("permit", given.ref)
        assert paper is not None
        assert "1843200" in html_of(paper, language)


def test_a_kind_and_a_largest_size_may_be_given_without_having_seen_it(school: School) -> None:
    given = give(school, asked(school), which="multimedia", megabytes="40")
    assert given.files == FileScope("multimedia", 0, 40 * 1024 * 1024)
    assert give(school, asked(school), which="any", megabytes="").files is None
    mail = actions.grant(
        permit=asked(school, "email"), scope=Scope(["jukto.test"], NOW, SOON), files=FileScope("program"),
        by=school.responsible, at=NOW,
    )  # fmt: skip
    assert mail.files is None
    form = {"resources": "jukto.test", "since": "2026-11-23T09:10", "until": "2026-11-30T09:10", "which": "program=x"}
    again = asked(school)
    answer = signed_in(school.responsible).post(f"/permits/{again.pk}/grant", form)
    assert (answer.status_code, Permit.objects.get(pk=again.pk).state) == (422, "asked")
