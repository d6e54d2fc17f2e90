"""The certificate of what was checked, made by the gate alone, sealed with the portal's key.

A placement without a seal that fits its record is served to nobody, whoever wrote its row.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from darbaza.portal.key_files import PUBLICATION_KEY, signing_key
from darbaza.portal.publications.models import Placement
from darbaza.portal.publications.records import JSON, matter_json
from darbaza.publication.clearing import cleared
from darbaza.publication.gate import GateClosedError, judge
from darbaza.publication.matter import Matter, PartKind, text_digest
from darbaza.snapshot import envelope
from darbaza.snapshot.errors import SnapshotError

KIND = "publication"
TITLE, BODY, CAPTION = "title", "body", "caption:"
"""The text parts: title, body, and of each file what is written below it."""


@dataclass(frozen=True, slots=True)
class OutFile:
    """A file as it goes out: re-encoded, under its SHA-256, with what is written below it.

    Of a picture `made_of` is how wide its kept part was in the original, in pixels; 0 where that was not noted.
    """

    part: str
    kind: str
    sha256: str
    media_type: str
    name: str
    caption: str = ""
    width: int = 0
    height: int = 0
    made_of: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """What goes out: cleared texts, and files."""

    genre: str
    language: str
    title: str
    body: str
    event_on: str = ""
    files: tuple[OutFile, ...] = ()

    @property
    def pictures(self) -> tuple[OutFile, ...]:
        """Each picture in its largest size."""
        largest = {one.part: one for one in sorted(self.files, key=lambda one: one.width) if one.kind == "picture"}
        parts = dict.fromkeys(one.part for one in self.files)
        return tuple(largest[part] for part in parts if part in largest)

    @property
    def whole(self) -> tuple[OutFile, ...]:
        """Each file once, in its largest size: what is handed over for channels of others."""
        return (*self.pictures, *(one for one in self.files if one.kind != "picture"))


@dataclass(frozen=True, slots=True)
class Certificate:
    """A record that the gate let out, and its seal."""

    record: str
    seal: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to go out: texts by their part, as they were judged, and files, re-encoded, each of a part.

    `event_on` is the day of an event, as it was judged. `placement` is the id of the one placement for which it is
    sealed. `mask`: the person responsible wants faces covered rather than all closed, should a consent to a picture
    end.
    """

    genre: str
    language: str
    event_on: str
    texts: Mapping[str, str]
    files: tuple[OutFile, ...] = ()
    placement: str = ""
    mask: bool = False


def certify(matter: Matter, draft: Draft, at: datetime) -> Certificate:
    """The certificate for what passes the gate at this instant. Raises `GateClosedError` for all else.

    What goes out is made here, from the very texts that were judged; another text than that of a judged part raises
    `ValueError`. There is no other function that seals.
    """
    verdict = judge(matter, at)
    if not verdict.passes:
        raise GateClosedError(verdict)
    content = content_let_out(matter, draft)
    decisions = sorted({rule.ref for rule in matter.rules if rule.speaks_of(matter.channel, matter.purpose)})
    record = json.dumps(
        {
            "at": at.isoformat(),
            "placement": draft.placement,
            "matter": matter_json(matter),
            "uses": [[person, kind] for person, kind in verdict.uses],
            "consents": sorted({one.id for one in matter.consents if one.person in dict(verdict.uses)}),
            "decisions": decisions,
            "permission": matter.permission.ref if matter.permission else "",
            "content": content_json(content),
            "mask": draft.mask,
        },
        ensure_ascii=False,
        sort_keys=True,
    )
    sealed = envelope.seal(KIND, digest(record), signing_key(PUBLICATION_KEY))
    return Certificate(record, base64.b64encode(sealed).decode())


def content_let_out(matter: Matter, draft: Draft) -> Content:
    """The texts without what was to be removed, and the files. Raises `ValueError` for what was not judged."""
    judged = {part.id: part.digest for part in matter.parts if part.kind is PartKind.TEXT}
    if judged != {part: text_digest(text) for part, text in draft.texts.items()}:
        raise ValueError("the texts are not those that were judged; judge the publication anew")
    if draft.event_on != matter.event_on:
        raise ValueError("the day is not the one that was judged; judge the publication anew")
    if {one.part for one in draft.files} != {part.id for part in matter.parts if part.kind is not PartKind.TEXT}:
        raise ValueError("the files are not those that were judged; judge the publication anew")
    texts = {part: cleared(text, part, matter.findings, matter.answers) for part, text in draft.texts.items()}
    files = tuple(replace(one, caption=texts.get(CAPTION + one.part, "")) for one in draft.files)
    return Content(draft.genre, draft.language, texts[TITLE], texts[BODY], draft.event_on, files)


def digest(record: str) -> bytes:
    """What is signed."""
    return hashlib.sha256(record.encode()).digest()


def content_json(content: Content) -> JSON:
    """What goes out, as JSON."""
    plain = {name: getattr(content, name) for name in ("genre", "language", "title", "body", "event_on")}
    files = [{name: getattr(one, name) for name in OutFile.__slots__} for one in content.files]
    return {**plain, "files": files}


def content_of(data: Mapping[str, Any]) -> Content:
    """What goes out, from JSON."""
    plain = {name: data[name] for name in ("genre", "language", "title", "body", "event_on")}
    return Content(**plain, files=tuple(OutFile(**one) for one in data["files"]))


def opened(placement: Placement) -> JSON | None:
    """The record of a placement if its seal is good and its own; None for anything else."""
    try:
        sealed = base64.b64decode(placement.seal.encode(), validate=True)
        signed = envelope.unseal(KIND, sealed, [signing_key(PUBLICATION_KEY).public_key()])
    except (SnapshotError, binascii.Error):
        return None
    if signed != digest(placement.record):
        return None
    found: JSON = json.loads(placement.record)
    return found if found["placement"] == placement.public_id else None
