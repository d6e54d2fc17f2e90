"""Every page: who may open it, what it refuses, and that it renders in three languages for whoever may."""

import html
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from darbaza.portal import navigation
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.classification import actions as classification
from darbaza.portal.council import actions as council
from darbaza.portal.council.actions import Point
from darbaza.portal.council.models import Decision, Order, OrderAct, OrderKind, RulingEffect, UserCategory
from darbaza.portal.council.orders.drafts import draft_order
from darbaza.portal.council.orders.emergencies import give_in_emergency
from darbaza.portal.council.orders.signing import Wording
from darbaza.portal.council.regulation.actions import draft_regulation
from darbaza.portal.council.sittings import actions as sittings
from darbaza.portal.council.sittings.actions import Asked
from darbaza.portal.council.targets import RulingDraft
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Person, RosterDraft, RosterImport
from darbaza.portal.people.rights import CLAUSES, NAMES, Right, holds
from darbaza.portal.rooms import actions as rooms
from darbaza.portal.rooms.models import Device, DeviceKind, Room
from darbaza.portal.school_time import school_day
from tests.people import Cast, make_room, make_staff, signed_in

NOW = datetime.now(UTC)  # noqa: TID251 - pages read the clock themselves

PAGES: dict[str, Right] = {
    "/people/": Right.PEOPLE_PERSON_READ,
    "/people/?kind=student&q=Аса%00нов": Right.PEOPLE_PERSON_READ,
    "/people/add": Right.PEOPLE_PERSON_EDIT,
    "/people/classes/": Right.PEOPLE_PERSON_READ,
    "/people/classes/{seven}/": Right.PEOPLE_PERSON_READ,
    "/people/person/{aida}/": Right.PEOPLE_PERSON_READ,
    "/people/person/{bek}/": Right.PEOPLE_PERSON_READ,
    "/people/person/{bek}/edit": Right.PEOPLE_PERSON_EDIT,
    "/people/roster/": Right.PEOPLE_ROSTER_IMPORT,
    "/rooms/": Right.ROOMS_PLAN_READ,
    "/rooms/add": Right.ROOMS_PLAN_EDIT,
    "/rooms/broken": Right.ROOMS_PLAN_READ,
    "/rooms/it-1/": Right.ROOMS_PLAN_READ,
    "/council/orders/": Right.COUNCIL_ORDER_READ,
    "/council/orders/{order}/": Right.COUNCIL_ORDER_READ,
    "/council/orders/new": Right.COUNCIL_ORDER_DRAFT,
    "/council/orders/drafts/{order_draft}/": Right.COUNCIL_ORDER_DRAFT,
    "/council/orders/drafts/{order_draft}/edit": Right.COUNCIL_ORDER_DRAFT,
    "/council/orders/substitute": Right.COUNCIL_ORDER_DRAFT,
    "/council/orders/substitute?absent={aida}": Right.COUNCIL_ORDER_DRAFT,
    "/council/regulation/": Right.COUNCIL_ORDER_READ,
    "/council/regulation/new": Right.COUNCIL_ORDER_DRAFT,
    "/council/regulation/{regulation}/": Right.COUNCIL_ORDER_READ,
    "/council/regulation/{regulation}/edit": Right.COUNCIL_ORDER_DRAFT,
    "/council/regulation/{regulation}/differences": Right.COUNCIL_ORDER_READ,
    "/council/regulation/ref/2020-09-15": Right.COUNCIL_ORDER_READ,
    "/council/emergencies/": Right.COUNCIL_ORDER_READ,
    "/council/emergencies/new": Right.COUNCIL_EMERGENCY_ACT,
    "/council/emergencies/new?absent={aida}": Right.COUNCIL_EMERGENCY_ACT,
    "/council/decisions/": Right.COUNCIL_DECISION_READ,
    "/council/decisions/{decision}/": Right.COUNCIL_DECISION_READ,
    "/council/decisions/new": Right.COUNCIL_DECISION_ADOPT,
    "/council/proposals/": Right.COUNCIL_DECISION_READ,
    "/council/proposals/?state=open": Right.COUNCIL_DECISION_READ,
    "/council/proposals/{proposal}/": Right.COUNCIL_DECISION_READ,
    "/council/proposals/new": Right.COUNCIL_PROPOSAL_MAKE,
    "/council/holds/": Right.COUNCIL_DECISION_READ,
    "/council/holds/new": Right.COUNCIL_HOLD_PLACE,
    "/council/sittings/": Right.COUNCIL_DECISION_READ,
    "/council/sittings/{sitting}/": Right.COUNCIL_DECISION_READ,
    "/council/sittings/new?council=pedagogical": Right.COUNCIL_SITTING_HOLD,
    "/council/rules/": Right.COUNCIL_DECISION_READ,
    "/council/rules/?for=students": Right.COUNCIL_DECISION_READ,
    "/classification/": Right.CLASSIFICATION_QUEUE_READ,
    "/classification/?host=kitep.test%00": Right.CLASSIFICATION_QUEUE_READ,
    "/classification/assignments/": Right.CLASSIFICATION_QUEUE_READ,
    "/classification/register/": Right.CLASSIFICATION_QUEUE_READ,
    "/classification/register/new": Right.CLASSIFICATION_REGISTER_IMPORT,
    "/classification/reports/new?kind=x": Right.CLASSIFICATION_REPORT_MAKE,
    "/classification/reports/{report}/": Right.CLASSIFICATION_REPORT_MAKE,
    "/permits/": Right.PERMITS_PERMIT_ASK,
    "/permits/?show=waiting": Right.PERMITS_PERMIT_ASK,
    "/permits/new": Right.PERMITS_PERMIT_ASK,
    "/permits/new?host=pochta.test%00&kind=x": Right.PERMITS_PERMIT_ASK,
    "/whatif/": Right.COUNCIL_DECISION_READ,
    "/whatif/proposal/{proposal}": Right.WHATIF_REPLAY_RUN,
    "/whatif/item/{item}": Right.WHATIF_REPLAY_RUN,
    "/audit": Right.AUDIT_CHAIN_READ,
    "/audit?check": Right.AUDIT_CHAIN_READ,
    "/audit?by=no%00body": Right.AUDIT_CHAIN_READ,
}

