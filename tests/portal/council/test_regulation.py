"""The regulation as the school's own document: versions, the acts that approve them, and what cites them when."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from darbaza.policy import clauses
from darbaza.policy.clauses import Enforcement
from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import Order, OrderAct, OrderKind, RegulationVersion
from darbaza.portal.council.orders.points import Point
from darbaza.portal.council.orders.signing import sign_order
from darbaza.portal.council.regulation import actions, in_force, reading
from darbaza.portal.council.regulation.differences import Kind, differences
from darbaza.portal.council.waiting import home_part_of
from darbaza.portal.gateways import publish, rulebook
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.school_time import day_begins, school_day
from tests.people import Cast, signed_in

OWN = {"2.9": "Окуучулар мугалимсиз интернетке кирбейт.", "4.1": "Китепкана да интернет колдонот."}
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def whole(**more: str) -> dict[str, str]:
    """The built-in clauses, some of them in the school's own words."""
    return dict(in_force.built_in("ky")) | more


def draft(cast: Cast, at: datetime, texts: dict[str, str] | None = None) -> RegulationVersion:
    return actions.draft_regulation(language="ky", texts=texts or whole(), by=cast.ermek, at=at)


def approve(cast: Cast, at: datetime, version: RegulationVersion, begins: datetime | None = None) -> None:
    """Gülnara signs the order that approves a version."""
    sign_order(
        kind=OrderKind.REGULATION, text="Жобо бекитилсин", points=[Point(OrderAct.APPROVE, regulation=version)],
        in_force_from=begins, by=cast.gulnara, at=at,
    )  # fmt: skip
    version.refresh_from_db()


def test_a_school_without_a_version_of_its_own_stands_on_the_built_in_one(cast: Cast, at: datetime) -> None:
    assert (in_force.version_at(at), in_force.ref_at(at)) == (None, "2020-09-15")
    assert rulebook.build(at).regulation == "2020-09-15"
    draft(cast, at)
    assert in_force.ref_at(at) == "2020-09-15", "a draft is in force for nobody"


def test_an_order_approves_a_version_and_what_is_done_then_cites_it(
    cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]
) -> None:
    begins = at + timedelta(days=2)
    version = draft(cast, at)
    approve(cast, at, version, begins)
    assert last_entry().act == "council:order:sign"
    asked = [in_force.ref_at(begins + timedelta(microseconds=step)) for step in (-1, 0)]
    assert asked == ["2020-09-15", "2026-11-23/1"]
    assert in_force.version_of("2026-11-23/1") == version


def test_the_gate_cites_a_version_from_its_instant_although_nobody_acts(
    cast: Cast, at: datetime, settings: object, tmp_path: object
) -> None:
    settings.STATE = tmp_path  # type: ignore[attr-defined] # pytest-django's settings
    begins = at + timedelta(hours=2)
    approve(cast, at, draft(cast, at), begins)
    first = publish.refresh(at)
    assert publish.refresh(begins - timedelta(microseconds=1)) == first
    assert publish.refresh(begins) == first + 1
    told = publish.rulebook_at(begins)
    assert told is not None
    assert told.regulation == "2026-11-23/1"


def test_an_approved_version_is_never_changed(cast: Cast, at: datetime) -> None:
    version = draft(cast, at)
    approve(cast, at, version)
    before = in_force.texts_of(version)
    for act in (
        lambda: actions.write_regulation(version=version, texts=OWN, changes=0, by=cast.ermek, at=at),
        lambda: actions.discard_regulation(version=version, by=cast.ermek, at=at),
        lambda: actions.draft_approval(version=version, by=cast.ermek, at=at),
        lambda: approve(cast, at, version),
        lambda: actions.record_approval(
            version=version, kind="decision", number="9", day=date(2026, 9, 1), since=date(2026, 9, 1),
            by=cast.gulnara, at=at,
        ),
    ):  # fmt: skip
        with pytest.raises(ActRefusedError, match="never changed"):
            act()
    assert in_force.texts_of(version) == before


def test_the_next_version_ends_the_one_before_and_a_repeal_brings_it_back(cast: Cast, at: datetime) -> None:
    first, second = draft(cast, at), draft(cast, at)
    approve(cast, at, first)
    later = at + timedelta(days=1)
    approve(cast, later, second)
    assert (in_force.version_at(later), in_force.end_of(first)) == (second, later)
    again = later + timedelta(days=1)
    sign_order(kind=OrderKind.OTHER, text="…", in_force_from=None, repeals=order_of(second), by=cast.gulnara, at=again)
    assert [in_force.version_at(when) for when in (at, later, again)] == [first, second, first]


