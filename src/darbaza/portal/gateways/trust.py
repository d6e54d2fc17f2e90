"""The school's certificate on its computers: what it is, how it is installed, and on which it stands.

The key never leaves the box; what is given out here is the certificate alone, which is public. It is given to whoever
looks after ICT, since a certificate from an unknown hand is just what nobody should install.

Before a certificate ends its box makes the next, and both are installed; the box uses the next when every computer that
has the one in use is noted to have the next as well.
"""

from collections.abc import Iterable
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.gateways import actions
from darbaza.portal.gateways.boxes import AUTHORITY, NEXT_AUTHORITY
from darbaza.portal.gateways.installers import FILES
from darbaza.portal.gateways.models import Box, Trust
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.rooms.models import Device


class Authority(NamedTuple):
    """A box's certificate, and whether it is the one that comes after the one in use."""

    box: Box
    certificate: x509.Certificate
    is_next: bool = False

    @property
    def hex(self) -> str:
        """Its SHA-256 fingerprint as notes and rulebooks name it."""
        return self.certificate.fingerprint(SHA256()).hex()

    @property
    def fingerprint(self) -> str:
        """The same as people compare it."""
        return ":".join(self.hex[at : at + 2] for at in range(0, 64, 2)).upper()

    @property
    def pem(self) -> bytes:
        """As files hold it."""
        return self.certificate.public_bytes(Encoding.PEM)


class Note(NamedTuple):
    """Whether one computer has one certificate; `authority` is None for one that no box has any more."""

    authority: Authority | None
    trust: Trust | None


class Row(NamedTuple):
    """A computer with its certificates."""

    device: Device
    notes: tuple[Note, ...]


def authorities() -> list[Authority]:
    """The certificates that boxes in service reported, each followed by its next one."""
    found = []
    for box in Box.objects.filter(retired_at__isnull=True):
        for key in (AUTHORITY, NEXT_AUTHORITY):
            certificate = _certificate(box.health.get(key))
            if certificate is not None:
                found.append(Authority(box, certificate, key == NEXT_AUTHORITY))
    return found


def _certificate(text: object) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(text.encode()) if isinstance(text, str) and text else None
    except ValueError:
        return None


def rows(known: Iterable[Authority]) -> list[Row]:
    """Every computer, with each certificate in use or to come, and what is noted beyond."""
    offered = {one.hex: one for one in known}
    devices = Device.objects.select_related("seat__room").prefetch_related("trusts__by").order_by("address")
    return [_row(device, offered) for device in devices]


def _row(device: Device, offered: dict[str, Authority]) -> Row:
    noted = {one.fingerprint: one for one in device.trusts.all()}
    notes = [Note(one, noted.get(name)) for name, one in offered.items()]
    return Row(device, (*notes, *(Note(None, one) for name, one in noted.items() if name not in offered)))


def lacking(coming: Authority, known: Iterable[Authority]) -> list[Device]:
    """The computers that have the certificate in use on the same box and not the one that comes after it."""
    used = [one.hex for one in known if one.box == coming.box and not one.is_next]
    having = Trust.objects.filter(fingerprint=coming.hex).values("device")
    found = Device.objects.filter(trusts__fingerprint__in=used).exclude(pk__in=having)
    return list(found.distinct().order_by("address"))


@require_GET
@requires(Right.GATEWAYS_BOX_ENROL)
def page(request: HttpRequest) -> HttpResponseBase:
    """The guide, to be printed, and the state of each device."""
    known = authorities()
    boxes = [_sheet(one, known) for one in known if not one.is_next]
    return render(request, "gateways/trust.html", {"sheets": boxes, "rows": rows(known)})


def _sheet(used: Authority, known: Iterable[Authority]) -> dict[str, object]:
    """What the guide says of one box."""
    coming = next((one for one in known if one.box == used.box and one.is_next), None)
    return {"used": used, "next": coming, "lacking": lacking(coming, known) if coming else ()}


@require_POST
@requires(Right.GATEWAYS_BOX_ENROL)
def mark(request: HttpRequest) -> HttpResponseBase:
    """Note that a device has the certificate, or has it no more."""
    pk = request.POST.get("device", "")
    device = get_object_or_404(Device, pk=int(pk) if pk.isdecimal() else 0)
    installed, fingerprint = request.POST.get("installed") == "yes", request.POST.get("fingerprint", "")
    if installed and fingerprint not in {one.hex for one in authorities()}:
        raise Http404
    person, at = actor_of(request), clock.utc_now()
    attempt(
        request,
        lambda: actions.mark_trust(device=device, fingerprint=fingerprint, installed=installed, by=person, at=at),
        _("The state of the computer was noted."),
    )
    return redirect("gateways:trust")


@require_GET
@requires(Right.GATEWAYS_BOX_ENROL)
def download(request: HttpRequest, name: str) -> HttpResponseBase:
    """The certificate, or a file that installs it; `box` in the query chooses among several."""
    wanted = request.GET.get("box", "")
    make = FILES.get(name)
    known = [one for one in authorities() if not wanted or one.box.name == wanted]
    certificates = [one.pem for one in known if one.box == known[0].box]
    content = make(certificates) if make is not None and certificates else b""
    if not content:
        raise Http404
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
