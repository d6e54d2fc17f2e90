"""Covering a face after publication: only where the gate lets the rest stand, and closed in every doubt."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.publication.consents import Answer as Said
from darbaza.publication.consents import Consent, Explanation, Giver, Party
from darbaza.publication.findings import Box, Certainty, Finding, Span
from darbaza.publication.gate import judge_standing, uses_of
from darbaza.publication.kinds import Channel, DataKind, Purpose
from darbaza.publication.masking import behind, mask_for
from darbaza.publication.matter import (
    Answer,
    Answered,
    Checked,
    Matter,
    Part,
    PartKind,
    Publisher,
    Seen,
    finding_keys,
    look_of,
)
from tests.publication.test_gate import NOW, matters

LATER = NOW + timedelta(days=1)
BEK, AIDA = Box(10, 10, 40, 50), Box(80, 10, 40, 50)


def agreed(person: str, *kinds: DataKind, until: datetime | None = None) -> Consent:
    """An agreement that may have been withdrawn since."""
    since = datetime(2026, 9, 1, tzinfo=UTC)
    return Consent(
        id=f"of-{person}",
        person=person,
        answer=Said.AGREED,
        kinds=frozenset(kinds or {DataKind.PHOTO, DataKind.SURNAME}),
        channels=frozenset(Channel),
        purposes=frozenset(Purpose),
        giver=Giver("mother", Party.REPRESENTATIVE),
        given_at=since,
        recorded_at=since,
        since=since,
        withdrawn_at=until,
        explanation=Explanation("1", "ky", "jyldyz", since, True),
        required=frozenset({Party.REPRESENTATIVE}),
    )


def published(*found: tuple[Finding, Answered], seen: tuple[str, ...] = ("aida", "bek")) -> Matter:
    """A placement with one picture on which Bek and Aida are, named; Bek's consent was withdrawn since."""
    pictured = [
        (Finding(DataKind.PHOTO, (), Certainty.LIKELY, "p", box), Answered(Answer.CONSENT, (who,)))
        for who, box in (("bek", BEK), ("aida", AIDA))
    ]
    every = [*(found or pictured)]
    findings = tuple(finding for finding, _answer in every)
    picture = Part("p", PartKind.PICTURE, "abc")
    matter = Matter(
        id="m",
        author="aida",
        channel=Channel.SITE,
        purpose=Purpose.NEWS,
        parts=(Part("body", PartKind.TEXT, "def", 9), picture),
        findings=findings,
        answers=dict(zip(finding_keys(findings), (answer for _finding, answer in every), strict=True)),
        seen={"p": Seen("jyldyz", look_of(picture), seen)},
        publisher=Publisher("jyldyz", True),
        consents=(agreed("bek", until=NOW), agreed("aida")),
    )
    facts = Checked("gulnara", NOW, matter.content, "a list")
    return replace(matter, facts=facts, personal_data=Checked("jyldyz", NOW, matter.clearing))


def face(box: Box, *people: str) -> tuple[Finding, Answered]:
    return Finding(DataKind.PHOTO, (), Certainty.LIKELY, "p", box), Answered(Answer.CONSENT, people)


def test_the_face_of_whoever_withdrew_is_covered_and_nobody_elses() -> None:
    matter = published()
    assert not judge_standing(matter, LATER).passes
    mask = mask_for(matter, LATER)
    assert mask is not None
    assert (dict(mask.places), mask.people) == ({"p": (BEK,)}, {"bek"})
    assert ("bek", DataKind.PHOTO) not in uses_of(behind(mask, matter))
    assert ("aida", DataKind.PHOTO) in uses_of(behind(mask, matter))


def test_before_the_withdrawal_nothing_is_covered() -> None:
    assert judge_standing(published(), NOW - timedelta(hours=1)).passes
    assert mask_for(published(), NOW - timedelta(hours=1)) is None


def in_a_document(*people: str) -> Matter:
    """The same with a document that shows a picture, in which these people were recognised and no face was found."""
    matter = published()
    document = Part("d", PartKind.ATTACHMENT, "ghi", shows=True, pictured=1)
    seen = {**matter.seen, "d": Seen("jyldyz", look_of(document), people)}
    more = replace(matter, parts=(*matter.parts, document), seen=seen)
    facts = Checked("gulnara", NOW, more.content, "a list")
    return replace(more, facts=facts, personal_data=Checked("jyldyz", NOW, more.clearing))


def test_a_document_that_shows_others_keeps_no_face_from_being_covered() -> None:
    assert mask_for(in_a_document("aida"), LATER) is not None


NAMED_IN_TEXT = Finding(DataKind.SURNAME, ("bek",), Certainty.SURE, "body", Span(0, 5))
CLOSED = {
    "recognised but at no named place": published(face(AIDA, "aida")),
    "named at a place of another picture only": published(
        (replace(face(BEK, "bek")[0], part="q"), face(BEK, "bek")[1]), face(AIDA, "aida")
    ),
    "named in the text as well": published(
        face(BEK, "bek"), face(AIDA, "aida"), (NAMED_IN_TEXT, Answered(Answer.CONSENT, ("bek",)))
    ),
    "recognised in a document as well": in_a_document("bek"),
    "protected since": replace(published(), protected=frozenset({"bek"})),
    "another is protected": replace(published(), protected=frozenset({"aida"})),
    "a fact is doubted as well": replace(published(), facts=None),
    "its term is over as well": replace(published(), until=NOW),
    "it is somebody's own page": replace(published(), purpose=Purpose.OWN_PAGE, own_of="bek"),
}


@pytest.mark.parametrize("matter", CLOSED.values(), ids=CLOSED)
def test_in_every_doubt_all_of_it_stays_closed(matter: Matter) -> None:
    assert mask_for(matter, LATER) is None
    assert not judge_standing(matter, LATER).passes


def test_two_who_share_one_place_are_both_covered_and_so_is_each_place_of_one() -> None:
    matter = published(face(BEK, "bek", "aida"), face(AIDA, "bek"), seen=("bek",))
    mask = mask_for(matter, LATER)
    assert mask is not None
    assert mask.places["p"] == (BEK, AIDA)


def test_what_is_told_along_with_a_picture_goes_with_it() -> None:
    kinds = (DataKind.PHOTO, DataKind.ACHIEVEMENTS)
    matter = replace(published(), purpose=Purpose.ACHIEVEMENTS)
    matter = replace(matter, consents=(agreed("bek", *kinds, until=NOW), agreed("aida", *kinds)))
    matter = replace(matter, facts=replace(matter.facts, digest=matter.content))  # type: ignore[type-var]
    matter = replace(matter, personal_data=replace(matter.personal_data, digest=matter.clearing))  # type: ignore[type-var]
    mask = mask_for(matter, LATER)
    assert mask is not None
    assert mask.people == {"bek"}


@given(matters(), st.integers(0, 60))
def test_whatever_is_masked_passes_the_gate_without_those_people(matter: Matter, hours: int) -> None:
    at = NOW + timedelta(hours=hours)
    mask = mask_for(matter, at)
    if mask is not None:
        after = behind(mask, matter)
        assert judge_standing(after, at).passes
        assert not mask.people & {person for person, _kind in uses_of(after)}
        assert not matter.protected & mask.people
