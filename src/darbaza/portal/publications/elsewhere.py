"""Channels of others: what is handed over, where it was placed, and that it is gone again.

The export is made through the door at the moment when it is fetched: what may not stand now is not handed over.
"""

import io
import zipfile
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from darbaza.portal.audit.actions import record
from darbaza.portal.council.models import Channel
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import Right, demand
from darbaza.portal.publications import files
from darbaza.portal.publications.actions import SHORTEST
from darbaza.portal.publications.certificates import Content, OutFile, content_of
from darbaza.portal.publications.copies import forget_placed
from darbaza.portal.publications.door import judged_now
from darbaza.portal.publications.models import Placement, TakeDown
from darbaza.portal.publications.nameless import nameless
from darbaza.portal.publications.outside import told_in
from darbaza.portal.publications.own_pages import demand_named
from darbaza.portal.publications.records import JSON, answered_of

EPOCH = (2020, 1, 1, 0, 0, 0)
"""The time of every entry: a file's own would tell when somebody worked."""


@transaction.atomic
def export(*, placement: Placement, by: Person, at: datetime) -> bytes:
    """A zip with the cleared text, pictures and documents, and the certificate of what was checked."""
    demand(by, Right.PUBLICATIONS_PLACEMENT_MAKE, at)
    judged = judged_now([placement], at)
    if placement.take_downs.filter(done_at__isnull=True).exists():
        raise ActRefusedError(gettext_lazy("It has to come down there: nothing is handed over."), "2.15")
    if not judged or not judged[0].verdict.passes:
        raise ActRefusedError(gettext_lazy("It may not stand now: nothing is handed over."), "2.15")
    record_of = judged[0].record
    data = packed(content_of(record_of["content"]), certificate_text(placement, record_of, at))
    detail = {"placement": placement.public_id, "channel": placement.channel}
    record(act="publications:placement:export", by=by, at=at, subject=placement.publication.public_id, detail=detail)
    return data


def packed(content: Content, certificate: str) -> bytes:
    """The zip; the same content makes the same bytes."""
    body = f"{content.title}\n\n{content.body}\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr(zipfile.ZipInfo("text.txt", EPOCH), body.encode())
        zipped.writestr(zipfile.ZipInfo("certificate.txt", EPOCH), certificate.encode())
        for place, one in enumerate(content.whole, start=1):
            data = files.read(files.PLACED, one.sha256)
            if data is None:
                raise ActRefusedError(gettext_lazy("A file of it is damaged on the disk. Publish it anew."), "2.14")
            zipped.writestr(zipfile.ZipInfo(named(place, one), EPOCH), data)
    return out.getvalue()


def named(place: int, one: OutFile) -> str:
    """A name that says nothing of where a file came from."""
    ending = one.name.rpartition(".")[2]
    return f"{place:02}.{ending}"


def certificate_text(placement: Placement, record_of: JSON, at: datetime) -> str:
    """What was checked, by whom and when, in words: without those who consented, and without names in the source."""
    matter = record_of["matter"]
    ids = {int(matter[key]["by"]) for key in ("facts", "personal_data")} | {placement.placed_by_id}
    names = {str(one.pk): one.short_name for one in Person.objects.filter(pk__in=ids)}
    facts, data = matter["facts"], matter["personal_data"]
    source = nameless([facts["source"]], at)[facts["source"]]
    checked = [
        (_("Publication"), record_of["content"]["title"]),
        (_("Where"), Channel(placement.channel).label),
        (_("Facts confirmed (2.14)"), f"{names.get(facts['by'], '')}, {facts['at'][:10]}: {source}"),
        (_("Personal data checked (2.14, 2.15)"), f"{names.get(data['by'], '')}, {data['at'][:10]}"),
        (_("Consents (2.15-2.17)"), len(record_of["uses"])),
        *outside_lines(record_of),
        (_("Decisions of the council (2.6)"), ", ".join(record_of["decisions"])),
        (_("Let out by (2.15)"), f"{names.get(str(placement.placed_by_id), '')}, {record_of['at'][:10]}"),
        (_("Seal"), placement.seal),
    ]
    handed_over = content_of(record_of["content"]).whole
    sums = [f"{one.sha256}  {named(place, one)}" for place, one in enumerate(handed_over, start=1)]
    return "\n".join([settings.SCHOOL, "", *(f"{label}: {value}" for label, value in checked), *sums]) + "\n"


def outside_lines(record_of: JSON) -> list[tuple[str, str]]:
    """Of people outside the lists the grounds, and who decided each; no line where there are none."""
    told = told_in(map(answered_of, record_of["matter"]["answers"].values()))
    said = "; ".join(f"{one.ground} ({one.by})" for one in told)
    return [(_("People outside the lists (2.15, 2.16)"), said)] if told else []


@transaction.atomic
def note_address(*, placement: Placement, address: str, by: Person, at: datetime) -> Placement:
    """Note where it was placed on a channel of others (2.15): the person responsible, with the address."""
    demand(by, Right.PUBLICATIONS_PLACEMENT_MAKE, at)
    found = Placement.objects.select_for_update(of=("self",)).select_related("publication").get(pk=placement.pk)
    if found.is_on_site:
        raise ActRefusedError(gettext_lazy("It stands on our own site: its address is known."), "2.15")
    parts = urlsplit(address.strip())
    if parts.scheme not in {"https", "http"} or not parts.hostname or len(address) > 500:
        raise ActRefusedError(gettext_lazy("Write the whole address, beginning with https://."), "2.15")
    demand_named(found, address, at)
    found.address, found.address_by, found.address_at = address.strip(), by, at
    found.save(update_fields=["address", "address_by", "address_at"])
    detail = {"placement": found.public_id, "channel": found.channel}
    record(act="publications:placement:address", by=by, at=at, subject=found.publication.public_id, detail=detail)
    return found


@transaction.atomic
def settle_take_down(*, task: TakeDown, proof: str, by: Person, at: datetime) -> TakeDown:
    """Say that it is gone there, and how that can be seen."""
    demand(by, Right.PUBLICATIONS_PLACEMENT_MAKE, at)
    found = TakeDown.objects.select_for_update(of=("self",)).select_related("placement__publication").get(pk=task.pk)
    if found.done_at is not None:
        raise ActRefusedError(gettext_lazy("This is settled already."), "2.15")
    if len(proof.strip()) < SHORTEST:
        raise ActRefusedError(gettext_lazy("Say how it can be seen that it is gone."), "2.15")
    found.proof, found.done_by, found.done_at = proof.strip()[:300], by, at
    found.save(update_fields=["proof", "done_by", "done_at"])
    placement = found.placement
    if placement.taken_down_at is None:
        placement.taken_down_at, placement.taken_down_by, placement.seal = at, by, ""
        placement.reason = found.get_cause_display()
        placement.save(update_fields=["taken_down_at", "taken_down_by", "seal", "reason"])
        forget_placed([placement])
    detail = {"placement": placement.public_id}
    record(act="publications:take-down:settle", by=by, at=at, subject=placement.publication.public_id, detail=detail)
    return found