POSTS: dict[str, Right] = {
    "/whatif/decision": Right.WHATIF_REPLAY_RUN,
    "/council/orders/drafts/{order_draft}/sign": Right.COUNCIL_ORDER_SIGN,
    "/council/orders/drafts/{order_draft}/discard": Right.COUNCIL_ORDER_DRAFT,
    "/council/proposals/{proposal}/draft": Right.COUNCIL_ORDER_DRAFT,
    "/council/regulation/{regulation}/discard": Right.COUNCIL_ORDER_DRAFT,
    "/council/regulation/{regulation}/order": Right.COUNCIL_ORDER_DRAFT,
    "/council/regulation/{regulation}/approve": Right.COUNCIL_ORDER_SIGN,
    "/council/emergencies/{emergency}/end": Right.COUNCIL_ORDER_DRAFT,
    "/council/emergencies/{emergency}/ratify": Right.COUNCIL_ORDER_DRAFT,
    "/classification/preview": Right.CLASSIFICATION_RESOURCE_ASSIGN,
    "/classification/assign": Right.CLASSIFICATION_RESOURCE_ASSIGN,
    "/classification/reports/{report}/answer": Right.CLASSIFICATION_RESOURCE_ASSIGN,
    "/classification/register/1/apply": Right.CLASSIFICATION_REGISTER_IMPORT,
    "/classification/register/1/undo": Right.CLASSIFICATION_REGISTER_IMPORT,
    "/council/sittings/{sitting}/open": Right.COUNCIL_SITTING_HOLD,
    "/council/sittings/{sitting}/items/{item}": Right.COUNCIL_SITTING_HOLD,
    "/council/sittings/{sitting}/close": Right.COUNCIL_SITTING_HOLD,
    "/people/classes/{seven}/pins": Right.PEOPLE_PIN_ISSUE,
    "/people/person/{bek}/sign-in": Right.PEOPLE_SIGN_IN_GIVE,
    "/people/person/{bek}/password": Right.PEOPLE_SIGN_IN_GIVE,
    "/people/person/{bek}/leave": Right.PEOPLE_PERSON_EDIT,
    "/people/person/{bek}/return": Right.PEOPLE_PERSON_EDIT,
    "/people/roster/{draft}/apply": Right.PEOPLE_ROSTER_IMPORT,
    "/people/roster/imports/{import}/undo": Right.PEOPLE_ROSTER_IMPORT,
    "/permits/1/grant": Right.PERMITS_PERMIT_DECIDE,
    "/permits/1/decline": Right.PERMITS_PERMIT_DECIDE,
    "/permits/1/take-back": Right.PERMITS_PERMIT_DECIDE,
    "/permits/1/withdraw": Right.PERMITS_PERMIT_ASK,
    "/rooms/devices": Right.ROOMS_PLAN_EDIT,
    "/rooms/devices/{device}/remove": Right.ROOMS_PLAN_EDIT,
    "/rooms/it-1/broken": Right.ROOMS_PLAN_READ,
    "/rooms/broken/1/mend": Right.ROOMS_PLAN_READ,
    "/rooms/it-1/lay-out": Right.ROOMS_PLAN_EDIT,
    "/rooms/it-1/seats": Right.ROOMS_PLAN_EDIT,
    "/rooms/it-1/seats/{seat}/remove": Right.ROOMS_PLAN_EDIT,
}


