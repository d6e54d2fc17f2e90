"""Pictures and attachments of a draft: taken in, covered, looked at, let out clean; and the ways around, tried."""

import io
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from PIL import Image

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.pictures.said import Looked
from darbaza.portal.publications import actions, aftermath, attaching, files, outgoing, uploads
from darbaza.portal.publications.attaching import MOST, Arrangement
from darbaza.portal.publications.elsewhere import export
from darbaza.portal.publications.findings import groups_of
from darbaza.portal.publications.models import DraftFile, FileKind, FindingAnswer, Placement, Publication
from darbaza.portal.publications.picture_form import groups_in
from darbaza.portal.publications.reading import file_part, judged, matter_of_draft
from darbaza.portal.publications.records import finding_of
from darbaza.portal.publications.uploads import Upload, text_of
from darbaza.publication.findings import Box, Finding, Span
from darbaza.publication.gate import Why
from darbaza.publication.kinds import DataKind
from darbaza.publication.matter import Answer, look_of
from darbaza.publication.pictures import Picture, Word, Written
from darbaza.publication.text import Named, Roster
from tests.people import Cast, make_student, signed_in
from tests.portal.publications.conftest import Desk
from tests.publication.pictures.files import drawn, face, saved, told

pytestmark = pytest.mark.django_db
LastEntry = Callable[[], AuditEntry]
BODY = "Мектебибизде көргөзмө ачылды."
CAPTION = "Көргөзмөнүн ачылышы"
ADDRESS = "/publications/{}/{}"
PHOTO = saved(face(120))
TABLE = "Пункт;Саны\r\nКитеп;12\r\nДептер;40\r\n".encode("cp1251")


def handed_in(draft: Publication, by: object, data: bytes, name: str = "IMG_1.jpg", caption: str = CAPTION) -> str:
    """Attach through the page, as a browser does; what the page says afterwards."""
    form = {"file": SimpleUploadedFile(name, data), "caption": caption}
    with translation.override("en"):
        client = signed_in(by)  # type: ignore[arg-type] # a person
        answer = client.post(ADDRESS.format(draft.public_id, "attach"), form, follow=True)
    return str(answer.content.decode())


@pytest.fixture
def draft(desk: Desk, cast: Cast) -> Publication:
    """A draft with a photo of one face, its facts confirmed; everybody reads English."""
    Person.objects.update(language="en")
    made = desk.draft(body=BODY)
    handed_in(made, cast.aida, PHOTO)
    desk.confirm_facts(made)
    return made


def only(draft: Publication) -> DraftFile:
    return DraftFile.objects.get(publication=draft, removed_at__isnull=True)


def face_of(file: DraftFile) -> Box:
    found = [one for one in map(finding_of, file.findings) if one.kind is DataKind.PHOTO]
    return max((one.where for one in found if isinstance(one.where, Box)), key=lambda box: box.width)


def post(by: object, file: DraftFile, name: str, **form: object) -> HttpResponse:
    path = ADDRESS.format(file.publication.public_id, f"files/{file.public_id}/{name}")
    with translation.override("en"):
        return signed_in(by).post(path, form, follow=True)  # type: ignore[arg-type, return-value] # a person; a response


def entered(by: object, draft: Publication, at: datetime, answer: str = "blur", **fields: object) -> HttpResponse:
    """The picture's form, sent as the page has it, with one answer for everything found."""
    file = only(draft)
    names = [one.name for one in groups_in(file, groups_of(matter_of_draft(draft, at)))]
    sent = {f"answer-{name}": answer for name in names} | {"look": look_of(file_part(file)), "do": "keep"}
    return post(by, file, "", **(sent | fields))


def cover_and_look(draft: Publication, cast: Cast, at: datetime) -> None:
    """The author covers the face on the page; the one responsible looks, and says that nobody is recognisable."""
    entered(cast.aida, draft, at)
    post(cast.jyldyz, only(draft), "look", look=look_of(file_part(only(draft))), nobody="yes")


def published(draft: Publication, cast: Cast) -> Placement:
    signed_in(cast.jyldyz).post(ADDRESS.format(draft.public_id, "publish"))
    return Placement.objects.get(publication=draft, taken_down_at__isnull=True)


