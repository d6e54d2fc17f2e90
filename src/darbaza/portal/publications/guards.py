"""What no code gets around: a placement is stored with a good seal of its own only, and what was checked stays.

Signals come also from `create`, `get_or_create`, fixtures and the administration of Django, if somebody installed it;
what sends none (`update`, `bulk_update`, SQL by hand) meets the database's own triggers. See ADR 0067.
"""

from django.apps import AppConfig
from django.db.models.signals import pre_delete, pre_save

from darbaza.portal.kept_fields import Kept, keep
from darbaza.portal.publications.certificates import opened
from darbaza.portal.publications.models import Check, Placement, Publication

PLACED = ("publication", "public_id", "channel", "genre", "language", "event_on", "record", "placed_by", "placed_at")
CHECKED = ("publication", "kind", "digest", "source", "by", "at")


def begin(app: AppConfig) -> None:
    """Set the guards."""
    pre_save.connect(only_sealed, sender=Placement, dispatch_uid="publications-only-sealed")
    pre_delete.connect(never_removed, sender=Placement, dispatch_uid="publications-never-removed")
    keep(
        app,
        Kept(Placement, fixed=PLACED, once=("taken_down_at",), emptied=("seal",), for_good=True),
        Kept(Check, fixed=CHECKED, once=("doubted_at",)),
        Kept(Publication, fixed=("public_id", "author", "written_at")),
    )


def only_sealed(instance: Placement, **_signal: object) -> None:
    """Refuse a new placement that the gate did not seal. One that is stored changes only as its table lets it."""
    is_gone = instance.taken_down_at is not None and not instance.seal
    if instance._state.adding and not is_gone and opened(instance) is None:
        raise PermissionError("a placement without the gate's seal is never stored; use `actions.publish`")


def never_removed(instance: Placement, **_signal: object) -> None:
    """Refuse to remove a placement."""
    raise PermissionError(f"placement `{instance.public_id}` is never removed; take it down by `actions.take_down`")