@pytest.fixture
def places(cast: Cast) -> dict[str, object]:
    """A room with a seat, an order and a decision in force, a roster uploaded and one applied."""
    room = make_room()
    [seat] = rooms.lay_out(room=room, columns=1, rows=1, first_address="127.0.1.1", by=cast.ermek, at=NOW)
    order = council.sign_order(
        kind=OrderKind.STAFF,
        text="Негиз",
        points=[Point(OrderAct.APPOINT, cast.timur, Duty.AUTHORITY), Point(OrderAct.EQUIP, room=room)],
        in_force_from=school_day(NOW),
        by=cast.gulnara,
        at=NOW,
    )
    students = UserCategory.objects.get(code="students")
    decision = council.adopt_decision(
        text="Чечим",
        minutes_number="1",
        date=school_day(NOW),
        in_force_from=school_day(NOW),
        rulings=[RulingDraft(students, effect, category="video") for effect in RulingEffect],
        by=cast.nurlan,
        at=NOW,
    )
    proposal = sittings.make_proposal(
        subject="access",
        proposer="teacher",
        text="Сабакка керек",
        asked=Asked(RulingDraft(students, RulingEffect.ALLOW, host="kitep.test")),
        by=cast.aida,
        at=NOW,
    )
    secretary = make_staff("Алиева", "Бегимай", Duty.COUNCIL_MEMBER)
    sitting = sittings.call_sitting(
        date=school_day(NOW), chair=cast.nurlan, secretary=secretary, proposals=[proposal], by=cast.nurlan, at=NOW
    )
    draft = RosterDraft.objects.create(
        by=cast.ermek, at=NOW, file_name="a", sha256="0" * 64, rows=[["Фамилия", "Аты", "Класс"]]
    )
    applied = RosterImport.objects.create(by=cast.ermek, at=NOW, file_name="a", sha256="0" * 64, counts={"new": 0})
    point = Point(OrderAct.APPOINT, cast.timur, Duty.TEACHER)
    order_draft = draft_order(wording=Wording(OrderKind.STAFF, "Негиз", [point]), by=cast.ermek, at=NOW)
    regulation = draft_regulation(language="ky", texts={"2.9": "Мугалимсиз кирбейт"}, by=cast.ermek, at=NOW)
    emergency = give_in_emergency(point=point, reason="Директор сапарда", by=cast.ermek, at=NOW)
    return {
        "order_draft": order_draft.pk,
        "regulation": regulation.pk,
        "emergency": emergency.pk,
        "seven": cast.seven.pk,
        "aida": cast.aida.public_id,
        "bek": cast.bek.public_id,
        "order": order.pk,
        "decision": decision.pk,
        "proposal": proposal.pk,
        "sitting": sitting.pk,
        "item": sitting.items.get().pk,
        "draft": draft.pk,
        "import": applied.pk,
        "report": classification.report(kind="unsuitable", resource="oyun.test", by=cast.aida, at=NOW).pk,
        "device": Device.objects.get().pk,
        "seat": seat.pk,
    }


