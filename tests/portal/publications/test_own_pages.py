"""Own information (3.2): somebody's own page goes through the same gate, by a permission and as long as it stands."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from darbaza.portal.consents import actions as consents
from darbaza.portal.consents import risks
from darbaza.portal.consents.asked import ticks_of
from darbaza.portal.people import actions as people
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.permits import actions as permits
from darbaza.portal.permits.actions import Scope
from darbaza.portal.permits.models import Permit, PermitKind
from darbaza.portal.publications import aftermath, elsewhere, kin
from darbaza.portal.publications.models import Publication
from darbaza.portal.publications.reading import matter_of_draft
from darbaza.portal.school_time import school_day
from darbaza.publication.gate import Why, judge
from tests.people import Cast, signed_in
from tests.portal.publications.conftest import Desk

pytestmark = pytest.mark.django_db
ADDRESS = "/publications/{}/{}"
CHANNEL, POST = "https://t.me.test/aida_klass", "https://t.me.test/aida_klass/12"


@pytest.fixture(autouse=True)
def site(surroundings: None, settings: Any) -> None:
    """The school's site has a name that a permission can name."""
    settings.SITE_HOST = "mektep.test"


def permitted(person: Person, by: Person, desk: Desk, days: int = 30, on: str = "mektep.test") -> Permit:
    """Asked for by its teacher or the person, granted by Jyldyz."""
    scope = Scope([on], desk.at, desk.at + timedelta(days=days))
    asked = permits.ask(
        kind=PermitKind.OWN_INFORMATION, person=person, scope=scope, purpose="Өздүк барак", by=by, at=desk.at
    )
    return permits.grant(permit=asked, scope=scope, by=desk.cast.jyldyz, at=desk.at)


def consented(person: Person, desk: Desk) -> None:
    """A member of staff agrees for herself."""
    ticks, key = ticks_of("+"), risks.current(desk.at).key
    assert ticks is not None
    today = school_day(desk.at)
    term = consents.Term(today, today + timedelta(days=100))
    consents.answer_for_oneself(ticks=ticks, term=term, language="ky", risks_key=key, by=person, at=desk.at)


def form(person: Person, **changes: object) -> dict[str, object]:
    written = {"genre": "own", "channel": "site", "language": "ky", "title": "Менин барагым", "own_of": person.pk}
    return written | {"body": f"{person.surname} {person.given_name} шахмат ойнойт."} | changes


def through_the_gate(desk: Desk, draft: Publication) -> None:
    desk.confirm_facts(draft)
    desk.answer(Publication.objects.get(pk=draft.pk))
    desk.confirm_data(Publication.objects.get(pk=draft.pk))


def test_a_teachers_own_page_is_public_while_permission_and_consent_stand(desk: Desk, cast: Cast) -> None:
    author = signed_in(cast.aida)
    assert f'<option value="{cast.aida.pk}"' not in author.get("/publications/new").content.decode()
    assert author.post("/publications/new", form(cast.aida)).status_code == 422, (
        "nobody without a permission is offered"
    )
    permit = permitted(cast.aida, cast.aida, desk)
    page = author.get("/publications/new").content.decode()
    assert f'<option value="{cast.aida.pk}"' in page
    assert f'<option value="{cast.nurlan.pk}"' not in page
    assert author.post("/publications/new", form(cast.aida)).status_code == 302
    draft = Publication.objects.get(own_of=cast.aida)
    through_the_gate(desk, draft)
    publisher = signed_in(cast.jyldyz)
    publisher.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    publisher.post(ADDRESS.format(draft.public_id, "publish"))
    assert Client().get(f"/site/ky/p/{draft.public_id}/").status_code == 404, "a permission is no consent"
    consented(cast.aida, desk)
    publisher.post(ADDRESS.format(draft.public_id, "publish"))
    assert "шахмат ойнойт" in Client().get(f"/site/ky/p/{draft.public_id}/").content.decode()
    assert "Менин барагым" in Client().get("/site/ky/list/own/").content.decode()
    permits.take_back(permit=permit, reason="Максаты бүттү", by=cast.jyldyz, at=desk.at)
    assert Client().get(f"/site/ky/p/{draft.public_id}/").status_code == 404
    assert "needs the permission" in publisher.get(ADDRESS.format(draft.public_id, "")).content.decode()


