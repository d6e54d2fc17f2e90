"""Real requests through a real Squid, judged at the origin and in the verdict log."""

import time

import pytest

from darbaza.engines.squid.world import LOOK_SECONDS
from darbaza.snapshot.spool import SpoolReader, reference
from tests.engines.squid.bed import BAD, ENROLLED, OTHER_STUDENT, STUDENT, TEACHER, Bed

pytestmark = pytest.mark.engine


def test_an_allowed_page_is_fetched_and_logged(bed: Bed):
    answer = bed.get(f"http://good.test:{bed.http}/page?q=1")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"the page" in answer
    assert b"GET /page?q=1 HTTP/1.1" in bed.good.heard
    (event,) = bed.events()
    said = (event.person, event.session, event.method, event.host, event.port, event.outcome, event.clause)
    assert said == ("student-0", "session-0", "GET", "good.test", bed.http, "allow", "2.6")


def test_a_forbidden_page_is_refused_with_its_clause_and_a_way_to_ask_why(bed: Bed):
    answer = bed.get(f"http://bad.test:{bed.http}/")
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"3.3-" in answer
    (event,) = bed.events()
    assert (event.outcome, event.clause, event.category, event.ground_entry) == ("deny", "3.3", "porn", "bad.test")
    assert bed.bad.heard == b""


def test_the_refusal_page_names_the_reference_of_its_event(bed: Bed):
    answer = bed.get(f"http://bad.test:{bed.http}/").decode()
    (event,) = bed.events()
    newest = SpoolReader(bed.run / "spool").files()[-1]
    assert f'<meta http-equiv="refresh" content="0; url=http://why/{reference(newest, event.n)}">' in answer
    assert "<script" not in answer
    assert "style" not in answer


UPGRADE = "Upgrade-Insecure-Requests: 1\r\n"
HAND = "Sec-Fetch-Dest: document\r\nSec-Fetch-User: ?1\r\nSec-Fetch-Site: none\r\n"


@pytest.mark.parametrize(
    ("headers", "method", "manner"),
    [
        (UPGRADE, "GET", "page"),
        ("", "GET", ""),
        (UPGRADE + "Referer: http://good.test/\r\n", "GET", ""),
        (UPGRADE + "Purpose: prefetch\r\n", "GET", ""),
        (UPGRADE + "Sec-Purpose: prefetch;prerender\r\n", "GET", ""),
        (UPGRADE, "POST", ""),
        (UPGRADE + "Sec-Fetch-Dest: iframe\r\n", "GET", ""),
        (HAND, "GET", "visit"),
        (HAND.replace("?1", "?0"), "GET", ""),
        (HAND.replace("none", "cross-site"), "GET", ""),
        (HAND.replace("document", "iframe"), "GET", ""),
        (HAND + "Sec-Purpose: prefetch\r\n", "GET", ""),
    ],
)
def test_the_log_says_how_a_page_came_to_be_asked_for(bed: Bed, headers: str, method: str, manner: str):
    bed.get(f"http://bad.test:{bed.http}/", headers=headers, method=method)
    assert [(e.host, e.outcome, e.manner) for e in bed.events()] == [("bad.test", "deny", manner)]
    assert b"Sec-Fetch" not in bed.bad.heard


def test_that_a_refusal_stood_in_a_tab_is_known_by_its_icon_which_no_site_is_asked_for(bed: Bed):
    page = bed.get(f"http://good.test:{bed.http}/closed/x").decode()
    icon = page.partition('<link rel="icon" href="')[2].partition('"')[0]
    bed.get(f"http://good.test:{bed.http}{icon}")
    assert icon.startswith("/.darbaza/")
    assert [e.manner for e in bed.events()] == ["", "shown"]
    assert bed.good.heard == b""


@pytest.mark.parametrize(("headers", "manners"), [(HAND, ["", "visit"]), (HAND.replace("none", "same-site"), [""])])
def test_a_refusal_shown_over_tls_is_told_where_a_person_opened_it(bed: Bed, headers: str, manners: list[str]):
    answer = bed.tls_get("bad.test", "bad.test", source=ENROLLED, headers=headers)
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"http://why/" in answer
    events = bed.events(ENROLLED)
    assert [e.manner for e in events] == manners
    assert {(e.host, e.outcome, e.category) for e in events} == {("bad.test", "deny", "porn")}
    assert bed.bad.heard == b""