INLINE = ("<style", " style=", " onclick=", "<script>")


def text_of(response: object) -> str:
    return html.unescape(getattr(response, "content", b"").decode())


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_to_whoever_holds_its_right_and_names_it_to_others(
    cast: Cast, places: dict[str, object], page: str
) -> None:
    address = page.format(**places)
    for person in cast.staff().values():
        response = signed_in(person).get(address)
        if holds(person, PAGES[page], NOW):
            assert response.status_code == 200, (person, page)
        else:
            assert response.status_code == 403, (person, page)
            assert str(CLAUSES[PAGES[page]]) in text_of(response)


def test_nobody_sees_a_page_without_signing_in(places: dict[str, object]) -> None:
    for page in (*PAGES, *POSTS, "/"):
        client = Client()
        address = page.format(**places)
        response = client.post(address) if page in POSTS else client.get(address)
        assert response.status_code == 302, page
        assert response.headers["Location"].startswith("/accounts/login/"), page


@pytest.mark.parametrize("page", POSTS)
def test_an_act_rejects_get_and_a_missing_token_and_each_wrong_role(
    cast: Cast, places: dict[str, object], page: str
) -> None:
    address, before = page.format(**places), AuditEntry.objects.count()
    assert signed_in(cast.ermek).get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert cast.ermek.user is not None
    strict.force_login(cast.ermek.user, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(address).status_code == 403
    for person in cast.staff().values():
        if not holds(person, POSTS[page], NOW):
            client = signed_in(person)
            client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
            response = client.post(address)
            assert response.status_code == 403, person
            assert str(NAMES[POSTS[page]]) in text_of(response)
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("page", ["/", *PAGES])
def test_a_page_renders_in_each_language_with_nothing_inline(cast: Cast, places: dict[str, object], page: str) -> None:
    person = next(one for one in cast.staff().values() if holds(one, PAGES.get(page, Right.ROOMS_PLAN_READ), NOW))
    client = signed_in(person)
    for language in ("ky", "ru", "en"):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        response = client.get(page.format(**places))
        text = text_of(response)
        assert response.status_code == 200, language
        assert f'<html lang="{language}">' in text
        assert not [inline for inline in INLINE if inline in text], language
        assert response.headers["Content-Security-Policy"] == settings.CONTENT_SECURITY_POLICY
        assert "no-store" in response.headers["Cache-Control"]


# The way through


def test_the_director_signs_an_order_through_the_form(cast: Cast) -> None:
    client, room, day = signed_in(cast.gulnara), make_room(), school_day(NOW).isoformat()
    form = {
        "sign": "1", "kind": "staff", "text": "Негиз", "in_force_from": day, "in_force_until": "", "repeals": "",
        "p-TOTAL_FORMS": "3", "p-INITIAL_FORMS": "0",
        "p-0-act": "appoint", "p-0-person": str(cast.timur.pk), "p-0-duty": "teacher",
        "p-1-act": "equip", "p-1-room": str(room.pk),
    }  # fmt: skip
    response = client.post("/council/orders/new", form)
    order = Order.objects.get()
    assert response.headers["Location"] == f"/council/orders/{order.pk}/"
    assert holds(cast.timur, Right.LESSONS_SESSION_OPEN, order.in_force_from)
    assert Room.objects.get().equipped_on(school_day(NOW))
    printed = text_of(client.get(f"/council/orders/{order.pk}/"))
    assert "Исаков Тимур" in printed
    assert "Токтогулова Г." in printed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": ""}, "text"),
        ({"p-0-duty": ""}, "p-0"),
        ({"p-0-act": ""}, "p-0"),
        ({"in_force_from": "2026-13-45"}, "in_force_from"),
        ({"p-TOTAL_FORMS": "x"}, "p-TOTAL"),
    ],
)
def test_an_incomplete_order_is_shown_again_and_not_signed(cast: Cast, change: dict[str, str], said: str) -> None:
    form = {
        "kind": "staff", "text": "Негиз", "in_force_from": school_day(NOW).isoformat(),
        "p-TOTAL_FORMS": "3", "p-INITIAL_FORMS": "0",
        "p-0-act": "appoint", "p-0-person": str(cast.timur.pk), "p-0-duty": "teacher",
    } | change  # fmt: skip
    response = signed_in(cast.gulnara).post("/council/orders/new", form)
    assert response.status_code == 422
    assert said in text_of(response)
    assert not Order.objects.exists()