def test_the_act_on_paper_that_approved_the_first_version_is_entered(
    cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]
) -> None:
    version = draft(cast, at, OWN)
    given = {"version": version, "kind": "decision", "number": "4", "day": date(2020, 9, 15), "at": at}
    for name, person in cast.staff().items():
        if name != "gulnara":
            with pytest.raises(RightMissingError):
                actions.record_approval(**given, since=date(2020, 9, 15), by=person)  # type: ignore[arg-type]
    with pytest.raises(ActRefusedError, match="before the act"):
        actions.record_approval(**given, since=date(2020, 9, 14), by=cast.gulnara)  # type: ignore[arg-type]
    ahead = given | {"day": school_day(at) + timedelta(days=1)}
    with pytest.raises(ActRefusedError, match="not been signed yet"):
        actions.record_approval(**ahead, since=date(2027, 9, 14), by=cast.gulnara)  # type: ignore[arg-type]
    actions.record_approval(**given, since=date(2020, 9, 15), by=cast.gulnara)  # type: ignore[arg-type]
    assert in_force.ref_at(day_begins(date(2020, 9, 15))) == "2020-09-15/4"
    assert "2.4" in last_entry().detail["missing"]


def test_a_version_says_what_the_gate_enforces_without_it(cast: Cast, at: datetime) -> None:
    fit = in_force.fit_of(OWN)
    enforced = {one.number for one in clauses.CLAUSES if one.enforced_by is Enforcement.VERDICT}
    assert set(fit.missing) == enforced - {"2.9"}
    assert fit.unknown == ("4.1",)
    assert in_force.fit_of(whole()) == in_force.Fit((), ())
    version = draft(cast, at, OWN)
    page = signed_in(cast.gulnara).get(f"/council/regulation/{version.pk}/").content.decode()
    assert "3.4" in page.split("note-warn")[1]
    approve(cast, at, version)
    assert any("3.3" in one.text for one in home_part_of(cast.gulnara, at).facts)


def test_clauses_are_told_in_the_words_of_the_version_of_that_time(cast: Cast, at: datetime) -> None:
    approve(cast, at, draft(cast, at, OWN))
    assert in_force.text_of("2.9", in_force.ref_at(at), "ky") == OWN["2.9"]
    assert in_force.text_of("2.9", "2020-09-15", "ky") == clauses.clause("2.9").wording.ky
    assert in_force.text_of("3.3", in_force.ref_at(at), "en") == clauses.clause("3.3").wording.en


def test_a_draft_is_written_whole_and_not_over_somebody_elses(cast: Cast, at: datetime) -> None:
    version = draft(cast, at)
    actions.write_regulation(version=version, texts=OWN | {"2.9": " "}, changes=0, by=cast.zarina, at=at)
    assert in_force.texts_of(version) == {"4.1": OWN["4.1"]}
    with pytest.raises(ActRefusedError, match="changed this draft"):
        actions.write_regulation(version=version, texts=OWN, changes=0, by=cast.ermek, at=at)
    for texts, said in (({"9": "a"}, "no number"), ({"2.9": "a" * 9000}, "too long"), ({"2.9": ""}, "1 to 200")):
        with pytest.raises(ActRefusedError, match=said):
            actions.write_regulation(version=version, texts=texts, changes=1, by=cast.ermek, at=at)
    assert in_force.texts_of(version) == {"4.1": OWN["4.1"]}


def test_two_versions_do_not_begin_at_once_nor_backwards(cast: Cast, at: datetime) -> None:
    approve(cast, at, draft(cast, at), at + timedelta(days=5))
    with pytest.raises(ActRefusedError, match="begins then or later"):
        approve(cast, at, draft(cast, at), at + timedelta(days=5))


def test_clauses_come_in_their_order(cast: Cast, at: datetime) -> None:
    numbers = list(in_force.texts_of(draft(cast, at, {"2.10": "a", "3.1": "b", "2.9": "c"})))
    assert numbers == ["2.9", "2.10", "3.1"]


def test_differences_tell_all_words_of_both() -> None:
    before, after = {"2.9": "а б в", "3.1": "г"}, {"2.9": "а д в е", "4.1": "ж", "3.1": " г "}
    told = differences(before, after)
    assert [one.number for one in told] == ["2.9", "4.1"]
    for one in told:
        old = [words for kind, words in one.words if kind is not Kind.NEW]
        new = [words for kind, words in one.words if kind is not Kind.GONE]
        assert " ".join(old).split() == before.get(one.number, "").split()
        assert " ".join(new).split() == after.get(one.number, "").split()


# Files

TEXT = "ЖОБО\n1 Жалпы\n1.1. Мыйзамга ылайык\n2 Уюштуруу\n2.9 Мугалимсиз\nкирбейт.\n– эч качан\n3. Пайдалануу\n3.3) Тыюу"


def word(*lines: str, head: str = "") -> bytes:
    """A Word file as Word writes one, as far as it is read."""
    made = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    document = f'<?xml version="1.0"?>{head}<w:document xmlns:w="{WORD}"><w:body>{made}</w:body></w:document>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", document)
    return file.getvalue()


READ = {"1.1": "Мыйзамга ылайык", "2.9": "Мугалимсиз\nкирбейт.\n– эч качан", "3.3": "Тыюу"}


@pytest.mark.parametrize("data", [TEXT.encode(), TEXT.encode("utf-8-sig"), word(*TEXT.split("\n"))])
def test_a_file_is_cut_at_its_clauses(data: bytes) -> None:
    assert reading.read(data) == READ


