"""A consent to a picture ends after publication: the face is covered in every byte that is served, or all is closed."""

import io
import json
import re
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from PIL import Image

from darbaza.portal.notices import watching
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.publications import actions, aftermath, attaching, files, outgoing
from darbaza.portal.publications.attaching import Arrangement
from darbaza.portal.publications.elsewhere import export
from darbaza.portal.publications.findings import groups_of
from darbaza.portal.publications.masked import covered
from darbaza.portal.publications.models import DraftFile, Placement, Publication
from darbaza.portal.publications.picture_form import groups_in
from darbaza.portal.publications.reading import file_part, matter_of_draft
from darbaza.publication.findings import Box
from darbaza.publication.matter import Answer, Answered, look_of
from tests.people import Cast, make_student, signed_in
from tests.portal.publications.conftest import Desk
from tests.publication.pictures.files import face, saved

pytestmark = pytest.mark.django_db
BODY = "Мектебибизде көргөзмө ачылды."
KEPT = Box(20, 10, 1160, 580)


def two() -> bytes:
    """A photo of two drawn people, larger than a telephone's copy of it."""
    image = Image.new("RGB", (1200, 600), (120, 150, 170))
    image.paste(face(150), (120, 100))
    image.paste(face(150), (700, 100))
    return saved(image, quality=90)


def faces_in(file: DraftFile, desk: Desk) -> list[tuple[str, Box]]:
    """The two faces from left to right, with the keys of their findings; whatever else was taken for one follows."""
    groups = groups_in(file, groups_of(matter_of_draft(file.publication, desk.at)))
    found = sorted(((one.keys[0], one.box) for one in groups if one.box), key=lambda each: -each[1].width)
    return sorted(found[:2], key=lambda each: each[1].left) + found[2:]


def arranged(desk: Desk, people: tuple[Person, ...], body: str = BODY, channel: str = "site") -> Publication:
    """A draft whose picture shows these people by name, cropped a little, with nothing in its way."""
    made = desk.draft(body=body, channel=channel)
    client = signed_in(desk.cast.aida)
    form = {"file": SimpleUploadedFile("a.jpg", two()), "caption": "Көргөзмөнүн ачылышы"}
    client.post(f"/publications/{made.public_id}/attach", form)
    file = DraftFile.objects.get(publication=made)
    found = faces_in(file, desk)
    answers = {key: Answered(Answer.NOT_OURS, (), "сүрөттөгү киши") for key, _box in found}
    for (key, _box), person in zip(found, people, strict=False):
        answers[key] = Answered(Answer.CONSENT, (str(person.pk),))
    attaching.arrange(
        file=file,
        digest=look_of(file_part(file)),
        arrangement=Arrangement((), KEPT, answers),
        by=desk.cast.aida,
        at=desk.at,
    )
    file.refresh_from_db()
    attaching.look(file=file, digest=look_of(file_part(file)), people=people, by=desk.cast.jyldyz, at=desk.at)
    desk.confirm_facts(made)
    for group in groups_of(matter_of_draft(made, desk.at)):
        if group.answered is None:
            people_there = tuple(str(one.pk) for one in group.people)
            said = Answered(Answer.CONSENT, people_there) if people_there else Answered(Answer.NOT_OURS)
            given = dict.fromkeys(group.keys, said)
            actions.answer(publication=made, answers=given, by=desk.cast.jyldyz, at=desk.at)
    desk.confirm_data(made)
    return Publication.objects.get(pk=made.pk)


def placed(draft: Publication, desk: Desk, mask: bool) -> Placement:
    """Published on the page, with the choice ticked or not."""
    form = {"mask": "yes"} if mask else {}
    signed_in(desk.cast.jyldyz).post(f"/publications/{draft.public_id}/publish", form)
    return Placement.objects.get(publication=draft)


def addresses(placement: Placement) -> list[str]:
    """The address of every size, as it was when it was published."""
    made = json.loads(placement.record)["content"]["files"]
    return [f"/site/f/{placement.publication.public_id}/{one['sha256']}/{one['name']}" for one in made]


def fetched(path: str) -> Image.Image:
    answer = Client().get(path)
    assert answer.status_code == 200
    image = Image.open(io.BytesIO(answer.content))
    assert not image.getexif()
    return image.convert("RGB")


def contrast(image: Image.Image, box: Box) -> int:
    """How far the lightest and the darkest pixel of a place are from one another, in a picture as it went out."""
    scale = image.width / KEPT.width
    edges = (box.left - KEPT.left, box.top - KEPT.top)
    edges += (edges[0] + box.width, edges[1] + box.height)
    dark, light = image.crop(tuple(round(scale * edge) for edge in edges)).convert("L").getextrema()
    return int(light) - int(dark)