def test_more_points_are_asked_for_without_losing_what_was_written(cast: Cast) -> None:
    form = {"text": "Негиз бар", "p-TOTAL_FORMS": "3", "p-INITIAL_FORMS": "0", "more": "1"}
    text = text_of(signed_in(cast.gulnara).post("/council/orders/new", form))
    assert "Негиз бар" in text
    assert 'name="p-5-act"' in text


def decision_form(**change: str) -> dict[str, str]:
    day = school_day(NOW).isoformat()
    form = {
        "council": "methodological", "date": day, "minutes_number": "3", "in_force_from": day, "text": "Чечим",
        "r-TOTAL_FORMS": "3", "r-INITIAL_FORMS": "0",
        "r-0-user_category": "students", "r-0-effect": "allow", "r-0-host": "https://kitep.test/",
        "r-0-subdomains": "on",
    }  # fmt: skip
    return form | change


def test_the_council_enters_a_decision_through_the_form(cast: Cast) -> None:
    client = signed_in(cast.nurlan)
    form = decision_form(**{"r-1-user_category": "students-1-4", "r-1-effect": "deny", "r-1-category": "video"})
    assert client.post("/council/decisions/new", form).status_code == 302
    decision = Decision.objects.get()
    assert [one.subject for one in decision.rulings.order_by("pk")] == ["kitep.test", "video"]
    second = decision_form(
        **{"ends": str(decision.rulings.order_by("pk")[0].pk), "d-teachers-default_rule": "block-list"}
    )
    assert client.post("/council/decisions/new", second).status_code == 302
    assert decision.rulings.filter(ended_by__isnull=False).count() == 1


def test_a_doubtful_ruling_is_asked_about_before_it_stands(cast: Cast) -> None:
    client, form = signed_in(cast.nurlan), decision_form(**{"r-0-host": "sites.google.com", "r-0-until": "2027-03-01"})
    response = client.post("/council/decisions/new", form)
    assert response.status_code == 422
    assert "sites.google.com" in text_of(response)
    assert not Decision.objects.exists()
    assert client.post("/council/decisions/new", form | {"sure": "1"}).status_code == 302


@pytest.mark.parametrize(
    "change",
    [{"r-0-host": "com"}, {"r-0-host": "", "r-0-category": "porn"}, {"r-0-effect": ""}, {"date": "2099-01-01"}],
)
def test_a_decision_that_cannot_stand_is_shown_again(cast: Cast, change: dict[str, str]) -> None:
    assert signed_in(cast.nurlan).post("/council/decisions/new", decision_form(**change)).status_code == 422
    assert not Decision.objects.exists()


