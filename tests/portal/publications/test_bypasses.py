"""Every way around the gate, tried: what is served to the public is what the gate let out, and lets stand now."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.serializers.base import DeserializedObject
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test import Client

from darbaza import portal
from darbaza.portal import publications
from darbaza.portal.consents import actions as consents
from darbaza.portal.consents import risks
from darbaza.portal.consents.asked import REFUSED
from darbaza.portal.consents.known import protected
from darbaza.portal.consents.models import Protection, Representative, Statement
from darbaza.portal.consents.standing import standing_of
from darbaza.portal.council.models import PublicationRule
from darbaza.portal.key_files import PUBLICATION_KEY, signing_key
from darbaza.portal.people.models import User
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.publications import actions, aftermath, attaching, certificates, files, outgoing
from darbaza.portal.publications.actions import Written
from darbaza.portal.publications.certificates import Draft, OutFile, certify
from darbaza.portal.publications.findings import groups_of
from darbaza.portal.publications.models import Check, CheckKind, Placement, Publication
from darbaza.portal.publications.reading import matter_of_draft, texts_of
from darbaza.portal.publications.records import matter_of
from darbaza.portal.publications.uploads import Upload, text_of
from darbaza.portal.school_time import school_day
from darbaza.publication.gate import GateClosedError
from darbaza.publication.matter import Answer, Answered
from darbaza.snapshot import envelope
from tests.people import Cast, signed_in
from tests.portal.publications.conftest import BODY, SOURCE, TITLE, Desk

pytestmark = pytest.mark.django_db
NAME = "Асанов Бек"


def outside() -> str:
    """All that somebody outside can read: front page, sections, feed, and the page of every publication."""
    client = Client()
    addresses = ["/site/ky/", "/site/ky/rss.xml", "/site/ky/list/news/", "/site/ru/list/news/"]
    addresses += [f"/site/ky/p/{one.public_id}/" for one in Publication.objects.all()]
    return "".join(client.get(address).content.decode() for address in addresses)


@pytest.fixture
def draft(desk: Desk) -> Publication:
    """Everything is done but the consent."""
    return desk.ready()


def test_not_by_the_button_or_a_form_made_by_hand(draft: Publication, cast: Cast) -> None:
    client = signed_in(cast.jyldyz)
    assert "/publish" not in client.get(f"/publications/{draft.public_id}/").content.decode()
    for name in ("publish", "data", "facts", "answer"):
        client.post(f"/publications/{draft.public_id}/{name}", {"clearing": "x", "content": "x", "published": "1"})
    assert not Placement.objects.exists()
    assert NAME not in outside()


def test_not_by_an_address_that_is_not_one_and_not_by_get(draft: Publication, cast: Cast) -> None:
    client = signed_in(cast.jyldyz)
    assert client.get(f"/publications/{draft.public_id}/publish").status_code == 405
    for path in (f"/api/publications/{draft.public_id}", f"/admin/publications/publication/{draft.pk}/", "/media/x"):
        assert client.get(path).status_code == 404
    assert Client().get(f"/publications/{draft.public_id}/").status_code in {302, 404}


def test_not_by_a_superuser(draft: Publication, cast: Cast) -> None:
    assert cast.timur.user is not None
    User.objects.filter(pk=cast.timur.user.pk).update(is_superuser=True, is_staff=True)
    client = signed_in(cast.timur)
    assert client.post(f"/publications/{draft.public_id}/publish").status_code == 404
    assert not Placement.objects.exists()


def test_not_by_the_clock_or_the_daily_comparison(draft: Publication, at: datetime) -> None:
    aftermath.compare(at)
    aftermath.follow(at)
    assert not Placement.objects.exists()
    assert NAME not in outside()


Forged = Iterator[Placement]


def forged(draft: Publication, other: Placement) -> Forged:
    """Placements of a draft that somebody makes by hand, after one that the gate let out."""
    record = json.loads(other.record)
    changed = json.dumps(record | {"content": {**record["content"], "body": BODY}})
    for text, seal in ((changed, other.seal), (changed, ""), ("{}", other.seal), ("", "x"), (other.record, other.seal)):
        yield Placement(
            publication=draft, channel="site", genre="news", language="ky", placed_by=other.placed_by,
            placed_at=other.placed_at, record=text, seal=seal,
        )  # fmt: skip


def guards_away(*tables: str) -> None:
    """As whoever administers the database can, within this test."""
    for table in tables:
        on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            for name in (f"kept_{table}", f"kept_{table}_rows"):
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on}')


def forbidden(act: Callable[[], object], why: str) -> None:
    """The program says no, and the transaction goes on."""
    with pytest.raises(PermissionError, match=why), transaction.atomic():
        act()


def refused_by_the_database(act: Callable[[], object]) -> None:
    """The database says no, and the transaction goes on."""
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        act()


def test_the_databases_guards_are_there_again_after_an_upgrade(db: None) -> None:
    guards_away("publications_placement", "consents_statement")
    call_command("migrate", verbosity=0)
    guards_stand()


def guards_stand() -> None:
    """All triggers are there."""
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger",
    }
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        found = {name for (name,) in cursor.fetchall()}
    tables = ("publications_placement", "publications_check", "publications_publication", "consents_statement")
    assert {f"kept_{one}" for one in (*tables, "consents_protection", "consents_representative")} <= found
    kept_for_good = ("publications_placement", "consents_statement", "consents_protection")
    assert {f"kept_{one}_rows" for one in kept_for_good} <= found


def test_not_by_making_a_placement_by_hand_or_from_a_fixture(desk: Desk, draft: Publication) -> None:
    other = desk.publish(desk.ready(Answer.REMOVE, title="Башка кабар"))
    for one in forged(draft, other):
        for act in (one.save, one.save_base, DeserializedObject(one).save):
            forbidden(act, "seal")
        forbidden(lambda one=one: Placement.objects.bulk_create([one]), "one by one")
    forbidden(other.delete, "never removed")
    forbidden(Placement.objects.all().delete, "never removed")
    assert Placement.objects.count() == 1


def test_not_by_a_placement_that_got_into_the_table_all_the_same(desk: Desk, draft: Publication) -> None:
    other = desk.publish(desk.ready(Answer.REMOVE, title="Башка кабар"))
    QuerySet(Placement).bulk_create(forged(draft, other))
    assert Placement.objects.count() == 6
    assert NAME not in outside()
    assert "Башка кабар" in outside()
    page = Client().get(f"/site/ky/p/{draft.public_id}/")
    assert page.status_code == 404, "the seal is for one placement, and is not copied to another"


def test_not_by_changing_what_was_placed(desk: Desk, at: datetime) -> None:
    placed = desk.publish(desk.ready(Answer.REMOVE))
    assert TITLE in outside()
    changed = placed.record.replace("… эң көп", f"{NAME} эң көп")
    for fields in ({"record": changed}, {"seal": "x"}, {"placed_at": at + timedelta(days=1)}, {"channel": "telegram"}):
        refused_by_the_database(lambda fields=fields: Placement.objects.update(**fields))
    placed.record = changed
    refused_by_the_database(placed.save)
    refused_by_the_database(lambda: Placement.objects.bulk_update([placed], ["record"]))
    guards_away("publications_placement")
    Placement.objects.update(record=changed)
    assert NAME not in outside()
    assert TITLE not in outside(), "what was changed by hand is not served at all"


def test_not_by_putting_back_what_was_taken_down(desk: Desk, cast: Cast, at: datetime) -> None:
    placed = desk.publish(desk.ready(Answer.REMOVE))
    seal = placed.seal
    actions.take_down(placement=placed, reason="Ката бар", by=cast.jyldyz, at=at)
    for fields in ({"taken_down_at": None}, {"seal": seal}, {"taken_down_at": at + timedelta(days=1)}):
        refused_by_the_database(lambda fields=fields: Placement.objects.update(**fields))
    assert TITLE not in outside()


def test_not_by_undoing_a_withdrawal_a_refusal_or_a_doubt(desk: Desk, cast: Cast, at: datetime) -> None:
    desk.agree(cast.bek)
    draft = desk.ready()
    desk.publish(draft)
    desk.withdraw(cast.bek)
    said: list[dict[str, object]] = [
        {"withdrawn_at": None},
        {"kinds": ["photo"]},
        {"recorded_at": at + timedelta(days=1)},
        {"person": cast.daniyar},
    ]
    for fields in said:
        refused_by_the_database(lambda fields=fields: Statement.objects.update(**fields))
    forbidden(Statement.objects.all().delete, "never removed")
    actions.doubt_facts(publication=draft, doubt="Үчүнчү орун", by=cast.aida, at=at)
    for fields in ({"doubted_at": None}, {"by": cast.nurlan}, {"digest": "0" * 64}):
        refused_by_the_database(lambda fields=fields: Check.objects.update(**fields))
    refused_by_the_database(lambda: Publication.objects.update(author=cast.gulnara))
    protection = consents.protect(person=cast.bek, by=cast.gulnara, at=at)
    refused_by_the_database(lambda: Protection.objects.update(person=cast.daniyar))
    consents.end_protection(protection=protection, by=cast.gulnara, at=at)
    refused_by_the_database(lambda: Protection.objects.update(until=None))
    assert NAME not in outside()


def test_not_by_a_consent_that_no_act_recorded(desk: Desk, cast: Cast, draft: Publication) -> None:
    stored = desk.agree(cast.bek)
    consents.strike(statement=stored, reason="Жаңылыш", by=cast.jyldyz, at=desk.at)
    forged = Statement.objects.get(pk=stored.pk)
    forged.pk, forged._state.adding, forged.number, forged.struck_at = None, True, 99, None
    for made in (forged.save, DeserializedObject(forged).save):
        with suppress(PermissionError):
            made()
    Statement.objects.bulk_create([forged])
    assert Statement.objects.filter(number=99).count() == 1
    assert [one.state for one in standing_of([cast.bek], desk.at)] == ["silent"]
    with pytest.raises(ActRefusedError, match="no consent"):
        desk.publish(draft)
    moved = {"to": cast.cholpon, "reason": "Башканыкы", "by": cast.jyldyz, "at": desk.at}
    with pytest.raises(ActRefusedError):
        consents.move(statement=Statement.objects.get(number=99), **moved)


def test_not_by_ending_a_refusal_or_a_protection_past_the_acts(desk: Desk, cast: Cast, at: datetime) -> None:
    desk.agree(cast.bek)
    draft = desk.ready()
    desk.publish(draft)
    refusal = desk.agree(cast.bek, ticks="-")
    Statement.objects.filter(pk=refusal.pk).update(struck_at=at, struck_by=cast.jyldyz, reason="Жаңылыш")
    assert NAME not in outside()
    consents.protect(person=cast.cholpon, by=cast.gulnara, at=at)
    Protection.objects.update(until=at, ended_by=cast.gulnara)
    assert protected([str(cast.cholpon.pk)]) == {str(cast.cholpon.pk)}


def test_not_by_ending_whoever_refused_past_the_acts(desk: Desk, cast: Cast, at: datetime) -> None:
    desk.agree(cast.bek)
    draft = desk.ready()
    desk.publish(draft)
    form = {"told_": consents.Told(risks.current(at), cast.jyldyz, at, "ky"), "paper_set": None, "by": cast.jyldyz}
    father = consents.Who("father", "Асанов Талант")
    paper = consents.Paper(person=cast.bek, who=father, ticks=REFUSED, signed_on=school_day(at))
    term = consents.Term(school_day(at), school_day(at))
    [refusal] = consents.record_papers(papers=[paper], term=term, at=at, **form)
    assert NAME not in outside()
    Representative.objects.filter(pk=refusal.representative_id).update(ended_at=at)
    assert NAME not in outside()


def test_not_by_setting_the_clock_back_behind_a_withdrawal(
    desk: Desk, cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.agree(cast.bek)
    desk.publish(desk.ready())
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: at + timedelta(hours=2))
    assert NAME in outside()
    desk.withdraw(cast.bek, at + timedelta(hours=2))
    assert NAME not in outside()
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: at + timedelta(hours=1))
    assert NAME not in outside()


def test_not_by_a_copy_that_a_browser_or_a_proxy_kept(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    draft = desk.ready()
    desk.publish(draft)
    address, client = f"/site/ky/p/{draft.public_id}/", Client()
    paths = (address, "/site/ky/list/news/", "/site/ky/rss.xml")
    first = {path: client.get(path) for path in paths}
    for answer in first.values():
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-cache")
        assert not {"Last-Modified", "Expires"} & set(answer.headers)
        assert NAME in answer.content.decode()
    desk.withdraw(cast.bek)
    for path, before in first.items():
        kept = {"If-None-Match": before.headers["ETag"], "If-Modified-Since": "Mon, 23 Nov 2026 04:00:00 GMT"}
        answer = client.get(path, headers=kept | {"Range": "bytes=0-99"})
        assert answer.status_code == (404 if path == address else 200), "what was kept is not what stands"
        assert NAME not in answer.content.decode()


def test_not_by_a_name_in_title_caption_file_name_or_address(desk: Desk, cast: Cast) -> None:
    draft = desk.draft(title=f"{NAME} жеңди", body="Мелдеш болду.")
    upload = Upload(f"{NAME}.csv", f"{NAME} жөнүндө", b"1;2\r\n", text_of(b"1;2\r\n"))
    attaching.attach(publication=draft, upload=upload, by=cast.aida, at=desk.at)
    desk.confirm_facts(draft)
    with pytest.raises(ActRefusedError):
        desk.confirm_data(draft)
    desk.answer(draft, Answer.INITIALS)
    desk.confirm_data(draft)
    prepared = async_to_sync(outgoing.prepared)(draft.standing_files)
    actions.publish(publication=draft, prepared=prepared, by=cast.jyldyz, at=desk.at)
    page = Client().get(f"/site/ky/p/{draft.public_id}/").content.decode()
    assert "А. Б. жеңди" in page
    assert "Асанов" not in outside()
    [attached] = json.loads(draft.placements.get().record)["content"]["files"]
    address = f"/site/f/{draft.public_id}/{attached['sha256']}/"
    assert "Асанов" not in str(Client().get(address + attached["name"]).headers)
    assert Client().get(address + "Асанов.csv").status_code == 404


def test_not_by_somebody_elses_consent(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.cholpon)
    draft = desk.draft()
    desk.confirm_facts(draft)
    for group in groups_of(matter_of_draft(draft, desk.at)):
        given = {key: Answered(Answer.CONSENT, (str(cast.cholpon.pk),)) for key in group.keys}
        actions.answer(publication=draft, answers=given, by=cast.jyldyz, at=desk.at)
    with pytest.raises(ActRefusedError, match="say in words"):
        desk.confirm_data(draft)


def test_not_by_confirming_the_facts_of_what_one_wrote_oneself_under_anothers_name(
    desk: Desk, cast: Cast, at: datetime
) -> None:
    draft = desk.draft()
    written = Written(title=TITLE, body=f"{BODY} Бул да туура.")
    actions.change(publication=draft, written=written, changes=0, by=cast.jyldyz, at=at)
    draft = Publication.objects.get(pk=draft.pk)
    content = matter_of_draft(draft, at).content
    with pytest.raises(ActRefusedError, match="wrote nothing of it"):
        actions.check_facts(publication=draft, source=SOURCE, digest=content, by=cast.jyldyz, at=at)
    assert "/facts" not in signed_in(cast.jyldyz).get(f"/publications/{draft.public_id}/").content.decode()
    desk.confirm_facts(draft)


def test_not_by_initials_of_a_protected_person(desk: Desk, cast: Cast, at: datetime) -> None:
    consents.protect(person=cast.bek, by=cast.gulnara, at=at)
    with pytest.raises(ActRefusedError) as refused:
        desk.publish(desk.ready(Answer.INITIALS))
    assert str(refused.value) == "This cannot be published."
    desk.publish(desk.ready(Answer.REMOVE))


def test_nothing_but_the_door_opens_what_was_placed() -> None:
    package, home = Path(portal.__file__).parent, Path(publications.__file__).parent
    opens = re.compile(r"\bopened\(|\bcontent_of\(|files\.PLACED|\bjudged_now\(")
    inside = {path.stem for path in home.rglob("*.py") if opens.search(path.read_text("utf-8"))}
    shown = {"door", "masked", "elsewhere", "outgoing", "certificates"}
    assert inside == shown | {"aftermath", "copies", "guards", "proofs", "standing", "staying"}
    names = re.compile(r"publications\.(certificates|door|files)\b|import (certificates|door)\b")
    outside = [
        path for path in package.rglob("*.py") if home not in path.parents and names.search(path.read_text("utf-8"))
    ]
    assert outside == []


def test_no_administration_api_or_command_offers_another_way(client: Client) -> None:
    assert not {"django.contrib.admin", "rest_framework"} & set(settings.INSTALLED_APPS)
    commands = {name for name, app in get_commands().items() if str(app).startswith("darbaza.portal.")}
    sources = [
        Path(import_module(f"{get_commands()[one]}.management.commands.{one}").__file__ or "") for one in commands
    ]
    assert commands
    assert [
        one.name for one in sources if re.search(r"certify|actions\.publish|Placement", one.read_text("utf-8"))
    ] == []
    assert client.get("/gateways/publications").status_code == 404


def test_not_by_save_or_update_of_a_draft_after_it_was_let_out(desk: Desk) -> None:
    draft = desk.ready(Answer.REMOVE)
    desk.publish(draft)
    Publication.objects.update(body=f"{NAME} жөнүндө жаңы сөз")
    draft.body = f"{NAME} жөнүндө дагы бир сөз"
    draft.save()
    assert NAME not in outside()
    assert "экинчи орунду" in outside(), "what was let out stands as it was let out"


def test_not_by_checks_written_by_hand(desk: Desk, cast: Cast, at: datetime) -> None:
    draft = desk.draft()
    for kind in CheckKind:
        Check.objects.create(publication=draft, kind=kind, digest="0" * 64, source="жок", by=cast.gulnara, at=at)
    with pytest.raises(ActRefusedError):
        desk.publish(draft)


def test_not_by_calling_the_seal_itself(draft: Publication, desk: Desk, cast: Cast, at: datetime) -> None:
    matter = matter_of_draft(draft, at, publisher=cast.jyldyz)
    with pytest.raises(GateClosedError):
        certify(matter, Draft("news", "ky", "", texts_of(draft)), at)
    fine = desk.ready(Answer.REMOVE)
    matter = matter_of_draft(fine, at, publisher=cast.jyldyz)
    with pytest.raises(ValueError, match="not those that were judged"):
        certify(matter, Draft("news", "ky", "", {**texts_of(fine), "body": NAME}), at)
    extra = OutFile("p", "picture", "0" * 64, "image/jpeg", "p.jpg")
    with pytest.raises(ValueError, match="not those that were judged"):
        certify(matter, Draft("news", "ky", "", texts_of(fine), (extra,)), at)
    by_another = matter_of_draft(fine, at, publisher=cast.gulnara)
    with pytest.raises(GateClosedError):
        certify(by_another, Draft("news", "ky", "", texts_of(fine)), at)


def test_not_by_another_schools_seal(desk: Desk, settings: object, tmp_path: object) -> None:
    placed = desk.publish(desk.ready(Answer.REMOVE))
    assert certificates.opened(placed) is not None
    settings.STATE = tmp_path / "another"  # type: ignore[attr-defined, operator] # pytest-django's own types
    settings.STATE.mkdir()  # type: ignore[attr-defined] # as above
    assert certificates.opened(placed) is None
    assert TITLE not in outside()


def test_not_after_the_consent_is_gone_in_whatever_way(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    desk.publish(desk.ready())
    assert NAME in outside()
    guards_away("consents_statement")
    QuerySet(Statement)._raw_delete("default")
    assert NAME not in outside()


def test_not_by_removing_a_refusal_or_a_protection(desk: Desk, cast: Cast, at: datetime) -> None:
    desk.agree(cast.bek)
    consents.protect(person=cast.bek, by=cast.gulnara, at=at)
    placed = desk.publish(desk.ready(Answer.REMOVE))
    for model in (Statement, Protection, Placement):
        refused_by_the_database(lambda model=model: QuerySet(model)._raw_delete("default"))
    with connection.cursor() as cursor:
        refused_by_the_database(lambda: cursor.execute("DELETE FROM consents_protection"))
    forbidden(placed.delete, "never removed")


def test_not_on_a_channel_or_for_a_purpose_that_the_consent_does_not_name(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    desk.publish(desk.ready())
    guards_away("publications_placement")
    Placement.objects.update(channel="telegram", genre="achievement")
    assert NAME not in outside()
    elsewhere_placed = desk.publish(desk.ready(channel="telegram"))
    Placement.objects.filter(pk=elsewhere_placed.pk).update(channel="site")
    assert NAME not in outside(), "what was let out for Telegram is not on our site"


def test_working_copies_and_files_have_no_address_for_outsiders(desk: Desk, cast: Cast) -> None:
    sha256 = files.keep(files.WORKING, b"private")
    draft = desk.ready(Answer.REMOVE)
    desk.publish(draft)
    for path in (
        f"/site/f/{draft.public_id}/{sha256}/x.jpg",
        f"/site/f/{draft.public_id}/../../{sha256}/x",
        f"/static/publications/drafts/{sha256[:2]}/{sha256}",
    ):
        with suppress(FileNotFoundError):
            assert Client().get(path).status_code == 404


def test_not_once_the_council_never_decided(desk: Desk, draft: Publication, cast: Cast) -> None:
    desk.agree(cast.bek)
    PublicationRule.objects.all().delete()
    with pytest.raises(ActRefusedError, match="has not decided"):
        desk.publish(draft)


def test_a_seal_that_somebody_forged_with_the_portals_own_key_is_named_by_the_next_comparison(
    desk: Desk, cast: Cast, at: datetime
) -> None:
    """Whoever reads the key can let a name out past every answer; what is public is read again all the same."""
    placed = desk.publish(desk.ready(Answer.REMOVE))
    record = json.loads(placed.record)
    matter = matter_of({**record["matter"], "findings": [], "answers": {}})
    checked = {**record["matter"]["personal_data"], "digest": matter.clearing}
    made = Placement(publication=placed.publication, channel="site", genre="news", language="ky", placed_at=at)
    record |= {"placement": made.public_id, "content": {**record["content"], "body": BODY}}
    record["matter"] |= {"findings": [], "answers": {}, "personal_data": checked}
    made.record, made.placed_by = json.dumps(record), cast.jyldyz
    sealed = envelope.seal(certificates.KIND, certificates.digest(made.record), signing_key(PUBLICATION_KEY))
    made.seal = base64.b64encode(sealed).decode()
    made.save()
    assert NAME in outside(), "THREAT_MODEL.md: whoever administers the machine"
    assert dict(aftermath.compare(at).closed) == {made.public_id: ["new-finding"]}


HIDDEN = "\u200b\u00ad\u2060\u200d\u034f\ufe0f\u202e\u2066\ufeff"


@pytest.mark.parametrize("mark", HIDDEN, ids=lambda mark: f"U+{ord(mark):04X}")
def test_not_by_marks_that_nobody_sees_within_a_name(mark: str, desk: Desk, cast: Cast) -> None:
    draft = desk.draft(title=f"Ас{mark}анов Б{mark}ек жеңди", body="Мелдеш болду.")
    assert {one.people for one in matter_of_draft(draft, desk.at).findings} == {(str(cast.bek.pk),)}


@pytest.mark.django_db(transaction=True)
def test_a_school_that_closes_empties_its_tables_and_the_guards_stand_again(cast: Cast, at: datetime) -> None:
    consents.protect(person=cast.bek, by=cast.gulnara, at=at)
    call_command("flush", interactive=False, verbosity=0)
    assert not Protection.objects.exists()
    guards_stand()
