"""Own information (3.2): somebody's own page goes through the same gate, by a permission and as long as it stands."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from darbaza.portal.consents import actions as consents
from darbaza.portal.consents import risks
from darbaza.portal.consents.asked import ticks_of
from darbaza.portal.people.models import Person
from darbaza.portal.permits import actions as permits
from darbaza.portal.permits.actions import Scope
from darbaza.portal.permits.models import Permit, PermitKind
from darbaza.portal.publications.models import Publication
from darbaza.portal.school_time import school_day
from tests.people import Cast, signed_in
from tests.portal.publications.conftest import Desk

pytestmark = pytest.mark.django_db
ADDRESS = "/publications/{}/{}"


def permitted(person: Person, by: Person, desk: Desk, days: int = 30) -> Permit:
    """Asked for by its teacher or the person, granted by Jyldyz."""
    scope = Scope(["mektep.test"], desk.at, desk.at + timedelta(days=days))
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