def test_a_proposal_goes_through_a_sitting_on_screen(cast: Cast, places: dict[str, object]) -> None:
    proposal = {
        "council": "methodological", "subject": "access", "proposer": "parent", "from_name": "Ата-эне", "text": "Керек",
        "user_category": "students", "effect": "allow", "host": "https://bilim.test/", "subdomains": "on",
    }  # fmt: skip
    made = signed_in(cast.aida).post("/council/proposals/new", proposal)
    assert made.status_code == 302
    chair, pk, item = signed_in(cast.nurlan), places["sitting"], places["item"]
    secretary = Person.objects.get(given_name="Бегимай")
    page = f"/council/sittings/{pk}/"
    assert chair.post(f"{page}open", {"present": [cast.nurlan.pk]}).status_code == 422
    assert "is_today" in chair.get(page).context, "without a quorum it stays called"
    assert chair.post(f"{page}open", {"present": [cast.nurlan.pk, secretary.pk]}).status_code == 302
    vote = {
        "resolution": "Ачылсын", "user_category": "students", "effect": "allow", "review_date": "2027-05-25",
        f"voice-{cast.nurlan.pk}": "for", f"voice-{secretary.pk}": "for",
    }  # fmt: skip
    entered = {f"i{item}-{name}": value for name, value in vote.items()}
    no_review = chair.post(f"{page}items/{item}", entered | {f"i{item}-review_date": ""})
    assert no_review.status_code == 422
    assert "Ачылсын" in text_of(no_review), "what was entered is kept"
    assert chair.post(f"{page}items/{item}", entered).status_code == 302
    assert chair.post(f"{page}close", {"in_force_from": school_day(NOW).isoformat()}).status_code == 302
    minutes = text_of(signed_in(cast.aida).get(page))
    for text in ("kitep.test", "Ачылсын", "25.05.2027", cast.nurlan.short_name, "макул: 2, каршы: 0, калыс: 0"):
        assert text in minutes
    decision = Decision.objects.get(sitting=pk)
    assert f"/council/sittings/{pk}/" in text_of(signed_in(cast.aida).get(f"/council/decisions/{decision.pk}/"))
    assert "Ачылсын" in text_of(signed_in(cast.aida).get(f"/council/proposals/{places['proposal']}/"))
    again = chair.post(f"{page}items/{item}", entered, follow=True)
    assert again.redirect_chain, "minutes do not change"
    assert decision.rulings.count() == 1


def test_a_proposal_that_cannot_stand_is_shown_again(cast: Cast) -> None:
    form = {"council": "methodological", "subject": "access", "proposer": "teacher", "text": "Керек"}
    client = signed_in(cast.aida)
    for more in ({}, {"user_category": "students", "effect": "allow", "host": "com"}):
        response = client.post("/council/proposals/new", form | more)
        assert response.status_code == 422
        assert "Керек" in text_of(response)


GROUP = {"name_ky": "7-класстар", "name_ru": "7-е классы", "name_en": "grade 7", "grade_from": "7", "grade_to": "7"}


def test_the_council_makes_a_group_through_the_form(cast: Cast) -> None:
    group = {f"g-{name}": value for name, value in GROUP.items()} | {"g-default_rule": "block-list"}
    response = signed_in(cast.nurlan).post("/council/decisions/new", decision_form(**group))
    assert response.status_code == 302
    assert "7-класстар" in text_of(signed_in(cast.nurlan).get(response["Location"]))


def test_half_a_group_is_shown_again(cast: Cast) -> None:
    half = decision_form(**{"g-name_ky": "7-класстар", "g-grade_from": "7"})
    assert signed_in(cast.nurlan).post("/council/decisions/new", half).status_code == 422
    assert not Decision.objects.exists()


def test_pins_are_shown_once_on_a_sheet_to_print(cast: Cast) -> None:
    client = signed_in(cast.saltanat)
    sheet = text_of(client.post(f"/people/classes/{cast.seven.pk}/pins"))
    assert sheet.count("<svg") > 2
    assert sheet.count('class="pin"') == 2
    assert 'class="pin"' not in text_of(client.get(f"/people/classes/{cast.seven.pk}/"))
    assert client.post(f"/people/classes/{cast.eight.pk}/pins").status_code == 403
    assert Person.objects.get(pk=cast.daniyar.pk).pin_hash == ""


