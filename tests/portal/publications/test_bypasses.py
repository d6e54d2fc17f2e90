"""Every way around the gate, tried: what is served to the public is what the gate let out, and lets stand now."""

import json
from contextlib import suppress
from datetime import datetime

import pytest
from django.test import Client

from darbaza.portal.consents.models import Statement
from darbaza.portal.council.models import PublicationRule
from darbaza.portal.people.models import User
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.publications import aftermath, certificates, files
from darbaza.portal.publications.certificates import Draft, OutFile, certify
from darbaza.portal.publications.models import Check, CheckKind, Placement, Publication
from darbaza.portal.publications.reading import matter_of_draft, texts_of
from darbaza.publication.gate import GateClosedError
from darbaza.publication.matter import Answer
from tests.people import Cast, signed_in
from tests.portal.publications.conftest import BODY, TITLE, Desk

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


def test_not_by_writing_a_placement_by_hand(desk: Desk, draft: Publication, cast: Cast, at: datetime) -> None:
    other = desk.publish(desk.ready(Answer.REMOVE, title="Башка кабар"))
    forged = json.loads(other.record) | {"content": {**json.loads(other.record)["content"], "body": BODY}}
    common = {"publication": draft, "channel": "site", "genre": "news", "language": "ky", "placed_by": cast.jyldyz}
    for record, seal in ((json.dumps(forged), other.seal), (json.dumps(forged), ""), ("{}", other.seal), ("", "x")):
        Placement.objects.create(**common, placed_at=at, record=record, seal=seal)
    assert NAME not in outside()
    assert "Башка кабар" in outside()


def test_not_by_changing_what_was_placed(desk: Desk, at: datetime) -> None:
    placed = desk.publish(desk.ready(Answer.REMOVE))
    assert TITLE in outside()
    Placement.objects.update(record=placed.record.replace("… эң көп", f"{NAME} эң көп"))
    assert NAME not in outside()
    assert TITLE not in outside(), "what was changed by hand is not served at all"


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
    Statement.objects.all().delete()
    assert NAME not in outside()


def test_not_on_a_channel_or_for_a_purpose_that_the_consent_does_not_name(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    placed = desk.publish(desk.ready())
    Placement.objects.update(channel="telegram", genre="achievement")
    assert json.loads(placed.record)["matter"]["channel"] == "site"
    assert NAME not in outside() or Placement.objects.get().channel == "telegram"


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