def now_on_page(placement: Placement) -> list[str]:
    """The addresses of every size of the picture, as the page has them."""
    return sorted(set(re.findall(r"/site/f/[^ \"]+", page(placement))), key=lambda path: int(re.split("[-.]", path)[2]))


def page(placement: Placement) -> str:
    return Client().get(f"/site/ky/p/{placement.publication.public_id}/").content.decode()


def test_the_face_of_whoever_withdrew_is_covered_in_every_size_at_the_next_request(desk: Desk, cast: Cast) -> None:
    for person in (cast.bek, cast.cholpon):
        desk.agree(person)
    body = f"{BODY} Аны Үмөтова Назгүл ачты."
    placement = placed(arranged(desk, (cast.bek, cast.cholpon), body), desk, mask=True)
    (_key, beks), (_other, cholpons) = faces_in(DraftFile.objects.get(), desk)[:2]
    paths = addresses(placement)
    assert len(paths) == 3
    for image in map(fetched, paths):
        assert min(contrast(image, beks), contrast(image, cholpons)) > 100
    desk.withdraw(cast.bek)
    covered_paths = now_on_page(placement)
    assert len(covered_paths) == 3
    for image in map(fetched, covered_paths):
        assert contrast(image, beks) < 40
        assert contrast(image, cholpons) > 100
    assert {Client().get(path).status_code for path in paths} == {404}, "an address of before gives nothing"
    inside = signed_in(cast.jyldyz).get(f"/publications/{placement.publication.public_id}/").content.decode()
    assert "note-warn" in inside
    assert "note-bad" not in inside
    desk.withdraw(cast.cholpon)
    compared = aftermath.compare(desk.at)
    assert (compared.looked_at, compared.closed) == (1, []), "it is public, as it is covered"
    listed = signed_in(cast.jyldyz).get("/publications/take-downs/").content.decode()
    assert listed.count(placement.publication.public_id) == 1
    assert 'id="covered"' in listed
    assert watching.look(desk.at) == 1, "the person responsible is told"
    make_student("Үмөтова", "Назгүл", cast.seven)
    for image in map(fetched, now_on_page(placement)):
        assert max(contrast(image, beks), contrast(image, cholpons)) < 40
    tomorrow = aftermath.compare(desk.at + timedelta(days=1))
    assert dict(tomorrow.closed) == {placement.public_id: ["new-finding"]}, "it is read again as it stands"
    last = now_on_page(placement)[0]
    files.path_of(files.PLACED, last.split("/")[4]).write_bytes(two())
    covered.cache_clear()
    assert Client().get(last).status_code == 404, "a picture damaged on the disk is not shown"


def test_without_that_choice_all_of_it_is_closed(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    placement = placed(arranged(desk, (cast.bek,)), desk, mask=False)
    path = addresses(placement)[0]
    first = Client().get(path)
    assert first.headers["Cache-Control"] == "private, no-cache", "kept by a browser that asks each time"
    known = {"if-none-match": first.headers["ETag"]}
    assert (Client().get(path, headers=known).status_code, Client().get(path, headers=known).content) == (304, b"")
    desk.withdraw(cast.bek)
    assert Client().get(path, headers=known).status_code == 404, "also for whoever has it"
    assert BODY not in page(placement)


def test_whoever_is_named_in_the_text_as_well_closes_all_of_it(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    placement = placed(arranged(desk, (cast.bek,), f"{BODY} Аны Асанов Бек ачты."), desk, mask=True)
    assert "Асанов Бек" in page(placement)
    desk.withdraw(cast.bek)
    assert "Асанов" not in page(placement)
    assert Client().get(addresses(placement)[0]).status_code == 404


def test_what_stands_on_another_channel_is_not_masked_but_taken_down(desk: Desk, cast: Cast) -> None:
    desk.agree(cast.bek)
    draft = arranged(desk, (cast.bek,), channel="telegram")
    prepared = async_to_sync(outgoing.prepared)(draft.standing_files)
    placement = actions.publish(publication=draft, prepared=prepared, mask=True, by=cast.jyldyz, at=desk.at)
    assert export(placement=placement, by=cast.jyldyz, at=desk.at)
    desk.withdraw(cast.bek)
    with translation.override("en"), pytest.raises(ActRefusedError, match="may not stand now"):
        export(placement=placement, by=cast.jyldyz, at=desk.at + timedelta(seconds=1))
