"""How a change of duties reaches whoever must follow at once, inside the act's own transaction.

Apps above listen to `duties_changed`: a lesson whose supervisor loses the duty is closed by the act that takes it.
"""

from datetime import datetime, timedelta

from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import DutyHead
from darbaza.portal.people.refusals import ActRefusedError

SKEW = timedelta(minutes=1)
"""Acts that wait for one another may come out of order by less than this; a larger step is a clock set back."""

duties_changed = Signal()
"""Sent with `at` once an act has changed duties, before its transaction ends."""


def changing(at: datetime) -> None:
    """Lock the row of duties, before anything is read: of two acts at once, the second sees what the first did.

    Refused when the clock stands before the latest act on duties: it was set back, and terms would be wrong.
    """
    DutyHead.objects.get_or_create(pk=1)
    head = DutyHead.objects.select_for_update().get(pk=1)
    if head.changed_at is not None and at < head.changed_at - SKEW:
        raise ActRefusedError(
            _("The clock of the server stands before the latest order. Set it right, then sign again."), "2.5"
        )
    head.changed_at = max(at, head.changed_at or at)
    head.save(update_fields=["changed_at"])


def changed(at: datetime) -> None:
    """After the change: let everything that rests on duties follow."""
    duties_changed.send(sender=None, at=at)
