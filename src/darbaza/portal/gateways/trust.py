"""The school's certificate on its computers: what it is, how it is installed, and on which it stands.

The key never leaves the box; what is given out here is the certificate alone, which is public. It is given to whoever
looks after ICT, since a certificate from an unknown hand is just what nobody should install.
"""

import hashlib
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.gateways import actions
from darbaza.portal.gateways.boxes import AUTHORITY
from darbaza.portal.gateways.installers import FILES
from darbaza.portal.gateways.models import Box
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.rooms.models import Device


class Authority(NamedTuple):
    """A box's certificate, with what people compare."""

    box: Box
    certificate: x509.Certificate
    fingerprint: str

    @property
    def pem(self) -> bytes:
        """As files hold it."""
        return self.certificate.public_bytes(Encoding.PEM)


def authorities() -> list[Authority]:
    """The certificates that boxes in service reported."""
    found = []
    for box in Box.objects.filter(retired_at__isnull=True):
        text = box.health.get(AUTHORITY, "")
        if not isinstance(text, str) or not text:
            continue
        try:
            certificate = x509.load_pem_x509_certificate(text.encode())
        except ValueError:
            continue
        digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest().upper()
        found.append(Authority(box, certificate, ":".join(digest[at : at + 2] for at in range(0, 64, 2))))
    return found


@require_GET
@requires(Right.GATEWAYS_BOX_ENROL)
def page(request: HttpRequest) -> HttpResponseBase:
    """The guide, to be printed, and the state of each device."""
    devices = Device.objects.select_related("seat__room", "trust__by").order_by("address")
    return render(request, "gateways/trust.html", {"authorities": authorities(), "devices": devices})


@require_POST
@requires(Right.GATEWAYS_BOX_ENROL)
def mark(request: HttpRequest) -> HttpResponseBase:
    """Note that a device has the certificate, or has it no more."""
    pk = request.POST.get("device", "")
    device = get_object_or_404(Device, pk=int(pk) if pk.isdecimal() else 0)
    installed = request.POST.get("installed") == "yes"
    person, at = actor_of(request), clock.utc_now()
    attempt(
        request,
        lambda: actions.mark_trust(device=device, installed=installed, by=person, at=at),
        _("The state of the computer was noted."),
    )
    return redirect("gateways:trust")


@require_GET
@requires(Right.GATEWAYS_BOX_ENROL)
def download(request: HttpRequest, name: str) -> HttpResponseBase:
    """The certificate, or a file that installs it; `box` in the query chooses among several."""
    wanted = request.GET.get("box", "")
    found = next((one for one in authorities() if not wanted or one.box.name == wanted), None)
    make = FILES.get(name)
    if found is None or make is None:
        raise Http404
    answer = HttpResponse(make(found.pem), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