def test_a_roster_goes_from_file_to_preview_to_school(cast: Cast) -> None:
    client = signed_in(cast.zarina)
    data = "Фамилия;Имя;Класс\nАсанов;Бек;8-Б\nҮсөнова;Чолпон;7-А\n".encode()
    response = client.post("/people/roster/", {"file": SimpleUploadedFile("тизме.csv", data)})
    preview = response.headers["Location"]
    text = text_of(client.get(preview))
    mark = text.split('name="fingerprint" value="')[1].split('"')[0]
    assert client.post(preview + "apply", {"fingerprint": "wrong"}).headers["Location"] == preview
    assert client.post(preview + "apply", {"fingerprint": mark}).headers["Location"] == "/people/roster/"
    assert str(cast.bek.enrolment_on(school_day(NOW)).school_class) == "8-Б"  # type: ignore[union-attr]
    done = RosterImport.objects.get()
    client.post(f"/people/roster/imports/{done.pk}/undo")
    assert str(cast.bek.enrolment_on(school_day(NOW)).school_class) == "7-А"  # type: ignore[union-attr]


def test_a_doubtful_roster_needs_its_question_answered(cast: Cast) -> None:
    client = signed_in(cast.zarina)
    data = "Фамилия;Имя;Класс\nАсанов;Бек;8-Б\n".encode("windows-1251")
    preview = client.post("/people/roster/", {"file": SimpleUploadedFile("a.csv", data)}).headers["Location"]
    text = text_of(client.get(preview))
    assert "Windows-1251" in text
    mark = text.split('name="fingerprint" value="')[1].split('"')[0]
    client.post(preview + "apply", {"fingerprint": mark})
    assert not RosterImport.objects.exists()
    client.post(preview + "apply", {"fingerprint": mark, "sure": "1"})
    assert RosterImport.objects.exists()


@pytest.mark.parametrize("data", [b"", b"\0" * 10, b"PK\x03\x04junk", b"a,b\n1,2", b"x" * (4 * 2**20 + 1)])
def test_a_bad_roster_file_is_refused_beside_the_form(cast: Cast, data: bytes) -> None:
    response = signed_in(cast.zarina).post("/people/roster/", {"file": SimpleUploadedFile("a.xlsx", data)})
    assert response.status_code == 422
    assert 'class="invalid"' in text_of(response)
    assert not RosterDraft.objects.exists()


def test_another_persons_roster_is_not_shown(cast: Cast, places: dict[str, object]) -> None:
    assert signed_in(cast.zarina).get(f"/people/roster/{places['draft']}/").status_code == 404


def test_rooms_are_changed_through_their_forms(cast: Cast) -> None:
    client = signed_in(cast.ermek)
    client.post("/rooms/add", {"code": "it-9", "name": "Кабинет", "capacity": "9"})
    client.post("/rooms/it-9/lay-out", {"columns": "2", "rows": "1", "first_address": "10.1.1.1"})
    client.post("/rooms/it-9/seats", {"number": "3", "row": "2", "place": "4"})
    client.post("/rooms/it-9/", {"name": "Жаңы", "capacity": "3"})
    room = Room.objects.get()
    assert (room.name, room.seats.count(), room.seats.get(number=3).x) == ("Жаңы", 3, 3)
    seat = room.seats.get(number=3)
    client.post("/rooms/devices", {"address": "10.1.1.9", "name": "", "kind": "student", "seat": str(seat.pk)})
    assert Device.objects.get(address="10.1.1.9").seat == seat
    client.post("/rooms/devices", {"address": "10.1.2.9", "name": "", "kind": "staff", "seat": ""})
    assert Device.objects.get(address="10.1.2.9").kind == DeviceKind.STAFF
    client.post("/rooms/devices", {"address": "nonsense", "kind": "staff"})
    assert Device.objects.count() == 4


def test_a_first_password_is_shown_once(cast: Cast) -> None:
    client = signed_in(cast.ermek)
    person = Person.objects.create(kind="staff", surname="Эсенов", given_name="Азат")
    shown = text_of(client.post(f"/people/person/{person.public_id}/sign-in", {"username": "azat"}))
    person.refresh_from_db()
    assert person.user is not None
    password = shown.split('font-monospace">')[1].split("<")[0]
    assert person.user.check_password(password)
    assert password not in text_of(client.get(f"/people/person/{person.public_id}/"))
    again = text_of(client.post(f"/people/person/{person.public_id}/password"))
    assert password not in again


# Sign-in, language, probes


