"""Which device of the school a request comes from."""

from django.http import HttpRequest

from darbaza.portal.addresses import device_address
from darbaza.portal.rooms.models import Device


def device_of(request: HttpRequest) -> Device | None:
    """The device behind a request if the school knows it."""
    address = device_address(request)
    if not address:
        return None
    return Device.objects.select_related("seat__room").filter(address=address).first()
