"""What lessons listen to: staff who sign in to the portal at a known staff device, changes of duties, and who accepts
the rules.

Staff are online at the device at once, until they sign out. Lessons of whoever loses the duty end with the act itself.
"""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest

from darbaza import clock
from darbaza.portal.acquaintance.changes import acquaintances_changed
from darbaza.portal.attempts import sentence_of
from darbaza.portal.lessons import live, seating
from darbaza.portal.lessons.devices import device_of
from darbaza.portal.lessons.models import Binding
from darbaza.portal.people.duty_changes import duties_changed
from darbaza.portal.people.models import Person, PersonKind
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.rooms.faults import faults_changed
from darbaza.portal.rooms.models import Device, DeviceKind


def connect() -> None:
    """Listen to sign-ins and sign-outs of the portal, and to acts on duties and on acquaintance."""
    acquaintances_changed.connect(follow_acquaintances, dispatch_uid="lessons-follow-acquaintances")
    duties_changed.connect(follow_duties, dispatch_uid="lessons-follow-duties")
    faults_changed.connect(follow_faults, dispatch_uid="lessons-follow-faults")
    user_logged_in.connect(bind_staff, dispatch_uid="lessons-bind-staff")
    user_logged_out.connect(release_staff, dispatch_uid="lessons-release-staff")


def follow_duties(sender: object, at: datetime, **_more: object) -> None:  # noqa: ARG001
    """Inside the act's transaction: close what rested on a duty, and note when the next one begins or ends."""
    live.changing(at)
    live.changed(at)


def follow_faults(sender: object, at: datetime, **_more: object) -> None:  # noqa: ARG001
    """Inside the act's transaction: consoles show at once what is broken and what works again."""
    live.changing(at, narrows=False)
    live.changed(at)


def follow_acquaintances(sender: object, at: datetime, *, narrows: bool, **_more: object) -> None:  # noqa: ARG001
    """Inside the act's transaction: who has accepted the rules is let in at once, whose line was taken back is not."""
    live.changing(at, narrows=narrows)
    live.changed(at)


def bind_staff(sender: object, request: HttpRequest | None, user: Any, **_more: object) -> None:  # noqa: ARG001
    """A member of staff signed in: clause 2.10 frees them at a staff device."""
    device, person = _staff_device(request), Person.objects.filter(user=user, active=True).first()
    if device is not None and person is not None and person.kind == PersonKind.STAFF:
        try:
            seating.sign_in_staff(device=device, person=person, at=clock.utc_now())
        except ActRefusedError as refused:
            # The portal opens all the same; the internet does not, and the page says why.
            if request is not None:
                messages.error(request, sentence_of(refused))


def release_staff(sender: object, request: HttpRequest | None, user: Any, **_more: object) -> None:  # noqa: ARG001
    """A member of staff signed out: the device is nobody's again, if it was theirs."""
    device = _staff_device(request)
    if device is not None and Binding.objects.filter(device=device, ended__isnull=True, person__user=user).exists():
        seating.sign_out(device=device, at=clock.utc_now())


def _staff_device(request: HttpRequest | None) -> Device | None:
    device = device_of(request) if request is not None else None
    return device if device is not None and device.kind == DeviceKind.STAFF else None