def served(draft: Publication, cast: Cast) -> list[bytes]:
    """The files of what was placed, as somebody outside gets them."""
    content = json.loads(published(draft, cast).record)["content"]["files"]
    answers = [Client().get(f"/site/f/{draft.public_id}/{one['sha256']}/{one['name']}") for one in content]
    return [one.content for one in answers if one.status_code == 200]


def whys(draft: Publication, at: datetime) -> set[Why]:
    return {one.why for one in judged(Publication.objects.get(pk=draft.pk), at).verdict.reasons}


def test_a_picture_is_kept_privately_with_what_was_found_in_it(
    draft: Publication, cast: Cast, last_entry: LastEntry
) -> None:
    file = only(draft)
    assert files.read(files.WORKING, file.sha256) == PHOTO
    assert face_of(file).width > 50
    entry = AuditEntry.objects.get(act="publications:file:attach")
    assert entry.detail["file"] == file.public_id
    assert CAPTION not in entry.detail_text
    handed_in(draft, cast.aida, told(), "Асанов Бек.jpg")
    assert last_entry().detail["findings"] >= 2, "what a file says of people and places is found"


def test_a_face_must_be_answered_for_and_the_picture_looked_at(draft: Publication, desk: Desk) -> None:
    assert {Why.FINDING_OPEN, Why.PICTURE_UNSEEN} <= whys(draft, desk.at)
    with pytest.raises(ActRefusedError, match="say what becomes of it"):
        desk.confirm_data(draft)


def test_a_covered_face_is_gone_from_everything_that_is_served(draft: Publication, desk: Desk, cast: Cast) -> None:
    cover_and_look(draft, cast, desk.at)
    desk.confirm_data(draft)
    pictures = served(draft, cast)
    assert pictures
    box, whole = face_of(only(draft)), Image.open(io.BytesIO(PHOTO)).convert("RGB")
    for data in pictures:
        out = Image.open(io.BytesIO(data)).convert("RGB")
        scale = out.width / whole.width
        place = [round(scale * edge) for edge in (box.left, box.top, box.left + box.width, box.top + box.height)]
        inside = out.crop((place[0] + 4, place[1] + 4, place[2] - 4, place[3] - 4))
        before = whole.resize(out.size).crop((place[0] + 4, place[1] + 4, place[2] - 4, place[3] - 4))
        assert contrast(before) > 100
        assert contrast(inside) < 60, "eyes, hair and mouth are no longer there"
    page = Client().get(f"/site/ky/p/{draft.public_id}/").content.decode()
    assert CAPTION in page
    assert "srcset=" in page


def contrast(image: Image.Image) -> int:
    dark, light = image.convert("L").getextrema()
    return int(light) - int(dark)  # type: ignore[arg-type] # of one band these are two numbers


def test_what_goes_out_says_nothing_of_people_or_places(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY)
    handed_in(made, cast.aida, told(drawn((900, 600))))
    desk.confirm_facts(made)
    desk.answer(made, Answer.REMOVE)
    post(cast.jyldyz, only(made), "look", look=look_of(file_part(only(made))), nobody="yes")
    desk.confirm_data(made)
    sizes = served(made, cast)
    assert len(sizes) == 2, "one for a telephone, and its own"
    for data in sizes:
        assert b"Asanova" not in data
        assert "Айгүл".encode() not in data
        assert not Image.open(io.BytesIO(data)).getexif()


def test_another_picture_on_the_disk_is_neither_let_out_nor_served(draft: Publication, desk: Desk, cast: Cast) -> None:
    cover_and_look(draft, cast, desk.at)
    desk.confirm_data(draft)
    path = files.path_of(files.WORKING, only(draft).sha256)
    path.write_bytes(saved(drawn()))
    signed_in(cast.jyldyz).post(ADDRESS.format(draft.public_id, "publish"))
    assert not Placement.objects.exists()
    path.write_bytes(PHOTO)
    assert served(draft, cast)
    for one in files.path_of(files.PLACED, "00").parent.parent.rglob("*"):
        if one.is_file():
            one.write_bytes(PHOTO)
    content = json.loads(Placement.objects.get().record)["content"]["files"]
    for one in content:
        assert Client().get(f"/site/f/{draft.public_id}/{one['sha256']}/{one['name']}").status_code == 404


