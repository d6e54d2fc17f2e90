"""A scan is attached to its record, read by who may read the record, and withdrawn with a reason."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.papers import actions
from darbaza.portal.papers.actions import Examined
from darbaza.portal.papers.models import Scan
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from tests.people import Cast, signed_in
from tests.portal.papers import records
from tests.portal.papers.test_examiner import SVG, pdf, picture, script


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a test go with it."""
    monkeypatch.setattr(settings, "STATE", tmp_path)


def examined(data: bytes) -> Examined:
    return Examined("../../etc/буйрук.png", data, "image/png", 1, hashlib.sha256(data).hexdigest())


def attach(cast: Cast, ref: str, at: datetime, data: bytes = b"scan", **more: object) -> Scan:
    given: dict[str, object] = {"kind": "order", "ref": ref, "file": examined(data), "by": cast.zarina, "at": at}
    return actions.attach_scan(**(given | more))  # type: ignore[arg-type] # a test's keywords


def test_a_scan_is_kept_under_its_digest_and_in_the_audit(
    cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]
) -> None:
    order = records.make_order(cast, at)
    scan = attach(cast, order.ref, at)
    assert actions.file_of(scan.sha256).read_bytes() == b"scan"
    assert scan.name == "буйрук.png"
    assert last_entry().act == "papers:scan:attach"
    assert last_entry().subject == order.ref
    assert last_entry().detail["sha256"] == scan.sha256


def test_attaching_is_refused_without_right_record_or_to_the_same_file(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    with pytest.raises(RightMissingError):
        attach(cast, order.ref, at, by=cast.aida)
    for kind, ref in (("order", "2026-99"), ("duties", "2026-11-23"), ("nothing", order.ref)):
        with pytest.raises(ActRefusedError, match="no such record"):
            attach(cast, ref, at, kind=kind)
    attach(cast, order.ref, at)
    with pytest.raises(ActRefusedError, match="attached already"):
        attach(cast, order.ref, at)
    assert Scan.objects.count() == 1


def test_a_withdrawn_scan_is_shown_to_nobody_and_not_lost(
    cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]
) -> None:
    order = records.make_order(cast, at)
    scan = attach(cast, order.ref, at)
    with pytest.raises(ActRefusedError, match="Say why"):
        actions.withdraw_scan(scan=scan, reason=" ", by=cast.zarina, at=at)
    with pytest.raises(RightMissingError):
        actions.withdraw_scan(scan=scan, reason="башка буйрук", by=cast.aida, at=at)
    actions.withdraw_scan(scan=scan, reason="башка буйрук", by=cast.zarina, at=at)
    assert last_entry().act == "papers:scan:withdraw"
    with pytest.raises(ActRefusedError, match="withdrawn already"):
        actions.withdraw_scan(scan=scan, reason="башка буйрук", by=cast.zarina, at=at)
    attach(cast, order.ref, at)
    assert signed_in(cast.zarina).get(f"/papers/scans/{scan.pk}/file").status_code == 404
    assert actions.file_of(scan.sha256).exists()


def test_a_scan_is_attached_by_its_page_and_downloaded_with_safe_headers(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    page, client = f"/papers/scans/order/{order.ref}", signed_in(cast.zarina)
    file = SimpleUploadedFile("буйрук.svg", picture("PNG"), content_type="image/svg+xml")
    assert client.post(page, {"file": file}).status_code == 302
    scan = Scan.objects.get()
    assert (scan.media_type, scan.attached_by) == ("image/png", cast.zarina)
    answer = signed_in(cast.aida).get(f"/papers/scans/{scan.pk}/file")
    assert b"".join(answer.streaming_content) == picture("PNG")  # type: ignore[attr-defined] # a streamed answer
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "буйрук.svg" in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [("a.svg", SVG, "PDF, JPEG, PNG"), ("a.pdf", b"no", "PDF, JPEG"), ("a.pdf", pdf(script), "скрипт")],
)
def test_a_file_that_is_no_scan_is_refused_with_the_remedy_and_nothing_is_kept(
    cast: Cast, at: datetime, tmp_path: Path, name: str, data: bytes, word: str
) -> None:
    order = records.make_order(cast, at)
    before = AuditEntry.objects.count()
    answer = signed_in(cast.zarina).post(
        f"/papers/scans/order/{order.ref}", {"file": SimpleUploadedFile(name, data, content_type="application/pdf")}
    )
    said = answer.content.decode()
    assert answer.status_code == 422
    assert word in said
    assert "Эч нерсе тиркелген жок" in said
    assert not (tmp_path / actions.SCANS).exists()
    assert AuditEntry.objects.count() == before


def test_the_pages_of_scans_refuse_who_may_not(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    scan = attach(cast, order.ref, at)
    page = f"/papers/scans/order/{order.ref}"
    assert signed_in(cast.aida).get(page).status_code == 403
    assert signed_in(cast.aida).post(page).status_code == 403
    assert signed_in(cast.zarina).put(page).status_code == 405
    assert signed_in(cast.zarina).post(page).status_code == 422
    assert signed_in(cast.zarina).get("/papers/scans/duties/2026-11-23").status_code == 404
    assert signed_in(cast.zarina).get("/papers/scans/order/2026-99").status_code == 404
    assert Client().get(page).status_code == 302
    assert Client().get(f"/papers/scans/{scan.pk}/file").status_code == 302
    assert signed_in(cast.zarina).get(f"/papers/scans/{scan.pk}/withdraw").status_code == 405
    assert signed_in(cast.aida).post(f"/papers/scans/{scan.pk}/withdraw").status_code == 403
    strict = Client(enforce_csrf_checks=True)
    assert cast.zarina.user is not None
    strict.force_login(cast.zarina.user, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(page).status_code == 403


def test_a_scan_whose_file_is_gone_says_what_to_do(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    scan = attach(cast, order.ref, at)
    actions.file_of(scan.sha256).unlink()
    assert signed_in(cast.zarina).get(f"/papers/scans/{scan.pk}/file").status_code == 404


def test_a_scan_is_withdrawn_by_its_page(cast: Cast, at: datetime) -> None:
    order = records.make_order(cast, at)
    scan = attach(cast, order.ref, at)
    signed_in(cast.zarina).post(f"/papers/scans/{scan.pk}/withdraw", {"reason": "башка буйрук"})
    scan.refresh_from_db()
    assert (scan.withdrawn_by, scan.reason) == (cast.zarina, "башка буйрук")
