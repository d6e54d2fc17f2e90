"""What was said stays as it was said: the database refuses to change a statement but to end it, and to end it twice.

A withdrawal, a protection and the end of a representative are final; whoever changes their mind says so anew.
"""

from django.apps import AppConfig
from django.db.models.signals import pre_delete, pre_save

from darbaza.portal.consents.models import Protection, Representative, RiskText, Statement
from darbaza.portal.consents.sealing import is_sealed
from darbaza.portal.kept_fields import Kept, keep

ENDS = ("withdrawn_at", "struck_at")
LOOSE = (*ENDS, "id", "withdrawal_recorded_by", "struck_by", "reason", "seal")


def begin(app: AppConfig) -> None:
    """Set the guards."""
    said = tuple(one.name for one in Statement._meta.concrete_fields if one.name not in LOOSE)
    keep(
        app,
        Kept(Statement, fixed=said, once=ENDS, for_good=True),
        Kept(Protection, fixed=("person", "since"), once=("until",), for_good=True),
        Kept(Representative, fixed=("person", "added_at"), once=("ended_at",)),
        Kept(RiskText, fixed=("key", "body")),
    )
    pre_save.connect(only_sealed, sender=Statement, dispatch_uid="consents-only-sealed")
    pre_delete.connect(never_removed, sender=Statement, dispatch_uid="consents-never-removed")


def only_sealed(instance: Statement, **_signal: object) -> None:
    """Refuse a new statement that no act sealed. What gets into the table all the same agrees to nothing."""
    if instance._state.adding and not is_sealed(instance):
        raise PermissionError("a statement is recorded by an act; use `consents.actions`")


def never_removed(instance: Statement, **_signal: object) -> None:
    """Refuse to remove a statement: a refusal that is gone would let somebody's agreement count again."""
    raise PermissionError(f"statement `{instance.ref}` is never removed; strike it out by `actions.strike`")
