"""The site from outside, what becomes of what was placed, and asking for removal without an account."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.consents import actions as consents
from darbaza.portal.notices import watching
from darbaza.portal.people import actions as people
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.publications import (
    actions,
    aftermath,
    attaching,
    door,
    elsewhere,
    files,
    kin,
    outgoing,
    removals,
    site,
)
from darbaza.portal.publications.actions import Written
from darbaza.portal.publications.markup import beginning_of, html_of
from darbaza.portal.publications.models import DailyCheck, Placement, Publication, RemovalRequest, TakeDown
from darbaza.portal.publications.reading import findings_of, matter_of_draft
from darbaza.portal.publications.uploads import Upload, text_of
from darbaza.portal.school_time import school_day
from darbaza.publication.matter import Answer
from tests.people import Cast, make_student, signed_in
from tests.portal.publications.conftest import TITLE, Desk

pytestmark = pytest.mark.django_db
LastEntry = Callable[[], AuditEntry]
Captured = Callable[..., AbstractContextManager[object]]
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
HOSTILE = '<script>alert(1)</script>\n\n## Баш сөз\n- бир <b>эки</b>\n\nhttps://mektep.test/a?b=1&c="x" жана кабар.'


def test_another_day_of_an_event_is_another_fact(desk: Desk) -> None:
    day = school_day(desk.at) + timedelta(days=3)
    draft = desk.ready(Answer.REMOVE, genre="event", event_on=day)
    placed = desk.publish(draft)
    written = Written(draft.title, draft.body, "event", event_on=day + timedelta(days=1))
    changed = actions.change(publication=draft, written=written, changes=0, by=desk.cast.aida, at=desk.at)
    with pytest.raises(ActRefusedError, match="confirmed"):
        desk.publish(changed)
    assert door.latest_of(draft.public_id, desk.at) is not None
    assert Placement.objects.get(taken_down_at=None) == placed


def test_what_is_handed_over_names_no_child_by_whom_the_facts_are_known(desk: Desk, cast: Cast) -> None:
    draft = desk.draft(body="Мектепте майрам болду.", channel="telegram")
    content = matter_of_draft(draft, desk.at).content
    source = "Асанов Бек айтты, районго кат жазылды"
    actions.check_facts(publication=draft, source=source, digest=content, by=cast.gulnara, at=desk.at)
    desk.confirm_data(draft)
    placed = desk.publish(Publication.objects.get(pk=draft.pk))
    zipped = zipfile.ZipFile(io.BytesIO(elsewhere.export(placement=placed, by=cast.jyldyz, at=desk.at)))
    said = zipped.read("certificate.txt").decode()
    assert "районго кат жазылды" in said
    assert "Асанов" not in said


def test_the_site_speaks_three_languages_sets_no_cookie_and_runs_no_script(desk: Desk) -> None:
    draft = desk.ready(Answer.REMOVE)
    desk.publish(draft)
    client = Client()
    assert client.get("/site/", headers={"accept-language": "ru"}).headers["Location"] == "/site/ru/"
    assert client.get("/site/").headers["Location"] == "/site/ky/"
    paths = [
        "",
        "list/news/",
        "list/documents/",
        f"p/{draft.public_id}/",
        "regulation/",
        "schedule/",
        "records/",
        "removal/",
    ]
    for language in ("ky", "ru", "en"):
        for path in paths:
            answer = client.get(f"/site/{language}/{path}")
            assert (answer.status_code, answer.cookies) == (200, {}), path
            text = answer.content.decode()
            assert f'<html lang="{language}">' in text
            assert "<script" not in text
            assert path == "removal/" or answer.headers["X-Robots-Tag"] == "noarchive"
            assert f'hreflang="{language}" href="http://testserver/site/{language}/{path}"' in text
            asked_again = client.get(
                f"/site/{language}/{path}", headers={"If-None-Match": answer.headers.get("ETag", "")}
            )
            kept = (answer.headers["Cache-Control"], asked_again.status_code, asked_again.content == b"")
            assert kept == (("no-store", 200, False) if path == "removal/" else ("private, no-cache", 304, True)), path
    for path in ("de/", "ky/list/nonsense/", "ky/p/nobody/", "f/x/y/z.jpg"):
        assert client.get(f"/site/{path}").status_code == 404
    assert client.post(f"/site/ky/p/{draft.public_id}/").status_code == 405
    there = f"http://testserver/site/ky/p/{draft.public_id}/"
    assert f'rel="canonical" href="{there}"' in client.get(f"/site/ru/p/{draft.public_id}/").content.decode()
    assert "Sitemap: http://testserver/site/sitemap.xml\n" in client.get("/robots.txt").content.decode()
    addresses = [one.text for one in ElementTree.fromstring(client.get("/site/sitemap.xml").content).iter(LOC)]  # noqa: S314 - our own
    assert addresses.count(there) == 1
    assert all(client.get(str(one)).status_code == 200 for one in addresses)


def test_what_was_typed_never_runs(desk: Desk) -> None:
    draft = desk.ready(Answer.REMOVE, title="<img src=x onerror=alert(1)> кабар", body=HOSTILE)
    desk.publish(draft)
    for path in (f"/site/ky/p/{draft.public_id}/", "/site/ky/"):
        text = Client().get(path).content.decode()
        assert "<script" not in text
        assert "onerror=alert(1)&gt;" in text or "onerror" not in text
        assert "https://mektep.test/a?b=1&amp;c=&quot;x&quot; жана кабар." in text, "how it begins"
    text = Client().get(f"/site/ky/p/{draft.public_id}/").content.decode()
    assert "<h2>Баш сөз</h2>" in text
    assert "<li>бир эки</li>" in text


def test_a_card_tells_a_texts_paragraphs_and_cuts_no_word() -> None:
    assert beginning_of("Бир эки.\n\n## Баш сөз\n- төрт\n- беш\n\nАлты  жети.", 60) == "Бир эки. Алты жети."
    assert beginning_of("## Баш сөз\n- төрт", 60) == "Баш сөз төрт"
    assert beginning_of("Бир эки үч төрт", 10) == "Бир эки …"
    assert beginning_of("№\tАты\n1\tБек\n\nБир  эки.", 60) == "Бир эки."
    assert beginning_of("", 10) == ""


def test_a_pasted_table_stays_one_and_what_stands_below_its_headings_is_found(desk: Desk) -> None:
    rows = "\r\nЖыйынтык:\r\n№\tАты\tТуулган жылы\r\n1\tАсанов Бек\t2011\r\n2\t<b>жок</b>\r\n"
    sent = {"genre": "news", "channel": "site", "language": "ky", "title": TITLE, "body": rows}
    client = signed_in(desk.cast.aida)
    client.post("/publications/new", sent)
    draft = Publication.objects.get()
    assert draft.body == "Жыйынтык:\n№\tАты\tТуулган жылы\n1\tАсанов Бек\t2011\n2\tжок"
    found = [(str(one.kind), one.shown) for one in findings_of(draft, desk.at) if one.people]
    assert found == [("surname", "Асанов"), ("given-name", "Бек"), ("age", "2011")]
    desk.confirm_facts(draft)
    desk.answer(draft, Answer.REMOVE)
    desk.confirm_data(draft)
    desk.publish(Publication.objects.get())
    for text in (Client().get(f"/site/ky/p/{draft.public_id}/"), client.get(f"/publications/{draft.public_id}/")):
        shown = text.content.decode()
        assert '<p>Жыйынтык:</p>\n<div class="scroll" tabindex="0"><table class="table typed"><thead><tr>' in shown
        assert '<tr><th scope="col">№</th><th scope="col">Аты</th><th scope="col">Туулган жылы</th></tr>' in shown
        assert "<tr><td>1</td><td>… …</td><td>…</td></tr><tr><td>2</td><td>жок</td><td></td></tr>" in shown


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Аты\tорду\nБек\t", "<tbody><tr><td>Аты</td><td>орду</td></tr><tr><td>Бек</td><td></td></tr></tbody>"),
        (
            "#\tАты\n1\t<i>",
            '<th scope="col">#</th><th scope="col">Аты</th></tr></thead><tbody><tr><td>1</td><td>&lt;i&gt;',
        ),
        ("\tдш\n1\tтил", "<tr><td></td><td>дш</td></tr><tr><td>1</td><td>тил</td></tr>"),
        ("- бир\tэки", "<ul><li>бир\u2003эки</li></ul>"),
    ],
)
def test_lines_with_tabs_are_a_table_with_headings_only_above_figures(text: str, html: str) -> None:
    assert html in html_of(text)


def test_the_feed_is_one_that_readers_understand(desk: Desk) -> None:
    draft = desk.ready(Answer.REMOVE)
    desk.publish(draft)
    feed = ElementTree.fromstring(Client().get("/site/ky/rss.xml").content)  # noqa: S314 - our own
    [item] = feed.findall("./channel/item")
    assert item.findtext("title") == TITLE
    assert (item.findtext("link") or "").endswith(f"/site/ky/p/{draft.public_id}/")
    guid = item.find("guid")
    assert guid is not None
    assert guid.attrib == {"isPermaLink": "false"}, "it is an id and no address"


def placed_elsewhere(desk: Desk) -> tuple[Person, object]:
    desk.agree(desk.cast.bek)
    placed = desk.publish(desk.ready(channel="telegram"))
    return desk.cast.bek, placed


def test_for_another_channel_text_and_certificate_are_handed_over_and_its_address_is_noted(
    desk: Desk, cast: Cast, last_entry: LastEntry
) -> None:
    _bek, placed = placed_elsewhere(desk)
    assert TITLE not in Client().get("/site/ky/").content.decode(), "our own site is another channel"
    client = signed_in(cast.jyldyz)
    answer = client.post(f"/publications/placed/{placed.public_id}/export")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
        assert zipped.namelist() == ["text.txt", "certificate.txt"]
        assert "Асанов Бек" in zipped.read("text.txt").decode()
        certificate = zipped.read("certificate.txt").decode()
    assert "Район боюнча калыстардын протоколу" in certificate
    assert "Асанов" not in certificate
    for by in (cast.gulnara, cast.aida, cast.timur):
        with pytest.raises(RightMissingError):
            elsewhere.export(placement=placed, by=by, at=desk.at)
        with pytest.raises(RightMissingError):
            elsewhere.note_address(placement=placed, address="https://t.me/x", by=by, at=desk.at)
    for address in ("", "t.me/x", "javascript:alert(1)", "https://"):
        with pytest.raises(ActRefusedError):
            elsewhere.note_address(placement=placed, address=address, by=cast.jyldyz, at=desk.at)
    client.post(f"/publications/placed/{placed.public_id}/address", {"address": "https://t.me/mektep/7"})
    assert last_entry().act == "publications:placement:address"
    assert "https://t.me/mektep/7" in client.get(f"/publications/{placed.publication.public_id}/").content.decode()


def test_a_withdrawn_consent_makes_one_task_which_ends_with_a_proof(
    desk: Desk, cast: Cast, last_entry: LastEntry
) -> None:
    bek, placed = placed_elsewhere(desk)
    assert aftermath.follow(desk.at) == []
    desk.withdraw(bek)
    [task] = aftermath.follow(desk.at)
    assert (last_entry().act, task.due) == ("publications:take-down:raise", (desk.at + timedelta(days=2)).date())
    assert aftermath.follow(desk.at) == []
    with pytest.raises(ActRefusedError, match="nothing is handed over"):
        elsewhere.export(placement=placed, by=cast.jyldyz, at=desk.at)
    client = signed_in(cast.jyldyz)
    assert "/publications/take-downs/" in client.get("/").content.decode()
    with pytest.raises(RightMissingError):
        elsewhere.settle_take_down(task=task, proof="Экран сүрөтү", by=cast.aida, at=desk.at)
    with pytest.raises(ActRefusedError):
        elsewhere.settle_take_down(task=task, proof=" ", by=cast.jyldyz, at=desk.at)
    client.post(f"/publications/take-downs/{task.pk}", {"proof": "Канал текшерилди, жазуу жок"})
    task.refresh_from_db()
    assert (task.done_by, task.placement.seal) == (cast.jyldyz, "")
    with pytest.raises(ActRefusedError):
        elsewhere.settle_take_down(task=task, proof="Экран сүрөтү", by=cast.jyldyz, at=desk.at)
    assert aftermath.follow(desk.at) == []
    assert "Канал текшерилди" in client.get("/publications/take-downs/").content.decode()


def test_the_task_is_there_as_soon_as_a_withdrawal_is_stored_and_its_failure_takes_nothing_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Captured
) -> None:
    bek, placed = placed_elsewhere(desk)
    with monkeypatch.context() as broken:
        broken.setattr(aftermath, "judged_now", lambda *_arguments: 1 / 0)
        with django_capture_on_commit_callbacks(execute=True):
            desk.withdraw(bek)
    desk.statements[bek.pk].refresh_from_db()
    assert desk.statements[bek.pk].withdrawn_at == desk.at
    assert not TakeDown.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        desk.agree(desk.cast.cholpon)
    assert TakeDown.objects.get().placement == placed


def test_whoever_leaves_the_school_leaves_its_publications_at_once(
    desk: Desk, cast: Cast, django_capture_on_commit_callbacks: Captured
) -> None:
    bek, placed = placed_elsewhere(desk)
    on_site = desk.publish(desk.ready(title="Башка кабар"))
    address = f"/site/ky/p/{on_site.publication.public_id}/"
    assert "Асанов Бек" in Client().get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        people.let_leave(person=bek, by=cast.zarina, at=desk.at)
    assert Client().get(address).status_code == 404
    [task] = TakeDown.objects.all()
    assert (task.placement, task.cause) == (placed, "consent")
    shown = signed_in(cast.jyldyz).get(f"/publications/{on_site.publication.public_id}/").content.decode()
    assert "макулдук ошону менен аяктаган" in shown
    people.let_return(person=bek, by=cast.zarina, at=desk.at)
    people.enrol_student(student=bek, school_class=cast.seven, since=school_day(desk.at), by=cast.zarina, at=desk.at)
    assert "Асанов Бек" in Client().get(address).content.decode()


def test_the_daily_comparison_names_what_closed_and_what_todays_lists_find_anew(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    closed = desk.publish(desk.ready())
    body = "Үмөтова Назгүл сүрөт тартты, деди ал."
    fine = desk.publish(desk.ready(Answer.NOT_OURS, title="Башка кабар", body=body))
    for given in (Answer.REMOVE, Answer.INITIALS):
        desk.publish(desk.ready(given, title=f"Үчүнчү кабар, {given}", body=body))
    desk.withdraw(cast.bek)
    aftermath.compare(desk.at + timedelta(days=400))  # by a clock that was wrong for a minute
    made = aftermath.compare(desk.at)
    assert (made.looked_at, dict(made.closed)) == (4, {closed.public_id: ["no-consent"]})
    make_student("Үмөтова", "Назгүл", cast.seven)
    assert aftermath.compare(desk.at).pk == made.pk, "once a day"
    tomorrow = aftermath.compare(desk.at + timedelta(days=1))
    assert dict(tomorrow.closed) == {fine.public_id: ["new-finding"], closed.public_id: ["no-consent"]}
    shown = signed_in(cast.jyldyz).get("/publications/take-downs/").content.decode()
    assert "Башка кабар" in shown
    assert watching.look(desk.at) == 2, "one is closed, and in the other somebody is found"
    draft = Publication.objects.get(pk=fine.publication.pk)
    actions.change(
        publication=draft, written=Written(title="Башка кабар", body="Сүрөт."), changes=0, by=cast.aida, at=desk.at
    )
    assert aftermath.found_anew(desk.at) == [fine], "what is public did not change with its draft"
    draft = Publication.objects.get(pk=draft.pk)
    desk.confirm_facts(draft)
    desk.confirm_data(Publication.objects.get(pk=draft.pk))
    desk.publish(Publication.objects.get(pk=draft.pk))
    assert aftermath.found_anew(desk.at) == []
    assert DailyCheck.objects.count() == 3


def test_anybody_asks_for_removal_without_account_and_the_person_responsible_answers(
    desk: Desk, cast: Cast, last_entry: LastEntry
) -> None:
    draft = desk.ready(Answer.REMOVE)
    placed = desk.publish(draft)
    outside = Client(enforce_csrf_checks=True)
    form = {"about": draft.public_id, "why": "Балам жөнүндө", "contact": "0555", "where": ""}
    assert outside.post("/site/ky/removal/", form).status_code == 422
    token = removals.form_token()
    answer = outside.post("/site/ky/removal/", form | {"token": token})
    asked = RemovalRequest.objects.get()
    assert asked.number in answer.content.decode()
    assert answer.cookies == {}
    assert (asked.placement, last_entry().act, last_entry().by) == (placed, "publications:removal:ask", "")
    assert outside.post("/site/ky/removal/", {"token": token, "where": ""}).status_code == 422
    for by in (cast.gulnara, cast.aida):
        with pytest.raises(RightMissingError):
            removals.settle(asked=asked, remove=True, answer="Алынды", by=by, at=desk.at)
    responsible = signed_in(cast.jyldyz)
    assert "Балам жөнүндө" in responsible.get("/publications/removals/").content.decode()
    desk.publish(Publication.objects.get(pk=draft.pk))
    same = kin.copy_to(publication=draft, channel="telegram", by=cast.aida, at=desk.at)
    desk.confirm_facts(same)
    desk.confirm_data(same)
    desk.publish(Publication.objects.get(pk=same.pk))
    with pytest.raises(ActRefusedError):
        desk.publish(Publication.objects.get(pk=same.pk))
    assert same.placements.count() == 1, "a form that was sent twice lets it out once"
    responsible.post(f"/publications/removals/{asked.number}", {"remove": "yes", "answer": "Алынды"})
    assert outside.get(f"/site/ky/p/{draft.public_id}/").status_code == 404, "also what was published anew since"
    assert TakeDown.objects.get().cause == "removal", "and what says the same elsewhere"
    with pytest.raises(ActRefusedError):
        removals.settle(asked=asked, remove=False, answer="Калат", by=cast.jyldyz, at=desk.at)
    kept_from = school_day(desk.at) - timedelta(days=settings.VERDICT_LOG_DAYS)
    assert removals.forget_before(kept_from + timedelta(days=365)) == 0
    assert removals.forget_before(kept_from + timedelta(days=367)) == 1


def test_what_was_removed_because_somebody_asked_does_not_come_back_as_it_was(desk: Desk, cast: Cast) -> None:
    draft = desk.ready(Answer.REMOVE)
    placed = desk.publish(draft)
    asked = removals.ask(where="", why="", contact="", placement=placed, at=desk.at)
    removals.settle(asked=asked, remove=True, answer="Алынды", by=cast.jyldyz, at=desk.at)
    copy = kin.copy_to(publication=draft, channel="telegram", by=cast.aida, at=desk.at)
    desk.confirm_facts(copy)
    desk.confirm_data(copy)
    for one in (draft, Publication.objects.get(pk=copy.pk)):
        with pytest.raises(ActRefusedError, match="not published again as it was"):
            desk.publish(one)
    written = Written(draft.title, "Команда экинчи орунду алды.")
    changed = actions.change(publication=draft, written=written, changes=0, by=cast.aida, at=desk.at)
    desk.confirm_facts(changed)
    desk.confirm_data(changed)
    assert desk.publish(Publication.objects.get(pk=draft.pk))


def test_a_flood_of_requests_finds_the_link_shut_for_itself_and_no_request_is_hidden_by_it(
    desk: Desk, cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removals, "MOST_A_HOUR", 2 * removals.MOST_OF_ONE + 1)
    given: dict[str, Any] = {"why": "", "contact": "", "placement": None}
    removals.ask(where="Балам жөнүндө", **given, asker="192.0.2.1", at=at - timedelta(minutes=5))
    for one in ("192.0.2.7", "192.0.2.8"):
        for number in range(removals.MOST_OF_ONE):
            removals.ask(where=f"барак {number}", **given, asker=one, at=at)
            monkeypatch.setattr("darbaza.portal.publications.elsewhere_views.MOST", number)
        with pytest.raises(ActRefusedError, match="call the school"):
            removals.ask(where="дагы", **given, asker=one, at=at)
    with pytest.raises(ActRefusedError, match="call the school"):
        removals.ask(where="дагы", **given, asker="192.0.2.9", at=at)
    assert "Балам жөнүндө" in signed_in(cast.jyldyz).get("/publications/removals/").content.decode()
    removals.ask(where="дагы", **given, asker="192.0.2.7", at=at + timedelta(hours=2))
    token = removals.form_token()
    posted = Client().post("/site/ky/removal/", {"token": token, "where": "Үйдөгү сүрөт"}, REMOTE_ADDR="192.0.2.30")
    assert posted.status_code == 422, "everybody together asked too often at that hour"


def test_under_its_own_name_only_the_site_and_personal_links_answer(desk: Desk, cast: Cast, settings: Any) -> None:
    settings.SITE_HOST, settings.SITE_ADDRESS = "mektep.test", "https://mektep.test"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "mektep.test"]
    draft = desk.ready(Answer.REMOVE)
    desk.publish(draft)
    outside, inside = signed_in(cast.jyldyz), signed_in(cast.jyldyz)
    outside.defaults["HTTP_HOST"] = "Mektep.test:443"
    assert outside.get("/").headers["Location"] == "/site/"
    for path in ("/site/ky/", f"/site/ky/p/{draft.public_id}/", "/site/ky/rss.xml", "/site/ky/removal/"):
        assert outside.get(path).status_code == 200, path
    shut = ["/publications/", f"/publications/{draft.public_id}/", "/accounts/login/", "/consents/", "/api/", "/readyz"]
    shut += ["/sitemap", "/site", "//site/ky/", "/site/../publications/", "/site/%2e%2e/publications/", "/metrics"]
    for path in shut:
        answer = outside.get(path)
        assert answer.status_code == 404, path
        assert "Осмонова" not in answer.content.decode()
    assert outside.post(f"/publications/{draft.public_id}/publish").status_code == 404
    assert inside.get("/publications/").status_code == 200
    assert "<link>https://mektep.test/site/ky/p/" in outside.get("/site/ky/rss.xml").content.decode()
    made, address = consents.make_link(
        person=cast.bek,
        party="representative",
        term=consents.Term(school_day(desk.at), school_day(desk.at)),
        by=cast.jyldyz,
        at=desk.at,
    )
    assert address.startswith("https://mektep.test/makulduk/")
    assert outside.get(address.removeprefix("https://mektep.test")).status_code == 200
    assert made.closed_at is None


def test_what_was_taken_down_leaves_no_bytes_but_what_still_stands_keeps_them(
    desk: Desk, cast: Cast, django_capture_on_commit_callbacks: Captured
) -> None:
    placed = [with_table(desk, title) for title in ("Биринчи кабар", "Экинчи кабар")]
    shas = {file["sha256"] for one in placed for file in json.loads(one.record)["content"]["files"]}
    [sha256] = shas
    assert files.read(files.PLACED, sha256)
    for one, is_there in zip(placed, (True, False), strict=True):
        with django_capture_on_commit_callbacks(execute=True):
            actions.take_down(placement=one, reason="Ката бар", by=cast.jyldyz, at=desk.at)
        assert bool(files.read(files.PLACED, sha256)) is is_there
    with django_capture_on_commit_callbacks(execute=True):
        again = publish_with_files(desk, placed[0].publication)
    assert files.read(files.PLACED, sha256)
    with django_capture_on_commit_callbacks(execute=True):
        publish_with_files(desk, again.publication)
    assert files.read(files.PLACED, sha256), "the newer version has it too"


def with_table(desk: Desk, title: str) -> Placement:
    """A news item with a table is published."""
    draft = desk.draft(title=title, body="Мектепте көргөзмө ачылды.")
    table = Upload("t.csv", "Көргөзмөнүн тизмеси", b"1;2", text_of(b"1;2"))
    attaching.attach(publication=draft, upload=table, by=desk.cast.aida, at=desk.at)
    desk.confirm_facts(draft)
    desk.confirm_data(draft)
    return publish_with_files(desk, draft)


def publish_with_files(desk: Desk, draft: Publication) -> Placement:
    """The person responsible publishes; its files are made as they go out."""
    found = Publication.objects.get(pk=draft.pk)
    prepared = async_to_sync(outgoing.prepared)(found.standing_files)
    return actions.publish(publication=found, prepared=prepared, by=desk.cast.jyldyz, at=desk.at)


def test_a_section_goes_on_with_what_is_older_and_a_page_asks_the_database_no_more_for_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Captured
) -> None:
    monkeypatch.setattr(site, "ON_A_PAGE", 3)
    monkeypatch.setattr(door, "AT_ONCE", 2)
    for number in range(7):
        desk.publish(desk.ready(Answer.REMOVE, title=f"Кабар №{number}-сан"))
    client = Client()
    pages, address = [], "/site/ky/list/news/"
    while address:
        pages.append(client.get(address).content.decode())
        older = re.search(r'href="(\?than=\w+)" rel="next"', pages[-1])
        address = f"/site/ky/list/news/{older[1]}" if older else ""
    found = [sorted(int(one) for one in set(re.findall(r"Кабар №(\d)-сан", page))) for page in pages]
    assert found == [[4, 5, 6], [1, 2, 3], [0]]
    assert ['href="?"' in page for page in pages] == [False, True, True]
    oldest = Publication.objects.get(title="Кабар №0-сан").public_id
    for than in ("x", oldest, "9" * 99):
        assert client.get(f"/site/ky/list/news/?than={than}").status_code == 404
    monkeypatch.setattr(door, "AT_ONCE", 24)
    with django_assert_max_num_queries(8):
        client.get("/site/ky/list/news/")


def test_behind_a_great_many_that_are_closed_a_list_goes_on_and_no_page_looks_through_them_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "AT_ONCE", 2)
    monkeypatch.setattr(door, "MOST_BATCHES", 2)
    desk.publish(desk.ready(Answer.REMOVE, title="Көргөзмө ачылды"))
    desk.agree(desk.cast.bek)
    closed = [desk.publish(desk.ready(title=f"Асанов Бек, №{number}-сан")) for number in range(5)]
    desk.withdraw(desk.cast.bek)
    client, address = Client(), "/site/ky/list/news/"
    page = client.get(address).content.decode()
    assert "card" not in page
    assert "Азырынча эч нерсе жок" not in page
    assert f'href="?than={closed[1].publication.public_id}" rel="next"' in page
    assert "Көргөзмө ачылды" in client.get(f"{address}?than={closed[1].publication.public_id}").content.decode()


def test_what_is_announced_stands_on_the_front_page_the_nearest_first_until_its_day_is_over(desk: Desk) -> None:
    today = school_day(desk.at)
    for days in (9, -1, 2, 0):
        day = today + timedelta(days=days)
        desk.publish(desk.ready(Answer.REMOVE, title=f"Жолугушуу №{days}-күн", genre="event", event_on=day))
    page = Client().get("/site/ky/").content.decode()
    assert re.findall(r"Жолугушуу №(-?\d)-күн", page) == ["0", "2", "9"]


def test_the_pages_of_staff_open_for_whoever_may(desk: Desk, cast: Cast) -> None:
    draft = desk.draft()
    author, other = signed_in(cast.aida), signed_in(cast.nurlan)
    for path in ("/publications/", "/publications/new", f"/publications/{draft.public_id}/edit"):
        assert author.get(path).status_code == 200
    assert TITLE in author.get(f"/publications/{draft.public_id}/").content.decode()
    assert other.get(f"/publications/{draft.public_id}/").status_code == 404
    assert author.get("/publications/take-downs/").status_code == 403
    assert author.post(f"/publications/{draft.public_id}/nonsense").status_code == 404
    written = {"genre": "news", "channel": "site", "language": "ky", "title": "Жаңы кабар", "body": "Сөз, сөз."}
    assert author.post("/publications/new", written | {"title": ""}).status_code == 422
    assert author.post("/publications/new", written).status_code == 302
    edited = written | {"changes": 0}
    assert author.post(f"/publications/{draft.public_id}/edit", edited).status_code == 302
    late = author.post(f"/publications/{draft.public_id}/edit", edited | {"body": "Менин текстим"})
    assert late.status_code == 422
    assert "Менин текстим" in late.content.decode()
    assert "Сөз, сөз." in late.content.decode()
    checker = signed_in(cast.jyldyz)
    page = checker.get(f"/publications/{draft.public_id}/").content.decode()
    assert "/facts" in page
    assert not TakeDown.objects.exists()