def test_staff_sign_in_with_a_user_name(cast: Cast) -> None:
    assert cast.aida.user is not None
    cast.aida.user.set_password("a long word of hers")
    cast.aida.user.save()
    client = Client()
    form = {"login": cast.aida.user.username, "password": "a long word of hers"}
    assert client.post("/accounts/login/", form).headers["Location"] == "/"
    assert "Жумабекова" in text_of(client.get("/"))
    assert Client().post("/accounts/login/", form | {"password": "wrong"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["signup/", "password/reset/", "email/"])
def test_what_a_school_does_in_person_is_closed(page: str) -> None:
    assert Client().get(f"/accounts/{page}").status_code == 403


def test_a_sign_in_without_a_person_opens_nothing(cast: Cast) -> None:
    client = signed_in(cast.timur)
    Person.objects.filter(pk=cast.timur.pk).update(active=False)
    assert client.get("/").status_code == 403
    assert client.get("/rooms/").status_code == 403


@pytest.mark.django_db
def test_kyrgyz_is_spoken_until_another_language_is_chosen() -> None:
    client = Client()
    assert '<html lang="ky">' in text_of(client.get("/accounts/login/", HTTP_ACCEPT_LANGUAGE="en-US"))
    response = client.post("/language", {"language": "ru", "next": "/accounts/login/"})
    assert (response.status_code, response.headers["Location"]) == (303, "/accounts/login/")
    text = text_of(client.get("/accounts/login/"))
    assert '<html lang="ru">' in text


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["https://kumar.test/", "//kumar.test/", "", "javascript:alert(1)"])
def test_the_choice_of_language_never_leads_elsewhere(target: str) -> None:
    assert Client().post("/language", {"language": "ru", "next": target}).headers["Location"] == "/"


def test_an_unknown_language_changes_nothing(cast: Cast) -> None:
    client = signed_in(cast.aida)
    client.post("/language", {"language": "xx"})
    assert not AuditEntry.objects.exists()
    client.post("/language", {"language": "en"})
    assert Person.objects.get(pk=cast.aida.pk).language == "en"


@pytest.mark.django_db
def test_one_word_for_a_password() -> None:
    text = text_of(Client().get("/accounts/login/"))
    assert "Сырсөз" in text
    assert "упуя" not in text


@pytest.mark.django_db
def test_probes_answer() -> None:
    assert Client().get("/healthz").content == b"ok\n"
    assert Client().get("/readyz").json() == {"database": "up", "migrations": "applied"}


def test_what_names_no_icon_gets_the_portals() -> None:
    assert Client().get("/favicon.ico").headers["Location"].endswith(".svg")


@pytest.mark.django_db
def test_a_missing_page_is_told_in_kyrgyz() -> None:
    response = Client().get("/no-such-page")
    assert response.status_code == 404
    assert 'lang="ky"' in text_of(response)


def test_orders_are_found_as_people_cite_them(cast: Cast, places: dict[str, object]) -> None:
    client = signed_in(cast.aida)
    order = Order.objects.get()
    there = client.get(reverse("council:order-by-ref", args=[order.ref]))
    assert there.headers["Location"] == f"/council/orders/{order.pk}/"
    assert client.get("/council/orders/ref/2026-99999").status_code == 404
    assert client.get("/council/orders/ref/x").status_code == 404


def test_home_folds_what_waits_beyond_a_few_and_hides_none_of_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = tuple(navigation.ToDo(f"Иш {number}", f"/{number}") for number in range(1, 8))
    monkeypatch.setattr(navigation, "home_of", lambda *_: navigation.HomePart(to_do=waiting))
    page = text_of(signed_in(cast.gulnara).get("/"))
    assert all(one.text in page for one in waiting)
    assert page.index("Иш 5") < page.index("дагы 2") < page.index("Иш 6")


def test_home_tells_what_waits(cast: Cast) -> None:
    assert "2.13" in text_of(signed_in(cast.gulnara).get("/"))
    assert "7-А" in text_of(signed_in(cast.saltanat).get("/"))
    assert "8-Б" not in text_of(signed_in(cast.saltanat).get("/"))
    assert text_of(signed_in(cast.timur).get("/")).count("1.3") == 1