def test_a_students_own_page_is_written_with_the_class_teacher_and_ends_with_its_term(
    desk: Desk, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    permitted(cast.bek, cast.saltanat, desk, days=10)
    desk.agree(cast.bek)
    teacher = signed_in(cast.saltanat)
    assert teacher.post("/publications/new", form(cast.bek)).status_code == 302
    draft = Publication.objects.get(own_of=cast.bek)
    through_the_gate(desk, draft)
    desk.publish(Publication.objects.get(pk=draft.pk))
    address = f"/site/ky/p/{draft.public_id}/"
    assert "Асанов Бек" in Client().get(address).content.decode()
    for days, status in ((9, 200), (10, 404)):
        monkeypatch.setattr("darbaza.clock.utc_now", lambda days=days: desk.at + timedelta(days=days))
        assert Client().get(address).status_code == status


def test_a_permission_of_somebody_else_opens_no_page(desk: Desk, cast: Cast) -> None:
    permitted(cast.saltanat, cast.saltanat, desk)
    consented(cast.aida, desk)
    draft = desk.draft(genre="own", own_of=cast.aida, body="Шахмат жөнүндө.")
    desk.confirm_facts(draft)
    desk.confirm_data(draft)
    publisher = signed_in(cast.jyldyz)
    publisher.post(ADDRESS.format(draft.public_id, "publish"))
    assert not draft.placements.exists()
    assert "3.2" in publisher.get(ADDRESS.format(draft.public_id, "")).content.decode()


def test_a_permission_for_another_resource_opens_nothing_on_the_site(desk: Desk, cast: Cast) -> None:
    permitted(cast.aida, cast.aida, desk, on="t.me.test/aida_klass")
    permitted(cast.aida, cast.aida, desk, on="blog.mektep.test")
    consented(cast.aida, desk)
    draft = desk.draft(genre="own", own_of=cast.aida, body="Шахмат жөнүндө.")
    through_the_gate(desk, draft)
    publisher = signed_in(cast.jyldyz)
    publisher.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    publisher.post(ADDRESS.format(draft.public_id, "publish"))
    assert not draft.placements.exists()
    told = publisher.get(ADDRESS.format(draft.public_id, "")).content.decode()
    assert "does not name this address: mektep.test/site/" in told
    permitted(cast.aida, cast.aida, desk, on="mektep.test/site")
    desk.publish(Publication.objects.get(pk=draft.pk))
    assert Client().get(f"/site/ky/p/{draft.public_id}/").status_code == 200


def test_an_own_post_elsewhere_says_where_it_will_stand_and_stands_where_the_permission_names(
    desk: Desk, cast: Cast
) -> None:
    permit = permitted(cast.aida, cast.aida, desk, on=CHANNEL)
    consented(cast.aida, desk)
    author = signed_in(cast.aida)
    author.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    nowhere = author.post("/publications/new", form(cast.aida, channel="telegram"))
    assert "at which address" in nowhere.content.decode()
    assert "шахмат ойнойт" in nowhere.content.decode(), "nothing of the text is lost"
    wrong = form(cast.aida, channel="telegram", place=CHANNEL + "2", title="Башка канал")
    author.post("/publications/new", wrong)
    draft = Publication.objects.get(title="Башка канал")
    through_the_gate(desk, draft)
    with pytest.raises(ActRefusedError, match=r"not name this address: t\.me\.test/aida_klass2"):
        desk.publish(Publication.objects.get(pk=draft.pk))
    author.post(ADDRESS.format(draft.public_id, "edit"), wrong | {"place": POST, "changes": 0})
    draft.refresh_from_db()
    assert draft.place == "t.me.test/aida_klass/12"
    with pytest.raises(ActRefusedError, match="changed after"):
        desk.publish(Publication.objects.get(pk=draft.pk))
    through_the_gate(desk, draft)
    placed = desk.publish(Publication.objects.get(pk=draft.pk))
    with pytest.raises(ActRefusedError, match=r"does not name t\.me\.test/mektep"):
        elsewhere.note_address(placement=placed, address="https://t.me.test/mektep", by=cast.jyldyz, at=desk.at)
    elsewhere.note_address(placement=placed, address=POST, by=cast.jyldyz, at=desk.at)
    permits.take_back(permit=permit, reason="Максаты бүттү", by=cast.jyldyz, at=desk.at)
    [task] = aftermath.follow(desk.at)
    assert (task.placement_id, task.cause) == (placed.pk, "permission")
    with pytest.raises(ActRefusedError, match="nothing is handed over"):
        elsewhere.export(placement=placed, by=cast.jyldyz, at=desk.at)


def test_what_a_permission_closed_is_published_anew_by_the_next_and_not_by_itself(desk: Desk, cast: Cast) -> None:
    first = permitted(cast.aida, cast.aida, desk)
    consented(cast.aida, desk)
    draft = desk.draft(genre="own", own_of=cast.aida, body="Шахмат жөнүндө.")
    through_the_gate(desk, draft)
    desk.publish(Publication.objects.get(pk=draft.pk))
    permits.take_back(permit=first, reason="Максаты бүттү", by=cast.jyldyz, at=desk.at)
    permitted(cast.aida, cast.aida, desk)
    publisher = signed_in(cast.jyldyz)
    assert Client().get(f"/site/ky/p/{draft.public_id}/").status_code == 404
    assert "/publish" in publisher.get(ADDRESS.format(draft.public_id, "")).content.decode()
    publisher.post(ADDRESS.format(draft.public_id, "publish"))
    assert Client().get(f"/site/ky/p/{draft.public_id}/").status_code == 200
    assert "/publish" not in publisher.get(ADDRESS.format(draft.public_id, "")).content.decode()


def test_an_own_page_closes_when_its_owner_leaves_the_school_even_if_it_names_nobody(desk: Desk, cast: Cast) -> None:
    permitted(cast.bek, cast.saltanat, desk)
    draft = desk.draft(genre="own", own_of=cast.bek, title="Шахмат", body="Шахмат жөнүндө.")
    through_the_gate(desk, draft)
    desk.publish(Publication.objects.get(pk=draft.pk))
    address = f"/site/ky/p/{draft.public_id}/"
    assert Client().get(address).status_code == 200
    people.let_leave(person=cast.bek, by=cast.gulnara, at=desk.at)
    assert Client().get(address).status_code == 404


def test_a_copy_of_an_own_page_for_another_channel_goes_nowhere_until_its_address_is_said(
    desk: Desk, cast: Cast
) -> None:
    permitted(cast.aida, cast.aida, desk, on="mektep.test")
    draft = desk.draft(genre="own", own_of=cast.aida, body="Шахмат жөнүндө.")
    copy = kin.copy_to(publication=draft, channel="telegram", by=cast.aida, at=desk.at)
    whys = {one.why for one in judge(matter_of_draft(copy, desk.at), desk.at).reasons}
    assert Why.NOT_THERE in whys


def test_a_site_that_has_a_name_in_the_schools_network_only_is_named_by_that(
    desk: Desk, cast: Cast, settings: Any
) -> None:
    settings.SITE_HOST, settings.SITE_ADDRESS, settings.ADDRESS = "", "", "http://darbaza"
    with pytest.raises(ActRefusedError):
        permitted(cast.aida, cast.aida, desk, on="router")
    permitted(cast.aida, cast.aida, desk, on="http://darbaza/site/")
    draft = desk.draft(genre="own", own_of=cast.aida, body="Шахмат жөнүндө.")
    through_the_gate(desk, draft)
    assert desk.publish(Publication.objects.get(pk=draft.pk))
