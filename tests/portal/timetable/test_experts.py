"""Contributors and invited experts (2.2): the link reads and comments until it closes, and opens nothing else."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.timetable import actions as schedule
from darbaza.portal.timetable.experts import actions
from darbaza.portal.timetable.experts.actions import Invited
from darbaza.portal.timetable.models import Comment, Contributor, ContributorKind, ScheduleVersion, Stage
from tests.portal.live import NOW, School, make_school, signed_in

pytestmark = pytest.mark.django_db
EXPERT = Invited(ContributorKind.SPECIALIST, "Улан Тестов", "Байланыш", 14)


@pytest.fixture(autouse=True)
def present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: NOW)


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def draft(school: School) -> ScheduleVersion:
    return schedule.draft_schedule(
        school_year="2026/2027", title="II", copied_from=school.version, by=school.ict, at=NOW
    )


def test_a_link_reads_and_comments_without_a_sign_in(school: School, draft: ScheduleVersion) -> None:
    contributor, secret = actions.invite_expert(version=draft, invited=EXPERT, by=school.ict, at=NOW)
    stranger = Client()
    page = stranger.get(f"/schedule/invited/{secret}")
    assert page.status_code == 200
    assert "7-А</strong>" in page.content.decode()
    # To no other site; yet to this one, or browsers would send the comment with `Origin: null`, which CSRF refuses.
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cache-Control"] == "no-store"
    assert "noindex" in page["X-Robots-Tag"]
    stranger.post(f"/schedule/invited/{secret}", {"text": "<b>Жакшы</b>"})
    said = Comment.objects.get()
    assert (said.contributor, said.person) == (contributor, None)
    assert "&lt;b&gt;Жакшы" in signed_in(school.aida).get(f"/schedule/versions/{draft.pk}").content.decode()
    entry = AuditEntry.objects.get(act="timetable:draft:comment")
    assert entry.detail["contributor"] == f"contributor-{contributor.pk}"
    for path in (f"/schedule/versions/{draft.pk}", "/schedule/", "/people/", "/"):
        assert stranger.get(path).status_code == 302


def test_only_a_hash_of_the_link_is_kept(school: School, draft: ScheduleVersion) -> None:
    contributor, secret = actions.invite_expert(version=draft, invited=EXPERT, by=school.ict, at=NOW)
    stored = " ".join(str(value) for value in Contributor.objects.filter(pk=contributor.pk).values()[0].values())
    assert secret not in stored
    assert secret not in str(list(AuditEntry.objects.values()))


def test_a_link_closes_with_its_term_by_revocation_and_never_opens_for_another(
    school: School, draft: ScheduleVersion
) -> None:
    contributor, secret = actions.invite_expert(version=draft, invited=EXPERT, by=school.ict, at=NOW)
    assert actions.invitation(secret, NOW + timedelta(days=14) - timedelta(seconds=1)) == contributor
    assert actions.invitation(secret, NOW + timedelta(days=14)) is None
    assert actions.invitation(secret + "x", NOW) is None
    assert actions.invitation("", NOW) is None
    actions.revoke_invitation(contributor=contributor, by=school.ict, at=NOW)
    assert Client().get(f"/schedule/invited/{secret}").status_code == 410
    assert Client().post(f"/schedule/invited/{secret}", {"text": "x"}).status_code == 410
    with pytest.raises(ActRefusedError):
        actions.revoke_invitation(contributor=contributor, by=school.ict, at=NOW)
    with pytest.raises(ActRefusedError):
        actions.comment_by_link(contributor=contributor, text="x", at=NOW)


def test_comments_end_when_the_meeting_has_considered_and_stay(school: School, draft: ScheduleVersion) -> None:
    contributor, secret = actions.invite_expert(version=draft, invited=EXPERT, by=school.ict, at=NOW)
    actions.comment_by_link(contributor=contributor, text="Жакшы", at=NOW)
    ScheduleVersion.objects.filter(pk=draft.pk).update(stage=Stage.CONSIDERED)
    draft.refresh_from_db()
    acts: list[Callable[[], object]] = [
        lambda: actions.comment_by_link(contributor=contributor, text="Дагы", at=NOW),
        lambda: actions.comment(version=draft, text="Дагы", by=school.aida, at=NOW),
        lambda: actions.invite_expert(version=draft, invited=EXPERT, by=school.ict, at=NOW),
        lambda: actions.name_contributor(version=draft, person=school.aida, by=school.ict, at=NOW),
    ]
    for act in acts:
        with pytest.raises(ActRefusedError):
            act()
    assert "Жакшы" in Client().get(f"/schedule/invited/{secret}").content.decode()


BAD: list[dict[str, Any]] = [
    {"days": 0},
    {"days": 61},
    {"name": " "},
    {"kind": ContributorKind.OWN_TEACHER},
]


@pytest.mark.parametrize("changes", BAD)
def test_an_invitation_has_a_kind_a_name_and_a_term(
    school: School, draft: ScheduleVersion, changes: dict[str, Any]
) -> None:
    values = {"kind": EXPERT.kind, "name": EXPERT.name, "organisation": "", "days": 14, **changes}
    with pytest.raises(ActRefusedError):
        actions.invite_expert(version=draft, invited=Invited(**values), by=school.ict, at=NOW)


@pytest.mark.parametrize("text", [" ", "\x00", "x" * 2001])
def test_a_comment_says_something_and_not_too_much(school: School, draft: ScheduleVersion, text: str) -> None:
    with pytest.raises(ActRefusedError):
        actions.comment(version=draft, text=text, by=school.aida, at=NOW)


def test_one_link_does_not_flood(school: School, draft: ScheduleVersion) -> None:
    contributor, _secret = actions.invite_expert(version=draft, invited=EXPERT, by=school.ict, at=NOW)
    Comment.objects.bulk_create(
        Comment(version=draft, contributor=contributor, text="x", at=NOW) for _ in range(actions.MOST_COMMENTS)
    )
    with pytest.raises(ActRefusedError):
        actions.comment_by_link(contributor=contributor, text="x", at=NOW)


def test_a_teacher_is_named_once(school: School, draft: ScheduleVersion) -> None:
    actions.name_contributor(version=draft, person=school.aida, by=school.ict, at=NOW)
    with pytest.raises(ActRefusedError):
        actions.name_contributor(version=draft, person=school.aida, by=school.ict, at=NOW)


@pytest.mark.parametrize("who", ["aida", "director", "responsible", "nobody"])
def test_only_the_ict_person_names_invites_and_revokes(school: School, draft: ScheduleVersion, who: str) -> None:
    by = getattr(school, who)
    contributor, _secret = actions.invite_expert(version=draft, invited=EXPERT, by=school.ict, at=NOW)
    acts: list[Callable[[], object]] = [
        lambda: actions.name_contributor(version=draft, person=school.aida, by=by, at=NOW),
        lambda: actions.invite_expert(version=draft, invited=EXPERT, by=by, at=NOW),
        lambda: actions.revoke_invitation(contributor=contributor, by=by, at=NOW),
    ]
    for act in acts:
        with pytest.raises(RightMissingError):
            act()
    if who == "nobody":
        with pytest.raises(RightMissingError):
            actions.comment(version=draft, text="x", by=by, at=NOW)


def test_the_pages_invite_name_comment_and_revoke(school: School, draft: ScheduleVersion) -> None:
    ict, aida, where = signed_in(school.ict), signed_in(school.aida), f"/schedule/versions/{draft.pk}"
    form = {"kind": "parent", "name": "Гүлсана Үлгүлүева", "organisation": "", "days": "7"}
    assert ict.post(f"{where}/invitations", {**form, "days": "x"}).status_code == 422
    page = ict.post(f"{where}/invitations", form).content.decode()
    link = re.search(r'value="http://testserver(/schedule/invited/[^"]+)"', page)
    assert link is not None
    assert Client().get(link[1]).status_code == 200
    ict.post(f"{where}/contributors", {"person": school.aida.pk})
    aida.post(f"{where}/comments", {"text": "Бешинчи сабак ылайыктуу"})
    shown = ict.get(where).content.decode()
    for text in ("Гүлсана", "Бешинчи сабак", school.aida.full_name):
        assert text in shown
    assert aida.post(f"{where}/invitations", form).status_code == 403
    ict.post(f"/schedule/invitations/{Contributor.objects.get(kind='parent').pk}/revoke")
    assert Client().get(link[1]).status_code == 410