def test_a_file_of_old_windows_is_read() -> None:
    assert reading.read("2.9 Ученики не выходят в интернет без учителя".encode("cp1251")) == {
        "2.9": "Ученики не выходят в интернет без учителя"
    }


BOMB = '<!DOCTYPE a [<!ENTITY b "бб"><!ENTITY c "&b;&b;&b;">]>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "No clause"),
        ("Эч нерсе".encode(), "No clause"),
        (b"%PDF-1.7\x00\x01", "no text"),
        (b"PK\x03\x04broken", "Word file"),
        (word("2.9 a", head=BOMB), "Word file"),
        (word("2.9 a", "<b>"), "Word file"),
        (b"2.9 a\n2.9 b", "stands twice"),
        (b"x" * (reading.LARGEST_FILE + 1), "larger than 2 MB"),
        ("\n".join(f"{n // 100 + 1}.{n % 100 + 1} a" for n in range(201)).encode(), "more than 200"),
    ],
)
def test_what_is_no_regulation_is_refused_with_a_remedy(data: bytes, said: str) -> None:
    with pytest.raises(reading.UnreadableRegulationError, match=said):
        reading.read(data)


def test_a_word_file_that_grows_without_end_is_not_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"a" * (reading.LARGEST_DOCUMENT + 1))
    with pytest.raises(reading.UnreadableRegulationError, match="Word file"):
        reading.read(file.getvalue())


# Pages


def client_of(cast: Cast) -> Client:
    return signed_in(cast.gulnara)


def test_the_whole_way_through_the_pages(cast: Cast) -> None:
    client = client_of(cast)
    file = io.BytesIO(TEXT.encode())
    file.name = "jobo.txt"
    response = client.post("/council/regulation/new", {"language": "ky", "file": file})
    version = RegulationVersion.objects.get()
    page = f"/council/regulation/{version.pk}/"
    assert response.headers["Location"] == page
    assert (version.file_name, len(version.file_sha256)) == ("jobo.txt", 64)
    fields = {f"c-{number}": text for number, text in READ.items()} | {"changes": "0", "n-0": "2.4", "t-0": "График"}
    assert client.post(f"{page}edit", fields | {"n-0": ""}).status_code == 422
    assert client.post(f"{page}edit", fields | {"n-0": "2.9"}).status_code == 422
    assert client.post(f"{page}edit", fields).status_code == 302
    assert list(in_force.texts_of(version)) == ["1.1", "2.4", "2.9", "3.3"]
    location = client.post(f"{page}order").headers["Location"]
    assert "/council/orders/drafts/" in location
    assert client.post(f"{page}discard").headers["Location"] == page, "an order's draft holds it"
    assert client.post(f"{location}sign", {"changes": "0"}).status_code == 302
    version.refresh_from_db()
    assert version.since is not None
    assert "График" in client.get(page).content.decode()
    assert "<ins>" in client.get(f"{page}differences").content.decode()
    assert client.get(f"/council/regulation/ref/{version.ref}").headers["Location"] == page
    assert client.get("/council/regulation/ref/2020-09-15").status_code == 200
    assert client.get("/council/regulation/ref/2019-01-01").status_code == 404
    assert client.get(f"{page}differences?with=2019-01-01").status_code == 404
    assert version.ref in client.get(f"/council/orders/{order_of(version).pk}/").content.decode()


def test_the_public_page_of_the_regulation_names_nobody_of_the_school(
    cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: at)
    given = whole() | {"2.14": "Маалыматтын тактыгын Асанов Бек текшерет."}
    approve(cast, at, draft(cast, at, given))
    page = unescape(Client().get("/site/ky/regulation/").content.decode())
    assert "Маалыматтын тактыгын … … текшерет." in page
    assert [number for number, text in given.items() if text not in page] == ["2.14"]


def order_of(version: RegulationVersion) -> Order:
    return Order.objects.get(number=int(version.act_number))


def test_an_act_on_paper_is_entered_through_the_page(cast: Cast) -> None:
    client, at = client_of(cast), datetime.fromisoformat("2026-11-23T10:00:00+06:00")
    version = draft(cast, at)
    page = f"/council/regulation/{version.pk}/"
    given = {"kind": "decision", "number": "4", "day": "2020-09-15", "since": "2020-09-15"}
    assert client.post(f"{page}approve", given | {"day": "x"}).status_code == 422
    assert client.post(f"{page}approve", given).status_code == 302
    version.refresh_from_db()
    assert version.ref == "2020-09-15/4"


def test_a_draft_is_thrown_away(cast: Cast, at: datetime) -> None:
    version = draft(cast, at)
    assert client_of(cast).post(f"/council/regulation/{version.pk}/discard").status_code == 302
    assert not RegulationVersion.objects.exists()


def test_who_may_write_it(cast: Cast, at: datetime) -> None:
    for name, person in cast.staff().items():
        if name not in {"gulnara", "ermek", "zarina"}:
            with pytest.raises(RightMissingError):
                actions.draft_regulation(language="ky", texts=OWN, by=person, at=at)