def test_an_allowed_tls_page_is_spliced_and_logged_once(bed: Bed):
    assert b"the page" in bed.tls_get("good.test", "good.test")
    assert [(e.method, e.host, e.outcome) for e in bed.events()] == [("CONNECT", "good.test", "allow")]


def test_a_forbidden_tls_page_ends_at_the_proxy(bed: Bed):
    assert bed.tls_get("bad.test", "bad.test") == b""
    assert bed.bad.heard == b""
    assert [(e.host, e.outcome, e.clause) for e in bed.events()] == [("bad.test", "deny", "3.3")]


def test_a_device_that_trusts_the_school_sees_the_refusal_page_over_tls(bed: Bed):
    answer = bed.tls_get("bad.test", "bad.test", source=ENROLLED)
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"http://why/" in answer
    assert bed.bad.heard == b""
    assert [(e.host, e.outcome, e.clause) for e in bed.events(ENROLLED)] == [("bad.test", "deny", "3.3")]


def test_a_device_that_trusts_the_school_is_not_decrypted_where_it_may_go(bed: Bed):
    assert b"X-Origin: good" in bed.tls_get("good.test", "good.test", source=ENROLLED)
    assert [(e.host, e.outcome) for e in bed.events(ENROLLED)] == [("good.test", "allow")]


def test_staff_reach_what_nobody_denied_and_students_do_not(bed: Bed):
    assert b"the page" in bed.get(f"http://nobody.test:{bed.http}/", source=TEACHER)
    bed.bad.forget()
    assert b"HTTP/1.1 403 " in bed.get(f"http://nobody.test:{bed.http}/", source=OTHER_STUDENT)
    assert bed.bad.heard == b""


def test_the_local_hosts_are_open_without_a_lesson_and_know_the_device(bed: Bed):
    bed.seat(is_open=False)
    try:
        for host in ("darbaza", "why"):
            bed.local.forget()
            assert b"the page" in bed.get(f"http://{host}/x", headers="X-Darbaza-Device: 127.0.3.1\r\n")
            heard = bed.local.heard.decode()
            assert f"X-Darbaza-Device: {STUDENT}\r\n" in heard
            assert "X-Darbaza-Peer: only-squid-and-portal-know\r\n" in heard
            assert "127.0.3.1" not in heard
            assert f"Host: {host}\r\n" in heard
    finally:
        bed.seat()


def test_what_the_portal_answers_is_not_logged_as_unread(bed: Bed):
    """A page the portal does not have (a browser asks for `/favicon.ico`) is no request that Squid could not read."""
    bed.local.answers["/favicon.ico"] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    bed.forget()
    assert b"HTTP/1.1 404 " in bed.get("http://darbaza/favicon.ico")
    bed.send(b"GET http://good.test/a b HTTP/1.1\r\nHost: good.test\r\n\r\n")  # later, and truly unread
    assert [(e.host, e.message) for e in bed.wait_for_events()] == [("", "unreadable-address")]


def test_the_peer_secret_never_leaves_the_box(bed: Bed):
    bed.get(f"http://good.test:{bed.http}/")
    assert b"X-Darbaza" not in bed.good.heard
    assert b"only-squid" not in bed.good.heard


def test_a_path_that_the_council_closed_is_closed_on_an_allowed_host(bed: Bed):
    assert b"HTTP/1.1 403 " in bed.get(f"http://good.test:{bed.http}/closed/page")
    assert bed.good.heard == b""
    assert bed.events()[0].outcome == "deny"


def test_ending_the_lesson_refuses_the_next_request(bed: Bed):
    assert b"the page" in bed.get(f"http://good.test:{bed.http}/")
    bed.seat(is_open=False)
    try:
        time.sleep(LOOK_SECONDS)
        bed.good.forget()
        assert b"HTTP/1.1 403 " in bed.get(f"http://good.test:{bed.http}/")
        assert bed.good.heard == b""
        assert bed.events()[-1].clause == "2.9"
    finally:
        bed.seat()


def test_nothing_of_squid_is_told_to_anybody(bed: Bed):
    answers = bed.get(f"http://good.test:{bed.http}/") + bed.get(f"http://bad.test:{bed.http}/")
    assert b"squid/5" not in answers.lower()
    assert b"Alt-Svc" not in answers
    assert b"squid" not in bed.good.heard.lower()
    assert BAD.encode() not in answers