def test_the_working_copy_has_no_address_and_its_preview_is_for_readers_only(draft: Publication, cast: Cast) -> None:
    file = only(draft)
    path = ADDRESS.format(draft.public_id, f"files/{file.public_id}/shown/")
    for who in (cast.bek, cast.timur):
        if who.user is not None:
            assert signed_in(who).get(path + "out").status_code == 404
    assert Client().get(path + "out").status_code in {302, 404}
    assert Client().get(f"/site/f/{draft.public_id}/{file.sha256}/x.jpg").status_code == 404
    for form in ("found", "out"):
        answer = signed_in(cast.aida).get(path + form)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.content != PHOTO
    assert signed_in(cast.aida).get(path + "raw").status_code == 404
    assert signed_in(cast.aida).post(path + "out").status_code == 405


def test_numbers_are_drawn_upon_what_was_found(draft: Publication, cast: Cast) -> None:
    path = ADDRESS.format(draft.public_id, f"files/{only(draft).public_id}/shown/")
    images = [Image.open(io.BytesIO(signed_in(cast.aida).get(path + form).content)) for form in ("found", "out")]
    box = face_of(only(draft))
    yellow = [image.convert("RGB").getpixel((box.left + box.width // 2, box.top)) for image in images]
    assert yellow[0] != yellow[1]


def test_only_whoever_may_takes_each_step_on_a_file(draft: Publication, cast: Cast, desk: Desk) -> None:
    file = only(draft)
    upload = Upload("a.txt", CAPTION, TABLE, text_of(TABLE))
    for person in (cast.timur, cast.bek, cast.gulnara, cast.nurlan):
        with pytest.raises(RightMissingError):
            attaching.attach(publication=draft, upload=upload, by=person, at=desk.at)
        with pytest.raises(RightMissingError):
            attaching.detach(file=file, by=person, at=desk.at)
        with pytest.raises(RightMissingError):
            attaching.arrange(file=file, digest="x", arrangement=Arrangement(), by=person, at=desk.at)
        with pytest.raises(RightMissingError):
            attaching.undo(file=file, digest="x", by=person, at=desk.at)
    for person in (cast.timur, cast.gulnara, cast.aida):
        with pytest.raises(RightMissingError):
            attaching.look(file=file, digest="x", people=(), by=person, at=desk.at)
    assert entered(cast.gulnara, draft, desk.at).status_code == 403
    assert post(cast.aida, file, "look", nobody="yes").status_code == 403
    client = signed_in(cast.jyldyz)
    for name in ("attach", "publish", f"files/{file.public_id}/undo", f"files/{file.public_id}/describe"):
        assert client.get(ADDRESS.format(draft.public_id, name)).status_code == 405
    assert client.post(ADDRESS.format(draft.public_id, f"files/{file.public_id}/open")).status_code == 404


def test_what_is_to_be_seen_is_said_anew_and_everything_else_stands(
    draft: Publication, cast: Cast, desk: Desk, last_entry: LastEntry
) -> None:
    cover_and_look(draft, cast, desk.at)
    assert Why.FACTS_CHANGED not in whys(draft, desk.at)
    page = post(cast.aida, only(draft), "describe", caption=" Асанов Бек\n сүйлөп жатат ").content.decode()
    assert "Асанов Бек сүйлөп жатат" in page
    file = only(draft)
    assert (file.caption, last_entry().act) == ("Асанов Бек сүйлөп жатат", "publications:file:describe")
    assert "Асанов" not in last_entry().detail_text
    assert {Why.FACTS_CHANGED, Why.FINDING_OPEN} <= whys(draft, desk.at), "the words are checked anew"
    assert file.seen_digest == look_of(file_part(file)), "the picture was seen as it is"
    post(cast.aida, file, "describe", caption=" ")
    assert only(draft).caption == file.caption
    with pytest.raises(RightMissingError):
        attaching.describe(file=file, words=CAPTION, by=cast.timur, at=desk.at)


def test_a_look_counts_for_just_that_picture(draft: Publication, cast: Cast, desk: Desk, last_entry: LastEntry) -> None:
    cover_and_look(draft, cast, desk.at)
    assert last_entry().act == "publications:picture:look"
    assert Why.PICTURE_UNSEEN not in whys(draft, desk.at)
    old = look_of(file_part(only(draft)))
    entered(cast.jyldyz, draft, desk.at, "", **{f"place-{side}": "10" for side in ("left", "top", "width", "height")})
    assert last_entry().act == "publications:picture:arrange"
    assert {Why.PICTURE_UNSEEN, Why.FINDING_OPEN} <= whys(draft, desk.at)
    with pytest.raises(ActRefusedError, match="changed while you read it"):
        attaching.look(file=only(draft), digest=old, people=(), by=cast.jyldyz, at=desk.at)
    assert not FindingAnswer.objects.filter(answer=Answer.BLUR).exists()
    assert "changed while you read it" in entered(cast.aida, draft, desk.at, look=old).content.decode()


WRONG = {
    "three numbers": ({"place-left": "4", "place-top": "4", "place-width": "3"}, "all four numbers"),
    "a word": ({"place-left": "a", "place-top": "4", "place-width": "3", "place-height": "3"}, "“a”"),
    "more than all": ({"cut-left": "101"}, "“101”"),
    "nothing is left": ({"cut-left": "60", "cut-right": "40"}, "nothing is left"),
    "no width": ({"place-left": "4", "place-top": "4", "place-width": "0", "place-height": "3"}, "all four numbers"),
    "outside": ({"own": "190,1,300,3"}, "lies outside"),
}


def test_places_that_are_none_are_refused_and_nothing_typed_is_lost(draft: Publication, cast: Cast, desk: Desk) -> None:
    for what, (fields, said) in WRONG.items():
        answer = entered(cast.aida, draft, desk.at, **fields)
        assert answer.status_code == 422, what
        page = answer.content.decode()
        assert said in page, what
        assert all(f'value="{value}"' in page for value in fields.values()), what
        assert not only(draft).edits


def test_what_is_cut_away_is_in_no_byte_that_is_served(draft: Publication, cast: Cast, desk: Desk) -> None:
    whole, box = Image.open(io.BytesIO(PHOTO)), face_of(only(draft))
    past = 100 * (box.left + box.width) / whole.width + 1
    entered(cast.aida, draft, desk.at, "", **{"cut-left": f"{past:.1f}"})
    assert set(FindingAnswer.objects.values_list("answer", flat=True)) == {str(Answer.CROP)}
    post(cast.jyldyz, only(draft), "look", look=look_of(file_part(only(draft))), nobody="yes")
    desk.confirm_data(draft)
    [data] = served(draft, cast)
    assert Image.open(io.BytesIO(data)).width == whole.width - round(whole.width * round(past, 1) / 100)
    assert b"Exif" not in data


def test_a_trial_shows_what_would_go_out_and_keeps_nothing(draft: Publication, cast: Cast, desk: Desk) -> None:
    entries = AuditEntry.objects.count()
    page = entered(cast.aida, draft, desk.at, do="try", **{"cut-left": "25,5"}).content.decode()
    assert "nothing is kept yet" in page
    assert 'value="25,5"' in page
    assert (AuditEntry.objects.count(), only(draft).edits) == (entries, {})
    [address] = re.findall(r'src="(/publications/[^"]+/shown/try[^"]+)"', page)
    client = signed_in(cast.aida)
    tried, now = (client.get(one).content for one in (unescape(address), address.split("/shown/")[0] + "/shown/out"))
    assert Image.open(io.BytesIO(tried)).width < Image.open(io.BytesIO(now)).width


def test_each_change_of_a_picture_can_be_taken_back_with_its_answers(
    draft: Publication, cast: Cast, desk: Desk, last_entry: LastEntry
) -> None:
    name = f"{cast.bek.surname} {cast.bek.given_name}"
    [group] = groups_in(only(draft), groups_of(matter_of_draft(draft, desk.at)))
    entered(cast.aida, draft, desk.at, "consent", **{f"named-{group.name}": name})
    kept = FindingAnswer.objects.get()
    assert (kept.answer, kept.people) == (Answer.CONSENT, [str(cast.bek.pk)])
    entered(cast.aida, draft, desk.at, **{"cut-top": "5"})
    assert FindingAnswer.objects.get().answer == Answer.BLUR
    assert only(draft).edits["crop"]
    for answers in ([Answer.CONSENT], []):
        post(cast.aida, only(draft), "undo", look=look_of(file_part(only(draft))))
        assert list(FindingAnswer.objects.values_list("answer", flat=True)) == answers
        assert not only(draft).edits["crop"]
        assert not only(draft).edits["blurred"]
    assert last_entry().act == "publications:picture:undo"
    said = post(cast.aida, only(draft), "undo", look=look_of(file_part(only(draft)))).content.decode()
    assert "nothing to take back" in said


def test_a_place_that_was_overlooked_is_covered_by_hand_and_can_be_opened_again(
    draft: Publication, cast: Cast, desk: Desk
) -> None:
    place = {"place-left": "50", "place-top": "0", "place-width": "50", "place-height": "10.5"}
    page = entered(cast.aida, draft, desk.at, "", **place).content.decode()
    wide, high = Image.open(io.BytesIO(PHOTO)).size
    own = f"{round(wide * 0.5)},0,{wide - round(wide * 0.5)},{round(high * 0.105)}"
    assert f'name="own" value="{own}" checked' in page
    entered(cast.aida, draft, desk.at, "", own=own)
    assert len(only(draft).edits["blurred"]) == 1
    entered(cast.aida, draft, desk.at, "")
    assert only(draft).edits["blurred"] == []


def test_a_face_stays_by_the_consent_of_somebody_known_only(draft: Publication, cast: Cast, desk: Desk) -> None:
    [group] = groups_in(only(draft), groups_of(matter_of_draft(draft, desk.at)))
    for named, refusal in (
        ("Жок Адам", "“Жок Адам” stands in no list"),
        ("", "№ 1: What stays by consent is somebody"),
    ):
        answer = entered(cast.aida, draft, desk.at, "consent", **{f"named-{group.name}": named})
        assert answer.status_code == 422
        assert refusal in answer.content.decode()
        assert not FindingAnswer.objects.exists()


def test_what_the_file_says_is_answered_by_going_out_without_it(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY)
    handed_in(made, cast.aida, told())
    assert set(FindingAnswer.objects.values_list("answer", flat=True)) == {str(Answer.REMOVE)}
    page = signed_in(cast.jyldyz).get(ADDRESS.format(made.public_id, "")).content.decode()
    assert "Asanova Aigul" in page


def test_who_is_recognisable_needs_a_consent_to_photos(draft: Publication, cast: Cast, desk: Desk) -> None:
    look = look_of(file_part(only(draft)))
    for form in ({}, {"people": "Асанов Бек", "nobody": "yes"}, {"people": "Жок Адам"}):
        post(cast.jyldyz, only(draft), "look", look=look, **form)
        assert only(draft).seen_by is None
    post(cast.jyldyz, only(draft), "look", look=look, people=f"{cast.bek.surname} {cast.bek.given_name}")
    assert only(draft).seen_people == [str(cast.bek.pk)]
    assert Why.NO_CONSENT in whys(draft, desk.at)
    desk.agree(cast.bek)
    assert Why.NO_CONSENT not in whys(draft, desk.at)


def test_a_picture_that_is_not_taken_says_why_and_what_to_do(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY)
    client_says = handed_in(made, cast.aida, b"\0\0\0\x18ftypheic" + b"\0" * 99)
    assert "HEIC" in client_says
    assert "JPEG" in client_says
    for data, name in ((b"%PDF-1.7", "a.txt"), (b"", "a.csv")):
        handed_in(made, cast.aida, data, name)
    handed_in(made, cast.aida, b"\x89PNG\r\n\x1a\n\0\0", "a.txt")
    handed_in(made, cast.aida, TABLE, "a.csv", caption="")
    assert not DraftFile.objects.exists()


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
@pytest.mark.parametrize(("data", "name"), [(b"\0\0\0\x18ftypmp42", "a.jpg"), (b"ID3\x04\0\0", "a.txt")])
def test_a_video_or_a_voice_is_refused_with_what_to_do_instead(data: bytes, name: str, language: str) -> None:
    with translation.override(language), pytest.raises(ActRefusedError) as refused:
        async_to_sync(uploads.examined)(name, CAPTION, data, language)
    with translation.override(language):
        said = str(refused.value)
    assert refused.value.clause == "2.15"
    assert ("JPEG" in said) is (name == "a.jpg")
    assert said.count(".") == 2, "what is wrong, and the remedy"
    assert ("published" in said) is (language == "en")


def test_a_draft_has_a_bounded_number_of_files(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY)
    upload = Upload("a.csv", CAPTION, TABLE, text_of(TABLE))
    for _number in range(MOST[FileKind.ATTACHMENT]):
        attaching.attach(publication=made, upload=upload, by=cast.aida, at=desk.at)
    with pytest.raises(ActRefusedError, match="at most"):
        attaching.attach(publication=made, upload=upload, by=cast.aida, at=desk.at)


@pytest.mark.parametrize(
    "mark", ["\xa0", "\u2009", "\u3000", "\x0b", "\x0c", "\x85", "\u2028", "\x1f", "\u200b", "\x01"]
)
def test_a_text_is_read_as_it_goes_out_whatever_stands_within_a_name(mark: str) -> None:
    roster = Roster.of((Named("1", "Асанов", "Бек", "", ""),))
    text = f"Биринчи орун: Аса{mark}нов Б{mark}ек.\n"
    upload = async_to_sync(uploads.examined)("a.txt", CAPTION, text.encode(), "ky")
    out = outgoing.attached(DraftFile(facts=upload.facts), upload.data).data.decode("utf-8-sig")
    names = {one.shown for one in upload.findings(roster, "x")}
    assert ("Асанов" in out) is ("Асанов" in names)
    assert outgoing.attached(DraftFile(facts=upload.facts), text.encode()).data.decode("utf-8-sig") == out


def test_a_table_goes_out_written_anew_and_is_handed_over(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY, channel="telegram")
    handed_in(made, cast.aida, TABLE, "Асанов Бек.csv")
    desk.confirm_facts(made)
    desk.confirm_data(made)
    placed = published(made, cast)
    assert "Асанов" not in placed.record
    zipped = export(placement=placed, by=cast.jyldyz, at=desk.at)
    assert b"01.csv" in zipped or b"02.csv" in zipped
    [one] = json.loads(placed.record)["content"]["files"]
    assert files.read(files.PLACED, one["sha256"]) == TABLE.decode("cp1251").encode("utf-8-sig")


def test_a_name_in_a_table_waits_for_its_answer(desk: Desk, cast: Cast) -> None:
    made = desk.draft(body=BODY)
    handed_in(made, cast.aida, "Аты;Упай\nАсанов Бек;12\nБашка;11\n".encode(), "a.csv")
    desk.confirm_facts(made)
    assert Why.FINDING_OPEN in whys(made, desk.at)


def test_what_is_taken_out_is_deleted_unless_another_draft_has_it(
    desk: Desk, cast: Cast, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    drafts = [desk.draft(body=BODY), desk.draft(body=BODY)]
    upload = Upload("a.csv", CAPTION, TABLE, text_of(TABLE))
    one, two = (attaching.attach(publication=each, upload=upload, by=cast.aida, at=desk.at) for each in drafts)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined] # a context manager
        attaching.detach(file=one, by=cast.aida, at=desk.at)
    assert files.read(files.WORKING, one.sha256) == TABLE
    with pytest.raises(ActRefusedError, match="taken out already"):
        attaching.detach(file=one, by=cast.aida, at=desk.at)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined] # as above
        actions.discard(publication=drafts[1], by=cast.aida, at=desk.at)
    assert files.read(files.WORKING, two.sha256) is None


def test_files_made_of_something_else_are_not_let_out(draft: Publication, desk: Desk, cast: Cast) -> None:
    before = async_to_sync(outgoing.prepared)([only(draft)])
    cover_and_look(draft, cast, desk.at)
    desk.confirm_data(draft)
    for prepared in ((), before):
        with pytest.raises(ActRefusedError, match="changed while you read it"):
            actions.publish(publication=draft, prepared=prepared, by=cast.jyldyz, at=desk.at)
    assert not Placement.objects.exists()


def test_the_page_shows_what_was_found_with_its_numbers(draft: Publication, cast: Cast, desk: Desk) -> None:
    found: list[Finding] = list(matter_of_draft(draft, desk.at).findings)
    assert found
    page = signed_in(cast.jyldyz).get(ADDRESS.format(draft.public_id, "")).content.decode()
    assert f"files/{only(draft).public_id}/" in page
    for person in (cast.aida, cast.jyldyz):
        page = (
            signed_in(person).get(ADDRESS.format(draft.public_id, f"files/{only(draft).public_id}/")).content.decode()
        )
        assert page.count("№ 1") >= 2
        assert "style=" not in page
        assert ('name="nobody"' in page) is (person == cast.jyldyz), "whoever checks looks, not the author"


def board(desk: Desk, cast: Cast, says: str) -> Publication:
    """A draft with a photo of a board on which this was read, word by word; its facts are confirmed."""
    made, words, at = desk.draft(body=BODY), [], 0
    for number, word in enumerate(says.split()):
        words.append(Word(Span(at, at + len(word)), Box(20 + 60 * number, 30, 50, 12)))
        at += len(word) + 1
    data = saved(drawn((400, 120)))
    seen = Looked(Picture("JPEG", 400, 120, (), ()), Written(says, tuple(words)))
    attaching.attach(publication=made, upload=Upload("a.jpg", CAPTION, data, seen), by=cast.aida, at=desk.at)
    desk.confirm_facts(made)
    return made


def seen_and_published(desk: Desk, cast: Cast, made: Publication) -> Placement:
    """Somebody looked, the check is confirmed, and it is public."""
    post(cast.jyldyz, only(made), "look", look=look_of(file_part(only(made))), nobody="yes")
    desk.confirm_data(made)
    return published(made, cast)


def test_what_was_read_on_a_picture_is_read_again_when_somebody_comes_to_the_school(desk: Desk, cast: Cast) -> None:
    made = board(desk, cast, "Сүрөттү Үмөтова Назгүл тартты")
    hints = groups_in(only(made), groups_of(matter_of_draft(made, desk.at)))
    assert [(one.number, one.people) for one in hints] == [(1, ()), (2, ())]
    entered(cast.aida, made, desk.at, "not-ours")
    placed = seen_and_published(desk, cast, made)
    assert dict(aftermath.compare(desk.at).closed) == {}
    student = make_student("Үмөтова", "Назгүл", cast.seven)
    tomorrow = aftermath.compare(desk.at + timedelta(days=1))
    assert dict(tomorrow.closed) == {placed.public_id: ["new-finding"]}
    groups = groups_in(only(made), groups_of(matter_of_draft(made, desk.at)))
    assert [(one.number, [each.pk for each in one.people]) for one in groups] == [(1, [student.pk]), (2, [student.pk])]
    page = post(cast.jyldyz, only(made), "").content.decode()
    assert "Үмөтова Назгүл" in page
    entered(cast.jyldyz, made, desk.at)
    assert aftermath.found_anew(desk.at) == [placed], "it is covered in its draft only"
    seen_and_published(desk, cast, made)
    assert dict(aftermath.compare(desk.at + timedelta(days=2)).closed) == {}, "it is covered now"


def test_what_was_covered_on_a_picture_is_nobodys_news_later(desk: Desk, cast: Cast) -> None:
    made = board(desk, cast, "Сүрөттү Үмөтова Назгүл тартты")
    entered(
        cast.aida, made, desk.at, **{"place-left": "0", "place-top": "0", "place-width": "100", "place-height": "60"}
    )
    seen_and_published(desk, cast, made)
    make_student("Үмөтова", "Назгүл", cast.seven)
    assert dict(aftermath.compare(desk.at).closed) == {}


def test_a_name_on_a_picture_closes_it_when_that_consent_ends(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    made = board(desk, cast, "Сүрөттү Асанов Бек тартты")
    entered(cast.aida, made, desk.at, "consent")
    placed = seen_and_published(desk, cast, made)
    desk.withdraw(cast.bek)
    assert dict(aftermath.compare(desk.at).closed) == {placed.public_id: ["no-consent"]}
    assert Client().get(f"/site/ky/p/{made.public_id}/").status_code == 404


def test_a_picture_of_before_its_words_were_kept_keeps_what_was_found_in_it(desk: Desk, cast: Cast) -> None:
    made = board(desk, cast, "Сүрөттү Асанов Бек тартты")
    file = only(made)
    found = matter_of_draft(made, desk.at).findings
    assert found
    file.facts = {name: value for name, value in file.facts.items() if name != "written"}
    file.save()
    assert matter_of_draft(Publication.objects.get(pk=made.pk), desk.at).findings == found
