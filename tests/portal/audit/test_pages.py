"""The page on which paper is compared with the audit: open to everybody, and it names nobody."""

import pytest
from django.test import Client

from darbaza.portal.audit import checkpoint
from darbaza.portal.audit.actions import seal_what_was_before
from darbaza.portal.audit.models import AuditEntry
from tests.people import Cast, signed_in
from tests.portal.audit.test_chain import tamper, write
from tests.portal.conftest import AT

PAGE = "/checkpoint"


def reader() -> Client:
    """A browser in which nobody is signed in, that reads English."""
    return Client(headers={"cookie": "darbaza_language=en"})


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["short", "signed"])
def test_a_checkpoint_that_stands_is_confirmed_to_whoever_holds_the_paper(form: str) -> None:
    write(3)
    code = getattr(checkpoint.of_entry(AuditEntry.objects.get(number=2)), form)()
    answer = reader().get(PAGE, {"code": code})
    assert answer.status_code == 200
    assert "Entry № 2 stands in the audit as it stands on the paper." in answer.content.decode()
    assert ("Signed with the key of this portal" in answer.content.decode()) == (form == "signed")


@pytest.mark.django_db
def test_a_chain_made_anew_shows_against_the_paper() -> None:
    write(3)
    code = checkpoint.of_entry(AuditEntry.objects.get(number=2)).short()
    tamper("UPDATE audit_auditentry SET digest = %s WHERE number = 2", "ab" * 32)
    said = reader().get(PAGE, {"code": code}).content.decode()
    assert "Entry № 2 of the audit is not the one on the paper." in said


@pytest.mark.django_db
def test_a_forged_checkpoint_is_told_apart() -> None:
    write(1)
    code = checkpoint.of_entry(AuditEntry.objects.get()).signed()
    forged = code[:90] + ("0" if code[90] != "0" else "1") + code[91:]
    said = reader().get(PAGE, {"code": forged}).content.decode()
    assert "has not signed this checkpoint" in said


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["nonsense", "1284-K7QF-3M9T", "<script>", "a" * 500])
def test_what_is_no_checkpoint_is_asked_for_again(code: str) -> None:
    answer = reader().get(PAGE, {"code": code})
    assert answer.status_code == 422
    assert "This is no checkpoint" in answer.content.decode()
    assert "<script>" not in answer.content.decode()


def test_the_page_takes_no_posts(db: None) -> None:
    assert Client().post(PAGE).status_code == 405
    assert Client().get(PAGE).status_code == 200


def test_the_whole_chain_is_checked_against_a_paper(cast: Cast) -> None:
    seal_what_was_before(at=AT)  # the cast has its duties from nowhere
    write(2)
    code = checkpoint.of_entry(AuditEntry.objects.get(number=3)).short()
    client = signed_in(cast.ermek)
    assert "/audit?check&amp;code=" in client.get(PAGE, {"code": code}).content.decode()
    digest = AuditEntry.objects.get(number=2).digest
    tamper("DELETE FROM audit_auditentry WHERE number = 3")
    tamper("UPDATE audit_chainhead SET number = 2, digest = %s", digest)
    whole = {"check": "", "code": code}
    said = client.get("/audit", whole).content.decode()
    assert 'class="clause">cut<' in said
    assert 'class="clause">' not in client.get("/audit", {"check": ""}).content.decode()
